// The signer process behind its socket: signatures equal to those made here, each refusal with its reason,
// hostile clients, and a RemoteSigner that never waits longer than its deadline.
#include "engine/keys/signer_service.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include <atomic>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "engine/keys/audit_verify.hpp"
#include "engine/keys/remote_signer.hpp"
#include "tests/keys/bare_openssl.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

using test::PrivateDirectory;

constexpr std::string_view kServiceSecret = "test-secret-of-the-signer";

class HmacForTests final : public Signer {
  public:
    explicit HmacForTests(bool works) : works_(works) {}
    KeyAlgorithm algorithm() const override { return KeyAlgorithm::hmac_sha256; }
    bool sign(std::string_view message, Signature& out) override
    {
        const std::string text = bare::hmac<32>(kServiceSecret, message);
        std::copy(text.begin(), text.end(), out.bytes.begin());
        out.size = works_ ? text.size() : 0;
        return works_;
    }

  private:
    bool works_;
};

/// "POST /orders?i=X&q=1&p=2", an invented venue's text.
bool read_test_text(std::string_view text, RequestView& out)
{
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos) return false;
    const std::size_t question = std::min(text.find('?'), text.size());
    if (question < blank) return false;
    out.method = text.substr(0, blank);
    out.path = text.substr(blank + 1, question - blank - 1);
    if (question < text.size() && !read_query_fields(text.substr(question + 1), out.fields)) return false;
    out.kind = out.method == "GET" ? SignedKind::query : SignedKind::order;
    if (out.method == "DELETE") out.kind = SignedKind::cancel;
    if (out.method == "WS") out.kind = SignedKind::session;
    if (out.find("hidden") != nullptr) {
        out.content_signed = false;
        return true;
    }
    return out.kind != SignedKind::order || add_order(out.fields, "i", "q", "p", out);
}

struct TestSource final : SecretSource {
    bool works = true;
    bool retired = false;
    Result<SourceKey> open(std::string_view venue, std::string_view label) override
    {
        if (venue != "somewhere") return Error{ExitCode::refused, "there is no such key"};
        SourceKey key;
        key.key_id = "id-of-" + std::string(label);
        std::string phrase = "test-phrase";
        key.passphrase = Secret::take(phrase);
        key.signer = std::make_unique<HmacForTests>(works);
        key.parser = label == "unread" ? nullptr : &read_test_text;
        key.retired = retired;
        return key;
    }
};

KeyGrant grant(std::string label = "trade")
{
    KeyGrant g;
    g.venue = "somewhere";
    g.label = std::move(label);
    for (const char* pattern : {"GET /accounts", "POST /orders", "DELETE /orders", "WS /login"})
        EXPECT_FALSE(g.policy.add_endpoint(pattern));
    OrderLimit limit;
    limit.instrument = "X";
    limit.quantity = *Decimal::parse("10");
    limit.notional = *Decimal::parse("100");
    EXPECT_FALSE(g.policy.add_limit(limit));
    EXPECT_FALSE(g.policy.set_orders_per_second(5));
    EXPECT_FALSE(g.policy.set_hours("06-18"));
    return g;
}

/// Time that tests set; the steady clock stands still unless they move it.
std::atomic<std::int64_t> wall{1'700'481'600'000'000'000};  // noon
std::atomic<std::int64_t> steady{1};

SignerServiceOptions options_for(const std::string& socket)
{
    SignerServiceOptions options;
    options.socket = socket;
    options.client = ::geteuid();
    options.now = [] { return SigningTime{{wall.load()}, {steady.load()}}; };
    return options;
}

std::vector<KeyGrant> grants_for_tests()
{
    std::vector<KeyGrant> grants;
    grants.push_back(grant());
    grants.push_back(grant("other"));
    return grants;
}

/// A service turning in a thread of its own.
class Running {
  public:
    explicit Running(SignerServiceOptions options, AuditLog* audit = nullptr, TestSource source = {})
        : service_(SignerService::open(std::move(options), grants_for_tests(), source, audit).take()),
          thread_([this] {
              while (!stop_) (void)service_->turn(5);
          })
    {
    }
    ~Running() { end(); }
    /// Counts may be looked at from then on.
    const SignerCounts& end()
    {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
        return service_->counts();
    }

