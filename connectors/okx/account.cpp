#include "connectors/okx/account.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/venue/account_fields.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kTypes[] = {"ioc", "fok", "limit", "post_only"};
// "expTime": an order, or another price for one, that reaches the venue's matching later than this is
// dropped.
constexpr Duration kOrderLife = seconds(5);

}  // namespace

TradingFeatures trading_features()
{
    TradingFeatures features;
    features.order_socket = true;
    features.amends = true;
    features.dead_man = true;
    features.dead_man_note = "OKX cancels our orders 60 s after we stop refreshing its timer";
    features.orders_per_second = 20;
    features.cancels_reserved = 6;
    return features;
}

Account::Account(const VenueSetup& setup)
    : setup_(setup),
      facts_(setup),
      questions_(setup, facts_),
      inquiries_(setup, questions_, inquiry_rules(),
                 [this](const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox) {
                     session_.on_mode(asked, now, sink, outbox);
                 }),
      session_(setup_, facts_, questions_, inquiries_),
      flights_(setup.id)
{
    [[maybe_unused]] const auto error = parser_.allocate(64 * 1024);
}

// No flight: nothing has left, which is certain and told here.
OrderFlight* Account::take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                                  FactSink& sink)
{
    const char* why = "order entry is down";
    if (!session_.takes_orders()) {
        why = "this key only reads the account: orders need the trade key";
    } else if (session_.can_order()) {
        why = "too many requests wait for their replies";
        // Since 2026-03 the websocket knows instruments by number alone.
        if (setup_.table->listing(listing).code.empty()) {
            why = "the instrument's number (instIdCode) is not known";
        } else {
            OrderFlight* const flight = flights_.take({next_number_, kind, order, listing, Side::buy, now});
            if (flight != nullptr) {
                ++next_number_;
                return flight;
            }
        }
    }
    tell_request_end(
        kind, {Outcome::refused, session_.takes_orders() ? RejectReason::other : RejectReason::permission},
        order, {}, why, sink);
    return nullptr;
}

void Account::send_line(const OrderFlight& flight, std::size_t size, std::string_view op, Outbox& outbox)
{
    ENSURE(size <= line_.size(), "an order's text fits its line");
    outbox.used_key(setup_.id, op);
    outbox.send(session_.connection(), {line_.data(), size});
    flights_.sent(flight, outbox);
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = order.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    const OrderFlight* flight = take_flight(RequestKind::place, order.id(), intent.listing, now, sink);
    if (flight == nullptr) return;
    const Instrument& instrument = setup_.table->instrument(listing.instrument);
    const OrderDigits digits(intent, instrument, listing);
    const bool cash = listing.market == "spot" && !session_.mode().spot_cross;
    // The wallet that a spot order pays from. In some countries OKX does not take the symbol's word for it.
    const std::string_view pays = cash ? R"("tradeQuoteCcy":")" : "";
    const auto written = fmt::format_to_n(
        line_.data(), line_.size(),
        R"({{"id":"{}","op":"order","args":[{{"instIdCode":{},"tdMode":"{}","clOrdId":"{}","tag":"{}","side":"{}",)"
        R"({}{}{}"ordType":"{}","px":"{}","sz":"{}"}}],"expTime":"{}"}})",
        flight->number, std::string_view(listing.code), cash ? "cash" : "cross",
        client_order_id(order.id()).view(), kOrderTag, name(intent.side), pays,
        cash ? std::string_view(instrument.quote) : "", cash ? "\"," : "",
        kTypes[static_cast<std::size_t>(intent.time_in_force)], digits.price(), digits.quantity(),
        (session_.stamp(now) + kOrderLife).ns / 1'000'000);
    send_line(*flight, written.size, "order", outbox);
}

