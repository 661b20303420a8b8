#pragma once
// The last hop before a venue, and the only place where an ApprovedOrder (base/order.hpp) can be made: it
// checks every order against the venue's rules, the limits and what is free, and reserves its worst case
// until the venue says how it ended. No switch turns it off. An order whose fate is unknown stays reserved.
// It keeps sums: what a judgement costs does not grow with the instruments that are listed nor with the
// orders that are out, only with the accounts that something of ours has changed. Core thread, no allocation.
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/client_order_id.hpp"
#include "engine/market/markets.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/portfolio.hpp"
#include "engine/trading/price_moves.hpp"
#include "engine/trading/rates.hpp"
#include "engine/trading/refusal_breaker.hpp"
#include "engine/trading/reservations.hpp"

namespace arb {

/// Amounts of money are in the currency of `rates`.
struct RiskLimits {
    RateSettings rates;
    Amount order_notional_max;
    Amount position_max;  ///< |change of base since the start| at one venue, worst case; zero: none allowed
    Amount net_exposure_max;  ///< |sum over venues of those changes| of an asset, at the order's price
    std::uint32_t orders_per_second = 50;
    Rate price_band{200 * kRatePerBasisPoint};  ///< limit price against the consolidated middle
    Rate margin{kRateOne};  ///< share of a derivative's notional that must be covered by quote currency
    /// How old a book may be that an opening order is judged by.
    Duration book_age_max = seconds(10);
    std::uint32_t open_orders_max = 256;
    /// Worst case, open orders counted as filled; empty: not limited (required for `run`).
    std::optional<Amount> instrument_max;  ///< of one market, all venues' changes added without sign
    std::optional<Amount> venue_max;       ///< of one venue, all markets
    std::optional<Amount> gross_max;       ///< of everything
    std::optional<Amount> loss_day_max;    ///< in one UTC day: realised, and what open exposure has lost
    RefusalLimits refusals;
};

enum class RiskReason : std::uint8_t {
    none,
    not_trading,
    lot,
    notional_minimum,
    order_notional,
    price_band,
    no_price,  ///< no usable book to compare with
    rate,
    balance,
    position,
    net_exposure,
    book_age,        ///< the book is too old to judge by
    paused,          ///< no new risk: pause, kill ladder, start-up
    venue_stopped,   ///< private stream or order entry down, clock off, banned, key trouble
    market_stopped,  ///< trading in this market was stopped because something was flagged
    budget,          ///< the venue's request budget, less what is kept for cancelling and unwinding
    open_orders,
    instrument_limit,
    venue_limit,
    gross_limit,
    loss_limit,
    refused_often,  ///< the venue refused the last orders in this listing
    no_rate,        ///< what its quote currency is worth is not known now
    legs,           ///< the package does not belong together
    count_,
};

const char* name(RiskReason reason);

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
    RiskGate(const InstrumentTable& table, const Markets& markets, const Portfolio& portfolio,
             const RiskLimits& limits, std::vector<Rate> taker_fees);

