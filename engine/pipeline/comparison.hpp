#pragma once
// A market over several instruments that the configuration declares comparable, in their common finest unit.
// Called once at start.
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/market/consolidated_book.hpp"
#include "engine/pipeline/engine_config.hpp"

namespace arb {

/// Error (ExitCode::usage): an instrument that the inputs lack, different base or quote, an inverse contract,
/// fewer than two listings, units too fine for exact money.
Result<MarketDefinition> comparison_market(const InstrumentTable& table, const ComparisonConfig& comparison);

/// Takes out each market whose listings are all in a declared one too: that one sees all of its crossings,
/// and what it leaves open is counted once.
void drop_covered_markets(std::vector<MarketDefinition>& markets);

}  // namespace arb
