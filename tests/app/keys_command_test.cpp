// arbiter keys as a person and a script use it: secrets come in by terminal, descriptor, file or credential,
// and none comes out again.
#include "engine/app/keys/keys_command.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/keys/keystore.hpp"

namespace arb {
namespace {

using nlohmann::json;

const std::string kOperatorWords = "test words of the operator";
const std::string kHmac = "testSecretCanary0123456789abcdefghijklmnopqrstuvwxyz";
// A thrown-away key, made for these tests alone.
const std::string kPem =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIJfasaPqn8A4LcbVXgDP80MbwxtNvwiXK/c2rI9bPul8oAoGCCqGSM49\n"
    "AwEHoUQDQgAEj2df2AtNkgV378jtWLIWSiZyJP23sh6p485/4+YLmR0CtQmx5FnC\n"
    "T5r5/XhNVxHNHUWikLM1ZILwvOVatUQNhA==\n"
    "-----END EC PRIVATE KEY-----\n";

struct KeysRan {
    int code = -1;
    std::string out, err;
};

int run_keys_captured(const KeysSurroundings& around, const std::vector<std::string>& arguments)
{
    CLI::App app{"test", "arbiter"};
    app.require_subcommand(1);
    const Command command = add_keys(app, around);
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
        return static_cast<int>(command.run());
    } catch (const CLI::ParseError&) {
        return static_cast<int>(ExitCode::usage);
    } catch (const StartError& error) {
        fprintf(stderr, "arbiter: %s\n", error.what());
        return static_cast<int>(error.code());
    }
}

class KeysCommand : public testing::Test {
  protected:
    KeysCommand()
    {
        std::string name = (std::filesystem::temp_directory_path() / "arb-keys-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        folder_ = name;
        around_.now = [] { return *parse_day("2026-03-01") + seconds(3600); };
        around_.costs = kKdfLeast;
        around_.terminal = at("no-terminal");
        around_.close_process = false;
    }
    ~KeysCommand() override
    {
        for (const int file : files_) ::close(file);
        std::filesystem::remove_all(folder_);
    }

    std::string at(const std::string& name) const { return folder_ + "/" + name; }
    std::string write(const std::string& name, std::string_view bytes, mode_t mode = 0600) const
    {
        {
            std::ofstream file(at(name), std::ios::binary | std::ios::trunc);
            file << bytes;
        }
        ::chmod(at(name).c_str(), mode);
        return at(name);
    }
    int descriptor_with(std::string_view text)
    {
        int ends[2] = {-1, -1};
        if (::pipe(ends) != 0 || ::write(ends[1], text.data(), text.size()) < 0) std::abort();
        ::close(ends[1]);
        files_.push_back(ends[0]);
        return ends[0];
    }
    /// The words after `arbiter keys`, with keystore and passphrase.
    KeysRan keys(std::vector<std::string> words, std::optional<std::string> passphrase = kOperatorWords)
    {
        words.insert(words.begin(), "keys");
        words.insert(words.end(), {"--keystore", at("k")});
        if (passphrase)
            words.insert(words.end(),
                         {"--passphrase-fd", std::to_string(descriptor_with(*passphrase + "\n"))});
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        KeysRan ran;
        ran.code = run_keys_captured(around_, words);
        ran.out = testing::internal::GetCapturedStdout();
        ran.err = testing::internal::GetCapturedStderr();
        for (const std::string& hidden :
             {kHmac, kOperatorWords, kPem.substr(40, 30), std::string("test-word")}) {
            EXPECT_EQ((ran.out + ran.err).find(hidden), std::string::npos) << ran.out << ran.err;
        }
        return ran;
    }
    KeysRan add(const std::string& venue, const std::string& label, const std::string& secret,
                const std::vector<std::string>& more = {})
    {
        around_.standard_input = descriptor_with(secret);
        std::vector<std::string> words = {"add",           "--venue",  venue,
                                          "--label",       label,      "--role",
                                          "trade",         "--key-id", "id-of-the-key-" + venue + label,
                                          "--secret-stdin"};
        words.insert(words.end(), more.begin(), more.end());
        return keys(words);
    }
    std::string secret_in_store(const std::string& venue, const std::string& label,
                                bool passphrase = false) const
    {
        std::string words = kOperatorWords;
        const auto store = Keystore::open(at("k"), Secret::take(words));
        if (!store) return store.error().message;
        const auto secret = store->take_secret(venue, label);
        if (!secret) return secret.error().message;
        const Secret& part = passphrase ? secret->passphrase : secret->secret;
        return {reinterpret_cast<const char*>(part.bytes().data()), part.bytes().size()};
    }

    std::string folder_;
    KeysSurroundings around_;
    std::vector<int> files_;
};

TEST_F(KeysCommand, keys_are_added_listed_rotated_retired_and_removed)
{
    const KeysRan added = add("binance", "main", kHmac + "\n",
                              {"--ip", "203.0.113.7", "--ip", "2001:db8::/64", "--expires", "2026-03-12"});
    ASSERT_EQ(added.code, 0) << added.err;
    EXPECT_NE(added.out.find("(new)"), std::string::npos) << added.out;
    EXPECT_EQ(secret_in_store("binance", "main"), kHmac) << "without the line end";
    const KeysRan second = add("bybit", "main", kHmac);
    ASSERT_EQ(second.code, 0) << second.err;
    EXPECT_NE(second.err.find("--ip"), std::string::npos) << "no addresses: said";
    ASSERT_EQ(keys({"attest", "--venue", "bybit", "--label", "main", "--what", "rights", "--by", "operator",
                    "--until", "2026-05-30"})
                  .code,
              0);
    around_.standard_input = descriptor_with(kHmac + "new");
    const KeysRan rotated = keys({"rotate", "--venue", "binance", "--label", "main", "--new-label", "next",
                                  "--key-id", "id-of-the-next-key", "--secret-stdin"});
    ASSERT_EQ(rotated.code, 0) << rotated.err;
    EXPECT_EQ(secret_in_store("binance", "next"), kHmac + "new");

    const KeysRan listed = keys({"list", "--output", "json"});
    ASSERT_EQ(listed.code, 0) << listed.err;
    const json entries = json::parse(listed.out)["keys"];
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0]["state"], "retiring");
    EXPECT_EQ(entries[0]["expires"], "2026-03-12");
    EXPECT_EQ(entries[0]["days_left"], 10);
    EXPECT_EQ(entries[0]["ips"], (json{"203.0.113.7", "2001:db8::/64"}));
    EXPECT_EQ(entries[0]["role"], "trade");
    EXPECT_EQ(entries[1]["expires"], nullptr);
    EXPECT_EQ(entries[1]["created"], "2026-03-01");
    EXPECT_EQ(entries[1]["attestations"][0]["what"], "rights");
    EXPECT_EQ(entries[1]["attestations"][0]["counts"], true);
    EXPECT_EQ(entries[2]["label"], "next");
    EXPECT_EQ(entries[2]["state"], "active");
    EXPECT_EQ(entries[2]["ips"], entries[0]["ips"]) << "taken over";
    EXPECT_EQ(listed.out.find("id-of-the"), std::string::npos) << "the id's end alone";

