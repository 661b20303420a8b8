#pragma once
// One emulated venue's exchange: places, matches and ends orders over the books of its listings, the accounts
// and their money. Resting orders trade with each other and with the liquidity of the "street" (an invented
// or recorded book) around them. What happens is kept as news in order, which deliver() hands to the venue's
// protocol side. Knows no protocol, no clock, no socket; one thread. It is the truth that an engine's ledger
// is compared with.
#include <string>
#include <string_view>
#include <vector>

#include "engine/world/exchange_accounts.hpp"
#include "engine/world/exchange_orders.hpp"

namespace arb {

class EmulatedExchange final : public EmulatedMarket {
  public:
    EmulatedExchange(const InstrumentTable& table, VenueId venue, const ExchangeRules& rules);

    // The operator's side.
    void deposit(AccountId account, std::string_view asset, Amount amount)
    {
        accounts_.deposit(account, std::string(asset), amount, news_);
    }
    /// The street's book, best first; replaces what it was. Resting orders it crosses are filled at their own
    /// price, best first. While the listing is halted its book stands still: nothing happens.
    void set_street(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                    Timestamp now);
    void set_halted(ListingId listing, bool halted) { markets_[index(listing)].halted = halted; }
    void set_cancel_only(ListingId listing, bool only) { markets_[index(listing)].cancel_only = only; }
    /// Dead-man timers that have run out.
    void on_time(Timestamp now);
    /// Hands everything that happened since the last call to the venue's protocol side.
    void deliver(EmulatedVenue& venue, Timestamp now, SessionOutbox& out) { news_.deliver(venue, now, out); }
    std::uint64_t trade_count() const { return orders_.trade_count(); }
    std::uint64_t order_count() const { return orders_.order_count(); }
    const InstrumentTable& table() const { return *table_; }

    // EmulatedMarket
    PlaceResult place(const PlaceOrder& order, Timestamp now) override;
    PlaceError amend(AccountId account, std::uint64_t id, Price price, Quantity quantity,
                     Timestamp now) override;
    const EmulatedOrder* cancel(AccountId account, std::uint64_t id, Timestamp now) override;
    const EmulatedOrder* find(AccountId account, std::uint64_t id) const override
    {
        return orders_.find(account, id);
    }
    const EmulatedOrder* find_client(AccountId account, std::string_view client_id) const override
    {
        return orders_.find_client(account, client_id);
    }
    std::vector<const EmulatedOrder*> orders(AccountId account, ListingId listing, bool open) const override
    {
        return orders_.orders(account, listing, open);
    }
    std::vector<const EmulatedTrade*> trades(AccountId account, ListingId listing,
                                             Timestamp since) const override
    {
        return orders_.trades(account, listing, since);
    }
    std::vector<EmulatedBalance> balances(AccountId account) const override
    {
        return accounts_.balances(account);
    }
    EmulatedBook book(ListingId listing) const override { return markets_[index(listing)].book.published(); }
    bool halted(ListingId listing) const override { return markets_[index(listing)].halted; }
    bool cancel_only(ListingId listing) const override { return markets_[index(listing)].cancel_only; }
    Rate maker_fee(ListingId listing) const override { return accounts_.maker_fee(listing); }
    Rate taker_fee(ListingId listing) const override { return accounts_.taker_fee(listing); }
    void set_dead_man(AccountId account, ListingId listing, Timestamp when) override;

  private:
    struct Market {
        bool ours = false;  ///< listed at this venue
        bool halted = false, cancel_only = false;
        ListingBook book;
    };
    struct DeadMan {
        AccountId account{};
        ListingId listing = kNoListing;
        Timestamp when;
    };

    PlaceError judge(const PlaceOrder& order) const;
    PlaceError judge_terms(const PlaceOrder& order) const;
    PlaceError judge_amend(const EmulatedOrder& order, Price price, Quantity quantity);
    PlaceError judge_price(const PlaceOrder& order, const Listing& listing) const;
    PlaceError take(EmulatedOrder& order, SelfTrade mode, Timestamp now);
    void fill(EmulatedOrder& order, Price price, Quantity quantity, bool maker, Timestamp now);
    void finish(EmulatedOrder& order, EmulatedState state, PlaceError reason, Timestamp now);
    void end_reducing(AccountId account, ListingId listing, Timestamp now);
    void tell(const EmulatedOrder& order);
    void publish(ListingId listing) { news_.book(listing, markets_[index(listing)].book.publish()); }

    const InstrumentTable* table_;
    ExchangeRules rules_;
    std::vector<Market> markets_;  // by listing of the table
    ExchangeOrders orders_;
    ExchangeAccounts accounts_;
    ExchangeNews news_;
    std::vector<DeadMan> dead_men_;
};

}  // namespace arb
