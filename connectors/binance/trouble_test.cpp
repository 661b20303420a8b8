// The trading side in trouble: lost messages, unknown outcomes, refused keys, bans, clocks, connections that
// end.
#include <gtest/gtest.h>

#include "connectors/binance/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

using arb::test::VenueLink;
using test::Case;

class BinanceTroubleTest : public ::testing::TestWithParam<Case>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        const bool received = std::string_view(GetParam().market) == "spot";
        make_link(GetParam(), received ? FeeTaking::received : FeeTaking::quote);
    }
    void start()
    {
        link_->start();
        link_->run(seconds(1));
        ASSERT_TRUE(ready());
    }
    void expect_end(RequestKind kind, Outcome outcome, RejectReason reason = RejectReason::none)
    {
        const RequestEnd end = ended(kind);
        ASSERT_NE(end.outcome, Outcome::count_) << name(kind);
        EXPECT_EQ(test::end_text(end.outcome, end.reason), test::end_text(outcome, reason))
            << name(kind) << " " << end.code;
    }
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceTroubleTest,
                         ::testing::Values(Case{"spot", "trade"}, Case{"spot", "trade_ed25519"},
                                           Case{"usdm", "trade"}, Case{"usdm", "trade_ed25519"}),
                         test::label<::testing::TestParamInfo<Case>>);

