#include "connectors/binance/socket_pair.hpp"

#include "connectors/binance/session.hpp"

namespace arb::binance {
namespace {

SocketRules pair_rules(std::string_view url, bool pings_answered)
{
    SocketRules rules;
    rules.url = url;
    rules.silence = kSilenceMax;
    rules.silence_text = "no message for 30 seconds";
    rules.ping_after = kProbeAfter;
    rules.ping_when_silent = true;
    rules.rests = true;
    rules.pings_answered = pings_answered;
    return rules;
}

}  // namespace

SocketPair::SocketPair(VenueId venue, std::string_view url, bool pings_answered, const bool& shut)
    : venue_(venue),
      sockets_{PrivateSocket(venue, pair_rules(url, pings_answered), shut),
               PrivateSocket(venue, pair_rules(url, pings_answered), shut)}
{
}

bool SocketPair::wants_dial(Timestamp now) const
{
    const PrivateSocket& socket = sockets_[serving_];
    if (socket.is_idle()) return true;
    // One that is closing since its key expired is not waited for: its close may take a while.
    const bool old = socket.is_open() && now - socket.opened() >= kLifeMax;
    const bool beside = socket.is_open() || socket.is_closing();
    return sockets_[1 - serving_].is_idle() && (old || (renews_ && beside));
}

void SocketPair::dial(Timestamp now, Outbox& outbox, std::string_view query)
{
    sockets_[sockets_[serving_].is_idle() ? serving_ : 1 - serving_].start(now, outbox, query);
}

void SocketPair::stand(std::size_t which, Outbox& outbox)
{
    sockets_[which].logged_on();
    if (which != serving_) sockets_[serving_].close("replaced by a new connection", outbox);
    serving_ = which;
    renews_ = false;
    outbox.wake_at(venue_, sockets_[which].opened() + kLifeMax);
}

SocketPair::Heard SocketPair::on_open(ConnectionId connection, std::string_view url, Timestamp now,
                                      Outbox& outbox)
{
    const PrivateSocket& next = sockets_[1 - serving_];
    const bool dialled = !next.is_idle() && next.connection() == kNoConnection;
    const std::size_t which = dialled ? 1 - serving_ : serving_;
    return {sockets_[which].on_open(connection, url, now, outbox), which};
}

SocketPair::Heard SocketPair::heard(ConnectionId connection, Timestamp now)
{
    const Heard first{sockets_[serving_].heard(connection, now), serving_};
    if (first.is_known()) return first;
    return {sockets_[1 - serving_].heard(connection, now), 1 - serving_};
}

SocketPair::Heard SocketPair::on_close(ConnectionId connection, Timestamp now, Outbox& outbox)
{
    Heard closed{sockets_[serving_].on_close(connection, now, outbox), serving_};
    if (!closed.is_known()) closed = {sockets_[1 - serving_].on_close(connection, now, outbox), 1 - serving_};
    // What is on its way is waited for.
    if (sockets_[serving_].is_idle() && !sockets_[1 - serving_].is_idle()) serving_ = 1 - serving_;
    return closed;
}

}  // namespace arb::binance
