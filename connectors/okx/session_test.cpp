// Log-ons that fail, connections that end, clocks, and the timer that outlives us.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkLife;
using arb::test::VenueLink;

class OkxSession : public ::testing::Test, protected Life<LinkLife> {
  protected:
    OkxSession() : Life(FeeTaking::received) {}
    void start() { ASSERT_TRUE(log_on()); }
};

TEST_F(OkxSession, a_busy_matching_leaves_the_outcome_open)
{
    start();
    std::string failed;
    link_.on_to_venue = [&](Message& m) {
        if (m.text.find("\"op\":\"order\"") == std::string::npos) return true;
        failed = link_.emulated().failed_frame(m.text);
        return false;
    };
    (void)link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    static_cast<SessionOutbox&>(link_).send(SessionId{2}, failed);
    settle();
    EXPECT_EQ(last_end(RequestKind::place), "unknown/none");
    EXPECT_EQ(link_.last_end(RequestKind::place)->code, "50004");
}

TEST_F(OkxSession, a_clock_two_seconds_off_is_well_within_the_window)
{
    for (const Duration off : {seconds(2), seconds(-2)}) {
        link_.client_ahead = off;
        link_.restart();
        start();
        const OrderId id = link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
        settle();
        EXPECT_EQ(link_.filled(id), link_.quantity("1"));
    }
}

TEST_F(OkxSession, a_refused_key_is_not_tried_again_before_the_next_start)
{
    link_.keys[0].revoked = true;
    std::size_t log_ons = 0;
    link_.on_to_venue = [&](Message& m) {
        log_ons += m.text.find("\"op\":\"login\"") != std::string::npos;
        return true;
    };
    link_.start();
    settle(seconds(60));
    EXPECT_EQ(log_ons, 1U);
    EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
    link_.keys[0].revoked = false;
    link_.venue().start_session(link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
}

TEST_F(OkxSession, an_expired_key_and_a_wrong_passphrase_are_key_trouble)
{
    link_.keys[0].expires = link_.now() - seconds(1);
    link_.start();
    settle(seconds(1));
    EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
    link_.keys[0].expires = {};
    link_.keys[0].passphrase = "another-one";
    link_.venue().start_session(link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_EQ(link_.last_end(RequestKind::session)->code, "60024");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::balances), "key_trouble/permission");
    EXPECT_EQ(link_.last_end(RequestKind::balances)->code, "50105");
}

TEST_F(OkxSession, a_log_on_that_nobody_answers_is_tried_again)
{
    bool deaf = true;
    link_.on_to_client = [&](Message& m) {
        return !(deaf && m.text.find("\"event\":\"login\"") != std::string::npos);
    };
    link_.start();
    settle(seconds(11));
    EXPECT_EQ(last_end(RequestKind::session), "unknown/none");
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    deaf = false;
    settle(seconds(11));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
}

TEST_F(OkxSession, an_announced_upgrade_moves_to_a_new_connection)
{
    start();
    const std::size_t before = link_.channels.size();
    static_cast<SessionOutbox&>(link_).send(SessionId{2}, R"({"event":"notice","code":"64008","msg":"x"})");
    settle(seconds(1));
    EXPECT_EQ(link_.channels.size(), before + 4) << "two channels fell and stood again";
    EXPECT_TRUE(link_.ready(Channel::order_entry));
}

// "Connection count limit": after the confirmation, or at any later time.
TEST_F(OkxSession, a_subscription_that_the_venue_ends_is_a_stream_that_is_down)
{
    start();
    const std::size_t upgrades = link_.channels.size();
    static_cast<SessionOutbox&>(link_).send(
        SessionId{2},
        R"({"event":"channel-conn-count-error","channel":"orders","connCount":"30","connId":"a4d3ae55"})");
    settle(milliseconds(5));
    EXPECT_FALSE(link_.ready(Channel::private_stream));
    EXPECT_TRUE(link_.ready(Channel::order_entry)) << "the socket still takes orders";
    EXPECT_EQ(last_end(RequestKind::session), "refused/too_many");
    const OrderId id = link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle(milliseconds(900));
    EXPECT_EQ(last_end(RequestKind::place), "done/none") << static_cast<std::uint64_t>(id);
    EXPECT_EQ(link_.channels.size(), upgrades + 1) << "a pause, then a new socket";
    settle(seconds(1));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
    // Information alone.
    const std::size_t before = link_.channels.size();
    static_cast<SessionOutbox&>(link_).send(
        SessionId{3},
        R"({"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"a4d3ae55"})");
    settle(seconds(1));
    EXPECT_EQ(link_.channels.size(), before);
}

