// Kraken's session: a token that dies, a timer that is not renewed, questions whose nonces must arrive in
// order, and the venue's counters, which are held by us and not by its refusals.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/kraken/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken::test {
namespace {

using arb::test::LinkLife;

class KrakenSession : public ::testing::Test, protected Life<LinkLife> {
  protected:
    KrakenSession() : Life(FeeTaking::quote)
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::frame) sent_.push_back(m.text);
            if (m.kind == Message::Kind::request) {
                sent_.push_back(m.request.url + " " + m.request.body);
                if (m.request.is_signed) most_ = std::max(most_, ++under_way_);
            }
            return true;
        };
        link_.on_to_client = [this](Message& m) {
            if (m.kind == Message::Kind::reply && m.request.is_signed) --under_way_;
            return !hook_ || hook_(m);
        };
    }
    void start(std::string_view key = "trade", SessionScope scope = SessionScope::both)
    {
        if (scope != SessionScope::both) link_.use_key(key, scope);
        link_.start();
        link_.run(seconds(1));
        ASSERT_TRUE(link_.ready(Channel::order_entry));
    }
    std::size_t sent(std::string_view text) const
    {
        return static_cast<std::size_t>(std::count_if(
            sent_.begin(), sent_.end(), [&](const std::string& s) { return s.find(text) != s.npos; }));
    }
    /// The next answer of that method is this refusal.
    void refuse(const std::string& method, const std::string& error)
    {
        hook_ = [this, method, error](Message& m) {
            const std::string word = "\"method\":\"" + method + "\",";
            const std::size_t number = m.text.find("\"req_id\"");
            if (m.text.find(word) == std::string::npos || number == std::string::npos) return true;
            m.text = "{" + word + R"("success":false,"error":")" + error + "\"," +
                     m.text.substr(number, m.text.find(',', number) - number) + "}";
            hook_ = nullptr;
            return true;
        };
    }
    std::vector<std::string> sent_;
    std::function<bool(Message&)> hook_;
    int under_way_ = 0, most_ = 0;
};

TEST_F(KrakenSession, a_timer_that_was_not_renewed_closes_order_entry_until_a_new_token_renews_it)
{
    for (const SessionScope scope : {SessionScope::both, SessionScope::orders}) {
        start("trade", scope);
        link_.ends.clear();
        refuse("cancel_all_orders_after", "ESession:Invalid session");
        const std::size_t tokens = sent("GetWebSocketsToken");
        link_.channels.clear();
        settle(seconds(25));
        ASSERT_FALSE(link_.channels.empty());
        EXPECT_EQ(link_.channels[0].channel, Channel::order_entry);
        EXPECT_FALSE(link_.channels[0].ready);
        EXPECT_EQ(last_end(RequestKind::dead_man), "refused/other");
        EXPECT_TRUE(link_.ready(Channel::order_entry));
        EXPECT_EQ(sent("GetWebSocketsToken"), tokens + 1);
    }
}

TEST_F(KrakenSession, a_timer_that_nobody_confirms_guards_nothing)
{
    start();
    hook_ = [](Message& m) { return m.text.find("cancel_all_orders_after") == std::string::npos; };
    settle(seconds(29));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    settle(seconds(2));
    EXPECT_EQ(last_end(RequestKind::dead_man), "unknown/none");
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    hook_ = nullptr;
    settle(seconds(15));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
}

TEST_F(KrakenSession, an_order_under_a_dead_token_is_refused_and_a_new_token_fetched)
{
    start();
    refuse("add_order", "ESession:Invalid session");
    (void)link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    settle(milliseconds(5));
    EXPECT_EQ(last_end(RequestKind::place), "refused/other");
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    settle(seconds(1));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    EXPECT_EQ(sent("GetWebSocketsToken"), 2U);
}