    /// All legs or none, each judged with those before it reserved; a hedging leg is judged as if it had
    /// filled now, and has no order. Empty: `reason` says why.
    std::optional<LegOrders> approve(const Package& package, Timestamp now, RiskReason& reason);
    /// The next order of a leg that rests, in the place of one that is over.
    std::optional<ApprovedOrder> approve_next(PackageId package, MarketId market, const OrderIntent& intent,
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

    // What closes the gate for new risk; unwinding stays possible. Closed is where a live engine starts.
    void set_paused(bool paused) { paused_ = paused; }
    bool paused() const { return paused_; }
    void set_venue_stopped(VenueId venue, bool stopped) { venues_[index(venue)].stopped = stopped; }
    bool venue_stopped(VenueId venue) const { return venues_[index(venue)].stopped; }
    void stop_market(MarketId market) { stopped_markets_[index(market)] = true; }
    void open_market(MarketId market) { stopped_markets_[index(market)] = false; }
    bool market_stopped(MarketId market) const { return stopped_markets_[index(market)]; }
    /// Requests a second the venue allows us, and how many of them opening orders may not use.
    void set_budget(VenueId venue, std::uint32_t orders_per_second, std::uint32_t reserved);
    /// A cancel was sent: it counts against the venue's budget.
    void on_request(VenueId venue, Timestamp now);
    /// The venue took an order of this listing, or refused it. True: nothing is opened there for a while now.
    void on_taken(ListingId listing) { refusals_.on_taken(listing); }
    bool on_refused(ListingId listing, Timestamp now) { return refusals_.on_refused(listing, now); }
    Timestamp refused_until(ListingId listing) const { return refusals_.until(listing); }
    void set_taker_fee(ListingId listing, Rate fee) { taker_fees_[index(listing)] = fee; }
    void set_maker_fee(ListingId listing, Rate fee) { maker_fees_[index(listing)] = fee; }
    /// A package's profit or loss, in the currency of limits. True: the day's loss limit is reached; the gate
    /// is closed until the next UTC day.
    bool on_realised(Amount realised, Timestamp now);
    /// What open exposure would bring now, less what it cost. True: with it the day's loss limit is reached,
    /// and was not before.
    bool on_open_result(Amount result, Timestamp now);
    bool loss_day_reached(Timestamp now) const;
    const Rates& rates() const { return rates_; }
    /// A result of that listing's quote currency, in that of limits; where nothing ever told the rate a loss
    /// is larger than any limit, and a gain is nothing.
    Amount counted(ListingId listing, Amount result, Timestamp now) const;
    /// What closing this much would bring now (a short position: cost, negative), quote currency; without a
    /// fresh book by the last price that two venues agreed on. Empty: there was none.
    std::optional<Amount> worth_now(MarketId market, std::int64_t quantity, Timestamp now) const;
    /// The UTC day (since 1970) of the last result, and the sum of that day's: kept over restarts.
    std::int64_t day() const { return day_; }
    Amount day_realised() const { return day_realised_; }
    void restore_day(std::int64_t day, Amount realised)
    {
        day_ = day;
        day_realised_ = realised;
    }

    /// A fill used this much of the order's reservation.
    void on_fill(OrderId order, Quantity quantity);
    /// The venue said the order is over: what is left of its reservation is free.
    void on_done(OrderId order);

    /// What this leg of a package may still have to hedge, at its planned listing: money that opens nothing
    /// else meanwhile. Orders that close may use it: what is open goes before what may come. Zero: nothing.
    void set_hedge(PackageId package, std::size_t leg, const OrderIntent& intent, Quantity quantity);
    /// Free for a new opening order of this listing: quote currency for a buy, base (or margin for
    /// derivatives) for a sell. `own`: what that package's hedges hold back is free for it.
    Amount free_quote(ListingId listing, PackageId own = {}) const;
    Amount free_base(ListingId listing, PackageId own = {}) const;
    /// The most of a closing order's quantity that free money pays for; of a derivative all of it.
    Quantity covered(const OrderIntent& intent) const;
    /// Nothing is judged by a book that was not updated for so long, neither opening nor closing.
    bool book_too_old(ListingId listing, Timestamp now) const;
    /// Now and then, while books are good: what prices are compared with when only one is left.
    void remember_prices(Timestamp now);
    /// What trading at this price (market units x kRateOne, after the fee) loses against the middle, as a
    /// part of it; nothing where the price is the better one. Empty: no fresh book tells a middle.
    std::optional<Rate> cost_against_middle(MarketId market, Side side, Int128 net, Timestamp now) const;
    const PriceMoves& price_moves() const { return price_moves_; }
    /// Change of base since the start at this venue, open orders of that side counted as filled.
    Amount worst_position(ListingId listing, Side side) const;
    Rate taker_fee(ListingId listing) const { return taker_fees_[index(listing)]; }
    /// The taker's as long as nobody told.
    Rate maker_fee(ListingId listing) const { return maker_fees_[index(listing)]; }
    /// An opening order and its cancel fit into what the venue allows us now.
    bool may_reprice(VenueId venue, Timestamp now) const { return !budget_exhausted(venue, true, now); }
    std::size_t open_orders() const { return reserved_.count(); }
    /// No further order can be reserved.
    bool full() const { return reserved_.full(); }

  private:
    static constexpr std::size_t kRateWindow = 4096;

    struct VenueGate {
        bool stopped = false;
        std::uint32_t per_second = 0;  ///< 0: not limited
        std::uint32_t reserved = 0;
        std::array<Timestamp, 256> sent{};
        std::uint64_t sent_count = 0;
    };

    RiskReason check(MarketId market, const OrderIntent& intent, const ClosingOrder* closing,
                     Timestamp now) const;
    RiskReason check_gates(MarketId market, VenueId venue, Timestamp now) const;
    RiskReason check_totals(MarketId market, const OrderIntent& intent, Amount rate, Timestamp now) const;
    bool budget_exhausted(VenueId venue, bool opening, Timestamp now) const;
    Reservations::Held held_by(const OrderIntent& intent, Quantity left) const;
    bool room_for(std::size_t orders) const { return reserved_.count() + orders <= Reservations::kMost; }
    /// Something of ours changes this account from here on.
    void note_account(std::size_t account);
    Amount worst_notional(std::size_t account, Timestamp now) const;
    Price mark_of(ListingId listing) const;
    Price mark_elsewhere(const Listing& listing) const;
    bool in_market(MarketId market, std::size_t account) const;
    /// Visits each account of base that orders or fills of ours have changed.
    template <class Visit>
    void for_each_changed(Visit&& visit) const
    {
        for (const std::size_t account : ordered_) visit(account);
        for (const std::size_t account : portfolio_->moved()) {
            if (account < is_ordered_.size() && !is_ordered_[account] && !listings_of_[account].empty())
                visit(account);
        }
    }
    std::optional<Int128> middle_twice(MarketId market, Timestamp now) const;
    std::size_t fresh_books(MarketId market, Timestamp now) const;
    void remember_first(MarketId market, Timestamp now);
    std::optional<Int128> fair_twice(MarketId market, Price reference, Timestamp now) const;
    RiskReason check_price(MarketId market, const OrderIntent& intent, const ClosingOrder* closing,
                           Timestamp now) const;
    RiskReason check_funds(const OrderIntent& intent, Amount notional, bool opening) const;
    Amount unreserved_quote(ListingId listing) const;
    Amount unreserved_base(ListingId listing) const;
    static OrderId hedge_id(PackageId package, std::size_t leg)
    {
        return static_cast<OrderId>(static_cast<std::uint64_t>(package) * Package::kLegsMost + leg + 1);
    }
    Reservations::Held hedged_by(PackageId package, ListingId listing) const;
    RiskReason check_exposure(MarketId market, const OrderIntent& intent, Amount rate) const;
    bool rate_exhausted(Timestamp now, std::uint32_t wanted) const;
    ApprovedOrder reserve(PackageId package, const OrderIntent& intent, Timestamp now);
    void take_back(const LegOrders& orders, const Package& package, std::size_t count);
    Amount realised_today(Timestamp now) const;
    Amount worst_cost(const OrderIntent& intent, Quantity quantity) const;

    const InstrumentTable* table_;
    const Markets* markets_;
    const Portfolio* portfolio_;
    RiskLimits limits_;
    Rates rates_;
    std::vector<Rate> taker_fees_, maker_fees_;  // by listing
    /// By listing: the last price that a limit valued it at. A book that is gone makes no room for more.
    mutable std::vector<Price> marks_;
    /// By market: twice the last middle that two venues or more agreed on; 0: not yet.
    std::vector<Int128> fair_twice_;
    Timestamp remembered_;
    PriceMoves price_moves_;
    /// By market: a listing of each account that holds its base asset, of whatever market.
    std::vector<std::vector<ListingId>> holders_;
    RefusalBreaker refusals_;
    Reservations reserved_;
    Reservations hedges_;  ///< of legs that may have to hedge: no orders yet, hedge_id() instead of theirs
    std::vector<std::vector<ListingId>> listings_of_;  ///< by account: whose base it is
    std::vector<std::size_t> ordered_;                 ///< accounts of base that orders were sent for
    std::vector<bool> is_ordered_;                     ///< by account
    std::array<Timestamp, kRateWindow> sent_{};
    std::uint64_t sent_count_ = 0;
    std::uint64_t next_order_ = 1;
    bool paused_ = false;
    std::vector<VenueGate> venues_;
    std::vector<bool> stopped_markets_;
    std::int64_t day_ = 0;  ///< UTC days since 1970
    Amount day_realised_;
    std::int64_t closed_day_ = -1;  ///< open exposure had lost too much on that day
};

}  // namespace arb
