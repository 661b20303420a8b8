#pragma once
// One package while it is open, and its arithmetic: what its legs and the orders that hedge and close did,
// how long it was not hedged, and the waterfall it ends with. Decides and sends nothing
// (package_executor.hpp). Plain state in a fixed place; quantities in the market's units. Core thread.
#include <array>

#include "engine/trading/order_tracker.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/package_end.hpp"

namespace arb {

/// One leg: the order that is out, and what orders before it filled.
struct LegState {
    OrderTracker order;
    Quantity filled_before;
    Amount notional_before, fees_before;

    OrderId id() const { return order.id(); }
    bool terminal() const { return order.terminal(); }
    Quantity filled() const { return filled_before + order.filled(); }
    Amount notional() const { return notional_before + order.notional(); }
    Amount fees() const { return fees_before + order.fees(); }
    /// OrderId{}: there is none, and will be none.
    void begin(OrderId id);
    /// Another order in the place of one that is over.
    void next(OrderId id);
};

/// An order that hedges or closes, until the venue's last word on it is counted.
struct ClosingState {
    bool used = false;
    bool hedge = false;
    OrderTracker tracker;
    OrderIntent intent;
    std::int64_t factor = 1;  ///< instrument quantity to market quantity
    std::size_t member = 0;
    Timestamp sent;

    /// Signed change of base, market units.
    std::int64_t filled() const;
};

struct OpenPackage {
    /// One that is asked about and up to three that are silent.
    static constexpr std::size_t kClosingMax = 4;
    /// What orders of one kind came to that are over.
    struct Settled {
        std::int64_t quantity = 0;  ///< signed change of base
        Amount cash;                ///< quote received minus paid
        Amount fees;
    };

    bool used = false;
    Package package;
    const MarketDefinition* market = nullptr;
    Timestamp sent;  ///< both legs
    LegState buy, sell;
    Price wanted;            ///< of the resting leg, when it is repriced; 0: it stays as it is
    Timestamp cancel_sent;   ///< of its order; 0: it may rest
    bool withdrawn = false;  ///< no order follows the one that rests
    Amount quoted;           ///< edge of the resting leg's fills against the other side as they came
    std::array<ClosingState, kClosingMax> closing;
    // One bit a member of the market:
    std::uint32_t too_small = 0;  ///< refused what is left as below its lot or minimum
    std::uint32_t set_aside = 0;  ///< refused an order for another reason: the others come first
    unsigned attempts = 0;        ///< in a row that closed nothing
    bool unwound_any = false, told = false, covered = false, cover_reversed = false;
    Timestamp pause_until;  ///< no attempt before
    Timestamp wake;         ///< when it is looked at again; 0: when news comes
    Settled hedged, unwound;
    std::int64_t last_excess = 0;
    Timestamp changed;  ///< when last_excess became what it is
    Duration unhedged;
    Amount exposure;

    void begin(const Package& package, const MarketDefinition& market, Timestamp sent);
    /// Base that was bought (sold) by the legs and by hedges that are over.
    std::int64_t bought() const;
    std::int64_t sold() const;
    /// Bought less sold, with all that is known of orders that are out.
    std::int64_t excess() const;
    /// Keeps count of how long it was not hedged, and how much of it; after every fill.
    void note_excess(Timestamp now);
    bool closing_out() const;
    /// An order of it is not over.
    bool order_out() const;
    /// One of these will be over by itself in a moment, unless it is silent; what rests may rest.
    bool answer_due() const;
    /// From when on all of them have been silent for longer than `cover`.
    Timestamp silent_from(Duration cover) const;
    /// Members that have an order of it out, one bit each.
    std::uint32_t busy_members() const;
    LegState& resting() { return package.buy.part == Part::rest ? buy : sell; }
    const LegState& resting() const { return package.buy.part == Part::rest ? buy : sell; }
    /// A closing order is over, and counted with the others of its kind.
    void settle(ClosingState& order);
    /// What is left over, and what was unwound, is valued at the best price of the leg that brought it.
    Price reference() const { return bought() > sold() ? package.buy.best : package.sell.best; }
    Amount valued(std::int64_t quantity) const { return market_notional(*market, reference(), {quantity}); }
    PackageEnd ended(bool flagged, const char* detail, Timestamp now) const;

  private:
    bool answer_due(const Leg& leg, const LegState& state) const
    {
        return leg.part != Part::rest && !state.terminal();
    }
};

/// A filled quantity of an instrument in the market's units.
std::int64_t in_market(Quantity quantity, std::int64_t factor);

/// The member's bit; members beyond 32 have none.
inline std::uint32_t member_bit(std::size_t member)
{
    return member < 32 ? std::uint32_t{1} << member : 0;
}

}  // namespace arb
