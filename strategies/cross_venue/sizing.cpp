#include "strategies/cross_venue/sizing.hpp"

#include <algorithm>
#include <numeric>

namespace arb::cross_venue {
namespace {

// One side's walk with the part of the current level that is left, in market units.
class Depth {
  public:
    Depth(const SideOfPair& side, Side taker, const TakenLiquidity* taken)
        : walk_(*side.book, side.listing, taker, taken), member_(side.member)
    {
        advance();
    }
    bool done() const { return done_; }
    std::int64_t price() const { return price_; }
    std::int64_t left() const { return left_; }
    void use(std::int64_t quantity)
    {
        left_ -= quantity;
        if (left_ == 0) advance();
    }

  private:
    void advance()
    {
        Level level;
        done_ = !walk_.next(level);
        if (done_) return;
        price_ = level.price.units * member_.price_factor;
        done_ = __builtin_mul_overflow(level.quantity.units, member_.quantity_factor, &left_);
    }
    DepthWalk walk_;
    MarketMember member_;
    std::int64_t price_ = 0;
    std::int64_t left_ = 0;
    bool done_ = false;
};

// The walk that spends exactly `quantity`: its cost and its worst price.
void spend(const MarketDefinition& market, Depth depth, std::int64_t quantity, Amount& notional, Price& worst)
{
    notional = {};
    while (quantity > 0 && !depth.done()) {
        const std::int64_t part = std::min(quantity, depth.left());
        notional += market_notional(market, {depth.price()}, {part});
        worst = {depth.price()};
        quantity -= part;
        depth.use(part);
    }
}

Sizing refuse(MissedReason reason)
{
    Sizing sizing;
    sizing.reason = reason;
    return sizing;
}

}  // namespace

Rate edge_after_fees(Price ask, Price bid, Rate buy_fee, Rate sell_fee)
{
    const Int128 received = Int128{bid.units} * (kRateOne - sell_fee.units);
    const Int128 paid = Int128{ask.units} * (kRateOne + buy_fee.units);
    return rate_within((received - paid) / ask.units);
}

Sizing size_pair(const MarketDefinition& market, const SideOfPair& buy, const SideOfPair& sell,
                 const TakenLiquidity* taken, const SizingLimits& limits)
{
    Depth asks(buy, Side::buy, taken);
    Depth bids(sell, Side::sell, taken);
    if (asks.done() || bids.done() || bids.price() <= asks.price())
        return refuse(MissedReason::liquidity_taken);
    Sizing sizing;
    sizing.buy_best = {asks.price()};
    sizing.sell_best = {bids.price()};
    const Depth asks_start = asks;
    const Depth bids_start = bids;
    Int128 quantity = 0;
    Amount notional;
    bool limited_by_funds = false;
    bool limited_by_order = false;
    while (!asks.done() && !bids.done()) {
        if (edge_after_fees({asks.price()}, {bids.price()}, buy.fee, sell.fee) < limits.edge_min) break;
        std::int64_t part = std::min(asks.left(), bids.left());
        if (quantity + part > limits.quantity_max) {
            part = static_cast<std::int64_t>(limits.quantity_max - quantity);
            limited_by_funds = true;
        }
        const Amount unit = market_notional(market, {asks.price()}, {1});
        const Int128 affordable = (limits.notional_max - notional).units / unit.units;
        limited_by_order = affordable < part;
        if (limited_by_order) part = static_cast<std::int64_t>(affordable);
        if (part <= 0) break;
        quantity += part;
        notional += market_notional(market, {asks.price()}, {part});
        if (limited_by_funds || limited_by_order) break;
        asks.use(part);
        bids.use(part);
    }
    if (quantity == 0) {
        return refuse(limited_by_funds   ? MissedReason::balance
                      : limited_by_order ? MissedReason::quantity
                                         : MissedReason::liquidity_taken);
    }
    const std::int64_t lot = std::lcm(buy.lot, sell.lot);
    const auto whole = static_cast<std::int64_t>(std::min<Int128>(quantity, INT64_MAX)) / lot * lot;
    spend(market, asks_start, whole, sizing.buy_notional, sizing.buy_limit);
    spend(market, bids_start, whole, sizing.sell_notional, sizing.sell_limit);
    if (whole == 0 || whole < std::max(buy.quantity_min, sell.quantity_min) ||
        market_notional(market, sizing.buy_limit, {whole}) < buy.notional_min ||
        market_notional(market, sizing.sell_limit, {whole}) < sell.notional_min) {
        return refuse(limited_by_funds ? MissedReason::balance : MissedReason::quantity);
    }
    sizing.quantity = {whole};
    return sizing;
}

}  // namespace arb::cross_venue
