#include "engine/trading/exposure_book.hpp"

#include "engine/trading/package.hpp"

namespace arb {

ExposureBook::ExposureBook(const Markets& markets) : lines_(markets.market_count())
{
    for (std::size_t m = 0; m < lines_.size(); ++m) {
        const auto& market = markets.consolidated(static_cast<MarketId>(m)).definition();
        units_.push_back({power_of_ten(kAmountDecimals - market.quantity_decimals)});
    }
}

void ExposureBook::join(ExposureLine& line, const ExposureLine& more, Amount unit) const
{
    if (more.empty()) return;
    if (line.empty() || more.since < line.since) line.since = more.since;
    line.quantity += more.quantity;
    line.cost += more.cost;
    line.rest += more.rest;
    const auto whole = static_cast<std::int64_t>(line.rest.units / unit.units);
    line.quantity += whole;
    line.rest.units -= whole * unit.units;
}

const char* name(ExposureCause cause)
{
    constexpr const char* kNames[] = {"dust", "leftover", "late_fill"};
    return kNames[static_cast<std::size_t>(cause)];
}

void ExposureBook::add(MarketId market, ExposureCause cause, std::int64_t quantity, Amount cost,
                       Timestamp now, Amount rest)
{
    join(lines_[index(market)][static_cast<std::size_t>(cause)], {quantity, cost, now, rest},
         units_[index(market)]);
}

ExposureLine ExposureBook::sum(MarketId market) const
{
    ExposureLine all;
    for (const ExposureLine& line : lines_[index(market)]) join(all, line, units_[index(market)]);
    return all;
}

void ExposureBook::move(MarketId from, MarketId to, Amount rate)
{
    const Amount unit = units_[index(from)], other = units_[index(to)];
    for (std::size_t c = 0; c < static_cast<std::size_t>(ExposureCause::count_); ++c) {
        const ExposureLine line = lines_[index(from)][c];
        const Amount all{Int128{line.quantity} * unit.units + line.rest.units};
        const auto whole = static_cast<std::int64_t>(all.units / other.units);
        add(to, static_cast<ExposureCause>(c), whole, at_rate(line.cost, rate), line.since,
            {all.units % other.units});
    }
    lines_[index(from)] = {};
}

ExposureLine ExposureBook::take(MarketId market)
{
    const ExposureLine all = sum(market);
    lines_[index(market)] = {};
    return all;
}

}  // namespace arb
