// Public trades and tickers of the emulated venue as a stranger's client reads them: golden answers by REST,
// on the websocket API and on streams, wrong input, weights.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/binance/raw_client.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

class BinanceTickers : public ::testing::TestWithParam<const char*>,
                       protected test::RawClient<EmulatedExchange, ExchangeRules> {
  protected:
    void SetUp() override { begin(GetParam(), arb::test::kStart); }
    /// What that path's answer adds to the weight.
    int weight(const std::string& path)
    {
        const int before = used_;
        used_ = std::stoi(header(ask("GET", path), "X-MBX-USED-WEIGHT-1M"));
        return used_ - before;
    }
    std::string get(const std::string& path) { return ask("GET", base() + path).body; }
    void expect_code(const ServerReply& reply, int code)
    {
        EXPECT_TRUE(has_code(reply, code)) << reply.status << " " << reply.body;
    }
    /// One bought at 27.20, told to whoever listens.
    void buy()
    {
        said_.clear();
        EXPECT_EQ(order("side=BUY&type=LIMIT&timeInForce=IOC&quantity=1&price=27.2").status, 200);
        exchange_->deliver(*venue_, now_, *this);
    }
    std::string told(std::string_view part) const
    {
        for (const std::string& text : said_) {
            if (text.find(part) != std::string::npos) return text;
        }
        return {};
    }
    int used_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceTickers, ::testing::Values("spot", "usdm"));

TEST_P(BinanceTickers, TradesHaveOneNumberEverywhere)
{
    ASSERT_TRUE(
        open_session(1, spot() ? "/ws/linkusdt@aggTrade/linkusdt@trade" : "/market/ws/linkusdt@aggTrade"));
    const std::int64_t opened = ms();
    now_ = now_ + seconds(1);
    buy();
    const std::int64_t ms_then = ms();
    if (spot()) {
        EXPECT_EQ(told("aggTrade"),
                  fmt::format(R"({{"e":"aggTrade","E":{0},"s":"LINKUSDT","a":7002,"p":"27.20000000",)"
                              R"("q":"1.00000000","f":7002,"l":7002,"T":{0},"m":false,"M":true}})",
                              ms_then));
        EXPECT_EQ(told(R"("e":"trade")"),
                  fmt::format(R"({{"e":"trade","E":{0},"s":"LINKUSDT","t":7002,"p":"27.20000000",)"
                              R"("q":"1.00000000","T":{0},"m":false,"M":true}})",
                              ms_then));
        EXPECT_EQ(
            get("/trades?symbol=LINKUSDT"),
            fmt::format(R"([{{"id":7001,"price":"27.10000000","qty":"0.10000000","quoteQty":"2.71000000",)"
                        R"("time":{},"isBuyerMaker":true,"isBestMatch":true}},)"
                        R"({{"id":7002,"price":"27.20000000","qty":"1.00000000","quoteQty":"27.20000000",)"
                        R"("time":{},"isBuyerMaker":false,"isBestMatch":true}}])",
                        opened, ms_then));
        EXPECT_EQ(get("/aggTrades?symbol=LINKUSDT&limit=1"),
                  fmt::format(R"([{{"a":7002,"p":"27.20000000","q":"1.00000000","f":7002,"l":7002,"T":{},)"
                              R"("m":false,"M":true}}])",
                              ms_then));
        EXPECT_EQ(get("/avgPrice?symbol=LINKUSDT"),
                  fmt::format(R"({{"mins":5,"price":"27.19090909","closeTime":{}}})", ms_then));
    } else {
        EXPECT_EQ(told("aggTrade"),
                  fmt::format(R"({{"e":"aggTrade","E":{0},"a":7002,"s":"LINKUSDT","p":"27.20","q":"1.0",)"
                              R"("f":7002,"l":7002,"T":{0},"m":false}})",
                              ms_then));
        EXPECT_EQ(get("/trades?symbol=LINKUSDT&limit=1"),
                  fmt::format(R"([{{"id":7002,"price":"27.20","qty":"1.0","quoteQty":"27.2","time":{},)"
                              R"("isBuyerMaker":false,"isRPITrade":false}}])",
                              ms_then));
        EXPECT_EQ(get("/aggTrades?symbol=LINKUSDT&fromId=7002"),
                  fmt::format(R"([{{"a":7002,"p":"27.20","q":"1.0","f":7002,"l":7002,"T":{},"m":false}}])",
                              ms_then));
    }
    const std::string from = fmt::format("/aggTrades?symbol=LINKUSDT&startTime={}", ms_then);
    EXPECT_EQ(get(from).find("7001"), std::string::npos);
    EXPECT_EQ(get(fmt::format("/aggTrades?symbol=LINKUSDT&endTime={}", opened)).find("7002"),
              std::string::npos);
    expect_code(ask("GET", base() + from + "&endTime=1"), -1023);
    EXPECT_TRUE(ask("GET", base() + "/historicalTrades?symbol=LINKUSDT&fromId=7002", keys_[0].key_id)
                    .body.starts_with(R"([{"id":7002,)"));
    if (!spot()) expect_code(ask("GET", base() + "/historicalTrades?symbol=LINKUSDT"), -2014);
    for (const char* path : {"/trades", "/aggTrades"}) {
        expect_code(ask("GET", base() + path), -1102);
        expect_code(ask("GET", base() + path + "?symbol=NONE"), -1121);
        expect_code(ask("GET", base() + path + "?symbol=LINKUSDT&limit=0"), -1130);
        expect_code(ask("GET", base() + path + "?symbol=LINKUSDT&limit=1001"), -1130);
    }
}

