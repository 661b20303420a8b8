// What the signer process reads from this venue's signed texts: those that our own encoder has signed, the
// published examples, and ways to move money, which no policy can allow.
#include "connectors/binance/signed_text.hpp"

#include <gtest/gtest.h>

#include "connectors/binance/encoder.hpp"
#include "connectors/binance/test_support.hpp"
#include "engine/keys/signer_policy.hpp"

namespace arb::binance {
namespace {

using arb::Refusal;

/// Keeps what it is asked to sign.
struct RecordingSigner final : Signer {
    std::string text;
    KeyAlgorithm kind = KeyAlgorithm::hmac_sha256;
    KeyAlgorithm algorithm() const override { return kind; }
    bool sign(std::string_view message, Signature& out) override
    {
        text = message;
        out.size = kind == KeyAlgorithm::hmac_sha256 ? 32 : 64;
        return true;
    }
};

std::optional<RequestView> view_of(std::string_view text, std::string key_id = "testkey")
{
    RequestView view;
    view.key_id = std::move(key_id);
    if (!read_signed_text(text, view)) return std::nullopt;
    return view;
}

/// "order POST /order"; empty when not understood.
std::string said(std::string_view text)
{
    const auto view = view_of(text);
    return view ? std::string(name(view->kind)) + " " + view->method + " " + view->path : std::string();
}

/// A policy that allows as much as can be written down.
Refusal judged(std::string_view text, std::initializer_list<const char*> endpoints)
{
    KeyPolicy policy;
    for (const char* endpoint : endpoints) EXPECT_FALSE(policy.add_endpoint(endpoint)) << endpoint;
    EXPECT_FALSE(policy.set_orders_per_second(1'000));
    policy.allow_sessions(true);
    policy.allow_unseen_orders(true);
    const auto view = view_of(text);
    if (!view) return Refusal::not_understood;
    return policy.judge(*view, {{1'700'000'000'000'000'000}, {1}});
}

void expect_strict(const std::string& text)
{
    ASSERT_TRUE(view_of(text)) << text;
    // Cut anywhere it is another text; whatever it says then, it crashes nothing and is no longer the same.
    for (std::size_t size = 0; size < text.size(); ++size) (void)view_of(text.substr(0, size));
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char c : {'\0', '\n', '"', '&', '{', '%', '\x80'}) {
            std::string other = text;
            other[i] = c;
            (void)view_of(other);
        }
    }
    EXPECT_FALSE(view_of(text + std::string(kSignedTextMax, 'x')));
    EXPECT_FALSE(view_of(""));
}

constexpr OrderId kOrder = make_order_id(7, 1);

class BinanceSignedText : public ::testing::Test {
  protected:
    BinanceSignedText()
    {
        credentials_.key_id = "testkey";
        auto signer = std::make_unique<RecordingSigner>();
        signer_ = signer.get();
        credentials_.signer = std::move(signer);
    }
    const Listing& listing() const { return table_.listing(ListingId{0}); }
    std::string request(std::string_view method, std::string_view path, std::string query)
    {
        const Encoder encoder(Market::spot, credentials_);
        EXPECT_TRUE(encoder.signed_request(method, path, std::move(query), 1'645'423'376'532));
        return signer_->text;
    }

