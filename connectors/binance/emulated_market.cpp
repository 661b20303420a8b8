// Market orders at the emulated Binance: by quantity, and on spot by the money to spend or to receive. Inside
// they are limits that take what is there; here they are told as what they are.
#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"
#include "engine/emulate/market_order.hpp"

namespace arb::binance {
namespace {

// Farther from the best price nothing is taken: "marketTakeBound" of the futures' instrument list.
constexpr Rate kTakeBound{500 * kRatePerBasisPoint};

}  // namespace

Answer EmulatedBinance::read_market(const Call& call, Entry& entry) const
{
    if (!call.get("price").empty()) return refuse(-1106, "Parameter 'price' sent when not required.");
    const Listing& listing = setup_.table->listing(entry.order.listing);
    if (!spot()) return read_quantity(call, listing, entry.order);
    const bool money = !call.get("quoteOrderQty").empty();
    if (!money && call.get("quantity").empty())
        return refuse(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!");
    if (!money) return read_quantity(call, listing, entry.order);
    if (!call.get("quantity").empty())
        return refuse(-1106, "Parameter 'quoteOrderQty' sent when not required.");
    Decimal value;
    if (Answer answer = read_number(call, "quoteOrderQty", 8, value); answer.code != 0) return answer;
    if (value.zero()) return refuse(-1013, "Invalid quoteOrderQty.");
    entry.spend = amount_of(value);
    if (listing.notional_min.units > entry.spend->units)
        return place_error(PlaceError::notional_min, entry.order.side);
    return good({});
}

// The limit that a market order is inside, by the book of now.
Answer EmulatedBinance::price_market(Entry& entry) const
{
    const ListingId listing = entry.order.listing;
    if (setup_.exchange->halted(listing)) return place_error(PlaceError::halted, entry.order.side);
    if (setup_.exchange->cancel_only(listing)) return place_error(PlaceError::cancel_only, entry.order.side);
    switch (make_market_order(*setup_.exchange, *setup_.table, kTakeBound, entry.spend, entry.order)) {
        case MarketOrderError::none:
            break;
        case MarketOrderError::no_liquidity:
            return spot() ? refuse(-2010, "Order book liquidity is less than symbol minimum quantity.")
                          : refuse(-2020, "Unable to fill.");
        case MarketOrderError::too_small:
            return place_error(PlaceError::quantity_min, entry.order.side);
    }
    return good({});
}

// In the futures' stream a market order's price is a plain zero.
std::string EmulatedBinance::shown_price(const EmulatedOrder& order) const
{
    return price_text(order.listing, is_market(order) ? Price{} : order.price);
}

std::string EmulatedBinance::shown_money(const EmulatedOrder& order) const
{
    const auto found = market_orders_.find(order.id);
    return amount_text(found == market_orders_.end() ? Amount{} : found->second);
}

}  // namespace arb::binance