TEST_P(BinanceTickers, TheLastDay)
{
    now_ = now_ + seconds(1);
    buy();
    const std::string times = fmt::format(R"("openTime":{},"closeTime":{})", ms() - 86'400'000, ms());
    if (spot()) {
        const std::string mini = fmt::format(
            R"("openPrice":"27.10000000","highPrice":"27.20000000","lowPrice":"27.10000000",)"
            R"("volume":"1.10000000","quoteVolume":"29.91000000",{},"firstId":7001,"lastId":7002,"count":2}})",
            times);
        EXPECT_EQ(
            get("/ticker/24hr?symbol=LINKUSDT"),
            R"({"symbol":"LINKUSDT","priceChange":"0.10000000","priceChangePercent":"0.369",)"
            R"("weightedAvgPrice":"27.19090909","prevClosePrice":"27.10000000","lastPrice":"27.20000000",)"
            R"("lastQty":"1.00000000","bidPrice":"27.10000000","bidQty":"100.00000000",)"
            R"("askPrice":"27.20000000","askQty":"99.00000000",)" +
                mini);
        EXPECT_EQ(get("/ticker/24hr?symbols=%5B%22LINKUSDT%22%5D&type=MINI"),
                  R"([{"symbol":"LINKUSDT","lastPrice":"27.20000000",)" + mini + "]");
        EXPECT_EQ(get("/ticker/price"), R"([{"symbol":"LINKUSDT","price":"27.20000000"}])");
        EXPECT_EQ(get("/ticker/bookTicker"),
                  R"([{"symbol":"LINKUSDT","bidPrice":"27.10000000","bidQty":"100.00000000",)"
                  R"("askPrice":"27.20000000","askQty":"99.00000000"}])");
        return;
    }
    const std::string ticker =
        fmt::format(R"({{"symbol":"LINKUSDT","priceChange":"0.10","priceChangePercent":"0.369",)"
                    R"("weightedAvgPrice":"27.19","lastPrice":"27.20","lastQty":"1.0","openPrice":"27.10",)"
                    R"("highPrice":"27.20","lowPrice":"27.10","volume":"1.1","quoteVolume":"29.91",{},)"
                    R"("firstId":7001,"lastId":7002,"count":2}})",
                    times);
    EXPECT_EQ(get("/ticker/24hr?symbol=LINKUSDT"), ticker);
    EXPECT_EQ(get("/ticker/24hr"), "[" + ticker + "]");
    const std::string price = fmt::format(R"({{"symbol":"LINKUSDT","price":"27.20","time":{}}})", ms());
    EXPECT_EQ(get("/ticker/price?symbol=LINKUSDT"), price);
    EXPECT_EQ(ask("GET", "/fapi/v2/ticker/price").body, "[" + price + "]");
    EXPECT_EQ(get("/ticker/bookTicker"),
              fmt::format(R"([{{"symbol":"LINKUSDT","bidPrice":"27.10","bidQty":"100.0","askPrice":"27.20",)"
                          R"("askQty":"99.0","time":{}}}])",
                          ms()));
    EXPECT_EQ(get("/premiumIndex?symbol=LINKUSDT"),
              fmt::format(R"({{"symbol":"LINKUSDT","markPrice":"27.15000000","indexPrice":"27.15000000",)"
                          R"("estimatedSettlePrice":"27.15000000","lastFundingRate":"0.00000000",)"
                          R"("interestRate":"0.00000000","nextFundingTime":{},"time":{}}})",
                          (ms() / 28'800'000 + 1) * 28'800'000, ms()));
}

