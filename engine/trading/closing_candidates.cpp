#include "engine/trading/closing_candidates.hpp"

#include <utility>

namespace arb {
namespace {

Side side_of(const ClosingCandidates::Wish& wish)
{
    return wish.excess > 0 ? Side::sell : Side::buy;
}

bool has_bit(std::uint32_t bits, std::size_t member)
{
    return member < 32 && ((bits >> member) & 1U) != 0;
}

}  // namespace

// The order that would close the whole at this member; zero quantity: below its lot.
OrderIntent ClosingCandidates::intent(const MarketMember& member, const Wish& wish) const
{
    const Listing& listing = markets_->table().listing(member.listing);
    OrderIntent intent;
    intent.listing = member.listing;
    intent.side = side_of(wish);
    const std::int64_t size = wish.excess > 0 ? wish.excess : -wish.excess;
    const std::int64_t units = size / member.quantity_factor / listing.lot.units * listing.lot.units;
    if (units >= listing.quantity_min.units) intent.quantity = {units};
    const BookBuilder& builder = markets_->builder(member.listing);
    if (!builder.tradable()) return intent;
    const OrderBook& depth = builder.book();
    const bool sell = intent.side == Side::sell;
    const std::int64_t top = sell ? depth.bids().best().price.units : depth.asks().best().price.units;
    const auto reach = static_cast<std::int64_t>(Int128{top} * wish.band.units / kRateOne);
    const std::int64_t limit = sell ? top - reach : top + reach;
    intent.price = {limit / listing.tick.units * listing.tick.units};
    return intent;
}

// By quantity or by value. A venue that would refuse the order as too small must not hide one that takes it.
bool ClosingCandidates::below_minimum(const OrderIntent& intent)
{
    const Listing& listing = markets_->table().listing(intent.listing);
    if (intent.quantity.zero() || intent.quantity < listing.quantity_min) return true;
    const auto notional =
        markets_->table().instrument_of(intent.listing).notional(intent.price, intent.quantity);
    if (!notional || *notional >= listing.notional_min) return false;
    unfit_.notional = true;
    return true;
}

void ClosingCandidates::add(const Wish& wish, std::size_t index, Timestamp now)
{
    const ConsolidatedBook& book = markets_->consolidated(wish.market);
    const MarketMember& member = book.definition().members[index];
    const Listing& listing = markets_->table().listing(member.listing);
    ClosingCandidate found{intent(member, wish), 0, index, member.quantity_factor, true};
    if (has_bit(wish.too_small, index)) {
        unfit_.refused = true;
        return;
    }
    if (found.intent.quantity.zero()) {
        unfit_.below = true;
        return;
    }
    if (wish.open != nullptr && wish.open->busy_at(listing, markets_->table())) {
        unfit_.busy = true;
        return;
    }
    if (!book.quotes()[index].usable || risk_->venue_stopped(listing.venue) ||
        risk_->prices().too_old(member.listing, now)) {
        unfit_.unusable = true;
        return;
    }
    if (below_minimum(found.intent)) {
        unfit_.below = true;
        return;
    }
    // A fee taken in the base asset leaves less than was bought: what is there can be sold.
    const Quantity whole = found.intent.quantity;
    const Quantity covered = risk_->money().covered(found.intent);
    found.intent.quantity = {covered.units / listing.lot.units * listing.lot.units};
    if (below_minimum(found.intent)) {
        unfit_.money = true;
        return;
    }
    found.whole = found.intent.quantity == whole;
    const std::int64_t fee = risk_->fees().taker(member.listing).units;
    found.net = found.intent.side == Side::sell ? Int128{book.quotes()[index].bid.units} * (kRateOne - fee)
                                                : Int128{book.quotes()[index].ask.units} * (kRateOne + fee);
    found_[count_++] = found;
}

// Insertion sort: a handful of entries, equal prices keep the members' order, no allocation. What closes the
// whole comes before what closes a part.
void ClosingCandidates::sort(Side side)
{
    const auto better = [side](const ClosingCandidate& a, const ClosingCandidate& b) {
        if (a.whole != b.whole) return a.whole;
        return side == Side::sell ? a.net > b.net : a.net < b.net;
    };
    for (std::size_t i = 1; i < count_; ++i) {
        for (std::size_t k = i; k > 0 && better(found_[k], found_[k - 1]); --k)
            std::swap(found_[k], found_[k - 1]);
    }
}

void ClosingCandidates::find(const Wish& wish, Timestamp now)
{
    count_ = 0;
    unfit_ = {};
    const std::size_t members = markets_->consolidated(wish.market).quotes().size();
    for (std::size_t i = 0; i < members && count_ < kMost; ++i) add(wish, i, now);
    sort(side_of(wish));
}

}  // namespace arb