// What is not named stays as it is, the quantity too. The orders channel repeats reqId with the outcome.
void Account::amend_order(const OrderReference&, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    const OrderIntent& intent = amend.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    const OrderFlight* flight = take_flight(RequestKind::amend, amend.id(), intent.listing, now, sink);
    if (flight == nullptr) return;
    const OrderDigits digits(intent, setup_.table->instrument(listing.instrument), listing);
    const auto written = fmt::format_to_n(
        line_.data(), line_.size(),
        R"({{"id":"{0}","op":"amend-order","args":[{{"instIdCode":{1},"clOrdId":"{2}","reqId":"{0}",)"
        R"("newPx":"{3}"}}],"expTime":"{4}"}})",
        flight->number, std::string_view(listing.code), client_order_id(amend.id()).view(), digits.price(),
        (session_.stamp(now) + kOrderLife).ns / 1'000'000);
    send_line(*flight, written.size, "amend-order", outbox);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const Listing& listing = setup_.table->listing(order.listing);
    const OrderFlight* flight = take_flight(RequestKind::cancel, order.order, order.listing, now, sink);
    if (flight == nullptr) return;
    // A stranger's order has no client id of ours; its venue's id is at most 64 characters of a report.
    const bool foreign = order.order == kForeignOrder;
    const ClientOrderId client = client_order_id(order.order);
    const std::string_view id = foreign ? order.venue_id.substr(0, 64) : client.view();
    const auto written =
        fmt::format_to_n(line_.data(), line_.size(),
                         R"({{"id":"{}","op":"cancel-order","args":[{{"instIdCode":{},"{}":"{}"}}]}})",
                         flight->number, std::string_view(listing.code), foreign ? "ordId" : "clOrdId", id);
    send_line(*flight, written.size, "cancel-order", outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(RequestKind::query_order);
    inquiry.order = order;
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void Account::query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                    FactSink& sink, Outbox& outbox)
{
    if (kind == RequestKind::cancel_all && !session_.takes_orders()) {
        tell_request_end(kind, {Outcome::refused, RejectReason::permission}, kForeignOrder, {},
                         "this key only reads the account: orders need the trade key", sink);
        return;
    }
    Inquiry inquiry(kind);
    // Open orders and fills of the whole account are told in one list.
    if (kind == RequestKind::cancel_all || kind == RequestKind::fees)
        inquiry.listings.assign(listings.begin(), listings.end());
    inquiry.since = since;
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void Account::set_clock_offset(Duration offset)
{
    session_.set_clock_offset(offset);
    inquiries_.set_clock_offset(offset);
}

bool Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    return inquiries_.on_http(reply, now, sink, outbox);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    const PrivateSocket::Event event = session_.heard(connection, now);
    if (event != PrivateSocket::Event::ours) return event == PrivateSocket::Event::surplus;
    if (frame.view() == "pong") return true;
    Json message;
    if (parser_.parse(frame.data, frame.size, false).get(message) != simdjson::SUCCESS ||
        !message.is_object()) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    const AccountFields fields(message);
    if (fields.has("event"))
        session_.on_event(message, now, sink, outbox);
    else if (fields.has("op"))
        on_reply(message, sink);
    else
        facts_.stream(message, connection, sink);
    return true;
}

void Account::on_reply(const Json& message, FactSink& sink)
{
    AccountFields fields(message);
    const auto number = static_cast<std::uint64_t>(fields.integer("id", false));
    OrderFlight* const waiting = flights_.find(number);
    if (waiting == nullptr) return;  // its time was over
    const OrderFlight flight = flights_.land(*waiting);
    std::string_view code = fields.text("code", false);
    std::string_view text = fields.text("msg", false);
    std::string_view venue_id;
    simdjson::dom::array data;
    if (message["data"].get(data) == simdjson::SUCCESS && data.size() > 0) {
        AccountFields item(data.at(0).value_unsafe());
        // The item's own code tells; the outer one says only that something failed.
        if (item.has("sCode")) {
            code = item.text("sCode", false);
            text = item.text("sMsg", false);
        }
        venue_id = item.text("ordId", false);
    }
    const Verdict verdict = judge(200, code);
    if (flight.kind == RequestKind::place && verdict.outcome == Outcome::done) {
        const ClientOrderId client = client_order_id(flight.order);
        OrderReport report;
        report.order = flight.order;
        report.listing = flight.listing;
        report.source = ReportSource::reply;
        report.venue_id = venue_id;
        report.client_id = client.view();
        sink.on_order_report(report);
    }
    tell_request_end(flight.kind, verdict, flight.order, code, text, sink);
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Event event = session_.on_close(connection, now, sink, outbox);
    if (event == PrivateSocket::Event::ours) flights_.end_all("the connection ended", sink);
    return event != PrivateSocket::Event::not_ours;
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    session_.on_wake(now, sink, outbox);
    inquiries_.on_wake(now, sink, outbox);
    flights_.on_wake(now, sink, outbox);
}

}  // namespace arb::okx
