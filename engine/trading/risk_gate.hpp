#pragma once
// The last hop before a venue, and the only place where an ApprovedOrder (base/order.hpp) can be made: it
// checks every order against the venue's rules, the limits and what is free, and reserves its worst case
// until the venue says how it ended. No switch turns it off. An order whose fate is unknown stays reserved.
// Its parts keep sums: what a judgement costs does not grow with the instruments that are listed nor with the
// orders that are out, only with the accounts that something of ours has changed. Core thread, no allocation.
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/client_order_id.hpp"
#include "engine/trading/day_result.hpp"
#include "engine/trading/fair_prices.hpp"
#include "engine/trading/order_pace.hpp"
#include "engine/trading/worst_cases.hpp"

namespace arb {

/// What an order is for that closes a leftover.
struct ClosingOrder {
    PackageId package{};
    MarketId market{};
    Price reference;     ///< what the leftover cost, market units; 0: not known
    unsigned round = 0;  ///< how often a whole row of attempts failed: the price may be farther off
};

/// The orders that a package begins with, by leg; a hedging leg has none yet.
class LegOrders {
  public:
    void set(std::size_t leg, const ApprovedOrder& order) { orders_[leg] = order; }
    bool has(std::size_t leg) const { return orders_[leg].has_value(); }
    const ApprovedOrder& operator[](std::size_t leg) const
    {
        ENSURE(has(leg), "that leg has an order");
        return *orders_[leg];
    }
    /// 0: the leg has no order.
    OrderId id(std::size_t leg) const { return has(leg) ? orders_[leg]->id() : OrderId{}; }

  private:
    std::array<std::optional<ApprovedOrder>, Package::kLegsMost> orders_;
};

class RiskGate {
  public:
    RiskGate(const Markets& markets, const Portfolio& portfolio, const RiskLimits& limits,
             std::vector<Rate> taker_fees);
    // Its parts point at each other.
    RiskGate(const RiskGate&) = delete;
    RiskGate& operator=(const RiskGate&) = delete;

    /// All legs or none, each judged with those before it reserved; a hedging leg is judged as if it had
    /// filled now, and has no order. Empty: `reason` says why.
    std::optional<LegOrders> approve(const Package& package, Timestamp now, RiskReason& reason);
    /// The next order of a leg that rests, in the place of one that is over.
    std::optional<ApprovedOrder> approve_next(PackageId package, MarketId market, const OrderIntent& intent,
                                              Timestamp now, RiskReason& reason);
    /// Another price for an order that rests. The worse of both is reserved until on_amended.
    std::optional<ApprovedAmend> approve_amend(PackageId package, OrderId order, MarketId market, Price price,
                                               Timestamp now, RiskReason& reason);
    /// An order that closes a leftover leg: limits on size, position and exposure do not hold it back,
    /// everything else does.
    std::optional<ApprovedOrder> approve_unwind(const ClosingOrder& closing, const OrderIntent& intent,
                                                Timestamp now, RiskReason& reason);
    /// One opening order that belongs to no package (the rehearsal of a venue): every limit holds it back.
    std::optional<ApprovedOrder> approve_single(MarketId market, const OrderIntent& intent, Timestamp now,
                                                RiskReason& reason);

    /// Order ids of this run begin at `epoch`; once, before the first order.
    void set_epoch(std::uint32_t epoch) { next_order_ = static_cast<std::uint64_t>(make_order_id(epoch, 1)); }
    /// An order of an earlier run that is not known to be over: reserved like any other.
    void restore(OrderId id, const OrderIntent& intent);
    /// It may have been given this price.
    void restore_amend(OrderId order, Price price);

    // What closes the gate for new risk; unwinding stays possible. Closed is where a live engine starts.
    void set_paused(bool paused) { paused_ = paused; }
    bool paused() const { return paused_; }
    void set_venue_stopped(VenueId venue, bool stopped) { stopped_venues_[index(venue)] = stopped; }
    bool venue_stopped(VenueId venue) const { return stopped_venues_[index(venue)]; }
    void set_market_stopped(MarketId market, bool stopped) { stopped_markets_[index(market)] = stopped; }
    bool market_stopped(MarketId market) const { return stopped_markets_[index(market)]; }

    /// A fill used this much of the order's reservation.
    void on_fill(OrderId order, Quantity quantity) { money_.on_fill(order, quantity); }
    /// The venue said that this is its price.
    void on_amended(OrderId order, Price price);
    /// The venue said the order is over: what is left of its reservation is free.
    void on_done(OrderId order) { money_.on_done(order); }
    std::size_t open_orders() const { return money_.orders().count(); }
    /// No further order can be reserved.
    bool full() const { return money_.orders().full(); }

    FeeTable& fees() { return fees_; }
    const FeeTable& fees() const { return fees_; }
    const Rates& rates() const { return rates_; }
    FreeMoney& money() { return money_; }
    const FreeMoney& money() const { return money_; }
    FairPrices& prices() { return prices_; }
    const FairPrices& prices() const { return prices_; }
    const WorstCases& worst() const { return worst_; }
    OrderPace& pace() { return pace_; }
    const OrderPace& pace() const { return pace_; }
    RefusalBreaker& refusals() { return refusals_; }
    const RefusalBreaker& refusals() const { return refusals_; }
    DayResult& day() { return day_; }
    const DayResult& day() const { return day_; }

  private:
    RiskReason check(MarketId market, const OrderIntent& intent, const ClosingOrder* closing,
                     Timestamp now) const;
    RiskReason check_gates(MarketId market, VenueId venue, Timestamp now) const;
    RiskReason check_price(MarketId market, const OrderIntent& intent, const ClosingOrder* closing,
                           Timestamp now) const;
    bool room_for(std::size_t orders) const { return open_orders() + orders <= Reservations::kMost; }
    ApprovedOrder reserve(PackageId package, const OrderIntent& intent, Timestamp now);
    void take_back(const LegOrders& orders, const Package& package, std::size_t count);

    const InstrumentTable* table_;
    const Markets* markets_;
    RiskLimits limits_;
    Rates rates_;
    FeeTable fees_;
    ChangedAccounts changed_;
    FreeMoney money_;
    WorstCases worst_;
    FairPrices prices_;
    OrderPace pace_;
    RefusalBreaker refusals_;
    DayResult day_;
    std::uint64_t next_order_ = 1;
    bool paused_ = false;
    std::vector<bool> stopped_venues_, stopped_markets_;
};

}  // namespace arb
