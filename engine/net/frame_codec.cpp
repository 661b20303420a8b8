// The only file that sees websocketpp. Its endpoint and connection classes allocate a message, a queue node
// and a std::function for every send; its processor is the protocol alone, bytes in and bytes out, so that is
// what is driven here, with a configuration of our own: one thread, no extension, reused messages, masks from
// a buffer of OpenSSL's random bytes.
#include "engine/net/frame_codec.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <websocketpp/common/md5.hpp>
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/processors/hybi13.hpp>

#include "engine/net/types.hpp"

namespace arb::net {

namespace wspp = websocketpp;
using Code = wspp::frame::opcode::value;

namespace {

/// A big announced length is believed step by step, as its bytes arrive.
constexpr std::size_t kReserveMax = 256U << 10U;

class Message {
  public:
    using ptr = std::shared_ptr<Message>;

    void begin(Code opcode, std::size_t size)
    {
        opcode_ = opcode;
        payload_.clear();
        payload_.reserve(std::min(size, kReserveMax) + kPadding);
    }
    /// To the processor every data message is binary: it would check text byte by byte, and not the end of a
    /// fragmented text at all (0.8.2 looks at the last fragment's opcode). is_utf8() judges the whole message
    /// instead.
    Code get_opcode() const { return wspp::frame::opcode::is_control(opcode_) ? opcode_ : Code::binary; }
    Code opcode() const { return opcode_; }
    std::string& get_raw_payload() { return payload_; }
    void set_header(const std::string&) {}
    void set_prepared(bool) {}
    void set_opcode(Code opcode) { opcode_ = opcode; }
    void set_compressed(bool) {}
    bool get_compressed() const { return false; }
    bool get_fin() const { return true; }

  private:
    std::string payload_;
    Code opcode_ = Code::binary;
};

/// Two messages are all that is ever read into: one of data, and a control frame between its fragments.
class MessageManager {
  public:
    using ptr = std::shared_ptr<MessageManager>;
    Message::ptr get_message(Code opcode, std::size_t size)
    {
        const Message::ptr& message = wspp::frame::opcode::is_control(opcode) ? control_ : data_;
        message->begin(opcode, size);
        return message;
    }

  private:
    Message::ptr data_ = std::make_shared<Message>();
    Message::ptr control_ = std::make_shared<Message>();
};

/// RFC 6455 10.3 wants masks that nobody can foresee; a system call a frame would be slow.
class MaskSource {
  public:
    std::uint32_t operator()()
    {
        if (next_ == words_.size()) {
            auto* bytes = reinterpret_cast<unsigned char*>(words_.data());
            // Without random bytes a mask of old ones still keeps the protocol; TLS itself would have failed
            // before.
            (void)RAND_bytes(bytes, static_cast<int>(words_.size() * sizeof(std::uint32_t)));
            next_ = 0;
        }
        return words_[next_++];
    }

  private:
    std::array<std::uint32_t, 1024> words_{};
    std::size_t next_ = words_.size();
};

struct Config {
    using request_type = wspp::http::parser::request;
    using response_type = wspp::http::parser::response;
    using message_type = Message;
    using con_msg_manager_type = MessageManager;
    using rng_type = MaskSource;
    struct Deflate {
        using request_type = Config::request_type;
    };
    using permessage_deflate_type = wspp::extensions::permessage_deflate::disabled<Deflate>;
    static const bool enable_extensions = false;
    static const std::size_t max_message_size = 16U << 20U;
};

class Processor : public wspp::processor::hybi13<Config> {
  public:
    using hybi13::hybi13;
    bool accept_for(std::string& key) const { return !process_handshake_key(key); }
};

}  // namespace

struct FrameCodec::Parts {
    Parts(bool is_server, std::size_t frame_bytes_max)
        : server(is_server), processor(true, is_server, std::make_shared<MessageManager>(), masks)
    {
        processor.set_max_message_size(frame_bytes_max);
    }

    Event fail(int code, const char* reason)
    {
        close_code = code;
        close_reason = reason;
        failed = true;
        return Event::error;
    }
    Event judge(const wspp::lib::error_code& error);
    Event deliver();
    Event deliver_close();

