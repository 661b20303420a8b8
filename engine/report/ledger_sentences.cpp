#include "engine/report/ledger_sentences.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/report/display.hpp"
#include "engine/report/utf8.hpp"

namespace arb::ledger {
namespace {

std::string result_words(const LedgerReport& report)
{
    const std::uint64_t finished = report.totals.flat + report.totals.held + report.totals.flagged;
    if (finished == 0) return "No package was finished.";
    std::string text;
    for (const ProfitLine& line : report.results) {
        const Amount realised = line.waterfall.realised;
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                            display::signed_money(realised, display::money_decimals(realised)),
                            line.quote.empty() ? "of no known currency" : plain_text(line.quote));
    }
    return fmt::format("{} realised {}.", display::counted(finished, "package", "packages"), text);
}

Sentence exposure_words(const LedgerReport& report)
{
    const Totals& totals = report.totals;
    const std::uint64_t unknown = [&] {
        const auto place = totals.orders_by_state.find("unknown");
        return place == totals.orders_by_state.end() ? std::uint64_t{0} : place->second;
    }();
    if (totals.open == 0 && totals.flagged == 0 && totals.flags_open == 0 && unknown == 0)
        return {totals.held == 0
                    ? "Nothing is open: every package ended flat and no order's outcome is unknown."
                    : fmt::format("Nothing is open: {} of {} {} ended held, as meant, the others flat.",
                                  display::count(totals.held), display::count(totals.flat + totals.held),
                                  "packages"),
                false};
    return {fmt::format("Not all is flat: {} open, {} flagged, {} not cleared, {} of unknown outcome.",
                        display::counted(totals.open, "package", "packages"), display::count(totals.flagged),
                        display::counted(totals.flags_open, "flag", "flags"),
                        display::counted(unknown, "order", "orders")),
            true};
}

Sentence agreement_words(const LedgerReport& report)
{
    const std::uint64_t accounts = report.accounts.size();
    if (report.simulated() && report.mismatches == 0)
        return {"Paper: fills are simulated and no venue was asked, so nothing here is a venue's word.",
                false};
    if (accounts == 0) return {"No balance was recorded, so nothing can be compared with the venues.", true};
    if (report.mismatches == 0 && report.not_closed > 0) {
        return {
            fmt::format("{} of {} {} no word of the venue at the end: nothing says that they agree.",
                        display::count(report.not_closed), display::counted(accounts, "account", "accounts"),
                        report.not_closed == 1 ? "has" : "have"),
            true};
    }
    if (report.mismatches == 0) {
        const std::string all = display::counted(accounts, "account", "accounts");
        if (report.rounded > 0)
            return {
                fmt::format("The ledger and the venues agree on {}: start + fills - fees, {} of them but for "
                            "the venue's rounding.",
                            all, display::count(report.rounded)),
                false};
        return {
            fmt::format("The ledger and the venues agree to the last unit on {}: start + fills - fees.", all),
            false};
    }
    return {fmt::format("{} of {} {} from what the venue says.", display::count(report.mismatches),
                        display::counted(accounts, "account", "accounts"),
                        report.mismatches == 1 ? "differs" : "differ"),
            true};
}

}  // namespace

std::vector<Sentence> conclude(const LedgerReport& report)
{
    std::vector<Sentence> out{{result_words(report), false}, exposure_words(report), agreement_words(report)};
    std::uint64_t endless = 0;
    for (const RunRow& run : report.runs) endless += run.end.known() ? 0 : 1;
    if (endless > 0) {
        out.push_back({fmt::format("{} without an end: killed, or still running.",
                                   display::counted(endless, "run is", "runs are")),
                       true});
    }
    if (std::any_of(report.accounts.begin(), report.accounts.end(),
                    [](const AccountLine& line) { return line.later > 0; }))
        out.push_back(
            {"Fills that came after a venue's last word are counted as the ledger has them.", false});
    for (const CoinFeeLine& line : report.coin_fees) {
        out.push_back({fmt::format("{} paid {} of fees in {}.", display::counted(line.fills, "fill", "fills"),
                                   display::exact(line.fee), display::clipped(plain_text(line.asset), 16)),
                       false});
    }
    if (!report.coin_fees.empty()) {
        out.push_back(
            {"They are in the realised result at the coin's price then, or at the ordinary rate without one.",
             false});
    }
    if (report.waterfall_mismatches > 0) {
        out.push_back({fmt::format("The waterfall of {} does not add up.",
                                   display::counted(report.waterfall_mismatches, "package", "packages")),
                       true});
    }
    if (!report.complete()) {
        out.push_back(
            {fmt::format("{} not recorded because the ledger could not keep up; the session's journal has "
                         "everything.",
                         display::counted(report.rows_lost, "row was", "rows were")),
             true});
    }
    if (report.saturated) out.push_back({"A sum was too large to be exact.", true});
    std::string unvalued;
    for (const HoldingLine& line : report.portfolio) {
        if (!line.valued && !line.theirs.zero()) unvalued += (unvalued.empty() ? "" : ", ") + line.asset;
    }
    if (!unvalued.empty()) {
        out.push_back({fmt::format("Without a price in {} and left out of the portfolio's value: {}.",
                                   currency(report), display::clipped(plain_text(unvalued), 120)),
                       false});
    }
    return out;
}

std::string run_words(const RunRow& run)
{
    const std::string mode = plain_text(run.mode.view());
    std::string text = fmt::format("run {} ({}), {}", run.epoch, mode.empty() ? "mode unknown" : mode,
                                   display::moment(run.begin));
    if (!run.end.known()) return text + ", without an end";
    text += fmt::format(" for {}", display::duration((run.end - run.begin).ns));
    return text + fmt::format(", ended with {}", run.exit_code);
}

std::string milliseconds_words(std::int64_t ns)
{
    // A microsecond is the finest that says anything here.
    return display::grouped(fmt::format("{}.{:03}", ns / 1'000'000, ns / 1'000 % 1'000)) + " ms";
}

std::string currency(const LedgerReport& report)
{
    return report.quote.empty() ? "no currency" : plain_text(report.quote);
}

unsigned decimals_of(const Waterfall& w)
{
    Amount largest;
    for (const Amount part : {w.quoted, w.depth, w.fees, w.latency, w.unwind, w.realised})
        largest = std::max(largest, display::magnitude(part));
    return std::min(display::money_decimals(largest), 8U);
}

unsigned decimals_of(const std::vector<ProfitLine>& lines, const std::string& quote)
{
    unsigned decimals = 8;
    for (const ProfitLine& line : lines) {
        if (line.quote == quote && line.packages > 0)
            decimals = std::min(decimals, decimals_of(line.waterfall));
    }
    return decimals;
}

}  // namespace arb::ledger

namespace arb {

bool LedgerReport::simulated() const
{
    return std::any_of(runs.begin(), runs.end(),
                       [](const ledger::RunRow& run) { return run.mode.view() == "paper"; });
}

}  // namespace arb
