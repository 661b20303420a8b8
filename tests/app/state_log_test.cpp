// The state log of a running engine: taken away it ends the run flat with a word, near its end nothing new is
// begun, and however long the run it stays short.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/app/demo/demo.hpp"
#include "engine/app/doctor/live_locks.hpp"
#include "engine/app/run/run_session.hpp"
#include "engine/app/shell/command.hpp"
#include "tests/app/trading_child.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

namespace fs = std::filesystem;

// Of a state log; some ninety packages.
constexpr std::size_t kRoom = 64U << 10;

using nlohmann::json;

class StateLogOfARun : public testing::Test {
  protected:
    void SetUp() override
    {
        config_ = demo_world({"bybit", "okx"}, 21, false, plugins());
        world_ = std::make_unique<EmulatedWorld>(config_, plugins(), at("venues"));
        world_->start();
        test::write_file(at("run.toml"), demo_config(*world_, config_));
    }
    std::string at(const std::string& name) const { return directory_.file(name); }
    std::unique_ptr<test::ProgramChild> start_engine() const
    {
        return std::make_unique<test::ProgramChild>(
            std::vector<std::string>{"run", at("run.toml"), "--directory", at("state"), "--unsafe-endpoint",
                                     "--seconds", "0"},
            test::ProgramChild::Place{at("run.out"), at("run.err"), {}});
    }
    RunRequest request_of(std::string& log) const
    {
        RunRequest request;
        request.config = load_config(at("run.toml"));
        request.plugins = plugins();
        request.build = "test";
        request.directory = at("state");
        request.unsafe_endpoint = true;
        request.log = [&log](std::string_view text) { log += std::string(text) + "\n"; };
        return request;
    }
    std::string told() const { return test::read_file(at("run.out")) + test::read_file(at("run.err")); }
    void expect_flat() const
    {
        world_->stop();
        std::map<std::string, Amount> net;
        for (const EmulatedTruth& truth : world_->truth()) {
            if (truth.account != EmulatedWorld::kClient) continue;
            for (const EmulatedOrder& order : truth.orders)
                EXPECT_NE(order.state, EmulatedState::open) << order.client_id;
            for (const EmulatedTrade& trade : truth.trades) {
                const Instrument& instrument = world_->table().instrument_of(trade.listing);
                const Amount quantity = instrument.amount(trade.quantity);
                net[instrument.name] += trade.side == Side::buy ? quantity : -quantity;
            }
        }
        EXPECT_FALSE(net.empty()) << "something was traded";
        for (const auto& [name, amount] : net) EXPECT_EQ(amount.text(), "0") << name;
    }

    test::PrivateDirectory directory_;
    EmulatedWorldConfig config_;
    std::unique_ptr<EmulatedWorld> world_;
};

TEST_F(StateLogOfARun, taken_away_it_ends_the_run_flat_and_with_a_word)
{
    const auto engine = start_engine();
    const auto status = test::status_when(*engine, at("state"), test::has_traded);
    ASSERT_TRUE(status.has_value()) << told();
    EXPECT_EQ((*status)["paused_why"], "");
    EXPECT_LT((*status)["state_log_percent"], 70);
    fs::rename(at("state/state.log"), at("state.log.elsewhere"));
    const int code = engine->code();
    EXPECT_TRUE(code == static_cast<int>(ExitCode::data) || code == static_cast<int>(ExitCode::exposed))
        << code;
    EXPECT_NE(told().find("was removed or exchanged while it was in use"), std::string::npos) << told();
    expect_flat();
}

TEST_F(StateLogOfARun, readable_for_others_it_is_not_read)
{
    fs::create_directory(at("state"));
    fs::permissions(at("state"), fs::perms::all);
    const auto engine = start_engine();
    EXPECT_EQ(engine->code(), static_cast<int>(ExitCode::refused));
    EXPECT_NE(told().find("others may go in"), std::string::npos) << told();
}

// The doctor's pass was too old: what the last run left is settled, and nothing new is opened.
TEST_F(StateLogOfARun, a_run_that_only_closes_opens_nothing_and_stays_paused)
{
    const auto turn = [](RunSession& session, auto&& until) {
        for (int i = 0; i < 20'000 && !session.over() && !until(); ++i) session.turn(milliseconds(5));
    };
    std::string log;
    {
        RunSession cut(request_of(log));
        turn(cut, [&] { return cut.figures().packages >= 3; });
        EXPECT_GE(cut.figures().packages, 3U) << log;
    }
    RunRequest request = request_of(log);
    request.closes_only = "the pass is a day old";
    {
        RunSession session(std::move(request));
        turn(session, [&] { return session.engine().live()->phase() == Phase::trading; });
        EXPECT_EQ(session.engine().live()->phase(), Phase::trading) << log;
        const Timestamp begun = session.now();
        turn(session,
             [&] { return session.now() - begun >= seconds(3) && session.engine().live()->quiet(); });
        EXPECT_TRUE(session.engine().risk().paused());
        EXPECT_TRUE(session.engine().live()->quiet()) << log;
        EXPECT_NE(log.find("opens nothing"), std::string::npos) << log;
        (void)session.command("stop");
        turn(session, [] { return false; });
        EXPECT_EQ(session.finish().code, ExitCode::ok) << log;
    }
    expect_flat();
    const auto file = std::move(StateFile::open(at("state/state.log"))).take();
    EXPECT_TRUE(ended_settled(file->lines()));
    std::size_t opened = 0;  // since the last start
    for (const std::string& line : file->lines())
        opened = line.starts_with("epoch\t") ? 0 : opened + (line.starts_with("package\t") ? 1 : 0);
    EXPECT_EQ(opened, 0U);
}

// More packages than the log has room for: it is begun anew, packages open or not.
TEST_F(StateLogOfARun, it_stays_short_while_the_run_goes_on)
{
    std::string log;
    RunRequest request = request_of(log);
    request.state_bytes = kRoom;
    std::size_t most = 0;
    {
        RunSession session(std::move(request));
        // More than the segment would hold.
        while (session.figures().packages < 120 && !session.over()) {
            session.turn(milliseconds(5));
            most = std::max<std::size_t>(most, json::parse(session.status_json())["state_log_percent"]);
        }
        (void)session.command("stop");
        while (!session.over()) session.turn(milliseconds(5));
        EXPECT_EQ(session.finish().code, ExitCode::ok) << log;
    }
    EXPECT_LT(most, 85U) << log;
    EXPECT_LE(fs::file_size(at("state/state.log")), kRoom);
    const auto file = std::move(StateFile::open(at("state/state.log"), kRoom)).take();
    EXPECT_GT(file->lines().size(), 5U);
    expect_flat();
}

}  // namespace
}  // namespace arb
