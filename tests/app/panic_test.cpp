// `arbiter panic`: with an engine that trades, with one that hangs, with none.
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/app/demo/demo.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/net/command_socket.hpp"
#include "engine/net/loop.hpp"
#include "engine/report/ledger.hpp"
#include "tests/app/trading_child.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Panicked : public testing::Test {
  protected:
    std::string at(const std::string& name) const { return directory_.file(name); }
    std::string state() const { return at("state"); }

    void make_world()
    {
        config_ = demo_world({"bybit", "okx"}, 21, false, plugins());
        world_ = std::make_unique<EmulatedWorld>(config_, plugins(), at("venues"));
        world_->start();
        test::write_file(at("run.toml"), demo_config(*world_, config_));
    }
    std::unique_ptr<test::ProgramChild> start(std::vector<std::string> words, const std::string& name) const
    {
        return std::make_unique<test::ProgramChild>(
            words, test::ProgramChild::Place{at(name + ".out"), at(name + ".err"), {}});
    }
    std::unique_ptr<test::ProgramChild> start_engine() const
    {
        return start({"run", at("run.toml"), "--directory", state(), "--unsafe-endpoint", "--seconds", "0"},
                     "run");
    }
    bool trades(test::ProgramChild& engine) const
    {
        return test::status_when(engine, state(), test::has_traded).has_value();
    }
    std::string bundle(const std::string& below) const
    {
        std::string found;
        for (const auto& entry : fs::directory_iterator(below)) {
            if (entry.path().filename().string().starts_with("evidence-")) found = entry.path().string();
        }
        return found;
    }
    std::string told(const std::string& name) const
    {
        return test::read_file(at(name + ".out")) + test::read_file(at(name + ".err"));
    }
    void expect_nothing_open() const
    {
        world_->stop();
        std::size_t orders = 0;
        for (const EmulatedTruth& truth : world_->truth()) {
            if (truth.account != EmulatedWorld::kClient) continue;
            for (const EmulatedOrder& order : truth.orders) {
                ++orders;
                EXPECT_NE(order.state, EmulatedState::open) << truth.venue << " " << order.client_id;
            }
        }
        EXPECT_GT(orders, 0U);
    }

    test::PrivateDirectory directory_;
    EmulatedWorldConfig config_;
    std::unique_ptr<EmulatedWorld> world_;
};

TEST_F(Panicked, an_engine_that_trades_is_stopped_flat_and_leaves_a_whole_bundle)
{
    make_world();
    const auto engine = start_engine();
    ASSERT_TRUE(trades(*engine)) << told("run");
    const auto panic = start(
        {"panic", state(), "--yes", "--flatten", "--config", at("run.toml"), "--minutes", "5"}, "panic");
    EXPECT_EQ(panic->code(), 0) << told("panic") << told("run");
    EXPECT_EQ(engine->code(), 0) << told("run");
    expect_nothing_open();
    const std::string out = test::read_file(at("panic.out"));
    for (const char* page : {"https://www.okx.com/", "https://www.bybit.com/"})
        EXPECT_NE(out.find(page), std::string::npos) << out;
    for (const EmulatedPlace& place : world_->places())
        EXPECT_NE(out.find(place.keys.front().key_id), std::string::npos) << place.venue;
    const std::string folder = bundle(state());
    ASSERT_FALSE(folder.empty()) << out;
    for (const char* file : {"README.txt", "manifest.json", "journal-extract.jsonl", "ledger-orders.csv",
                             "ledger-fills.csv", "ledger-notes.csv", "config.toml", "status.json"})
        EXPECT_TRUE(fs::exists(folder + "/" + file)) << file << told("panic");
    std::size_t decisions = 0, frames = 0;
    for (const std::string& line : test::lines_of(test::read_file(folder + "/journal-extract.jsonl"))) {
        const json record = json::parse(line);
        decisions += record["kind"] == "decision";
        frames += record["kind"] == "frame";
    }
    EXPECT_GT(decisions, 0U);
    EXPECT_GT(frames, 0U) << "the private streams are about orders";
    EXPECT_NE(test::read_file(folder + "/README.txt").find("the engine has closed its socket"),
              std::string::npos);
}

TEST_F(Panicked, the_status_of_an_engine_that_is_gone_at_once_came_with_its_answer)
{
    fs::create_directories(state());
    {
        const auto ledger = Ledger::open(state() + "/" + kLedgerFile).take();
        ledger::RunRow run;
        run.epoch = 1;
        run.begin = run.end = Timestamp{1'754'773'548'000'000'000};
        run.mode = "emulated";
        run.exit_code = 0;
        ledger->record(run);
        ASSERT_TRUE(ledger->close());
    }
    // It answers one word and closes its socket in the same turn, as an engine with nothing open does.
    net::Loop loop;
    bool asked = false;
    auto engine =
        std::make_unique<net::CommandServer>(loop, state() + "/control.sock", [&](std::string_view word) {
            const std::string status = R"({"phase":"stopped","orders":17})";
            asked = asked || word == "panic";
            // The next word may come in the same turn.
            if (word != "panic") return status;
            return R"({"ok":true,"command":"panic","status":)" + status + "}";
        });
    const auto panic = start({"panic", state(), "--yes"}, "panic");
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(test::kHangSeconds);
    while (!asked && std::chrono::steady_clock::now() < until) loop.run_once(std::chrono::milliseconds(20));
    engine.reset();
    EXPECT_EQ(panic->code(), 0) << told("panic");
    const std::string folder = bundle(state());
    ASSERT_FALSE(folder.empty()) << told("panic");
    const json status = json::parse(test::read_file(folder + "/status.json"), nullptr, false);
    EXPECT_EQ(status["orders"], 17) << told("panic");
}

TEST_F(Panicked, without_an_engine_it_cancels_by_itself_what_a_dead_one_left)
{
    make_world();
    {
        const auto engine = start_engine();
        ASSERT_TRUE(trades(*engine)) << told("run");
        engine->kill(SIGKILL);
        (void)engine->wait();
    }
    const auto panic = start({"panic", state(), "--yes", "--flatten", "--config", at("run.toml"),
                              "--unsafe-endpoint", "--into", directory_.path()},
                             "panic");
    EXPECT_EQ(panic->code(), 0) << told("panic");
    EXPECT_NE(told("panic").find("NO ENGINE IS RUNNING"), std::string::npos);
    expect_nothing_open();
    EXPECT_FALSE(bundle(directory_.path()).empty());
}

TEST_F(Panicked, without_an_engine_and_a_configuration_it_says_that_nothing_was_cancelled)
{
    fs::create_directories(state());
    const auto panic = start({"panic", state(), "--yes"}, "panic");
    EXPECT_EQ(panic->code(), 6);
    EXPECT_NE(told("panic").find("NOTHING WAS CANCELLED"), std::string::npos) << told("panic");
    EXPECT_FALSE(bundle(state()).empty()) << "what is there is kept as evidence";
}

TEST_F(Panicked, an_engine_that_does_not_answer_ends_with_6_and_the_way_out)
{
    fs::create_directories(state());
    // Listens and never answers, as an engine that hangs does.
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = state() + "/control.sock";
    ASSERT_LT(path.size(), sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket, 8), 0);
    const auto panic = start({"panic", state(), "--yes"}, "panic");
    EXPECT_EQ(panic->code(), 6);
    ::close(socket);
    EXPECT_NE(told("panic").find("kill -9"), std::string::npos) << told("panic");
    EXPECT_FALSE(bundle(state()).empty());
}

}  // namespace
}  // namespace arb