TEST_F(OkxSession, a_subscription_that_ends_at_once_never_counts_as_a_stream)
{
    link_.on_to_client = [&](Message& m) {
        if (m.text.find(R"("event":"subscribe","arg":{"channel":"orders")") == std::string::npos) return true;
        static_cast<SessionOutbox&>(link_).send(
            static_cast<SessionId>(index(m.connection) + 1),
            R"({"event":"channel-conn-count-error","channel":"orders","connCount":"30"})");
        return true;
    };
    EXPECT_FALSE(log_on());
    EXPECT_FALSE(link_.ready(Channel::private_stream));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    const auto tries = [&] {
        return std::count_if(link_.ends.begin(), link_.ends.end(), [](const auto& told) {
            return told.end.kind == RequestKind::session && told.end.reason == RejectReason::too_many;
        });
    };
    const auto first = tries();
    settle(seconds(60));
    EXPECT_GE(tries(), first + 4) << "tried soon again";
    EXPECT_LE(tries(), first + 6) << "and then seldom";
}

TEST_F(OkxSession, a_key_that_does_not_exist_here_is_told_as_such)
{
    std::size_t log_ons = 0;
    link_.on_to_client = [&](Message& m) {
        if (m.text.find("\"event\":\"login\"") == std::string::npos) return true;
        ++log_ons;
        m.text = R"({"event":"error","code":"60032","msg":"API key doesn't exist","connId":"a"})";
        return true;
    };
    link_.start();
    settle(seconds(60));
    EXPECT_EQ(log_ons, 1U);
    EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
}

TEST_F(OkxSession, silence_is_broken_by_a_ping_and_ends_the_connection_when_it_stays)
{
    start();
    settle(seconds(120));
    EXPECT_TRUE(link_.closed.empty()) << "pings keep both sides content";
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    link_.on_to_client = [](Message& m) { return m.kind != Message::Kind::frame; };
    settle(seconds(31));
    EXPECT_FALSE(link_.ready(Channel::order_entry));
}

TEST_F(OkxSession, an_instrument_without_its_number_is_refused_here)
{
    std::vector<ListingDefinition> definitions = {link_definitions()[0]};
    definitions[0].code.clear();
    VenueLink link(type(), "", definitions, FeeTaking::received);
    link.street("27.10", "27.20");
    link.start();
    link.run(seconds(1));
    (void)link.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    ASSERT_NE(link.last_end(RequestKind::place), nullptr);
    EXPECT_EQ(link.last_end(RequestKind::place)->end.outcome, Outcome::refused);
    link.run(seconds(1));
    EXPECT_EQ(link.exchange().order_count(), 0U);
}

TEST_F(OkxSession, a_strangers_order_is_cancelled_and_asked_for_by_the_venues_id)
{
    start();
    rest(1);
    const std::string id = std::to_string(link_.exchange().orders(VenueLink::kAccount, kLink, true)[0]->id);
    OrderReference stranger;
    stranger.listing = kLink;
    stranger.venue_id = id;
    link_.orders.clear();
    link_.venue().query_order(stranger, link_.now(), link_, link_);
    settle();
    ASSERT_EQ(link_.orders.size(), 1U);
    EXPECT_EQ(link_.orders[0].venue_id, id);
    link_.venue().cancel_order(stranger, link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::cancel), "done/none");
    EXPECT_EQ(open(), 0U);
}

TEST_F(OkxSession, the_dead_mans_timer_is_refreshed_while_we_live)
{
    start();
    const OrderId mine = link_.place(Side::buy, "10", "20.00", TimeInForce::gtc);
    std::string body;
    link_.on_to_venue = [&](Message& m) {
        if (m.request.url.find("cancel-all-after") != std::string::npos) body = m.request.body;
        return true;
    };
    settle(seconds(180));
    EXPECT_EQ(body, R"({"timeOut":"60","tag":"arbiter"})");
    EXPECT_EQ(open(), 1U);
    EXPECT_EQ(last_end(RequestKind::dead_man), "done/none");
    EXPECT_GE(ends(RequestKind::dead_man), 12U);
    link_.on_to_venue = [](Message& m) { return m.kind != Message::Kind::request; };
    settle(seconds(70));
    EXPECT_EQ(open(), 0U);
    EXPECT_NE(link_.last(mine), nullptr);
}

// Whoever hears that it ran out was not heard for a minute.
TEST_F(OkxSession, a_timer_that_ran_out_is_told)
{
    start();
    const std::string entry =
        R"({"instId":"LINK-USDT","ordId":"8","clOrdId":")" +
        std::string(client_order_id(make_order_id(7, 9)).view()) +
        R"(","px":"27.15","sz":"1","side":"buy","state":"canceled","accFillSz":"0","cancelSource":"20"})";
    static_cast<SessionOutbox&>(link_).send(SessionId{2}, stream("orders", entry));
    settle(milliseconds(5));
    EXPECT_EQ(last_end(RequestKind::dead_man), "refused/other");
    EXPECT_EQ(link_.orders.back().report.reason, RejectReason::other);
}

}  // namespace
}  // namespace arb::okx::test
