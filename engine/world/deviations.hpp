#pragma once
// Emulated venues that deviate on purpose from what their exchange does, so that whoever judges a venue can
// be shown to find it. Two decorators stand between an EmulatedExchange and its venue's protocol side and
// change what each hears of the other; the exchange keeps the truth, and no protocol knows of it. Deviations
// of what is only told (a key's rights, a tick) and of what is charged are put into the venue's setup. One
// thread.
//
//   ExchangeRules rules = deviant(deviations, ...);         EmulatedExchange exchange(table, id, rules);
//   DeviantMarket market(exchange, deviations);             setup.exchange = &market;
//   DeviantVenue venue(make_emulated_venue(setup), market); exchange.deliver(venue, now, out);
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/world/emulated_exchange.hpp"

namespace arb {

enum class Deviation : std::uint8_t {
    order_not_shown,   ///< the private stream never tells that an order was taken
    end_not_shown,     ///< nor that one ended
    query_absent,      ///< an order that rests is in no list, and nobody knows its client id
    amend_ignored,     ///< a change of an order's price is answered as done, and told by nothing
    cancel_ignored,    ///< a cancellation is answered as done, and the order stays
    ioc_rests,         ///< an immediate-or-cancel order that finds nothing rests
    post_only_takes,   ///< a post-only order that crosses is filled
    quantity_differs,  ///< an order is taken with one lot more
    fee_differs,       ///< fills are charged twice the fee that is told
    fill_not_in_list,  ///< lists of trades lack the fills that the stream told
    balance_unmoved,   ///< told balances stay as they were before the account's first fill
    stream_silent,     ///< logging on works, and then nothing of orders, fills or balances comes
    book_gap,          ///< now and then a change of a book is left out
    book_crossed,      ///< now and then a book is crossed for two seconds
    clock_off,         ///< the venue's clock is twenty seconds ahead
    key_withdraws,     ///< a key that may trade tells that it may withdraw
    tick_differs,      ///< the list of instruments tells a tick ten times what prices keep to
    count_,
};

std::string_view name(Deviation deviation);
std::optional<Deviation> deviation_named(std::string_view text);

class Deviations {
  public:
    Deviations() = default;
    Deviations(std::initializer_list<Deviation> all)
    {
        for (const Deviation deviation : all) add(deviation);
    }
    void add(Deviation deviation) { bits_ |= 1U << static_cast<unsigned>(deviation); }
    bool has(Deviation deviation) const { return (bits_ >> static_cast<unsigned>(deviation) & 1U) != 0; }
    bool any() const { return bits_ != 0; }
    /// To be added to every time of the venue's clock that a driver hands to the exchange itself;
    /// DeviantVenue adds it to what it is handed.
    Duration clock_ahead() const { return has(Deviation::clock_off) ? seconds(20) : Duration{}; }

  private:
    std::uint32_t bits_ = 0;
};

/// How the exchange charges.
ExchangeRules deviant(const Deviations& deviations, ExchangeRules rules);
/// What the venue tells of its instruments.
std::vector<ListingDefinition> deviant(const Deviations& deviations, std::vector<ListingDefinition> told);
/// What it tells of its keys; to be done last, where a key's rights are also told to people.
void deviate(const Deviations& deviations, std::vector<EmulatedKey>& keys);

/// The exchange as the protocol side sees it.
class DeviantMarket final : public EmulatedMarket {
  public:
    /// `exchange` outlives it.
    DeviantMarket(EmulatedExchange& exchange, const Deviations& deviations)
        : exchange_(&exchange), deviations_(deviations)
    {
    }
    const Deviations& deviations() const { return deviations_; }

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
    bool halted(ListingId listing) const override { return exchange_->halted(listing); }
    bool cancel_only(ListingId listing) const override { return exchange_->cancel_only(listing); }
    Rate maker_fee(ListingId listing) const override { return exchange_->maker_fee(listing); }
    Rate taker_fee(ListingId listing) const override { return exchange_->taker_fee(listing); }
    void set_dead_man(AccountId account, ListingId listing, Timestamp when) override
    {
        exchange_->set_dead_man(account, listing, when);
    }

  private:
    friend class DeviantVenue;
    struct Shown {
        std::uint64_t changes = 0;  ///< of the book
        Price crossing;             ///< a bid above the asks; 0: none
        Level bid;                  ///< what stands there
        Timestamp until;
        std::vector<Level> bids;
    };

    /// What the venue hears of an order; nullopt: nothing.
    std::optional<EmulatedOrder> told(const EmulatedOrder& order, const EmulatedTrade* trade);
    EmulatedBalance told(AccountId account, const EmulatedBalance& balance) const;
    void note(AccountId account, const EmulatedBalance& balance);
    /// The book after a change; `bids` are the levels that changed.
    EmulatedBook told(ListingId listing, std::vector<Level>& bids, const EmulatedBook& book, Timestamp now);
    bool left_out(ListingId listing);
    bool meets(const PlaceOrder& order) const;
    const EmulatedOrder* as_wished(const EmulatedOrder* order) const;

    EmulatedExchange* exchange_;
    Deviations deviations_;
    std::map<std::uint64_t, TimeInForce> wished_;            // of orders that were taken as others
    mutable std::map<std::uint64_t, EmulatedOrder> copies_;  // as they are told
    std::map<std::uint64_t, EmulatedOrder> pretended_;       // orders that were "cancelled"
    std::uint64_t told_trade_ = 0;                           // ids grow
    std::set<AccountId> traded_;
    std::map<std::pair<AccountId, std::string>, EmulatedBalance> before_;  // the account's first fill
    std::map<ListingId, Shown> shown_;
};

/// The protocol side as the exchange and the driver see it.
class DeviantVenue final : public EmulatedVenue {
  public:
    /// `market` is what the venue was made with; it outlives this.
    DeviantVenue(std::unique_ptr<EmulatedVenue> venue, DeviantMarket& market)
        : venue_(std::move(venue)), market_(&market), ahead_(market.deviations().clock_ahead())
    {
    }

    // EmulatedVenue
    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override
    {
        return venue_->on_request(request, now + ahead_, out);
    }
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                    SessionOutbox& out) override
    {
        return venue_->on_session(session, upgrade, now + ahead_, out);
    }
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override
    {
        venue_->on_session_frame(session, text, now + ahead_, out);
    }
    void on_session_closed(SessionId session) override { venue_->on_session_closed(session); }
    void on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                 const EmulatedBook& book, Timestamp now, SessionOutbox& out) override;
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override
    {
        venue_->on_public_trade(trade, now + ahead_, out);
    }
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                  SessionOutbox& out) override;
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                    SessionOutbox& out) override;
    void on_tick(Timestamp now, SessionOutbox& out) override { venue_->on_tick(now + ahead_, out); }
    void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) override
    {
        venue_->on_key_changed(key, now + ahead_, out);
    }
    ServerReply banned(Duration retry_after) const override { return venue_->banned(retry_after); }
    ServerReply failed() const override { return venue_->failed(); }
    std::string failed_frame(std::string_view text) const override { return venue_->failed_frame(text); }
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override
    {
        return venue_->addresses(host_port);
    }

  private:
    std::unique_ptr<EmulatedVenue> venue_;
    DeviantMarket* market_;
    Duration ahead_;
};

}  // namespace arb
