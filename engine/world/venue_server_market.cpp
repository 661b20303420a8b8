#include "engine/world/venue_server_market.hpp"

#include <algorithm>
#include <utility>

namespace arb {

void WatchedMarket::begin(RequestRoute route, FaultSource* faults, Timestamp now)
{
    route_ = route;
    faults_ = faults;
    real_now_ = now;
    watching_ = true;
    asked_ = false;
    seen_ = {};
}

WatchedMarket::Seen WatchedMarket::end()
{
    watching_ = false;
    return std::exchange(seen_, {});
}

void WatchedMarket::note(RequestDeed deed) const
{
    if (watching_) seen_.deed = std::max(seen_.deed, deed);
}

// Asked once a request: the orders of a batch share their fate.
bool WatchedMarket::kept_back()
{
    note(RequestDeed::order);
    if (watching_ && !asked_ && faults_ != nullptr) seen_.kept_back = faults_->on_order(route_, real_now_);
    asked_ = true;
    return watching_ && seen_.kept_back.what != Mishap::none;
}

// Kept back: some refusal, so that the venue does not go on with an order that there is not; nobody will read
// it.
PlaceResult WatchedMarket::place(const PlaceOrder& order, Timestamp now)
{
    return kept_back() ? PlaceResult{PlaceError::halted, 0} : market_->place(order, now);
}

PlaceError WatchedMarket::amend(AccountId account, std::uint64_t id, Price price, Quantity quantity,
                                Timestamp now)
{
    return kept_back() ? PlaceError::halted : market_->amend(account, id, price, quantity, now);
}

const EmulatedOrder* WatchedMarket::cancel(AccountId account, std::uint64_t id, Timestamp now)
{
    note(RequestDeed::cancel);
    return market_->cancel(account, id, now);
}

const EmulatedOrder* WatchedMarket::find(AccountId account, std::uint64_t id) const
{
    note(RequestDeed::query);
    return market_->find(account, id);
}

const EmulatedOrder* WatchedMarket::find_client(AccountId account, std::string_view client_id) const
{
    note(RequestDeed::query);
    return market_->find_client(account, client_id);
}

std::vector<const EmulatedOrder*> WatchedMarket::orders(AccountId account, ListingId listing, bool open) const
{
    note(RequestDeed::query);
    return market_->orders(account, listing, open);
}

std::vector<const EmulatedTrade*> WatchedMarket::trades(AccountId account, ListingId listing,
                                                        Timestamp since) const
{
    note(RequestDeed::query);
    return market_->trades(account, listing, since);
}

std::vector<EmulatedBalance> WatchedMarket::balances(AccountId account) const
{
    note(RequestDeed::query);
    return market_->balances(account);
}

}  // namespace arb
