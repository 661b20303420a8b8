#include "engine/trading/crossing_monitor.hpp"

#include <algorithm>

#include "engine/trading/package.hpp"

namespace arb {

void MissedTotals::add(MissedReason reason, RiskReason limit, Amount quoted)
{
    const auto count = [quoted](MissedRow& row) {
        ++row.opportunities;
        row.quoted += quoted;
    };
    count(reasons[static_cast<std::size_t>(reason)]);
    if (reason == MissedReason::risk) count(limits[static_cast<std::size_t>(limit)]);
}

std::vector<LimitRow> MissedTotals::by_limit() const
{
    std::vector<LimitRow> rows;
    for (std::size_t i = 0; i < limits.size(); ++i) {
        if (limits[i].opportunities > 0) rows.push_back({limit_name(static_cast<RiskReason>(i)), limits[i]});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const LimitRow& a, const LimitRow& b) {
        return a.missed.opportunities > b.missed.opportunities;
    });
    return rows;
}

CrossingMonitor::CrossingMonitor(const Markets& markets, std::vector<Rate> taker_fees)
    : markets_(&markets), taker_fees_(std::move(taker_fees)), open_(markets.market_count())
{
    ended_.reserve(4096);
    for (std::size_t i = 0; i < markets.market_count(); ++i) {
        const std::size_t members =
            markets.consolidated(static_cast<MarketId>(i)).definition().members.size();
        spells_.emplace_back(members * members);
    }
}

CrossingMonitor::Spell& CrossingMonitor::spell(MarketId market, std::size_t buy, std::size_t sell)
{
    return spells_[index(market)][buy * markets_->consolidated(market).definition().members.size() + sell];
}

const CrossingMonitor::Spell& CrossingMonitor::spell(MarketId market, std::size_t buy, std::size_t sell) const
{
    return const_cast<CrossingMonitor*>(this)->spell(market, buy, sell);
}

void CrossingMonitor::observe(MarketId market, Timestamp now)
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    if (!book.crossing() && open_[index(market)] == 0 && !book.any_ended()) return;
    const auto quotes = book.quotes();
    for (std::size_t buy = 0; buy < quotes.size(); ++buy) {
        for (std::size_t sell = 0; sell < quotes.size(); ++sell) {
            if (buy == sell) continue;
            Spell& current = spell(market, buy, sell);
            const VenueQuote& ask = quotes[buy];
            const VenueQuote& bid = quotes[sell];
            const bool both = ask.usable && bid.usable;
            const bool told = (ask.usable || ask.ended) && (bid.usable || bid.ended);
            const bool crosses = told && (ask.usable || bid.usable) && bid.bid > ask.ask;
            if (current.open && (!crosses || current.stale == both)) close(market, buy, sell, current);
            if (crosses) measure(market, buy, sell, current, !both, now);
        }
    }
}

void CrossingMonitor::measure(MarketId market, std::size_t buy, std::size_t sell, Spell& current, bool stale,
                              Timestamp now)
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    const std::int64_t ask = book.quotes()[buy].ask.units;
    const std::int64_t bid = book.quotes()[sell].bid.units;
    const Rate edge = rate_within(Int128{bid - ask} * kRateOne / ask);
    if (!stale) {
        ++current.instants;
        current.max_edge = std::max(current.max_edge, edge);
    }
    if (!current.open) {
        const std::uint64_t instants = current.instants;
        const Rate max_edge = current.max_edge;
        current = {};
        current.instants = instants;
        current.max_edge = max_edge;
        current.open = true;
        current.stale = stale;
        if (stale) current.reason = MissedReason::book_stale;
        current.begin = now;
        ++open_[index(market)];
    }
    current.last = now;
    if (edge <= current.edge) return;
    current.edge = edge;
    const auto& members = book.definition().members;
    const Int128 received = Int128{bid} * (kRateOne - taker_fees_[index(members[sell].listing)].units);
    const Int128 paid = Int128{ask} * (kRateOne + taker_fees_[index(members[buy].listing)].units);
    current.edge_after_fees = rate_within((received - paid) / ask);
    const Quantity quantity = std::min(book.quotes()[buy].ask_quantity, book.quotes()[sell].bid_quantity);
    current.notional = market_notional(book.definition(), {ask}, quantity);
    current.quoted = market_notional(book.definition(), {bid - ask}, quantity);
}

