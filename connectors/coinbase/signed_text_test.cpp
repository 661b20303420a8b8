// What the signer process reads from this venue's signed texts: those that our own encoder has signed, the
// published examples, and ways to move money, which no policy can allow.
#include "connectors/coinbase/signed_text.hpp"

#include <gtest/gtest.h>

#include "connectors/coinbase/encoder.hpp"
#include "connectors/coinbase/signer.hpp"
#include "engine/venue/encoding.hpp"
#include "tests/support/signed_text.hpp"

namespace arb::coinbase {
namespace {

using arb::test::RecordingSigner;

const arb::test::SignedTextReader kReader{read_signed_text};

constexpr Timestamp kNow{1'700'000'000'900'000'000};

class CoinbaseSignedText : public ::testing::Test {
  protected:
    CoinbaseSignedText()
    {
        credentials_.key_id = "testkey";
        auto signer = std::make_unique<RecordingSigner>();
        signer->kind = KeyAlgorithm::ecdsa_p256;
        signer_ = signer.get();
        credentials_.signer = std::move(signer);
    }
    std::string get(std::string_view path)
    {
        EXPECT_TRUE(encoder_.get(path, "limit=1", kNow));
        return signer_->text;
    }
    std::string post(std::string_view path)
    {
        EXPECT_TRUE(encoder_.post(path, "{}", kNow));
        return signer_->text;
    }

    Credentials credentials_;
    RecordingSigner* signer_ = nullptr;
    Encoder encoder_{credentials_};
};

std::string token(std::string_view header, std::string_view claims)
{
    return base64url(header) + "." + base64url(claims);
}

constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"testkey","nonce":"1","typ":"JWT"})";

std::string with_uri(std::string_view uri)
{
    return token(kHeader, R"({"sub":"testkey","iss":"cdp","nbf":1700000000,"exp":1700000120,"uri":")" +
                              std::string(uri) + "\"}");
}

TEST_F(CoinbaseSignedText, what_our_encoder_signs)
{
    for (const char* path : {"/accounts", "/orders/historical/batch", "/orders/historical/fills",
                             "/key_permissions", "/transaction_summary", "/orders/historical/abc-123"}) {
        EXPECT_EQ(kReader.said(get(path)), std::string("query GET /api/v3/brokerage") + path);
    }
    EXPECT_EQ(kReader.said(post("/orders/batch_cancel")),
              "cancel POST /api/v3/brokerage/orders/batch_cancel");
    const auto order = kReader.view_of(post("/orders"));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->kind, SignedKind::order);
    EXPECT_EQ(order->path, "/api/v3/brokerage/orders");
    EXPECT_TRUE(order->path_signed);
    EXPECT_FALSE(order->content_signed) << "tokens do not cover the body";
    const auto amend = kReader.view_of(post("/orders/edit"));
    ASSERT_TRUE(amend);
    EXPECT_EQ(amend->kind, SignedKind::order);
    EXPECT_EQ(amend->path, "/api/v3/brokerage/orders/edit");
    EXPECT_FALSE(amend->content_signed);
    kReader.expect_strict(signer_->text);
    EXPECT_FALSE(kReader.view_of(signer_->text, "otherkey")) << "signed for another key";
    EXPECT_FALSE(kReader.view_of(signer_->text, ""));
    ASSERT_FALSE(encoder_.subscribe("user", kNow).empty());
    EXPECT_EQ(kReader.said(signer_->text), "session WS /subscribe");
    signer_->kind = KeyAlgorithm::ed25519;
    EXPECT_EQ(kReader.said(get("/accounts")), "query GET /api/v3/brokerage/accounts");
}

