#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "engine/report/backtest_report.hpp"
#include "engine/report/display.hpp"
#include "engine/report/findings.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

using Align = TextTable::Align;

// Rows shown of each table: the page stays on one screen, the JSON and HTML forms have the rest.
constexpr std::size_t kCrossingsShown = 4;
constexpr std::size_t kPairsShown = 3;
constexpr std::size_t kReasonsShown = 4;
constexpr std::size_t kBalancesShown = 6;
constexpr std::size_t kNotesShown = 2;
constexpr int kBarColumns = 44;

class BacktestPage {
  public:
    BacktestPage(const RunResult& result, bool colour)
        : result_(result), found_(find(result)), colour_(colour)
    {
        Amount largest;
        for (const auto& [label, value] : parts()) largest = std::max(largest, display::magnitude(value));
        decimals_ = display::money_decimals(largest);
    }

    std::string text()
    {
        header();
        crossings();
        waterfall();
        pairs();
        missed();
        balances();
        conclusion();
        return std::move(out_);
    }

  private:
    std::array<std::pair<const char*, Amount>, 6> parts() const
    {
        const Waterfall& total = result_.waterfall;
        return {{{"quoted", total.quoted},
                 {"depth", total.depth},
                 {"fees", total.fees},
                 {"latency", total.latency},
                 {"unwind", total.unwind},
                 {"realised", total.realised}}};
    }

    void header();
    void crossings();
    void waterfall();
    void pairs();
    void missed();
    void balances();
    void conclusion();

    void title(std::string_view text) { out_ += "\n" + painted(text, Tone::bold, colour_) + "\n"; }
    void line(std::string_view text, Tone tone = Tone::none)
    {
        out_ += std::string(kTextIndent, ' ') + painted(text, tone, colour_) + "\n";
    }
    void fact(std::string_view name, std::string_view text)
    {
        out_ += std::string(kTextIndent, ' ') + aligned(name, 8, false, Tone::dim, colour_) +
                std::string(text) + "\n";
    }
    void rest(std::size_t total, std::size_t shown)
    {
        if (total > shown) line(fmt::format("and {} more", display::count(total - shown)), Tone::dim);
    }
    void paragraph(std::string_view text);
    std::string money(Amount value) const { return display::money(value, decimals_); }
    Cell result_cell(Amount value) const
    {
        const Tone tone = value.units < 0 ? Tone::bad : value.units > 0 ? Tone::good : Tone::none;
        return {display::signed_money(value, decimals_), tone};
    }

    const RunResult& result_;
    Findings found_;
    bool colour_;
    unsigned decimals_ = 2;
    std::string out_;
};

void BacktestPage::header()
{
    const std::string title = plain_text(result_.title);
    out_ += painted("Backtest " + display::clipped(title.empty() ? "without a name" : title, 80), Tone::bold,
                    colour_) +
            "\n";
    std::string inputs;
    for (const std::string& input : result_.inputs)
        inputs += (inputs.empty() ? "" : ", ") + plain_text(input);
    fact("inputs", display::clipped(inputs.empty() ? "none" : inputs, kTextColumns - 10));
    if (result_.begin.known() && result_.end.known()) {
        fact("span", fmt::format("{} to {}, {}", display::moment(result_.begin), display::moment(result_.end),
                                 display::duration((result_.end - result_.begin).ns)));
    } else {
        fact("span", "unknown");
    }
    std::string events = display::count(result_.events);
    if (result_.wall_ns > 0) {
        events +=
            fmt::format(" in {}, {} a second", display::duration(static_cast<std::int64_t>(result_.wall_ns)),
                        display::count(events_per_second(result_)));
    }
    fact("events", events);
    fact("hash", fmt::format("{:016x} of all decisions", result_.decision_hash));
}

