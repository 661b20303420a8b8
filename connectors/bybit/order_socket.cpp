#include "connectors/bybit/order_socket.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/bybit/private_fields.hpp"

namespace arb::bybit {
namespace {

/// The number in front of reqId; 0: none.
std::uint64_t request_of(std::string_view id)
{
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(id.data(), id.data() + id.size(), number);
    return parsed.ec == std::errc{} ? number : 0;
}

}  // namespace

OrderFlight* OrderSocket::take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                                      FactSink& sink)
{
    OrderFlight* const flight =
        is_open() ? flights_.take({tools_->requests + 1, kind, order, listing, Side::buy, now}) : nullptr;
    if (flight == nullptr) {
        tools_->end(kind, {Outcome::refused, RejectReason::other}, sink, order, 0,
                    is_open() ? "too many unanswered requests" : "order entry is down");
        return nullptr;
    }
    ++tools_->requests;
    return flight;
}

void OrderSocket::send(const OrderFlight& flight, std::string_view frame, Outbox& outbox)
{
    outbox.send(socket_.connection(), frame);
    flights_.sent(flight, outbox);
}

void OrderSocket::place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderFlight* const flight =
        take_flight(RequestKind::place, order.id(), order.intent().listing, now, sink);
    if (flight != nullptr)
        send(*flight, tools_->encoder.place(order, flight->number, tools_->timestamp(now)), outbox);
}

void OrderSocket::amend(const ApprovedAmend& amend, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderFlight* const flight =
        take_flight(RequestKind::amend, amend.id(), amend.intent().listing, now, sink);
    if (flight != nullptr)
        send(*flight, tools_->encoder.amend(amend, flight->number, tools_->timestamp(now)), outbox);
}

void OrderSocket::cancel(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderFlight* const flight = take_flight(RequestKind::cancel, order.order, order.listing, now, sink);
    if (flight != nullptr)
        send(*flight, tools_->encoder.cancel(order, flight->number, tools_->timestamp(now)), outbox);
}

bool OrderSocket::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                           Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.heard(connection, now);
    if (event != PrivateSocket::Event::ours) return event == PrivateSocket::Event::surplus;
    simdjson::dom::object root;
    if (!tools_->read(frame, root)) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    PrivateFields fields(root);
    const std::string_view operation = fields.text("op");
    const std::string_view text = fields.text("retMsg");
    if (!fields.ok()) {
        sink.on_undecoded({UndecodedReason::wrong_type, kNoListing, connection, {}});
        return true;
    }
    if (operation == "pong" || operation == "ping") return true;
    std::int64_t code = 0;
    if (root.at_key("retCode").get(code) != simdjson::SUCCESS) {
        // Without it nothing is known of the request: it ends as unknown when its time is up.
        sink.on_undecoded({UndecodedReason::missing_field, kNoListing, connection, "retCode"});
    } else if (operation == "auth") {
        log_on_reply(code, text, now, sink, outbox);
    } else {
        reply(root, code, text, sink, outbox);
    }
    return true;
}

void OrderSocket::log_on_reply(std::int64_t code, std::string_view text, Timestamp now, FactSink& sink,
                               Outbox& outbox)
{
    constexpr std::int64_t kRepeated = 20001;
    if (!socket_.is_logging_on()) return;
    if (code != 0 && code != kRepeated) {
        tools_->log_on_failed(socket_, verdict_of(code, text), code, text, now, sink, outbox);
        return;
    }
    socket_.logged_on();
    tools_->channels.set(Channel::order_entry, true, sink);
}

void OrderSocket::reply(const simdjson::dom::object& root, std::int64_t code, std::string_view text,
                        FactSink& sink, Outbox& outbox)
{
    constexpr std::int64_t kRestarting = 10019;
    PrivateFields fields(root);
    const std::string_view id = fields.text("reqId");
    const std::uint64_t number = request_of(id);
    OrderFlight* flight = flights_.find(number);
    // Some refusals for want of a permission name no request: the only one that waits is meant.
    if (id.empty() && order_socket_verdict(code, text).reason == RejectReason::permission &&
        flights_.count() == 1)
        flight = flights_.oldest([](const OrderFlight&) { return true; });
    if (flight == nullptr) {
        // A second reply, or one that came too late: an acknowledgement still tells of an order.
        if (code == 0)
            acknowledge(root, kNoListing, sink);
        else
            sink.on_undecoded({UndecodedReason::venue_error, kNoListing, socket_.connection(), text});
    } else {
        const OrderFlight done = flights_.land(*flight);
        if (code == 0 && done.kind == RequestKind::place) acknowledge(root, done.listing, sink);
        tools_->end(done.kind, order_socket_verdict(code, text), sink, done.order, code, text);
    }
    if (code == kRestarting) {  // takes nothing new; a new connection leads to another server
        tools_->channels.set(Channel::order_entry, false, sink);
        socket_.close("the venue's order entry restarts", outbox);
    }
}

void OrderSocket::acknowledge(const simdjson::dom::object& root, ListingId listing, FactSink& sink) const
{
    simdjson::dom::object data;
    if (root.at_key("data").get(data) != simdjson::SUCCESS) return;
    PrivateFields fields(data);
    OrderReport report;
    report.source = ReportSource::reply;
    report.status = OrderStatus::pending;
    report.listing = listing;
    report.client_id = fields.text("orderLinkId");
    report.venue_id = fields.text("orderId");
    report.order = parse_client_order_id(report.client_id).value_or(kForeignOrder);
    simdjson::dom::object header;
    if (root.at_key("header").get(header) == simdjson::SUCCESS) {
        PrivateFields stamp(header);
        report.venue_time = stamp.time("Timenow");
    }
    // A late reply to an amend or a cancel looks the same: it is about an order of ours, still on its way for
    // all we know.
    if (fields.ok() && report.order != kForeignOrder) sink.on_order_report(report);
}

bool OrderSocket::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.on_close(connection, now, outbox);
    if (event == PrivateSocket::Event::ours) {
        tools_->channels.set(Channel::order_entry, false, sink);
        flights_.end_all("the connection ended", sink);
    }
    return event != PrivateSocket::Event::not_ours;
}

void OrderSocket::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    tools_->wake(socket_, now, sink, outbox);
    flights_.on_wake(now, sink, outbox);
}

}  // namespace arb::bybit
