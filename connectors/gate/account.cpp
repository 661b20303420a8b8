#include "connectors/gate/account.hpp"

#include <algorithm>
#include <utility>

#include "connectors/gate/errors.hpp"
#include "engine/connect/request_end.hpp"
#include "engine/venue/account_fields.hpp"
#include "engine/venue/quoted_numbers.hpp"

namespace arb::gate {
namespace {

constexpr std::size_t kParserSize = std::size_t{64} * 1024;
constexpr Duration kWaitMost = seconds(60);

/// When the venue counts anew, in one of the two spellings that it has for it.
Timestamp reset_time(AccountFields& header)
{
    for (const char* key : {"x_gate_ratelimit_reset_timestamp", "x_gat_ratelimit_reset_timestamp"}) {
        if (header.has(key)) return header.milliseconds_time(key);
    }
    return {};
}

}  // namespace

// Of spot placing and amending count by market, ten a second, cancelling two hundred for all of them; of
// contracts all three together, a hundred a second.
TradingFeatures trading_features(const MarketNames& words)
{
    TradingFeatures features;
    features.order_socket = true;
    features.amends = true;
    features.dead_man = true;
    features.dead_man_note =
        words.spot
            ? "Gate cancels every spot order of the account, others' too, 60 s after we stop refreshing its "
              "timer"
            : "Gate cancels every order of the account in USDT contracts, others' too, 60 s after we stop "
              "refreshing its timer";
    features.orders_per_second = words.spot ? 10 : 40;
    features.cancels_reserved = words.spot ? 3 : 10;
    return features;
}

Account::Account(const VenueSetup& setup)
    : setup_(setup),
      words_(&words_of(setup)),
      decoder_(setup),
      encoder_(setup),
      flights_(setup.id),
      questions_(setup, decoder_),
      inquiries_(setup, questions_, inquiry_rules(),
                 [this](const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox) {
                     session_.on_mode(asked, now, sink, outbox);
                 }),
      session_(setup, encoder_, questions_, inquiries_)
{
    // A larger frame grows them once; a failure shows as an unreadable frame.
    [[maybe_unused]] const auto error = parser_.allocate(kParserSize);
    [[maybe_unused]] const auto tape_error = parser_.doc.allocate(kParserSize);
    if (!words_->spot) quoted_.reserve(kParserSize);
}

void Account::refuse_account_key(RequestKind kind, OrderId order, FactSink& sink) const
{
    tell_request_end(kind, {Outcome::refused, RejectReason::permission}, order, {},
                     "this key only reads the account: orders need the trade key", sink);
}

// No flight: nothing has left, which is certain and told here.
OrderFlight* Account::take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                                  FactSink& sink)
{
    if (!session_.wants_orders()) {
        refuse_account_key(kind, order, sink);
        return nullptr;
    }
    const bool up = session_.takes_orders();
    OrderFlight* const flight =
        up ? flights_.take({next_number_, kind, order, listing, Side::buy, now}) : nullptr;
    if (flight != nullptr)
        ++next_number_;
    else
        tell_request_end(kind, {Outcome::refused, RejectReason::other}, order, {},
                         up ? "too many requests wait for their replies" : "order entry is down", sink);
    return flight;
}

void Account::launch(OrderFlight& flight, std::string_view frame, std::string_view channel, FactSink& sink,
                     Outbox& outbox)
{
    if (frame.empty()) {
        const OrderFlight ended = flights_.land(flight);
        tell_request_end(ended.kind, {Outcome::refused, RejectReason::other}, ended.order, {},
                         "the order has no id that could be sent", sink);
        return;
    }
    outbox.used_key(setup_.id, channel);
    outbox.send(session_.connection(), frame);
    flights_.sent(flight, outbox);
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    OrderFlight* const flight =
        take_flight(RequestKind::place, order.id(), order.intent().listing, now, sink);
    if (flight == nullptr) return;
    launch(*flight, encoder_.place(order, flight->number, session_.venue_now(now)), words_->place, sink,
           outbox);
}

void Account::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                          FactSink& sink, Outbox& outbox)
{
    OrderFlight* const flight =
        take_flight(RequestKind::amend, amend.id(), amend.intent().listing, now, sink);
    if (flight == nullptr) return;
    launch(*flight, encoder_.amend(order, amend, flight->number, session_.venue_now(now)), words_->amend,
           sink, outbox);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    OrderFlight* const flight = take_flight(RequestKind::cancel, order.order, order.listing, now, sink);
    if (flight == nullptr) return;
    launch(*flight, encoder_.cancel(order, flight->number, session_.venue_now(now)), words_->cancel, sink,
           outbox);
}

