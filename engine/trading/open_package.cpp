#include "engine/trading/open_package.hpp"

#include <algorithm>

namespace arb {

std::int64_t in_market(Quantity quantity, std::int64_t factor)
{
    std::int64_t result = 0;
    ENSURE(!__builtin_mul_overflow(quantity.units, factor, &result),
           "a filled quantity fits the market's unit");
    return result;
}

void LegState::begin(OrderId id)
{
    filled_before = {};
    notional_before = fees_before = {};
    order.begin(id);
    if (id != OrderId{}) return;
    OrderEvent over;
    over.kind = OrderEventKind::done;
    (void)order.apply(over);
}

void LegState::next(OrderId id)
{
    filled_before = filled();
    notional_before = notional();
    fees_before = fees();
    order.begin(id);
}

std::int64_t ClosingState::filled() const
{
    const std::int64_t quantity = in_market(tracker.filled(), factor);
    return intent.side == Side::buy ? quantity : -quantity;
}

// Field by field: the trackers' memories of fills are large and need no clearing.
void OpenPackage::begin(const Package& begun, const MarketDefinition& its_market, Timestamp when)
{
    used = true;
    package = begun;
    market = &its_market;
    sent = changed = when;
    wanted = {};
    cancel_sent = pause_until = wake = {};
    withdrawn = unwound_any = told = covered = cover_reversed = false;
    for (ClosingState& order : closing) order.used = false;
    too_small = set_aside = 0;
    attempts = 0;
    hedged = unwound = {};
    last_excess = 0;
    unhedged = {};
    quoted = exposure = {};
}

std::int64_t OpenPackage::bought() const
{
    return in_market(buy.filled(), market->members[package.buy.member].quantity_factor) +
           std::max<std::int64_t>(0, hedged.quantity);
}

std::int64_t OpenPackage::sold() const
{
    return in_market(sell.filled(), market->members[package.sell.member].quantity_factor) +
           std::max<std::int64_t>(0, -hedged.quantity);
}

std::int64_t OpenPackage::excess() const
{
    std::int64_t left = bought() - sold() + unwound.quantity;
    for (const ClosingState& order : closing) left += order.used ? order.filled() : 0;
    return left;
}

void OpenPackage::note_excess(Timestamp now)
{
    if (last_excess != 0) {
        const Duration lasted = now - changed;
        unhedged = {unhedged.ns + lasted.ns};
        const std::int64_t size = last_excess < 0 ? -last_excess : last_excess;
        const Amount value = market_notional(*market, package.buy.best, {size});
        // Divided first: 10^12 for a day stays inside 128 bits, and nothing above 10^-12 is lost.
        exposure += Amount{value.units / 1'000'000 * (lasted.ns / 1'000)};
    }
    last_excess = excess();
    changed = now;
}

bool OpenPackage::closing_out() const
{
    return std::any_of(closing.begin(), closing.end(), [](const ClosingState& order) { return order.used; });
}

bool OpenPackage::order_out() const
{
    return !buy.terminal() || !sell.terminal() || closing_out();
}

bool OpenPackage::answer_due() const
{
    return answer_due(package.buy, buy) || answer_due(package.sell, sell) || closing_out();
}

Timestamp OpenPackage::silent_from(Duration cover) const
{
    Timestamp from;
    if (answer_due(package.buy, buy) || answer_due(package.sell, sell)) from = sent + cover;
    for (const ClosingState& order : closing) {
        if (order.used) from = std::max(from, order.sent + cover);
    }
    return from;
}

std::uint32_t OpenPackage::busy_members() const
{
    std::uint32_t busy = 0;
    if (!buy.terminal()) busy |= member_bit(package.buy.member);
    if (!sell.terminal()) busy |= member_bit(package.sell.member);
    for (const ClosingState& order : closing) busy |= order.used ? member_bit(order.member) : 0;
    return busy;
}

void OpenPackage::settle(ClosingState& order)
{
    Settled& sum = order.hedge ? hedged : unwound;
    const bool buys = order.intent.side == Side::buy;
    sum.quantity += order.filled();
    sum.cash += buys ? -order.tracker.notional() : order.tracker.notional();
    sum.fees += order.tracker.fees();
    order.used = false;
}

PackageEnd OpenPackage::ended(bool flagged, const char* detail, Timestamp now) const
{
    PackageEnd end;
    end.package = package;
    end.bought = {bought()};
    end.sold = {sold()};
    end.unwound = {unwound.quantity < 0 ? -unwound.quantity : unwound.quantity};
    end.residual = excess();
    end.flagged = flagged;
    end.covered = covered;
    end.cover_reversed = cover_reversed;
    end.detail = detail;
    end.finished = now;
    end.unhedged = unhedged;
    end.exposure = exposure;
    Waterfall& w = end.waterfall;
    const bool rests = package.resting() != nullptr;
    const Price quoted_edge{package.sell.best.units - package.buy.best.units};
    w.quoted = rests ? quoted : market_notional(*market, quoted_edge, package.quantity);
    if (!rests) w.depth = package.sell.expected - package.buy.expected - w.quoted;
    const Amount legs = sell.notional() - buy.notional() + hedged.cash;
    w.latency = legs + valued(end.bought.units - end.sold.units) - w.quoted - w.depth;
    w.unwind = unwound.cash + valued(unwound.quantity);
    w.fees = -(buy.fees() + sell.fees() + hedged.fees + unwound.fees);
    // Told on its own and not as the sum, so that a test can compare the two.
    w.realised = legs + unwound.cash + w.fees + valued(end.residual);
    return end;
}

}  // namespace arb
