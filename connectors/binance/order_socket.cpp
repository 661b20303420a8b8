#include "connectors/binance/order_socket.hpp"

#include <utility>

#include "connectors/binance/urls.hpp"

namespace arb::binance {

namespace dom = simdjson::dom;

namespace {

constexpr Duration kLogOnAgain = seconds(3);
constexpr Duration kBusyPause = seconds(60);

}  // namespace

OrderSocket::OrderSocket(AccountTools& tools)
    : tools_(&tools),
      sockets_(tools.setup.id, order_url(tools.market), true, shut_),
      counts_(tools),
      lines_{Line(tools.setup.id), Line(tools.setup.id)}
{
}

void OrderSocket::Line::reset()
{
    logged_on = false;
    log_on = probe = 0;
    again = {};
}

void OrderSocket::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    wanted_ = true;
    const bool was_shut = std::exchange(shut_, false);
    // The connection was kept for the private stream.
    if (sockets_.is_open()) return tell_channels(sink);
    if (was_shut) {
        for (const std::size_t which : {0U, 1U}) sockets_[which].close("logging on anew", outbox);
    }
    dial(now, outbox);
}

void OrderSocket::dial(Timestamp now, Outbox& outbox)
{
    if (!wanted_ || shut_ || !sockets_.wants_dial(now)) return;
    tools_->pool->spend(tools_->market == Market::spot ? 2 : 5, now);
    sockets_.dial(now, outbox);
}

void OrderSocket::tell_channels(FactSink& sink)
{
    // On spot the private stream comes first: an order must not be sent whose news cannot be heard. It stays
    // up when the venue has refused the key an order.
    const bool stands = sockets_.is_open();
    if (tools_->market == Market::spot) tools_->channels.set(Channel::private_stream, stands, sink);
    tools_->channels.set(Channel::order_entry, stands && !shut_ && tools_->mode == PositionMode::one_way,
                         sink);
}

bool OrderSocket::send(RequestKind kind, std::string_view text, OrderId order, std::string_view method,
                       Timestamp now, Outbox& outbox)
{
    OrderFlights& flights = lines_[sockets_.serving()].flights;
    const OrderFlight* const flight = flights.take({next_id_, kind, order, kNoListing, Side::buy, now});
    if (flight == nullptr) return false;
    ++next_id_;
    tools_->used_key(method, outbox);
    // Orders cost no weight but in a count of their own.
    if (kind == RequestKind::cancel) tools_->pool->spend(1, now);
    outbox.send(sockets_.connection(), text);
    flights.sent(*flight, outbox);
    return true;
}

bool OrderSocket::may_send(RequestKind kind, ListingId listing, OrderId order, Timestamp now, FactSink& sink)
{
    if (shut_ || !sockets_.is_open() || !tools_->mine(listing)) {
        tools_->end(kind, {Outcome::refused, shut_ ? RejectReason::permission : RejectReason::other}, sink,
                    order);
        return false;
    }
    // The venue counts an amend as an order.
    if (now < counts_.full_until()) {
        Refusal full;
        full.retry_after = counts_.full_until() - now;
        full.text = "as many orders as the venue takes in this while were sent";
        tools_->end(kind, {Outcome::rate_limited, RejectReason::rate_limited}, sink, order, full);
        return false;
    }
    return true;
}

void OrderSocket::place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!may_send(RequestKind::place, order.intent().listing, order.id(), now, sink)) return;
    const Listing& listing = tools_->listing(order.intent().listing);
    const std::string_view text =
        tools_->encoder.place(next_id_, listing, order.id(), order.intent(), tools_->timestamp(now));
    if (text.empty()) {
        tools_->end(RequestKind::place, {Outcome::key_trouble, RejectReason::permission}, sink, order.id());
    } else if (!send(RequestKind::place, text, order.id(), "order.place", now, outbox)) {
        tools_->end(RequestKind::place, {Outcome::refused, RejectReason::other}, sink, order.id());
    }
}

void OrderSocket::amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                        FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = amend.intent();
    if (!may_send(RequestKind::amend, intent.listing, amend.id(), now, sink)) return;
    const std::string_view text = tools_->encoder.amend(next_id_, tools_->listing(intent.listing), amend.id(),
                                                        order.venue_id, intent, tools_->timestamp(now));
    if (text.empty()) {
        // A signer that may not change orders may still place them: it is cancelled and placed anew.
        tools_->end(RequestKind::amend, {Outcome::refused, RejectReason::permission}, sink, amend.id());
    } else if (!send(RequestKind::amend, text, amend.id(), "order.modify", now, outbox)) {
        tools_->end(RequestKind::amend, {Outcome::refused, RejectReason::other}, sink, amend.id());
    }
}

