#pragma once
// What a ledger says about one run, the last one or all: plain data, computed once in exact integers and
// shown by the text, JSON and HTML forms. Results of packages are summed per quote currency: amounts of
// different currencies are never added. The portfolio is valued in one reporting currency at the price of
// each instrument's last fill, which the forms say. Open packages count nowhere but in their own list: their
// waterfall is not final. Texts are hostile: forms escape them. Cold path, any thread.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/report/ledger_rows.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

namespace ledger {

/// Result of finished packages that have something in common. Unused names are empty.
struct ProfitLine {
    std::string name;    ///< instrument, buying venue or strategy
    std::string second;  ///< selling venue
    std::string quote;   ///< currency of the amounts
    std::uint64_t packages = 0, flagged = 0;
    std::uint64_t fills = 0;  ///< instruments only
    Amount volume;            ///< sum of the fills' notionals; instruments only
    Waterfall waterfall;
};

struct FeeLine {
    std::string venue, asset;
    std::uint64_t fills = 0;
    Amount fee;
};

/// The last word about one account in one run. Fills that came after that word are counted in `fills`, `fees`
/// and `ours` from the ledger's own fills; `theirs` stays what the venue said then.
struct AccountLine {
    BalanceRow row;
    Amount difference;        ///< theirs - (start + fills - fees), as both were when the venue was last asked
    bool closed = false;      ///< the venue was asked at the run's end, so no fill can be missing
    bool rounded = false;     ///< `theirs` is that sum but for the venue's rounding
    bool agrees = false;      ///< closed, equal or rounded, and `ours` is that sum
    std::uint64_t later = 0;  ///< fills since the venue's last word
};

/// One asset over all venues, by the venues' own word.
struct HoldingLine {
    std::string asset;
    std::uint64_t venues = 0;
    Amount ours, theirs;
    bool valued = false;
    std::string mark;             ///< price of the last fill; empty for the reporting currency itself
    std::string mark_instrument;  ///< of which instrument
    Timestamp mark_time;
    Amount value;  ///< in the reporting currency
};

/// Fees taken from an asset that is neither base nor quote of what was traded (a venue's own coin).
struct CoinFeeLine {
    std::string asset;
    std::uint64_t fills = 0;
    Amount fee;  ///< in that asset
};

struct KeyUseLine {
    std::string venue, label, endpoint, outcome;
    std::uint64_t count = 0;
    Timestamp first, last;
};

struct UnhedgedTimes {
    std::uint64_t packages = 0;
    std::int64_t p50_ns = 0, p99_ns = 0, max_ns = 0;
};

struct Totals {
    std::uint64_t orders = 0, fills = 0, packages = 0;
    std::uint64_t flat = 0, held = 0, flagged = 0, open = 0;
    std::uint64_t flags_open = 0, notes = 0;
    std::map<std::string, std::uint64_t> orders_by_state;
};

/// At most so many packages, orders, flags and notes are listed one by one; totals count all.
inline constexpr std::size_t kListedMax = 1'000;

}  // namespace ledger

struct LedgerReport {
    std::string path;
    std::string quote;                 ///< reporting currency; empty when nothing tells
    std::vector<ledger::RunRow> runs;  ///< oldest first
    ledger::Totals totals;
    std::vector<ledger::ProfitLine> results;  ///< one a quote currency, the reporting one first
    std::vector<ledger::ProfitLine> by_instrument, by_pair, by_strategy;
    std::vector<ledger::PackageRow> open_packages, flagged_packages;
    std::vector<ledger::OrderRow> unknown_orders;
    std::vector<ledger::FeeLine> fees;
    std::vector<ledger::CoinFeeLine> coin_fees;
    std::vector<ledger::AccountLine> accounts;
    std::uint64_t mismatches = 0;            ///< accounts that differed when the venue was last asked
    std::uint64_t rounded = 0;               ///< accounts that agree but for the venue's rounding
    std::uint64_t not_closed = 0;            ///< accounts whose venue was not asked at the run's end
    std::uint64_t waterfall_mismatches = 0;  ///< packages whose parts do not add up to what was realised
    std::vector<ledger::HoldingLine> portfolio;
    Amount portfolio_value;  ///< of what could be valued
    ledger::UnhedgedTimes unhedged;
    std::vector<ledger::KeyUseLine> key_uses;
    std::vector<ledger::FlagRow> flags;
    std::vector<ledger::NoteRow> notes;
    std::uint64_t rows_lost = 0;  ///< not recorded because the writer could not keep up
    bool saturated = false;       ///< a sum was too large to be exact
    bool complete() const { return rows_lost == 0; }
    /// Fills were made up: no venue was asked for anything, so nothing can be said to agree with one.
    bool simulated() const;
    /// The total in the reporting currency.
    Waterfall waterfall() const
    {
        const bool there = !results.empty() && results.front().quote == quote;
        return there ? results.front().waterfall : Waterfall{};
    }
};

/// One page for a terminal, at most a hundred columns.
std::string ledger_text(const LedgerReport& report, bool colour);
/// One JSON object, amounts as exact decimal strings, ended by a line feed.
std::string ledger_json(const LedgerReport& report);
/// One self-contained page, light and dark, that fetches nothing.
std::string ledger_html(const LedgerReport& report);

}  // namespace arb
