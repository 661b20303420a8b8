// A strategy that wishes to be asked at a time is, also where the recording has no input then.
#include "engine/sim/session.hpp"
#include "tests/sim/recordings.hpp"

namespace arb {
namespace {

using test::at_ms;

/// Wishes a time once it sees a market, and another, already past, when it is asked then.
class Sleeper final : public Strategy {
  public:
    static inline std::vector<Timestamp> asked;
    static inline bool wishes = true;

    explicit Sleeper() { asked.clear(); }
    void on_market(MarketId, Timestamp now, const MarketView&, PackageControl& desk) override
    {
        if (!wishes || slept_) return;
        slept_ = true;
        desk.wake_at(now + milliseconds(90));
        desk.wake_at(now + milliseconds(50));
    }
    void on_time(Timestamp now, const MarketView&, PackageControl& desk) override
    {
        asked.push_back(now);
        if (now == at_ms(50)) desk.wake_at(at_ms(10));
    }

  private:
    bool slept_ = false;
};

constexpr StrategyType kSleeper = {"sleeper", [](Settings&, const Markets&) -> std::unique_ptr<Strategy> {
                                       return std::make_unique<Sleeper>();
                                   }};
const StrategyType* const kSleepers[] = {&kSleeper};

std::vector<Timestamp> asked_in(const std::string& recording, RunMode mode, bool wishes)
{
    SessionRequest request;
    request.config = test::eager_config();
    request.config.mode = mode;
    request.config.strategies.clear();
    request.config.strategies.emplace_back("strategy.sleeper", "test.toml:9:1", std::vector<SettingValue>{});
    request.recordings = {recording};
    request.plugins = {connectors(), kSleepers};
    Sleeper::wishes = wishes;
    Session session(std::move(request));
    while (session.step()) {
    }
    return Sleeper::asked;
}

TEST(Wake, a_backtest_asks_at_the_moment_itself_and_never_twice_in_one)
{
    const test::Folder folder;
    test::Recording recording(folder.at("calm"), test::kVenues);
    test::calm(recording, 0);
    test::calm(recording, 200);
    const std::string path = recording.finish();
    const std::vector<Timestamp> inputs = {at_ms(0), at_ms(200)};
    EXPECT_EQ(asked_in(path, RunMode::backtest, false), inputs);
    // The later wish of the two is over with the earlier one; one in the past is as soon as time passes.
    EXPECT_EQ(asked_in(path, RunMode::backtest, true),
              (std::vector<Timestamp>{at_ms(0), at_ms(50), at_ms(51), at_ms(200)}));
    // A recorded session tells itself when its engine looked.
    EXPECT_EQ(asked_in(path, RunMode::paper, true), inputs);
}

}  // namespace
}  // namespace arb
