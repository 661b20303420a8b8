// The emulated venue by itself, asked by REST as any other client of the exchange would.
#include <gtest/gtest.h>

#include "connectors/gate/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::gate::test {
namespace {

class GateEmulated : public ::testing::Test, protected Stranger<EmulatedExchange, ExchangeRules> {
  protected:
    GateEmulated() { open_venue("spot"); }
};

constexpr const char* kRests = R"("side":"buy","amount":"1","price":"27.00","text":"t-a")";
constexpr const char* kTakes = R"("side":"buy","amount":"1","price":"27.20","time_in_force":"ioc")";

// The vectors of the protocol sheet: key, secret and time are theirs.
TEST_F(GateEmulated, ChecksSignaturesAsTheVectorsSay)
{
    keys_[0].key_id = "testkey-0123456789";
    keys_[0].secret = "testsecret-abcdef";
    ServerRequest request = bare("GET", "/api/v4/spot/accounts?currency=BTC");
    request.headers = {{"KEY", "testkey-0123456789"},
                       {"Timestamp", "1700000000"},
                       {"SIGN",
                        "eb0af16d8950b31da880ec6bb4f6fbc84b29677787822d9159203b468950d8ca"
                        "49b310e71b9020a7567d916d7f0a0beb3d1d3a4c51e11e96a11ba04b8aa0fe23"}};
    EXPECT_EQ(ask(request), "200");
    request = bare("POST", "/api/v4/spot/orders",
                   R"({"text":"t-abc","currency_pair":"BTC_USDT","type":"limit","account":"spot","side":)"
                   R"("buy","amount":"0.001","price":"30000","time_in_force":"gtc"})");
    request.headers = {{"KEY", "testkey-0123456789"},
                       {"Timestamp", "1700000000"},
                       {"SIGN",
                        "90b059166f1ffbedbadc41dba4c685b1815aa7eb608c2a7f12c3b00bcd093d83"
                        "0ceab831f96f943fd3499e0971b2d2d806d23334f4b501573ec11608db276c35"}};
    EXPECT_EQ(ask(request), "400 INVALID_CURRENCY_PAIR") << "well signed; the pair is not listed here";
    ASSERT_TRUE(connect(kFirst));
    const auto subscribe_with = [&](const char* sign) {
        say(kFirst,
            fmt::format(R"({{"time":1700000000,"channel":"spot.orders","event":"subscribe","payload":)"
                        R"(["!all"],"auth":{{"method":"api_key","KEY":"testkey-0123456789","SIGN":"{}"}}}})",
                        sign));
    };
    subscribe_with(
        "60d5dd10d83d265ff24b1d1a936dd21a568d960f670bfacaa9340771957a25a4"
        "fda321751a2960988ce8ddfbc509d8d7f00e2d89e4333228e84dde13b822a5ff");
    EXPECT_EQ(heard(kFirst, R"("status":"success")"), 1U);
    subscribe_with("60d5dd10");
    EXPECT_EQ(heard(kFirst, R"("code":4,"message":"INVALID_SIGNATURE)"), 1U);
    say(kFirst,
        R"({"time":1700000000,"channel":"spot.login","event":"api","payload":{"req_id":"1","api_key":)"
        R"("testkey-0123456789","timestamp":"1700000000","signature":"7a7cba3cc099df3178a15bcd852fed69)"
        R"(9118c47fdc2169d7fc006cd360e052cebcd3821f3e5f24da4db8fc6fe29b620cab535371bebd3a3271e99c74945)"
        R"(7a0ba"}})");
    EXPECT_EQ(last(kFirst, R"("uid")", "/data/result/uid"), kUserText);
}

