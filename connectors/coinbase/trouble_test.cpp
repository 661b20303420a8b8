// The trading side in trouble: lost messages, unknown outcomes, refused keys, bans, clocks, connections that
// end.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;
using Kind = VenueLink::Message::Kind;

bool is_order(const VenueLink::Message& m)
{
    return m.request.method == "POST" && m.request.url.ends_with("/orders");
}

class CoinbaseTrouble : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override { make_link(FeeTaking::quote, GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseTrouble, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseTrouble, an_unknown_outcome_that_executed_is_found_by_asking)
{
    start();
    ASSERT_TRUE(ready());
    link->on_to_client = [](VenueLink::Message& m) {  // neither reply nor stream gets through
        return m.kind == Kind::frame && m.text.find("\"channel\":\"user\"") == std::string::npos;
    };
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link->run(seconds(11));
    EXPECT_EQ(ended(RequestKind::place), "unknown none");
    EXPECT_EQ(link->last_end(RequestKind::place)->end.order, id);
    EXPECT_TRUE(link->fills.empty());
    link->on_to_client = nullptr;
    link->query(id);
    settle();
    EXPECT_EQ(ended(RequestKind::query_order), "done none");
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link->last(id)->report.source, ReportSource::query);
    link->venue().query_fills(link->all_listings(), link->now() - seconds(60), link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::fills), "done none");
    EXPECT_EQ(link->filled(id), link->quantity("1"));
}

TEST_P(CoinbaseTrouble, an_unknown_outcome_that_did_not_happen_is_absent)
{
    start();
    ASSERT_TRUE(ready());
    link->on_to_venue = [](VenueLink::Message& m) { return !is_order(m); };
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link->run(seconds(11));
    EXPECT_EQ(ended(RequestKind::place), "unknown none");
    link->on_to_venue = nullptr;
    link->query(id);
    settle();
    EXPECT_EQ(ended(RequestKind::query_order), "done none");
    EXPECT_EQ(status(id), OrderStatus::absent);
}

TEST_P(CoinbaseTrouble, a_list_that_cannot_be_read_proves_no_absence)
{
    start();
    ASSERT_TRUE(ready());
    link->on_to_venue = [](VenueLink::Message& m) { return !is_order(m); };
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link->on_to_venue = nullptr;
    for (const char* body : {"{}", R"({"orders":[7]})", R"({"orders":{}})", "[]", "null",
                             R"({"orders":[{"client_order_id":5}]})"}) {
        link->instead_of_reply = [body](const HttpRequest&) { return ServerReply{200, {}, body}; };
        link->query(id);
        settle();
        EXPECT_EQ(ended(RequestKind::query_order), "unknown none") << body;
    }
    EXPECT_EQ(link->last(id), nullptr);
}

TEST_P(CoinbaseTrouble, a_lost_acknowledgement_is_made_up_by_the_stream)
{
    start();
    ASSERT_TRUE(ready());
    link->on_to_client = [](VenueLink::Message& m) { return m.kind != Kind::reply || !is_order(m); };
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link->filled(id), link->quantity("1"));
    EXPECT_EQ(link->last_end(RequestKind::place), nullptr);
    link->run(seconds(11));
    EXPECT_EQ(ended(RequestKind::place), "unknown none");
}

TEST_P(CoinbaseTrouble, replies_and_frames_that_come_twice_tell_the_same)
{
    start();
    ASSERT_TRUE(ready());
    std::vector<VenueLink::Message> copies;
    link->on_to_client = [&](VenueLink::Message& m) {
        copies.push_back(m);
        return true;
    };
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    link->on_to_client = nullptr;
    const std::size_t ends = link->ends.size();
    for (const auto& copy : copies) {
        if (copy.kind == Kind::frame) {
            const PaddedBuffer frame(copy.text);
            link->venue().on_frame(copy.connection, frame.text_of(), link->now(), *link, *link);
        } else if (copy.kind == Kind::reply) {
            const PaddedBuffer body(copy.reply.body);
            HttpReply reply;
            reply.tag = copy.request.tag;
            reply.body = body.text_of();
            link->venue().on_http(reply, link->now(), *link, *link);
        }
    }
    EXPECT_EQ(link->ends.size(), ends);
    EXPECT_EQ(link->filled(id), link->quantity("1"));
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_TRUE(ready());
}

