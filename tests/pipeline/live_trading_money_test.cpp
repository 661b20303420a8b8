// Our record of the money beside the venues' word: at the start, in quiet moments, and after a death in
// between.
#include <utility>

#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

// A world that traded once and was killed in peace.
void trade_and_kill(LiveWorld& world)
{
    world.start_trading();
    ASSERT_TRUE(world.trades());
    world.run(seconds(1));
    ASSERT_EQ(world.difference(), "");
    world.kill();
}

TEST(LiveTradingMoney, a_difference_that_stays_is_asked_for_four_times_and_stops_the_venues_markets)
{
    LiveWorld world(
        {{.venue = "hb"}, {.venue = "hb", .base = "UNI"}, {.venue = "kc"}, {.venue = "kc", .base = "UNI"}});
    trade_and_kill(world);
    world.exchange(0).balances["USDT"] += money("0.001");
    const std::size_t asked = world.exchange(0).count(RequestKind::balances);
    const std::size_t fills = world.exchange(0).count(RequestKind::fills);
    world.start_trading();
    EXPECT_EQ(world.exchange(0).count(RequestKind::balances), asked + 4);
    EXPECT_EQ(world.exchange(0).count(RequestKind::fills), fills + 4) << "a fill may still be on its way";
    EXPECT_EQ(world.flags_with("balances differ"), 2U) << "both markets of that venue";
    EXPECT_EQ(world.lines_with("flag\t"), 2U);
    EXPECT_EQ(world.notes_with("hb: USDT should be"), 1U);
    EXPECT_EQ(world.live().money().mismatches(), 1U);
    EXPECT_FALSE(world.propose(0, 2, "1"));
    EXPECT_EQ(world.refused, RiskReason::market_stopped);
    EXPECT_FALSE(world.propose(1, 3, "1"));
    EXPECT_EQ(world.refused, RiskReason::market_stopped);
}

// Venues print balances from doubles or cut their digits. USDT moves by the tick times the lot here, a
// thousandth, and LINK by a tenth; 10^-9 of what is held is less of both.
TEST(LiveTradingMoney, digits_that_a_venue_rounds_are_no_difference_and_what_an_order_moves_is)
{
    struct Row {
        const char* asset;
        const char* by;
        bool differs;
    };
    for (const Row& row :
         {Row{"USDT", "0.000000000000000001", false}, Row{"USDT", "-0.00000000000001", false},
          Row{"USDT", "0.0001", false}, Row{"USDT", "0.000101", true}, Row{"USDT", "-0.001", true},
          Row{"LINK", "0.000001", false}, Row{"LINK", "-0.00000101", true}, Row{"LINK", "0.1", true}}) {
        SCOPED_TRACE(std::string(row.asset) + " " + row.by);
        LiveWorld world;
        world.config.trading.check_every = seconds(60);
        world.start_trading();
        world.exchange(1).balances[row.asset] += money(row.by);
        world.run(seconds(80));
        EXPECT_EQ(world.flags_with("balances differ"), row.differs ? 1U : 0U);
        EXPECT_EQ(world.live().money().mismatches(), row.differs ? 1U : 0U);
        // The stream's word, which stops the venue for good when it stays different.
        LiveWorld streamed;
        streamed.start_trading();
        Amount held = streamed.exchange(1).balances[row.asset];
        held += money(row.by);
        streamed.exchange(1).balances[row.asset] = held;
        streamed.tell(1, std::string("stream ") + row.asset + " " + held.text());
        streamed.run(seconds(10));
        // More of what is paid with is a deposit, and told; anything else stops the venue.
        EXPECT_EQ(streamed.notes_with("if you moved it: arbiter adopt kc"), row.differs ? 1U : 0U);
    }
}

TEST(LiveTradingMoney, digits_of_nothing_are_not_forgiven)
{
    LiveWorld world;
    world.exchange(1).balances["LINK"] = {};
    world.start_trading();
    world.exchange(1).balances["LINK"] = money("0.000000001");
    world.kill();
    world.start_trading();
    EXPECT_EQ(world.flags_with("balances differ"), 1U) << "nothing became something";
}

TEST(LiveTradingMoney, a_difference_that_vanishes_flags_nothing)
{
    LiveWorld world;
    trade_and_kill(world);
    const Amount right = world.exchange(1).balances["LINK"];
    const std::size_t asked = world.exchange(1).count(RequestKind::balances);
    world.exchange(1).balances["LINK"] = {};
    world.start();
    world.run_until([&] { return world.exchange(1).count(RequestKind::balances) > asked; }, seconds(5));
    world.exchange(1).balances["LINK"] = right;
    world.run(milliseconds(500));
    EXPECT_EQ(world.live().phase(), Phase::recovering) << "the first answer does not do";
    world.run(seconds(2));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.exchange(1).count(RequestKind::balances), asked + 2);
    EXPECT_EQ(world.live().flags().count(), 0U);
    EXPECT_EQ(world.live().money().mismatches(), 0U);
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingMoney, an_asset_that_the_venue_no_longer_lists_is_nothing)
{
    LiveWorld world;
    trade_and_kill(world);
    world.exchange(1).balances.erase("LINK");
    world.start_trading();
    EXPECT_EQ(world.flags_with("balances differ"), 1U);
}

