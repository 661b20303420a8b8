// The emulated venue by itself: market trades and the last day, market orders, previews.
#include <gtest/gtest.h>

#include "connectors/coinbase/coinbase.hpp"
#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/signer.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;

class MarketMail final : public SessionOutbox {
  public:
    std::vector<std::string> frames;
    void send(SessionId, std::string text) override { frames.push_back(std::move(text)); }
    void close(SessionId, int, std::string_view) override {}
};

class CoinbaseMarket : public ::testing::Test, protected test::Life<VenueLink> {
  protected:
    void SetUp() override { make_link(FeeTaking::quote, "trade"); }
    ServerReply ask(const std::string& method, const std::string& target, std::string body = "",
                    std::string_view label = "trade")
    {
        ServerRequest request;
        request.method = method;
        request.target = target;
        request.body = std::move(body);
        request.remote = "127.0.0.1";
        const std::string uri = method + " api.coinbase.com" + target.substr(0, target.find('?'));
        for (const EmulatedKey& key : link->keys) {
            if (key.label != label) continue;
            std::string secret = key.secret;
            Result<std::unique_ptr<Signer>> signer = make_signer(Secret::take(secret));
            const std::int64_t second = link->now().ns / 1'000'000'000;
            request.headers.emplace_back("Authorization",
                                         "Bearer " + make_token(**signer, {key.key_id, "00ff", second, uri}));
        }
        const ServerReply reply = link->emulated().on_request(request, link->now(), mail);
        link->exchange().deliver(link->emulated(), link->now(), mail);
        link->run(milliseconds(150));
        return reply;
    }
    std::string order(const std::string& side, const std::string& configuration)
    {
        return ask("POST", "/api/v3/brokerage/orders",
                   R"({"client_order_id":"mine-)" + std::to_string(++placed) +
                       R"(","product_id":"LINK-USD","side":")" + side + R"(","order_configuration":{)" +
                       configuration + "}}")
            .body;
    }
    /// The latest order as the history tells it.
    std::string told() { return ask("GET", "/api/v3/brokerage/orders/historical/batch?limit=1").body; }
    ServerReply preview(const std::string& side, const std::string& configuration,
                        std::string_view label = "trade")
    {
        return ask("POST", "/api/v3/brokerage/orders/preview",
                   R"({"product_id":"LINK-USD","side":")" + side + R"(","order_configuration":{)" +
                       configuration + "}}",
                   label);
    }
    static bool holds(const std::string& text, std::string_view part)
    {
        return text.find(part) != std::string::npos;
    }
    MarketMail mail;
    int placed = 0;
};

TEST_F(CoinbaseMarket, trades_newest_first_with_the_best_prices)
{
    const std::string target = "/api/v3/brokerage/market/products/LINK-USD/ticker";
    const std::string start = ask("GET", target + "?limit=10").body;
    EXPECT_TRUE(start.starts_with(
        R"({"trades":[{"trade_id":"700000000","product_id":"LINK-USD","price":"27.1","size":"0.1","side":"BUY")"))
        << "one of the days before: " << start;
    EXPECT_TRUE(start.ends_with(R"(}],"best_bid":"27.1","best_ask":"27.2"})")) << start;
    ServerRequest upgrade;
    upgrade.target = "/";
    ASSERT_TRUE(link->emulated().on_session(SessionId{99}, upgrade, link->now(), mail));
    link->emulated().on_session_frame(
        SessionId{99}, R"({"type":"subscribe","channel":"market_trades","product_ids":["LINK-USD"]})",
        link->now(), mail);
    EXPECT_TRUE(holds(order("BUY", R"("sor_limit_ioc":{"base_size":"1","limit_price":"27.2"})"), "true"));
    EXPECT_TRUE(holds(order("SELL", R"("sor_limit_ioc":{"base_size":"2","limit_price":"27.1"})"), "true"));
    const std::string first =
        R"({"trade_id":"700000001","product_id":"LINK-USD","price":"27.2","size":"1","side":"SELL")";
    const std::string second =
        R"({"trade_id":"700000002","product_id":"LINK-USD","price":"27.1","size":"2","side":"BUY")";
    const std::string both = ask("GET", target).body;
    EXPECT_TRUE(both.starts_with(R"({"trades":[)" + second)) << both;
    EXPECT_TRUE(holds(both, R"(","bid":"","ask":"","exchange":""},)" + first)) << both;
    std::string heard;
    for (const std::string& frame : mail.frames) heard += frame;
    EXPECT_TRUE(holds(heard, first) && holds(heard, second)) << "under the same numbers: " << heard;
    const std::string one = ask("GET", target + "?limit=1").body;
    EXPECT_TRUE(holds(one, second) && !holds(one, first)) << one;
    EXPECT_TRUE(holds(ask("GET", "/api/v3/brokerage/products/LINK-USD/ticker?limit=1").body, second));
    EXPECT_TRUE(holds(ask("GET", target + "?end=1").body, R"("trades":[])"));
    EXPECT_TRUE(holds(ask("GET", target + "?start=1600000000").body, first));
    EXPECT_EQ(ask("GET", "/api/v3/brokerage/market/products/XYZ-USD/ticker").status, 404);
    EXPECT_EQ(ask("GET", "/api/v3/brokerage/market/products//ticker").status, 404);
    EXPECT_EQ(ask("GET", "/api/v3/brokerage/market/products/a/b/ticker").status, 404);
    for (const char* wrong : {"?limit=x", "?start=-1", "?end=1e5"})
        EXPECT_EQ(ask("GET", target + wrong).status, 400) << wrong;
}

