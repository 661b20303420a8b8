#include "engine/rehearsal/feed_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::size_t kShownMost = 200;
// Old orders may rest at steps that were allowed once; a tick that is wrong is wrong for most levels.
constexpr std::uint64_t kOffTickOneIn = 10;

/// What is no change of a book, whichever listing it speaks of; as the engine has it.
bool may_be_book(UndecodedReason reason)
{
    return reason != UndecodedReason::unknown_instrument && reason != UndecodedReason::unknown_message &&
           reason != UndecodedReason::venue_error;
}

std::string tenths(Duration time)
{
    return fmt::format("{}.{} s", time.ns / seconds(1).ns, time.ns % seconds(1).ns / milliseconds(100).ns);
}

}  // namespace

std::vector<MarketDefinition> single_markets(const InstrumentTable& table)
{
    std::vector<MarketDefinition> markets;
    for (const Listing& listing : table.listings()) {
        const Instrument& instrument = table.instrument(listing.instrument);
        MarketDefinition market;
        market.name = instrument.name;
        market.base = instrument.base;
        market.quote = instrument.quote;
        market.price_decimals = instrument.price_decimals;
        market.quantity_decimals = instrument.quantity_decimals;
        market.members.push_back({listing.id, 1, 1});
        markets.push_back(std::move(market));
    }
    return markets;
}

FeedWatch::FeedWatch(const InstrumentTable& table, const std::vector<SequenceRule>& rules,
                     const BookLimits& limits)
    : table_(&table),
      markets_(table, rules, limits, single_markets(table), nullptr),
      seen_(table.listings().size()),
      unread_levels_(table.listings().size())
{
}

void FeedWatch::begin_input(ConnectionId connection, Timestamp now)
{
    connection_ = connection;
    now_ = now;
    in_past_ = false;
}

void FeedWatch::count_levels(const BookUpdate& update)
{
    Seen& seen = seen_[index(update.listing)];
    const std::int64_t tick = table_->listing(update.listing).tick.units;
    for (const std::span<const Level>& side : {update.bids, update.asks}) {
        for (const Level& level : side) {
            if (level.quantity.zero()) continue;
            ++seen.levels;
            if (level.price.units % tick == 0) continue;
            if (seen.off_tick++ == 0) seen.first_off = level.price;
        }
    }
}

void FeedWatch::on_book(const BookUpdate& update)
{
    if (in_past_) return;
    count_levels(update);
    if (update.venue_time.known()) {
        const Duration late = update.receive_time - update.venue_time;
        if (!behind_ || late < *behind_) behind_ = late;
    }
    (void)markets_.on_update(connection_, update);
    Seen& seen = seen_[index(update.listing)];
    if (!seen.valid.known() && markets_.builder(update.listing).valid()) seen.valid = now_;
}

void FeedWatch::on_connection_sequence(ConnectionId connection, std::uint64_t sequence)
{
    in_past_ = !markets_.on_connection_sequence(connection, sequence, now_);
}

void FeedWatch::on_acknowledged(ListingId listing, bool subscribed)
{
    if (listing == kNoListing) {
        confirmed_any_ += subscribed;
        return;
    }
    ++(subscribed ? seen_[index(listing)].confirmed : seen_[index(listing)].ended);
}

void FeedWatch::on_undecoded(const Undecoded& undecoded, const Mask& mask)
{
    Unread& unread = unread_[static_cast<std::size_t>(undecoded.reason)];
    if (unread.count++ == 0) unread.first = mask.hidden(undecoded.text).substr(0, kShownMost);
    const bool steps =
        undecoded.reason == UndecodedReason::too_precise || undecoded.reason == UndecodedReason::bad_price;
    for (const Listing& listing : table_->listings()) {
        // Where only the words say which one is meant.
        const bool meant = undecoded.listing == listing.id ||
                           (undecoded.listing == kNoListing && undecoded.text.starts_with(listing.symbol));
        unread_levels_[index(listing.id)] += steps && meant;
    }
    if (undecoded.listing != kNoListing) {
        markets_.on_unreadable(undecoded.listing, now_, connection_);
    } else if (connection_ != kNoConnection && may_be_book(undecoded.reason)) {
        markets_.on_unreadable_frame(connection_, now_);
    }
}

void FeedWatch::on_close(ConnectionId connection, std::string_view what)
{
    markets_.on_close(connection, now_);
    if (!what.empty()) closed_.emplace_back(what);
}

bool FeedWatch::all_seen() const
{
    return std::all_of(seen_.begin(), seen_.end(), [](const Seen& seen) { return seen.valid.known(); });
}

