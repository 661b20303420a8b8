// The documented signatures, and the table of codes.
#include "connectors/okx/signer.hpp"

#include <gtest/gtest.h>

#include "connectors/okx/errors.hpp"
#include "connectors/okx/okx.hpp"

namespace arb::okx {
namespace {

Credentials credentials()
{
    Credentials result;
    result.key_id = "emulated-key";
    std::string secret = "22582BD0CFF14C41EDBF1AB98506286D";  // the sample of the documentation
    result.signer = std::move(make_signer(Secret::take(secret))).take();
    return result;
}

TEST(OkxSigning, vectors)
{
    const Credentials key = credentials();
    EXPECT_EQ(sign_request(key, "2020-12-08T09:08:57.715Z", "GET", "/api/v5/account/balance?ccy=BTC", ""),
              "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=");
    EXPECT_EQ(
        sign_request(
            key, "2020-12-08T09:08:57.715Z", "POST", "/api/v5/trade/order",
            R"({"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"})"),
        "dI6rrL9rXW/HdaPKJ/6LC1OgvH4/PYju6R3CqixMTNQ=");
    EXPECT_EQ(sign_request(key, "1704876947", "GET", "/users/self/verify", ""),
              "5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU=");
    EXPECT_EQ(iso_time(*parse_utc("2020-12-08T09:08:57.715999Z")), "2020-12-08T09:08:57.715Z");
}

TEST(OkxSigning, an_empty_secret_is_refused)
{
    EXPECT_FALSE(make_signer(Secret{}));
}

TEST(OkxErrors, documented_codes_and_nothing_else)
{
    for (const ErrorRow& row : error_table()) EXPECT_EQ(judge(200, row.code), row.verdict) << row.code;
    for (const char* code : {"50001", "50004", "50013", "50026", "51149", "99999", ""})
        EXPECT_EQ(judge(200, code).outcome, Outcome::unknown) << code;
    EXPECT_EQ(judge(503, "0").outcome, Outcome::unknown) << "a 5xx says nothing, whatever is in it";
    EXPECT_EQ(judge(500, "51008").outcome, Outcome::unknown);
    EXPECT_EQ(judge(429, "").outcome, Outcome::rate_limited);
    EXPECT_EQ(judge(403, "").outcome, Outcome::banned);
}

}  // namespace
}  // namespace arb::okx
