// Requests on a websocket that wait for their replies: each ends once, and a lost one is never called done.
#include <gtest/gtest.h>

#include "engine/connect/order_flights.hpp"

namespace arb {
namespace {

struct Ends final : TradingSink, Outbox {
    std::vector<std::string> ends;
    std::vector<Timestamp> wakes;

    void on_undecoded(const Undecoded&) override {}
    void on_request_end(const RequestEnd& end) override
    {
        ends.push_back(std::string(name(end.kind)) + " " + name(end.outcome) + ": " + std::string(end.text));
    }
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp time) override { wakes.push_back(time); }
    void reconnect(ConnectionId, std::string_view) override {}
};

OrderFlight flight(std::uint64_t number, RequestKind kind = RequestKind::place, Timestamp sent = Timestamp{1})
{
    return {number, kind, OrderId{number}, ListingId{0}, Side::sell, sent};
}

TEST(OrderFlights, a_reply_is_matched_once)
{
    OrderFlights flights(VenueId{0});
    ASSERT_NE(flights.take(flight(7)), nullptr);
    ASSERT_NE(flights.take(flight(8, RequestKind::cancel)), nullptr);
    EXPECT_EQ(flights.find(0), nullptr) << "a reply without a number means none, not a free place";
    EXPECT_EQ(flights.find(9), nullptr);
    OrderFlight* const found = flights.find(7);
    ASSERT_NE(found, nullptr);
    const OrderFlight landed = flights.land(*found);
    EXPECT_EQ(landed.order, OrderId{7});
    EXPECT_EQ(landed.side, Side::sell);
    EXPECT_EQ(flights.find(7), nullptr) << "a second reply finds nothing";
    EXPECT_EQ(flights.count(), 1U);
}

TEST(OrderFlights, the_oldest_of_a_kind_is_found)
{
    OrderFlights flights(VenueId{0});
    for (const std::uint64_t number : {12, 10, 11}) ASSERT_NE(flights.take(flight(number)), nullptr);
    ASSERT_NE(flights.take(flight(5, RequestKind::cancel)), nullptr);
    const auto places = [](const OrderFlight& f) { return f.kind == RequestKind::place; };
    ASSERT_NE(flights.oldest(places), nullptr);
    EXPECT_EQ(flights.oldest(places)->number, 10U);
    EXPECT_EQ(flights.oldest([](const OrderFlight& f) { return f.kind == RequestKind::amend; }), nullptr);
}

TEST(OrderFlights, no_more_than_fit_and_a_place_is_used_again)
{
    OrderFlights flights(VenueId{0});
    std::uint64_t number = 0;
    while (flights.take(flight(number + 1)) != nullptr) ++number;
    EXPECT_EQ(flights.count(), number);
    EXPECT_EQ(number, 512U);
    (void)flights.land(*flights.find(3));
    EXPECT_NE(flights.take(flight(900)), nullptr);
    EXPECT_EQ(flights.take(flight(901)), nullptr);
}

TEST(OrderFlights, what_is_not_answered_is_of_unknown_outcome)
{
    OrderFlights flights(VenueId{0});
    Ends told;
    const Timestamp begin{seconds(100).ns};
    flights.sent(*flights.take(flight(1, RequestKind::place, begin)), told);
    flights.sent(*flights.take(flight(2, RequestKind::amend, begin + seconds(4))), told);
    EXPECT_EQ(told.wakes, (std::vector<Timestamp>{begin + seconds(10), begin + seconds(14)}));
    flights.on_wake(begin + seconds(9), told, told);
    EXPECT_TRUE(told.ends.empty());
    flights.on_wake(begin + seconds(10), told, told);
    EXPECT_EQ(told.ends, std::vector<std::string>{"place unknown: no reply within 10 s"});
    EXPECT_EQ(told.wakes.back(), begin + seconds(14));
    flights.end_all("the connection ended", told);
    flights.end_all("the connection ended", told);
    ASSERT_EQ(told.ends.size(), 2U) << "once";
    EXPECT_EQ(told.ends[1], "amend unknown: the connection ended");
    EXPECT_EQ(flights.count(), 0U);
}

}  // namespace
}  // namespace arb
