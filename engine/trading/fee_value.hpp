#pragma once
// What a fee costs that was taken from a third asset, a venue's own coin say, in the currency that the result
// is counted in. Integer arithmetic; core thread; no allocation, no error: where nothing tells, the ordinary
// rate does.
#include "engine/base/order.hpp"
#include "engine/market/markets.hpp"

namespace arb {

/// In the quote currency of `listing`, rounded up. The price is the best ask of a usable book of that asset
/// in that currency, at the same venue if it has one: so much would buy the coin back. Without such a book,
/// and where the value does not fit, `rate` of the fill's notional; a rebate then counts as nothing.
Amount fee_value(const Markets& markets, ListingId listing, const Fill& fill, Rate rate);

}  // namespace arb
