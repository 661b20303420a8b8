#include "engine/trading/order_pace.hpp"

#include <algorithm>

#include "engine/base/ensure.hpp"

namespace arb {

OrderPace::OrderPace(std::uint32_t orders_per_second, std::size_t venues)
    : orders_per_second_(orders_per_second), venues_(venues)
{
    ENSURE(orders_per_second_ < kWindow, "the window holds a second of orders");
}

void OrderPace::set_budget(VenueId venue, std::uint32_t orders_per_second, std::uint32_t reserved)
{
    Venue& at = venues_[index(venue)];
    at.per_second =
        std::min<std::uint32_t>(orders_per_second, static_cast<std::uint32_t>(at.sent.size()) - 1);
    at.reserved = std::min(reserved, at.per_second);
}

void OrderPace::on_request(VenueId venue, Timestamp now)
{
    Venue& at = venues_[index(venue)];
    at.sent[at.sent_count++ % at.sent.size()] = now;
}

void OrderPace::on_order(VenueId venue, Timestamp now)
{
    sent_[sent_count_++ % kWindow] = now;
    on_request(venue, now);
}

void OrderPace::take_back(VenueId venue)
{
    --sent_count_;
    --venues_[index(venue)].sent_count;
}

bool OrderPace::exhausted(Timestamp now, std::uint32_t wanted) const
{
    if (wanted > orders_per_second_) return true;
    // The order `orders_per_second - wanted` places back must be at least a second old.
    const std::uint64_t back = orders_per_second_ - wanted + 1;
    if (sent_count_ < back) return false;
    const Timestamp then = sent_[(sent_count_ - back) % kWindow];
    return now - then < seconds(1);
}

bool OrderPace::exhausted_at(VenueId venue, bool opening, Timestamp now) const
{
    const Venue& at = venues_[index(venue)];
    if (at.per_second == 0) return false;
    const std::uint32_t allowed = opening ? at.per_second - at.reserved : at.per_second;
    if (allowed == 0) return true;
    if (at.sent_count < allowed) return false;
    return now - at.sent[(at.sent_count - allowed) % at.sent.size()] < seconds(1);
}

}  // namespace arb
