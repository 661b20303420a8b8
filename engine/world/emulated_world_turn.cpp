// EmulatedWorld: what it does while it runs: street, planned faults, the operator's wishes.
#include <algorithm>

#include "engine/world/emulated_world_parts.hpp"

namespace arb {
namespace {

constexpr Duration kFreezeDefault = seconds(60);
constexpr Duration kTurnMax = milliseconds(5);

MishapChoice choice_of(const FaultRule* rule)
{
    if (rule == nullptr) return {};
    switch (rule->kind) {
        case FaultKind::swallow_order:
        case FaultKind::drop_reply:
        case FaultKind::lose_ack:
        case FaultKind::drop_message:
            return {Mishap::silence, {}};
        case FaultKind::fail_before:
        case FaultKind::fail_after:
            return {Mishap::failure, {}};
        case FaultKind::cut_before:
        case FaultKind::cut_after:
            return {Mishap::cut, {}};
        case FaultKind::delay:
            return {Mishap::delay, rule->lasts};
        case FaultKind::duplicate:
            return {Mishap::duplicate, {}};
        case FaultKind::reorder:
            return {Mishap::reorder, {}};
        default:
            return {};  // timed kinds are never drawn for a message
    }
}

FaultRoute route_of(RequestRoute route)
{
    return route == RequestRoute::rest ? FaultRoute::rest : FaultRoute::websocket;
}

FaultDeed deed_of(RequestDeed deed)
{
    constexpr FaultDeed kDeeds[] = {FaultDeed::other, FaultDeed::query, FaultDeed::cancel, FaultDeed::order};
    return kDeeds[static_cast<std::size_t>(deed)];
}

}  // namespace

MishapChoice EmulatedWorld::PlannedFaults::on_order(RequestRoute route, Timestamp now)
{
    return choice_of(chooser_.on_order(route_of(route), now));
}

MishapChoice EmulatedWorld::PlannedFaults::on_answer(RequestRoute route, RequestDeed deed, Timestamp now)
{
    return choice_of(chooser_.on_answer(route_of(route), deed_of(deed), now));
}

MishapChoice EmulatedWorld::PlannedFaults::on_message(Timestamp now)
{
    return choice_of(chooser_.on_message(now));
}

void EmulatedWorld::turn(Duration max_wait)
{
    run_posted();
    run_faults();
    move_street();
    Timestamp next = clock_.now() + std::min(max_wait, kTurnMax);
    for (const auto& member : members_) {
        member->server->turn();
        next = std::min(next, member->server->next_due());
    }
    const Duration wait = next - clock_.now();
    loop_.run_once(std::chrono::nanoseconds(std::max<std::int64_t>(wait.ns, 0)));
}

void EmulatedWorld::move_street()
{
    std::vector<Timestamp> times;
    for (const auto& member : members_) times.push_back(member->now());
    if (street_->advance(exchanges_, times, clock_.now()) == 0) return;
    for (const auto& member : members_) member->server->deliver();
}

void EmulatedWorld::run_faults()
{
    const Timestamp now = clock_.now();
    bool ended = false;
    for (; !later_.empty() && later_.begin()->first <= now; ended = true) {
        const std::function<void()> action = std::move(later_.begin()->second);
        later_.erase(later_.begin());
        action();
    }
    // On a slow machine the end of a fault and its next beginning are due in one turn: the venue is without
    // it for that turn at least, or it would never be seen without.
    if (ended) return;
    for (const auto& member : members_) {
        if (member->faults == nullptr) continue;
        for (const FaultRule* rule : member->faults->chooser().due(now)) run_operation(*member, *rule);
    }
}

void EmulatedWorld::run_operation(Member& m, const FaultRule& rule)
{
    const Timestamp now = clock_.now();
    FaultChooser& chooser = m.faults->chooser();
    switch (rule.kind) {
        case FaultKind::ban:
            m.server->ban(rule.lasts);
            break;
        case FaultKind::halt:
        case FaultKind::cancel_only: {
            const auto& listings = listings_[index(m.id)].definitions;
            const std::string& symbol = listings[chooser.pick(listings.size())].symbol;
            const ListingId id =
                rule.instrument.empty() ? table_->find_symbol(m.id, symbol)->id : listing(m, rule.instrument);
            if (id == kNoListing) break;  // another venue's instrument
            set_status(m, rule, true, id);
            if (rule.lasts.ns > 0)
                at(now + rule.lasts, [this, &m, &rule, id] { set_status(m, rule, false, id); });
            break;
        }
        case FaultKind::revoke_key:
            for (EmulatedKey& key : m.keys) {
                if (key.label != (rule.key.empty() ? "trade" : rule.key)) continue;
                key.revoked = true;
                m.server->key_changed(key);
            }
            break;
        case FaultKind::clock_skew:
            m.server->set_skew(rule.skew);
            if (rule.lasts.ns > 0) at(now + rule.lasts, [&m] { m.server->set_skew({}); });
            break;
        case FaultKind::cut_connection:
            m.server->cut_session(chooser.pick(m.server->session_count()));
            break;
        case FaultKind::freeze:
            m.server->freeze_session(chooser.pick(m.server->session_count()),
                                     rule.lasts.ns > 0 ? rule.lasts : kFreezeDefault);
            break;
        default:
            break;  // kinds that strike messages are never due
    }
}

void EmulatedWorld::set_status(Member& m, const FaultRule& rule, bool on, ListingId id)
{
    if (rule.kind == FaultKind::halt)
        m.exchange.set_halted(id, on);
    else
        m.exchange.set_cancel_only(id, on);
}

void EmulatedWorld::at(Timestamp time, std::function<void()> action)
{
    later_.emplace(time, std::move(action));
}

void EmulatedWorld::start()
{
    ENSURE(!thread_.joinable(), "a world is started once at a time");
    stop_.store(false);
    thread_ = std::thread([this] {
        while (!stop_.load()) turn(kTurnMax);
        run_posted();
    });
}

void EmulatedWorld::stop()
{
    stop_.store(true);
    loop_.wake();
    if (thread_.joinable()) thread_.join();
}

void EmulatedWorld::post(std::function<void()> action)
{
    {
        const std::lock_guard<std::mutex> lock(posted_mutex_);
        posted_.push_back(std::move(action));
    }
    loop_.wake();
}

void EmulatedWorld::run_posted()
{
    std::vector<std::function<void()>> actions;
    {
        const std::lock_guard<std::mutex> lock(posted_mutex_);
        actions.swap(posted_);
    }
    for (const std::function<void()>& action : actions) action();
}

EmulatedWorld::Member& EmulatedWorld::member(const std::string& venue) const
{
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&](const auto& m) { return m->config.label == venue; });
    ENSURE(found != members_.end(), "the world has that venue");
    return **found;
}

