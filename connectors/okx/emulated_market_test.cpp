// The emulated venue by itself: what anybody may see of trades, tickers and books, and market orders.
#include <gtest/gtest.h>

#include "connectors/okx/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::okx::test {
namespace {

constexpr const char* kTrades = "/api/v5/market/trades?instId=LINK-USDT";

class OkxEmulatedMarket : public ::testing::Test, protected Alone<EmulatedExchange, ExchangeRules> {
  protected:
    /// sCode of a market order.
    std::string market(const std::string& rest, const std::string& listing = "LINK-USDT",
                       const std::string& mode = "cash")
    {
        (void)post("/api/v5/trade/order", R"({"instId":")" + listing + R"(","tdMode":")" + mode +
                                              R"(","ordType":"market",)" + rest + "}");
        return at("/data/0/sCode");
    }
    std::string see(const std::string& target) { return ask(request("GET", target)); }
    /// The order of the last reply, asked for; a member of it.
    std::string of(const std::string& id, const std::string& name)
    {
        EXPECT_EQ(get("/api/v5/trade/order?instId=LINK-USDT&ordId=" + id), "0");
        return at("/data/0/" + name);
    }
    void trade_three()
    {
        for (const char* size : {"1", "2", "3"})
            EXPECT_EQ(place(R"("px":"27.20","sz":")" + std::string(size) + "\""), "0");
    }
};

TEST_F(OkxEmulatedMarket, trades_newest_first_under_the_numbers_of_the_channel)
{
    EXPECT_EQ(see(kTrades), "0");
    EXPECT_EQ(at("/data/0/tradeId"), "130639470") << "one of the days before";
    EXPECT_EQ(at("/data/0/px") + " " + at("/data/0/sz"), "27.1 0.1");
    EXPECT_EQ(at("/data/1"), "?");
    ASSERT_TRUE(open(kSession, "/ws/v5/public"));
    say(kSession, R"({"op":"subscribe","args":[{"channel":"trades","instId":"LINK-USDT"}]})");
    trade_three();
    EXPECT_EQ(heard(kSession, R"("tradeId":"130639473","px":"27.2","sz":"3","side":"buy")"), 1U);
    EXPECT_EQ(see(kTrades), "0");
    EXPECT_EQ(at("/data/0"),
              R"({"instId":"LINK-USDT","tradeId":"130639473","px":"27.2","sz":"3","side":"buy","ts":")" +
                  at("/data/0/ts") + R"(","source":"0"})");
    EXPECT_EQ(at("/data/2/tradeId"), "130639471");
    EXPECT_EQ(at("/data/4"), "?");
    const std::string second = at("/data/1/ts");
    EXPECT_EQ(see(std::string(kTrades) + "&limit=1&after=130639473"), "0");
    EXPECT_EQ(at("/data/0/tradeId"), "130639473") << "cursors are the history's";
    EXPECT_EQ(at("/data/1"), "?");
    const std::string history = "/api/v5/market/history-trades?instId=LINK-USDT";
    EXPECT_EQ(see(history + "&after=130639473&limit=1"), "0");
    EXPECT_EQ(at("/data/0/tradeId"), "130639472");
    EXPECT_EQ(at("/data/1"), "?");
    EXPECT_EQ(see(history + "&before=130639472"), "0");
    EXPECT_EQ(at("/data/0/tradeId"), "130639473");
    EXPECT_EQ(at("/data/1"), "?");
    EXPECT_EQ(see(history + "&type=2&after=" + second), "0");
    EXPECT_EQ(at("/data/0/tradeId"), "130639471");
    const std::pair<std::string, const char*> rows[] = {
        {"/api/v5/market/trades?instId=NOPE-USDT", "51001"},
        {"/api/v5/market/trades", "51001"},
        {std::string(kTrades) + "&limit=x", "51000"},
        {history + "&type=3", "51000"},
        {history + "&after=-1", "51000"},
    };
    for (const auto& [target, code] : rows) EXPECT_EQ(see(target), code) << target;
    const ServerRequest request_of_all = request("GET", kTrades);
    now_ = now_ + seconds(2);
    ServerReply reply;
    for (int i = 0; i < 100; ++i) reply = venue_->on_request(request_of_all, now_, sent_);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(venue_->on_request(request_of_all, now_, sent_).status, 429);
}

