// The emulated venue by itself, asked as any other client of the exchange would: REST.
#include <gtest/gtest.h>

#include "connectors/bybit/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::bybit::test {
namespace {

class BybitEmulatedTest : public ::testing::TestWithParam<const char*>, protected Alone<EmulatedExchange> {
  protected:
    void SetUp() override { begin(GetParam(), ExchangeRules{}); }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitEmulatedTest, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitEmulatedTest, ListsItsInstrumentsAsTheConnectorReadsThem)
{
    const std::vector<std::string> urls = type().instrument_urls(GetParam());
    ASSERT_EQ(urls.size(), 1U);
    const std::string target = urls[0].substr(urls[0].find("/v5"));
    EXPECT_EQ(ask(request("GET", target)), 0);
    const auto read = type().read_instruments(GetParam(), urls[0], body_);
    ASSERT_TRUE(read);
    ASSERT_EQ(read.value().size(), 1U);
    EXPECT_EQ(read.value()[0].symbol, "LINKUSDT");
    EXPECT_EQ(read.value()[0].tick, definitions_[0].tick);
    EXPECT_EQ(read.value()[0].notional_min, definitions_[0].notional_min);
    for (const char* other : {"inverse", "option"}) {
        EXPECT_EQ(ask(request("GET", std::string("/v5/market/instruments-info?category=") + other)), 0);
        EXPECT_EQ(at("/result/list"), "[]");
    }
    EXPECT_EQ(ask(request("GET", "/v5/market/instruments-info?category=moon")), 10001);
}

// Contracts are more than a page holds; the cursor leads to the next.
TEST_P(BybitEmulatedTest, ListsInstrumentsPageByPage)
{
    for (const char* base : {"SOL", "AVAX", "XRP"}) {
        definitions_.push_back(definitions_.front());
        definitions_.back().base = base;
        definitions_.back().symbol = std::string(base) + "USDT";
    }
    use_definitions();
    std::string url =
        fmt::format("https://api.bybit.com/v5/market/instruments-info?category={}&limit=3", GetParam());
    std::vector<std::string> symbols;
    std::size_t pages = 0;
    for (; !url.empty(); ++pages) {
        ASSERT_LT(pages, 5U);
        ASSERT_EQ(ask(request("GET", url.substr(url.find("/v5")))), 0);
        const auto read = type().read_instruments(GetParam(), url, body_);
        ASSERT_TRUE(read);
        for (const ListingDefinition& definition : read.value()) symbols.push_back(definition.symbol);
        url = type().next_instrument_url(url, body_);
    }
    EXPECT_EQ(pages, spot() ? 1U : 2U) << "spot has one page, however long";
    EXPECT_EQ(symbols, (std::vector<std::string>{"LINKUSDT", "SOLUSDT", "AVAXUSDT", "XRPUSDT"}));
}

TEST_P(BybitEmulatedTest, AHedgedAccountHasTwoPositionsOfASymbol)
{
    const auto mode = [&](int wanted) {
        return ask(
            signed_request("POST", "/v5/position/switch-mode",
                           fmt::format(R"({{{},"symbol":"LINKUSDT","mode":{}}})", category(), wanted)));
    };
    const std::string rows = "/v5/position/list?category=linear&symbol=LINKUSDT";
    if (spot()) {
        EXPECT_EQ(mode(3), 10001);
        return;
    }
    EXPECT_EQ(mode(0), 110025) << "it is so already";
    EXPECT_EQ(mode(3), 0);
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"2","price":"27.20","positionIdx":0)"), 10001);
    EXPECT_EQ(at("/retMsg"), "position idx not match position mode");
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"2","price":"27.20","positionIdx":1)"), 0);
    EXPECT_EQ(ask(signed_request("GET", rows)), 0);
    EXPECT_EQ(at("/result/list/0/positionIdx") + at("/result/list/0/side") + at("/result/list/0/size"),
              "1Buy2");
    EXPECT_EQ(at("/result/list/1/positionIdx") + at("/result/list/1/side") + at("/result/list/1/size"), "20");
    EXPECT_EQ(mode(0), 110024) << "not with a position";
}