  private:
    std::unique_ptr<SignerService> service_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

RemoteSignerOptions remote_options(const std::string& socket, std::string label = "trade")
{
    RemoteSignerOptions options;
    options.socket = socket;
    options.venue = "somewhere";
    options.label = std::move(label);
    options.deadline = seconds(60);  // sanitizers are slow; the tests of deadlines set their own
    options.pause = {};
    return options;
}

/// A client that speaks bytes.
class RawClient {
  public:
    explicit RawClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(path.begin(), path.end(), address.sun_path);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        const timeval limit{5, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
    ~RawClient() { ::close(socket_); }
    bool connected() const { return connected_; }
    bool send(std::string_view bytes, int flags = 0)
    {
        return ::send(socket_, bytes.data(), bytes.size(), flags | MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }
    /// Empty: the other side has closed.
    std::string receive()
    {
        std::string bytes(kSignerReplyMax, '\0');
        const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return bytes;
    }

  private:
    int socket_;
    bool connected_ = false;
};

std::string request_frame(const SignerRequest& request)
{
    const auto bytes = std::make_unique<SignerRequestBytes>();
    return {bytes->data(), write_request(request, *bytes)};
}

class SignerServiceTest : public ::testing::Test {
  protected:
    SignerServiceTest()
    {
        wall = 1'700'481'600'000'000'000;
        steady = 1;
    }
    PrivateDirectory directory_;
    std::string socket_ = directory_.file("signer.sock");
};

TEST_F(SignerServiceTest, signs_as_the_key_itself_would)
{
    Running running(options_for(socket_));
    struct stat about {};
    ASSERT_EQ(::stat(socket_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
    Credentials credentials = RemoteSigner::open(remote_options(socket_)).take();
    EXPECT_EQ(credentials.label, "trade");
    EXPECT_EQ(credentials.key_id, "id-of-trade");
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(credentials.passphrase.bytes().data()),
                          credentials.passphrase.bytes().size()),
              "test-phrase");
    ASSERT_EQ(credentials.signer->algorithm(), KeyAlgorithm::hmac_sha256);
    Signature signature;
    for (const std::string& text :
         {std::string("GET /accounts"), std::string("POST /orders?i=X&q=10&p=10"),
          std::string("DELETE /orders"), "GET /accounts?long=" + std::string(kSignedTextMax - 24, 'x')}) {
        ASSERT_TRUE(credentials.signer->sign(text, signature));
        EXPECT_EQ(signature.view(), bare::hmac<32>(kServiceSecret, text));
    }
    EXPECT_EQ(running.end().signed_texts, 4U);
}

TEST_F(SignerServiceTest, each_breach_is_refused_with_its_own_reason_and_written_down)
{
    const std::string log_path = directory_.file("keys.audit");
    AuditOptions audit_options;
    audit_options.direct = true;
    auto log = AuditLog::open(log_path, audit_options).take();
    struct Case {
        const char* text;
        Refusal refusal;
    };
    const Case cases[] = {
        {"nonsense", Refusal::not_understood},
        {"POST /orders?i=X&q=1&q=2", Refusal::not_understood},
        {"POST /withdraw?i=X&q=1&p=1", Refusal::withdrawal},
        {"POST /orders?i=X&q=1&p=1&address=there", Refusal::withdrawal},
        {"GET /other", Refusal::endpoint},
        {"WS /login", Refusal::session},
        {"POST /orders?hidden=1", Refusal::unseen_order},
        {"POST /orders?i=Y&q=1&p=1", Refusal::instrument},
        {"POST /orders?i=X&q=11&p=1", Refusal::quantity},
        {"POST /orders?i=X&q=10&p=10.01", Refusal::notional},
        {"POST /orders?i=X&q=1", Refusal::no_price},
    };
    {
        Running running(options_for(socket_), log.get());
        Credentials credentials = RemoteSigner::open(remote_options(socket_)).take();
        auto& signer = static_cast<RemoteSigner&>(*credentials.signer);
        Signature signature;
        for (const Case& c : cases) {
            EXPECT_FALSE(signer.sign(c.text, signature)) << c.text;
            EXPECT_EQ(signer.last_refusal(), c.refusal) << c.text << ": " << name(signer.last_refusal());
            EXPECT_EQ(signature.size, 0U);
            EXPECT_TRUE(signer.connected()) << "a refusal is no loss";
        }
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(signer.sign("POST /orders?i=X&q=1&p=1", signature));
        EXPECT_FALSE(signer.sign("POST /orders?i=X&q=1&p=1", signature));
        EXPECT_EQ(signer.last_refusal(), Refusal::rate);
        steady += 2'000'000'000;
        wall += std::int64_t{8} * 3'600'000'000'000;
        EXPECT_FALSE(signer.sign("POST /orders?i=X&q=1&p=1", signature));
        EXPECT_EQ(signer.last_refusal(), Refusal::hours);
        EXPECT_TRUE(signer.sign("DELETE /orders", signature)) << "cancels at any hour";
        EXPECT_FALSE(signer.sign(std::string(kSignedTextMax + 1, 'x'), signature));
        EXPECT_EQ(signer.last_refusal(), Refusal::malformed);
        const SignerCounts& counts = running.end();
        EXPECT_EQ(counts.signed_texts, 6U);
        EXPECT_EQ(counts.refused, std::size(cases) + 2);
    }
    EXPECT_TRUE(log->close());
    std::vector<AuditRecord> uses;
    const AuditVerdict verdict = verify_audit(log_path, [&](const AuditRecord& r) {
                                     if (r.kind == AuditKind::use) uses.push_back(r);
                                 }).take();
    EXPECT_TRUE(verdict.whole) << verdict.trouble;
    ASSERT_EQ(uses.size(), std::size(cases) + 8);
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        EXPECT_EQ(uses[i].reason, name(cases[i].refusal));
        EXPECT_EQ(uses[i].outcome, KeyOutcome::refused);
        EXPECT_EQ(uses[i].hash, audit_hash(cases[i].text));
        EXPECT_EQ(uses[i].label, "trade");
    }
    EXPECT_EQ(uses[0].endpoint, "?");
    EXPECT_EQ(uses[4].endpoint, "GET /other");
    EXPECT_EQ(uses[std::size(cases)].outcome, KeyOutcome::done);
}

TEST_F(SignerServiceTest, what_cannot_be_written_down_is_not_signed)
{
    AuditOptions audit_options;
    audit_options.direct = true;
    auto log = AuditLog::open(directory_.file("keys.audit"), audit_options).take();
    Running running(options_for(socket_), log.get());
    Credentials credentials = RemoteSigner::open(remote_options(socket_)).take();
    Signature signature;
    EXPECT_TRUE(credentials.signer->sign("GET /accounts", signature));
    (void)log->close();
    EXPECT_FALSE(credentials.signer->sign("GET /accounts", signature));
    EXPECT_EQ(static_cast<RemoteSigner&>(*credentials.signer).last_refusal(), Refusal::audit);
}

TEST_F(SignerServiceTest, keys_that_are_not_granted_not_readable_broken_or_retired)
{
    TestSource source;
    {
        std::vector<KeyGrant> grants;
        grants.push_back(grant("unread"));
        const auto service = SignerService::open(options_for(socket_), std::move(grants), source, nullptr);
        ASSERT_FALSE(service);
        EXPECT_EQ(service.error().code, ExitCode::refused);
        EXPECT_FALSE(SignerService::open(options_for(socket_), {}, source, nullptr));
        std::vector<KeyGrant> elsewhere;
        elsewhere.push_back(grant());
        elsewhere[0].venue = "elsewhere";
        EXPECT_FALSE(SignerService::open(options_for(socket_), std::move(elsewhere), source, nullptr));
    }
    {
        Running running(options_for(socket_));
        const auto unknown = RemoteSigner::open(remote_options(socket_, "read"));
        ASSERT_FALSE(unknown);
        EXPECT_NE(unknown.error().message.find("policy"), std::string::npos) << unknown.error().message;
        // A slot is good only on the connection that opened it.
        RawClient client(socket_);
        ASSERT_TRUE(client.send(request_frame({SignerCall::sign, 0, 1, "GET /accounts"})));
        EXPECT_EQ(read_reply(client.receive())->status, Refusal::no_such_key);
        ASSERT_TRUE(client.send(request_frame({SignerCall::open, 0, 2, "somewhere/trade"})));
        EXPECT_EQ(read_reply(client.receive())->status, Refusal::none);
        ASSERT_TRUE(client.send(request_frame({SignerCall::sign, 0, 3, "GET /accounts"})));
        EXPECT_EQ(read_reply(client.receive())->status, Refusal::none);
        for (const std::uint16_t slot : std::initializer_list<std::uint16_t>{1, 2, 0xffff}) {
            ASSERT_TRUE(client.send(request_frame({SignerCall::sign, slot, 4, "GET /accounts"})));
            EXPECT_EQ(read_reply(client.receive())->status, Refusal::no_such_key) << slot;
        }
    }
    source.works = false;
    {
        Running running(options_for(socket_), nullptr, source);
        Credentials credentials = RemoteSigner::open(remote_options(socket_)).take();
        Signature signature;
        EXPECT_FALSE(credentials.signer->sign("GET /accounts", signature));
        EXPECT_EQ(static_cast<RemoteSigner&>(*credentials.signer).last_refusal(), Refusal::broken);
    }
    source.retired = true;
    Running running(options_for(socket_), nullptr, source);
    EXPECT_FALSE(RemoteSigner::open(remote_options(socket_)));
}

TEST_F(SignerServiceTest, frames_that_are_none_end_a_connection_and_nothing_else)
{
    Running running(options_for(socket_));
    Credentials credentials = RemoteSigner::open(remote_options(socket_)).take();
    Signature signature;
    std::mt19937 random(7);
    const std::string good = request_frame({SignerCall::open, 0, 1, "somewhere/trade"});
    int bad = 0;
    for (int i = 0; i < 200; ++i) {
        std::string bytes;
        if (i % 3 == 0) {
            bytes = good.substr(0, 1 + static_cast<std::size_t>(random()) % (good.size() - 1));
        } else if (i % 3 == 1) {
            bytes = good + std::string(1 + random() % 50, 'x');
        } else {
            bytes.resize(1 + random() % 400);
            for (char& c : bytes) c = static_cast<char>(random());
        }
        RawClient client(socket_);
        ASSERT_TRUE(client.send(bytes));
        const auto reply = read_reply(client.receive());
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->status, Refusal::malformed);
        EXPECT_EQ(client.receive(), "") << "and the connection is over";
        ++bad;
    }
    for (const std::size_t size : {kSignerRequestMax + 1, kSignerRequestMax + 5'000, std::size_t{100'000}}) {
        RawClient client(socket_);
        ASSERT_TRUE(client.send(std::string(size, '\1')));
        EXPECT_EQ(read_reply(client.receive())->status, Refusal::malformed);
        EXPECT_EQ(client.receive(), "");
        ++bad;
    }
    EXPECT_TRUE(credentials.signer->sign("GET /accounts", signature)) << "the others are not troubled";
    EXPECT_EQ(running.end().bad_frames, static_cast<std::uint64_t>(bad));
}

