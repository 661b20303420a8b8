// Signatures against published values, the bytes of requests, and the table of errors.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "connectors/bybit/encoder.hpp"
#include "connectors/bybit/errors.hpp"
#include "connectors/bybit/test_support.hpp"

namespace arb::bybit {
namespace {

constexpr std::int64_t kSigningTime = 1'700'000'000'000;

Credentials credentials_of(std::string secret, std::string key = "testkey")
{
    Credentials credentials;
    credentials.label = "test";
    credentials.key_id = std::move(key);
    credentials.signer = std::move(make_signer(Secret::take(secret))).take();
    return credentials;
}

class BybitSigningTest : public ::testing::Test {
  protected:
    const InstrumentTable table_ = test::table();
    Credentials credentials_ = credentials_of("testsecret");
    Encoder linear_{{test::kLinearVenue, &table_, 0, &credentials_}};
    Encoder spot_{{test::kSpotVenue, &table_, 0, &credentials_}};

    static std::string header(const HttpRequest& request, std::string_view name)
    {
        for (const HttpHeader& header : request.headers) {
            if (header.name == name) return header.value;
        }
        return "";
    }
};

TEST_F(BybitSigningTest, SignsWhatIsSent)
{
    const auto get = linear_.get("/v5/position/list", "category=linear&symbol=BTCUSDT", kSigningTime);
    ASSERT_TRUE(get);
    EXPECT_EQ(get->url, "https://api.bybit.com/v5/position/list?category=linear&symbol=BTCUSDT");
    EXPECT_EQ(header(*get, "X-BAPI-SIGN"),
              "f2f79889fd1201752936b389c890e9d393e01e0311a6d8785fb80753aa26c69b");
    EXPECT_EQ(header(*get, "X-BAPI-API-KEY"), "testkey");
    EXPECT_EQ(header(*get, "X-BAPI-TIMESTAMP"), "1700000000000");
    EXPECT_EQ(header(*get, "X-BAPI-RECV-WINDOW"), "5000");
    EXPECT_TRUE(get->is_signed);
    const auto post = linear_.post(
        "/v5/order/create",
        R"({"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.01","price":"50000",)"
        R"("timeInForce":"PostOnly","orderLinkId":"abc-123"})",
        kSigningTime);
    ASSERT_TRUE(post);
    EXPECT_EQ(header(*post, "X-BAPI-SIGN"),
              "fdf7ed811b61f8d1df175df4a0b484a4c0e00541188afc1c67fc8b30cf5c0b49");
    EXPECT_EQ(post->url.find('?'), std::string::npos);
}

TEST_F(BybitSigningTest, SignsTheLogOn)
{
    EXPECT_EQ(linear_.log_on(7, 1'700'000'010'000),
              R"({"req_id":"7","op":"auth","args":["testkey",1700000010000,)"
              R"("6a806639d27b1c24c3808a191e9d0274d0c9d3a04a160233856d65840dfda2c8"]})");
    Credentials other = credentials_of("testsecreT");
    Encoder wrong({test::kLinearVenue, &table_, 0, &other});
    EXPECT_EQ(wrong.log_on(7, 1'700'000'010'000).find("6a806639"), std::string_view::npos);
}

TEST_F(BybitSigningTest, SendsNothingWhenTheSignerRefuses)
{
    struct Refusing final : Signer {
        KeyAlgorithm algorithm() const override { return KeyAlgorithm::hmac_sha256; }
        bool sign(std::string_view, Signature&) override { return false; }
    };
    credentials_.signer = std::make_unique<Refusing>();
    EXPECT_FALSE(linear_.get("/v5/order/realtime", "", kSigningTime));
    EXPECT_FALSE(linear_.post("/v5/order/cancel", "{}", kSigningTime));
    EXPECT_TRUE(linear_.log_on(1, kSigningTime).empty());
}

TEST_F(BybitSigningTest, RefusesSecretsItCannotUse)
{
    std::string pem = "-----BEGIN PRIVATE KEY-----\ntestkeytestkey\n-----END PRIVATE KEY-----\n";
    const auto refused = make_signer(Secret::take(pem));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.find("testkey"), std::string::npos) << "no part of a secret in errors";
    EXPECT_FALSE(make_signer(Secret()));
}

TEST_F(BybitSigningTest, WritesCancelsByClientId)
{
    OrderReference order;
    order.order = make_order_id(3, 4);
    order.listing = test::kSpot;
    const std::string id(client_order_id(order.order).view());
    EXPECT_EQ(spot_.cancel(order, 12, kSigningTime),
              R"({"reqId":"12-)" + id +
                  R"(","header":{"X-BAPI-TIMESTAMP":"1700000000000","X-BAPI-RECV-WINDOW":)"
                  R"("5000"},"op":"order.cancel","args":[{"category":"spot",)"
                  R"("symbol":"BTCUSDT","orderLinkId":")" +
                  id + R"("}]})");
    EXPECT_LE(std::string("18446744073709551615-").size() - 6 + id.size(), 36U)
        << "reqId holds 36 characters";
}

