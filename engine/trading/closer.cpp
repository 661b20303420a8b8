#include "engine/trading/closer.hpp"

#include <algorithm>

namespace arb {
namespace {

// Of a closing order in another market: what its venue refuses says nothing of the members of the asset's.
constexpr std::size_t kNoMember = SIZE_MAX;
// A position that nobody meant is worse than what it loses on average: what the price may move counts so
// much.
constexpr std::int64_t kRiskWeight = 4;

}  // namespace

Closer::Closer(const Markets& markets, RiskGate& risk, const ExecutorLimits& limits, OrderSender& sender,
               PackageListener& listener)
    : markets_(&markets),
      risk_(&risk),
      limits_(limits),
      sender_(&sender),
      listener_(&listener),
      candidates_(markets, risk),
      silences_(markets.table().venue_count()),
      other_markets_(other_markets(markets, limits.other_markets))
{
}

// A venue's own word on an unwinding order goes before what we know of its minimums.
void Closer::note_refusal(OpenPackage& open, const ClosingState& closing)
{
    const RejectReason reason = closing.tracker.reason();
    AssetState& asset = open.assets[closing.asset];
    if (reason == RejectReason::lot || reason == RejectReason::notional_minimum)
        asset.too_small |= member_bit(closing.member);
    else
        asset.set_aside |= member_bit(closing.member);
}

// After so many in a row the operator is told, once; venues that refused are asked again from there on, for
// what they refuse may change, with pauses that grow.
void Closer::note_failure(OpenPackage& open, std::size_t place, const char* why, bool tell, Timestamp now)
{
    AssetState& asset = open.assets[place];
    const unsigned before = round(asset);
    ++asset.attempts;
    if (round(asset) != before) {
        asset.too_small = asset.set_aside = 0;
        if (!asset.told && tell) {
            asset.told = true;
            listener_->on_stuck(open.package, {asset.market, open.excess(place), asset.rest()}, why, now);
        }
    }
    const unsigned doubled = std::min(round(asset), 16U);
    asset.pause_until =
        now + Duration{std::min(limits_.unwind_pause.ns << doubled, limits_.unwind_pause_most.ns)};
}

Closer::Unwind Closer::none_fits(const char*& why) const
{
    const ClosingCandidates::Unfit& unfit = candidates_.unfit();
    if (unfit.unusable) {
        why = "no usable book to unwind in";
        return Unwind::failed;
    }
    // News of that order changes what is left; it is not looked at more often than others.
    if (unfit.busy) {
        why = "an order is silent at the only venues that could take it";
        return Unwind::failed;
    }
    if (unfit.money) {
        why = name(RiskReason::balance);
        return Unwind::failed;
    }
    // A venue's word alone does not make a quantity dust: its idea of a lot may be what is wrong with ours.
    if (!unfit.below) {
        why = "the venues refuse what is left as too small";
        return Unwind::failed;
    }
    why = unfit.notional ? "dust below the minimum notional" : "dust below every venue's lot";
    return Unwind::dust;
}

ClosingCandidates::Wish Closer::wish_for(const OpenPackage& open, std::size_t place, std::int64_t left) const
{
    const AssetState& asset = open.assets[place];
    ClosingCandidates::Wish wish;
    wish.market = asset.market;
    wish.excess = left;
    wish.band = {std::min(limits_.unwind_band.units * (1 + std::min(round(asset), 100U)),
                          std::max(limits_.unwind_band.units, limits_.unwind_band_most.units))};
    wish.open = &open;
    wish.too_small = asset.too_small;
    return wish;
}

// Before it is decided whether to wait on: the answer may come with the next message.
void Closer::ask_silent(OpenPackage& open, Timestamp now)
{
    const auto ask = [&](bool& asked, OrderId order, Timestamp sent) {
        if (asked || now - sent < limits_.cover) return;
        asked = true;
        sender_->ask(order, now);
    };
    for (std::size_t i = 0; i < open.package.count; ++i) {
        if (open.answer_due(i)) ask(open.legs[i].asked, open.legs[i].id(), open.legs[i].sent);
    }
    for (ClosingState& closing : open.closing) {
        if (closing.used) ask(closing.asked, closing.tracker.id(), closing.sent);
    }
}

// To cover costs spread and fee, and the same once more when the silent order turns out to have executed. To
// wait costs as much when it has not, and meanwhile the price moves. So it is the chance that it has
// executed, twice that cost, against the move.
bool Closer::better_waited(const OpenPackage& open, std::size_t place, std::int64_t left, Timestamp now)
{
    const Timestamp most = open.silent_from(limits_.cover_most);
    if (limits_.cover_most <= limits_.cover || now >= most) return false;
    const MarketId market = open.assets[place].market;
    candidates_.find(wish_for(open, place, left), now);
    if (candidates_.count() == 0) return false;
    const ClosingCandidate& best = candidates_[0];
    const std::optional<Rate> cost =
        risk_->prices().cost_against_middle(market, best.intent.side, best.net, now);
    const std::optional<Rate> move = risk_->prices().moves().expected(market, most - now);
    if (!cost || !move) return false;
    Rate executed{kRateOne};
    open.for_each_due([&](ListingId listing, Timestamp) {
        executed = std::min(executed, silences_.executed(markets_->table().listing(listing).venue));
    });
    return Int128{cost->units} * 2 * executed.units > Int128{move->units} * kRiskWeight * kRateOne;
}

// What the asset's own market does not take now is tried in the others; once a whole row of attempts filled
// nothing there, at every other attempt.
Closer::Unwind Closer::try_unwind(OpenPackage& open, std::size_t place, std::int64_t left, Timestamp now,
                                  const char*& why)
{
    if (open.closing.full()) {
        why = "an order is silent at every venue that was tried";
        return Unwind::failed;
    }
    const AssetState& asset = open.assets[place];
    const bool others_first = round(asset) > 0 && asset.attempts % 2 == 1;
    if (others_first && try_elsewhere(open, place, left, now)) return Unwind::sent;
    const Unwind outcome = try_own_market(open, place, left, now, why);
    const bool sent = outcome == Unwind::failed && !others_first && try_elsewhere(open, place, left, now);
    return sent ? Unwind::sent : outcome;
}

Closer::Unwind Closer::try_own_market(OpenPackage& open, std::size_t place, std::int64_t left, Timestamp now,
                                      const char*& why)
{
    const AssetState& asset = open.assets[place];
    candidates_.find(wish_for(open, place, left), now);
    if (candidates_.count() == 0) return none_fits(why);
    const Target target{place, asset.market, asset.reference(), asset.rate, false};
    // Too many orders in the last second say nothing against closing: it is tried again when they are over.
    bool only_pace = true;
    // Venues that refused the last orders come after all others.
    for (const bool set_aside : {false, true}) {
        for (std::size_t i = 0; i < candidates_.count(); ++i) {
            if (((asset.set_aside & member_bit(candidates_[i].member)) != 0) != set_aside) continue;
            RiskReason reason = RiskReason::none;
            if (send_unwind(open, target, candidates_[i], now, reason)) return Unwind::sent;
            only_pace &= reason == RiskReason::rate || reason == RiskReason::budget;
            // The best venue's refusal is the one worth telling; the next may have the balance that this one
            // lacks.
            if (*why == '\0') why = name(reason);
        }
    }
    return only_pace ? Unwind::later : Unwind::failed;
}

// Not of what is to be held or released: that is counted at the listings of its own market.
bool Closer::try_elsewhere(OpenPackage& open, std::size_t place, std::int64_t left, Timestamp now)
{
    if (open.package.aim != Aim::flat) return false;
    const AssetState& asset = open.assets[place];
    const ListingId counted =
        markets_->consolidated(open.package.market).definition().members.front().listing;
    const ListingId own = asset.definition->members.front().listing;
    for (const MarketId other : other_markets_[index(asset.market)]) {
        const MarketDefinition& market = markets_->consolidated(other).definition();
        const ListingId paid = market.members.front().listing;
        const std::optional<Amount> rate = risk_->rates().between(paid, counted, now);
        const std::optional<Amount> own_rate = risk_->rates().between(own, paid, now);
        ClosingCandidates::Wish wish = wish_for(open, place, quantity_in(left, *asset.definition, market));
        wish.market = other;
        wish.too_small = 0;
        if (wish.excess == 0 || !rate || !own_rate || !at_par(*own_rate)) continue;
        candidates_.find(wish, now);
        const Price reference = price_in(asset.reference(), *asset.definition, market, *own_rate);
        const Target target{place, other, reference, *rate, true};
        for (std::size_t i = 0; i < candidates_.count(); ++i) {
            ClosingCandidate candidate = candidates_[i];
            candidate.factor =
                quantity_factor(markets_->table().instrument_of(candidate.intent.listing), *asset.definition);
            RiskReason reason = RiskReason::none;
            if (candidate.factor > 0 && send_unwind(open, target, candidate, now, reason)) return true;
        }
    }
    return false;
}

bool Closer::send_unwind(OpenPackage& open, const Target& target, const ClosingCandidate& candidate,
                         Timestamp now, RiskReason& reason)
{
    const ClosingOrder wish{open.package.id, target.market, target.reference,
                            round(open.assets[target.asset])};
    const auto order = risk_->approve_unwind(wish, candidate.intent, now, reason);
    if (!order) return false;
    ClosingState& closing = open.closing.take(order->id(), candidate.intent, now);
    closing.asset = static_cast<std::uint8_t>(target.asset);
    closing.hedge = open.hedges(target.asset, candidate.intent.side);
    open.unwound_any |= !closing.hedge;
    closing.factor = candidate.factor;
    closing.member = target.elsewhere ? kNoMember : candidate.member;
    closing.rate = target.rate;
    closing.elsewhere = target.elsewhere;
    listener_->on_order(*order, closing.hedge ? OrderPurpose::hedge : OrderPurpose::close, now);
    sender_->send(*order, now);
    return true;
}

}  // namespace arb
