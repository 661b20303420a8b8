// Secrets through every sink. The keys of the emulated venues are the canaries: thrown away, distinctive, in
// each venue's own form. The program trades with them, is watched from outside, panics, reports; then all
// that it wrote, said and showed is searched for them. A sink that leaks on purpose shows that the search
// would find them.
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/app/demo/demo.hpp"
#include "engine/app/keys/key_ring.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/journal/writer.hpp"
#include "engine/net/command_socket.hpp"
#include "tests/app/trading_child.hpp"
#include "tests/keys/key_test_support.hpp"
#include "tests/support/canary.hpp"

namespace arb {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::CanaryScanner;

std::string text_of(const std::vector<std::string>& hits)
{
    std::string text;
    for (const std::string& hit : hits) text += hit + "\n";
    return text;
}

class Canary : public testing::Test {
  protected:
    std::string at(const std::string& name) const { return directory_.file(name); }
    std::string state() const { return at("seen/state"); }

    void make_world(const std::vector<std::string>& venues)
    {
        fs::create_directories(at("seen"));
        config_ = demo_world(venues, 31, false, plugins());
        world_ = std::make_unique<EmulatedWorld>(config_, plugins(), at("venues"));
        world_->start();
        test::write_file(at("seen/run.toml"), demo_config(*world_, config_));
        for (const EmulatedPlace& place : world_->places()) {
            for (const EmulatedKeyFile& key : place.keys) {
                scanner_.add(place.venue + " " + key.label + " secret", key.secret);
                if (!key.passphrase.empty())
                    scanner_.add(place.venue + " " + key.label + " passphrase", key.passphrase);
            }
        }
    }
    /// Runs the program; what it says goes to files that are searched in the end.
    std::unique_ptr<test::ProgramChild> start(const std::vector<std::string>& words, bool core = false)
    {
        const std::string name = "seen/said-" + std::to_string(++said_);
        return std::make_unique<test::ProgramChild>(
            words, test::ProgramChild::Place{at(name + ".out"), at(name + ".err"), at("seen"), core});
    }
    int run(const std::vector<std::string>& words) { return start(words)->code(); }
    std::string last_said() const
    {
        const std::string name = "seen/said-" + std::to_string(said_);
        return test::read_file(at(name + ".out")) + test::read_file(at(name + ".err"));
    }
    std::unique_ptr<test::ProgramChild> start_engine(bool core = false)
    {
        auto engine =
            start({"run", at("seen/run.toml"), "--directory", state(), "--unsafe-endpoint", "--seconds", "0"},
                  core);
        const auto status = test::status_when(*engine, state(), test::has_traded);
        if (status) keep("status.json", status->dump());
        EXPECT_TRUE(status) << "the engine does not trade: " << last_said();
        return engine;
    }
    void keep(const std::string& name, const std::string& text) const
    {
        std::ofstream(at("seen/" + name), std::ios::binary | std::ios::trunc) << text;
    }
    /// What another process of this user sees of it.
    void keep_process(pid_t pid) const
    {
        for (const char* what : {"environ", "cmdline", "status", "comm"}) {
            const std::string text = test::read_file("/proc/" + std::to_string(pid) + "/" + what);
            EXPECT_FALSE(text.empty() && ::geteuid() == 0) << what;
            keep(std::string("proc-") + what, text);
        }
    }
    const EmulatedKeyFile& key(const std::string& venue, const std::string& label) const
    {
        for (const EmulatedPlace& place : world_->places()) {
            if (place.venue != venue) continue;
            for (const EmulatedKeyFile& file : place.keys) {
                if (file.label == label) return file;
            }
        }
        throw std::runtime_error(venue + " has no key " + label);
    }
    /// A run with another key file in the place of okx's; it must be refused.
    void refuse(const std::string& what, const std::string& key_file)
    {
        SCOPED_TRACE(what);
        std::string config = test::read_file(at("seen/run.toml"));
        const std::string usual = key("okx", "trade").file;
        const std::size_t place = config.find(usual);
        ASSERT_NE(place, std::string::npos);
        config.replace(place, usual.size(), key_file);
        keep("refused.toml", config);
        const int code = run({"run", at("seen/refused.toml"), "--directory", at("seen/refused"),
                              "--unsafe-endpoint", "--seconds", "1"});
        EXPECT_GT(code, 0) << last_said();
        EXPECT_FALSE(last_said().empty()) << "it says why";
    }