TEST(CoinbaseSignedTexts, published_examples)
{
    TokenClaims claims{"d2efa49a-369c-43d7-a60e-ae26e28853c2", "0123456789abcdef0123456789abcdef",
                       1'700'000'000, "GET api.coinbase.com/api/v3/brokerage/accounts"};
    const auto view =
        kReader.view_of(signing_input(KeyAlgorithm::ed25519, claims), std::string(claims.key_id));
    ASSERT_TRUE(view);
    EXPECT_EQ(view->path, "/api/v3/brokerage/accounts");
    claims.key_id =
        "organizations/00000000-0000-0000-0000-000000000000/apiKeys/11111111-1111-1111-1111-111111111111";
    EXPECT_TRUE(kReader.view_of(signing_input(KeyAlgorithm::ecdsa_p256, claims), std::string(claims.key_id)));
}

TEST(CoinbaseSignedTexts, ways_out_are_refused_by_every_policy)
{
    for (const char* uri : {"POST api.coinbase.com/v2/accounts/abc/transactions",
                            "POST api.coinbase.com/v2/accounts/abc/withdrawals",
                            "POST api.coinbase.com/v2/accounts/abc/transfers",
                            "POST api.coinbase.com/v2/accounts/abc/addresses",
                            "POST api.coinbase.com/api/v3/brokerage/portfolios/move_funds",
                            "POST api.coinbase.com/api/v3/brokerage/portfolios",
                            "POST api.coinbase.com/v2/accounts/abc/deposits",
                            "GET api.coinbase.com/api/v3/brokerage/payment_methods"}) {
        EXPECT_EQ(kReader.judged(with_uri(uri), {"POST /api/v3/brokerage/orders", "GET /api/v3/brokerage/*"}),
                  Refusal::withdrawal)
            << uri;
    }
    EXPECT_EQ(kReader.judged(with_uri("POST api.coinbase.com/api/v3/brokerage/convert/quote"),
                             {"POST /api/v3/brokerage/convert/quote"}),
              Refusal::not_understood)
        << "listed, but nothing this program knows";
    EXPECT_EQ(kReader.judged(with_uri("POST api.coinbase.com/api/v3/brokerage/orders"),
                             {"POST /api/v3/brokerage/orders"}),
              Refusal::none);
}

TEST(CoinbaseSignedTexts, an_amend_is_an_order_of_its_own_path)
{
    const std::string edit = with_uri("POST api.coinbase.com/api/v3/brokerage/orders/edit");
    EXPECT_EQ(kReader.judged(edit, {"POST /api/v3/brokerage/orders/edit"}), Refusal::none);
    EXPECT_EQ(kReader.judged(edit, {"POST /api/v3/brokerage/orders"}), Refusal::endpoint);
    KeyPolicy strict;  // what is in the body is not signed: without leave for that, no order and no amend
    EXPECT_FALSE(strict.add_endpoint("POST /api/v3/brokerage/orders/edit"));
    EXPECT_FALSE(strict.set_orders_per_second(1'000));
    EXPECT_EQ(strict.judge(*kReader.view_of(edit), {{1'700'000'000'000'000'000}, {1}}),
              Refusal::unseen_order);
    EXPECT_EQ(kReader.judged(with_uri("POST api.coinbase.com/api/v3/brokerage/orders/edit_preview"),
                             {"POST /api/v3/brokerage/orders/edit_preview"}),
              Refusal::not_understood)
        << "never asked for";
}

TEST(CoinbaseSignedTexts, what_is_not_understood)
{
    const std::string good = R"({"sub":"testkey","iss":"cdp","nbf":1700000000,"exp":1700000120})";
    ASSERT_TRUE(kReader.view_of(token(kHeader, good)));
    for (const char* claims :
         {"", "{}", R"({"sub":"testkey","iss":"cdp","nbf":1700000000})",
          R"({"sub":"other","iss":"cdp","nbf":1700000000,"exp":1700000120})",
          R"({"sub":"testkey","iss":"cdx","nbf":1700000000,"exp":1700000120})",
          R"({"sub":"testkey","iss":"cdp","nbf":1700000000,"exp":1700000121})",
          R"({"sub":"testkey","iss":"cdp","nbf":1700000000,"exp":1800000000})",
          R"({"sub":"testkey","iss":"cdp","nbf":1700000000,"exp":1700000000})",
          R"({"sub":"testkey","iss":"cdp","nbf":"x","exp":1700000120})",
          R"({"sub":"testkey","iss":"cdp","nbf":1700000000,"exp":1700000120,"uris":["GET a/b"]})",
          R"({"sub":"testkey","iss":"cdp","nbf":1700000000,"exp":1700000120,"uri":"a","uri":"b"})",
          R"({"sub":"testkey","iss":"cdp","nbf":1700000000,"exp":1700000120,"scope":"all"})"}) {
        EXPECT_FALSE(kReader.view_of(token(kHeader, claims))) << claims;
    }
    for (const char* header : {"", "{}", R"({"alg":"none","kid":"testkey","nonce":"1","typ":"JWT"})",
                               R"({"alg":"ES256","kid":"other","nonce":"1","typ":"JWT"})",
                               R"({"alg":"ES256","kid":"testkey","typ":"JWT"})",
                               R"({"alg":"ES256","kid":"testkey","nonce":"1","typ":"JWS"})",
                               R"({"alg":"ES256","kid":"testkey","nonce":"1","typ":"JWT","jku":"x"})"}) {
        EXPECT_FALSE(kReader.view_of(token(header, good))) << header;
    }
    for (const char* uri :
         {"", "GET", "GET /api/v3/brokerage/accounts", "GET evil.com/api/v3/brokerage/accounts",
          "GETapi.coinbase.com/x", "GET api.coinbase.com", "GET api.coinbase.com:444/x",
          "GET user@api.coinbase.com/x"}) {
        EXPECT_FALSE(kReader.view_of(with_uri(uri))) << uri;
    }
    EXPECT_EQ(
        kReader.judged(with_uri("GET api.coinbase.com/api/v3/brokerage/a?b"), {"GET /api/v3/brokerage/*"}),
        Refusal::endpoint);
    EXPECT_FALSE(kReader.view_of(token(kHeader, good) + "."));
    EXPECT_FALSE(kReader.view_of("." + token(kHeader, good)));
    EXPECT_FALSE(kReader.view_of("no token"));
}

}  // namespace
}  // namespace arb::coinbase
