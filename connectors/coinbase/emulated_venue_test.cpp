// The emulated venue by itself, spoken to as any client of Coinbase would: paths, errors, subscriptions,
// pages, and bytes that are no requests.
#include "connectors/coinbase/emulated_venue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "connectors/coinbase/instruments.hpp"
#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/signer.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;

class Mail final : public SessionOutbox {
  public:
    std::vector<std::string> frames, closed;
    void send(SessionId, std::string text) override { frames.push_back(std::move(text)); }
    void close(SessionId, int, std::string_view reason) override { closed.emplace_back(reason); }
    std::vector<std::string> taken() { return std::exchange(frames, {}); }
};

class CoinbaseEmulatedVenue : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override { make_link(FeeTaking::quote, GetParam()); }
    std::string token(std::string_view uri, std::string_view label = "trade")
    {
        for (const EmulatedKey& key : link->keys) {
            if (key.label != label) continue;
            std::string secret = key.secret;
            Result<std::unique_ptr<Signer>> signer = make_signer(Secret::take(secret));
            return make_token(**signer, {key.key_id, "00ff", link->now().ns / 1'000'000'000, uri});
        }
        return {};
    }
    ServerReply ask(const std::string& method, const std::string& target, std::string body = "",
                    std::string_view label = "trade")
    {
        ServerRequest request;
        request.method = method;
        request.target = target;
        request.body = std::move(body);
        request.remote = "127.0.0.1";
        request.headers.emplace_back("Host", "127.0.0.1:8443");
        const std::string path = target.substr(0, target.find('?'));
        // A client that was given another address signs that address.
        request.headers.emplace_back("Authorization",
                                     "Bearer " + token(method + " 127.0.0.1:8443" + path, label));
        return link->emulated().on_request(request, link->now(), mail);
    }
    void connect(std::string_view host = "advanced-trade-ws.coinbase.com")
    {
        ServerRequest upgrade;
        upgrade.target = "/";
        upgrade.headers.emplace_back("Host", host);
        ASSERT_TRUE(link->emulated().on_session(SessionId{1}, upgrade, link->now() + later, mail));
    }
    std::vector<std::string> say(const std::string& text)
    {
        link->emulated().on_session_frame(SessionId{1}, text, link->now() + later, mail);
        return mail.taken();
    }
    static bool holds(const std::string& text, std::string_view part)
    {
        return text.find(part) != std::string::npos;
    }

    Mail mail;
    Duration later;  ///< what the sessions' clock is ahead of the link's, which must not run meanwhile
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseEmulatedVenue, ::testing::Values("trade"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseEmulatedVenue, its_product_list_is_read_back)
{
    const std::string path = "/api/v3/brokerage/market/products";
    const ServerReply reply = ask("GET", path + "?product_type=SPOT");
    ASSERT_EQ(reply.status, 200);
    const auto read = read_instruments("spot", "https://api.coinbase.com" + path, reply.body);
    ASSERT_TRUE(read);
    ASSERT_EQ(read.value().size(), 1U);
    EXPECT_EQ(read.value()[0].to_line(), test::link_usd().to_line());
    EXPECT_EQ(type().instrument_urls("spot"), std::vector<std::string>{"https://api.coinbase.com" + path});
    link->exchange().set_halted(ListingId{0}, true);
    const auto halted = read_instruments("spot", "https://api.coinbase.com" + path, ask("GET", path).body);
    EXPECT_EQ(halted.value().at(0).status, ListingStatus::halted);
    EXPECT_TRUE(holds(ask("GET", path + "?product_type=FUTURE").body, "\"products\":[]"));
    EXPECT_EQ(ask("GET", path + "/LINK-USD").status, 200);
    EXPECT_EQ(ask("GET", path + "/XYZ-USD").status, 404);
}

TEST_P(CoinbaseEmulatedVenue, what_a_strange_client_needs)
{
    EXPECT_TRUE(holds(ask("GET", "/api/v3/brokerage/time").body, "\"epochMillis\":\"1700000000000\""));
    EXPECT_TRUE(holds(ask("GET", "/v2/currencies/crypto").body, "\"code\":\"LINK\""));
    EXPECT_EQ(ask("GET", "/api/v3/brokerage/product_book?product_id=LINK-USD&limit=1").body,
              R"({"pricebook":{"product_id":"LINK-USD","bids":[{"price":"27.1","size":"1000"}],)"
              R"("asks":[{"price":"27.2","size":"1000"}],"time":"2023-11-14T22:13:20.000000Z"}})");
    EXPECT_TRUE(holds(ask("GET", "/api/v3/brokerage/best_bid_ask").body, "LINK-USD"));
    EXPECT_TRUE(
        holds(ask("GET", "/api/v3/brokerage/transaction_summary").body, R"("taker_fee_rate":"0.001")"));
    EXPECT_EQ(ask("GET", "/api/v3/brokerage/key_permissions", "", "withdraw").body,
              R"({"can_view":true,"can_trade":true,"can_transfer":true,"portfolio_uuid":"portfolio-1",)"
              R"("portfolio_type":"DEFAULT"})");
    const ServerReply page = ask("GET", "/api/v3/brokerage/accounts?limit=1");
    EXPECT_TRUE(holds(page.body, R"("has_next":true,"cursor":"1")"));
    EXPECT_TRUE(holds(ask("GET", "/api/v3/brokerage/accounts?limit=1&cursor=1").body, R"("has_next":false)"));
    EXPECT_EQ(ask("GET", "/api/v3/brokerage/accounts/wallet-1-USD").status, 200);
    EXPECT_EQ(link->emulated().addresses("localhost:1").size(), 3U);
    link->run(seconds(1));
    // The older interface, which some clients still ask first.
    EXPECT_TRUE(holds(ask("GET", "/v2/time").body, "\"epoch\":17000000"));
    EXPECT_TRUE(holds(ask("GET", "/v2/exchange-rates?currency=USD").body, R"("USD":"1","LINK":"0.0367)"));
    EXPECT_TRUE(holds(ask("GET", "/v2/accounts").body, R"("balance":{"amount":"100000","currency":"USD"})"));
}

TEST_P(CoinbaseEmulatedVenue, channels_that_speak_every_five_seconds)
{
    connect();
    const std::string status =
        say(R"({"type":"subscribe","channel":"status","product_ids":["LINK-USD"]})").at(0);
    EXPECT_TRUE(holds(status, R"("channel":"status")") && holds(status, R"("status":"online")")) << status;
    EXPECT_TRUE(holds(status, R"("id":"LINK-USD","base_currency":"LINK","quote_currency":"USD")")) << status;
    EXPECT_TRUE(holds(say(R"({"type":"subscribe","channel":"ticker_batch"})").at(0), R"("type":"ticker")"));
    link->exchange().set_halted(ListingId{0}, true);
    link->emulated().on_tick(link->now() + seconds(4), mail);
    EXPECT_TRUE(mail.taken().empty());
    link->emulated().on_tick(link->now() + seconds(5), mail);
    const std::vector<std::string> frames = mail.taken();
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_TRUE(holds(frames[0], R"("status":"offline")")) << frames[0];
}

TEST_P(CoinbaseEmulatedVenue, an_alias_is_published_under_its_target)
{
    ListingDefinition d = test::link_usd();
    d.symbol = "LINK-USDC";
    d.quote = "USDC";
    d.code = "LINK-USD";
    link = std::make_unique<VenueLink>(type(), "spot", std::vector<ListingDefinition>{d}, FeeTaking::quote,
                                       GetParam());
    link->deposit("USDC", "1000");
    link->street("27.10", "27.20");
    const std::string path = "/api/v3/brokerage/market/products";
    const auto read = read_instruments("spot", "https://api.coinbase.com" + path, ask("GET", path).body);
    ASSERT_EQ(read.value().size(), 2U);
    EXPECT_EQ(read.value()[0].to_line(), d.to_line());
    EXPECT_EQ(read.value()[1].symbol, "LINK-USD");
    EXPECT_EQ(read.value()[1].status, ListingStatus::halted) << "view_only";
    connect();
    const auto frames = say(R"({"type":"subscribe","channel":"level2","product_ids":["LINK-USDC"]})");
    EXPECT_TRUE(holds(frames.at(0), R"("product_id":"LINK-USD","updates")")) << frames[0];
    EXPECT_TRUE(holds(frames.at(1), R"({"level2":["LINK-USD"]})")) << frames[1];
    const auto order = [this](const std::string& product) {
        return ask("POST", "/api/v3/brokerage/orders",
                   R"({"client_order_id":")" + product + R"(","product_id":")" + product +
                       R"(","side":"BUY","order_configuration":{"sor_limit_ioc":)"
                       R"({"base_size":"1","limit_price":"27.2"}}})")
            .body;
    };
    EXPECT_TRUE(holds(order("LINK-USD"), "account is not available"));
    const std::string looked =
        R"({"product_id":"LINK-USD","side":"BUY","order_configuration":{"limit_limit_gtc":)"
        R"({"base_size":"1","limit_price":"27.00"}}})";
    EXPECT_EQ(ask("POST", "/api/v3/brokerage/orders/preview", looked).status, 400) << "previews know it, too";
    EXPECT_TRUE(holds(order("LINK-USDC"), "\"success\":true"));
}

TEST_P(CoinbaseEmulatedVenue, products_come_in_pages)
{
    link = std::make_unique<VenueLink>(type(), "spot", std::vector<ListingDefinition>{test::link_usd()},
                                       FeeTaking::quote, GetParam(), 7, true, true);
    std::vector<std::string> symbols;
    std::string url = type().instrument_urls("spot").at(0) + "?limit=1";
    for (int page = 0; page < 5 && !url.empty(); ++page) {
        const ServerReply reply = ask("GET", url.substr(url.find("/api/")));
        const auto read = read_instruments("spot", url, reply.body);
        ASSERT_TRUE(read);
        for (const ListingDefinition& d : read.value()) {
            symbols.push_back(d.symbol + " " + d.quantity_min.text() + " " + name(d.status));
        }
        url = type().next_instrument_url(url, reply.body);
        if (!url.empty()) url += "&limit=1";
    }
    EXPECT_EQ(symbols, (std::vector<std::string>{"LINK-USD 0.1 trading", "DAWN-USD 27 halted"}));
}

TEST_P(CoinbaseEmulatedVenue, a_market_order_by_money)
{
    const ServerReply reply = ask("POST", "/api/v3/brokerage/orders",
                                  R"({"client_order_id":"mine","product_id":"LINK-USD","side":"BUY",)"
                                  R"("order_configuration":{"market_market_ioc":{"quote_size":"272"}}})");
    ASSERT_TRUE(holds(reply.body, "\"success\":true")) << reply.body;
    const std::string list = ask("GET", "/api/v3/brokerage/orders/historical/batch").body;
    EXPECT_TRUE(holds(list, R"("status":"FILLED")"));
    EXPECT_TRUE(holds(list, R"("filled_size":"10","average_filled_price":"27.2")")) << list;
    EXPECT_TRUE(holds(list, "market_market_ioc"));
}

TEST_P(CoinbaseEmulatedVenue, requests_that_are_refused)
{
    const auto refused = [&](const std::string& method, const std::string& target, std::string body,
                             int status, std::string_view label = "trade") {
        const ServerReply reply = ask(method, target, body, label);
        EXPECT_EQ(reply.status, status) << target << " " << body << " " << reply.body;
        link->run(milliseconds(100));
    };
    const std::string orders = "/api/v3/brokerage/orders";
    refused("GET", "/nowhere", "", 404);
    refused("DELETE", orders, "", 404);
    refused("GET", "/api/v3/brokerage/accounts", "", 401, "nobody");
    refused("GET", "/api/v3/brokerage/accounts?x=%zz", "", 400);
    refused("POST", orders, "{}", 403, "read");
    for (
        const char* body :
        {"", "x", "[]", "{}", R"({"client_order_id":"a"})",
         R"({"client_order_id":7,"product_id":"LINK-USD"})",
         R"({"client_order_id":"a","product_id":"LINK-USD","side":"BUY"})",
         R"({"client_order_id":"a","product_id":"LINK-USD","side":"BUY","order_configuration":{}})",
         R"({"client_order_id":"a","product_id":"LINK-USD","side":"BUY","order_configuration":{"limit_limit_gtc":7}})",
         R"({"client_order_id":"a","product_id":"LINK-USD","side":"BUY","order_configuration":{"limit_limit_gtc":{}}})",
         R"({"client_order_id":"a","product_id":"LINK-USD","side":"BUY","order_configuration":)"
         R"({"limit_limit_gtc":{"base_size":"1","limit_price":"1e5"}}})"})
        refused("POST", orders, body, 400);
    for (const char* body : {"", "{}", R"({"order_ids":[]})", R"({"order_ids":[7]})", R"({"order_ids":"a"})"})
        refused("POST", orders + "/batch_cancel", body, 400);
    refused("POST", orders, std::string(70'000, ' '), 413);
    refused("GET", orders + "/historical/0e3017a7-ed00-4000-8000-0000000f4241", "", 404);
    refused("GET", orders + "/historical/x", "", 404);
    refused("GET", orders + "/historical/batch?order_status=OPEN&order_status=FILLED", "", 200);
    EXPECT_EQ(link->exchange().order_count(), 0U);
    EXPECT_TRUE(holds(ask("POST", orders + "/batch_cancel", R"({"order_ids":["a","a"]})").body,
                      "DUPLICATE_CANCEL_REQUEST"));
}

TEST_P(CoinbaseEmulatedVenue, tokens_that_are_none)
{
    ServerRequest request;
    request.method = "GET";
    request.target = "/api/v3/brokerage/accounts";
    const std::string good = token("GET api.coinbase.com/api/v3/brokerage/accounts");
    const auto status = [&](const std::string& header) {
        request.headers = {{"Authorization", header}};
        const int got = link->emulated().on_request(request, link->now(), mail).status;
        link->run(milliseconds(100));
        return got;
    };
    EXPECT_EQ(status("Bearer " + good), 200);
    for (const std::string& bad :
         {std::string(), good, std::string("Bearer "), std::string("Bearer ..."), "Bearer " + good + "A",
          "Bearer " + good.substr(0, good.rfind('.')), "Bearer " + std::string(9'000, 'a'),
          "Bearer " + good.substr(good.find('.')), std::string("Bearer a.b.c")})
        EXPECT_EQ(status(bad), 401) << bad;
    for (std::size_t i = 0; i < good.size(); i += 7) {
        std::string changed = good;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        if (changed != good) {
            EXPECT_EQ(status("Bearer " + changed), 401) << i;
        }
    }
}

TEST_P(CoinbaseEmulatedVenue, subscriptions_and_their_errors)
{
    connect();
    std::vector<std::string> frames =
        say(R"({"type":"subscribe","channel":"level2","product_ids":["LINK-USD"]})");
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_TRUE(holds(frames[0], R"("channel":"l2_data")") && holds(frames[0], R"("sequence_num":0)"));
    EXPECT_TRUE(holds(frames[0], R"("side":"offer")") && holds(frames[0], R"("type":"snapshot")"));
    EXPECT_TRUE(holds(frames[1], R"("sequence_num":1,"events":[{"subscriptions":{"level2":["LINK-USD"]}}])"));
    const Level asks[] = {{link->price("27.30"), link->quantity("5")}};
    link->exchange().set_street(ListingId{0}, {}, asks, link->now());
    link->exchange().deliver(link->emulated(), link->now(), mail);
    frames = mail.taken();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_TRUE(holds(frames[0], R"("sequence_num":2,"events":[{"type":"update","product_id":"LINK-USD")"));
    EXPECT_TRUE(holds(frames[0], R"("price_level":"27.1","new_quantity":"0")"));
    EXPECT_TRUE(holds(frames[0], R"("price_level":"27.3","new_quantity":"5")"));
    EXPECT_TRUE(holds(say(R"({"type":"unsubscribe","channel":"level2","product_ids":["LINK-USD"]})").back(),
                      R"({"subscriptions":{}})"));
    later.ns += seconds(1).ns;
    for (const char* bad :
         {"", "x", "[]", "{}", R"({"type":"subscribe"})", R"({"type":"dance","channel":"level2"})",
          R"({"type":"subscribe","channel":"level3"})",
          R"({"type":"subscribe","channel":"level2","product_ids":["XYZ-USD"]})"}) {
        frames = say(bad);
        later.ns += seconds(1).ns;
        connect();
        ASSERT_EQ(frames.size(), 1U) << bad;
        EXPECT_TRUE(frames[0].starts_with(R"({"type":"error")")) << frames[0];
    }
    EXPECT_EQ(say(R"({"type":"subscribe","channel":"user"})").at(0),
              R"({"type":"error","message":"authentication failure"})");
    connect("advanced-trade-ws-user.coinbase.com");
    EXPECT_EQ(say(R"({"type":"subscribe","channel":"heartbeats"})").at(0),
              R"({"type":"error","message":"authentication failure"})");
    ServerRequest upgrade;
    upgrade.target = "/ws";
    EXPECT_FALSE(link->emulated().on_session(SessionId{2}, upgrade, link->now(), mail));
}

TEST_P(CoinbaseEmulatedVenue, a_session_that_says_nothing_is_closed)
{
    connect();
    link->emulated().on_tick(link->now() + seconds(4), mail);
    EXPECT_TRUE(mail.closed.empty());
    link->emulated().on_tick(link->now() + seconds(5), mail);
    EXPECT_EQ(mail.closed.size(), 1U);
    link->emulated().on_session_frame(SessionId{1}, "{}", link->now(), mail);  // nobody's any more
    EXPECT_TRUE(mail.taken().empty());
}

TEST_P(CoinbaseEmulatedVenue, nine_messages_in_a_second_are_too_many)
{
    connect();
    for (int i = 0; i < 8; ++i) say(R"({"type":"subscribe","channel":"status"})");
    EXPECT_EQ(say(R"({"type":"subscribe","channel":"status"})").at(0),
              R"({"type":"error","message":"rate limit exceeded"})");
}

TEST_P(CoinbaseEmulatedVenue, open_orders_come_in_batches_of_fifty)
{
    for (int i = 0; i < 50; ++i) {
        PlaceOrder order;
        order.account = VenueLink::kAccount;
        order.listing = ListingId{0};
        order.client_id = "order-" + std::to_string(i);
        order.price = link->price("27.00");
        order.quantity = link->quantity("1");
        link->exchange().place(order, link->now());
    }
    connect("advanced-trade-ws-user.coinbase.com");
    const std::vector<std::string> frames =
        say(R"({"type":"subscribe","channel":"user","jwt":")" + token("") + "\"}");
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_TRUE(holds(frames[0], "order-49"));
    EXPECT_TRUE(holds(frames[1], R"("orders":[])"));  // fewer than fifty: the last
    EXPECT_TRUE(holds(frames[2], R"("user":["user-1"])"));
}

TEST_P(CoinbaseEmulatedVenue, a_key_asks_ten_thousand_times_an_hour)
{
    const char* const path = "/api/v3/brokerage/key_permissions";
    for (int i = 0; i < 10'000; ++i) {
        if (i % 30 == 0) link->run(seconds(1));
        ASSERT_EQ(ask("GET", path).status, 200) << i;
    }
    link->run(seconds(1));
    EXPECT_EQ(ask("GET", path).status, 429);
    EXPECT_EQ(ask("GET", path, "", "read").status, 200) << "another key";
    link->run(seconds(3'600));
    EXPECT_EQ(ask("GET", path).status, 200) << "another hour";
}

TEST_P(CoinbaseEmulatedVenue, any_byte_changed_never_crashes)
{
    const std::string order =
        R"({"client_order_id":"a","product_id":"LINK-USD","side":"BUY","order_configuration":)"
        R"({"market_market_ioc":{"quote_size":"272","base_size":"1"}}})";
    const std::string frame = R"({"type":"subscribe","channel":"ticker","product_ids":["LINK-USD"]})";
    for (std::size_t i = 0; i < std::max(order.size(), frame.size()); ++i) {
        for (const char c : {'\0', '"', '{', ']', '9', '-', '\xff'}) {
            std::string changed = order;
            if (i < changed.size()) changed[i] = c;
            const ServerReply reply = ask("POST", "/api/v3/brokerage/orders", changed);
            ASSERT_TRUE(reply.status == 200 || reply.status == 400 || reply.status == 429) << reply.status;
            connect();
            changed = frame;
            if (i < changed.size()) changed[i] = c;
            later.ns += seconds(1).ns;
            ASSERT_FALSE(say(changed).empty());
        }
    }
}

}  // namespace
}  // namespace arb::coinbase
