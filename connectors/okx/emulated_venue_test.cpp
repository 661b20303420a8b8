// The emulated venue by itself, asked as any other client of the exchange would: REST.
#include <gtest/gtest.h>

#include "connectors/okx/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::okx::test {
namespace {

class OkxEmulated : public ::testing::Test, protected Alone<EmulatedExchange, ExchangeRules> {};

TEST_F(OkxEmulated, lists_its_instruments_as_the_connector_reads_them)
{
    std::size_t count = 0;
    for (const char* kind : {"SPOT", "SWAP", "FUTURES"}) {
        const std::string target = fmt::format("/api/v5/public/instruments?instType={}", kind);
        EXPECT_EQ(ask(request("GET", target)), "0");
        const auto read = type().read_instruments("", "https://www.okx.com" + target, body_);
        ASSERT_TRUE(read);
        for (const ListingDefinition& d : read.value()) {
            const auto same = std::find(definitions_.begin(), definitions_.end(), d);
            EXPECT_NE(same, definitions_.end()) << d.to_line();
            ++count;
        }
    }
    EXPECT_EQ(count, 3U);
    EXPECT_EQ(ask(request("GET", "/api/v5/public/instruments?instType=OPTION&uly=BTC-USD")), "0");
    EXPECT_EQ(at("/data"), "[]");
    EXPECT_EQ(ask(request("GET", "/api/v5/public/instruments?instType=MOON")), "51000");
}

TEST_F(OkxEmulated, shows_books_time_and_tickers_to_anybody)
{
    EXPECT_EQ(ask(request("GET", "/api/v5/public/time")), "0");
    EXPECT_EQ(at("/data/0/ts"), "1700000000000");
    EXPECT_EQ(ask(request("GET", "/api/v5/market/books?instId=LINK-USDT&sz=400")), "0");
    EXPECT_EQ(at("/data/0/asks/0/0"), "27.2");
    EXPECT_EQ(ask(request("GET", "/api/v5/market/ticker?instId=LINK-USDT")), "0");
    EXPECT_EQ(at("/data/0/bidPx"), "27.1");
    EXPECT_EQ(ask(request("GET", "/api/v5/market/tickers?instType=SWAP")), "0");
    EXPECT_EQ(at("/data/0/instId"), "LINK-USDT-SWAP");
    EXPECT_EQ(ask(request("GET", "/api/v5/market/books?instId=NOPE-USDT")), "51001");
    EXPECT_EQ(ask(request("GET", "/api/v5/public/moon")), "50404");
    EXPECT_EQ(status_, 404);
}

TEST_F(OkxEmulated, a_client_places_queries_cancels_and_looks_at_its_money)
{
    EXPECT_EQ(place(R"("px":"27.00","sz":"2","clOrdId":"mine1","tag":"x")"), "0");
    const std::string id = at("/data/0/ordId");
    EXPECT_EQ(get("/api/v5/trade/order?instId=LINK-USDT&clOrdId=mine1"), "0");
    EXPECT_EQ(at("/data/0/ordId"), id);
    EXPECT_EQ(at("/data/0/state"), "live");
    EXPECT_EQ(get("/api/v5/trade/orders-pending?instId=LINK-USDT"), "0");
    EXPECT_EQ(at("/data/0/clOrdId"), "mine1");
    EXPECT_EQ(get("/api/v5/account/balance"), "0");
    EXPECT_NE(body_.find(R"("ordFrozen":"54.054")"), std::string::npos)
        << "price, quantity and fee: " << body_;
    EXPECT_EQ(post("/api/v5/trade/cancel-order", R"({"instId":"LINK-USDT","ordId":")" + id + "\"}"), "0");
    EXPECT_EQ(post("/api/v5/trade/cancel-order", R"({"instId":"LINK-USDT","ordId":")" + id + "\"}"), "1");
    EXPECT_EQ(at("/data/0/sCode"), "51401");
    EXPECT_EQ(get("/api/v5/trade/order?instId=LINK-USDT&ordId=" + id), "0");
    EXPECT_EQ(at("/data/0/state"), "canceled");
    EXPECT_EQ(get("/api/v5/trade/orders-history?instType=SPOT"), "0");
    EXPECT_EQ(at("/data/0/ordId"), id);
    EXPECT_EQ(get("/api/v5/trade/order?instId=LINK-USDT&clOrdId=nobodys"), "51603");
    EXPECT_EQ(get("/api/v5/trade/order?instId=LINK-USDT"), "51603");
    EXPECT_EQ(post("/api/v5/trade/cancel-order", R"({"instId":"LINK-USDT","clOrdId":"x"})"), "1");
    EXPECT_EQ(at("/data/0/sCode"), "51603");
    EXPECT_EQ(get("/api/v5/asset/currencies"), "0");
    EXPECT_NE(body_.find(R"("ccy":"LINK")"), std::string::npos);
}

