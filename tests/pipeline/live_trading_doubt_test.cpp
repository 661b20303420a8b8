// What makes a venue one that gets no new risk, and what makes it good again: channels, clocks, limits, keys.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

struct Cause {
    const char* begins;
    const char* ends;  ///< "": time alone
    const char* why;
};

// No package with a leg at that venue, unwinding elsewhere stays possible; then all is well again.
TEST(LiveTradingDoubt, no_new_risk_while_the_cause_lasts)
{
    for (const Cause& cause : {Cause{"down private_stream", "up private_stream", "private stream is down"},
                               Cause{"down order_entry", "up order_entry", "order entry is down"},
                               Cause{"clock 1001 1", "clock 0 0", "more than a second apart"},
                               Cause{"clock -1001 1", "clock -999 0", "more than a second apart"},
                               Cause{"end place rate_limited wait 3000", "", "told us to wait"},
                               Cause{"end balances banned wait 3000", "", "told us to wait"}}) {
        for (const std::size_t venue : {0U, 1U}) {
            SCOPED_TRACE(fmt::format("{} at {}", cause.begins, venue));
            LiveWorld world;
            world.start_trading();
            // The clock that is told is the only one.
            world.exchange(venue).silent = {RequestKind::time};
            world.tell(venue, cause.begins);
            EXPECT_NE(world.view(venue).why.find(cause.why), std::string::npos) << world.view(venue).why;
            EXPECT_EQ(world.notes_with("no new risk"), 1U);
            EXPECT_FALSE(world.trades());
            EXPECT_EQ(world.refused, RiskReason::venue_stopped);
            EXPECT_TRUE(world.engine->risk().venue_stopped(static_cast<VenueId>(venue)));
            EXPECT_FALSE(world.engine->risk().venue_stopped(static_cast<VenueId>(1 - venue)));
            if (*cause.ends != '\0') {
                world.run(seconds(3));
                EXPECT_FALSE(world.trades()) << "time alone does not mend it";
                world.tell(venue, cause.ends);
            } else {
                world.run(milliseconds(2'900));
                EXPECT_FALSE(world.trades());
                world.run(milliseconds(200));
            }
            EXPECT_EQ(world.view(venue).why, "");
            EXPECT_TRUE(world.trades());
            world.run(seconds(1));
            EXPECT_EQ(world.live().flags().count(), 0U);
            EXPECT_EQ(world.difference(), "");
        }
    }
}

// All that a venue is asked but whether it takes the key.
std::size_t calls_beside_the_key(const LiveWorld& world, std::size_t venue)
{
    const test::FakeExchange& exchange = *world.exchanges[venue];
    return exchange.calls.size() - exchange.count(RequestKind::key_info);
}

TEST(LiveTradingDoubt, a_key_that_was_refused_stays_refused_until_the_venue_takes_it)
{
    LiveWorld world;
    world.start_trading();
    world.tell(1, "end balances key_trouble");
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::venue_stopped);
    EXPECT_EQ(world.notes_with("the key was refused"), 1U);
    const std::size_t calls = calls_beside_the_key(world, 1);
    // Answers to what was asked before say nothing.
    world.tell(1,
               "end balances done\nup private_stream\nup order_entry\nclock 0 0\nend balances key_trouble");
    world.run(seconds(120));
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(calls_beside_the_key(world, 1), calls) << "the venue is left alone";
    EXPECT_EQ(world.exchange(1).count(RequestKind::key_info), 2U) << "after 30 s, and 60 s later";
    EXPECT_EQ(world.notes_with("the key was refused"), 1U) << "told once";
    world.exchange(1).key_good = true;
    world.run(seconds(60));
    EXPECT_EQ(world.exchange(1).count(RequestKind::key_info), 2U);
    world.run(seconds(35));
    EXPECT_EQ(world.exchange(1).count(RequestKind::key_info), 3U) << "twice as long again";
    EXPECT_EQ(world.notes_with("kc: it takes the key again"), 1U);
    EXPECT_TRUE(world.trades());
    EXPECT_GT(world.exchange(1).count(RequestKind::fills), 1U) << "what happened meanwhile is asked for";
    world.run(seconds(2000));
    EXPECT_EQ(world.exchange(1).count(RequestKind::key_info), 3U) << "and nothing more about the key";
}

TEST(LiveTradingDoubt, a_refused_key_is_asked_about_more_and_more_rarely)
{
    LiveWorld world;
    world.start_trading();
    world.tell(1, "end place key_trouble");
    world.run(seconds(30 + 60 + 120 + 240 + 480 + 600 + 600 + 10));
    EXPECT_EQ(world.exchange(1).count(RequestKind::key_info), 7U) << "at last every ten minutes";
    world.exchange(1).key_good = true;
    EXPECT_TRUE(world.command("clear kc")) << "the operator mended it";
    world.run(seconds(1));
    EXPECT_EQ(world.exchange(1).count(RequestKind::key_info), 8U);
    EXPECT_TRUE(world.trades());
    EXPECT_FALSE(world.command("clear kc")) << "there is nothing to clear";
    EXPECT_FALSE(world.command("clear nobody"));
}

TEST(LiveTradingDoubt, a_log_on_that_succeeds_ends_the_trouble_and_one_that_was_given_up_begins_anew)
{
    LiveWorld world;
    world.start_trading();
    world.tell(1, "end place key_trouble");
    world.tell(1, "end session done");
    EXPECT_TRUE(world.trades());
    const std::size_t sessions = world.exchange(1).count(RequestKind::session);
    world.tell(1, "down order_entry\ndown private_stream\nend session key_trouble");
    world.exchange(1).key_good = true;
    world.run(seconds(40));
    EXPECT_EQ(world.exchange(1).count(RequestKind::session), sessions + 1);
    EXPECT_TRUE(world.trades());
    world.run(seconds(1));
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingDoubt, a_key_that_is_refused_while_recovering_is_not_tried_again)
{
    LiveWorld world;
    world.exchange(1).silent = {RequestKind::balances};
    world.start();
    world.run_until([&] { return world.exchange(1).count(RequestKind::balances) == 1; }, seconds(5));
    world.tell(1, "end balances key_trouble");
    const std::size_t calls = calls_beside_the_key(world, 1);
    world.run(seconds(60));
    EXPECT_EQ(world.live().phase(), Phase::trading) << "without it";
    EXPECT_FALSE(world.view(1).recovered);
    EXPECT_EQ(calls_beside_the_key(world, 1), calls) << "the venue is left alone";
    world.exchange(1).silent.clear();
    world.exchange(1).key_good = true;
    world.run(seconds(60));
    EXPECT_TRUE(world.view(1).recovered) << "the venue takes the key again";
}

TEST(LiveTradingDoubt, the_periodic_check_leaves_out_whom_it_may_not_ask)
{
    for (const char* why : {"end place key_trouble", "end place banned wait 600000"}) {
        SCOPED_TRACE(why);
        LiveWorld world;
        world.config.trading.check_every = seconds(60);
        world.start_trading();
        world.tell(1, why);
        const std::size_t asked = world.exchange(0).count(RequestKind::balances);
        const std::size_t calls = calls_beside_the_key(world, 1);
        world.run(seconds(130));
        EXPECT_EQ(world.exchange(0).count(RequestKind::balances), asked + 2);
        EXPECT_EQ(calls_beside_the_key(world, 1), calls) << "asking there makes it worse";
        EXPECT_EQ(world.live().flags().count(), 0U);
    }
}

TEST(LiveTradingDoubt, a_timestamp_that_the_venue_dislikes_is_not_the_keys_end)
{
    LiveWorld world;
    world.start_trading();
    world.tell(1, "end balances key_trouble reason clock");
    EXPECT_EQ(world.notes_with("the key was refused"), 0U);
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingDoubt, a_venue_whose_clock_is_not_known_gets_nothing)
{
    LiveWorld world;
    world.exchange(0).silent = {RequestKind::time};
    world.start_trading();
    EXPECT_FALSE(world.view(0).clock_known);
    EXPECT_EQ(world.view(0).why, "the venue's clock is not known");
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::venue_stopped);
    const std::size_t asked = world.exchange(0).count(RequestKind::time);
    world.run(seconds(10));
    EXPECT_NEAR(static_cast<double>(world.exchange(0).count(RequestKind::time) - asked), 5, 1)
        << "asked for every two seconds";
    world.exchange(0).silent.clear();
    world.run(seconds(3));
    EXPECT_TRUE(world.view(0).clock_known);
    EXPECT_TRUE(world.trades());
    world.run(seconds(60));
    EXPECT_LE(world.exchange(0).count(RequestKind::time), asked + 6 + 5) << "then now and then";
}

