// What the log of a long life is shortened to: money, the trades that could still be told again, the day's
// result, flags, and the lines of packages that are open; and how far each venue's fills are known.
#include "engine/pipeline/open_package_lines.hpp"
#include "engine/pipeline/trading_half.hpp"

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

Timestamp TradingHalf::venue_time(const Fill& fill) const
{
    const TradeMemory::Trade* trade = desk_.trades().find(fill.trade_id);
    return trade == nullptr ? Timestamp{} : trade->time;
}

void TradingHalf::on_fill(ListingId listing, Side side, const Fill& fill)
{
    log(lines_.fill(listing, side, fill, venue_time(fill)));
}

LineWriter TradingHalf::watermark_line(VenueId venue, Timestamp watermark) const
{
    LineWriter line("since");
    line.field(lines_.label(venue)).signed_number(watermark.ns);
    line.signed_number((watermark - kTradesBefore).ns);
    return line;
}

// What was filled before the venue told its money is in that word. Without this line a restart that lost the
// first orders' lines would know no time to ask from, and the venue's last minute may be too little.
void TradingHalf::begin_watermark(VenueId id, Timestamp now)
{
    Timestamp& watermark = venues_[index(id)].watermark;
    watermark = std::max(watermark, now - kAdoptedBefore);
    log(watermark_line(id, watermark));
}

// Known is what the private stream told without a gap, or a whole list; else the next question closes the
// gap.
void TradingHalf::keep_watermarks(Timestamp now)
{
    if (now - watermarks_kept_ < kWatermarkEvery) return;
    watermarks_kept_ = now;
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        const bool listens = state.ready[static_cast<std::size_t>(Channel::private_stream)];
        if (!state.recovered || !state.fills_known || !listens) continue;
        const auto id = static_cast<VenueId>(v);
        const Timestamp watermark = desk_.watermark(id);
        if (watermark <= state.watermark) continue;
        state.watermark = watermark;
        log(watermark_line(id, watermark));
    }
}

void TradingHalf::write_trades(VenueId venue, const LineVisit& write) const
{
    const VenueState& state = venues_[index(venue)];
    const Timestamp from = state.watermark.known() ? state.watermark - kTradesBefore : Timestamp{};
    LineWriter line("trades");
    Timestamp base;
    desk_.trades().for_each([&](const TradeMemory::Trade& trade) {
        if (trade.venue != venue || trade.time < from) return;
        if (base.known() && line.room() < kTradeText) {
            write(line.view());
            base = {};
        }
        if (!base.known()) {
            base = trade.time;
            line = LineWriter("trades");
            line.field(lines_.label(venue)).signed_number(base.ns);
        }
        line.hex(trade.key).signed_number((trade.time - base).ns);
    });
    if (base.known()) write(line.view());
}

void TradingHalf::checkpoint(const std::function<void(const LineVisit&)>& log, const LineVisit& write) const
{
    write(LineWriter("epoch").number(epoch_).view());
    for (const std::uint32_t epoch : desk_.epochs()) {
        if (epoch != epoch_) write(LineWriter("ran").number(epoch).view());
    }
    for (const std::uint32_t epoch : foreign_.all_taken()) write(LineWriter("taken").number(epoch).view());
    for (const Account& account : parts_.portfolio->accounts()) write(lines_.account(account).view());
    for (const AnnouncedTransfers::Transfer& transfer : transfers_.open())
        write(lines_.transfer(transfer).view());
    LineWriter day("day");
    write(day.signed_number(parts_.risk->day()).amount(parts_.risk->day_realised()).view());
    for (const std::string& flag : flags_) {
        if (!flag.empty()) write(flag);
    }
    // Before the packages' own lines, which say more of their orders.
    desk_.for_each_over([&](OrderId order, std::string_view venue_id) {
        write(LineWriter("over").number(static_cast<std::uint64_t>(order)).field(venue_id).view());
    });
    OpenPackageLines open;
    executor_->for_each_open([&](const PackageExecutor::View& view) { open.add(view.package.id); });
    std::string kept;
    if (!open.empty()) {
        log([&](std::string_view line) {
            if (open.keep(line, kept)) write(kept);
        });
    }
    // Behind the packages, whose `closing` lines take a market's lines of their time.
    for (std::size_t m = 0; m < parts_.exposure->market_count(); ++m) {
        const auto market = static_cast<MarketId>(m);
        for (std::size_t c = 0; c < static_cast<std::size_t>(ExposureCause::count_); ++c) {
            const auto cause = static_cast<ExposureCause>(c);
            const ExposureLine& line = parts_.exposure->line(market, cause);
            if (!line.empty()) write(lines_.exposure(market, cause, line).view());
        }
    }
    for (const HeldPosition& held : parts_.held->all()) write(lines_.held(held).view());
    // Behind the packages' own fills, which say whose they are.
    desk_.trades().for_each([&](const TradeMemory::Trade& trade) {
        if (trade.venue == kNoVenue) write(LineWriter("trade").hex(trade.key).view());
    });
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        const auto id = static_cast<VenueId>(v);
        write_trades(id, write);
        if (venues_[v].watermark.known()) write(watermark_line(id, venues_[v].watermark).view());
        // Last: with it the account lines count.
        if (venues_[v].adopted) write(LineWriter("adopted").field(lines_.label(id)).view());
    }
}

}  // namespace arb