    const KeysRan table = keys({"list"});
    EXPECT_NE(table.out.find("2026-03-12"), std::string::npos) << table.out;
    EXPECT_NE(table.out.find("rights"), std::string::npos) << table.out;

    EXPECT_EQ(keys({"remove", "--venue", "binance", "--label", "main"}).code, 2) << "it is not retired";
    EXPECT_EQ(keys({"retire", "--venue", "binance", "--label", "main"}).code, 0);
    EXPECT_EQ(keys({"remove", "--venue", "binance", "--label", "main"}).code, 0);
    EXPECT_EQ(keys({"remove", "--venue", "bybit", "--label", "main", "--force"}).code, 0);
    EXPECT_EQ(keys({"retire", "--venue", "bybit", "--label", "main"}).code, 2);
    EXPECT_EQ(json::parse(keys({"list", "--output", "json"}).out)["keys"].size(), 1U);
}

TEST_F(KeysCommand, every_form_of_secret_that_the_connectors_take)
{
    ASSERT_EQ(add("coinbase", "pem", kPem).code, 0);
    EXPECT_EQ(secret_in_store("coinbase", "pem"), kPem.substr(0, kPem.size() - 1));
    ASSERT_EQ(add("kraken", "base64", "dGVzdCBzZWNyZXQgb2YgYSB2ZW51ZQ==\n").code, 0);
    const std::string words = write("words", "test-word\n");
    ASSERT_EQ(add("okx", "words", kHmac, {"--key-passphrase-file", words}).code, 0);
    EXPECT_EQ(secret_in_store("okx", "words"), kHmac);
    EXPECT_EQ(secret_in_store("okx", "words", true), "test-word");
}

