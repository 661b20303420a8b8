// The emulated venue by itself: websockets, log-ons, orders there, and hostile input.
#include <gtest/gtest.h>

#include "connectors/okx/emulated_support.hpp"
#include "engine/sim/emulated_exchange.hpp"

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
        {changed(login(0), keys_[0].key_id, "emulated-nobody"), "60005"},
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
             {"/api/v5/trade/order", "/api/v5/trade/cancel-order", "/api/v5/trade/batch-orders",
              "/api/v5/trade/cancel-batch-orders", "/api/v5/trade/cancel-all-after", "/moon"})
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
