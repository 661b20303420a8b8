#include "connectors/binance/account.hpp"

#include "engine/connect/request_end.hpp"

namespace arb::binance {
namespace {

// Each timer costs a weight of 10 every 30 seconds, of 2400 a minute: so many listings are armed at the
// start, others with their first order.
constexpr std::size_t kArmedAtStart = 30;

// Without the session of orders the key is one that may only read.
constexpr Verdict kNoOrders{Outcome::refused, RejectReason::permission};

}  // namespace

TradingFeatures trading_features(Market market)
{
    TradingFeatures features;
    features.order_socket = true;
    features.clock_ahead_max = milliseconds(1'000);
    // The engine answers within 10 seconds or not at all, and a request is refused when it is older than its
    // window.
    features.certainty_window = seconds(15);
    if (market == Market::spot) {
        features.dead_man_note = "Binance spot has no dead-man switch: orders stay when we vanish";
        features.orders_per_second = 4;  // of 50 in 10 seconds
    } else {
        features.dead_man = true;
        features.amends = true;
        features.dead_man_note = "120 s a symbol (countdownCancelAll), set anew every 30 s; positions stay";
        features.orders_per_second = 15;  // of 1200 in a minute
        features.cancels_reserved = 4;
    }
    return features;
}

Account::Account(const VenueSetup& setup, Market market)
    : tools_(setup, market),
      orders_(tools_),
      questions_(tools_),
      inquiries_(setup, questions_, inquiry_rules(),
                 [this](const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox) {
                     on_own_end(asked, now, sink, outbox);
                 }),
      stream_(tools_, inquiries_),
      timers_(tools_, inquiries_),
      positions_(tools_, inquiries_)
{
}

void Account::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask_own(RequestKind::time, now, sink, outbox);
    const bool trades = tools_.channels.wants(Channel::order_entry);
    // On spot the private stream runs on the websocket of the orders.
    if (trades || tools_.market == Market::spot) orders_.start(now, sink, outbox);
    if (tools_.market != Market::usdm) return;
    if (tools_.channels.wants(Channel::private_stream)) stream_.start(now, sink, outbox);
    if (!trades) return;
    positions_.ask(now, sink, outbox);
    for (const ListingId listing : std::span(planned_).first(std::min(planned_.size(), kArmedAtStart)))
        timers_.arm(listing, now, sink, outbox);
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!tools_.channels.wants(Channel::order_entry))
        return tools_.end(RequestKind::place, kNoOrders, sink, order.id());
    orders_.place(order, now, sink, outbox);
    timers_.arm(order.intent().listing, now, sink, outbox);
}

void Account::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                          FactSink& sink, Outbox& outbox)
{
    if (!tools_.channels.wants(Channel::order_entry))
        return tools_.end(RequestKind::amend, kNoOrders, sink, amend.id());
    // Spot can make an order's quantity smaller and nothing else.
    if (tools_.market != Market::usdm)
        return tools_.end(RequestKind::amend, {Outcome::refused, RejectReason::other}, sink, amend.id());
    orders_.amend(order, amend, now, sink, outbox);
    timers_.arm(amend.intent().listing, now, sink, outbox);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!tools_.channels.wants(Channel::order_entry))
        return tools_.end(RequestKind::cancel, kNoOrders, sink, order.order);
    // Cancelling must be possible while the websocket is down.
    if (!tools_.mine(order.listing) || !orders_.cancel(order, now, sink, outbox))
        about_order(RequestKind::cancel, order, now, sink, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    about_order(RequestKind::query_order, order, now, sink, outbox);
}

void Account::about_order(RequestKind kind, const OrderReference& order, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    const bool nameless = order.order == kForeignOrder && !is_plain_id(order.venue_id);
    if (!tools_.mine(order.listing) || nameless)
        return tools_.end(kind, {Outcome::refused, RejectReason::other}, sink, order.order);
    Inquiry inquiry(kind);
    inquiry.order = order;
    begin(std::move(inquiry), now, sink, outbox);
}

void Account::query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                    FactSink& sink, Outbox& outbox)
{
    if (kind == RequestKind::cancel_all && !tools_.channels.wants(Channel::order_entry))
        return tools_.end(kind, kNoOrders, sink);
    Inquiry inquiry(kind);
    inquiry.listings.assign(listings.begin(), listings.end());
    inquiry.since = since;
    begin(std::move(inquiry), now, sink, outbox);
}

// Only what it tells is of interest.
void Account::ask_own(RequestKind kind, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(kind);
    inquiry.own = true;
    begin(std::move(inquiry), now, sink, outbox);
}

void Account::begin(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox)
{
    questions_.fill_in(inquiry, now);
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void Account::set_clock_offset(Duration offset)
{
    tools_.offset = offset;
    inquiries_.set_clock_offset(offset);
}

void Account::on_own_end(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (asked.kind != RequestKind::session) return;
    const OwnQuestion what = own_notes(asked).question;
    // Instead of a key that cannot be renewed another one is asked for.
    if (!asked.verdict.done() && what != OwnQuestion::renewed_key)
        tell_request_end(RequestKind::session, asked.verdict, kForeignOrder, asked.code, asked.text, sink,
                         true, asked.retry_after);
    if (what == OwnQuestion::position_mode)
        positions_.on_answer(asked, now, sink, outbox);
    else
        stream_.on_listen_key(asked, now, sink, outbox);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    return orders_.on_open(connection, url, now, sink, outbox) ||
           stream_.on_open(connection, url, now, sink, outbox);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    const bool ours = orders_.on_frame(connection, frame, now, sink, outbox) ||
                      stream_.on_frame(connection, frame, now, sink, outbox);
    if (ours && tools_.market == Market::usdm) mind_position_mode(now, sink, outbox);
    if (tools_.decoder.take_money_moved()) ask_own(RequestKind::balances, now, sink, outbox);
    return ours;
}

void Account::mind_position_mode(Timestamp now, FactSink& sink, Outbox& outbox)
{
    positions_.mind(now, sink, outbox);
    orders_.tell_channels(sink);
}

bool Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool ours = inquiries_.on_http(reply, now, sink, outbox);
    if (ours && tools_.market == Market::usdm) mind_position_mode(now, sink, outbox);
    return ours;
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    return orders_.on_close(connection, now, sink, outbox) || stream_.on_close(connection, now, sink, outbox);
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    inquiries_.on_wake(now, sink, outbox);
    orders_.on_wake(now, sink, outbox);
    Timestamp due;
    for (const Timestamp next : {timers_.on_wake(now, sink, outbox), positions_.on_wake(now, sink, outbox),
                                 stream_.on_wake(now, sink, outbox)}) {
        if (next.known() && (!due.known() || next < due)) due = next;
    }
    // What is due but cannot be done now is looked at again a second later.
    if (due.known()) outbox.wake_at(tools_.setup.id, due > now ? due : now + seconds(1));
}

}  // namespace arb::binance
