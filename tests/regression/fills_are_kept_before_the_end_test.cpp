// Escaped once: an order's end was kept before its fills. A run that died in between found the order over in
// its state log and never asked for what it had filled.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;

// Whether each "done" of an order that filled stands behind its fills.
void expect_fills_first(const LiveWorld& world)
{
    for (const auto& exchange : world.exchanges) {
        for (const auto& trade : exchange->trades) {
            const std::string id = std::to_string(static_cast<std::uint64_t>(trade.order));
            const auto fill = LiveWorld::found(world.lines, "fill\t" + id + "\t");
            const auto done = LiveWorld::found(world.lines, "done\t" + id + "\t");
            if (done.empty()) continue;
            ASSERT_FALSE(fill.empty()) << id;
            EXPECT_LT(fill.back(), done.front());
        }
    }
}

TEST(Regression, fills_are_kept_before_the_end_of_their_order)
{
    for (const bool word_first : {true, false}) {
        for (std::size_t lines = 1;; ++lines) {
            SCOPED_TRACE(fmt::format("dies {} lines after the package", lines));
            LiveWorld world;
            world.start_trading();
            for (auto& exchange : world.exchanges)
                exchange->fate = [=](const ApprovedOrder&) { return Fate{.word_first = word_first}; };
            world.die_after = world.lines_of_run + lines;
            (void)world.propose(0, 1, "10");
            world.run(seconds(2));
            expect_fills_first(world);
            if (world.alive) break;
            world.kill();
            world.die_after = SIZE_MAX;
            world.start_trading();
            world.run(seconds(2));
            expect_fills_first(world);
            EXPECT_EQ(world.difference(), "");
            EXPECT_EQ(world.live().flags().count(), 0U);
        }
    }
}

}  // namespace
}  // namespace arb
