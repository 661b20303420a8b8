// What the signer process reads from this venue's signed texts: those that our own encoder has signed, the
// published examples, and ways to move money, which no policy can allow.
#include "connectors/bybit/signed_text.hpp"

#include <gtest/gtest.h>

#include "connectors/bybit/encoder.hpp"
#include "connectors/bybit/test_support.hpp"
#include "engine/base/client_order_id.hpp"
#include "tests/support/signed_text.hpp"

namespace arb::bybit {
namespace {

using arb::test::RecordingSigner;

const arb::test::SignedTextReader kReader{read_signed_text};

constexpr std::int64_t kTime = 1'700'000'000'000;
const std::string kHead = "1700000000000testkey5000";
constexpr const char* kOrderBody =
    R"({"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.01","price":"50000",)"
    R"("timeInForce":"PostOnly","orderLinkId":"abc-123"})";

class BybitSignedText : public ::testing::Test {
  protected:
    BybitSignedText()
    {
        credentials_.key_id = "testkey";
        auto signer = std::make_unique<RecordingSigner>();
        signer_ = signer.get();
        credentials_.signer = std::move(signer);
    }
    std::string get(std::string_view path, const std::string& query)
    {
        EXPECT_TRUE(encoder_.get(path, query, kTime));
        return signer_->text;
    }
    std::string post(std::string_view path, std::string body)
    {
        EXPECT_TRUE(encoder_.post(path, std::move(body), kTime));
        return signer_->text;
    }

