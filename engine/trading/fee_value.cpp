#include "engine/trading/fee_value.hpp"

#include <optional>
#include <string_view>

namespace arb {
namespace {

// The book that tells the coin's price: of this venue if there is one, else of any.
const BookBuilder* book_of_coin(const Markets& markets, std::string_view coin, const std::string& quote,
                                VenueId venue)
{
    const InstrumentTable& table = markets.table();
    const BookBuilder* found = nullptr;
    for (const BookBuilder& builder : markets.builders()) {
        const Listing& listing = table.listing(builder.listing());
        const Instrument& instrument = table.instrument(listing.instrument);
        const bool fits = instrument.kind == InstrumentKind::spot && instrument.base == coin &&
                          instrument.quote == quote && builder.tradable();
        if (fits && listing.venue == venue) return &builder;
        if (fits && found == nullptr) found = &builder;
    }
    return found;
}

}  // namespace

Amount fee_value(const Markets& markets, ListingId id, const Fill& fill, Rate rate)
{
    if (fill.fee_paid.zero()) return {};
    const Listing& listing = markets.table().listing(id);
    const BookBuilder* builder = book_of_coin(
        markets, fill.fee_name.data(), markets.table().instrument(listing.instrument).quote, listing.venue);
    if (builder != nullptr) {
        const Instrument& instrument = markets.table().instrument_of(builder->listing());
        const Int128 price = builder->book().asks().best().price.units;
        const Int128 scale = power_of_ten(instrument.price_decimals);
        Int128 product = 0;
        if (!__builtin_mul_overflow(fill.fee_paid.units, price, &product)) {
            const Int128 whole = product / scale;
            return {whole + (product % scale > 0 ? 1 : 0)};
        }
    }
    return fill.fee_paid.units > 0 ? apply_rate(fill.notional, rate) : Amount{};
}

}  // namespace arb
