#pragma once
// One package while it is open, and its arithmetic: what its legs and the orders that hedge and close did to
// each asset, how long it was not hedged, and the waterfall it ends with. An asset that some leg trades must
// be gone in the end, also where another leg pays with it (ETH/BTC beside BTC/USDT); every other currency
// that moves is money. Decides and sends nothing (package_executor.hpp). Plain state in a fixed place. Core
// thread.
#include <array>

#include "engine/market/markets.hpp"
#include "engine/trading/held_positions.hpp"
#include "engine/trading/order_tracker.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/package_end.hpp"

namespace arb {

/// One leg: the order that is out, and what orders before it filled.
struct LegState {
    /// The quote currency of a leg that is none of the package's assets.
    static constexpr std::uint8_t kMoney = 0xff;

    OrderTracker order;
    Quantity filled_before;
    Amount notional_before, fees_before;
    Timestamp sent;
    const MarketDefinition* market = nullptr;
    Amount unit;                            ///< one quantity unit of its instrument, as base
    std::uint8_t base = 0, quote = kMoney;  ///< places among the package's assets
    bool asked = false;                     ///< its order was silent, and its venue was asked
    // Of a leg that rests:
    Price wanted;            ///< it is being repriced to this; 0: it stays as it is
    Timestamp amend_sent;    ///< its order is to get that price as it stands; 0: it is not
    Timestamp cancel_sent;   ///< of its order; 0: it may rest
    bool withdrawn = false;  ///< no order follows the one that rests

    OrderId id() const { return order.id(); }
    /// The price of its order is being changed, or it is being taken back.
    bool changing() const { return change_sent().known(); }
    Timestamp change_sent() const { return cancel_sent.known() ? cancel_sent : amend_sent; }
    bool terminal() const { return order.terminal(); }
    Quantity filled() const { return filled_before + order.filled(); }
    Amount notional() const { return notional_before + order.notional(); }
    Amount fees() const { return fees_before + order.fees(); }
    /// OrderId{}: there is none, and will be none.
    void begin(OrderId id, Timestamp when);
    /// Another order in the place of one that is over.
    void next(OrderId id, Timestamp when);
};

/// An order that hedges or closes, until the venue's last word on it is counted.
struct ClosingState {
    bool used = false;
    bool hedge = false;
    bool asked = false;  ///< it was silent, and its venue was asked
    std::uint8_t asset = 0;
    OrderTracker tracker;
    OrderIntent intent;
    std::int64_t factor = 1;  ///< instrument quantity to units of the asset's market
    std::size_t member = 0;
    Amount rate = kRateSame;  ///< what one of its listing's quote currency is worth in the package's
    bool elsewhere = false;   ///< in another market than the asset's
    Timestamp sent;

    /// Signed change of base, units of the asset's market.
    std::int64_t filled() const;
};

/// One asset that the package must end without.
struct AssetState {
    /// What orders of one kind came to that are over.
    struct Settled {
        std::int64_t quantity = 0;  ///< signed change
        Amount cash;                ///< of the package's currency: received minus paid
        Amount fees;
    };

    MarketId market{};  ///< where it is closed, in whose units it is counted
    const MarketDefinition* definition = nullptr;
    Amount unit;               ///< one of these units
    Amount rate = kRateSame;   ///< that market's quote currency in the package's
    Price bought_at, sold_at;  ///< best prices of the legs: what is left over is valued at
    Settled hedged, unwound;
    Amount carried;  ///< less than a unit, that was there when it began
    std::int64_t last_excess = 0;
    // Closing. One bit a member of the market:
    std::uint32_t too_small = 0;  ///< refused what is left as below its lot or minimum
    std::uint32_t set_aside = 0;  ///< refused an order for another reason: the others come first
    unsigned attempts = 0;        ///< in a row that closed nothing
    bool told = false;
    Timestamp pause_until;  ///< no attempt before
};

struct OpenPackage {
    static constexpr std::size_t kAssetsMost = PackageEnd::kAssetsMost;
    /// One that is asked about and up to three that are silent.
    static constexpr std::size_t kClosingMax = 4;
    static constexpr std::size_t kNone = SIZE_MAX;

    bool used = false;
    Package package;
    std::array<LegState, Package::kLegsMost> legs;
    std::array<AssetState, kAssetsMost> assets;  ///< that of the package's market first
    std::uint8_t asset_count = 0;
    std::array<ClosingState, kClosingMax> closing;
    Amount quoted;  ///< edge of the resting legs' fills against the other side as they came
    bool unwound_any = false, covered = false, cover_reversed = false;
    Timestamp wake;     ///< when it is looked at again; 0: when news comes
    Timestamp changed;  ///< when any asset's excess became what it is
    Duration unhedged;
    Amount exposure;
    ListingChanges closed_at;  ///< what closing orders moved; of packages that hold or release alone

