#pragma once
// One connection to Server: HTTPS requests one after the other, or, after an upgrade, a websocket session.
// For the .cpp files of engine/net alone; loop thread. Exchange and session ids are the connection's own
// number, so they need no second table; an exchange's id also carries the request's turn.
#include <memory>
#include <optional>
#include <string>

#include "engine/net/http_codec.hpp"
#include "engine/net/server.hpp"
#include "engine/net/stream.hpp"
#include "engine/net/ws_peer.hpp"

namespace arb::net {

class ServerConnection final : StreamHandler, WsOwner {
  public:
    ServerConnection(LoopCore& core, ServerHandler& handler, const ServerPolicy& policy, std::uint64_t number,
                     std::string remote, std::shared_ptr<bool> server_alive);

    void start(const TlsContext& context, int descriptor);
    bool respond(std::uint32_t turn, int status, const Headers& headers, std::string_view body);
    bool send(std::string_view text) { return peer_ && peer_->send(FrameCodec::Opcode::text, text); }
    bool send_raw(std::string_view bytes) { return peer_ && stream_.write(bytes); }
    void close(int code, std::string_view reason);
    void cut();
    void freeze();
    void on_tick(TimePoint now);
    bool is_finished() const { return finished_; }
    bool owes(std::uint32_t turn) const { return waiting_ && turn == turn_; }

    static constexpr unsigned kTurnBits = 24;  ///< of an exchange's id; the connection's number is above them

  private:
    void on_stream_open() override;
    void on_stream_bytes(char* data, std::size_t size) override;
    void on_stream_end(const StreamEnd& end) override;
    void on_ws_message(char* data, std::size_t size) override;
    void on_ws_closed(const CloseInfo& info) override;
    void on_request_bytes(std::string_view bytes);
    void on_request();
    void upgrade(HttpMessage& message, const ServerRequest& request);
    void answer_and_close(int status);

    LoopCore& core_;
    ServerHandler& handler_;
    const ServerPolicy& policy_;
    const std::uint64_t number_;
    const std::string remote_;
    const std::shared_ptr<bool> server_alive_;
    Stream stream_;
    HttpReader reader_;
    std::optional<WsPeer> peer_;
    TimePoint idle_since_;
    TimePoint drain_until_;
    std::string text_;
    std::uint32_t turn_ = 0;
    bool waiting_ = false;  ///< a request was handed out and not answered
    bool keep_alive_ = true;
    bool answering_ = false;
    bool draining_ = false;
    bool silent_ = false;
    bool finished_ = false;
};

}  // namespace arb::net
