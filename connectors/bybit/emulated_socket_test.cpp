// The emulated venue by itself, asked as any other client of the exchange would: websockets, and whatever is
// hostile.
#include <gtest/gtest.h>

#include "connectors/bybit/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::bybit::test {
namespace {

class BybitEmulatedSocketTest : public ::testing::TestWithParam<const char*>,
                                protected Alone<EmulatedExchange> {
  protected:
    void SetUp() override { begin(GetParam(), ExchangeRules{}); }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitEmulatedSocketTest, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitEmulatedSocketTest, ServesTheBookAtEachDepth)
{
    EXPECT_FALSE(open(kOther, "/v5/public/inverse"));
    EXPECT_FALSE(open(kOther, "/v5/secret"));
    ASSERT_TRUE(open(kSession, std::string("/v5/public/") + GetParam()));
    say(kSession, R"({"op":"subscribe","args":["orderbook.7.LINKUSDT"]})");
    EXPECT_EQ(heard(kSession, "\"success\":false"), 1U);
    say(kSession, R"({"req_id":"a","op":"subscribe","args":["orderbook.50.LINKUSDT","orderbook.1.LINKUSDT",)"
                  R"("publicTrade.LINKUSDT"]})");
    EXPECT_EQ(heard(kSession, "\"success\":true"), 1U);
    EXPECT_EQ(heard(kSession, "\"type\":\"snapshot\""), 2U);
    street(2711, 2720);
    EXPECT_EQ(heard(kSession, "\"type\":\"delta\""), 1U);
    EXPECT_EQ(heard(kSession, "\"type\":\"snapshot\""), 3U) << "level 1 has snapshots alone";
    now_ = now_ + seconds(4);
    venue_->on_tick(now_, sent_);
    EXPECT_EQ(heard(kSession, "\"type\":\"snapshot\""), 4U) << "again after three quiet seconds";
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"1","price":"27.20")"), 0);
    EXPECT_EQ(heard(kSession, "\"topic\":\"publicTrade"), 1U);
    say(kSession, R"({"req_id":"b","op":"ping"})");
    EXPECT_EQ(heard(kSession, "\"ret_msg\":\"pong\""), 1U);
    say(kSession, R"({"op":"unsubscribe","args":["orderbook.50.LINKUSDT"]})");
    street(2712, 2721);
    EXPECT_EQ(heard(kSession, "\"type\":\"delta\""), 2U) << "the order's own change was the last";
}

TEST_P(BybitEmulatedSocketTest, KeepsAccountsApartAndTopicsUnmixed)
{
    log_on(kSession, "/v5/private");
    EXPECT_EQ(heard(kSession, "\"success\":true"), 1U);
    say(kSession, R"({"op":"subscribe","args":["order","execution.spot"]})");
    EXPECT_EQ(heard(kSession, "\"success\":false"), 1U) << "of all and of one category";
    say(kSession, R"({"op":"subscribe","args":["order","execution","wallet","position"]})");
    ASSERT_TRUE(open(kOther, "/v5/private"));
    say(kOther, R"({"op":"subscribe","args":["order"]})");
    EXPECT_EQ(heard(kOther, "not authorized"), 1U);
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"1","price":"27.20")"), 0);
    EXPECT_EQ(heard(kSession, "\"topic\":\"execution\""), 1U);
    EXPECT_GE(heard(kSession, "\"orderStatus\":\"Filled\""), 1U);
    EXPECT_GE(heard(kSession, "\"topic\":\"wallet\""), 1U);
    EXPECT_EQ(heard(kSession, "\"topic\":\"position\"") > 0, !spot());
    EXPECT_EQ(heard(kOther, "\"topic\""), 0U);
}

