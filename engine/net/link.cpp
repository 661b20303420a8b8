#include "engine/net/link.hpp"

#include <algorithm>

namespace arb::net {

namespace {

/// The answer to an upgrade is a head; a refusal's body is nobody's interest.
Limits upgrade_limits(Limits limits)
{
    limits.http_body_bytes_max = std::min<std::size_t>(limits.http_body_bytes_max, 64U << 10U);
    return limits;
}

}  // namespace

Link::Link(LoopCore& core, LinkOwner& owner, LinkId id, const Limits& limits)
    : core_(core),
      owner_(owner),
      id_(id),
      limits_(limits),
      stream_(core, *this, limits),
      reader_(HttpReader::Kind::reply, upgrade_limits(limits)),
      key_(make_upgrade_key())
{
    // A refusal counts by its head: a body that is missing or too long must not hide the status.
    reader_.next(true);
}

void Link::start(const TlsContext& context, const std::string& url, const Headers& headers)
{
    const std::optional<Url> parsed = parse_url(url);
    CloseInfo info;
    info.kind = CloseKind::resolve;
    if (!parsed || url.compare(0, 6, "wss://") != 0) {
        info.text = "a websocket's address is wss://host[:port]/path";
    } else if (!std::all_of(headers.begin(), headers.end(), is_safe_header)) {
        info.text = "a header for " + parsed->host + " holds a character that headers may not";
    } else {
        request_ = upgrade_request(*parsed, headers, key_);
        stream_.connect(context, parsed->host, parsed->port);
        return;
    }
    refuse(std::move(info));
}

void Link::on_stream_open()
{
    upgrading_ = true;
    upgrade_deadline_ = core_.now() + limits_.handshake;
    stream_.write(request_);
    request_.clear();
    request_.shrink_to_fit();
}

void Link::on_stream_bytes(char* data, std::size_t size)
{
    if (finished_ && !peer_) return;
    if (peer_)
        peer_->on_bytes(data, size);
    else
        on_upgrade_bytes({data, size});
}

void Link::on_upgrade_bytes(std::string_view bytes)
{
    const HttpReader::State state = reader_.feed(bytes);
    if (state == HttpReader::State::partial) return;
    CloseInfo info;
    info.kind = CloseKind::handshake;
    if (state == HttpReader::State::failed) {
        info.text = reader_.error();
        refuse(std::move(info));
        return;
    }
    HttpMessage reply = reader_.take();
    info.text = refuse_upgrade_reply(reply, key_);
    if (!info.text.empty()) {
        info.http_status = reply.status;
        info.headers = std::move(reply.headers);
        refuse(std::move(info));
        return;
    }
    upgrading_ = false;
    peer_.emplace(core_, stream_, static_cast<WsOwner&>(*this), limits_, false);
    owner_.on_link_open(id_);
    std::string early = reader_.rest();  // the first frames may come with the head
    if (!early.empty()) peer_->on_bytes(early.data(), early.size());
}

void Link::on_stream_end(const StreamEnd& end)
{
    if (peer_) {
        peer_->on_stream_end(end);
        return;
    }
    CloseInfo info;
    info.kind = upgrading_ && end.kind == CloseKind::peer_closed ? CloseKind::handshake : end.kind;
    info.distrust = end.distrust;
    info.text = end.text;
    tell(info);
}

void Link::on_ws_message(char* data, std::size_t size)
{
    if (!finished_) owner_.on_link_message(id_, data, size);
}

void Link::on_ws_closed(const CloseInfo& info)
{
    tell(info);
}

void Link::refuse(CloseInfo info)
{
    stream_.close();
    tell(info);
}

void Link::tell(const CloseInfo& info)
{
    if (finished_) return;
    finished_ = true;
    owner_.on_link_closed(id_, info);
}

bool Link::send(std::string_view text)
{
    return peer_ && !finished_ && peer_->send(FrameCodec::Opcode::text, text);
}

void Link::close(int code, std::string_view reason)
{
    if (finished_) return;
    if (peer_) {
        peer_->close(code, reason);
        return;
    }
    CloseInfo info;
    info.text = "closed by us before it was open";
    refuse(std::move(info));
}

void Link::abandon()
{
    finished_ = true;
    stream_.cut();
    if (peer_) peer_->on_stream_end({});
}

void Link::on_tick(TimePoint now)
{
    if (peer_) {
        peer_->on_tick(now);
    } else if (upgrading_ && !finished_ && now >= upgrade_deadline_) {
        CloseInfo info;
        info.kind = CloseKind::handshake;
        info.text = "the server did not answer the websocket upgrade in time";
        refuse(std::move(info));
    }
}

}  // namespace arb::net
