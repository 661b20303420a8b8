#pragma once
// The limits that RiskGate holds orders to, as the configuration sets them, and the reasons for which it
// refuses, with the names of the settings behind them. Plain values; any thread.
#include <cstdint>
#include <optional>

#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/trading/rates.hpp"
#include "engine/trading/refusal_breaker.hpp"

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
/// The setting that holds it back, as the configuration calls it ("risk.gross_max_quote"); of a reason that
/// is no setting, what it is in words.
const char* limit_name(RiskReason reason);

}  // namespace arb
