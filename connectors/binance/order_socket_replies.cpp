// What comes in on the websocket API: replies matched to requests, events of the private stream.
#include <algorithm>

#include "connectors/binance/order_socket.hpp"

namespace arb::binance {

namespace dom = simdjson::dom;

namespace {

constexpr Duration kLogOnAgain = seconds(3);
constexpr Duration kBusyPause = seconds(60);

}  // namespace

Refusal read_refusal(int status, const dom::element* element)
{
    Refusal refusal;
    dom::object object;
    if (element == nullptr || element->get_object().get(object)) {
        refusal.verdict = judge(status, 0, {});
        return refusal;
    }
    // Left at their defaults where the venue tells none.
    [[maybe_unused]] const auto no_code = object["code"].get_int64().get(refusal.code);
    [[maybe_unused]] const auto no_text = object["msg"].get_string().get(refusal.text);
    dom::object data;
    std::int64_t at = 0;
    std::int64_t until = 0;
    if (!object["data"].get_object().get(data) && !data["serverTime"].get_int64().get(at) &&
        !data["retryAfter"].get_int64().get(until)) {
        std::int64_t wait = 0;
        if (!__builtin_sub_overflow(until, at, &wait) && wait > 0 && wait < 7 * 86'400'000LL)
            refusal.retry_after = milliseconds(wait);
    }
    refusal.verdict = judge(status, refusal.code, refusal.text);
    return refusal;
}

bool OrderSocket::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                           Outbox& outbox)
{
    Link* const link = find(connection);
    if (link == nullptr) return false;
    link->received = now;
    dom::object object;
    dom::object event;
    if (tools_->parser.parse(frame.data, frame.size, false).get_object().get(object)) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    if (!object["event"].get_object().get(event)) {
        const PrivateEvent what = tools_->decoder.event(event, connection, sink);
        // "serverShutdown": no lead time is promised, so at once.
        if (what == PrivateEvent::shutdown) replace(*link, now, outbox);
        if (what == PrivateEvent::stream_ended) {
            leave(*link, "the venue ended the private stream", outbox);
            tell_roads(sink);
        }
        return true;
    }
    on_reply(object, *link, now, sink, outbox);
    return true;
}

// "rateLimits" of a reply: what this address and this account have used of each limit, in windows that begin
// with the venue's clock.
void OrderSocket::read_limits(const dom::object& reply, Timestamp now)
{
    dom::array limits;
    if (reply["rateLimits"].get_array().get(limits)) return;
    for (const auto entry : limits) {
        std::string_view type;
        std::string_view interval;
        std::uint64_t number = 0;
        std::uint64_t limit = 0;
        std::uint64_t count = 0;
        if (entry["rateLimitType"].get_string().get(type) || entry["interval"].get_string().get(interval) ||
            entry["intervalNum"].get_uint64().get(number) || entry["limit"].get_uint64().get(limit) ||
            entry["count"].get_uint64().get(count))
            continue;
        if (type == "REQUEST_WEIGHT" && interval == "MINUTE" && number == 1) tools_->pool->told(count, now);
        if (type != "ORDERS" || count < limit || number == 0 || number > 60) continue;
        // A day's count sinks with fills: whether it is full is the venue's word each time.
        if (interval != "SECOND" && interval != "MINUTE") continue;
        const Duration unit = interval == "SECOND" ? seconds(1) : seconds(60);
        const std::int64_t length = unit.ns * static_cast<std::int64_t>(number);
        const Timestamp there = now + tools_->offset;
        const Timestamp end{(there.ns / length + 1) * length - tools_->offset.ns};
        orders_full_until_ = std::max(orders_full_until_, end);
    }
}

