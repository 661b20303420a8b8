#include "engine/net/server_connection.hpp"

namespace arb::net {

ServerConnection::ServerConnection(LoopCore& core, ServerHandler& handler, const ServerPolicy& policy,
                                   std::uint64_t number, std::string remote,
                                   std::shared_ptr<bool> server_alive)
    : core_(core),
      handler_(handler),
      policy_(policy),
      number_(number),
      remote_(std::move(remote)),
      server_alive_(std::move(server_alive)),
      stream_(core, *this, policy.limits),
      reader_(HttpReader::Kind::request, policy.limits),
      idle_since_(core.now())
{
}

void ServerConnection::start(const TlsContext& context, int descriptor)
{
    stream_.accept(context, descriptor);
}

void ServerConnection::on_stream_open()
{
    idle_since_ = core_.now();
}

void ServerConnection::on_stream_bytes(char* data, std::size_t size)
{
    if (peer_)
        peer_->on_bytes(data, size);
    else
        on_request_bytes({data, size});
}

void ServerConnection::on_request_bytes(std::string_view bytes)
{
    HttpReader::State state = reader_.feed(bytes);
    // Answers given at once loop here, not in recursion: a client may send many requests in one go.
    while (state == HttpReader::State::done && !waiting_ && !peer_ && !draining_ && stream_.is_open()) {
        on_request();
        if (waiting_ || peer_ || draining_) break;
        reader_.next();
        state = reader_.feed({});
    }
    if (state == HttpReader::State::failed && !waiting_ && !draining_) answer_and_close(400);
    // What comes while an answer is owed stays in the kernel.
    if (waiting_) stream_.pause(true);
}

void ServerConnection::on_request()
{
    HttpMessage message = reader_.take();
    ServerRequest request{std::move(message.method), std::move(message.target), std::move(message.headers),
                          PaddedText(std::move(message.body)), remote_};
    if (message.upgrade) {
        message.method = request.method;
        message.headers = request.headers;
        upgrade(message, request);
        return;
    }
    keep_alive_ = message.keep_alive;
    turn_ = (turn_ + 1) & ((1U << kTurnBits) - 1);
    waiting_ = true;
    answering_ = true;
    handler_.on_request(ExchangeId{number_ << kTurnBits | turn_}, request);
    answering_ = false;
}

void ServerConnection::upgrade(HttpMessage& message, const ServerRequest& request)
{
    if (!refuse_upgrade_request(message).empty()) {
        answer_and_close(400);
        return;
    }
    const int status = handler_.on_upgrade(SessionId{number_}, request);
    if (status != 101) {
        answer_and_close(status);
        return;
    }
    stream_.write(upgrade_reply(std::string(find_header(message.headers, "Sec-WebSocket-Key"))));
    peer_.emplace(core_, stream_, static_cast<WsOwner&>(*this), policy_.limits, true);
    handler_.on_session_open(SessionId{number_});
    std::string early = reader_.rest();
    if (!early.empty()) peer_->on_bytes(early.data(), early.size());
}

bool ServerConnection::respond(std::uint32_t turn, int status, const Headers& headers, std::string_view body)
{
    if (!owes(turn) || !stream_.is_open()) return false;
    waiting_ = false;
    idle_since_ = core_.now();
    write_reply(text_, status, headers, body, keep_alive_);
    const bool written = stream_.write(text_);
    if (!keep_alive_ || !written) {
        draining_ = true;
        drain_until_ = core_.now() + policy_.limits.close;
        stream_.finish();
        return written;
    }
    if (!answering_) {
        // Answered later: the next request may have come already.
        reader_.next();
        stream_.pause(false);
        on_request_bytes({});
    }
    return true;
}

void ServerConnection::answer_and_close(int status)
{
    write_reply(text_, status, {}, {}, false);
    stream_.write(text_);
    draining_ = true;
    drain_until_ = core_.now() + policy_.limits.close;
    stream_.finish();
}

void ServerConnection::on_stream_end(const StreamEnd& end)
{
    finished_ = true;
    if (peer_) peer_->on_stream_end(end);
}

void ServerConnection::on_ws_message(char* data, std::size_t size)
{
    if (!silent_) handler_.on_session_frame(SessionId{number_}, data, size);
}

void ServerConnection::on_ws_closed(const CloseInfo& info)
{
    if (silent_) return;
    silent_ = true;
    core_.defer(
        [&handler = handler_, id = SessionId{number_}, info, weak = std::weak_ptr<bool>(server_alive_)] {
            if (!weak.expired()) handler.on_session_closed(id, info);
        });
}

void ServerConnection::close(int code, std::string_view reason)
{
    if (peer_) peer_->close(code, reason);
}

void ServerConnection::cut()
{
    silent_ = true;
    finished_ = true;
    stream_.cut();
    if (peer_) peer_->on_stream_end({});
}

void ServerConnection::freeze()
{
    if (!peer_) return;
    peer_->freeze();
    stream_.pause(true);
}

void ServerConnection::on_tick(TimePoint now)
{
    if (peer_) {
        peer_->on_tick(now);
        if (peer_->is_finished()) finished_ = true;
        return;
    }
    const bool drained = draining_ && now >= drain_until_;
    const bool idle = !waiting_ && !draining_ && now - idle_since_ >= policy_.idle;
    if (!drained && !idle) return;
    finished_ = true;
    stream_.close();
}

}  // namespace arb::net
