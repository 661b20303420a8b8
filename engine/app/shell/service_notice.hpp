#pragma once
// What a service tells systemd about itself: ready, what it does, still alive, stopping. Used by `run` and
// `signer`. One datagram a word to the socket that NOTIFY_SOCKET names (a path, or @ and an abstract name),
// so no library is needed. Without that socket every call does nothing. A word that cannot be delivered is
// lost: the service goes on, and systemd judges by the words that do arrive. Main thread; times are the
// caller's.
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

class ServiceNotice {
  public:
    /// Nobody listens.
    ServiceNotice() = default;
    /// `watchdog`: systemd ends the process when it hears nothing for so long; zero: it does not.
    ServiceNotice(std::string address, Duration watchdog);
    ~ServiceNotice();
    ServiceNotice(const ServiceNotice&) = delete;
    ServiceNotice& operator=(const ServiceNotice&) = delete;
    ServiceNotice(ServiceNotice&& other) noexcept;
    ServiceNotice& operator=(ServiceNotice&&) = delete;

    /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    static ServiceNotice from_environment();

    bool listening() const { return socket_ >= 0; }
    bool is_ready() const { return ready_; }
    Duration watchdog() const { return watchdog_; }

    /// The service does its work from here on. Once; later calls do nothing.
    void ready(std::string_view status, Timestamp now);
    /// What it does, one line.
    void status(std::string_view text);
    /// Called from each turn of the loop that really ran: says so when half of the watchdog's time is over.
    /// True when it was time. Before ready() nothing is said: the start has a limit of its own.
    bool beat(Timestamp now);
    /// The end has begun. Once; later calls do nothing.
    void stopping(std::string_view status);

  private:
    bool send(const std::string& text);

    std::string address_;
    Duration watchdog_;
    int socket_ = -1;
    bool ready_ = false;
    bool stopping_ = false;
    Timestamp beaten_;
};

}  // namespace arb
