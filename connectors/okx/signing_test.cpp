// The documented signatures, and the table of codes.
#include "connectors/okx/signer.hpp"

#include <algorithm>
#include <string>
#include <vector>

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
    std::vector<int> seen;
    for (const auto& c : error_classes()) {
        for (const int code : c.codes) {
            EXPECT_EQ(judge(200, std::to_string(code)), c.verdict) << code;
            EXPECT_EQ(std::count(seen.begin(), seen.end(), code), 0) << code << " stands in two classes";
            seen.push_back(code);
        }
    }
    for (const char* code : {"50001", "50004", "50013", "50026", "51054", "51149", "63999", "99999", "", "51",
                             "5112x", "x", "_", "051127", "99999999999999999999"})
        EXPECT_EQ(judge(200, code).outcome, Outcome::unknown) << code;
    EXPECT_EQ(judge(503, "0").outcome, Outcome::unknown) << "a 5xx says nothing, whatever is in it";
    EXPECT_EQ(judge(500, "51008").outcome, Outcome::unknown);
    EXPECT_EQ(judge(429, "").outcome, Outcome::rate_limited);
    EXPECT_EQ(judge(403, "").outcome, Outcome::banned);
    EXPECT_EQ(judge(429, "50013").outcome, Outcome::unknown) << "busy: it may have been executed";
    EXPECT_EQ(judge(400, "50004").outcome, Outcome::unknown);
}

TEST(OkxErrors, what_a_code_says_of_an_order)
{
    struct Row {
        const char* code;
        Verdict verdict;
    };
    const auto refused = [](RejectReason reason) { return Verdict{Outcome::refused, reason}; };
    const Row rows[] = {
        {"51127", refused(RejectReason::balance)},
        {"50021", refused(RejectReason::balance)},
        {"51119", refused(RejectReason::balance)},
        {"51116", refused(RejectReason::price_limit)},
        {"51120", refused(RejectReason::lot)},
        {"51202", refused(RejectReason::other)},  // too large is not too small
        {"51004", refused(RejectReason::other)},
        {"51004_1101", refused(RejectReason::other)},  // sub-codes mean what the code means
        {"51008_1020", refused(RejectReason::balance)},
        {"51107", refused(RejectReason::other)},
        {"51025", refused(RejectReason::too_many)},
        {"51022", refused(RejectReason::no_market)},
        {"54094", refused(RejectReason::no_market)},
        {"50028", refused(RejectReason::permission)},
        {"54109", refused(RejectReason::permission)},
        {"50016", refused(RejectReason::other)},
        {"50071", refused(RejectReason::duplicate)},
        {"51011", refused(RejectReason::duplicate)},
        // The answers to our own expTime.
        {"50036", refused(RejectReason::clock)},
        {"50037", refused(RejectReason::clock)},
        {"54045", refused(RejectReason::would_take)},
        // Of amends.
        {"51502_1030", refused(RejectReason::balance)},
        {"51503", refused(RejectReason::other)},
        {"51500", refused(RejectReason::other)},
        {"51508", refused(RejectReason::other)},
        {"51511", refused(RejectReason::would_take)},
        {"51513", {Outcome::rate_limited, RejectReason::rate_limited}},
        {"51113", {Outcome::rate_limited, RejectReason::rate_limited}},
        {"50100", {Outcome::key_trouble, RejectReason::permission}},
        {"50109", {Outcome::key_trouble, RejectReason::permission}},
        {"60032", {Outcome::key_trouble, RejectReason::permission}},
        {"60033", {Outcome::key_trouble, RejectReason::permission}},
    };
    for (const Row& row : rows) EXPECT_EQ(judge(200, row.code), row.verdict) << row.code;
    // A question for keys that are bound to addresses is no ban.
    EXPECT_EQ(judge(403, "50035"), refused(RejectReason::permission));
    EXPECT_EQ(judge(403, "50030"), refused(RejectReason::permission));
}

TEST(OkxErrors, why_an_order_ended)
{
    const std::pair<const char*, RejectReason> rows[] = {
        {"", RejectReason::none},         {"1", RejectReason::none},        {"13", RejectReason::unfilled},
        {"14", RejectReason::unfilled},   {"20", RejectReason::other},      {"27", RejectReason::price_limit},
        {"31", RejectReason::would_take}, {"32", RejectReason::self_trade}, {"33", RejectReason::other},
        {"0", RejectReason::other},       {"999", RejectReason::other}};
    for (const auto& [source, reason] : rows) EXPECT_EQ(end_reason(source), reason) << source;
}

}  // namespace
}  // namespace arb::okx
