// Tokens: the published-key vectors, each form of secret, what is refused, and what an order's bytes are.
#include <gtest/gtest.h>

#include "connectors/coinbase/emulated_venue.hpp"
#include "connectors/coinbase/encoder.hpp"
#include "connectors/coinbase/signer.hpp"
#include "connectors/coinbase/test_support.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

// The key of RFC 8032, 7.1, test 1, as seed and as seed with public key; the key of RFC 6979, A.2.5.
constexpr std::string_view kSeed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
constexpr std::string_view kSeedAndPublic =
    "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";
constexpr std::string_view kP256 =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
    "AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8\n"
    "maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
    "-----END EC PRIVATE KEY-----\n";
constexpr std::string_view kEdInput =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQyZWZhNDlhLTM2OWMtNDNkNy1hNjBlLWFlMjZlMjg4NTNjMiIsIm5vbmNlIjoiMDEyMzQ1"
    "Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYiLCJ0eXAiOiJKV1QifQ."
    "eyJzdWIiOiJkMmVmYTQ5YS0zNjljLTQzZDctYTYwZS1hZTI2ZTI4ODUzYzIiLCJpc3MiOiJjZHAiLCJuYmYiOjE3MDAwMDAwMDAs"
    "ImV4cCI6MTcwMDAwMDEyMCwidXJpIjoiR0VUIGFwaS5jb2luYmFzZS5jb20vYXBpL3YzL2Jyb2tlcmFnZS9hY2NvdW50cyJ9";
constexpr std::string_view kEdSignature =
    "8Pc075xCOeVBxndJPzcPac9qIAJz36Vi0MQt77-AwuSzvkQJTnGNoIQFcEN_aO_jRSKkw29TgU8ZDY_5VDf9BA";
constexpr std::string_view kEsInput =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9yZ2FuaXphdGlvbnMvMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwL2Fw"
    "aUtleXMvMTExMTExMTEtMTExMS0xMTExLTExMTEtMTExMTExMTExMTExIiwibm9uY2UiOiIwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1"
    "Njc4OWFiY2RlZiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiJvcmdhbml6YXRpb25zLzAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMC9hcGlLZXlzLzExMTExMTEx"
    "LTExMTEtMTExMS0xMTExLTExMTExMTExMTExMSIsImlzcyI6ImNkcCIsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwMTIw"
    "LCJ1cmkiOiJHRVQgYXBpLmNvaW5iYXNlLmNvbS9hcGkvdjMvYnJva2VyYWdlL2FjY291bnRzIn0";
constexpr std::string_view kEsSignature =
    "oXplOoLLyQ4YUSwXZ4-RFr393rnIcsou69AUM_nZ2_bUdqw10YRaRS9GQgzEtQTj4iTaZfoPObHpW5yYe2tKfw";

Result<std::unique_ptr<Signer>> signer_of(std::string_view secret)
{
    std::string text(secret);
    return make_signer(Secret::take(text));
}

TokenClaims claims_of(std::string_view key_id)
{
    return {key_id, "0123456789abcdef0123456789abcdef", 1'700'000'000,
            "GET api.coinbase.com/api/v3/brokerage/accounts"};
}

TEST(CoinbaseSigning, ed25519_token)
{
    for (const std::string_view secret : {kSeed, kSeedAndPublic}) {
        Result<std::unique_ptr<Signer>> signer = signer_of(secret);
        ASSERT_TRUE(signer);
        EXPECT_EQ((*signer)->algorithm(), KeyAlgorithm::ed25519);
        EXPECT_EQ(make_token(**signer, claims_of("d2efa49a-369c-43d7-a60e-ae26e28853c2")),
                  std::string(kEdInput) + "." + std::string(kEdSignature));
    }
}

TEST(CoinbaseSigning, es256_token)
{
    std::string escaped;  // as JSON key files hold it
    for (const char c : kP256) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
    const Result<EcdsaP256Key> pair = EcdsaP256Key::from_pem(kP256);
    ASSERT_TRUE(pair);
    const auto good = [&](std::string_view signature) {
        const std::optional<std::string> bytes = base64url_decode(signature);
        return bytes && EcdsaP256Key::verify(pair.value().public_key(), kEsInput, bytes_of(*bytes));
    };
    EXPECT_TRUE(good(kEsSignature));
    for (const std::string& secret : {std::string(kP256), escaped}) {
        Result<std::unique_ptr<Signer>> signer = signer_of(secret);
        ASSERT_TRUE(signer);
        EXPECT_EQ((*signer)->algorithm(), KeyAlgorithm::ecdsa_p256);
        const std::string token =
            make_token(**signer, claims_of("organizations/00000000-0000-0000-0000-000000000000/apiKeys/"
                                           "11111111-1111-1111-1111-111111111111"));
        ASSERT_EQ(token.substr(0, kEsInput.size()), kEsInput);
        EXPECT_TRUE(good(token.substr(kEsInput.size() + 1)));  // random by nature
    }
}

TEST(CoinbaseSigning, a_websocket_token_has_no_uri)
{
    TokenClaims claims = claims_of("a");
    claims.uri = {};
    const std::string input = signing_input(KeyAlgorithm::ed25519, claims);
    EXPECT_EQ(base64url_decode(input.substr(input.find('.') + 1)),
              R"({"sub":"a","iss":"cdp","nbf":1700000000,"exp":1700000120})");
}

