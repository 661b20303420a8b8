#include "engine/pipeline/trading_half.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/trading/fee_value.hpp"

namespace arb {
namespace {

constexpr std::string_view kLossReached =
    "the loss limit of the day is reached: no new packages until the next UTC day";

}  // namespace

const char* name(Phase phase)
{
    constexpr const char* kNames[] = {"connecting", "recovering", "trading", "stopping", "stopped"};
    return kNames[static_cast<std::size_t>(phase)];
}

TradingHalf::TradingHalf(const Parts& parts)
    : parts_(parts),
      desk_(*parts.table, parts.desk, *this, *this),
      lines_(*parts.table, *parts.markets),
      gate_({parts.keyed, parts.sink, parts.outbox, parts.speaking, this, parts.limits.keys}),
      venues_(parts.table->venue_count()),
      flatten_left_(parts.markets->market_count()),
      flags_(parts.markets->market_count())
{
    events_.reserve(1024);
    late_.reserve(64);
    for (const Listing& listing : parts_.table->listings())
        venues_[index(listing.venue)].listings.push_back(listing.id);
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        const auto id = static_cast<VenueId>(v);
        venues_[v].trading = v < parts_.has_credentials->size() && (*parts_.has_credentials)[v];
        if (!venues_[v].trading) continue;
        const TradingFeatures features = venue(id).trading_features();
        desk_.set_features(id, features);
        parts_.risk->set_budget(id, features.orders_per_second, features.cancels_reserved);
    }
    for (const Account& account : parts_.portfolio->accounts()) (void)truth(account.venue, account.asset);
    // The gate opens when recovery is done, and not before.
    parts_.risk->set_paused(true);
}

TradingHalf::~TradingHalf() = default;

void TradingHalf::log(const LineWriter& line)
{
    if (parts_.log == nullptr) return;
    if (!line.overflow() && parts_.log->append(line.view())) return;
    // What cannot be kept must not happen: from here on only orders leave that close what is open.
    log_failed_ = true;
    parts_.risk->set_paused(true);
}

void TradingHalf::note(std::string_view text, Timestamp now)
{
    if (parts_.listener != nullptr) parts_.listener->on_note(text, now);
}

MarketId TradingHalf::market_of(ListingId listing) const
{
    for (std::size_t m = 0; m < parts_.markets->market_count(); ++m) {
        for (const MarketMember& member :
             parts_.markets->consolidated(static_cast<MarketId>(m)).definition().members) {
            if (member.listing == listing) return static_cast<MarketId>(m);
        }
    }
    return static_cast<MarketId>(0xffff);
}

void TradingHalf::flag(MarketId market, VenueId venue, std::string_view why, Timestamp now)
{
    ++flagged_;
    if (index(market) < flags_.size()) {
        parts_.risk->stop_market(market);
        LineWriter line("flag");
        line.field(parts_.markets->consolidated(market).definition().name);
        line.field(venue == kNoVenue ? "-" : lines_.label(venue)).field(why);
        flags_[index(market)] = std::string(line.view());
        log(line);
    }
    if (parts_.listener != nullptr) parts_.listener->on_flag(market, venue, why, now);
}

void TradingHalf::tell_kept_flags(Timestamp now)
{
    for (std::size_t m = 0; m < flags_.size(); ++m) {
        if (flags_[m].empty()) continue;
        ++flagged_;
        if (parts_.listener == nullptr) continue;
        LineReader line(flags_[m], *parts_.table);
        (void)line.field();
        const std::optional<VenueId> venue = parts_.table->find_venue(line.field());
        parts_.listener->on_flag(static_cast<MarketId>(m), venue.value_or(kNoVenue),
                                 fmt::format("{} (of an earlier run, not cleared yet)", line.field()), now);
    }
}

void TradingHalf::set_phase(Phase phase, Timestamp now)
{
    if (phase_ == phase) return;
    phase_ = phase;
    if (parts_.listener != nullptr) parts_.listener->on_phase(phase, now);
}