TEST_F(KrakenSession, a_websocket_that_falls_silent_is_left_and_each_next_one_has_its_own_token)
{
    link_.use_key("read", SessionScope::account);
    link_.start();
    settle(seconds(1));
    ASSERT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_EQ(sent("GetWebSocketsToken"), 1U);
    hook_ = [](Message& m) { return m.kind != Message::Kind::frame; };
    settle(seconds(31));
    EXPECT_FALSE(link_.ready(Channel::private_stream));
    EXPECT_EQ(sent("GetWebSocketsToken"), 2U);
    hook_ = nullptr;
    settle(seconds(12));
    EXPECT_TRUE(link_.ready(Channel::private_stream))
        << "the one whose subscriptions nobody confirmed is left too";
    EXPECT_EQ(sent("GetWebSocketsToken"), 3U);
}

TEST_F(KrakenSession, a_token_that_nothing_keeps_alive_is_replaced_in_time)
{
    start("trade", SessionScope::orders);
    settle(seconds(1'900));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    (void)link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(last_end(RequestKind::place), "done/none");
    EXPECT_EQ(last_end(RequestKind::dead_man), "none") << "the venue never refused to renew the timer";
    EXPECT_EQ(sent("GetWebSocketsToken"), 4U);
}

TEST_F(KrakenSession, the_emulated_venues_tokens_die_of_age_where_nothing_keeps_them)
{
    for (const bool renewed : {true, false}) {
        start("trade", SessionScope::orders);
        hook_ = [&](Message& m) {
            const bool of_token =
                m.kind == Message::Kind::reply && m.request.url.ends_with("GetWebSocketsToken");
            return renewed || !of_token;
        };
        settle(seconds(920));
        EXPECT_EQ(last_end(RequestKind::dead_man), renewed ? "none" : "refused/other");
        hook_ = nullptr;
        link_.ends.clear();
    }
}

TEST_F(KrakenSession, signed_questions_leave_one_at_a_time)
{
    start();
    link_.ends.clear();
    most_ = 0;
    Venue& venue = link_.venue();
    venue.query_open_orders(link_.all_listings(), link_.now(), link_, link_);
    venue.query_fills(link_.all_listings(), link_.now() - seconds(60), link_.now(), link_, link_);
    venue.query_fees(link_.all_listings(), link_.now(), link_, link_);
    venue.query_balances(link_.now(), link_, link_);
    settle(seconds(10));
    EXPECT_EQ(most_, 1);
    for (const RequestKind kind :
         {RequestKind::open_orders, RequestKind::fills, RequestKind::fees, RequestKind::balances}) {
        EXPECT_EQ(last_end(kind), "done/none") << name(kind);
        EXPECT_EQ(ends(kind), 1U) << name(kind);
    }
}

TEST_F(KrakenSession, a_question_that_has_not_left_yet_answers_every_later_one)
{
    start();
    link_.ends.clear();
    sent_.clear();
    for (int i = 0; i < 5; ++i) {
        link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(60 + i), link_.now(), link_,
                                  link_);
        link_.venue().query_balances(link_.now(), link_, link_);
    }
    settle(seconds(20));
    EXPECT_EQ(ends(RequestKind::fills), 5U);
    EXPECT_EQ(ends(RequestKind::balances), 5U);
    EXPECT_EQ(sent("TradesHistory"), 2U) << "the first had left";
    EXPECT_EQ(sent("BalanceEx"), 1U);
}

// A page of trades costs four seconds of the venue's counter: an order whose fate stays unknown for minutes
// must not have all of them listed again and again.
TEST_F(KrakenSession, what_whole_lists_have_told_is_not_asked_for_again)
{
    start();
    settle(seconds(30));
    const Timestamp long_ago = link_.now() - seconds(600);
    const auto asked_from = [&](Timestamp since) {
        sent_.clear();
        link_.ends.clear();
        link_.venue().query_fills(link_.all_listings(), since, link_.now(), link_, link_);
        settle(seconds(10));
        EXPECT_EQ(last_end(RequestKind::fills), "done/none");
        for (const std::string& text : sent_) {
            const std::size_t at = text.find("TradesHistory") == text.npos ? text.npos : text.find("&start=");
            if (at != text.npos) return std::stoll(text.substr(at + 7));
        }
        return -1LL;
    };
    const auto second = [](Timestamp time) { return time.ns / 1'000'000'000 - 1; };
    EXPECT_EQ(asked_from(long_ago), second(long_ago));
    const Timestamp asked = link_.now() - seconds(10);
    EXPECT_NEAR(static_cast<double>(asked_from(long_ago)), static_cast<double>(second(asked - seconds(15))),
                1.0);
    // From before what is known: all of it. A gap after it: from the question's own time.
    EXPECT_EQ(asked_from(long_ago - seconds(60)), second(long_ago - seconds(60)));
    const Timestamp late = link_.now() + seconds(0);
    EXPECT_EQ(asked_from(late), second(late));
    // A list that is not whole proves nothing.
    link_.instead_of_reply = [](const HttpRequest& request) -> std::optional<ServerReply> {
        if (request.url.find("TradesHistory") == std::string::npos) return std::nullopt;
        return ServerReply{
            200, {}, R"({"error":[],"result":{"count":1,"trades":{"T1":{"pair":"NOWHERE"}}}})"};
    };
    const Timestamp before = link_.now() - seconds(900);
    (void)asked_from(before);
    link_.instead_of_reply = nullptr;
    EXPECT_EQ(asked_from(before), second(before));
}

TEST_F(KrakenSession, a_nonce_that_came_late_is_sent_anew)
{
    start();
    int times = 0;
    link_.instead_of_reply = [&](const HttpRequest&) -> std::optional<ServerReply> {
        if (++times > 1) return std::nullopt;
        return ServerReply{200, {}, R"({"error":["EAPI:Invalid nonce"]})"};
    };
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::balances), "done/none");
    EXPECT_EQ(times, 2);
}

