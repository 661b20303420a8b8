// What the live half does about keys and strangers: sessions begin when the gate lets them, a venue whose key
// or account is not ours alone any more is stopped, and money that moves without us is noticed.
#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/trading_half.hpp"

namespace arb {
namespace {

// A venue that did not say that it cancelled all is asked again so often.
constexpr Duration kCancelAgain = seconds(2);
constexpr Duration kLookEvery = milliseconds(100);
// A venue that owes its list of fills for so long explains nothing by it any more.
constexpr Duration kListsMost = seconds(60);
constexpr const char* kKeyBad = "its key may not be used any more";
constexpr const char* kStranger = "somebody else trades on this account";
constexpr const char* kContradicts = "the venue contradicts itself on an order";

}  // namespace

bool TradingHalf::add_key(LineReader& line, Timestamp now)
{
    const VenueId id = line.venue();
    KeyFacts facts;
    facts.label = line.field();
    const std::string_view role = line.field();
    const std::string_view notes = line.rest();
    if (line.failed() || parts_.keys == nullptr || !read_key_notes(notes, facts)) return false;
    facts.venue = lines_.label(id);
    facts.role = role == name(KeyRole::read) ? KeyRole::read : KeyRole::trade;
    const Credentials* credentials = parts_.keys->find(facts.venue, facts.label);
    return credentials != nullptr && gate_.add(id, facts, *credentials, now);
}

void TradingHalf::on_key(const KeyNews& news, Timestamp now)
{
    key_refused_ |= news.stage == KeyStage::refused && !sessions_begun_;
    key_refused_ |= news.stage == KeyStage::serving && news.fault != KeyFault::none;
    if (parts_.listener != nullptr) parts_.listener->on_key(news, now);
    // A key that took over, or was asked about and found good. The others are asked about at once.
    if (news.stage == KeyStage::serving && news.fault == KeyFault::none && sessions_begun_ &&
        venues_[index(news.venue)].key_trouble)
        on_good_key(news.venue, news.label, now);
}

void TradingHalf::begin_key_trouble(VenueId id, const RequestEnd& end, Timestamp now)
{
    VenueState& state = venues_[index(id)];
    state.key_trouble = true;
    state.key_pause = parts_.limits.key_ask_first;
    state.key_due = now + state.key_pause;
    state.good_keys.clear();
    note(fmt::format("{}: the key was refused ({}); the venue is left alone until it takes the key again; "
                     "`clear {}` asks it at once",
                     lines_.label(id), end.text, lines_.label(id)),
         now);
}

void TradingHalf::ask_about_keys(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        if (!state.trading || !state.key_trouble || now < state.key_due || now < state.shut_until) continue;
        state.key_pause = std::min(Duration{state.key_pause.ns * 2}, parts_.limits.key_ask_most);
        state.key_due = now + state.key_pause;
        const auto id = static_cast<VenueId>(v);
        if (gate_.guards(id))
            gate_.ask_again(id, now);
        else
            venue(id).query_key(now, *parts_.sink, *parts_.outbox);
    }
}

void TradingHalf::on_good_key(VenueId id, std::string_view label, Timestamp now)
{
    VenueState& state = venues_[index(id)];
    std::vector<std::string>& good = state.good_keys;
    if (std::find(good.begin(), good.end(), label) == good.end()) good.emplace_back(label);
    bool all = true;
    gate_.for_each([&](const KeyNews& news) {
        if (news.venue == id && news.stage == KeyStage::serving)
            all &= std::find(good.begin(), good.end(), news.label) != good.end();
    });
    if (all)
        end_key_trouble(id, now);
    else if (good.size() == 1)
        state.key_due = now;
}

void TradingHalf::end_key_trouble(VenueId id, Timestamp now)
{
    VenueState& state = venues_[index(id)];
    state.key_trouble = false;
    note(fmt::format("{}: it takes the key again", lines_.label(id)), now);
    // What happened there meanwhile is asked for; and a connector that gave up logging on begins again.
    if (state.recovered) state.fills_known = false;
    if (std::all_of(state.ready.begin(), state.ready.end(), [](bool up) { return up; })) return;
    if (gate_.guards(id))
        gate_.restart_sessions(id, now);
    else
        venue(id).start_session(now, *parts_.sink, *parts_.outbox);
}

