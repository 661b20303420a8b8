// The trading side against the emulated venue: keys, clocks, restarts, dials.
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::LinkEnd;
using arb::test::VenueLink;

class BybitSessionTest : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override { use("trade"); }
    void use(std::string_view key)
    {
        const bool received = std::string_view(GetParam()) == "spot";
        begin(GetParam(), received ? FeeTaking::received : FeeTaking::quote, key);
    }
    void start() { ASSERT_TRUE(log_on()); }
    void expect_end(RequestKind kind, Outcome outcome, RejectReason reason = RejectReason::none)
    {
        EXPECT_EQ(last_end(kind), end_text(outcome, reason)) << name(kind);
    }
    void start_anyhow()
    {
        link_->start();
        link_->run(seconds(1));
    }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitSessionTest, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitSessionTest, AWrongSecretIsKeyTroubleAndNotTriedAgain)
{
    for (EmulatedKey& key : link_->keys) key.secret += "x";
    link_->use_key("trade");
    for (EmulatedKey& key : link_->keys) key.secret.pop_back();
    start_anyhow();
    bool trouble = false;
    for (const LinkEnd& end : link_->ends)
        trouble = trouble || (end.end.outcome == Outcome::key_trouble && end.code == "10004");
    EXPECT_TRUE(trouble);
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    EXPECT_FALSE(link_->ready(Channel::private_stream));
    const std::size_t uses = link_->key_uses.size();
    link_->run(seconds(300));
    EXPECT_EQ(link_->key_uses.size(), uses) << "asking again will not help";
    // Until the trouble is mended, and the session begun once more.
    for (EmulatedKey& key : link_->keys) key.secret += "x";
    link_->venue().start_session(link_->now(), *link_, *link_);
    link_->run(seconds(1));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    for (const LinkEnd& end : link_->ends) EXPECT_EQ(end.text.find("emulated"), std::string::npos);
}

TEST_P(BybitSessionTest, ARevokedKeyLosesItsRoads)
{
    start();
    for (EmulatedKey& key : link_->keys) {
        key.revoked = true;
        link_->emulated().on_key_changed(key, link_->now(), *link_);
    }
    link_->run(seconds(10));
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    EXPECT_FALSE(link_->ready(Channel::private_stream));
    expect_end(RequestKind::session, Outcome::key_trouble, RejectReason::permission);
}

TEST_P(BybitSessionTest, AnExpiredKeyAndAForeignAddressAreKeyTrouble)
{
    for (EmulatedKey& key : link_->keys) key.expires = link_->now() + seconds(5);
    start();
    link_->run(seconds(5));
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::key_trouble, RejectReason::permission);
    EXPECT_EQ(link_->last_end(RequestKind::balances)->code, "33004");
    for (EmulatedKey& key : link_->keys) {
        key.expires = {};
        key.ip_allowed = {"192.0.2.1"};
    }
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    EXPECT_EQ(link_->last_end(RequestKind::balances)->code, "10010");
}

TEST_P(BybitSessionTest, AReadOnlyKeyCannotTrade)
{
    use("read");
    start();
    link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::key_trouble, RejectReason::permission);
    EXPECT_EQ(link_->exchange().order_count(), 0U);
    link_->venue().cancel_all(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::cancel_all, Outcome::key_trouble, RejectReason::permission);
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::done);
}

TEST_P(BybitSessionTest, AClockTwoSecondsAheadIsRefusedUntilItsOffsetIsKnown)
{
    link_->client_ahead = seconds(2);
    start();
    link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    expect_end(RequestKind::place, Outcome::refused, RejectReason::clock);
    ASSERT_FALSE(link_->clock_offsets.empty());
    EXPECT_LT(std::abs(link_->clock_offsets.back().ns + seconds(2).ns), milliseconds(3).ns);
    link_->venue().set_clock_offset(link_->clock_offsets.back());
    const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    expect_end(RequestKind::place, Outcome::done);
    EXPECT_EQ(status(id), "working");
    query_fills();
    expect_end(RequestKind::fills, Outcome::done);
}

TEST_P(BybitSessionTest, AVerySlowClockLogsOnOnceTheOffsetIsKnown)
{
    link_->client_ahead = seconds(-60);  // the log-on has expired when it arrives
    start_anyhow();
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    ASSERT_FALSE(link_->clock_offsets.empty());
    link_->venue().set_clock_offset(link_->clock_offsets.back());
    link_->run(seconds(30));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
}

TEST_P(BybitSessionTest, AnOrderTheVenueCannotAnswerForIsUnknown)
{
    start();
    link_->on_to_venue = [&](VenueLink::Message& m) {
        if (m.text.find("order.create") == std::string::npos) return true;
        const std::string answer = link_->emulated().failed_frame(m.text);
        EXPECT_FALSE(answer.empty());
        static_cast<SessionOutbox&>(*link_).send(static_cast<SessionId>(index(m.connection) + 1), answer);
        return true;  // and it is executed
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link_->ends[link_->ends.size() - 1].end.kind, RequestKind::place);
    expect_end(RequestKind::place, Outcome::unknown);
    EXPECT_EQ(ends(RequestKind::place), 1U);
    EXPECT_EQ(status(id), "filled");
}

