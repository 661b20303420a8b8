#include "engine/net/tcp_floor.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace arb::net {

namespace {

constexpr std::size_t kTcpWarm = 500;
constexpr std::size_t kTcpBytes = 300;

std::int64_t now_ns()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

[[noreturn]] void refuse(const char* what)
{
    throw std::runtime_error(std::string("a TCP echo with itself: ") + what + ": " + std::strerror(errno));
}

class Socket {
  public:
    explicit Socket(int descriptor) : descriptor_(descriptor)
    {
        if (descriptor < 0) refuse("no socket");
    }
    ~Socket() { ::close(descriptor_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int get() const { return descriptor_; }
    void spin() const
    {
        const int on = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::fcntl(descriptor_, F_SETFL, O_NONBLOCK) != 0) refuse("a socket that does not wait");
    }

  private:
    int descriptor_;
};

// All bytes, without ever sleeping. False: the other side is gone or was told to stop.
bool take_all(int descriptor, char* bytes, const std::atomic<bool>& stop)
{
    for (std::size_t got = 0; got < kTcpBytes;) {
        const ssize_t more = ::recv(descriptor, bytes + got, kTcpBytes - got, 0);
        if (more > 0) got += static_cast<std::size_t>(more);
        if (more == 0 || (more < 0 && errno != EAGAIN && errno != EINTR) ||
            stop.load(std::memory_order_relaxed))
            return false;
    }
    return true;
}

}  // namespace

std::vector<std::int64_t> tcp_echo_times(std::size_t count, const std::function<void()>& on_other_thread)
{
    const Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener.get(), raw, size) != 0 || ::listen(listener.get(), 1) != 0 ||
        ::getsockname(listener.get(), raw, &size) != 0)
        refuse("no port of its own");
    const Socket ours(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(ours.get(), raw, size) != 0) refuse("no connection to itself");
    const Socket theirs(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ours.spin();
    theirs.spin();
    std::atomic<bool> stop{false};
    std::thread echo([&] {
        if (on_other_thread) on_other_thread();
        char bytes[kTcpBytes];
        while (take_all(theirs.get(), bytes, stop) &&
               ::send(theirs.get(), bytes, kTcpBytes, MSG_NOSIGNAL) > 0) {
        }
    });
    std::vector<std::int64_t> times;
    char bytes[kTcpBytes] = {};
    bool good = true;
    for (std::size_t i = 0; good && i < kTcpWarm + count; ++i) {
        const std::int64_t begin = now_ns();
        good = ::send(ours.get(), bytes, kTcpBytes, MSG_NOSIGNAL) > 0 && take_all(ours.get(), bytes, stop);
        if (good && i >= kTcpWarm) times.push_back(now_ns() - begin);
    }
    stop = true;
    echo.join();
    if (!good) refuse("the echo ended");
    return times;
}

}  // namespace arb::net