TEST_F(OkxEmulated, batches_tell_of_each_order)
{
    const std::string good =
        R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"27.00","sz":"2"})";
    const std::string bad =
        R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"27.00","sz":"0.15"})";
    EXPECT_EQ(post("/api/v5/trade/batch-orders", "[" + good + "," + bad + "]"), "2");
    EXPECT_EQ(at("/data/0/sCode"), "0");
    EXPECT_EQ(at("/data/1/sCode"), "51121");
    const std::string id = at("/data/0/ordId");
    EXPECT_EQ(post("/api/v5/trade/batch-orders", "[" + bad + "]"), "1");
    EXPECT_EQ(
        post("/api/v5/trade/cancel-batch-orders", R"([{"instId":"LINK-USDT","ordId":")" + id + R"("}])"),
        "0");
    EXPECT_EQ(post("/api/v5/trade/batch-orders", "[]"), "51000");
    std::string many = good;
    for (int i = 0; i < 20; ++i) many += "," + good;
    EXPECT_EQ(post("/api/v5/trade/batch-orders", "[" + many + "]"), "51000");
}

TEST_F(OkxEmulated, refuses_orders_in_its_own_codes)
{
    EXPECT_EQ(place(R"("px":"27.005","sz":"2")"), "51000");
    EXPECT_EQ(place(R"("px":"27.00","sz":"1.05")"), "51121");
    EXPECT_EQ(place(R"("px":"27.00","sz":"0.5")"), "51020");
    EXPECT_EQ(place(R"("px":"27.00","sz":"-2")"), "51121");
    EXPECT_EQ(place(R"("px":"","sz":"2")"), "51000");
    EXPECT_EQ(place(R"("px":"40.00","sz":"2")"), "51006");
    EXPECT_EQ(place(R"("px":"27.00","sz":"400")"), "51008");
    EXPECT_EQ(place(R"("px":"27.00","sz":"2","clOrdId":"with-dash")"), "51000");
    EXPECT_EQ(place(R"("px":"27.00","sz":"2","clOrdId":"aaaaaaaaaabbbbbbbbbbccccccccccddd")"), "51000");
    EXPECT_EQ(place(R"("px":"27.00","sz":"2","clOrdId":"twice")"), "0");
    EXPECT_EQ(place(R"("px":"27.00","sz":"2","clOrdId":"twice")"), "51016");
    exchange_.set_halted(kLink, true);
    EXPECT_EQ(place(R"("px":"27.00","sz":"2")"), "51028");
    const std::string head = R"({"side":"buy","px":"27.00","sz":"2",)";
    for (const char* rest : {R"("instId":"LINK-USDT","tdMode":"cross","ordType":"limit"})",
                             R"("instId":"LINK-USDT","tdMode":"cash","ordType":"moon"})",
                             R"("instId":"LINK-USDT-SWAP","tdMode":"cash","ordType":"limit"})"}) {
        (void)post("/api/v5/trade/order", head + rest);
        EXPECT_EQ(at("/data/0/sCode"), "51000") << rest;
    }
    (void)post("/api/v5/trade/order", head + R"("instId":"NOPE-USDT","tdMode":"cash","ordType":"limit"})");
    EXPECT_EQ(at("/data/0/sCode"), "51001");
}

