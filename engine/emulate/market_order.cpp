#include "engine/emulate/market_order.hpp"

#include <algorithm>

namespace arb {
namespace {

// The farthest price that the venue lets a market order trade at, on the tick, inside the slip.
Price edge_of(Price best, Side side, Rate slip, Price tick)
{
    const auto off = static_cast<std::int64_t>(Int128{best.units} * slip.units / kRateOne);
    if (side == Side::buy) return {(best.units + off) / tick.units * tick.units};
    const std::int64_t least = best.units - off;
    return {std::max((least + tick.units - 1) / tick.units, std::int64_t{1}) * tick.units};
}

}  // namespace

MarketOrderError make_market_order(const EmulatedMarket& market, const InstrumentTable& table, Rate slip,
                                   std::optional<Amount> money, PlaceOrder& order)
{
    const EmulatedBook book = market.book(order.listing);
    const std::span<const Level> levels = order.side == Side::buy ? book.asks : book.bids;
    if (levels.empty()) return MarketOrderError::no_liquidity;
    const Listing& listing = table.listing(order.listing);
    const Instrument& instrument = table.instrument_of(order.listing);
    const Price edge = edge_of(levels.front().price, order.side, slip, listing.tick);
    const std::int64_t lot = listing.lot.units;
    order.time_in_force = TimeInForce::ioc;
    order.price = levels.front().price;
    std::int64_t lots = 0;  // taken by the levels so far
    bool enough = false;    // of what is there within the edge
    Amount left = money.value_or(Amount{});
    const std::int64_t wanted = order.quantity.units / lot;
    for (const Level& level : levels) {
        if (order.side == Side::buy ? level.price > edge : level.price < edge) break;
        const std::int64_t there = level.quantity.units / lot;
        std::int64_t here = std::min(there, wanted - lots);
        if (money) {
            const std::optional<Amount> one = instrument.notional(level.price, listing.lot);
            if (!one || one->units <= 0) break;
            here = static_cast<std::int64_t>(std::min(Int128{there}, Int128{left.units / one->units}));
            left.units -= one->units * here;
        }
        if (here > 0) order.price = level.price;
        lots += here;
        enough = here < there;
        if (enough) break;
    }
    // The book holds less: the order asks for the rest as far as it may go.
    if (!money && lots < wanted) order.price = edge;
    if (!money) return MarketOrderError::none;
    const std::optional<Amount> one = instrument.notional(edge, listing.lot);
    if (!enough && one && one->units > 0) {
        // What it buys is no more than all of the money pays for at the edge, as that is what is bound.
        const Int128 asked =
            order.side == Side::buy ? money->units / one->units : lots + left.units / one->units;
        if (asked > lots) order.price = edge;
        lots = static_cast<std::int64_t>(std::clamp(asked, Int128{lots}, Int128{INT64_MAX / lot}));
    }
    order.quantity = {lots * lot};
    return lots > 0 ? MarketOrderError::none : MarketOrderError::too_small;
}

}  // namespace arb