TEST_P(BybitEmulatedTest, AClientPlacesQueriesAndCancels)
{
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"1","price":"27.00","orderLinkId":"my-1")"), 0);
    const std::string id = at("/result/orderId");
    EXPECT_EQ(at("/result/orderLinkId"), "my-1");
    const std::string query = fmt::format("category={}&symbol=LINKUSDT&orderId={}", GetParam(), id);
    EXPECT_EQ(ask(signed_request("GET", "/v5/order/realtime?" + query)), 0);
    EXPECT_EQ(at("/result/list/0/orderStatus"), "New");
    EXPECT_EQ(at("/result/list/0/price"), spot() ? "27" : "27.00");
    EXPECT_EQ(at("/result/list/0/timeInForce"), "GTC");
    EXPECT_EQ(ask(signed_request("POST", "/v5/order/cancel",
                                 "{" + category() + R"(,"symbol":"LINKUSDT","orderId":")" + id + "\"}")),
              0);
    EXPECT_EQ(ask(signed_request("GET", "/v5/order/realtime?" + query)), 0);
    EXPECT_EQ(at("/result/list/0/orderStatus"), "Cancelled");
    EXPECT_EQ(ask(signed_request("GET", "/v5/order/realtime?openOnly=0&" + query)), 0);
    EXPECT_EQ(at("/result/list"), "[]");
    EXPECT_EQ(ask(signed_request("GET", "/v5/order/realtime?openOnly=1&" + query)), 0);
    EXPECT_EQ(at("/result/list/0/orderStatus"), "Cancelled");
    EXPECT_EQ(ask(signed_request("POST", "/v5/order/cancel",
                                 "{" + category() + R"(,"symbol":"LINKUSDT","orderId":")" + id + "\"}")),
              spot() ? 170142 : 110001);
    EXPECT_EQ(ask(signed_request("GET", "/v5/account/wallet-balance?accountType=UNIFIED")), 0);
    EXPECT_NE(body_.find("\"coin\":\"USDT\""), std::string::npos);
    EXPECT_EQ(ask(signed_request("GET", "/v5/account/wallet-balance?accountType=SPOT")), 10001);
}

TEST_P(BybitEmulatedTest, AClientAmends)
{
    const auto amend = [&](const std::string& rest) {
        return ask(signed_request("POST", "/v5/order/amend",
                                  "{" + category() + R"(,"symbol":"LINKUSDT",)" + rest + "}"));
    };
    EXPECT_EQ(amend(R"("orderLinkId":"my-1","price":"27.05")"), spot() ? 170213 : 110001);
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"2","price":"27.00","orderLinkId":"my-1")"), 0);
    const std::string id = at("/result/orderId");
    const std::string query =
        fmt::format("/v5/order/realtime?category={}&symbol=LINKUSDT&orderId={}", GetParam(), id);
    EXPECT_EQ(amend(R"("orderLinkId":"my-1","price":"27.05")"), 0);
    EXPECT_EQ(at("/result/orderId"), id);
    EXPECT_EQ(at("/result/orderLinkId"), "my-1");
    EXPECT_EQ(ask(signed_request("GET", query)), 0);
    EXPECT_EQ(at("/result/list/0/orderStatus"), "New");
    EXPECT_EQ(at("/result/list/0/price"), "27.05");
    EXPECT_EQ(at("/result/list/0/qty"), spot() ? "2" : "2.0");
    EXPECT_NE(at("/result/list/0/updatedTime"), at("/result/list/0/createdTime"));
    EXPECT_EQ(amend(R"("orderId":")" + id + R"(","qty":"1.5")"), 0);
    EXPECT_EQ(ask(signed_request("GET", query)), 0);
    EXPECT_EQ(at("/result/list/0/price"), "27.05");
    EXPECT_EQ(at("/result/list/0/qty"), "1.5");
    EXPECT_EQ(at("/result/list/0/orderLinkId"), "my-1");
    street(2700, 2705);
    EXPECT_EQ(amend(R"("orderLinkId":"my-1","price":"27.10")"), spot() ? 170139 : 110001) << "it is filled";
}

