#include "connectors/kraken/order_entry.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/errors.hpp"

namespace arb::kraken {
namespace {

constexpr std::string_view kTifs[] = {"ioc", "fok", "gtc", "gtc"};
constexpr Duration kNothingNew = seconds(1);
constexpr Duration kLatest = seconds(60);  ///< an order of ours that long ago has come or never will

std::string_view method_of(RequestKind kind)
{
    switch (kind) {
        case RequestKind::place:
            return "add_order";
        case RequestKind::amend:
            return "amend_order";
        case RequestKind::cancel:
            return "cancel_order";
        case RequestKind::cancel_all:
            return "cancel_all";
        default:
            return "ping";
    }
}

void end_request(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view text = {},
                 Duration retry_after = {})
{
    tell_request_end(kind, verdict, order, {}, text, sink, true, retry_after);
}

}  // namespace

OrderEntry::OrderEntry(const VenueSetup& setup, Session& session, OrderMemory& orders, Inquiries& inquiries)
    : setup_(setup), session_(&session), orders_(&orders), inquiries_(&inquiries), flights_(setup.id)
{
    counters_.assign(setup.table->listings().size(), DecayingCounter(tier_.orders_decay));
}

void OrderEntry::set_tier(const Tier& tier, Timestamp now)
{
    tier_ = tier;
    for (DecayingCounter& counter : counters_) counter.set_decay(tier.orders_decay, now);
}

bool OrderEntry::refused_here(RequestKind kind, OrderId order, FactSink& sink) const
{
    if (setup_.scope != SessionScope::account) return false;
    end_request(kind, {Outcome::refused, RejectReason::permission}, order, sink,
                "this key only reads the account: orders need the trade key");
    return true;
}

OrderFlight* OrderEntry::take_flight(RequestKind kind, OrderId order, ListingId listing, Side side,
                                     Timestamp now)
{
    OrderFlight* const flight = flights_.take({session_->next_number, kind, order, listing, side, now});
    if (flight != nullptr) ++session_->next_number;
    return flight;
}

// Nothing has left: that is certain.
void OrderEntry::end_down(RequestKind kind, OrderId order, FactSink& sink) const
{
    if (session_->entry_trouble.outcome == Outcome::key_trouble)
        end_request(kind, session_->entry_trouble, order, sink, "the venue refused order entry to this key");
    else
        end_request(kind, {Outcome::refused, RejectReason::other}, order, sink, "order entry is down");
}

void OrderEntry::end_full(RequestKind kind, OrderId order, Duration wait, FactSink& sink) const
{
    end_request(kind, {Outcome::rate_limited, RejectReason::rate_limited}, order, sink,
                kind == RequestKind::amend ? "the pair's order counter is too full for an amend"
                                           : "the pair's order counter is full",
                wait);
}

// What is left is for those that must go out: nothing new is begun while it is little.
void OrderEntry::tell_nearly_full(DecayingCounter& counter, Timestamp now, FactSink& sink) const
{
    if (counter.wait(1, spare(), now).ns > 0)
        end_request(RequestKind::session, {Outcome::rate_limited, RejectReason::rate_limited}, kForeignOrder,
                    sink, "the pair's order counter is nearly full", kNothingNew);
}

void OrderEntry::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (refused_here(RequestKind::place, order.id(), sink)) return;
    const OrderIntent& intent = order.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    DecayingCounter& counter = counters_[index(intent.listing)];
    if (const Duration wait = counter.wait(1, tier_.orders_most, now);
        session_->is_entry_ready && wait.ns > 0) {
        end_full(RequestKind::place, order.id(), wait, sink);
        return;
    }
    const OrderFlight* flight = session_->is_entry_ready ? take_flight(RequestKind::place, order.id(),
                                                                       intent.listing, intent.side, now)
                                                         : nullptr;
    if (flight == nullptr) {
        end_down(RequestKind::place, order.id(), sink);
        return;
    }
    placed_ = now;
    const OrderDigits digits(intent, setup_.table->instrument(listing.instrument), listing);
    const auto written = fmt::format_to_n(
        line_.data(), line_.size(),
        R"({{"method":"add_order","params":{{"order_type":"limit","side":"{}","order_qty":{},"symbol":"{}","limit_price":{},)"
        R"("time_in_force":"{}"{},"cl_ord_id":"{}","token":"{}"}},"req_id":{}}})",
        name(intent.side), digits.quantity(), listing.symbol, digits.price(),
        kTifs[static_cast<std::size_t>(intent.time_in_force)],
        intent.time_in_force == TimeInForce::post_only ? R"(,"post_only":true)" : "",
        client_order_id(order.id()).view(), session_->token, flight->number);
    send_line(*flight, written.size, "add_order", outbox);
    counter.add(1, now);
    tell_nearly_full(counter, now, sink);
}

