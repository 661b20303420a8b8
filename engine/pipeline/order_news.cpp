#include "engine/pipeline/order_news.hpp"

#include <fmt/format.h>

#include "engine/trading/fee_value.hpp"

namespace arb {
namespace {

constexpr const char* kContradicts = "the venue contradicts itself on an order";

}  // namespace

OrderNews::OrderNews(const LiveContext& context, StrangerWatch& strangers, MarketFlags& flags,
                     StateRecords& records)
    : context_(context), strangers_(&strangers), flags_(&flags), records_(&records)
{
    events_.reserve(1024);
    late_.reserve(64);
}

void OrderNews::on_order_event(const OrderEvent& event, Timestamp)
{
    events_.push_back(event);
}

void OrderNews::on_order_state(const OrderChange& change, Timestamp now)
{
    context_.listener.on_order_state(change, now);
}

void OrderNews::on_late_fill(const FillReport& report, const Fill& counted, Timestamp now)
{
    records_->keep(
        records_->lines().late(report.listing, report.side, counted, watermarks_->venue_time(counted)));
    context_.portfolio.apply(report.listing, report.side, counted);
    context_.risk.on_fill(report.order, counted.quantity);  // of an order that is open again
    add_late(report.listing, report.side, counted, now);
    late_.push_back(report.listing);
    context_.listener.on_late_fill(report.listing, report.side, counted, report.order, now);
}

void OrderNews::add_late(ListingId listing, Side side, const Fill& fill, Timestamp now)
{
    const MarketId market = context_.markets.market_of(listing);
    if (index(market) >= context_.markets.market_count()) return;
    std::int64_t factor = 1;
    for (const MarketMember& member : context_.markets.consolidated(market).definition().members) {
        if (member.listing == listing) factor = member.quantity_factor;
    }
    const std::int64_t quantity = fill.quantity.units * factor;
    const bool bought = side == Side::buy;
    context_.exposure.add(market, ExposureCause::late_fill, bought ? quantity : -quantity,
                          bought ? fill.notional + fill.fee : fill.fee - fill.notional, now);
}

// Whether it was counted cannot be known any more. The balances say whether money is missing.
void OrderNews::on_old_fill(const FillReport& report, Timestamp now)
{
    const Listing& listing = context_.table.listing(report.listing);
    context_.listener.on_note(
        fmt::format("{}: fill '{}' in {} is older than the fills that are known one by one; not counted",
                    records_->label(listing.venue), report.trade_id, listing.symbol),
        now);
    flags_->raise_first(context_.markets.market_of(report.listing), listing.venue,
                        "a fill was told that is older than what is known, and was not counted", now);
}

void OrderNews::on_stranger(const Stranger& stranger, Timestamp now)
{
    strangers_->on_stranger(stranger, now);
}

void OrderNews::on_contradiction(OrderId order, ListingId listing, const char* what, bool money,
                                 Timestamp now)
{
    if (listing == kNoListing) return;
    const Listing& about = context_.table.listing(listing);
    context_.listener.on_note(
        fmt::format("{}: it contradicts itself on order {} in {}: {}", records_->label(about.venue),
                    client_order_id(order).view(), about.symbol, what),
        now);
    if (money) flags_->raise_first(context_.markets.market_of(listing), about.venue, kContradicts, now);
}

void OrderNews::on_reopened(OrderId order, const OrderIntent& left, Timestamp now)
{
    if (!context_.risk.full()) context_.risk.restore(order, left);
    context_.listener.on_note(
        fmt::format("{}: order {} is open again; what may be of it is reserved, and its fills are asked for",
                    records_->label(context_.table.listing(left.listing).venue),
                    client_order_id(order).view()),
        now);
}

void OrderNews::on_reopened_end(OrderId order)
{
    context_.risk.on_done(order);
}

Amount OrderNews::value_fee(ListingId listing, const Fill& fill)
{
    return fee_value(context_.markets, listing, fill, context_.risk.fees().taker(listing));
}

void OrderNews::drain(Timestamp now)
{
    for (std::size_t i = 0; i < events_.size(); ++i) {
        const OrderEvent event = events_[i];
        // Its fills have their lines by now: a run that dies in between finds the order open, and asks.
        if (event.kind == OrderEventKind::done || event.kind == OrderEventKind::rejected) {
            LineWriter line("done");
            records_->keep(line.number(static_cast<std::uint64_t>(event.order))
                               .field(name(event.reason))
                               .field(desk_->ended().venue_id(event.order)));
        }
        executor_->on_event(event, now);
    }
    events_.clear();
}

}  // namespace arb
