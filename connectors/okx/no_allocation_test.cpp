// Order entry and the private stream allocate nothing once warm; and the same inputs give the same bytes.
#include <memory>

#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "engine/base/client_order_id.hpp"
#include "tests/support/allocation_counter.hpp"
#include "tests/support/quiet.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::okx::test {
namespace {

using arb::test::allocations;
using arb::test::OrderKeeper;
using arb::test::QuietSink;
using arb::test::VenueLink;

struct QuietOutbox final : Outbox {
    std::size_t sent = 0;
    std::string last;
    std::uint64_t mode_question = 0;  ///< its tag
    QuietOutbox() { last.reserve(2048); }
    void send(ConnectionId, std::string_view text) override
    {
        ++sent;
        last.assign(text);
    }
    void request(const HttpRequest& request) override
    {
        if (request.url.ends_with("/api/v5/account/config")) mode_question = request.tag;
    }
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}
};

std::unique_ptr<Venue> connector_of(const VenueLink& link, const Credentials& credentials)
{
    VenueSetup setup;
    setup.table = &link.table;
    setup.credentials = &credentials;
    return type().make(setup);
}

/// An order, and another price for it.
std::pair<ApprovedOrder, ApprovedAmend> order_and_amend(VenueLink& link)
{
    const OrderKeeper& kept = link.use_venue(std::make_unique<OrderKeeper>());
    link.amend(link.place(Side::buy, "123.4", "27.15", TimeInForce::post_only), "27.5");
    return {kept.order.value(), kept.amend.value()};
}

TEST(OkxNoAllocationTest, OrdersOutAndPrivateFramesIn)
{
    VenueLink link(type(), "", link_definitions());
    const Credentials credentials = link.credentials("trade");
    const std::unique_ptr<Venue> connector = connector_of(link, credentials);
    Venue& venue = *connector;
    QuietSink sink;
    QuietOutbox outbox;
    const Timestamp now = link.now();
    constexpr ConnectionId kPrivate{1};
    const auto feed = [&](const PaddedBuffer& text) {
        venue.on_frame(kPrivate, text.text_of(), now, sink, outbox);
    };
    venue.start_session(now, sink, outbox);
    venue.on_open(kPrivate, "wss://ws.okx.com/ws/v5/private", now, sink, outbox);
    feed(PaddedBuffer(R"({"event":"login","code":"0","msg":"","connId":"x"})"));
    for (const char* channel : {"orders", "account", "positions"})
        feed(PaddedBuffer(std::string(R"({"event":"subscribe","arg":{"channel":")") + channel + "\"}}"));
    const PaddedBuffer settings(R"({"code":"0","msg":"","data":[{"acctLv":"2","posMode":"net_mode"}]})");
    HttpReply reply;
    reply.tag = outbox.mode_question;
    reply.body = settings.text_of();
    venue.on_http(reply, now, sink, outbox);
    const auto wishes = order_and_amend(link);
    const ApprovedOrder& order = wishes.first;
    const ApprovedAmend& amend = wishes.second;
    const std::string id(client_order_id(order.id()).view());
    const PaddedBuffer state(stream(
        "orders",
        R"({"instId":"LINK-USDT","ordId":"8","clOrdId":")" + id +
            R"(","px":"27.15","sz":"123.4","side":"sell","state":"partially_filled","accFillSz":"1.5",)"
            R"("fillPx":"27.15","fillSz":"1.5","tradeId":"t","fillFee":"-0.01","fillFeeCcy":"USDT",)"
            R"("amendResult":"0","reqId":"2"})"));
    const PaddedBuffer balance(stream("account", R"({"details":[{"ccy":"USDT","cashBal":"1.5"}]})"));
    const PaddedBuffer position(
        stream("positions", R"({"instId":"LINK-USDT-SWAP","posSide":"net","pos":"3"})"));
    const OrderReference reference{order.id(), kLink, {}, now};
    std::uint64_t number = 1;
    std::vector<PaddedBuffer> replies;
    for (std::uint64_t i = 1; i <= 153; ++i) {
        replies.emplace_back(
            R"({"id":")" + std::to_string(i) +
            R"(","op":"order","code":"0","msg":"","data":[{"ordId":"8","sCode":"0","sMsg":""}]})");
    }
    const auto turn = [&] {
        venue.send_order(order, now, sink, outbox);
        venue.amend_order(reference, amend, now, sink, outbox);
        venue.cancel_order(reference, now, sink, outbox);
        for (int i = 0; i < 3; ++i) feed(replies[number++ - 1]);
        feed(state);
        feed(balance);
        feed(position);
    };
    turn();
    EXPECT_EQ(outbox.last,
              R"({"id":"3","op":"cancel-order","args":[{"instIdCode":10000,"clOrdId":")" + id + "\"}]}");
    const std::size_t sent = outbox.sent;
    const std::size_t ends = sink.ends;
    const std::uint64_t before = allocations.load();
    for (int i = 0; i < 50; ++i) turn();
    EXPECT_EQ(allocations.load(), before);
    EXPECT_EQ(outbox.sent, sent + 150);
    EXPECT_EQ(sink.ends, ends + 150);
    EXPECT_EQ(sink.fills, 51U);
    EXPECT_EQ(sink.balances, 102U);
    EXPECT_EQ(sink.troubles, 0U);
}

TEST(OkxEncoding, AnOrderAsTheVenueWantsIt)
{
    VenueLink link(type(), "", link_definitions());
    std::vector<std::string> said;
    link.on_to_venue = [&](VenueLink::Message& m) {
        if (m.text.find("\"op\":\"order\"") != std::string::npos) said.push_back(m.text);
        return true;
    };
    link.start();
    link.run(seconds(1));
    const auto expires = [&] { return std::to_string((link.now() + seconds(5)).ns / 1'000'000); };
    OrderId id = link.place(Side::buy, "10", "27.50", TimeInForce::fok);
    EXPECT_EQ(
        said.at(0),
        R"({"id":"1","op":"order","args":[{"instIdCode":10000,"tdMode":"cash","clOrdId":")" +
            std::string(client_order_id(id).view()) +
            R"(","tag":"arbiter","side":"buy","tradeQuoteCcy":"USDT","ordType":"fok","px":"27.5","sz":"10"}],"expTime":")" +
            expires() + "\"}");
    // 12.5 LINK are 125 contracts; dollars of the inverse future come in tens.
    id = link.place(Side::sell, "12.5", "27.15", TimeInForce::gtc, 1);
    EXPECT_NE(said.at(1).find(R"("instIdCode":10001,"tdMode":"cross")"), std::string::npos);
    EXPECT_NE(said.at(1).find(R"("side":"sell","ordType":"limit","px":"27.15","sz":"125")"),
              std::string::npos)
        << "a contract is paid from no wallet of its own";
    id = link.place(Side::sell, "300", "27", TimeInForce::ioc, 2);
    EXPECT_NE(said.at(2).find(R"("ordType":"ioc","px":"27","sz":"30")"), std::string::npos);
}

TEST(OkxReplayTest, TheSameInputsGiveTheSameBytes)
{
    std::vector<std::string> runs[2];
    for (std::vector<std::string>& said : runs) {
        VenueLink link(type(), "", link_definitions(), FeeTaking::received);
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
        link.run(seconds(15));
        link.amend(id, "27.01");
        link.run(seconds(15));
        link.cancel(id);
        link.cut_all();
        link.query(id);
        link.venue().query_balances(link.now(), link, link);
        link.run(seconds(30));
    }
    EXPECT_GT(runs[0].size(), 20U);
    EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace arb::okx::test
