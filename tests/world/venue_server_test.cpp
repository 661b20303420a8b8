// An emulated venue behind a real TLS socket on loopback: REST, websockets, latency, and every fault that can
// be played, as a real client sees it. Nothing sleeps.
#include "engine/world/venue_server.hpp"

#include <gtest/gtest.h>

#include "engine/world/emulated_exchange.hpp"
#include "tests/live/fake_venue.hpp"
#include "tests/net/support.hpp"

namespace arb {
namespace {

using net::test::ClientRecorder;

class ScriptedFaults final : public FaultSource {
  public:
    MishapChoice on_order(RequestRoute, Timestamp) override { return order; }
    MishapChoice on_answer(RequestRoute route, RequestDeed deed, Timestamp) override
    {
        deeds.push_back(deed);
        routes.push_back(route);
        return answer;
    }
    MishapChoice on_message(Timestamp) override { return std::exchange(message, {}); }
    MishapChoice order, answer, message;
    std::vector<RequestDeed> deeds;
    std::vector<RequestRoute> routes;
};

InstrumentTable one_listing()
{
    ListingDefinition d;
    d.market = "spot";
    d.symbol = "LINK/USDT";
    d.base = "LINK";
    d.quote = "USDT";
    d.tick = *Decimal::parse("0.01");
    d.lot = *Decimal::parse("0.001");
    return InstrumentTable::build({{{"fake", "spot"}, {d}}}).take();
}

class VenueServerTest : public testing::Test {
  protected:
    VenueServerTest() { serve({}); }
    void serve(Duration latency, std::size_t backlog = 4U << 20U)
    {
        server.reset();
        VenueServerSetup setup;
        setup.identity = net::test::loopback_identity();
        setup.venue = &venue;
        setup.market = &market;
        setup.faults = &desk;
        setup.latency = latency;
        setup.backlog_bytes_max = backlog;
        setup.deliver = [this](Timestamp now, SessionOutbox& out) { exchange.deliver(venue, now, out); };
        setup.on_time = [this](Timestamp now) { exchange.on_time(now); };
        server = std::make_unique<VenueServer>(loop, clock, std::move(setup));
    }
    static EmulatedVenueSetup venue_setup(const InstrumentTable& table, EmulatedMarket& market)
    {
        EmulatedVenueSetup setup;
        setup.table = &table;
        setup.exchange = &market;
        return setup;
    }
    template <class Done>
    bool pump(Done done, std::int64_t milliseconds_most = 300'000)
    {
        const Timestamp until = clock.now() + milliseconds(milliseconds_most);
        while (!done()) {
            if (clock.now() > until) return false;
            loop.run_once(std::chrono::milliseconds(2));
            server->turn();
        }
        return true;
    }
    /// Lets everything that is under way arrive.
    void settle(std::int64_t ms = 60)
    {
        (void)pump([] { return false; }, ms);
    }
    std::string address(const char* scheme, const std::string& target) const
    {
        return fmt::format("{}://127.0.0.1:{}{}", scheme, server->port(), target);
    }
    net::LinkId open()
    {
        const net::LinkId link = client.open(address("wss", "/ws"));
        EXPECT_TRUE(pump([&] { return said("welcome"); }));
        return link;
    }
    bool said(const std::string& text) const { return count(text) > 0; }
    std::size_t count(const std::string& text) const
    {
        return static_cast<std::size_t>(std::count(at_client.frames.begin(), at_client.frames.end(), text));
    }
    net::RequestId ask(const char* method, const std::string& target, const std::string& body = {},
                       std::int64_t ms = 5000)
    {
        return client.request({method, address("https", target), {}, body, std::chrono::milliseconds(ms)});
    }
    net::HttpOutcome reply_to(net::RequestId id)
    {
        EXPECT_TRUE(pump([&] { return at_client.reply_to(id) != nullptr; })) << "no reply";
        return at_client.reply_to(id) != nullptr ? *at_client.reply_to(id) : net::HttpOutcome{};
    }
    net::HttpOutcome call(const char* method, const std::string& target, const std::string& body = {},
                          std::int64_t ms = 5000)
    {
        return reply_to(ask(method, target, body, ms));
    }
    std::string state_of(const std::string& client_id) const
    {
        const EmulatedOrder* order = exchange.find_client(AccountId{1}, client_id);
        return order == nullptr ? "none" : order->state == EmulatedState::open ? "open" : "over";
    }

    InstrumentTable table = one_listing();
    EmulatedExchange exchange = [this] {
        EmulatedExchange e(table, VenueId{0}, ExchangeRules{});
        e.deposit(AccountId{1}, "USDT", *amount_of(*Decimal::parse("100000")));
        return e;
    }();
    WatchedMarket market{exchange};
    test::FakeVenue venue{venue_setup(table, market)};
    ScriptedFaults desk;
    LiveClock clock;
    net::Loop loop;
    std::unique_ptr<VenueServer> server;
    ClientRecorder at_client;
    net::Client client{loop, net::TlsTrust{net::test::ca_file()}, at_client};
};

TEST_F(VenueServerTest, ServesRequestsAndWebsocketsOnOnePort)
{
    const net::HttpOutcome time = call("GET", "/time");
    EXPECT_EQ(time.status, 200);
    EXPECT_EQ(net::find_header(time.headers, "X-Remote"), "127.0.0.1");
    EXPECT_EQ(call("GET", "/nowhere").status, 404);
    open();
    const net::HttpOutcome placed = call("POST", "/order", "place a buy 2700 1000");
    EXPECT_EQ(placed.body.view(), "taken a");
    EXPECT_TRUE(pump([&] { return said("order a open 0"); })) << "events reach the sessions";
    EXPECT_EQ(call("GET", "/order?a").body.view(), "order a open 0");
    EXPECT_EQ(desk.deeds, (std::vector<RequestDeed>{RequestDeed::other, RequestDeed::other,
                                                    RequestDeed::order, RequestDeed::query}));
    EXPECT_EQ(server->session_count(), 1U);
}

TEST_F(VenueServerTest, RefusesAWebsocketWhereTheVenueHasNone)
{
    const net::LinkId link = client.open(address("wss", "/elsewhere"));
    ASSERT_TRUE(pump([&] { return at_client.end_of(link) != nullptr; }));
    EXPECT_EQ(at_client.end_of(link)->kind, net::CloseKind::handshake);
    EXPECT_EQ(at_client.end_of(link)->http_status, 404);
    EXPECT_EQ(server->session_count(), 0U);
}

TEST_F(VenueServerTest, TicksAndTellsTheVenueWhoHasGone)
{
    const net::LinkId link = open();
    EXPECT_TRUE(pump([&] { return venue.ticks >= 3; }));
    client.close(link);
    EXPECT_TRUE(pump([&] { return venue.closed == 1; }));
    EXPECT_TRUE(venue.sessions.empty());
}

TEST_F(VenueServerTest, TheVenueMayCloseASessionAfterItsLastWords)
{
    const net::LinkId link = open();
    client.send(link, "bye");
    ASSERT_TRUE(pump([&] { return at_client.end_of(link) != nullptr; }));
    EXPECT_TRUE(said("goodbye"));
    EXPECT_EQ(at_client.end_of(link)->code, 4000);
    EXPECT_EQ(at_client.end_of(link)->reason, "as you wish");
    EXPECT_TRUE(pump([&] { return venue.closed == 1; }));
}

TEST_F(VenueServerTest, LatencyDelaysBothWaysAndKeepsTheOrder)
{
    serve(milliseconds(30));
    const net::LinkId link = open();
    at_client.frames.clear();
    const Timestamp sent = clock.now();
    for (int i = 0; i < 5; ++i) client.send(link, fmt::format("query {}", i));
    ASSERT_TRUE(pump([&] { return at_client.frames.size() == 5; }));
    EXPECT_GE((clock.now() - sent).ns, milliseconds(60).ns);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(at_client.frames[static_cast<std::size_t>(i)], fmt::format("unknown {}", i));
}

TEST_F(VenueServerTest, AFailureMayHideAnOrderThatWasExecutedOrWasNot)
{
    desk.answer = {Mishap::failure, {}};
    EXPECT_EQ(call("POST", "/order", "place a buy 2700 1000").status, 503);
    EXPECT_EQ(state_of("a"), "open");
    desk.answer = {};
    desk.order = {Mishap::failure, {}};
    EXPECT_EQ(call("POST", "/order", "place b buy 2700 1000").status, 503);
    EXPECT_EQ(state_of("b"), "none");
    const net::LinkId link = open();
    client.send(link, "place c buy 2700 1000");
    EXPECT_TRUE(pump([&] { return said("failed"); }));
    EXPECT_FALSE(said("refused c")) << "nobody hears how the order was kept back";
    EXPECT_EQ(state_of("c"), "none");
    EXPECT_EQ(server->counts().mishaps, 3U);
}

TEST_F(VenueServerTest, ALostAnswerLeavesTheClientInDoubt)
{
    desk.answer = {Mishap::silence, {}};
    const net::HttpOutcome lost = call("POST", "/order", "place a buy 2700 1000", 300);
    EXPECT_EQ(lost.status, 0);
    EXPECT_TRUE(lost.sent);
    EXPECT_EQ(state_of("a"), "open");
    const net::LinkId link = open();
    client.send(link, "place b buy 2600 1000");
    ASSERT_TRUE(pump([&] { return said("order b open 0"); })) << "the private stream still tells";
    settle();
    EXPECT_FALSE(said("taken b"));
    desk.answer = {};
    desk.order = {Mishap::silence, {}};
    client.send(link, "place c buy 2600 1000");
    client.send(link, "query c");
    ASSERT_TRUE(pump([&] { return said("unknown c"); }));
    EXPECT_FALSE(said("refused c"));
}

TEST_F(VenueServerTest, ACutMayComeBeforeOrAfterTheOrder)
{
    desk.answer = {Mishap::cut, {}};
    const net::HttpOutcome after = call("POST", "/order", "place a buy 2700 1000");
    EXPECT_EQ(after.status, 0);
    EXPECT_TRUE(after.sent);
    EXPECT_EQ(state_of("a"), "open");
    desk.answer = {};
    desk.order = {Mishap::cut, {}};
    EXPECT_EQ(call("POST", "/order", "place b buy 2700 1000").status, 0);
    EXPECT_EQ(state_of("b"), "none");
    const net::LinkId link = open();
    client.send(link, "place c buy 2700 1000");
    ASSERT_TRUE(pump([&] { return at_client.end_of(link) != nullptr; }));
    EXPECT_EQ(at_client.end_of(link)->kind, net::CloseKind::peer_closed);
    EXPECT_EQ(venue.closed, 1) << "the venue is told once";
    EXPECT_EQ(state_of("c"), "none");
    EXPECT_EQ(server->session_count(), 0U);
}

TEST_F(VenueServerTest, ADelayedAnswerHoldsUpThoseBehindIt)
{
    const net::LinkId link = open();
    at_client.frames.clear();
    desk.answer = {Mishap::delay, milliseconds(80)};
    const Timestamp sent = clock.now();
    client.send(link, "query 1");
    ASSERT_TRUE(pump([&] { return desk.deeds.size() == 1; }));
    desk.answer = {};
    client.send(link, "query 2");
    ASSERT_TRUE(pump([&] { return at_client.frames.size() == 2; }));
    EXPECT_GE((clock.now() - sent).ns, milliseconds(80).ns);
    EXPECT_EQ(at_client.frames[0], "unknown 1");
}

TEST_F(VenueServerTest, MessagesAreToldTwiceOutOfOrderOrNotAtAll)
{
    open();
    desk.message = {Mishap::duplicate, {}};
    (void)call("POST", "/order", "place a buy 2700 1000");
    ASSERT_TRUE(pump([&] { return count("order a open 0") == 2; }));
    desk.message = {Mishap::silence, {}};
    (void)call("POST", "/order", "place b buy 2700 1000");
    (void)call("POST", "/order", "place c buy 2700 1000");
    ASSERT_TRUE(pump([&] { return said("order c open 0"); }));
    EXPECT_FALSE(said("order b open 0"));
    desk.message = {Mishap::reorder, {}};
    (void)call("POST", "/order", "place d buy 2700 1000");
    (void)call("POST", "/order", "place e buy 2700 1000");
    ASSERT_TRUE(pump([&] { return said("order d open 0"); }));
    const auto at = [&](const char* text) {
        return std::find(at_client.frames.begin(), at_client.frames.end(), text);
    };
    EXPECT_LT(at("order e open 0"), at("order d open 0"));
    desk.message = {Mishap::reorder, {}};
    (void)call("POST", "/order", "place f buy 2700 1000");
    EXPECT_TRUE(pump([&] { return said("order f open 0"); })) << "with nothing behind it, it still comes";
}

TEST_F(VenueServerTest, ABanRefusesRequestsAndNewWebsocketsAndEnds)
{
    server->ban(milliseconds(400));
    const net::HttpOutcome banned = call("POST", "/order", "place a buy 2700 1000");
    EXPECT_EQ(banned.status, 429);
    EXPECT_EQ(net::find_header(banned.headers, "Retry-After"), "1");
    EXPECT_EQ(state_of("a"), "none");
    const net::LinkId link = client.open(address("wss", "/ws"));
    ASSERT_TRUE(pump([&] { return at_client.end_of(link) != nullptr; }));
    EXPECT_EQ(at_client.end_of(link)->http_status, 429);
    settle(450);
    EXPECT_EQ(call("GET", "/time").status, 200);
}

TEST_F(VenueServerTest, AFrozenSessionIsHalfOpenUntilItIsCut)
{
    const net::LinkId link = open();
    at_client.frames.clear();
    const Timestamp thaws = clock.now() + seconds(2);
    server->freeze_session(0, milliseconds(2'000));
    server->freeze_session(5, milliseconds(2'000));  // there is none: nothing happens
    client.send(link, "query 1");
    (void)call("POST", "/order", "place a buy 2700 1000");
    settle(100);
    EXPECT_TRUE(at_client.frames.empty());
    // On a machine that stood still for so long the end may have come already.
    if (clock.now() < thaws) {
        EXPECT_EQ(at_client.end_of(link), nullptr);
        EXPECT_EQ(server->session_count(), 1U);
    }
    EXPECT_TRUE(pump([&] { return at_client.end_of(link) != nullptr; }));
    EXPECT_TRUE(at_client.frames.empty()) << "nothing comes out of a frozen session";
    EXPECT_EQ(venue.closed, 1);
}

TEST_F(VenueServerTest, AClientThatDoesNotReadIsCut)
{
    serve({}, 500'000);
    const net::LinkId link = open();
    client.send(link, "flood 200");
    ASSERT_TRUE(pump([&] { return at_client.end_of(link) != nullptr; }));
    EXPECT_TRUE(pump([&] { return venue.closed == 1; }));
    EXPECT_EQ(server->session_count(), 0U);
    EXPECT_EQ(call("GET", "/time").status, 200) << "the others are served on";
}

TEST_F(VenueServerTest, TheVenuesClockMayBeWrong)
{
    server->set_skew(seconds(-3600));
    const net::HttpOutcome reply = call("GET", "/time");
    const std::int64_t said_time = std::stoll(std::string(reply.body.view()));
    EXPECT_NEAR(static_cast<double>(clock.now().ns - said_time), 3600e9, 30e9);
    server->set_skew({});
    EXPECT_TRUE(pump([&] { return clock.now() - venue.ticked < seconds(60); })) << "it goes on ticking";
}

TEST_F(VenueServerTest, AChangedKeyIsAnnounced)
{
    open();
    EmulatedKey key;
    key.label = "trade";
    server->key_changed(key);
    EXPECT_TRUE(pump([&] { return said("key trade"); }));
}

TEST_F(VenueServerTest, APortInUseIsOneSentence)
{
    VenueServerSetup setup;
    setup.identity = net::test::loopback_identity();
    setup.port = server->port();
    setup.venue = &venue;
    setup.market = &market;
    try {
        const VenueServer second(loop, clock, std::move(setup));
        FAIL() << "two servers on one port";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find(std::to_string(server->port())), std::string::npos);
    }
}

}  // namespace
}  // namespace arb
