// A peer that breaks the rules, byte by byte from a raw TLS server: handshakes that are none, frames against
// RFC 6455, announced sizes beyond the limit. The link ends with the right kind and code, and nothing else
// happens.
#include "tests/net/raw_tls_server.hpp"
#include "tests/net/support.hpp"

namespace arb::net::test {
namespace {

struct Meeting {
    CloseInfo info;
    std::vector<std::string> frames;
    int code_told = 0;  ///< the close code that the peer got from us
    bool opened = false;
};

/// Connects to a peer that follows `script`, and waits for the end.
Meeting meet(const RawTlsServer::Script& script, const Limits& limits = {}, bool close_after_frame = false)
{
    Meeting meeting;
    RawTlsServer raw(loopback_identity(), script);
    Loop loop;
    ClientRecorder at_client;
    Client client(loop, TlsTrust{ca_file()}, at_client);
    if (close_after_frame)
        at_client.frame_hook = [&](LinkId link, char*, std::size_t) { client.close(link); };
    const LinkId link = client.open("wss://127.0.0.1:" + std::to_string(raw.port) + "/", {}, limits);
    EXPECT_TRUE(pump(loop, [&] { return at_client.end_of(link) != nullptr; })) << "the link never ended";
    if (at_client.end_of(link) != nullptr) meeting.info = *at_client.end_of(link);
    pump_for(loop, milliseconds(20));  // our close frame leaves
    meeting.frames = at_client.frames;
    meeting.opened = !at_client.opened.empty();
    return meeting;
}

/// The peer opens the websocket properly, sends `bytes` and reads our close code.
Meeting meet_frames(const std::string& bytes, const Limits& limits = {})
{
    int code = 0;
    Meeting meeting = meet(
        [&](RawPeer& peer) {
            peer.upgrade();
            peer.write(bytes);
            code = peer.read_close_code();
        },
        limits);
    meeting.code_told = code;
    EXPECT_TRUE(meeting.opened);
    return meeting;
}

Meeting meet_answer(const std::string& answer)
{
    const Meeting meeting = meet([&](RawPeer& peer) {
        peer.read_until("\r\n\r\n");
        peer.write(answer);
    });
    EXPECT_EQ(meeting.info.kind, CloseKind::handshake) << meeting.info.text;
    EXPECT_FALSE(meeting.opened);
    return meeting;
}

TEST(HostileHandshake, RedirectIsNotFollowed)
{
    const Meeting meeting =
        meet_answer("HTTP/1.1 301 Moved\r\nLocation: wss://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(meeting.info.http_status, 301);
    EXPECT_EQ(meeting.info.text.find("127.0.0.1:1"), std::string::npos);
}

TEST(HostileHandshake, ErrorPageTellsStatusAndRetryAfter)
{
    const Meeting meeting = meet_answer(
        "HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nRetry-After: 7\r\n\r\n<html>sorry</html>");
    EXPECT_EQ(meeting.info.http_status, 503);
    EXPECT_EQ(find_header(meeting.info.headers, "retry-after"), "7");
}

TEST(HostileHandshake, StatusThatIsNoStatus)
{
    for (const char* status : {"-1", "99999999999", "1011", "abc", ""}) {
        const Meeting meeting =
            meet_answer(std::string("HTTP/1.1 ") + status + " Odd\r\nContent-Length: 0\r\n\r\n");
        EXPECT_EQ(meeting.info.http_status, 0) << status;
    }
}

TEST(HostileHandshake, GarbageInsteadOfHttp)
{
    EXPECT_EQ(meet_answer(std::string("\x16\x03\x01\x00\r\n\r\n", 8)).info.http_status, 0);
}

TEST(HostileHandshake, WrongAccept)
{
    const Meeting meeting =
        meet([](RawPeer& peer) { peer.upgrade({}, RawPeer::accept_of("dGhlIHNhbXBsZSBub25jZQ==")); });
    EXPECT_EQ(meeting.info.kind, CloseKind::handshake);
    EXPECT_FALSE(meeting.opened);
}

TEST(HostileHandshake, DeflateThatNobodyOfferedIsRefused)
{
    const Meeting meeting =
        meet([](RawPeer& peer) { peer.upgrade("Sec-WebSocket-Extensions: permessage-deflate\r\n"); });
    EXPECT_EQ(meeting.info.kind, CloseKind::handshake);
    EXPECT_FALSE(meeting.opened);
}

TEST(HostileHandshake, HeaderBeyondTheLimit)
{
    meet_answer("HTTP/1.1 101 Switching\r\nX-Long: " + std::string(1U << 20U, 'x') + "\r\n\r\n");
    std::string many = "HTTP/1.1 101 Switching\r\n";
    for (int i = 0; i < 5000; ++i) many += "X-Many: y\r\n";
    meet_answer(many + "\r\n");
}

TEST(HostileHandshake, AHeaderThatNeverEndsMeetsTheDeadline)
{
    Limits limits;
    limits.handshake = milliseconds(3'000);  // TCP and TLS have to be over by then, on a busy machine too
    const Meeting meeting = meet(
        [](RawPeer& peer) {
            peer.write("HTTP/1.1 101 Switching\r\nX-Slow: ");
            peer.read_until("never");
        },
        limits);
    EXPECT_EQ(meeting.info.kind, CloseKind::handshake);
}

TEST(HostileFrames, FirstFramesMayComeWithTheHandshake)
{
    const Meeting meeting = meet([](RawPeer& peer) {
        peer.upgrade();
        peer.write(frame(0x81, "early") + frame(0x88, "\x03\xe8"));
    });
    ASSERT_EQ(meeting.frames.size(), 1U);
    EXPECT_EQ(meeting.frames[0], "early");
    EXPECT_EQ(meeting.info.code, 1000);
}

TEST(HostileFrames, FragmentsBecomeOneMessage)
{
    const std::string parts = frame(0x01, "one ") + frame(0x89, "ping between") + frame(0x00, "") +
                              frame(0x00, "two ") + frame(0x80, "three");
    const Meeting meeting = meet_frames(parts + frame(0x88, "\x03\xe9"));
    ASSERT_EQ(meeting.frames.size(), 1U);
    EXPECT_EQ(meeting.frames[0], "one two three");
    EXPECT_EQ(meeting.info.kind, CloseKind::peer_closed);
    EXPECT_EQ(meeting.info.code, 1001);
    EXPECT_EQ(meeting.code_told, 1001);
}

TEST(HostileFrames, AMillionEmptyFragmentsTakeNoMemory)
{
    std::string fragments = frame(0x01, "");
    for (int i = 0; i < 1'000'000; ++i) fragments += std::string("\x00\x00", 2);
    const Meeting meeting = meet_frames(fragments + frame(0x80, "end") + frame(0x88, "\x03\xe8"));
    ASSERT_EQ(meeting.frames.size(), 1U);
    EXPECT_EQ(meeting.frames[0], "end");
}

TEST(HostileFrames, HugeAnnouncedLengthClosesWith1009)
{
    for (const std::string& length : {std::string("\x80\x00\x00\x00\x00\x00\x00\x00", 8),
                                      std::string("\x7f\xff\xff\xff\xff\xff\xff\xff", 8),
                                      std::string("\x00\x00\x00\x01\x00\x00\x00\x00", 8)}) {
        const Meeting meeting = meet_frames("\x81\x7f" + length + "some");
        EXPECT_EQ(meeting.info.kind, CloseKind::too_big) << meeting.info.text;
        EXPECT_EQ(meeting.info.code, 1009);
        EXPECT_EQ(meeting.code_told, 1009);
    }
}

TEST(HostileFrames, ContinuationsAddUpToTheLimit)
{
    Limits limits;
    limits.frame_bytes_max = 1000;
    const std::string part(400, 'x');
    const Meeting meeting = meet_frames(frame(0x01, part) + frame(0x00, part) + frame(0x00, part), limits);
    EXPECT_EQ(meeting.info.kind, CloseKind::too_big);
    EXPECT_EQ(meeting.code_told, 1009);
}

TEST(HostileFrames, AMessageOfExactlyTheLimitPasses)
{
    Limits limits;
    limits.frame_bytes_max = 1000;
    const Meeting meeting =
        meet_frames(frame(0x81, std::string(1000, 'x')) + frame(0x88, "\x03\xe8"), limits);
    EXPECT_EQ(meeting.frames.size(), 1U);
    EXPECT_EQ(meeting.info.kind, CloseKind::peer_closed);
}

TEST(HostileFrames, ProtocolErrorsCloseWith1002)
{
    const std::string cases[] = {
        frame(0x89, std::string(126, 'p')),  // a ping over 125 bytes
        frame(0x09, "fragmented ping"),      // a control frame without FIN
        frame(0xc1, "rsv1"),                 // compressed, though never agreed
        frame(0xa1, "rsv2"),
        frame(0x91, "rsv3"),  // reserved bits
        frame(0x83, "opcode 3"),
        frame(0x8b, "opcode 11"),                           // reserved opcodes
        frame(0x80, "continues nothing"),                   //
        frame(0x01, "begun") + frame(0x81, "begun again"),  //
        std::string("\x81\x85"
                    "mask"
                    "hello",
                    11),  // a server's frame is not masked
        std::string("\x81\x7e\x00\x05"
                    "hello",
                    9),                           // a length not in its shortest form
        frame(0x88, "x"),                         // half a close code
        frame(0x88, std::string("\x03\xee", 2)),  // 1006 is never on the wire
        frame(0x88, std::string("\x00\x01", 2)),  //
    };
    for (const std::string& bytes : cases) {
        const Meeting meeting = meet_frames(bytes);
        EXPECT_EQ(meeting.info.kind, CloseKind::protocol) << meeting.info.text;
        EXPECT_EQ(meeting.info.code, 1002) << meeting.info.text;
        EXPECT_EQ(meeting.code_told, 1002) << meeting.info.text;
        EXPECT_TRUE(meeting.frames.empty());
    }
}

TEST(HostileFrames, TextThatIsNotUtf8ClosesWith1007)
{
    const std::string cases[] = {
        frame(0x81, "\xc3\x28"), frame(0x81, "a plain beginning \xff"), frame(0x81, "\xed\xa0\x80"),
        frame(0x81, "cut short \xe2\x82"),
        // 0.8.2 by itself does not see this one: the text ends inside of a character, in a continuation.
        frame(0x01, "cut short ") + frame(0x80, "\xe2\x82"), frame(0x88, "\x03\xe8\xff")};
    for (const std::string& bytes : cases) {
        const Meeting meeting = meet_frames(bytes);
        EXPECT_EQ(meeting.info.code, 1007) << meeting.info.text;
        EXPECT_EQ(meeting.code_told, 1007);
        EXPECT_TRUE(meeting.frames.empty());
    }
}

TEST(HostileFrames, CharactersMaySpanFragmentsAndBinaryIsFree)
{
    const std::string text = frame(0x01, "\xe2\x82") + frame(0x80, "\xac 12345678 \xc3\xa9");
    const Meeting meeting = meet_frames(text + frame(0x82, "\xff\xfe") + frame(0x88, ""));
    ASSERT_EQ(meeting.frames.size(), 2U);
    EXPECT_EQ(meeting.frames[0], "\xe2\x82\xac 12345678 \xc3\xa9");
    EXPECT_EQ(meeting.frames[1], "\xff\xfe");
    EXPECT_EQ(meeting.info.code, 1005);
}

TEST(HostileFrames, CutInTheMiddleOfAFrameDeliversNothing)
{
    const Meeting meeting = meet([](RawPeer& peer) {
        peer.upgrade();
        peer.write(frame(0x81, "a whole message").substr(0, 8));
        peer.fin();
    });
    EXPECT_EQ(meeting.info.kind, CloseKind::peer_closed);
    EXPECT_EQ(meeting.info.code, 1006);
    EXPECT_TRUE(meeting.frames.empty());
}

TEST(HostileFrames, DataAfterOurCloseIsNotDelivered)
{
    const Meeting meeting = meet(
        [](RawPeer& peer) {
            peer.upgrade();
            std::string flood;
            for (int i = 0; i < 1000; ++i) flood += frame(0x81, "more");
            peer.write(flood);
            peer.read_close_code();
            peer.write(flood + frame(0x88, "\x03\xe8"));
        },
        {}, true);
    EXPECT_EQ(meeting.frames.size(), 1U);
    EXPECT_EQ(meeting.info.kind, CloseKind::local);
}

}  // namespace
}  // namespace arb::net::test
