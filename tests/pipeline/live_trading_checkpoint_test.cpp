// A log that is begun anew at any moment means what the old one meant; and what limits remember outlives the
// process: the day's result, positions, and which fills were counted.
#include <map>
#include <utility>

#include "engine/base/random.hpp"
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

Fate fate_by_chance(Random& random)
{
    Fate fate;
    fate.arrives = !random.one_in(6);
    fate.answers = !random.one_in(4);
    fate.refused = random.one_in(8);
    fate.word_first = random.one_in(3);
    if (random.one_in(2)) fate.percent = random.between(0, 100);
    return fate;
}

/// Packages that fare as the seed says, the last of them in the middle of its life.
void trade_until_the_middle(LiveWorld& world, std::uint64_t seed)
{
    Random fates(seed), moments(seed * 7919);
    for (auto& exchange : world.exchanges)
        exchange->fate = [&fates](const ApprovedOrder&) { return fate_by_chance(fates); };
    world.start_trading();
    for (int i = 0; i < 4; ++i) {
        (void)world.propose(0, 1, std::to_string(moments.between(1, 20)));
        world.run(milliseconds(moments.between(1, i < 3 ? 6000 : 300)));
    }
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
}

std::string figures_of(const LiveWorld& world)
{
    std::string text =
        fmt::format("open {} orders {} day {} flagged {} net {}; {}", world.engine->executor().open_count(),
                    world.live().desk().open().count(), world.engine->risk().day().realised().text(),
                    world.live().flags().count(), world.net().text(), world.difference());
    std::map<std::uint64_t, std::int64_t> open;  // by id: which slot of the table each has does not matter
    world.engine->executor().for_each_open([&](const PackageExecutor::View& view) {
        open[static_cast<std::uint64_t>(view.package.id)] = view.excess;
    });
    for (const auto& [id, excess] : open) text += fmt::format(" [{} {}]", id, excess);
    for (const Account& account : world.engine->portfolio().accounts())
        text += fmt::format(" {} {} {}", account.asset, account.end().text(), account.change().text());
    return text;
}

TEST(LiveTradingCheckpoint, at_any_moment_it_means_what_the_log_meant)
{
    std::size_t open = 0, unknown = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        LiveWorld whole, shortened;
        for (LiveWorld* world : {&whole, &shortened}) trade_until_the_middle(*world, seed);
        open += whole.engine->executor().open_count();
        unknown += whole.live().desk().open().count();
        shortened.shorten();
        // Once more, of what was shortened, before anything was heard of it.
        for (LiveWorld* world : {&whole, &shortened}) {
            world->kill();
            world->start();
        }
        EXPECT_EQ(figures_of(shortened), figures_of(whole));
        shortened.shorten();
        for (LiveWorld* world : {&whole, &shortened}) {
            world->kill();
            world->start();
            world->run(seconds(30));
        }
        EXPECT_EQ(figures_of(shortened), figures_of(whole));
        EXPECT_EQ(shortened.count(RequestKind::place), whole.count(RequestKind::place));
        EXPECT_EQ(whole.difference(), "");
        EXPECT_EQ(shortened.live().desk().open().count(), 0U);
    }
    EXPECT_GT(open, 20U) << "packages were open";
    EXPECT_GT(unknown, 20U) << "and orders unknown";
}

/// A package that loses a little more than twenty: it is bought, not sold, and unwound lower. False: refused.
bool lose_twenty(LiveWorld& world)
{
    world.exchange(0).touch[ListingId{0}] = {"26.90", "27.10"};
    world.exchange(1).touch[ListingId{1}] = {"26.90", "27.30"};
    bool first = true;
    world.exchange(1).fate = [first](const ApprovedOrder&) mutable {
        return Fate{.percent = std::exchange(first, false) ? 0 : 100};
    };
    world.show_books();
    const bool sent = world.propose(0, 1, "100");
    world.run(seconds(5));
    return sent;
}