TEST_F(CoinbaseMarket, products_and_tickers_tell_the_last_day)
{
    const std::string target = "/api/v3/brokerage/market/products/LINK-USD";
    const std::string quiet = ask("GET", target).body;
    EXPECT_TRUE(holds(quiet, R"("price":"27.1")")) << "nothing traded: where the book began";
    EXPECT_TRUE(holds(quiet, R"("price_percentage_change_24h":"0","volume_24h":"0")")) << quiet;
    EXPECT_TRUE(holds(order("BUY", R"("sor_limit_ioc":{"base_size":"1","limit_price":"27.2"})"), "true"));
    link->street("27.50", "27.60");
    EXPECT_TRUE(holds(order("BUY", R"("sor_limit_ioc":{"base_size":"2","limit_price":"27.6"})"), "true"));
    const std::string told_of = ask("GET", target).body;
    EXPECT_TRUE(holds(told_of, R"("price":"27.6")"));
    EXPECT_TRUE(holds(told_of, R"("price_percentage_change_24h":"1.47058823","volume_24h":"3")")) << told_of;
    EXPECT_TRUE(holds(told_of, R"("approximate_quote_24h_volume":"82.4")")) << told_of;
    ServerRequest upgrade;
    upgrade.target = "/";
    ASSERT_TRUE(link->emulated().on_session(SessionId{99}, upgrade, link->now(), mail));
    for (const char* channel : {"ticker", "ticker_batch"}) {
        mail.frames.clear();
        link->emulated().on_session_frame(SessionId{99},
                                          std::string(R"({"type":"subscribe","channel":")") + channel + "\"}",
                                          link->now(), mail);
        ASSERT_FALSE(mail.frames.empty());
        EXPECT_TRUE(holds(mail.frames[0],
                          R"({"type":"ticker","product_id":"LINK-USD","price":"27.6","volume_24_h":"3",)"
                          R"("low_24_h":"27.2","high_24_h":"27.6","low_52_w":"27.2","high_52_w":"27.6",)"
                          R"("price_percent_chg_24_h":"1.47058823")"))
            << mail.frames[0];
        EXPECT_EQ(holds(mail.frames[0], R"("best_bid":"27.5","best_bid_quantity":"1000","best_ask":"27.6")"),
                  std::string_view(channel) == "ticker");
    }
}

