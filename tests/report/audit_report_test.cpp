#include "engine/report/audit_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/report/utf8.hpp"
#include "tests/report/samples.hpp"

namespace arb {
namespace {

using nlohmann::json;

constexpr const char* kJson = R"({
  "inputs": [
    "venues.arb"
  ],
  "frames": 183473,
  "records": 183481,
  "span_ns": 346400000000,
  "undecoded": 12,
  "undecoded_by_reason": {
    "unknown_message": 10,
    "malformed": 2
  },
  "books": [
    {"venue":"one_usdm","market":"usdm","instrument":"BTC/USDT:PERP","symbol":"BTCUSDT","frames":100000,"snapshots":1,"deltas":43210,"gaps":0,"resyncs":0,"checksums_ok":0,"checksums_bad":0,"crossed":0,"locked":2,"quotes":40000,"trades":12345,"levels_bid":1823,"levels_ask":2011,"best_bid":"61702.10","best_ask":"61702.20","valid":true,"state":"valid","book_hash":"123456789abcdef0","offset_min_ns":-1280000000,"offset_median_ns":-1271400000,"inferred":false,"recorded_ns":60000000000,"usable_ns":59000000000,"unusable_ns":{"crossed":750000000,"waiting":250000000},"left_out":0},
    {"venue":"two","market":"spot","instrument":"BTC/USD","symbol":"XBT/USD","frames":4281,"snapshots":2,"deltas":4269,"gaps":1,"resyncs":1,"checksums_ok":4268,"checksums_bad":1,"crossed":3,"locked":0,"quotes":0,"trades":0,"levels_bid":10,"levels_ask":0,"best_bid":"61700","best_ask":null,"valid":false,"state":"invalid","book_hash":"0000000000000000","offset_min_ns":null,"offset_median_ns":null,"inferred":true,"recorded_ns":0,"usable_ns":0,"unusable_ns":{},"left_out":0}
  ],
  "notes": [
    "venues.arb ends in the middle of a block: 12 records were kept."
  ]
}
)";

constexpr const char* kText = R"(Audit venues.arb
  183,473 frames in 183,481 records, over 346 s; 1 of 2 books valid at the end; 12 undecoded

  venue     instrument     snapshots  deltas  gaps  resyncs  sums ok  bad  crossed   bids   asks   best bid   best ask  offset ms  state
  one_usdm  BTC/USDT:PERP          1  43,210     0        0        0    0        0  1,823  2,011  61,702.10  61,702.20   -1,271.4  valid
  two       BTC/USD *              2   4,269     1        1    4,268    1        3     10      0     61,700          -          -  invalid
  * decimals learnt from the data
  offset: receive time less venue time, median

Undecoded, by reason
  number  reason
      10  unknown_message
       2  malformed

Not usable all the time
  BTCUSDT at one_usdm: usable for 98.3 % of 60 s; locked or crossed 0.75 s, no snapshot yet 0.25 s

Notes
  venues.arb ends in the middle of a block: 12 records were kept.
)";

TEST(AuditJson, two_books_to_the_letter)
{
    EXPECT_EQ(audit_json(samples::audit_result()), kJson);
}

TEST(AuditJson, has_every_member_that_tools_rely_on)
{
    const json report = json::parse(audit_json(samples::audit_result()));
    for (const char* name : {"frames", "span_ns", "undecoded"})
        EXPECT_TRUE(report.at(name).is_number_integer()) << name;
    for (const json& book : report.at("books")) {
        for (const char* name : {"venue", "market", "instrument", "symbol"})
            EXPECT_TRUE(book.at(name).is_string()) << name;
        for (const char* name : {"snapshots", "deltas", "gaps", "resyncs", "checksums_ok", "checksums_bad",
                                 "crossed", "levels_bid", "levels_ask"}) {
            EXPECT_TRUE(book.at(name).is_number_unsigned()) << name;
        }
        EXPECT_TRUE(book.at("valid").is_boolean());
        EXPECT_TRUE(book.contains("best_bid") && book.contains("best_ask"));
    }
    EXPECT_EQ(report["books"][0]["best_bid"], "61702.10") << "exact, trailing zero kept";
    EXPECT_TRUE(report["books"][1]["best_ask"].is_null()) << "no price is null";
    EXPECT_TRUE(report["books"][1]["offset_median_ns"].is_null());
}

TEST(AuditJson, a_reason_given_twice_is_one_member)
{
    AuditResult result;
    result.undecoded_by_reason = {{"a", 1}, {"b", 2}, {"a", 3}};
    const std::string text = audit_json(result);
    EXPECT_NE(text.find("\"a\": 4,\n    \"b\": 2\n"), std::string::npos) << text;
}

TEST(AuditText, two_books_to_the_letter)
{
    EXPECT_EQ(audit_text(samples::audit_result(), false), kText);
}

TEST(AuditText, keeps_its_width_whatever_the_numbers_and_names)
{
    AuditResult result = samples::audit_result();
    for (AuditBook& book : result.books) {
        book.deltas = book.trades = book.quotes = book.crossed = 1'000'000'000'000;
        book.symbol = book.instrument = std::string(300, 'x');
        book.best_bid = book.best_ask = "123456789.123456789";
    }
    std::istringstream text(audit_text(result, false));
    for (std::string line; std::getline(text, line);) EXPECT_LE(columns_of(line), 140U) << line;
}

TEST(AuditText, nothing_found_says_so)
{
    EXPECT_EQ(audit_text({}, false),
              "Audit\n  0 frames in 0 records, over 0 s; 0 of 0 books valid at the end; 0 undecoded\n\n"
              "  no book was found in the recordings\n");
    EXPECT_TRUE(json::parse(audit_json({}))["books"].empty());
}

TEST(AuditText, hostile_text_is_escaped_in_both_forms)
{
    AuditResult result = samples::audit_result();
    result.inputs = result.notes = {samples::hostile_text()};
    result.undecoded_by_reason = {{samples::hostile_text(), 1}};
    for (AuditBook& book : result.books) {
        book.venue = book.market = book.instrument = book.symbol = book.state = samples::hostile_text();
    }
    EXPECT_EQ(audit_text(result, false).find('\x1b'), std::string::npos);
    const std::string text = audit_json(result);
    EXPECT_EQ(text.find_first_of("<>\x1b"), std::string::npos);
    EXPECT_TRUE(json::accept(text));
}

}  // namespace
}  // namespace arb
