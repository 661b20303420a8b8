// The emulated venue by itself: public trades and tickers, market orders, and several orders in one request.
#include <gtest/gtest.h>

#include "connectors/bybit/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::bybit::test {
namespace {

class BybitEmulatedMarketTest : public ::testing::TestWithParam<const char*>,
                                protected Alone<EmulatedExchange> {
  protected:
    void SetUp() override { begin(GetParam(), ExchangeRules{}); }
    std::int64_t see(const std::string& path, const std::string& more)
    {
        return ask(request("GET", fmt::format("/v5/market/{}?category={}{}", path, GetParam(), more)));
    }
    std::int64_t market(const std::string& side, const std::string& more)
    {
        return ask(
            signed_request("POST", "/v5/order/create",
                           fmt::format(R"({{{},"symbol":"LINKUSDT","side":"{}","orderType":"Market",{}}})",
                                       category(), side, more)));
    }
    /// A member of the latest closed order.
    std::string last_order(const std::string& name)
    {
        EXPECT_EQ(
            ask(signed_request(
                "GET", fmt::format("/v5/order/history?category={}&symbol=LINKUSDT&limit=1", GetParam()))),
            0);
        return at("/result/list/0/" + name);
    }
    std::int64_t batch(const std::string& verb, const std::string& entries)
    {
        return ask(signed_request("POST", "/v5/order/" + verb + "-batch",
                                  "{" + category() + R"(,"request":[)" + entries + "]}"));
    }
    static std::string limit(const std::string& id, const std::string& price = "27.00")
    {
        return R"({"symbol":"LINKUSDT","side":"Buy","orderType":"Limit","qty":"1","price":")" + price +
               R"(","orderLinkId":")" + id + "\"}";
    }
    /// The codes of the entries.
    std::string codes()
    {
        std::string all;
        for (int i = 0; at(fmt::format("/retExtInfo/list/{}/code", i)) != "?"; ++i)
            all += at(fmt::format("/retExtInfo/list/{}/code", i)) + " ";
        return all;
    }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitEmulatedMarketTest, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitEmulatedMarketTest, TellsItsTradesNewestFirst)
{
    EXPECT_EQ(see("recent-trade", "&symbol=LINKUSDT"), 0);
    EXPECT_EQ(at("/result/list/0/price"), spot() ? "27.1" : "27.10") << "one of the days before";
    EXPECT_EQ(at("/result/list/1"), "?");
    ASSERT_TRUE(open(kSession, std::string("/v5/public/") + GetParam()));
    say(kSession, R"({"op":"subscribe","args":["publicTrade.LINKUSDT"]})");
    for (const char* size : {"1", "2"})
        EXPECT_EQ(place(fmt::format(R"("orderType":"Limit","qty":"{}","price":"27.20")", size)), 0);
    EXPECT_EQ(see("recent-trade", "&symbol=LINKUSDT"), 0);
    const std::string id = spot() ? "2280000001739247418" : "20f43950-d8dd-5b31-8000-000000001001";
    EXPECT_EQ(at("/result/list/0"),
              fmt::format(R"({{"execId":"{}","symbol":"LINKUSDT","price":"{}","size":"{}","side":"Buy",)"
                          R"("time":"{}","isBlockTrade":false,"isRPITrade":false}})",
                          id, spot() ? "27.2" : "27.20", spot() ? "2" : "2.0", at("/result/list/0/time")));
    EXPECT_EQ(at("/result/list/3"), "?");
    EXPECT_EQ(heard(kSession, fmt::format("\"i\":\"{}\"", id)), 1U);
    EXPECT_EQ(heard(kSession, R"("L":"ZeroPlusTick")"), spot() ? 0U : 1U);
    EXPECT_EQ(see("recent-trade", "&symbol=LINKUSDT&limit=1"), 0);
    EXPECT_EQ(at("/result/list/0/execId"), id);
    EXPECT_EQ(at("/result/list/1"), "?");
    EXPECT_EQ(see("recent-trade", "&symbol=NOPEUSDT"), 10001);
    EXPECT_EQ(ask(request("GET", "/v5/market/recent-trade?category=inverse&symbol=LINKUSDT")), 10001);
    EXPECT_EQ(ask(request("GET", "/v5/system/status")), 0);
    EXPECT_EQ(at("/result/list"), "[]");
}