TEST_P(BybitSessionTest, ARestartingOrderEntryIsLeftAtOnce)
{
    start();
    link_->on_to_client = [](VenueLink::Message& m) {
        const std::size_t at = m.text.find("\"retCode\":0");
        if (at != std::string::npos && m.text.find("order.create") != std::string::npos)
            m.text.replace(at, 11, "\"retCode\":10019");
        return true;
    };
    link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    expect_end(RequestKind::place, Outcome::refused, RejectReason::other);
    ASSERT_GE(link_->channels.size(), 4U);
    EXPECT_FALSE(link_->channels[2].ready);
    EXPECT_TRUE(link_->ready(Channel::order_entry)) << "on a new connection";
}

TEST_P(BybitSessionTest, TooManyOrdersASecondAreRateLimited)
{
    start();
    const int most = spot() ? 20 : 10;
    for (int i = 0; i < most + 3; ++i) link_->place(Side::buy, "1", "26.00", TimeInForce::gtc);
    link_->run(milliseconds(20));
    expect_end(RequestKind::place, Outcome::rate_limited, RejectReason::rate_limited);
    EXPECT_EQ(link_->exchange().order_count(), static_cast<std::uint64_t>(most));
}

/// Remembers which addresses are asked for and which connections shall close.
struct Dials final : Outbox {
    std::vector<std::string> urls;
    std::vector<ConnectionId> closing;
    std::vector<std::string> sent;
    void send(ConnectionId, std::string_view text) override { sent.emplace_back(text); }
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId connection, std::string_view) override { closing.push_back(connection); }
    void connect(VenueId, std::string_view url) override { urls.emplace_back(url); }
};

TEST_P(BybitSessionTest, ADialThatWasGivenUpIsAskedForAgain)
{
    Dials dials;
    link_->venue().start_session(link_->now(), *link_, dials);
    EXPECT_EQ(dials.urls.size(), 2U);
    link_->venue().on_open(ConnectionId{4}, "wss://stream.bybit.com/v5/trade", link_->now(), *link_, dials);
    link_->venue().on_close(ConnectionId{5}, link_->now(), *link_, dials);
    ASSERT_EQ(dials.urls.size(), 3U);
    EXPECT_EQ(dials.urls[2], "wss://stream.bybit.com/v5/private");
    // One too many is closed, and its end changes nothing.
    link_->venue().on_open(ConnectionId{6}, "wss://stream.bybit.com/v5/trade", link_->now(), *link_, dials);
    EXPECT_EQ(dials.closing, std::vector<ConnectionId>{ConnectionId{6}});
    link_->venue().on_close(ConnectionId{6}, link_->now(), *link_, dials);
    EXPECT_EQ(dials.urls.size(), 3U);
    EXPECT_EQ(dials.sent.size(), 1U) << "one log-on";
}

TEST_P(BybitSessionTest, ALogOnWithoutAnswerAndSilenceEndTheConnection)
{
    Dials dials;
    const Timestamp begun = link_->now();
    Venue& venue = link_->venue();
    venue.start_session(begun, *link_, dials);
    venue.on_open(ConnectionId{4}, "wss://stream.bybit.com/v5/trade", begun, *link_, dials);
    venue.on_wake(begun + seconds(9), *link_, dials);
    EXPECT_TRUE(dials.closing.empty());
    venue.on_wake(begun + seconds(10), *link_, dials);
    EXPECT_EQ(dials.closing, std::vector<ConnectionId>{ConnectionId{4}});
    expect_end(RequestKind::session, Outcome::unknown);
    venue.on_close(ConnectionId{4}, begun + seconds(10), *link_, dials);
    EXPECT_EQ(dials.urls.size(), 2U) << "after a pause";
    venue.on_wake(begun + seconds(15), *link_, dials);
    EXPECT_EQ(dials.urls.size(), 3U);
    venue.on_open(ConnectionId{7}, "wss://stream.bybit.com/v5/trade", begun + seconds(16), *link_, dials);
    const PaddedBuffer yes(R"({"retCode":0,"retMsg":"OK","op":"auth","connId":"x"})");
    venue.on_frame(ConnectionId{7}, yes.text_of(), begun + seconds(16), *link_, dials);
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    dials.closing.clear();
    venue.on_wake(begun + seconds(36), *link_, dials);
    EXPECT_NE(dials.sent.back().find("\"op\":\"ping\""), std::string::npos);
    venue.on_wake(begun + seconds(61), *link_, dials);
    EXPECT_EQ(dials.closing, std::vector<ConnectionId>{ConnectionId{7}});
}

TEST_P(BybitSessionTest, TheVenueHasNoDeadManSwitchForUs)
{
    const TradingFeatures features = link_->venue().trading_features();
    EXPECT_TRUE(features.order_socket);
    EXPECT_FALSE(features.dead_man);
    EXPECT_FALSE(features.dead_man_note.empty());
    EXPECT_LT(features.cancels_reserved, features.orders_per_second);
}

}  // namespace
}  // namespace arb::bybit::test
