#include "engine/report/backtest_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/report/utf8.hpp"
#include "tests/report/samples.hpp"

namespace arb {
namespace {

using nlohmann::json;

constexpr const char* kSmallJson = R"({
  "title": "small",
  "inputs": [
    "a.arb",
    "b.arb"
  ],
  "spans": [],
  "compared_ns": null,
  "books": [],
  "begin": "2021-08-20T00:00:00.000000000Z",
  "end": "2021-08-20T02:00:00.000000000Z",
  "events": 14400,
  "events_per_second": 1440000,
  "quote": "USDT",
  "crossings": [
    {"instrument":"LINK/USDT","buy_venue":"hb","sell_venue":"bnc","instants":670,"max_bps":8.0284},
    {"instrument":"LINK/USDT","buy_venue":"bnc","sell_venue":"hb","instants":669,"max_bps":7.5}
  ],
  "opportunities": 2,
  "missed": {
    "fees": {"opportunities":1,"quoted":"0.04725"},
    "edge_minimum": {"opportunities":0,"quoted":"0"},
    "book_invalid": {"opportunities":0,"quoted":"0"},
    "book_stale": {"opportunities":0,"quoted":"0"},
    "clock_skew": {"opportunities":0,"quoted":"0"},
    "cooldown": {"opportunities":0,"quoted":"0"},
    "in_flight": {"opportunities":0,"quoted":"0"},
    "quantity": {"opportunities":0,"quoted":"0"},
    "balance": {"opportunities":0,"quoted":"0"},
    "inventory": {"opportunities":0,"quoted":"0"},
    "liquidity_taken": {"opportunities":0,"quoted":"0"},
    "risk": {"opportunities":0,"quoted":"0"},
    "halted": {"opportunities":0,"quoted":"0"}
  },
  "missed_by_limit": {},
  "packages": 1,
  "unwound": 0,
  "flagged": 0,
  "orders": 2,
  "rejects": 0,
  "fills": 2,
  "waterfall": {
    "quoted": "0.0963408",
    "depth": "-0.01",
    "fees": "-0.024000000000000001",
    "latency": "0.001",
    "unwind": "0",
    "realised": "0.063340799999999999"
  },
  "by_pair": [
    {"instrument":"LINK/USDT","buy_venue":"hb","sell_venue":"bnc","packages":1,"unwound":0,"flagged":0,"volume":"120.00015","waterfall":{"quoted":"0.0963408","depth":"-0.01","fees":"-0.024000000000000001","latency":"0.001","unwind":"0","realised":"0.063340799999999999"}}
  ],
  "by_venue": {
    "bnc": {"frames":7200,"orders":1,"fills":1,"rejects":0,"volume":"120.09","fees":"0.012"},
    "hb": {"frames":7200,"orders":1,"fills":1,"rejects":0,"volume":"120.00015","fees":"0.012000000000000001"}
  },
  "balances": [
    {"venue":"bnc","asset":"USDT","start":"10000","fills":"120.09","fees":"0.012","end":"10120.078"},
    {"venue":"bnc","asset":"LINK","start":"400","fills":"-4.5","fees":"0","end":"395.5"},
    {"venue":"hb","asset":"USDT","start":"10000","fills":"-120.00015","fees":"0.012000000000000001","end":"9879.987849999999999999"},
    {"venue":"hb","asset":"LINK","start":"400","fills":"4.5","fees":"0","end":"404.5"}
  ],
  "final_balances": {
    "bnc": {"USDT":"10120.078","LINK":"395.5"},
    "hb": {"USDT":"9879.987849999999999999","LINK":"404.5"}
  },
  "conclusion": [
    "1 package earned 0.063341 USDT of a quoted edge of 0.096341 USDT; the largest cost was fees at 0.024000 USDT.",
    "1 of 2 opportunities were missed, most often: the fees of both legs are more than the gap."
  ],
  "notes": [
    "Decimals of hb were learnt from the data."
  ],
  "decision_hash": "0123456789abcdef"
}
)";

