// The documented signature, the table of texts, and numbers that stay text.
#include "connectors/kraken/signer.hpp"

#include <gtest/gtest.h>

#include "connectors/kraken/errors.hpp"
#include "connectors/kraken/kraken.hpp"

namespace arb::kraken {
namespace {

TEST(KrakenSigning, vector)
{
    Credentials key;
    // The sample of the documentation.
    std::string secret =
        "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";
    key.signer = std::move(make_signer(Secret::take(secret))).take();
    EXPECT_EQ(
        sign_request(key, "/0/private/AddOrder", "1616492376594",
                     "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"),
        "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==");
}

TEST(KrakenSigning, a_secret_that_is_no_base64_is_refused_without_showing_it)
{
    for (const char* text : {"", "not base64!", "abc"}) {
        std::string secret = text;
        const auto signer = make_signer(Secret::take(secret));
        ASSERT_FALSE(signer);
        EXPECT_TRUE(*text == '\0' || signer.error().message.find(text) == std::string::npos);
    }
}

TEST(KrakenErrors, documented_texts_and_nothing_else)
{
    for (const ErrorRow& row : error_table()) EXPECT_EQ(judge(200, row.text), row.verdict) << row.text;
    EXPECT_EQ(judge(200, "EGeneral:Invalid arguments:volume").reason, RejectReason::other);
    for (const char* text : {"EService:Unavailable", "EService:Busy", "EOrder:Something new", "?"})
        EXPECT_EQ(judge(200, text).outcome, Outcome::unknown) << text;
    EXPECT_EQ(judge(200, "").outcome, Outcome::done);
    EXPECT_EQ(judge(503, "EOrder:Insufficient funds").outcome, Outcome::unknown);
}

}  // namespace
}  // namespace arb::kraken
