#pragma once
// The accounts of an emulated exchange and their money: exact balances, what open orders bind, what a fill
// moves, positions of derivatives and their margin, fees as the venue takes them. One thread; what was
// checked when an order was placed is a promise later.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/world/exchange_news.hpp"

namespace arb {

/// What a spot fee is taken from; derivatives pay in quote currency.
enum class FeeTaking : std::uint8_t {
    quote,     ///< always quote currency
    received,  ///< of what is received: base for a buyer, quote for a seller
};

struct ExchangeRules {
    FeeTaking fee_taking = FeeTaking::quote;
    Rate maker_fee{10 * kRatePerBasisPoint},
        taker_fee{10 * kRatePerBasisPoint};      ///< where the listing tells none
    std::int64_t fee_times = 1;                  ///< how many times the fee that is told a fill is charged
    Rate price_band{2000 * kRatePerBasisPoint};  ///< how far from the best opposite price a limit may be
    Rate margin{1000 * kRatePerBasisPoint};  ///< bound by a derivative's order or position, of its notional
    std::size_t open_orders_max = 200;       ///< an account
    std::int64_t quantity_units_max = 1'000'000'000'000'000;  ///< of one order; keeps sums within 64 bits
    Amount notional_max{Int128{1'000'000'000'000} * power_of_ten(kAmountDecimals)};  ///< of one order
};

class ExchangeAccounts {
  public:
    /// `table` outlives it.
    ExchangeAccounts(const InstrumentTable& table, const ExchangeRules& rules) : table_(&table), rules_(rules)
    {
    }

    Rate maker_fee(ListingId listing) const;
    Rate taker_fee(ListingId listing) const;
    void deposit(AccountId account, const std::string& asset, Amount amount, ExchangeNews& news);
    std::vector<EmulatedBalance> balances(AccountId account) const;
    Amount position(AccountId account, ListingId listing) const
    {
        return balance(account, base_asset(listing)).total;
    }
    bool funded(const PlaceOrder& order) const;
    /// False: it would close nothing. A larger one becomes as large as what it closes.
    bool closes(PlaceOrder& order) const;
    /// What is left of an order binds money; released before its terms change, or at its end.
    void bind(const EmulatedOrder& order) { bind(order, bound(order)); }
    void release(const EmulatedOrder& order) { bind(order, -bound(order)); }
    /// A fill of an order moves the money: the trade, with its fee, but for its id.
    EmulatedTrade settle(const EmulatedOrder& order, Price price, Quantity quantity, bool maker,
                         Timestamp now);
    /// The balance that an order is bound in, and the two that its fills move.
    void tell_bound(const EmulatedOrder& order, ExchangeNews& news) const;
    void tell_moved(const EmulatedOrder& order, ExchangeNews& news) const;

  private:
    using BalanceKey = std::pair<AccountId, std::string>;

    void move(const EmulatedTrade& trade);
    Amount bound(ListingId listing, Side side, Price price, Quantity quantity) const;
    Amount bound(const EmulatedOrder& order) const
    {
        return bound(order.listing, order.side, order.price, order.quantity - order.filled);
    }
    void bind(const EmulatedOrder& order, Amount change);
    EmulatedBalance& balance(AccountId account, const std::string& asset, bool position);
    EmulatedBalance balance(AccountId account, const std::string& asset) const;
    std::string base_asset(ListingId listing) const;
    std::string bound_asset(ListingId listing, Side side) const;
    bool spot(ListingId listing) const { return table_->instrument_of(listing).kind == InstrumentKind::spot; }

    const InstrumentTable* table_;
    ExchangeRules rules_;
    std::map<BalanceKey, EmulatedBalance> balances_;
};

}  // namespace arb
