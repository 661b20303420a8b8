// What the signer process reads from this venue's signed texts: those that our own encoder has signed, the
// published examples, and ways to move money, which no policy can allow.
#include "connectors/binance/signed_text.hpp"

#include <gtest/gtest.h>

#include "connectors/binance/encoder.hpp"
#include "connectors/binance/test_support.hpp"
#include "tests/support/signed_text.hpp"

namespace arb::binance {
namespace {

using arb::Refusal;
using arb::test::RecordingSigner;

const arb::test::SignedTextReader kReader{read_signed_text};

constexpr OrderId kSignedTextOrder = make_order_id(7, 1);

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
        ASSERT_FALSE(encoder.place(5, listing(), kSignedTextOrder, wish, 1'645'423'376'532).empty());
        const auto view = kReader.view_of(signer_->text);
        ASSERT_TRUE(view) << signer_->text;
        EXPECT_EQ(view->kind, SignedKind::order);
        EXPECT_EQ(view->path, "/order");
        EXPECT_FALSE(view->path_signed);
        EXPECT_TRUE(view->content_signed);
        ASSERT_EQ(view->orders.size(), 1U);
        EXPECT_EQ(view->orders[0].instrument, "BTCUSDT");
        EXPECT_EQ(view->orders[0].quantity.text(), "0.01");
        EXPECT_EQ(view->orders[0].price->text(), "52000.1");
        kReader.expect_strict(signer_->text);
    }
    EXPECT_FALSE(kReader.view_of(signer_->text, "otherkey")) << "signed for another key";
    EXPECT_FALSE(kReader.view_of(signer_->text, ""));
}

TEST_F(BinanceSignedText, amends_of_our_encoder_change_an_order_and_tell_its_amounts)
{
    Encoder encoder(Market::usdm, credentials_);
    OrderIntent wish;
    wish.listing = ListingId{0};
    wish.side = Side::sell;
    wish.time_in_force = TimeInForce::post_only;
    wish.price = {5'200'010};
    wish.quantity = {1'000};
    for (const char* venue_id : {"8886774", ""}) {
        ASSERT_FALSE(
            encoder.amend(5, listing(), kSignedTextOrder, venue_id, wish, 1'645'423'376'532).empty());
        const auto view = kReader.view_of(signer_->text);
        ASSERT_TRUE(view) << signer_->text;
        EXPECT_EQ(view->kind, SignedKind::order);
        EXPECT_EQ(view->method, "PUT");
        EXPECT_EQ(view->path, "/order");
        EXPECT_FALSE(view->path_signed);
        EXPECT_TRUE(view->content_signed);
        ASSERT_EQ(view->orders.size(), 1U);
        EXPECT_EQ(view->orders[0].instrument, "BTCUSDT");
        EXPECT_EQ(view->orders[0].quantity.text(), "0.01");
        ASSERT_TRUE(view->orders[0].price);
        EXPECT_EQ(view->orders[0].price->text(), "52000.1");
        kReader.expect_strict(signer_->text);
    }
}

TEST_F(BinanceSignedText, the_rest_of_our_encoder)
{
    Encoder encoder(Market::spot, credentials_);
    (void)encoder.cancel(4, listing(), kSignedTextOrder, "", 9);
    EXPECT_EQ(kReader.said(signer_->text), "cancel DELETE /order");
    (void)encoder.cancel(4, listing(), kSignedTextOrder, "12345", 9);
    EXPECT_EQ(kReader.said(signer_->text), "cancel DELETE /order");
    (void)encoder.subscribe(1, 9);
    EXPECT_EQ(kReader.said(signer_->text), "session WS /session.logon");
    (void)encoder.account_state(1, 9);
    EXPECT_EQ(kReader.said(signer_->text), "session WS /session.logon");
    EXPECT_EQ(kReader.said(request("GET", "/api/v3/account", "")), "query GET /account");
    const std::string symbol = Encoder::symbol_query(listing());
    EXPECT_EQ(kReader.said(request("GET", "/api/v3/account/commission", symbol)),
              "cancel DELETE /openOrders");
    EXPECT_EQ(kReader.said(request("DELETE", "/api/v3/openOrders", symbol)), "cancel DELETE /openOrders");
    EXPECT_EQ(kReader.said(request("GET", "/api/v3/myTrades", symbol + "&fromId=5&limit=1000")),
              "query GET /trades");
    EXPECT_EQ(kReader.said(request("GET", "/api/v3/myTrades", symbol + "&startTime=1&endTime=2&limit=1000")),
              "query GET /trades");
    EXPECT_EQ(kReader.said(request("GET", "/api/v3/allOrders", symbol + "&orderId=1&limit=1000")),
              "query GET /trades");
    EXPECT_EQ(kReader.said(request("GET", "/api/v3/order", symbol + "&orderId=5")), "cancel DELETE /order");
    EXPECT_EQ(kReader.said(request("POST", "/fapi/v1/countdownCancelAll", symbol + "&countdownTime=60000")),
              "cancel POST /countdownCancelAll");
}

TEST(BinanceSignedTexts, published_examples)
{
    const auto rest = kReader.view_of(
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
        "timestamp=1499827319559");
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->orders.at(0).instrument, "LTCBTC");
    EXPECT_EQ(rest->orders.at(0).quantity.text(), "1");
    const auto unicode = kReader.view_of(
        "symbol=%EF%BC%91%EF%BC%92&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
        "timestamp=1499827319559");
    ASSERT_TRUE(unicode);
    EXPECT_EQ(unicode->orders.at(0).instrument, "\xEF\xBC\x91\xEF\xBC\x92");
    EXPECT_EQ(kReader.said(
                  "apiKey=testkey&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&"
                  "timeInForce=GTC&timestamp=1645423376532&type=LIMIT"),
              "order POST /order");
    EXPECT_EQ(kReader.said("apiKey=testkey&timestamp=1649729878532"), "session WS /session.logon");
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
          "symbol=BTCUSDT&side=BUY&quantity=1&price=1&timestamp=1",
          "symbol=BTCUSDT&side=BUY&quantity=1&orderId=5&timestamp=1",
          "symbol=BTCUSDT&side=BUY&price=1&orderId=5&timestamp=1",
          "symbol=BTCUSDT&quantity=1&price=1&orderId=5&timestamp=1",
          "symbol=BTCUSDT&side=HOLD&quantity=1&price=1&orderId=5&timestamp=1",
          "symbol=BTCUSDT&side=BUY&quantity=1&price=&orderId=5&timestamp=1",
          "symbol=BTCUSDT&side=BUY&quantity=-1&price=1&orderId=5&timestamp=1",
          "symbol=BTCUSDT&side=BUY&quantity=1&price=1&orderId=5&priceMatch=QUEUE&timestamp=1",
          "symbol=BTCUSDT&newQty=1&orderId=5&timestamp=1",
          "timestamp=1&leverage=100",
          "symbol=BTCUSDT&leverage=125&timestamp=1",
          "listenKey=abc&timestamp=1",
          "recvWindow=60001&",
          "{}",
          "timestamp=1&recvWindow=600000",
          "amount=1&timestamp=1"}) {
        EXPECT_EQ(kReader.judged(text, {"POST /order", "PUT /order", "DELETE /order", "DELETE /openOrders",
                                        "GET /account", "GET /trades", "WS /session.logon"}),
                  Refusal::not_understood)
            << text;
    }
}

}  // namespace
}  // namespace arb::binance
