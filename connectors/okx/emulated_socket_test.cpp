// The emulated venue by itself: websockets, log-ons, orders there, and hostile input.
#include <gtest/gtest.h>

#include "connectors/okx/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::okx::test {
namespace {

class OkxEmulatedSockets : public ::testing::Test, protected Alone<EmulatedExchange, ExchangeRules> {};

TEST_F(OkxEmulatedSockets, public_channels)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/public"));
    EXPECT_FALSE(venue_->on_session(kOther, request("GET", "/ws/v5/moon"), now_, sent_));
    say(kSession,
        R"({"op":"subscribe","args":[{"channel":"books","instId":"LINK-USDT"},{"channel":"books5","instId":"LINK-USDT"},{"channel":"bbo-tbt","instId":"LINK-USDT"},{"channel":"trades","instId":"LINK-USDT"}]})");
    EXPECT_EQ(heard(kSession, R"("event":"subscribe")"), 4U);
    EXPECT_EQ(heard(kSession, R"("action":"snapshot")"), 1U);
    EXPECT_EQ(heard(kSession, R"("prevSeqId":-1,"seqId":123459)"), 1U);
    EXPECT_EQ(heard(kSession, R"("channel":"bbo-tbt","instId":"LINK-USDT"},"data")"), 1U);
    street(2711, 2721);
    EXPECT_EQ(heard(kSession, R"("action":"update")"), 1U);
    EXPECT_EQ(heard(kSession, R"("prevSeqId":123459,"seqId":123462)"), 1U);
    EXPECT_EQ(heard(kSession, R"("channel":"books5","instId":"LINK-USDT"},"data")"), 2U);
    say(kSession, R"({"op":"unsubscribe","args":[{"channel":"books","instId":"LINK-USDT"}]})");
    street(2712, 2722);
    EXPECT_EQ(heard(kSession, R"("action":"update")"), 1U);
    EXPECT_EQ(place(R"("px":"27.22","sz":"2")"), "0");
    EXPECT_EQ(heard(kSession, R"("channel":"trades","instId":"LINK-USDT"},"data")"), 1U);
    const std::pair<const char*, const char*> kRefused[] = {
        {R"({"channel":"books","instId":"NOPE-USDT"})", "60018"},
        {R"({"channel":"moon","instId":"LINK-USDT"})", "60018"},
        {R"({"channel":"books-l2-tbt","instId":"LINK-USDT"})", "64003"},
        {R"({"channel":"orders","instType":"ANY"})", "60018"},
        {"7", "60018"}};
    for (const auto& [argument, code] : kRefused) {
        say(kSession, fmt::format(R"({{"op":"subscribe","args":[{}]}})", argument));
        EXPECT_NE(last(kSession).find(code), std::string::npos) << argument << " " << last(kSession);
    }
    say(kSession, "ping");
    EXPECT_EQ(last(kSession), "pong");
}

TEST_F(OkxEmulatedSockets, log_ons)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    say(kSession, R"({"op":"subscribe","args":[{"channel":"account"}]})");
    EXPECT_NE(last(kSession).find("60011"), std::string::npos);
    const std::pair<std::string, const char*> kRefused[] = {
        {login(0, {}, "x"), "60007"},
        {login(0, seconds(-40)), "60006"},
        {login(0, seconds(40)), "60006"},
        {changed(login(0), keys_[0].key_id, "emulated-nobody"), "60032"},
        {changed(login(0), keys_[0].passphrase, "other"), "60024"},
        {R"({"op":"login","args":[{}]})", "60005"},
        {R"({"op":"login","args":[3]})", "60005"}};
    for (const auto& [text, code] : kRefused) {
        say(kSession, text);
        EXPECT_NE(last(kSession).find(code), std::string::npos) << last(kSession);
    }
    say(kSession, login(0));
    EXPECT_NE(last(kSession).find(R"("event":"login","code":"0")"), std::string::npos);
    say(kSession, R"({"op":"subscribe","args":[{"channel":"orders"}]})");
    EXPECT_NE(last(kSession).find("60013"), std::string::npos) << "instType is required";
    say(kSession,
        R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"},{"channel":"account"},{"channel":"positions","instType":"ANY"}]})");
    EXPECT_EQ(heard(kSession, R"("event":"subscribe")"), 3U);
    EXPECT_EQ(heard(kSession, R"("ccy":"USDT")"), 1U);
    keys_[0].revoked = true;
    venue_->on_key_changed(keys_[0], now_, sent_);
    EXPECT_EQ(sent_.closed, std::vector<SessionId>{kSession});
}