TEST_F(GateEmulated, AsksWhoIsThere)
{
    const std::string target = "/api/v4/spot/accounts";
    ServerRequest request = signed_by_hand("GET", target);
    EXPECT_EQ(ask(request), "200");
    request.target += "?currency=LINK";
    EXPECT_EQ(ask(request), "401 INVALID_SIGNATURE") << "not what was signed";
    EXPECT_EQ(ask(bare("GET", target)), "401 MISSING_REQUIRED_HEADER");
    request = signed_by_hand("GET", target);
    request.headers[0].second = "nobody";
    EXPECT_EQ(ask(request), "401 INVALID_KEY");
    request = signed_by_hand("GET", target);
    request.remote = "10.0.0.1";
    EXPECT_EQ(ask(request), "403 IP_FORBIDDEN");
    for (const std::int64_t off : {61, -61}) {
        request = signed_by_hand("GET", target);
        now_ = now_ + seconds(off);
        EXPECT_EQ(ask(request), "400 REQUEST_EXPIRED") << off;
        now_ = now_ - seconds(off);
    }
    EXPECT_EQ(place(kRests, 1), "403 READ_ONLY");
    EXPECT_EQ(exchange_->order_count(), 0U);
    keys_[0].expires = now_;
    EXPECT_EQ(get("/spot/accounts"), "401 INVALID_KEY");
    keys_[0].expires = {};
    keys_[0].revoked = true;
    EXPECT_EQ(get("/spot/accounts"), "401 INVALID_KEY");
    EXPECT_EQ(ask(bare("GET", "/api/v4/spot/secrets")), "404 NOT_FOUND");
    EXPECT_EQ(ask(bare("PUT", target)), "405 METHOD_NOT_ALLOWED");
    EXPECT_EQ(ask(bare("GET", "/spot/time")), "404 NOT_FOUND");
}

TEST_F(GateEmulated, TellsTimeListAndBookToEverybody)
{
    EXPECT_EQ(ask(bare("GET", "/api/v4/spot/time")), "200");
    EXPECT_EQ(at("/server_time"), "1700000000000");
    EXPECT_EQ(ask(bare("GET", "/api/v4/spot/currency_pairs")), "200");
    EXPECT_EQ(at("/0/id"), "LINK_USDT");
    EXPECT_EQ(at("/0/trade_status"), "tradable");
    exchange_->set_cancel_only(ListingId{0}, true);
    EXPECT_EQ(ask(bare("GET", "/api/v4/spot/currency_pairs")), "200");
    EXPECT_EQ(at("/0/trade_status"), "untradable");
    EXPECT_EQ(ask(bare("GET", "/api/v4/spot/order_book?currency_pair=LINK_USDT&limit=5&with_id=true")),
              "200");
    EXPECT_EQ(at("/asks/0/0"), "27.2");
    EXPECT_EQ(at("/bids/0/1"), "50");
    EXPECT_NE(at("/id"), "");
}

TEST_F(GateEmulated, AnOrderLivesAndEnds)
{
    ASSERT_EQ(place(kRests), "201");
    const std::string id = at("/id");
    EXPECT_EQ(at("/status") + at("/finish_as") + at("/text") + at("/left"), "openopent-a1");
    for (const std::string& name : {id, std::string("t-a")}) {
        EXPECT_EQ(get("/spot/orders/" + name + "?currency_pair=LINK_USDT"), "200");
        EXPECT_EQ(at("/id"), id);
    }
    EXPECT_EQ(get("/spot/orders/" + id), "400 MISSING_REQUIRED_PARAM");
    EXPECT_EQ(get("/spot/orders?currency_pair=LINK_USDT&status=open"), "200");
    EXPECT_EQ(at("/0/id"), id);
    EXPECT_EQ(get("/spot/accounts?currency=USDT"), "200");
    EXPECT_EQ(at("/0/locked"), "27");
    EXPECT_EQ(ask(signed_by_hand("DELETE", "/api/v4/spot/orders/" + id + "?currency_pair=LINK_USDT")), "200");
    EXPECT_EQ(at("/status") + " " + at("/finish_as"), "cancelled cancelled");
    EXPECT_EQ(ask(signed_by_hand("DELETE", "/api/v4/spot/orders/" + id + "?currency_pair=LINK_USDT")),
              "400 ORDER_CANCELLED");
    EXPECT_EQ(get("/spot/orders/t-a?currency_pair=LINK_USDT"), "200");
    now_ = now_ + seconds(3601);
    EXPECT_EQ(get("/spot/orders/t-a?currency_pair=LINK_USDT"), "404 ORDER_NOT_FOUND")
        << "its text is forgotten";
    EXPECT_EQ(get("/spot/orders/" + id + "?currency_pair=LINK_USDT"), "200");
}