std::optional<Duration> FeedWatch::behind() const
{
    return behind_;
}

void FeedWatch::judge_book(RehearsalChecks& checks, const Listing& listing, Timestamp now) const
{
    const BookBuilder& builder = markets_.builder(listing.id);
    const BookStats& stats = builder.stats();
    const Seen& seen = seen_[index(listing.id)];
    const std::string row = "book " + table_->instrument(listing.instrument).name;
    const std::string expected =
        "valid all the time: numbers and checksums unbroken, every message read, never crossed or locked";
    if (!seen.valid.known()) {
        checks.judge(false, row, expected,
                     fmt::format("never valid: {}; {} snapshots, {} updates", describe(builder.trouble()),
                                 stats.snapshots, stats.deltas));
        return;
    }
    const bool good = builder.valid() && stats.gaps == 0 && stats.checksums_bad == 0 && stats.resyncs == 0 &&
                      stats.crossed == 0 && stats.locked == 0 && stats.unreadable == 0;
    std::string found = fmt::format("usable {} of {}; {} snapshots, {} updates, {} gaps",
                                    tenths(builder.times().in(BookTrouble::none, now)),
                                    tenths(now - seen.valid), stats.snapshots, stats.deltas, stats.gaps);
    if (stats.checksums_ok + stats.checksums_bad > 0)
        found += fmt::format(", {} checksums held and {} not", stats.checksums_ok, stats.checksums_bad);
    found += fmt::format(", {} crossed, {} locked, {} unread, {} asked for anew", stats.crossed, stats.locked,
                         stats.unreadable, stats.resyncs);
    if (!builder.valid()) found += fmt::format("; not valid at the end: {}", describe(builder.trouble()));
    checks.judge(good, row, expected, found);
}

void FeedWatch::judge_tick(RehearsalChecks& checks, const Listing& listing) const
{
    const Instrument& instrument = table_->instrument(listing.instrument);
    const Seen& seen = seen_[index(listing.id)];
    const std::uint64_t unread = unread_levels_[index(listing.id)];
    const std::string row = "tick " + instrument.name;
    const std::string expected = fmt::format(
        "prices of the book on the tick that is listed, {}, but for old "
        "orders (one level in {} at most)",
        instrument.text(listing.tick), kOffTickOneIn);
    if (seen.levels == 0 && unread == 0) {
        checks.not_tried(row, expected, "no level was told");
        return;
    }
    std::string found = fmt::format("{} of {} levels off the tick", seen.off_tick, seen.levels);
    if (seen.off_tick > 0) found += fmt::format(", the first at {}", instrument.text(seen.first_off));
    if (unread > 0) found += fmt::format("; {} messages with numbers finer than its steps", unread);
    checks.judge(unread == 0 && seen.off_tick * kOffTickOneIn <= seen.levels, row, expected, found);
}

void FeedWatch::judge(RehearsalChecks& checks, Timestamp begun, Timestamp now, const Mask& mask) const
{
    const std::size_t wanted = seen_.size();
    std::size_t confirmed = 0, heard = 0, ended = 0;
    for (const Seen& seen : seen_) {
        confirmed += seen.confirmed > 0;
        heard += seen.valid.known();
        ended += seen.ended;
    }
    checks.judge(heard == wanted && ended == 0, "subscriptions",
                 fmt::format("{} books subscribed, confirmed and delivered", wanted),
                 fmt::format("{} confirmed by name{}, {} delivered, {} ended by the venue", confirmed,
                             confirmed_any_ > 0 ? fmt::format(" and {} without one", confirmed_any_) : "",
                             heard, ended));
    checks.judge(closed_.empty(), "connections", fmt::format("stay up for {}", tenths(now - begun)),
                 closed_.empty() ? "stayed up"
                                 : fmt::format("{} lost, the first {}", closed_.size(),
                                               mask.hidden_url(closed_.front())));
    for (const Listing& listing : table_->listings()) {
        judge_book(checks, listing, now);
        judge_tick(checks, listing);
        if (seen_[index(listing.id)].valid.known())
            checks.took("book valid", seen_[index(listing.id)].valid - begun);
    }
    std::string unread;
    for (std::size_t r = 0; r < kReasons; ++r) {
        if (unread_[r].count == 0) continue;
        unread += fmt::format("{}{} {}: {}", unread.empty() ? "" : "; ", unread_[r].count,
                              name(static_cast<UndecodedReason>(r)), unread_[r].first);
    }
    checks.judge(unread.empty(), "messages", "every message is understood",
                 unread.empty() ? "all understood" : unread);
}

}  // namespace arb
