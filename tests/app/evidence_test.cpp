// The evidence bundle: what goes in, what stays out, and what is said about what could not be had.
#include "engine/app/evidence/evidence.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/app/evidence/evidence_journal.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/journal/writer.hpp"
#include "engine/keys/audit_log.hpp"
#include "engine/keys/audit_verify.hpp"
#include "engine/report/ledger.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr Timestamp kNow{1'754'773'548'000'000'000};            // 2025-08-09T21:05:48Z
const std::string kToken = "kXp2sF9QmN4vT7yLwR1zB8cD5gH3jK6a";  // 32 characters, as a listen key is made of
const std::string kUuid = "6cf8f5a2-3a0c-4e0e-9f7d-0c1b2a394857";

unsigned mode_of(const std::string& path)
{
    struct stat about {};
    return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777U : 0;
}

class Evidence : public testing::Test {
  protected:
    EvidenceRequest request() const
    {
        EvidenceRequest request;
        request.directory = directory_.path();
        request.plugins = plugins();
        request.now = kNow;
        return request;
    }
    static json manifest_of(const EvidenceOutcome& outcome)
    {
        return json::parse(test::read_file(outcome.path + "/manifest.json"));
    }
    static bool missing(const json& manifest, const std::string& file)
    {
        return std::any_of(manifest["missing"].begin(), manifest["missing"].end(),
                           [&](const json& part) { return part["file"] == file; });
    }
    std::string write_journal(const std::string& name, const std::function<void(JournalWriter&)>& fill,
                              const std::string& config = "name = \"run\"\n") const
    {
        JournalHeader header;
        header.build = "test";
        header.source = "run";
        header.config_text = config;
        header.venues.push_back({VenueKey{"okx", ""}, {}});
        JournalWriter writer = JournalWriter::create(directory_.file(name), header).take();
        fill(writer);
        EXPECT_TRUE(writer.finish());
        return directory_.file(name);
    }

    test::PrivateDirectory directory_;
};

TEST_F(Evidence, a_directory_without_anything_still_gives_a_bundle_that_names_what_is_missing)
{
    EvidenceRequest asked = request();
    asked.venues = {"okx", "binance_usdm", "somewhere"};
    asked.keys = {{"okx", "trade", "okx-public-id"}};
    asked.story = {"21:05:48 nothing\x1b[2J answered"};
    const EvidenceOutcome outcome = write_evidence(asked);
    ASSERT_FALSE(outcome.error) << outcome.error->message;
    EXPECT_EQ(outcome.path, directory_.path() + "/evidence-20250809T210548Z");
    EXPECT_EQ(mode_of(outcome.path), 0700U);
    const json manifest = manifest_of(outcome);
    for (const char* file : {"audit.log", "audit-check.json", "journal-extract.jsonl", "ledger-*.csv",
                             "config.toml", "status.json"})
        EXPECT_TRUE(missing(manifest, file)) << file;
    const std::string readme = test::read_file(outcome.path + "/README.txt");
    EXPECT_NE(readme.find("https://www.okx.com/account/my-api"), std::string::npos);
    EXPECT_NE(readme.find("key 'trade', id okx-public-id"), std::string::npos);
    EXPECT_NE(readme.find("https://www.binance.com/"), std::string::npos) << "usdm is a market of binance";
    EXPECT_NE(readme.find("somewhere: look for API management"), std::string::npos);
    EXPECT_NE(readme.find("no engine answered"), std::string::npos);
    EXPECT_EQ(readme.find('\x1b'), std::string::npos);
    for (const auto& entry : fs::directory_iterator(outcome.path))
        EXPECT_EQ(mode_of(entry.path().string()), 0600U) << entry.path();
}

TEST_F(Evidence, a_second_bundle_of_the_same_second_takes_another_name)
{
    const EvidenceOutcome first = write_evidence(request()), second = write_evidence(request());
    EXPECT_NE(first.path, second.path);
    EXPECT_TRUE(fs::exists(second.path + "/manifest.json"));
}

