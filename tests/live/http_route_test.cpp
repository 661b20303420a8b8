// What a venue's request becomes on the wire, and what the venue is told of its end.
#include <gtest/gtest.h>

#include "engine/live/http_route.hpp"

namespace arb {
namespace {

TEST(HttpRoute, a_call_has_the_requests_headers_and_those_of_the_way)
{
    LiveVenue way;
    way.headers = {{"x-demo", "1"}};
    way.dial_headers = {{"x-socket", "1"}};
    HttpRequest request;
    request.method = "POST";
    request.url = "https://api.example.com/order?sign=a";
    request.headers = {{"key", "k"}};
    request.body = "{}";
    const net::HttpCall call = call_of(way, request, "https://127.0.0.1:1/order?sign=a");
    EXPECT_EQ(call.method, "POST");
    EXPECT_EQ(call.url, "https://127.0.0.1:1/order?sign=a") << "not the venue's own address";
    EXPECT_EQ(call.body, "{}");
    ASSERT_EQ(call.headers.size(), 2U);
    EXPECT_EQ(net::find_header(call.headers, "key"), "k");
    EXPECT_EQ(net::find_header(call.headers, "x-demo"), "1");
}

TEST(HttpRoute, a_reply_that_came_was_sent)
{
    const AskedByHttp asked{7, "https://api.example.com/order", "X-Weight"};
    net::HttpOutcome outcome;
    outcome.status = 429;
    outcome.headers = {{"Retry-After", "3"}, {"X-Weight", "1199"}};
    outcome.body = net::PaddedText("slow down");
    const HttpReply reply = reply_of(asked, outcome);
    EXPECT_EQ(reply.url, asked.url);
    EXPECT_EQ(reply.tag, 7U);
    EXPECT_EQ(reply.status, 429);
    EXPECT_EQ(reply.body.view(), "slow down");
    EXPECT_TRUE(reply.sent);
    EXPECT_EQ(reply.retry_after, seconds(3));
    EXPECT_EQ(reply.count, 1199);
}

TEST(HttpRoute, without_a_reply_it_counts_whether_a_byte_left)
{
    const AskedByHttp asked{7, "https://api.example.com/order"};
    net::HttpOutcome outcome;
    EXPECT_FALSE(reply_of(asked, outcome).sent);
    outcome.sent = true;
    EXPECT_TRUE(reply_of(asked, outcome).sent);
    const HttpReply unsent = unsent_reply(8, asked.url);
    EXPECT_FALSE(unsent.sent);
    EXPECT_EQ(unsent.status, 0);
    EXPECT_EQ(unsent.tag, 8U);
    EXPECT_EQ(unsent.body.view(), "");
}

TEST(HttpRoute, headers_that_are_no_sane_number_tell_nothing)
{
    const AskedByHttp asked{1, "u", "X-Weight"};
    for (const char* text : {"", "-1", "1.5", "soon", "Sat, 21 Nov 2026 14:24:25 GMT", "1000001"}) {
        net::HttpOutcome outcome;
        outcome.status = 200;
        outcome.headers = {{"Retry-After", text}};
        EXPECT_EQ(reply_of(asked, outcome).retry_after, Duration{}) << text;
        EXPECT_EQ(reply_of(asked, outcome).count, -1) << "no such header";
    }
}

}  // namespace
}  // namespace arb
