#include "engine/report/html_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/report/display.hpp"
#include "engine/report/findings.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/svg.hpp"
#include "engine/report/utf8.hpp"

namespace arb::html {
namespace {

constexpr std::size_t kPackagesShown = 25;

struct Head {
    std::string_view title;
    bool number = false;
    bool bars = false;  ///< drawings beside the numbers, left out on a phone
};

class Table {
  public:
    explicit Table(const std::vector<Head>& heads) : columns_(heads.size())
    {
        out_ = "<div class=\"scroll\"><table><thead><tr>";
        for (const Head& head : heads) {
            out_ += fmt::format("<th scope=\"col\"{}>{}</th>",
                                head.number ? " class=\"n\""
                                : head.bars ? " class=\"bars\""
                                            : "",
                                escape(head.title));
        }
        out_ += "</tr></thead><tbody>";
    }
    void begin_row() { out_ += "<tr>"; }
    void end_row() { out_ += "</tr>"; }
    /// Names stay on one line, sentences and names made to do harm may break anywhere.
    void text(std::string_view value)
    {
        out_ += element("td", columns_of(value) <= kNameColumnsMax ? "t" : "l", value);
    }
    void count(std::uint64_t value)
    {
        out_ += element("td", value == 0 ? "n zero" : "n", display::count(value));
    }
    void number(std::string_view value) { out_ += element("td", "n", value); }
    /// Rounded, with all digits on pointing; `judged` colours gains and losses.
    void money(Amount value, unsigned decimals, bool judged = false)
    {
        const char* sign = value.zero() ? " zero" : !judged ? "" : value.units < 0 ? " neg" : " pos";
        out_ += fmt::format(
            "<td class=\"n{}\" data-tip=\"{}\">{}</td>", sign, escape(display::exact(value)),
            escape(judged ? display::signed_money(value, decimals) : display::money(value, decimals)));
    }
    /// With its sign, neither gain nor loss.
    void change(Amount value, unsigned decimals)
    {
        out_ += fmt::format("<td class=\"n{}\" data-tip=\"{}\">{}</td>", value.zero() ? " zero" : "",
                            escape(display::exact(value)), escape(display::signed_money(value, decimals)));
    }
    void html(std::string_view css_class, std::string_view safe)
    {
        out_ += fmt::format("<td class=\"{}\">{}</td>", css_class, safe);
    }
    void wide_row(std::string_view css_class, std::string_view words)
    {
        out_ += fmt::format("<tr class=\"{}\"><td colspan=\"{}\">{}</td></tr>", css_class, columns_,
                            escape(words));
    }
    void rest(std::size_t total, std::size_t shown)
    {
        if (total > shown) wide_row("more", fmt::format("and {} more", display::count(total - shown)));
    }
    std::string take() { return std::move(out_) + "</tbody></table></div>"; }