TEST_F(SignerServiceTest, random_bodies_never_break_it)
{
    Running running(options_for(socket_));
    RawClient client(socket_);
    ASSERT_TRUE(client.send(request_frame({SignerCall::open, 0, 1, "somewhere/trade"})));
    ASSERT_EQ(read_reply(client.receive())->status, Refusal::none);
    std::mt19937 random(11);
    for (int i = 0; i < 500; ++i) {
        std::string body(random() % 300, '\0');
        for (char& c : body) c = static_cast<char>(random());
        if (i % 2 == 0) body = "POST /orders?" + body;
        ASSERT_TRUE(client.send(request_frame({SignerCall::sign, 0, 2, body})));
        const auto reply = read_reply(client.receive());
        ASSERT_TRUE(reply);
        EXPECT_NE(reply->status, Refusal::none);
    }
    for (const std::string& body :
         {std::string(), std::string("/"), std::string("somewhere"), std::string(9'000, 'a')}) {
        ASSERT_TRUE(client.send(request_frame({SignerCall::open, 0, 3, body})));
        EXPECT_EQ(read_reply(client.receive())->status, Refusal::no_such_key);
    }
}

TEST_F(SignerServiceTest, other_users_are_not_answered)
{
    SignerServiceOptions options = options_for(socket_);
    options.client = ::geteuid() + 12'345;
    Running running(std::move(options));
    RawClient client(socket_);
    (void)client.send(request_frame({SignerCall::open, 0, 1, "somewhere/trade"}));
    EXPECT_EQ(client.receive(), "");
    const auto refused = RemoteSigner::open(remote_options(socket_));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("does not answer"), std::string::npos);
    EXPECT_EQ(running.end().strangers, 2U);
}

TEST_F(SignerServiceTest, one_other_user_can_be_the_client)
{
    if (::geteuid() != 0) GTEST_SKIP() << "only root can try as another user";
    constexpr uid_t kOther = 65'534;
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0710), 0);
    ASSERT_EQ(::chown(directory_.path().c_str(), 0, kOther), 0);
    SignerServiceOptions closed = options_for(socket_);
    closed.client = kOther;
    TestSource source;
    const auto refused = SignerService::open(std::move(closed), grants_for_tests(), source, nullptr);
    ASSERT_FALSE(refused) << "a directory that a group may enter, without that group being named";
    const auto ask_as = [&](uid_t user) {
        const pid_t child = ::fork();
        if (child == 0) {
            if (::syscall(SYS_setgroups, 0, nullptr) != 0 || ::setgid(kOther) != 0 || ::setuid(user) != 0)
                ::_exit(9);
            Signature signature;
            auto credentials = RemoteSigner::open(remote_options(socket_));
            ::_exit(credentials && credentials->signer->sign("GET /accounts", signature) ? 0 : 1);
        }
        return child;
    };
    SignerServiceOptions options = options_for(socket_);
    options.client = kOther;
    options.group = kOther;
    auto service = SignerService::open(std::move(options), grants_for_tests(), source, nullptr).take();
    for (const auto& [user, code] : std::vector<std::pair<uid_t, int>>{{kOther, 0}, {65'533, 1}}) {
        const pid_t child = ask_as(user);
        int status = 0;
        while (::waitpid(child, &status, WNOHANG) == 0) (void)service->turn(5);
        EXPECT_EQ(WEXITSTATUS(status), code) << user;
    }
    EXPECT_EQ(service->counts().strangers, 1U);
}

TEST_F(SignerServiceTest, a_client_that_does_not_read_holds_nobody_up)
{
    Running running(options_for(socket_));
    Credentials credentials = RemoteSigner::open(remote_options(socket_)).take();
    RawClient slow(socket_);
    const std::string frame = request_frame({SignerCall::open, 0, 1, "somewhere/trade"});
    bool dropped = false;
    Signature signature;
    for (int i = 0; i < 20'000 && !dropped; ++i) {
        dropped = !slow.send(frame);
        if (i % 100 == 0) {
            EXPECT_TRUE(credentials.signer->sign("GET /accounts", signature)) << i;
        }
    }
    EXPECT_TRUE(dropped);
    EXPECT_TRUE(credentials.signer->sign("GET /accounts", signature));
    EXPECT_GE(running.end().dropped, 1U);
}

TEST_F(SignerServiceTest, idle_connections_do_not_keep_others_out)
{
    Running running(options_for(socket_));
    std::vector<std::unique_ptr<RawClient>> idle;
    for (std::size_t i = 0; i < SignerService::kClientsMax + 10; ++i) {
        idle.push_back(std::make_unique<RawClient>(socket_));
        ASSERT_TRUE(idle.back()->connected());
        // Each is taken in before the next one comes: the queue of the listener is short.
        ASSERT_TRUE(idle.back()->send(request_frame({SignerCall::open, 0, 1, "somewhere/trade"})));
        ASSERT_TRUE(read_reply(idle.back()->receive()));
    }
    Credentials credentials = RemoteSigner::open(remote_options(socket_)).take();
    Signature signature;
    EXPECT_TRUE(credentials.signer->sign("GET /accounts", signature));
    EXPECT_EQ(idle.front()->receive(), "") << "the longest idle ones made place";
    EXPECT_EQ(running.end().dropped, 11U);
}

std::int64_t now_ns()
{
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

/// The service in a process that can be killed and stopped.
class Child {
  public:
    explicit Child(const std::string& socket)
    {
        int ready[2];
        if (::pipe(ready) != 0) return;
        pid_ = ::fork();
        if (pid_ == 0) {
            TestSource source;
            auto service = SignerService::open(options_for(socket), grants_for_tests(), source, nullptr);
            if (!service || ::write(ready[1], "x", 1) != 1) ::_exit(1);
            while ((*service)->turn(1'000)) {
            }
            ::_exit(0);
        }
        char byte = 0;
        ::close(ready[1]);
        started_ = ::read(ready[0], &byte, 1) == 1;
        ::close(ready[0]);
    }
    ~Child() { kill(); }
    bool started() const { return started_; }
    void signal(int number) const { ::kill(pid_, number); }
    void kill()
    {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    pid_t pid_ = 0;
    bool started_ = false;
};

TEST_F(SignerServiceTest, a_killed_process_is_false_at_once_and_a_new_one_is_found)
{
    auto child = std::make_unique<Child>(socket_);
    ASSERT_TRUE(child->started());
    RemoteSignerOptions options = remote_options(socket_);
    options.deadline = milliseconds(500);
    Credentials credentials = RemoteSigner::open(options).take();
    auto& signer = static_cast<RemoteSigner&>(*credentials.signer);
    Signature signature;
    ASSERT_TRUE(signer.sign("GET /accounts", signature));
    child->kill();
    const std::int64_t before = now_ns();
    EXPECT_FALSE(signer.sign("GET /accounts", signature));
    EXPECT_FALSE(signer.sign("GET /accounts", signature));
    EXPECT_LT(now_ns() - before, milliseconds(500).ns);
    EXPECT_EQ(signer.last_refusal(), Refusal::broken);
    EXPECT_FALSE(signer.connected());
    child = std::make_unique<Child>(socket_);
    ASSERT_TRUE(child->started()) << "the socket of the killed process is replaced";
    EXPECT_TRUE(signer.sign("GET /accounts", signature));
    // Restarted between two uses: the next one finds the new process in the same call.
    child = nullptr;
    child = std::make_unique<Child>(socket_);
    ASSERT_TRUE(child->started());
    EXPECT_TRUE(signer.sign("GET /accounts", signature));
}

TEST_F(SignerServiceTest, a_hung_process_costs_one_deadline_a_pause)
{
    Child child(socket_);
    ASSERT_TRUE(child.started());
    RemoteSignerOptions options = remote_options(socket_);
    options.deadline = milliseconds(200);
    options.pause = seconds(3600);
    Credentials credentials = RemoteSigner::open(options).take();
    auto& signer = static_cast<RemoteSigner&>(*credentials.signer);
    Signature signature;
    child.signal(SIGSTOP);
    std::int64_t before = now_ns();
    EXPECT_FALSE(signer.sign("GET /accounts", signature));
    EXPECT_GE(now_ns() - before, milliseconds(199).ns);
    EXPECT_LT(now_ns() - before, milliseconds(1'200).ns);
    before = now_ns();
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(signer.sign("GET /accounts", signature));
    EXPECT_LT(now_ns() - before, milliseconds(150).ns) << "not asked again before the pause is over";
    child.signal(SIGCONT);
}

TEST_F(SignerServiceTest, places_where_it_must_not_listen)
{
    TestSource source;
    const auto refused = [&](const SignerServiceOptions& options, std::string_view why) {
        const auto service = SignerService::open(options, grants_for_tests(), source, nullptr);
        ASSERT_FALSE(service) << why;
        EXPECT_NE(service.error().message.find(why), std::string::npos) << service.error().message;
    };
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0750), 0);
    refused(options_for(socket_), "others may enter");
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0700), 0);
    refused(options_for(directory_.file("none/signer.sock")), "needs a directory");
    ASSERT_EQ(::symlink(directory_.path().c_str(), directory_.file("link").c_str()), 0);
    refused(options_for(directory_.file("link") + "/signer.sock"), "needs a directory");
    refused(options_for(directory_.file(std::string(120, 'x'))), "characters");
    refused(options_for(""), "characters");
    test::write_file(socket_, "a file");
    refused(options_for(socket_), "no socket");
    EXPECT_EQ(test::read_file(socket_), "a file");
    ::unlink(socket_.c_str());
    {
        Running running(options_for(socket_));
        refused(options_for(socket_), "another signer");
    }
    struct stat about {};
    EXPECT_NE(::lstat(socket_.c_str(), &about), 0) << "the socket goes with the service";
    EXPECT_FALSE(RemoteSigner::open(remote_options(socket_)));
    EXPECT_FALSE(RemoteSigner::open(remote_options(std::string(200, 'x'))));
}

}  // namespace
}  // namespace arb
