#pragma once
// The tables of the HTML report, each a whole titled box of the page. Amounts are rounded for reading;
// pointing at one shows all its digits. An empty table says so. Called by html_report.cpp only. Any thread.
#include <string>

#include "engine/trading/run_result.hpp"

namespace arb::html {

std::string crossings_table(const RunResult& result);
std::string missed_table(const RunResult& result);
std::string pairs_table(const RunResult& result);
/// `span` is its width in sixths of the row.
std::string venues_table(const RunResult& result, int span);
std::string balances_table(const RunResult& result);
std::string packages_table(const RunResult& result);

}  // namespace arb::html
