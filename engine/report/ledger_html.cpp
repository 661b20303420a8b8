// A ledger as one self-contained HTML page, in the look of the backtest's.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/report/display.hpp"
#include "engine/report/html_charts.hpp"
#include "engine/report/html_style.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/ledger_report.hpp"
#include "engine/report/ledger_sentences.hpp"
#include "engine/report/svg.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

using html::element;
using html::escape;
using html::kNameColumnsMax;
using html::kRowsShown;
using html::tile;
using ledger::ProfitLine;

/// A titled box with a table; with nothing in it, it says so.
class TableBox {
  public:
    /// A title that ends in '#' heads a column of numbers.
    TableBox(int span, std::string title, std::string subtitle, std::vector<std::string_view> heads)
        : card_{span, std::move(title), std::move(subtitle), "", ""}
    {
        out_ = "<div class=\"scroll\"><table><thead><tr>";
        for (std::string_view ledger_head : heads) {
            const bool number = ledger_head.ends_with('#');
            if (number) ledger_head.remove_suffix(1);
            out_ +=
                fmt::format("<th scope=\"col\"{}>{}</th>", number ? " class=\"n\"" : "", escape(ledger_head));
        }
        out_ += "</tr></thead><tbody>";
        columns_ = heads.size();
    }

    /// False when enough rows are shown: the row is only counted.
    bool begin()
    {
        if (++rows_ > kRowsShown) return false;
        out_ += "<tr>";
        return true;
    }
    void end() { out_ += "</tr>"; }

    TableBox& text(std::string_view value)
    {
        out_ += element("td", columns_of(value) <= kNameColumnsMax ? "t" : "l", value);
        return *this;
    }
    TableBox& tag(std::string_view value, bool warning)
    {
        out_ += "<td class=\"t\">" + element("span", warning ? "tag warn" : "tag", value) + "</td>";
        return *this;
    }
    TableBox& number(std::string_view value)
    {
        out_ += element("td", "n", value);
        return *this;
    }
    TableBox& count(std::uint64_t value)
    {
        out_ += element("td", value == 0 ? "n zero" : "n", display::count(value));
        return *this;
    }
    /// Rounded, with all digits on pointing; `judged` colours gains and losses.
    TableBox& money(Amount value, unsigned decimals, bool judged = false)
    {
        const char* sign = value.zero() ? " zero" : !judged ? "" : value.units < 0 ? " neg" : " pos";
        const std::string shown =
            judged ? display::signed_money(value, decimals) : display::money(value, decimals);
        out_ += fmt::format("<td class=\"n{}\" data-tip=\"{}\">{}</td>", sign, escape(display::exact(value)),
                            escape(shown));
        return *this;
    }
    /// The box; `none` is what it says without rows.
    std::string take(std::string_view none)
    {
        if (rows_ == 0) {
            card_.body = chart::empty_state(none);
            return chart::card(card_);
        }
        if (rows_ > kRowsShown) {
            out_ += fmt::format("<tr class=\"more\"><td colspan=\"{}\">and {} more</td></tr>", columns_,
                                display::count(rows_ - kRowsShown));
        }
        card_.body = std::move(out_) + "</tbody></table></div>";
        return chart::card(card_);
    }

  private:
    chart::Card card_;
    std::string out_;
    std::size_t columns_ = 0, rows_ = 0;
};

unsigned account_decimals(Amount a, Amount b)
{
    return std::min(
        std::max(4U, display::money_decimals(std::max(display::magnitude(a), display::magnitude(b)))), 8U);
}

std::string ledger_head(const LedgerReport& report)
{
    // The policy makes "opens offline" a promise that the browser keeps: nothing outside can be fetched.
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
           "<meta name=\"color-scheme\" content=\"light dark\">"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
           "'unsafe-inline'; script-src 'unsafe-inline'\">" +
           element("title", "", "Ledger " + display::clipped(plain_text(report.path), 80)) + "<style>" +
           html::style_sheet() + "</style></head>\n";
}

std::string ledger_masthead(const LedgerReport& report)
{
    std::string out = "<header class=\"masthead\"><div>" + element("h1", "", "Ledger") + "<dl>";
    out += element("dt", "", "File") + element("dd", "", display::clipped(plain_text(report.path), 240));
    out += element("dt", "", "Runs") + element("dd", "", display::count(report.runs.size()));
    if (!report.runs.empty()) {
        const ledger::RunRow& last = report.runs.back();
        out += element("dt", "", "Last") + element("dd", "", ledger::run_words(last));
        out += element("dt", "", "Build") + element("dd", "", last.build.view());
        out += element("dt", "", "Configuration") + element("dd", "", last.config_hash.view());
        out += element("dt", "", "Decisions") + element("dd", "", last.decision_hash.view());
    }
    return out + "</dl></div><button id=\"theme\" type=\"button\" hidden>Dark</button></header>\n";
}