TEST_P(BybitEmulatedSocketTest, TheTradeSocketWantsALogOnOnceAndEachRequestOnce)
{
    const auto order = [&](const std::string& id) {
        return fmt::format(
            R"({{"reqId":"{}","header":{{"X-BAPI-TIMESTAMP":"{}"}},"op":"order.create","args":[{{{},)"
            R"("symbol":"LINKUSDT","side":"Buy","orderType":"Limit","qty":"1","price":"27.00"}}]}})",
            id, now_.ns / 1'000'000, category());
    };
    ASSERT_TRUE(open(kSession, "/v5/trade"));
    say(kSession, order("early"));
    EXPECT_EQ(heard(kSession, "\"retCode\":10005"), 1U);
    log_on(kOther, "/v5/trade");
    EXPECT_EQ(heard(kOther, "\"retCode\":0"), 1U);
    say(kOther, order("one"));
    say(kOther, order("one"));
    EXPECT_EQ(heard(kOther, "\"retCode\":20006"), 1U);
    EXPECT_EQ(exchange().order_count(), 1U);
    say(kOther, R"({"reqId":"x","op":"order.invent","args":[{}]})");
    EXPECT_EQ(heard(kOther, "\"retCode\":10404"), 1U);
    say(kOther, R"({"op":"auth","args":["k","1","s"]})");
    EXPECT_EQ(heard(kOther, "\"retCode\":20001"), 1U);
    EXPECT_TRUE(sent_.closed.empty());
    say(kSession, R"({"op":"auth","args":["k","99999999999999","s"]})");
    EXPECT_EQ(sent_.closed, std::vector<SessionId>{kSession});
}