void BacktestPage::crossings()
{
    title("Crossings: best bid of one venue above the best ask of another, before any fee");
    if (result_.crossings.empty()) return line("none", Tone::dim);
    TextTable table;
    table.column("instrument", Align::left).column("buy on", Align::left).column("sell on", Align::left);
    table.column("instants", Align::right).column("widest bps", Align::right);
    std::vector<const CrossingSummary*> rows;
    for (const CrossingSummary& crossing : result_.crossings) rows.push_back(&crossing);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto* a, const auto* b) { return a->instants > b->instants; });
    for (std::size_t i = 0; i < std::min(rows.size(), kCrossingsShown); ++i) {
        const CrossingSummary& row = *rows[i];
        table.row({{row.instrument},
                   {row.buy_venue},
                   {row.sell_venue},
                   {display::count(row.instants)},
                   {display::bps(row.max_edge)}});
    }
    out_ += table.render(kTextIndent, kTextColumns, colour_);
    rest(rows.size(), kCrossingsShown);
}

/// Column of `value` on a bar that spans `low` to `high`.
int bar_column(Int128 value, Int128 low, Int128 high)
{
    Int128 range = high - low;
    Int128 offset = value - low;
    while (range > (Int128{1} << 100)) {
        range >>= 8;
        offset >>= 8;
    }
    if (range == 0) return 0;
    return static_cast<int>((offset * kBarColumns + range / 2) / range);
}

void BacktestPage::waterfall()
{
    title(fmt::format("Edge waterfall in {}", quote_text(result_)));
    if (result_.packages_total == 0)
        return line("no package was sent, so there is no edge to split", Tone::dim);
    const auto rows = parts();
    Int128 low = 0, high = 0, level = 0;
    std::size_t width = 0;
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
        level += rows[i].second.units;
        low = std::min(low, level);
        high = std::max(high, level);
    }
    for (const auto& row : rows) width = std::max(width, display::signed_money(row.second, decimals_).size());
    level = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& [label, value] = rows[i];
        const bool total = i == 0 || i + 1 == rows.size();
        const Int128 from = total ? 0 : level;
        const Int128 to = from + value.units;
        level = to;
        const int begin = bar_column(std::min(from, to), low, high);
        const int end = bar_column(std::max(from, to), low, high);
        std::string bar(static_cast<std::size_t>(begin), ' ');
        std::string marks;
        for (int n = begin; n < end; ++n) marks += value.units < 0 ? "\u2592" : "\u2588";
        if (marks.empty() && !value.zero()) marks = "\u258f";
        const Cell cell = result_cell(value);
        out_ += std::string(kTextIndent, ' ') +
                aligned(label, 10, false, total ? Tone::bold : Tone::none, colour_) +
                aligned(cell.text, width, true, cell.tone, colour_) + (marks.empty() ? "" : "  " + bar) +
                painted(marks, cell.tone, colour_) + "\n";
    }
}

void BacktestPage::pairs()
{
    title(fmt::format("Packages: {}, {} fills, {} unwound, {} flagged, {} of {} orders rejected",
                      display::count(result_.packages_total), display::count(result_.fills_total),
                      display::count(result_.packages_unwound), display::count(result_.packages_flagged),
                      display::count(result_.rejects_total), display::count(result_.orders_total)));
    if (result_.by_pair.empty()) return line("none", Tone::dim);
    TextTable table;
    table.column("instrument", Align::left).column("buy on", Align::left).column("sell on", Align::left);
    table.column("packages", Align::right)
        .column("unwound", Align::right, 2)
        .column("volume", Align::right, 1);
    table.column("quoted", Align::right).column("fees", Align::right).column("realised", Align::right);
    for (std::size_t i = 0; i < std::min(result_.by_pair.size(), kPairsShown); ++i) {
        const PairRow& row = result_.by_pair[i];
        table.row({{row.instrument},
                   {row.buy_venue},
                   {row.sell_venue},
                   {display::count(row.packages)},
                   {display::count(row.unwound)},
                   {display::money(row.volume, 2)},
                   {money(row.waterfall.quoted)},
                   {money(row.waterfall.fees)},
                   result_cell(row.waterfall.realised)});
    }
    out_ += table.render(kTextIndent, kTextColumns, colour_);
    rest(result_.by_pair.size(), kPairsShown);
}