bool OrderSocket::cancel(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (shut_ || !sockets_.is_open()) return false;
    const std::string_view text = tools_->encoder.cancel(next_id_, tools_->listing(order.listing),
                                                         order.order, order.venue_id, tools_->timestamp(now));
    if (!text.empty()) return send(RequestKind::cancel, text, order.order, "order.cancel", now, outbox);
    tools_->end(RequestKind::cancel, {Outcome::key_trouble, RejectReason::permission}, sink, order.order);
    return true;
}

bool OrderSocket::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    const SocketPair::Heard opened = sockets_.on_open(connection, url, now, outbox);
    if (opened.is_ours()) log_on(opened.which, now, sink, outbox);
    return opened.is_known();
}

bool OrderSocket::subscribes() const
{
    return tools_->market == Market::spot && tools_->channels.wants(Channel::private_stream);
}

// Ed25519 keys log on once; others prove themselves with the first signed request, which on spot subscribes
// the private stream, or else asks for the account, which every key may.
void OrderSocket::log_on(std::size_t which, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Line& line = lines_[which];
    PrivateSocket& socket = sockets_[which];
    Encoder& encoder = tools_->encoder;
    const std::int64_t time = tools_->timestamp(now);
    line.again = {};
    std::string_view text;
    if (encoder.logs_on() && !line.logged_on) {
        text = encoder.log_on(next_id_, time);
        tools_->used_key("session.logon", outbox);
    } else {
        line.logged_on = true;
        text = subscribes() ? encoder.subscribe(next_id_, time) : encoder.account_state(next_id_, time);
        tools_->used_key(subscribes() ? "userDataStream.subscribe" : encoder.account_method(), outbox);
    }
    if (text.empty()) {
        shut_ = true;
        socket.answered();
        return tools_->end(RequestKind::session, {Outcome::key_trouble, RejectReason::permission}, sink);
    }
    line.log_on = next_id_++;
    // The log-on may be a question about the account.
    tools_->pool->spend(subscribes() || !line.logged_on ? 2 : 20, now);
    outbox.send(socket.connection(), text);
    socket.await(now, outbox);
}

bool OrderSocket::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const SocketPair::Heard closed = sockets_.on_close(connection, now, outbox);
    if (!closed.is_ours()) return closed.is_known();
    tell_channels(sink);
    lines_[closed.which].flights.end_all("the connection ended", sink);
    lines_[closed.which].reset();
    dial(now, outbox);
    return true;
}

void OrderSocket::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (const std::size_t which : {0U, 1U}) {
        Line& line = lines_[which];
        PrivateSocket& socket = sockets_[which];
        line.flights.on_wake(now, sink, outbox);
        if (now < line.again)
            outbox.wake_at(tools_->setup.id, line.again);
        else if (line.again.known() && socket.is_logging_on() && !shut_)
            log_on(which, now, sink, outbox);
        switch (socket.on_wake(now, outbox)) {
            case PrivateSocket::Due::ping:
                line.probe = next_id_++;
                tools_->pool->spend(2, now);
                outbox.send(socket.connection(), tools_->encoder.session_status(line.probe));
                break;
            case PrivateSocket::Due::no_answer:
                socket.close("no answer to the log-on within 10 seconds", outbox);
                break;
            case PrivateSocket::Due::nothing:
                break;
        }
    }
    tell_channels(sink);
    dial(now, outbox);
}

bool OrderSocket::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                           Outbox& outbox)
{
    const SocketPair::Heard from = sockets_.heard(connection, now);
    if (!from.is_ours()) return from.is_known();
    dom::object object;
    dom::object event;
    if (tools_->parser.parse(frame.data, frame.size, false).get_object().get(object)) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
    } else if (object["event"].get_object().get(event)) {
        on_reply(object, from.which, now, sink, outbox);
    } else {
        const PrivateEvent what = tools_->decoder.event(event, connection, sink);
        if (what == PrivateEvent::shutdown && from.which == sockets_.serving()) {
            // No lead time is promised, so at once.
            sockets_.renew();
            dial(now, outbox);
        }
        if (what == PrivateEvent::stream_ended) {
            sockets_[from.which].close("the venue ended the private stream", outbox);
            tell_channels(sink);
        }
    }
    return true;
}

