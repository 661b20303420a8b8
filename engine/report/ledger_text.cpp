// A ledger as one page for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/report/display.hpp"
#include "engine/report/ledger_report.hpp"
#include "engine/report/ledger_sentences.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

using Align = TextTable::Align;
using display::count;
using ledger::ProfitLine;

constexpr std::size_t kTextRowsShown = 12;  // of each table: the other forms have the rest

template <std::size_t N>
std::string text_of(const ledger::RowText<N>& text)
{
    return std::string(text.view());
}

class LedgerPage {
  public:
    LedgerPage(const LedgerReport& report, bool colour) : report_(report), colour_(colour) {}

    std::string text()
    {
        header();
        results();
        profit("By instrument", report_.by_instrument, "instrument", "");
        profit("By venue pair", report_.by_pair, "buy on", "sell on");
        profit("By strategy", report_.by_strategy, "strategy", "");
        unhedged();
        accounts();
        portfolio();
        fees();
        packages("Open packages", report_.open_packages);
        packages("Flagged packages", report_.flagged_packages);
        orders();
        key_uses();
        flags();
        notes();
        conclusion();
        return std::move(out_);
    }

  private:
    void title(std::string_view text) { out_ += "\n" + painted(text, Tone::bold, colour_) + "\n"; }
    void line(std::string_view text, Tone tone = Tone::none)
    {
        out_ += std::string(kTextIndent, ' ') +
                painted(display::clipped(text, kTextColumns - kTextIndent), tone, colour_) + "\n";
    }
    void render(const TextTable& table, std::size_t total)
    {
        out_ += table.render(kTextIndent, kTextColumns, colour_);
        if (total > kTextRowsShown)
            line(fmt::format("and {} more", count(total - kTextRowsShown)), Tone::dim);
    }
    Cell judged(Amount value, unsigned decimals) const
    {
        const Tone tone = value.units < 0 ? Tone::bad : value.units > 0 ? Tone::good : Tone::none;
        return {display::signed_money(value, decimals), tone};
    }

    void header();
    void results();
    void profit(std::string_view name, const std::vector<ProfitLine>& lines, const char* first,
                const char* second);
    void unhedged();
    void accounts();
    void portfolio();
    void fees();
    void packages(std::string_view name, const std::vector<ledger::PackageRow>& rows);
    void orders();
    void key_uses();
    void flags();
    void notes();
    void conclusion();

    const LedgerReport& report_;
    bool colour_;
    std::string out_;
};

void LedgerPage::header()
{
    out_ += painted("Ledger " + display::clipped(plain_text(report_.path), 90), Tone::bold, colour_) + "\n";
    const std::size_t shown = std::min<std::size_t>(report_.runs.size(), 3);
    if (report_.runs.size() > shown)
        line(fmt::format("{} earlier runs", count(report_.runs.size() - shown)), Tone::dim);
    for (std::size_t i = report_.runs.size() - shown; i < report_.runs.size(); ++i)
        line(ledger::run_words(report_.runs[i]));
    const ledger::Totals& totals = report_.totals;
    std::string states;
    for (const auto& [state, number] : totals.orders_by_state)
        states += fmt::format("{}{} {}", states.empty() ? "" : ", ", count(number), plain_text(state));
    line(fmt::format("{}: {} flat{}, {} flagged, {} open",
                     display::counted(totals.packages, "package", "packages"), count(totals.flat),
                     totals.held == 0 ? "" : fmt::format(", {} held", count(totals.held)),
                     count(totals.flagged), count(totals.open)));
    line(fmt::format("{}{}{}, {}", display::counted(totals.orders, "order", "orders"),
                     states.empty() ? "" : ": ", states, display::counted(totals.fills, "fill", "fills")));
}

void LedgerPage::results()
{
    title("Where the edge went, finished packages");
    if (report_.results.empty()) return line("none", Tone::dim);
    TextTable table;
    table.column("currency", Align::left).column("quoted", Align::right).column("depth", Align::right);
    table.column("fees", Align::right).column("latency", Align::right).column("unwind", Align::right);
    table.column("realised", Align::right);
    for (std::size_t i = 0; i < std::min(report_.results.size(), kTextRowsShown); ++i) {
        const Waterfall& w = report_.results[i].waterfall;
        const unsigned decimals = ledger::decimals_of(w);
        const auto money = [&](Amount value) { return Cell{display::money(value, decimals)}; };
        table.row({{report_.results[i].quote},
                   money(w.quoted),
                   money(w.depth),
                   money(w.fees),
                   money(w.latency),
                   money(w.unwind),
                   judged(w.realised, decimals)});
    }
    render(table, report_.results.size());
}

