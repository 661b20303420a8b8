#pragma once
// Orders that fare as a seed says: lost, refused, silent, filled in part. The same order fares the same in
// every world of one seed, so that a run that is killed can be compared with one that is not. Header only,
// one thread.
#include "engine/base/random.hpp"
#include "tests/pipeline/live_world.hpp"

namespace arb::test {

inline Fate fate_of(std::uint64_t seed, OrderId order)
{
    Random random(seed * 1'000'003 + counter_of(order) * 7919 + epoch_of(order));
    Fate fate;
    fate.arrives = !random.one_in(8);
    fate.answers = !random.one_in(5);
    fate.refused = random.one_in(8);
    fate.word_first = random.one_in(3);
    if (random.one_in(3)) fate.percent = random.between(0, 100);
    return fate;
}

/// Brings the engine up to trading at venues that are quickly certain. Not `rough`: every order fares well.
inline void start_with_fates(LiveWorld& world, std::uint64_t seed, bool rough)
{
    world.step = milliseconds(50);
    for (auto& exchange : world.exchanges) {
        exchange->features.certainty_window = seconds(1);
        exchange->fate = [=](const ApprovedOrder& order) {
            return rough ? fate_of(seed, order.id()) : Fate{};
        };
    }
    world.start();
    world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(30));
}

}  // namespace arb::test