void OrderSocket::on_reply(const dom::object& object, Link& link, Timestamp now, FactSink& sink,
                           Outbox& outbox)
{
    std::int64_t status = 0;
    if (object["status"].get_int64().get(status)) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, link.connection, {}});
        return;
    }
    read_limits(object, now);
    Refusal refusal;
    refusal.verdict = {Outcome::done, RejectReason::none};
    if (status != 200) {
        dom::element error;
        const bool told = !object["error"].get(error);
        const int code = status > 0 && status < 1000 ? static_cast<int>(status) : 0;
        refusal = read_refusal(code, told ? &error : nullptr);
    }
    std::uint64_t id = 0;
    if (object["id"].get_uint64().get(id)) return on_nameless(refusal, link, sink);
    const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& p) {
        return p.id == id && p.connection == link.connection;
    });
    if (found == pending_.end()) return;  // late: its end was told already
    const Pending pending = *found;
    pending_.erase(found);
    if (pending.kind == Pending::Kind::log_on) return on_log_on(link, refusal, now, sink, outbox);
    if (const std::optional<RequestKind> kind = pending.request())
        on_order_reply(pending, *kind, object, refusal, sink);
}

void OrderSocket::on_log_on(Link& link, const Refusal& refusal, Timestamp now, FactSink& sink, Outbox& outbox)
{
    constexpr std::int64_t kSubscribed = -2035;  // the subscription was there already
    if (refusal.verdict.outcome == Outcome::done || refusal.code == kSubscribed) {
        if (link.step == Step::subscribe) return stand(link, sink, outbox);
        link.step = Step::subscribe;
        if (!subscribes()) return stand(link, sink, outbox);
        return log_on(link, now, sink, outbox);
    }
    if (refusal.verdict.outcome == Outcome::key_trouble) return key_refused(refusal, sink);
    tools_->end(RequestKind::session, refusal.verdict, sink, kForeignOrder, refusal);
    if (refusal.verdict.outcome == Outcome::unknown) return leave(link, "the log-on failed", outbox);
    const bool clock = refusal.verdict.outcome == Outcome::refused;
    const Duration pause = refusal.retry_after > Duration{} ? refusal.retry_after
                           : clock                          ? kLogOnAgain
                                                            : kBusyPause;
    link.step = Step::waiting;
    link.again = now + pause;
    outbox.wake_at(tools_->setup.id, link.again);
}

void OrderSocket::key_refused(const Refusal& refusal, FactSink& sink)
{
    if (shut_) return;
    shut_ = true;
    tell_roads(sink);
    tools_->end(RequestKind::session, {Outcome::key_trouble, RejectReason::permission}, sink, kForeignOrder,
                refusal);
}

void OrderSocket::on_order_reply(const Pending& pending, RequestKind kind, const dom::object& object,
                                 const Refusal& refusal, FactSink& sink)
{
    Verdict verdict = refusal.verdict;
    if (verdict.outcome == Outcome::done) {
        dom::object result;
        // Taken, but it cannot be read: what was taken is not known.
        if (object["result"].get_object().get(result)) {
            sink.on_undecoded({UndecodedReason::missing_field, kNoListing, pending.connection, {}});
            verdict = {Outcome::unknown, RejectReason::none};
        } else if (!tools_->decoder.order(result, ReportSource::reply, sink)) {
            verdict = {Outcome::unknown, RejectReason::none};
        }
    }
    tools_->end(kind, verdict, sink, pending.order, refusal);
    constexpr std::int64_t kOtherPositionMode = -4061;
    if (refusal.code == kOtherPositionMode) tools_->mode_doubted = true;
    if (refusal.verdict.outcome == Outcome::key_trouble) key_refused(refusal, sink);
}

// "Session authentication": after the key was revoked the next request is answered with -2015 and the id
// null. With one request on its way it is the one that was refused; of several nobody knows which.
void OrderSocket::on_nameless(const Refusal& refusal, Link& link, FactSink& sink)
{
    sink.on_undecoded({UndecodedReason::venue_error, kNoListing, link.connection, refusal.text});
    if (refusal.verdict.outcome != Outcome::key_trouble) return;
    std::size_t waiting = 0;
    for (const Pending& pending : pending_) waiting += pending.connection == link.connection ? 1 : 0;
    for (std::size_t i = 0; i < pending_.size();) {
        const Pending pending = pending_[i];
        if (pending.connection != link.connection) {
            ++i;
            continue;
        }
        pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
        const std::optional<RequestKind> kind = pending.request();
        if (kind && waiting == 1)
            tools_->end(*kind, refusal.verdict, sink, pending.order, refusal);
        else
            give_up(pending, sink);
    }
    key_refused(refusal, sink);
}

}  // namespace arb::binance
