#pragma once
// The last hop before a venue, and the only place where an ApprovedOrder can be made: it checks every order
// against the venue's rules, the limits and what is free, and reserves its worst case until the venue says
// how it ended. No switch turns it off. An order whose fate is unknown stays reserved. Core thread, no
// allocation.
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/portfolio.hpp"

namespace arb {

struct RiskLimits {
    Amount order_notional_max;  ///< quote currency
    Amount position_max;  ///< |change of base since the start| at one venue, worst case; zero: none allowed
    Amount net_exposure_max;  ///< |sum over venues of those changes| a market, in quote at the order's price
    std::uint32_t orders_per_second = 50;
    Rate price_band{200 * kRatePerBasisPoint};  ///< limit price against the consolidated middle
    Rate margin{kRateOne};  ///< share of a derivative's notional that must be covered by quote currency
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
    count_,
};

const char* name(RiskReason reason);

/// Proof that an order passed the gate. Cannot be made elsewhere.
class ApprovedOrder {
  public:
    OrderId id() const { return id_; }
    PackageId package() const { return package_; }
    const OrderIntent& intent() const { return intent_; }

  private:
    friend class RiskGate;
    ApprovedOrder(OrderId id, PackageId package, const OrderIntent& intent)
        : id_(id), package_(package), intent_(intent)
    {
    }
    OrderId id_;
    PackageId package_;
    OrderIntent intent_;
};

class RiskGate {
  public:
    RiskGate(const InstrumentTable& table, const Markets& markets, const Portfolio& portfolio,
             const RiskLimits& limits, std::vector<Rate> taker_fees);

    /// Both legs or none. Empty: `reason` says why.
    std::optional<std::array<ApprovedOrder, 2>> approve(const Package& package, Timestamp now,
                                                        RiskReason& reason);
    /// An order that closes a leftover leg: limits on size, position and exposure do not hold it back, everything else
    /// does.
    std::optional<ApprovedOrder> approve_unwind(PackageId package, MarketId market, const OrderIntent& intent,
                                                Timestamp now, RiskReason& reason);

    /// A fill used this much of the order's reservation.
    void on_fill(OrderId order, Quantity quantity);
    /// The venue said the order is over: what is left of its reservation is free.
    void on_done(OrderId order);

    /// Free for a new order of this listing: quote currency for a buy, base (or margin for derivatives) for a
    /// sell.
    Amount free_quote(ListingId listing) const;
    Amount free_base(ListingId listing) const;
    /// Change of base since the start at this venue, open orders of that side counted as filled.
    Amount worst_position(ListingId listing, Side side) const;
    Rate taker_fee(ListingId listing) const { return taker_fees_[index(listing)]; }
    std::size_t open_orders() const { return open_count_; }

  private:
    struct Reservation {
        OrderId id{};
        OrderIntent intent;
        Quantity left;
        bool used = false;
    };
    static constexpr std::size_t kOpenMax = 256;
    static constexpr std::size_t kRateWindow = 4096;

    RiskReason check(MarketId market, const OrderIntent& intent, bool opening) const;
    RiskReason check_price(MarketId market, const OrderIntent& intent) const;
    RiskReason check_funds(const OrderIntent& intent, Amount notional) const;
    RiskReason check_exposure(MarketId market, const OrderIntent& intent) const;
    bool rate_exhausted(Timestamp now, std::uint32_t wanted) const;
    ApprovedOrder reserve(PackageId package, const OrderIntent& intent, Timestamp now);
    Amount worst_cost(const OrderIntent& intent, Quantity quantity) const;

    const InstrumentTable* table_;
    const Markets* markets_;
    const Portfolio* portfolio_;
    RiskLimits limits_;
    std::vector<Rate> taker_fees_;  // by listing
    std::array<Reservation, kOpenMax> open_{};
    std::size_t open_count_ = 0;
    std::array<Timestamp, kRateWindow> sent_{};
    std::uint64_t sent_count_ = 0;
    std::uint64_t next_order_ = 1;
};

}  // namespace arb
