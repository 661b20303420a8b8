#include "engine/connect/feed_sockets.hpp"

#include <algorithm>

namespace arb {

std::vector<ConnectionPlan> plans_of(std::string_view url, std::span<const ListingId> listings,
                                     std::size_t listings_most)
{
    std::vector<ConnectionPlan> plans;
    for (std::size_t at = 0; at < listings.size(); at += listings_most) {
        const auto part = listings.subspan(at, std::min(listings_most, listings.size() - at));
        plans.push_back({std::string(url), {part.begin(), part.end()}});
    }
    return plans;
}

const std::vector<ConnectionPlan>& FeedSockets::set_plans(std::vector<ConnectionPlan> plans)
{
    plans_ = std::move(plans);
    for (Link& link : links_) link.plan = kNoPlan;
    return plans_;
}

bool FeedSockets::is_served(std::size_t plan) const
{
    return std::any_of(links_.begin(), links_.end(),
                       [plan](const Link& link) { return link.open && link.plan == plan; });
}

std::size_t FeedSockets::choose_plan(const Link& link, std::string_view url) const
{
    if (link.plan < plans_.size() && plans_[link.plan].url == url && !is_served(link.plan)) return link.plan;
    for (std::size_t i = 0; i < plans_.size(); ++i) {
        if (plans_[i].url == url && !is_served(i)) return i;
    }
    return kNoPlan;
}

// Without a plan the connection is another's (a recording's): it is watched, never written to.
Timestamp FeedSockets::ping_time(const Link& link) const
{
    if (rules_.ping_after.ns == 0 || link.plan == kNoPlan) return {};
    if (!rules_.ping_when_silent) return link.ping_due;
    return link.pinged ? Timestamp{} : link.heard + rules_.ping_after;
}

FeedSockets::Socket FeedSockets::on_open(ConnectionId connection, std::string_view url, Timestamp now,
                                         Outbox& outbox)
{
    if (links_.size() <= index(connection)) links_.resize(index(connection) + 1);
    Link& link = links_[index(connection)];
    link.open = false;
    link.plan = choose_plan(link, url);
    link = {true, true, false, false, link.plan, now, now + rules_.ping_after};
    const Timestamp ping = ping_time(link);
    const Timestamp silent = now + rules_.silence;
    outbox.wake_at(venue_, ping.known() ? std::min(ping, silent) : silent);
    return {true, plan_of(connection), link.plan == 0};
}

FeedSockets::Socket FeedSockets::on_close(ConnectionId connection)
{
    if (index(connection) >= links_.size() || !links_[index(connection)].is_ours) return {};
    Link& link = links_[index(connection)];
    link.open = link.leaving = false;
    return {true, link.plan == kNoPlan ? nullptr : &plans_[link.plan], link.plan == 0};
}

std::span<const ConnectionId> FeedSockets::on_wake(Timestamp now, Outbox& outbox)
{
    to_ping_.clear();
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& link = links_[i];
        const auto connection = static_cast<ConnectionId>(i);
        if (!link.open || link.leaving) continue;
        const Timestamp silent = link.heard + rules_.silence;
        if (now >= silent) {
            leave(connection, rules_.silence_text, outbox);
            continue;
        }
        Timestamp ping = ping_time(link);
        if (ping.known() && now >= ping) {
            to_ping_.push_back(connection);
            link.pinged = true;
            link.ping_due = now + rules_.ping_after;
            ping = ping_time(link);
        }
        outbox.wake_at(venue_, ping.known() ? std::min(ping, silent) : silent);
    }
    return to_ping_;
}

void FeedSockets::leave(ConnectionId connection, std::string_view why, Outbox& outbox)
{
    if (index(connection) >= links_.size()) return;
    Link& link = links_[index(connection)];
    if (!link.open || link.leaving) return;
    link.leaving = true;
    outbox.reconnect(connection, why);
}

std::optional<ConnectionId> FeedSockets::serving(ListingId listing) const
{
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const ConnectionPlan* const plan = plan_of(static_cast<ConnectionId>(i));
        if (plan != nullptr &&
            std::find(plan->listings.begin(), plan->listings.end(), listing) != plan->listings.end())
            return static_cast<ConnectionId>(i);
    }
    return std::nullopt;
}

const ConnectionPlan* FeedSockets::plan_of(ConnectionId connection) const
{
    if (index(connection) >= links_.size()) return nullptr;
    const Link& link = links_[index(connection)];
    return link.open && !link.leaving && link.plan != kNoPlan ? &plans_[link.plan] : nullptr;
}

}  // namespace arb