TEST_F(GateEmulated, AFillIsPaidInWhatIsReceived)
{
    ASSERT_EQ(place(kTakes), "201");
    const std::string id = at("/id");
    EXPECT_EQ(at("/status") + " " + at("/finish_as"), "closed filled");
    EXPECT_EQ(at("/filled_amount") + " " + at("/avg_deal_price"), "1 27.2");
    EXPECT_EQ(at("/fee") + " " + at("/fee_currency"), "0.001 LINK");
    EXPECT_EQ(get("/spot/my_trades?currency_pair=LINK_USDT&order_id=" + id), "200");
    EXPECT_EQ(at("/0/fee") + " " + at("/0/fee_currency") + " " + at("/0/role"), "0.001 LINK taker");
    EXPECT_EQ(get("/spot/my_trades?currency_pair=LINK_USDT&order_id=1"), "200");
    EXPECT_EQ(reply_.body, "[]");
    EXPECT_EQ(get("/spot/my_trades?from=1600000000"), "400 INVALID_PARAM_VALUE") << "thirty days at most";
    EXPECT_EQ(get("/spot/accounts?currency=LINK"), "200");
    EXPECT_EQ(at("/0/available"), "100.999");
    EXPECT_EQ(ask(signed_by_hand("DELETE", "/api/v4/spot/orders/" + id + "?currency_pair=LINK_USDT")),
              "400 ORDER_CLOSED");
    // What is not there is not waited for.
    ASSERT_EQ(place(R"("side":"buy","amount":"60","price":"27.20","time_in_force":"ioc")"), "201");
    EXPECT_EQ(at("/status") + " " + at("/finish_as") + " " + at("/left"), "cancelled ioc 11");
}

TEST_F(GateEmulated, RefusesInItsOwnLabels)
{
    struct Row {
        const char *terms, *expected;
    };
    const Row kRows[] = {
        {R"("side":"buy","amount":"1","price":"27.005")", "400 INVALID_PRECISION"},
        {R"("side":"buy","amount":"1.05","price":"27.00")", "400 INVALID_PRECISION"},
        {R"("side":"buy","amount":"0.2","price":"27.00")", "400 AMOUNT_TOO_LITTLE"},
        {R"("side":"buy","amount":"1","price":"99.00")", "400 PRICE_TOO_DEVIATED"},
        {R"("side":"buy","amount":"5000","price":"27.00")", "400 BALANCE_NOT_ENOUGH"},
        {R"("side":"buy","amount":"-1","price":"27.00")", "400 INVALID_PARAM_VALUE"},
        {R"("side":"up","amount":"1","price":"27.00")", "400 INVALID_PARAM_VALUE"},
        {R"("side":"buy","amount":"1","price":"27.00","text":"abc")", "400 INVALID_PARAM_VALUE"},
        {R"("side":"buy","amount":"1","price":"27.00","text":"t-a b")", "400 INVALID_PARAM_VALUE"},
        {R"("side":"buy","amount":"1","price":"27.00","text":"t-01234567890123456789012345678")",
         "400 INVALID_PARAM_VALUE"},
        {R"("side":"buy","amount":"1","price":"27.00","time_in_force":"day")", "400 INVALID_PARAM_VALUE"},
        {R"("side":"buy","amount":"1","price":"27.00","account":"unified")", "400 INVALID_PARAM_VALUE"},
        {R"("side":"buy","amount":"1","price":"27.00","stp_act":"cn")", "400 INVALID_PARAM_VALUE"},
        {R"("side":"buy","amount":"1","price":"27.20","time_in_force":"poc")", "400 POC_FILL_IMMEDIATELY"},
        {kRests, "201"},
        {kRests, "400 REPEATED_CREATION"},
    };
    for (const Row& row : kRows) EXPECT_EQ(place(row.terms), row.expected) << row.terms;
    EXPECT_EQ(place(R"("side":"buy","amount":"60","price":"27.20","time_in_force":"fok")"), "201");
    EXPECT_EQ(at("/status") + " " + at("/finish_as"), "cancelled fok");
    exchange_->set_halted(ListingId{0}, true);
    EXPECT_EQ(place(R"("side":"buy","amount":"1","price":"27.00")"), "400 INVALID_CURRENCY_PAIR");
    EXPECT_EQ(exchange_->trade_count(), 0U);
    // One that was refused is not shown later.
    EXPECT_EQ(get("/spot/orders?currency_pair=LINK_USDT&status=finished"), "200");
    EXPECT_EQ(at("/0/finish_as") + at("/1"), "fok");
}

