// SIGKILL at every step of packages: real processes trade on emulated venues over TLS, die after their n-th
// line of state, and the next one starts from what is left. At the end nothing is lost, nothing was sent
// twice, and all is flat.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/demo/demo.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/keys/process_guard.hpp"
#include "engine/live/clock.hpp"

namespace arb {
namespace {

constexpr std::uint64_t kKillPoints = 40;
// A sanitized program starts slowly, and an order that never left is known to be none only after a venue's
// certainty window: every fourth point there, all of them in release.
constexpr std::uint64_t kKillStep = kLeaksAreLookedFor ? 4 : 1;

struct Ended {
    bool killed = false;
    int code = -1;
};

// Runs the program to its end; a run that hangs is ended by the alarm that it inherits. What it says goes to
// that file.
Ended run_program(const std::vector<std::string>& arguments, const std::string& said)
{
    // Another thread may hold the allocator's locks when this one forks: what needs memory is made before.
    static std::string program = ARBITER_PROGRAM;
    std::vector<char*> words = {program.data()};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(600);
        const int file = ::open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (file < 0 || ::dup2(file, 1) != 1 || ::dup2(file, 2) != 2) ::_exit(126);
        ::execv(program.c_str(), words.data());
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    Ended ended;
    ended.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ended;
}

// Every third point each: three runs that mostly wait wait at once.
class Kill : public testing::TestWithParam<std::uint64_t> {};
constexpr std::uint64_t kParts = 3;

TEST_P(Kill, at_every_step_nothing_is_lost_and_nothing_is_sent_twice)
{
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() /
        ("arbiter-kill-" + std::to_string(::getpid()) + "-" + std::to_string(GetParam()));
    std::filesystem::create_directories(folder);
    const Plugins all = plugins();
    EmulatedWorldConfig config = demo_world({"binance", "bybit", "okx"}, 11, false, all);
    // Forty starts a minute, each asking everything, are more than a venue allows.
    for (EmulatedVenueConfig& venue : config.venues) venue.rate_limits = false;
    // Most of the time is spent waiting: books that seldom move leave the machine to others meanwhile.
    config.street.move_one_in *= 5;
    EmulatedWorld world(config, all, (folder / "venues").string());
    world.start();
    const std::string file = (folder / "run.toml").string();
    std::ofstream(file) << demo_config(world, config);
    const std::vector<std::string> base = {"run", file, "--directory", (folder / "state").string(),
                                           "--unsafe-endpoint"};
    const std::string said = (folder / "said").string();
    for (std::uint64_t n = 1 + GetParam() * kKillStep; n <= kKillPoints; n += kParts * kKillStep) {
        SCOPED_TRACE("kill point " + std::to_string(n));
        std::vector<std::string> arguments = base;
        for (const std::string& word : {std::string("--seconds"), std::string("60"),
                                        std::string("--die-after-lines"), std::to_string(n)})
            arguments.push_back(word);
        const Ended ended = run_program(arguments, said);
        ASSERT_TRUE(ended.killed) << "ended with " << ended.code << "\n" << read_text_file(said);
    }
    std::vector<std::string> arguments = base;
    arguments.emplace_back("--seconds");
    arguments.emplace_back("3");
    // 0: flat, nothing flagged, balances equal to the venues' word.
    EXPECT_EQ(run_program(arguments, said).code, 0) << read_text_file(said);
    world.stop();
    std::map<std::string, Amount> net;
    std::size_t orders = 0;
    for (const EmulatedTruth& truth : world.truth()) {
        if (truth.account != EmulatedWorld::kClient) continue;
        std::set<std::string> ids;
        for (const EmulatedOrder& order : truth.orders) {
            ++orders;
            EXPECT_NE(order.state, EmulatedState::open) << truth.venue;
            EXPECT_TRUE(ids.insert(order.client_id).second) << "sent twice: " << order.client_id;
        }
        for (const EmulatedTrade& trade : truth.trades) {
            const Instrument& instrument = world.table().instrument_of(trade.listing);
            const Amount quantity = instrument.amount(trade.quantity);
            if (trade.side == Side::buy)
                net[instrument.name] += quantity;
            else
                net[instrument.name] -= quantity;
        }
    }
    EXPECT_GT(orders, kKillPoints / kKillStep / kParts) << "something was traded";
    for (const auto& [instrument, amount] : net)
        EXPECT_EQ(amount.text(), "0") << instrument << " is not flat";
    std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Points, Kill, testing::Range<std::uint64_t>(0, kParts));

}  // namespace
}  // namespace arb
