#include "connectors/binance/dead_man_timers.hpp"

#include <algorithm>

namespace arb::binance {

void DeadManTimers::arm(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (tools_->market != Market::usdm || !tools_->mine(listing)) return;
    if (std::find(armed_.begin(), armed_.end(), listing) != armed_.end()) return;
    armed_.push_back(listing);
    if (!refresh_at_.known()) refresh_at_ = now + kDeadManRefresh;
    outbox.wake_at(tools_->setup.id, refresh_at_);
    set(listing, now, sink, outbox);
}

// What cannot be sent within the weight yet is sent as soon as it can; the timers run longer than that.
void DeadManTimers::set(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(RequestKind::dead_man);
    inquiry.listings = {listing};
    inquiries_->begin(std::move(inquiry), now, sink, outbox);
}

Timestamp DeadManTimers::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (refresh_at_.known() && now >= refresh_at_) {
        refresh_at_ = now + Duration{kDeadManRefresh.ns * (armed_.size() > kQuickTimers ? 2 : 1)};
        for (const ListingId listing : armed_) set(listing, now, sink, outbox);
    }
    return refresh_at_;
}

}  // namespace arb::binance