// No session before every key is judged, and none at all when one is refused: the operator looks first.
bool TradingHalf::begin_sessions(Timestamp now)
{
    if (sessions_begun_) return true;
    if (phase_ == Phase::stopping) set_phase(Phase::stopped, now);
    if (phase_ == Phase::stopped || !gate_.settled()) return false;
    if (gate_.refused()) {
        note("a key was refused: nothing is sent, the run ends", now);
        set_phase(Phase::stopped, now);
        return false;
    }
    sessions_begun_ = true;
    begun_ = now;  // how long venues take to come up counts from here
    gate_.start_sessions(now);
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        const auto id = static_cast<VenueId>(v);
        if (venues_[v].trading && !gate_.guards(id))
            venue(id).start_session(now, *parts_.sink, *parts_.outbox);
    }
    return true;
}

void TradingHalf::halt_venue(VenueId id, const char* why, Timestamp now)
{
    VenueState& state = venues_[index(id)];
    if (*state.halted != '\0') return;
    state.halted = why;
    parts_.risk->set_venue_stopped(id, true);
    note(fmt::format("ALARM {}: {}; nothing new is risked there, its orders are being cancelled",
                     lines_.label(id), why),
         now);
    // Strangers' orders too: whoever placed them used this account's keys.
    cancel_all(id, now);
    if (parts_.listener != nullptr) parts_.listener->on_halt(id, why, now);
}

void TradingHalf::cancel_all(VenueId id, Timestamp now)
{
    VenueState& state = venues_[index(id)];
    state.cancel_wanted = true;
    if (!state.ready[static_cast<std::size_t>(Channel::order_entry)]) return;
    state.cancel_asked = now;
    venue(id).cancel_all(state.listings, now, *parts_.sink, *parts_.outbox);
}

void TradingHalf::send_cancels(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        const VenueState& state = venues_[v];
        if (!state.cancel_wanted || !may_ask(state, now) || now - state.cancel_asked < kCancelAgain) continue;
        cancel_all(static_cast<VenueId>(v), now);
    }
}

void TradingHalf::halt_for_keys(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        const auto id = static_cast<VenueId>(v);
        const std::string& trouble = gate_.trouble(id);
        if (trouble.empty() || *venues_[v].halted != '\0') continue;
        note(trouble, now);
        halt_venue(id, kKeyBad, now);
    }
}

// Found while recovering it may be the owner's own order: it is flagged, and nothing of it is touched. But
// nobody uses an id of ours by accident.
void TradingHalf::on_stranger(const Stranger& stranger, Timestamp now)
{
    if (stranger.listing == kNoListing) return;
    const Listing& listing = parts_.table->listing(stranger.listing);
    const VenueId id = listing.venue;
    if (meet_foreign_run(stranger, id, now)) return;
    const std::uint32_t epoch = epoch_of(stranger.order);
    note(fmt::format("{}: order or fill '{}' in {} was not made by this engine{}", lines_.label(id),
                     stranger.venue_id, listing.symbol,
                     stranger.our_id ? ", and carries the id of an order that was"
                     : epoch != 0    ? ", but by run " + run_name(epoch)
                                     : ""),
         now);
    const MarketId market = market_of(stranger.listing);
    if (index(market) >= flags_.size() || flags_[index(market)].empty())
        flag(market, id, "an order or fill at the venue that is not ours", now);
    if (stranger.our_id || phase_ == Phase::trading || foreign_.taken(epoch)) strangers_.push_back(id);
}

void TradingHalf::halt_for_strangers(Timestamp now)
{
    for (const VenueId id : strangers_) halt_venue(id, kStranger, now);
    strangers_.clear();
}

void TradingHalf::on_contradiction(OrderId order, ListingId listing, const char* what, bool money,
                                   Timestamp now)
{
    if (listing == kNoListing) return;
    const VenueId id = parts_.table->listing(listing).venue;
    note(fmt::format("{}: it contradicts itself on order {} in {}: {}", lines_.label(id),
                     client_order_id(order).view(), parts_.table->listing(listing).symbol, what),
         now);
    const MarketId market = market_of(listing);
    if (money && index(market) < flags_.size() && flags_[index(market)].empty())
        flag(market, id, kContradicts, now);
}

void TradingHalf::on_reopened(OrderId order, const OrderIntent& left, Timestamp now)
{
    if (!parts_.risk->full()) parts_.risk->restore(order, left);
    note(fmt::format("{}: order {} is open again; what may be of it is reserved, and its fills are asked for",
                     lines_.label(parts_.table->listing(left.listing).venue), client_order_id(order).view()),
         now);
}