TEST_P(BinanceTroubleTest, AnUnknownOutcomeThatExecutedIsFoundByAsking)
{
    start();
    link_->on_to_client = [](VenueLink::Message& m) {  // neither reply nor stream gets through
        return m.kind != VenueLink::Message::Kind::frame ||
               (m.text.find("executionReport") == std::string::npos &&
                m.text.find("ORDER_TRADE_UPDATE") == std::string::npos &&
                m.text.find("clientOrderId") == std::string::npos);
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link_->run(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
    EXPECT_TRUE(link_->fills.empty());
    link_->on_to_client = nullptr;
    link_->query(id);
    settle();
    expect_end(RequestKind::query_order, Outcome::done);
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link_->last(id)->report.source, ReportSource::query);
    link_->venue().query_fills(link_->all_listings(), link_->now() - seconds(60), link_->now(), *link_,
                               *link_);
    settle();
    expect_end(RequestKind::fills, Outcome::done);
    EXPECT_TRUE(ended(RequestKind::fills).complete);
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
}

TEST_P(BinanceTroubleTest, AnUnknownOutcomeThatDidNotHappenIsAbsent)
{
    start();
    link_->on_to_venue = [](VenueLink::Message& m) {
        return m.text.find("order.place") == std::string::npos;
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link_->run(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
    link_->on_to_venue = nullptr;
    link_->query(id);
    settle();
    expect_end(RequestKind::query_order, Outcome::done);
    EXPECT_EQ(status(id), OrderStatus::absent);
}

TEST_P(BinanceTroubleTest, TheVenueItselfDoesNotKnow)
{
    start();
    link_->on_to_client = [&](VenueLink::Message& m) {
        const bool place = m.text.find("\"transactTime\"") != std::string::npos ||
                           m.text.find("\"cumQty\"") != std::string::npos;
        if (place && m.text.starts_with("{\"id\":")) {
            const std::string id = m.text.substr(6, m.text.find(',') - 6);
            m.text = link_->emulated().failed_frame("{\"id\":" + id + ",\"method\":\"order.place\"}");
        }
        return true;
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::unknown);
    EXPECT_EQ(ended(RequestKind::place).code, "-1007");
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));  // the stream tells
}

TEST_P(BinanceTroubleTest, ALostAcknowledgementIsMadeUpByTheStream)
{
    start();
    link_->on_to_client = [](VenueLink::Message& m) {
        return m.kind != VenueLink::Message::Kind::frame ||
               m.text.find("\"rateLimits\"") == std::string::npos;
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
    EXPECT_EQ(link_->last_end(RequestKind::place), nullptr);
    link_->run(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
}

TEST_P(BinanceTroubleTest, ASecondStartAfterARefusedKeyLogsOnAnew)
{
    for (EmulatedKey& key : link_->keys) key.revoked = true;
    link_->start();
    link_->run(seconds(2));
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    expect_end(RequestKind::session, Outcome::key_trouble, RejectReason::permission);
    for (EmulatedKey& key : link_->keys) key.revoked = false;
    link_->run(seconds(60));
    EXPECT_FALSE(link_->ready(Channel::order_entry)) << "a refused key is not tried again by itself";
    link_->venue().start_session(link_->now(), *link_, *link_);
    link_->run(seconds(8));
    EXPECT_TRUE(ready());
}

TEST_P(BinanceTroubleTest, AnAccountInHedgeModeSendsNoOrderUntilItIsChanged)
{
    if (spot()) return;
    link_->on_to_client = [](VenueLink::Message& m) {
        const std::size_t at = m.reply.body.find(R"("dualSidePosition":false)");
        if (at != std::string::npos) m.reply.body = R"({"dualSidePosition":true})";
        return true;
    };
    link_->start();
    link_->run(seconds(5));
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    expect_end(RequestKind::session, Outcome::refused, RejectReason::permission);
    EXPECT_NE(link_->last_end(RequestKind::session)->text.find("One-way"), std::string::npos);
    link_->on_to_client = nullptr;
    link_->run(seconds(60));
    EXPECT_TRUE(ready());
}

TEST_P(BinanceTroubleTest, AnOrderForTheOtherPositionModeClosesTheRoadUntilTheVenueIsAsked)
{
    if (spot()) return;
    start();
    int answers = 0;
    link_->on_to_client = [&](VenueLink::Message& m) {
        const bool place = m.text.starts_with("{\"id\":") && m.text.find("\"cumQty\"") != std::string::npos;
        if (place) {
            m.text = m.text.substr(0, m.text.find(',')) +
                     R"(,"status":400,"error":{"code":-4061,"msg":"Order's position side does not match"}})";
        }
        if (m.reply.body.find("dualSidePosition") != std::string::npos) {
            EXPECT_FALSE(link_->ready(Channel::order_entry));
            ++answers;
        }
        return true;
    };
    (void)link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::refused, RejectReason::other);
    EXPECT_EQ(answers, 1);
    EXPECT_TRUE(ready());
}

TEST_P(BinanceTroubleTest, FramesThatComeTwiceTellTheSame)
{
    start();
    std::vector<VenueLink::Message> copies;
    link_->on_to_client = [&](VenueLink::Message& m) {
        if (m.kind == VenueLink::Message::Kind::frame) copies.push_back(m);
        return true;
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    link_->on_to_client = nullptr;
    const std::size_t ends = link_->ends.size();
    for (const auto& copy : copies) {
        const PaddedBuffer frame(copy.text);
        link_->venue().on_frame(copy.connection, frame.text_of(), link_->now(), *link_, *link_);
    }
    EXPECT_EQ(link_->ends.size(), ends);  // an answer given twice ends nothing twice
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
    EXPECT_EQ(status(id), OrderStatus::filled);
}

TEST_P(BinanceTroubleTest, ALostConnectionEndsWhatWasOnItsWayAndComesBack)
{
    start();
    const OrderId open = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    const OrderId lost = link_->place(Side::buy, "2", "27.00", TimeInForce::gtc);
    link_->cut_all();
    expect_end(RequestKind::place, Outcome::unknown);
    EXPECT_EQ(ended(RequestKind::place).order, lost);
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    EXPECT_FALSE(link_->ready(Channel::private_stream));
    link_->run(seconds(1));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    link_->query(open);
    settle();
    EXPECT_EQ(status(open), OrderStatus::working);
    link_->cancel(open);
    settle();
    EXPECT_EQ(status(open), OrderStatus::cancelled);
}

TEST_P(BinanceTroubleTest, CancellingWorksWithoutTheWebsocket)
{
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    link_->on_to_venue = [](VenueLink::Message& m) { return m.kind != VenueLink::Message::Kind::upgrade; };
    link_->cut_all();
    link_->cancel(id);
    settle();
    expect_end(RequestKind::cancel, Outcome::done);
    EXPECT_EQ(status(id), OrderStatus::cancelled);
}

TEST_P(BinanceTroubleTest, AClockThatIsOffIsToldAndCorrected)
{
    link_->client_ahead = seconds(2);
    link_->start();
    link_->run(seconds(1));
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    expect_end(RequestKind::session, Outcome::refused, RejectReason::clock);
    ASSERT_FALSE(link_->clock_offsets.empty());
    link_->venue().set_clock_offset(link_->clock_offsets.back());
    link_->run(seconds(5));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
}

TEST_P(BinanceTroubleTest, ABanIsToldWithItsLength)
{
    start();
    link_->instead_of_reply = [&](const HttpRequest&) { return link_->emulated().banned(seconds(120)); };
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::banned, RejectReason::rate_limited);
    EXPECT_EQ(ended(RequestKind::balances).retry_after, seconds(120));
    EXPECT_FALSE(ended(RequestKind::balances).complete);
}

TEST_P(BinanceTroubleTest, ServerTroubleIsUnknownAndAnUnsentRequestIsNot)
{
    start();
    link_->instead_of_reply = [&](const HttpRequest&) { return link_->emulated().failed(); };
    const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    link_->query(id);
    settle();
    expect_end(RequestKind::query_order, Outcome::unknown);
    link_->instead_of_reply = [](const HttpRequest&) { return ServerReply{0, {}, ""}; };
    link_->query(id);
    settle();
    expect_end(RequestKind::query_order, Outcome::unknown);
    link_->instead_of_reply = [](const HttpRequest&) { return ServerReply{200, {}, "<html>"}; };
    link_->query(id);
    settle();
    expect_end(RequestKind::query_order, Outcome::unknown);
    link_->instead_of_reply = [](const HttpRequest&) { return ServerReply{0, {}, "not sent"}; };
    link_->query(id);
    settle();
    expect_end(RequestKind::query_order, Outcome::refused, RejectReason::other);
}

TEST_P(BinanceTroubleTest, ARevokedKeyStopsTheSession)
{
    start();
    for (EmulatedKey& key : link_->keys) key.revoked = true;
    link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::key_trouble, RejectReason::permission);
    expect_end(RequestKind::session, Outcome::key_trouble, RejectReason::permission);
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    // Asking again would only lock the account out.
    const std::size_t uses = link_->key_uses.size();
    link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link_->cut_all();
    link_->run(seconds(30));
    EXPECT_LE(link_->key_uses.size(), uses + 2);
}

TEST_P(BinanceTroubleTest, AReadOnlyKeyMayNotTrade)
{
    link_->use_key("read");
    link_->start();
    link_->run(seconds(1));
    link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::key_trouble, RejectReason::permission);
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::done);
    EXPECT_EQ(link_->exchange().order_count(), 0U);
}