TEST(LiveTradingMoney, a_fill_between_the_two_questions_explains_the_difference)
{
    LiveWorld world;
    world.start_trading();
    bool first = true;
    world.exchange(0).fate = [first](const ApprovedOrder&) mutable {
        return Fate{.percent = std::exchange(first, false) ? 50 : 100};
    };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    const test::Call order = world.exchange(0).last(RequestKind::place);
    world.run(seconds(1));
    world.kill();
    const std::size_t asked = world.exchange(0).count(RequestKind::fills);
    world.start();
    world.run_until([&] { return world.exchange(0).count(RequestKind::fills) > asked; }, seconds(5));
    world.exchange(0).fill_in_silence(order.order, order.intent, 20, world.now);
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.flags_with("balances differ"), 0U);
    EXPECT_EQ(world.late.size(), 1U);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.net(), Amount{});
}

TEST(LiveTradingMoney, an_adoption_that_was_cut_short_begins_anew)
{
    // Line 1 is the epoch, 2 and 3 the accounts of one venue, 4 its watermark, 5 its "adopted".
    for (const std::size_t line : {2U, 3U, 4U, 5U}) {
        SCOPED_TRACE(line);
        LiveWorld world;
        world.die_after = line;
        world.start();
        world.run(seconds(5));
        ASSERT_FALSE(world.alive);
        world.die_after = SIZE_MAX;
        // Meanwhile the owner moves money: of what was not adopted nothing is known.
        const bool first_adopted = line == 5;
        if (!first_adopted) world.exchange(0).balances["USDT"] += money("5");
        world.exchange(1).balances["USDT"] += money("7");
        world.start_trading();
        EXPECT_EQ(world.live().flags().count(), 0U);
        EXPECT_EQ(world.difference(), "");
        EXPECT_EQ(world.lines_with("adopted\t"), 2U);
        EXPECT_TRUE(world.trades());
    }
}

TEST(LiveTradingMoney, what_was_adopted_whole_is_not_adopted_again)
{
    LiveWorld world;
    world.die_after = 5;
    world.start();
    world.run(seconds(5));
    world.die_after = SIZE_MAX;
    world.exchange(0).balances["USDT"] += money("5");
    world.start_trading();
    EXPECT_EQ(world.flags_with("balances differ"), 1U);
}

// The periodic check.

TEST(LiveTradingMoney, the_venues_are_asked_now_and_then_in_quiet_moments)
{
    LiveWorld world;
    world.config.trading.check_every = seconds(60);
    world.start_trading();
    const std::size_t asked = world.count(RequestKind::balances);
    world.run(seconds(59));
    EXPECT_EQ(world.count(RequestKind::balances), asked);
    world.run(seconds(2));
    EXPECT_EQ(world.count(RequestKind::balances), asked + 2);
    world.run(seconds(60));
    EXPECT_EQ(world.count(RequestKind::balances), asked + 4);
    EXPECT_EQ(world.live().flags().count(), 0U);
    // Not while an order is out.
    for (auto& exchange : world.exchanges) {
        exchange->fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
        exchange->silent = {RequestKind::query_order, RequestKind::fills};
    }
    EXPECT_TRUE(world.trades());
    world.run(seconds(120));
    EXPECT_EQ(world.count(RequestKind::balances), asked + 4);
    EXPECT_EQ(world.live().phase(), Phase::trading);
}

TEST(LiveTradingMoney, a_check_with_an_order_in_between_says_nothing)
{
    LiveWorld world;
    world.config.trading.check_every = seconds(60);
    world.start_trading();
    const std::size_t asked = world.count(RequestKind::balances);
    for (auto& exchange : world.exchanges) exchange->delay = milliseconds(500);
    world.run_until([&] { return world.count(RequestKind::balances) > asked; }, seconds(70));
    // The answers on their way are older than this.
    for (auto& exchange : world.exchanges) exchange->delay = milliseconds(1);
    EXPECT_TRUE(world.trades());
    for (int i = 0; i < 100; ++i) {
        world.run(milliseconds(50));
        ASSERT_TRUE(world.view(0).recovered && world.view(1).recovered);
    }
    EXPECT_EQ(world.count(RequestKind::balances), asked + 2);
    EXPECT_EQ(world.notes_with("should be"), 0U);
    EXPECT_EQ(world.live().flags().count(), 0U);
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingMoney, a_check_that_finds_a_difference_compares_again_and_then_stops_the_market)
{
    for (const bool stays : {true, false}) {
        SCOPED_TRACE(stays ? "it stays" : "it vanishes");
        LiveWorld world;
        world.config.trading.check_every = seconds(60);
        world.start_trading();
        const std::size_t asked = world.exchange(1).count(RequestKind::balances);
        world.exchange(1).balances["USDT"] -= money("3");
        world.run_until([&] { return world.exchange(1).count(RequestKind::balances) > asked; }, seconds(70));
        world.run(milliseconds(100));
        EXPECT_FALSE(world.view(1).recovered);
        EXPECT_FALSE(world.trades());
        EXPECT_EQ(world.refused, RiskReason::venue_stopped) << "in doubt: no new risk there";
        EXPECT_EQ(world.live().flags().count(), 0U);
        if (!stays) world.exchange(1).balances["USDT"] += money("3");
        world.run(seconds(8));
        EXPECT_TRUE(world.view(1).recovered);
        EXPECT_EQ(world.flags_with("balances differ"), stays ? 1U : 0U);
        EXPECT_EQ(world.trades(), !stays);
        EXPECT_TRUE(world.view(0).recovered) << "the other venue's word was right";
    }
}