void TradingHalf::on_reopened_end(OrderId order)
{
    parts_.risk->on_done(order);
}

// An order there whose outcome is open can still explain any figure.
bool TradingHalf::doubtful_at(VenueId id) const
{
    bool doubt = false;
    desk_.for_each_open([&](const OrderDesk::View& view) {
        const bool open = view.state == OrderState::unknown || view.state == OrderState::closing;
        // One that rests and is asked about may be gone: a cancel of it was refused, say.
        const bool asked = view.asked && !is_immediate(view.intent.time_in_force);
        doubt |= parts_.table->listing(view.intent.listing).venue == id && (open || asked);
    });
    return doubt;
}

bool TradingHalf::same_money(const Account& account, Amount theirs) const
{
    const Amount ours = account.end();
    if (ours == theirs) return true;
    Amount most = absolute(ours) > absolute(theirs) ? absolute(ours) : absolute(theirs);
    most.units /= 1'000'000'000;
    Amount step;
    const auto take = [&step](Amount candidate) {
        if (!candidate.zero() && (step.zero() || candidate < step)) step = candidate;
    };
    for (const ListingId id : venues_[index(account.venue)].listings) {
        const Listing& listing = parts_.table->listing(id);
        const Instrument& instrument = parts_.table->instrument_of(id);
        const bool spot = instrument.kind == InstrumentKind::spot;
        if (account.asset == (spot ? instrument.base : instrument.name)) take(instrument.amount(listing.lot));
        if (account.asset == instrument.quote)
            take(instrument.notional(listing.tick, listing.lot).value_or(Amount{}));
    }
    if (step.zero()) step.units = 1'000'000'000;
    return absolute(ours - theirs) <= (most < step ? most : step);
}

// The private stream tells balances as they change. Between a fill and its balance they differ for a moment;
// what differs for seconds was moved by somebody else, unless the venue takes it back when asked.
void TradingHalf::watch_money(Timestamp now)
{
    if (checking_) return;
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        const auto id = static_cast<VenueId>(v);
        if (!state.trading || !state.recovered || now - state.looked < kLookEvery) continue;
        state.looked = now;
        // Fills that the stream did not tell are being listed: they may explain it, if they come in time.
        const bool listing = !state.fills_known;
        const bool doubt = doubtful_at(id) || !state.ready[static_cast<std::size_t>(Channel::private_stream)];
        for (Truth& truth : truths_) {
            if (truth.venue != id || !truth.streamed) continue;
            const Account* account = parts_.portfolio->find(id, truth.asset);
            if (account == nullptr || !comparable(*account) || same_money(*account, truth.total)) {
                truth.differs = {};
                truth.told = false;
                continue;
            }
            if (listing && truth.differs.known() && now - truth.differs < kListsMost) continue;
            if (doubt) {
                // Once the venue was asked, orders that rest are in doubt because of that: waited for, but no
                // reason to begin anew, or where something always rests no alarm would ever come.
                if (!truth.differs.known() || !truth.asked) truth.differs = {};
                continue;
            }
            if (explains_stream(truth, *account, now)) continue;
            if (!truth.differs.known()) {
                truth.differs = now;
                truth.asked = false;
                truth.votes = 0;
            } else if (now - truth.differs >= parts_.limits.money_doubt && !truth.asked) {
                truth.asked = true;
                // A fill of an order that rests may have been lost on the way here.
                desk_.doubt_resting(id, now);
                if (may_ask(state, now)) venue(id).query_balances(now, *parts_.sink, *parts_.outbox);
            } else if (now - truth.differs >= parts_.limits.money_alarm && *state.halted == '\0' &&
                       !truth.told) {
                const Amount moved = truth.total - account->end();
                const bool deposit = is_deposit(*account, truth.total);
                truth.told = deposit;
                note(fmt::format(
                         "{}: {} should be {}, the venue says {}; if you moved it: arbiter adopt {} {} {}{}",
                         lines_.label(id), truth.asset, account->end().text(), truth.total.text(),
                         lines_.label(id), truth.asset, absolute(moved).text(),
                         moved.units < 0 ? " --out" : ""),
                     now);
                if (!deposit) halt_venue(id, kMoneyMoved, now);
            }
        }
    }
}

}  // namespace arb
