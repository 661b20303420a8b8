// The asking side of the command socket: plain blocking calls with one deadline, no loop.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/net/command_socket.hpp"

namespace arb::net {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kAnswerBytesMax = 16U << 20U;

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor()
    {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return number_; }

  private:
    int number_;
};

bool wait_for(int descriptor, short events, Clock::time_point until)
{
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) return false;
        pollfd wanted{descriptor, events, 0};
        const int ready = ::poll(&wanted, 1, static_cast<int>(std::min<long>(left, 60000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

Answer trouble(const std::string& path, const char* what)
{
    return {false, std::string(what) + " (" + path + ")"};
}

}  // namespace

Answer ask(const std::string& path, std::string_view line, std::chrono::milliseconds timeout)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return trouble(path, "no socket can have that path");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const bool one_line =
        line.find('\n') == std::string_view::npos && line.size() < CommandServer::kLineBytesMax;
    if (!one_line) return trouble(path, "a command is one short line");
    const Clock::time_point until = Clock::now() + timeout;
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0) return trouble(path, "no socket can be made");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return trouble(path, errno == EAGAIN ? "the program is too busy to listen" : "nobody listens there");
    std::string question(line);
    question += '\n';
    for (std::size_t sent = 0; sent < question.size();) {
        if (!wait_for(socket.get(), POLLOUT, until))
            return trouble(path, "the program takes no command in time");
        const auto written =
            ::send(socket.get(), question.data() + sent, question.size() - sent, MSG_NOSIGNAL);
        if (written < 0 && errno != EAGAIN && errno != EINTR) return trouble(path, "the program hung up");
        if (written > 0) sent += static_cast<std::size_t>(written);
    }
    Answer answer{true, {}};
    char bytes[4096];
    for (;;) {
        if (!wait_for(socket.get(), POLLIN, until))
            return trouble(path, "the program does not answer in time");
        const auto got = ::recv(socket.get(), bytes, sizeof bytes, 0);
        if (got == 0) break;
        if (got < 0 && errno != EAGAIN && errno != EINTR) return trouble(path, "the program hung up");
        if (got > 0) answer.text.append(bytes, static_cast<std::size_t>(got));
        if (answer.text.size() > kAnswerBytesMax) return trouble(path, "the program's answer has no end");
    }
    if (answer.text.empty()) return trouble(path, "the program hung up without an answer");
    return answer;
}

}  // namespace arb::net
