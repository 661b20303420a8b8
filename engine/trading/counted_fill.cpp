#include "engine/trading/counted_fill.hpp"

#include <algorithm>

#include "engine/trading/trade_memory.hpp"

namespace arb {

Fill counted_fill(const InstrumentTable& table, const FillReport& report)
{
    const Listing& listing = table.listing(report.listing);
    const Instrument& instrument = table.instrument(listing.instrument);
    Fill fill;
    fill.trade_id = TradeMemory::key(table.venue(listing.venue), listing.symbol, report);
    if (report.trade_id.size() < fill.trade_name.size())
        std::copy(report.trade_id.begin(), report.trade_id.end(), fill.trade_name.begin());
    fill.venue_time = report.venue_time;
    fill.price = report.price;
    fill.quantity = report.quantity;
    fill.maker = report.maker;
    fill.notional = instrument.notional(report.price, report.quantity).value_or(Amount{});
    fill.fee_paid = report.fee;
    if (report.fee_asset == instrument.quote) {
        fill.fee = report.fee;
    } else if (report.fee_asset == instrument.base && instrument.kind == InstrumentKind::spot) {
        fill.fee_asset = FeeAsset::base;
        // Valued at the fill's own price: fee x notional / quantity, rounded up like every fee.
        const Amount quantity = instrument.amount(report.quantity);
        if (quantity.units > 0) {
            const Rate share{static_cast<std::int64_t>(report.fee.units * kRateOne / quantity.units)};
            fill.fee = apply_rate(fill.notional, share);
        }
    } else {
        fill.fee_asset = FeeAsset::other;
        const std::size_t kept = std::min(report.fee_asset.size(), fill.fee_name.size() - 1);
        std::copy_n(report.fee_asset.begin(), kept, fill.fee_name.begin());
    }
    return fill;
}

}  // namespace arb
