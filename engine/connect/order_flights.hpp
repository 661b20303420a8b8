#pragma once
// Requests on a websocket that wait for their replies: orders, amends, cancels and questions about the time.
// A fixed array without a lock or an allocation, because each order passes here. What is not answered in
// time, or when its connection ends, has an unknown outcome, and says so once. Part of a connector; core
// thread.
#include <array>
#include <string_view>

#include "engine/connect/request_end.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

struct OrderFlight {
    std::uint64_t number = 0;  ///< by which its reply is found; 0: this place is free
    RequestKind kind = RequestKind::place;
    OrderId order = kForeignOrder;
    ListingId listing = kNoListing;
    Side side{};
    Timestamp sent;
};

class OrderFlights {
  public:
    static constexpr Duration kReplyMax = seconds(10);

    explicit OrderFlights(VenueId venue) : venue_(venue) {}

    /// A place for the request of that number. Null: too many wait, and nothing may be sent.
    OrderFlight* take(const OrderFlight& flight);
    /// It has left: when it is given up.
    void sent(const OrderFlight& flight, Outbox& outbox) const
    {
        outbox.wake_at(venue_, flight.sent + kReplyMax);
    }

    /// The one of that number; null: it is over, or was none of ours.
    OrderFlight* find(std::uint64_t number);
    /// The oldest for which `is` holds: what a reply without a number may mean.
    template <class Is>
    OrderFlight* oldest(Is&& is)
    {
        OrderFlight* found = nullptr;
        for (OrderFlight& flight : flights_) {
            if (flight.number != 0 && (found == nullptr || flight.number < found->number) && is(flight))
                found = &flight;
        }
        return found;
    }
    std::size_t count() const;

    /// Its reply is here: the place is free from now on. Returns it as it was.
    OrderFlight land(OrderFlight& flight);
    /// All that wait end as unknown, for this reason.
    void end_all(std::string_view why, FactSink& sink);
    /// Those whose time is up end as unknown; the others wake us again.
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    void give_up(OrderFlight& flight, std::string_view why, FactSink& sink);

    VenueId venue_;
    std::array<OrderFlight, 512> flights_{};
};

}  // namespace arb