TEST(CoinbaseSigning, a_key_name_cannot_break_out_of_the_token)
{
    const std::string input = signing_input(KeyAlgorithm::ed25519, claims_of("a\"\\\n"));
    EXPECT_EQ(
        base64url_decode(input.substr(0, input.find('.'))),
        R"({"alg":"EdDSA","kid":"a\"\\\u000a","nonce":"0123456789abcdef0123456789abcdef","typ":"JWT"})");
}

TEST(CoinbaseSigning, secrets_that_are_none)
{
    std::string mixed(kSeedAndPublic);
    mixed[60] = mixed[60] == 'A' ? 'B' : 'A';
    for (const std::string& secret :
         {std::string(), std::string(" \n"), std::string("test secret"), std::string("dGVzdA=="), mixed,
          std::string("-----BEGIN EC PRIVATE KEY-----\ndGVzdA==\n-----END EC PRIVATE KEY-----")}) {
        const Result<std::unique_ptr<Signer>> signer = signer_of(secret);
        EXPECT_FALSE(signer) << secret;
        if (!signer && secret.size() > 3) {
            EXPECT_EQ(signer.error().message.find(secret), std::string::npos);
        }
    }
}

TEST(CoinbaseSigning, requests_carry_their_own_token)
{
    Credentials credentials;
    credentials.key_id = "test-key";
    credentials.signer = std::move(*signer_of(kSeed));
    Encoder encoder(credentials);
    const Timestamp now{1'700'000'000'900'000'000};
    const auto request = encoder.get("/accounts", "limit=100", now);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->url, "https://api.coinbase.com/api/v3/brokerage/accounts?limit=100");
    EXPECT_TRUE(request->is_signed);
    ASSERT_EQ(request->headers.size(), 1U);
    const std::string value = request->headers[0].value;
    ASSERT_TRUE(value.starts_with("Bearer "));
    const std::size_t point = value.find('.');
    EXPECT_EQ(base64url_decode(value.substr(point + 1, value.rfind('.') - point - 1)),
              R"({"sub":"test-key","iss":"cdp","nbf":1699999995,"exp":1700000115,)"
              R"("uri":"GET api.coinbase.com/api/v3/brokerage/accounts"})");
    EXPECT_NE(encoder.get("/accounts", "limit=100", now)->headers[0].value, value);  // the nonce grows
    Credentials silent;
    struct Refusing final : Signer {
        KeyAlgorithm algorithm() const override { return KeyAlgorithm::ed25519; }
        bool sign(std::string_view, Signature&) override { return false; }
    };
    silent.signer = std::make_unique<Refusing>();
    Encoder mute(silent);
    EXPECT_FALSE(mute.get("/accounts", {}, now).has_value());
    EXPECT_TRUE(mute.subscribe("user", now).empty());
}

TEST(CoinbaseEncoder, order_bodies)
{
    const Listing& listing = table().listing(ListingId{0});
    const OrderId id = make_order_id(3, 9);
    const std::string uuid(client_order_uuid(id).view());
    OrderIntent intent;
    intent.listing = listing.id;
    intent.price = {3'000'050};
    intent.quantity = {12'300'000};
    const auto body = [&](Side side, TimeInForce tif) {
        intent.side = side;
        intent.time_in_force = tif;
        return *order_body(id, intent, listing);
    };
    const std::string terms = R"({"base_size":"0.123","limit_price":"30000.5")";
    EXPECT_EQ(body(Side::buy, TimeInForce::ioc),
              R"({"client_order_id":")" + uuid +
                  R"(","product_id":"BTC-USD","side":"BUY","order_configuration":{"sor_limit_ioc":)" + terms +
                  "}}}");
    EXPECT_NE(body(Side::sell, TimeInForce::fok)
                  .find(R"("side":"SELL","order_configuration":{"limit_limit_fok":)" + terms + "}}}"),
              std::string::npos);
    EXPECT_NE(
        body(Side::buy, TimeInForce::gtc).find(R"({"limit_limit_gtc":)" + terms + R"(,"post_only":false}}})"),
        std::string::npos);
    EXPECT_NE(body(Side::buy, TimeInForce::post_only)
                  .find(R"({"limit_limit_gtc":)" + terms + R"(,"post_only":true}}})"),
              std::string::npos);
    const std::vector<std::string> ids = {"a", "b"};
    EXPECT_EQ(cancel_body(ids), R"({"order_ids":["a","b"]})");
    EXPECT_FALSE(plain_id("a/b"));
    EXPECT_FALSE(plain_id("a\""));
    EXPECT_FALSE(plain_id(""));
    EXPECT_TRUE(plain_id("0e3017a7-ed00-4000-8000-0000000f4241"));
}

TEST(CoinbaseKeys, emulated_keys_are_of_the_venues_form_and_never_change)
{
    const std::vector<EmulatedKey> keys = make_emulated_keys(7, 1);
    ASSERT_EQ(keys.size(), 5U);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        EXPECT_TRUE(signer_of(keys[i].secret)) << keys[i].label;
        EXPECT_EQ(keys[i].secret, make_emulated_keys(7, 1)[i].secret);
        EXPECT_NE(keys[i].secret, make_emulated_keys(7, 2)[i].secret);
        EXPECT_NE(keys[i].secret, make_emulated_keys(8, 1)[i].secret);
    }
    EXPECT_TRUE(keys[0].can_trade && !keys[0].can_transfer);
    EXPECT_FALSE(keys[1].can_trade);
    EXPECT_TRUE(keys[2].can_transfer);
}

}  // namespace
}  // namespace arb::coinbase