TEST_F(OkxEmulated, post_only_and_fill_or_kill_are_taken_and_end_at_once)
{
    (void)post(
        "/api/v5/trade/order",
        R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","ordType":"post_only","px":"27.20","sz":"2"})");
    EXPECT_EQ(at("/data/0/sCode"), "0");
    EXPECT_EQ(get("/api/v5/trade/orders-history"), "0");
    EXPECT_EQ(at("/data/0/cancelSource"), "31");
    (void)post(
        "/api/v5/trade/order",
        R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","ordType":"fok","px":"27.20","sz":"90"})");
    EXPECT_EQ(at("/data/0/sCode"), "0");
    EXPECT_EQ(get("/api/v5/trade/orders-history"), "0");
    EXPECT_EQ(at("/data/0/state"), "canceled");
    EXPECT_EQ(at("/data/0/accFillSz"), "0");
}

TEST_F(OkxEmulated, an_average_price_is_what_was_paid)
{
    EXPECT_EQ(place(R"("px":"27.21","sz":"100")"), "0");  // 50 at 27.20, 50 at 27.21
    EXPECT_EQ(get("/api/v5/trade/orders-history"), "0");
    EXPECT_EQ(at("/data/0/avgPx"), "27.205");
    EXPECT_EQ(get("/api/v5/trade/fills?instType=SPOT"), "0");
    EXPECT_EQ(at("/data/0/fillPx"), "27.21");
    EXPECT_EQ(at("/data/1/fillPx"), "27.2");
    EXPECT_EQ(at("/data/2"), "?");
    EXPECT_EQ(get("/api/v5/trade/fills-history?instType=SWAP"), "0");
    EXPECT_EQ(at("/data"), "[]");
}

TEST_F(OkxEmulated, proof_of_identity)
{
    const std::string target = "/api/v5/account/balance";
    EXPECT_EQ(get(target), "0");
    EXPECT_EQ(ask(request("GET", target)), "50103");
    EXPECT_EQ(status_, 401);
    const auto spoilt = [&](std::string_view header, std::string value) {
        ServerRequest r = signed_request("GET", target);
        for (auto& [name, text] : r.headers) {
            if (name == header) text = value;
        }
        return ask(r);
    };
    EXPECT_EQ(spoilt("ok-access-key", "emulated-nobody"), "50111");
    EXPECT_EQ(spoilt("OK-ACCESS-SIGN", "x"), "50113");
    EXPECT_EQ(spoilt("OK-ACCESS-TIMESTAMP", "yesterday"), "50112");
    EXPECT_EQ(spoilt("OK-ACCESS-PASSPHRASE", "y"), "50105");
    // Both sides of the window.
    EXPECT_EQ(ask(signed_request("GET", target, "", 0, seconds(-29))), "0");
    EXPECT_EQ(ask(signed_request("GET", target, "", 0, seconds(29))), "0");
    EXPECT_EQ(ask(signed_request("GET", target, "", 0, seconds(-31))), "50102");
    EXPECT_EQ(ask(signed_request("GET", target, "", 0, seconds(31))), "50102");
    // What was signed is what came: another query, another body, another method.
    ServerRequest other = signed_request("GET", target);
    other.target += "?ccy=USDT";
    EXPECT_EQ(ask(other), "50113");
    other = signed_request("POST", "/api/v5/trade/order", "{}");
    other.body = "{ }";
    EXPECT_EQ(ask(other), "50113");
    other = signed_request("GET", target);
    other.remote = "203.0.113.9";
    EXPECT_EQ(ask(other), "50110");
    keys_[0].expires = now_;
    EXPECT_EQ(get(target), "50119");
    keys_[0].expires = {};
    keys_[0].revoked = true;
    EXPECT_EQ(get(target), "50119");
}

