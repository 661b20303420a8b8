#pragma once
// Closes what the legs of a package left of an asset: at the venue whose book then offers most, with priced
// limit orders inside a band; where the asset's own market takes nothing, in another one of the same asset.
// It never gives up: after some attempts it says so once, waits a little longer each time and reaches a
// little farther. Before an order that is silent is covered, its venue is asked, and what waiting would cost
// is compared. Core thread; no allocation after the constructor.
#include <cstdint>
#include <vector>

#include "engine/trading/closing_candidates.hpp"
#include "engine/trading/executor_limits.hpp"
#include "engine/trading/open_package.hpp"
#include "engine/trading/order_sender.hpp"
#include "engine/trading/package_listener.hpp"
#include "engine/trading/silence_record.hpp"

namespace arb {

class Closer {
  public:
    enum class Unwind : std::uint8_t {
        sent,
        dust,    ///< too little to be ordered anywhere
        failed,  ///< no venue took it
        later    ///< too many orders in the last second: nothing against closing
    };

    Closer(const Markets& markets, RiskGate& risk, const ExecutorLimits& limits, OrderSender& sender,
           PackageListener& listener);

    /// One order for `excess` of that asset (units of its market; positive: to be sold), if any venue takes
    /// one. Else `why` says what was in the way.
    Unwind try_unwind(OpenPackage& open, std::size_t asset, std::int64_t excess, Timestamp now,
                      const char*& why);
    /// Asks the venues of orders that are silent, once each.
    void ask_silent(OpenPackage& open, Timestamp now);
    /// Covering now is expected to cost more than waiting for the silent orders.
    bool better_waited(const OpenPackage& open, std::size_t asset, std::int64_t excess, Timestamp now);

    // What is learnt from how orders ended.
    void note_silence(VenueId venue, bool executed) { silences_.note(venue, executed); }
    void note_refusal(OpenPackage& open, const ClosingState& closing);
    /// `tell`: the operator hears of it after a whole row of them.
    void note_failure(OpenPackage& open, std::size_t asset, const char* why, bool tell, Timestamp now);

  private:
    /// One order of the asset, in a market whose currency is worth `rate`.
    struct Target {
        std::size_t asset = 0;
        MarketId market{};
        Price reference;
        Amount rate = kRateSame;
        bool elsewhere = false;
    };
    Unwind try_own_market(OpenPackage& open, std::size_t asset, std::int64_t excess, Timestamp now,
                          const char*& why);
    bool try_elsewhere(OpenPackage& open, std::size_t asset, std::int64_t excess, Timestamp now);
    Unwind none_fits(const char*& why) const;
    bool send_unwind(OpenPackage& open, const Target& target, const ClosingCandidate& candidate,
                     Timestamp now, RiskReason& reason);
    ClosingCandidates::Wish wish_for(const OpenPackage& open, std::size_t asset, std::int64_t excess) const;
    unsigned round(const AssetState& asset) const { return asset.attempts / limits_.unwind_attempts; }

    const Markets* markets_;
    RiskGate* risk_;
    ExecutorLimits limits_;
    OrderSender* sender_;
    PackageListener* listener_;
    ClosingCandidates candidates_;
    SilenceRecord silences_;
    std::vector<std::vector<MarketId>> other_markets_;  // by market
};

}  // namespace arb
