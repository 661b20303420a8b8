// Order entry and the private stream allocate nothing once warm; and the same inputs give the same bytes.
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "engine/base/client_order_id.hpp"
#include "tests/support/allocation_counter.hpp"
#include "tests/support/quiet.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::allocations;
using arb::test::OrderKeeper;
using arb::test::QuietSink;
using arb::test::VenueLink;

constexpr ConnectionId kTrade{1};
constexpr ConnectionId kPrivate{2};

struct QuietOutbox final : Outbox {
    std::size_t sent = 0;
    void send(ConnectionId, std::string_view) override { ++sent; }
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}
};

TEST(BybitNoAllocationTest, OrdersOutAndPrivateFramesIn)
{
    VenueLink gate(type(), "linear", {link_definition("linear")});
    const OrderKeeper& keeper = gate.use_venue(std::make_unique<OrderKeeper>());
    gate.amend(gate.place(Side::sell, "1", "27.15", TimeInForce::post_only), "27.18");
    VenueLink link(type(), "linear", {link_definition("linear")});
    Venue& venue = link.venue();
    QuietSink sink;
    QuietOutbox outbox;
    const Timestamp now = link.now();
    venue.start_session(now, sink, outbox);
    const auto feed = [&](ConnectionId connection, const PaddedBuffer& text) {
        venue.on_frame(connection, text.text_of(), now, sink, outbox);
    };
    venue.on_open(kTrade, "wss://stream.bybit.com/v5/trade", now, sink, outbox);
    venue.on_open(kPrivate, "wss://stream.bybit.com/v5/private", now, sink, outbox);
    feed(kTrade, PaddedBuffer(R"({"retCode":0,"retMsg":"OK","op":"auth","connId":"x"})"));
    feed(kPrivate, PaddedBuffer(R"({"success":true,"ret_msg":"","op":"auth","conn_id":"y"})"));
    const ApprovedOrder order = link.approve(Side::sell, "123.4", "27.15", TimeInForce::post_only);
    const std::string id(client_order_id(order.id()).view());
    const PaddedBuffer ack(
        R"({"reqId":"8-x","retCode":0,"retMsg":"OK","op":"order.create","data":{"orderId":"a",)"
        R"("orderLinkId":")" +
        id + R"("},"header":{"Timenow":"1700000000000"},"connId":"x"})");
    const PaddedBuffer state(
        R"({"topic":"order.linear","creationTime":1,"data":[{"symbol":"LINKUSDT","orderId":"a","orderLinkId":")" +
        id + R"(","side":"Sell","price":"27.15","qty":"123.4","orderStatus":"New","cumExecQty":"0"}]})");
    const PaddedBuffer fill(
        R"({"topic":"execution.linear","data":[{"symbol":"LINKUSDT","orderId":"a","orderLinkId":")" + id +
        R"(","side":"Sell","execId":"t","execPrice":"27.15","execQty":"1.5","execFee":"0.01","isMaker":true}]})");
    const PaddedBuffer wallet(
        R"({"topic":"wallet","data":[{"coin":[{"coin":"USDT","walletBalance":"1.5"}]}]})");
    const OrderReference reference{order.id(), ListingId{0}, {}, now};
    const auto turn = [&] {
        venue.send_order(order, now, sink, outbox);
        venue.amend_order(reference, *keeper.amend, now, sink, outbox);
        venue.cancel_order(reference, now, sink, outbox);
        feed(kTrade, ack);
        feed(kPrivate, state);
        feed(kPrivate, fill);
        feed(kPrivate, wallet);
    };
    turn();
    const std::uint64_t before = allocations.load();
    const std::size_t sent = outbox.sent;
    for (int i = 0; i < 50; ++i) turn();
    EXPECT_EQ(allocations.load(), before);
    EXPECT_EQ(outbox.sent, sent + 150);
    EXPECT_EQ(sink.orders, 102U);
    EXPECT_EQ(sink.fills, 51U);
    EXPECT_EQ(sink.balances, 51U);
    EXPECT_EQ(sink.troubles, 0U);
}

TEST(BybitReplayTest, TheSameInputsGiveTheSameBytes)
{
    std::vector<std::string> runs[2];
    for (std::vector<std::string>& said : runs) {
        VenueLink link(type(), "spot", {link_definition("spot")}, FeeTaking::received);
        link.on_to_venue = [&](VenueLink::Message& m) {
            said.push_back(m.text + m.request.method + m.request.url + m.request.body);
            for (const HttpHeader& header : m.request.headers) said.push_back(header.value);
            return true;
        };
        link.deposit("USDT", "1000");
        link.street("27.10", "27.20");
        link.start();
        link.run(seconds(1));
        const OrderId id = link.place(Side::buy, "1", "27.00", TimeInForce::gtc);
        link.run(seconds(30));
        link.amend(id, "27.05");
        link.run(seconds(1));
        link.cancel(id);
        link.cut_all();
        link.query(id);
        link.run(seconds(30));
    }
    EXPECT_GT(runs[0].size(), 20U);
    EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace arb::bybit::test