TEST_F(KeysCommand, what_the_connector_does_not_take_is_not_kept)
{
    const KeysRan ran = add("coinbase", "main", kHmac + "!");
    EXPECT_EQ(ran.code, 3);
    EXPECT_NE(ran.err.find("nothing was kept"), std::string::npos) << ran.err;
    EXPECT_FALSE(std::filesystem::exists(at("k"))) << "no empty keystore stays behind";
    EXPECT_EQ(add("kraken", "main", "no base64 at all").code, 3);
    EXPECT_EQ(add("binance", "main", "").code, 2);
    EXPECT_EQ(add("binance", "main", std::string(kSecretInputMax + 1, 'x')).code, 2);
    EXPECT_EQ(add("nowhere", "main", kHmac).code, 2);
    EXPECT_EQ(add("binance", "bad label", kHmac).code, 2);
    EXPECT_EQ(add("binance", "main", kHmac, {"--expires", "2026-13-01"}).code, 2);
    EXPECT_EQ(add("binance", "main", kHmac, {"--ip", "example.org"}).code, 2);
    EXPECT_FALSE(std::filesystem::exists(at("k")));
    ASSERT_EQ(add("binance", "main", kHmac).code, 0);
    EXPECT_EQ(add("binance", "main", kHmac).code, 2) << "the label is taken";
}

TEST_F(KeysCommand, a_secret_is_no_argument)
{
    for (const char* option : {"--secret", "--passphrase", "--key-secret"})
        EXPECT_EQ(add("binance", "main", kHmac, {option, "x"}).code, 2) << option;
    EXPECT_FALSE(std::filesystem::exists(at("k")));
}

TEST_F(KeysCommand, secret_files_must_be_ours_alone)
{
    const std::vector<std::string> words = {"add",    "--venue", "binance",  "--label", "main",
                                            "--role", "read",    "--key-id", "test-id", "--secret-file"};
    const auto with = [&](const std::string& file) {
        std::vector<std::string> all = words;
        all.push_back(file);
        return keys(all);
    };
    EXPECT_EQ(with(write("open", kHmac, 0644)).code, 3);
    std::filesystem::create_symlink(write("own", kHmac), at("link"));
    EXPECT_EQ(with(at("link")).code, 3);
    EXPECT_EQ(with(at("none")).code, 2);
    EXPECT_EQ(with(folder_).code, 2);
    const KeysRan ran = with(at("own"));
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(ran.err.find("remove it"), std::string::npos) << ran.err;
    EXPECT_EQ(secret_in_store("binance", "main"), kHmac);
}

TEST_F(KeysCommand, the_passphrase_comes_by_descriptor_or_credential_and_must_be_right)
{
    EXPECT_EQ(keys({"list"}).code, 2) << "there is none yet";
    ASSERT_EQ(add("binance", "main", kHmac).code, 0);
    const KeysRan wrong = keys({"list"}, "other test words");
    EXPECT_EQ(wrong.code, 3);
    EXPECT_TRUE(wrong.out.empty());
    EXPECT_EQ(keys({"list"}, "").code, 2);
    EXPECT_EQ(keys({"list", "--passphrase-fd", "-1"}).code, 2);
    EXPECT_EQ(keys({"list", "--passphrase-fd", "9999"}, std::nullopt).code, 2);
    const KeysRan nowhere = keys({"list"}, std::nullopt);
    EXPECT_EQ(nowhere.code, 2) << "no terminal";
    EXPECT_NE(nowhere.err.find("--passphrase-fd"), std::string::npos) << nowhere.err;
    std::filesystem::create_directory(at("credentials"));
    around_.credentials = at("credentials");
    EXPECT_EQ(keys({"list"}, std::nullopt).code, 2) << "none of that name";
    write("credentials/arbiter-passphrase", kOperatorWords, 0440);
    EXPECT_EQ(keys({"list"}, std::nullopt).code, 0);
    write("credentials/arbiter-passphrase", kOperatorWords, 0444);
    EXPECT_EQ(keys({"list"}, std::nullopt).code, 3) << "everybody may read it";
    EXPECT_EQ(keys({"list"}).code, 0) << "the descriptor goes first";
}

