#pragma once
// What has happened at an emulated exchange and its venue's protocol side has not heard yet: in order, each
// thing as it stood then. One thread, no errors.
#include <functional>
#include <utility>
#include <vector>

#include "engine/world/listing_book.hpp"

namespace arb {

class ExchangeNews {
  public:
    void order(const EmulatedOrder& order)
    {
        add([order](auto& venue, auto now, auto& out) { venue.on_order(order, nullptr, now, out); });
    }
    void fill(const EmulatedOrder& order, const EmulatedTrade& trade)
    {
        add([order, trade](auto& venue, auto now, auto& out) { venue.on_order(order, &trade, now, out); });
    }
    void balance(AccountId account, const EmulatedBalance& balance)
    {
        add([=](auto& venue, auto now, auto& out) { venue.on_balance(account, balance, now, out); });
    }
    /// A change that is none is no news.
    void book(ListingId listing, BookChange change)
    {
        if (change.bids.empty() && change.asks.empty()) return;
        add([listing, c = std::move(change)](auto& venue, auto now, auto& out) {
            venue.on_book(listing, c.bids, c.asks, {c.after_bids, c.after_asks}, now, out);
        });
    }
    void trade(const Trade& trade)
    {
        add([trade](auto& venue, auto now, auto& out) { venue.on_public_trade(trade, now, out); });
    }
    /// Everything since the last call.
    void deliver(EmulatedVenue& venue, Timestamp now, SessionOutbox& out)
    {
        // Handling an event may not cause others: the venue's side only speaks.
        for (const Event& event : std::exchange(events_, {})) event(venue, now, out);
    }

  private:
    using Event = std::function<void(EmulatedVenue&, Timestamp, SessionOutbox&)>;
    void add(Event event) { events_.push_back(std::move(event)); }

    std::vector<Event> events_;
};

}  // namespace arb