TEST_P(BybitEmulatedMarketTest, TellsItsLastDay)
{
    EXPECT_EQ(see("tickers", "&symbol=LINKUSDT"), 0);
    EXPECT_EQ(at("/result/list/0/lastPrice"), spot() ? "27.1" : "27.10")
        << "nothing traded: the book's start";
    EXPECT_EQ(at("/result/list/0/volume24h"), "0");
    ASSERT_TRUE(open(kSession, std::string("/v5/public/") + GetParam()));
    say(kSession, R"({"op":"subscribe","args":["tickers.LINKUSDT"]})");
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"2","price":"27.20")"), 0);
    street(2750, 2760);
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"1","price":"27.60")"), 0);
    EXPECT_EQ(heard(kSession, spot() ? R"("turnover24h":"82","volume24h":"3")" : R"("volume24h":"3")"), 2U)
        << "with the trade, and with the book it left";
    EXPECT_EQ(see("tickers", "&symbol=LINKUSDT"), 0);
    EXPECT_EQ(at("/result/list/0/lastPrice"), spot() ? "27.6" : "27.60");
    EXPECT_EQ(at("/result/list/0/prevPrice24h"), spot() ? "27.2" : "27.20");
    EXPECT_EQ(at("/result/list/0/price24hPcnt"), spot() ? "0.0147" : "0.014705");
    EXPECT_EQ(at("/result/list/0/turnover24h"), "82");
    EXPECT_EQ(at("/result/list/0/ask1Size"), spot() ? "49" : "49.0");
    EXPECT_EQ(at("/result/list/0/usdIndexPrice"), spot() ? "27.5" : "?");
    EXPECT_EQ(at("/result/list/0/markPrice"), spot() ? "?" : "27.55");
}

TEST_P(BybitEmulatedMarketTest, AMarketOrderIsShownAsOne)
{
    EXPECT_EQ(market("Buy", R"("qty":"2","marketUnit":"baseCoin")"), 0);
    EXPECT_EQ(last_order("orderType"), "Market");
    EXPECT_EQ(at("/result/list/0/price"), spot() ? "0" : "27.20");
    EXPECT_EQ(at("/result/list/0/orderStatus"), "Filled");
    EXPECT_EQ(at("/result/list/0/avgPrice"), "27.2");
    EXPECT_EQ(at("/result/list/0/leavesValue"), "0");
    // More than there is: the rest does not wait.
    EXPECT_EQ(market("Sell", R"("qty":"60")"), 0);
    EXPECT_EQ(last_order("orderStatus"), spot() ? "PartiallyFilledCanceled" : "Cancelled");
    EXPECT_EQ(at("/result/list/0/cumExecQty"), spot() ? "50" : "50.0");
    EXPECT_EQ(market("Sell", R"("qty":"1")"), spot() ? 170132 : 110003) << "nobody buys";
    const std::pair<const char*, int> rows[] = {
        {R"("qty":"0","marketUnit":"baseCoin")", spot() ? 170136 : 10001},
        {R"("qty":"-1","marketUnit":"baseCoin")", spot() ? 170136 : 10001},
        {R"("qty":"1.05","marketUnit":"baseCoin")", spot() ? 170137 : 10001},
        {R"("qty":"1","marketUnit":"moon")", spot() ? 10001 : 0},
        {R"("qty":"1","slippageTolerance":"1")", 10001},
        {R"("qty":"1","triggerPrice":"27")", 10001},
        {R"("qty":"1","orderFilter":"StopOrder")", 10001},
    };
    for (const auto& [terms, code] : rows) EXPECT_EQ(market("Buy", terms), code) << terms << body_;
}

