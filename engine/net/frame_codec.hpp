#pragma once
// Websocket frames as bytes in and bytes out: websocketpp's protocol processor without any transport of its
// own, for the .cpp files of engine/net alone. Reads RFC 6455 strictly (masking, lengths, fragments, UTF-8,
// no extension) and writes frames into one buffer that is kept. Loop thread; after warm-up neither direction
// allocates.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace arb::net {

class FrameCodec {
  public:
    enum class Event { none, message, ping, pong, close, error };
    enum class Opcode : unsigned char { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

    FrameCodec(bool server, std::size_t frame_bytes_max);
    ~FrameCodec();

    /// Reads from data[0, size) until an event or the end; `used` tells how far. After an error nothing more
    /// is read.
    Event read(char* data, std::size_t size, std::size_t& used);

    /// After message or ping: the payload, kPadding zero bytes behind it; until the next read().
    char* payload();
    std::size_t payload_size() const;

    /// After close: what the peer said (1005: nothing). After error: what to close with, and why.
    int close_code() const;
    const std::string& close_reason() const;

    /// One whole frame, masked when we are the client; until the next write. Control payloads are at most 125
    /// bytes.
    std::string_view write(Opcode opcode, std::string_view payload);
    std::string_view write_close(int code, std::string_view reason);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// The opening handshake's arithmetic: a fresh key, and the answer that belongs to a key.
std::string make_upgrade_key();
std::string upgrade_accept(const std::string& key);

bool is_utf8(std::string_view text);

}  // namespace arb::net
