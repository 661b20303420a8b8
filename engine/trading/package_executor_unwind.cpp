// How PackageExecutor closes what the legs left: at which venue, with which order, and what it learns from a
// refusal.
#include <algorithm>

#include "engine/trading/package_executor.hpp"

namespace arb {

void PackageExecutor::settle_unwind(Open& open)
{
    const std::int64_t filled = in_market(open.unwind.filled(), open.unwind_factor);
    const bool bought = open.unwind_intent.side == Side::buy;
    open.unwound += bought ? filled : -filled;
    open.unwind_cash += bought ? -open.unwind.notional() : open.unwind.notional();
    open.unwind_fees += open.unwind.fees();
    open.unwinding = false;
}

// A venue's own word on an unwinding order goes before what we know of its minimums.
void PackageExecutor::note_refusal(Open& open)
{
    const RejectReason reason = open.unwind.reason();
    const std::uint32_t bit = open.unwind_member < 32 ? std::uint32_t{1} << open.unwind_member : 0;
    if (reason == RejectReason::lot || reason == RejectReason::notional_minimum)
        open.too_small |= bit;
    else
        open.set_aside |= bit;
}

// The order that would close `size` (market units) at this member; zero quantity: below its lot or minimum.
OrderIntent PackageExecutor::unwind_intent(const MarketMember& member, Side side, std::int64_t size) const
{
    const Listing& listing = markets_->table().listing(member.listing);
    OrderIntent intent;
    intent.listing = member.listing;
    intent.side = side;
    const std::int64_t units = size / member.quantity_factor / listing.lot.units * listing.lot.units;
    if (units >= listing.quantity_min.units) intent.quantity = {units};
    const BookBuilder& builder = markets_->builder(member.listing);
    if (!builder.tradable()) return intent;
    const OrderBook& depth = builder.book();
    const std::int64_t top =
        side == Side::sell ? depth.bids().best().price.units : depth.asks().best().price.units;
    const auto reach = static_cast<std::int64_t>(Int128{top} * limits_.unwind_band.units / kRateOne);
    const std::int64_t limit = side == Side::sell ? top - reach : top + reach;
    intent.price = {limit / listing.tick.units * listing.tick.units};
    return intent;
}

// Every member that could take the excess, the best price after fees first: the other leg's venue
// (completing), a third one, or the one it came from (unwinding).
std::size_t PackageExecutor::candidates(const Open& open, std::int64_t left, std::array<Candidate, 32>& out,
                                        Unfit& unfit) const
{
    const ConsolidatedBook& book = markets_->consolidated(open.package.market);
    const Side side = left > 0 ? Side::sell : Side::buy;
    const std::int64_t size = left > 0 ? left : -left;
    std::size_t count = 0;
    for (std::size_t i = 0; i < book.quotes().size() && count < out.size(); ++i) {
        const MarketMember& member = book.definition().members[i];
        const OrderIntent intent = unwind_intent(member, side, size);
        const bool refused = ((open.too_small >> i) & 1U) != 0;
        unfit.refused |= refused;
        unfit.below |= intent.quantity.zero();
        if (refused || intent.quantity.zero()) continue;
        if (!book.quotes()[i].usable ||
            risk_->venue_stopped(markets_->table().listing(member.listing).venue)) {
            unfit.unusable = true;
            continue;
        }
        // A venue that would refuse the order as too small must not hide another that takes it.
        const auto notional =
            markets_->table().instrument_of(intent.listing).notional(intent.price, intent.quantity);
        if (notional && *notional < markets_->table().listing(intent.listing).notional_min) {
            unfit.below = unfit.notional = true;
            continue;
        }
        const std::int64_t fee = risk_->taker_fee(member.listing).units;
        const Int128 net = side == Side::sell ? Int128{book.quotes()[i].bid.units} * (kRateOne - fee)
                                              : Int128{book.quotes()[i].ask.units} * (kRateOne + fee);
        out[count++] = {intent, net, i, member.quantity_factor};
    }
    // Insertion sort: a handful of entries, equal prices keep the members' order, no allocation.
    for (std::size_t i = 1; i < count; ++i) {
        for (std::size_t k = i; k > 0; --k) {
            const bool better =
                side == Side::sell ? out[k].net > out[k - 1].net : out[k].net < out[k - 1].net;
            if (!better) break;
            std::swap(out[k], out[k - 1]);
        }
    }
    return count;
}

PackageExecutor::Unwind PackageExecutor::try_unwind(Open& open, std::int64_t left, Timestamp now,
                                                    const char*& why)
{
    std::array<Candidate, 32> found{};
    Unfit unfit;
    const std::size_t count = candidates(open, left, found, unfit);
    if (count == 0) {
        if (unfit.unusable) {
            why = "no usable book to unwind in";
            return Unwind::failed;
        }
        // A venue's word alone does not make a quantity dust: its idea of a lot may be what is wrong with
        // ours.
        if (!unfit.below) {
            why = "the venues refuse what is left as too small";
            return Unwind::failed;
        }
        why = unfit.notional ? "dust below the minimum notional" : "dust below every venue's lot";
        return Unwind::dust;
    }
    // Too many orders in the last second say nothing against closing: it is tried again when they are over.
    bool only_pace = true;
    // Venues that refused the last orders come after all others.
    for (const bool set_aside : {false, true}) {
        for (std::size_t i = 0; i < count; ++i) {
            if ((((open.set_aside >> found[i].member) & 1U) != 0) != set_aside) continue;
            RiskReason reason = RiskReason::none;
            if (send_unwind(open, found[i], now, reason)) return Unwind::sent;
            only_pace &= reason == RiskReason::rate || reason == RiskReason::budget;
            // The best venue's refusal is the one worth telling; the next may have the balance that this one
            // lacks.
            if (*why == '\0') why = name(reason);
        }
    }
    return only_pace ? Unwind::later : Unwind::failed;
}

bool PackageExecutor::send_unwind(Open& open, const Candidate& candidate, Timestamp now, RiskReason& reason)
{
    const auto order =
        risk_->approve_unwind(open.package.id, open.package.market, candidate.intent, now, reason);
    if (!order) return false;
    ++open.attempts;
    open.unwinding = true;
    open.unwind = OrderTracker(order->id());
    open.unwind_intent = candidate.intent;
    open.unwind_factor = candidate.factor;
    open.unwind_member = candidate.member;
    listener_->on_order(*order, true, now);
    sender_->send(*order, now);
    return true;
}

}  // namespace arb
