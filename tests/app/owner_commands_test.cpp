// What only the owner can say, as a shell says it: a transfer between venues, and that a run somewhere else
// is over; what is wrong with the words, and the whole way from a start that is refused to one that trades.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/app/demo/demo.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/live/state_file.hpp"
#include "engine/pipeline/foreign_runs.hpp"
#include "engine/report/ledger.hpp"
#include "tests/app/trading_child.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

namespace fs = std::filesystem;

class OwnerCommands : public testing::Test {
  protected:
    std::string at(const std::string& name) const { return directory_.file(name); }
    void make_world()
    {
        config_ = demo_world({"bybit", "okx"}, 21, false, plugins());
        world_ = std::make_unique<EmulatedWorld>(config_, plugins(), at("venues"));
        world_->start();
        test::write_file(at("run.toml"), demo_config(*world_, config_));
    }
    std::unique_ptr<test::ProgramChild> start(const std::vector<std::string>& words)
    {
        said_ = "said-" + std::to_string(++count_);
        return std::make_unique<test::ProgramChild>(
            words, test::ProgramChild::Place{at(said_ + ".out"), at(said_ + ".err"), at("")});
    }
    std::unique_ptr<test::ProgramChild> start_engine(const std::string& state)
    {
        return start(
            {"run", at("run.toml"), "--directory", at(state), "--unsafe-endpoint", "--seconds", "0"});
    }
    int run(const std::vector<std::string>& words) { return start(words)->code(); }
    std::string said() const
    {
        return test::read_file(at(said_ + ".out")) + test::read_file(at(said_ + ".err"));
    }
    /// What operates a running engine ends by what came of it, and says so.
    void operate(const std::string& state)
    {
        struct Row {
            std::vector<std::string> words;
            int code;
            const char* said;
        };
        const Row rows[] = {
            {{"clear", "nothing"}, 2, "no such market is flagged"},
            {{"release", "12345"}, 2, "no package of that number"},
            {{"adopt", "okx", "NONE", "5"}, 2, "NONE"},
            {{"pause"}, 0, "paused: nothing new is opened"},
            {{"status"}, 0, "PAUSED"},
            {{"status"}, 0, "risk.gross_max_quote"},
            {{"status", "--output", "json"}, 0, "\"paused\":true"},
            {{"resume"}, 0, "trading again"},
            {{"pause", "--output", "json"}, 0, "\"ok\":true"},
            {{"resume"}, 0, "trading again"},
            {{"logs"}, 0, "okx"},
            {{"logs", "--lines", "0"}, 0, ""},
        };
        for (const Row& row : rows) {
            std::vector<std::string> words = row.words;
            words.push_back(at(state));
            EXPECT_EQ(run(words), row.code) << said();
            EXPECT_NE(said().find(row.said), std::string::npos) << row.said << ": " << said();
        }
    }
    std::vector<std::string> lines_of_state(const std::string& state) const
    {
        return std::move(StateFile::open(at(state + "/state.log"))).take()->lines();
    }

    test::PrivateDirectory directory_;
    EmulatedWorldConfig config_;
    std::unique_ptr<EmulatedWorld> world_;
    std::string said_;
    int count_ = 0;
};

