#include "engine/trading/price_moves.hpp"

namespace arb {
namespace {

// The largest whole number whose square is not more; Newton's way.
std::int64_t root(std::int64_t value)
{
    if (value < 2) return std::max<std::int64_t>(value, 0);
    std::int64_t guess = value;
    for (std::int64_t next = (guess + 1) / 2; next < guess; next = (guess + value / guess) / 2) guess = next;
    return guess;
}

}  // namespace

void PriceMoves::see(MarketId market, Int128 twice, Timestamp now)
{
    Move& move = moves_[index(market)];
    const Duration since = now - move.seen;
    // A step over a longer gap is no step of a second.
    if (move.twice > 0 && since <= seconds(2)) {
        const Int128 step = twice > move.twice ? twice - move.twice : move.twice - twice;
        const Int128 part = std::min<Int128>(step * kRateOne / move.twice, kRateOne);
        const Rate change{static_cast<std::int64_t>(part)};
        move.mean.units += move.known ? (change.units - move.mean.units) / kSeconds : change.units;
        move.known = true;
    }
    move.twice = twice;
    move.seen = now;
}

std::optional<Rate> PriceMoves::expected(MarketId market, Duration time) const
{
    const Move& move = moves_[index(market)];
    if (!move.known || time.ns <= 0) return std::nullopt;
    // By the root of the time: in thousandths of the root of a second.
    const std::int64_t milliseconds_passed = std::min<std::int64_t>(time.ns / 1'000'000, 3'600'000);
    return Rate{static_cast<std::int64_t>(Int128{move.mean.units} * root(milliseconds_passed * 1000) / 1000)};
}

}  // namespace arb
