#pragma once
// What a ledger's numbers say in whole sentences, and the few words that its text and HTML forms share, so
// that they cannot disagree. Texts of rows are not escaped here: each form does that. Pure, any thread, no
// errors.
#include <string>
#include <vector>

#include "engine/report/ledger_report.hpp"

namespace arb::ledger {

struct Sentence {
    std::string text;
    bool warning = false;
};

/// The most important first: result, flat or flagged, agreement with the venues, completeness.
std::vector<Sentence> conclude(const LedgerReport& report);

/// "run 7 (paper), 2026-01-01 00:00:00 UTC to 00:01:00, ended with 0".
std::string run_words(const RunRow& run);
/// "12.3 ms".
std::string milliseconds_words(std::int64_t ns);
/// The reporting currency, or "no currency".
std::string currency(const LedgerReport& report);
/// Decimals that show all parts of a waterfall.
unsigned decimals_of(const Waterfall& w);
/// The same for all lines in one currency, so that a column of a table can be read down.
unsigned decimals_of(const std::vector<ProfitLine>& lines, const std::string& quote);

}  // namespace arb::ledger
