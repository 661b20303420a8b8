#include "engine/app/shell/service_notice.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

namespace arb {
namespace {

/// Half of the watchdog's time is kept below this, whatever the unit says.
constexpr std::int64_t kWatchdogMostUs = 3'600LL * 1'000'000;

std::optional<std::int64_t> number(const char* text)
{
    if (text == nullptr) return std::nullopt;
    const char* const end = text + std::strlen(text);
    std::int64_t value = 0;
    const auto [at, error] = std::from_chars(text, end, value);
    if (error != std::errc{} || at != end || value < 0) return std::nullopt;
    return value;
}

/// The address with its length, or nothing when it is neither a path nor an abstract name, or too long.
std::optional<socklen_t> fill(const std::string& text, sockaddr_un& address)
{
    const bool abstract = text.starts_with('@');
    if (text.size() < 2 || (!abstract && text.front() != '/')) return std::nullopt;
    if (text.size() >= sizeof address.sun_path || text.find('\0') != std::string::npos) return std::nullopt;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, text.data(), text.size());
    // An abstract name begins with a zero byte and has no end mark: its length says where it ends.
    if (abstract) address.sun_path[0] = '\0';
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size() + (abstract ? 0 : 1));
}

/// A line feed would begin another assignment.
std::string notice_line(std::string_view text)
{
    std::string line(text.substr(0, 400));
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    return line;
}

}  // namespace

ServiceNotice::ServiceNotice(std::string address, Duration watchdog)
    : address_(std::move(address)), watchdog_(watchdog)
{
    sockaddr_un unused{};
    if (fill(address_, unused)) socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

ServiceNotice::ServiceNotice(ServiceNotice&& other) noexcept
    : address_(std::move(other.address_)),
      watchdog_(other.watchdog_),
      socket_(std::exchange(other.socket_, -1)),
      ready_(other.ready_),
      stopping_(other.stopping_),
      beaten_(other.beaten_)
{
}

ServiceNotice::~ServiceNotice()
{
    if (socket_ >= 0) ::close(socket_);
}

ServiceNotice ServiceNotice::from_environment()
{
    const char* const address = std::getenv("NOTIFY_SOCKET");
    if (address == nullptr) return {};
    std::int64_t watchdog = number(std::getenv("WATCHDOG_USEC")).value_or(0);
    // The variables are inherited: those of somebody above us are not meant for us.
    const auto pid = number(std::getenv("WATCHDOG_PID"));
    if (watchdog > kWatchdogMostUs || (pid && *pid != ::getpid())) watchdog = 0;
    return {address, microseconds(watchdog)};
}

bool ServiceNotice::send(const std::string& text)
{
    if (socket_ < 0) return false;
    sockaddr_un address{};
    const std::optional<socklen_t> size = fill(address_, address);
    return size &&
           ::sendto(socket_, text.data(), text.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address), *size) == static_cast<ssize_t>(text.size());
}

void ServiceNotice::ready(std::string_view status, Timestamp now)
{
    if (ready_) return;
    ready_ = true;
    beaten_ = now;
    (void)send("READY=1\nSTATUS=" + notice_line(status));
}

void ServiceNotice::status(std::string_view text)
{
    (void)send("STATUS=" + notice_line(text));
}

bool ServiceNotice::beat(Timestamp now)
{
    if (!ready_ || watchdog_.ns <= 0 || now - beaten_ < Duration{watchdog_.ns / 2}) return false;
    // A full socket is tried again at the next turn.
    if (!send("WATCHDOG=1")) return false;
    beaten_ = now;
    return true;
}

void ServiceNotice::stopping(std::string_view status)
{
    if (stopping_) return;
    stopping_ = true;
    (void)send("STOPPING=1\nSTATUS=" + notice_line(status));
}

}  // namespace arb
