// The kill ladder (pause, cancel all, flatten inside the band, stop) and the words that operate it, and
// restoring what an earlier run left.
#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/trading_half.hpp"

namespace arb {
namespace {

// Packages made to close exposure without a strategy count from here, far above the strategies'.
constexpr std::uint64_t kExtraPackages = std::uint64_t{1} << 48;
// While stopping, the venues' own word on balances is asked for so often.
constexpr Duration kStopCheck = seconds(2);
// So many looks in a row that find another figure, and it is told.
constexpr unsigned kStopLooks = 5;
// A venue that has not told what it holds when the time to stop is over is waited for so much longer.
constexpr Duration kLastWord = seconds(15);
// After the loop stood still: by then every book that lives has been told anew.
constexpr Duration kAfterStall = seconds(1);
// Stopping at once: how long the venues have to say what became of what is open.
constexpr Duration kHurriedMost = seconds(5);
constexpr std::string_view kAnnounce = "transfer announce ";

}  // namespace

void TradingHalf::cancel_everything(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        if (!venues_[v].trading) continue;
        const auto id = static_cast<VenueId>(v);
        bool any = false;
        desk_.for_each_open([&](const OrderDesk::View& view) {
            any |= parts_.table->listing(view.intent.listing).venue == id;
        });
        // Only where something of ours may be open: the account may hold its owner's own orders.
        if (any) cancel_all(id, now);
    }
}

// The lines of every market are closed once a wish. What is still open has its own owner: no order of it
// changes a line.
void TradingHalf::want_flatten()
{
    flatten_left_.assign(flatten_left_.size(), true);
}

bool TradingHalf::flatten_wanted() const
{
    return std::find(flatten_left_.begin(), flatten_left_.end(), true) != flatten_left_.end();
}

// Exposure that no package has, closed like a leftover leg.
void TradingHalf::flatten_markets(Timestamp now)
{
    for (std::size_t m = 0; m < flatten_left_.size(); ++m) {
        const auto market = static_cast<MarketId>(m);
        if (!flatten_left_[m] || executor_->full()) continue;
        flatten_left_[m] = false;
        // Of less than a unit nothing can be ordered: it waits for more.
        if (parts_.exposure->sum(market).quantity == 0 && !parts_.exposure->sum(market).rest.zero()) continue;
        const ExposureLine line = parts_.exposure->take(market);
        if (line.empty()) continue;
        Package package;
        package.id =
            static_cast<PackageId>(kExtraPackages + (std::uint64_t{epoch_} << 16) + ++next_extra_package_);
        package.market = market;
        package.decided = now;
        executor_->close_exposure(package, line, now);
    }
}

// The time to close is over.
void TradingHalf::flag_exposure(Timestamp now)
{
    for (std::size_t m = 0; m < flatten_left_.size(); ++m) {
        const auto market = static_cast<MarketId>(m);
        if (flatten_left_[m] && !parts_.exposure->sum(market).empty())
            flag(market, kNoVenue, "exposure is left, and the time to close it is over", now);
    }
    flatten_left_.assign(flatten_left_.size(), false);
}

void TradingHalf::begin_stop(Timestamp now, bool flatten)
{
    if (phase_ == Phase::stopping && !flatten) hurry_stop(now);
    if (phase_ == Phase::stopping || phase_ == Phase::stopped) return;
    stop_begun_ = now;
    parts_.risk->set_paused(true);
    if (phase_ != Phase::trading) executor_->resume(flatten, now);
    set_phase(Phase::stopping, now);
    cancel_everything(now);
    flatten_left_.assign(flatten_left_.size(), flatten);
}

// Whoever says it twice cannot wait. What is open is still cancelled, and the venues have a few seconds to
// say what became of it; what is left of packages is flagged instead of closed.
void TradingHalf::hurry_stop(Timestamp now)
{
    if (hurried_.known()) return;
    hurried_ = now;
    flag_exposure(now);
    executor_->mute();
    cancel_everything(now);
    note("stopping at once: what is open is cancelled, nothing more is closed", now);
}

void TradingHalf::advance_stop(Timestamp now)
{
    if (hurried_.known() && desk_.open_count() == 0) executor_->finish(now);
    const bool late =
        now - stop_begun_ >= parts_.limits.stop_max || (hurried_.known() && now - hurried_ >= kHurriedMost);
    if (late) flag_exposure(now);
    flatten_markets(now);
    const bool quiet = this->quiet();
    if (flatten_wanted() || (!quiet && !late)) return;
    if (!quiet) {
        desk_.for_each_open([&](const OrderDesk::View& view) {
            flag(market_of(view.intent.listing), parts_.table->listing(view.intent.listing).venue,
                 "stopped while the outcome of an order was unknown", now);
        });
        executor_->finish(now);
        set_phase(Phase::stopped, now);
        return;
    }
    if (settle_stop(late, now)) set_phase(Phase::stopped, now);
}

