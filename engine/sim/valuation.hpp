#pragma once
// What the accounts are worth in one currency, by the books of the moment: for equity curves and for the
// notes of a report. Integer arithmetic; middles are rounded down to the price unit. Not on the hot path, but
// cheap.
#include <string>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/portfolio.hpp"

namespace arb {

/// The change of all accounts since the start, in `quote`. An asset without a usable book in that currency
/// counts at its last known middle; one that never had a book is left out.
class Valuation {
  public:
    Valuation(const Markets& markets, const Portfolio& portfolio, std::string quote);

    Amount change();
    /// Assets that could not be valued at the last call.
    bool complete() const { return complete_; }

  private:
    struct Source {
        bool is_quote = false;
        std::vector<ListingId> listings;  // with this base and the quote currency
        Price middle;                     // last known
        ListingId from = kNoListing;      // whose unit `middle` is in
    };
    const Markets* markets_;
    const Portfolio* portfolio_;
    std::vector<Source> sources_;  // by account
    bool complete_ = true;
};

}  // namespace arb
