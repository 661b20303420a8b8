#pragma once
// A venue for measuring latency: an emulated one (matching, protocol, signatures checked) on a TLS
// port, without the queue and the latency of VenueServer, so that its stamps stand right at the socket: one
// just before a frame is handed to the server's write, one at the entry of a client's frame. Orders are kept
// back until release(), so that the venue's own work on the first leg does not delay reading the second. Also
// a bare server that notes when an echo has come back. Loop thread; constructors throw std::runtime_error.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/live/clock.hpp"
#include "engine/net/server.hpp"
#include "engine/venue/venue.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb {

/// Steady nanoseconds.
std::int64_t steady_stamp();

/// An order frame as it arrived.
struct Arrival {
    std::int64_t at = 0;
    std::size_t bytes = 0;
};

/// A frame as it was handed to the socket.
struct Departure {
    std::int64_t at = 0;
    std::size_t bytes = 0;
};

struct StampedVenueSetup {
    const ConnectorType* type = nullptr;
    std::string market;
    std::vector<ListingDefinition> definitions;
    const InstrumentTable* table = nullptr;  ///< outlives the venue
    VenueId id{};
    net::ServerIdentity identity;
};

class StampedVenue final : private net::ServerHandler, private SessionOutbox {
  public:
    static constexpr AccountId kClient{1};

    StampedVenue(net::Loop& loop, const LiveClock& clock, const StampedVenueSetup& setup);
    ~StampedVenue();
    StampedVenue(const StampedVenue&) = delete;
    StampedVenue& operator=(const StampedVenue&) = delete;

    std::uint16_t port() const { return port_; }
    EmulatedExchange& exchange() { return exchange_; }
    const EmulatedKey& trade_key() const;

    /// The market's book becomes this and subscribers are told; the first frame's stamp and size.
    Departure set_book(ListingId listing, const std::vector<Level>& bids, const std::vector<Level>& asks);
    /// The venue's heartbeat, every 100 ms.
    void turn();
    /// The order that waits; the first if there are several.
    std::optional<Arrival> waiting() const;
    /// Hands the orders that wait to the venue. How many there were.
    std::size_t release();

  private:
    void on_request(net::ExchangeId exchange, net::ServerRequest& request) override;
    int on_upgrade(net::SessionId session, const net::ServerRequest& request) override;
    void on_session_open(net::SessionId session) override;
    void on_session_frame(net::SessionId session, char* data, std::size_t size) override;
    void on_session_closed(net::SessionId session, const net::CloseInfo& info) override;
    void send(SessionId session, std::string text) override;
    void close(SessionId session, int code, std::string_view reason) override;

    void take(SessionId session, std::string_view text);
    Departure deliver();
    Departure flush();

    struct Message {
        SessionId session{};
        std::string text;
        int close_code = 0;  ///< not 0: close with this
    };
    struct Held {
        SessionId session{};
        std::string text;
        Arrival arrival;
    };
    const LiveClock* clock_;
    EmulatedExchange exchange_;
    std::vector<EmulatedKey> keys_;
    std::unique_ptr<EmulatedVenue> venue_;
    std::vector<Message> out_;
    std::vector<Held> held_;
    Timestamp ticked_;
    std::uint16_t port_ = 0;
    std::unique_ptr<net::Server> server_;  // last: its end may call back no more
};

/// The venue side of the echo: one websocket, text out, the same text back.
class EchoServer final : private net::ServerHandler {
  public:
    EchoServer(net::Loop& loop, const net::ServerIdentity& identity);
    std::uint16_t port() const { return port_; }
    bool connected() const { return session_.has_value(); }
    /// Sends; back() becomes the stamp of its return. The stamp before the write.
    std::int64_t send(std::string_view text);
    std::int64_t back() const { return back_; }  ///< 0: not yet

  private:
    void on_request(net::ExchangeId exchange, net::ServerRequest& request) override;
    int on_upgrade(net::SessionId, const net::ServerRequest&) override { return 101; }
    void on_session_open(net::SessionId session) override { session_ = session; }
    void on_session_frame(net::SessionId session, char* data, std::size_t size) override;
    void on_session_closed(net::SessionId, const net::CloseInfo&) override { session_.reset(); }

    net::Server server_;
    std::optional<net::SessionId> session_;
    std::int64_t back_ = 0;
    std::size_t sent_ = 0;
    std::uint16_t port_ = 0;
};

}  // namespace arb
