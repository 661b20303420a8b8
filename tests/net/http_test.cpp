// HTTPS requests: replies with headers and bodies, kept connections, the limits of pool and queue, deadlines,
// and which replies are not trusted. A request that may have left is never sent twice.
#include "tests/net/raw_tls_server.hpp"
#include "tests/net/support.hpp"

namespace arb::net::test {
namespace {

TEST_F(Net, RequestCarriesMethodTargetHeadersAndBody)
{
    at_server.request_hook = [&](ExchangeId exchange, ServerRequest& request) {
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.target, "/api/order?symbol=BTC%2FUSDT&signature=test");
        EXPECT_EQ(find_header(request.headers, "x-key"), "test");
        EXPECT_EQ(find_header(request.headers, "host"), "127.0.0.1:" + std::to_string(port));
        EXPECT_EQ(request.body.view(), "{\"side\":\"buy\"}");
        EXPECT_EQ(request.body.data()[request.body.size()], '\0');
        EXPECT_EQ(request.remote, "127.0.0.1");
        server.respond(exchange, 429, {{"Retry-After", "3"}, {"X-Weight", "1199"}}, "slow down");
    };
    HttpCall post = call("POST", "/api/order?symbol=BTC%2FUSDT&signature=test", "{\"side\":\"buy\"}");
    post.headers.push_back({"X-Key", "test"});
    HttpOutcome& outcome = wait_reply(client.request(post));
    EXPECT_EQ(outcome.status, 429);
    EXPECT_TRUE(outcome.sent);
    EXPECT_EQ(find_header(outcome.headers, "retry-after"), "3");
    EXPECT_EQ(find_header(outcome.headers, "X-WEIGHT"), "1199");
    EXPECT_EQ(outcome.body.view(), "slow down");
    for (std::size_t i = 0; i < kPadding; ++i) EXPECT_EQ(outcome.body.data()[outcome.body.size() + i], '\0');
}

TEST_F(Net, KeepsTheConnectionForTheNextRequest)
{
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(wait_reply(client.request(call("GET", "/" + std::to_string(i)))).status, 200);
    }
    EXPECT_EQ(server.connection_count(), 1U);
    EXPECT_EQ(at_server.requests, 20U);
}

TEST_F(Net, RequestsAgainFromInsideOnReply)
{
    at_client.reply_hook = [&](RequestId) {
        if (at_client.replies.size() < 10) client.request(call("GET", "/next"));
    };
    client.request(call("GET", "/first"));
    ASSERT_TRUE(pump(loop, [&] { return at_client.replies.size() == 10; }));
    EXPECT_EQ(server.connection_count(), 1U);
}

TEST_F(Net, AWarmConnectionIsUsed)
{
    client.warm(address("https"));
    ASSERT_TRUE(pump(loop, [&] { return server.connection_count() == 1; }));
    pump_for(loop, milliseconds(30));
    EXPECT_EQ(wait_reply(client.request(call("GET", "/"))).status, 200);
    EXPECT_EQ(server.connection_count(), 1U);
}

TEST_F(Net, StatusesAreJustStatuses)
{
    for (const int status : {201, 301, 302, 307, 400, 401, 403, 404, 418, 500, 503}) {
        at_server.request_hook = [&](ExchangeId exchange, ServerRequest&) {
            server.respond(exchange, status, {{"Location", address("https", "/elsewhere")}}, "body");
        };
        EXPECT_EQ(wait_reply(client.request(call("GET", "/"))).status, status);
    }
    EXPECT_EQ(at_server.requests, 11U) << "a redirect was followed";
}