  private:
    std::size_t columns_;
    std::string out_;
};

/// A title, and a table that scrolls within its box when it is long.
std::string box(int span, std::string title, std::string subtitle, std::string body)
{
    return chart::card({span, std::move(title), std::move(subtitle), "", std::move(body)});
}

unsigned decimals_of(const Waterfall& w)
{
    return display::money_decimals(std::max({display::magnitude(w.quoted), display::magnitude(w.fees),
                                             display::magnitude(w.realised), display::magnitude(w.depth)}));
}

void waterfall_cells(Table& table, const Waterfall& w, unsigned decimals)
{
    for (const Amount value : {w.quoted, w.depth, w.fees, w.latency, w.unwind}) table.money(value, decimals);
    table.money(w.realised, decimals, true);
}

/// A bar as long as its share of the largest, for reading down a column.
std::string share_bar(std::uint64_t value, std::uint64_t largest)
{
    const std::uint64_t percent =
        largest == 0 ? 0 : static_cast<std::uint64_t>(static_cast<unsigned __int128>(value) * 100 / largest);
    return fmt::format("<span class=\"share\"><i style=\"width:{}%\"></i></span>",
                       std::max<std::uint64_t>(percent, 1));
}

}  // namespace

std::string crossings_table(const RunResult& result)
{
    const std::string why = "Best bid of one venue above the best ask of another, before any fee";
    if (result.crossings.empty()) return box(3, "Crossings", why, chart::empty_state("There was none."));
    Table table({{"Instrument"}, {"Buy on"}, {"Sell on"}, {"Instants", true}, {"Widest bps", true}});
    std::vector<const CrossingSummary*> rows;
    for (const CrossingSummary& crossing : result.crossings) rows.push_back(&crossing);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto* a, const auto* b) { return a->instants > b->instants; });
    for (std::size_t i = 0; i < std::min(rows.size(), kRowsShown); ++i) {
        const CrossingSummary& row = *rows[i];
        table.begin_row();
        table.text(row.instrument);
        table.text(row.buy_venue);
        table.text(row.sell_venue);
        table.count(row.instants);
        table.number(display::bps(row.max_edge));
        table.end_row();
    }
    table.rest(result.crossings.size(), kRowsShown);
    return box(3, "Crossings", why, table.take());
}

std::string missed_table(const RunResult& result)
{
    std::vector<std::size_t> reasons;
    std::uint64_t largest = 0, total = 0;
    Amount most;
    for (std::size_t i = 0; i < result.missed.size(); ++i) {
        if (result.missed[i].opportunities == 0) continue;
        reasons.push_back(i);
        total += result.missed[i].opportunities;
        largest = std::max(largest, result.missed[i].opportunities);
        most = std::max(most, display::magnitude(result.missed[i].quoted));
    }
    const std::string title = "Missed opportunities";
    if (reasons.empty()) {
        return box(3, title, "By the last reason each was not taken", chart::empty_state("None was missed."));
    }
    std::stable_sort(reasons.begin(), reasons.end(), [&](std::size_t a, std::size_t b) {
        return result.missed[a].opportunities > result.missed[b].opportunities;
    });
    Table table({{"Reason"}, {"", false, true}, {"Number", true}, {"Quoted edge", true}});
    const unsigned decimals = display::money_decimals(most);
    for (const std::size_t i : reasons) {
        table.begin_row();
        table.text(reason_text(result, static_cast<MissedReason>(i)));
        table.html("bars", share_bar(result.missed[i].opportunities, largest));
        table.count(result.missed[i].opportunities);
        table.money(result.missed[i].quoted, decimals);
        table.end_row();
    }
    return box(
        3, title,
        fmt::format("{} of {}, by the last reason each was not taken; quoted edge in {}, before fees",
                    display::count(total), display::count(result.opportunities_total), quote_text(result)),
        table.take());
}

std::string pairs_table(const RunResult& result)
{
    const std::string words = "Packages and their waterfall, in " + quote_text(result);
    if (result.by_pair.empty())
        return box(6, "By venue pair", words, chart::empty_state("No package was sent."));
    Table table({{"Instrument"},
                 {"Buy on"},
                 {"Sell on"},
                 {"Packages", true},
                 {"Unwound", true},
                 {"Flagged", true},
                 {"Volume", true},
                 {"Quoted", true},
                 {"Depth", true},
                 {"Fees", true},
                 {"Latency", true},
                 {"Unwind", true},
                 {"Realised", true}});
    const unsigned decimals = decimals_of(result.waterfall);
    for (std::size_t i = 0; i < std::min(result.by_pair.size(), kRowsShown); ++i) {
        const PairRow& row = result.by_pair[i];
        table.begin_row();
        table.text(row.instrument);
        table.text(row.buy_venue);
        table.text(row.sell_venue);
        table.count(row.packages);
        table.count(row.unwound);
        table.count(row.flagged);
        table.money(row.volume, 2);
        waterfall_cells(table, row.waterfall, decimals);
        table.end_row();
    }
    table.rest(result.by_pair.size(), kRowsShown);
    return box(6, "By venue pair", words, table.take());
}

