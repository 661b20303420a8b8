// The emulated venue as a stranger's client meets it: raw requests, its own codes, limits, and hostile bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/binance/raw_client.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

struct NoClients final : SessionOutbox {
    void send(SessionId, std::string) override {}
    void close(SessionId, int, std::string_view) override {}
};

class BinanceServer : public ::testing::TestWithParam<const char*>,
                      protected test::RawClient<EmulatedExchange, ExchangeRules> {
  protected:
    void SetUp() override { begin(GetParam(), arb::test::kStart); }
    void expect_code(const ServerReply& reply, int code)
    {
        EXPECT_TRUE(has_code(reply, code)) << reply.status << " " << reply.body;
    }
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceServer, ::testing::Values("spot", "usdm"));

TEST_P(BinanceServer, PublicCalls)
{
    const ServerReply info = ask("GET", base() + "/exchangeInfo");
    EXPECT_EQ(info.status, 200);
    const auto read =
        type().read_instruments(GetParam(), "https://host" + base() + "/exchangeInfo", info.body);
    ASSERT_TRUE(read);
    ASSERT_EQ(read.value().size(), 1U);
    EXPECT_EQ(read.value()[0].tick, definitions_[0].tick);
    EXPECT_EQ(read.value()[0].notional_min, definitions_[0].notional_min);
    EXPECT_EQ(ask("GET", base() + "/time").body, fmt::format("{{\"serverTime\":{}}}", ms()));
    EXPECT_NE(ask("GET", base() + "/depth?symbol=LINKUSDT&limit=5").body.find("27.1"), std::string::npos);
    EXPECT_EQ(ask("GET", base() + "/nothing").status, 404);
    expect_code(ask("GET", base() + "/depth?symbol=NOSUCH"), -1121);
}