TEST(LiveTradingMoney, a_difference_that_stays_is_flagged_once)
{
    LiveWorld world;
    world.config.trading.check_every = seconds(60);
    world.start_trading();
    world.exchange(1).balances["USDT"] -= money("3");
    world.run(seconds(600));
    EXPECT_EQ(world.lines_with("flag\t"), 1U) << "the log does not grow by a line a minute";
    EXPECT_EQ(world.live().flags().count(), 1U);
    // Looked at, but not mended: flagged again.
    EXPECT_TRUE(world.command("clear LINK/USDT"));
    world.run(seconds(100));
    EXPECT_EQ(world.lines_with("flag\t"), 2U);
}

TEST(LiveTradingMoney, the_streams_word_is_no_answer)
{
    LiveWorld world;
    trade_and_kill(world);
    const std::string held = world.exchange(1).balances["LINK"].text();
    // Asked, the venue lists none of it.
    world.exchange(1).balances.erase("LINK");
    world.start();
    for (int i = 0; i < 50; ++i) {
        world.tell(1, "stream LINK " + held);
        world.run(milliseconds(100));
    }
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.flags_with("balances differ"), 1U);
}

// Rebalancing between venues is daily work: the owner's word makes the difference his, to the last unit and
// over restarts. What comes in is told; what goes out without a word stops the venue.
TEST(LiveTradingMoney, the_owners_own_money_is_part_of_the_record_when_he_says_so)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.trades());
    world.run(seconds(1));
    const auto move = [&](const char* amount) {
        Amount& held = world.exchange(0).balances["USDT"];
        held += money(amount);
        world.tell(0, "stream USDT " + held.text());
        world.run(seconds(7));
    };
    move("1000.25");
    EXPECT_EQ(world.notes_with("if you moved it: arbiter adopt hb USDT 1000.25"), 1U);
    EXPECT_EQ(world.notes_with("ALARM"), 0U) << "nobody steals by paying in";
    EXPECT_FALSE(world.view(0).stopped);
    const std::pair<const char*, const char*> wrong[] = {
        {"adopt hb USDT 1000", "the difference is 1000.25"},
        {"adopt hb USDT 0", "not zero"},
        {"adopt hb USDT 1000.2500000000000000001", "at most 18 digits"},
        {"adopt hb NONE 1000.25", "no balance of NONE"},
        {"adopt nowhere USDT 1000.25", "no such venue"},
        {"adopt hb USDT 1000.25 now", "no such venue"},
    };
    for (const auto& [words, why] : wrong) {
        EXPECT_FALSE(world.command(words)) << words;
        EXPECT_NE(world.live().owners().refusal().find(why), std::string::npos)
            << world.live().owners().refusal();
    }
    // An order of unknown outcome could be what moved the money.
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    world.exchange(0).silent = {RequestKind::query_order, RequestKind::fills};
    ASSERT_TRUE(world.trades());
    EXPECT_FALSE(world.command("adopt hb USDT 1000.25"));
    EXPECT_NE(world.live().owners().refusal().find("an order is open at hb"), std::string::npos);
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.exchange(0).silent.clear();
    world.run(seconds(15));
    ASSERT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_TRUE(world.command("adopt hb USDT 1000.25"));
    EXPECT_EQ(world.difference(), "");
    world.kill();
    world.start_trading();
    EXPECT_EQ(world.live().flags().count(), 0U) << "the word outlives a restart";
    EXPECT_EQ(world.difference(), "");
    move("-500");
    EXPECT_EQ(world.notes_with("arbiter adopt hb USDT 500 --out"), 1U);
    EXPECT_EQ(world.notes_with("ALARM hb: money moved"), 1U);
    EXPECT_TRUE(world.view(0).stopped);
    EXPECT_TRUE(world.command("adopt hb USDT -500"));
    world.run(seconds(1));
    EXPECT_FALSE(world.view(0).stopped) << "explained, so it goes on";
    EXPECT_TRUE(world.trades());
    world.run(seconds(1));
    world.shorten();
    world.kill();
    world.start_trading();
    EXPECT_EQ(world.live().flags().count(), 0U);
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingMoney, the_streams_word_alone_stops_nothing)
{
    LiveWorld world;
    world.start_trading();
    world.tell(0, "stream USDT 1");
    world.run(seconds(3));
    EXPECT_EQ(world.live().flags().count(), 0U);
    EXPECT_TRUE(world.trades());
}

}  // namespace
}  // namespace arb
