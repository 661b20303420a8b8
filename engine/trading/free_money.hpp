#pragma once
// What of our money is free: what we own at each venue, less what orders that are out and hedges that may be
// needed hold back. An order's worst case stays reserved until the venue says how it ended. Core thread; no
// allocation after the constructor.
#include "engine/market/markets.hpp"
#include "engine/trading/changed_accounts.hpp"
#include "engine/trading/fee_table.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/reservations.hpp"

namespace arb {

class FreeMoney {
  public:
    /// `margin`: the share of a derivative's notional that quote currency must cover.
    FreeMoney(const Markets& markets, const Portfolio& portfolio, const FeeTable& fees,
              const ChangedAccounts& changed, Rate margin);

    void reserve(OrderId order, const OrderIntent& intent);
    /// A fill used this much of the order's reservation.
    void on_fill(OrderId order, Quantity quantity);
    /// What is left of its reservation is free.
    void on_done(OrderId order) { orders_.remove(order); }
    /// The order has this price, and so much of it may still be filled.
    void set_price(Reservations::Entry& entry, Price price, Quantity left);
    Reservations::Entry* find(OrderId order) { return orders_.find(order); }
    /// Of orders that are out.
    const Reservations& orders() const { return orders_; }

    /// What this leg of a package may still have to hedge, at its planned listing: money that opens nothing
    /// else meanwhile. Orders that close may use it: what is open goes before what may come. Zero: nothing.
    void set_hedge(PackageId package, std::size_t leg, const OrderIntent& intent, Quantity quantity);
    /// Free for a new opening order of this listing: quote currency for a buy, base (or margin for
    /// derivatives) for a sell. `own`: what that package's hedges hold back is free for it.
    Amount free_quote(ListingId listing, PackageId own = {}) const;
    Amount free_base(ListingId listing, PackageId own = {}) const;
    /// Free money pays for an order of this notional.
    bool pays(const OrderIntent& intent, Amount notional, bool opening) const;
    /// The most of a closing order's quantity that free money pays for; of a derivative all of it.
    Quantity covered(const OrderIntent& intent) const;
    /// With a taker's fee; the notional was checked.
    Amount worst_cost(const OrderIntent& intent, Quantity quantity) const;

  private:
    Reservations::Held held_by(const OrderIntent& intent, Quantity left) const;
    Reservations::Held hedged_by(PackageId package, ListingId listing) const;
    Amount unreserved_quote(ListingId listing) const;
    Amount unreserved_base(ListingId listing) const;
    static OrderId hedge_id(PackageId package, std::size_t leg)
    {
        return static_cast<OrderId>(static_cast<std::uint64_t>(package) * Package::kLegsMost + leg + 1);
    }

    const Markets* markets_;
    const InstrumentTable* table_;
    const Portfolio* portfolio_;
    const FeeTable* fees_;
    const ChangedAccounts* changed_;
    Rate margin_;
    Reservations orders_;
    Reservations hedges_;  ///< of legs that may have to hedge: no orders yet, hedge_id() instead of theirs
};

}  // namespace arb