void LedgerPage::profit(std::string_view name, const std::vector<ProfitLine>& lines, const char* first,
                        const char* second)
{
    if (lines.empty()) return;
    title(name);
    const bool pairs = *second != '\0';
    TextTable table;
    table.column(first, Align::left);
    if (pairs) table.column(second, Align::left);
    table.column("packages", Align::right)
        .column("flagged", Align::right, 1)
        .column("quoted", Align::right, 2);
    table.column("fees", Align::right).column("realised", Align::right).column("", Align::left);
    for (std::size_t i = 0; i < std::min(lines.size(), kTextRowsShown); ++i) {
        const ProfitLine& row = lines[i];
        const unsigned decimals = ledger::decimals_of(lines, row.quote);
        std::vector<Cell> cells{{row.name}};
        if (pairs) cells.push_back({row.second});
        cells.insert(cells.end(), {{count(row.packages)},
                                   {count(row.flagged)},
                                   {display::money(row.waterfall.quoted, decimals)},
                                   {display::money(row.waterfall.fees, decimals)},
                                   judged(row.waterfall.realised, decimals),
                                   {row.quote}});
        table.row(std::move(cells));
    }
    render(table, lines.size());
}

void LedgerPage::unhedged()
{
    if (report_.unhedged.packages == 0) return;
    title("How long a leg stood alone");
    const auto ms = ledger::milliseconds_words;
    line(fmt::format("half of the packages at most {}, 99 % at most {}, longest {}",
                     ms(report_.unhedged.p50_ns), ms(report_.unhedged.p99_ns), ms(report_.unhedged.max_ns)));
}

void LedgerPage::accounts()
{
    title(fmt::format(
        "Accounts: start + fills - fees against the venue's word, {} of {} differ{}",
        count(report_.mismatches), count(report_.accounts.size()),
        report_.not_closed == 0 ? "" : fmt::format(", {} not closed", count(report_.not_closed))));
    if (report_.accounts.empty()) return line("none", Tone::dim);
    TextTable table;
    table.column("run", Align::right, 5).column("venue", Align::left).column("asset", Align::left);
    table.column("start", Align::right, 2).column("fills", Align::right, 3).column("fees", Align::right, 4);
    table.column("ours", Align::right).column("theirs", Align::right).column("difference", Align::right);
    std::vector<const ledger::AccountLine*> rows;
    for (const ledger::AccountLine& account : report_.accounts) rows.push_back(&account);
    // What differs comes first, and in full: that is what the page is read for.
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto* a, const auto* b) { return a->agrees < b->agrees; });
    for (std::size_t i = 0; i < std::min(rows.size(), kTextRowsShown); ++i) {
        const ledger::BalanceRow& row = rows[i]->row;
        const auto decimals =
            std::min(std::max(4U, display::money_decimals(std::max(row.ours, row.theirs))), 8U);
        table.row({{std::to_string(row.epoch)},
                   {text_of(row.venue)},
                   {text_of(row.asset)},
                   {display::money(row.start, decimals)},
                   {display::signed_money(row.fills, decimals)},
                   {display::money(row.fees, decimals)},
                   {display::money(row.ours, decimals)},
                   {display::money(row.theirs, decimals)},
                   rows[i]->agrees ? Cell{rows[i]->rounded ? "rounding" : "none", Tone::good}
                   : !rows[i]->difference.zero() || rows[i]->closed
                       ? Cell{display::exact(rows[i]->difference), Tone::bad}
                       : Cell{"not asked", Tone::warn}});
    }
    render(table, rows.size());
}

void LedgerPage::portfolio()
{
    if (report_.portfolio.empty()) return;
    title(fmt::format("Portfolio over all venues: {} {}, at the prices of the last fills",
                      display::money(report_.portfolio_value, 2), ledger::currency(report_)));
    TextTable table;
    table.column("asset", Align::left).column("venues", Align::right, 1).column("held", Align::right);
    table.column("price", Align::right).column("of", Align::left, 2).column("value", Align::right);
    for (std::size_t i = 0; i < std::min(report_.portfolio.size(), kTextRowsShown); ++i) {
        const ledger::HoldingLine& row = report_.portfolio[i];
        table.row(
            {{row.asset},
             {count(row.venues)},
             {display::money(row.theirs, std::min(std::max(4U, display::money_decimals(row.theirs)), 8U))},
             {display::grouped(row.mark)},
             {row.mark_instrument},
             row.valued ? Cell{display::money(row.value, 2)} : Cell{"no price", Tone::dim}});
    }
    render(table, report_.portfolio.size());
}