TEST_P(BinanceTroubleTest, AWrongSignatureIsRefused)
{
    link_->on_to_venue = [](VenueLink::Message& m) {
        const std::size_t at = m.text.find("\"signature\":\"");
        if (at != std::string::npos) m.text[at + 14] = m.text[at + 14] == 'a' ? 'b' : 'a';
        return true;
    };
    link_->start();
    link_->run(seconds(1));
    expect_end(RequestKind::session, Outcome::key_trouble, RejectReason::permission);
    EXPECT_EQ(ended(RequestKind::session).code, "-1022");
    EXPECT_FALSE(link_->ready(Channel::order_entry));
}

TEST_P(BinanceTroubleTest, ConnectionsAreReplacedBeforeTheirTime)
{
    start();
    const std::size_t changes = link_->channels.size();
    link_->run(Duration{kLifeMax.ns + seconds(5).ns});
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    EXPECT_EQ(link_->channels.size(), changes);  // the new one stood before the old one went
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
}

TEST_P(BinanceTroubleTest, TheDeadManSwitchOfUsdm)
{
    start();
    EXPECT_EQ(link_->venue().trading_features().dead_man, !spot());
    EXPECT_FALSE(link_->venue().trading_features().dead_man_note.empty());
    const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    link_->run(seconds(200));  // set anew in time
    EXPECT_EQ(status(id), OrderStatus::working);
    link_->on_to_venue = [](VenueLink::Message&) { return false; };
    link_->cut_all();
    link_->run(seconds(130));
    const auto open = link_->exchange().orders(VenueLink::kAccount, ListingId{0}, true);
    EXPECT_EQ(open.size(), spot() ? 1U : 0U);
}

TEST_P(BinanceTroubleTest, AListenKeyThatExpiresIsReplaced)
{
    if (spot()) return;  // the spot stream has none
    start();
    link_->on_to_venue = [](VenueLink::Message& m) {
        return m.request.url.find("listenKey") == std::string::npos;
    };
    link_->run(seconds(3'605));
    EXPECT_FALSE(link_->ready(Channel::private_stream));
    link_->on_to_venue = nullptr;
    link_->run(seconds(60));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
}

TEST_P(BinanceTroubleTest, AnAnnouncedShutdownIsLeftBeforeItComes)
{
    start();
    const std::size_t changes = link_->channels.size();
    const PaddedBuffer frame(R"({"event":{"e":"serverShutdown","E":1770123456789}})");
    for (unsigned c = 0; c < 4; ++c)
        link_->venue().on_frame(static_cast<ConnectionId>(c), frame.text_of(), link_->now(), *link_, *link_);
    link_->run(seconds(1));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_EQ(link_->channels.size(), changes);
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
}

}  // namespace
}  // namespace arb::binance