TEST_P(BinanceServer, EachRefusalInItsOwnCode)
{
    const bool s = spot();
    const std::string start = "side=BUY&type=LIMIT&timeInForce=GTC";
    expect_code(order(start + "&quantity=1&price=27.005"), s ? -1013 : -4014);
    expect_code(order(start + "&quantity=1.05&price=27"), s ? -1013 : -1111);
    expect_code(order(start + "&quantity=0&price=27"), s ? -1013 : -4003);
    expect_code(order(start + "&quantity=-1&price=27"), -1100);
    expect_code(order(start + "&quantity=0.1&price=27"), s ? -1013 : -4164);
    expect_code(order(start + "&quantity=1&price=27.000000001"), -1111);
    expect_code(order(start + "&quantity=1&price=99"), s ? -1013 : -4016);
    expect_code(order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=9"), s ? -1013 : -4024);
    expect_code(order(start + "&quantity=1"), -1102);
    expect_code(order(start + "&quantity=1&price=27&newClientOrderId=a%20b"), -1100);
    expect_code(order("side=BUY&type=STOP&quantity=1&price=27"), -1116);
    if (s) expect_code(order(start + "&quantity=100&price=27"), -2010);
    const std::string named = start + "&quantity=1&price=27&newClientOrderId=same";
    EXPECT_EQ(order(named).status, 200);
    expect_code(order(named), s ? -2010 : -4116);
}

TEST_P(BinanceServer, ProofOfIdentity)
{
    const std::string path = spot() ? "/api/v3/account" : "/fapi/v3/balance";
    const auto call = [&](const EmulatedKey& key, const std::string& query) {
        return ask("GET", path + "?" + query + "&signature=" + signature(query, key), key.key_id);
    };
    const std::string now = fmt::format("timestamp={}", ms());
    EXPECT_EQ(call(keys_[0], now).status, 200);
    expect_code(ask("GET", path + "?" + now), -2014);
    expect_code(ask("GET", path + "?" + now, std::string(64, 'x')), -2015);
    expect_code(ask("GET", path + "?" + now, keys_[0].key_id), -1102);
    expect_code(ask("GET", path + "?" + now + "&signature=" + std::string(64, '0'), keys_[0].key_id), -1022);
    const std::string good = signature(now, keys_[0]);
    // The signature must be the last parameter.
    expect_code(ask("GET", path + "?" + now + "&signature=" + good + "&recvWindow=5000", keys_[0].key_id),
                -1022);
    expect_code(call(keys_[0], fmt::format("timestamp={}", ms() - 5'001)), -1021);
    expect_code(call(keys_[0], fmt::format("timestamp={}", ms() + 1'000)), -1021);
    EXPECT_EQ(call(keys_[0], fmt::format("timestamp={}", ms() + 999)).status, 200);
    EXPECT_EQ(call(keys_[0], fmt::format("recvWindow=9000&timestamp={}", ms() - 8'000)).status, 200);
    expect_code(call(keys_[0], fmt::format("recvWindow=60001&timestamp={}", ms())), -1131);
    keys_[0].ip_allowed = {"10.0.0.1"};
    expect_code(call(keys_[0], now), -2015);
    keys_[0].ip_allowed.clear();
    keys_[0].expires = now_;
    expect_code(call(keys_[0], now), -2015);
}

TEST_P(BinanceServer, AKeyTellsItsPermissions)
{
    const std::string query = fmt::format("timestamp={}", ms());
    const auto told = [&](const EmulatedKey& key) {
        return ask("GET", "/sapi/v1/account/apiRestrictions?" + query + "&signature=" + signature(query, key),
                   key.key_id)
            .body;
    };
    EXPECT_NE(told(keys_[0]).find(R"("enableWithdrawals":false)"), std::string::npos);
    EXPECT_NE(told(keys_[2]).find(R"("enableWithdrawals":true)"), std::string::npos);
    EXPECT_NE(told(keys_[1]).find(R"("enableSpotAndMarginTrading":false)"), std::string::npos);
    EXPECT_NE(told(keys_[0]).find(R"("ipRestrict":true,"createTime":1672531200000,)"), std::string::npos);
    keys_[0].ip_allowed.clear();
    EXPECT_NE(told(keys_[0]).find(R"("ipRestrict":false)"), std::string::npos);
}

TEST_P(BinanceServer, AKeyIsBoundToAddressesAndACallFromInsideHasNone)
{
    const std::string query = fmt::format("timestamp={}", ms());
    ServerRequest request;
    request.method = "GET";
    request.target = "/sapi/v1/account/apiRestrictions?" + query + "&signature=" + signature(query, keys_[0]);
    request.headers.emplace_back("x-mbx-apikey", keys_[0].key_id);
    for (const auto& [remote, status] :
         {std::pair{"127.0.0.1", 200}, {"::1", 200}, {"", 200}, {"192.0.2.1", 401}}) {
        request.remote = remote;
        EXPECT_EQ(venue_->on_request(request, now_, *this).status, status) << remote;
    }
}

TEST_P(BinanceServer, WeightIsCountedThenRefusedThenBanned)
{
    ServerReply reply;
    int calls = 0;
    for (; calls < 10'000; ++calls) {
        reply = ask("GET", base() + "/depth?symbol=LINKUSDT&limit=5");
        if (reply.status != 200) break;
    }
    EXPECT_EQ(calls, 1'200);
    EXPECT_EQ(reply.status, 429);
    EXPECT_EQ(reply.headers.front().first, "Retry-After");
    for (int i = 0; i < 25; ++i) reply = ask("GET", base() + "/depth?symbol=LINKUSDT&limit=5");
    EXPECT_EQ(reply.status, 418);
    now_ = now_ + seconds(60);
    EXPECT_EQ(ask("GET", base() + "/time").status, 418);
    now_ = now_ + seconds(120);
    EXPECT_EQ(ask("GET", base() + "/time").status, 200);
}

// "One pool for fapi and dapi together", since 2026-06-30; spot's is its own.
TEST(BinanceServers, TheFuturesCountTheWeightOfAnAddressTogether)
{
    struct Server {
        Server(const char* market, const std::shared_ptr<EmulatedWindows>& windows)
            : table(InstrumentTable::build({{{"binance", market}, {}}}).take()),
              exchange(table, VenueId{0}, ExchangeRules{})
        {
            EmulatedVenueSetup setup;
            setup.table = &table;
            setup.market = market;
            setup.exchange = &exchange;
            setup.keys = &keys;
            setup.windows = windows;
            venue = type().make_emulated_venue(setup);
        }
        /// What the venue says is used after a request of weight 1.
        std::string used(const char* path, const char* remote)
        {
            ServerRequest request;
            request.method = "GET";
            request.target = path;
            request.remote = remote;
            NoClients out;
            const ServerReply reply = venue->on_request(request, arb::test::kStart, out);
            for (const auto& [name, value] : reply.headers) {
                if (name == "X-MBX-USED-WEIGHT-1M") return value;
            }
            return "nothing";
        }
        InstrumentTable table;
        EmulatedExchange exchange;
        std::vector<EmulatedKey> keys;
        std::unique_ptr<EmulatedVenue> venue;
    };
    const auto windows = std::make_shared<EmulatedWindows>();
    Server spot("spot", windows), usdm("usdm", windows), coinm("coinm", windows);
    EXPECT_EQ(usdm.used("/fapi/v1/ping", "10.0.0.1"), "1");
    EXPECT_EQ(coinm.used("/dapi/v1/ping", "10.0.0.1"), "2");
    EXPECT_EQ(usdm.used("/fapi/v1/ping", "10.0.0.1"), "3");
    EXPECT_EQ(coinm.used("/dapi/v1/ping", "10.0.0.2"), "1") << "another address";
    EXPECT_EQ(spot.used("/api/v3/ping", "10.0.0.1"), "1");
    Server alone("coinm", nullptr);
    EXPECT_EQ(alone.used("/dapi/v1/ping", "10.0.0.1"), "1");
}

TEST_P(BinanceServer, HostileFramesAndRequests)
{
    ServerRequest upgrade;
    upgrade.method = "GET";
    const char* const paths[] = {spot() ? "/ws-api/v3" : "/ws-fapi/v1", "/ws",
                                 "/stream?streams=linkusdt@depth"};
    std::uint64_t id = 1;
    const std::string whole =
        R"({"id":"a\"b","method":"order.place","params":{"symbol":"LINKUSDT","price":1.5e3,)"
        R"("x":null,"y":[1],"timestamp":17,"apiKey":"k","signature":"zz"}})";
    for (const char* path : paths) {
        upgrade.target = path;
        ASSERT_TRUE(venue_->on_session(SessionId{++id}, upgrade, now_, *this)) << path;
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            now_ = now_ + seconds(1);
            venue_->on_session_frame(SessionId{id}, whole.substr(0, size), now_, *this);
            (void)venue_->failed_frame(whole.substr(0, size));
        }
        venue_->on_session_frame(SessionId{id}, std::string(100'000, '['), now_, *this);
        EXPECT_EQ(closed_, 1009);
        venue_->on_session_closed(SessionId{id});
        venue_->on_session_frame(SessionId{id}, whole, now_, *this);
    }
    upgrade.target = "/elsewhere";
    EXPECT_FALSE(venue_->on_session(SessionId{99}, upgrade, now_, *this));
    for (const std::string target :
         {"", "?", "/api/v3/order?%zz=%", "/api/v3/order?=&&=&signature=", "/fapi/v1/order?signature="})
        for (const char* method : {"", "GET", "POST", "DELETE"})
            EXPECT_NE(ask(method, target, keys_[0].key_id).status, 200);
    EXPECT_EQ(ask("POST", base() + "/order", keys_[0].key_id, std::string(100'000, 'x')).status, 413);
}

TEST_P(BinanceServer, AnAccountInHedgeModeHasTwoPositionsOfASymbol)
{
    if (spot()) return;
    const auto call = [&](const char* method, const std::string& path, std::string fields) {
        fields += fmt::format("{}timestamp={}", fields.empty() ? "" : "&", ms());
        return ask(method, path + "?" + fields + "&signature=" + signature(fields, keys_[0]),
                   keys_[0].key_id);
    };
    const std::string mode = "/fapi/v1/positionSide/dual";
    EXPECT_EQ(call("GET", mode, "").body, R"({"dualSidePosition":false})");
    expect_code(call("POST", mode, "dualSidePosition=false"), -4059);
    EXPECT_EQ(call("POST", mode, "dualSidePosition=true").status, 200);
    EXPECT_NE(call("GET", "/fapi/v1/accountConfig", "").body.find(R"("dualSidePosition":true)"),
              std::string::npos);
    const std::string start = "type=LIMIT&timeInForce=IOC&quantity=1&";
    expect_code(order(start + "side=BUY&price=27.2"), -4061);
    EXPECT_EQ(order(start + "side=BUY&price=27.2&positionSide=LONG").status, 200);
    EXPECT_EQ(order(start + "side=BUY&price=27.2&positionSide=LONG").status, 200);
    EXPECT_EQ(order(start + "side=SELL&price=27.1&positionSide=SHORT").status, 200);
    exchange_->deliver(*venue_, now_, *this);
    const std::string body = call("GET", "/fapi/v3/positionRisk", "").body;
    EXPECT_NE(body.find(R"("positionSide":"LONG","positionAmt":"2")"), std::string::npos) << body;
    EXPECT_NE(body.find(R"("positionSide":"SHORT","positionAmt":"-1")"), std::string::npos) << body;
    expect_code(call("POST", mode, "dualSidePosition=false"), -4068);
}

TEST_P(BinanceServer, OwnOrdersThatWouldMeetAndOrdersThatOnlyReduce)
{
    if (spot()) exchange_->deposit(AccountId{1}, "LINK", arb::test::money("10"));
    const std::string start = "type=LIMIT&quantity=1&";
    EXPECT_EQ(order(start + "side=BUY&price=27.15&timeInForce=GTC&newClientOrderId=maker").status, 200);
    // The mode of the second decides; without one the first goes.
    const ServerReply second = order(start + "side=SELL&price=27.1&timeInForce=IOC&newOrderRespType=RESULT");
    EXPECT_NE(second.body.find(R"("status":"FILLED")"), std::string::npos) << second.body;
    EXPECT_NE(second.body.find(R"("selfTradePreventionMode":"EXPIRE_MAKER")"), std::string::npos);
    const ServerReply none =
        order(start + "side=SELL&price=27.1&timeInForce=IOC&selfTradePreventionMode=MAYBE");
    expect_code(none, spot() ? -1013 : -1130);
    if (spot()) return expect_code(order(start + "side=BUY&price=27&timeInForce=GTC&reduceOnly=true"), -1106);
    // One was sold: buying back may reduce, selling more may not.
    expect_code(order(start + "side=SELL&price=27.1&timeInForce=IOC&reduceOnly=true"), -2022);
    const ServerReply back =
        order(start + "side=BUY&price=27.2&timeInForce=IOC&reduceOnly=true&newOrderRespType=RESULT");
    EXPECT_NE(back.body.find(R"("status":"FILLED")"), std::string::npos) << back.body;
    EXPECT_NE(back.body.find(R"("reduceOnly":true)"), std::string::npos) << back.body;
    expect_code(order("type=LIMIT&timeInForce=IOC&side=BUY&price=27.2&quantity=900"), -2019);
}

TEST_P(BinanceServer, AListenKeyIsAStreamLikeAnother)
{
    if (spot()) return;
    const std::string key = ask("POST", "/fapi/v1/listenKey", keys_[0].key_id)
                                .body.substr(std::string("{\"listenKey\":\"").size(), 64);
    ServerRequest upgrade;
    upgrade.method = "GET";
    upgrade.target = "/private/stream";
    ASSERT_TRUE(venue_->on_session(SessionId{1}, upgrade, now_, *this));
    venue_->on_session_frame(SessionId{1}, R"({"method":"SUBSCRIBE","params":[")" + key + R"("],"id":1})",
                             now_, *this);
    said_.clear();
    EXPECT_EQ(order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=27").status, 200);
    exchange_->deliver(*venue_, now_, *this);
    ASSERT_FALSE(said_.empty());
    EXPECT_TRUE(said_[0].starts_with(R"({"stream":")" + key + R"(","data":{"e":"ORDER_TRADE_UPDATE")"))
        << said_[0];
}

TEST_P(BinanceServer, WhatClientsAskBeforeTheyStart)
{
    const std::string query = fmt::format("timestamp={}", ms());
    const std::string signed_query = query + "&signature=" + signature(query, keys_[0]);
    EXPECT_TRUE(ask("GET", "/sapi/v1/capital/config/getall?" + signed_query, keys_[0].key_id)
                    .body.starts_with(R"([{"coin":"USDT")"));
    EXPECT_EQ(ask("GET", "/sapi/v1/margin/allPairs", keys_[0].key_id).body, "[]");
    expect_code(ask("GET", "/sapi/v1/margin/allPairs"), -2014);
}

TEST_P(BinanceServer, TooManyMessagesCloseAStream)
{
    ServerRequest upgrade;
    upgrade.method = "GET";
    upgrade.target = "/ws";
    ASSERT_TRUE(venue_->on_session(SessionId{1}, upgrade, now_, *this));
    const int allowed = spot() ? 5 : 10;
    for (int i = 0; i < allowed; ++i)
        venue_->on_session_frame(SessionId{1}, R"({"method":"LIST_SUBSCRIPTIONS","id":1})", now_, *this);
    EXPECT_EQ(closed_, 0);
    venue_->on_session_frame(SessionId{1}, R"({"method":"LIST_SUBSCRIPTIONS","id":1})", now_, *this);
    EXPECT_EQ(closed_, 1008);
}

}  // namespace
}  // namespace arb::binance