    const bool server;
    MaskSource masks;
    Processor processor;
    Message::ptr message;
    std::size_t size = 0;
    std::string out;
    std::string close_reason;
    int close_code = 1005;
    bool failed = false;
};

FrameCodec::Event FrameCodec::Parts::judge(const wspp::lib::error_code& error)
{
    namespace errors = wspp::processor::error;
    if (error == errors::make_error_code(errors::message_too_big)) return fail(1009, "message too big");
    if (error == errors::make_error_code(errors::invalid_utf8)) return fail(1007, "text is not UTF-8");
    if (error == errors::make_error_code(errors::control_too_big))
        return fail(1002, "control frame over 125 bytes");
    if (error == errors::make_error_code(errors::invalid_rsv_bit)) return fail(1002, "reserved bit set");
    if (error == errors::make_error_code(errors::masking_forbidden))
        return fail(1002, "masked frame from a server");
    if (error == errors::make_error_code(errors::masking_required))
        return fail(1002, "unmasked frame from a client");
    if (error == errors::make_error_code(errors::invalid_continuation))
        return fail(1002, "fragment out of place");
    return fail(1002, "frame against RFC 6455");
}

FrameCodec::Event FrameCodec::Parts::deliver()
{
    message = processor.get_message();
    std::string& payload = message->get_raw_payload();
    size = payload.size();
    const Code opcode = message->opcode();
    if (opcode == Code::close) return deliver_close();
    if (opcode == Code::text && !is_utf8(payload)) return fail(1007, "text is not UTF-8");
    payload.append(kPadding, '\0');
    if (opcode == Code::ping) return Event::ping;
    return opcode == Code::pong ? Event::pong : Event::message;
}

FrameCodec::Event FrameCodec::Parts::deliver_close()
{
    const std::string& payload = message->get_raw_payload();
    wspp::lib::error_code error;
    close_code = wspp::close::extract_code(payload, error);
    if (error) return fail(1002, "close code out of range");
    close_reason = wspp::close::extract_reason(payload, error);
    if (error) return fail(1007, "close reason is not UTF-8");
    return Event::close;
}

FrameCodec::FrameCodec(bool server, std::size_t frame_bytes_max)
    : parts_(std::make_unique<Parts>(server, frame_bytes_max))
{
}

FrameCodec::~FrameCodec() = default;

FrameCodec::Event FrameCodec::read(char* data, std::size_t size, std::size_t& used)
{
    used = size;
    if (parts_->failed) return Event::none;
    wspp::lib::error_code error;
    used = parts_->processor.consume(reinterpret_cast<std::uint8_t*>(data), size, error);
    if (error) return parts_->judge(error);
    return parts_->processor.ready() ? parts_->deliver() : Event::none;
}

char* FrameCodec::payload()
{
    return parts_->message->get_raw_payload().data();
}

std::size_t FrameCodec::payload_size() const
{
    return parts_->size;
}

int FrameCodec::close_code() const
{
    return parts_->close_code;
}

const std::string& FrameCodec::close_reason() const
{
    return parts_->close_reason;
}

std::string_view FrameCodec::write(Opcode opcode, std::string_view payload)
{
    const bool masked = !parts_->server;
    const std::uint32_t mask = masked ? parts_->masks() : 0;
    const wspp::frame::basic_header basic(static_cast<Code>(opcode), payload.size(), true, masked);
    const wspp::frame::extended_header extended = masked ? wspp::frame::extended_header(payload.size(), mask)
                                                         : wspp::frame::extended_header(payload.size());
    std::string& out = parts_->out;
    out.clear();
    out += static_cast<char>(basic.b0);
    out += static_cast<char>(basic.b1);
    out.append(reinterpret_cast<const char*>(extended.bytes),
               wspp::frame::get_header_len(basic) - wspp::frame::BASIC_HEADER_LENGTH);
    const std::size_t begin = out.size();
    out.append(payload);
    if (masked) {
        char key[4];
        std::memcpy(key, &mask, sizeof key);
        char* bytes = out.data() + begin;
        for (std::size_t i = 0; i < payload.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ key[i & 3U]);
    }
    return out;
}

std::string_view FrameCodec::write_close(int code, std::string_view reason)
{
    std::string payload;
    if (code != 1005) {
        payload += static_cast<char>(code >> 8);
        payload += static_cast<char>(code & 0xff);
        payload += reason.substr(0, 123);
        while (!is_utf8(std::string_view(payload).substr(2))) payload.pop_back();
    }
    return write(Opcode::close, payload);
}

std::string make_upgrade_key()
{
    unsigned char raw[16] = {};
    (void)RAND_bytes(raw, sizeof raw);
    return wspp::base64_encode(raw, sizeof raw);
}

std::string upgrade_accept(const std::string& key)
{
    MaskSource masks;
    const Processor processor(true, true, std::make_shared<MessageManager>(), masks);
    std::string accept = key;
    return processor.accept_for(accept) ? accept : std::string();
}

bool is_utf8(std::string_view text)
{
    std::uint32_t state = wspp::utf8_validator::utf8_accept;
    std::uint32_t codepoint = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        // Nearly all that venues send is ASCII: eight bytes at a time while no high bit is set.
        if (state == wspp::utf8_validator::utf8_accept && text.size() - at >= 8) {
            std::uint64_t word;
            std::memcpy(&word, text.data() + at, sizeof word);
            if ((word & 0x8080808080808080ULL) == 0) {
                at += 8;
                continue;
            }
        }
        const auto byte = static_cast<std::uint8_t>(text[at++]);
        if (wspp::utf8_validator::decode(&state, &codepoint, byte) == wspp::utf8_validator::utf8_reject)
            return false;
    }
    return state == wspp::utf8_validator::utf8_accept;
}

}  // namespace arb::net