// What is not named stays as it is at the venue: the quantity is not. It is counted as one that is taken,
// which costs the most, and from then on the order is young again.
void OrderEntry::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                             FactSink& sink, Outbox& outbox)
{
    if (refused_here(RequestKind::amend, amend.id(), sink)) return;
    const OrderIntent& intent = amend.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    DecayingCounter& counter = counters_[index(intent.listing)];
    const std::int64_t cost = amend_cost(now - amended_.begin(amend.id(), order.sent));
    // It may be left undone, and what would be left of the counter may be needed to cancel the order.
    if (const Duration wait = counter.wait(cost, spare(), now); session_->is_entry_ready && wait.ns > 0) {
        end_full(RequestKind::amend, amend.id(), wait, sink);
        return;
    }
    const OrderFlight* flight = session_->is_entry_ready ? take_flight(RequestKind::amend, amend.id(),
                                                                       intent.listing, intent.side, now)
                                                         : nullptr;
    if (flight == nullptr) {
        end_down(RequestKind::amend, amend.id(), sink);
        return;
    }
    const OrderDigits digits(intent, setup_.table->instrument(listing.instrument), listing);
    const auto written = fmt::format_to_n(
        line_.data(), line_.size(),
        R"({{"method":"amend_order","params":{{"cl_ord_id":"{}","limit_price":{}{},"token":"{}"}},"req_id":{}}})",
        client_order_id(amend.id()).view(), digits.price(),
        intent.time_in_force == TimeInForce::post_only ? R"(,"post_only":true)" : "", session_->token,
        flight->number);
    send_line(*flight, written.size, "amend_order", outbox);
    counter.add(cost, now);
    amended_.note(amend.id(), now);
    tell_nearly_full(counter, now, sink);
}

void OrderEntry::send_line(const OrderFlight& flight, std::size_t size, std::string_view method,
                           Outbox& outbox)
{
    outbox.used_key(setup_.id, method);
    outbox.send(session_->connection(), {line_.data(), std::min(size, line_.size())});
    flights_.sent(flight, outbox);
}

// Whatever keeps new orders out, a cancel goes: by the websocket where it stands, else by REST.
void OrderEntry::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (refused_here(RequestKind::cancel, order.order, sink)) return;
    if (index(order.listing) < counters_.size())
        counters_[index(order.listing)].add(cancel_cost(now - amended_.begin(order.order, order.sent)), now);
    const OrderFlight* flight =
        may_cancel() ? take_flight(RequestKind::cancel, order.order, order.listing, {}, now) : nullptr;
    if (flight == nullptr) {
        Inquiry inquiry(RequestKind::cancel);
        inquiry.order = order;
        begin_question(*inquiries_, std::move(inquiry), now, sink, outbox);
        return;
    }
    outbox.used_key(setup_.id, "cancel_order");
    outbox.send(
        session_->connection(),
        fmt::format(R"({{"method":"cancel_order","params":{{"cl_ord_id":["{}"],"token":"{}"}},"req_id":{}}})",
                    client_order_id(order.order).view(), session_->token, flight->number));
    flights_.sent(*flight, outbox);
}