TEST_F(OkxEmulatedSockets, orders_by_websocket_go_by_number)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    const auto order = [&](std::string_view argument, std::string_view more = "") {
        say(kSession, fmt::format(R"({{"id":"7","op":"order","args":[{{{},"tdMode":"cash","side":"buy",)"
                                  R"("ordType":"limit","px":"27.00","sz":"2"}}]{}}})",
                                  argument, more));
        return last(kSession);
    };
    EXPECT_NE(order(R"("instIdCode":10000)").find("60011"), std::string::npos);
    say(kSession, login(0));
    EXPECT_NE(order(R"("instId":"LINK-USDT")").find(R"("sCode":"50014")"), std::string::npos);
    EXPECT_NE(order(R"("instIdCode":99)").find(R"("sCode":"51001")"), std::string::npos);
    EXPECT_NE(order(R"("instIdCode":10000)").find(R"("sCode":"0")"), std::string::npos);
    EXPECT_NE(last(kSession).find(R"({"id":"7","op":"order","code":"0")"), std::string::npos);
    EXPECT_NE(order(R"("instIdCode":10000)", R"(,"expTime":"1")").find("expTime"), std::string::npos);
    EXPECT_EQ(exchange_.order_count(), 1U);
    say(kSession,
        R"({"id":"8","op":"batch-cancel-orders","args":[{"instIdCode":10000,"ordId":"1000001"},{"instIdCode":10000,"ordId":"5"}]})");
    EXPECT_NE(last(kSession).find(R"("code":"2")"), std::string::npos);
    EXPECT_TRUE(exchange_.orders(kAccount, kLink, true).empty());
    say(kSession, R"({"id":"9","op":"order","args":[]})");
    EXPECT_NE(last(kSession).find("60013"), std::string::npos);
    // A read-only key looks and does not touch; another account's news stay its own.
    ASSERT_TRUE(open(kOther, "/ws/v5/private"));
    say(kOther, login(1));
    say(kOther, R"({"id":"1","op":"cancel-order","args":[{"instIdCode":10000,"ordId":"1000001"}]})");
    EXPECT_NE(last(kOther).find("50120"), std::string::npos);
    // Keys may move in memory while sessions stand.
    keys_.reserve(keys_.capacity() + 100);
    EXPECT_NE(order(R"("instIdCode":10000)").find(R"("sCode":"0")"), std::string::npos);
}