TEST_P(BybitEmulatedTest, RefusesToAmendInItsOwnCodes)
{
    ASSERT_EQ(place(R"("orderType":"Limit","qty":"2","price":"27.15","orderLinkId":"my-1")"), 0);
    const auto amend = [&](const std::string& body, std::size_t key = 0) {
        return ask(signed_request("POST", "/v5/order/amend", body, key));
    };
    const auto terms = [&](const std::string& rest) {
        return "{" + category() + R"(,"symbol":"LINKUSDT","orderLinkId":"my-1")" + rest + "}";
    };
    const std::string good = terms(R"(,"price":"27.05")");
    EXPECT_EQ(amend(good, 1), 10005) << "the read-only key";
    EXPECT_EQ(amend(R"({"category":"moon","symbol":"LINKUSDT","orderLinkId":"my-1","price":"27"})"), 10001);
    EXPECT_EQ(amend("{" + category() + R"(,"symbol":"MOONUSDT","orderLinkId":"my-1","price":"27"})"),
              spot() ? 170121 : 10001);
    EXPECT_EQ(amend("{" + category() + R"(,"symbol":"LINKUSDT","price":"27"})"), 10001) << "of which order";
    EXPECT_EQ(amend(terms("")), 10001);
    EXPECT_EQ(amend(terms(R"(,"price":"27.15","qty":"2")")), 10001);
    EXPECT_EQ(at("/retMsg"),
              "The order remains unchanged as the parameters entered match the existing ones.");
    EXPECT_EQ(amend(terms(R"(,"price":"27.055")")), spot() ? 170134 : 10001);
    EXPECT_EQ(amend(terms(R"(,"price":"-1")")), 10001);
    EXPECT_EQ(amend(terms(R"(,"qty":"1.55")")), spot() ? 170137 : 10001);
    EXPECT_EQ(amend(terms(R"(,"qty":"0")")), spot() ? 170136 : 10001);
    EXPECT_EQ(amend(terms(R"(,"qty":"0.1")")), spot() ? 170136 : 10001);
    EXPECT_EQ(amend(terms(R"(,"qty":"0.2","price":"22.00")")), spot() ? 170140 : 110094);
    EXPECT_EQ(amend(terms(R"(,"price":"99.00")")), spot() ? 170193 : 110121);
    if (spot()) {
        EXPECT_EQ(amend(terms(R"(,"qty":"5000")")), 170131);
    }
    // Not emulated.
    EXPECT_EQ(amend(terms(R"(,"price":"27.05","triggerPrice":"27")")), 10001);
    EXPECT_EQ(amend(terms(R"(,"price":"27.05","takeProfit":"0")")), 10001);
    const Level bids[] = {{{2710}, {500}}};
    const Level asks[] = {{{2715}, {5}}};
    exchange().set_street(ListingId{0}, bids, asks, now_);
    exchange().deliver(*venue_, now_, sent_);
    street(2710, 2720);
    EXPECT_EQ(amend(terms(R"(,"qty":"0.5")")), spot() ? 170313 : 110064) << "so much is filled";
    EXPECT_EQ(exchange().orders(kAccount, kNoListing, true).at(0)->amends, 0U);
    exchange().set_halted(ListingId{0}, true);
    EXPECT_EQ(amend(good), spot() ? 170151 : 110074);
    exchange().set_halted(ListingId{0}, false);
    EXPECT_EQ(amend(good), 0);
}