TEST_F(OkxEmulated, keys_tell_what_they_may)
{
    const char* const kPermissions[] = {"read_only,trade", "read_only", "read_only,withdraw,trade"};
    for (std::size_t key = 0; key < 3; ++key) {
        EXPECT_EQ(ask(signed_request("GET", "/api/v5/account/config", "", key)), "0");
        EXPECT_EQ(at("/data/0/perm"), kPermissions[key]);
        EXPECT_EQ(at("/data/0/ip"), "127.0.0.1,::1");
        EXPECT_NE(keys_[key].key_id.find("emulated"), std::string::npos);
    }
    for (const char* target :
         {"/api/v5/trade/order", "/api/v5/trade/amend-order", "/api/v5/trade/amend-batch-orders",
          "/api/v5/trade/cancel-order", "/api/v5/trade/cancel-all-after"}) {
        EXPECT_EQ(ask(signed_request("POST", target, "{}", 1)), "50120");
        EXPECT_EQ(status_, 401);
    }
    EXPECT_EQ(exchange_.order_count(), 0U);
}

TEST_F(OkxEmulated, the_dead_mans_timer_has_bounds)
{
    const auto arm = [&](const std::string& body) {
        now_ = now_ + seconds(2);
        return post("/api/v5/trade/cancel-all-after", body);
    };
    for (const char* time : {"9", "121", "x", "", "-5"})
        EXPECT_EQ(arm(fmt::format(R"({{"timeOut":"{}"}})", time)), "51000") << time;
    EXPECT_EQ(place(R"("px":"27.00","sz":"2")"), "0");
    EXPECT_EQ(arm(R"({"timeOut":"10"})"), "0");
    EXPECT_EQ(arm(R"({"timeOut":"0"})"), "0");
    EXPECT_EQ(at("/data/0/triggerTime"), "0");
    tick(seconds(60));
    EXPECT_EQ(exchange_.orders(kAccount, kLink, true).size(), 1U);
    EXPECT_EQ(arm(R"({"timeOut":10})"), "0") << "a number as well as a text";
    tick(seconds(60));
    EXPECT_TRUE(exchange_.orders(kAccount, kLink, true).empty());
    EXPECT_EQ(get("/api/v5/trade/orders-history"), "0");
    EXPECT_EQ(at("/data/0/cancelSource"), "20");
    // With a tag it is over the orders that carry it.
    EXPECT_EQ(place(R"("px":"27.00","sz":"2","tag":"mine")"), "0");
    EXPECT_EQ(place(R"("px":"27.00","sz":"3")"), "0");
    EXPECT_EQ(place(R"("px":"27.00","sz":"4","tag":"another")"), "0");
    EXPECT_EQ(arm(R"({"timeOut":"10","tag":"mine"})"), "0");
    EXPECT_EQ(at("/data/0/tag"), "mine");
    tick(seconds(10));
    EXPECT_EQ(exchange_.orders(kAccount, kLink, true).size(), 2U);
    EXPECT_EQ(place(R"("px":"27.00","sz":"2","tag":"with-dash")"), "51000");
}

