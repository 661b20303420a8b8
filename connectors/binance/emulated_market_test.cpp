// Market orders, cancel-replace and batches at the emulated venue, as a stranger's client sends them: golden
// answers, wrong input, what the stream and the limits tell.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/binance/raw_client.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

class BinanceMarketOrders : public ::testing::TestWithParam<const char*>,
                            protected test::RawClient<EmulatedExchange, ExchangeRules> {
  protected:
    void SetUp() override { begin(GetParam(), arb::test::kStart); }
    const EmulatedOrder& at_venue(std::string_view client) const
    {
        return *exchange_->find_client(AccountId{1}, client);
    }
    std::string limit(std::string_view client, const char* price = "27")
    {
        return fmt::format("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price={}&newClientOrderId={}",
                           price, client);
    }
    ServerReply replace(const std::string& fields)
    {
        return call("POST", "/api/v3/order/cancelReplace", "symbol=LINKUSDT&" + fields);
    }
    ServerReply place_batch(const std::string& list)
    {
        return call("POST", "/fapi/v1/batchOrders", "batchOrders=" + percent_encode(list));
    }
    void expect_code(const ServerReply& reply, int code)
    {
        EXPECT_TRUE(has_code(reply, code)) << reply.status << " " << reply.body;
    }
    void expect_parts(const std::string& text, const std::vector<std::string>& parts)
    {
        for (const std::string& part : parts)
            EXPECT_NE(text.find(part), std::string::npos) << part << " " << text;
    }
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceMarketOrders, ::testing::Values("spot", "usdm"));

TEST_P(BinanceMarketOrders, AMarketOrderIsToldAsOne)
{
    const ServerReply reply = order("side=BUY&type=MARKET&quantity=1&newClientOrderId=m" +
                                    std::string(spot() ? "" : "&newOrderRespType=RESULT"));
    const EmulatedOrder& placed = at_venue("m");
    EXPECT_EQ(placed.price.units, 2'720);
    if (spot()) {
        EXPECT_EQ(
            reply.body,
            fmt::format(R"({{"symbol":"LINKUSDT","orderId":{0},"orderListId":-1,"clientOrderId":"m",)"
                        R"("transactTime":{1},"price":"0.00000000","origQty":"1.00000000",)"
                        R"("executedQty":"1.00000000","origQuoteOrderQty":"0.00000000",)"
                        R"("cummulativeQuoteQty":"27.20000000","status":"FILLED","timeInForce":"GTC",)"
                        R"("type":"MARKET","side":"BUY","workingTime":{1},)"
                        R"("selfTradePreventionMode":"EXPIRE_MAKER","fills":[{{"price":"27.20000000",)"
                        R"("qty":"1.00000000","commission":"0.02720000","commissionAsset":"USDT",)"
                        R"("tradeId":{2}}}]}})",
                        placed.id, ms(), exchange_->trades(AccountId{1}, ListingId{0}, {}).front()->id));
    } else {
        EXPECT_EQ(reply.body,
                  fmt::format(R"({{"orderId":{},"symbol":"LINKUSDT","status":"FILLED","clientOrderId":"m",)"
                              R"("price":"0.00","origQty":"1.0","executedQty":"1.0","cumQty":"1.0",)"
                              R"("timeInForce":"GTC","type":"MARKET","origType":"MARKET","reduceOnly":false,)"
                              R"("closePosition":false,"side":"BUY","positionSide":"BOTH","updateTime":{},)"
                              R"("selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0}})",
                              placed.id, ms()));
    }
    expect_parts(order("origClientOrderId=m", "GET").body,
                 {R"("type":"MARKET")", R"("timeInForce":"GTC")", R"("status":"FILLED")",
                  spot() ? R"("price":"0.00000000")" : R"("price":"0.00")",
                  spot() ? R"("cummulativeQuoteQty":"27.20000000")" : R"("avgPrice":"27.2")"});
    // Also a sale, and on the stream.
    if (spot()) exchange_->deposit(AccountId{1}, "LINK", arb::test::money("10"));
    EXPECT_EQ(order("side=SELL&type=MARKET&quantity=1").status, 200);
}