TEST_F(Net, LargeReplyAndBodyPass)
{
    const std::string body(700'000, 'b');
    HttpOutcome& outcome = wait_reply(client.request(call("POST", "/", body)));
    EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(outcome.body.view(), body);
}

class SmallPool : public Net {
  protected:
    static HttpPolicy policy()
    {
        HttpPolicy small;
        small.connections_max = 2;
        small.queue_max = 3;
        small.idle = milliseconds(50);
        return small;
    }
    SmallPool() : Net(loopback_identity(), {}, policy()) {}
};

TEST_F(SmallPool, QueuesBeyondItsConnectionsAndRefusesBeyondItsQueue)
{
    std::vector<ExchangeId> owed;
    at_server.request_hook = [&](ExchangeId exchange, ServerRequest&) { owed.push_back(exchange); };
    std::vector<RequestId> requests;
    for (int i = 0; i < 2; ++i) requests.push_back(client.request(call("GET", "/")));
    ASSERT_TRUE(pump(loop, [&] { return owed.size() == 2; }));
    for (int i = 0; i < 4; ++i) requests.push_back(client.request(call("GET", "/")));
    EXPECT_EQ(at_client.reply_to(requests[5]), nullptr)
        << "on_reply comes from the loop, not from inside request()";
    HttpOutcome& refused = wait_reply(requests[5]);
    EXPECT_EQ(refused.status, 0);
    EXPECT_FALSE(refused.sent);
    EXPECT_EQ(server.connection_count(), 2U);
    for (std::size_t i = 0; i < 5; ++i) {
        ASSERT_TRUE(pump(loop, [&] { return owed.size() > i; }));
        EXPECT_TRUE(server.respond(owed[i], 200, {}, "ok"));
        EXPECT_FALSE(server.respond(owed[i], 200, {}, "twice"));
    }
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(wait_reply(requests[i]).status, 200);
    EXPECT_EQ(server.connection_count(), 2U);
    EXPECT_TRUE(pump(loop, [&] { return server.connection_count() == 0; })) << "idle connections are closed";
}

TEST_F(SmallPool, DeadlinesHoldInTheQueueAndOnTheWire)
{
    at_server.request_hook = [&](ExchangeId, ServerRequest&) {};
    HttpCall slow = call("GET", "/");
    slow.deadline = milliseconds(3'000);  // TCP and TLS have to be over by then
    const RequestId first = client.request(slow);
    const RequestId second = client.request(slow);
    slow.deadline = milliseconds(1'000);
    const RequestId queued = client.request(slow);
    EXPECT_FALSE(wait_reply(queued).sent);
    EXPECT_EQ(wait_reply(queued).trouble, CloseKind::silence);
    for (const RequestId request : {first, second}) {
        EXPECT_EQ(wait_reply(request).status, 0);
        EXPECT_TRUE(wait_reply(request).sent);
        EXPECT_EQ(wait_reply(request).trouble, CloseKind::silence);
    }
    EXPECT_EQ(at_server.requests, 2U);
}

TEST_F(Net, CutInsteadOfAReplyIsUnknownAndNotRepeated)
{
    at_server.request_hook = [&](ExchangeId exchange, ServerRequest&) { server.cut_exchange(exchange); };
    HttpOutcome& outcome = wait_reply(client.request(call("POST", "/order?signature=test", "{}")));
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(outcome.sent);
    EXPECT_FALSE(outcome.error.empty());
    EXPECT_EQ(outcome.error.find("signature"), std::string::npos);
    pump_for(loop, milliseconds(50));
    EXPECT_EQ(at_server.requests, 1U);
}

TEST_F(Net, ConnectionRefusedMeansNothingWasSent)
{
    server.stop_listening();
    HttpOutcome& outcome = wait_reply(client.request(call("POST", "/order", "{}")));
    EXPECT_EQ(outcome.status, 0);
    EXPECT_FALSE(outcome.sent);
    EXPECT_EQ(outcome.trouble, CloseKind::connect);
}

TEST_F(Net, BadRequestsAreRefusedUnsent)
{
    std::vector<HttpCall> bad(5, call("GET", "/"));
    bad[0].url = "http://127.0.0.1/";
    bad[1].method = "GET / HTTP/1.1\r\nX:";
    bad[2].headers = {{"X-Test", "a\nX-Other: b"}};
    bad[3].body = std::string(2U << 20U, 'x');
    bad[4].url += "with blank ";
    for (const HttpCall& one : bad) {
        const HttpOutcome& outcome = wait_reply(client.request(one));
        EXPECT_EQ(outcome.status, 0);
        EXPECT_FALSE(outcome.sent);
        EXPECT_FALSE(outcome.error.empty());
    }
    EXPECT_EQ(at_server.requests, 0U);
}

/// What becomes of a request to a peer that answers with these bytes.
HttpOutcome answer_with(const std::string& bytes, bool fin, const std::string& method = "GET")
{
    RawTlsServer raw(loopback_identity(), [&](RawPeer& peer) {
        peer.read_until("\r\n\r\n");
        peer.write(bytes);
        if (fin) peer.fin();
    });
    Loop loop;
    ClientRecorder at_client;
    HttpPolicy policy;
    policy.limits.http_body_bytes_max = 100'000;
    Client client(loop, TlsTrust{ca_file()}, at_client, policy);
    const RequestId request = client.request(
        {method, "https://127.0.0.1:" + std::to_string(raw.port) + "/", {}, {}, milliseconds(4000)});
    EXPECT_TRUE(pump(loop, [&] { return at_client.reply_to(request) != nullptr; }));
    HttpOutcome* outcome = at_client.reply_to(request);
    EXPECT_TRUE(outcome != nullptr && outcome->sent);
    return outcome == nullptr ? HttpOutcome() : *outcome;
}

TEST(HttpReply, CutMidReplyIsNotTrusted)
{
    const std::string cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"partial\":";
    EXPECT_EQ(answer_with(cut, false).status, 0);
    EXPECT_EQ(answer_with(cut, true).status, 0);
    EXPECT_EQ(answer_with("HTTP/1.1 200 OK\r\nContent-Le", false).status, 0);
    EXPECT_EQ(answer_with("", false).status, 0);
}

TEST(HttpReply, WithoutLengthOnlyACleanEndIsTrusted)
{
    const std::string open_end = "HTTP/1.1 200 OK\r\n\r\n{\"orders\":[]}";
    const HttpOutcome cut = answer_with(open_end, true);
    EXPECT_EQ(cut.status, 0) << "a bare FIN may hide the rest of the reply";
    const HttpOutcome clean = answer_with(open_end, false);
    EXPECT_EQ(clean.status, 200);
    EXPECT_EQ(clean.body.view(), "{\"orders\":[]}");
}

TEST(HttpReply, ChunkedAndInterimReplies)
{
    const std::string chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    EXPECT_EQ(answer_with(chunked, false).body.view(), "abcde");
    EXPECT_EQ(answer_with("HTTP/1.1 100 Continue\r\n\r\n" + chunked, false).body.view(), "abcde");
    EXPECT_EQ(answer_with("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, "HEAD").status, 200);
    EXPECT_EQ(answer_with("HTTP/1.1 204 Nothing\r\n\r\n", false).status, 204);
}

TEST(HttpReply, UnreadableRepliesAreNotTrusted)
{
    EXPECT_EQ(answer_with("HTTP/1.1 -1 OK\r\nContent-Length: 0\r\n\r\n", false).status, 0);
    EXPECT_EQ(answer_with("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", false).status,
              0);
    EXPECT_EQ(answer_with("HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n", false).status, 0);
    EXPECT_EQ(answer_with("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", false).status, 0);
    EXPECT_EQ(answer_with("HTTP/1.1 200 OK\r\n\r\n" + std::string(200'000, 'x'), false).status, 0);
    EXPECT_EQ(answer_with("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", false).status, 0);
    EXPECT_EQ(answer_with("garbage\r\n\r\n", false).status, 0);
    std::string interim;
    for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_EQ(answer_with(interim, false).status, 0);
}

}  // namespace
}  // namespace arb::net::test
