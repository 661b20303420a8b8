// The signatures of the protocol's vectors, and a secret that is none.
#include "connectors/gate/signer.hpp"

#include <string>

#include <gtest/gtest.h>

namespace arb::gate {
namespace {

constexpr std::int64_t kTime = 1'700'000'000;

Credentials gate_credentials()
{
    Credentials result;
    result.key_id = "testkey-0123456789";
    std::string secret = "testsecret-abcdef";
    result.signer = std::move(make_signer(Secret::take(secret))).take();
    return result;
}

TEST(GateSigning, requests)
{
    const Credentials key = gate_credentials();
    EXPECT_EQ(
        sign_request(key, "GET", "/api/v4/spot/accounts", "currency=BTC", "", kTime),
        "eb0af16d8950b31da880ec6bb4f6fbc84b29677787822d9159203b468950d8ca49b310e71b9020a7567d916d7f0a0beb"
        "3d1d3a4c51e11e96a11ba04b8aa0fe23");
    EXPECT_EQ(
        sign_request(
            key, "POST", "/api/v4/spot/orders", "",
            R"({"text":"t-abc","currency_pair":"BTC_USDT","type":"limit","account":"spot","side":"buy","amount":"0.001","price":"30000","time_in_force":"gtc"})",
            kTime),
        "90b059166f1ffbedbadc41dba4c685b1815aa7eb608c2a7f12c3b00bcd093d830ceab831f96f943fd3499e0971b2d2d806d2"
        "3334"
        "f4b501573ec11608db276c35");
}

TEST(GateSigning, channels_and_log_ons)
{
    const Credentials key = gate_credentials();
    EXPECT_EQ(
        sign_subscription(key, "spot.orders", "subscribe", kTime),
        "60d5dd10d83d265ff24b1d1a936dd21a568d960f670bfacaa9340771957a25a4fda321751a2960988ce8ddfbc509d8d7"
        "f00e2d89e4333228e84dde13b822a5ff");
    EXPECT_EQ(
        sign_subscription(key, "futures.orders", "subscribe", kTime),
        "432896fee24248ab563c2a42905238865133a368bbbf33ee1437b6eb961f2e9ae8ce89b29dbb564f58798559fcce2e18"
        "6a4cb266d688417d0479a8d535039186");
    EXPECT_EQ(
        sign_log_on(key, "spot.login", kTime),
        "7a7cba3cc099df3178a15bcd852fed699118c47fdc2169d7fc006cd360e052cebcd3821f3e5f24da4db8fc6fe29b620c"
        "ab535371bebd3a3271e99c749457a0ba");
    EXPECT_EQ(
        sign_log_on(key, "futures.login", kTime),
        "0bcbd6ccb18b2499d094db79c898b2e3ee9f9f5a8d31b47a5b0589200ad82d9189598d1b9f1e0cef34772cb92fbf8b0d"
        "c3e3c0ae068d1b2db43cfbb666140eda");
}

struct RefusingSigner final : Signer {
    KeyAlgorithm algorithm() const override { return KeyAlgorithm::hmac_sha512; }
    bool sign(std::string_view, Signature&) override { return false; }
};

TEST(GateSigning, without_a_signature_there_is_no_text)
{
    EXPECT_FALSE(make_signer(Secret{}));
    Credentials key;
    EXPECT_EQ(sign_log_on(key, "spot.login", kTime), "") << "no signer at all";
    key.signer = std::make_unique<RefusingSigner>();
    EXPECT_EQ(sign_request(key, "GET", "/api/v4/spot/accounts", "", "", kTime), "");
    EXPECT_EQ(sign_subscription(key, "spot.orders", "subscribe", kTime), "");
    EXPECT_EQ(sign_log_on(key, "spot.login", kTime), "");
}

}  // namespace
}  // namespace arb::gate
