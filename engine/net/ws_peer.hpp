#pragma once
// A websocket once it is open, over a Stream that its owner holds: frames in and out, pings, the closing
// handshake and its deadlines; the same for client and server. For the .cpp files of engine/net alone, on the
// loop's thread. The owner forwards the stream's bytes, its end and the ticks, and is told of messages and,
// once, of the end.
#include <string>
#include <string_view>

#include "engine/net/frame_codec.hpp"
#include "engine/net/loop_core.hpp"
#include "engine/net/stream.hpp"
#include "engine/net/types.hpp"

namespace arb::net {

class WsOwner {
  public:
    virtual void on_ws_message(char* data, std::size_t size) = 0;
    /// Once. The peer object may still drain what the other side sends: keep it until is_finished().
    virtual void on_ws_closed(const CloseInfo& info) = 0;

  protected:
    ~WsOwner() = default;
};

class WsPeer {
  public:
    WsPeer(LoopCore& core, Stream& stream, WsOwner& owner, const Limits& limits, bool server);

    void on_bytes(char* data, std::size_t size);
    void on_stream_end(const StreamEnd& end);
    void on_tick(TimePoint now);

    bool send(FrameCodec::Opcode opcode, std::string_view payload);
    void close(int code, std::string_view reason);

    bool is_open() const { return state_ == State::open; }
    bool is_finished() const { return state_ == State::finished; }
    void freeze() { frozen_ = true; }  ///< answers nothing any more

  private:
    enum class State {
        open,
        closing,   ///< our close frame is out, the peer's is awaited
        draining,  ///< told the owner; waits a little for the peer to read our last frame
        finished
    };
    void on_peer_close();
    void fail(CloseKind kind, int code, const std::string& text);
    void tell(CloseInfo info);
    void drain();

    LoopCore& core_;
    Stream& stream_;
    WsOwner& owner_;
    const Limits limits_;
    FrameCodec codec_;
    State state_ = State::open;
    CloseInfo local_;
    TimePoint heard_;
    TimePoint deadline_;  ///< closing, draining
    TimePoint pong_deadline_;
    bool ping_unanswered_ = false;
    bool told_ = false;
    bool frozen_ = false;
};

}  // namespace arb::net