void LedgerPage::fees()
{
    if (report_.fees.empty()) return;
    title("Fees");
    TextTable table;
    table.column("venue", Align::left).column("asset", Align::left).column("fills", Align::right);
    table.column("fees", Align::right);
    for (std::size_t i = 0; i < std::min(report_.fees.size(), kTextRowsShown); ++i) {
        const ledger::FeeLine& row = report_.fees[i];
        table.row({{row.venue}, {row.asset}, {count(row.fills)}, {display::exact(row.fee)}});
    }
    render(table, report_.fees.size());
}

void LedgerPage::packages(std::string_view name, const std::vector<ledger::PackageRow>& rows)
{
    if (rows.empty()) return;
    title(name);
    // The reason is what is looked for here, so it has a line of its own instead of a narrow column.
    const std::size_t shown = std::min(rows.size(), kTextRowsShown);
    for (std::size_t i = 0; i < shown; ++i) {
        const ledger::PackageRow& row = rows[rows.size() - 1 - i];
        line(fmt::format("{}  {}  {} {}, buy on {}, sell on {}", row.package, display::moment(row.decided),
                         plain_text(row.quantity.view()), plain_text(row.instrument.view()),
                         plain_text(row.buy_venue.view()), plain_text(row.sell_venue.view())));
        if (!row.detail.empty()) line("  " + plain_text(row.detail.view()), Tone::warn);
    }
    if (rows.size() > shown) line(fmt::format("and {} more", count(rows.size() - shown)), Tone::dim);
}

void LedgerPage::orders()
{
    if (report_.unknown_orders.empty()) return;
    title("Orders whose outcome is unknown");
    TextTable table;
    table.column("client id", Align::left).column("venue", Align::left).column("instrument", Align::left);
    table.column("side", Align::left).column("price", Align::right).column("quantity", Align::right);
    table.column("sent", Align::left, 1);
    for (std::size_t i = 0; i < std::min(report_.unknown_orders.size(), kTextRowsShown); ++i) {
        const ledger::OrderRow& row = report_.unknown_orders[report_.unknown_orders.size() - 1 - i];
        table.row({{text_of(row.client_id)},
                   {text_of(row.venue)},
                   {text_of(row.instrument)},
                   {name(row.side)},
                   {text_of(row.price)},
                   {text_of(row.quantity)},
                   {display::moment(row.sent)}});
    }
    render(table, report_.unknown_orders.size());
}

void LedgerPage::key_uses()
{
    if (report_.key_uses.empty()) return;
    title("Uses of keys");
    TextTable table;
    table.column("venue", Align::left).column("key", Align::left).column("endpoint", Align::left);
    table.column("outcome", Align::left).column("times", Align::right);
    for (std::size_t i = 0; i < std::min(report_.key_uses.size(), kTextRowsShown); ++i) {
        const ledger::KeyUseLine& row = report_.key_uses[i];
        table.row({{row.venue}, {row.label}, {row.endpoint}, {row.outcome}, {count(row.count)}});
    }
    render(table, report_.key_uses.size());
}

void LedgerPage::flags()
{
    if (report_.flags.empty()) return;
    title("Flags");
    const std::size_t shown = std::min(report_.flags.size(), kTextRowsShown);
    for (std::size_t i = 0; i < shown; ++i) {
        const ledger::FlagRow& row = report_.flags[report_.flags.size() - 1 - i];
        line(fmt::format("{}  {}  {} of {} on {}", display::moment(row.time),
                         row.cleared ? "cleared" : "open", plain_text(row.amount.view()),
                         plain_text(row.instrument.view()), plain_text(row.venue.view())),
             row.cleared ? Tone::none : Tone::bad);
        if (!row.reason.empty()) line("  " + plain_text(row.reason.view()), Tone::dim);
    }
    if (report_.flags.size() > shown)
        line(fmt::format("and {} more", count(report_.flags.size() - shown)), Tone::dim);
}

void LedgerPage::notes()
{
    if (report_.notes.empty()) return;
    title("Notes");
    const std::size_t shown = std::min<std::size_t>(report_.notes.size(), 6);
    for (std::size_t i = report_.notes.size() - shown; i < report_.notes.size(); ++i) {
        const ledger::NoteRow& row = report_.notes[i];
        line(fmt::format("{}  {}  {}", display::moment(row.time), plain_text(row.level.view()),
                         plain_text(row.text.view())));
    }
    if (report_.totals.notes > shown)
        line(fmt::format("and {} earlier", count(report_.totals.notes - shown)), Tone::dim);
}

void LedgerPage::conclusion()
{
    title("Conclusion");
    for (const ledger::Sentence& sentence : ledger::conclude(report_))
        out_ += std::string(kTextIndent, ' ') +
                painted(sentence.text, sentence.warning ? Tone::warn : Tone::none, colour_) + "\n";
}

}  // namespace

std::string ledger_text(const LedgerReport& report, bool colour)
{
    return LedgerPage(report, colour).text();
}

}  // namespace arb
