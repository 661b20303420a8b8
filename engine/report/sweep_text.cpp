// A sweep as a page of text: the best variants as a table, what the best needs written, and why runs made
// nothing.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/report/display.hpp"
#include "engine/report/sweep_report.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

using Align = TextTable::Align;

constexpr std::size_t kSweepColumns = 80;
constexpr std::size_t kVariantsShown = 25;
constexpr std::size_t kWhysShown = 3;

std::string sweep_table(const SweepReport& report, unsigned decimals, bool colour)
{
    TextTable table;
    // Figures go before settings when room is short: the settings tell the rows apart.
    for (const std::string& name : sweep_names(report.ranges)) table.column(name, Align::right);
    table.column("result", Align::right).column("fees", Align::right, 2);
    table.column("drawdown", Align::right, 3).column("packages", Align::right, 1);
    table.column("fills", Align::right, 4);
    for (std::size_t i = 0; i < std::min(report.rows.size(), kVariantsShown); ++i) {
        const SweepRow& row = report.rows[i];
        std::vector<Cell> cells;
        const std::vector<std::size_t> places = sweep_places(report.ranges, row.variant);
        for (std::size_t r = 0; r < places.size(); ++r)
            cells.push_back({report.ranges[r].values[places[r]], Tone::none});
        const Tone tone = row.result.zero() ? Tone::dim : row.result.units < 0 ? Tone::bad : Tone::good;
        cells.push_back({display::signed_money(row.result, decimals), tone});
        cells.push_back({display::money(row.fees, decimals), Tone::none});
        cells.push_back({display::money(row.drawdown, decimals), Tone::none});
        cells.push_back({display::count(row.packages), Tone::none});
        cells.push_back({display::count(row.fills), Tone::none});
        table.row(std::move(cells));
    }
    return table.render(kTextIndent, kSweepColumns, colour);
}

}  // namespace

std::string sweep_text(const SweepReport& report, bool colour)
{
    std::string out =
        painted(display::clipped("Sweep of " + plain_text(report.title), kSweepColumns), Tone::bold, colour) +
        "\n" +
        fmt::format("  {} over {}\n", display::counted(report.rows.size(), "variant", "variants"),
                    display::counted(report.inputs.size(), "recording", "recordings"));
    for (const auto& [key, value] : report.fixed)
        out += fmt::format("  {} = {} in all of them\n", plain_text(key), plain_text(value));
    Amount largest;
    for (const SweepRow& row : report.rows)
        largest = std::max({largest, absolute(row.result), absolute(row.fees)});
    out += "\n" + painted(fmt::format("Best first, in {}", plain_text(report.quote)), Tone::bold, colour) +
           "\n" + sweep_table(report, display::money_decimals(largest), colour);
    if (report.rows.size() > kVariantsShown)
        out += fmt::format("  and {} more\n", display::count(report.rows.size() - kVariantsShown));
    std::map<std::string, std::size_t> whys;
    for (const SweepRow& row : report.rows) {
        if (row.packages == 0) ++whys[row.why];
    }
    if (!whys.empty()) out += "\n" + painted("Variants that sent nothing", Tone::bold, colour) + "\n";
    std::vector<std::pair<std::size_t, std::string>> most;
    for (const auto& [why, count] : whys) most.emplace_back(count, why);
    std::stable_sort(most.begin(), most.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < std::min(most.size(), kWhysShown); ++i)
        out += fmt::format("  {}: {}\n", display::count(most[i].first), plain_text(most[i].second));
    if (most.size() > kWhysShown)
        out += fmt::format("  and {} other reasons\n", display::count(most.size() - kWhysShown));
    return out;
}

}  // namespace arb