constexpr const char* kSmallText = R"(Backtest small
  inputs  a.arb, b.arb
  span    2021-08-20 00:00:00 UTC to 2021-08-20 02:00:00 UTC, 2 h
  events  14,400 in 10 ms, 1,440,000 a second
  hash    0123456789abcdef of all decisions

Crossings: best bid of one venue above the best ask of another, before any fee
  instrument  buy on  sell on  instants  widest bps
  LINK/USDT   hb      bnc           670        8.03
  LINK/USDT   bnc     hb            669        7.50

Edge waterfall in USDT
  quoted    +0.096341  ████████████████████████████████████████████
  depth     -0.010000                                         ▒▒▒▒▒
  fees      -0.024000                              ▒▒▒▒▒▒▒▒▒▒▒
  latency   +0.001000                              █
  unwind     0.000000
  realised  +0.063341  █████████████████████████████

Packages: 1, 2 fills, 0 unwound, 0 flagged, 0 of 2 orders rejected
  instrument  buy on  sell on  packages  unwound  volume    quoted       fees   realised
  LINK/USDT   hb      bnc             1        0  120.00  0.096341  -0.024000  +0.063341

Missed opportunities: 1 of 2
  number  quoted edge  reason
       1     0.047250  the fees of both legs are more than the gap

Balances: end = start + fills - fees
  venue  asset        start      fills    fees          end
  bnc    USDT   10,000.0000  +120.0900  0.0120  10,120.0780
  bnc    LINK      400.0000    -4.5000  0.0000     395.5000
  hb     USDT   10,000.0000  -120.0002  0.0120   9,879.9878
  hb     LINK      400.0000    +4.5000  0.0000     404.5000

Conclusion
  1 package earned 0.063341 USDT of a quoted edge of 0.096341 USDT; the largest cost was fees at
  0.024000 USDT.
  1 of 2 opportunities were missed, most often: the fees of both legs are more than the gap.

Notes
  Decimals of hb were learnt from the data.
)";

