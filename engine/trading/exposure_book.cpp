#include "engine/trading/exposure_book.hpp"

namespace arb {
namespace {

void join(ExposureLine& line, const ExposureLine& more)
{
    if (more.empty()) return;
    if (line.empty() || more.since < line.since) line.since = more.since;
    line.quantity += more.quantity;
    line.cost += more.cost;
}

}  // namespace

const char* name(ExposureCause cause)
{
    constexpr const char* kNames[] = {"dust", "leftover", "late_fill"};
    return kNames[static_cast<std::size_t>(cause)];
}

void ExposureBook::add(MarketId market, ExposureCause cause, std::int64_t quantity, Amount cost,
                       Timestamp now)
{
    join(lines_[index(market)][static_cast<std::size_t>(cause)], {quantity, cost, now});
}

ExposureLine ExposureBook::sum(MarketId market) const
{
    ExposureLine all;
    for (const ExposureLine& line : lines_[index(market)]) join(all, line);
    return all;
}

ExposureLine ExposureBook::take(MarketId market)
{
    const ExposureLine all = sum(market);
    lines_[index(market)] = {};
    return all;
}

}  // namespace arb
