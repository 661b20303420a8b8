// The machine loses its power: orders had left, and the last lines of the log that tell of them are gone.
// Nothing is sent or counted twice, and what the log never knew is found at the venue or told:
//
//   lost                        the next start
//   since, end, done            asks the venue, and comes to the same
//   fill                        finds it in the venue's list and counts it as what it is
//   unwind (a hedge that left)  finds its fill under an epoch of this log: counted late. What the package has
//                               too much of joins it in one line: nothing is hedged a second time
//   package, next; it rests     an order of this log's epoch that the log does not know, still working: it is
//                               cancelled with the venue halted and the market flagged; the venue is good
//                               again at the start after that. What it filled: counted late, and closed
//   package, next; it is over   what it filled: counted late, and closed
//   account, adopted            adopts the venue's money anew, and the fills above with it
#include "tests/pipeline/made_packages.hpp"
#include "tests/pipeline/resting_life.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

/// The last `count` lines of the run that died; its first one, the epoch, is older than any order of it.
std::vector<std::string> lose_tail(LiveWorld& world, std::size_t count)
{
    const std::size_t of_run = std::min(count, world.lines_of_run - 1);
    std::vector<std::string> lost(world.lines.end() - static_cast<std::ptrdiff_t>(of_run), world.lines.end());
    world.lines.resize(world.lines.size() - of_run);
    return lost;
}

std::uint64_t order_of(const std::string& line)
{
    const std::vector<std::string> words = [&] {
        std::vector<std::string> found;
        std::istringstream text(line);
        for (std::string word; std::getline(text, word, '\t');) found.push_back(word);
        return found;
    }();
    if (words[0] == "next") return std::stoull(words[2]);
    // The leg that rests is the one that has an order.
    return words[12] != "0" ? std::stoull(words[12]) : std::stoull(words[25]);
}

/// Orders left of which these lines told.
bool any_order(const std::vector<std::string>& lost)
{
    return std::any_of(lost.begin(), lost.end(), [](const std::string& line) {
        return line.starts_with("package\t") || line.starts_with("next\t") || line.starts_with("unwind\t");
    });
}

/// An order rests of which only the lost lines told.
bool rests_unknown(const LiveWorld& world, const std::vector<std::string>& lost)
{
    for (const std::string& line : lost) {
        if (!line.starts_with("package\t") && !line.starts_with("next\t")) continue;
        for (const auto& exchange : world.exchanges) {
            for (const OrderId id : exchange->resting()) {
                if (test::FakeExchange::number(id) == order_of(line)) return true;
            }
        }
    }
    return false;
}

TEST(LiveTradingLostTail, what_the_log_never_knew_is_found_or_told)
{
    std::size_t cases = 0, strange = 0, late = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        std::size_t lines = SIZE_MAX;
        for (std::size_t cut = 1; cut < lines; ++cut) {
            const std::size_t count = 1 + (cut + seed) % 7;
            SCOPED_TRACE(fmt::format("seed {} cut {} lost {}", seed, cut, count));
            LiveWorld world;
            world.die_after = cut;
            world.orders_leave = true;
            live_resting(world, seed);
            if (world.alive) lines = cut;  // it never has so many
            const bool whole = world.alive;
            const std::vector<std::string> lost = lose_tail(world, count);
            if (cut % 2 == 0) {
                be_dead(world, seed * 1000 + cut);
            } else {
                world.kill();
                world.die_after = SIZE_MAX;
            }
            const bool unknown = rests_unknown(world, lost);
            test::start_and_settle(world, seed);
            test::expect_all_accounted(world);
            EXPECT_EQ(world.flags_with("not ours") > 0, unknown);
            EXPECT_EQ(world.view(0).stopped || world.view(1).stopped, unknown);
            if (!test::rough_life(seed)) {
                EXPECT_EQ(world.net(), Amount{});
                EXPECT_EQ(test::taken(world, test::resting_side(seed)), Amount{})
                    << "hedged once and not back";
            }
            if (!any_order(lost)) EXPECT_EQ(world.late.size(), 0U);
            strange += unknown ? 1 : 0;
            late += world.late.size();
            cases += whole ? 0 : 1;
            // And the one after that has nothing to do.
            const std::size_t placed = world.count(RequestKind::place);
            world.shorten();
            world.kill();
            test::start_and_settle(world, seed);
            EXPECT_EQ(world.count(RequestKind::place), placed);
            EXPECT_FALSE(world.view(0).stopped || world.view(1).stopped);
            test::expect_all_accounted_in_sum(world);
            if (::testing::Test::HasFailure()) FAIL() << test::told_of(world);
        }
    }
    EXPECT_GT(cases, 100U);
    EXPECT_GT(strange, 5U);
    EXPECT_GT(late, 20U);
}