void CrossingMonitor::close(MarketId market, std::size_t buy, std::size_t sell, Spell& current)
{
    current.open = false;
    --open_[index(market)];
    ++ended_total_;
    if (!current.is_taken) missed_.add(current.reason, current.limit, current.quoted);
    if (current.stale || ended_.size() >= kOpportunitiesMax) return;
    Opportunity opportunity;
    opportunity.begin = current.begin;
    opportunity.end = current.last;
    opportunity.max_edge = current.edge;
    opportunity.max_edge_after_fees = current.edge_after_fees;
    opportunity.max_notional = current.notional;
    opportunity.taken = current.is_taken;
    opportunity.missed = current.reason;
    ended_.push_back(
        {market, static_cast<std::uint32_t>(buy), static_cast<std::uint32_t>(sell), opportunity});
}

Timestamp CrossingMonitor::since(MarketId market, std::size_t buy, std::size_t sell) const
{
    const Spell& current = spell(market, buy, sell);
    return current.open && !current.stale ? current.begin : Timestamp{};
}

void CrossingMonitor::missed(MarketId market, std::size_t buy, std::size_t sell, MissedReason reason,
                             RiskReason limit)
{
    Spell& current = spell(market, buy, sell);
    current.reason = reason;
    current.limit = limit;
}

MissedTotals CrossingMonitor::missed_so_far() const
{
    MissedTotals totals = missed_;
    for (const std::vector<Spell>& market : spells_) {
        for (const Spell& current : market) {
            if (current.open && !current.is_taken) totals.add(current.reason, current.limit, current.quoted);
        }
    }
    return totals;
}

void CrossingMonitor::taken(MarketId market, std::size_t buy, std::size_t sell)
{
    spell(market, buy, sell).is_taken = true;
}

void CrossingMonitor::finish(Timestamp now)
{
    for (std::size_t m = 0; m < spells_.size(); ++m) {
        const auto market = static_cast<MarketId>(m);
        const std::size_t members = markets_->consolidated(market).definition().members.size();
        for (std::size_t i = 0; i < spells_[m].size(); ++i) {
            if (!spells_[m][i].open) continue;
            spells_[m][i].last = now;
            close(market, i / members, i % members, spells_[m][i]);
        }
    }
}

void CrossingMonitor::report(RunResult& result) const
{
    std::vector<std::vector<std::uint32_t>> places(spells_.size());
    for (std::size_t m = 0; m < spells_.size(); ++m) {
        const MarketDefinition& definition = markets_->consolidated(static_cast<MarketId>(m)).definition();
        const InstrumentTable& table = markets_->table();
        const std::size_t members = definition.members.size();
        places[m].assign(spells_[m].size(), 0);
        for (std::size_t i = 0; i < spells_[m].size(); ++i) {
            if (spells_[m][i].instants == 0) continue;
            places[m][i] = static_cast<std::uint32_t>(result.crossings.size());
            CrossingSummary summary;
            summary.instrument = definition.name;
            summary.buy_venue = table.label(table.listing(definition.members[i / members].listing).venue);
            summary.sell_venue = table.label(table.listing(definition.members[i % members].listing).venue);
            summary.instants = spells_[m][i].instants;
            summary.max_edge = spells_[m][i].max_edge;
            result.crossings.push_back(std::move(summary));
        }
    }
    for (const Ended& ended : ended_) {
        Opportunity opportunity = ended.opportunity;
        const std::size_t members = markets_->consolidated(ended.market).definition().members.size();
        opportunity.crossing = places[index(ended.market)][ended.buy * members + ended.sell];
        result.opportunities.push_back(opportunity);
    }
    result.opportunities_total = ended_total_;
    result.missed = missed_.reasons;
    result.limits = missed_.by_limit();
}

}  // namespace arb