TEST_P(BinanceMarketOrders, TheStreamTellsAMarketOrder)
{
    if (spot()) {
        ASSERT_TRUE(open_session(1, "/ws-api/v3"));
        const std::string payload = fmt::format("apiKey={}&timestamp={}", keys_[0].key_id, ms());
        const std::string reply =
            say(1, fmt::format(R"({{"id":1,"method":"userDataStream.subscribe.signature","params":)"
                               R"({{"apiKey":"{}","timestamp":{},"signature":"{}"}}}})",
                               keys_[0].key_id, ms(), signature(payload, keys_[0])));
        EXPECT_NE(reply.find(R"("subscriptionId":0)"), std::string::npos) << reply;
        EXPECT_NE(
            say(1, R"({"id":2,"method":"session.subscriptions"})").find(R"("result":[{"subscriptionId":0}])"),
            std::string::npos);
    } else {
        const std::string key = ask("POST", "/fapi/v1/listenKey", keys_[0].key_id)
                                    .body.substr(std::string("{\"listenKey\":\"").size(), 64);
        ASSERT_TRUE(open_session(1, "/private/ws/" + key));
    }
    // Ten are there; the rest of a larger order expires.
    const Level bids[] = {{{2'710}, {1'000}}};
    const Level asks[] = {{{2'720}, {100}}};
    exchange_->set_street(ListingId{0}, bids, asks, now_);
    exchange_->deliver(*venue_, now_, *this);
    said_.clear();
    EXPECT_EQ(order("side=BUY&type=MARKET&quantity=20&newClientOrderId=m").status, 200);
    exchange_->deliver(*venue_, now_, *this);
    std::string all;
    for (const std::string& text : said_) all += text + "\n";
    if (spot()) {
        expect_parts(all, {R"("o":"MARKET","f":"GTC","q":"20.00000000","p":"0.00000000")",
                           R"("x":"TRADE","X":"PARTIALLY_FILLED")", R"("x":"EXPIRED","X":"EXPIRED")",
                           R"("eR":"INSUFFICIENT_LIQUIDITY")"});
    } else {
        expect_parts(all, {R"("o":"MARKET","f":"GTC","q":"20.0","p":"0","ap":"27.2")",
                           R"("x":"TRADE","X":"PARTIALLY_FILLED")", R"("x":"EXPIRED","X":"EXPIRED")",
                           R"("ot":"MARKET")", R"("er":"9")"});
    }
}

TEST_P(BinanceMarketOrders, EachRefusalInItsOwnCode)
{
    const std::string start = "side=BUY&type=MARKET";
    expect_code(order(start), -1102);
    expect_code(order(start + "&quantity=1&price=27"), -1106);
    expect_code(order(start + "&quantity=1&timeInForce=GTC"), -1106);
    expect_code(order(start + "&quantity=-1"), -1100);
    expect_code(order(start + "&quantity=0"), spot() ? -1013 : -4003);
    expect_code(order(start + "&quantity=1.05"), spot() ? -1013 : -1111);
    expect_code(order(start + "&quantity=0.1"), spot() ? -1013 : -4164);
    expect_code(order(start + "&quantity=900"), spot() ? -2010 : -2019);
    expect_code(order(start + "&quantity=1", "POST", 1), -2015);
    if (spot()) {
        expect_code(order(start + "&quantity=1&quoteOrderQty=50"), -1106);
        expect_code(order(start + "&quoteOrderQty=4"), -1013);
        expect_code(order(start + "&quoteOrderQty=0"), -1013);
        expect_code(order(start + "&quoteOrderQty=x"), -1102);
        expect_code(order(start + "&quoteOrderQty=50.123456789"), -1111);
    }
    exchange_->set_halted(ListingId{0}, true);
    expect_code(order(start + "&quantity=1"), spot() ? -2010 : -4141);
    exchange_->set_halted(ListingId{0}, false);
    exchange_->set_street(ListingId{0}, {}, {}, now_);
    expect_code(order(start + "&quantity=1"), spot() ? -2010 : -2020);
    EXPECT_TRUE(exchange_->trades(AccountId{1}, ListingId{0}, {}).empty());
}

TEST_P(BinanceMarketOrders, MoneyBuysWholeLots)
{
    if (!spot()) return;
    const ServerReply reply = order("side=BUY&type=MARKET&quoteOrderQty=50&newClientOrderId=m");
    expect_parts(reply.body, {R"("origQty":"1.80000000","executedQty":"1.80000000",)"
                              R"("origQuoteOrderQty":"50.00000000","cummulativeQuoteQty":"48.96000000",)"
                              R"("status":"FILLED")"});
    expect_parts(order("origClientOrderId=m", "GET").body, {R"("origQuoteOrderQty":"50.00000000")"});
    EXPECT_EQ(
        call("POST", "/api/v3/order/test", "symbol=LINKUSDT&side=BUY&type=MARKET&quoteOrderQty=50").body,
        "{}");
    const ServerReply fees =
        call("POST", "/api/v3/order/test",
             "symbol=LINKUSDT&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true");
    EXPECT_EQ(fees.body, R"({"standardCommissionForOrder":{"maker":"0.00100000","taker":"0.00100000"},)"
                         R"("specialCommissionForOrder":{"maker":"0.00000000","taker":"0.00000000"},)"
                         R"("taxCommissionForOrder":{"maker":"0.00000000","taker":"0.00000000"},"discount":)"
                         R"({"enabledForAccount":false,"enabledForSymbol":false,"discountAsset":"BNB",)"
                         R"("discount":"0.75000000"}})");
    EXPECT_EQ(header(fees, "X-MBX-USED-WEIGHT-1M"), "25")
        << "four of the question, one and twenty of the tests";
}

TEST_P(BinanceMarketOrders, CancelReplaceTellsBothOutcomes)
{
    if (!spot()) return;
    EXPECT_EQ(order(limit("a")).status, 200);
    const std::string stop = "&cancelReplaceMode=STOP_ON_FAILURE";
    const std::string allow = "&cancelReplaceMode=ALLOW_FAILURE";
    const ServerReply both =
        replace(limit("b", "27.05") + stop + "&cancelOrigClientOrderId=a&cancelNewClientOrderId=c");
    EXPECT_EQ(both.status, 200) << both.body;
    EXPECT_EQ(header(both, "X-MBX-ORDER-COUNT-10S"), "2");
    EXPECT_EQ(header(both, "X-MBX-USED-WEIGHT-1M"), "0");
    expect_parts(
        both.body,
        {R"({"cancelResult":"SUCCESS","newOrderResult":"SUCCESS","cancelResponse":{"symbol":"LINKUSDT",)"
         R"("origClientOrderId":"a",)",
         R"("clientOrderId":"c",)", R"("status":"CANCELED")", R"("newOrderResponse":{"symbol":"LINKUSDT",)",
         R"("clientOrderId":"b",)", R"("fills":[]}})"});
    EXPECT_EQ(at_venue("a").state, EmulatedState::cancelled);
    EXPECT_EQ(at_venue("b").price.units, 2'705);
    const ServerReply none = replace(limit("d") + stop + "&cancelOrderId=77");
    EXPECT_EQ(none.status, 400);
    EXPECT_EQ(
        none.body,
        R"({"code":-2022,"msg":"Order cancel-replace failed.","data":{"cancelResult":"FAILURE",)"
        R"("newOrderResult":"NOT_ATTEMPTED","cancelResponse":{"code":-2011,"msg":"Unknown order sent."},)"
        R"("newOrderResponse":null}})");
    const ServerReply half = replace(limit("e") + allow + "&cancelOrderId=77");
    EXPECT_EQ(half.status, 409);
    expect_parts(half.body, {R"({"code":-2021,"msg":"Order cancel-replace partially failed.","data":)"
                             R"({"cancelResult":"FAILURE","newOrderResult":"SUCCESS",)"});
    const std::string maker = "side=BUY&type=LIMIT_MAKER&quantity=1&price=27.2";
    const ServerReply neither = replace(maker + allow + "&cancelOrderId=77");
    EXPECT_EQ(neither.body,
              R"({"code":-2022,"msg":"Order cancel-replace failed.","data":{"cancelResult":"FAILURE",)"
              R"("newOrderResult":"FAILURE","cancelResponse":{"code":-2011,"msg":"Unknown order sent."},)"
              R"("newOrderResponse":{"code":-2010,"msg":"Order would immediately match and take."}}})");
    const ServerReply gone = replace(maker + stop + "&cancelOrigClientOrderId=b");
    EXPECT_EQ(gone.status, 409);
    expect_parts(gone.body, {R"("cancelResult":"SUCCESS","newOrderResult":"FAILURE")"});
    EXPECT_EQ(at_venue("b").state, EmulatedState::cancelled);
}

TEST_P(BinanceMarketOrders, CancelReplaceIsJudgedBeforeItCancels)
{
    if (!spot()) return;
    EXPECT_EQ(order(limit("a")).status, 200);
    const std::string which = "&cancelOrigClientOrderId=a&cancelReplaceMode=STOP_ON_FAILURE";
    expect_code(replace(limit("b") + "&cancelOrigClientOrderId=a"), -1102);
    expect_code(replace(limit("b") + "&cancelReplaceMode=STOP_ON_FAILURE"), -1102);
    expect_code(replace(limit("b") + which + "&orderRateLimitExceededMode=MAYBE"), -1102);
    expect_code(replace(limit("b", "27.005") + which), -1013);
    expect_code(replace("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=27" + which), -1013);
    expect_code(replace("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.05&price=27" + which), -1013);
    expect_code(replace("side=BUY&type=LIMIT&quantity=1&price=27" + which), -1102);
    expect_code(replace(limit("b") + which + "&cancelRestrictions=ONLY_PARTIALLY_FILLED"), -2022);
    EXPECT_EQ(at_venue("a").state, EmulatedState::open);
    // More orders than ten seconds allow: nothing is done, or the cancellation alone.
    ServerReply reply;
    for (int i = 0; i < 200 && reply.status == 200; ++i)
        reply = order(fmt::format("side=BUY&type=LIMIT&timeInForce=IOC&quantity=1&price=26.9{}", i % 10));
    expect_code(reply, -1015);
    expect_code(replace(limit("b") + which), -1015);
    EXPECT_EQ(at_venue("a").state, EmulatedState::open);
    const ServerReply only = replace(limit("b") + which + "&orderRateLimitExceededMode=CANCEL_ONLY");
    EXPECT_EQ(only.status, 409);
    expect_parts(only.body, {R"("newOrderResponse":{"code":-1015,"msg":"Too many new orders."}}})"});
    EXPECT_EQ(at_venue("a").state, EmulatedState::cancelled);
    EXPECT_EQ(call("GET", "/api/v3/rateLimit/order").body,
              R"([{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100,"count":100},)"
              R"({"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":200000,"count":100}])");
}

TEST_P(BinanceMarketOrders, TheWebsocketApiTakesThemToo)
{
    if (!spot()) return;
    ASSERT_TRUE(open_session(1, "/ws-api/v3"));
    EXPECT_EQ(order(limit("a")).status, 200);
    const auto signed_call = [&](std::string_view method,
                                 std::vector<std::pair<std::string, std::string>> params) {
        params.emplace_back("apiKey", keys_[0].key_id);
        params.emplace_back("timestamp", fmt::to_string(ms()));
        std::sort(params.begin(), params.end());
        std::string payload, members;
        for (const auto& [name, value] : params) {
            payload += (payload.empty() ? "" : "&") + name + "=" + value;
            members += fmt::format(R"("{}":"{}",)", name, value);
        }
        return say(1, fmt::format(R"({{"id":7,"method":"{}","params":{{{}"signature":"{}"}}}})", method,
                                  members, signature(payload, keys_[0])));
    };
    expect_parts(
        signed_call("order.place",
                    {{"symbol", "LINKUSDT"}, {"side", "BUY"}, {"type", "MARKET"}, {"quoteOrderQty", "50"}}),
        {R"({"id":7,"status":200,"result":{"symbol":"LINKUSDT")", R"("type":"MARKET")"});
    expect_parts(
        signed_call("order.cancelReplace", {{"symbol", "LINKUSDT"},
                                            {"side", "BUY"},
                                            {"type", "LIMIT_MAKER"},
                                            {"quantity", "1"},
                                            {"price", "27.2"},
                                            {"cancelReplaceMode", "STOP_ON_FAILURE"},
                                            {"cancelOrigClientOrderId", "a"}}),
        {R"({"id":7,"status":409,"error":{"code":-2021,"msg":"Order cancel-replace partially failed.",)"
         R"("data":{"cancelResult":"SUCCESS","newOrderResult":"FAILURE",)"});
    expect_parts(signed_call("account.rateLimits.orders", {}), {R"("limit":200000,"count":3}])"});
}

TEST_P(BinanceMarketOrders, ABatchAnswersEachOrder)
{
    if (spot()) return;
    const std::string one =
        R"({"symbol":"LINKUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"1","price":"27",)"
        R"("newClientOrderId":"a"})";
    const std::string two =
        R"({"symbol":"LINKUSDT","side":"SELL","type":"MARKET","quantity":1,"reduceOnly":"true"})";
    const std::string three = R"({"symbol":"LINKUSDT","side":"BUY","type":"MARKET","quantity":1})";
    const ServerReply reply = place_batch("[" + one + "," + two + "," + three + "]");
    EXPECT_EQ(reply.status, 200);
    expect_parts(reply.body, {fmt::format(R"([{{"orderId":{},"symbol":"LINKUSDT","status":"NEW",)"
                                          R"("clientOrderId":"a","price":"27.00",)",
                                          at_venue("a").id),
                              R"("selfTradePreventionMode":"NONE")",
                              R"(},{"code":-2022,"msg":"ReduceOnly Order is rejected."},{"orderId":)",
                              R"("type":"MARKET")"});
    EXPECT_EQ(header(reply, "X-MBX-ORDER-COUNT-10S"), "5");
    EXPECT_EQ(header(reply, "X-MBX-ORDER-COUNT-1M"), "1");
    EXPECT_EQ(header(reply, "X-MBX-USED-WEIGHT-1M"), "5");
    const ServerReply amended = call(
        "PUT", "/fapi/v1/batchOrders",
        "batchOrders=" + percent_encode(R"([{"symbol":"LINKUSDT","origClientOrderId":"a","side":"BUY",)"
                                        R"("quantity":"2","price":"27.05"},{"symbol":"LINKUSDT",)"
                                        R"("orderId":77,"side":"BUY","quantity":"2","price":"27.05"}])"));
    expect_parts(amended.body,
                 {R"("price":"27.05","origQty":"2.0")", R"({"code":-2013,"msg":"Order does not exist."}])"});
    const ServerReply gone = call("DELETE", "/fapi/v1/batchOrders",
                                  fmt::format("symbol=LINKUSDT&orderidlist=%5B{},77%5D", at_venue("a").id));
    expect_parts(gone.body, {R"("clientOrderId":"a")", R"("status":"CANCELED")",
                             R"(},{"code":-2011,"msg":"Unknown order sent."}])"});
    EXPECT_EQ(at_venue("a").state, EmulatedState::cancelled);
    EXPECT_EQ(header(gone, "X-MBX-USED-WEIGHT-1M"), "11");
}

TEST_P(BinanceMarketOrders, ABatchHasLimits)
{
    if (spot()) return;
    const std::string one =
        R"({"symbol":"LINKUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"1","price":"20"})";
    const std::string five = one + "," + one + "," + one + "," + one + "," + one;
    expect_code(place_batch("[" + five + "," + one + "]"), -4082);
    expect_code(place_batch("[]"), -4082);
    expect_code(place_batch("[1]"), -1102);
    expect_code(place_batch("{}"), -1102);
    expect_code(place_batch(""), -1102);
    expect_code(call("DELETE", "/fapi/v1/batchOrders", "symbol=LINKUSDT"), -1102);
    expect_code(call("DELETE", "/fapi/v1/batchOrders", "orderIdList=%5B1%5D"), -1102);
    expect_code(call("DELETE", "/fapi/v1/batchOrders", "symbol=LINKUSDT&orderIdList=1"), -1102);
    expect_code(
        call("DELETE", "/fapi/v1/batchOrders", "symbol=LINKUSDT&orderIdList=%5B1,2,3,4,5,6,7,8,9,10,11%5D"),
        -1130);
    int batches = 0;
    ServerReply reply;
    for (; batches < 100; ++batches) {
        reply = place_batch("[" + five + "]");
        if (reply.status != 200) break;
    }
    EXPECT_EQ(batches, 60) << "five of the 300 of ten seconds each";
    expect_code(reply, -1015);
}

}  // namespace
}  // namespace arb::binance
