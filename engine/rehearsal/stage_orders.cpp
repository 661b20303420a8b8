// The stage's orders: approved by the gate, kept by the desk, counted by the portfolio.
#include <algorithm>

#include <fmt/format.h>

#include "engine/base/client_order_id.hpp"
#include "engine/rehearsal/stage.hpp"

namespace arb {

Stage::Sent* Stage::find(OrderId order)
{
    for (Sent& sent : sent_) {
        if (sent.id == order) return &sent;
    }
    return nullptr;
}

const Stage::Sent* Stage::find(OrderId order) const
{
    return const_cast<Stage*>(this)->find(order);
}

std::optional<OrderId> Stage::send(const OrderIntent& intent, bool closing, std::string& refusal)
{
    const auto market = static_cast<MarketId>(index(intent.listing));
    RiskReason reason = RiskReason::none;
    const std::optional<ApprovedOrder> order =
        closing ? gate_.approve_unwind({PackageId{}, market, {}, 0}, intent, now_, reason)
                : gate_.approve_single(market, intent, now_, reason);
    if (!order) {
        refusal = name(reason);
        return std::nullopt;
    }
    sent_.push_back({order->id(), intent, now_, {}, false, {}});
    const OrderId id = order->id();
    desk_.send(*order, now_);
    return id;
}

bool Stage::amend(OrderId order, Price price, std::string& refusal)
{
    RiskReason reason = RiskReason::none;
    refusal = "it does not rest by the venue's own word";
    if (find(order) == nullptr || !desk_.amendable(order)) return false;
    const auto market = static_cast<MarketId>(index(setup_.listing));
    const auto amend = gate_.approve_amend(PackageId{}, order, market, price, now_, reason);
    if (!amend) {
        refusal = std::string("the risk gate refuses the price: ") + name(reason);
        return false;
    }
    refusal.clear();
    desk_.amend(*amend, now_);
    return true;
}

void Stage::cancel(OrderId order)
{
    if (find(order) == nullptr) return;
    gate_.pace().on_request(VenueId{0}, now_);
    venue_->cancel_order(reference(order), now_, *this, *outbox_);
}

OrderReference Stage::reference(OrderId order) const
{
    OrderReference reference;
    reference.order = order;
    reference.listing = setup_.listing;
    if (const Sent* sent = find(order)) {
        reference.venue_id = sent->venue_id;
        reference.sent = sent->at;
    }
    return reference;
}

bool Stage::over(OrderId order) const
{
    const Sent* sent = find(order);
    return sent == nullptr || sent->over;
}

Quantity Stage::filled(OrderId order) const
{
    const Sent* sent = find(order);
    return sent == nullptr ? Quantity{} : sent->filled;
}

Quantity Stage::most_filled(OrderId order) const
{
    Quantity most = filled(order);
    for (const HeardOrder& heard : orders_) {
        if (heard.report.order == order && heard.report.has_filled)
            most = std::max(most, heard.report.filled);
    }
    return most;
}

bool Stage::vanished(OrderId order) const
{
    bool worked = false;
    for (const HeardOrder& heard : orders_) {
        if (heard.report.order != order) continue;
        worked |= heard.report.status == OrderStatus::working;
        if (heard.report.status == OrderStatus::filled || heard.report.status == OrderStatus::cancelled ||
            heard.report.status == OrderStatus::rejected)
            return false;
    }
    const OrderIntent* const intent = intent_of(order);
    return worked && intent != nullptr && filled(order) < intent->quantity;
}

bool Stage::revived(OrderId order) const
{
    bool ended = false, works = false;
    for (const HeardOrder& heard : orders_) {
        if (heard.report.order != order) continue;
        const OrderStatus status = heard.report.status;
        const bool end = status == OrderStatus::filled || status == OrderStatus::cancelled ||
                         status == OrderStatus::rejected;
        const bool asked = heard.report.source == ReportSource::query;
        if (end) ended = true;
        if (asked && ended) works = status == OrderStatus::working;
    }
    return works;
}

Amount Stage::left_over() const
{
    if (setup_.listing == kNoListing) return {};
    const Account& base = portfolio_.base(setup_.listing);
    return base.fills - base.fees;
}

const OrderIntent* Stage::intent_of(OrderId order) const
{
    const Sent* sent = find(order);
    return sent == nullptr ? nullptr : &sent->intent;
}

// What is free counts, where the venue tells it: the rest is bound by orders of others.
void Stage::adopt_balances(const HeardMoney& money)
{
    money_known_ = true;
    for (const auto& [asset, report] : money)
        (void)portfolio_.set_start(VenueId{0}, asset, report.has_free ? report.free : report.total);
}

void Stage::place(const ApprovedOrder& order, Timestamp now)
{
    venue_->send_order(order, now, *this, *outbox_);
}

void Stage::amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now)
{
    venue_->amend_order(order, amend, now, *this, *outbox_);
}

void Stage::cancel(const OrderReference& order, Timestamp now)
{
    venue_->cancel_order(order, now, *this, *outbox_);
}

void Stage::query_order(const OrderReference& order, Timestamp now)
{
    venue_->query_order(order, now, *this, *outbox_);
}

void Stage::query_fills(ListingId listing, Timestamp since, Timestamp now)
{
    const ListingId asked[] = {listing};
    venue_->query_fills(asked, since, now, *this, *outbox_);
}

void Stage::on_order_event(const OrderEvent& event, Timestamp)
{
    Sent* sent = find(event.order);
    if (sent == nullptr) return;
    if (event.kind == OrderEventKind::fill) {
        sent->filled = sent->filled + event.fill.quantity;
        gate_.on_fill(event.order, event.fill.quantity);
        portfolio_.apply(sent->intent.listing, sent->intent.side, event.fill);
    } else if (event.kind == OrderEventKind::amended) {
        sent->intent.price = event.price;
        gate_.on_amended(event.order, event.price);
    } else if (event.kind == OrderEventKind::done || event.kind == OrderEventKind::rejected) {
        sent->over = true;
        gate_.on_done(event.order);
    }
}

// Of an order that was thought to be over: the money moved all the same.
void Stage::on_late_fill(const FillReport& fill, const Fill& counted, Timestamp)
{
    Sent* sent = find(fill.order);
    if (sent == nullptr) return;
    sent->filled = sent->filled + counted.quantity;
    gate_.on_fill(fill.order, counted.quantity);
    portfolio_.apply(sent->intent.listing, sent->intent.side, counted);
}

// Orders of others in the account are none of the rehearsal's business, unless they look like its own.
void Stage::on_stranger(const Stranger& stranger, Timestamp)
{
    if (stranger.our_id)
        contradictions.push_back(
            fmt::format("order {} carries the client id of another one", mask.hidden(stranger.venue_id)));
}

void Stage::on_contradiction(OrderId order, ListingId, const char* what, bool, Timestamp)
{
    contradictions.push_back(fmt::format("order {}: {}", client_order_id(order).view(), what));
}

void Stage::on_reopened(OrderId order, const OrderIntent& left, Timestamp)
{
    Sent* sent = find(order);
    if (sent == nullptr) return;
    sent->over = false;
    if (!gate_.full()) gate_.restore(order, left);
}

void Stage::on_reopened_end(OrderId order)
{
    Sent* sent = find(order);
    if (sent != nullptr) sent->over = true;
    gate_.on_done(order);
}

}  // namespace arb