    InstrumentTable table_ = test::table_of("spot");
    Credentials credentials_;
    RecordingSigner* signer_ = nullptr;
};

TEST_F(BinanceSignedText, orders_of_our_encoder)
{
    Encoder encoder(Market::spot, credentials_);
    OrderIntent wish;
    wish.listing = ListingId{0};
    wish.side = Side::sell;
    wish.price = {5'200'010};
    wish.quantity = {1'000};
    for (const TimeInForce tif :
         {TimeInForce::ioc, TimeInForce::fok, TimeInForce::gtc, TimeInForce::post_only}) {
        wish.time_in_force = tif;
        ASSERT_FALSE(encoder.place(5, listing(), kOrder, wish, 1'645'423'376'532).empty());
        const auto view = view_of(signer_->text);
        ASSERT_TRUE(view) << signer_->text;
        EXPECT_EQ(view->kind, SignedKind::order);
        EXPECT_EQ(view->path, "/order");
        EXPECT_FALSE(view->path_signed);
        EXPECT_TRUE(view->content_signed);
        ASSERT_EQ(view->orders.size(), 1U);
        EXPECT_EQ(view->orders[0].instrument, "BTCUSDT");
        EXPECT_EQ(view->orders[0].quantity.text(), "0.01");
        EXPECT_EQ(view->orders[0].price->text(), "52000.1");
        expect_strict(signer_->text);
    }
    EXPECT_FALSE(view_of(signer_->text, "otherkey")) << "signed for another key";
    EXPECT_FALSE(view_of(signer_->text, ""));
}

TEST_F(BinanceSignedText, the_rest_of_our_encoder)
{
    Encoder encoder(Market::spot, credentials_);
    (void)encoder.cancel(4, listing(), kOrder, "", 9);
    EXPECT_EQ(said(signer_->text), "cancel DELETE /order");
    (void)encoder.cancel(4, listing(), kOrder, "12345", 9);
    EXPECT_EQ(said(signer_->text), "cancel DELETE /order");
    (void)encoder.subscribe(1, 9);
    EXPECT_EQ(said(signer_->text), "session WS /session.logon");
    (void)encoder.account_state(1, 9);
    EXPECT_EQ(said(signer_->text), "session WS /session.logon");
    EXPECT_EQ(said(request("GET", "/api/v3/account", "")), "query GET /account");
    const std::string symbol = Encoder::symbol_query(listing());
    EXPECT_EQ(said(request("GET", "/api/v3/account/commission", symbol)), "cancel DELETE /openOrders");
    EXPECT_EQ(said(request("DELETE", "/api/v3/openOrders", symbol)), "cancel DELETE /openOrders");
    EXPECT_EQ(said(request("GET", "/api/v3/myTrades", symbol + "&fromId=5&limit=1000")), "query GET /trades");
    EXPECT_EQ(said(request("GET", "/api/v3/myTrades", symbol + "&startTime=1&endTime=2&limit=1000")),
              "query GET /trades");
    EXPECT_EQ(said(request("GET", "/api/v3/allOrders", symbol + "&orderId=1&limit=1000")),
              "query GET /trades");
    EXPECT_EQ(said(request("GET", "/api/v3/order", symbol + "&orderId=5")), "cancel DELETE /order");
    EXPECT_EQ(said(request("POST", "/fapi/v1/countdownCancelAll", symbol + "&countdownTime=60000")),
              "cancel POST /countdownCancelAll");
}

TEST(BinanceSignedTexts, published_examples)
{
    const auto rest = view_of(
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
        "timestamp=1499827319559");
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->orders.at(0).instrument, "LTCBTC");
    EXPECT_EQ(rest->orders.at(0).quantity.text(), "1");
    const auto unicode = view_of(
        "symbol=%EF%BC%91%EF%BC%92&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
        "timestamp=1499827319559");
    ASSERT_TRUE(unicode);
    EXPECT_EQ(unicode->orders.at(0).instrument, "\xEF\xBC\x91\xEF\xBC\x92");
    EXPECT_EQ(
        said("apiKey=testkey&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&"
             "timeInForce=GTC&timestamp=1645423376532&type=LIMIT"),
        "order POST /order");
    EXPECT_EQ(said("apiKey=testkey&timestamp=1649729878532"), "session WS /session.logon");
}

TEST(BinanceSignedTexts, ways_out_and_what_is_not_understood)
{
    for (const char* text :
         {"coin=BTC&address=1A1z&amount=1&timestamp=1",
          "coin=USDT&network=TRX&address=T1&amount=5&timestamp=1",
          "type=MAIN_UMFUTURE&asset=USDT&amount=100&timestamp=1",
          "asset=USDT&amount=5&type=1&timestamp=1",
          "toEmail=a%40b.c&fromAccountType=SPOT&toAccountType=SPOT&asset=BTC&amount=1&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=1&address=1A1z&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=100&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&quoteOrderQty=100&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=STOP_LOSS_LIMIT&quantity=1&price=1&stopPrice=2&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=1&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=1&quantity=100&timestamp=1",
          "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=1",
          "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=1&timestamp=x",
          "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1e3&price=1&timestamp=1",
          "symbol=BTCUSDT&side=HOLD&type=LIMIT&quantity=1&price=1&timestamp=1",
          "timestamp=1&leverage=100",
          "symbol=BTCUSDT&leverage=125&timestamp=1",
          "listenKey=abc&timestamp=1",
          "recvWindow=60001&",
          "{}",
          "timestamp=1&recvWindow=600000",
          "amount=1&timestamp=1"}) {
        EXPECT_EQ(judged(text, {"POST /order", "DELETE /order", "DELETE /openOrders", "GET /account",
                                "GET /trades", "WS /session.logon"}),
                  Refusal::not_understood)
            << text;
    }
}

}  // namespace
}  // namespace arb::binance