std::string ledger_verdict(const LedgerReport& report)
{
    std::string out = "<section class=\"verdict\">";
    bool first = true;
    for (const ledger::Sentence& sentence : ledger::conclude(report)) {
        out += element("p", first ? "lead" : sentence.warning ? "warn" : "", sentence.text);
        first = false;
    }
    return out + "</section>\n";
}

std::string ledger_tiles(const LedgerReport& report)
{
    const ledger::Totals& t = report.totals;
    const Amount realised = report.waterfall().realised;
    const char* sign = realised.units < 0 ? "neg" : realised.zero() ? "" : "pos";
    const std::string quote = ledger::currency(report);
    // From a million on a tile has no room for cents.
    const bool cents =
        display::magnitude(report.portfolio_value).units < Int128{power_of_ten(18)} * 1'000'000;
    std::string out = "<section class=\"tiles\">";
    out += tile("Realised", sign, display::signed_money(realised, display::money_decimals(realised)), quote);
    out += tile("Packages", "", display::count(t.packages),
                fmt::format("{} flat{}, {} flagged, {} open", display::count(t.flat),
                            t.held == 0 ? "" : fmt::format(", {} held", display::count(t.held)),
                            display::count(t.flagged), display::count(t.open)));
    out += tile("Orders", "", display::count(t.orders), display::counted(t.fills, "fill", "fills"));
    out += tile("Accounts", report.mismatches == 0 ? "" : "neg", display::count(report.accounts.size()),
                report.not_closed == 0
                    ? fmt::format("{} differ from the venue", display::count(report.mismatches))
                    : fmt::format("{} differ, {} not closed by the venue", display::count(report.mismatches),
                                  display::count(report.not_closed)));
    out += tile("Portfolio", "", display::money(report.portfolio_value, cents ? 2 : 0),
                quote + " at last fills");
    out += tile("One leg alone", "", ledger::milliseconds_words(report.unhedged.p50_ns),
                fmt::format("99 % {}, longest {}", ledger::milliseconds_words(report.unhedged.p99_ns),
                            ledger::milliseconds_words(report.unhedged.max_ns)));
    return out + "</section>\n";
}

/// The backtest's chart, fed with this ledger's total.
std::string waterfall_chart(const LedgerReport& report)
{
    RunResult result;
    result.quote = report.quote;
    for (const ProfitLine& line : report.results) {
        if (line.quote == report.quote) result.packages_total += line.packages;
    }
    result.waterfall = report.waterfall();
    return chart::waterfall(result);
}

std::string profit_box(int span, const char* title, const std::vector<ProfitLine>& lines, const char* first,
                       const char* second)
{
    std::vector<std::string_view> heads{first};
    if (second != nullptr) heads.push_back(second);
    for (const char* name : {"Packages#", "Flagged#", "Quoted#", "Depth#", "Fees#", "Latency#", "Unwind#",
                             "Realised#", "Currency"})
        heads.push_back(name);
    TableBox box(span, title, "Finished packages and their waterfall, each in its own currency", heads);
    for (const ProfitLine& line : lines) {
        if (!box.begin()) continue;
        const Waterfall& w = line.waterfall;
        const unsigned decimals = ledger::decimals_of(lines, line.quote);
        box.text(line.name);
        if (second != nullptr) box.text(line.second);
        box.count(line.packages).count(line.flagged);
        for (const Amount part : {w.quoted, w.depth, w.fees, w.latency, w.unwind}) box.money(part, decimals);
        box.money(w.realised, decimals, true).text(line.quote).end();
    }
    return box.take("No package was finished.");
}

std::string accounts_box(const LedgerReport& report)
{
    TableBox box(
        6, "Accounts", "Start + fills \u2212 fees against the venue's own word; exact amounts on pointing",
        {"Run", "Venue", "Asset", "Start#", "Fills#", "Fees#", "Ours#", "Theirs#", "Difference#", "Agrees"});
    for (const bool agrees : {false, true}) {
        for (const ledger::AccountLine& line : report.accounts) {
            if (line.agrees != agrees || !box.begin()) continue;
            const ledger::BalanceRow& row = line.row;
            const unsigned decimals = account_decimals(row.ours, row.theirs);
            box.text(std::to_string(row.epoch))
                .text(row.venue.view())
                .text(row.asset.view())
                .money(row.start, decimals);
            box.money(row.fills, decimals).money(row.fees, decimals).money(row.ours, decimals);
            box.money(row.theirs, decimals).number(display::exact(line.difference));
            const bool open = !line.closed && line.difference.zero();
            const char* equal = line.rounded ? "but for its rounding" : "to the last unit";
            box.tag(agrees ? equal : open ? "not asked at the end" : "differs", !agrees).end();
        }
    }
    return box.take("No balance was recorded.");
}

std::string portfolio_box(const LedgerReport& report)
{
    TableBox box(3, "Portfolio",
                 "All venues together, in " + ledger::currency(report) + " at the prices of the last fills",
                 {"Asset", "Venues#", "Held#", "Price#", "Value#"});
    for (const ledger::HoldingLine& line : report.portfolio) {
        if (!box.begin()) continue;
        box.text(line.asset).count(line.venues).money(line.theirs, account_decimals(line.theirs, {}));
        box.number(display::grouped(line.mark));
        line.valued ? box.money(line.value, 2) : box.number("no price");
        box.end();
    }
    return box.take("No balance was recorded.");
}