TEST(LiveTradingCheckpoint, the_loss_limit_of_the_day_outlives_restarts)
{
    for (const bool shorten : {false, true}) {
        SCOPED_TRACE(shorten ? "with a checkpoint" : "without");
        LiveWorld world;
        world.config.risk.loss_day_max = money("20");
        world.start_trading();
        ASSERT_TRUE(lose_twenty(world));
        EXPECT_FALSE(lose_twenty(world));
        const Amount lost = world.engine->risk().day().realised();
        EXPECT_LT(lost, money("-20"));
        for (int i = 0; i < 3; ++i) {
            if (shorten) world.shorten();
            world.kill();
            world.start_trading();
            world.run(seconds(3));
            EXPECT_EQ(world.engine->risk().day().realised(), lost);
            EXPECT_FALSE(lose_twenty(world)) << "six starts must not lose six times as much";
            EXPECT_EQ(world.refused, RiskReason::loss_limit);
            EXPECT_GE(world.notes_with("the loss limit of the day is reached"),
                      2U + static_cast<unsigned>(i));
        }
        // The next day of the calendar, and not the next start, opens it again.
        world.kill();
        world.now = world.now + seconds(86'400);
        world.start_trading();
        EXPECT_TRUE(lose_twenty(world));
    }
}

// A package that ended with an order unknown has its result when that is known, once.
TEST(LiveTradingCheckpoint, the_result_of_a_package_is_counted_once_over_restarts)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    world.exchange(0).silent = {RequestKind::query_order, RequestKind::fills};
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.run(seconds(1));
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(25));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    world.kill();
    world.exchange(0).silent.clear();
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.start_trading();
    world.run(seconds(5));
    ASSERT_EQ(world.ends.size(), 2U);
    EXPECT_TRUE(world.ends[0].flagged);
    const Amount result = world.ends[1].waterfall.realised;
    EXPECT_EQ(world.engine->risk().day().realised(), result);
    world.shorten();
    world.kill();
    world.start_trading();
    EXPECT_EQ(world.engine->risk().day().realised(), result);
}

// More fills in one run than are remembered one by one, then a crash: none is counted again.
TEST(LiveTradingCheckpoint, fills_beyond_the_memory_are_not_counted_again)
{
    for (const bool shorten : {false, true}) {
        SCOPED_TRACE(shorten ? "with checkpoints" : "without");
        LiveWorld world;
        world.config.trading.trades_kept = 100;
        world.start_trading();
        for (std::size_t i = 0; i < 300; ++i) {
            ASSERT_TRUE(world.propose(i % 2, 1 - i % 2, "1")) << i;
            world.run(milliseconds(300));
            if (shorten && i % 40 == 0) world.shorten();
        }
        world.kill();
        world.start_trading();
        world.run(seconds(20));
        EXPECT_EQ(world.late.size(), 0U);
        EXPECT_EQ(world.live().flags().count(), 0U);
        EXPECT_EQ(world.live().desk().counts().old_fills, 0U);
        EXPECT_EQ(world.difference(), "");
        EXPECT_EQ(world.net(), Amount{});
        const std::size_t placed = world.count(RequestKind::place);
        EXPECT_EQ(placed, 600U) << "nothing was closed that was not open";
    }
}

// What a restart asks for does not grow with how long the engine has run.
TEST(LiveTradingCheckpoint, fills_are_asked_for_from_the_watermark)
{
    LiveWorld world;
    world.start_trading();
    for (std::size_t i = 0; i < 40; ++i) {
        ASSERT_TRUE(world.propose(i % 2, 1 - i % 2, "1"));
        world.run(milliseconds(500));
    }
    EXPECT_GE(world.lines_with("since\thb\t"), 3U);
    const Timestamp last = world.exchange(0).trades.back().time;
    world.run(seconds(6));
    EXPECT_EQ(world.live().venues().of(VenueId{0}).watermark, last);
    world.kill();
    world.now = world.now + seconds(3600);
    world.start_trading();
    EXPECT_EQ(world.exchange(0).last(RequestKind::fills).since, last - seconds(1));
    EXPECT_EQ(world.live().venues().of(VenueId{0}).watermark, last);
    world.shorten();
    world.kill();
    world.start_trading();
    EXPECT_EQ(world.exchange(0).last(RequestKind::fills).since, last - seconds(1));
    EXPECT_EQ(world.late.size(), 0U);
    EXPECT_EQ(world.difference(), "");
}

// While an order's outcome is unknown its fills may be of any time since it was sent.
TEST(LiveTradingCheckpoint, an_unknown_order_holds_the_watermark_back)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(0).silent = {RequestKind::query_order, RequestKind::fills};
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    ASSERT_TRUE(world.propose(0, 1, "1"));
    const Timestamp sent = world.exchange(0).last(RequestKind::place).time;
    world.run(milliseconds(100));
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{}; };
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(world.propose(0, 1, "1"));
        world.run(seconds(1));
    }
    EXPECT_LT(world.live().venues().of(VenueId{0}).watermark, sent);
    EXPECT_GT(world.live().venues().of(VenueId{1}).watermark, sent);
    world.shorten();
    world.kill();
    world.exchange(0).silent.clear();
    world.start_trading();
    world.run(seconds(5));
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.late.size(), 0U);
    EXPECT_EQ(world.live().desk().open().count(), 0U);
}

