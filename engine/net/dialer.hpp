#pragma once
// From a host name to a connected, non-blocking socket, for the .cpp files of engine/net alone. Name and
// addresses are tried within one deadline; proxies of the environment are never looked at. Names resolve on
// Asio's own thread, so a slow name server blocks nothing here. Loop thread; `done` is called once, from
// run_once, unless cancelled first.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/net/loop_core.hpp"
#include "engine/net/types.hpp"

namespace arb::net {

class Dialer : public Ticking, public std::enable_shared_from_this<Dialer> {
  public:
    /// `descriptor` >= 0 is the receiver's to close; else `kind` is resolve or connect and `text` says why.
    using Done = std::function<void(int descriptor, CloseKind kind, const std::string& text)>;

    static std::shared_ptr<Dialer> start(LoopCore& core, const std::string& host, std::uint16_t port,
                                         std::chrono::milliseconds deadline, Done done);
    virtual ~Dialer();
    void cancel();
    void on_tick(TimePoint now) override;

  private:
    struct Asio;
    Dialer(LoopCore& core, const std::string& host, std::uint16_t port, std::chrono::milliseconds deadline,
           Done done);
    void resolve();
    bool use_recent(std::chrono::seconds age_max);
    void connect_next();
    void finish(int descriptor, CloseKind kind, const std::string& text);

    LoopCore& core_;
    std::string host_;
    std::uint16_t port_;
    TimePoint until_;
    TimePoint address_until_;
    Done done_;
    std::vector<std::string> addresses_;
    std::size_t next_ = 0;
    std::string trouble_;
    std::unique_ptr<Asio> asio_;
};

}  // namespace arb::net