std::string venues_table(const RunResult& result, int span)
{
    const std::string words = "Volume and fees in " + quote_text(result);
    if (result.by_venue.empty())
        return box(span, "By venue", words, chart::empty_state("No venue took part."));
    Table table({{"Venue"},
                 {"Frames", true},
                 {"Orders", true},
                 {"Fills", true},
                 {"Rejects", true},
                 {"Volume", true},
                 {"Fees", true}});
    Amount most;
    for (const VenueRow& row : result.by_venue) most = std::max(most, display::magnitude(row.fees));
    for (std::size_t i = 0; i < std::min(result.by_venue.size(), kRowsShown); ++i) {
        const VenueRow& row = result.by_venue[i];
        table.begin_row();
        table.text(row.venue);
        table.count(row.frames);
        table.count(row.orders);
        table.count(row.fills);
        table.count(row.rejects);
        table.money(row.volume, 2);
        table.money(row.fees, display::money_decimals(most));
        table.end_row();
    }
    table.rest(result.by_venue.size(), kRowsShown);
    return box(span, "By venue", words, table.take());
}

std::string balances_table(const RunResult& result)
{
    const std::string words = "End = start + fills \u2212 fees";
    if (result.balances.empty())
        return box(3, "Balances", words, chart::empty_state("No balance was configured."));
    Table table({{"Venue"}, {"Asset"}, {"Start", true}, {"Fills", true}, {"Fees", true}, {"End", true}});
    for (std::size_t i = 0; i < std::min(result.balances.size(), kRowsShown); ++i) {
        const BalanceRow& row = result.balances[i];
        const unsigned decimals = std::max(4U, display::money_decimals(std::max(row.start, row.end)));
        table.begin_row();
        table.text(row.venue);
        table.text(row.asset);
        table.money(row.start, decimals);
        table.change(row.fills, decimals);
        table.money(row.fees, decimals);
        table.money(row.end, decimals);
        table.end_row();
    }
    table.rest(result.balances.size(), kRowsShown);
    return box(3, "Balances", words, table.take());
}

std::string packages_table(const RunResult& result)
{
    if (result.packages.empty())
        return box(6, "Last packages", "", chart::empty_state("No package was sent."));
    Table table({{"Package", true},
                 {"Decided (UTC)"},
                 {"Instrument"},
                 {"Buy on"},
                 {"Sell on"},
                 {"Quantity", true},
                 {"Quoted", true},
                 {"Depth", true},
                 {"Fees", true},
                 {"Latency", true},
                 {"Unwind", true},
                 {"Realised", true},
                 {"Outcome"}});
    const std::size_t shown = std::min(result.packages.size(), kPackagesShown);
    const auto first = result.packages.end() - static_cast<std::ptrdiff_t>(shown);
    Amount most;
    for (auto row = first; row != result.packages.end(); ++row) {
        most = std::max(most, display::magnitude(row->waterfall.quoted));
    }
    for (auto row = result.packages.end(); row != first;) {
        --row;
        table.begin_row();
        table.count(row->id);
        table.text(display::time_of_day(row->decided));
        table.text(row->instrument);
        table.text(row->buy_venue);
        table.text(row->sell_venue);
        table.number(display::grouped(row->quantity));
        waterfall_cells(table, row->waterfall, display::money_decimals(most));
        table.html("t", element("span", row->outcome == "flagged" ? "tag warn" : "tag", row->outcome));
        table.end_row();
        if (!row->detail.empty()) table.wide_row("detail", row->detail);
    }
    return box(6, "Last packages",
               fmt::format("{} of {}, newest first, amounts in {}", display::count(shown),
                           display::count(result.packages_total), quote_text(result)),
               table.take());
}

}  // namespace arb::html
