#pragma once
// What a rehearsal of one venue is given: the venue's connector and listings, keys, limits, and how far it
// may go. Plain data; tables, keys and credentials outlive it.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/keys/scope_policy.hpp"
#include "engine/market/book_builder.hpp"
#include "engine/pipeline/decision.hpp"
#include "engine/pipeline/trading_limits.hpp"
#include "engine/trading/risk_gate.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

struct RehearsalKey {
    KeyFacts facts;
    const Credentials* credentials = nullptr;
};

struct RehearsalSetup {
    const ConnectorType* type = nullptr;
    const InstrumentTable* table = nullptr;  ///< of this venue alone
    std::shared_ptr<RequestPools> pools;
    std::vector<RehearsalKey> keys;
    std::string no_keys = "the configuration names no key for it";  ///< where there are none: why
    ListingId listing = kNoListing;                                 ///< what is ordered; kNoListing: nothing
    BookLimits books;
    RiskLimits risk;
    TradingLimits limits;
    std::vector<Rate> fees_taker;       ///< by listing, until the venue tells the account's own
    Duration watch = seconds(60);       ///< how long books are watched at least
    Duration patience = seconds(5);     ///< how long an answer may take before it counts as missing
    bool orders = false;                ///< resting and immediate orders that should not fill
    bool fill = false;                  ///< and a smallest buy, sold back
    std::uint32_t epoch = 1;            ///< of the order ids
    std::optional<Duration> offset;     ///< the venue's clock ahead of ours, where it was asked before
    DecisionSink* decisions = nullptr;  ///< hears of books asked for anew; may be null
};

}  // namespace arb