TEST_F(KeysCommand, the_passphrase_is_changed)
{
    ASSERT_EQ(add("binance", "main", kHmac).code, 0);
    EXPECT_EQ(keys({"passphrase", "--new-passphrase-fd", std::to_string(descriptor_with("too short"))}).code,
              2);
    EXPECT_EQ(keys({"list"}).code, 0);
    const std::string next = "other test words of the operator";
    EXPECT_EQ(keys({"passphrase", "--new-passphrase-fd", std::to_string(descriptor_with(next))}).code, 0);
    EXPECT_EQ(keys({"list"}).code, 3);
    EXPECT_EQ(keys({"list"}, next).code, 0);
}

TEST_F(KeysCommand, an_attestation_ends)
{
    ASSERT_EQ(add("binance", "main", kHmac).code, 0);
    const auto until = [&](const char* day) {
        return keys({"attest", "--venue", "binance", "--label", "main", "--what", "ip", "--by", "b",
                     "--until", day})
            .code;
    };
    EXPECT_EQ(until("2026-03-01"), 2);
    EXPECT_EQ(until("2027-03-03"), 2);
    EXPECT_EQ(until("never"), 2);
    EXPECT_EQ(until("2026-03-02"), 0);
    around_.now = [] { return *parse_day("2026-03-02"); };
    EXPECT_EQ(json::parse(keys({"list", "--output", "json"}).out)["keys"][0]["attestations"][0]["counts"],
              false);
}

TEST_F(KeysCommand, wrong_usage_ends_with_2)
{
    EXPECT_EQ(keys({}, std::nullopt).code, 2);
    EXPECT_EQ(keys({"lost"}, std::nullopt).code, 2);
    EXPECT_EQ(keys({"add"}).code, 2);
    EXPECT_EQ(keys({"list", "--output", "xml"}).code, 2);
    EXPECT_EQ(add("binance", "main", kHmac, {"--role", "withdraw"}).code, 2);
    EXPECT_EQ(add("binance", "main", kHmac, {"--secret-file", write("own", kHmac)}).code, 2) << "two sources";
    around_.standard_input = descriptor_with(kHmac);
    EXPECT_EQ(keys({"add", "--venue", "binance", "--label", "main", "--role", "read", "--key-id", "i",
                    "--secret-stdin", "--passphrase-fd", std::to_string(around_.standard_input)},
                   std::nullopt)
                  .code,
              2)
        << "one input for two secrets";
}

// ---- at a terminal

