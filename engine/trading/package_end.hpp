#pragma once
// How one package ended, as the executor tells it to the report and the state log. Plain values; quantities
// are in the market's units, money in its quote currency.
#include "engine/trading/package.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

struct PackageEnd {
    Package package;
    Quantity bought, sold;        ///< by the legs and what hedged them
    Quantity unwound;             ///< closed afterwards
    std::int64_t residual = 0;    ///< bought - sold - unwound (signed)
    bool flagged = false;         ///< the residual is more than dust
    bool covered = false;         ///< closed while an order was silent
    bool cover_reversed = false;  ///< and that order had been executed after all
    const char* detail = "";
    Waterfall waterfall;
    Duration unhedged;  ///< how long what was bought and what was sold differed
    Amount exposure;    ///< the difference at the package's price x the seconds it lasted, quote currency
    Timestamp finished;
};

}  // namespace arb