TEST_F(OkxEmulatedSockets, every_push_repeats_what_was_asked_for)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    say(kSession, login(0));
    say(kSession,
        R"({"op":"subscribe","args":[{"channel":"orders","instType":"SPOT"},{"channel":"orders","instType":"SWAP"},{"channel":"account","ccy":"USDT"}]})");
    EXPECT_EQ(heard(kSession, R"("event":"subscribe","arg":{"channel":"orders","instType":"SPOT"})"), 1U);
    EXPECT_EQ(heard(kSession, R"("event":"channel-conn-count","channel":"orders","connCount":"1")"), 2U);
    EXPECT_EQ(heard(kSession, R"("arg":{"channel":"account","ccy":"USDT"},"eventType":"snapshot")"), 1U);
    EXPECT_EQ(heard(kSession, R"("ccy":"LINK")"), 0U);
    EXPECT_EQ(place(R"("px":"27.20","sz":"2")"), "0");
    EXPECT_EQ(heard(kSession, R"("arg":{"channel":"orders","instType":"SPOT","uid":"44000001"})"), 2U);
    EXPECT_EQ(heard(kSession, R"("instType":"SWAP","uid")"), 0U);
    EXPECT_GE(heard(kSession, R"("arg":{"channel":"account","ccy":"USDT","uid":"44000001"})"), 1U);
    EXPECT_EQ(heard(kSession, R"("ccy":"LINK","eq")"), 0U);
    // What it cannot do is told with the request's id.
    say(kSession, R"({"id":"77","op":"mass-cancel","args":[{"instType":"OPTION","instFamily":"BTC-USD"}]})");
    EXPECT_NE(last(kSession).find(R"({"id":"77","op":"mass-cancel")"), std::string::npos) << last(kSession);
}

TEST_F(OkxEmulatedSockets, thirty_sockets_of_an_account_listen_to_a_channel)
{
    constexpr const char* kWanted = R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"}]})";
    SessionId id{};
    for (std::uint64_t i = 1; i <= 31; ++i) {
        id = static_cast<SessionId>(i);
        ASSERT_TRUE(open(id, "/ws/v5/private"));
        say(id, login(0));
        say(id, kWanted);
        EXPECT_EQ(heard(id, R"("event":"subscribe")"), 1U) << "confirmed all the same";
        EXPECT_EQ(heard(id, R"("event":"channel-conn-count-error","channel":"orders","connCount":"30")"),
                  i == 31 ? 1U : 0U);
    }
    EXPECT_EQ(place(R"("px":"27.00","sz":"2")"), "0");
    EXPECT_EQ(heard(kSession, R"("state":"live")"), 1U);
    EXPECT_EQ(heard(id, R"("state":"live")"), 0U);
    say(id, R"({"id":"7","op":"order","args":[{"instIdCode":10000,"tdMode":"cash","side":"buy",)"
            R"("ordType":"limit","px":"27.00","sz":"2"}]})");
    EXPECT_NE(last(id).find(R"("sCode":"0")"), std::string::npos) << "it still takes orders";
    venue_->on_session_closed(kSession);
    say(id, kWanted);
    EXPECT_EQ(heard(id, R"("event":"channel-conn-count-error")"), 1U) << "there is room again";
}

TEST_F(OkxEmulatedSockets, markets_that_halt_and_books_that_rest_are_told)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/public"));
    say(kSession,
        R"({"op":"subscribe","args":[{"channel":"instruments","instType":"SPOT"},{"channel":"status"},{"channel":"books","instId":"LINK-USDT"}]})");
    EXPECT_EQ(heard(kSession, R"("event":"subscribe")"), 3U);
    EXPECT_EQ(heard(kSession, R"("state":"live")"), 1U);
    EXPECT_EQ(heard(kSession, R"("state":"completed")"), 1U);
    exchange_.set_halted(kLink, true);
    tick(milliseconds(100));
    EXPECT_EQ(heard(kSession, R"("state":"suspend")"), 1U);
    exchange_.set_halted(kLink, false);
    tick(milliseconds(100));
    EXPECT_EQ(heard(kSession, R"("state":"live")"), 2U);
    for (int i = 0; i < 3; ++i) {
        say(kSession, "ping");
        tick(seconds(20));
    }
    EXPECT_EQ(heard(kSession, R"("asks":[],"bids":[])"), 1U);
    EXPECT_EQ(heard(kSession, R"("prevSeqId":123459,"seqId":123459)"), 1U);
}