void TradingHalf::begin(Timestamp now)
{
    begun_ = now;
    checked_ = now;
    executor_->end_restore();
    tell_kept_flags(now);
    if (parts_.risk->loss_day_reached(now)) note(kLossReached, now);
    for (const std::string& currency : parts_.risk->rates().unknown()) {
        note(
            fmt::format(
                "no book tells what {} is worth in the currency of limits: nothing is opened in its markets; "
                "add a spot instrument of the two, or say it in [rates]",
                currency),
            now);
    }
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        if (!venues_[v].trading) continue;
        parts_.risk->set_venue_stopped(static_cast<VenueId>(v), true);
    }
    gate_.begin(now);
    (void)begin_sessions(now);
}

// Orders.

void TradingHalf::send(const ApprovedOrder& order, Timestamp now)
{
    if (log_failed_ && order.id() != closing_) {
        OrderEvent event;
        event.order = order.id();
        event.kind = OrderEventKind::rejected;
        event.reason = RejectReason::other;
        event.time = now;
        events_.push_back(event);
        return;
    }
    desk_.send(order, now);
}

void TradingHalf::place(const ApprovedOrder& order, Timestamp now)
{
    venue(parts_.table->listing(order.intent().listing).venue)
        .send_order(order, now, *parts_.sink, *parts_.outbox);
}

void TradingHalf::cancel(const OrderReference& order, Timestamp now)
{
    const VenueId id = parts_.table->listing(order.listing).venue;
    parts_.risk->on_request(id, now);
    venue(id).cancel_order(order, now, *parts_.sink, *parts_.outbox);
}

void TradingHalf::query_order(const OrderReference& order, Timestamp now)
{
    const VenueId id = parts_.table->listing(order.listing).venue;
    if (now >= venues_[index(id)].shut_until && !venues_[index(id)].key_trouble)
        venue(id).query_order(order, now, *parts_.sink, *parts_.outbox);
}

void TradingHalf::query_fills(ListingId listing, Timestamp since, Timestamp now)
{
    const VenueId id = parts_.table->listing(listing).venue;
    if (now < venues_[index(id)].shut_until || venues_[index(id)].key_trouble) return;
    // While recovery waits for the venue's whole list every question is for all of it: their answers look
    // alike.
    const VenueState& state = venues_[index(id)];
    const ListingId listings[] = {listing};
    if (state.fills_known) {
        venue(id).query_fills(listings, since, now, *parts_.sink, *parts_.outbox);
    } else {
        venue(id).query_fills(state.listings, std::min(since, fills_since(state, now)), now, *parts_.sink,
                              *parts_.outbox);
    }
}

Amount TradingHalf::value_fee(ListingId listing, const Fill& fill)
{
    return fee_value(*parts_.markets, listing, fill, parts_.risk->taker_fee(listing));
}

void TradingHalf::on_order_event(const OrderEvent& event, Timestamp)
{
    events_.push_back(event);
}

void TradingHalf::on_order_state(OrderId order, OrderState state, RejectReason reason, Quantity filled,
                                 Timestamp now)
{
    if (parts_.listener != nullptr) parts_.listener->on_order_state(order, state, reason, filled, now);
}

void TradingHalf::on_late_fill(const FillReport& report, const Fill& counted, Timestamp now)
{
    log(lines_.late(report.listing, report.side, counted, venue_time(counted)));
    parts_.portfolio->apply(report.listing, report.side, counted);
    parts_.risk->on_fill(report.order, counted.quantity);  // of an order that is open again
    add_late(report.listing, report.side, counted, now);
    late_.push_back({report.listing, report.side, counted});
    if (parts_.listener != nullptr)
        parts_.listener->on_late_fill(report.listing, report.side, counted, report.order, now);
}

