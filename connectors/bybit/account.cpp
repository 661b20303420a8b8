#include "connectors/bybit/account.hpp"

#include <utility>

namespace arb::bybit {

// "Rate Limit Rules": create, amend and cancel are counted apart, ten a second each for contracts; spot takes
// twenty, but ten amends, so that what is not kept for cancelling stays below ten. A timestamp may be up to a
// second ahead.
TradingFeatures trading_features(bool spot)
{
    TradingFeatures features;
    features.order_socket = true;
    features.dead_man = false;
    features.dead_man_note =
        "Bybit's disconnect protection is for institutions that had it enabled by their account "
        "manager";
    features.amends = true;
    features.certainty_window = seconds(10);
    features.clock_ahead_max = milliseconds(900);
    features.orders_per_second = spot ? 12 : 8;
    features.cancels_reserved = 3;
    return features;
}

Account::Account(const VenueSetup& setup)
    : tools_(setup),
      orders_(tools_),
      stream_(tools_),
      questions_(tools_),
      inquiries_(
          setup, questions_, inquiry_rules(),
          [this](const Inquiry& asked, Timestamp, FactSink& sink, Outbox&) { on_own_end(asked, sink); })
{
}

void Account::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    // A second start: what made the venue refuse the key may be mended.
    tools_.shut = false;
    Inquiry time(RequestKind::time);
    time.own = true;
    inquiries_.begin(std::move(time), now, sink, outbox);
    if (tools_.channels.wants(Channel::private_stream)) stream_.socket().start(now, outbox);
    if (tools_.channels.wants(Channel::order_entry)) orders_.socket().start(now, outbox);
}

bool Account::refused_here(RequestKind kind, OrderId order, FactSink& sink) const
{
    const bool stands = kind == RequestKind::place || kind == RequestKind::amend;
    const bool hedged = tools_.hedged && stands;
    if (tools_.channels.wants(Channel::order_entry) && !hedged) return false;
    tools_.end(kind, {Outcome::refused, RejectReason::permission}, sink, order, 0,
               hedged ? "the account is in hedge mode"
                      : "this key only reads the account: orders need the trade key");
    return true;
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!refused_here(RequestKind::place, order.id(), sink)) orders_.place(order, now, sink, outbox);
}

void Account::amend_order(const OrderReference&, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    if (!refused_here(RequestKind::amend, amend.id(), sink)) orders_.amend(amend, now, sink, outbox);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (refused_here(RequestKind::cancel, order.order, sink)) return;
    // Cancelling must not wait for a socket to come back.
    if (orders_.is_open())
        orders_.cancel(order, now, sink, outbox);
    else
        begin(RequestKind::cancel, order, now, sink, outbox);
}

void Account::begin(RequestKind kind, const OrderReference& order, Timestamp now, FactSink& sink,
                    Outbox& outbox)
{
    Inquiry inquiry(kind);
    inquiry.order = order;
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    begin(RequestKind::query_order, order, now, sink, outbox);
}

void Account::query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                    FactSink& sink, Outbox& outbox)
{
    if (kind == RequestKind::cancel_all && refused_here(kind, kForeignOrder, sink)) return;
    Inquiry inquiry(kind);
    inquiry.listings.assign(listings.begin(), listings.end());
    inquiry.since = since;
    questions_.fill_in(inquiry);
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void Account::set_clock_offset(Duration offset)
{
    tools_.offset = offset;
    inquiries_.set_clock_offset(offset);
}

void Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    (void)inquiries_.on_http(reply, now, sink, outbox);
}

// A log-on was refused without a code: a key that the venue does not take ends all log-ons. A clock can be
// set right, another key is another start.
void Account::on_own_end(const Inquiry& asked, FactSink& sink)
{
    const Verdict verdict = asked.verdict;
    if (asked.kind != RequestKind::session || verdict.outcome != Outcome::key_trouble ||
        verdict.reason == RejectReason::clock)
        return;
    tools_.shut = true;
    tell_request_end(RequestKind::session, verdict, kForeignOrder, asked.code, asked.text, sink);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    for (PrivateSocket* const socket : {&orders_.socket(), &stream_.socket()}) {
        const PrivateSocket::Event event = socket->on_open(connection, url, now, outbox);
        if (event == PrivateSocket::Event::ours) tools_.log_on(*socket, now, sink, outbox);
        if (event != PrivateSocket::Event::not_ours) return true;
    }
    return false;
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    const bool mine = orders_.on_frame(connection, frame, now, sink, outbox) ||
                      stream_.on_frame(connection, frame, now, sink, outbox);
    if (std::exchange(tools_.doubtful, false)) {
        Inquiry why(RequestKind::session);
        why.own = true;
        inquiries_.begin(std::move(why), now, sink, outbox);
    }
    return mine;
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    return orders_.on_close(connection, now, sink, outbox) || stream_.on_close(connection, now, sink, outbox);
}

void Account::on_lost_dial(Timestamp now, Outbox& outbox)
{
    orders_.socket().on_lost_dial(now, outbox);
    stream_.socket().on_lost_dial(now, outbox);
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    orders_.on_wake(now, sink, outbox);
    stream_.on_wake(now, sink, outbox);
    inquiries_.on_wake(now, sink, outbox);
}

}  // namespace arb::bybit