TEST(BybitErrorsTest, ACodeStandsOnceAndIsNeverDone)
{
    std::set<int> seen;
    for (const auto& group : error_classes()) {
        EXPECT_NE(group.verdict.outcome, Outcome::done);
        EXPECT_NE(group.verdict.outcome, Outcome::unknown);
        EXPECT_NE(group.verdict.reason, RejectReason::none);
        for (const int code : group.codes) {
            EXPECT_TRUE(seen.insert(code).second) << code;
            EXPECT_EQ(verdict_of(code), group.verdict) << code;
        }
    }
    EXPECT_GT(seen.size(), 200U);
    EXPECT_EQ(verdict_of(0), kDone);
}

// A refusal that was none costs a position: what may have been executed, and what nobody documents.
TEST(BybitErrorsTest, WhatMayHaveHappenedIsNotRefused)
{
    for (const std::int64_t code :
         {-1LL,     1LL,      10000LL,  10016LL,  40004LL,  170001LL,  170007LL,       170032LL,
          170035LL, 170146LL, 170147LL, 170149LL, 170150LL, 170191LL,  170212LL,       170234LL,
          170310LL, 170311LL, 99999LL,  170999LL, 119999LL, 3400214LL, 4'294'977'298LL}) {
        EXPECT_EQ(verdict_of(code, "Server Timeout").outcome, Outcome::unknown) << code;
        EXPECT_EQ(order_socket_verdict(code).outcome, Outcome::unknown) << code;
    }
}

TEST(BybitErrorsTest, SaysWhatEachDocumentedCodeMeans)
{
    struct Row {
        std::int64_t code;
        Outcome outcome;
        RejectReason reason;
    };
    for (const Row& row : {
             Row{10002, Outcome::refused, RejectReason::clock},
             {10003, Outcome::key_trouble, RejectReason::permission},
             {10004, Outcome::key_trouble, RejectReason::permission},
             {10005, Outcome::key_trouble, RejectReason::permission},
             {10006, Outcome::rate_limited, RejectReason::rate_limited},
             {10010, Outcome::key_trouble, RejectReason::permission},
             {10014, Outcome::refused, RejectReason::duplicate},
             {10019, Outcome::refused, RejectReason::other},
             {10028, Outcome::key_trouble, RejectReason::permission},
             {20006, Outcome::refused, RejectReason::duplicate},
             {30208, Outcome::refused, RejectReason::price_limit},
             {30228, Outcome::refused, RejectReason::other},
             {33004, Outcome::key_trouble, RejectReason::permission},
             {110001, Outcome::refused, RejectReason::other},
             {110003, Outcome::refused, RejectReason::price_limit},
             {110006, Outcome::refused, RejectReason::balance},
             {110007, Outcome::refused, RejectReason::balance},
             {110020, Outcome::refused, RejectReason::too_many},
             {110021, Outcome::refused, RejectReason::other},
             {110052, Outcome::refused, RejectReason::balance},
             {110066, Outcome::refused, RejectReason::no_market},
             {110072, Outcome::refused, RejectReason::duplicate},
             {110090, Outcome::refused, RejectReason::other},
             {110094, Outcome::refused, RejectReason::notional_minimum},
             {110120, Outcome::refused, RejectReason::price_limit},
             {110121, Outcome::refused, RejectReason::price_limit},
             {110124, Outcome::refused, RejectReason::other},
             {110132, Outcome::key_trouble, RejectReason::permission},
             {170005, Outcome::rate_limited, RejectReason::rate_limited},
             {170033, Outcome::refused, RejectReason::balance},
             {170124, Outcome::refused, RejectReason::other},
             {170131, Outcome::refused, RejectReason::balance},
             {170132, Outcome::refused, RejectReason::price_limit},
             {170134, Outcome::refused, RejectReason::tick},
             {170136, Outcome::refused, RejectReason::lot},
             {170140, Outcome::refused, RejectReason::notional_minimum},
             {170141, Outcome::refused, RejectReason::duplicate},
             {170151, Outcome::refused, RejectReason::no_market},
             {170192, Outcome::refused, RejectReason::price_limit},
             {170210, Outcome::refused, RejectReason::other},
             {170217, Outcome::refused, RejectReason::other},
             {170218, Outcome::refused, RejectReason::would_take},
             {170222, Outcome::rate_limited, RejectReason::rate_limited},
             {170372, Outcome::refused, RejectReason::price_limit},
             {170382, Outcome::refused, RejectReason::other},
             {170810, Outcome::refused, RejectReason::too_many},
         }) {
        EXPECT_EQ(verdict_of(row.code), (Verdict{row.outcome, row.reason})) << row.code;
    }
    EXPECT_EQ(order_socket_verdict(10003).outcome, Outcome::rate_limited) << "too many sessions, not the key";
    EXPECT_EQ(order_socket_verdict(110007).reason, RejectReason::balance);
    EXPECT_EQ(order_socket_verdict(110123), (Verdict{Outcome::refused, RejectReason::permission}))
        << "one market's terms, not the key";
}

TEST(BybitErrorsTest, TheTextTellsWhichParameterWasWrong)
{
    const auto reason = [](std::string_view text) {
        EXPECT_EQ(verdict_of(10001, text).outcome, Outcome::refused) << text;
        return verdict_of(10001, text).reason;
    };
    EXPECT_EQ(reason("The number of contracts exceeds minimum limit allowed"), RejectReason::lot);
    EXPECT_EQ(reason("The number of contracts exceeds maximum limit allowed: too large"),
              RejectReason::other);
    EXPECT_EQ(reason("Qty invalid"), RejectReason::lot);
    EXPECT_EQ(reason("params error: Price invalid"), RejectReason::tick);
    EXPECT_EQ(reason("position idx not match position mode"), RejectReason::other);
    EXPECT_EQ(reason(""), RejectReason::other);
    EXPECT_EQ(verdict_of(-1, "request expired"), (Verdict{Outcome::refused, RejectReason::clock}));
}

TEST(BybitErrorsTest, JudgesHttpStatuses)
{
    EXPECT_EQ(verdict_of_status(0, true).outcome, Outcome::unknown);
    EXPECT_EQ(verdict_of_status(0, false).outcome, Outcome::refused);
    EXPECT_EQ(verdict_of_status(403, true).outcome, Outcome::banned);
    EXPECT_EQ(verdict_of_status(429, true).outcome, Outcome::rate_limited);
    EXPECT_EQ(verdict_of_status(401, true).outcome, Outcome::key_trouble);
    for (const int status : {500, 502, 503, 504, 418, 302})
        EXPECT_EQ(verdict_of_status(status, true).outcome, Outcome::unknown) << status;
}

TEST(BybitErrorsTest, ReadsWhyAnOrderEnded)
{
    EXPECT_EQ(reason_of("EC_PostOnlyWillTakeLiquidity", "UNKNOWN"), RejectReason::would_take);
    EXPECT_EQ(reason_of("EC_NoImmediateQtyToFill", ""), RejectReason::unfilled);
    EXPECT_EQ(reason_of("EC_NoError", "CancelBySmp"), RejectReason::self_trade);
    EXPECT_EQ(reason_of("EC_StopBySelfMatch", "UNKNOWN"), RejectReason::self_trade);
    EXPECT_EQ(reason_of("EC_NoError", "CancelByDCP"), RejectReason::other);
    EXPECT_EQ(reason_of("EC_PerCancelRequest", "CancelByUser"), RejectReason::none);
    EXPECT_EQ(reason_of("EC_Invented", ""), RejectReason::none);
}

}  // namespace
}  // namespace arb::bybit
