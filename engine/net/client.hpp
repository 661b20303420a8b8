#pragma once
// Websockets and HTTPS requests to other hosts, over TLS that verifies chain and host name. Loop thread; one
// handler gets everything, always from Loop::run_once, never from inside a call. No redirect is followed, no
// proxy setting of the environment is looked at, compression is never offered. Only the constructor throws
// (the CA file cannot be used).
#include <memory>
#include <string>
#include <string_view>

#include "engine/net/loop.hpp"
#include "engine/net/trust.hpp"
#include "engine/net/types.hpp"

namespace arb::net {

class ClientHandler {
  public:
    virtual void on_open(LinkId link) = 0;
    /// A whole message, text or binary, with kPadding zero bytes behind it; it may be changed in place, and
    /// is gone when this returns.
    virtual void on_frame(LinkId link, char* data, std::size_t size) = 0;
    /// Once for every open() that was not abandoned; the link's id is dead from here on.
    virtual void on_closed(LinkId link, const CloseInfo& info) = 0;
    /// Once for every request().
    virtual void on_reply(RequestId request, HttpOutcome& outcome) = 0;

  protected:
    ~ClientHandler() = default;
};

/// How HTTPS requests share connections.
struct HttpPolicy {
    std::size_t connections_max = 4;  ///< to one host and port
    std::size_t queue_max = 256;      ///< requests that wait for one of those connections; more are refused
    std::chrono::milliseconds idle{15000};  ///< an unused connection is closed after that
    Limits limits;
};

class Client {
  public:
    Client(Loop& loop, const TlsTrust& trust, ClientHandler& handler, HttpPolicy policy = {});
    /// Closes everything at once; nobody is told. Not from a callback.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// wss://host[:port]/target. Every failure, a bad address too, comes by on_closed.
    LinkId open(const std::string& url, const Headers& headers = {}, const Limits& limits = {});

    /// One text message, written to the socket before this returns when the socket takes it. False: not open,
    /// or the send buffer is full (then the link is cut and on_closed says send_blocked). No allocation once
    /// warm.
    bool send(LinkId link, std::string_view text);

    /// The closing handshake, with a deadline; on_closed follows.
    void close(LinkId link, int code = 1000, std::string_view reason = {});

    /// Cuts the connection now; nothing more is heard of the link.
    void abandon(LinkId link);

    /// A request whose bytes may have left is never sent again by itself. on_reply always follows, also for a
    /// full queue or a bad address.
    RequestId request(HttpCall call);

    /// Opens an idle HTTPS connection to the host of `url`, so that the next request pays no handshake.
    void warm(const std::string& url);

    /// Of the HTTPS connection that was opened last.
    const TlsFacts& tls_facts() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace arb::net