// The venue's own id finds an order at any time, the text that we gave it for an hour behind its end alone.
void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(RequestKind::query_order);
    inquiry.order = order;
    if (is_plain_id(order.venue_id)) inquiry.venue_id = order.venue_id;
    if (order.order == kForeignOrder && inquiry.venue_id.empty()) {
        tell_request_end(RequestKind::query_order, {Outcome::refused, RejectReason::other}, order.order, {},
                         "the order has no id that could be asked for", sink);
        return;
    }
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void Account::query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                    FactSink& sink, Outbox& outbox)
{
    if (kind == RequestKind::cancel_all && !session_.wants_orders())
        return refuse_account_key(kind, kForeignOrder, sink);
    Inquiry inquiry(kind);
    inquiry.listings.assign(listings.begin(), listings.end());
    inquiry.since = since;
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void Account::set_clock_offset(Duration offset)
{
    session_.set_clock_offset(offset);
    inquiries_.set_clock_offset(offset);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    return session_.on_open(connection, url, now, sink, outbox) != PrivateSocket::Event::not_ours;
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Event event = session_.on_close(connection, now, sink, outbox);
    if (event == PrivateSocket::Event::ours) flights_.end_all("the connection ended", sink);
    return event != PrivateSocket::Event::not_ours;
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    const PrivateSocket::Event event = session_.heard(connection, now);
    if (event == PrivateSocket::Event::ours) on_text(frame, now, sink, outbox);
    return event != PrivateSocket::Event::not_ours;
}

void Account::on_text(PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Json message;
    // Contracts have numbers that must not pass through floating point.
    if (!words_->spot) {
        const std::string_view quoted = quote_numbers(frame.view(), quoted_);
        frame = {quoted.data(), quoted.size()};
    }
    const auto error = parser_.parse(frame.data, frame.size, false).get(message);
    if (error != simdjson::SUCCESS || !message.is_object())
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, session_.connection(), {}});
    else if (AccountFields(message).has("request_id"))
        on_reply(message, now, sink, outbox);
    else
        on_channel_frame(message, now, sink, outbox);
}

void Account::on_channel_frame(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const ConnectionId connection = session_.connection();
    AccountFields fields(message);
    const std::string_view channel = fields.text("channel", false);
    const std::string_view event = fields.text("event", false);
    if (event == "update") {
        if (!decoder_.push(message, channel, connection, sink)) session_.leave_hedged(now, sink, outbox);
    } else if (event == "subscribe") {
        session_.on_subscription(message, channel, now, sink, outbox);
    } else if (fields.text("type", false) == "upgrade") {
        session_.leave("the venue announces that it closes the connection", now, sink, outbox);
    } else if (channel != words_->pong) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, channel});
    }
}

// header.status is a number in some replies and a text in others. A refusal has its label in data.errs.
Account::Reply Account::read_reply(const Json& message, Timestamp now) const
{
    Reply reply;
    AccountFields fields(message);
    reply.id = fields.text("request_id", false);
    Json header, errors;
    std::int64_t status = 0;
    Timestamp reset;
    if (message["header"].get(header) == simdjson::SUCCESS && header.is_object()) {
        AccountFields inner(header);
        status = inner.integer("status", false);
        reset = reset_time(inner);
    }
    if (message["data"]["errs"].get(errors) == simdjson::SUCCESS && errors.is_object()) {
        AccountFields inner(errors);
        reply.label = inner.text("label", false);
        reply.message = inner.text("message", false);
        // Success in words of a reply that is none.
        if (reply.label.empty() && status < 300) status = 0;
    }
    reply.verdict = judge(static_cast<int>(std::clamp<std::int64_t>(status, 0, 999)), reply.label);
    reply.received = fields.flag("ack") && reply.verdict.done();
    if (reply.verdict.outcome == Outcome::rate_limited && reset > session_.venue_now(now))
        reply.retry_after = std::min(reset - session_.venue_now(now), kWaitMost);
    return reply;
}

// The result is the whole order as it is now, also behind a reply that nobody waits for any more.
void Account::on_reply(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const Reply reply = read_reply(message, now);
    if (reply.received) return;
    if (reply.id == kLogOnId)
        return session_.on_logged_on(reply.verdict, reply.label, reply.message, now, sink, outbox);
    Json result;
    if (reply.verdict.done() && message["data"]["result"].get(result) == simdjson::SUCCESS &&
        result.is_object())
        (void)decoder_.order(result, ReportSource::reply, sink);
    const ScaledNumber number = parse_scaled(reply.id, 0);
    if (number.error != DecimalError::none) return;
    OrderFlight* const waiting = flights_.find(static_cast<std::uint64_t>(number.value));
    if (waiting == nullptr) return;
    const OrderFlight flight = flights_.land(*waiting);
    tell_request_end(flight.kind, reply.verdict, flight.order, reply.label, reply.message, sink, true,
                     reply.retry_after);
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    session_.on_wake(now, sink, outbox);
    inquiries_.on_wake(now, sink, outbox);
    flights_.on_wake(now, sink, outbox);
}

}  // namespace arb::gate