TEST_P(BinanceTickers, ADayWithoutATradeKeepsThePrice)
{
    now_ = now_ + seconds(2 * 86'400);
    const std::string text = get("/ticker/24hr?symbol=LINKUSDT");
    EXPECT_NE(text.find(R"("priceChangePercent":"0.000")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("firstId":-1,"lastId":-1,"count":0)"), std::string::npos) << text;
    EXPECT_NE(get("/ticker/price?symbol=LINKUSDT").find(R"("price":"27.10)"), std::string::npos);
}

TEST_P(BinanceTickers, SymbolsAndWhatIsWrongWithThem)
{
    const std::string path = base() + "/ticker/24hr";
    expect_code(ask("GET", path + "?symbol=NONE"), -1121);
    if (!spot()) return;
    expect_code(ask("GET", path + "?symbol=LINKUSDT&symbols=%5B%22LINKUSDT%22%5D"), -1128);
    expect_code(ask("GET", path + "?symbols=LINKUSDT"), -1100);
    expect_code(ask("GET", path + "?symbols=%5B%5D"), -1100);
    expect_code(ask("GET", path + "?symbols=%5B%22NONE%22%5D"), -1121);
    expect_code(ask("GET", path + "?symbols=%5B%22LINKUSDT%22,%22LINKUSDT%22%5D"), -1151);
    expect_code(ask("GET", path + "?symbol=LINKUSDT&type=SOME"), -1102);
    expect_code(ask("GET", "/api/v3/exchangeInfo?symbols=%5B%22NONE%22%5D"), -1121);
    EXPECT_NE(get("/exchangeInfo?symbols=%5B%22LINKUSDT%22%5D").find(R"("symbol":"LINKUSDT")"),
              std::string::npos);
    ASSERT_TRUE(open_session(1, "/ws-api/v3"));
    EXPECT_TRUE(
        say(1, R"({"id":1,"method":"ticker.price","params":{"symbols":["LINKUSDT"]}})")
            .starts_with(R"({"id":1,"status":200,"result":[{"symbol":"LINKUSDT","price":"27.10000000"}],)"));
    for (const char* method : {"ticker.24hr", "trades.recent", "trades.historical", "trades.aggregate",
                               "avgPrice", "ticker.book"}) {
        const std::string reply =
            say(1, fmt::format(R"({{"id":1,"method":"{}","params":{{"symbol":"LINKUSDT"}}}})", method));
        EXPECT_NE(reply.find(R"("status":200)"), std::string::npos) << method << " " << reply;
    }
}

TEST_P(BinanceTickers, WhatEachCosts)
{
    const std::string one = "?symbol=LINKUSDT";
    const bool s = spot();
    EXPECT_EQ(weight(base() + "/ticker/24hr" + one), s ? 2 : 1);
    EXPECT_EQ(weight(base() + "/ticker/24hr"), s ? 80 : 40);
    EXPECT_EQ(weight(base() + "/ticker/price" + one), s ? 2 : 1);
    EXPECT_EQ(weight(base() + "/ticker/price"), s ? 4 : 2);
    EXPECT_EQ(weight(base() + "/ticker/bookTicker" + one), 2);
    EXPECT_EQ(weight(base() + "/ticker/bookTicker"), s ? 4 : 5);
    EXPECT_EQ(weight(base() + "/trades" + one), s ? 25 : 5);
    EXPECT_EQ(weight(base() + "/aggTrades" + one), s ? 4 : 20);
    if (s) {
        EXPECT_EQ(weight("/api/v3/avgPrice" + one), 2);
        EXPECT_EQ(weight("/api/v3/ticker/24hr?symbols=%5B%22LINKUSDT%22%5D"), 2);
    } else {
        EXPECT_EQ(weight("/fapi/v1/premiumIndex" + one), 1);
        EXPECT_EQ(weight("/fapi/v1/premiumIndex"), 10);
    }
}

TEST_P(BinanceTickers, StreamsThatSpeakEverySecond)
{
    const std::string names = "linkusdt@ticker/linkusdt@miniTicker/!miniTicker@arr/linkusdt@markPrice@1s";
    ASSERT_TRUE(open_session(1, (spot() ? "/ws/" : "/market/ws/") + names));
    now_ = now_ + seconds(60);
    buy();
    now_ = now_ + seconds(60 - now_.ns / 1'000'000'000 % 60);
    said_.clear();
    venue_->on_tick(now_, *this);
    const std::string mini =
        spot() ? fmt::format(R"({{"e":"24hrMiniTicker","E":{},"s":"LINKUSDT","c":"27.20000000",)"
                             R"("o":"27.10000000","h":"27.20000000","l":"27.10000000","v":"1.10000000",)"
                             R"("q":"29.91000000"}})",
                             ms())
               : fmt::format(R"({{"e":"24hrMiniTicker","E":{},"s":"LINKUSDT","c":"27.20","o":"27.10",)"
                             R"("h":"27.20","l":"27.10","v":"1.1","q":"29.91"}})",
                             ms());
    const std::string days =
        fmt::format(R"("O":{},"C":{},"F":7001,"L":7002,"n":2}})", ms() - 86'400'000, ms());
    const std::string full =
        spot() ? fmt::format(R"({{"e":"24hrTicker","E":{},"s":"LINKUSDT","p":"0.10000000","P":"0.369",)"
                             R"("w":"27.19090909","x":"27.10000000","c":"27.20000000","Q":"1.00000000",)"
                             R"("b":"27.10000000","B":"100.00000000","a":"27.20000000","A":"99.00000000",)"
                             R"("o":"27.10000000","h":"27.20000000","l":"27.10000000","v":"1.10000000",)"
                             R"("q":"29.91000000",)",
                             ms())
               : fmt::format(
                     R"({{"e":"24hrTicker","E":{},"s":"LINKUSDT","p":"0.10","P":"0.369","w":"27.19",)"
                     R"("c":"27.20","Q":"1.0","o":"27.10","h":"27.20","l":"27.10","v":"1.1","q":"29.91",)",
                     ms());
    EXPECT_EQ(told("24hrTicker"), full + days);
    EXPECT_EQ(told(R"({"e":"24hrMiniTicker")"), "[" + mini + "]") << "the list comes first";
    EXPECT_EQ(said_.back(), spot() ? full + days : full + days);
    if (!spot()) {
        EXPECT_NE(told("markPriceUpdate").find(R"("p":"27.15000000","ap":"27.15000000")"), std::string::npos);
    }
    const std::size_t count = said_.size();
    EXPECT_EQ(count, spot() ? 3U : 4U);
    venue_->on_tick(now_ + milliseconds(500), *this);
    EXPECT_EQ(said_.size(), count) << "once a second";
    venue_->on_tick(now_ + seconds(1), *this);
    EXPECT_EQ(said_.size(), spot() ? 6U : 6U) << "tickers of a future come every two seconds";
}

TEST_P(BinanceTickers, TheBestLevelsOfABook)
{
    ASSERT_TRUE(open_session(1, spot() ? "/ws/linkusdt@depth5@100ms" : "/public/ws/linkusdt@depth5"));
    said_.clear();
    const Level bids[] = {{{2'710}, {5}}, {{2'709}, {6}}, {{2'708}, {7}},
                          {{2'707}, {8}}, {{2'706}, {9}}, {{2'705}, {10}}};
    const Level asks[] = {{{2'720}, {10}}};
    exchange_->set_street(ListingId{0}, bids, asks, now_);
    exchange_->deliver(*venue_, now_, *this);
    ASSERT_EQ(said_.size(), 1U);
    if (spot()) {
        EXPECT_TRUE(said_[0].starts_with(R"({"lastUpdateId":)")) << said_[0];
        EXPECT_TRUE(
            said_[0].ends_with(R"(,"bids":[["27.10000000","0.50000000"],["27.09000000","0.60000000"],)"
                               R"(["27.08000000","0.70000000"],["27.07000000","0.80000000"],)"
                               R"(["27.06000000","0.90000000"]],"asks":[["27.20000000","1.00000000"]]})"))
            << said_[0];
    } else {
        EXPECT_TRUE(said_[0].starts_with(R"({"e":"depthUpdate","E":)")) << said_[0];
        EXPECT_NE(said_[0].find(R"("pu":)"), std::string::npos) << said_[0];
        EXPECT_TRUE(
            said_[0].ends_with(R"("b":[["27.10","0.5"],["27.09","0.6"],["27.08","0.7"],["27.07","0.8"],)"
                               R"(["27.06","0.9"]],"a":[["27.20","1.0"]]})"))
            << said_[0];
    }
}

TEST_P(BinanceTickers, AStreamThatIsNotEmulatedIsRefused)
{
    ASSERT_TRUE(open_session(1, spot() ? "/ws" : "/market/ws"));
    EXPECT_EQ(say(1, R"({"method":"SUBSCRIBE","params":["linkusdt@kline_1m"],"id":3})"),
              R"({"code":2,"msg":"Invalid request: unknown stream linkusdt@kline_1m","id":3})");
    EXPECT_EQ(say(1, R"({"method":"SUBSCRIBE","params":["linkusdt@ticker"],"id":4})"),
              R"({"result":null,"id":4})");
}

TEST_P(BinanceTickers, WhatAnAccountIsToldBesides)
{
    EXPECT_EQ(call("GET", "/sapi/v1/system/status").body, R"({"status":0,"msg":"normal"})");
    if (spot()) {
        EXPECT_EQ(call("GET", "/sapi/v1/asset/tradeFee", "symbol=LINKUSDT").body,
                  R"([{"symbol":"LINKUSDT","makerCommission":"0.00100000","takerCommission":"0.00100000"}])");
        EXPECT_EQ(call("GET", "/sapi/v1/account/status").body, R"({"data":"Normal"})");
        const std::string account = call("GET", "/api/v3/account").body;
        EXPECT_NE(account.find(R"("commissionRates":{"maker":"0.00100000")"), std::string::npos) << account;
        return;
    }
    EXPECT_TRUE(call("GET", "/fapi/v1/leverageBracket")
                    .body.starts_with(R"([{"symbol":"LINKUSDT","notionalCoef":1.0,"brackets":[{"bracket":1,)"
                                      R"("initialLeverage":10,)"));
    EXPECT_EQ(call("GET", "/fapi/v1/multiAssetsMargin").body, R"({"multiAssetsMargin":false})");
    buy();
    const std::string account = call("GET", "/fapi/v3/account").body;
    for (const char* part :
         {R"("totalInitialMargin":"2.72000000")", R"("totalWalletBalance":"999.97280000")",
          R"("totalUnrealizedProfit":"-0.10000000")", R"("totalMarginBalance":"999.87280000")",
          R"("availableBalance":"997.25280000")", R"("asset":"USDT","walletBalance":"999.97280000")",
          R"("positions":[{"symbol":"LINKUSDT","positionSide":"BOTH","positionAmt":"1")"}) {
        EXPECT_NE(account.find(part), std::string::npos) << part << " " << account;
    }
    ASSERT_TRUE(open_session(1, "/ws-fapi/v1"));
    EXPECT_NE(say(1, R"({"id":1,"method":"ticker.price","params":{"symbol":"LINKUSDT"}})")
                  .find(R"("result":{"symbol":"LINKUSDT","price":"27.20")"),
              std::string::npos);
    for (const char* method :
         {"v2/account.balance", "v2/account.position", "v2/account.status", "account.status"}) {
        const std::string payload = fmt::format("apiKey={}&timestamp={}", keys_[0].key_id, ms());
        const std::string reply =
            say(1, fmt::format(R"({{"id":1,"method":"{}","params":{{"apiKey":"{}","timestamp":{},)"
                               R"("signature":"{}"}}}})",
                               method, keys_[0].key_id, ms(), signature(payload, keys_[0])));
        EXPECT_NE(reply.find(R"("status":200)"), std::string::npos) << method << " " << reply;
    }
}

TEST(BinanceCoinm, HasNoTickersOfUsdm)
{
    struct Nobody final : SessionOutbox {
        void send(SessionId, std::string) override {}
        void close(SessionId, int, std::string_view) override {}
    } out;
    const InstrumentTable table = InstrumentTable::build({{{"binance", "coinm"}, {}}}).take();
    EmulatedExchange exchange(table, VenueId{0}, ExchangeRules{});
    const std::vector<EmulatedKey> keys;
    EmulatedVenueSetup setup;
    setup.table = &table;
    setup.market = "coinm";
    setup.exchange = &exchange;
    setup.keys = &keys;
    const auto venue = type().make_emulated_venue(setup);
    ServerRequest request;
    request.method = "GET";
    for (const auto& [path, status] : {std::pair{"/dapi/v1/ticker/24hr", 404},
                                       {"/dapi/v1/trades?symbol=X", 404},
                                       {"/dapi/v1/time", 200}}) {
        request.target = path;
        EXPECT_EQ(venue->on_request(request, arb::test::kStart, out).status, status) << path;
    }
}

}  // namespace
}  // namespace arb::binance