TEST(LiveTradingDoubt, the_answer_that_came_fastest_tells_the_clock)
{
    LiveWorld world;
    world.start_trading();
    // An answer that took long says little.
    world.tell(0, "clock 400 900");
    EXPECT_EQ(world.view(0).clock_offset, Duration{});
    EXPECT_TRUE(world.trades());
    // One that cannot be true together with the others: nothing new until the venue was asked again.
    world.tell(0, "clock 4000 900");
    EXPECT_EQ(world.view(0).clock_offset, Duration{});
    EXPECT_FALSE(world.trades());
    world.run(seconds(3));
    EXPECT_TRUE(world.trades());
    // A clock that was set: two answers say so, and the second comes soon.
    const std::size_t asked = world.exchange(0).count(RequestKind::time);
    world.exchange(0).silent = {RequestKind::time};
    world.tell(0, "clock 5000 2");
    world.run(seconds(3));
    EXPECT_GE(world.exchange(0).count(RequestKind::time), asked + 1);
    world.tell(0, "clock 5001 2");
    EXPECT_NEAR(static_cast<double>(world.view(0).clock_offset.ns), 5e9, 1e6);
    // Told once: by the first answer.
    LiveWorld off;
    off.exchange(0).silent = {RequestKind::time};
    off.start_trading();
    off.tell(0, "clock -700 0");
    EXPECT_EQ(off.notes_with("its clock is 700 ms behind"), 1U);
    EXPECT_EQ(off.view(0).clock_offset, milliseconds(-700));
    EXPECT_TRUE(off.trades()) << "in doubt it is told; apart by more than a second it is stopped";
}