TEST_F(OkxEmulatedSockets, the_older_of_two_own_orders_that_meet_gives_way)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    say(kSession, login(0));
    say(kSession, R"({"op":"subscribe","args":[{"channel":"orders","instType":"SPOT"}]})");
    const auto sell = [&](const std::string& more) {
        (void)post(
            "/api/v5/trade/order",
            R"({"instId":"LINK-USDT","tdMode":"cash","side":"sell","px":"27.15","sz":"1",)" + more + "}");
        return at("/data/0/sCode");
    };
    EXPECT_EQ(place(R"("px":"27.15","sz":"2")"), "0");
    EXPECT_EQ(sell(R"("ordType":"ioc")"), "0");
    EXPECT_EQ(heard(kSession, R"("cancelSource":"32")"), 1U);
    EXPECT_EQ(heard(kSession, R"("cancelSource":"14")"), 1U) << "nothing else was there to take";
    EXPECT_EQ(place(R"("px":"27.15","sz":"2")"), "0");
    EXPECT_EQ(sell(R"("ordType":"ioc","stpMode":"cancel_taker")"), "0");
    EXPECT_EQ(heard(kSession, R"("stpMode":"cancel_taker","cancelSource":"32")"), 1U);
    EXPECT_EQ(exchange_.orders(kAccount, kLink, true).size(), 1U);
    EXPECT_EQ(sell(R"("ordType":"fok","stpMode":"cancel_both")"), "50016");
    EXPECT_EQ(sell(R"("ordType":"ioc","stpMode":"moon")"), "51000");
    // An order that would not meet it is none of its business.
    (void)post(
        "/api/v5/trade/order",
        R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","px":"27.20","sz":"1","ordType":"ioc"})");
    EXPECT_EQ(heard(kSession, R"("state":"filled")"), 1U);
}

class OkxEmulatedManners : public ::testing::Test, protected Alone<EmulatedExchange, ExchangeRules> {
  protected:
    OkxEmulatedManners() : Alone(true) {}
};

TEST_F(OkxEmulatedManners, what_the_venue_does_seldom)
{
    exchange_.deposit(kAccount, "USDT", *amount_of(*Decimal::parse("0.448")));
    EXPECT_EQ(get("/api/v5/account/balance"), "0");
    EXPECT_NE(body_.find(R"("cashBal":"10000.44799999999999")"), std::string::npos) << "a double" << body_;
    EXPECT_EQ(place(R"("px":"27.20","sz":"2")"), "0");
    EXPECT_EQ(get("/api/v5/trade/fills"), "0");
    EXPECT_EQ(at("/data/0/fee"), "") << "not known yet";
    now_ = now_ + seconds(1);
    EXPECT_EQ(get("/api/v5/trade/fills"), "0");
    EXPECT_EQ(at("/data/0/fee"), "-0.0544");
    // Every other stream of orders ends as soon as it was confirmed.
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    ASSERT_TRUE(open(kOther, "/ws/v5/private"));
    for (const SessionId id : {kSession, kOther}) {
        say(id, login(0));
        say(id, R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"}]})");
        EXPECT_EQ(heard(id, "channel-conn-count-error"), id == kOther ? 1U : 0U);
    }
    // News of an order that overtake the reply to it.
    for (int i = 0; i < 5; ++i) {
        say(kSession, R"({"id":"7","op":"order","args":[{"instIdCode":10000,"tdMode":"cash","side":"buy",)"
                      R"("ordType":"limit","px":"27.00","sz":"2"}]})");
    }
    EXPECT_EQ(heard(kSession, R"("state":"live")"), 5U);
    EXPECT_EQ(heard(kSession, R"("op":"order")"), 4U);
    tick(milliseconds(100));
    EXPECT_EQ(heard(kSession, R"("op":"order")"), 5U);
    // Upgrades are announced, and cut a minute later.
    for (int i = 0; i < 31; ++i) {
        say(kSession, "ping");
        say(kOther, "ping");
        tick(seconds(10));
    }
    EXPECT_EQ(heard(kSession, R"("event":"notice","code":"64008")"), 1U);
    EXPECT_TRUE(sent_.closed.empty());
    for (int i = 0; i < 6; ++i) {
        say(kSession, "ping");
        say(kOther, "ping");
        tick(seconds(10));
    }
    EXPECT_EQ(sent_.closed, (std::vector<SessionId>{kSession, kOther}));
}