/// Runs end at every line of a life, with so many of the last lines lost; `live` is one engine's, `settled`
/// judges what the next one has made of it. How many fills came late.
template <class Live, class Settled>
std::size_t lose_tails(const std::function<LiveWorld()>& make, std::uint64_t seeds, Live&& live,
                       Settled&& settled)
{
    std::size_t late = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        std::size_t lines = SIZE_MAX;
        for (std::size_t cut = 1; cut < lines; ++cut) {
            const std::size_t count = 1 + (cut + seed) % 7;
            SCOPED_TRACE(fmt::format("seed {} cut {} lost {}", seed, cut, count));
            LiveWorld world = make();
            world.die_after = cut;
            world.orders_leave = true;
            live(world, seed, true);
            if (world.alive) lines = cut;
            (void)lose_tail(world, count);
            world.kill();
            world.die_after = SIZE_MAX;
            live(world, seed, false);
            world.run(seconds(5));
            settled(world);
            late += world.late.size();
            const std::size_t placed = world.count(RequestKind::place);
            world.shorten();
            world.kill();
            live(world, seed, false);
            EXPECT_EQ(world.count(RequestKind::place), placed) << "the one after that has nothing to do";
            settled(world);
            if (::testing::Test::HasFailure()) {
                ADD_FAILURE() << test::told_of(world);
                return late;
            }
        }
    }
    return late;
}

TEST(LiveTradingLostTail, packages_of_two_legs)
{
    const auto live = [](LiveWorld& world, std::uint64_t seed, bool trades) {
        test::start_with_fates(world, seed, trades && seed % 2 == 0);
        Random random(seed * 31 + world.epoch);
        for (int i = 0; i < 3 && trades && world.alive; ++i) {
            (void)world.propose(0, 1, std::to_string(random.between(1, 20)));
            world.run(milliseconds(random.between(1, 4000)));
        }
    };
    const std::size_t late = lose_tails([] { return LiveWorld(); }, 8, live,
                                        [](const LiveWorld& world) {
                                            test::expect_all_accounted_in_sum(world);
                                            test::expect_no_order_left(world);
                                        });
    EXPECT_GT(late, 20U);
}

// What a leg paid in bitcoin whose package is lost was paid for its ether alone: closing that leaves the
// result in bitcoin.
TEST(LiveTradingLostTail, packages_of_three_legs_over_three_markets)
{
    const auto settled = [](const LiveWorld& world) {
        if (world.late.empty()) return test::expect_owned(world);
        test::expect_no_order_left(world);
        EXPECT_EQ(test::net(world, "ETH"), test::in_lines(world, "ETH"));
        const Amount result = test::net(world, "BTC") - test::in_lines(world, "BTC");
        EXPECT_LT(absolute(result), money("0.002")) << result.text();
    };
    const auto live = [](LiveWorld& world, std::uint64_t seed, bool trades) {
        test::live_cycles(world, seed, trades && seed % 2 == 0, trades ? 2 : 0);
    };
    EXPECT_GT(lose_tails([] { return test::cycle_world(); }, 4, live, settled), 20U);
}

// Of a package that was lost nobody holds anything: what it bought and sold evenly is in lines, which are
// even.
TEST(LiveTradingLostTail, packages_that_hold_and_release)
{
    const auto live = [](LiveWorld& world, std::uint64_t seed, bool trades) {
        test::live_held(world, seed, trades && seed % 2 == 0, trades);
    };
    const std::size_t late =
        lose_tails([] { return LiveWorld(); }, 6, live,
                   [](const LiveWorld& world) {
                       test::expect_no_order_left(world);
                       EXPECT_EQ(test::net(world, "LINK"), test::in_lines(world, "LINK"));
                       EXPECT_TRUE(world.net() == Amount{} || world.live().flags().count() > 0);
                   });
    EXPECT_GT(late, 20U);
}

// The first package ever, and no fill before it: nothing but the adoption says from when on fills are not
// known. However long nobody is there, the leg that was bought is found and sold.
TEST(LiveTradingLostTail, a_package_of_which_no_line_is_left_is_found_however_late)
{
    for (const std::int64_t away : {20, 300, 6 * 3600}) {
        SCOPED_TRACE(away);
        LiveWorld world;
        world.start_trading();
        const std::size_t kept = world.lines.size();
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.percent = 0}; };
        ASSERT_TRUE(world.propose(0, 1, "100"));
        world.run(milliseconds(1));
        world.kill();
        world.lines.resize(kept);
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
        ASSERT_EQ(world.net(), money("100"));
        world.now = world.now + seconds(away);
        world.start_trading();
        world.run(seconds(5));
        EXPECT_EQ(world.net(), Amount{});
        EXPECT_EQ(world.late.size(), 1U);
        EXPECT_EQ(world.difference(), "");
    }
}

}  // namespace
}  // namespace arb
