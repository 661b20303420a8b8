// The units in config/systemd: what they start exists in this program, what they lock stays locked, and
// systemd's own judge says so where it is here.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/keys/secret_input.hpp"
#include "engine/app/keys/signer_command.hpp"
#include "engine/app/run/run_commands.hpp"
#include "engine/app/shell/command.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

const std::string kUnitsFolder = std::string(ARBITER_SOURCE_DIR) + "/config/systemd/";
const std::vector<std::string> kUnits = {"arbiter.service", "arbiter-signer.service"};

/// The settings of a unit, each with all its values; an empty value takes back those before it.
std::multimap<std::string, std::string> settings_of(const std::string& unit)
{
    std::multimap<std::string, std::string> settings;
    for (const std::string& line : test::lines_of(read_text_file(kUnitsFolder + unit))) {
        const std::size_t equals = line.find('=');
        if (line.empty() || line.front() == '#' || line.front() == '[' || equals == std::string::npos)
            continue;
        settings.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return settings;
}

std::string one(const std::multimap<std::string, std::string>& settings, const std::string& key)
{
    const auto range = settings.equal_range(key);
    EXPECT_EQ(std::distance(range.first, range.second), 1) << key;
    return range.first == range.second ? std::string() : range.first->second;
}

std::vector<std::string> words_of(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

bool tool_is_here()
{
    return ::access("/usr/bin/systemd-analyze", X_OK) == 0;
}

/// Runs systemd's tool; its exit code, and what it said.
int analyze(const std::string& arguments, std::string& said)
{
    const std::string command = "/usr/bin/systemd-analyze --no-pager " + arguments + " 2>&1";
    FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return -1;
    char bytes[4096];
    for (std::size_t n = 0; (n = std::fread(bytes, 1, sizeof bytes, pipe)) > 0;) said.append(bytes, n);
    const int status = ::pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ServiceUnits, start_commands_and_options_that_this_program_has)
{
    for (const std::string& unit : kUnits) {
        SCOPED_TRACE(unit);
        std::vector<std::string> words = words_of(one(settings_of(unit), "ExecStart"));
        ASSERT_GE(words.size(), 2U);
        EXPECT_EQ(words[0], "/usr/bin/arbiter");
        CLI::App app{"test", "arbiter"};
        app.require_subcommand(1);
        const std::vector<Command> commands = {add_run(app), add_signer(app)};
        std::vector<std::string> reversed(words.rbegin(), words.rend() - 1);
        EXPECT_NO_THROW(app.parse(std::move(reversed)));
        EXPECT_EQ(app.get_subcommands().size(), 1U);
    }
}

// After a crash it trades again by itself, and when systemd gives up somebody is told.
TEST(ServiceUnits, the_engine_starts_again_to_trade_and_pages_when_it_is_given_up)
{
    const auto engine = settings_of("arbiter.service");
    const std::vector<std::string> words = words_of(one(engine, "ExecStart"));
    EXPECT_NE(std::find(words.begin(), words.end(), "--live"), words.end());
    EXPECT_EQ(one(engine, "Restart"), "on-failure");
    EXPECT_EQ(one(engine, "OnFailure"), "arbiter-page@%n.service");
    const auto page = settings_of("arbiter-page@.service");
    EXPECT_EQ(one(page, "Type"), "oneshot");
    EXPECT_NE(one(page, "ExecStart").find("/etc/arbiter/page"), std::string::npos);
    EXPECT_EQ(one(page, "DynamicUser"), "yes");
    EXPECT_EQ(one(page, "NoNewPrivileges"), "yes");
    EXPECT_NE(one(page, "InaccessiblePaths").find("/var/lib/arbiter "), std::string::npos);
}

TEST(ServiceUnits, agree_with_each_other_about_users_socket_and_passphrase)
{
    const auto engine = settings_of("arbiter.service");
    const auto signer = settings_of("arbiter-signer.service");
    EXPECT_NE(one(engine, "User"), one(signer, "User"));
    EXPECT_EQ(one(engine, "SupplementaryGroups"), one(signer, "Group"));
    // The signer accepts a directory that its group may pass through, and nothing wider.
    EXPECT_EQ(one(signer, "RuntimeDirectoryMode"), "0710");
    EXPECT_NE(one(signer, "ExecStart").find("--socket /run/" + one(signer, "RuntimeDirectory") + "/"),
              std::string::npos);
    EXPECT_NE(one(engine, "InaccessiblePaths").find("/var/lib/" + one(signer, "StateDirectory")),
              std::string::npos);
    EXPECT_TRUE(one(signer, "LoadCredentialEncrypted").starts_with(std::string(kPassphraseCredential) + ":"));
    EXPECT_EQ(engine.count("LoadCredentialEncrypted") + engine.count("LoadCredential"), 0U)
        << "the engine never sees the keystore's passphrase";
    for (const auto& settings : {engine, signer}) {
        EXPECT_EQ(settings.count("Environment") + settings.count("EnvironmentFile"), 0U);
        EXPECT_EQ(one(settings, "Type"), "notify");
    }
}

TEST(ServiceUnits, lock_what_both_processes_never_need)
{
    const std::map<std::string, std::string> kBoth = {
        {"LimitCORE", "0"},
        {"CapabilityBoundingSet", ""},
        {"NoNewPrivileges", "yes"},
        {"ProtectSystem", "strict"},
        {"ProtectHome", "yes"},
        {"PrivateTmp", "yes"},
        {"PrivateDevices", "yes"},
        {"ProtectKernelTunables", "yes"},
        {"ProtectKernelModules", "yes"},
        {"ProtectKernelLogs", "yes"},
        {"ProtectProc", "invisible"},
        {"RestrictNamespaces", "yes"},
        {"UMask", "0077"},
        {"MemoryDenyWriteExecute", "yes"},
        {"StateDirectoryMode", "0700"},
        {"SystemCallArchitectures", "native"},
    };
    for (const std::string& unit : kUnits) {
        SCOPED_TRACE(unit);
        const auto settings = settings_of(unit);
        for (const auto& [key, value] : kBoth) EXPECT_EQ(one(settings, key), value) << key;
        EXPECT_EQ(settings.count("SystemCallFilter"), 3U);
        // Core dumps are switched off by the process itself as well, which is a setrlimit.
        const auto filters = settings.equal_range("SystemCallFilter");
        bool given = false;
        for (auto it = filters.first; it != filters.second; ++it)
            given = given || it->second.starts_with("setrlimit prlimit64");
        EXPECT_TRUE(given);
    }
    const auto signer = settings_of("arbiter-signer.service");
    EXPECT_EQ(one(signer, "PrivateNetwork"), "yes");
    EXPECT_EQ(one(signer, "IPAddressDeny"), "any");
    EXPECT_EQ(one(signer, "RestrictAddressFamilies"), "AF_UNIX");
}

TEST(ServiceUnits, are_as_shut_as_they_must_be_by_systemds_own_judge)
{
    if (!tool_is_here()) GTEST_SKIP() << "systemd-analyze is not here (package systemd)";
    // The tool's unit is a tenth.
    const std::map<std::string, int> kMost = {{"arbiter.service", 20}, {"arbiter-signer.service", 15}};
    for (const auto& [unit, most] : kMost) {
        std::string said;
        EXPECT_EQ(
            analyze("security --offline=true --threshold=" + std::to_string(most) + " " + kUnitsFolder + unit,
                    said),
            0)
            << said;
        std::string open;
        const test::PrivateDirectory directory;
        test::write_file(directory.file(unit), "[Service]\nExecStart=/bin/true\n");
        EXPECT_NE(analyze("security --offline=true --threshold=" + std::to_string(most) + " " +
                              directory.file(unit),
                          open),
                  0)
            << "an open unit is told from a shut one";
    }
}

TEST(ServiceUnits, are_understood_by_systemd_to_the_last_line)
{
    if (!tool_is_here()) GTEST_SKIP() << "systemd-analyze is not here (package systemd)";
    const test::PrivateDirectory directory;
    std::string both;
    test::write_file(directory.file("arbiter-page@.service"),
                     read_text_file(kUnitsFolder + "arbiter-page@.service"));
    for (const std::string& unit : kUnits) {
        // The program need not be installed to be judged.
        std::string text = read_text_file(kUnitsFolder + unit);
        const std::string kInstalled = "ExecStart=/usr/bin/arbiter ";
        const std::size_t at = text.find(kInstalled);
        ASSERT_NE(at, std::string::npos);
        text.replace(at, kInstalled.size(), std::string("ExecStart=") + ARBITER_PROGRAM + " ");
        test::write_file(directory.file(unit), text);
        both += " " + directory.file(unit);
    }
    std::string said;
    EXPECT_EQ(analyze("verify --man=no" + both, said), 0) << said;
    EXPECT_EQ(said.find("Unknown key"), std::string::npos) << said;
    EXPECT_EQ(said.find("ignoring"), std::string::npos) << said;
}

}  // namespace
}  // namespace arb
