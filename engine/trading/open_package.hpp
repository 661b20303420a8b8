#pragma once
// One package while it is open: its legs, the orders that hedge and close (closing_orders.hpp), what they did
// to each asset (asset_state.hpp), and how long it was not hedged. An asset that some leg trades must
// be gone in the end, also where another leg pays with it (ETH/BTC beside BTC/USDT); every other currency
// that moves is money. Decides and sends nothing (package_executor.hpp). Plain state in a fixed place. Core
// thread.
#include <array>

#include "engine/trading/asset_state.hpp"
#include "engine/trading/closing_orders.hpp"
#include "engine/trading/held_positions.hpp"
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

struct OpenPackage {
    static constexpr std::size_t kAssetsMost = PackageEnd::kAssetsMost;
    static constexpr std::size_t kNone = SIZE_MAX;

    bool used = false;
    Package package;
    std::array<LegState, Package::kLegsMost> legs;
    std::array<AssetState, kAssetsMost> assets;  ///< that of the package's market first
    std::uint8_t asset_count = 0;
    ClosingOrders closing;
    Amount quoted;  ///< edge of the resting legs' fills against the other side as they came
    bool unwound_any = false, covered = false, cover_reversed = false;
    Timestamp wake;     ///< when it is looked at again; 0: when news comes
    Timestamp changed;  ///< when any asset's excess became what it is
    Duration unhedged;
    Amount exposure;
    ListingChanges closed_at;  ///< what closing orders moved; of packages that hold or release alone

    void begin(const Package& package, const Markets& markets, Timestamp when);
    /// A fill of that leg's order, counted once.
    void on_leg_fill(std::size_t leg, const Fill& fill);
    /// Bought less sold of an asset, with all that is known of orders that are out; units of its market.
    std::int64_t excess(std::size_t asset) const;
    bool even() const;
    /// Keeps count of how long it was not hedged, and how much of it; after every fill.
    void note_excess(Timestamp now);
    /// An order of it is not over.
    bool order_out() const;
    /// One of these will be over by itself in a moment, unless it is silent; what rests may rest.
    bool answer_due() const;
    bool answer_due(std::size_t leg) const
    {
        return package.legs[leg].part != Part::rest && !legs[leg].terminal();
    }
    /// Visits the listing of each of these, and when it was sent.
    template <class Visit>
    void for_each_due(Visit&& visit) const
    {
        for (std::size_t i = 0; i < package.count; ++i) {
            if (answer_due(i)) visit(package.legs[i].intent.listing, legs[i].sent);
        }
        for (const ClosingState& order : closing) {
            if (order.used) visit(order.intent.listing, order.sent);
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
    /// What it moved at each listing, without what is left over; of packages that hold or release.
    ListingChanges even_changes() const;

  private:
    void place_legs(const Markets& markets);
    void add_asset(MarketId market, const Markets& markets);
    std::uint8_t find_asset(std::string_view name) const;
};

}  // namespace arb
