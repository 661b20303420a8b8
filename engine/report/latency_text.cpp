// A measurement of latency as text and as the files of HDR histogram plotters.
#include <algorithm>

#include <fmt/format.h>

#include "engine/base/decimal.hpp"
#include "engine/report/latency_report.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr std::size_t kFifths = 5;
constexpr std::size_t kNameWidth = 40;

// With all its decimals, so that columns stand below each other.
std::string fixed_text(std::int64_t value, unsigned decimals)
{
    char text[kDecimalTextMax];
    return std::string(text, print_scaled(value, decimals, text));
}

std::string quantile_cell(const std::vector<std::int64_t>& sorted, std::uint64_t parts)
{
    return latency_quantile_told(sorted.size(), parts) ? latency_us(latency_quantile(sorted, parts)) : "-";
}

std::vector<std::int64_t> sorted_copy(std::vector<std::int64_t> values)
{
    std::sort(values.begin(), values.end());
    return values;
}

// Medians of five stretches of the run, least and most: how steady the machine was.
std::string fifths_cell(const std::vector<std::int64_t>& values)
{
    const std::size_t size = values.size() / kFifths;
    if (size < 5) return "-";
    std::int64_t least = 0, most = 0;
    for (std::size_t i = 0; i < kFifths; ++i) {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * size);
        const std::int64_t median =
            latency_quantile(sorted_copy({begin, begin + static_cast<std::ptrdiff_t>(size)}), 50'000);
        least = i == 0 ? median : std::min(least, median);
        most = std::max(most, median);
    }
    return latency_us(least) + "-" + latency_us(most);
}

std::string row_line(const LatencyTable& table, const LatencyRow& row)
{
    const std::vector<std::int64_t> sorted = sorted_copy(row.ns);
    const std::int64_t median = latency_quantile(sorted, 50'000);
    std::string line = fmt::format("{:<{}}{:>8}{:>9}{:>9}{:>9}{:>10}{:>14}", row.name, kNameWidth,
                                   sorted.size(), sorted.empty() ? "-" : latency_us(median),
                                   quantile_cell(sorted, 99'000), quantile_cell(sorted, 99'900),
                                   sorted.empty() ? "-" : latency_us(sorted.back()), fifths_cell(row.ns));
    if (!table.floor_name.empty())
        line += fmt::format(
            "{:>9}", table.floor > 0 && !sorted.empty() ? latency_ratio(median * 100 / table.floor) : "-");
    return line + "\n";
}

std::string table_text(const LatencyTable& table, bool colour)
{
    std::string out = fmt::format("{:<{}}{:>8}{:>9}{:>9}{:>9}{:>10}{:>14}", table.title, kNameWidth,
                                  "samples", "p50", "p99", "p99.9", "most", "p50 of fifths");
    if (!table.floor_name.empty()) out += fmt::format("{:>9}", table.floor_name);
    out = painted(out, Tone::bold, colour) + "\n";
    for (const LatencyRow& row : table.rows) out += row_line(table, row);
    if (!table.note.empty()) out += painted(table.note, Tone::dim, colour) + "\n";
    return out + "\n";
}

std::string floors_text(const LatencyReport& report, bool colour)
{
    std::string out = painted(fmt::format("{:<{}}{:>12}", "floors of this host, median", kNameWidth, "ns"),
                              Tone::bold, colour) +
                      "\n";
    for (const LatencyFloor& floor : report.floors)
        out += fmt::format("{:<{}}{:>12}\n", floor.name, kNameWidth, latency_us(floor.picoseconds));
    return out + "\n";
}

std::string goals_text(const LatencyReport& report, bool colour)
{
    std::string out = painted("goals, each a ratio taken in this run", Tone::bold, colour) + "\n";
    for (const LatencyGoal& goal : report.goals) {
        const std::int64_t ratio = goal.ratio_hundredths();
        const std::string told =
            ratio == 0
                ? std::string("not measured")
                : fmt::format("{} ({} / {} us), goal {}{}", latency_ratio(ratio), latency_us(goal.value),
                              latency_us(goal.floor), latency_ratio(goal.at_most_hundredths),
                              ratio <= goal.at_most_hundredths ? ", reached" : "");
        out += fmt::format("  {}: {}\n      {} / {}\n", goal.name, told, goal.value_name, goal.floor_name);
    }
    return out + "\n";
}

std::string host_text(const LatencyReport& report, bool colour)
{
    std::string out = painted("this host", Tone::bold, colour) + "\n";
    for (const HostCheck& check : report.host) {
        const Tone tone = check.state == HostState::good    ? Tone::good
                          : check.state == HostState::costs ? Tone::warn
                                                            : Tone::dim;
        out += fmt::format("  {}{}: {}\n", aligned(name(check.state), 9, false, tone, colour), check.name,
                           plain_text(check.found));
        if (!check.mend.empty()) out += fmt::format("           mend: {}\n", check.mend);
    }
    return out;
}

}  // namespace

