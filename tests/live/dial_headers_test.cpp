// Headers that a venue wants on its websockets leave with every dial, and only there.
#include <gtest/gtest.h>

#include "engine/live/live_driver.hpp"
#include "tests/net/support.hpp"

namespace arb {
namespace {

/// Wants two websockets open, of which one is the trading side's, and asks one question.
class Dialling final : public Driven {
  public:
    const std::vector<ConnectionPlan>& plans(VenueId) const override { return wanted; }
    void on_open(VenueId, ConnectionId, std::string_view, Timestamp) override { ++opened; }
    void on_frame(VenueId, ConnectionId, PaddedText, Timestamp) override {}
    void on_http(VenueId, const HttpReply&, Timestamp) override { ++replies; }
    void on_close(VenueId, ConnectionId, Timestamp, bool) override {}
    void on_wake(VenueId, Timestamp) override {}
    bool on_command(std::string_view, Timestamp) override { return true; }
    void on_order_event(const OrderEvent&, Timestamp) override {}
    void decide(Timestamp) override {}

    std::vector<ConnectionPlan> wanted;
    int opened = 0, replies = 0;
};

class DialHeaders : public net::test::Net {};

TEST_F(DialHeaders, LeaveWithEveryWebsocketAndWithNoRequest)
{
    const InstrumentTable table = InstrumentTable::build({{{"fake", "spot"}, {}}}).take();
    LiveVenue way;
    way.hosts = {"venue.example"};
    way.endpoint = "127.0.0.1:" + std::to_string(port);
    way.ca_file = net::test::ca_file();
    way.dial_headers = {{"X-Size-Form", "decimal"}};
    LiveDriver driver(table, {way}, loop, nullptr, nullptr);
    Dialling venue;
    venue.wanted = {{"wss://venue.example/public", {}}};
    driver.connect(venue, nullptr);
    const auto turn_until = [&](const auto& done) {
        return net::test::pump(loop, [&] {
            driver.turn({});
            return done();
        });
    };
    driver.start();
    ASSERT_TRUE(turn_until([&] { return venue.opened == 1; }));
    EXPECT_EQ(net::find_header(at_server.upgrade_headers, "x-size-form"), "decimal");

    at_server.upgrade_headers.clear();
    driver.LiveDriver::connect(VenueId{0}, "wss://venue.example/private#account");
    ASSERT_TRUE(turn_until([&] { return venue.opened == 2; }));
    EXPECT_EQ(net::find_header(at_server.upgrade_headers, "x-size-form"), "decimal");

    std::string with_request = "not asked";
    at_server.request_hook = [&](net::ExchangeId exchange, net::ServerRequest& request) {
        with_request = net::find_header(request.headers, "x-size-form");
        at_server.server->respond(exchange, 200, {}, "{}");
    };
    HttpRequest request;
    request.url = "https://venue.example/time";
    driver.request(request);
    ASSERT_TRUE(turn_until([&] { return venue.replies == 1; }));
    EXPECT_EQ(with_request, "");
}

}  // namespace
}  // namespace arb
