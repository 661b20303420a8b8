// The emulated Kraken's market data for strangers: books cut to what was asked for, public trades and the
// last 24 hours, by REST and by both websockets.
#include <gtest/gtest.h>

#include "connectors/kraken/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::kraken::test {
namespace {

class KrakenStrangersMarket : public ::testing::Test, protected Stranger<EmulatedExchange, ExchangeRules> {
  protected:
    static std::size_t count(const std::string& text, std::string_view what)
    {
        std::size_t found = 0;
        for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
        return found;
    }
    void subscribe(SessionId id, const std::string& params)
    {
        say(id, R"({"method":"subscribe","params":{)" + params + R"(},"req_id":3})");
    }
};

TEST_F(KrakenStrangersMarket, a_book_by_rest_has_as_many_levels_as_asked)
{
    EXPECT_EQ(
        get("Depth?pair=LINKUSDT&count=1"),
        R"({"error":[],"result":{"LINKUSDT":{"asks":[["27.2","5",1700000000]],"bids":[["27.1","5",1700000000]]}}})");
    EXPECT_EQ(count(get("Depth?pair=LINKUSDT&count=5"), "1700000000"), 10U);
    EXPECT_EQ(count(get("Depth?pair=LINK/USDT"), "1700000000"), 60U);
    EXPECT_EQ(count(get("Depth?pair=LINKUSDT&count=1000"), "1700000000"), 60U);
    EXPECT_EQ(get("Depth?pair=LINKUSDT&count=0"), R"({"error":["EGeneral:Invalid arguments:count"]})");
    EXPECT_EQ(get("Depth?pair=LINKUSDT&count=x"), R"({"error":["EGeneral:Invalid arguments:count"]})");
    EXPECT_EQ(get("Depth?pair=NONE"), R"({"error":["EQuery:Unknown asset pair"]})");
}

// The first one is older than whatever happens here.
TEST_F(KrakenStrangersMarket, public_trades_by_rest)
{
    const std::string first = R"(["27.10","1.0",1700000000,"s","m","",1])";
    const std::string second = R"(["27.20","1.5",1700000001,"b","m","",2])";
    const std::string third = R"(["27.21","0.1",1700000002,"b","m","",3])";
    const auto told = [&](const std::string& rows, const char* last) {
        return R"({"error":[],"result":{"LINKUSDT":[)" + rows + R"(],"last":")" + last + R"("}})";
    };
    EXPECT_EQ(get("Trades?pair=LINKUSDT"), told(first, "1700000000000000000"));
    now_ = now_ + seconds(1);
    trade(2720, 15);
    now_ = now_ + seconds(1);
    trade(2721, 1);
    const char* end = "1700000002000000000";
    EXPECT_EQ(get("Trades?pair=LINKUSDT"), told(first + "," + second + "," + third, end));
    EXPECT_EQ(get("Trades?pair=LINKUSDT&count=1"), told(third, end)) << "the latest";
    EXPECT_EQ(get("Trades?pair=LINKUSDT&since=1700000001"), told(third, end))
        << "seconds; the one at that time is not meant";
    EXPECT_EQ(get("Trades?pair=LINKUSDT&since=1700000001000000000"), told(third, end)) << "what `last` said";
    EXPECT_EQ(get("Trades?pair=LINKUSDT&since=1700000000&count=1"), told(second, "1700000001000000000"))
        << "the earliest after it";
    EXPECT_EQ(get("Trades?pair=LINKUSDT&since=1700000009"), told("", "1700000009000000000"));
    EXPECT_EQ(get("Trades?pair=LINKUSDT&since=x"), R"({"error":["EGeneral:Invalid arguments:since"]})");
    EXPECT_EQ(get("Trades?pair=LINKUSDT&count=0"), R"({"error":["EGeneral:Invalid arguments:count"]})");
    EXPECT_EQ(get("Trades?pair=NONE"), R"({"error":["EQuery:Unknown asset pair"]})");
}

// 22:13 in the evening: what was before midnight is not of today.
TEST_F(KrakenStrangersMarket, the_last_day_by_rest)
{
    const std::string begin =
        R"({"error":[],"result":{"LINKUSDT":{"a":["27.20","5","5.0"],"b":["27.10","5","5.0"],)";
    EXPECT_EQ(
        get("Ticker?pair=LINKUSDT"),
        begin +
            R"("c":["27.10","1.0"],"v":["1","1"],"p":["27.10","27.10"],"t":[1,1],"l":["27.10","27.10"],"h":["27.10","27.10"],"o":"27.10"}}})");
    trade(2700, 20);
    now_ = now_ + seconds(7'200);
    trade(2720, 10);
    trade(2710, 30, Side::sell);
    const std::string day =
        R"("c":["27.10","3.0"],"v":["4","7"],"p":["27.12","27.08"],"t":[2,4],"l":["27.10","27.00"],"h":["27.20","27.20"],"o":"27.20"}}})";
    EXPECT_EQ(get("Ticker?pair=LINKUSDT"), begin + day);
    EXPECT_EQ(get("Ticker"), begin + day) << "none named: all";
    EXPECT_EQ(get("Ticker?pair=LINKUSDT,NONE"), R"({"error":["EQuery:Unknown asset pair"]})");
}

TEST_F(KrakenStrangersMarket, tickers_by_websocket_follow_trades_or_quotes)
{
    open(kOne);
    open(kTwo);
    trade(2700, 20);
    subscribe(kOne, R"("channel":"ticker","symbol":["LINK/USDT"])");
    const std::vector<std::string> first = taken(kOne);
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(
        first[0].substr(0, first[0].find(",\"req_id\"")),
        R"({"method":"subscribe","success":true,"result":{"channel":"ticker","symbol":"LINK/USDT","event_trigger":"trades","snapshot":true})");
    EXPECT_EQ(
        first[1],
        R"({"channel":"ticker","type":"snapshot","data":[{"symbol":"LINK/USDT","bid":27.10,"bid_qty":5.0,"ask":27.20,"ask_qty":5.0,"last":27.00,"volume":3,"vwap":27.03,"low":27.00,"high":27.10,"change":-0.10,"change_pct":-0.37,"trades":2,"timestamp":"2023-11-14T22:13:20.000000Z"}]})");
    subscribe(kTwo, R"("channel":"ticker","symbol":["LINK/USDT"],"event_trigger":"bbo","snapshot":false)");
    EXPECT_EQ(taken(kTwo).size(), 1U);
    trade(2687, 20);
    EXPECT_TRUE(taken(kTwo).empty());
    const std::vector<std::string> traded = taken(kOne);
    ASSERT_EQ(traded.size(), 1U);
    EXPECT_NE(traded[0].find(R"("type":"update")"), std::string::npos);
    EXPECT_NE(
        traded[0].find(
            R"("last":26.87,"volume":5,"vwap":26.96,"low":26.87,"high":27.10,"change":-0.23,"change_pct":-0.85,"trades":3,)"),
        std::string::npos)
        << traded[0];
    street(30, 1);
    EXPECT_TRUE(taken(kOne).empty());
    const std::vector<std::string> quoted = taken(kTwo);
    ASSERT_EQ(quoted.size(), 1U);
    EXPECT_NE(quoted[0].find(R"("bid":27.11,"bid_qty":5.0,"ask":27.21,)"), std::string::npos);
    street(31, 1);
    EXPECT_TRUE(taken(kTwo).empty()) << "the best prices are as they were";
    say(kTwo, R"({"method":"unsubscribe","params":{"channel":"ticker","symbol":["LINK/USDT"]}})");
    (void)taken(kTwo);
    street(30, 2);
    EXPECT_TRUE(taken(kTwo).empty());
}

TEST_F(KrakenStrangersMarket, the_latest_trades_at_a_subscription)
{
    for (int i = 0; i < 55; ++i) trade(2700 + i, 20);
    open(kOne);
    subscribe(kOne, R"("channel":"trade","symbol":["LINK/USDT"],"snapshot":true)");
    std::vector<std::string> all = taken(kOne);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[1].starts_with(
        R"({"channel":"trade","type":"snapshot","data":[{"symbol":"LINK/USDT","side":"buy","price":27.05,"qty":2.0,"ord_type":"market","trade_id":7,)"))
        << all[1];
    EXPECT_EQ(count(all[1], "trade_id"), 50U);
    trade(2800, 1);
    EXPECT_NE(taken(kOne).at(0).find(R"("trade_id":57,)"), std::string::npos) << "as by REST";
    open(kTwo);
    subscribe(kTwo, R"("channel":"trade","symbol":["LINK/USDT"])");
    EXPECT_EQ(taken(kTwo).size(), 1U) << "none unless asked for";
}

TEST_F(KrakenStrangersMarket, a_book_by_websocket_is_cut_to_its_depth)
{
    open(kOne);
    open(kTwo);
    subscribe(kOne, R"("channel":"book","symbol":["LINK/USDT"])");
    subscribe(kTwo, R"("channel":"book","symbol":["LINK/USDT"],"depth":25)");
    const std::vector<std::string> ten = taken(kOne), many = taken(kTwo);
    ASSERT_EQ(ten.size(), 2U);
    EXPECT_NE(ten[0].find(R"("depth":10,"snapshot":true)"), std::string::npos);
    EXPECT_EQ(count(ten[1], "price"), 20U);
    EXPECT_EQ(count(many.at(1), "price"), 50U);
    // The best bid goes: the eleventh comes into view, the 26th into the deeper one.
    std::vector<Level> bids, asks;
    for (std::int64_t i = 0; i < 30; ++i) {
        if (i > 0) bids.push_back({{2710 - i}, {50}});
        asks.push_back({{2720 + i}, {50}});
    }
    exchange_.set_street(ListingId{0}, bids, asks, now_);
    exchange_.deliver(*venue_, now_, *outbox());
    EXPECT_NE(
        taken(kOne).at(0).find(R"("bids":[{"price":27.10,"qty":0.0},{"price":27.00,"qty":5.0}],"asks":[])"),
        std::string::npos);
    EXPECT_NE(taken(kTwo).at(0).find(R"({"price":26.85,"qty":5.0}],"asks":[])"), std::string::npos);
}

TEST_F(KrakenStrangersMarket, what_is_not_there_is_refused)
{
    open(kOne);
    const std::string begin = R"({"method":"subscribe","success":false,"error":")";
    const struct {
        const char *params, *said;
    } kWrong[] = {
        {R"("channel":"book","symbol":["LINK/USDT"],"depth":42)", R"(Subscription depth not supported",)"},
        {R"("channel":"ohlc","symbol":["LINK/USDT"])",
         R"(Unsupported field: 'channel' for the given msg type: subscribe",)"},
        {R"("channel":"ticker","symbol":["LINK/USDT"],"event_trigger":"x")",
         R"(EGeneral:Invalid arguments:event_trigger",)"},
        {R"("channel":"ticker","symbol":["NO/PAIR"])",
         R"(Currency pair not supported NO/PAIR","symbol":"NO/PAIR",)"},
        {R"("channel":"ticker")", R"(EGeneral:Invalid arguments:symbol",)"},
    };
    for (const auto& wrong : kWrong) {
        subscribe(kOne, wrong.params);
        const std::vector<std::string> said = taken(kOne);
        ASSERT_EQ(said.size(), 1U) << wrong.params;
        EXPECT_TRUE(said[0].starts_with(begin + wrong.said + R"("req_id":3,)")) << said[0];
    }
}

