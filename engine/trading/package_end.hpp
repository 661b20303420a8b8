#pragma once
// How one package ended, as the executor tells it to the report and the state log, with the waterfall of its
// result. Plain values; quantities
// are in units of the market that is named with them, money in the quote currency of the package's market.
#include <array>
#include <string>

#include "engine/market/markets.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

struct OpenPackage;

/// What is left of one asset, in units of the market where it is closed.
struct Residual {
    MarketId market{};
    std::int64_t quantity = 0;  ///< bought - sold - unwound (signed)
    Amount rest;                ///< less than one unit, beyond it
};

struct PackageEnd {
    static constexpr std::size_t kAssetsMost = 4;

    Package package;
    Quantity bought, sold;      ///< of the package's own market's asset, by the legs and what hedged them
    Quantity unwound;           ///< of it, closed afterwards
    std::int64_t residual = 0;  ///< of it: bought - sold - unwound (signed)
    std::array<Residual, kAssetsMost> residuals{};  ///< of each asset of the package, that one first
    std::uint8_t assets = 0;
    bool flagged = false;         ///< the residual is more than dust
    bool held = false;            ///< what its legs filled evenly is kept
    Amount cost;                  ///< of what is kept: paid less received, fees not in it
    bool covered = false;         ///< closed while an order was silent
    bool cover_reversed = false;  ///< and that order had been executed after all
    const char* detail = "";
    Waterfall waterfall;
    Duration unhedged;  ///< how long what was bought and what was sold differed
    Amount exposure;    ///< the difference at the package's price x the seconds it lasted, quote currency
    Timestamp finished;
};

/// Of a package that ends now as it stands.
PackageEnd end_of(const OpenPackage& open, bool flagged, const char* detail, Timestamp now);
/// "flat", "held" or "flagged".
const char* outcome(const PackageEnd& end);
/// The venues of the legs of one side, in the order of the legs, each once: "binance", "okx+bybit". For
/// people.
std::string venues_text(const Package& package, Side side, const InstrumentTable& table);
/// Its detail, and what is left: "dust below every venue's lot: 0.05 LINK left". Allocates; for people.
std::string detail_text(const PackageEnd& end, const Markets& markets);

}  // namespace arb
