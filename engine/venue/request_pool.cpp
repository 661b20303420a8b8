#include "engine/venue/request_pool.hpp"

#include <algorithm>

namespace arb {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

std::uint32_t RequestPool::used(Timestamp now) const
{
    const std::int64_t second = now.ns / kSecond;
    std::uint32_t sum = 0;
    for (const Spent& spent : spent_) sum += spent.second > second - kSeconds ? spent.weight : 0;
    return sum;
}

bool RequestPool::may(std::uint32_t weight, std::uint32_t most, Timestamp now) const
{
    return !paused(now) && used(now) + weight <= std::min(most, limit_);
}

Timestamp RequestPool::next(std::uint32_t weight, std::uint32_t most, Timestamp now) const
{
    const std::int64_t second = now.ns / kSecond;
    std::uint32_t sum = used(now);
    Timestamp due = std::max(now, paused_until_);
    for (std::int64_t s = std::max<std::int64_t>(0, second - kSeconds + 1);
         s <= second && sum + weight > std::min(most, limit_); ++s) {
        const Spent& spent = spent_[static_cast<std::size_t>(s % kSeconds)];
        if (spent.second != s) continue;
        sum -= spent.weight;
        due = std::max(due, Timestamp{(s + kSeconds) * kSecond});
    }
    return due;
}

void RequestPool::spend(std::uint32_t weight, Timestamp now)
{
    const std::int64_t second = std::max<std::int64_t>(0, now.ns / kSecond);
    Spent& spent = spent_[static_cast<std::size_t>(second % kSeconds)];
    if (spent.second != second) spent = {second, 0};
    spent.weight += weight;
}

void RequestPool::told(std::uint64_t used_there, Timestamp now)
{
    const std::uint32_t ours = used(now);
    // More than many limits is no count.
    if (used_there <= ours || used_there > std::uint64_t{limit_} * 100) return;
    spend(static_cast<std::uint32_t>(used_there - ours), now);
}

void RequestPool::pause(Timestamp until)
{
    paused_until_ = std::max(paused_until_, until);
}

RequestPool& RequestPools::pool(std::string_view name, std::uint32_t limit)
{
    const auto found = pools_.find(name);
    if (found != pools_.end()) return *found->second;
    return *pools_.emplace(std::string(name), std::make_unique<RequestPool>(limit)).first->second;
}

}  // namespace arb