// Of an order that is over more is kept than the venue's id of it, for as long as its package is open.
TEST(LiveTradingCheckpoint, a_word_against_the_end_of_an_order_of_an_open_package_is_heard_after_it)
{
    for (const bool shorten : {false, true}) {
        SCOPED_TRACE(shorten ? "with a checkpoint" : "without");
        LiveWorld world;
        world.start_trading();
        world.exchange(1).silent = {RequestKind::query_order, RequestKind::fills};
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
        ASSERT_TRUE(world.propose(0, 1, "10"));
        world.run(seconds(1));
        const std::uint64_t past = world.order(1);
        ASSERT_EQ(world.live().desk().open().count(), 1U);
        if (shorten) world.shorten();
        world.kill();
        world.start();
        world.tell(0, fmt::format("order {} 0 filled 11", past));
        EXPECT_EQ(world.notes_with("contradicts itself"), 1U);
        EXPECT_EQ(world.live().desk().open().count(), 2U) << "reserved until its fills are known";
    }
}

/// The line as versions without watermarks wrote it: no venue's time, no venue's id, no result.
std::string as_earlier(std::string line)
{
    const auto fields = static_cast<std::size_t>(std::count(line.begin(), line.end(), '\t'));
    const bool fill = line.starts_with("fill\t") || line.starts_with("late\t");
    const std::size_t more = fill || line.starts_with("done\t") || line.starts_with("account\t") ? 1
                             : line.starts_with("end\t")                                         ? 2
                                                                                                 : 0;
    EXPECT_GT(fields, more);
    for (std::size_t i = 0; i < more; ++i) line.resize(line.rfind('\t'));
    return line;
}

TEST(LiveTradingCheckpoint, a_log_of_an_earlier_version_is_understood)
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        LiveWorld world;
        trade_until_the_middle(world, seed);
        world.kill();
        std::vector<std::string> earlier;
        for (const std::string& line : world.lines) {
            if (!line.starts_with("since\t")) earlier.push_back(as_earlier(line));
        }
        world.lines = earlier;
        world.start_trading();
        world.run(seconds(30));
        EXPECT_EQ(world.difference(), "");
        EXPECT_EQ(world.net(), Amount{});
        EXPECT_EQ(world.late.size(), 0U);
        EXPECT_EQ(world.live().desk().open().count(), 0U);
    }
}

TEST(LiveTradingCheckpoint, a_fill_of_before_what_is_known_is_told_and_not_counted)
{
    LiveWorld world;
    world.config.trading.trades_kept = 8;
    world.start_trading();
    for (std::size_t i = 0; i < 20; ++i) {
        ASSERT_TRUE(world.propose(i % 2, 1 - i % 2, "1"));
        world.run(seconds(1));
    }
    for (int again = 0; again < 3; ++again) {
        world.tell(0, world.exchange(0).fill_text(world.exchange(0).trades.front()));
        world.run(seconds(1));
    }
    EXPECT_EQ(world.live().desk().counts().old_fills, 1U);
    EXPECT_EQ(world.flags_with("older than what is known"), 1U);
    EXPECT_EQ(world.notes_with("not counted"), 1U);
    EXPECT_EQ(world.late.size(), 0U);
    EXPECT_EQ(world.difference(), "");
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::market_stopped);
}

// The log takes no more lines while one leg is filled: what is open is closed, and the run ends.
TEST(LiveTradingCheckpoint, a_log_that_takes_nothing_more_closes_what_is_open_and_stops)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    ASSERT_TRUE(world.propose(0, 1, "100"));
    world.log_works = false;
    world.run(seconds(60));
    EXPECT_EQ(world.net(), Amount{}) << "a hundred unhedged for ever";
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_TRUE(world.live().records().failed());
    EXPECT_EQ(world.notes_with("the state log cannot be written"), 1U);
    EXPECT_EQ(world.difference(), "");
    // The next start asks the venues for what the log lacks.
    world.kill();
    world.log_works = true;
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.start_trading();
    world.run(seconds(10));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingCheckpoint, what_cannot_be_kept_is_not_begun)
{
    LiveWorld world;
    world.start_trading();
    world.log_works = false;
    (void)world.trades();
    world.run(seconds(30));
    EXPECT_EQ(world.count(RequestKind::place), 0U);
    EXPECT_EQ(world.live().phase(), Phase::stopped);
}

TEST(LiveTradingCheckpoint, a_log_that_is_nearly_full_takes_closing_orders_alone)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    EXPECT_TRUE(world.command("log low"));
    world.run(seconds(2));
    EXPECT_EQ(world.net(), Amount{}) << "closed";
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::paused);
    EXPECT_NE(std::string_view(world.live().paused_why()).find("nearly full"), std::string_view::npos);
    EXPECT_TRUE(world.command("resume")) << "an operator's word does not make room";
    EXPECT_FALSE(world.trades());
    EXPECT_TRUE(world.command("log room"));
    EXPECT_STREQ(world.live().paused_why(), "");
    EXPECT_TRUE(world.trades());
    // Noticed from outside: the file was taken away.
    EXPECT_TRUE(world.command("log failed"));
    world.run(seconds(30));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.difference(), "");
}

}  // namespace
}  // namespace arb