// The venues' own word on the balances, once all is quiet; asked again when it differs, for fills may still
// be on their way. What differs after several looks has been moved by somebody else: waiting changes nothing.
bool TradingHalf::settle_stop(bool late, Timestamp now)
{
    if (stop_checked_.known()) {
        bool whole = true, equal = true;
        for (std::size_t v = 0; v < venues_.size(); ++v) {
            if (!venues_[v].recovered) continue;
            whole &= venues_[v].balances_known;
            equal &= balances_equal(static_cast<VenueId>(v));
        }
        const bool looked = whole && stop_looks_ + 1 >= kStopLooks;
        // All is flat and quiet: a venue that is slow to answer is worth a few seconds more.
        const bool last = late && (hurried_.known() ||
                                   now - stop_begun_ >= Duration{parts_.limits.stop_max.ns + kLastWord.ns});
        if ((whole && equal) || looked || (late && whole) || (last && now - stop_checked_ >= kStopCheck)) {
            for (std::size_t v = 0; v < venues_.size(); ++v) {
                if (!venues_[v].recovered) continue;
                (void)explains_comparison(static_cast<VenueId>(v), now);
                report_balances(static_cast<VenueId>(v), true, now);
            }
            return true;
        }
        if (now - stop_checked_ < kStopCheck) return false;
        stop_looks_ += whole ? 1 : 0;
    }
    stop_checked_ = now;
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        if (!state.recovered) continue;
        state.balances_known = false;
        if (may_ask(state, now)) ask_balances(static_cast<VenueId>(v), state, now);
    }
    return false;
}

// A restart would not know what is done from here on: nothing new is begun, and what is open is closed while
// there is somebody who knows of it.
void TradingHalf::stop_without_log(Timestamp now)
{
    if (phase_ == Phase::stopping || phase_ == Phase::stopped) return;
    note("ALARM the state log cannot be written: stopping; what is open is cancelled and closed", now);
    begin_stop(now, true);
}

void TradingHalf::pause_or_resume()
{
    if (phase_ == Phase::trading)
        parts_.risk->set_paused(operator_pause_ || log_low_ || log_failed_ || stalled_until_.known());
}

// What was queued meanwhile is stamped as it is read: books look fresh that are not, and gaps between them
// look old enough to be believed.
void TradingHalf::notice_stall(Timestamp now)
{
    if (turned_.known() && now - turned_ > parts_.limits.stall) {
        note(fmt::format("this program stood still for {} ms: nothing new is risked for {} ms",
                         (now - turned_).ns / 1'000'000, kAfterStall.ns / 1'000'000),
             now);
        stalled_until_ = now + kAfterStall;
        pause_or_resume();
    } else if (stalled_until_.known() && now >= stalled_until_) {
        stalled_until_ = {};
        pause_or_resume();
    }
    turned_ = now;
}

const char* TradingHalf::paused_why() const
{
    if (!parts_.risk->paused()) return "";
    if (log_failed_) return "the state log cannot be written";
    if (phase_ != Phase::trading) return name(phase_);
    if (stalled_until_.known()) return "this program stood still a moment ago";
    if (log_low_) return "the state log is nearly full: the rest is kept for closing";
    return "an operator's word";
}

bool TradingHalf::command(std::string_view text, Timestamp now)
{
    if (text.find('\t') == std::string_view::npos) return operate(text, now);
    LineReader line(text, *parts_.table);
    return restore(line, now) && !line.failed();
}

// An operator looked and says that trading in this market may go on.
bool TradingHalf::clear_flag(std::string_view market, Timestamp now)
{
    for (std::size_t m = 0; m < flags_.size(); ++m) {
        const auto id = static_cast<MarketId>(m);
        if (parts_.markets->consolidated(id).definition().name != market) continue;
        if (flags_[m].empty()) return false;
        flags_[m].clear();
        parts_.risk->open_market(id);
        log(LineWriter("cleared").field(market));
        if (parts_.listener != nullptr) parts_.listener->on_flag_cleared(id, now);
        return true;
    }
    return false;
}

// An operator mended the key at the venue: it is asked about now instead of later.
bool TradingHalf::clear_key(std::string_view label, Timestamp now)
{
    const std::optional<VenueId> id = parts_.table->find_venue(label);
    if (!id || !venues_[index(*id)].key_trouble) return false;
    venues_[index(*id)].key_pause = parts_.limits.key_ask_first;
    venues_[index(*id)].key_due = now;
    return true;
}

// The lists of instruments were read again: what this account pays may have changed with them.
void TradingHalf::ask_fees(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        if (!state.recovered || !may_ask(state, now)) continue;
        venue(static_cast<VenueId>(v)).query_fees(state.listings, now, *parts_.sink, *parts_.outbox);
    }
}

bool TradingHalf::operate(std::string_view text, Timestamp now)
{
    if (text == "pause" || (text == "resume" && !cleans_up_)) {
        operator_pause_ = text == "pause";
        pause_or_resume();
    } else if (text == "cancel") {
        operator_pause_ = true;
        parts_.risk->set_paused(true);
        cancel_everything(now);
    } else if (text == "flatten") {
        operator_pause_ = true;
        parts_.risk->set_paused(true);
        cancel_everything(now);
        want_flatten();
    } else if (text == "stop") {
        begin_stop(now, true);
    } else if (text == "kill") {
        begin_stop(now, false);
    } else if (text == "log low" || text == "log room") {
        log_low_ = text == "log low";
        pause_or_resume();
        return true;
    } else if (text == "log failed") {
        log_failed_ = true;
        return true;
    } else if (text == "fees") {
        ask_fees(now);
        return true;
    } else if (text == "clean up") {
        cleans_up_ = operator_pause_ = true;
        return true;
    } else if (text.starts_with("adopt ")) {
        refusal_.clear();
        if (!adopt(text.substr(6), now)) return false;
    } else if (text.starts_with(kAnnounce)) {
        refusal_.clear();
        if (!announce_transfer(text.substr(kAnnounce.size()), now)) return false;
    } else if (text.starts_with("clear ")) {
        if (!clear_flag(text.substr(6), now) && !clear_key(text.substr(6), now)) return false;
    } else {
        return false;
    }
    note(fmt::format("command: {}", text), now);
    return true;
}

}  // namespace arb
