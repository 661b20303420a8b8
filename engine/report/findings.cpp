#include "engine/report/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/report/display.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

/// The fees of a pair as its opportunities tell them: edge before less edge after. The venues' fees on the
/// sold leg grow with the edge itself, so the smallest difference is nearest to the sum of the two fee rates.
std::optional<FeeRange> fees_from_opportunities(const RunResult& result)
{
    std::vector<std::optional<Rate>> by_crossing(result.crossings.size());
    for (const Opportunity& opportunity : result.opportunities) {
        if (opportunity.crossing >= by_crossing.size()) continue;
        std::optional<Rate>& least = by_crossing[opportunity.crossing];
        Rate fee;
        if (__builtin_sub_overflow(opportunity.max_edge.units, opportunity.max_edge_after_fees.units,
                                   &fee.units)) {
            continue;
        }
        least = least ? std::min(*least, fee) : fee;
    }
    std::optional<FeeRange> range;
    for (const std::optional<Rate>& fee : by_crossing) {
        if (!fee) continue;
        range = range ? FeeRange{std::min(range->least, *fee), std::max(range->most, *fee)}
                      : FeeRange{*fee, *fee};
    }
    return range;
}

/// The fees as they were paid: each pair's two venues' fees over their volume, added.
std::optional<FeeRange> fees_from_fills(const RunResult& result)
{
    const auto paid = [&](const std::string& venue) -> std::optional<Rate> {
        for (const VenueRow& row : result.by_venue) {
            if (row.venue == venue) return rate_of(row.fees, row.volume);
        }
        return std::nullopt;
    };
    std::optional<FeeRange> range;
    for (const PairRow& pair : result.by_pair) {
        const auto buy = paid(pair.buy_venue);
        const auto sell = paid(pair.sell_venue);
        if (!buy || !sell) continue;
        const Rate both{buy->units + sell->units};
        range = range ? FeeRange{std::min(range->least, both), std::max(range->most, both)}
                      : FeeRange{both, both};
    }
    return range;
}

void count_missed(const RunResult& result, Findings& findings)
{
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < result.missed.size(); ++i) {
        const std::uint64_t opportunities = result.missed[i].opportunities;
        findings.opportunities_missed += opportunities;
        if (opportunities <= most) continue;
        most = opportunities;
        findings.main_reason = static_cast<MissedReason>(i);
    }
}

void check_sums(const RunResult& result, Findings& findings)
{
    findings.waterfall_adds_up = result.waterfall.sum() == result.waterfall.realised;
    for (const PackageRow& package : result.packages) {
        findings.waterfall_adds_up &= package.waterfall.sum() == package.waterfall.realised;
    }
    for (const BalanceRow& row : result.balances) {
        findings.balances_add_up &= row.start + row.fills - row.fees == row.end;
    }
}

std::string money_text(const RunResult& result, Amount value)
{
    return display::money(value, display::money_decimals(value)) + " " + quote_text(result);
}

std::string conclude_uncrossed(const RunResult& result)
{
    const std::uint64_t stale =
        result.missed[static_cast<std::size_t>(MissedReason::book_stale)].opportunities;
    if (result.compared && result.compared->ns == 0)
        return "No two books of one market were usable at the same time: nothing was compared.";
    const std::int64_t span = (result.end - result.begin).ns;
    const bool partly = result.compared && result.compared->ns < span - span / 100;
    if (!partly && stale == 0)
        return "No venue's best bid ever stood above another venue's best ask: there was no gap to trade.";
    std::string text = "No venue's best bid stood above another venue's best ask";
    if (partly)
        text +=
            fmt::format(" in the {} in which two books were usable", display::duration(result.compared->ns));
    if (stale > 0)
        text += fmt::format("; {} against a book that was too old",
                            display::counted(stale, "gap stood", "gaps stood"));
    return text + ".";
}

std::string conclude_untraded(const RunResult& result, const Findings& findings)
{
    using display::bps;
    const std::string widest = bps(findings.widest->max_edge);
    const std::string instants = display::counted(findings.instants, "crossing", "crossings");
    const bool pays = findings.best_after_fees && findings.best_after_fees->units > 0;
    const bool knows_fees = findings.fees && findings.fees->least.units > 0;
    if (!pays && knows_fees) {
        return fmt::format("{}, none paid its fees: the widest was {} bps, both legs' taker fees are {}.",
                           instants, widest, fee_text(*findings.fees));
    }
    std::string text = fmt::format("{}, none was traded: the widest was {} bps", instants, widest);
    if (pays) text += fmt::format(", at best {} bps after fees", bps(*findings.best_after_fees));
    if (findings.main_reason) text += fmt::format("; most often {}", reason_text(result, *findings.main_reason));
    return text + ".";
}