TEST_F(KrakenSession, questions_stay_within_the_venues_counter)
{
    start();
    for (int i = 0; i < 30; ++i) {
        link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(60), link_.now(), link_, link_);
        link_.venue().query_balances(link_.now(), link_, link_);
        settle(seconds(1));
    }
    settle(seconds(60));
    for (const auto& end : link_.ends) EXPECT_EQ(end.end.outcome, Outcome::done) << end.text;
    EXPECT_EQ(ends(RequestKind::fills), 30U);
    EXPECT_LE(sent("TradesHistory"), 24U) << "four each, of twenty and one a second";
}

// Kinds take turns: stopping waits for the balances, and must not wait for every order that was asked about.
TEST_F(KrakenSession, the_question_about_money_does_not_wait_for_those_about_many_orders)
{
    start();
    link_.ends.clear();
    for (std::uint32_t i = 1; i <= 40; ++i) link_.query(make_order_id(1, i));
    link_.venue().query_balances(link_.now(), link_, link_);
    settle(seconds(10));
    EXPECT_EQ(ends(RequestKind::balances), 1U);
    EXPECT_LT(ends(RequestKind::query_order), 20U) << "most are still to be asked";
    settle(seconds(400));
    EXPECT_EQ(ends(RequestKind::query_order), 40U);
}

// The ceiling of the lowest tier; the emulated venue grants that of the highest.
TEST_F(KrakenSession, seventy_orders_in_ten_seconds_are_held_back_by_us_and_not_refused_by_the_venue)
{
    for (const bool starter : {true, false}) {
        hook_ = [starter](Message& m) {
            const std::size_t at = m.text.find(R"("maxratecount":180)");
            if (starter && at != std::string::npos) m.text.replace(at, 18, R"("maxratecount":60)");
            return m.text.find("EOrder:Rate limit exceeded") == std::string::npos;
        };
        link_.restart();
        start();
        sent_.clear();
        link_.ends.clear();
        std::size_t refused = 0;
        Timestamp nothing_new;
        for (int i = 0; i < 80; ++i) {
            (void)link_.place(Side::buy, "10", "27.15", TimeInForce::ioc);
            settle(milliseconds(125));
            if (last_end(RequestKind::place) == "rate_limited/rate_limited") ++refused;
            if (!nothing_new.known() && last_end(RequestKind::session) == "rate_limited/rate_limited")
                nothing_new = link_.now();
        }
        // 80 in 10 s while the counter falls by one a second: about 70 are granted.
        EXPECT_EQ(refused > 0, starter);
        EXPECT_EQ(nothing_new.known(), starter) << "what is left is kept for what must go out";
        EXPECT_LE(sent("add_order"), starter ? 70U : 80U);
        EXPECT_GE(sent("add_order"), 68U);
    }
}