TEST_P(BybitEmulatedSocketTest, AnAmendIsAcknowledgedAndTheStreamShowsIt)
{
    const auto amend = [&](const std::string& id, const std::string& price) {
        say(kSession,
            fmt::format(R"({{"reqId":"{}","header":{{"X-BAPI-TIMESTAMP":"{}"}},"op":"order.amend",)"
                        R"("args":[{{{},"symbol":"LINKUSDT","orderLinkId":"my-1","price":"{}"}}]}})",
                        id, now_.ns / 1'000'000, category(), price));
    };
    log_on(kSession, "/v5/trade");
    log_on(kOther, "/v5/private");
    say(kOther, R"({"op":"subscribe","args":["order"]})");
    const char* const order =
        R"("orderType":"Limit","qty":"1","price":"27.00","timeInForce":"PostOnly","orderLinkId":"my-1")";
    ASSERT_EQ(place(order), 0);
    amend("a", "27.05");
    EXPECT_EQ(
        heard(kSession, R"("reqId":"a","retCode":0,"retMsg":"OK","op":"order.amend","data":{"orderId":)"),
        1U);
    EXPECT_EQ(heard(kOther, R"("price":"27.05","qty":")"), 1U);
    EXPECT_EQ(heard(kOther, R"("orderStatus":"New")"), 2U);
    // One that would take is acknowledged too, and ends.
    amend("b", "27.20");
    EXPECT_EQ(heard(kSession, R"("reqId":"b","retCode":0)"), 1U);
    EXPECT_EQ(heard(kOther, fmt::format(R"("orderStatus":"{}","cancelType":"UNKNOWN",)"
                                        R"("rejectReason":"EC_PostOnlyWillTakeLiquidity")",
                                        spot() ? "Rejected" : "Cancelled")),
              1U);
    EXPECT_EQ(heard(kOther, R"("price":"27.2)"), 0U);
    EXPECT_EQ(exchange().trade_count(), 0U);
    amend("c", "27.05");
    EXPECT_EQ(heard(kSession, fmt::format(R"("reqId":"c","retCode":{})", spot() ? 170142 : 110001)), 1U);
}

TEST_P(BybitEmulatedSocketTest, DisconnectProtectionFiresWhenEverySocketIsGone)
{
    EXPECT_EQ(ask(signed_request("POST", "/v5/order/disconnected-cancel-all",
                                 R"({"product":"OPTIONS","timeWindow":10})")),
              10001);
    EXPECT_EQ(ask(signed_request(
                  "POST", "/v5/order/disconnected-cancel-all",
                  fmt::format(R"({{"product":"{}","timeWindow":10}})", spot() ? "SPOT" : "DERIVATIVES"))),
              0);
    log_on(kSession, "/v5/private");
    say(kSession,
        spot() ? R"({"op":"subscribe","args":["dcp.spot"]})" : R"({"op":"subscribe","args":["dcp.future"]})");
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"1","price":"27.00")"), 0);
    now_ = now_ + seconds(60);
    exchange().on_time(now_);
    EXPECT_EQ(exchange().orders(kAccount, kNoListing, true).size(), 1U);
    venue_->on_tick(now_, sent_);
    venue_->on_session_closed(kSession);
    exchange().on_time(now_ + seconds(9));
    EXPECT_EQ(exchange().orders(kAccount, kNoListing, true).size(), 1U);
    exchange().on_time(now_ + seconds(11));
    EXPECT_TRUE(exchange().orders(kAccount, kNoListing, true).empty());
}

TEST_P(BybitEmulatedSocketTest, SurvivesWhateverIsSent)
{
    log_on(kSession, "/v5/trade");
    log_on(kOther, "/v5/private");
    ASSERT_TRUE(open(SessionId{3}, std::string("/v5/public/") + GetParam()));
    const std::string good =
        fmt::format(R"({{"reqId":"1","header":{{"X-BAPI-TIMESTAMP":"{}"}},"op":"order.create","args":[{{{},)"
                    R"("symbol":"LINKUSDT","side":"Buy","orderType":"Limit","qty":"1","price":"27.00"}}]}})",
                    now_.ns / 1'000'000, category());
    std::vector<std::string> bad{"",
                                 "{",
                                 "[]",
                                 "7",
                                 "null",
                                 "{}",
                                 R"({"op":7})",
                                 R"({"op":"auth"})",
                                 R"({"op":"auth","args":[[],{},null]})",
                                 R"({"op":"subscribe","args":[{}]})",
                                 R"({"op":"subscribe","args":"x"})",
                                 R"({"op":"order.create","args":[7]})",
                                 R"({"op":"order.create","args":{}})",
                                 R"({"op":"order.amend","args":[{}]})",
                                 R"({"op":"order.amend","args":[{"orderId":7,"price":[]}]})",
                                 std::string(300'000, '['),
                                 std::string("{\"op\":\"\0\"}", 10),
                                 "\xff\xfe"};
    for (std::size_t i = 0; i < good.size(); ++i) {
        bad.push_back(good.substr(0, i));
        std::string changed = good;
        changed[i] = static_cast<char>(i % 256);
        bad.push_back(changed);
    }
    for (const std::string& text : bad) {
        for (const SessionId id : {kSession, kOther, SessionId{3}, SessionId{99}}) say(id, text);
        now_ = now_ + milliseconds(50);
        (void)venue_->on_request(signed_request("POST", "/v5/order/create", text), now_, sent_);
        (void)venue_->on_request(request("GET", "/v5/market/orderbook?" + text), now_, sent_);
        (void)venue_->failed_frame(text);
        now_ = now_ + seconds(1);
    }
    for (const char* limit : {"0", "-1", "99999999999999999999", "x", "1.5", "50"}) {
        for (const char* path : {"/v5/order/realtime", "/v5/execution/list", "/v5/order/history"}) {
            const std::string query =
                fmt::format("?category={}&symbol=LINKUSDT&limit={}&cursor={}&startTime={}", GetParam(), limit,
                            limit, limit);
            (void)venue_->on_request(signed_request("GET", path + query), now_, sent_);
            now_ = now_ + milliseconds(100);
        }
    }
    EXPECT_EQ(ask(request("GET", "/v5/market/time")), 0) << "still there";
}

}  // namespace
}  // namespace arb::bybit::test