TEST_F(Evidence, the_manifest_has_the_hash_of_every_file)
{
    test::write_file(directory_.file("run.toml"), "name = \"x\"\n");
    EvidenceRequest asked = request();
    asked.config_path = directory_.file("run.toml");
    asked.status = R"({"phase":"trading"})";
    const EvidenceOutcome outcome = write_evidence(asked);
    std::size_t files = 0;
    const json manifest = manifest_of(outcome);
    for (const json& part : manifest["files"]) {
        const std::string text = test::read_file(outcome.path + "/" + part["file"].get<std::string>());
        EXPECT_EQ(part["sha256"], hex_text(audit_hash(text))) << part;
        EXPECT_EQ(part["bytes"], text.size());
        ++files;
    }
    EXPECT_EQ(files, 3U) << "config.toml, status.json, README.txt";
    EXPECT_EQ(test::read_file(outcome.path + "/config.toml"), "name = \"x\"\n");
}

TEST_F(Evidence, the_audit_log_is_copied_with_its_checkpoint_and_judged)
{
    {
        AuditOptions direct;
        direct.direct = true;
        const auto log = AuditLog::open(directory_.file(kAuditFile), direct).take();
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(log->record(test::use_of(1'754'770'000 + i)));
        EXPECT_TRUE(log->close());
    }
    const EvidenceOutcome outcome = write_evidence(request());
    EXPECT_EQ(test::read_file(outcome.path + "/audit.log"), test::read_file(directory_.file(kAuditFile)));
    const Result<AuditVerdict> verdict = verify_audit(outcome.path + "/audit.log");
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict.value().whole) << verdict.value().trouble;
    EXPECT_TRUE(verdict.value().checkpointed);
    EXPECT_FALSE(json::parse(test::read_file(outcome.path + "/audit-check.json")).empty());
    ASSERT_EQ(outcome.keys.size(), 1U) << "a key is known from its uses";
    EXPECT_EQ(outcome.keys[0].venue, "somewhere");
}

TEST_F(Evidence, a_broken_audit_log_is_evidence_all_the_same)
{
    test::write_file(directory_.file(kAuditFile), "this was a log once\n");
    const EvidenceOutcome outcome = write_evidence(request());
    EXPECT_FALSE(outcome.error);
    EXPECT_EQ(test::read_file(outcome.path + "/audit.log"), "this was a log once\n");
    EXPECT_NE(test::read_file(outcome.path + "/audit-check.json").find("false"), std::string::npos);
}

TEST_F(Evidence, the_journal_extract_holds_orders_of_the_last_minutes_and_no_market_data)
{
    const std::string orders = "wss://ws.okx.com:8443/ws/v5/private";
    std::string stream;
    for (const ConnectorType* const type : plugins().connectors) {
        if (type->exchange == "okx") stream = type->stream_url("");
    }
    ASSERT_NE(stream, "");
    const std::string old = "{\"old\":1}", order = "{\"clOrdId\":\"b15\",\"ordId\":\"" + kUuid + "\"}";
    write_journal("session-7.arb",
                  [&](JournalWriter& writer) { writer.command(kNow - seconds(900), "stop"); });
    write_journal("session-12.arb", [&](JournalWriter& writer) {
        const auto at = [&](std::int64_t second) { return kNow + seconds(second); };
        writer.open(VenueId{0}, ConnectionId{0}, at(-1000), stream);
        writer.open(VenueId{0}, ConnectionId{1}, at(-1000), orders);
        writer.frame(VenueId{0}, ConnectionId{1}, at(-999), old);
        writer.frame(VenueId{0}, ConnectionId{0}, at(-5), "{\"book\":1}");
        writer.frame(VenueId{0}, ConnectionId{1}, at(-4), order);
        writer.http(VenueId{0}, at(-3), "https://www.okx.com/api/v5/trade/order?sign=" + kToken + "#tag=7",
                    200, "{\"listenKey\":\"" + kToken + "\"}");
        writer.command(at(-2), "stop");
        writer.command(at(-1), "");
    });
    const EvidenceOutcome outcome = write_evidence(request());
    const std::vector<std::string> lines =
        test::lines_of(test::read_file(outcome.path + "/journal-extract.jsonl"));
    ASSERT_EQ(lines.size(), 3U) << testing::PrintToString(lines);
    const json frame = json::parse(lines[0]), reply = json::parse(lines[1]), command = json::parse(lines[2]);
    EXPECT_EQ(frame["kind"], "frame");
    EXPECT_EQ(frame["venue"], "okx");
    EXPECT_EQ(frame["text"], order) << "order ids stay";
    EXPECT_EQ(reply["url"], "https://www.okx.com/api/v5/trade/order#tag=7");
    EXPECT_EQ(reply["text"], "{\"listenKey\":\"" + std::string(kToken.size(), 'x') + "\"}");
    EXPECT_EQ(command["text"], "stop");
    EXPECT_EQ(test::read_file(outcome.path + "/config.toml"), "name = \"run\"\n") << "as the journal kept it";
}

TEST_F(Evidence, a_journal_that_was_cut_gives_what_is_left_of_it)
{
    const std::string path = write_journal("session-1.arb", [](JournalWriter& writer) {
        for (int i = 0; i < 20'000; ++i) {
            writer.command(kNow + seconds(i / 100), "word " + std::to_string(i * 7919));
            if (i % 1000 == 0) writer.flush();
        }
    });
    fs::resize_file(path, fs::file_size(path) * 2 / 3);
    const EvidenceOutcome outcome = write_evidence(request());
    EXPECT_FALSE(outcome.error);
    EXPECT_FALSE(test::read_file(outcome.path + "/journal-extract.jsonl").empty());
    const json manifest = manifest_of(outcome);
    const auto part = std::find_if(manifest["files"].begin(), manifest["files"].end(),
                                   [](const json& p) { return p["file"] == "journal-extract.jsonl"; });
    ASSERT_NE(part, manifest["files"].end());
    EXPECT_TRUE(part->contains("not_whole")) << *part;
}

TEST_F(Evidence, a_session_that_never_ended_is_found_under_the_name_it_still_has)
{
    const std::string ended = write_journal("session-8.arb", [](JournalWriter&) {});
    EXPECT_EQ(newest_journal(directory_.path()), ended);
    test::write_file(directory_.file("session-9.arb.part"), "");
    test::write_file(directory_.file("session-99.txt"), "");
    test::write_file(directory_.file("session-.arb"), "");
    EXPECT_EQ(newest_journal(directory_.path()), directory_.file("session-9.arb.part"));
    EXPECT_EQ(newest_journal(directory_.file("nowhere")), "");
}

TEST_F(Evidence, a_journal_larger_than_its_room_keeps_the_newest_lines)
{
    const std::string path = write_journal("session-1.arb", [](JournalWriter& writer) {
        for (int i = 0; i < 100; ++i) writer.command(kNow + seconds(i), "word " + std::to_string(i));
    });
    JournalExtractOptions options;
    options.bytes_max = 1000;
    std::vector<std::string> lines;
    const JournalExtract extract = extract_journal(path, plugins(), options, [&](std::string_view line) {
        lines.emplace_back(line);
        return true;
    });
    EXPECT_EQ(extract.lines + extract.left_out, 100U);
    ASSERT_GT(lines.size(), 2U);
    EXPECT_NE(lines.back().find("word 99"), std::string::npos);
    options.span = seconds(1);
    const JournalExtract little =
        extract_journal(path, plugins(), options, [](std::string_view) { return true; });
    EXPECT_EQ(little.lines, 2U);
    EXPECT_EQ(little.left_out, 0U) << "what is too old is not missed";
}

TEST_F(Evidence, the_ledger_of_the_last_run_stands_in_tables)
{
    {
        const auto ledger = Ledger::open(directory_.file(kLedgerFile)).take();
        for (const std::uint32_t epoch : {1U, 2U}) {
            ledger::RunRow run;
            run.epoch = epoch;
            run.begin = kNow;
            ledger->record(run);
            ledger::OrderRow order;
            order.epoch = epoch;
            order.client_id = "order-of-run-" + std::to_string(epoch);
            order.venue = "okx";
            order.price = order.quantity = order.filled = "1";
            order.sent = kNow;
            ledger->record(order);
            ledger::NoteRow note;
            note.epoch = epoch;
            note.time = kNow;
            note.text = "venue says " + kToken;
            ledger->record(note);
            ledger::FlagRow flag;
            flag.epoch = epoch;
            flag.time = kNow + seconds(epoch);
            flag.reason = "left open";
            ledger->record(flag);
        }
        EXPECT_TRUE(ledger->close()) << ledger->error();
    }
    const EvidenceOutcome outcome = write_evidence(request());
    const std::string orders = test::read_file(outcome.path + "/ledger-orders.csv");
    EXPECT_NE(orders.find("order-of-run-2"), std::string::npos) << orders;
    EXPECT_EQ(orders.find("order-of-run-1"), std::string::npos);
    EXPECT_NE(test::read_file(outcome.path + "/ledger-flags.csv").find("left open"), std::string::npos);
    const std::string notes = test::read_file(outcome.path + "/ledger-notes.csv");
    EXPECT_NE(notes.find("venue says xxxxxxxx"), std::string::npos) << notes;
    EXPECT_EQ(notes.find(kToken), std::string::npos);
}

TEST_F(Evidence, a_place_that_cannot_be_written_is_told_with_the_way_out)
{
    test::write_file(directory_.file("file"), "x");
    EvidenceRequest asked = request();
    asked.into = directory_.file("file");
    const EvidenceOutcome outcome = write_evidence(asked);
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->code, ExitCode::data);
    EXPECT_NE(outcome.error->message.find("--into"), std::string::npos);
    EXPECT_TRUE(outcome.path.empty());
}

TEST_F(Evidence, a_disk_that_is_full_leaves_what_was_written_and_says_so)
{
    test::write_file(directory_.file("run.toml"), "name = \"x\"\n");
    test::write_file(directory_.file(kAuditFile), std::string(200'000, 'a') + "\n");
    EvidenceRequest asked = request();
    asked.config_path = directory_.file("run.toml");
    // A limit of the process stands in for the disk's end.
    struct rlimit before {};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto old = ::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small {
        100'000, before.rlim_max
    };
    ::setrlimit(RLIMIT_FSIZE, &small);
    const EvidenceOutcome outcome = write_evidence(asked);
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, old);
    ASSERT_TRUE(outcome.error);
    EXPECT_NE(outcome.error->message.find("audit.log"), std::string::npos) << outcome.error->message;
    EXPECT_GT(fs::file_size(outcome.path + "/audit.log"), 0U);
    EXPECT_EQ(test::read_file(outcome.path + "/config.toml"), "name = \"x\"\n")
        << "later parts are still tried";
    EXPECT_NE(test::read_file(outcome.path + "/README.txt").find("not whole"), std::string::npos);
}

TEST_F(Evidence, keys_are_named_by_label_and_public_id_alone)
{
    test::write_file(directory_.file("okx.toml"),
                     "venue = \"okx\"\nlabel = \"trade\"\nkey_id = \"okx-public\"\n"
                     "secret = \"" +
                         kToken + "\"\npassphrase = \"hush-hush\"\n");
    EngineConfig config;
    config.venues.resize(3);
    config.venues[0].label = "okx";
    config.venues[0].key_file = directory_.file("okx.toml");
    config.venues[1].label = "kraken";
    config.venues[1].trade_key = "main";
    config.venues[1].read_key = "watch";
    config.venues[2].label = "bybit";
    const std::vector<EvidenceKey> keys = keys_of_config(config);
    const std::string text = revocation_text(plugins(), {"okx", "kraken", "bybit"}, keys);
    EXPECT_NE(text.find("key 'trade', id okx-public"), std::string::npos) << text;
    EXPECT_NE(text.find("key 'main'"), std::string::npos);
    EXPECT_NE(text.find("key 'watch'"), std::string::npos);
    EXPECT_NE(text.find("no key of ours is known here"), std::string::npos)
        << "bybit gives market data alone";
    EXPECT_EQ(text.find(kToken), std::string::npos);
    EXPECT_EQ(text.find("hush"), std::string::npos);
}

TEST(EvidenceMask, hides_what_looks_like_a_token_and_leaves_ids_numbers_and_words)
{
    const std::string hidden(kToken.size(), 'x');
    EXPECT_EQ(mask_tokens("a " + kToken + " b"), "a " + hidden + " b");
    EXPECT_EQ(mask_tokens("k=" + std::string(40, 'a') + "==\n"), std::string(44, 'x') + "\n");
    for (const std::string& kept : {kUuid, std::string(40, '7'), std::string("BTC/USDT 42600.01 sent"),
                                    std::string(31, 'k'), std::string(60, '-')})
        EXPECT_EQ(mask_tokens(kept), kept);
    EXPECT_EQ(mask_tokens("https://host/api/v5/account/balance/of/the/day", true),
              "https://host/api/v5/account/balance/of/the/day");
    EXPECT_EQ(mask_tokens("wss://host/ws/" + kToken, true), "wss://host/ws/" + hidden);
}

}  // namespace
}  // namespace arb