TEST_F(GateEmulated, OwnOrdersTradeUnlessAGroupForbidsIt)
{
    const std::string sell = R"("side":"sell","amount":"1","price":"27.15","time_in_force":"ioc")";
    ASSERT_EQ(place(R"("side":"buy","amount":"1","price":"27.15")"), "201");
    ASSERT_EQ(place(sell), "201");
    EXPECT_EQ(at("/status"), "closed");
    open_venue("spot", false, {{"stp_id", "7"}});
    ASSERT_EQ(place(R"("side":"buy","amount":"1","price":"27.15")"), "201");
    EXPECT_EQ(at("/stp_act") + at("/stp_id"), "cn7");
    ASSERT_EQ(place(sell), "201");
    EXPECT_EQ(at("/status") + " " + at("/finish_as"), "cancelled stp");
    ASSERT_EQ(place(sell + R"(,"stp_act":"co")"), "201");
    EXPECT_EQ(at("/finish_as"), "ioc") << "the older one is gone";
}

TEST_F(GateEmulated, AmendsAndExpires)
{
    ASSERT_EQ(place(kRests), "201");
    const std::string target = "/api/v4/spot/orders/" + at("/id") + "?currency_pair=LINK_USDT";
    const auto amend = [&](const std::string& body) {
        now_ = now_ + milliseconds(110);
        return ask(signed_by_hand("PATCH", target, body));
    };
    EXPECT_EQ(amend(R"({"price":"27.05","amend_text":"t-why"})"), "200");
    EXPECT_EQ(at("/price") + at("/amount") + at("/amend_text"), "27.051t-why");
    EXPECT_EQ(amend(R"({"price":"27.05"})"), "400 NO_CHANGE");
    EXPECT_EQ(amend(R"({"price":"27.055"})"), "400 INVALID_PRECISION");
    EXPECT_EQ(amend(R"({"amount":"2"})"), "200");
    street(2700, 2705, 10);
    street(2700, 2720);
    EXPECT_EQ(amend(R"({"amount":"0.5"})"), "200");
    EXPECT_EQ(at("/status") + " " + at("/filled_amount"), "cancelled 1") << "less than is filled ends it";
    EXPECT_EQ(amend(R"({"amount":"3"})"), "400 ORDER_CANCELLED");
    ServerRequest late = signed_by_hand("POST", orders_path(), order_body(kTakes));
    late.headers.emplace_back("x-gate-exptime", fmt::format("{}", now_.ns / 1'000'000 - 1));
    EXPECT_EQ(ask(late), "400 REQUEST_EXPIRED");
    late.headers.back().second = fmt::format("{}", now_.ns / 1'000'000);
    EXPECT_EQ(ask(late), "201");
}

TEST_F(GateEmulated, CancelsManyAtOnceOrWhenNobodyIsThere)
{
    const std::string sell = R"("side":"sell","amount":"1","price":"28.00")";
    ASSERT_EQ(place(kRests), "201");
    ASSERT_EQ(place(sell), "201");
    const std::string id = at("/id");
    EXPECT_EQ(
        ask(signed_by_hand("POST", "/api/v4/spot/cancel_batch_orders",
                           R"([{"currency_pair":"LINK_USDT","id":"5"},{"currency_pair":"LINK_USDT","id":")" +
                               id + R"("}])")),
        "200");
    EXPECT_EQ(at("/0/succeeded") + at("/0/label") + at("/1/succeeded"), "falseORDER_NOT_FOUNDtrue");
    EXPECT_EQ(ask(signed_by_hand(
                  "POST", "/api/v4/spot/batch_orders",
                  "[" + order_body(sell + R"(,"text":"t-b")") + "," + order_body(sell) + "," +
                      order_body(R"("text":"t-c","side":"buy","amount":"5000","price":"27.00")") + "]")),
              "200");
    EXPECT_EQ(at("/0/succeeded") + at("/0/text") + at("/1/label") + at("/2/label"),
              "truet-bMISSING_REQUIRED_PARAMBALANCE_NOT_ENOUGH");
    EXPECT_EQ(ask(signed_by_hand("DELETE", orders_path() + "?currency_pair=LINK_USDT&side=buy")), "200");
    EXPECT_EQ(at("/0/text") + at("/1"), "t-a");
    EXPECT_EQ(ask(signed_by_hand("POST", "/api/v4/spot/countdown_cancel_all", R"({"timeout":4})")),
              "400 INVALID_PARAM_VALUE");
    EXPECT_EQ(ask(signed_by_hand("POST", "/api/v4/spot/countdown_cancel_all", R"({"timeout":5})")), "200");
    EXPECT_EQ(at("/triggerTime"), fmt::format("{}", now_.ns / 1'000'000 + 5000));
    exchange_->on_time(now_ + seconds(4));
    EXPECT_EQ(exchange_->orders(kUser, kNoListing, true).size(), 1U);
    exchange_->on_time(now_ + seconds(6));
    EXPECT_EQ(exchange_->orders(kUser, kNoListing, true).size(), 0U);
}