    void begin(const Package& package, const Markets& markets, Timestamp when);
    /// What was bought (sold) of an asset by the legs and by hedges that are over, whole units of its market.
    std::int64_t bought(std::size_t asset) const;
    std::int64_t sold(std::size_t asset) const;
    /// Bought less sold by them, whole units; and what there is beyond them (less than one, of either sign).
    std::int64_t uneven(std::size_t asset) const;
    Amount rest(std::size_t asset) const;
    /// Bought less sold, with all that is known of orders that are out.
    std::int64_t excess(std::size_t asset) const;
    bool even() const;
    /// Keeps count of how long it was not hedged, and how much of it; after every fill.
    void note_excess(Timestamp now);
    bool closing_out() const;
    /// An order of it is not over.
    bool order_out() const;
    /// One of these will be over by itself in a moment, unless it is silent; what rests may rest.
    bool answer_due() const;
    bool answer_due(std::size_t leg) const
    {
        return package.legs[leg].part != Part::rest && !legs[leg].terminal();
    }
    /// Visits the listing of each of these.
    template <class Visit>
    void for_each_due(Visit&& visit) const
    {
        for (std::size_t i = 0; i < package.count; ++i) {
            if (answer_due(i)) visit(package.legs[i].intent.listing);
        }
        for (const ClosingState& order : closing) {
            if (order.used) visit(order.intent.listing);
        }
    }
    /// From when on all of them have been silent for longer than `cover`.
    Timestamp silent_from(Duration cover) const;
    /// No order may be added at this listing: its venue is silent on one, or one rests at it.
    bool busy_at(const Listing& listing, const InstrumentTable& table) const;
    /// A closing order is over, and counted with the others of its kind.
    void settle(ClosingState& order);
    /// The asset is hedged by orders of that side as resting legs fill.
    bool hedges(std::size_t asset, Side side) const;
    /// What orders of that side may still have to take or bring of the asset: what rests on the other side
    /// and is not filled, and what is not closed and not asked for; units of the asset's market.
    std::int64_t to_hedge(std::size_t asset, Side side) const;
    /// What is left over, and what was unwound, is valued at the best price of the leg that brought it.
    Price reference(std::size_t asset) const
    {
        return uneven(asset) > 0 ? assets[asset].bought_at : assets[asset].sold_at;
    }
    /// At that price, in the package's currency.
    Amount valued(std::size_t asset, std::int64_t quantity) const
    {
        return valued(asset, quantity, assets[asset].rate);
    }
    Amount valued(std::size_t asset, Amount rest) const { return valued(asset, rest, assets[asset].rate); }
    /// The same in the quote currency of the asset's own market, as exposure is counted.
    Amount worth(std::size_t asset, std::int64_t quantity) const
    {
        return valued(asset, quantity, kRateSame);
    }
    Amount worth(std::size_t asset, Amount rest) const { return valued(asset, rest, kRateSame); }
    PackageEnd ended(bool flagged, const char* detail, Timestamp now) const;

    /// What it moved at each listing, without what is left over; of packages that hold or release.
    ListingChanges even_changes() const;

  private:
    void place_legs(const Markets& markets);
    void add_asset(MarketId market, const Markets& markets);
    std::uint8_t find_asset(std::string_view name) const;
    Amount valued(std::size_t asset, std::int64_t quantity, Amount rate) const;
    Amount valued(std::size_t asset, Amount rest, Amount rate) const;
    Amount moved(std::size_t asset, Side side) const;
    Amount net(std::size_t asset) const { return moved(asset, Side::buy) - moved(asset, Side::sell); }
    Amount cash(std::size_t leg, Amount notional) const;
    Amount planned(bool by_depth) const;
};

/// A filled quantity of an instrument in the market's units.
inline std::int64_t in_market(Quantity quantity, std::int64_t factor)
{
    std::int64_t result = 0;
    ENSURE(!__builtin_mul_overflow(quantity.units, factor, &result),
           "a filled quantity fits the market's unit");
    return result;
}

/// The member's bit; members beyond 32 have none.
inline std::uint32_t member_bit(std::size_t member)
{
    return member < 32 ? std::uint32_t{1} << member : 0;
}

}  // namespace arb