/// A terminal at whose other end we sit. The command runs in a child: it waits for what is typed.
class Terminal {
  public:
    Terminal()
    {
        ours_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (ours_ < 0 || ::grantpt(ours_) != 0 || ::unlockpt(ours_) != 0) return;
        path_ = ::ptsname(ours_);
        // Held open, or what the child leaves would be lost with its last descriptor.
        theirs_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    ~Terminal()
    {
        ::close(theirs_);
        ::close(ours_);
    }
    bool works() const { return theirs_ >= 0; }
    const std::string& path() const { return path_; }
    bool echoes() const
    {
        struct termios now {};
        return ::tcgetattr(theirs_, &now) == 0 && (now.c_lflag & ECHO) != 0;
    }
    /// Waits for a prompt, then types.
    void answer(const std::string& prompt, const std::string& text)
    {
        wait_for(prompt);
        EXPECT_FALSE(echoes()) << prompt;
        EXPECT_EQ(::write(ours_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void wait_for(const std::string& prompt)
    {
        std::size_t at = 0;
        while ((at = unread_.find(prompt)) == std::string::npos) {
            char bytes[512];
            const ssize_t n = ::read(ours_, bytes, sizeof bytes);
            if (n <= 0) break;
            unread_.append(bytes, static_cast<std::size_t>(n));
            shown_.append(bytes, static_cast<std::size_t>(n));
        }
        ASSERT_NE(at, std::string::npos) << prompt;
        unread_.erase(0, at + prompt.size());
    }
    const std::string& shown() const { return shown_; }

  private:
    int ours_ = -1, theirs_ = -1;
    std::string path_, unread_, shown_;
};

class KeysTerminal : public KeysCommand {
  protected:
    KeysTerminal() { around_.terminal = terminal_.path(); }

    pid_t start(std::vector<std::string> words)
    {
        words.insert(words.begin(), "keys");
        words.insert(words.end(), {"--keystore", at("k")});
        const pid_t child = ::fork();
        if (child != 0) return child;
        ::alarm(600);
        if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
        if (std::freopen(at("err").c_str(), "w", stderr) == nullptr) ::_exit(126);
        const int code = run_keys_captured(around_, words);
        std::fflush(stderr);
        ::_exit(code);
    }
    int ended(pid_t child)
    {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(terminal_.echoes()) << "the terminal is as it was";
        for (const std::string& hidden : {kHmac, kOperatorWords, kPem.substr(40, 30)})
            EXPECT_EQ(terminal_.shown().find(hidden), std::string::npos) << terminal_.shown();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    std::vector<std::string> add_words(const std::string& venue, const std::string& label) const
    {
        return {"add", "--venue", venue, "--label", label, "--role", "read", "--key-id", "id-" + label};
    }

    Terminal terminal_;
};

TEST_F(KeysTerminal, everything_is_asked_for_and_nothing_is_shown)
{
    if (!terminal_.works()) GTEST_SKIP() << "there are no terminals here";
    pid_t child = start(add_words("binance", "main"));
    terminal_.answer("New passphrase", kOperatorWords + "\n");
    terminal_.answer("Once more", kOperatorWords + "\n");
    terminal_.answer("Secret of this", kHmac + "\n");
    ASSERT_EQ(ended(child), 0);
    EXPECT_EQ(secret_in_store("binance", "main"), kHmac);

    child = start(add_words("coinbase", "pem"));
    terminal_.answer("Passphrase of", kOperatorWords + "\n");
    terminal_.answer("Secret of this", kPem);
    ASSERT_EQ(ended(child), 0) << "several lines of a PEM";
    EXPECT_EQ(secret_in_store("coinbase", "pem"), kPem.substr(0, kPem.size() - 1));

    std::vector<std::string> words = add_words("okx", "words");
    words.emplace_back("--key-passphrase");
    child = start(words);
    terminal_.answer("Passphrase of", kOperatorWords + "\n");
    terminal_.answer("Secret of this", kHmac + "\n");
    terminal_.answer("Passphrase given", "test-word\n");
    terminal_.answer("Once more", "test-word\n");
    ASSERT_EQ(ended(child), 0);
    EXPECT_EQ(secret_in_store("okx", "words", true), "test-word");
}

TEST_F(KeysTerminal, two_different_passphrases_and_a_short_one_make_nothing)
{
    if (!terminal_.works()) GTEST_SKIP() << "there are no terminals here";
    pid_t child = start(add_words("binance", "main"));
    terminal_.answer("New passphrase", kOperatorWords + "\n");
    terminal_.answer("Once more", kOperatorWords + "x\n");
    EXPECT_EQ(ended(child), 2);
    child = start(add_words("binance", "main"));
    terminal_.answer("New passphrase", "short\n");
    terminal_.answer("Once more", "short\n");
    EXPECT_EQ(ended(child), 2);
    EXPECT_FALSE(std::filesystem::exists(at("k")));
}

TEST_F(KeysTerminal, an_interruption_leaves_the_terminal_as_it_was)
{
    if (!terminal_.works()) GTEST_SKIP() << "there are no terminals here";
    const pid_t child = start(add_words("binance", "main"));
    terminal_.wait_for("New passphrase");
    ASSERT_FALSE(terminal_.echoes());
    ::kill(child, SIGINT);
    EXPECT_EQ(ended(child), 2);
    EXPECT_FALSE(std::filesystem::exists(at("k")));
    std::ifstream errors(at("err"));
    std::string line;
    std::getline(errors, line);
    EXPECT_NE(line.find("interrupted"), std::string::npos) << line;
}

}  // namespace
}  // namespace arb