// Nobody meant it to be there any more, so it is a line of its own.
void TradingHalf::add_late(ListingId listing, Side side, const Fill& fill, Timestamp now)
{
    const MarketId market = market_of(listing);
    if (index(market) >= parts_.markets->market_count()) return;
    std::int64_t factor = 1;
    for (const MarketMember& member : parts_.markets->consolidated(market).definition().members) {
        if (member.listing == listing) factor = member.quantity_factor;
    }
    const std::int64_t quantity = fill.quantity.units * factor;
    const bool bought = side == Side::buy;
    parts_.exposure->add(market, ExposureCause::late_fill, bought ? quantity : -quantity,
                         bought ? fill.notional + fill.fee : fill.fee - fill.notional, now);
}

// Whether it was counted cannot be known any more. The balances say whether money is missing.
void TradingHalf::on_old_fill(const FillReport& report, Timestamp now)
{
    const VenueId id = parts_.table->listing(report.listing).venue;
    const MarketId market = market_of(report.listing);
    note(fmt::format("{}: fill '{}' in {} is older than the fills that are known one by one; not counted",
                     lines_.label(id), report.trade_id, parts_.table->listing(report.listing).symbol),
         now);
    if (index(market) < flags_.size() && flags_[index(market)].empty())
        flag(market, id, "a fill was told that is older than what is known, and was not counted", now);
}

void TradingHalf::on_package(const Package& package, const LegOrders& orders)
{
    log(lines_.package(package, orders));
}

void TradingHalf::on_unwind(const ApprovedOrder& order, Timestamp now)
{
    closing_ = order.id();
    log(lines_.unwind(order, now));
}

void TradingHalf::on_refused_often(ListingId listing, Timestamp until, Timestamp now)
{
    const Listing& about = parts_.table->listing(listing);
    note(fmt::format(
             "{}: it refused the last orders in {}, or was silent on them; nothing is opened there for {} s",
             lines_.label(about.venue), about.symbol, (until - now).ns / seconds(1).ns),
         now);
}

void TradingHalf::on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now)
{
    const MarketDefinition& market = parts_.markets->consolidated(excess.market).definition();
    flag(excess.market, kNoVenue,
         fmt::format("package {}: {} {} not closed yet: {}; it is tried again",
                     static_cast<std::uint64_t>(package.id),
                     format_scaled(excess.quantity, market.quantity_decimals), market.base, why),
         now);
}

void TradingHalf::on_loss_limit(Timestamp now)
{
    note(kLossReached, now);
}

void TradingHalf::on_end(const PackageEnd& end)
{
    // The day's result is kept in the currency of limits: a restart has no rates yet.
    const ListingId own =
        parts_.markets->consolidated(end.package.market).definition().members.front().listing;
    const Amount realised = parts_.risk->counted(own, end.waterfall.realised, end.finished);
    LineWriter line("end");
    line.number(static_cast<std::uint64_t>(end.package.id)).field(outcome(end));
    log(line.amount(realised).signed_number(end.finished.ns));
    for (std::size_t i = 0; i < end.assets && end.flagged; ++i) {
        const Residual& left = end.residuals[i];
        const MarketDefinition& market = parts_.markets->consolidated(left.market).definition();
        if (left.quantity == 0 && i > 0) continue;
        flag(left.market, kNoVenue,
             fmt::format("package {}: {} {} left: {}", static_cast<std::uint64_t>(end.package.id),
                         format_scaled(left.quantity, market.quantity_decimals), market.base, end.detail),
             end.finished);
    }
    if (parts_.risk->on_realised(realised, end.finished)) note(kLossReached, end.finished);
}

// Facts.

void TradingHalf::on_fee_report(const FeeReport& report)
{
    if (!parts_.fees_known.empty()) parts_.fees_known[index(report.listing)] = true;
    // Assumed fees that are lower than the venue's would make edges of nothing.
    parts_.risk->set_taker_fee(report.listing, report.taker);
    parts_.risk->set_maker_fee(report.listing, report.maker);
}

TradingHalf::Truth& TradingHalf::truth(VenueId venue, std::string_view asset)
{
    for (Truth& known : truths_) {
        if (known.venue == venue && known.asset == asset) return known;
    }
    truths_.emplace_back();
    truths_.back().venue = venue;
    truths_.back().asset = asset;
    return truths_.back();
}

