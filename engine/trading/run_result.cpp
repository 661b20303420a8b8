#include "engine/trading/run_result.hpp"

#include <fmt/format.h>

namespace arb {

std::string BookUse::text() const
{
    const auto in_seconds = [](Duration time) { return format_scaled(time.ns / 1'000'000, 3); };
    const std::int64_t tenths =
        recorded.ns > 0 ? static_cast<std::int64_t>(Int128{usable.ns} * 1000 / recorded.ns) : 0;
    std::string out = fmt::format("{} at {}: usable for {} % of {} s", symbol, venue,
                                  format_scaled(tenths, 1), in_seconds(recorded));
    for (std::size_t i = 0; i < unusable.size(); ++i)
        out += fmt::format("{} {} {} s", i == 0 ? ";" : ",", describe(unusable[i].first),
                           in_seconds(unusable[i].second));
    if (left_out > 0)
        out += fmt::format("; {} updates of a second feed of this book were left out", left_out);
    return out;
}

const char* name(MissedReason reason)
{
    switch (reason) {
        case MissedReason::fees:
            return "fees";
        case MissedReason::edge_minimum:
            return "edge_minimum";
        case MissedReason::book_invalid:
            return "book_invalid";
        case MissedReason::book_stale:
            return "book_stale";
        case MissedReason::clock_skew:
            return "clock_skew";
        case MissedReason::cooldown:
            return "cooldown";
        case MissedReason::in_flight:
            return "in_flight";
        case MissedReason::quantity:
            return "quantity";
        case MissedReason::balance:
            return "balance";
        case MissedReason::inventory:
            return "inventory";
        case MissedReason::liquidity_taken:
            return "liquidity_taken";
        case MissedReason::risk:
            return "risk";
        case MissedReason::halted:
            return "halted";
        case MissedReason::count_:
            break;
    }
    return "?";
}

const char* describe(MissedReason reason)
{
    switch (reason) {
        case MissedReason::fees:
            return "the fees of both legs are more than the gap";
        case MissedReason::edge_minimum:
            return "a profit after fees, but below the configured minimum edge";
        case MissedReason::book_invalid:
            return "one of the two books was not valid";
        case MissedReason::book_stale:
            return "one of the two books was too old";
        case MissedReason::clock_skew:
            return "younger than the two venues' clocks can tell apart";
        case MissedReason::cooldown:
            return "too soon after the last package on the pair";
        case MissedReason::in_flight:
            return "an earlier package on the pair was still open";
        case MissedReason::quantity:
            return "below a lot, a minimum quantity or a minimum notional";
        case MissedReason::balance:
            return "not enough balance at one of the venues";
        case MissedReason::inventory:
            return "an inventory limit was reached";
        case MissedReason::liquidity_taken:
            return "the quantity shown had already been taken by us";
        case MissedReason::risk:
            return "refused by a risk limit";
        case MissedReason::halted:
            return "one of the two listings does not trade, by the venue's own list";
        case MissedReason::count_:
            break;
    }
    return "?";
}

}  // namespace arb