TEST(LiveTradingDoubt, told_to_wait_it_asks_nothing)
{
    for (const char* word : {"rate_limited", "banned"}) {
        SCOPED_TRACE(word);
        LiveWorld world;
        world.start_trading();
        world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
        ASSERT_TRUE(world.trades());
        world.run(milliseconds(10));
        world.tell(0, fmt::format("end balances {} wait 8000", word));
        const std::size_t calls = world.exchange(0).calls.size();
        world.run(milliseconds(7'900));
        EXPECT_EQ(world.exchange(0).calls.size(), calls);
        EXPECT_EQ(world.live().desk().open().count(), 1U);
        world.run(seconds(6));
        EXPECT_EQ(world.live().desk().open().count(), 0U) << "the question was only put off";
        EXPECT_EQ(world.difference(), "");
    }
}

TEST(LiveTradingDoubt, a_ban_without_a_time_lasts_a_minute_and_a_limit_a_second)
{
    LiveWorld world;
    world.start_trading();
    world.tell(0, "end balances rate_limited");
    world.run(milliseconds(900));
    EXPECT_FALSE(world.trades());
    world.run(milliseconds(200));
    EXPECT_TRUE(world.trades());
    world.run(seconds(1));
    world.tell(0, "end balances banned");
    world.run(milliseconds(59'900));
    EXPECT_FALSE(world.trades());
    world.run(milliseconds(200));
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingDoubt, told_to_wait_while_recovering_it_waits)
{
    LiveWorld world;
    world.exchange(1).silent = {RequestKind::fills};
    world.start();
    world.run_until([&] { return world.exchange(1).count(RequestKind::fills) == 1; }, seconds(5));
    world.tell(1, "end fills rate_limited wait 12000");
    world.exchange(1).silent.clear();
    world.run(seconds(11));
    EXPECT_EQ(world.exchange(1).count(RequestKind::fills), 1U);
    EXPECT_EQ(world.live().phase(), Phase::recovering);
    world.run(seconds(2));
    EXPECT_EQ(world.live().phase(), Phase::trading);
}

TEST(LiveTradingDoubt, what_a_stream_did_not_tell_while_it_was_down_is_asked_for)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    ASSERT_TRUE(world.trades());
    world.tell(0, "down private_stream");
    const std::size_t asked = world.exchange(0).count(RequestKind::fills);
    world.run(milliseconds(50));
    world.tell(0, "up private_stream");
    world.run(milliseconds(500));
    EXPECT_GT(world.exchange(0).count(RequestKind::fills), asked);
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.difference(), "");
}

// Frames that were queued while the program stood still are stamped as they are read.
TEST(LiveTradingDoubt, after_the_loop_stood_still_nothing_new_is_risked_for_a_second)
{
    LiveWorld world;
    world.config.trading.stall = milliseconds(500);
    world.start_trading();
    ASSERT_TRUE(world.trades());
    world.run(seconds(1));
    world.now = world.now + seconds(5);
    EXPECT_FALSE(world.trades()) << "the first frame after the pause";
    EXPECT_EQ(world.refused, RiskReason::paused);
    EXPECT_EQ(world.notes_with("stood still for 50"), 1U);
    world.run(milliseconds(900));
    EXPECT_FALSE(world.trades());
    world.run(milliseconds(200));
    EXPECT_TRUE(world.trades());
    // A word of the operator outlives it.
    EXPECT_TRUE(world.command("pause"));
    world.now = world.now + seconds(5);
    world.run(seconds(2));
    EXPECT_FALSE(world.trades());
    EXPECT_TRUE(world.command("resume"));
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingDoubt, an_unwinding_order_goes_to_the_venue_that_is_not_in_doubt)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.percent = 0}; };
    ASSERT_TRUE(world.trades());
    world.tell(1, "down private_stream");
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.run(seconds(3));
    EXPECT_EQ(world.exchange(1).count(RequestKind::place), 1U) << "though its price is the better one";
    EXPECT_EQ(world.exchange(0).count(RequestKind::place), 2U);
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
}

}  // namespace
}  // namespace arb
