#include "connectors/binance/snapshot_queue.hpp"

#include <algorithm>

namespace arb::binance {

void SnapshotQueue::add(ListingId listing)
{
    if (std::find(waiting_.begin(), waiting_.end(), listing) == waiting_.end()) waiting_.push_back(listing);
}

void SnapshotQueue::remove(ListingId listing)
{
    waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), listing), waiting_.end());
}

ListingId SnapshotQueue::take(Timestamp now)
{
    if (waiting_.empty() || now < paused_until_) return kNoListing;
    if (tokens_ == burst_) filled_ = std::max(filled_, now);
    while (tokens_ < burst_ && filled_ + interval_ <= now) {
        filled_ = filled_ + interval_;
        ++tokens_;
    }
    if (tokens_ == burst_) filled_ = std::max(filled_, now);
    if (tokens_ == 0) return kNoListing;
    --tokens_;
    const ListingId listing = waiting_.front();
    waiting_.pop_front();
    return listing;
}

Timestamp SnapshotQueue::next() const
{
    return std::max(filled_ + interval_, paused_until_);
}

void SnapshotQueue::pause(Timestamp until)
{
    paused_until_ = std::max(paused_until_, until);
}

}  // namespace arb::binance