// Ten a second in either market, and one count for both ways of asking; orders are counted apart.
TEST_P(BybitEmulatedTest, CountsAmendsByThemselves)
{
    ASSERT_EQ(place(R"("orderType":"Limit","qty":"2","price":"27.00","orderLinkId":"my-1")"), 0);
    now_ = Timestamp{(now_.ns / seconds(1).ns + 1) * seconds(1).ns};
    log_on(kSession, "/v5/trade");
    const Timestamp second = now_;
    int refused = 0;
    for (int i = 0; i < 12; ++i) {
        now_ = second;
        const std::string args =
            "{" + category() +
            fmt::format(R"(,"symbol":"LINKUSDT","orderLinkId":"my-1","price":"27.0{}"}})", 1 + i % 2);
        if (i % 2 == 0)
            refused += ask(signed_request("POST", "/v5/order/amend", args)) == 10006 ? 1 : 0;
        else
            say(kSession, fmt::format(R"({{"reqId":"{}","header":{{"X-BAPI-TIMESTAMP":"{}"}},)"
                                      R"("op":"order.amend","args":[{}]}})",
                                      i, second.ns / 1'000'000, args));
    }
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(heard(kSession, "\"retCode\":10006"), 1U);
    EXPECT_EQ(heard(kSession, "\"X-Bapi-Limit\":\"10\""), 6U);
    EXPECT_EQ(exchange().orders(kAccount, kNoListing, true).at(0)->amends, 10U);
    now_ = second;
    EXPECT_EQ(place(R"("orderType":"Limit","qty":"2","price":"27.00")"), 0);
}

TEST_P(BybitEmulatedTest, TakesMarketOrders)
{
    // A spot market buy counts quote currency unless told otherwise.
    EXPECT_EQ(place(R"("orderType":"Market","qty":"28")"), 0);
    const std::string target = fmt::format("/v5/execution/list?category={}&symbol=LINKUSDT", GetParam());
    EXPECT_EQ(ask(signed_request("GET", target)), 0);
    EXPECT_EQ(at("/result/list/0/execQty"), spot() ? "1" : "28.0");
    EXPECT_EQ(place(R"("orderType":"Market","qty":"0.5","marketUnit":"baseCoin")"), 0);
    EXPECT_EQ(ask(signed_request("GET", target)), 0);
    EXPECT_EQ(at("/result/list/0/execQty"), "0.5");
}

TEST_P(BybitEmulatedTest, RefusesInItsOwnCodes)
{
    const auto limit = [](std::string_view qty, std::string_view price, std::string_view more = "") {
        return fmt::format(R"("orderType":"Limit","qty":"{}","price":"{}"{})", qty, price, more);
    };
    EXPECT_EQ(place(limit("1", "27.005")), spot() ? 170134 : 10001);
    EXPECT_EQ(place(limit("1.05", "27.00")), spot() ? 170137 : 10001);
    EXPECT_EQ(place(limit("0.1", "27.00")), spot() ? 170136 : 10001);
    EXPECT_EQ(place(limit("0.2", "22.00")), spot() ? 170140 : 110094);
    EXPECT_EQ(place(limit("1", "99.00")), spot() ? 170193 : 110121);
    if (spot()) {
        EXPECT_EQ(place(limit("5000", "27.00")), 170131);
    }
    EXPECT_EQ(place(limit("-1", "27.00")), spot() ? 170136 : 10001);
    EXPECT_EQ(place(limit("1", "x")), 10001);
    EXPECT_EQ(place(limit("1", "27.00", R"(,"timeInForce":"XYZ")")), 10001);
    EXPECT_EQ(place(limit("1", "27.00", R"(,"orderLinkId":"a b")")), 10001);
    EXPECT_EQ(place(limit("1", "27.00", R"(,"orderLinkId":"0123456789012345678901234567890123456")")), 10001);
    EXPECT_EQ(place(limit("1", "27.00", R"(,"orderLinkId":"twice")")), 0);
    EXPECT_EQ(place(limit("1", "27.00", R"(,"orderLinkId":"twice")")), spot() ? 170141 : 110072);
    exchange().set_halted(ListingId{0}, true);
    EXPECT_EQ(place(limit("1", "27.00")), spot() ? 170151 : 110074);
    EXPECT_EQ(exchange().order_count(), 1U);
}