TEST_F(KrakenStrangersMarket, the_older_websocket_tells_books_and_trades)
{
    open(kOne, "/");
    say(kOne,
        R"({"event":"subscribe","reqid":5,"pair":["LINK/USDT"],"subscription":{"name":"book","depth":10}})");
    std::vector<std::string> told = taken(kOne);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(
        told[0],
        R"({"channelID":336,"channelName":"book-10","event":"subscriptionStatus","pair":"LINK/USDT","reqid":5,"status":"subscribed","subscription":{"depth":10,"name":"book"}})");
    EXPECT_TRUE(told[1].starts_with(R"([336,{"as":[["27.20","5.0","1700000000.000000"],["27.21",)"))
        << told[1];
    EXPECT_TRUE(told[1].ends_with(R"(]]},"book-10","LINK/USDT"])")) << told[1];
    street(30, 1);
    told = taken(kOne);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].starts_with(R"([336,{"a":[["27.20","0.0","1700000000.000000"],)")) << told[0];
    EXPECT_NE(told[0].find(R"(]]},{"b":[["27.11",)"), std::string::npos) << told[0];
    EXPECT_NE(told[0].find(R"(]],"c":")"), std::string::npos) << told[0];
    say(kOne, R"({"event":"subscribe","pair":["LINK/USDT"],"subscription":{"name":"trade"}})");
    (void)taken(kOne);
    trade(2720, 15, Side::sell);
    EXPECT_EQ(taken(kOne).at(0),
              R"([336,[["27.20","1.5","1700000000.000000","s","m",""]],"trade","LINK/USDT"])");
    say(kOne, R"({"event":"ping","reqid":6})");
    say(kOne, R"({"event":"subscribe","reqid":7,"pair":["LINK/USDT"],"subscription":{"name":"ohlc"}})");
    say(kOne, R"({"event":"subscribe","pair":["LINK/USDT"],"subscription":{"name":"book","depth":3}})");
    say(kOne, R"({"event":"subscribe","pair":["NO/PAIR"],"subscription":{"name":"book"}})");
    say(kOne, R"({"event":"subscribe","pair":"LINK/USDT"})");
    say(kOne, R"({"event":"addOrder","reqid":8})");
    EXPECT_EQ(
        taken(kOne),
        (std::vector<std::string>{
            R"({"reqid":6,"event":"pong"})",
            R"({"errorMessage":"Subscription name invalid","event":"subscriptionStatus","pair":"LINK/USDT","reqid":7,"status":"error"})",
            R"({"errorMessage":"Subscription depth not supported","event":"subscriptionStatus","pair":"LINK/USDT","status":"error"})",
            R"({"errorMessage":"Currency pair not supported NO/PAIR","event":"subscriptionStatus","pair":"NO/PAIR","status":"error"})",
            R"({"errorMessage":"Pair field must be an array","event":"subscriptionStatus","status":"error"})",
            R"({"errorMessage":"Unsupported event","event":"error","reqid":8,"status":"error"})"}));
    say(kOne, R"({"event":"unsubscribe","pair":["LINK/USDT"],"subscription":{"name":"book","depth":10}})");
    EXPECT_NE(taken(kOne).at(0).find(R"("status":"unsubscribed")"), std::string::npos);
    street(30, 2);
    EXPECT_TRUE(taken(kOne).empty());
}

}  // namespace
}  // namespace arb::kraken::test
