// arbiter rehearse against emulated venues on real sockets: all as they should be, one that deviates, one
// that is not there; its masked recordings; and what is refused before anything is sent.
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/demo/demo.hpp"
#include "engine/app/recordings/audit.hpp"
#include "engine/app/rehearse/rehearse.hpp"
#include "engine/app/rehearse/rehearse_command.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/journal/reader.hpp"
#include "engine/sim/replay.hpp"
#include "tests/app/doctor_support.hpp"

namespace arb {
namespace {

const std::vector<std::string> kRehearsed = {"binance", "binance_usdm", "bybit",  "bybit_linear", "coinbase",
                                             "gate",    "gate_usdt",    "kraken", "okx"};

struct Asked {
    int code = -1;
    std::string out, err;
};

/// The program's words, in this process.
Asked ask(const std::vector<std::string>& words)
{
    CLI::App app{"test", "arbiter"};
    app.require_subcommand(1);
    const Command command = add_rehearse(app);
    Asked asked;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
        std::vector<std::string> reversed(words.rbegin(), words.rend());
        reversed.emplace_back("rehearse");
        app.parse(std::move(reversed));
        asked.code = static_cast<int>(command.run());
    } catch (const CLI::ParseError& error) {
        asked.code = static_cast<int>(ExitCode::usage);
    } catch (const StartError& error) {
        asked.code = static_cast<int>(error.code());
        asked.err = error.what();
    }
    asked.out = testing::internal::GetCapturedStdout();
    asked.err += testing::internal::GetCapturedStderr();
    return asked;
}

class RehearseWorld : public testing::Test {
  protected:
    void open(const std::vector<std::string>& venues, const Deviations& deviations = {})
    {
        config_ = demo_world(venues, 5, false, plugins());
        for (EmulatedVenueConfig& venue : config_.venues) venue.deviations = deviations;
        world_ = std::make_unique<EmulatedWorld>(config_, plugins(), folder_.file("venues"));
        world_->start();
        test::write_file(path(), demo_config(*world_, config_));
    }
    ~RehearseWorld() override
    {
        if (world_ != nullptr) world_->stop();
    }
    std::string path() const { return folder_.file("run.toml"); }
    RehearseRequest request() const
    {
        RehearseRequest request;
        request.config_path = path();
        request.config = load_config(path());
        request.directory = folder_.file("state");
        request.plugins = plugins();
        request.build = build_text();
        request.questions = key_questions();
        request.watch = seconds(1);
        request.patience = seconds(120);  // a busy machine only takes longer
        request.orders = request.fill = true;
        request.unsafe_endpoint = true;
        request.close_process = false;
        return request;
    }
    static std::string text(const RehearseOutcome& outcome) { return rehearsal_text(outcome.report, false); }
    void expect_nothing_open()
    {
        world_->stop();
        for (const EmulatedTruth& truth : world_->truth()) {
            for (const EmulatedOrder& order : truth.orders)
                EXPECT_NE(order.state, EmulatedState::open) << truth.venue << " " << order.client_id;
        }
    }

    test::PrivateDirectory folder_;
    EmulatedWorldConfig config_;
    std::unique_ptr<EmulatedWorld> world_;
};

/// What must not be in a recording: of each venue, what its truth and its key files tell.
std::set<std::string> secrets_of(const EmulatedWorld& world, const std::string& venue)
{
    std::set<std::string> secrets;
    for (const EmulatedPlace& place : world.places()) {
        for (const EmulatedKeyFile& key : place.keys) {
            for (const std::string& secret : {key.key_id, key.secret, key.passphrase}) {
                if (secret.size() >= 6) secrets.insert(secret);
            }
        }
    }
    for (const EmulatedTruth& truth : world.truth()) {
        for (const EmulatedOrder& order : truth.orders) {
            // Kraken shows its ids as other texts; our own requests there are numbered alike.
            if (truth.account == EmulatedWorld::kClient && truth.venue == venue && venue != "kraken")
                secrets.insert(std::to_string(order.id));
        }
    }
    return secrets;
}

/// As a word of its own: a part of a longer number is another number.
bool holds_word(std::string_view text, std::string_view word)
{
    const auto inside = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !inside(text[at - 1])) && (end == text.size() || !inside(text[end]))) return true;
    }
    return false;
}

