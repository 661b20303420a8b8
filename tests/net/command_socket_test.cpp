// Commands over the Unix socket: round trips, rights of the file, leftovers of a crash, clients that
// misbehave.
#include "engine/net/command_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <fstream>
#include <future>

#include "tests/net/support.hpp"

namespace arb::net::test {
namespace {

std::string socket_path()
{
    return temporary_path("commands.sock");
}

/// ask() blocks, so it runs beside while this thread turns the loop.
Answer ask_beside(Loop& loop, const std::string& line, milliseconds timeout = milliseconds(5000))
{
    auto asked = std::async(std::launch::async, [&] { return ask(socket_path(), line, timeout); });
    pump(loop, [&] { return asked.wait_for(milliseconds(0)) == std::future_status::ready; });
    return asked.get();
}

int connect_raw()
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path().c_str(), sizeof address.sun_path - 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return descriptor;
}

bool hung_up(int descriptor)
{
    char byte = 0;
    return ::recv(descriptor, &byte, 1, 0) == 0;
}

TEST(CommandSocket, AnswersOneLineWithOneText)
{
    Loop loop;
    std::string heard;
    CommandServer commands(loop, socket_path(), [&](std::string_view line) {
        heard = line;
        return "{\"state\":\"running\",\n\"big\":\"" + std::string(300'000, 'x') + "\"}";
    });
    const Answer answer = ask_beside(loop, "status --output json");
    EXPECT_TRUE(answer.ok) << answer.text;
    EXPECT_EQ(heard, "status --output json");
    EXPECT_EQ(answer.text.size(), 300'029U);
    EXPECT_TRUE(ask_beside(loop, "again").ok);
}

TEST(CommandSocket, FileIsPrivateAndGoesWithTheServer)
{
    Loop loop;
    {
        CommandServer commands(loop, socket_path(), [](std::string_view) { return std::string("ok"); });
        using std::filesystem::perms;
        EXPECT_EQ(std::filesystem::status(socket_path()).permissions(),
                  perms::owner_read | perms::owner_write);
    }
    EXPECT_FALSE(std::filesystem::exists(socket_path()));
    EXPECT_FALSE(ask(socket_path(), "status", milliseconds(100)).ok);
}

TEST(CommandSocket, ReplacesAStaleSocketOnly)
{
    Loop loop;
    const auto handler = [](std::string_view) { return std::string("ok"); };
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, socket_path().c_str(), sizeof address.sun_path - 1);
        const int crashed = ::socket(AF_UNIX, SOCK_STREAM, 0);
        ASSERT_EQ(::bind(crashed, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::close(crashed);
    }
    {
        CommandServer commands(loop, socket_path(), handler);
        EXPECT_TRUE(ask_beside(loop, "x").ok);
        EXPECT_THROW(CommandServer(loop, socket_path(), handler), std::runtime_error);
        EXPECT_TRUE(ask_beside(loop, "x").ok) << "the second server took the first one's socket away";
    }
    std::ofstream(socket_path()) << "precious";
    EXPECT_THROW(CommandServer(loop, socket_path(), handler), std::runtime_error);
    EXPECT_TRUE(std::filesystem::is_regular_file(socket_path()));
    std::filesystem::remove(socket_path());
    EXPECT_THROW(CommandServer(loop, std::string(200, 'p'), handler), std::runtime_error);
}

TEST(CommandSocket, HangsUpOnSilentAndEndlessClients)
{
    Loop loop;
    int calls = 0;
    CommandServer commands(
        loop, socket_path(),
        [&](std::string_view) {
            ++calls;
            return std::string("ok");
        },
        milliseconds(60));
    const int silent = connect_raw();
    EXPECT_TRUE(pump(loop, [&] { return hung_up(silent); }));
    const int endless = connect_raw();
    const std::string line(CommandServer::kLineBytesMax, 'x');
    EXPECT_EQ(::send(endless, line.data(), line.size(), 0), static_cast<ssize_t>(line.size()));
    EXPECT_TRUE(pump(loop, [&] { return hung_up(endless); }));
    EXPECT_EQ(calls, 0);
    ::close(silent);
    ::close(endless);
}

TEST(CommandSocket, WordsThatWaitedForTheProgramAreNoSilence)
{
    Loop loop;
    int heard = 0;
    CommandServer commands(
        loop, socket_path(),
        [&](std::string_view) {
            ++heard;
            return "yes";
        },
        milliseconds(0));
    const int client = connect_raw(), silent = connect_raw();
    EXPECT_EQ(::send(client, "pause\n", 6, 0), 6);
    EXPECT_TRUE(pump(loop, [&] { return hung_up(silent); }));
    EXPECT_TRUE(pump(loop, [&] { return heard > 0; }));
    EXPECT_EQ(heard, 1);
    ::close(client);
    ::close(silent);
}

TEST(CommandSocket, AskHasADeadlineAndChecksItsLine)
{
    Loop loop;
    CommandServer commands(loop, socket_path(), [](std::string_view) { return std::string("ok"); });
    const Answer late = ask(socket_path(), "status", milliseconds(30));  // nobody turns the loop
    EXPECT_FALSE(late.ok);
    EXPECT_FALSE(late.text.empty());
    EXPECT_FALSE(ask(socket_path(), "two\nlines", milliseconds(30)).ok);
    EXPECT_FALSE(ask(socket_path(), std::string(5000, 'x'), milliseconds(30)).ok);
    EXPECT_FALSE(ask("", "status", milliseconds(30)).ok);
}

}  // namespace
}  // namespace arb::net::test
