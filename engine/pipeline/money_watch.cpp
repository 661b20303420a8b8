#include "engine/pipeline/money_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr Duration kLookEvery = milliseconds(100);
// A venue that owes its list of fills for so long explains nothing by it any more.
constexpr Duration kListsMost = seconds(60);

}  // namespace

void MoneyWatch::watch(Timestamp now)
{
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        if (!state.recovered || now - looked_[index(id)] < kLookEvery) return;
        looked_[index(id)] = now;
        const bool doubt = desk_->open().doubtful_at(id) || !state.is_open(Channel::private_stream);
        for (MoneyRecord::Truth& truth : money_->truths()) {
            if (truth.venue == id && truth.streamed) look(id, truth, doubt, now);
        }
    });
}

void MoneyWatch::look(VenueId id, MoneyRecord::Truth& truth, bool doubt, Timestamp now)
{
    VenueState& state = venues_->of(id);
    const Account* account = context_.portfolio.find(id, truth.asset);
    if (account == nullptr || !money_->comparable(*account) || money_->same(*account, truth.total)) {
        truth.differs = {};
        truth.told = false;
        return;
    }
    // Fills that the stream did not tell are being listed: they may explain it, if they come in time.
    if (!state.fills_known && truth.differs.known() && now - truth.differs < kListsMost) return;
    if (doubt) {
        // Once the venue was asked, orders that rest are in doubt because of that: waited for, but no
        // reason to begin anew, or where something always rests no alarm would ever come.
        if (!truth.differs.known() || !truth.asked) truth.differs = {};
        return;
    }
    if (owners_->explains_stream(truth, *account, now)) return;
    if (!truth.differs.known()) {
        truth.differs = now;
        truth.asked = false;
        truth.votes = 0;
    } else if (now - truth.differs >= context_.limits.money_doubt && !truth.asked) {
        truth.asked = true;
        // A fill of an order that rests may have been lost on the way here.
        desk_->doubt_resting(id, now);
        if (state.may_ask(now)) venues_->venue(id).query_balances(now, venues_->sink(id), venues_->outbox());
    } else if (now - truth.differs >= context_.limits.money_alarm && *state.halted == '\0' && !truth.told) {
        alarm(id, truth, *account, now);
    }
}

// Money that comes in is no theft; it is told once, with the word that makes it ours.
void MoneyWatch::alarm(VenueId id, MoneyRecord::Truth& truth, const Account& account, Timestamp now)
{
    const Amount moved = truth.total - account.end();
    const bool deposit = is_deposit(account, truth.total);
    truth.told = deposit;
    context_.listener.on_note(
        fmt::format("{}: {} should be {}, the venue says {}; if you moved it: arbiter adopt {} {} {}{}",
                    records_->label(id), truth.asset, account.end().text(), truth.total.text(),
                    records_->label(id), truth.asset, absolute(moved).text(),
                    moved.units < 0 ? " --out" : ""),
        now);
    if (!deposit) venues_->halt(id, MoneyRecord::kMoved, now);
}

bool MoneyWatch::is_deposit(const Account& account, Amount theirs) const
{
    if (account.position || theirs < account.end()) return false;
    const std::vector<ListingId>& listings = venues_->of(account.venue).listings;
    return std::any_of(listings.begin(), listings.end(), [&](ListingId listing) {
        return context_.table.instrument_of(listing).quote == account.asset;
    });
}

}  // namespace arb