/// It is whole, tells nobody's ids, and gives the books and decisions that were.
void check_recording(const RehearsedVenue& venue, const std::set<std::string>& secrets)
{
    SCOPED_TRACE(venue.venue);
    ASSERT_FALSE(venue.recording.empty());
    JournalReader reader = JournalReader::open(venue.recording).take();
    std::size_t records = 0, masked = 0;
    while (const Record* record = reader.next()) {
        ++records;
        const std::string all = std::string(record->text.view()) + " " + std::string(record->url);
        for (const std::string& secret : secrets)
            EXPECT_FALSE(holds_word(all, secret)) << secret << " in " << all;
        masked += all.find("9000") != std::string::npos || all.find("xxxx") != std::string::npos;
    }
    EXPECT_FALSE(reader.trouble().has_value());
    EXPECT_GT(records, 50U);
    EXPECT_GT(masked, 0U);
    const AuditOutcome audit = run_audit({venue.recording}, plugins(), [](auto, auto, auto) {});
    EXPECT_TRUE(audit.troubles.empty());
    for (const AuditBook& book : audit.result.books) {
        EXPECT_TRUE(book.valid);
        EXPECT_EQ(book.gaps, 0U);
    }
    BacktestRequest replay;
    replay.config = parse_config(reader.header().config_text, "recording");
    EXPECT_EQ(replay.config.hash, reader.header().config_hash);
    replay.recordings = {venue.recording};
    replay.plugins = plugins();
    const ReplayOutcome replayed = run_replay(replay);
    EXPECT_FALSE(replayed.differs) << replayed.expected << " / " << replayed.got;
}

TEST_F(RehearseWorld, every_venue_is_as_expected_and_its_recording_tells_nobodys_ids)
{
    open(kRehearsed);
    const RehearseOutcome outcome = rehearse(request());
    EXPECT_EQ(outcome.code, ExitCode::ok) << text(outcome);
    ASSERT_EQ(outcome.report.venues.size(), kRehearsed.size());
    expect_nothing_open();
    for (const RehearsedVenue& venue : outcome.report.venues) {
        EXPECT_EQ(venue.count(CheckResult::differs), 0U) << text(outcome);
        EXPECT_GT(venue.count(CheckResult::as_expected), 25U) << text(outcome);
        std::set<std::string> names;
        for (const RehearsalCheck& check : venue.checks)
            EXPECT_TRUE(names.insert(check.name).second) << "two rows are called " << check.name;
        const std::set<std::string> secrets = secrets_of(*world_, venue.venue);
        ASSERT_GT(secrets.size(), 3 * kRehearsed.size());
        check_recording(venue, secrets);
    }
    for (const auto& file : std::filesystem::directory_iterator(folder_.file("state")))
        EXPECT_EQ(file.path().string().find("unmasked"), std::string::npos) << file.path();
}

TEST_F(RehearseWorld, a_deviation_is_told_with_exit_code_6)
{
    open({"bybit", "kraken"}, {Deviation::fee_differs});
    const Asked asked = ask({path(), "--venue", "kraken", "--orders", "--fill", "--seconds", "1",
                             "--patience", "120", "--unsafe-endpoint", "--directory", folder_.file("state"),
                             "--output", "json", "--report", folder_.file("out.html"), "--quiet"});
    EXPECT_EQ(asked.code, 6) << asked.err;
    const nlohmann::json told = nlohmann::json::parse(asked.out);
    EXPECT_EQ(told["venue"], "kraken");
    std::set<std::string> differ;
    for (const auto& check : told["checks"]) {
        EXPECT_EQ(check.size(), 4U) << check;
        if (check["result"] == "differs") differ.insert(check["name"]);
    }
    EXPECT_EQ(differ, (std::set<std::string>{"buy: fee", "sell: fee"}));
    EXPECT_NE(test::read_file(folder_.file("out.html")).find("buy: fee"), std::string::npos);
}