std::string fees_box(const LedgerReport& report)
{
    TableBox box(3, "Fees", "By venue and asset, rebates negative", {"Venue", "Asset", "Fills#", "Fees#"});
    for (const ledger::FeeLine& line : report.fees) {
        if (!box.begin()) continue;
        box.text(line.venue).text(line.asset).count(line.fills).number(display::exact(line.fee)).end();
    }
    return box.take("Nothing was filled.");
}

std::string packages_box(const char* title, const std::vector<ledger::PackageRow>& rows, const char* none)
{
    TableBox box(6, title, "Newest first",
                 {"Package#", "Decided (UTC)", "Instrument", "Strategy", "Buy on", "Sell on", "Quantity#",
                  "Outcome", "Detail"});
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        if (!box.begin()) continue;
        box.number(std::to_string(row->package))
            .text(display::moment(row->decided))
            .text(row->instrument.view());
        box.text(row->strategy.view()).text(row->buy_venue.view()).text(row->sell_venue.view());
        box.number(row->quantity.view()).tag(row->outcome.view(), true).text(row->detail.view()).end();
    }
    return box.take(none);
}

std::string unknown_box(const LedgerReport& report)
{
    TableBox box(6, "Orders of unknown outcome", "Still reserved at their worst",
                 {"Client id", "Venue", "Instrument", "Side", "Price#", "Quantity#", "Sent (UTC)", "Reason"});
    for (const ledger::OrderRow& row : report.unknown_orders) {
        if (!box.begin()) continue;
        box.text(row.client_id.view())
            .text(row.venue.view())
            .text(row.instrument.view())
            .text(name(row.side));
        box.number(row.price.view()).number(row.quantity.view()).text(display::moment(row.sent));
        box.text(row.reason.view()).end();
    }
    return box.take("There is none.");
}

std::string flags_box(const LedgerReport& report)
{
    TableBox box(6, "Flags", "Exposure that could not be closed at once, newest first",
                 {"Time (UTC)", "Venue", "Instrument", "Amount#", "State", "Reason"});
    for (auto row = report.flags.rbegin(); row != report.flags.rend(); ++row) {
        if (!box.begin()) continue;
        box.text(display::moment(row->time)).text(row->venue.view()).text(row->instrument.view());
        box.number(row->amount.view()).tag(row->cleared ? "cleared" : "open", !row->cleared);
        box.text(row->reason.view()).end();
    }
    return box.take("There is none.");
}

std::string keys_box(const LedgerReport& report)
{
    TableBox box(6, "Uses of keys", "Never a secret: label, endpoint and outcome",
                 {"Venue", "Key", "Endpoint", "Outcome", "Times#", "First (UTC)", "Last (UTC)"});
    for (const ledger::KeyUseLine& line : report.key_uses) {
        if (!box.begin()) continue;
        box.text(line.venue).text(line.label).text(line.endpoint).text(line.outcome).count(line.count);
        box.text(display::moment(line.first)).text(display::moment(line.last)).end();
    }
    return box.take("No key was used.");
}

std::string notes_box(const LedgerReport& report)
{
    TableBox box(6, "Notes", "Newest first", {"Time (UTC)", "Level", "Text"});
    for (auto row = report.notes.rbegin(); row != report.notes.rend(); ++row) {
        if (!box.begin()) continue;
        box.text(display::moment(row->time)).tag(row->level.view(), row->level.view() != "info");
        box.text(row->text.view()).end();
    }
    return box.take("There is none.");
}

}  // namespace

std::string ledger_html(const LedgerReport& report)
{
    std::string out = ledger_head(report) + "<body>\n" + ledger_masthead(report) + ledger_verdict(report) +
                      ledger_tiles(report) + "<main>\n";
    out += waterfall_chart(report) + portfolio_box(report);
    out += accounts_box(report);
    out += profit_box(6, "By instrument", report.by_instrument, "Instrument", nullptr);
    out += profit_box(6, "By venue pair", report.by_pair, "Buy on", "Sell on");
    out += profit_box(6, "By strategy", report.by_strategy, "Strategy", nullptr);
    out += packages_box("Flagged packages", report.flagged_packages, "Every finished package ended flat.");
    out += packages_box("Open packages", report.open_packages, "None is open.");
    out += unknown_box(report) + flags_box(report);
    out += fees_box(report) + keys_box(report) + notes_box(report);
    out += "</main>\n<footer>" +
           element("span", "", "Numbers are rounded for reading; point at one for all its digits.") +
           "</footer>";
    out +=
        "<div id=\"tip\" role=\"status\" hidden></div><script>" + std::string(html::script()) + "</script>\n";
    return out + "</body></html>\n";
}

}  // namespace arb