void TradingHalf::on_balance_report(VenueId venue, const BalanceReport& report, Timestamp)
{
    if (!report.has_total) return;
    Truth& entry = truth(venue, report.asset);
    entry.total = report.total;
    if (report.source == ReportSource::query) entry.fresh = true;
    if (report.source == ReportSource::stream) entry.streamed = true;
}

void TradingHalf::on_channel(VenueId id, Channel channel, bool ready, Timestamp now)
{
    VenueState& state = venues_[index(id)];
    state.ready[static_cast<std::size_t>(channel)] = ready;
    desk_.on_channel(id, channel, ready, now);
    // What happened while nobody listened is asked for.
    if (ready && channel == Channel::private_stream && state.recovered) state.fills_known = false;
    if (parts_.listener != nullptr) parts_.listener->on_channel(id, channel, ready, now);
}

void TradingHalf::on_clock_sample(VenueId id, Timestamp venue_time, Timestamp sent, Timestamp received,
                                  Timestamp now)
{
    VenueState& state = venues_[index(id)];
    const bool first = !state.clock.known();
    state.clock.add(venue_time, sent, received);
    const Duration offset = state.clock.offset();
    venue(id).set_clock_offset(offset);
    const Duration size{offset.ns < 0 ? -offset.ns : offset.ns};
    if (first && size > parts_.limits.clock_doubt) {
        note(fmt::format("{}: its clock is {} ms {} ours; synchronise this machine's (NTP)", lines_.label(id),
                         size.ns / 1'000'000, offset.ns < 0 ? "behind" : "ahead of"),
             now);
    }
}

void TradingHalf::on_request_end(VenueId id, const RequestEnd& end, Timestamp now)
{
    VenueState& state = venues_[index(id)];
    desk_.on_end(id, end, now);
    const bool whole = end.outcome == Outcome::done && end.complete;
    if (end.kind == RequestKind::open_orders) {
        if (whole) foreign_.end_list(id);
        state.orders_known = whole && !foreign_.lists_any(id);
    }
    if (end.kind == RequestKind::fills) state.fills_known = whole;
    if (end.kind == RequestKind::balances) state.balances_known = whole;
    if (end.kind == RequestKind::cancel_all && whole) state.cancel_wanted = false;
    if (end.outcome == Outcome::rate_limited || end.outcome == Outcome::banned) {
        const Duration least = end.outcome == Outcome::banned ? seconds(60) : seconds(1);
        const Duration pause = end.retry_after.ns > 0 ? end.retry_after : least;
        state.shut_until = std::max(state.shut_until, now + pause);
        note(fmt::format("{}: {} ({}); nothing new is sent there for {} ms", lines_.label(id),
                         name(end.outcome), end.text, pause.ns / 1'000'000),
             now);
    }
    // A clock or a single order's permission is not the key's end; the venue's word on the key is.
    if (end.outcome == Outcome::key_trouble && end.reason != RejectReason::clock && !state.key_trouble)
        begin_key_trouble(id, end, now);
    // A log-on with one key says nothing of the other: guarded keys are judged one by one.
    const bool about_key = end.kind == RequestKind::key_info || end.kind == RequestKind::session;
    if (about_key && end.outcome == Outcome::done && state.key_trouble && !gate_.guards(id))
        on_good_key(id, "", now);
    if (parts_.listener != nullptr) parts_.listener->on_request_end(id, end, now);
}

TradingHalf::VenueView TradingHalf::venue_view(VenueId id) const
{
    const VenueState& state = venues_[index(id)];
    VenueView view;
    view.trading = state.trading;
    view.order_entry = state.ready[static_cast<std::size_t>(Channel::order_entry)];
    view.private_stream = state.ready[static_cast<std::size_t>(Channel::private_stream)];
    view.recovered = state.recovered;
    view.clock_known = state.clock.known();
    if (view.clock_known) view.clock_offset = state.clock.offset();
    view.stopped = parts_.risk->venue_stopped(id);
    view.why = state.why;
    return view;
}

}  // namespace arb