TEST_F(OkxEmulatedMarket, tickers_tell_the_last_day)
{
    const std::string target = "/api/v5/market/ticker?instId=LINK-USDT";
    EXPECT_EQ(see(target), "0");
    EXPECT_EQ(at("/data/0/last"), "27.1") << "nothing traded: where the book began";
    EXPECT_EQ(at("/data/0/vol24h"), "0");
    ASSERT_TRUE(open(kSession, "/ws/v5/public"));
    say(kSession, R"({"op":"subscribe","args":[{"channel":"tickers","instId":"LINK-USDT"}]})");
    EXPECT_EQ(heard(kSession, R"("arg":{"channel":"tickers","instId":"LINK-USDT"},"data")"), 1U);
    tick(milliseconds(200));
    tick(milliseconds(200));
    EXPECT_EQ(heard(kSession, R"("tickers","instId":"LINK-USDT"},"data")"), 2U) << "nothing changed since";
    EXPECT_EQ(place(R"("px":"27.21","sz":"60")"), "0");
    tick(milliseconds(200));
    EXPECT_EQ(
        last(kSession),
        R"({"arg":{"channel":"tickers","instId":"LINK-USDT"},"data":[{"instType":"SPOT","instId":"LINK-USDT",)"
        R"("last":"27.21","lastSz":"10","askPx":"27.21","askSz":"40","bidPx":"27.1","bidSz":"50",)"
        R"("open24h":"27.2","high24h":"27.21","low24h":"27.2","volCcy24h":"1632.1","vol24h":"60",)"
        R"("sodUtc0":"","sodUtc8":"","ts":")" +
            fmt::format("{}", now_.ns / 1'000'000) + R"("}]})");
    EXPECT_EQ(see(target), "0");
    EXPECT_EQ(at("/data/0/last"), "27.21");
    EXPECT_EQ(at("/data/0/volCcy24h"), "1632.1");
    tick(seconds(86'400 + 60));
    EXPECT_EQ(see(target), "0");
    EXPECT_EQ(at("/data/0/open24h"), "27.21");
    EXPECT_EQ(at("/data/0/vol24h"), "0");
    EXPECT_EQ(see("/api/v5/market/ticker?instId=NOPE-USDT"), "51001");
    say(kSession, R"({"op":"unsubscribe","args":[{"channel":"tickers","instId":"LINK-USDT"}]})");
    const std::size_t before = heard(kSession, R"("tickers","instId":"LINK-USDT"},"data")");
    street(2712, 2722);
    tick(milliseconds(200));
    EXPECT_EQ(heard(kSession, R"("tickers","instId":"LINK-USDT"},"data")"), before);
}

TEST_F(OkxEmulatedMarket, the_full_book_and_the_service)
{
    EXPECT_EQ(see("/api/v5/market/books-full?instId=LINK-USDT&sz=5000"), "0");
    EXPECT_EQ(at("/data/0/asks"), R"([["27.2","50","1"],["27.21","50","1"]])");
    EXPECT_EQ(at("/data/0/seqId"), "?");
    EXPECT_EQ(see("/api/v5/market/books-full?instId=LINK-USDT"), "0");
    EXPECT_EQ(at("/data/0/bids"), R"([["27.1","50","1"]])");
    EXPECT_EQ(see("/api/v5/market/books-full?instId=NOPE-USDT"), "51001");
    EXPECT_EQ(see("/api/v5/system/status"), "0");
    EXPECT_EQ(at("/data"), "[]") << "no maintenance is near";
    EXPECT_EQ(see("/api/v5/system/status?state=completed"), "50011") << "once in five seconds";
    now_ = now_ + seconds(5);
    EXPECT_EQ(see("/api/v5/system/status?state=completed"), "0");
    EXPECT_EQ(at("/data/0/state"), "completed");
    now_ = now_ + seconds(5);
    EXPECT_EQ(see("/api/v5/system/status?state=moon"), "51000");
}

TEST_F(OkxEmulatedMarket, a_market_order_by_quantity)
{
    EXPECT_EQ(market(R"("side":"buy","sz":"60","tgtCcy":"base_ccy","clOrdId":"mine1")"), "0");
    const std::string id = at("/data/0/ordId");
    EXPECT_EQ(of(id, "state"), "filled");
    EXPECT_EQ(at("/data/0/ordType"), "market");
    EXPECT_EQ(at("/data/0/px"), "");
    EXPECT_EQ(at("/data/0/sz"), "60");
    EXPECT_EQ(at("/data/0/tgtCcy"), "base_ccy");
    EXPECT_EQ(at("/data/0/accFillSz"), "60");
    EXPECT_EQ(at("/data/0/avgPx"), "27.20166666") << "50 at 27.20, 10 at 27.21";
    EXPECT_EQ(market(R"("side":"sell","sz":"2")"), "0");
    EXPECT_EQ(of(at("/data/0/ordId"), "tgtCcy"), "base_ccy") << "what a sale means unless it says otherwise";
    EXPECT_EQ(at("/data/0/avgPx"), "27.1");
    // More than there is: the rest does not wait.
    EXPECT_EQ(market(R"("side":"buy","sz":"100","tgtCcy":"base_ccy")"), "0");
    EXPECT_EQ(of(at("/data/0/ordId"), "state"), "canceled");
    EXPECT_EQ(at("/data/0/accFillSz"), "40");
    EXPECT_EQ(at("/data/0/cancelSource"), "14");
    EXPECT_TRUE(exchange_.orders(kAccount, kLink, true).empty());
    EXPECT_EQ(market(R"("side":"buy","sz":"1","tgtCcy":"base_ccy")"), "51006") << "nobody sells";
}

TEST_F(OkxEmulatedMarket, a_market_order_for_money_ends_apart_from_its_last_fill)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    say(kSession, login(0));
    say(kSession, R"({"op":"subscribe","args":[{"channel":"orders","instType":"SPOT"}]})");
    EXPECT_EQ(market(R"("side":"buy","sz":"100")"), "0");
    EXPECT_EQ(of(at("/data/0/ordId"), "tgtCcy"), "quote_ccy") << "what a purchase means";
    EXPECT_EQ(at("/data/0/sz"), "100");
    EXPECT_EQ(at("/data/0/accFillSz"), "3.6") << "97.92 of 100: a lot more would cost too much";
    EXPECT_EQ(at("/data/0/state"), "filled");
    EXPECT_EQ(heard(kSession, R"("state":"live")"), 1U);
    EXPECT_EQ(heard(kSession, R"("state":"partially_filled")"), 1U);
    EXPECT_EQ(heard(kSession, R"("px":"","sz":"100","ordType":"market","side":"buy")"), 3U);
    EXPECT_NE(last(kSession).find(R"("fillPx":"","tradeId":"","fillSz":"0")"), std::string::npos);
    EXPECT_NE(last(kSession).find(R"("state":"filled","avgPx":"27.2")"), std::string::npos);
    EXPECT_EQ(market(R"("side":"sell","sz":"55","tgtCcy":"quote_ccy")"), "0");
    EXPECT_EQ(of(at("/data/0/ordId"), "accFillSz"), "2");
    // One by quantity says so with its fill.
    EXPECT_EQ(market(R"("side":"sell","sz":"2")"), "0");
    EXPECT_NE(last(kSession).find(R"("fillSz":"2")"), std::string::npos);
    EXPECT_NE(last(kSession).find(R"("state":"filled")"), std::string::npos);
}

