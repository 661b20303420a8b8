#include "engine/pipeline/watermarks.hpp"

#include <algorithm>

namespace arb {
namespace {

// A watermark is kept so often while fills come: what a restart has to ask for is bounded by it.
constexpr Duration kWatermarkEvery = seconds(5);
// Trades from so long before the watermark are remembered: whatever a venue's list rounds its times to, what
// it tells again is known.
constexpr Duration kTradesBefore = seconds(60);
// A venue's clock may be behind ours by less than this: its times are compared with it.
constexpr Duration kAdoptedBefore = seconds(5);
// A trade and how much later it was, as text.
constexpr std::size_t kTradeText = 48;

}  // namespace

Timestamp Watermarks::venue_time(const Fill& fill) const
{
    const TradeMemory::Trade* trade = desk_->fills().trades().find(fill.trade_id);
    return trade == nullptr ? Timestamp{} : trade->time;
}

LineWriter Watermarks::line(VenueId venue, Timestamp watermark) const
{
    LineWriter line("since");
    line.field(records_->label(venue)).signed_number(watermark.ns);
    line.signed_number((watermark - kTradesBefore).ns);
    return line;
}

// What was filled before the venue told its money is in that word. Without this line a restart that lost the
// first orders' lines would know no time to ask from, and the venue's last minute may be too little.
void Watermarks::begin(VenueId venue, Timestamp now)
{
    restore(venue, now - kAdoptedBefore);
    records_->keep(line(venue, venues_->of(venue).watermark));
}

void Watermarks::restore(VenueId venue, Timestamp watermark)
{
    VenueState& state = venues_->of(venue);
    state.watermark = std::max(state.watermark, watermark);
}

// Known is what the private stream told without a gap, or a whole list; else the next question closes the
// gap.
void Watermarks::keep(Timestamp now)
{
    if (now - kept_ < kWatermarkEvery) return;
    kept_ = now;
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        if (!state.recovered || !state.fills_known || !state.is_open(Channel::private_stream)) return;
        const Timestamp watermark = desk_->watermark(id);
        if (watermark <= state.watermark) return;
        state.watermark = watermark;
        records_->keep(line(id, watermark));
    });
}

void Watermarks::write_trades(VenueId venue, const LineVisit& write) const
{
    const VenueState& state = venues_->of(venue);
    const Timestamp from = state.watermark.known() ? state.watermark - kTradesBefore : Timestamp{};
    LineWriter line("trades");
    Timestamp base;
    desk_->fills().trades().for_each([&](const TradeMemory::Trade& trade) {
        if (trade.venue != venue || trade.time < from) return;
        if (base.known() && line.room() < kTradeText) {
            write(line.view());
            base = {};
        }
        if (!base.known()) {
            base = trade.time;
            line = LineWriter("trades");
            line.field(records_->label(venue)).signed_number(base.ns);
        }
        line.hex(trade.key).signed_number((trade.time - base).ns);
    });
    if (base.known()) write(line.view());
}

void Watermarks::write(VenueId venue, const LineVisit& write) const
{
    write_trades(venue, write);
    const Timestamp watermark = venues_->of(venue).watermark;
    if (watermark.known()) write(line(venue, watermark).view());
}

}  // namespace arb
