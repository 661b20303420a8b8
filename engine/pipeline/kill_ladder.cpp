#include "engine/pipeline/kill_ladder.hpp"

#include <algorithm>

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
// Stopping at once: how long the venues have to say what became of what is open.
constexpr Duration kHurriedMost = seconds(5);

}  // namespace

void KillLadder::cancel_everything(Timestamp now)
{
    venues_->for_each_trading([&](VenueId id, VenueState&) {
        if (desk_->open().any_at(id)) venues_->cancel_all(id, now);
    });
}

void KillLadder::want_flat()
{
    wanted_.assign(wanted_.size(), true);
}

bool KillLadder::flat_wanted() const
{
    return std::find(wanted_.begin(), wanted_.end(), true) != wanted_.end();
}

void KillLadder::flatten(Timestamp now)
{
    for (std::size_t m = 0; m < wanted_.size(); ++m) {
        const auto market = static_cast<MarketId>(m);
        if (!wanted_[m] || executor_->full()) continue;
        wanted_[m] = false;
        join_opposites(market, now);
        // Of less than a unit nothing can be ordered: it waits for more.
        const ExposureLine sum = context_.exposure.sum(market);
        if (sum.quantity == 0 && !sum.rest.zero()) continue;
        const ExposureLine line = context_.exposure.take(market);
        if (line.empty()) continue;
        Package package;
        package.id =
            static_cast<PackageId>(kExtraPackages + (std::uint64_t{records_->epoch()} << 16) + ++packages_);
        package.market = market;
        package.decided = now;
        executor_->close_exposure(package, line, now);
    }
}

void KillLadder::join_opposites(MarketId market, Timestamp now)
{
    for (const MarketId other : other_markets_[index(market)]) {
        const std::int64_t here = context_.exposure.sum(market).quantity;
        const std::int64_t there = context_.exposure.sum(other).quantity;
        if (here == 0 || there == 0 || (here > 0) == (there > 0)) continue;
        const MarketDefinition& own = context_.markets.consolidated(market).definition();
        const MarketDefinition& from = context_.markets.consolidated(other).definition();
        const std::optional<Amount> rate =
            context_.risk.rates().between(from.members.front().listing, own.members.front().listing, now);
        if (!rate || !at_par(*rate)) continue;
        records_->keep(LineWriter("joined").field(from.name).field(own.name).amount(*rate));
        context_.exposure.move(other, market, *rate);
    }
}

// The time to close is over.
void KillLadder::flag_exposure(Timestamp now)
{
    for (std::size_t m = 0; m < wanted_.size(); ++m) {
        const auto market = static_cast<MarketId>(m);
        if (wanted_[m] && !context_.exposure.sum(market).empty())
            flags_->raise(market, kNoVenue, "exposure is left, and the time to close it is over", now);
    }
    wanted_.assign(wanted_.size(), false);
}

void KillLadder::begin_stop(Timestamp now, bool flat)
{
    if (phase_->phase() == Phase::stopping && !flat) hurry(now);
    if (phase_->phase() == Phase::stopping || phase_->phase() == Phase::stopped) return;
    begun_ = now;
    context_.risk.set_paused(true);
    if (phase_->phase() != Phase::trading) executor_->resume(flat, now);
    phase_->set(Phase::stopping, now);
    cancel_everything(now);
    wanted_.assign(wanted_.size(), flat);
}

// Whoever says it twice cannot wait. What is open is still cancelled, and the venues have a few seconds to
// say what became of it; what is left of packages is flagged instead of closed.
void KillLadder::hurry(Timestamp now)
{
    if (hurried_.known()) return;
    hurried_ = now;
    flag_exposure(now);
    executor_->mute();
    cancel_everything(now);
    context_.listener.on_note("stopping at once: what is open is cancelled, nothing more is closed", now);
}

void KillLadder::advance_stop(Timestamp now)
{
    if (hurried_.known() && desk_->open().count() == 0) executor_->finish(now);
    const bool late =
        now - begun_ >= context_.limits.stop_max || (hurried_.known() && now - hurried_ >= kHurriedMost);
    if (late) flag_exposure(now);
    flatten(now);
    const bool quiet = desk_->open().count() == 0 && executor_->open_count() == 0;
    if (flat_wanted() || (!quiet && !late)) return;
    if (!quiet) {
        desk_->open().for_each([&](const DeskOrder& view) {
            flags_->raise(context_.markets.market_of(view.intent.listing),
                          context_.table.listing(view.intent.listing).venue,
                          "stopped while the outcome of an order was unknown", now);
        });
        executor_->finish(now);
        phase_->set(Phase::stopped, now);
        return;
    }
    if (settle(late, now)) phase_->set(Phase::stopped, now);
}

// The venues' own word on the balances, once all is quiet; asked again when it differs, for fills may still
// be on their way. What differs after several looks has been moved by somebody else: waiting changes nothing.
bool KillLadder::settle(bool late, Timestamp now)
{
    if (checked_.known()) {
        if (heard_enough(late, now)) {
            venues_->for_each_trading([&](VenueId id, const VenueState& state) {
                if (!state.recovered) return;
                (void)owners_->explains_comparison(id, now);
                money_->report(id, true, now);
            });
            return true;
        }
        if (now - checked_ < kStopCheck) return false;
        bool whole = true;
        venues_->for_each_trading(
            [&](VenueId, const VenueState& state) { whole &= !state.recovered || state.balances_known; });
        looks_ += whole ? 1 : 0;
    }
    checked_ = now;
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        if (!state.recovered) return;
        state.balances_known = false;
        if (state.may_ask(now)) money_->ask(id, now);
    });
    return false;
}

bool KillLadder::heard_enough(bool late, Timestamp now)
{
    bool whole = true, equal = true;
    venues_->for_each_trading([&](VenueId id, const VenueState& state) {
        if (!state.recovered) return;
        whole &= state.balances_known;
        equal &= money_->equal(id);
    });
    const bool looked = whole && looks_ + 1 >= kStopLooks;
    // All is flat and quiet: a venue that is slow to answer is worth a few seconds more.
    const bool last =
        late && (hurried_.known() || now - begun_ >= Duration{context_.limits.stop_max.ns + kLastWord.ns});
    return (whole && equal) || looked || (late && whole) || (last && now - checked_ >= kStopCheck);
}

}  // namespace arb