TEST_F(GateEmulated, TellsWhatKeysMayDoAndWhatTheAccountIs)
{
    EXPECT_EQ(get("/account/main_keys"), "200");
    EXPECT_EQ(at("/0/key"), keys_[0].key_id);
    EXPECT_EQ(at("/0/perms/1/name") + at("/0/perms/1/read_only"), "spotfalse");
    EXPECT_EQ(at("/1/perms/1/read_only"), "true");
    EXPECT_EQ(at("/2/perms/5/name") + at("/2/perms/5/read_only"), "withdrawfalse");
    EXPECT_EQ(at("/0/ip_whitelist/0"), "127.0.0.1");
    EXPECT_EQ(reply_.body.find(keys_[0].secret), std::string::npos);
    keys_[0].can_transfer = true;
    keys_[0].ip_allowed.clear();
    EXPECT_EQ(get("/account/main_keys"), "200");
    EXPECT_EQ(at("/0/perms/0/read_only") + at("/0/ip_whitelist"), "false[]");
    EXPECT_EQ(get("/account/detail"), "200");
    EXPECT_EQ(at("/user_id") + at("/key/mode"), std::string(kUserText) + "1");
    EXPECT_EQ(get("/unified/unified_mode"), "200");
    EXPECT_EQ(at("/mode"), "classic");
    EXPECT_EQ(get("/wallet/fee?currency_pair=LINK_USDT"), "200");
    EXPECT_EQ(at("/taker_fee") + at("/gt_discount"), "0.001false");
    open_venue("spot", false, {{"mode", "single_currency"}});
    EXPECT_EQ(get("/unified/accounts"), "200");
    EXPECT_EQ(at("/balances/USDT/available"), "10000");
    EXPECT_EQ(place(R"("side":"buy","amount":"1","price":"27.00","account":"spot")"),
              "400 INVALID_PARAM_VALUE");
    EXPECT_EQ(place(kRests), "201");
    EXPECT_EQ(at("/account"), "unified");
}

TEST_F(GateEmulated, CountsWhatIsAsked)
{
    const auto quick = [&](const char* price) {
        return ask(
            signed_by_hand("POST", orders_path(),
                           order_body(fmt::format(R"("side":"buy","amount":"1","price":"{}")", price))));
    };
    for (int i = 0; i < 10; ++i) EXPECT_EQ(quick("27.00"), "201");
    EXPECT_EQ(quick("27.00"), "429 TOO_MANY_REQUESTS");
    now_ = now_ + seconds(1);
    EXPECT_EQ(quick("27.00"), "201");
    for (int i = 0; i < 200; ++i) ASSERT_EQ(get("/spot/accounts"), "200") << i;
    EXPECT_EQ(get("/spot/accounts"), "429 TOO_MANY_REQUESTS");
    EXPECT_EQ(get("/account/detail"), "200") << "each has its own count";
    for (int i = 0; i < 200; ++i) ASSERT_EQ(ask(bare("GET", "/api/v4/spot/time")), "200");
    EXPECT_EQ(ask(bare("GET", "/api/v4/spot/time")), "429 TOO_MANY_REQUESTS");
    EXPECT_EQ(venue_->banned(seconds(90)).status, 429);
    EXPECT_EQ(venue_->failed().status, 500);
}

}  // namespace
}  // namespace arb::gate::test