TEST_P(BybitEmulatedMarketTest, MoneyThatBuysNoFurtherLotIsLeft)
{
    if (!spot()) return;
    log_on(kSession, "/v5/private");
    say(kSession, R"({"op":"subscribe","args":["order","execution.fast"]})");
    EXPECT_EQ(market("Buy", R"("qty":"50")"), 0);
    EXPECT_EQ(last_order("orderStatus"), "PartiallyFilledCanceled");
    EXPECT_EQ(at("/result/list/0/rejectReason"), "EC_CancelForNoFullFill");
    EXPECT_EQ(at("/result/list/0/qty"), "50");
    EXPECT_EQ(at("/result/list/0/cumExecQty"), "1.8");
    EXPECT_EQ(at("/result/list/0/cumExecValue"), "48.96");
    EXPECT_EQ(at("/result/list/0/leavesValue"), "1.04");
    EXPECT_EQ(at("/result/list/0/marketUnit"), "quoteCoin");
    EXPECT_EQ(heard(kSession, R"({"topic":"execution.fast","creationTime":)"), 1U);
    EXPECT_EQ(market("Buy", R"("qty":"54.4")"), 0);
    EXPECT_EQ(last_order("orderStatus"), "Filled");
    EXPECT_EQ(market("Sell", R"("qty":"55","marketUnit":"quoteCoin")"), 0);
    EXPECT_EQ(last_order("cumExecQty"), "2") << "54.20 of 55";
    EXPECT_EQ(market("Buy", R"("qty":"1")"), 170140) << "less than a lot";
    EXPECT_EQ(market("Buy", R"("qty":"99999999")"), 170131);
}

TEST_P(BybitEmulatedMarketTest, BatchesTellOfEachOrder)
{
    EXPECT_EQ(batch("create", limit("a") + "," + limit("b", "27.005") + "," + limit("a")), 0);
    EXPECT_EQ(codes(), spot() ? "0 170134 170141 " : "0 10001 110072 ");
    EXPECT_EQ(at("/result/list/0"),
              fmt::format(R"({{"category":"{}","symbol":"LINKUSDT","orderId":"{}","orderLinkId":"a",)"
                          R"("createAt":"{}"}})",
                          GetParam(), at("/result/list/0/orderId"), at("/result/list/0/createAt")));
    EXPECT_EQ(at("/result/list/1"),
              fmt::format(R"({{"category":"{}","symbol":"LINKUSDT","orderId":"","orderLinkId":"b",)"
                          R"("createAt":""}})",
                          GetParam()));
    EXPECT_EQ(at("/retExtInfo/list/0/msg"), "OK");
    EXPECT_EQ(exchange().order_count(), 1U);
    const auto named = [](const std::string& id, const std::string& more = "") {
        return R"({"symbol":"LINKUSDT","orderLinkId":")" + id + "\"" + more + "}";
    };
    EXPECT_EQ(batch("amend", named("a", R"(,"price":"27.05")") + "," + named("x", R"(,"price":"27.05")")), 0);
    EXPECT_EQ(codes(), spot() ? "0 170213 " : "0 110001 ");
    EXPECT_EQ(exchange().find_client(kAccount, "a")->price, (Price{2705}));
    EXPECT_EQ(batch("cancel", named("a") + "," + named("x")), 0);
    EXPECT_EQ(codes(), spot() ? "0 170213 " : "0 110001 ");
    EXPECT_EQ(
        at("/result/list/1"),
        fmt::format(R"({{"category":"{}","symbol":"LINKUSDT","orderId":"","orderLinkId":"x"}})", GetParam()));
    EXPECT_TRUE(exchange().orders(kAccount, kNoListing, true).empty());
    // What is wrong with the whole request.
    for (const char* entries : {"", "7", R"({"symbol":"LINKUSDT"},7)"})
        EXPECT_EQ(batch("create", entries), 10001) << entries;
    EXPECT_EQ(at("/retExtInfo"), "{}");
    EXPECT_EQ(ask(signed_request("POST", "/v5/order/create-batch", "{" + category() + "}")), 10001);
    EXPECT_EQ(ask(signed_request("POST", "/v5/order/create-batch",
                                 R"({"category":"inverse","request":[)" + limit("c") + "]}")),
              10001);
    std::string many = limit("m0");
    const int most = spot() ? 10 : 20;
    for (int i = 1; i <= most; ++i) many += "," + limit(fmt::format("m{}", i));
    EXPECT_EQ(batch("create", many), 10001);
    EXPECT_EQ(exchange().order_count(), 1U);
    EXPECT_EQ(ask(signed_request("POST", "/v5/order/create-batch",
                                 "{" + category() + R"(,"request":[)" + limit("r") + "]}", 1)),
              10005)
        << "a key that may only read";
}

