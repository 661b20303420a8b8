#pragma once
// The market as an emulated venue sees it through VenueServer: passes every call on, notes what a request was
// about, and keeps orders from the matching when a fault wants that. So faults strike "orders" and "cancels"
// of every protocol without reading any. Loop thread, no errors.
#include "engine/emulate/emulated_venue.hpp"
#include "engine/world/venue_server_faults.hpp"

namespace arb {

class WatchedMarket final : public EmulatedMarket {
  public:
    explicit WatchedMarket(EmulatedMarket& market) : market_(&market) {}

    struct Seen {
        RequestDeed deed = RequestDeed::other;
        MishapChoice kept_back;  ///< not `none`: its orders were not executed
    };
    /// A request of a client is handed to the venue from here to end(). `faults` may be null.
    void begin(RequestRoute route, FaultSource* faults, Timestamp now);
    Seen end();

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
    EmulatedBook book(ListingId listing) const override { return market_->book(listing); }
    bool halted(ListingId listing) const override { return market_->halted(listing); }
    bool cancel_only(ListingId listing) const override { return market_->cancel_only(listing); }
    Rate maker_fee(ListingId listing) const override { return market_->maker_fee(listing); }
    Rate taker_fee(ListingId listing) const override { return market_->taker_fee(listing); }
    void set_dead_man(AccountId account, ListingId listing, Timestamp when) override
    {
        market_->set_dead_man(account, listing, when);
    }

  private:
    bool kept_back();
    void note(RequestDeed deed) const;

    EmulatedMarket* market_;
    FaultSource* faults_ = nullptr;
    RequestRoute route_{};
    Timestamp real_now_;
    bool watching_ = false;
    bool asked_ = false;
    mutable Seen seen_;
};

}  // namespace arb
