#include "engine/net/backoff.hpp"

#include <algorithm>

namespace arb::net {

namespace {

/// SplitMix64: enough to spread reconnects, and the same everywhere.
std::uint64_t draw(std::uint64_t& state)
{
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
}

}  // namespace

Backoff::Backoff(const Policy& policy, std::uint64_t seed) : policy_(policy), random_(seed)
{
    policy_.first = std::max(policy_.first, nanoseconds(1));
    policy_.longest = std::max(policy_.longest, policy_.first);
}

nanoseconds Backoff::next()
{
    nanoseconds delay = policy_.first;
    for (unsigned i = 0; i < failures_ && delay < policy_.longest; ++i) {
        delay = delay > policy_.longest / 2 ? policy_.longest : delay * 2;
    }
    if (failures_ < 64) ++failures_;
    const nanoseconds half = delay / 2;
    const auto spread = static_cast<std::uint64_t>((delay - half).count()) + 1;
    return half + nanoseconds(static_cast<std::int64_t>(draw(random_) % spread));
}

void Backoff::on_ended(nanoseconds lived)
{
    if (lived >= policy_.lived_min) failures_ = 0;
}

AttemptBudget::AttemptBudget(std::size_t attempts_max, nanoseconds window)
    : attempts_(std::max<std::size_t>(attempts_max, 1)), window_(window)
{
}

nanoseconds AttemptBudget::next_allowed(nanoseconds now) const
{
    if (count_ < attempts_.size()) return now;
    return std::max(now, attempts_[oldest_] + window_);
}

bool AttemptBudget::take(nanoseconds now)
{
    if (next_allowed(now) > now) return false;
    attempts_[(oldest_ + count_) % attempts_.size()] = now;
    if (count_ < attempts_.size())
        ++count_;
    else
        oldest_ = (oldest_ + 1) % attempts_.size();
    return true;
}

}  // namespace arb::net
