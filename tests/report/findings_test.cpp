#include "engine/report/findings.hpp"

#include <gtest/gtest.h>

#include "tests/report/samples.hpp"

namespace arb {
namespace {

using samples::exact_amount;

std::string first_sentence(const RunResult& result)
{
    return conclude(result, find(result)).front();
}

TEST(Findings, says_why_nothing_was_earned)
{
    EXPECT_EQ(
        first_sentence(samples::untraded_result()),
        "1,339 crossings, none paid its fees: the widest was 8.03 bps, both legs' taker fees are 20.00 bps.");
}

TEST(Findings, says_what_was_earned_and_what_cost_most)
{
    const RunResult result = samples::small_result();
    const auto sentences = conclude(result, find(result));
    EXPECT_EQ(
        sentences[0],
        "1 package earned 0.063341 USDT of a quoted edge of 0.096341 USDT; the largest cost was fees at "
        "0.024000 USDT.");
    EXPECT_EQ(sentences[1],
              "1 of 2 opportunities were missed, most often: the fees of both legs are more than the gap.");
}

TEST(Findings, says_loss_and_trouble)
{
    RunResult result = samples::small_result();
    result.waterfall = samples::waterfall("1", "-0.5", "-0.2", "-0.1", "-3");
    result.packages_total = 3;
    result.packages_unwound = result.packages_flagged = 1;
    const auto sentences = conclude(result, find(result));
    EXPECT_EQ(
        sentences[0],
        "3 packages lost 2.8000 USDT of a quoted edge of 1.0000 USDT; the largest cost was unwinding at "
        "3.0000 USDT.");
    EXPECT_EQ(sentences[1], "1 package ended flagged: part of a leg was left open and needs a person.");
    EXPECT_EQ(sentences[2], "1 package had to unwind a leftover leg.");
}

TEST(Findings, says_that_there_was_nothing)
{
    EXPECT_EQ(first_sentence(samples::empty_result()),
              "The recordings held no inputs: nothing was replayed.");
    RunResult quiet;
    quiet.events = 5;
    EXPECT_EQ(first_sentence(quiet),
              "No venue's best bid ever stood above another venue's best ask: there was no gap to trade.");
}

TEST(Findings, names_the_main_reason_when_fees_were_paid)
{
    RunResult result = samples::untraded_result();
    for (Opportunity& o : result.opportunities) o.max_edge_after_fees = {o.max_edge.units - 10'000};
    result.missed = {};
    result.missed[static_cast<std::size_t>(MissedReason::balance)] = {620, {}};
    EXPECT_EQ(first_sentence(result),
              "1,339 crossings, none was traded: the widest was 8.03 bps, at best 7.03 bps after fees; most "
              "often not "
              "enough balance at one of the venues.");
}

TEST(Findings, fees_come_from_fills_when_no_opportunity_tells)
{
    RunResult result = samples::small_result();
    result.opportunities.clear();
    const Findings findings = find(result);
    ASSERT_TRUE(findings.fees.has_value());
    EXPECT_EQ(fee_text(*findings.fees), "2.00 bps");
    result.by_pair.clear();
    EXPECT_FALSE(find(result).fees.has_value());
}

TEST(Findings, fees_may_differ_by_pair)
{
    EXPECT_EQ(fee_text({{150'000}, {200'000}}), "between 15.00 and 20.00 bps");
    EXPECT_EQ(fee_text({{200'000}, {200'400}}), "20.00 bps");
}

TEST(Findings, sums_that_do_not_hold_are_said)
{
    RunResult result = samples::small_result();
    EXPECT_TRUE(find(result).waterfall_adds_up);
    EXPECT_TRUE(find(result).balances_add_up);
    result.packages[0].waterfall.realised += Amount{1};
    result.balances[0].end += Amount{1};
    const Findings findings = find(result);
    EXPECT_FALSE(findings.waterfall_adds_up);
    EXPECT_FALSE(findings.balances_add_up);
    EXPECT_TRUE(conclude(result, findings).back().starts_with("Warning"));
}

TEST(Findings, rates_and_speed)
{
    EXPECT_EQ(rate_of(exact_amount("0.02"), exact_amount("100"))->units, 20'000);
    EXPECT_FALSE(rate_of(exact_amount("1"), {}).has_value());
    EXPECT_EQ(rate_of({Int128{1} << 120}, {Int128{1} << 121})->units, 50'000'000) << "no overflow";
    EXPECT_EQ(percent_text(exact_amount("-0.755"), exact_amount("1")), "-76 %");
    RunResult result;
    result.events = 3;
    EXPECT_EQ(events_per_second(result), 0U);
    result.wall_ns = 2'000'000'000;
    EXPECT_EQ(events_per_second(result), 1U);
    result.events = UINT64_MAX / 2;
    EXPECT_EQ(events_per_second(result), UINT64_MAX / 4);
}

// What was not compared is no proof that there was nothing.
TEST(Findings, no_crossing_is_told_with_what_was_compared)
{
    RunResult result;
    result.events = 1;
    result.begin = Timestamp{} + seconds(1);
    result.end = result.begin + seconds(100);
    const auto first = [&] { return conclude(result, find(result)).at(0); };
    const std::string none =
        "No venue's best bid ever stood above another venue's best ask: there was no gap to trade.";
    EXPECT_EQ(first(), none);
    result.compared = seconds(100);
    EXPECT_EQ(first(), none);
    result.compared = Duration{};
    EXPECT_EQ(first(), "No two books of one market were usable at the same time: nothing was compared.");
    result.compared = seconds(12);
    EXPECT_NE(first().find(" in the 12"), std::string::npos) << first();
    result.missed[static_cast<std::size_t>(MissedReason::book_stale)].opportunities = 2;
    EXPECT_NE(first().find("2 gaps stood against a book that was too old"), std::string::npos) << first();
}

}  // namespace
}  // namespace arb
