// The words to systemd, heard on a real datagram socket in systemd's place.
#include "engine/app/shell/service_notice.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "engine/app/demo/demo.hpp"
#include "engine/app/shell/command.hpp"
#include "tests/app/trading_child.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

/// Listens where systemd would; `@` begins an abstract name.
class Listener {
  public:
    explicit Listener(const std::string& name)
        : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        std::size_t size = offsetof(sockaddr_un, sun_path) + name.size() + 1;
        if (name.front() == '@') {
            address.sun_path[0] = '\0';
            --size;
        }
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)),
                  0)
            << std::strerror(errno);
    }
    ~Listener() { ::close(socket_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// All that has arrived; delivery between two Unix sockets is at once.
    std::vector<std::string> heard() const
    {
        std::vector<std::string> words;
        char bytes[1024];
        for (ssize_t n = 0; (n = ::recv(socket_, bytes, sizeof bytes, 0)) >= 0;)
            words.emplace_back(bytes, static_cast<std::size_t>(n));
        return words;
    }

  private:
    int socket_;
};

class Variable {
  public:
    Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    ~Variable() { ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    const char* name_;
};

using Words = std::vector<std::string>;

TEST(ServiceNotice, says_each_word_in_one_datagram_to_a_path)
{
    const test::PrivateDirectory directory;
    const Listener listener(directory.file("notify"));
    ServiceNotice notice(directory.file("notify"), seconds(30));
    EXPECT_TRUE(notice.listening());
    notice.ready("trading", {1});
    notice.ready("trading again", {2});
    notice.status("12 orders");
    notice.stopping("flattening");
    notice.stopping("still flattening");
    EXPECT_EQ(listener.heard(),
              (Words{"READY=1\nSTATUS=trading", "STATUS=12 orders", "STOPPING=1\nSTATUS=flattening"}));
}

TEST(ServiceNotice, reaches_an_abstract_socket)
{
    const std::string name = "@arbiter-notice-test-" + std::to_string(::getpid());
    const Listener listener(name);
    ServiceNotice notice(name, {});
    notice.ready("here", {1});
    EXPECT_EQ(listener.heard(), Words{"READY=1\nSTATUS=here"});
}

TEST(ServiceNotice, beats_at_half_of_the_watchdogs_time_and_only_when_asked)
{
    const test::PrivateDirectory directory;
    const Listener listener(directory.file("notify"));
    ServiceNotice notice(directory.file("notify"), seconds(10));
    const Timestamp begin{seconds(1000).ns};
    EXPECT_FALSE(notice.beat(begin + seconds(60))) << "not before it is ready";
    notice.ready("trading", begin);
    EXPECT_FALSE(notice.beat(begin + milliseconds(4999)));
    EXPECT_TRUE(notice.beat(begin + seconds(5)));
    EXPECT_FALSE(notice.beat(begin + milliseconds(9999)));
    EXPECT_TRUE(notice.beat(begin + seconds(10)));
    EXPECT_EQ(listener.heard(), (Words{"READY=1\nSTATUS=trading", "WATCHDOG=1", "WATCHDOG=1"}));
}

TEST(ServiceNotice, a_status_cannot_carry_another_word)
{
    const test::PrivateDirectory directory;
    const Listener listener(directory.file("notify"));
    ServiceNotice notice(directory.file("notify"), {});
    notice.status("venue says\nREADY=1\x1b[2J");
    EXPECT_EQ(listener.heard(), Words{"STATUS=venue says READY=1 [2J"});
}

TEST(ServiceNotice, without_a_listener_everything_goes_on)
{
    const test::PrivateDirectory directory;
    ServiceNotice nobody;
    EXPECT_FALSE(nobody.listening());
    nobody.ready("x", {1});
    ServiceNotice gone(directory.file("nothing"), seconds(2));
    gone.ready("x", {1});
    EXPECT_FALSE(gone.beat(Timestamp{} + seconds(100)));
    EXPECT_TRUE(gone.is_ready());
    for (const char* address : {"", "relative", "/", "@"}) {
        const ServiceNotice odd(address, {});
        EXPECT_FALSE(odd.listening()) << address;
    }
    const ServiceNotice too_long("/" + std::string(200, 'a'), {});
    EXPECT_FALSE(too_long.listening());
}

TEST(ServiceNotice, a_watchdog_that_missed_a_full_socket_is_told_at_the_next_turn)
{
    const test::PrivateDirectory directory;
    const Listener listener(directory.file("notify"));
    ServiceNotice notice(directory.file("notify"), seconds(2));
    notice.ready("x", {1});
    std::optional<Timestamp> missed;
    Timestamp now{1};
    for (int i = 0; i < 100'000 && !missed; ++i) {
        now = now + seconds(1);
        if (!notice.beat(now)) missed = now;
    }
    ASSERT_TRUE(missed) << "the queue of a datagram socket is bounded";
    (void)listener.heard();
    EXPECT_TRUE(notice.beat(*missed + milliseconds(1)));
    EXPECT_EQ(listener.heard(), Words{"WATCHDOG=1"});
}

TEST(ServiceNotice, reads_the_environment_of_its_service)
{
    EXPECT_FALSE(ServiceNotice::from_environment().listening());
    const test::PrivateDirectory directory;
    const Variable socket("NOTIFY_SOCKET", directory.file("notify"));
    EXPECT_TRUE(ServiceNotice::from_environment().listening());
    EXPECT_EQ(ServiceNotice::from_environment().watchdog(), Duration{});
    const Variable period("WATCHDOG_USEC", "30000000");
    EXPECT_EQ(ServiceNotice::from_environment().watchdog(), seconds(30));
    {
        const Variable process("WATCHDOG_PID", std::to_string(::getpid()));
        EXPECT_EQ(ServiceNotice::from_environment().watchdog(), seconds(30));
    }
    {
        const Variable process("WATCHDOG_PID", std::to_string(::getppid()));
        EXPECT_EQ(ServiceNotice::from_environment().watchdog(), Duration{}) << "meant for another process";
    }
    for (const char* odd : {"", "-1", "30s", "99999999999999999999"}) {
        const Variable wrong("WATCHDOG_USEC", odd);
        EXPECT_EQ(ServiceNotice::from_environment().watchdog(), Duration{}) << odd;
    }
}

TEST(ServiceNotice, a_run_is_ready_when_it_trades_lives_while_it_turns_and_tells_its_end)
{
    const test::PrivateDirectory directory;
    const EmulatedWorldConfig config = demo_world({"bybit", "okx"}, 5, false, plugins());
    EmulatedWorld world(config, plugins(), directory.file("venues"));
    world.start();
    test::write_file(directory.file("run.toml"), demo_config(world, config));
    const Listener listener(directory.file("notify"));
    Words words;
    {
        const Variable socket("NOTIFY_SOCKET", directory.file("notify"));
        const Variable period("WATCHDOG_USEC", "200000");
        test::ProgramChild run({"run", directory.file("run.toml"), "--directory", directory.file("state"),
                                "--unsafe-endpoint", "--seconds", "0"},
                               {{}, directory.file("said"), {}});
        // Read all along: the queue of a socket is short, and a full one would lose the last words.
        while (!run.ended_within(20)) {
            for (std::string& word : listener.heard()) words.push_back(std::move(word));
            if (words.size() > 5)
                (void)net::ask(directory.file("state") + "/control.sock", "stop", std::chrono::seconds(60));
        }
        EXPECT_EQ(run.code(), 0) << test::read_file(directory.file("said"));
    }
    for (std::string& word : listener.heard()) words.push_back(std::move(word));
    ASSERT_GT(words.size(), 3U) << test::read_file(directory.file("said"));
    EXPECT_TRUE(words.front().starts_with("READY=1\nSTATUS=trading: 2 venues")) << words.front();
    const auto ends = [](const std::string& word) { return word.starts_with("STOPPING=1\n"); };
    EXPECT_EQ(std::count_if(words.begin(), words.end(), ends), 1) << words.back();
    EXPECT_GT(std::count(words.begin(), words.end(), "WATCHDOG=1"), 3);
}

}  // namespace
}  // namespace arb
