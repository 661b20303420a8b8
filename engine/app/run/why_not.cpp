#include "engine/app/run/why_not.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/report/display.hpp"

namespace arb {
namespace {

constexpr Duration kEveryMinute = seconds(60);

// What was added since; spells that were counted while they lasted may have another reason by now.
MissedRow since(const MissedRow& now, const MissedRow& then)
{
    if (now.opportunities <= then.opportunities) return {};
    return {now.opportunities - then.opportunities, std::max(Amount{}, now.quoted - then.quoted)};
}

}  // namespace

std::vector<WhyNotRow> why_not(const MissedTotals& totals)
{
    std::vector<WhyNotRow> rows;
    for (const LimitRow& row : totals.by_limit())
        rows.push_back({row.limit, describe(MissedReason::risk), row.missed});
    for (std::size_t i = 0; i < totals.reasons.size(); ++i) {
        const auto reason = static_cast<MissedReason>(i);
        if (reason != MissedReason::risk && totals.reasons[i].opportunities > 0)
            rows.push_back({name(reason), describe(reason), totals.reasons[i]});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const WhyNotRow& a, const WhyNotRow& b) {
        return a.missed.opportunities > b.missed.opportunities;
    });
    return rows;
}

std::optional<std::string> WhyNot::on_time(const CrossingMonitor& crossings, std::uint64_t packages,
                                           Timestamp now)
{
    if (due_.known() && now < due_) return std::nullopt;
    const bool first = !due_.known();
    due_ = now + kEveryMinute;
    const MissedTotals totals = crossings.missed_so_far();
    MissedTotals minute;
    for (std::size_t i = 0; i < totals.reasons.size(); ++i)
        minute.reasons[i] = since(totals.reasons[i], told_.reasons[i]);
    for (std::size_t i = 0; i < totals.limits.size(); ++i)
        minute.limits[i] = since(totals.limits[i], told_.limits[i]);
    const bool traded = packages != packages_;
    told_ = totals;
    packages_ = packages;
    if (first || traded) return std::nullopt;
    const std::vector<WhyNotRow> rows = why_not(minute);
    if (rows.empty()) return "nothing traded in the last minute: no venue's bid stood above another's ask";
    std::string text = "nothing traded in the last minute; not taken:";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        text += fmt::format("{} {} for {} (edge {})", i == 0 ? "" : ",", rows[i].missed.opportunities,
                            rows[i].reason, display::money(rows[i].missed.quoted, 4));
    }
    return text;
}

}  // namespace arb
