#pragma once
// The plain values of engine/net: names of connections, limits, what a peer said, why a connection ended.
// Standard types only; compiles as C++17 and C++20. Sizes are bytes, times are std::chrono. Error texts are
// one sentence for people; they hold no query string (it may be signed) and no header value.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arb::net {

enum class LinkId : std::uint64_t {};      ///< a websocket we opened; never used again
enum class RequestId : std::uint64_t {};   ///< an HTTPS request of ours
enum class ExchangeId : std::uint64_t {};  ///< an HTTPS request that our server owes an answer
enum class SessionId : std::uint64_t {};   ///< a websocket opened to our server

/// Every frame and body is followed by this many readable zero bytes (parsers read past the end).
inline constexpr std::size_t kPadding = 64;

struct Header {
    std::string name, value;
};
using Headers = std::vector<Header>;

/// The value of the first header of that name (letter case ignored); empty when there is none.
std::string_view find_header(const Headers& headers, std::string_view name);

/// A text with kPadding zero bytes behind it. May be changed in place.
class PaddedText {
  public:
    PaddedText() = default;
    explicit PaddedText(std::string text) : storage_(std::move(text)), size_(storage_.size())
    {
        storage_.append(kPadding, '\0');
    }
    char* data() { return storage_.data(); }
    std::size_t size() const { return size_; }
    std::string_view view() const { return std::string_view(storage_).substr(0, size_); }

  private:
    std::string storage_;
    std::size_t size_ = 0;
};

struct Limits {
    std::size_t frame_bytes_max = 16U << 20U;  ///< a whole message, all fragments together
    std::size_t header_bytes_max = 16U << 10U;
    std::size_t http_body_bytes_max = 64U << 20U;
    std::size_t send_buffer_bytes_max = 1U << 20U;   ///< what the socket has not taken yet
    std::chrono::milliseconds connect{5000};         ///< resolving and connecting, all addresses together
    std::chrono::milliseconds handshake{5000};       ///< TLS; then once more the websocket upgrade
    std::chrono::milliseconds ping_interval{15000};  ///< silence after which we ping; 0: never
    std::chrono::milliseconds pong{5000};            ///< silence after our ping that ends the connection
    std::chrono::milliseconds close{2000};           ///< for the peer's half of the closing handshake
    std::chrono::milliseconds send_progress{
        1000};  ///< the socket takes nothing for so long: the peer is gone
};

enum class CloseKind {
    resolve,        ///< the host has no address
    connect,        ///< refused, unreachable or too slow
    tls_untrusted,  ///< certificate or host name not acceptable; see CloseInfo::distrust
    tls,            ///< the TLS handshake failed otherwise, or was too slow
    handshake,      ///< no websocket: see CloseInfo::http_status and headers
    silence,        ///< our ping stayed unanswered
    too_big,        ///< a message beyond frame_bytes_max (we closed with 1009)
    protocol,       ///< the peer broke RFC 6455 (we closed with 1002 or 1007)
    send_blocked,   ///< the peer takes no bytes, or the send buffer is full: the fate of what was sent is
                    ///< unknown
    peer_closed,    ///< by the peer: code and reason (1006: the connection just ended)
    local,          ///< by our own close()
};

enum class Distrust { none, unknown_authority, expired, not_yet_valid, wrong_host, other };

struct CloseInfo {
    CloseKind kind = CloseKind::local;
    Distrust distrust = Distrust::none;
    int code = 1006;      ///< the close code of RFC 6455 that ended it, whoever sent it; 1006: none
    int http_status = 0;  ///< handshake: what the peer answered instead of 101; 0: nothing readable
    Headers headers;      ///< handshake: of that answer (Retry-After)
    std::string reason;   ///< peer_closed: the peer's words, without control characters
    std::string text;     ///< one sentence
};

struct HttpCall {
    std::string method;  ///< "GET", "POST", "PUT", "DELETE"
    std::string url;     ///< https://host[:port]/target; the target is sent byte for byte as given
    Headers headers;     ///< Host, Content-Length and Connection are ours
    std::string body;
    std::chrono::milliseconds deadline{10000};  ///< from request() to the last byte of the reply
};

struct HttpOutcome {
    int status = 0;  ///< 0: no trusted reply (cut, late, unreadable, never connected)
    bool sent =
        false;  ///< a byte of the request may have reached the peer: with status 0 its fate is unknown
    CloseKind trouble = CloseKind::local;  ///< with status 0: what kind (silence: the deadline passed)
    Distrust distrust = Distrust::none;
    std::string error;  ///< with status 0: one sentence
    Headers headers;
    PaddedText body;
};

}  // namespace arb::net