TEST_P(CoinbaseTrouble, fills_that_lag_behind_the_stream_are_asked_for_until_they_add_up)
{
    start();
    ASSERT_TRUE(ready());
    int empty = 3;
    link->instead_of_reply = [&](const HttpRequest& r) -> std::optional<ServerReply> {
        if (r.url.find("/fills") == std::string::npos || empty-- <= 0) return std::nullopt;
        return empty == 1 ? ServerReply{503, {}, ""} : ServerReply{200, {}, R"({"fills":[],"cursor":""})"};
    };
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_TRUE(link->fills.empty());
    link->run(seconds(2));
    EXPECT_EQ(link->filled(id), link->quantity("1"));
}

TEST_P(CoinbaseTrouble, a_disconnect_hides_a_fill_only_until_the_snapshot)
{
    start();
    ASSERT_TRUE(ready());
    const OrderId open = link->place(Side::buy, "1", "27.15", TimeInForce::gtc);
    settle();
    link->on_to_venue = [](VenueLink::Message& m) { return m.kind != Kind::upgrade; };
    link->cut_all();
    EXPECT_FALSE(link->ready(Channel::private_stream));
    EXPECT_TRUE(link->ready(Channel::order_entry));  // its own channel
    link->street("27.10", "27.15", "0.4");
    settle();
    EXPECT_TRUE(link->fills.empty());
    link->on_to_venue = nullptr;
    link->venue().on_close(ConnectionId{999}, link->now(), *link, *link);  // nobody's
    link->restart();
    link->start();
    link->run(seconds(1));
    EXPECT_TRUE(ready());
    EXPECT_EQ(status(open), OrderStatus::working);
    EXPECT_EQ(link->last(open)->report.filled, link->quantity("0.4"));
    EXPECT_EQ(link->filled(open), link->quantity("0.4"));
    link->query(open);
    settle();
    EXPECT_EQ(status(open), OrderStatus::working);
}

TEST_P(CoinbaseTrouble, the_user_channel_comes_back_after_a_cut_and_after_silence)
{
    start();
    ASSERT_TRUE(ready());
    link->cut_all();
    EXPECT_FALSE(link->ready(Channel::private_stream));
    link->run(seconds(1));
    EXPECT_TRUE(ready());
    link->on_to_client = [](VenueLink::Message& m) { return m.kind != Kind::frame; };
    link->run(seconds(10));
    link->on_to_client = nullptr;
    link->run(seconds(2));
    EXPECT_TRUE(ready());
    EXPECT_EQ(link->channels.size(), 6U);  // two up, down and up, down and up
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link->filled(id), link->quantity("1"));
}

TEST_P(CoinbaseTrouble, a_lost_message_of_the_user_channel_renews_it)
{
    start();
    ASSERT_TRUE(ready());
    bool dropped = false;
    link->on_to_client = [&](VenueLink::Message& m) {
        const bool drop = !dropped && m.text.find("\"channel\":\"user\"") != std::string::npos;
        dropped = dropped || drop;
        return !drop;
    };
    const OrderId id = link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    link->run(seconds(2));
    EXPECT_TRUE(dropped);
    EXPECT_TRUE(ready());
    EXPECT_EQ(link->channels.size(), 4U);
    EXPECT_EQ(status(id), OrderStatus::working);  // from the snapshot
}

TEST_P(CoinbaseTrouble, a_subscription_that_is_not_confirmed_is_tried_again)
{
    bool silent = true;
    link->on_to_client = [&](VenueLink::Message& m) {
        return !silent || m.kind != Kind::frame || m.text.find("user-1") == std::string::npos;
    };
    link->start();
    link->run(seconds(5));
    EXPECT_FALSE(link->ready(Channel::private_stream));
    silent = false;
    link->run(seconds(12));
    EXPECT_TRUE(ready());
}

TEST_P(CoinbaseTrouble, a_ban_is_told_with_its_length)
{
    start();
    ASSERT_TRUE(ready());
    link->instead_of_reply = [&](const HttpRequest&) { return link->emulated().banned(seconds(120)); };
    link->venue().query_balances(link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::balances), "rate_limited rate_limited rate_limit_exceeded");
    EXPECT_EQ(link->last_end(RequestKind::balances)->end.retry_after, seconds(120));
    EXPECT_FALSE(link->last_end(RequestKind::balances)->end.complete);
    link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "rate_limited rate_limited rate_limit_exceeded");
}

