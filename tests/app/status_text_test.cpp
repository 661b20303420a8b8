// The status of a running engine as a person reads it.
#include "engine/app/run/status_text.hpp"

#include <gtest/gtest.h>

namespace arb {
namespace {

constexpr std::string_view kStatus =
    R"({"version":"arbiter 0.1","mode":"emulated","phase":"trading","paused":true,
"paused_why":"paused by hand","seconds":3723,"packages":2,"open_packages":1,"flagged":1,"orders":5,"open_orders":2,"fills":4,
"currency":"USDT","realised":"1234.5","realised_today":"-3.25","frame_to_order_us":{"p50":80,"p99":140,"max":900},
"venues":[{"venue":"okx","books":1,"books_listed":2,"order_entry":true,"private_stream":false,"clock_offset_us":-120,
"stopped":"its private stream is down"},{"venue":"kraken","books":2,"books_listed":2}],
"keys":[{"venue":"okx","label":"main","role":"trade","stage":"serving","fault":"expires","text":"it ends in two days"}],
"markets":[{"market":"LINK/USDT","bid":"27.1","ask":"27.2","edge_bps":"-36.7"}],
"instruments":[{"venue":"kraken","symbol":"LINK/USDT","no_new_risk":"the venue has halted it"}],
"exposure":[{"market":"LINK/USDT","cause":"late_fill","quantity":"-12.5","since":"2026-11-30T10:00:00.5Z"}],
"open_legs":[{"package":7,"part":"rest","venue":"okx","symbol":"LINK-USDT","side":"buy","quantity":"10","price":"27.05",
"filled":"2","since":"2026-11-30T10:00:01Z"}],
"limits":[{"limit":"risk.gross_max_quote","used":"1000","most":"1000","reached":true}],
"held":[{"package":3,"market":"LINK/USDT","since":"2026-11-30T09:00:00Z","cost":"-2.5",
"at":[{"venue":"okx","symbol":"LINK-USDT","quantity":"5"}]}],
"not_taken":[{"reason":"risk.instrument_max_quote","text":"refused by the risk gate","times":1200,"edge":"3.5"}],
"balances":[{"venue":"okx","asset":"USDT","amount":"10000"},{"venue":"okx","asset":"LINK","amount":"0"}],
"flags":["LINK/USDT: a fill came late"]})";

bool says(const std::string& page, std::string_view words)
{
    return page.find(words) != std::string::npos;
}

TEST(StatusText, says_what_a_trader_asks_first)
{
    const std::string page = status_text(kStatus, false).value_or("");
    for (const char* words :
         {"emulated  trading", "PAUSED: paused by hand", "1,234.5 USDT in this run, -3.25 today",
          "2 packages, 1 open", "FLAGGED LINK/USDT: a fill came late", "DOWN", "its private stream is down",
          "key main at okx: it ends in two days", "-12.5", "late_fill", "2026-11-30T10:00:00",
          "buy 10 LINK-USDT at 27.05", "risk.gross_max_quote", "okx 5 LINK-USDT", "risk.instrument_max_quote",
          "1,200", "no new risk: the venue has halted it", "10,000"})
        EXPECT_TRUE(says(page, words)) << words << "\n" << page;
    EXPECT_FALSE(says(page, "\x1b")) << "no colour was asked for";
    EXPECT_FALSE(says(page, "LINK     0")) << "an account without anything is left out";
}

TEST(StatusText, no_line_is_wider_than_reports_are)
{
    const std::string page = status_text(kStatus, false).value_or("");
    for (std::size_t at = 0; at < page.size();) {
        const std::size_t end = std::min(page.find('\n', at), page.size());
        EXPECT_LE(end - at, 130U) << page.substr(at, end - at);
        at = end + 1;
    }
}

TEST(StatusText, what_is_at_risk_is_red)
{
    const std::string page = status_text(kStatus, true).value_or("");
    EXPECT_TRUE(says(page, "\x1b[31m")) << page;
}

TEST(StatusText, words_of_venues_move_no_cursor)
{
    const std::string page = status_text(
                                 "{\"phase\":\"trading\",\"paused\":true,\"paused_why\":\"\\u001b[2Ja\","
                                 "\"venues\":[{\"venue\":\"okx\",\"stopped\":\"\\u001b]0;b\\u0007\"}],"
                                 "\"keys\":[{\"venue\":\"okx\",\"fault\":\"x\",\"text\":\"\\rc\"}],"
                                 "\"flags\":[\"\\u001b[31md\"]}",
                                 false)
                                 .value_or("");
    for (const char* words : {"a\n", "b", "c", "FLAGGED"}) EXPECT_TRUE(says(page, words)) << words << page;
    EXPECT_EQ(page.find_first_of("\x1b\r\x07"), std::string::npos) << page;
}

TEST(StatusText, anything_else_is_no_status)
{
    EXPECT_FALSE(status_text("", false));
    EXPECT_FALSE(status_text("[]", false));
    EXPECT_FALSE(status_text(R"({"ok":true})", false));
    EXPECT_FALSE(status_text(R"({"phase":"trading")", false));
    EXPECT_TRUE(status_text(R"({"phase":"trading"})", false)) << "what is missing is left out";
}

}  // namespace
}  // namespace arb