    const InstrumentTable table_ = test::table();
    Credentials credentials_;
    RecordingSigner* signer_ = nullptr;
    Encoder encoder_{{test::kLinearVenue, &table_, 0, &credentials_}};
};

TEST_F(BybitSignedText, what_our_encoder_signs)
{
    const auto order = kReader.view_of(post("/v5/order/create", kOrderBody));
    ASSERT_TRUE(order) << signer_->text;
    EXPECT_EQ(order->kind, SignedKind::order);
    EXPECT_EQ(order->path, "/v5/order/create");
    EXPECT_FALSE(order->path_signed);
    ASSERT_EQ(order->orders.size(), 1U);
    EXPECT_EQ(order->orders[0].instrument, "BTCUSDT");
    EXPECT_EQ(order->orders[0].quantity.text(), "0.01");
    EXPECT_EQ(order->orders[0].price->text(), "50000");
    kReader.expect_strict(signer_->text);
    EXPECT_FALSE(kReader.view_of(signer_->text, "otherke")) << "signed for another key";
    EXPECT_FALSE(kReader.view_of(signer_->text, ""));

    OrderReference reference;
    reference.order = make_order_id(3, 4);
    reference.listing = test::kLinear;
    EXPECT_EQ(kReader.said(post("/v5/order/cancel", encoder_.cancel_body(reference))),
              "cancel POST /v5/order/cancel");
    EXPECT_EQ(kReader.said(post("/v5/order/cancel-all", encoder_.cancel_all_body(test::kLinear))),
              "cancel POST /v5/order/cancel-all");
    EXPECT_EQ(kReader.said(get("/v5/user/query-api", "")), "query GET /v5/user/query-api");
    EXPECT_EQ(kReader.said(get("/v5/account/wallet-balance", "accountType=UNIFIED")),
              "query GET /v5/account/wallet-balance");
    EXPECT_EQ(
        kReader.said(get("/v5/position/list", "category=linear&settleCoin=USDT&limit=200&cursor=a%2Cb")),
        "query GET /v5/position/list");
    EXPECT_EQ(kReader.said(get("/v5/account/fee-rate", "category=linear&symbol=BTCUSDT")),
              "query GET /v5/account/fee-rate");
    EXPECT_EQ(
        kReader.said(get("/v5/order/realtime", "category=linear&symbol=BTCUSDT&orderLinkId=x&openOnly=0")),
        "query GET /v5/order/realtime");
    EXPECT_EQ(kReader.said(get("/v5/execution/list",
                               "category=linear&symbol=BTCUSDT&startTime=1&endTime=2&limit=100")),
              "query GET /v5/execution/list");
    EXPECT_FALSE(encoder_.log_on(7, 1'700'000'010'000).empty());
    EXPECT_EQ(kReader.said(signer_->text), "session WS /realtime");
}

TEST(BybitSignedTexts, an_order_says_its_product_and_whether_it_borrows)
{
    const auto order_of = [](const std::string& category, const std::string& more) {
        const auto view =
            kReader.view_of(kHead + R"({"category":")" + category +
                            R"(","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"1",)"
                            R"("price":"1")" +
                            more + "}");
        return view ? view->orders.at(0).product + "/" + view->orders.at(0).margin : "not understood";
    };
    EXPECT_EQ(order_of("spot", ""), "/");
    EXPECT_EQ(order_of("spot", R"(,"isLeverage":0)"), "/");
    EXPECT_EQ(order_of("spot", R"(,"isLeverage":1)"), "/leverage");
    EXPECT_EQ(order_of("spot", R"(,"isLeverage":true)"), "not understood");
    EXPECT_EQ(order_of("linear", ""), "linear/");
}

TEST(BybitSignedTexts, ways_out_and_what_is_not_understood)
{
    for (
        const std::string text :
        {R"({"coin":"USDT","chain":"ETH","address":"0x1","amount":"5","timestamp":1,"accountType":"FUND"})",
         R"({"transferId":"a","coin":"BTC","amount":"1","fromAccountType":"UNIFIED","toAccountType":"FUND"})",
         R"({"transferId":"a","coin":"BTC","amount":"1","fromMemberId":1,"toMemberId":2})",
         R"({"username":"x","memberType":1})", R"({"readOnly":0,"permissions":"x"})",
         R"({"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"1","price":"1","address":"x"})",
         R"({"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"1","qty":"100","price":"1"})",
         R"({"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"1000"})",
         R"({"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"1"})",
         R"({"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"1","price":"5"})",
         // An amend goes over the socket, where nothing is signed; by REST it might tell no amount.
         // told.
         R"({"category":"linear","symbol":"BTCUSDT","orderLinkId":"a","price":"50000"})",
         R"({"category":"linear","symbol":"BTCUSDT","orderLinkId":"a","qty":"100"})",
         R"({"category":"spot","symbol":"BTCUSDT","orderId":"1","qty":"100","price":"50000"})",
         R"({"category":"linear","symbol":"BTCUSDT","orderId":"1","orderLinkId":"a","triggerPrice":"50000"})",
         R"({"category":"linear","symbol":"BTCUSDT","orderLinkId":"a","takeProfit":"0"})",
         R"({"category":"linear","request":[{"symbol":"BTCUSDT"}]})",
         R"({"category":"linear","symbol":"BTCUSDT","buyLeverage":"100","sellLeverage":"100"})", "{}", "{",
         "coin=USDT", "category=linear&symbol=A&symbol=B", "amount=5&category=linear", "%"}) {
        EXPECT_EQ(kReader.judged(kHead + text,
                                 {"POST /v5/order/create", "POST /v5/order/amend", "POST /v5/order/cancel",
                                  "POST /v5/order/cancel-all", "GET /v5/order/realtime",
                                  "GET /v5/user/query-api", "WS /realtime"}),
                  Refusal::not_understood)
            << text;
    }
    const std::string body = kOrderBody;
    for (const std::string& text :
         {body, "1700000000000" + body, "1700000000000testkey" + body, "170000000000testkey5000" + body,
          "1700000000000testkey500000" + body, "x700000000000testkey5000" + body, kHead + " " + body,
          kHead + body + "x", std::string("GET/realtime"), std::string("GET/realtime12x"),
          std::string("GET/realtime17000000000001"), std::string("POST/realtime1700000000000")}) {
        EXPECT_FALSE(kReader.view_of(text)) << text;
    }
    EXPECT_TRUE(
        kReader.view_of(R"(1700000000000testkey5000{"category":"linear","symbol":"BTCUSDT","side":"Sell",)"
                        R"("orderType":"Market","qty":"1","reduceOnly":true})"));
}

}  // namespace
}  // namespace arb::bybit
