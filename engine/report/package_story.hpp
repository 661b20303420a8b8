#pragma once
// One package told from its ledger rows, from the decision to its end: what edge was seen and where it went,
// and each order and fill in the order of time, under the names that the venue's own statements have. Cold
// path, any thread. Texts of venues are made plain.
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/report/ledger_reader.hpp"

namespace arb {

/// `what`: a package's number, or an order's client id, its id at the venue, or a trade's. Ids that several
/// venues use tell several packages. An error of usage when the runs have nothing of that name.
Result<std::string> package_story(LedgerReader& reader, LedgerRuns runs, std::string_view what, bool colour);

}  // namespace arb
