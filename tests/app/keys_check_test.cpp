// arbiter keys check and keys audit: what the venues say about each key, our verdict beside it, and the log
// of uses with its chain.
#include "engine/app/keys/keys_check.hpp"

#include <unistd.h>

#include <algorithm>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/app/keys/keys_command.hpp"
#include "engine/keys/audit_verify.hpp"
#include "tests/app/doctor_support.hpp"

namespace arb {
namespace {

using nlohmann::json;
using test::Clinic;

constexpr const char* kPassphrase = "test words of the operator";
constexpr const char* kSecret = "testSecretCanary0123456789abcdefghij";

struct CheckRan {
    int code = -1;
    std::string out, err;
};

class KeysCheck : public testing::Test {
  protected:
    /// The words after `arbiter keys`.
    CheckRan keys(std::vector<std::string> words, bool passphrase = false)
    {
        words.insert(words.begin(), "keys");
        int ends[2] = {-1, -1};
        if (passphrase) {
            const std::string line = std::string(kPassphrase) + "\n";
            EXPECT_EQ(::pipe(ends), 0);
            EXPECT_EQ(::write(ends[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
            ::close(ends[1]);
            words.insert(words.end(), {"--passphrase-fd", std::to_string(ends[0])});
        }
        KeysSurroundings around;
        around.now = [] { return test::doctor_day(); };
        around.costs = kKdfLeast;
        around.terminal = clinic_.folder.file("no-terminal");
        around.questions = clinic_.questions();
        around.close_process = false;
        CLI::App app{"test", "arbiter"};
        const Command command = add_keys(app, around);
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        CheckRan ran;
        try {
            app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
            ran.code = static_cast<int>(command.run());
        } catch (const CLI::ParseError&) {
            ran.code = static_cast<int>(ExitCode::usage);
        } catch (const StartError& error) {
            fprintf(stderr, "arbiter: %s\n", error.what());
            ran.code = static_cast<int>(error.code());
        }
        ran.out = testing::internal::GetCapturedStdout();
        ran.err = testing::internal::GetCapturedStderr();
        if (ends[0] >= 0) ::close(ends[0]);
        EXPECT_EQ((ran.out + ran.err).find(kSecret), std::string::npos);
        return ran;
    }
    CheckRan check(const std::vector<std::string>& more = {})
    {
        std::vector<std::string> words = {"check", "--config", clinic_.config_path(), "--unsafe-endpoint"};
        words.insert(words.end(), more.begin(), more.end());
        return keys(words);
    }
    void make_keystore()
    {
        std::string words = kPassphrase;
        Keystore store =
            Keystore::create(clinic_.folder.file("k"), Secret::take(words), {kKdfLeast, {}}).take();
        for (const char* label : {"main", "old"}) {
            KeyEntry entry;
            entry.venue = "okx";
            entry.label = label;
            entry.role = KeyRole::trade;
            entry.key_id = std::string("test-id-") + label;
            entry.created = *parse_day("2026-01-01");
            std::string secret = kSecret;
            std::string phrase = "test-word";
            ASSERT_FALSE(store.add(entry, {Secret::take(secret), Secret::take(phrase)}));
        }
        ASSERT_FALSE(store.retire("okx", "old"));
        ASSERT_FALSE(store.save());
    }

    Clinic clinic_;
};

TEST_F(KeysCheck, clean_keys_are_shown_and_accepted)
{
    const CheckRan ran = check();
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    for (const char* part :
         {"venue", "binance", "okx", "main", "trade", "read, trade", "203.0.113.7", "never", "ok"})
        EXPECT_NE(ran.out.find(part), std::string::npos) << part << "\n" << ran.out;
    EXPECT_EQ(clinic_.accesses, std::vector<bool>{true}) << "trade keys as well";
    EXPECT_EQ(clinic_.venues["okx"].balance_questions, 0) << "the one question and no other";
}

TEST_F(KeysCheck, a_refused_key_is_three_with_the_page_where_it_is_changed)
{
    clinic_.venues["okx"].key.bare.rights.add(KeyRight::withdraw);
    const CheckRan ran = check();
    EXPECT_EQ(ran.code, 3);
    EXPECT_NE(ran.out.find("refused: withdraw"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("key 'main' of okx can withdraw"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find(test::type_called("okx").key_page), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find(test::type_called("binance").key_page), std::string::npos) << ran.out;
}

TEST_F(KeysCheck, json_tells_the_same)
{
    ProbedKey& key = clinic_.venues["okx"].key;
    key.bare.rights.add(KeyRight::other);
    key.foreign = "lottery\x1b[2J";
    const CheckRan ran = check({"--output", "json"});
    EXPECT_EQ(ran.code, 3) << ran.err;
    const json report = json::parse(ran.out);
    EXPECT_EQ(report["accepted"], false);
    ASSERT_EQ(report["keys"].size(), 2U);
    EXPECT_EQ(report["keys"][0]["accepted"], true);
    EXPECT_EQ(report["keys"][0]["fault"], "none");
    EXPECT_EQ(report["keys"][1]["fault"], "foreign_right");
    EXPECT_NE(report["keys"][1]["rights"].get<std::string>().find("lottery"), std::string::npos);
    EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
}

TEST_F(KeysCheck, a_venue_that_is_not_reached_gets_no_key_and_none_is_accepted)
{
    clinic_.venues["okx"].time_error = "nobody answers";
    const CheckRan ran = check();
    EXPECT_EQ(ran.code, 6) << "that is the network's trouble, and says nothing of the key";
    EXPECT_EQ(clinic_.venues["okx"].key_questions, 0);
    EXPECT_NE(ran.out.find("no answer"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("see that this machine reaches the venue"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find("change it at"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("nobody answers"), std::string::npos) << ran.out;
}

TEST_F(KeysCheck, the_nearer_day_of_venue_and_keystore_is_shown)
{
    clinic_.venues["okx"].key.bare.expiry = KeyTold::some;
    clinic_.venues["okx"].key.bare.expires = *parse_day("2026-03-08");
    clinic_.keys[0]->facts.expires = *parse_day("2026-05-08");
    const CheckRan ran = check();
    EXPECT_EQ(ran.code, 0) << ran.out;
    EXPECT_NE(ran.out.find("2026-03-08"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("2026-05-08"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("expires in 6 days"), std::string::npos) << "warned: " << ran.out;
}

TEST_F(KeysCheck, every_key_of_a_keystore_that_is_in_use)
{
    make_keystore();
    const std::string log = clinic_.folder.file(kAuditFile);
    ASSERT_TRUE(AuditLog::open(log));
    const CheckRan ran = keys({"check", "--keystore", clinic_.folder.file("k"), "--output", "json"}, true);
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    const json report = json::parse(ran.out);
    ASSERT_EQ(report["keys"].size(), 1U) << "not the retired one";
    EXPECT_EQ(report["keys"][0]["label"], "main");
    EXPECT_EQ(clinic_.venues["okx"].key_questions, 1);
    EXPECT_EQ(clinic_.venues["okx"].offsets.size(), 1U);
    std::string uses;
    (void)verify_audit(log, [&](const AuditRecord& record) {
        if (record.kind == AuditKind::use) uses += record.venue + " " + record.label + " " + record.endpoint;
    });
    EXPECT_EQ(uses, "okx main /key") << "in the log beside the keystore";
}

TEST_F(KeysCheck, audit_verifies_and_names_anomalies)
{
    const std::string log = clinic_.folder.file(kAuditFile);
    make_keystore();
    {
        AuditOptions options;
        options.direct = true;
        auto open = AuditLog::open(log, options).take();
        ASSERT_TRUE(open->record(test::use_of(1'700'000'000)));
    }
    ASSERT_EQ(
        keys({"retire", "--venue", "okx", "--label", "main", "--keystore", clinic_.folder.file("k")}, true)
            .code,
        0);
    {
        AuditOptions options;
        options.direct = true;
        auto open = AuditLog::open(log, options).take();
        KeyUse use = test::use_of(1'772'400'000);
        use.venue = std::string_view("okx");
        use.label = std::string_view("main");
        ASSERT_TRUE(open->record(use));
    }
    // Found beside the keystore, both when a key is retired and when the log is looked at.
    CheckRan ran = keys({"audit", "--keystore", clinic_.folder.file("k"), "--output", "json"});
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    const json report = json::parse(ran.out);
    EXPECT_EQ(report["whole"], true);
    ASSERT_FALSE(report["anomalies"].empty()) << ran.out;
    const auto retired =
        std::any_of(report["anomalies"].begin(), report["anomalies"].end(),
                    [](const json& row) { return row["kind"] == "retired_key" && row["venue"] == "okx"; });
    EXPECT_TRUE(retired) << ran.out;
    std::string text = test::read_file(log);
    text[text.find("somewhere")] = 'S';
    test::write_file(log, text);
    ran = keys({"audit", "--log", log});
    EXPECT_EQ(ran.code, 8);
    EXPECT_NE(ran.out.find("line 1 is cut or changed"), std::string::npos) << ran.out;
}

TEST_F(KeysCheck, a_log_that_cannot_be_read_is_a_mistake_of_usage)
{
    const CheckRan ran = keys({"audit", "--log", clinic_.folder.file("none")});
    EXPECT_EQ(ran.code, 2) << ran.out << ran.err;
    EXPECT_NE(ran.err.find("none"), std::string::npos) << ran.err;
}

TEST_F(KeysCheck, rotate_notes_the_old_key_only_by_word)
{
    const std::string log = clinic_.folder.file(kAuditFile);
    make_keystore();
    ASSERT_TRUE(AuditLog::open(log));
    const auto rotate = [&](const char* old, const char* next, const std::vector<std::string>& more) {
        const std::string secret = clinic_.folder.file("secret");
        test::write_file(secret, kSecret);
        test::write_file(secret + "2", "test-word");
        std::vector<std::string> words = {"rotate",
                                          "--venue",
                                          "okx",
                                          "--label",
                                          old,
                                          "--new-label",
                                          next,
                                          "--key-id",
                                          next,
                                          "--secret-file",
                                          secret,
                                          "--key-passphrase-file",
                                          secret + "2",
                                          "--keystore",
                                          clinic_.folder.file("k")};
        words.insert(words.end(), more.begin(), more.end());
        const CheckRan ran = keys(words, true);
        EXPECT_EQ(ran.code, 0) << ran.err;
    };
    const auto retired = [&] {
        std::string labels;
        (void)verify_audit(log, [&](const AuditRecord& record) {
            if (record.kind == AuditKind::retire) labels += record.label + " ";
        });
        return labels;
    };
    rotate("main", "second", {});
    EXPECT_EQ(retired(), "");
    rotate("second", "third", {"--audit-log", log});
    EXPECT_EQ(retired(), "second ");
}

}  // namespace
}  // namespace arb
