#pragma once
// Matching, accounts and money of one emulated venue: price-time priority among the accounts' resting orders,
// liquidity of the "street" (an invented or recorded book) around them, exact balances with holds, fees as
// the venue takes them. What happens is kept as a list of events in order, which deliver() hands to the
// venue's protocol side. Knows no protocol, no clock, no socket; one thread. It is the truth that an engine's
// ledger is compared with.
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

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

class EmulatedExchange final : public EmulatedMarket {
  public:
    EmulatedExchange(const InstrumentTable& table, VenueId venue, const ExchangeRules& rules);

    // The operator's side.
    void deposit(AccountId account, std::string_view asset, Amount amount);
    /// The street's book, best first; replaces what it was. Resting orders it crosses are filled at their own
    /// price, best first. While the listing is halted its book stands still: nothing happens.
    void set_street(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                    Timestamp now);
    void set_halted(ListingId listing, bool halted) { markets_[index(listing)].halted = halted; }
    void set_cancel_only(ListingId listing, bool only) { markets_[index(listing)].cancel_only = only; }
    /// Dead-man timers that have run out.
    void on_time(Timestamp now);
    /// Hands everything that happened since the last call to the venue's protocol side.
    void deliver(EmulatedVenue& venue, Timestamp now, SessionOutbox& out);
    std::uint64_t trade_count() const { return trades_.size(); }
    std::uint64_t order_count() const { return orders_.size(); }
    const InstrumentTable& table() const { return *table_; }
    VenueId venue() const { return venue_; }

    // EmulatedMarket
    PlaceResult place(const PlaceOrder& order, Timestamp now) override;
    PlaceError amend(AccountId account, std::uint64_t id, Price price, Quantity quantity,
                     Timestamp now) override;
    const EmulatedOrder* cancel(AccountId account, std::uint64_t id, Timestamp now) override;
    const EmulatedOrder* find(AccountId account, std::uint64_t id) const override;
    const EmulatedOrder* find_client(AccountId account, std::string_view client_id) const override;
    std::vector<const EmulatedOrder*> orders(AccountId account, ListingId listing, bool open) const override;
    std::vector<const EmulatedTrade*> trades(AccountId account, ListingId listing,
                                             Timestamp since) const override;
    std::vector<EmulatedBalance> balances(AccountId account) const override;
    EmulatedBook book(ListingId listing) const override;
    bool halted(ListingId listing) const override { return markets_[index(listing)].halted; }
    bool cancel_only(ListingId listing) const override { return markets_[index(listing)].cancel_only; }
    Rate maker_fee(ListingId listing) const override;
    Rate taker_fee(ListingId listing) const override;
    void set_dead_man(AccountId account, ListingId listing, Timestamp when) override;

  private:
    struct Market {
        bool ours = false;  ///< listed at this venue
        bool halted = false, cancel_only = false;
        std::vector<Level> street_bids, street_asks;  ///< best first
        std::vector<std::size_t> resting;             ///< places in orders_, oldest first
        std::vector<Level> bids, asks;                ///< as published
    };
    struct OrderEvent {
        EmulatedOrder order;
        bool has_trade = false;
        EmulatedTrade trade;
    };
    struct BalanceEvent {
        AccountId account{};
        EmulatedBalance balance;
    };
    struct BookEvent {
        ListingId listing = kNoListing;
        std::vector<Level> bids, asks;
        std::vector<Level> after_bids, after_asks;  ///< as the book stood then: several changes may wait
    };
    using Event = std::variant<OrderEvent, BalanceEvent, BookEvent, Trade>;
    struct DeadMan {
        AccountId account{};
        ListingId listing = kNoListing;
        Timestamp when;
    };
    using BalanceKey = std::pair<AccountId, std::string>;

    PlaceError judge(const PlaceOrder& order) const;
    PlaceError judge_terms(const PlaceOrder& order) const;
    PlaceError judge_amend(EmulatedOrder& order, Price price, Quantity quantity);
    PlaceError judge_price(const PlaceOrder& order, const Listing& listing) const;
    bool funded(const PlaceOrder& order) const;
    bool closes(PlaceOrder& order) const;
    Amount position(AccountId account, ListingId listing) const;
    void end_reducing(AccountId account, ListingId listing, Timestamp now);
    Quantity available(const PlaceOrder& order) const;
    Quantity offered(const PlaceOrder& order) const;
    PlaceError take(std::size_t place, SelfTrade mode, Timestamp now);
    void fill(std::size_t place, Price price, Quantity quantity, bool maker, Timestamp now);
    void finish(std::size_t place, EmulatedState state, PlaceError reason, Timestamp now);
    void move_balances(const EmulatedOrder& order, const EmulatedTrade& trade);
    Amount bound(ListingId listing, Side side, Price price, Quantity quantity) const;
    void bind(const EmulatedOrder& order, Amount change);
    std::size_t best_resting(ListingId listing, Side side) const;
    void tell_trade(ListingId listing, Side aggressor, Price price, Quantity quantity, Timestamp now);
    const EmulatedOrder* at_place(AccountId account, std::uint64_t id) const;
    EmulatedBalance& balance(AccountId account, const std::string& asset, bool position);
    void tell_balance(AccountId account, const std::string& asset);
    void publish(ListingId listing);
    std::string base_asset(ListingId listing) const;
    const std::string& quote_asset(ListingId listing) const;
    std::string bound_asset(ListingId listing, Side side) const;

    const InstrumentTable* table_;
    VenueId venue_;
    ExchangeRules rules_;
    std::vector<Market> markets_;  // by listing of the table
    std::deque<EmulatedOrder> orders_;
    std::deque<EmulatedTrade> trades_;
    std::map<BalanceKey, EmulatedBalance> balances_;
    std::map<std::pair<AccountId, std::string>, std::size_t, std::less<>> by_client_;  // the latest
    std::vector<DeadMan> dead_men_;
    std::vector<Event> events_;
    std::map<AccountId, std::size_t> open_;                  // how many orders
    static constexpr std::uint64_t kFirstOrder = 1'000'001;  // ids follow each other: place = id - first
    std::uint64_t next_trade_ = 500'001;
};

}  // namespace arb
