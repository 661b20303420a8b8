// arbiter doctor and keys check against every emulated venue, with the real connectors on real sockets: clean
// keys pass, keys that can move money are refused, and nothing else is done with any of them.
#include <gtest/gtest.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/demo/demo.hpp"
#include "engine/app/doctor/doctor.hpp"
#include "engine/app/keys/keys_check.hpp"
#include "engine/app/shell/command.hpp"
#include "tests/app/doctor_support.hpp"

namespace arb {
namespace {

using test::check_of;

const std::vector<std::string> kVenues = {"binance", "binance_usdm", "bybit",  "bybit_linear", "coinbase",
                                          "gate",    "gate_usdt",    "kraken", "okx"};

class DoctorWorld : public testing::Test {
  protected:
    DoctorWorld()
        : config_(demo_world(kVenues, 5, false, plugins())),
          world_(config_, plugins(), folder_.file("venues"))
    {
        world_.start();
    }
    ~DoctorWorld() override { world_.stop(); }

    std::string config_file(const std::string& key_label) const
    {
        std::string path = folder_.file(key_label + ".toml");
        test::write_file(path, demo_config(world_, config_, key_label));
        return path;
    }
    DoctorReport visit(const std::string& key_label)
    {
        DoctorRequest request;
        request.config_path = config_file(key_label);
        request.config = load_config(request.config_path);
        // One key a venue: what it is used for shows.
        for (VenueConfig& venue : request.config.venues) venue.read_key_file.clear();
        request.directory = folder_.path();
        request.plugins = plugins();
        request.build = build_text();
        request.unsafe_endpoint = true;
        DoctorSurroundings around = doctor_surroundings();
        around.close_process = false;
        // A test's process may be looked into and its machine is what it is.
        around.machine = [] {
            MachineFacts machine;
            machine.memory_lock_bytes = machine.descriptors = UINT64_MAX;
            machine.secret_locked = machine.closed = true;
            return machine;
        };
        return examine(request, around);
    }
    void expect_no_order()
    {
        world_.stop();
        for (const EmulatedTruth& truth : world_.truth()) {
            if (truth.account != EmulatedWorld::kClient) continue;
            EXPECT_TRUE(truth.orders.empty()) << truth.venue;
        }
    }

    test::PrivateDirectory folder_;
    EmulatedWorldConfig config_;
    EmulatedWorld world_;
};

TEST_F(DoctorWorld, clean_keys_pass_at_every_venue)
{
    const DoctorReport report = visit("trade");
    EXPECT_TRUE(report.passed()) << doctor_text(report, false);
    for (const std::string& venue : kVenues) {
        EXPECT_EQ(check_of(report, "TLS chain", venue).state, CheckState::ok) << venue;
        EXPECT_EQ(check_of(report, "scope", venue + " 'trade'").state, CheckState::ok) << venue;
        EXPECT_EQ(check_of(report, "one order", venue).state, CheckState::ok) << venue;
        const CheckState clock = check_of(report, "clock", venue).state;
        EXPECT_TRUE(clock == CheckState::ok || clock == CheckState::skipped) << venue;
    }
    EXPECT_EQ(report.keys.size(), kVenues.size());
    expect_no_order();
}

TEST_F(DoctorWorld, keys_that_can_move_money_are_refused_at_every_venue)
{
    const DoctorReport report = visit("withdraw");
    EXPECT_FALSE(report.passed());
    EXPECT_TRUE(report.keys.empty());
    for (const std::string& venue : kVenues) {
        const DoctorCheck scope = check_of(report, "scope", venue + " 'withdraw'");
        EXPECT_EQ(scope.state, CheckState::failed) << venue;
        EXPECT_TRUE(scope.said.find("can withdraw") != std::string::npos ||
                    scope.said.find("can transfer") != std::string::npos)
            << scope.said;
        EXPECT_NE(scope.fix.find("https://"), std::string::npos) << scope.fix;
    }
    for (const DoctorCheck& check : report.checks) EXPECT_NE(check.group, "balances") << check.subject;
    expect_no_order();
}

TEST_F(DoctorWorld, keys_check_asks_every_venue)
{
    KeysCheckRequest request;
    request.config = config_file("trade");
    request.unsafe_endpoint = true;
    request.access.trade = true;
    request.access.close_process = false;
    request.plugins = plugins();
    request.questions = key_questions();
    request.now = [] { return LiveClock().now(); };
    testing::internal::CaptureStdout();
    const ExitCode code = check_keys(request, false, false);
    const std::string out = testing::internal::GetCapturedStdout();
    EXPECT_EQ(code, ExitCode::ok) << out;
    for (const std::string& venue : kVenues) EXPECT_NE(out.find(venue), std::string::npos) << out;
    expect_no_order();
}

}  // namespace
}  // namespace arb