TEST_F(OkxEmulated, lists_are_cut_as_asked)
{
    for (int i = 0; i < 3; ++i) EXPECT_EQ(place(R"("px":"27.20","sz":"2")"), "0");
    const std::string order = at("/data/0/ordId");
    EXPECT_EQ(place(R"("px":"27.00","sz":"2")"), "0");
    EXPECT_EQ(post("/api/v5/trade/cancel-order",
                   R"({"instId":"LINK-USDT","ordId":")" + at("/data/0/ordId") + "\"}"),
              "0");
    EXPECT_EQ(get("/api/v5/trade/fills?ordId=" + order), "0");
    EXPECT_EQ(at("/data/0/ordId"), order);
    EXPECT_EQ(at("/data/1"), "?");
    EXPECT_EQ(get("/api/v5/trade/fills?limit=2"), "0");
    const std::string second = at("/data/1/billId");
    EXPECT_EQ(at("/data/2"), "?");
    EXPECT_EQ(get("/api/v5/trade/fills?after=" + second), "0");
    EXPECT_EQ(at("/data/1"), "?");
    EXPECT_EQ(get("/api/v5/trade/fills?before=" + second), "0");
    EXPECT_EQ(at("/data/0/ordId"), order);
    EXPECT_EQ(at("/data/1"), "?");
    EXPECT_EQ(get("/api/v5/trade/fills?instId=LINK-USDT-SWAP"), "0");
    EXPECT_EQ(at("/data"), "[]");
    EXPECT_EQ(get("/api/v5/trade/fills?end=1"), "0");
    EXPECT_EQ(at("/data"), "[]");
    EXPECT_EQ(get("/api/v5/trade/orders-history?instType=SPOT&state=canceled"), "0");
    EXPECT_EQ(at("/data/0/state"), "canceled");
    EXPECT_EQ(at("/data/1"), "?");
    EXPECT_EQ(get("/api/v5/account/balance?ccy=LINK,MOON"), "0");
    EXPECT_EQ(at("/data/0/details/0/ccy"), "LINK");
    EXPECT_EQ(at("/data/0/details/1"), "?");
    EXPECT_EQ(ask(request("GET", "/api/v5/public/instruments?instType=SPOT&instId=MOON-USDT")), "0");
    EXPECT_EQ(at("/data"), "[]");
    EXPECT_EQ(ask(request("GET", "/api/v5/market/books?instId=LINK-USDT")), "0");
    EXPECT_EQ(at("/data/0/asks/1"), "?") << "one level unless asked for more";
    EXPECT_EQ(ask(request("GET", "/api/v5/market/books?instId=LINK-USDT&sz=2")), "0");
    EXPECT_NE(at("/data/0/asks/1"), "?");
}

TEST_F(OkxEmulated, fees_stand_in_their_group)
{
    EXPECT_EQ(get("/api/v5/account/trade-fee?instType=SPOT&instId=LINK-USDT"), "0");
    EXPECT_EQ(at("/data/0/feeGroup/0/taker"), "-0.001");
    EXPECT_EQ(at("/data/0/feeGroup/1"), "?");
    EXPECT_EQ(get("/api/v5/account/trade-fee?instType=SWAP&instFamily=LINK-USDT"), "0");
    EXPECT_EQ(at("/data/0/feeGroup/0/taker"), "-0.001");
    EXPECT_EQ(at("/data/0/takerU"), "-0.0005") << "the rates beside it are old";
}

class OkxEmulatedMargin : public ::testing::Test, protected Alone<EmulatedExchange, ExchangeRules> {
  protected:
    OkxEmulatedMargin() : Alone(false, {{"acctLv", "3"}, {"posMode", "long_short_mode"}}) {}
};

TEST_F(OkxEmulatedMargin, orders_must_fit_the_accounts_settings)
{
    EXPECT_EQ(get("/api/v5/account/config"), "0");
    EXPECT_EQ(at("/data/0/acctLv"), "3");
    EXPECT_EQ(at("/data/0/posMode"), "long_short_mode");
    EXPECT_EQ(place(R"("px":"27.00","sz":"2")"), "51000") << "spot wants tdMode cross here";
    const std::string head = R"({"side":"buy","px":"27.00","sz":"2","ordType":"limit","tdMode":"cross",)";
    const std::pair<const char*, const char*> rows[] = {
        {R"("instId":"LINK-USDT"})", "0"},
        {R"("instId":"LINK-USDT","posSide":"long"})", "51000"},
        {R"("instId":"LINK-USDT-SWAP"})", "51000"},
        {R"("instId":"LINK-USDT-SWAP","posSide":"net"})", "51000"},
    };
    for (const auto& [rest, code] : rows) {
        (void)post("/api/v5/trade/order", head + rest);
        EXPECT_EQ(at("/data/0/sCode"), code) << rest;
    }
}

