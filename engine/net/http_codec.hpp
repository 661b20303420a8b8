#pragma once
// HTTP/1.1 messages as bytes in and bytes out (parsed by Boost.Beast), and https and wss addresses; for the
// .cpp files of engine/net alone. Header and body have limits; anything unreadable is an error, never a
// guess. Loop thread.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/net/types.hpp"

namespace arb::net {

struct Url {
    std::string host;
    std::uint16_t port = 443;
    std::string authority;  ///< for the Host header
    std::string target;     ///< path and query, at least "/"
};

/// https:// and wss:// only: nothing here speaks without TLS. No user, no fragment, no control characters.
std::optional<Url> parse_url(std::string_view url);

/// A header line could otherwise smuggle a second one in.
bool is_safe_header(const Header& header);

struct HttpMessage {
    int status = 0;              ///< replies
    std::string method, target;  ///< requests
    Headers headers;
    std::string body;
    bool keep_alive = false;
    bool upgrade = false;
};

class HttpReader {
  public:
    enum class Kind { request, reply };
    enum class State { partial, done, failed };

    HttpReader(Kind kind, const Limits& limits);
    ~HttpReader();

    /// Makes ready for the next message; bytes that came with the last one are kept and looked at by the next
    /// feed().
    void next(bool reply_has_no_body = false);
    State feed(std::string_view bytes);
    /// The stream ended cleanly: completes a reply that only the end delimits.
    State end();

    bool started() const;  ///< a byte of the current message has come
    HttpMessage take();    ///< after done
    std::string rest();    ///< after done: the bytes behind the message, given away
    const std::string& error() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// `Host`, `Content-Length` and the blank line are added; `out` is replaced.
void write_request(std::string& out, std::string_view method, const Url& url, const Headers& headers,
                   std::string_view body);
void write_reply(std::string& out, int status, const Headers& headers, std::string_view body,
                 bool keep_alive);

std::string upgrade_request(const Url& url, const Headers& headers, const std::string& key);
std::string upgrade_reply(const std::string& key);

/// Empty when the reply opens the websocket that was asked for with `key`; else one sentence that says why
/// not.
std::string refuse_upgrade_reply(const HttpMessage& reply, const std::string& key);
/// Empty when the request asks for a websocket as RFC 6455 has it.
std::string refuse_upgrade_request(const HttpMessage& request);

}  // namespace arb::net