TEST_F(KrakenSession, the_emulated_venue_counts_the_orders_of_a_pair)
{
    hook_ = [](Message& m) {
        const std::size_t at = m.text.find(R"("maxratecount":180)");
        if (at != std::string::npos) m.text.replace(at, 18, R"("maxratecount":9999)");
        return true;
    };
    start();
    for (int i = 0; i < 180; ++i) {
        (void)link_.place(Side::buy, "10", "27.15", TimeInForce::ioc);
        settle(milliseconds(5));
    }
    EXPECT_EQ(last_end(RequestKind::place), "done/none");
    for (int i = 0; i < 10; ++i) (void)link_.place(Side::buy, "10", "27.15", TimeInForce::ioc);
    settle();
    EXPECT_EQ(last_end(RequestKind::place), "rate_limited/rate_limited");
    EXPECT_EQ(link_.last_end(RequestKind::place)->text, "EOrder:Rate limit exceeded");
}

TEST_F(KrakenSession, a_cancel_goes_by_rest_while_the_websocket_is_down)
{
    start();
    const OrderId id = link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    settle();
    bool blocked = true;
    link_.on_to_venue = [&](Message& m) {
        return !blocked || m.kind == Message::Kind::request || m.kind == Message::Kind::close;
    };
    link_.cut_all();
    settle();
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    link_.cancel(id);
    settle();
    EXPECT_EQ(last_end(RequestKind::cancel), "done/none");
    EXPECT_TRUE(link_.exchange().orders(arb::test::VenueLink::kAccount, kNoListing, true).empty());
    link_.venue().cancel_all(link_.all_listings(), link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
}

TEST_F(KrakenSession, maintenance_closes_order_entry_for_as_long_as_it_lasts)
{
    start();
    const auto status = [&](const char* word) {
        static_cast<SessionOutbox&>(link_).send(
            SessionId{2},
            fmt::format(
                R"({{"channel":"status","type":"update","data":[{{"version":"2.0.10","system":"{}","api_version":"v2","connection_id":13834774380200032777}}]}})",
                word));
        settle();
    };
    for (const char* word : {"maintenance", "cancel_only", "post_only"}) {
        status(word);
        EXPECT_FALSE(link_.ready(Channel::order_entry)) << word;
        EXPECT_TRUE(link_.ready(Channel::private_stream));
        status("online");
        EXPECT_TRUE(link_.ready(Channel::order_entry));
    }
}

TEST_F(KrakenSession, refusals_that_come_without_a_number_are_of_the_oldest_order)
{
    start();
    hook_ = [](Message& m) {
        if (m.text.find("\"method\":\"add_order\"") != std::string::npos)
            m.text =
                R"({"error":"Unsupported field: 'price' for the given msg type: add order","method":"add_order","success":false,"time_in":"2026-05-02T10:00:00Z","time_out":"2026-05-02T10:00:00Z"})";
        return true;
    };
    const OrderId first = link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    const OrderId second = link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    settle();
    std::vector<OrderId> ended;
    for (const auto& end : link_.ends) {
        if (end.end.kind == RequestKind::place && end.end.outcome == Outcome::refused)
            ended.push_back(end.end.order);
    }
    EXPECT_EQ(ended, (std::vector<OrderId>{first, second}));
}

}  // namespace
}  // namespace arb::kraken::test