TEST_F(OkxEmulatedMarket, market_orders_are_refused_in_its_codes)
{
    const std::pair<const char*, const char*> rows[] = {
        {R"("side":"buy","sz":"0")", "51000"},
        {R"("side":"buy","sz":"-5")", "51000"},
        {R"("side":"buy","sz":"x")", "51000"},
        {R"("side":"buy")", "51000"},
        {R"("side":"buy","sz":"0.01")", "51020"},
        {R"("side":"buy","sz":"20")", "51020"},
        {R"("side":"buy","sz":"1000001")", "51201"},
        {R"("side":"buy","sz":"20000")", "51008"},
        {R"("side":"buy","sz":"1","tgtCcy":"moon")", "51000"},
        {R"("side":"buy","sz":"100","slippagePct":"1")", "51000"},
        {R"("side":"sell","sz":"1.05")", "51121"},
        {R"("side":"sell","sz":"0")", "51121"},
        {R"("side":"sell","sz":"-1")", "51121"},
        {R"("side":"sell","sz":"0.5")", "51020"},
        {R"("side":"sell","sz":"101")", "51008"},
        {R"("side":"sideways","sz":"1")", "51000"},
    };
    for (const auto& [terms, code] : rows) EXPECT_EQ(market(terms), code) << terms << body_;
    EXPECT_EQ(exchange_.order_count(), 0U);
    EXPECT_EQ(market(R"("side":"sell","sz":"1")", "NOPE-USDT"), "51001");
    EXPECT_EQ(market(R"("side":"sell","sz":"1")", "LINK-USDT-SWAP", "cross"), "51006") << "an empty book";
    exchange_.set_halted(kLink, true);
    EXPECT_EQ(market(R"("side":"sell","sz":"1")"), "51028");
}

TEST_F(OkxEmulatedMarket, money_and_positions_in_one_channel)
{
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    say(kSession, login(0));
    say(kSession, R"({"op":"subscribe","args":[{"channel":"balance_and_position"}]})");
    EXPECT_NE(last(kSession).find(R"("eventType":"snapshot","balData":[{"ccy":"LINK","cashBal":"100",)"),
              std::string::npos)
        << last(kSession);
    EXPECT_NE(last(kSession).find(R"("posData":[],"trades":[])"), std::string::npos);
    const std::size_t before = sent_.frames[kSession].size();
    EXPECT_EQ(place(R"("px":"27.00","sz":"2")"), "0");
    EXPECT_EQ(sent_.frames[kSession].size(), before) << "what an order binds is no news";
    EXPECT_EQ(market(R"("side":"sell","sz":"2")"), "0");
    EXPECT_EQ(heard(kSession, R"("eventType":"filled","balData":[{"ccy":"LINK","cashBal":"98",)"), 1U);
    EXPECT_EQ(heard(kSession, R"("posData":[],"trades":[{"instId":"LINK-USDT","tradeId":")"), 2U);
    EXPECT_EQ(get("/api/v5/account/balance"), "0");
    EXPECT_EQ(at("/data/0/totalEq"), "12709.9458") << "at the bid, less the fee: " << body_;
}

}  // namespace
}  // namespace arb::okx::test
