#pragma once
// Which legs make one package: what a strategy may hand to the desk, and what a line of an earlier run may
// say. Pure; any thread.
#include "engine/market/markets.hpp"
#include "engine/trading/package.hpp"

namespace arb {

/// No leg of the package trades the currency that this market is paid in.
bool pays_with_money(const Package& package, const MarketDefinition& market, const Markets& markets);
/// Each leg stands in the market that it names, each asset that a leg trades is traded against money by one
/// of them, and one of these is of the package's own market. What is to be held stands in one market.
bool belongs_together(const Package& package, const Markets& markets);

}  // namespace arb