void OrderSocket::on_reply(const dom::object& object, std::size_t which, Timestamp now, FactSink& sink,
                           Outbox& outbox)
{
    const ConnectionId connection = sockets_[which].connection();
    std::int64_t status = 0;
    if (object["status"].get_int64().get(status)) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, {}});
        return;
    }
    counts_.read(object, now);
    Refusal refusal;
    refusal.verdict = {Outcome::done, RejectReason::none};
    if (status != 200) {
        dom::element error;
        const bool told = !object["error"].get(error);
        const int code = status > 0 && status < 1000 ? static_cast<int>(status) : 0;
        refusal = read_refusal(code, told ? &error : nullptr);
    }
    Line& line = lines_[which];
    std::uint64_t id = 0;
    if (object["id"].get_uint64().get(id)) return on_nameless(refusal, which, sink);
    if (id != 0 && id == line.log_on) {
        line.log_on = 0;
        sockets_[which].answered();
        return on_log_on(which, refusal, now, sink, outbox);
    }
    if (id == line.probe) line.probe = 0;
    // Not found: late, its end was told already.
    if (OrderFlight* const flight = line.flights.find(id))
        on_order_reply(line.flights.land(*flight), object, refusal, connection, sink);
}

void OrderSocket::on_log_on(std::size_t which, const Refusal& refusal, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    constexpr std::int64_t kSubscribed = -2035;  // the subscription was there already
    Line& line = lines_[which];
    if (refusal.verdict.outcome == Outcome::done || refusal.code == kSubscribed) {
        const bool proved = line.logged_on || !subscribes();
        line.logged_on = true;
        if (!proved) return log_on(which, now, sink, outbox);
        sockets_.stand(which, outbox);
        return tell_channels(sink);
    }
    if (refusal.verdict.outcome == Outcome::key_trouble) return key_refused(refusal, sink);
    tools_->end(RequestKind::session, refusal.verdict, sink, kForeignOrder, refusal);
    if (refusal.verdict.outcome == Outcome::unknown)
        return sockets_[which].close("the log-on failed", outbox);
    const bool clock = refusal.verdict.outcome == Outcome::refused;
    const Duration pause = refusal.retry_after > Duration{} ? refusal.retry_after
                           : clock                          ? kLogOnAgain
                                                            : kBusyPause;
    line.again = now + pause;
    outbox.wake_at(tools_->setup.id, line.again);
}

void OrderSocket::key_refused(const Refusal& refusal, FactSink& sink)
{
    if (shut_) return;
    shut_ = true;
    tell_channels(sink);
    tools_->end(RequestKind::session, {Outcome::key_trouble, RejectReason::permission}, sink, kForeignOrder,
                refusal);
}

void OrderSocket::on_order_reply(const OrderFlight& flight, const dom::object& object, const Refusal& refusal,
                                 ConnectionId connection, FactSink& sink)
{
    Verdict verdict = refusal.verdict;
    if (verdict.outcome == Outcome::done) {
        dom::object result;
        // Taken, but it cannot be read: what was taken is not known.
        if (object["result"].get_object().get(result)) {
            sink.on_undecoded({UndecodedReason::missing_field, kNoListing, connection, {}});
            verdict = {Outcome::unknown, RejectReason::none};
        } else if (!tools_->replies.order(result, ReportSource::reply, sink)) {
            verdict = {Outcome::unknown, RejectReason::none};
        }
    }
    tools_->end(flight.kind, verdict, sink, flight.order, refusal);
    constexpr std::int64_t kOtherPositionMode = -4061;
    if (refusal.code == kOtherPositionMode) tools_->mode_doubted = true;
    if (refusal.verdict.outcome == Outcome::key_trouble) key_refused(refusal, sink);
}

// "Session authentication": after the key was revoked the next request is answered with -2015 and the id
// null. With one request on its way it is the one that was refused; of several nobody knows which.
void OrderSocket::on_nameless(const Refusal& refusal, std::size_t which, FactSink& sink)
{
    sink.on_undecoded({UndecodedReason::venue_error, kNoListing, sockets_[which].connection(), refusal.text});
    if (refusal.verdict.outcome != Outcome::key_trouble) return;
    Line& line = lines_[which];
    OrderFlight* const flight = line.flights.oldest([](const OrderFlight&) { return true; });
    if (line.probe == 0 && line.flights.count() == 1) {
        const OrderFlight refused = line.flights.land(*flight);
        tools_->end(refused.kind, refusal.verdict, sink, refused.order, refusal);
    }
    line.flights.end_all("which of several requests was refused is not known", sink);
    line.log_on = 0;
    sockets_[which].answered();
    key_refused(refusal, sink);
}

}  // namespace arb::binance