    test::PrivateDirectory directory_;
    EmulatedWorldConfig config_;
    std::unique_ptr<EmulatedWorld> world_;
    CanaryScanner scanner_;
    int said_ = 0;
};

TEST_F(Canary, secrets_are_in_no_sink_of_a_whole_life)
{
    make_world({"binance", "binance_usdm", "bybit", "coinbase", "gate", "gate_usdt", "kraken", "okx"});
    {
        const auto engine = start_engine();
        keep_process(engine->pid());
        EXPECT_EQ(run({"status", state()}), 0) << last_said();
        EXPECT_EQ(run({"pause", state()}), 0) << last_said();
        EXPECT_EQ(run({"resume", state()}), 0) << last_said();
        (void)run({"panic", state(), "--yes", "--flatten", "--config", at("seen/run.toml")});
        EXPECT_NE(last_said().find("evidence: "), std::string::npos) << last_said();
        engine->kill(SIGKILL);
    }
    EXPECT_EQ(run({"report", state(), "--html", at("seen/report.html")}), 0) << last_said();
    for (const char* form : {"json", "csv-orders", "csv-fills", "csv-packages", "csv-balances", "csv-keys"})
        EXPECT_EQ(run({"report", state(), "--output", form}), 0) << form;
    for (const auto& entry : fs::directory_iterator(state())) {
        const std::string file = entry.path().string();
        if (file.ends_with(".arb")) {
            (void)run({"audit", file, "--output", "json"});
            (void)run({"replay", file});
        }
        if (file.ends_with(".audit") || file.ends_with("audit.log"))
            (void)run({"keys", "audit", "--log", file});
    }
    std::size_t files = 0;
    const std::vector<std::string> hits = scanner_.scan_tree(at("seen"), files);
    EXPECT_TRUE(hits.empty()) << text_of(hits);
    EXPECT_GT(files, 30U);
}

TEST_F(Canary, a_key_that_is_refused_is_not_shown_by_the_refusal)
{
    make_world({"bybit", "okx"});
    const EmulatedKeyFile& trade = key("okx", "trade");
    const std::string good = test::read_file(trade.file);
    const auto broken = [&](const std::string& name, const std::string& from, const std::string& to) {
        std::string text = good;
        const std::size_t place = text.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        if (place != std::string::npos) text.replace(place, from.size(), to);
        fs::create_directories(at("keys"));
        test::write_file(at("keys/" + name), text);
        return at("keys/" + name);
    };
    refuse("a key of another venue", key("bybit", "trade").file);
    refuse("a line that has no end", broken("open.toml", trade.secret + "\"", trade.secret));
    refuse("a name that is not known", broken("name.toml", "secret =", "secrets ="));
    refuse("a value that is no text", broken("value.toml", "secret = \"", "secret = [\""));
    refuse("a secret as the venue's name",
           broken("venue.toml", "venue = \"okx\"", "venue = \"okx\"\nvenue = \"" + trade.secret + "\""));
    const std::string open = broken("mode.toml", "venue", "venue");
    ::chmod(open.c_str(), 0644);
    refuse("a file that others may read", open);
    // Whether this one is refused is the gate's affair; what is said of it is ours.
    std::string config = test::read_file(at("seen/run.toml"));
    config.replace(config.find(trade.file), trade.file.size(), key("okx", "withdraw").file);
    keep("withdraw.toml", config);
    (void)run({"run", at("seen/withdraw.toml"), "--directory", at("seen/withdraw"), "--unsafe-endpoint",
               "--seconds", "3"});
    std::size_t files = 0;
    const std::vector<std::string> hits = scanner_.scan_tree(at("seen"), files);
    EXPECT_TRUE(hits.empty()) << text_of(hits);
}

TEST_F(Canary, a_keystore_shows_neither_keys_nor_passphrase)
{
    make_world({"coinbase", "kraken", "okx"});
    fs::create_directories(at("in"));
    const std::string passphrase = "canary-passphrase-of-the-keystore-91f3";
    scanner_.add("the keystore's passphrase", passphrase);
    // Each run reads its own descriptor; the program inherits it.
    const auto keys = [&](std::vector<std::string> words, const std::string& said) {
        test::write_file(at("in/passphrase"), said + "\n");
        const int file = ::open(at("in/passphrase").c_str(), O_RDONLY);
        words.insert(words.begin(), "keys");
        words.insert(words.end(),
                     {"--keystore", at("seen/keys.arbkeys"), "--passphrase-fd", std::to_string(file)});
        const int code = run(words);
        ::close(file);
        return code;
    };
    for (const EmulatedPlace& place : world_->places()) {
        const EmulatedKeyFile& trade = key(place.venue, "trade");
        test::write_file(at("in/secret"), trade.secret);
        std::vector<std::string> words = {"add",        "--venue",       place.venue,    "--label",
                                          "trade",      "--role",        "trade",        "--key-id",
                                          trade.key_id, "--secret-file", at("in/secret")};
        if (!trade.passphrase.empty()) {
            test::write_file(at("in/key-passphrase"), trade.passphrase);
            words.insert(words.end(), {"--key-passphrase-file", at("in/key-passphrase")});
        }
        EXPECT_EQ(keys(words, passphrase), 0) << last_said();
        EXPECT_NE(keys(words, passphrase), 0) << "it is there already";
    }
    EXPECT_EQ(keys({"list"}, passphrase), 0) << last_said();
    EXPECT_NE(last_said().find("coinbase"), std::string::npos);
    EXPECT_EQ(keys({"list", "--output", "json"}, passphrase), 0) << last_said();
    EXPECT_NE(keys({"list"}, "wrong " + passphrase.substr(0, 8)), 0);
    std::size_t files = 0;
    const std::vector<std::string> hits = scanner_.scan_tree(at("seen"), files);
    EXPECT_TRUE(hits.empty()) << text_of(hits);
    EXPECT_TRUE(fs::exists(at("seen/keys.arbkeys")));
}

TEST_F(Canary, a_sink_that_leaks_is_caught_in_every_form)
{
    make_world({"binance", "bybit", "coinbase", "gate", "kraken", "okx"});
    ASSERT_GT(scanner_.forms().size(), 100U);
    std::size_t number = 0;
    for (const test::CanaryForm& form : scanner_.forms()) {
        const std::string name = "leak-" + std::to_string(++number);
        keep(name, "noise before " + form.text + " and behind");
        EXPECT_FALSE(scanner_.scan_file(at("seen/" + name)).empty()) << form.name;
        if (form.text.size() < 24) continue;
        // Cut short, as a field of bounded size would.
        EXPECT_FALSE(scanner_.scan(form.text.substr(3, 20), "cut").empty()) << form.name;
    }
    std::size_t files = 0;
    EXPECT_GE(scanner_.scan_tree(at("seen"), files).size(), scanner_.forms().size());
    EXPECT_TRUE(scanner_
                    .scan(std::string(100'000, 'A') + test::read_file(ARBITER_PROGRAM).substr(0, 1 << 20),
                          "the program")
                    .empty())
        << "what is no canary is no hit";
}

TEST_F(Canary, a_leak_inside_a_compressed_journal_is_caught)
{
    make_world({"okx"});
    const std::string secret = key("okx", "trade").secret;
    JournalHeader header;
    header.venues.push_back({VenueKey{"okx", ""}, {}});
    JournalWriter writer = JournalWriter::create(at("seen/leak.arb"), header).take();
    for (int i = 0; i < 1000; ++i) writer.command({1'000 + i}, "nothing to see here");
    writer.command({5'000}, "sign " + secret);
    ASSERT_TRUE(writer.finish());
    EXPECT_FALSE(scanner_.scan_file(at("seen/leak.arb")).empty());
}

TEST_F(Canary, a_crash_leaves_no_core_and_memory_stays_shut)
{
    if (kLeaksAreLookedFor)
        GTEST_SKIP() << "a program that is searched for leaks looks into itself, so it does not close";
    make_world({"bybit", "okx"});
    // Whether this machine would write a core at all.
    fs::create_directories(at("control"));
    test::ProgramChild control({"60"}, {{}, {}, at("control"), true, "/bin/sleep"});
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(test::kHangSeconds);
    const std::string kComm = "/proc/" + std::to_string(control.pid()) + "/comm";
    while (test::read_file(kComm) != "sleep\n" && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    control.kill(SIGSEGV);
    const bool dumps = WCOREDUMP(control.wait());
    const auto engine = start_engine(true);
    if (::geteuid() != 0) {
        std::ifstream memory("/proc/" + std::to_string(engine->pid()) + "/mem");
        EXPECT_FALSE(memory.is_open()) << "another process of this user can read its memory";
    }
    engine->kill(SIGSEGV);
    const int status = engine->wait();
    ASSERT_TRUE(WIFSIGNALED(status)) << "it was not ended by the signal";
    EXPECT_FALSE(WCOREDUMP(status));
    for (const auto& entry : fs::recursive_directory_iterator(at("seen")))
        EXPECT_FALSE(entry.path().filename().string().starts_with("core")) << entry.path();
    std::size_t files = 0;
    const std::vector<std::string> hits = scanner_.scan_tree(at("seen"), files);
    EXPECT_TRUE(hits.empty()) << text_of(hits);
    if (!dumps) GTEST_SKIP() << "this machine writes no core for any process: only the searches above count";
    if (::geteuid() == 0) GTEST_SKIP() << "root reads every memory: only cores and searches above count";
}

}  // namespace
}  // namespace arb
