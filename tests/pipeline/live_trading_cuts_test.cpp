// Seeded packages, killed at every line of state: whatever the venues did with the orders and however they
// told it, the next run's record is the venues' truth, nothing is sent twice, and all is flat or flagged.
#include "tests/pipeline/seeded_fates.hpp"

namespace arb {
namespace {

using test::LiveWorld;

constexpr std::uint64_t kSeeds = 20;

LiveWorld world_of(std::uint64_t seed)
{
    return LiveWorld(seed % 2 == 0
                         ? std::vector<test::Spec>{{.venue = "hb"}, {.venue = "kc"}}
                         : std::vector<test::Spec>{{.venue = "hb"}, {.venue = "kc"}, {.venue = "ok"}});
}

// One run of the engine: up to three packages while it lives. `rough`: orders fare as the seed says.
void live(LiveWorld& world, std::uint64_t seed, bool rough, int packages)
{
    test::start_with_fates(world, seed, rough);
    Random random(seed * 31 + world.epoch);
    for (int i = 0; i < packages && world.alive; ++i) {
        (void)world.propose(0, 1, std::to_string(random.between(1, 20)));
        world.run(milliseconds(random.between(1, 4000)));
    }
}

std::string history_of(const LiveWorld& world)
{
    std::string history;
    for (const std::string& line : world.history) history += line + "\n";
    return history;
}

// The trade's key follows the side.
std::string trade_of(const std::string& line)
{
    for (const std::string side : {"\tbuy\t", "\tsell\t"}) {
        const std::size_t at = line.find(side);
        if (at == std::string::npos) continue;
        const std::size_t key = at + side.size();
        return line.substr(key, line.find('\t', key) - key);
    }
    return line;
}

void expect_right(const LiveWorld& world)
{
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    EXPECT_EQ(world.engine->risk().open_orders(), 0U);
    EXPECT_TRUE(world.net() == Amount{} || world.live().flags().count() > 0)
        << world.net().text() << " is left";
    std::set<std::string> trades;
    for (const char* word : {"fill\t", "late\t"}) {
        for (const std::size_t at : LiveWorld::found(world.lines, word)) {
            EXPECT_TRUE(trades.insert(trade_of(world.lines[at])).second) << "twice: " << world.lines[at];
        }
    }
    std::size_t executed = 0;
    for (const auto& exchange : world.exchanges) {
        executed += exchange->trades.size();
        EXPECT_EQ(exchange->sent_twice, 0U);
        std::set<OrderId> sent;
        for (const test::Call& call : exchange->calls) {
            if (call.kind != RequestKind::place) continue;
            EXPECT_TRUE(sent.insert(call.order).second) << "sent twice";
        }
    }
    EXPECT_EQ(trades.size(), executed) << "each trade has its line";
}

// The outcome of the last package stays unknown until the time to stop is over; the next run learns it.
TEST(LiveTradingCuts, stopped_in_the_middle_nothing_is_lost)
{
    for (std::uint64_t seed = 1; seed <= 4 * kSeeds; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        LiveWorld world = world_of(seed);
        live(world, seed, true, 2);
        for (auto& exchange : world.exchanges)
            exchange->silent = {RequestKind::query_order, RequestKind::fills};
        (void)world.propose(0, 1, "5");
        (void)world.command(seed % 3 == 0 ? "kill" : "stop");
        world.run(seconds(25));
        EXPECT_EQ(world.live().phase(), Phase::stopped);
        for (auto& exchange : world.exchanges) exchange->silent.clear();
        live(world, seed, false, 0);
        world.run(seconds(5));
        expect_right(world);
        if (::testing::Test::HasFailure()) FAIL() << history_of(world);
    }
}

TEST(LiveTradingCuts, killed_at_every_line_nothing_is_lost_and_nothing_is_sent_twice)
{
    std::size_t cuts = 0, traded = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        std::size_t lines = SIZE_MAX;  // of a run that nobody kills
        for (std::size_t cut = 0; cut < lines; ++cut) {
            SCOPED_TRACE(fmt::format("seed {} cut {}", seed, cut));
            LiveWorld world = world_of(seed);
            world.die_after = cut == 0 ? SIZE_MAX : cut;
            live(world, seed, true, 3);
            world.run(seconds(10));
            if (cut == 0) {
                lines = world.lines.size();
                traded += world.exchange(0).trades.size();
                expect_right(world);
            } else {
                EXPECT_FALSE(world.alive);
                // Now and then the next one dies as well, still recovering or not.
                if (cut % 3 == 0) {
                    world.die_after = 2 + cut % 7;
                    live(world, seed, cut % 2 == 0, 1);
                }
                world.die_after = SIZE_MAX;
                world.kill();
                live(world, seed, false, 0);
                world.run(seconds(5));
                expect_right(world);
                ++cuts;
            }
            if (::testing::Test::HasFailure()) FAIL() << history_of(world);
        }
    }
    EXPECT_GT(cuts, 20 * kSeeds);
    EXPECT_GT(traded, 2 * kSeeds) << "something was traded";
}

}  // namespace
}  // namespace arb