void OrderEntry::cancel_all(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (refused_here(RequestKind::cancel_all, kForeignOrder, sink)) return;
    const OrderFlight* flight =
        may_cancel() ? take_flight(RequestKind::cancel_all, kForeignOrder, kNoListing, {}, now) : nullptr;
    if (flight == nullptr) {
        begin_question(*inquiries_, Inquiry(RequestKind::cancel_all), now, sink, outbox);
        return;
    }
    outbox.used_key(setup_.id, "cancel_all");
    outbox.send(session_->connection(),
                fmt::format(R"({{"method":"cancel_all","params":{{"token":"{}"}},"req_id":{}}})",
                            session_->token, flight->number));
    flights_.sent(*flight, outbox);
}

// REST tells whole seconds alone; the websocket's pong tells microseconds.
void OrderEntry::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderFlight* flight =
        session_->is_open() ? take_flight(RequestKind::time, kForeignOrder, kNoListing, {}, now) : nullptr;
    if (flight == nullptr) {
        end_request(RequestKind::time, {Outcome::refused, RejectReason::other}, kForeignOrder, sink,
                    "the websocket is down");
        return;
    }
    outbox.send(session_->connection(), fmt::format(R"({{"method":"ping","req_id":{}}})", flight->number));
    flights_.sent(*flight, outbox);
}

OrderFlight* OrderEntry::find(std::uint64_t number, std::string_view method, bool success)
{
    // What is refused before it was read comes without our number: it is the oldest of its kind.
    if (number == 0 && !success)
        return flights_.oldest([&](const OrderFlight& f) { return method == method_of(f.kind); });
    return flights_.find(number);
}

bool OrderEntry::is_placing(ListingId listing)
{
    return flights_.oldest([&](const OrderFlight& f) {
        return f.kind == RequestKind::place && (listing == kNoListing || f.listing == listing);
    }) != nullptr;
}

const OrderFlight* OrderEntry::placing(OrderId order)
{
    return flights_.oldest(
        [&](const OrderFlight& f) { return f.kind == RequestKind::place && f.order == order; });
}

bool OrderEntry::placed_lately(Timestamp now) const
{
    return placed_.known() && now - placed_ < kLatest;
}

std::string_view OrderEntry::name_order(const OrderFlight& ended, simdjson::dom::element message,
                                        bool success, FactSink& sink)
{
    simdjson::dom::element result;
    if (!success || ended.kind != RequestKind::place || message["result"].get(result) != simdjson::SUCCESS)
        return {};
    OrderReport report;
    report.order = ended.order;
    report.listing = ended.listing;
    report.side = ended.side;
    report.source = ReportSource::reply;
    report.venue_id = AccountFields(result).text("order_id", false);
    if (!report.venue_id.empty()) {
        KnownOrder& known = orders_->at(report.venue_id);
        known.has_owner = true;
        known.order = ended.order;
        known.listing = ended.listing;
        known.has_side = true;
        known.side = ended.side;
    }
    sink.on_order_report(report);
    return report.venue_id;
}

void OrderEntry::on_reply(const OrderFlight& ended, simdjson::dom::element message, std::string_view error,
                          bool success, Timestamp now, FactSink& sink)
{
    if (ended.kind == RequestKind::time) {
        // Between hearing us and answering lies next to nothing; the middle of both is the venue's moment.
        const auto in = parse_utc(AccountFields(message).text("time_in", false));
        if (!in) {
            end_request(ended.kind, {}, ended.order, sink, "the venue's time is unreadable");
            return;
        }
        sink.on_clock_sample(*in, ended.sent, now);
        end_request(ended.kind, {Outcome::done, RejectReason::none}, ended.order, sink);
        return;
    }
    Verdict verdict = success ? Verdict{Outcome::done, RejectReason::none} : judge(200, error);
    // A cancel that is taken and not finished yet: the stream tells its end.
    if (ended.kind == RequestKind::cancel && error.ends_with(":Cancel pending"))
        verdict = {Outcome::done, RejectReason::none};
    if (verdict.outcome == Outcome::rate_limited &&
        (ended.kind == RequestKind::place || ended.kind == RequestKind::amend) &&
        error.starts_with("EOrder:"))
        counters_[index(ended.listing)].raise_to(tier_.orders_most, now);
    end_request(ended.kind, verdict, ended.order, sink, error, told_pause(error, now));
}

}  // namespace arb::kraken
