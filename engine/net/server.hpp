#pragma once
// HTTPS and websockets on one listening port, over TLS: what emulated venues and tests stand on. Loop thread;
// one handler gets everything, from Loop::run_once only. Requests may be answered later; websockets can be
// cut, frozen or fed raw bytes, so that faults can be played. Constructor and listen() throw
// std::runtime_error.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/net/loop.hpp"
#include "engine/net/trust.hpp"
#include "engine/net/types.hpp"

namespace arb::net {

struct ServerRequest {
    std::string method;
    std::string target;  ///< path and query, as sent
    Headers headers;
    PaddedText body;
    std::string remote;  ///< the peer's address, without port
};

class ServerHandler {
  public:
    /// To be answered with respond(), now or later; every exchange owes one answer (or cut_exchange).
    virtual void on_request(ExchangeId exchange, ServerRequest& request) = 0;
    /// The HTTP status to refuse a websocket with; 101 accepts it.
    virtual int on_upgrade(SessionId session, const ServerRequest& request) = 0;
    virtual void on_session_open(SessionId session) = 0;  ///< from here on send() works
    /// A whole message with kPadding zero bytes behind it; may be changed in place.
    virtual void on_session_frame(SessionId session, char* data, std::size_t size) = 0;
    /// Once for each accepted session, unless cut() ended it.
    virtual void on_session_closed(SessionId session, const CloseInfo& info) = 0;

  protected:
    ~ServerHandler() = default;
};

struct ServerPolicy {
    std::size_t connections_max = 1024;  ///< more are closed at once
    std::chrono::milliseconds idle{
        30000};  ///< an HTTP connection without a (whole) request is closed after that
    Limits limits = default_limits();

    /// Replies may be larger than orders, pings are the client's business.
    static Limits default_limits();
};

class Server {
  public:
    Server(Loop& loop, const ServerIdentity& identity, ServerHandler& handler, ServerPolicy policy = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// A numeric address; port 0 takes any. Returns the port.
    std::uint16_t listen(const std::string& address, std::uint16_t port);
    void stop_listening();

    /// False: the exchange is gone.
    bool respond(ExchangeId exchange, int status, const Headers& headers, std::string_view body);
    void cut_exchange(ExchangeId exchange);  ///< TCP reset instead of an answer

    bool send(SessionId session, std::string_view text);
    void close(SessionId session, int code = 1000, std::string_view reason = {});
    void cut(SessionId session);     ///< TCP reset; nothing more is heard of it
    void freeze(SessionId session);  ///< half open: reads and answers nothing, keeps the socket
    bool send_raw(SessionId session, std::string_view bytes);  ///< bytes that need not be frames
    std::size_t connection_count() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace arb::net
