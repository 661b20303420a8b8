#pragma once
// Rows of a ledger as CSV (RFC 4180: comma, CRLF, a header line). Numbers stand bare and exact; every text is
// quoted, and one that a spreadsheet would take for a formula gets an apostrophe in front. Rows go to the
// sink line by line, so a ledger of any size can be exported. Called by `arbiter report`; cold path.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/report/ledger_reader.hpp"

namespace arb {

enum class LedgerCsv : unsigned char { fills, orders, packages, balances, keys };

/// The reason when it could not be done to the end.
std::optional<Error> ledger_csv(LedgerReader& reader, LedgerRuns runs, LedgerCsv what,
                                const std::function<void(std::string_view line)>& sink);

namespace ledger {

/// A text as one cell, safe in a spreadsheet.
std::string csv_text(std::string_view text);
/// A decimal as it is, anything else as text.
std::string csv_decimal(std::string_view text);

}  // namespace ledger

}  // namespace arb