void BacktestPage::missed()
{
    title(fmt::format("Missed opportunities: {} of {}", display::count(found_.opportunities_missed),
                      display::count(result_.opportunities_total)));
    std::vector<std::size_t> reasons;
    for (std::size_t i = 0; i < result_.missed.size(); ++i) {
        if (result_.missed[i].opportunities > 0) reasons.push_back(i);
    }
    if (reasons.empty()) return line("none", Tone::dim);
    std::stable_sort(reasons.begin(), reasons.end(), [&](std::size_t a, std::size_t b) {
        return result_.missed[a].opportunities > result_.missed[b].opportunities;
    });
    TextTable table;
    table.column("number", Align::right).column("quoted edge", Align::right).column("reason", Align::prose);
    for (std::size_t i = 0; i < std::min(reasons.size(), kReasonsShown); ++i) {
        const MissedRow& row = result_.missed[reasons[i]];
        table.row({{display::count(row.opportunities)},
                   {money(row.quoted)},
                   {reason_text(result_, static_cast<MissedReason>(reasons[i]))}});
    }
    out_ += table.render(kTextIndent, kTextColumns, colour_);
    rest(reasons.size(), kReasonsShown);
}

void BacktestPage::balances()
{
    title("Balances: end = start + fills - fees");
    if (result_.balances.empty()) return line("none", Tone::dim);
    TextTable table;
    table.column("venue", Align::left).column("asset", Align::left).column("start", Align::right);
    table.column("fills", Align::right).column("fees", Align::right).column("end", Align::right);
    for (std::size_t i = 0; i < std::min(result_.balances.size(), kBalancesShown); ++i) {
        const BalanceRow& row = result_.balances[i];
        const unsigned decimals = std::max(4U, display::money_decimals(std::max(row.start, row.end)));
        table.row({{row.venue},
                   {row.asset},
                   {display::money(row.start, decimals)},
                   {display::signed_money(row.fills, decimals)},
                   {display::money(row.fees, decimals)},
                   {display::money(row.end, decimals)}});
    }
    out_ += table.render(kTextIndent, kTextColumns, colour_);
    rest(result_.balances.size(), kBalancesShown);
}

void BacktestPage::paragraph(std::string_view text)
{
    std::string row(kTextIndent, ' ');
    std::size_t columns = kTextIndent;
    const std::string plain = plain_text(text);
    std::size_t at = 0;
    while (at < plain.size()) {
        const std::size_t end = std::min(plain.find(' ', at), plain.size());
        const std::string word = plain.substr(at, end - at);
        const std::size_t size = columns_of(word);
        if (columns > kTextIndent && columns + 1 + size > kTextColumns) {
            out_ += row + "\n";
            row.assign(kTextIndent, ' ');
            columns = kTextIndent;
        }
        if (columns > kTextIndent) {
            row += ' ';
            ++columns;
        }
        row += word;
        columns += size;
        at = end + 1;
    }
    if (columns > kTextIndent) out_ += row + "\n";
}

void BacktestPage::conclusion()
{
    title("Conclusion");
    for (const std::string& sentence : conclude(result_, found_)) paragraph(sentence);
    if (result_.notes.empty()) return;
    title("Notes");
    for (std::size_t i = 0; i < std::min(result_.notes.size(), kNotesShown); ++i) {
        paragraph(display::clipped(plain_text(result_.notes[i]), 2 * kTextColumns - 10));
    }
    rest(result_.notes.size(), kNotesShown);
}

}  // namespace

std::string backtest_text(const RunResult& result, bool colour)
{
    return BacktestPage(result, colour).text();
}

}  // namespace arb