TEST_P(CoinbaseTrouble, thirty_requests_a_second_are_the_limit)
{
    start();
    ASSERT_TRUE(ready());
    for (int i = 0; i < 40; ++i) link->place(Side::buy, "0.1", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "rate_limited rate_limited rate_limit_exceeded");
    EXPECT_LE(link->exchange().order_count(), 30U);
    link->run(seconds(1));
    link->place(Side::buy, "0.1", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "done none");
}

TEST_P(CoinbaseTrouble, server_trouble_is_unknown_and_an_unsent_request_is_not)
{
    start();
    ASSERT_TRUE(ready());
    const auto place = [&](int status, std::string body) {
        link->instead_of_reply = [=](const HttpRequest&) { return ServerReply{status, {}, body}; };
        link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
        settle();
        return ended(RequestKind::place);
    };
    EXPECT_EQ(place(503, R"({"error":"INTERNAL"})"), "unknown none INTERNAL");
    EXPECT_EQ(place(500, R"({"error":"INVALID_ARGUMENT"})"), "unknown none INVALID_ARGUMENT");
    EXPECT_EQ(place(403, "<html>"), "unknown none");
    EXPECT_EQ(place(200, "<html>"), "unknown none");
    EXPECT_EQ(place(200, "{}"), "unknown none");
    EXPECT_EQ(place(200, R"({"success":"yes"})"), "unknown none");
    EXPECT_EQ(place(200, R"({"success":true})"), "unknown none");
    EXPECT_EQ(place(200, R"({"success":true,"success_response":{"order_id":"a\"b"}})"), "unknown none");
    EXPECT_EQ(place(200, R"({"success":false})"), "unknown none");
    EXPECT_EQ(place(200, R"({"success":false,"error_response":{"error":"UNKNOWN_FAILURE_REASON"}})"),
              "unknown none UNKNOWN_FAILURE_REASON");
    EXPECT_EQ(place(400, R"({"error":"NEVER_HEARD_OF"})"), "unknown none NEVER_HEARD_OF");
    EXPECT_EQ(place(0, ""), "unknown none");
    EXPECT_EQ(place(0, "not sent"), "refused other");
    link->instead_of_reply = [&](const HttpRequest&) { return link->emulated().failed(); };
    link->venue().query_fills(link->all_listings(), link->now(), link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::fills), "unknown none INTERNAL");
}

TEST_P(CoinbaseTrouble, a_cancel_of_unknown_outcome)
{
    start();
    ASSERT_TRUE(ready());
    const OrderId id = link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    for (const char* body :
         {"{}", R"({"results":[]})", R"({"results":[{"success":true,"order_id":"other"}]})",
          R"({"results":[{"success":false,"failure_reason":"UNKNOWN_CANCEL_FAILURE_REASON"}]})"}) {
        link->instead_of_reply = [body](const HttpRequest&) { return ServerReply{-200, {}, body}; };
        link->cancel(id);
        settle();
        EXPECT_EQ(ended(RequestKind::cancel).substr(0, 12), "unknown none") << body;
    }
    link->instead_of_reply = nullptr;
    EXPECT_EQ(status(id), OrderStatus::working);
}

TEST_P(CoinbaseTrouble, the_log_on_is_tried_again_when_the_venue_is_down)
{
    link->instead_of_reply = [&](const HttpRequest&) { return link->emulated().failed(); };
    link->start();
    link->run(seconds(1));
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_EQ(ended(RequestKind::session), "unknown none INTERNAL");
    link->instead_of_reply = nullptr;
    link->run(seconds(6));
    EXPECT_TRUE(ready());
}

TEST_P(CoinbaseTrouble, there_is_no_dead_man_switch)
{
    start();
    ASSERT_TRUE(ready());
    EXPECT_FALSE(link->venue().trading_features().dead_man);
    EXPECT_FALSE(link->venue().trading_features().dead_man_note.empty());
    link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    link->on_to_venue = [](VenueLink::Message&) { return false; };
    link->cut_all();
    link->run(seconds(300));
    EXPECT_EQ(link->exchange().orders(VenueLink::kAccount, ListingId{0}, true).size(), 1U);
}

}  // namespace
}  // namespace arb::coinbase
