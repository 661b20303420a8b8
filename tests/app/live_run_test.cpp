// Three locks and a key in another process: `run --live` against emulated venues in the real ones' place,
// keys in the keystore, signatures from `arbiter signer`. What is missing of that is refused, each in its own
// words.
#include <filesystem>
#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/demo/demo.hpp"
#include "engine/app/doctor/doctor_stamp.hpp"
#include "engine/app/doctor/live_locks.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/keys/audit_report.hpp"
#include "engine/keys/scope_policy.hpp"
#include "engine/live/clock.hpp"
#include "engine/live/state_file.hpp"
#include "tests/app/trading_child.hpp"
#include "tests/keys/key_test_support.hpp"
#include "tests/keys/keystore_support.hpp"

namespace arb {
namespace {

using test::ProgramChild;

// What each key may have signed, in the words of engine/keys/signer_policy.hpp.
constexpr const char* kPolicy = R"(
[[key]]
venue = "binance"
label = "main"
endpoints = ["POST /order", "DELETE /order", "DELETE /openOrders", "GET /account", "WS /session.logon"]
sessions = true
orders_per_second = 100
LIMITS
[[key]]
venue = "binance"
label = "streams"
endpoints = ["GET /account", "GET /trades", "WS /session.logon", "DELETE /openOrders", "DELETE /order"]
sessions = true
[[key]]
venue = "kraken"
label = "main"
endpoints = ["POST /0/private/GetWebSocketsToken", "POST /0/private/GetApiKeyInfo", "POST /0/private/CancelAll",
             "POST /0/private/CancelAllOrdersAfter"]
sessions = true
[[key]]
venue = "kraken"
label = "streams"
endpoints = ["POST /0/private/GetWebSocketsToken", "POST /0/private/GetApiKeyInfo", "POST /0/private/BalanceEx",
             "POST /0/private/OpenOrders", "POST /0/private/TradesHistory", "POST /0/private/TradeVolume",
             "POST /0/private/QueryOrders", "POST /0/private/ClosedOrders", "POST /0/private/QueryTrades"]
sessions = true
[[key]]
venue = "okx"
label = "main"
endpoints = ["WS /users/self/verify", "GET /api/v5/account/config", "POST /api/v5/trade/cancel-all-after",
             "POST /api/v5/trade/cancel-batch-orders", "GET /api/v5/trade/*"]
sessions = true
[[key]]
venue = "okx"
label = "streams"
endpoints = ["WS /users/self/verify", "GET /api/v5/account/*", "GET /api/v5/trade/*"]
sessions = true
)";

class LiveRun : public testing::Test {
  protected:
    void SetUp() override
    {
        config_ = demo_world({"binance", "kraken", "okx"}, 5, false, plugins());
        // Few moves, so that a busy machine can follow: answers that come too late are orders of unknown
        // outcome.
        config_.street.move_one_in *= 5;
        config_.street.burst_every *= 5;
        world_ = std::make_unique<EmulatedWorld>(config_, plugins(), at("venues"));
        world_->start();
        make_keystore();
        std::filesystem::create_directory(at("credentials"));
        test::write_file(at("credentials/arbiter-passphrase"), std::string(keystore_test::kPassphrase));
        ::setenv("CREDENTIALS_DIRECTORY", at("credentials").c_str(), 1);
    }
    ~LiveRun() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
    std::string at(const std::string& name) const { return directory_.file(name); }

