#include "engine/net/ws_peer.hpp"

#include <algorithm>

namespace arb::net {

namespace {

using Opcode = FrameCodec::Opcode;

/// The peer's words reach logs and terminals: printable ASCII only.
std::string printable(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

}  // namespace

WsPeer::WsPeer(LoopCore& core, Stream& stream, WsOwner& owner, const Limits& limits, bool server)
    : core_(core),
      stream_(stream),
      owner_(owner),
      limits_(limits),
      codec_(server, limits.frame_bytes_max),
      heard_(core.now())
{
}

void WsPeer::on_bytes(char* data, std::size_t size)
{
    if (frozen_) return;
    heard_ = core_.now();
    ping_unanswered_ = false;
    while (size > 0 && (state_ == State::open || state_ == State::closing)) {
        std::size_t used = 0;
        const FrameCodec::Event event = codec_.read(data, size, used);
        data += used;
        size -= used;
        switch (event) {
            case FrameCodec::Event::message:
                // After our close frame the peer's data may still be on its way; nobody waits for it.
                if (state_ == State::open) owner_.on_ws_message(codec_.payload(), codec_.payload_size());
                break;
            case FrameCodec::Event::ping:
                if (state_ == State::open) send(Opcode::pong, {codec_.payload(), codec_.payload_size()});
                break;
            case FrameCodec::Event::close:
                on_peer_close();
                break;
            case FrameCodec::Event::error: {
                const int code = codec_.close_code();
                const std::string why = codec_.close_reason();
                fail(code == 1009 ? CloseKind::too_big : CloseKind::protocol, code, "the peer sent a " + why);
                break;
            }
            case FrameCodec::Event::pong:
            case FrameCodec::Event::none:
                break;
        }
    }
}

void WsPeer::on_peer_close()
{
    if (state_ == State::closing) {
        tell(std::move(local_));
        drain();
        return;
    }
    CloseInfo info;
    info.kind = CloseKind::peer_closed;
    info.code = codec_.close_code();
    info.reason = printable(codec_.close_reason());
    info.text = "the peer closed with " + std::to_string(info.code);
    if (!info.reason.empty()) info.text += " (" + info.reason + ")";
    stream_.write(codec_.write_close(info.code, {}));
    tell(std::move(info));
    drain();
}

/// The peer broke the rules: say so with a close frame, tell the owner now, and let the frame be read.
void WsPeer::fail(CloseKind kind, int code, const std::string& text)
{
    stream_.write(codec_.write_close(code, {}));
    CloseInfo info;
    info.kind = kind;
    info.code = code;
    info.text = text;
    tell(std::move(info));
    drain();
}

void WsPeer::tell(CloseInfo info)
{
    if (told_) return;
    told_ = true;
    owner_.on_ws_closed(info);
}

/// Closing at once with bytes unread would send a reset that may overtake our close frame.
void WsPeer::drain()
{
    if (state_ == State::finished) return;
    state_ = State::draining;
    deadline_ = core_.now() + limits_.close;
    stream_.finish();
}

void WsPeer::on_stream_end(const StreamEnd& end)
{
    if (state_ == State::finished) return;
    const bool ours = state_ == State::closing;
    state_ = State::finished;
    if (ours) {
        tell(std::move(local_));
        return;
    }
    CloseInfo info;
    info.kind = end.kind;
    info.text = end.text;
    tell(std::move(info));
}

bool WsPeer::send(FrameCodec::Opcode opcode, std::string_view payload)
{
    if (state_ != State::open || frozen_) return false;
    if (stream_.write(codec_.write(opcode, payload))) return true;
    if (!stream_.is_open()) return false;
    // Nothing of this message was sent, but what waits before it may never be: its fate is unknown, so the
    // link ends.
    CloseInfo info;
    info.kind = CloseKind::send_blocked;
    info.text = "the send buffer is full: the peer takes bytes too slowly";
    state_ = State::finished;
    stream_.cut();
    tell(std::move(info));
    return false;
}

void WsPeer::close(int code, std::string_view reason)
{
    if (state_ != State::open) return;
    local_ = CloseInfo();
    local_.code = code;
    local_.text = "closed by us with " + std::to_string(code);
    state_ = State::closing;
    deadline_ = core_.now() + limits_.close;
    stream_.write(codec_.write_close(code, reason));
}

void WsPeer::on_tick(TimePoint now)
{
    if (state_ == State::closing || state_ == State::draining) {
        if (now < deadline_) return;
        const bool ours = state_ == State::closing;
        state_ = State::finished;
        stream_.close();
        if (ours) tell(std::move(local_));
        return;
    }
    if (state_ != State::open || frozen_ || limits_.ping_interval.count() == 0) return;
    if (ping_unanswered_) {
        if (now < pong_deadline_) return;
        CloseInfo info;
        info.kind = CloseKind::silence;
        info.text = "the peer is silent: our ping was not answered in time";
        state_ = State::finished;
        stream_.cut();
        tell(std::move(info));
    } else if (now - heard_ >= limits_.ping_interval) {
        ping_unanswered_ = true;
        pong_deadline_ = now + limits_.pong;
        send(Opcode::ping, {});
    }
}

}  // namespace arb::net
