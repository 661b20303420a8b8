#pragma once
// TLS inside engine/net, for its .cpp files alone: contexts (made once, throw std::runtime_error when they
// cannot be) and one connection's session over a non-blocking descriptor. TLS 1.2 or newer; a client always
// verifies chain and host name and sends SNI; no renegotiation, no compression, no resumption, so no early
// data. Loop thread.
#include <cstddef>
#include <memory>
#include <string>

#include "engine/net/trust.hpp"
#include "engine/net/types.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace arb::net {

using TlsContext = std::shared_ptr<ssl_ctx_st>;

TlsContext make_client_context(const TlsTrust& trust);
TlsContext make_server_context(const ServerIdentity& identity);

class TlsSession {
  public:
    enum class Status {
        done,
        want_read,
        want_write,
        closed_clean,  ///< the peer said close_notify
        closed_cut,    ///< the connection ended without it: what came last may be truncated
        failed
    };
    struct Io {
        Status status;
        std::size_t bytes;
    };

    /// A client when `host` is not empty. The descriptor stays the caller's.
    TlsSession(const TlsContext& context, int descriptor, const std::string& host);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    Status handshake();
    Io read(char* data, std::size_t size);
    Io write(const char* data, std::size_t size);
    bool buffered() const;  ///< bytes came in that read() has not looked at yet
    void say_goodbye();     ///< close_notify, if the socket takes it at once

    TlsFacts facts() const;  ///< after the handshake
    Distrust distrust() const { return distrust_; }
    const std::string& error() const { return error_; }

  private:
    Status judge(int result);
    void explain_failure();

    std::string host_;
    std::string error_;
    Distrust distrust_ = Distrust::none;
    ssl_st* ssl_ = nullptr;
};

}  // namespace arb::net
