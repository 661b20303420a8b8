#include "engine/connect/order_flights.hpp"

#include <algorithm>

namespace arb {

OrderFlight* OrderFlights::take(const OrderFlight& flight)
{
    const auto place = std::find_if(flights_.begin(), flights_.end(),
                                    [](const OrderFlight& each) { return each.number == 0; });
    if (place == flights_.end()) return nullptr;
    *place = flight;
    return &*place;
}

OrderFlight* OrderFlights::find(std::uint64_t number)
{
    if (number == 0) return nullptr;  // a reply that names none
    const auto found = std::find_if(flights_.begin(), flights_.end(),
                                    [number](const OrderFlight& flight) { return flight.number == number; });
    return found == flights_.end() ? nullptr : &*found;
}

std::size_t OrderFlights::count() const
{
    return static_cast<std::size_t>(std::count_if(
        flights_.begin(), flights_.end(), [](const OrderFlight& flight) { return flight.number != 0; }));
}

OrderFlight OrderFlights::land(OrderFlight& flight)
{
    const OrderFlight landed = flight;
    flight = {};
    return landed;
}

void OrderFlights::give_up(OrderFlight& flight, std::string_view why, FactSink& sink)
{
    const OrderFlight lost = land(flight);
    tell_request_end(lost.kind, {}, lost.order, {}, why, sink);
}

void OrderFlights::end_all(std::string_view why, FactSink& sink)
{
    for (OrderFlight& flight : flights_) {
        if (flight.number != 0) give_up(flight, why, sink);
    }
}

void OrderFlights::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (OrderFlight& flight : flights_) {
        if (flight.number == 0) continue;
        if (now < flight.sent + kReplyMax)
            sent(flight, outbox);
        else
            give_up(flight, "no reply within 10 s", sink);
    }
}

}  // namespace arb
