// What the signer process reads from this venue's signed texts: those that our own encoder has signed, the
// published examples, and ways to move money, which no policy can allow.
#include "connectors/okx/signed_text.hpp"

#include <gtest/gtest.h>

#include "connectors/okx/signer.hpp"
#include "tests/support/signed_text.hpp"

namespace arb::okx {
namespace {

using arb::test::RecordingSigner;

const arb::test::SignedTextReader kReader{read_signed_text};

const std::string kTime = "2020-12-08T09:08:57.715Z";
constexpr const char* kOrderPath = "/api/v5/trade/order";
constexpr const char* kOrderBody =
    R"({"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"})";

/// The text that our signer signs for such a request.
std::string text_of(std::string_view method, std::string_view path, std::string_view body,
                    const std::string& time = kTime)
{
    Credentials credentials;
    auto signer = std::make_unique<RecordingSigner>();
    const RecordingSigner& recording = *signer;
    credentials.signer = std::move(signer);
    EXPECT_FALSE(sign_request(credentials, time, method, path, body).empty());
    return recording.text;
}

TEST(OkxSignedText, what_we_sign)
{
    const std::string text = text_of("POST", kOrderPath, kOrderBody);
    const auto order = kReader.view_of(text);
    ASSERT_TRUE(order) << text;
    EXPECT_EQ(order->kind, SignedKind::order);
    EXPECT_TRUE(order->path_signed);
    ASSERT_EQ(order->orders.size(), 1U);
    EXPECT_EQ(order->orders[0].instrument, "BTC-USDT");
    EXPECT_EQ(order->orders[0].quantity.text(), "2");
    EXPECT_EQ(order->orders[0].price->text(), "2.15");
    kReader.expect_strict(text);
    const auto two = kReader.view_of(text_of("POST", "/api/v5/trade/batch-orders",
                                             std::string("[") + kOrderBody + "," + kOrderBody + "]"));
    ASSERT_TRUE(two);
    EXPECT_EQ(two->orders.size(), 2U);
    for (const char* path :
         {"/api/v5/trade/order?instId=BTC-USDT&clOrdId=x", "/api/v5/trade/orders-pending?limit=100&after=7",
          "/api/v5/trade/fills?begin=1&limit=100", "/api/v5/account/balance", "/api/v5/account/positions",
          "/api/v5/account/balance?ccy=BTC", "/api/v5/account/trade-fee?instType=SPOT&instId=BTC-USDT",
          "/api/v5/account/config"}) {
        const std::string plain(path, std::string_view(path).find('?') == std::string_view::npos
                                          ? std::string_view(path).size()
                                          : std::string_view(path).find('?'));
        EXPECT_EQ(kReader.said(text_of("GET", path, "")), "query GET " + plain);
    }
    EXPECT_EQ(
        kReader.said(text_of("POST", "/api/v5/trade/cancel-order", R"({"instId":"BTC-USDT","ordId":"1"})")),
        "cancel POST /api/v5/trade/cancel-order");
    EXPECT_EQ(
        kReader.said(text_of("POST", "/api/v5/trade/cancel-batch-orders",
                             R"([{"instId":"BTC-USDT","ordId":"1"},{"instId":"BTC-USDT","clOrdId":"2"}])")),
        "cancel POST /api/v5/trade/cancel-batch-orders");
    EXPECT_EQ(kReader.said(text_of("POST", "/api/v5/trade/cancel-all-after", R"({"timeOut":"60"})")),
              "cancel POST /api/v5/trade/cancel-all-after");
    EXPECT_EQ(kReader.said(text_of("GET", "/users/self/verify", "", "1704876947")),
              "session WS /users/self/verify");
}

TEST(OkxSignedText, an_order_says_on_what_margin_it_is)
{
    for (const auto& [mode, margin] :
         std::vector<std::pair<std::string, std::string>>{{"cash", ""},
                                                          {"cross", "cross"},
                                                          {"isolated", "isolated"},
                                                          {"spot_isolated", "spot_isolated"}}) {
        const auto order =
            kReader.view_of(text_of("POST", "/api/v5/trade/order",
                                    R"({"instId":"BTC-USDT","tdMode":")" + mode +
                                        R"(","side":"buy","ordType":"limit","px":"2.15","sz":"2"})"));
        ASSERT_TRUE(order) << mode;
        EXPECT_EQ(order->orders.at(0).margin, margin);
    }
}

TEST(OkxSignedText, ways_out_are_refused_by_every_policy)
{
    for (const auto& [path, body] : std::vector<std::pair<std::string, std::string>>{
             {"/api/v5/asset/withdrawal",
              R"({"ccy":"BTC","amt":"1","dest":"4","toAddr":"1A1z","chain":"BTC"})"},
             {"/api/v5/asset/transfer", R"({"ccy":"USDT","amt":"5","from":"6","to":"18"})"},
             {"/api/v5/asset/withdrawal-lightning", R"({"ccy":"BTC","invoice":"x"})"},
             {"/api/v5/asset/subaccount/transfer",
              R"({"ccy":"USDT","amt":"5","from":"6","to":"6","toSubAccount":"x"})"},
             {"/api/v5/fiat/create-withdrawal", R"({"ccy":"USD","amt":"5"})"},
             {"/api/v5/users/subaccount/apikey", R"({"subAcct":"x","label":"y"})"}}) {
        EXPECT_EQ(
            kReader.judged(text_of("POST", path, body), {"POST /api/v5/trade/order", "GET /api/v5/trade/*"}),
            Refusal::withdrawal)
            << path;
    }
    EXPECT_EQ(kReader.judged(text_of("GET", "/api/v5/asset/deposit-address?ccy=BTC", ""),
                             {"GET /api/v5/account/*"}),
              Refusal::withdrawal);
    EXPECT_EQ(kReader.judged(text_of("POST", "/api/v5/account/set-leverage", R"({"lever":"100"})"),
                             {"POST /api/v5/account/set-leverage"}),
              Refusal::not_understood)
        << "listed, but no order is in it";
}

TEST(OkxSignedText, an_amend_is_an_order_whose_margin_is_not_told)
{
    const std::string one = R"({"instId":"BTC-USDT","clOrdId":"b15","reqId":"7","newSz":"2","newPx":"2.15"})";
    const std::pair<std::string, std::string> rows[] = {
        {"/api/v5/trade/amend-order", one},
        {"/api/v5/trade/amend-batch-orders",
         "[" + one + R"(,{"instId":"BTC-USDT","ordId":"9","newSz":"3","newPx":"2"}])"}};
    for (const auto& [path, body] : rows) {
        const std::string text = text_of("POST", path, body);
        const auto view = kReader.view_of(text);
        ASSERT_TRUE(view) << text;
        EXPECT_EQ(view->kind, SignedKind::order);
        ASSERT_EQ(view->orders.size(), body.front() == '[' ? 2U : 1U);
        EXPECT_EQ(view->orders[0].instrument, "BTC-USDT");
        EXPECT_EQ(view->orders[0].quantity.text(), "2");
        EXPECT_EQ(view->orders[0].price->text(), "2.15");
        kReader.expect_strict(text);
        // As much as may be written down for this instrument: paid in full, or on margin.
        KeyPolicy policy;
        EXPECT_FALSE(policy.add_endpoint("POST " + path));
        for (const char* margin : {"", "cross", "isolated"}) {
            OrderLimit limit;
            limit.instrument = "BTC-USDT";
            limit.margin = margin;
            limit.quantity = *Decimal::parse("1000000");
            EXPECT_FALSE(policy.add_limit(limit));
        }
        EXPECT_FALSE(policy.set_orders_per_second(1'000));
        EXPECT_EQ(policy.judge(*view, {{1'700'000'000'000'000'000}, {1}}), Refusal::product);
    }
    // What does not name both terms does not say how large the order becomes.
    for (const char* body :
         {R"({"instId":"BTC-USDT","newSz":"100"})", R"({"instId":"BTC-USDT","clOrdId":"b15","newPx":"2.15"})",
          R"({"instId":"BTC-USDT","clOrdId":"b15","newSz":"2","newPx":""})",
          R"({"clOrdId":"b15","newSz":"2","newPx":"2.15"})",
          R"({"instId":"BTC-USDT","newSz":"2","newPx":"2.15","cxlOnFail":true})",
          R"({"instId":"BTC-USDT","newSz":"2","newPx":"2.15","newPxUsd":"9"})"}) {
        for (const char* path : {"/api/v5/trade/amend-order", "/api/v5/trade/amend-batch-orders"}) {
            EXPECT_EQ(kReader.judged(text_of("POST", path, body), {(std::string("POST ") + path).c_str()}),
                      Refusal::not_understood)
                << body;
        }
    }
}

TEST(OkxSignedText, what_is_not_understood)
{
    for (
        const char* body :
        {"", "{}", "[]", "{", R"({"instId":"BTC-USDT"})",
         R"({"instId":"A","tdMode":"cash","side":"buy","ordType":"limit","px":"1","sz":"1","sz":"100"})",
         R"({"instId":"A","tdMode":"cash","side":"buy","ordType":"limit","px":"1","sz":"1","x":"1"})",
         R"({"instId":"A","tdMode":"cash","side":"buy","ordType":"limit","sz":"1"})",
         R"({"instId":"A","tdMode":"cash","side":"buy","ordType":"market","sz":"1000"})",
         R"({"instId":"A","tdMode":"cash","side":"buy","ordType":"market","tgtCcy":"quote_ccy","sz":"1000"})",
         R"({"instId":"A","tdMode":"cash","side":"buy","ordType":"conditional","px":"1","sz":"1"})",
         R"({"instIdCode":1,"tdMode":"cash","side":"buy","ordType":"limit","px":"1","sz":"1"})",
         R"({"instId":"A","tdMode":"cash","side":"buy","ordType":"limit","px":"1","sz":"\u0031"})"}) {
        EXPECT_FALSE(kReader.view_of(text_of("POST", kOrderPath, body))) << body;
    }
    EXPECT_TRUE(kReader.view_of(text_of(
        "POST", kOrderPath,
        R"({"instId":"A","tdMode":"cash","side":"buy","ordType":"market","tgtCcy":"base_ccy","sz":"1"})")));
    for (const std::string& text :
         {text_of("PUT", kOrderPath, kOrderBody), text_of("GET", kOrderPath, kOrderBody),
          text_of("POST", "/api/v5/trade/order?x=1", kOrderBody), text_of("GET", "/other", ""),
          text_of("GET", kOrderPath, "", "2020-12-08 09:08:57.7150"),
          text_of("GET", kOrderPath, "", "1704876947"),
          text_of("GET", "/users/self/verify", "", "17048769470"), text_of("GET", "/users/self/verify", ""),
          text_of("GET", "/api/v5/account/balance?ccy=A&ccy=B", "")}) {
        EXPECT_FALSE(kReader.view_of(text)) << text;
    }
}

}  // namespace
}  // namespace arb::okx
