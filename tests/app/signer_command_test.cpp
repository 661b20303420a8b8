// `arbiter signer` as a whole: keystore and policy in, signatures out, every use written down; and the
// policy file's mistakes, each named.
#include "engine/app/keys/signer_command.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include "connectors/okx/signer.hpp"
#include "engine/app/keys/signer_policy_file.hpp"
#include "engine/keys/audit_verify.hpp"
#include "engine/keys/keystore.hpp"
#include "engine/keys/remote_signer.hpp"
#include "tests/keys/key_test_support.hpp"
#include "tests/keys/pkcs11_token.hpp"

namespace arb {
namespace {

using test::PrivateDirectory;

constexpr const char* kStoreWords = "test passphrase of the keystore";
constexpr const char* kSignerSecret =
    "22582BD0CFF14C41EDBF1AB98506286D";  // the sample of OKX's documentation
constexpr const char* kSignerPolicy = R"(
[[key]]
venue = "okx"
label = "trade"
endpoints = ["GET /api/v5/account/*", "POST /api/v5/trade/order"]
orders_per_second = 20
[[key.limit]]
instrument = "BTC-USDT"
max_quantity = "2"
max_notional = "5"
)";
const std::string kStart = "2020-12-08T09:08:57.715Z";

Secret secret_of(std::string text)
{
    return Secret::take(text);
}

// Of the leak sanitizer, where the build has it.
extern "C" {
__attribute__((weak)) void __lsan_disable();
__attribute__((weak)) void __lsan_enable();
}

void make_keystore(const std::string& path, const std::string& secret = kSignerSecret)
{
    KeystoreOptions options;
    options.costs = kKdfLeast;
    Keystore store = Keystore::create(path, secret_of(kStoreWords), options).take();
    KeyEntry entry;
    entry.venue = "okx";
    entry.label = "trade";
    entry.role = KeyRole::trade;
    entry.key_id = "test-key";
    entry.created = *parse_day("2025-01-01");
    const auto error = store.add(entry, {secret_of(secret), secret_of("test-phrase")});
    ASSERT_FALSE(error) << error->message;
    ASSERT_FALSE(store.save());
}

class SignerCommandTest : public ::testing::Test {
  protected:
    ExitCode run(std::vector<std::string> arguments)
    {
        int ends[2];
        if (::pipe(ends) != 0) return ExitCode::internal;
        const std::string line = std::string(kStoreWords) + "\n";
        EXPECT_EQ(::write(ends[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
        ::close(ends[1]);
        SignerSurroundings around;
        around.close_process = false;
        around.ended = [this] { return ended_.load(); };
        CLI::App app{"test", "arbiter"};
        const Command command = add_signer(app, around);
        arguments.insert(arguments.end(), {"--passphrase-fd", std::to_string(ends[0])});
        arguments.insert(arguments.begin(), "signer");
        std::reverse(arguments.begin(), arguments.end());
        app.parse(std::move(arguments));
        ExitCode code = ExitCode::internal;
        try {
            code = command.run();
        } catch (const StartError& error) {
            trouble_ = error.what();
            code = error.code();
        }
        ::close(ends[0]);
        return code;
    }
    std::vector<std::string> ordinary() const
    {
        return {"--keystore", directory_.file("keys"),        "--socket", directory_.file("signer.sock"),
                "--policy",   directory_.file("policy.toml"), "--audit",  directory_.file("keys.audit")};
    }

    PrivateDirectory directory_;
    std::atomic<bool> ended_{false};
    std::string trouble_;
};

TEST_F(SignerCommandTest, signs_with_a_key_that_never_leaves_its_token)
{
    if (softhsm_module().empty()) GTEST_SKIP() << kNoSofthsm;
    // The module keeps what it made until the process ends.
    if (__lsan_disable != nullptr) __lsan_disable();
    {
        TestToken token;
        token.add_secret("okx-main", kSignerSecret);
        // In the keystore there is the PIN alone.
        make_keystore(directory_.file("keys"), std::string(TestToken::kPin));
        test::write_file(directory_.file("policy.toml"),
                         std::string(kSignerPolicy) + "[key.token]\nmodule = \"" + softhsm_module() +
                             "\"\ntoken_label = \"" + token.label() + "\"\nobject_label = \"okx-main\"\n");
        ExitCode code = ExitCode::internal;
        std::thread process([&] { code = run(ordinary()); });
        RemoteSignerOptions options;
        options.socket = directory_.file("signer.sock");
        options.venue = "okx";
        options.label = "trade";
        options.deadline = seconds(60);
        Result<Credentials> credentials = RemoteSigner::open(options);
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(300);
        while (!credentials && std::chrono::steady_clock::now() < until)
            credentials = RemoteSigner::open(options);
        EXPECT_TRUE(credentials) << trouble_;
        if (credentials) {
            EXPECT_EQ(okx::sign_request(*credentials, kStart, "GET", "/api/v5/account/balance?ccy=BTC", ""),
                      "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=");
        }
        ended_ = true;
        process.join();
        EXPECT_EQ(code, ExitCode::ok) << trouble_;
    }
    if (__lsan_enable != nullptr) __lsan_enable();
}

TEST_F(SignerCommandTest, signs_from_the_keystore_what_the_policy_allows)
{
    make_keystore(directory_.file("keys"));
    test::write_file(directory_.file("policy.toml"), kSignerPolicy);
    ExitCode code = ExitCode::internal;
    std::thread process([&] { code = run(ordinary()); });
    RemoteSignerOptions options;
    options.socket = directory_.file("signer.sock");
    options.venue = "okx";
    options.label = "trade";
    options.deadline = seconds(60);
    Result<Credentials> credentials = RemoteSigner::open(options);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(300);
    while (!credentials && std::chrono::steady_clock::now() < until)
        credentials = RemoteSigner::open(options);
    EXPECT_TRUE(credentials);
    if (credentials) {
        EXPECT_EQ(credentials->key_id, "test-key");
        EXPECT_TRUE(credentials->passphrase.equals(secret_of("test-phrase")));
        // The documented signature, made by another process than the one that asks.
        EXPECT_EQ(okx::sign_request(*credentials, kStart, "GET", "/api/v5/account/balance?ccy=BTC", ""),
                  "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=");
        const auto order = [](const char* size) {
            return std::string(R"({"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy",)") +
                   R"("ordType":"limit","px":"2.15","sz":")" + size + "\"}";
        };
        EXPECT_EQ(okx::sign_request(*credentials, kStart, "POST", "/api/v5/trade/order", order("2")),
                  "dI6rrL9rXW/HdaPKJ/6LC1OgvH4/PYju6R3CqixMTNQ=");
        EXPECT_EQ(okx::sign_request(*credentials, kStart, "POST", "/api/v5/trade/order", order("2.1")), "");
        EXPECT_EQ(
            okx::sign_request(*credentials, kStart, "POST", "/api/v5/asset/withdrawal", R"({"amt":"1"})"),
            "");
    }
    ended_ = true;
    process.join();
    EXPECT_EQ(code, ExitCode::ok) << trouble_;
    std::vector<std::string> told;
    const AuditVerdict verdict = verify_audit(directory_.file("keys.audit"), [&](const AuditRecord& r) {
                                     if (r.kind == AuditKind::use)
                                         told.push_back(r.endpoint + " " + r.reason);
                                 }).take();
    EXPECT_TRUE(verdict.whole && verdict.checkpointed) << verdict.trouble;
    EXPECT_EQ(told, (std::vector<std::string>{"GET /api/v5/account/balance ", "POST /api/v5/trade/order ",
                                              "POST /api/v5/trade/order quantity",
                                              "POST /api/v5/asset/withdrawal withdrawal"}));
    EXPECT_EQ(test::read_file(directory_.file("keys.audit")).find("test-phrase"), std::string::npos);
}

TEST_F(SignerCommandTest, keys_that_it_cannot_serve)
{
    make_keystore(directory_.file("keys"));
    std::string policy = kSignerPolicy;
    policy.replace(policy.find("\"trade\""), 7, "\"other\"");
    test::write_file(directory_.file("policy.toml"), policy);
    EXPECT_EQ(run(ordinary()), ExitCode::usage);
    EXPECT_NE(trouble_.find("not in"), std::string::npos) << trouble_;
    policy.replace(policy.find("\"okx\""), 5, "\"none\"");
    test::write_file(directory_.file("policy.toml"), policy);
    EXPECT_EQ(run(ordinary()), ExitCode::usage);
}

TEST_F(SignerCommandTest, mistakes_of_the_policy_file)
{
    const std::string path = directory_.file("policy.toml");
    const auto trouble = [&](const std::string& text) {
        test::write_file(path, text);
        try {
            (void)read_signer_policy(path);
        } catch (const StartError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const auto changed = [](const std::string& from, const std::string& to) {
        std::string text = kSignerPolicy;
        EXPECT_NE(text.find(from), std::string::npos);
        return text.replace(text.find(from), from.size(), to);
    };
    EXPECT_EQ(trouble(kSignerPolicy), "");
    struct Case {
        std::string text, says;
    };
    for (const Case& c : std::vector<Case>{
             {"", "grants no key"},
             {"[[key", "policy.toml:1"},
             {"colour = 1\n", "colour"},
             {changed("endpoints", "endpoint"), "endpoint"},
             {changed("POST /api/v5/trade/order", "POST /api/v5/asset/withdrawal"), "no policy can allow"},
             {changed("POST /api/v5/trade/order", "POST /api/v5/*"), "only the last segment of a GET"},
             {changed("GET /api/v5/account/*", "GET /api/v5/asset/*"), "known withdrawal"},
             {changed("max_quantity = \"2\"", "max_quantity = 2.5"), "floating-point"},
             {changed("max_quantity = \"2\"", "max_quantity = \"-2\""), "positive"},
             {changed("max_quantity = \"2\"", "max_quantity = \"two\""), "exact decimal"},
             {changed("orders_per_second = 20", "orders_per_second = 5000"), "orders_per_second"},
             {changed("orders_per_second = 20", "hours = \"7-9\""), "hours"},
             {changed("orders_per_second = 20", "sessions = \"yes\""), "true or false"},
             {changed("venue = \"okx\"", ""), "venue"},
             {"client = \"nobody-of-this-name\"\n" + std::string(kSignerPolicy),
              "neither a number nor a name"},
             {std::string(kSignerPolicy) + kSignerPolicy, "twice"}}) {
        EXPECT_NE(trouble(c.text).find(c.says), std::string::npos) << c.says << ": " << trouble(c.text);
    }
    EXPECT_EQ(trouble("client = \"root\"\ngroup = 12\n" + std::string(kSignerPolicy)), "");
    const SignerPlan plan = read_signer_policy(path);
    EXPECT_EQ(plan.client, 0U);
    EXPECT_EQ(plan.group, 12U);
    ASSERT_EQ(plan.grants.size(), 1U);
    ::chmod(path.c_str(), 0662);
    EXPECT_THROW((void)read_signer_policy(path), StartError);
    EXPECT_THROW((void)read_signer_policy(directory_.file("none")), StartError);
}

}  // namespace
}  // namespace arb