class OkxEmulatedWallets : public ::testing::Test, protected Alone<EmulatedExchange, ExchangeRules> {
  protected:
    OkxEmulatedWallets() : Alone(false, {{"tradeQuoteCcy", "required"}}) {}
};

TEST_F(OkxEmulatedWallets, a_spot_order_says_which_wallet_pays)
{
    (void)get("/api/v5/public/instruments?instType=SPOT");
    EXPECT_EQ(at("/data/0/tradeQuoteCcyList/0"), "USDT");
    const std::string head = R"({"side":"buy","px":"27.00","sz":"2","ordType":"limit",)";
    const std::pair<const char*, const char*> rows[] = {
        {R"("instId":"LINK-USDT","tdMode":"cash"})", "51000"},
        {R"("instId":"LINK-USDT","tdMode":"cash","tradeQuoteCcy":"USD"})", "51000"},
        {R"("instId":"LINK-USDT","tdMode":"cash","tradeQuoteCcy":"USDT"})", "0"},
        {R"("instId":"LINK-USDT-SWAP","tdMode":"cross","tradeQuoteCcy":"USDT"})", "51000"},
    };
    for (const auto& [rest, code] : rows) {
        (void)post("/api/v5/trade/order", head + rest);
        EXPECT_EQ(at("/data/0/sCode"), code) << rest;
    }
}

class OkxEmulatedSpot : public ::testing::Test, protected Alone<EmulatedExchange, ExchangeRules> {
  protected:
    OkxEmulatedSpot() : Alone(false, {{"acctLv", "1"}}) {}
};

TEST_F(OkxEmulatedSpot, a_spot_account_trades_no_contracts)
{
    EXPECT_EQ(place(R"("px":"27.00","sz":"2")"), "0");
    (void)post(
        "/api/v5/trade/order",
        R"({"instId":"LINK-USDT-SWAP","tdMode":"cross","side":"buy","ordType":"limit","px":"27.00","sz":"2"})");
    EXPECT_EQ(at("/data/0/sCode"), "51010");
}

TEST_F(OkxEmulated, too_many_requests_are_refused_for_a_while)
{
    const ServerRequest r = signed_request("GET", "/api/v5/trade/orders-pending");
    const auto burst = [&](const ServerRequest& what, int count) {
        ServerReply reply;
        for (int i = 0; i < count; ++i) reply = venue_->on_request(what, now_, sent_);
        return reply.status;
    };
    EXPECT_EQ(burst(r, 60), 200);
    EXPECT_EQ(burst(r, 1), 429);
    EXPECT_EQ(burst(request("GET", "/api/v5/public/time"), 10), 200);
    EXPECT_EQ(burst(request("GET", "/api/v5/public/time"), 1), 429);
    for (const char* target :
         {"/api/v5/account/config", "/api/v5/account/trade-fee?instType=SPOT&instId=LINK-USDT"}) {
        EXPECT_EQ(burst(signed_request("GET", target), 5), 200);
        EXPECT_EQ(burst(signed_request("GET", target), 1), 429);
    }
    EXPECT_EQ(burst(signed_request("GET", "/api/v5/account/balance"), 10), 200);
    EXPECT_EQ(burst(signed_request("GET", "/api/v5/account/balance"), 1), 429);
    // Orders are counted an instrument, and cancellations apart from them.
    for (int i = 0; i < 60; ++i) {
        const std::string body =
            R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"20","sz":"1"})";
        EXPECT_EQ(burst(signed_request("POST", "/api/v5/trade/order", body), 1), 200);
    }
    const ServerRequest more = signed_request(
        "POST", "/api/v5/trade/order",
        R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"20","sz":"1"})");
    EXPECT_EQ(burst(more, 1), 429);
    const ServerRequest cancel =
        signed_request("POST", "/api/v5/trade/cancel-order", R"({"instId":"LINK-USDT","ordId":"1000001"})");
    EXPECT_EQ(burst(cancel, 1), 200);
    now_ = now_ + seconds(2);
    EXPECT_EQ(burst(r, 1), 200);
}

}  // namespace
}  // namespace arb::okx::test
