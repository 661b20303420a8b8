#include "connectors/binance/private_stream.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/order_socket.hpp"
#include "connectors/binance/session.hpp"
#include "connectors/binance/urls.hpp"

namespace arb::binance {
namespace {

constexpr Duration kAgain = seconds(5);
constexpr Duration kStreamBusyPause = seconds(60);
constexpr Duration kStreamConnectMax = seconds(60);

}  // namespace

void PrivateStream::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (wanted_ && !shut_) return;
    wanted_ = true;
    shut_ = false;
    ask(now, sink, outbox);
}

void PrivateStream::ask(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (asking_ || shut_) return;
    asking_ = true;
    again_ = {};
    inquiries_->begin(own_inquiry(OwnQuestion::listen_key), now, sink, outbox);
}

void PrivateStream::on_listen_key(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OwnNotes& notes = own_notes(asked);
    if (notes.question == OwnQuestion::renewed_key) {
        // A key that cannot be extended is asked for anew: the venue gives the same one while it lives.
        if (!asked.verdict.done()) ask(now, sink, outbox);
        return;
    }
    asking_ = false;
    if (!notes.key.empty()) {
        renew_at_ = now + kListenKeyRefresh;
        connecting_ = now;
        outbox.wake_at(tools_->setup.id, renew_at_);
        outbox.connect(tools_->setup.id, private_url(notes.key));
        return;
    }
    const Outcome outcome = asked.verdict.outcome;
    shut_ = outcome == Outcome::key_trouble;
    if (shut_) return;
    const bool busy = outcome == Outcome::rate_limited || outcome == Outcome::banned;
    again_ = now + (asked.retry_after > Duration{} ? asked.retry_after : busy ? kStreamBusyPause : kAgain);
    outbox.wake_at(tools_->setup.id, again_);
}

PrivateStream::Link* PrivateStream::find(ConnectionId connection)
{
    const auto found = std::find_if(links_.begin(), links_.end(),
                                    [&](const Link& link) { return link.connection == connection; });
    return found == links_.end() ? nullptr : &*found;
}

void PrivateStream::tell_road(FactSink& sink)
{
    const bool open =
        std::any_of(links_.begin(), links_.end(), [](const Link& link) { return !link.leaving; });
    tools_->roads.set(Channel::private_stream, open, sink);
}

// The stream has no subscription to confirm: it runs once the connection stands.
bool PrivateStream::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    if (!wanted_ || url.substr(0, url.find('?')) != kPrivateUrl) return false;
    if (find(connection) != nullptr) (void)on_close(connection, now, sink, outbox);
    connecting_ = {};
    for (Link& old : links_) {
        if (old.leaving) continue;
        old.leaving = true;
        outbox.reconnect(old.connection, "replaced by a new connection");
    }
    links_.push_back({connection, now, now, {}, false, false});
    tell_road(sink);
    outbox.wake_at(tools_->setup.id, now + kProbeAfter);
    return true;
}

bool PrivateStream::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                             Outbox& outbox)
{
    Link* const link = find(connection);
    if (link == nullptr) return false;
    link->received = now;
    simdjson::dom::object object;
    if (tools_->parser.parse(frame.data, frame.size, false).get_object().get(object)) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    simdjson::dom::element any;
    if (!object["id"].get(any) && object["e"].get(any)) {
        answers_probes_ = true;
        return true;
    }
    simdjson::dom::object inner;
    if (!object["data"].get_object().get(inner)) object = inner;
    const PrivateEvent what = tools_->decoder.event(object, connection, sink);
    if (what == PrivateEvent::none || link->replacing) return true;
    // An expired key leaves the stream silent for ever: the road is closed until the new one stands.
    if (what != PrivateEvent::shutdown) {
        link->leaving = true;
        tell_road(sink);
        outbox.reconnect(connection, "the listen key expired");
    }
    link->replacing = true;
    ask(now, sink, outbox);
    return true;
}

bool PrivateStream::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Link* const link = find(connection);
    if (link == nullptr) return false;
    links_.erase(links_.begin() + (link - links_.data()));
    tell_road(sink);
    const bool another =
        std::any_of(links_.begin(), links_.end(), [](const Link& other) { return !other.leaving; });
    if (!another && !connecting_.known() && !again_.known()) ask(now, sink, outbox);
    return true;
}

Timestamp PrivateStream::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Timestamp due;
    const auto at = [&due](Timestamp time) {
        if (time.known() && (!due.known() || time < due)) due = time;
    };
    if (again_.known() && now >= again_) ask(now, sink, outbox);
    if (connecting_.known() && now - connecting_ >= kStreamConnectMax) {
        connecting_ = {};
        ask(now, sink, outbox);
    }
    if (renew_at_.known() && now >= renew_at_ && !shut_) {
        renew_at_ = now + kListenKeyRefresh;
        inquiries_->begin(own_inquiry(OwnQuestion::renewed_key), now, sink, outbox);
    }
    for (Link& link : links_) {
        if (link.leaving) continue;
        const Duration silent = now - link.received;
        if (silent >= kSilenceMax && answers_probes_ && link.probed > link.received) {
            link.leaving = true;
            tell_road(sink);
            outbox.reconnect(link.connection, "no message for 30 seconds");
            continue;
        }
        if (silent >= kProbeAfter && link.probed <= link.received) {
            link.probed = now;
            outbox.send(link.connection,
                        fmt::format(R"({{"method":"LIST_SUBSCRIPTIONS","id":{}}})", probe_id_++));
        }
        if (now - link.opened >= kLifeMax && !link.replacing) {
            link.replacing = true;
            ask(now, sink, outbox);
        }
        at(link.probed > link.received ? link.received + kSilenceMax : link.received + kProbeAfter);
        if (!link.replacing) at(link.opened + kLifeMax);
    }
    // A probe that this venue never answers must not wake us again and again.
    if (due.known() && due <= now) due = now + kProbeAfter;
    at(again_);
    at(renew_at_);
    if (connecting_.known()) at(connecting_ + kStreamConnectMax);
    return due;
}

}  // namespace arb::binance
