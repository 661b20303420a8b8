#include "connectors/binance/private_stream.hpp"

#include <fmt/format.h>

#include "connectors/binance/urls.hpp"

namespace arb::binance {
namespace {

constexpr Duration kAgain = seconds(5);
constexpr Duration kStreamBusyPause = seconds(60);

}  // namespace

// Nobody knows whether this venue answers LIST_SUBSCRIPTIONS here before it has.
PrivateStream::PrivateStream(AccountTools& tools, Inquiries& inquiries)
    : tools_(&tools), inquiries_(&inquiries), sockets_(tools.setup.id, kPrivateUrl, false, shut_)
{
}

void PrivateStream::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    wanted_ = true;
    shut_ = false;
    ask(now, sink, outbox);
}

void PrivateStream::ask(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (asking_ || shut_ || !wanted_ || now < again_ || !sockets_.wants_dial(now)) return;
    asking_ = true;
    inquiries_->begin(own_inquiry(OwnQuestion::listen_key), now, sink, outbox);
}

void PrivateStream::on_listen_key(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OwnNotes& notes = own_notes(asked);
    if (notes.question == OwnQuestion::renewed_key) {
        // A key that cannot be extended is asked for anew: the venue gives the same one while it lives.
        if (asked.verdict.done()) return;
        sockets_.renew();
        return ask(now, sink, outbox);
    }
    asking_ = false;
    if (!notes.key.empty()) {
        renew_at_ = now + kListenKeyRefresh;
        outbox.wake_at(tools_->setup.id, renew_at_);
        return sockets_.dial(now, outbox, listen_query(notes.key));
    }
    const Outcome outcome = asked.verdict.outcome;
    shut_ = outcome == Outcome::key_trouble;
    if (shut_) return;
    const bool busy = outcome == Outcome::rate_limited || outcome == Outcome::banned;
    again_ = now + (asked.retry_after > Duration{} ? asked.retry_after : busy ? kStreamBusyPause : kAgain);
    outbox.wake_at(tools_->setup.id, again_);
}

void PrivateStream::tell_channels(FactSink& sink)
{
    tools_->channels.set(Channel::private_stream, sockets_.is_open(), sink);
}

// The stream has no subscription to confirm: it runs once the connection stands.
bool PrivateStream::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    const SocketPair::Heard opened = sockets_.on_open(connection, url, now, outbox);
    if (opened.is_ours()) {
        sockets_.stand(opened.which, outbox);
        tell_channels(sink);
    }
    return opened.is_known();
}

bool PrivateStream::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                             Outbox& outbox)
{
    const SocketPair::Heard from = sockets_.heard(connection, now);
    if (!from.is_ours()) return from.is_known();
    simdjson::dom::object object;
    if (tools_->parser.parse(frame.data, frame.size, false).get_object().get(object)) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    simdjson::dom::element any;
    if (!object["id"].get(any) && object["e"].get(any)) {
        for (const std::size_t which : {0U, 1U}) sockets_[which].ping_answered();
        return true;
    }
    simdjson::dom::object inner;
    if (!object["data"].get_object().get(inner)) object = inner;
    const PrivateEvent what = tools_->decoder.event(object, connection, sink);
    if (what == PrivateEvent::none || from.which != sockets_.serving()) return true;
    // An expired key leaves the stream silent for ever: the channel is closed until the new one stands.
    if (what != PrivateEvent::shutdown) {
        sockets_[from.which].close("the listen key expired", outbox);
        tell_channels(sink);
    }
    sockets_.renew();
    ask(now, sink, outbox);
    return true;
}

bool PrivateStream::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const SocketPair::Heard closed = sockets_.on_close(connection, now, outbox);
    if (closed.is_ours()) {
        tell_channels(sink);
        ask(now, sink, outbox);
    }
    return closed.is_known();
}

Timestamp PrivateStream::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!wanted_) return {};
    if (renew_at_.known() && now >= renew_at_ && !shut_) {
        renew_at_ = now + kListenKeyRefresh;
        inquiries_->begin(own_inquiry(OwnQuestion::renewed_key), now, sink, outbox);
    }
    for (const std::size_t which : {0U, 1U}) {
        PrivateSocket& socket = sockets_[which];
        if (socket.on_wake(now, outbox) == PrivateSocket::Due::ping)
            outbox.send(socket.connection(),
                        fmt::format(R"({{"method":"LIST_SUBSCRIPTIONS","id":{}}})", probe_id_++));
    }
    tell_channels(sink);
    ask(now, sink, outbox);
    return now < again_ ? again_ : shut_ ? Timestamp{} : renew_at_;
}

}  // namespace arb::binance