/// What took most of the edge, if anything did.
std::string largest_cost(const RunResult& result)
{
    const Waterfall& total = result.waterfall;
    const std::array<std::pair<const char*, Amount>, 4> parts{{{"fees", total.fees},
                                                               {"the depth of the books", total.depth},
                                                               {"latency", total.latency},
                                                               {"unwinding", total.unwind}}};
    const auto worst = std::min_element(parts.begin(), parts.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (worst->second.units >= 0) return "";
    return fmt::format("; the largest cost was {} at {}", worst->first, money_text(result, -worst->second));
}

void conclude_traded(const RunResult& result, std::vector<std::string>& out)
{
    const Waterfall& total = result.waterfall;
    const std::string packages = display::counted(result.packages_total, "package", "packages");
    const char* verb = total.realised.units > 0 ? "earned" : "lost";
    if (total.realised.zero()) {
        out.push_back(fmt::format("{} earned nothing of a quoted edge of {}{}.", packages,
                                  money_text(result, total.quoted), largest_cost(result)));
    } else {
        out.push_back(fmt::format("{} {} {} of a quoted edge of {}{}.", packages, verb,
                                  money_text(result, display::magnitude(total.realised)),
                                  money_text(result, total.quoted), largest_cost(result)));
    }
    if (result.packages_flagged > 0) {
        out.push_back(fmt::format("{} ended flagged: part of a leg was left open and needs a person.",
                                  display::counted(result.packages_flagged, "package", "packages")));
    }
    if (result.packages_unwound > 0) {
        out.push_back(fmt::format("{} had to unwind a leftover leg.",
                                  display::counted(result.packages_unwound, "package", "packages")));
    }
}

void conclude_equity(const RunResult& result, std::vector<std::string>& out)
{
    if (result.equity.points.empty()) return;
    const Amount equity = result.equity.points.back().value;
    const Amount other = equity - result.waterfall.realised;
    if (other.zero()) return;
    const unsigned decimals = std::max(display::money_decimals(equity), display::money_decimals(other));
    out.push_back(
        fmt::format("Equity moved by {} {}: {} from packages, {} from the price of the assets held.",
                    display::signed_money(equity, std::min(decimals, 8U)), quote_text(result),
                    display::signed_money(result.waterfall.realised, std::min(decimals, 8U)),
                    display::signed_money(other, std::min(decimals, 8U))));
}

}  // namespace

std::string quote_text(const RunResult& result)
{
    return result.quote.empty() ? "quote currency" : display::clipped(plain_text(result.quote), 16);
}

std::optional<Rate> rate_of(Amount numerator, Amount denominator)
{
    Int128 above = numerator.units;
    Int128 below = denominator.units;
    Int128 product = 0;
    while (__builtin_mul_overflow(above, Int128{kRateOne}, &product)) {
        above /= 10;
        below /= 10;
    }
    if (below == 0) return std::nullopt;
    const Int128 rate = product / below;
    if (rate > std::numeric_limits<std::int32_t>::max() || rate < std::numeric_limits<std::int32_t>::min()) {
        return std::nullopt;
    }
    return Rate{static_cast<std::int64_t>(rate)};
}

std::string percent_text(Amount part, Amount whole)
{
    const std::optional<Rate> rate = rate_of(part, whole);
    if (!rate) return "";
    constexpr std::int64_t kPercent = kRateOne / 100;
    const std::int64_t half = rate->units < 0 ? -kPercent / 2 : kPercent / 2;
    return display::grouped(std::to_string((rate->units + half) / kPercent)) + " %";
}

std::uint64_t events_per_second(const RunResult& result)
{
    if (result.wall_ns == 0) return 0;
    const auto events = static_cast<unsigned __int128>(result.events);
    return static_cast<std::uint64_t>(events * 1'000'000'000U / result.wall_ns);
}

std::string fee_text(const FeeRange& fees)
{
    // Fees read off wide edges come out a trace too high; that is no difference between pairs.
    constexpr std::int64_t kTrace = kRatePerBasisPoint / 20;
    const std::string least = display::bps(fees.least);
    if (fees.most.units - fees.least.units <= kTrace) return least + " bps";
    return fmt::format("between {} and {} bps", least, display::bps(fees.most));
}

std::string reason_text(const RunResult& result, MissedReason reason)
{
    std::string text = describe(reason);
    if (reason != MissedReason::risk) return text;
    for (std::size_t i = 0; i < result.limits.size(); ++i) {
        text += fmt::format("{} {} ({})", i == 0 ? ":" : ",", result.limits[i].limit,
                            display::count(result.limits[i].missed.opportunities));
    }
    return text;
}

Findings find(const RunResult& result)
{
    Findings findings;
    for (const CrossingSummary& crossing : result.crossings) {
        findings.instants += crossing.instants;
        if (findings.widest == nullptr || crossing.max_edge > findings.widest->max_edge) {
            findings.widest = &crossing;
        }
    }
    for (const Opportunity& opportunity : result.opportunities) {
        const Rate after = opportunity.max_edge_after_fees;
        findings.best_after_fees = std::max(findings.best_after_fees.value_or(after), after);
    }
    for (const PairRow& pair : result.by_pair) findings.volume += pair.volume;
    findings.fees = fees_from_opportunities(result);
    if (!findings.fees || findings.fees->most.units == 0) {
        const std::optional<FeeRange> paid = fees_from_fills(result);
        if (paid) findings.fees = paid;
    }
    count_missed(result, findings);
    check_sums(result, findings);
    return findings;
}

std::vector<std::string> conclude(const RunResult& result, const Findings& findings)
{
    std::vector<std::string> out;
    if (result.events == 0) return {"The recordings held no inputs: nothing was replayed."};
    if (result.packages_total > 0) conclude_traded(result, out);
    if (findings.instants == 0) {
        out.push_back(conclude_uncrossed(result));
    } else if (result.packages_total == 0) {
        out.push_back(conclude_untraded(result, findings));
    } else if (findings.opportunities_missed > 0 && findings.main_reason) {
        out.push_back(fmt::format("{} of {} opportunities were missed, most often: {}.",
                                  display::count(findings.opportunities_missed),
                                  display::count(result.opportunities_total),
                                  reason_text(result, *findings.main_reason)));
    }
    conclude_equity(result, out);
    if (!findings.waterfall_adds_up) out.push_back("Warning: the parts of the waterfall do not add up.");
    if (!findings.balances_add_up) {
        out.push_back("Warning: a balance is not its start plus fills less fees.");
    }
    return out;
}

}  // namespace arb
