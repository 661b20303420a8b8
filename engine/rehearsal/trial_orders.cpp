#include "engine/rehearsal/trial_orders.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/client_order_id.hpp"

namespace arb {
namespace {

std::vector<Rate> fees_or_none(const RehearsalSetup& setup)
{
    std::vector<Rate> fees = setup.fees_taker;
    fees.resize(setup.table->listings().size());
    return fees;
}

}  // namespace

TrialOrders::TrialOrders(const RehearsalSetup& setup, const Markets& markets, VenueRequests& requests,
                         const HeardFacts& heard, const Mask& mask)
    : listing_(setup.listing),
      requests_(&requests),
      heard_(&heard),
      mask_(&mask),
      portfolio_(*setup.table),
      gate_(markets, portfolio_, setup.risk, fees_or_none(setup)),
      desk_(*setup.table, OrderDeskLimits{}, requests, *this)
{
    gate_.set_epoch(setup.epoch);
    desk_.epochs().begin(setup.epoch);
}

TrialOrders::Sent* TrialOrders::find(OrderId order)
{
    for (Sent& sent : sent_) {
        if (sent.id == order) return &sent;
    }
    return nullptr;
}

std::optional<OrderId> TrialOrders::send(const OrderIntent& intent, bool closing, Timestamp now,
                                         std::string& refusal)
{
    const auto market = static_cast<MarketId>(index(intent.listing));
    RiskReason reason = RiskReason::none;
    const std::optional<ApprovedOrder> order =
        closing ? gate_.approve_unwind({PackageId{}, market, {}, 0}, intent, now, reason)
                : gate_.approve_single(market, intent, now, reason);
    if (!order) {
        refusal = name(reason);
        return std::nullopt;
    }
    sent_.push_back({order->id(), intent, now, {}, false, {}});
    const OrderId id = order->id();
    desk_.send(*order, now);
    return id;
}

bool TrialOrders::amend(OrderId order, Price price, Timestamp now, std::string& refusal)
{
    RiskReason reason = RiskReason::none;
    refusal = "it does not rest by the venue's own word";
    if (find(order) == nullptr || !desk_.amendable(order)) return false;
    const auto market = static_cast<MarketId>(index(listing_));
    const auto amend = gate_.approve_amend(PackageId{}, order, market, price, now, reason);
    if (!amend) {
        refusal = std::string("the risk gate refuses the price: ") + name(reason);
        return false;
    }
    refusal.clear();
    desk_.amend(*amend, now);
    return true;
}

void TrialOrders::cancel(OrderId order, Timestamp now)
{
    if (find(order) == nullptr) return;
    gate_.pace().on_request(VenueId{0}, now);
    requests_->cancel(reference(order), now);
}

OrderReference TrialOrders::reference(OrderId order) const
{
    OrderReference reference;
    reference.order = order;
    reference.listing = listing_;
    if (const Sent* sent = find(order)) {
        reference.venue_id = sent->venue_id;
        reference.sent = sent->at;
    }
    return reference;
}

bool TrialOrders::over(OrderId order) const
{
    const Sent* sent = find(order);
    return sent == nullptr || sent->over;
}

Quantity TrialOrders::filled(OrderId order) const
{
    const Sent* sent = find(order);
    return sent == nullptr ? Quantity{} : sent->filled;
}

bool TrialOrders::vanished(OrderId order) const
{
    const OrderIntent* const intent = intent_of(order);
    return heard_->works_still(order) && intent != nullptr && filled(order) < intent->quantity;
}

void TrialOrders::on_report(const OrderReport& report, Timestamp now)
{
    if (Sent* sent = find(report.order); sent != nullptr && !report.venue_id.empty())
        sent->venue_id = report.venue_id;
    desk_.on_report(report, now);
}

Amount TrialOrders::left_over() const
{
    if (listing_ == kNoListing) return {};
    const Account& base = portfolio_.base(listing_);
    return base.fills - base.fees;
}

const OrderIntent* TrialOrders::intent_of(OrderId order) const
{
    const Sent* sent = find(order);
    return sent == nullptr ? nullptr : &sent->intent;
}

// What is free counts, where the venue tells it: the rest is bound by orders of others.
void TrialOrders::adopt_balances(const HeardMoney& money)
{
    money_known_ = true;
    for (const auto& [asset, report] : money)
        (void)portfolio_.set_start(VenueId{0}, asset, report.has_free ? report.free : report.total);
}

void TrialOrders::on_order_event(const OrderEvent& event, Timestamp)
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
void TrialOrders::on_late_fill(const FillReport& fill, const Fill& counted, Timestamp)
{
    Sent* sent = find(fill.order);
    if (sent == nullptr) return;
    sent->filled = sent->filled + counted.quantity;
    gate_.on_fill(fill.order, counted.quantity);
    portfolio_.apply(sent->intent.listing, sent->intent.side, counted);
}

// Orders of others in the account are none of the rehearsal's business, unless they look like its own.
void TrialOrders::on_stranger(const Stranger& stranger, Timestamp)
{
    if (stranger.our_id)
        contradictions_.push_back(
            fmt::format("order {} carries the client id of another one", mask_->hidden(stranger.venue_id)));
}

void TrialOrders::on_contradiction(OrderId order, ListingId, const char* what, bool, Timestamp)
{
    contradictions_.push_back(fmt::format("order {}: {}", client_order_id(order).view(), what));
}

void TrialOrders::on_reopened(OrderId order, const OrderIntent& left, Timestamp)
{
    Sent* sent = find(order);
    if (sent == nullptr) return;
    sent->over = false;
    if (!gate_.full()) gate_.restore(order, left);
}

void TrialOrders::on_reopened_end(OrderId order)
{
    Sent* sent = find(order);
    if (sent != nullptr) sent->over = true;
    gate_.on_done(order);
}

}  // namespace arb