TEST_F(RehearseWorld, what_may_be_left_is_loud)
{
    open({"binance"}, {Deviation::cancel_ignored});
    const Asked asked = ask({path(), "--orders", "--seconds", "1", "--unsafe-endpoint", "--directory",
                             folder_.file("state"), "--quiet"});
    EXPECT_EQ(asked.code, 6) << asked.out;
    EXPECT_NE(asked.err.find("FLAGGED binance: A"), std::string::npos) << asked.err;
    EXPECT_NE(asked.err.find("client id ar"), std::string::npos) << asked.err;
}

TEST_F(RehearseWorld, a_venue_that_is_not_there_differs)
{
    open({"bybit", "okx"});
    std::string text = test::read_file(path());
    // Nobody listens there.
    const std::string gone = world_->places()[1].host_port;
    text.replace(text.find(gone), gone.size(), "127.0.0.1:1");
    test::write_file(path(), text);
    const RehearseOutcome outcome = rehearse(request());
    EXPECT_EQ(outcome.code, ExitCode::network);
    ASSERT_EQ(outcome.report.venues.size(), 2U);
    EXPECT_EQ(outcome.report.venues[0].count(CheckResult::differs), 0U)
        << rehearsal_text(outcome.report, false);
    EXPECT_EQ(outcome.report.venues[1].checks.front().name, "hosts");
    EXPECT_EQ(outcome.report.venues[1].checks.front().result, CheckResult::differs);
}

TEST_F(RehearseWorld, stopped_it_cleans_up)
{
    open({"okx"});
    RehearseRequest asked = request();
    asked.watch = seconds(600);
    bool rests = false;
    // Told to stop as soon as it says that an order rests.
    asked.log = [&](std::string_view line) { rests |= line.find("at:") == 0; };
    asked.stops = [&] { return rests ? 1 : 0; };
    const RehearseOutcome outcome = rehearse(asked);
    EXPECT_EQ(outcome.code, ExitCode::ok) << rehearsal_text(outcome.report, false);
    expect_nothing_open();
}

TEST_F(RehearseWorld, what_is_wrong_with_the_words_is_refused_before_anything_is_sent)
{
    open({"okx"});
    const std::string live = folder_.file("live.toml"), paper = folder_.file("paper.toml");
    std::string text = test::read_file(path());
    text =
        std::regex_replace(text, std::regex("\n(endpoint|ca_file|key_file|read_key_file) = \"[^\"]*\""), "");
    test::write_file(live, std::regex_replace(text, std::regex("mode = \"emulated\""), "mode = \"live\""));
    test::write_file(paper, std::regex_replace(text, std::regex("mode = \"emulated\""), "mode = \"paper\""));
    const std::vector<std::string> state = {"--directory", folder_.file("state")};
    struct Words {
        std::vector<std::string> words;
        int code;
        const char* said;
    };
    const Words kWords[] = {
        {{path(), "--venue", "okk", "--unsafe-endpoint"}, 2, "did you mean 'okx'?"},
        {{path(), "--fill", "--unsafe-endpoint"}, 2, "goes with --orders"},
        {{path(), "--orders"}, 2, "only with --unsafe-endpoint"},
        {{live, "--orders"}, 3, "say --live as well"},
        {{live, "--orders", "--live"}, 7, "run: arbiter doctor"},
        {{live, "--live"}, 7, "run: arbiter doctor"},
        {{path(), "--orders", "--live", "--unsafe-endpoint"}, 2, "--live is for mode = \"live\""},
        {{paper, "--orders"}, 2, "--orders needs mode"},
        {{folder_.file("none.toml")}, 2, "cannot be opened"},
        {{path(), "--seconds", "0"}, 2, ""},
        {{path(), "--patience", "0"}, 2, ""},
        {{path(), "--output", "yaml"}, 2, ""},
    };
    for (const Words& w : kWords) {
        std::vector<std::string> words = w.words;
        words.insert(words.end(), state.begin(), state.end());
        const Asked asked = ask(words);
        EXPECT_EQ(asked.code, w.code) << asked.err;
        EXPECT_NE(asked.err.find(w.said), std::string::npos) << asked.err;
    }
    world_->stop();
    for (const EmulatedTruth& truth : world_->truth()) {
        if (truth.account == EmulatedWorld::kClient) {
            EXPECT_TRUE(truth.orders.empty());
        }
    }
}

}  // namespace
}  // namespace arb