TEST_F(OwnerCommands, words_that_are_wrong_are_refused_without_an_engine)
{
    test::write_file(at("paper.toml"), "mode = \"paper\"\nstate_directory = \"state\"\n");
    struct Row {
        std::vector<std::string> words;
        int code;
        const char* said;
    };
    const Row rows[] = {
        {{"transfer"}, 2, "subcommand"},
        {{"transfer", "announce", "okx", "bybit", "USDT"}, 2, "amount is required"},
        {{"transfer", "revoke"}, 2, ""},
        {{"transfer", "announce", "okx", "bybit", "USDT", "5", at("nowhere")}, 6, "control.sock"},
        {{"status", at("nowhere")}, 6, "control.sock"},
        {{"logs", at("nowhere")}, 2, "no log is there"},
        {{"take-over"}, 2, "config is required"},
        {{"take-over", at("paper.toml")}, 2, "run is required"},
        {{"take-over", at("paper.toml"), "1790000000"}, 2, "'1790000000' is no run"},
        {{"take-over", at("paper.toml"), "6ab13b8"}, 2, "eight hexadecimal digits"},
        {{"take-over", at("paper.toml"), "00000000"}, 2, "is no run"},
        {{"take-over", at("paper.toml"), "6ab13b80", "x"}, 2, "'x' is no run"},
        {{"take-over", at("nothing.toml"), "6ab13b80"}, 2, "nothing.toml"},
        {{"take-over", at("paper.toml"), "6ab13b80"}, 2, "sends no orders"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(run(row.words), row.code) << said();
        EXPECT_NE(said().find(row.said), std::string::npos) << row.said << ": " << said();
    }
    EXPECT_FALSE(fs::exists(at("state"))) << "nothing was begun";
}

TEST_F(OwnerCommands, a_run_that_is_taken_over_is_kept_once_and_never_one_of_the_directory_itself)
{
    make_world();
    const std::vector<std::string> words = {"take-over", at("run.toml"), "6ab13b80", "--directory",
                                            at("state")};
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(run(words), 0) << said();
        EXPECT_NE(said().find("run 6ab13b80 is over"), std::string::npos) << said();
        EXPECT_EQ(lines_of_state("state"), std::vector<std::string>{"taken\t1790000000"});
    }
    {
        const auto file = std::move(StateFile::open(at("state/state.log"))).take();
        ASSERT_TRUE(file->append("epoch\t1790000001"));
        EXPECT_EQ(run(words), 3) << "an engine has it: " << said();
        EXPECT_NE(said().find("another arbiter uses this state directory"), std::string::npos) << said();
    }
    EXPECT_EQ(run({"take-over", at("run.toml"), "6ab13b81", "--directory", at("state")}), 2);
    EXPECT_NE(said().find("nothing to take over"), std::string::npos) << said();
    fs::permissions(at("state"), fs::perms::all);
    EXPECT_EQ(run(words), 3) << "others may go in: " << said();
}

// Simulated money and that of a venue are never in one record.
TEST_F(OwnerCommands, a_directory_belongs_to_one_mode)
{
    make_world();
    {
        const std::unique_ptr<Ledger> ledger =
            std::move(Ledger::open(directory_.file("ledger.sqlite"))).take();
        ledger::RunRow run;
        run.epoch = 7;
        run.begin = Timestamp{1};
        run.mode = "paper";
        ledger->record(run);
        run.epoch = 8;
        run.mode = "live";
        ledger->record(run);
        ASSERT_TRUE(ledger->close());
    }
    EXPECT_EQ(run({"run", at("run.toml"), "--directory", at(""), "--unsafe-endpoint", "--seconds", "1"}), 2);
    EXPECT_NE(said().find("runs in mode \"live\" are recorded here"), std::string::npos) << said();
    EXPECT_FALSE(fs::exists(at("state.log"))) << "nothing was begun";
    EXPECT_EQ(run({"report", at(""), "--run", "all"}), 2);
    EXPECT_NE(said().find("live and paper, which are never added together"), std::string::npos) << said();
    EXPECT_EQ(run({"report", at(""), "--run", "7"}), 0) << said();
}

/// A ledger with one package that was left unequal, and an order of another.
void tell_one_package(const std::string& path)
{
    const std::unique_ptr<Ledger> ledger = std::move(Ledger::open(path)).take();
    ledger::RunRow run;
    run.epoch = 7;
    run.mode = "emulated";
    ledger->record(run);
    ledger::PackageRow package;
    package.package = 458'753;
    package.instrument = "BTC/USDT:PERP";
    package.strategy = "cross_venue";
    package.quantity = "0.25";
    package.buy_venue = "okx";
    package.sell_venue = "kraken";
    package.outcome = "flagged";
    package.detail = "0.1 are left\x1b[31m";
    package.decided = Timestamp{1'700'000'000'000'000'000};
    package.finished = package.decided + milliseconds(1250);
    package.unhedged_ns = 3'000'000;
    package.waterfall.quoted = package.waterfall.realised = *amount_rounded_down("12.5");
    ledger->record(package);
    ledger::OrderRow order;
    order.order = 30;
    order.package = package.package;
    order.client_id = "A0ours";
    order.venue = "okx";
    order.instrument = package.instrument;
    order.tif = "ioc";
    order.price = "60000.5";
    order.quantity = "0.25";
    order.state = "cancelled";
    order.filled = "0.15";
    order.reason = "unfilled";
    order.purpose = "leg";
    order.sent = package.decided;
    order.done = package.decided + milliseconds(8);
    order.venue_order_id = "31415";
    ledger->record(order);
    ledger::FillRow fill;
    fill.venue = "okx";
    fill.instrument = package.instrument;
    fill.trade_id = "T-881";
    fill.order = order.order;
    fill.package = package.package;
    fill.price = "60000.1";
    fill.quantity = "0.15";
    fill.fee = *amount_rounded_down("0.9");
    fill.fee_asset = "USDT";
    fill.purpose = "leg";
    fill.time = package.decided + milliseconds(5);
    ledger->record(fill);
    // Of nothing that is asked for.
    ledger::OrderRow other = order;
    other.order = 31;
    other.package = 458'754;
    other.client_id = "B0other";
    other.venue_order_id = "27182";
    ledger->record(other);
    ASSERT_TRUE(ledger->close());
}