TEST_F(CoinbaseMarket, a_market_order_is_told_as_it_was_sent)
{
    EXPECT_TRUE(holds(order("BUY", R"("market_market_ioc":{"quote_size":"100"})"),
                      R"("order_configuration":{"market_market_ioc":{"quote_size":"100"}})"));
    const std::string bought = told();
    EXPECT_TRUE(holds(bought, R"("status":"FILLED","time_in_force":"IMMEDIATE_OR_CANCEL")")) << bought;
    EXPECT_TRUE(holds(bought, R"("filled_size":"3.6","average_filled_price":"27.2")")) << bought;
    EXPECT_TRUE(holds(bought, R"("size_in_quote":true)"));
    EXPECT_TRUE(holds(bought, R"("order_type":"MARKET")"));
    EXPECT_TRUE(holds(bought, R"("is_liquidation":false,"leverage":"","margin_type":"UNKNOWN_MARGIN_TYPE")"));
    EXPECT_TRUE(holds(order("SELL", R"("market_market_ioc":{"base_size":"2"})"), R"({"base_size":"2"})"));
    EXPECT_TRUE(holds(told(), R"("filled_size":"2","average_filled_price":"27.1")"));
    EXPECT_TRUE(holds(told(), R"("size_in_quote":false)"));
    const std::pair<const char*, const char*> rows[] = {
        {R"("market_market_ioc":{})", "INVALID_ARGUMENT"},
        {R"("market_market_ioc":{"base_size":"1","quote_size":"27"})", "INVALID_ARGUMENT"},
        {R"("market_market_ioc":{"quote_size":"x"})", "INVALID_ARGUMENT"},
        {R"("market_market_ioc":{"quote_size":"1.001"})", "PREVIEW_INVALID_QUOTE_SIZE_PRECISION"},
        {R"("market_market_ioc":{"quote_size":"0"})", "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"},
        {R"("market_market_ioc":{"quote_size":"-1"})", "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"},
        {R"("market_market_ioc":{"quote_size":"1"})", "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"},
        {R"("market_market_ioc":{"base_size":"0.05"})", "PREVIEW_INVALID_SIZE_PRECISION"},
        {R"("market_market_ioc":{"quote_size":"99999999"})", "PREVIEW_INSUFFICIENT_FUND"},
        {R"("market_market_fok":{"base_size":"1"})", "UNSUPPORTED_ORDER_CONFIGURATION"},
    };
    for (const auto& [configuration, word] : rows)
        EXPECT_TRUE(holds(order("BUY", configuration), word)) << configuration;
    // More than there is: the rest does not wait.
    EXPECT_TRUE(holds(order("BUY", R"("market_market_ioc":{"base_size":"2000"})"), "\"success\":true"));
    EXPECT_TRUE(holds(told(), R"("status":"CANCELLED")") && holds(told(), R"("filled_size":"996.4")"))
        << told();
    EXPECT_TRUE(holds(order("BUY", R"("market_market_ioc":{"base_size":"1"})"), "INVALID_NO_LIQUIDITY"));
}

TEST_F(CoinbaseMarket, previews_tell_the_cost_and_place_nothing)
{
    const std::string limit = R"("limit_limit_gtc":{"base_size":"10","limit_price":"27.00"})";
    EXPECT_EQ(
        preview("BUY", limit).body,
        R"({"order_total":"270.27","commission_total":"0.27","errs":[],"warning":[],"quote_size":"270",)"
        R"("base_size":"10","best_bid":"27.1","best_ask":"27.2","is_max":false,"order_margin_total":"0",)"
        R"("leverage":"0","long_leverage":"0","short_leverage":"0","slippage":"0",)"
        R"("preview_id":"8d1f0c2e-5b7a-4000-8000-000000000001"})");
    EXPECT_TRUE(holds(preview("SELL", limit).body, R"("order_total":"269.73")"));
    EXPECT_TRUE(holds(preview("BUY", R"("market_market_ioc":{"quote_size":"100"})").body,
                      R"("quote_size":"100","base_size":"3.6")"));
    EXPECT_TRUE(holds(preview("BUY", limit, "read").body, R"("errs":[])")) << "looking is enough";
    const std::pair<const char*, const char*> rows[] = {
        {R"("limit_limit_gtc":{"base_size":"10","limit_price":"27.001"})", "PREVIEW_INVALID_PRICE_PRECISION"},
        {R"("limit_limit_gtc":{"base_size":"0.05","limit_price":"27"})", "PREVIEW_INVALID_SIZE_PRECISION"},
        {R"("limit_limit_gtc":{"base_size":"0.1","limit_price":"5"})",
         "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"},
        {R"("limit_limit_gtc":{"base_size":"9000","limit_price":"27"})", "PREVIEW_INSUFFICIENT_FUND"},
        {R"("limit_limit_gtc":{"base_size":"1","limit_price":"27.2","post_only":true})",
         "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"},
    };
    for (const auto& [configuration, word] : rows) {
        const std::string body = preview("BUY", configuration).body;
        EXPECT_TRUE(holds(body, std::string(R"("errs":[")") + word + "\"]")) << configuration << body;
        EXPECT_TRUE(holds(body, R"("preview_id":"")"));
    }
    EXPECT_EQ(preview("BUY", R"("limit_limit_gtd":{"base_size":"1"})").status, 400);
    EXPECT_EQ(preview("UP", limit).status, 400);
    EXPECT_EQ(ask("POST", "/api/v3/brokerage/orders/preview", "x").status, 400);
    link->exchange().set_halted(ListingId{0}, true);
    EXPECT_TRUE(holds(preview("BUY", limit).body, "PREVIEW_NOT_ALLOWED_BY_MARKET_STATE"));
    EXPECT_EQ(link->exchange().order_count(), 0U);
}

}  // namespace
}  // namespace arb::coinbase
