// The whole engine, from recorded frames to fills, does not allocate once it is warm: counted, not claimed.
// Only the listener (the report's side) may, so there is none here.
#include <memory>

#include <gtest/gtest.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/sim/session.hpp"
#include "tests/support/allocation_counter.hpp"

namespace arb {
namespace {

using test::allocations;

TEST(NoAllocation, the_whole_engine_once_it_is_warm)
{
    SessionRequest request;
    request.config = load_config(ARBITER_SOURCE_DIR "/config/backtest.toml");
    request.recordings = {ARBITER_SOURCE_DIR "/config/sample.arb"};
    request.plugins = plugins();
    Session session(std::move(request));
    while (session.events() < 600 && session.step()) {
    }
    const std::uint64_t before = allocations;
    const std::uint64_t orders_before = session.exchange().orders();
    while (session.step()) {
    }
    EXPECT_EQ(allocations - before, 0U);
    // The counted part did trade, and the counter does count.
    EXPECT_GT(session.exchange().orders(), orders_before);
    const auto probe = std::make_unique<int>(1);
    EXPECT_GT(allocations, before);
}

}  // namespace
}  // namespace arb
