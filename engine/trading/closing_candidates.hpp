#pragma once
// Where exposure could be closed now: for every member of a market the order that would take as much of it as
// that venue's book, lots and our free money there allow, the best price after fees first. Only looks; what
// is sent is the executor's to decide and RiskGate's to approve. Core thread; no allocation.
#include <array>
#include <cstdint>

#include "engine/market/markets.hpp"
#include "engine/trading/open_package.hpp"
#include "engine/trading/risk_gate.hpp"

namespace arb {

struct ClosingCandidate {
    OrderIntent intent;
    Int128 net = 0;  ///< price after the taker fee
    std::size_t member = 0;
    std::int64_t factor = 1;  ///< instrument quantity to market quantity
    bool whole = true;        ///< false: our free money there covers a part of it alone
};

class ClosingCandidates {
  public:
    static constexpr std::size_t kMost = 32;

    /// What is asked for. One bit a member in `too_small`.
    struct Wish {
        MarketId market{};
        std::int64_t excess = 0;  ///< market units; positive: to be sold
        Rate band;                ///< how far from the best price an order may reach
        /// Whose: a venue that has an order of it out never gets a second one. Null: none is out.
        const OpenPackage* open = nullptr;
        std::uint32_t too_small = 0;  ///< said itself that it is too little
    };
    /// Why members are no candidates.
    struct Unfit {
        bool below = false;     ///< too little for the member's lot or minimum as we know them
        bool notional = false;  ///< of these, by value alone
        bool refused = false;   ///< too little by the venue's own word
        bool unusable = false;  ///< no usable book, too old a one, or the venue is stopped
        bool busy = false;
        bool money = false;  ///< nothing free there to pay with
    };

    ClosingCandidates(const Markets& markets, const RiskGate& risk) : markets_(&markets), risk_(&risk) {}

    void find(const Wish& wish, Timestamp now);
    std::size_t count() const { return count_; }
    const ClosingCandidate& operator[](std::size_t i) const { return found_[i]; }
    const Unfit& unfit() const { return unfit_; }

  private:
    void add(const Wish& wish, std::size_t member, Timestamp now);
    OrderIntent intent(const MarketMember& member, const Wish& wish) const;
    bool below_minimum(const OrderIntent& intent);
    void sort(Side side);

    const Markets* markets_;
    const RiskGate* risk_;
    std::array<ClosingCandidate, kMost> found_{};
    std::size_t count_ = 0;
    Unfit unfit_;
};

}  // namespace arb