    void make_keystore(const std::string& environment = "emulated")
    {
        Keystore store =
            Keystore::create(at("keys.arbkeys"), keystore_test::secret_of(keystore_test::kPassphrase),
                             keystore_test::quick())
                .take();
        const Timestamp now = LiveClock().now();
        for (const EmulatedPlace& place : world_->places()) {
            for (const EmulatedKeyFile& key : place.keys) {
                if (key.label != "trade" && key.label != "read") continue;
                KeyEntry entry;
                entry.venue = place.venue;
                entry.role = key.label == "trade" ? KeyRole::trade : KeyRole::read;
                entry.label = key.label == "trade" ? "main" : "streams";
                entry.key_id = key.key_id;
                entry.environment = environment;
                entry.created = *parse_day(format_day(now));
                entry.expires = *parse_day(format_day(now + seconds(90 * 86'400)));
                const auto error = store.add(entry, keystore_test::key_secret(key.secret, key.passphrase));
                ASSERT_FALSE(error) << error->message;
            }
        }
        ASSERT_FALSE(store.save());
    }
    /// The demonstration's configuration with the keys in another place.
    std::string write_config(const std::string& keys)
    {
        std::string text = demo_config(*world_, config_);
        text = std::regex_replace(text, std::regex("\nkey_file = \"[^\"]*\""), "\ntrade_key = \"main\"");
        text =
            std::regex_replace(text, std::regex("\nread_key_file = \"[^\"]*\""), "\nread_key = \"streams\"");
        text += "\n[keys]\n" + keys + "\n";
        test::write_file(at("run.toml"), text);
        return at("run.toml");
    }
    /// The same for real orders: nothing stands in a venue's place.
    std::string write_live_config(const std::string& keys)
    {
        std::string text = test::read_file(write_config(keys));
        text = std::regex_replace(text, std::regex("mode = \"emulated\""), "mode = \"live\"");
        text = std::regex_replace(text, std::regex("\n(endpoint|ca_file) = \"[^\"]*\""), "");
        test::write_file(at("live.toml"), text);
        return at("live.toml");
    }
    std::unique_ptr<ProgramChild> start(const std::vector<std::string>& words)
    {
        const std::string name = "said-" + std::to_string(++said_);
        last_ = name;
        return std::make_unique<ProgramChild>(
            words, ProgramChild::Place{at(name + ".out"), at(name + ".err"), at(""), false});
    }
    int run(const std::vector<std::string>& words) { return start(words)->code(); }
    std::string said() const
    {
        return test::read_file(at(last_ + ".out")) + test::read_file(at(last_ + ".err"));
    }
    std::unique_ptr<ProgramChild> start_live(const std::string& config)
    {
        return start({"run", config, "--live", "--directory", at("state")});
    }
    int run_emulated(const std::string& config)
    {
        return run({"run", config, "--unsafe-endpoint", "--directory", at("state"), "--seconds", "1"});
    }
    /// Until it has sent orders, then to its end by our word, or by a signal.
    int trade(const std::string& config, int signal = 0)
    {
        const auto engine = start({"run", config, "--unsafe-endpoint", "--directory", at("state")});
        constexpr int kOrders = 20;  // so that every venue has had some
        const auto status = test::status_when(
            *engine, at("state"), [](const nlohmann::json& said) { return said["orders"] >= kOrders; });
        EXPECT_TRUE(status) << said();
        if (signal == 0) return test::stopped(*engine, at("state"));
        engine->kill(signal);
        return engine->code();
    }
    /// As if the doctor had passed it.
    void write_stamp(const std::string& config)
    {
        DoctorReport passed;
        const EngineConfig parsed = load_config(config);
        passed.time = LiveClock().now();
        passed.config_hash = parsed.hash;
        passed.build = build_text();
        passed.live = true;
        ASSERT_FALSE(write_doctor_stamp(at("state"), passed));
    }
    test::PrivateDirectory directory_;
    EmulatedWorldConfig config_;
    std::unique_ptr<EmulatedWorld> world_;
    int said_ = 0;
    std::string last_;
};

TEST_F(LiveRun, each_lock_that_is_shut_refuses)
{
    const std::string config = write_live_config("keystore = \"" + at("keys.arbkeys") + "\"");
    EXPECT_EQ(run({"run", config, "--directory", at("state")}), 3);
    EXPECT_NE(said().find("say --live as well"), std::string::npos) << said();
    EXPECT_EQ(start_live(config)->code(), 7);
    EXPECT_NE(said().find("arbiter doctor"), std::string::npos) << said();
    std::filesystem::create_directories(at("state"));
    write_stamp(config);
    // Another configuration is another patient.
    test::write_file(config, test::read_file(config) + "# changed\n");
    EXPECT_EQ(start_live(config)->code(), 7) << said();
    // A thrown-away key has no business here.
    std::string text = test::read_file(config);
    text = std::regex_replace(text, std::regex("trade_key = \"main\""), "key_file = \"x.toml\"");
    text = std::regex_replace(text, std::regex("\nread_key = \"streams\""), "");
    test::write_file(config, text);
    write_stamp(config);
    EXPECT_EQ(start_live(config)->code(), 3);
    EXPECT_NE(said().find("belongs in the keystore"), std::string::npos) << said();
}

// A crash a day after the doctor's pass: what is open is not left alone, and nothing new is opened.
TEST_F(LiveRun, a_doctor_that_is_too_old_holds_back_no_closing)
{
    const std::string path = write_live_config("keystore = \"" + at("keys.arbkeys") + "\"");
    const EngineConfig config = load_config(path);
    const auto locks = [&] { return check_live_locks(config, path, at("state"), build_text(), true); };
    const auto refused = [&] {
        try {
            (void)locks();
            return ExitCode::ok;
        } catch (const StartError& error) {
            return error.code();
        }
    };
    EXPECT_EQ(refused(), ExitCode::doctor) << "nothing was ever begun there";
    std::filesystem::create_directories(at("state"));
    std::filesystem::permissions(at("state"), std::filesystem::perms::owner_all);
    const auto append = [&](const char* line) {
        const auto log = std::move(StateFile::open(at("state/state.log"))).take();
        ASSERT_TRUE(log->append(line));
    };
    append("epoch\t1790000001");
    EXPECT_NE(locks().find("arbiter doctor"), std::string::npos);
    append("settled\t1790000001");
    EXPECT_EQ(refused(), ExitCode::doctor) << "that run ended with nothing open";
    append("epoch\t1790000002");
    EXPECT_NE(locks().find("arbiter doctor"), std::string::npos);
    write_stamp(path);
    EXPECT_EQ(locks(), "");
}

// Whatever is said on the command line: real orders and another host never meet.
TEST_F(LiveRun, an_endpoint_never_gets_real_orders)
{
    const std::string config = write_config("keystore = \"" + at("keys.arbkeys") + "\"");
    test::write_file(config, std::regex_replace(test::read_file(config), std::regex("mode = \"emulated\""),
                                                "mode = \"live\""));
    EXPECT_EQ(run({"run", config, "--live", "--unsafe-endpoint", "--directory", at("state")}), 2) << said();
    EXPECT_NE(said().find("never gets real orders"), std::string::npos) << said();
    EXPECT_EQ(run({"doctor", config, "--live", "--unsafe-endpoint", "--directory", at("state")}), 2);
}

TEST_F(LiveRun, keys_of_the_keystore_trade)
{
    const std::string config = write_config("keystore = \"" + at("keys.arbkeys") + "\"");
    // A terminal that goes away is a stop like any other.
    EXPECT_EQ(trade(config, SIGHUP), 0) << said();
    const AuditReport report = report_audit(at("state/keys.audit")).take();
    EXPECT_TRUE(report.verdict.whole);
    EXPECT_EQ(report.keys.size(), 6U);
}

// A key of another environment is not even loaded where the secret could meet a stranger.
TEST_F(LiveRun, a_key_is_used_in_its_own_environment_alone)
{
    for (const char* environment : {"live", "testnet"}) {
        std::filesystem::remove(at("keys.arbkeys"));
        make_keystore(environment);
        EXPECT_EQ(run_emulated(write_config("keystore = \"" + at("keys.arbkeys") + "\"")), 3) << said();
        EXPECT_NE(said().find(std::string("belongs to environment ") + environment), std::string::npos)
            << said();
    }
}

TEST_F(LiveRun, the_signer_signs_and_no_secret_is_here)
{
    std::string limits;
    for (const Listing& listing : world_->table().listings()) {
        if (world_->table().venue(listing.venue).exchange == "binance")
            limits += "[[key.limit]]\ninstrument = \"" + listing.symbol + "\"\nmax_notional = \"5000\"\n";
    }
    test::write_file(at("signer.toml"),
                     std::regex_replace(std::string(kPolicy), std::regex("LIMITS"), limits));
    std::filesystem::create_directory(at("run"));
    std::filesystem::permissions(at("run"), std::filesystem::perms::owner_all);
    const auto signer = start({"signer", "--keystore", at("keys.arbkeys"), "--policy", at("signer.toml"),
                               "--socket", at("run/signer.sock"), "--audit", at("signer.audit")});
    const std::string signer_said = last_;
    // Its socket is there as soon as it listens.
    for (int i = 0; i < 600 && !std::filesystem::exists(at("run/signer.sock")); ++i) {
        if (signer->ended_within(100)) break;
    }
    ASSERT_TRUE(std::filesystem::exists(at("run/signer.sock"))) << said();
    ::unsetenv("CREDENTIALS_DIRECTORY");  // the engine has no way into the keystore
    const std::string config =
        write_config("signer = \"" + at("run/signer.sock") + "\"\nsigner_wait_ms = 10000");
    EXPECT_EQ(trade(config), 0) << said();
    signer->kill(SIGTERM);
    EXPECT_EQ(signer->code(), 0) << test::read_file(at(signer_said + ".err"));
    const AuditReport report = report_audit(at("signer.audit")).take();
    EXPECT_TRUE(report.verdict.whole);
    std::uint64_t orders = 0;
    for (const AuditEndpointRow& row : report.endpoints) {
        EXPECT_EQ(row.uses.refused, 0U) << row.venue << " " << row.label << " " << row.endpoint;
        if (row.endpoint == "POST /order") orders += row.uses.done;
    }
    EXPECT_GT(orders, 0U) << "every Binance order was read and signed by the signer";
}

}  // namespace
}  // namespace arb