TEST_P(BybitEmulatedTest, VerifiesWhoAsks)
{
    const std::string target = "/v5/account/wallet-balance?accountType=UNIFIED";
    ServerRequest r = signed_request("GET", target);
    EXPECT_EQ(ask(r), 0);
    r = signed_request("GET", target);
    r.target += "&coin=BTC";  // not what was signed
    EXPECT_EQ(ask(r), 10004);
    r = signed_request("GET", target);
    r.headers[0].second = "emulatednobody";
    EXPECT_EQ(ask(r), 10003);
    EXPECT_EQ(ask(request("GET", target)), 10003);
    r = signed_request("GET", target);
    now_ = now_ + milliseconds(5001);
    EXPECT_EQ(ask(r), 10002) << "too old";
    now_ = now_ + milliseconds(1000);
    r = signed_request("GET", target);
    now_ = now_ - milliseconds(1000);
    EXPECT_EQ(ask(r), 10002) << "a second ahead";
    now_ = now_ + milliseconds(2000);
    r = signed_request("GET", target);
    now_ = now_ - milliseconds(999);
    EXPECT_EQ(ask(r), 0);
    EXPECT_EQ(
        ask(signed_request("POST", "/v5/order/cancel-all", "{" + category() + R"(,"symbol":"LINKUSDT"})", 1)),
        10005)
        << "the read-only key";
    keys_[0].revoked = true;
    EXPECT_EQ(ask(signed_request("GET", target)), 10003);
}

TEST_P(BybitEmulatedTest, TellsWhatAKeyMayDo)
{
    EXPECT_EQ(ask(signed_request("GET", "/v5/user/query-api")), 0);
    EXPECT_EQ(at("/result/readOnly"), "0");
    EXPECT_EQ(at("/result/permissions/Wallet"), "[]");
    EXPECT_EQ(at("/result/ips/0"), "127.0.0.1");
    EXPECT_EQ(at("/result/expiredAt"), "1970-01-01T00:00:00Z") << "bound to addresses: no last day";
    keys_[0].ip_allowed.clear();
    keys_[0].created = now_ - seconds(86'400);
    EXPECT_EQ(ask(signed_request("GET", "/v5/user/query-api")), 0);
    EXPECT_EQ(at("/result/ips/0"), "*");
    EXPECT_EQ(at("/result/deadlineDay"), "89");
    EXPECT_EQ(ask(signed_request("GET", "/v5/user/query-api", "", 1)), 0);
    EXPECT_EQ(at("/result/readOnly"), "1");
    keys_[2].ip_allowed = {"127.0.0.1"};
    EXPECT_EQ(ask(signed_request("GET", "/v5/user/query-api", "", 2)), 0);
    EXPECT_NE(at("/result/permissions/Wallet").find("Withdraw"), std::string::npos);
    EXPECT_EQ(at("/result/ips/0"), "127.0.0.1");
    EXPECT_EQ(body_.find(keys_[2].secret), std::string::npos);
}

TEST_P(BybitEmulatedTest, ShutsOutAnAddressThatAsksTooOften)
{
    ServerReply reply;
    for (int i = 0; i < 600; ++i) reply = venue_->on_request(request("GET", "/v5/market/time"), now_, sent_);
    EXPECT_EQ(reply.status, 200);
    reply = venue_->on_request(request("GET", "/v5/market/time"), now_, sent_);
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(reply.body, "access too frequent");
    reply = venue_->on_request(request("GET", "/v5/market/time"), now_ + seconds(599), sent_);
    EXPECT_EQ(reply.status, 403);
    reply = venue_->on_request(request("GET", "/v5/market/time"), now_ + seconds(601), sent_);
    EXPECT_EQ(reply.status, 200);
}

TEST_P(BybitEmulatedTest, KeysAreThrownAwayOnes)
{
    EXPECT_EQ(make_emulated_keys(3, 1)[0].secret, keys_[0].secret) << "the same for the same seed";
    EXPECT_NE(make_emulated_keys(4, 1)[0].secret, keys_[0].secret);
    for (const EmulatedKey& key : keys_) {
        EXPECT_EQ(key.key_id.substr(0, 8), "emulated");
        EXPECT_EQ(key.secret.substr(0, 8), "emulated");
        EXPECT_EQ(key.secret.size(), 36U);
    }
    EXPECT_FALSE(keys_[1].can_trade);
    EXPECT_TRUE(keys_[2].can_withdraw);
}

}  // namespace
}  // namespace arb::bybit::test
