// Websockets between our client and our server over real TLS sockets: both directions, sizes, liveness,
// back-pressure, closing in every way, calls from inside callbacks, and that nothing is left behind.
#include "tests/net/support.hpp"

namespace arb::net::test {
namespace {

TEST_F(Net, EchoesTextInPaddedFrames)
{
    const LinkId link = open_link();
    EXPECT_TRUE(client.send(link, "hello"));
    EXPECT_TRUE(client.send(link, std::string(126, 'm')));
    EXPECT_TRUE(client.send(link, ""));
    ASSERT_TRUE(pump(loop, [&] { return at_client.frames.size() == 3; }));
    EXPECT_EQ(at_client.frames[0], "hello");
    EXPECT_EQ(at_client.frames[1], std::string(126, 'm'));
    EXPECT_EQ(at_client.frames[2], "");
    EXPECT_TRUE(at_client.padding_clean);
}

TEST_F(Net, PaddingIsZeroAgainAfterAFrameWasChangedInPlace)
{
    at_client.frame_hook = [](LinkId, char* data, std::size_t size) {
        for (std::size_t i = 0; i < size + kPadding; ++i) data[i] = 'x';
    };
    const LinkId link = open_link();
    client.send(link, std::string(100, 'a'));
    client.send(link, "short");
    ASSERT_TRUE(pump(loop, [&] { return at_client.frames.size() == 2; }));
    EXPECT_EQ(at_client.frames[1], "short");
    EXPECT_TRUE(at_client.padding_clean);
}

TEST_F(Net, CarriesALargeFrameBothWays)
{
    Limits limits;
    limits.send_buffer_bytes_max = 4U << 20U;
    const LinkId link = open_link(limits);
    std::string large(900'000, ' ');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 26);
    ASSERT_TRUE(client.send(link, large));
    ASSERT_TRUE(pump(loop, [&] { return !at_client.frames.empty(); }));
    EXPECT_EQ(at_client.frames[0], large);
    EXPECT_TRUE(at_client.padding_clean);
}

TEST_F(Net, OffersNoExtension)
{
    open_link();
    EXPECT_TRUE(find_header(at_server.upgrade_headers, "Sec-WebSocket-Extensions").empty());
    EXPECT_EQ(find_header(at_server.upgrade_headers, "sec-websocket-version"), "13");
}

TEST_F(Net, SendsFromInsideOnFrame)
{
    int rounds = 0;
    at_client.frame_hook = [&](LinkId link, char*, std::size_t) {
        if (++rounds < 50) {
            EXPECT_TRUE(client.send(link, std::to_string(rounds)));
        }
    };
    client.send(open_link(), "0");
    ASSERT_TRUE(pump(loop, [&] { return rounds == 50; }));
    EXPECT_EQ(at_client.frames.back(), "49");
}

TEST_F(Net, ClosesFromInsideOnFrame)
{
    at_client.frame_hook = [&](LinkId link, char*, std::size_t) { client.close(link, 1000, "done"); };
    const LinkId link = open_link();
    client.send(link, "a");
    client.send(link, "b");
    const CloseInfo& info = wait_closed(link);
    EXPECT_EQ(info.kind, CloseKind::local);
    EXPECT_EQ(info.code, 1000);
    EXPECT_EQ(at_client.frames.size(), 1U) << "nothing is delivered after close()";
    ASSERT_TRUE(pump(loop, [&] { return at_server.closed.size() == 1; }));
    EXPECT_EQ(at_server.closed[0].kind, CloseKind::peer_closed);
    EXPECT_EQ(at_server.closed[0].code, 1000);
    EXPECT_EQ(at_server.closed[0].reason, "done");
    EXPECT_FALSE(client.send(link, "too late"));
}

TEST_F(Net, AbandonsFromInsideOnFrameAndIsSilentThen)
{
    at_client.frame_hook = [&](LinkId link, char*, std::size_t) { client.abandon(link); };
    const LinkId link = open_link();
    client.send(link, "a");
    client.send(link, "b");
    ASSERT_TRUE(pump(loop, [&] { return at_server.closed.size() == 1; }));
    pump_for(loop, milliseconds(30));
    EXPECT_EQ(at_client.frames.size(), 1U);
    EXPECT_EQ(at_client.closed_count, 0U);
}

TEST_F(Net, TellsTheServersCloseCodeAndReason)
{
    for (const int code : {1000, 1001, 1008, 1011, 1012, 1013, 4001}) {
        const LinkId link = open_link();
        server.close(at_server.sessions.back(), code,
                     "go\x01"
                     "away");
        const CloseInfo& info = wait_closed(link);
        EXPECT_EQ(info.kind, CloseKind::peer_closed);
        EXPECT_EQ(info.code, code);
        EXPECT_EQ(info.reason, "go?away") << "control characters must not reach a terminal";
    }
}

TEST_F(Net, ResetIsAnAbnormalClose)
{
    const LinkId link = open_link();
    server.cut(at_server.sessions.back());
    const CloseInfo& info = wait_closed(link);
    EXPECT_EQ(info.kind, CloseKind::peer_closed);
    EXPECT_EQ(info.code, 1006);
}

TEST_F(Net, PingFindsAHalfOpenConnection)
{
    Limits limits;
    limits.ping_interval = milliseconds(40);
    limits.pong = milliseconds(2'000);  // a living peer on a busy machine is not silent
    const LinkId link = open_link(limits);
    pump_for(loop, milliseconds(250));
    EXPECT_EQ(at_client.end_of(link), nullptr) << "a living peer answers pings by itself";
    server.freeze(at_server.sessions.back());
    EXPECT_EQ(wait_closed(link).kind, CloseKind::silence);
}

TEST_F(Net, CloseHasADeadline)
{
    Limits limits;
    limits.close = milliseconds(50);
    const LinkId link = open_link(limits);
    server.freeze(at_server.sessions.back());
    client.close(link);
    EXPECT_EQ(wait_closed(link).kind, CloseKind::local);
}

TEST_F(Net, SendToAFrozenPeerEndsByTheProgressDeadline)
{
    Limits limits;
    limits.send_buffer_bytes_max = 64U << 20U;
    limits.send_progress = milliseconds(60);
    const LinkId link = open_link(limits);
    server.freeze(at_server.sessions.back());
    const std::string block(1U << 20U, 'x');
    for (int i = 0; i < 24; ++i) EXPECT_TRUE(client.send(link, block));
    EXPECT_EQ(wait_closed(link).kind, CloseKind::send_blocked);
}

TEST_F(Net, SendBeyondTheBufferCutsTheLink)
{
    Limits limits;
    limits.send_buffer_bytes_max = 256U << 10U;
    const LinkId link = open_link(limits);
    server.freeze(at_server.sessions.back());
    const std::string block(64U << 10U, 'x');
    bool sent = true;
    for (int i = 0; i < 1000 && sent; ++i) sent = client.send(link, block);
    EXPECT_FALSE(sent);
    EXPECT_EQ(at_client.closed_count, 0U) << "on_closed comes from the loop, not from inside send()";
    EXPECT_EQ(wait_closed(link).kind, CloseKind::send_blocked);
}

TEST_F(Net, RefusedUpgradeTellsTheStatus)
{
    at_server.upgrade_status = 403;
    const CloseInfo& info = wait_closed(client.open(address("wss", "/stream?signature=test")));
    EXPECT_EQ(info.kind, CloseKind::handshake);
    EXPECT_EQ(info.http_status, 403);
    EXPECT_EQ(info.text.find("signature"), std::string::npos);
}

TEST_F(Net, BadAddressesAndHeadersAreRefusedFromTheLoop)
{
    for (const char* url : {"", "ws://127.0.0.1/", "https://127.0.0.1/", "wss://", "wss://a:99999/",
                            "wss://u@h/", "wss://127.0.0.1/a b", "wss://[::1/"}) {
        const LinkId link = client.open(url);
        EXPECT_EQ(at_client.end_of(link), nullptr);
        EXPECT_EQ(wait_closed(link).kind, CloseKind::resolve) << url;
    }
    const LinkId smuggled = client.open(address("wss"), {{"X-Test", "a\r\nX-Other: b"}});
    EXPECT_EQ(wait_closed(smuggled).kind, CloseKind::resolve);
    EXPECT_EQ(at_server.sessions.size(), 0U);
}

TEST_F(Net, ConnectionRefused)
{
    server.stop_listening();
    const CloseInfo& info = wait_closed(client.open(address("wss")));
    EXPECT_EQ(info.kind, CloseKind::connect);
    EXPECT_FALSE(info.text.empty());
}

TEST_F(Net, DestructorWithOpenLinksTellsNobody)
{
    ClientRecorder other;
    {
        Client second(loop, TlsTrust{ca_file()}, other);
        second.open(address("wss"));
        second.open(address("wss"));
        ASSERT_TRUE(pump(loop, [&] { return other.opened.size() == 2; }));
        second.open(address("wss"));
        second.request(call("GET", "/"));
    }
    ASSERT_TRUE(pump(loop, [&] { return at_server.closed.size() >= 2; }));
    EXPECT_EQ(other.closed_count, 0U);
}

TEST_F(Net, DescriptorsStayFlat)
{
    const auto settled = [&] { return server.connection_count() == 0; };
    const LinkId first = open_link();
    client.close(first);
    ASSERT_TRUE(pump(loop, settled));
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 300; ++i) {
        const LinkId link = open_link();
        if (i % 3 == 0) client.abandon(link);
        if (i % 3 == 1) client.close(link);
        if (i % 3 == 2) server.cut(at_server.sessions.back());
        if (i % 3 != 0) wait_closed(link);
    }
    ASSERT_TRUE(pump(loop, settled));
    pump_for(loop, milliseconds(20));
    EXPECT_EQ(open_descriptors(), before);
}

TEST(LoopIdle, NeverWaitsLongerThanAsked)
{
    for (const Idle idle : {Idle::spin, Idle::yield, Idle::sleep}) {
        Loop loop(idle);
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_FALSE(loop.run_once(milliseconds(30)));
        const auto took = std::chrono::steady_clock::now() - begin;
        EXPECT_GE(took, milliseconds(29));
        EXPECT_LT(took, milliseconds(3000));
        loop.wake();
        EXPECT_TRUE(loop.run_once(std::chrono::seconds(60)));
    }
}

}  // namespace
}  // namespace arb::net::test