std::int64_t latency_quantile(const std::vector<std::int64_t>& sorted, std::uint64_t parts)
{
    if (sorted.empty()) return 0;
    const std::uint64_t place = (sorted.size() * parts + 99'999) / 100'000;
    return sorted[std::max<std::uint64_t>(place, 1) - 1];
}

std::string latency_us(std::int64_t ns)
{
    return fixed_text((ns + 50) / 100, 1);
}

std::string latency_ratio(std::int64_t hundredths)
{
    return fixed_text(hundredths, 2);
}

bool latency_quantile_told(std::size_t samples, std::uint64_t parts)
{
    if (parts <= 50'000) return samples > 0;
    return samples * (100'000 - parts) >= 10 * std::uint64_t{100'000};
}

std::int64_t LatencyGoal::ratio_hundredths() const
{
    return value > 0 && floor > 0 ? (value * 100 + floor - 1) / floor : 0;
}

const char* name(HostState state)
{
    switch (state) {
        case HostState::good:
            return "good";
        case HostState::costs:
            return "costs";
        case HostState::unknown:
            return "unknown";
    }
    return "";
}

std::string latency_text(const LatencyReport& report, bool colour)
{
    std::string out =
        fmt::format("arbiter latency: {}, {}\n", plain_text(report.machine), plain_text(report.build));
    for (const auto& [key, value] : report.facts) out += fmt::format("  {}: {}\n", key, plain_text(value));
    out += "\n";
    for (const LatencyTable& table : report.tables) out += table_text(table, colour);
    if (!report.floors.empty()) out += floors_text(report, colour);
    if (!report.goals.empty()) out += goals_text(report, colour);
    if (!report.host.empty()) out += host_text(report, colour);
    return out;
}

// Steps as HdrHistogram's printer takes them: half of what is left, in five ticks, until every sample is
// counted.
std::string latency_hgrm(const LatencyRow& row)
{
    const std::vector<std::int64_t> sorted = sorted_copy(row.ns);
    std::string out = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount",
                                  "1/(1-Percentile)");
    constexpr std::uint64_t kOne = 1'000'000'000'000;  // a percentile of 1
    constexpr std::uint64_t kTicks = 5;
    std::uint64_t percentile = 0;
    for (std::uint64_t half = kOne / 2; !sorted.empty();) {
        const auto count = static_cast<std::uint64_t>(
            (static_cast<unsigned __int128>(sorted.size()) * percentile + kOne - 1) / kOne);
        const std::size_t place = std::max<std::uint64_t>(count, 1) - 1;
        std::size_t up_to = place;
        while (up_to + 1 < sorted.size() && sorted[up_to + 1] == sorted[place]) ++up_to;
        const std::string value = fixed_text(sorted[place], 3);
        if (up_to + 1 >= sorted.size() || half < kTicks) {
            out += fmt::format("{:>12} {:>14} {:>10}\n", fixed_text(sorted.back(), 3), "1.000000000000",
                               sorted.size());
            break;
        }
        out += fmt::format("{:>12} {:>14} {:>10} {:>14}\n", value, fmt::format("0.{:012}", percentile),
                           up_to + 1,
                           fixed_text(static_cast<std::int64_t>(kOne * 100 / (kOne - percentile)), 2));
        percentile += half / kTicks;
        if (percentile >= kOne - half) {
            percentile = kOne - half;
            half /= 2;
        }
    }
    std::int64_t sum = 0;
    for (const std::int64_t ns : sorted) sum += ns;
    const auto size = static_cast<std::int64_t>(std::max<std::size_t>(sorted.size(), 1));
    out += fmt::format("#[Mean    = {:>12}, Max     = {:>12}]\n", fixed_text(sum / size, 3),
                       fixed_text(sorted.empty() ? 0 : sorted.back(), 3));
    return out + fmt::format("#[Total count    = {:>12}]\n", sorted.size());
}

}  // namespace arb