// What the venue's own statements name finds the package, and its story is whole.
TEST_F(OwnerCommands, why_tells_one_package)
{
    tell_one_package(directory_.file("ledger.sqlite"));
    for (const char* name : {"458753", "A0ours", "31415", "T-881"}) {
        EXPECT_EQ(run({"why", name, at("")}), 0) << said();
        const std::string story = said();
        for (const char* part :
             {"Package 458753 of run 7: BTC/USDT:PERP by cross_venue", "0.25 to be bought at okx",
              "ended flagged after 1.3 s, 3 ms of it with one leg alone: 0.1 are left", "+12.50", "in USDT",
              "+0.000 ms", "+5.000 ms", "60000.1", "taker, fee 0.9 USDT", "T-881", "cancelled: unfilled",
              "31415"})
            EXPECT_NE(story.find(part), std::string::npos) << name << ": " << part << "\n" << story;
        EXPECT_EQ(story.find("B0other"), std::string::npos);
        EXPECT_EQ(story.find('\x1b'), std::string::npos) << "a venue's word moves no cursor";
        EXPECT_LT(story.find("+0.000 ms"), story.find("+5.000 ms"));
    }
    EXPECT_EQ(run({"why", "4711", at("")}), 2);
    EXPECT_NE(said().find("no package, order or trade '4711'"), std::string::npos) << said();
}

// Two state directories, one account, one after the other.
TEST_F(OwnerCommands, from_a_start_that_is_refused_to_one_that_trades)
{
    make_world();
    {
        const auto engine = start_engine("first");
        const std::string engine_said = said_;
        ASSERT_TRUE(test::status_when(*engine, at("first"), test::has_traded)) << said();
        const std::pair<std::vector<std::string>, const char*> wrong[] = {
            {{"okx", "bybit", "USDT", "0"}, "above zero"},
            {{"okx", "bybit", "USDT", "-5"}, "above zero"},
            {{"okx", "okx", "USDT", "5"}, "to another one"},
            {{"okx", "kraken", "USDT", "5"}, "no venue kraken"},
            {{"okx", "bybit", "NONE", "5"}, "no balance of NONE"},
        };
        for (const auto& [rest, why] : wrong) {
            std::vector<std::string> words = {"transfer", "announce"};
            words.insert(words.end(), rest.begin(), rest.end());
            words.push_back(at("first"));
            EXPECT_EQ(run(words), 2) << said();
            EXPECT_NE(said().find(why), std::string::npos) << said();
        }
        EXPECT_EQ(run({"transfer", "announce", "okx", "bybit", "USDT", "12.5", at("first")}), 0) << said();
        const auto status = test::status_when(*engine, at("first"), [](const auto&) { return true; });
        ASSERT_TRUE(status);
        ASSERT_EQ((*status)["transfers"].size(), 1U);
        EXPECT_EQ((*status)["transfers"][0]["amount"], "12.5");
        operate("first");
        EXPECT_EQ(run({"take-over", at("run.toml"), "6ab13b80", "--directory", at("first")}), 3) << said();
        said_ = engine_said;
        EXPECT_EQ(test::stopped(*engine, at("first")), 0) << said();
    }
    const std::vector<std::string> kept = lines_of_state("first");
    std::uint32_t epoch = 0;
    for (const std::string& line : kept) {
        if (line.starts_with("epoch\t")) epoch = static_cast<std::uint32_t>(std::stoul(line.substr(6)));
    }
    EXPECT_EQ(start_engine("second")->code(), 3);
    EXPECT_NE(said().find("arbiter take-over CONFIG " + run_name(epoch)), std::string::npos) << said();
    EXPECT_NE(said().find("0 orders"), std::string::npos) << said();
    EXPECT_EQ(run({"take-over", at("run.toml"), run_name(epoch), "--directory", at("second")}), 0) << said();
    const auto engine = start_engine("second");
    ASSERT_TRUE(test::status_when(*engine, at("second"), test::has_traded)) << said();
    EXPECT_EQ(test::stopped(*engine, at("second")), 0) << said();
    EXPECT_NE(said().find("it was taken over"), std::string::npos) << said();
}

}  // namespace
}  // namespace arb
