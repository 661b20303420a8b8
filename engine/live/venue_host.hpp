#pragma once
// An emulated venue behind real sockets: EmulatedVenue on one TLS port for REST and websockets, with faults
// played on the way in and out. Called by whoever turns the loop; the exchange behind the venue is told of
// through `deliver`, which hands what happened to the venue's protocol side. Loop thread; the constructor and
// listen throw std::runtime_error.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/net/server.hpp"
#include "engine/venue/emulated_venue.hpp"

namespace arb {

/// What happens to one message.
enum class Fate : std::uint8_t {
    pass,
    drop,         ///< it never arrives (of a request: neither executed nor answered)
    mute,         ///< executed, the answer is lost
    cut_before,   ///< the connection is reset before it is looked at
    cut_after,    ///< executed, then the connection is reset without an answer
    fail_before,  ///< the venue's 5xx, not executed
    fail_after,   ///< the venue's 5xx, executed
    ban,          ///< the venue's ban with Retry-After; not executed
    duplicate,    ///< outgoing: told twice
    reorder,      ///< outgoing: told after the message behind it
    freeze,       ///< the connection goes silent without ending
};
const char* name(Fate fate);

struct Ordeal {
    Fate fate = Fate::pass;
    Duration delay;  ///< before it goes on
    Duration ban;    ///< for so long
};

/// Decides the fate of messages; deterministic from its seed. May be absent.
class HostFaults {
  public:
    virtual ~HostFaults() = default;
    virtual Ordeal on_request(const ServerRequest& request, Timestamp now) = 0;
    virtual Ordeal on_frame_in(std::string_view text, Timestamp now) = 0;
    virtual Ordeal on_frame_out(std::string_view text, Timestamp now) = 0;
};

class VenueHost final : private net::ServerHandler, public SessionOutbox {
  public:
    /// `now` is the venue's clock; `deliver` is called after everything that may have changed the exchange.
    VenueHost(net::Loop& loop, const net::ServerIdentity& identity, EmulatedVenue& venue, HostFaults* faults,
              std::function<Timestamp()> now, std::function<void(SessionOutbox&)> deliver);
    ~VenueHost() override;

    std::uint16_t listen(std::uint16_t port);
    /// Delayed messages that are due, and the venue's own timers.
    void on_time();

    // SessionOutbox
    void send(SessionId session, std::string text) override;
    void close(SessionId session, int code, std::string_view reason) override;

  private:
    void on_request(net::ExchangeId exchange, net::ServerRequest& request) override;
    int on_upgrade(net::SessionId session, const net::ServerRequest& request) override;
    void on_session_open(net::SessionId session) override;
    void on_session_frame(net::SessionId session, char* data, std::size_t size) override;
    void on_session_closed(net::SessionId session, const net::CloseInfo& info) override;
    void answer(net::ExchangeId exchange, const ServerReply& reply);
    void serve(net::ExchangeId exchange, const ServerRequest& request, const Ordeal& verdict);
    void later(Duration delay, std::function<void()> action);
    void put(SessionId session, const std::string& text);

    EmulatedVenue* venue_;
    HostFaults* faults_;
    std::function<Timestamp()> now_;
    std::function<void(SessionOutbox&)> deliver_;
    std::unique_ptr<net::Server> server_;
    std::multimap<Timestamp, std::function<void()>> later_;
    std::map<SessionId, std::vector<std::string>> early_;  ///< sent before the upgrade was answered
    std::map<SessionId, std::string> held_;                ///< waits for the message behind it
    std::map<SessionId, Timestamp> quiet_until_;           ///< delayed messages keep their order
    Timestamp ticked_;
    Timestamp banned_until_;
};

}  // namespace arb