ListingId EmulatedWorld::listing(const Member& m, const std::string& instrument) const
{
    const std::optional<InstrumentId> id = table_->find_instrument(instrument);
    if (!id) return kNoListing;
    return table_->find_listing(m.id, *id).value_or(kNoListing);
}

void EmulatedWorld::revoke_key(const std::string& venue, const std::string& label)
{
    post([&m = member(venue), label] {
        for (EmulatedKey& key : m.keys) {
            if (key.label != label) continue;
            key.revoked = true;
            m.server->key_changed(key);
        }
    });
}

void EmulatedWorld::set_halted(const std::string& venue, const std::string& instrument, bool halted)
{
    Member& m = member(venue);
    const ListingId id = listing(m, instrument);
    ENSURE(id != kNoListing, "the venue lists that instrument");
    post([&m, id, halted] { m.exchange.set_halted(id, halted); });
}

void EmulatedWorld::set_cancel_only(const std::string& venue, const std::string& instrument, bool only)
{
    Member& m = member(venue);
    const ListingId id = listing(m, instrument);
    ENSURE(id != kNoListing, "the venue lists that instrument");
    post([&m, id, only] { m.exchange.set_cancel_only(id, only); });
}

void EmulatedWorld::set_clock_skew(const std::string& venue, Duration ahead)
{
    post([&m = member(venue), ahead] { m.server->set_skew(ahead); });
}

void EmulatedWorld::ban(const std::string& venue, Duration lasts)
{
    post([&m = member(venue), lasts] { m.server->ban(lasts); });
}

void EmulatedWorld::cut_connections(const std::string& venue)
{
    post([&m = member(venue)] {
        while (m.server->session_count() > 0) m.server->cut_session(0);
    });
}

void EmulatedWorld::freeze_connections(const std::string& venue, Duration lasts)
{
    post([&m = member(venue), lasts] {
        for (std::size_t i = 0; i < m.server->session_count(); ++i) m.server->freeze_session(i, lasts);
    });
}

void EmulatedWorld::place_stranger(const std::string& venue, const std::string& instrument, Side side,
                                   Decimal price, Decimal quantity, TimeInForce time_in_force,
                                   AccountId account)
{
    Member& m = member(venue);
    PlaceOrder order;
    order.account = account;
    order.listing = listing(m, instrument);
    ENSURE(order.listing != kNoListing, "the venue lists that instrument");
    const Instrument& rules = table_->instrument_of(order.listing);
    const auto price_units = price.scaled(rules.price_decimals);
    const auto quantity_units = quantity.scaled(rules.quantity_decimals);
    ENSURE(price_units && quantity_units, "price and quantity are no finer than the instrument's units");
    order.side = side;
    order.time_in_force = time_in_force;
    order.price = {*price_units};
    order.quantity = {*quantity_units};
    post([&m, order] {
        (void)m.exchange.place(order, m.now());
        m.server->deliver();
    });
}

EmulatedExchange& EmulatedWorld::exchange(const std::string& venue)
{
    ENSURE(!thread_.joinable(), "the exchange is looked at when the world stands still");
    return member(venue).exchange;
}

std::uint64_t EmulatedWorld::faults_struck() const
{
    std::uint64_t sum = 0;
    for (const auto& m : members_) sum += m->faults != nullptr ? m->faults->chooser().struck() : 0;
    return sum;
}

const VenueServerCounts& EmulatedWorld::counts(const std::string& venue) const
{
    return member(venue).server->counts();
}

}  // namespace arb