TEST_F(OkxEmulatedManners, numbers_of_a_book_fall_and_the_chain_holds)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/public"));
    say(kSession, R"({"op":"subscribe","args":[{"channel":"books","instId":"LINK-USDT"}]})");
    for (int i = 0; i < 60; ++i) street(2710 + i % 2, 2720 + i % 2);
    std::int64_t last = 0;
    std::size_t falls = 0, updates = 0;
    const auto number = [](const std::string& text, const char* key) {
        const std::size_t from = text.find(key) + std::string_view(key).size();
        return std::stoll(text.substr(from));
    };
    for (const std::string& text : sent_.frames[kSession]) {
        if (text.find("\"action\"") == std::string::npos) continue;
        const std::int64_t previous = number(text, "\"prevSeqId\":"), next = number(text, "\"seqId\":");
        EXPECT_EQ(previous, last == 0 ? -1 : last);
        if (last != 0 && next < previous) ++falls;
        last = next;
        ++updates;
    }
    EXPECT_GE(updates, 60U);
    EXPECT_EQ(falls, 1U);
}

TEST_F(OkxEmulatedSockets, silence_ends_a_session)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/public"));
    venue_->on_tick(now_ + seconds(29), sent_);
    EXPECT_TRUE(sent_.closed.empty());
    venue_->on_tick(now_ + seconds(30), sent_);
    EXPECT_EQ(sent_.closed.size(), 1U);
}

TEST_F(OkxEmulatedSockets, nothing_hostile_breaks_it)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    say(kSession, login(0));
    const std::string whole =
        R"({"id":"7","op":"order","args":[{"instIdCode":10000,"tdMode":"cash","side":"buy","ordType":"limit","px":"27.00","sz":"2"}]})";
    for (std::size_t cut = 0; cut < whole.size(); ++cut) say(kSession, whole.substr(0, cut));
    for (const char* text : {"", "[]", "7", "null", R"({"op":7,"args":[]})", R"({"op":"order","args":7})",
                             R"({"op":"moon","args":[1]})", R"({"op":"order","args":[[]]})", "\xff\xfe"})
        say(kSession, text);
    say(kSession, std::string(70'000, '['));
    EXPECT_EQ(exchange_.order_count(), 0U);
    for (const char* body : {"", "[]", "7", "{", R"({"instId":7})", R"([[]])", R"({"timeOut":7})"}) {
        for (const char* target :
             {"/api/v5/trade/order", "/api/v5/trade/cancel-order", "/api/v5/trade/amend-order",
              "/api/v5/trade/batch-orders", "/api/v5/trade/cancel-batch-orders",
              "/api/v5/trade/amend-batch-orders", "/api/v5/trade/cancel-all-after", "/moon"})
            EXPECT_NE(post(target, body), "0") << target << body;
    }
    for (const char* target :
         {"/api/v5/trade/order?instId=LINK-USDT&ordId=-1",
          "/api/v5/trade/order?instId=%zz&ordId=99999999999999999999", "/api/v5/trade/fills?after=-3",
          "/api/v5/trade/fills?begin=-9223372036854775808&after=x", "/api/v5/trade/orders-pending?after=x",
          "/api/v5/account/trade-fee", "/api/v5/account/trade-fee?instType=SWAP&instFamily=", "?", "//",
          "/api/v5/trade/orders-pending?limit=0&&&=&=="})
        EXPECT_FALSE(get(target).empty()) << target;
    (void)venue_->failed_frame("{");
    EXPECT_NE(venue_->failed_frame(R"({"id":"3","op":"order"})").find("50004"), std::string::npos);
}

}  // namespace
}  // namespace arb::okx::test