Amount decimal(const json& value)
{
    return samples::exact_amount(value.get<std::string>().c_str());
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

TEST(BacktestJson, small_run_to_the_letter)
{
    EXPECT_EQ(backtest_json(samples::small_result()), kSmallJson);
}

TEST(BacktestJson, waterfall_text_adds_up_to_the_last_digit)
{
    // The parts have up to eighteen decimals, so each is read as its own exact Decimal of the text.
    const json report = json::parse(backtest_json(samples::small_result()));
    const auto sum_of = [](const json& w) {
        return decimal(w["quoted"]) + decimal(w["depth"]) + decimal(w["fees"]) + decimal(w["latency"]) +
               decimal(w["unwind"]);
    };
    EXPECT_EQ(sum_of(report["waterfall"]).text(), report["waterfall"]["realised"].get<std::string>());
    for (const json& pair : report["by_pair"]) {
        EXPECT_EQ(sum_of(pair["waterfall"]).text(), pair["waterfall"]["realised"].get<std::string>());
    }
}

TEST(BacktestJson, has_every_member_that_tools_rely_on)
{
    for (const RunResult& result :
         {samples::rich_result(), samples::untraded_result(), samples::empty_result()}) {
        const json report = json::parse(backtest_json(result));
        for (const char* name : {"events", "events_per_second", "packages", "fills", "opportunities",
                                 "orders", "rejects", "unwound", "flagged"}) {
            EXPECT_TRUE(report.at(name).is_number_unsigned()) << name;
        }
        for (const char* name : {"crossings", "by_pair", "balances", "notes", "inputs"}) {
            EXPECT_TRUE(report.at(name).is_array()) << name;
        }
        for (const char* name : {"waterfall", "by_venue", "final_balances", "missed"}) {
            EXPECT_TRUE(report.at(name).is_object()) << name;
        }
        for (const char* name : {"quoted", "depth", "fees", "latency", "unwind", "realised"}) {
            EXPECT_TRUE(report["waterfall"].at(name).is_string()) << name;
        }
        EXPECT_EQ(report.at("decision_hash").get<std::string>().size(), 16U);
    }
}

TEST(BacktestJson, rich_run)
{
    const json report = json::parse(backtest_json(samples::rich_result()));
    EXPECT_EQ(report["packages"], 40);
    EXPECT_EQ(report["crossings"][0]["instants"].get<int>() + report["crossings"][1]["instants"].get<int>(),
              1339);
    EXPECT_EQ(report["crossings"][0]["max_bps"].dump(), "8.0284");
    EXPECT_EQ(report["events_per_second"], 1'254'037);
    EXPECT_EQ(report["by_venue"]["hb"]["frames"], 7200);
    EXPECT_EQ(report["final_balances"].size(), 2U);
    EXPECT_EQ(report["final_balances"]["bnc"].size(), 2U);
}

TEST(BacktestJson, unknown_times_are_null)
{
    const json report = json::parse(backtest_json(samples::empty_result()));
    EXPECT_TRUE(report["begin"].is_null());
    EXPECT_TRUE(report["end"].is_null());
    EXPECT_EQ(report["events_per_second"], 0);
}

TEST(BacktestJson, hostile_names_survive_the_round_trip)
{
    const std::string text = backtest_json(samples::hostile_result());
    EXPECT_EQ(text.find('<'), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    std::string expected = samples::hostile_text();
    expected.replace(expected.find('\xff'), 1, "\xef\xbf\xbd");
    EXPECT_EQ(json::parse(text)["title"].get<std::string>(), expected);
}

TEST(BacktestText, small_run_to_the_letter)
{
    EXPECT_EQ(backtest_text(samples::small_result(), false), kSmallText);
}

TEST(BacktestText, fits_a_screen)
{
    for (const RunResult& result : {samples::rich_result(), samples::untraded_result(),
                                    samples::small_result(), samples::empty_result()}) {
        const auto lines = lines_of(backtest_text(result, false));
        EXPECT_LE(lines.size(), 52U);
        for (const std::string& line : lines) EXPECT_LE(columns_of(line), 100U) << line;
    }
}

TEST(BacktestText, long_tables_are_cut_and_say_so)
{
    RunResult result = samples::rich_result();
    for (int i = 0; i < 30; ++i) {
        result.crossings.push_back(result.crossings[0]);
        result.by_pair.push_back(result.by_pair[0]);
        result.balances.push_back(result.balances[0]);
        result.notes.push_back(result.notes[0]);
    }
    for (MissedRow& row : result.missed) row.opportunities = 5;
    const std::string text = backtest_text(result, false);
    EXPECT_LE(lines_of(text).size(), 64U);
    EXPECT_NE(text.find("and 28 more"), std::string::npos) << text;
}

TEST(BacktestText, colour_is_only_added_and_only_when_asked)
{
    const RunResult result = samples::rich_result();
    std::string coloured = backtest_text(result, true);
    EXPECT_NE(coloured.find("\x1b[32m"), std::string::npos);
    for (std::size_t at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b')) {
        coloured.erase(at, coloured.find('m', at) - at + 1);
    }
    EXPECT_EQ(coloured, backtest_text(result, false));
}

TEST(BacktestText, hostile_names_reach_no_terminal)
{
    const std::string text = backtest_text(samples::hostile_result(), false);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
}

TEST(BacktestText, waterfall_bars_hang_on_one_another)
{
    RunResult result = samples::small_result();
    result.waterfall = samples::waterfall("4", "0", "-6", "0", "0");
    const std::string text = backtest_text(result, false);
    // From -2 to 4 over 44 columns: zero stands at 15, so the quoted bar begins there and the loss ends
    // there.
    const auto lines = lines_of(text);
    const auto quoted = std::find_if(lines.begin(), lines.end(),
                                     [](const std::string& line) { return line.starts_with("  quoted"); });
    const auto realised = std::find_if(
        lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("  realised"); });
    ASSERT_NE(quoted, lines.end());
    ASSERT_NE(realised, lines.end());
    const auto bar_at = [](const std::string& line, const char* mark) {
        return columns_of(line.substr(0, line.find(mark)));
    };
    EXPECT_EQ(columns_of(*realised), bar_at(*quoted, "\u2588"));
}

}  // namespace
}  // namespace arb
