// A long life: packages by the hundred (by the million with ARBITER_PACKAGES), a kill, a restart. The log
// stays short, what the restart asks for does not grow, and no fill is counted twice.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/live/state_file_support.hpp"
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::LiveWorld;
using test::money;

/// A world whose lines are kept in a file, as RunSession keeps them.
class KeptWorld : public LiveWorld {
  public:
    explicit KeptWorld(const std::string& path) : path_(path)
    {
        for (auto& exchange : exchanges) {
            exchange->balances["LINK"] = money("1000000");
            exchange->balances["USDT"] = money("100000000");
        }
    }
    /// A process begins from what the file says.
    void start_from_file()
    {
        file_.reset();
        file_ = std::move(StateFile::open(path_)).take();
        lines = file_->lines();
        kept_ = lines.size();
        start_trading();
        keep();
    }
    void trade(std::size_t i)
    {
        EXPECT_TRUE(propose(i % 2, 1 - i % 2, "1")) << i;
        run(milliseconds(20));
        keep();
        // What the world remembers for tests, and exchanges for ever.
        history.clear();
        for (auto& exchange : exchanges) {
            exchange->calls.clear();
            exchange->orders.clear();
            if (exchange->trades.size() > kTradesTold)
                exchange->trades.erase(exchange->trades.begin(), exchange->trades.begin() + kTradesTold / 2);
        }
        ends.clear();
    }
    std::size_t most() const { return most_; }
    std::size_t shortened() const { return shortened_; }

  private:
    // A venue tells more than anybody asks for.
    static constexpr std::ptrdiff_t kTradesTold = 200'000;

    void keep()
    {
        for (; kept_ < lines.size(); ++kept_) ASSERT_TRUE(file_->append(lines[kept_]));
        most_ = std::max(most_, file_->used());
        const std::size_t begun_with = file_->begun_with();
        if (file_->used() < begun_with + std::max(file_->capacity() / 16, begun_with)) return;
        shorten();
        ASSERT_TRUE(file_->replace(lines).value());
        ASSERT_TRUE(file_->sync());
        kept_ = lines.size();
        ++shortened_;
    }

    std::string path_;
    std::unique_ptr<StateFile> file_;
    std::size_t kept_ = 0, most_ = 0, shortened_ = 0;
};

TEST(StateLongLife, neither_the_log_nor_a_restart_grows)
{
    const char* asked = std::getenv("ARBITER_PACKAGES");
    const std::size_t packages = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 800;
    const test::TemporaryFolder folder;
    KeptWorld world(folder.at("state.log"));
    world.start_from_file();
    for (std::size_t i = 0; i < packages && !testing::Test::HasFailure(); ++i) world.trade(i);
    EXPECT_GE(world.shortened(), packages / 800);
    EXPECT_LT(world.most(), StateFile::kBytesDefault / 2);
    world.kill();
    for (auto& exchange : world.exchanges) exchange->calls.clear();
    const auto begun = std::chrono::steady_clock::now();
    world.start_from_file();
    const auto took = std::chrono::steady_clock::now() - begun;
    if (asked != nullptr) {
        std::printf(
            "%zu packages: log %zu bytes at most, %zu lines at the restart, restart %lld ms\n", packages,
            world.most(), world.lines.size(),
            static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    }
    for (auto& exchange : world.exchanges) {
        EXPECT_EQ(exchange->count(RequestKind::fills), 1U);
        EXPECT_EQ(exchange->count(RequestKind::open_orders), 1U);
        EXPECT_GE(exchange->last(RequestKind::fills).since, exchange->trades.back().time - seconds(7));
    }
    world.run(seconds(20));
    EXPECT_EQ(world.late.size(), 0U);
    EXPECT_EQ(world.live().flags().count(), 0U);
    EXPECT_EQ(world.live().desk().counts().old_fills, 0U);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.count(RequestKind::place), 0U) << "nothing was closed that was not open";
}

}  // namespace
}  // namespace arb