TEST_P(BybitEmulatedMarketTest, EachOrderOfABatchIsCounted)
{
    now_ = {now_.ns / 1'000'000'000 * 1'000'000'000};
    const Timestamp second = now_;
    std::string ten = limit("n0");
    for (int i = 1; i < 10; ++i) ten += "," + limit(fmt::format("n{}", i));
    std::string more = limit("o0");
    for (int i = 1; i < 10; ++i) more += "," + limit(fmt::format("o{}", i));
    const auto refused = [&] {
        std::size_t count = 0;
        for (int i = 0; i < 10; ++i)
            count += at(fmt::format("/retExtInfo/list/{}/code", i)) == "10006" ? 1 : 0;
        return count;
    };
    EXPECT_EQ(batch("create", ten), 0);
    EXPECT_EQ(refused(), 0U);
    now_ = second;
    EXPECT_EQ(batch("create", more), 0) << "good as a whole";
    EXPECT_EQ(refused(), spot() ? 0U : 10U);
    now_ = second;
    EXPECT_EQ(batch("create", limit("p")), 0);
    EXPECT_EQ(codes(), "10006 ");
    now_ = second;
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"1","price":"27.00")"), 0) << "single ones count apart";
    now_ = second + seconds(1);
    EXPECT_EQ(batch("create", limit("q")), 0);
    EXPECT_EQ(codes(), "0 ");
}

TEST_P(BybitEmulatedMarketTest, BatchesByWebsocket)
{
    log_on(kSession, "/v5/trade");
    const auto order = [&](const std::string& id, const std::string& op, const std::string& entries) {
        say(kSession,
            fmt::format(R"({{"reqId":"{}","header":{{"X-BAPI-TIMESTAMP":"{}"}},"op":"{}","args":[{{{},)"
                        R"("request":[{}]}}]}})",
                        id, now_.ns / 1'000'000, op, category(), entries));
        return sent_.frames[kSession].back();
    };
    const std::string made = order("1", "order.create-batch", limit("a") + "," + limit("b", "27.005"));
    EXPECT_NE(
        made.find(R"("reqId":"1","retCode":0,"retMsg":"OK","op":"order.create-batch","data":{"list":[)"),
        std::string::npos)
        << made;
    EXPECT_NE(made.find(fmt::format(R"("retExtInfo":{{"list":[{{"code":0,"msg":"OK"}},{{"code":{},"msg":)",
                                    spot() ? 170134 : 10001)),
              std::string::npos)
        << made;
    EXPECT_NE(made.find(fmt::format(R"("X-Bapi-Limit":"{}","X-Bapi-Limit-Status":"{}")", spot() ? 20 : 10,
                                    spot() ? 18 : 8)),
              std::string::npos);
    EXPECT_EQ(exchange().orders(kAccount, kNoListing, true).size(), 1U);
    const std::string gone = order("2", "order.cancel-batch", R"({"symbol":"LINKUSDT","orderLinkId":"a"})");
    EXPECT_NE(gone.find(R"("retExtInfo":{"list":[{"code":0,"msg":"OK"}]})"), std::string::npos) << gone;
    EXPECT_TRUE(exchange().orders(kAccount, kNoListing, true).empty());
    EXPECT_NE(order("3", "order.amend-batch", "7").find(R"("retCode":10001)"), std::string::npos);
}

}  // namespace
}  // namespace arb::bybit::test
