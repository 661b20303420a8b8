// Amends at the emulated venue, as a stranger's client sends them: codes, limits, what the stream tells.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/binance/raw_client.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

class BinanceAmends : public ::testing::TestWithParam<const char*>,
                      protected test::RawClient<EmulatedExchange, ExchangeRules> {
  protected:
    void SetUp() override { begin(GetParam(), arb::test::kStart); }
    ServerReply amend(std::string_view client, std::string_view rest, std::size_t key = 0)
    {
        return order(fmt::format("origClientOrderId={}&{}", client, rest), "PUT", key);
    }
    /// A bid of 1 at 27.00.
    void bid(std::string_view client, const char* tif)
    {
        EXPECT_EQ(order(fmt::format("side=BUY&type=LIMIT&timeInForce={}&quantity=1&price=27&"
                                    "newClientOrderId={}",
                                    tif, client))
                      .status,
                  200);
    }
    const EmulatedOrder& at_venue(std::string_view client) const
    {
        return *exchange_->find_client(AccountId{1}, client);
    }
    void expect_code(const ServerReply& reply, int code)
    {
        EXPECT_TRUE(has_code(reply, code)) << reply.status << " " << reply.body;
    }
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceAmends, ::testing::Values("spot", "usdm"));

TEST_P(BinanceAmends, SpotAmendsNoPrice)
{
    if (!spot()) return;
    bid("a", "GTC");
    expect_code(amend("a", "side=BUY&quantity=1&price=27.05"), -5000);
    EXPECT_EQ(at_venue("a").price.units, 2'700);
}

TEST_P(BinanceAmends, AnAmendKeepsTheIdsAndResetsSelfTradePrevention)
{
    if (spot()) return;
    bid("a", "GTX");
    const std::uint64_t id = at_venue("a").id;
    const ServerReply reply = amend("a", "side=BUY&quantity=1.2&price=27.05&modifyId=9001");
    EXPECT_EQ(reply.status, 200) << reply.body;
    for (const std::string& part :
         {fmt::format(R"("orderId":{},)", id), std::string(R"("clientOrderId":"a")"),
          std::string(R"("price":"27.05")"), std::string(R"("origQty":"1.2")"),
          std::string(R"("status":"NEW")"), std::string(R"("timeInForce":"GTX")"),
          std::string(R"("selfTradePreventionMode":"NONE")"), std::string(R"("modifyId":9001})")}) {
        EXPECT_NE(reply.body.find(part), std::string::npos) << part << " " << reply.body;
    }
    std::map<std::string, std::string> headers(reply.headers.begin(), reply.headers.end());
    EXPECT_EQ(headers["X-MBX-ORDER-COUNT-10S"], "2") << "an amend is an order";
    EXPECT_EQ(headers["X-MBX-ORDER-COUNT-1M"], "2");
    EXPECT_EQ(headers["X-MBX-USED-WEIGHT-1M"], "0");
    EXPECT_EQ(at_venue("a").id, id);
    const std::string number = fmt::format("orderId={}&side=BUY&quantity=1&price=27.06", id);
    EXPECT_EQ(order(number, "PUT").status, 200);
    EXPECT_EQ(at_venue("a").price.units, 2'706);
    const ServerReply asked = order("origClientOrderId=a", "GET");
    EXPECT_NE(asked.body.find(R"("price":"27.06")"), std::string::npos) << asked.body;
    EXPECT_NE(asked.body.find(R"("selfTradePreventionMode":"NONE")"), std::string::npos) << asked.body;
}

TEST_P(BinanceAmends, EachRefusalOfAnAmendLeavesTheOrderAsItWas)
{
    if (spot()) return;
    bid("a", "GTC");
    expect_code(amend("a", "quantity=1&price=27.05"), -1102);
    expect_code(amend("a", "side=BUY&price=27.05"), -1102);
    expect_code(amend("a", "side=BUY&quantity=1"), -1102);
    expect_code(amend("a", "side=BUY&quantity=1&priceMatch=QUEUE"), -1102);
    expect_code(amend("a", "side=BUY&quantity=1&price=27.05&priceMatch=QUEUE"), -1106);
    expect_code(amend("a", "side=BUY&quantity=1&price=27.05&modifyId=1x"), -1102);
    expect_code(amend("a", "side=HOLD&quantity=1&price=27.05"), -1117);
    expect_code(amend("a", "side=SELL&quantity=1&price=27.05"), -1117);
    expect_code(order("side=BUY&quantity=1&price=27.05", "PUT"), -1102);
    expect_code(amend("nobody", "side=BUY&quantity=1&price=27.05"), -2013);
    expect_code(amend("a", "side=BUY&quantity=1&price=27"), -5027);
    expect_code(amend("a", "side=BUY&quantity=1&price=27.005"), -4014);
    expect_code(amend("a", "side=BUY&quantity=1&price=27.0005"), -1111);
    expect_code(amend("a", "side=BUY&quantity=1&price=99"), -4016);
    expect_code(amend("a", "side=BUY&quantity=1.05&price=27.05"), -1111);
    expect_code(amend("a", "side=BUY&quantity=0&price=27.05"), -4003);
    expect_code(amend("a", "side=BUY&quantity=0.1&price=27.05"), -5029);
    expect_code(amend("a", "side=BUY&quantity=900&price=27.05"), -2019);
    expect_code(amend("a", "side=BUY&quantity=1&price=27.05", 1), -2015);
    exchange_->set_halted(ListingId{0}, true);
    expect_code(amend("a", "side=BUY&quantity=1&price=27.05"), -5024);
    exchange_->set_halted(ListingId{0}, false);
    // Without self-trade prevention the two would trade.
    EXPECT_EQ(order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=27.15").status, 200);
    expect_code(amend("a", "side=BUY&quantity=1&price=27.15"), -1020);
    EXPECT_EQ(at_venue("a").state, EmulatedState::open);
    EXPECT_EQ(at_venue("a").price.units, 2'700);
    EXPECT_EQ(at_venue("a").amends, 0U);
    for (std::int64_t i = 0; i < 9'999; ++i) {
        ASSERT_EQ(exchange_->amend(AccountId{1}, at_venue("a").id, {2'701 + i % 2}, {10}, now_),
                  PlaceError::none);
    }
    expect_code(amend("a", "side=BUY&quantity=1&price=27.05"), -5026);
}

TEST_P(BinanceAmends, WhatAnAmendCancelsAndWhatItFills)
{
    if (spot()) return;
    bid("taker", "GTC");
    const ServerReply taken = amend("taker", "side=BUY&quantity=1&price=27.2");
    EXPECT_NE(taken.body.find(R"("status":"FILLED")"), std::string::npos) << taken.body;
    expect_code(amend("taker", "side=BUY&quantity=1&price=27.1"), -2013);
    bid("poster", "GTX");
    expect_code(amend("poster", "side=BUY&quantity=1&price=27.2"), -5022);
    EXPECT_EQ(at_venue("poster").state, EmulatedState::cancelled);
    EXPECT_TRUE(at_venue("poster").filled.zero());
    expect_code(amend("poster", "side=BUY&quantity=1&price=27.1"), -2013);
    bid("meets", "GTX");
    EXPECT_EQ(order("side=SELL&type=LIMIT&timeInForce=GTX&quantity=1&price=27.15").status, 200);
    expect_code(amend("meets", "side=BUY&quantity=1&price=27.15"), -5022);
    EXPECT_EQ(at_venue("meets").state, EmulatedState::cancelled);
    bid("part", "GTX");
    const Level bids[] = {{{2'690}, {1'000}}};
    const Level asks[] = {{{2'700}, {4}}};
    exchange_->set_street(ListingId{0}, bids, asks, now_);
    ASSERT_EQ(at_venue("part").filled.units, 4);
    const ServerReply less = amend("part", "side=BUY&quantity=0.4&price=26.95");
    EXPECT_EQ(less.status, 200);
    EXPECT_NE(less.body.find(R"("status":"CANCELED")"), std::string::npos) << less.body;
    EXPECT_NE(less.body.find(R"("executedQty":"0.4")"), std::string::npos) << less.body;
    EXPECT_EQ(at_venue("part").state, EmulatedState::cancelled);
}

TEST_P(BinanceAmends, AmendsAreCountedAsOrders)
{
    if (spot()) return;
    bid("a", "GTX");
    int amends = 0;
    ServerReply reply;
    for (; amends < 1'000; ++amends) {
        reply = amend("a", fmt::format("side=BUY&quantity=1&price=27.0{}", amends % 2 + 1));
        if (reply.status != 200) break;
    }
    EXPECT_EQ(amends, 299);
    EXPECT_EQ(reply.status, 429);
    expect_code(reply, -1015);
}

TEST_P(BinanceAmends, AnAmendIsToldOnTheStream)
{
    if (spot()) return;
    const std::string key = ask("POST", "/fapi/v1/listenKey", keys_[0].key_id)
                                .body.substr(std::string("{\"listenKey\":\"").size(), 64);
    ServerRequest upgrade;
    upgrade.method = "GET";
    upgrade.target = "/private/ws/" + key;
    ASSERT_TRUE(venue_->on_session(SessionId{1}, upgrade, now_, *this));
    const auto told = [&](std::string_view what) {
        exchange_->deliver(*venue_, now_, *this);
        std::vector<std::string> found;
        for (const std::string& text : said_) {
            if (text.find(what) != std::string::npos) found.push_back(text);
        }
        said_.clear();
        return found;
    };
    bid("a", "GTC");
    EXPECT_EQ(told(R"("x":"NEW","X":"NEW")").size(), 1U);
    EXPECT_EQ(amend("a", "side=BUY&quantity=1&price=27.05&modifyId=9001").status, 200);
    std::vector<std::string> events = told("ORDER_TRADE_UPDATE");
    ASSERT_EQ(events.size(), 1U);
    for (const char* part : {R"("c":"a")", R"("q":"1.0","p":"27.05")", R"("x":"AMENDMENT","X":"NEW")",
                             R"("z":"0.0")", R"("t":0)", R"("V":"NONE")", R"("er":"0","M":9001}})"}) {
        EXPECT_NE(events[0].find(part), std::string::npos) << part << " " << events[0];
    }
    // One that takes: first that its terms are others, then what it filled.
    EXPECT_EQ(amend("a", "side=BUY&quantity=1&price=27.2").status, 200);
    events = told("ORDER_TRADE_UPDATE");
    ASSERT_EQ(events.size(), 2U);
    EXPECT_NE(events[0].find(R"("x":"AMENDMENT","X":"NEW")"), std::string::npos) << events[0];
    EXPECT_EQ(events[0].find(R"("M":)"), std::string::npos) << events[0];
    EXPECT_NE(events[1].find(R"("x":"TRADE","X":"FILLED")"), std::string::npos) << events[1];
    bid("b", "GTX");
    EXPECT_EQ(told("ORDER_TRADE_UPDATE").size(), 1U);
    expect_code(amend("b", "side=BUY&quantity=1&price=27.2"), -5022);
    events = told("ORDER_TRADE_UPDATE");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_NE(events[0].find(R"("x":"CANCELED","X":"CANCELED")"), std::string::npos) << events[0];
    EXPECT_NE(events[0].find(R"("p":"27.00",)"), std::string::npos) << events[0];
}

}  // namespace
}  // namespace arb::binance
