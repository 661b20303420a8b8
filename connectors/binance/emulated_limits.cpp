#include "connectors/binance/emulated_limits.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/emulate/rate_counts.hpp"

namespace arb::binance {
namespace {

constexpr int kRefusalsMax = 20;  // after this many 429 in a window the address is banned

std::string limit_row(const char* type, const char* interval, int number, int limit, int count)
{
    return fmt::format(R"({{"rateLimitType":"{}","interval":"{}","intervalNum":{},"limit":{},"count":{}}})",
                       type, interval, number, limit, count);
}

}  // namespace

std::string EmulatedLimits::pool_of(const std::string& remote) const
{
    return (dialect_.spot() ? "spot " : "futures ") + remote;
}

// Fixed windows aligned to the clock.
bool EmulatedLimits::spend(int weight, const std::string& remote, Timestamp now, Answer& refusal,
                           Duration& retry_after)
{
    EmulatedWindow& window = (*weights_)[pool_of(remote)];
    const int limit = dialect_.spot() ? 6'000 : 2'400;
    // COIN-M draws on the same pool as USD-M, and so does whoever shares the address.
    if (begin_span(window, seconds(60), now)) window.used = !setup_.manners ? 0 : dialect_.spot() ? 500 : 300;
    if (setup_.rate_limits && now < window.banned_until) {
        retry_after = window.banned_until - now;
        refusal = refuse(-1003, "Way too much request weight used; IP banned.", 418);
        return false;
    }
    window.used += weight;
    if (!setup_.rate_limits || window.used <= limit) return true;
    retry_after = Timestamp{(window.start + 1) * seconds(60).ns} - now;
    if (++window.refused > kRefusalsMax) {
        retry_after = seconds(120);
        window.banned_until = now + retry_after;
        refusal = refuse(-1003, "Way too much request weight used; IP banned.", 418);
        return false;
    }
    refusal = refuse(-1003,
                     fmt::format("Too much request weight used; current limit is {} request weight per 1 "
                                 "MINUTE.",
                                 limit),
                     429);
    return false;
}

Answer EmulatedLimits::count_order(AccountId account, Timestamp now, int times)
{
    auto& [short_window, long_window] = orders_[account];
    (void)begin_span(short_window, seconds(10), now);
    (void)begin_span(long_window, seconds(dialect_.spot() ? 86'400 : 60), now);
    const bool many = short_window.used + times > (dialect_.spot() ? 100 : 300) ||
                      long_window.used >= (dialect_.spot() ? 200'000 : 1'200);
    if (many && setup_.rate_limits) return refuse(-1015, "Too many new orders.", 429);
    short_window.used += times;
    long_window.used += std::min(times, 1);
    return good({});
}

int EmulatedLimits::used_weight(const std::string& remote) const
{
    const auto found = weights_->find(pool_of(remote));
    return found == weights_->end() || !setup_.rate_limits ? 0 : found->second.used;
}

std::pair<int, int> EmulatedLimits::orders_used(AccountId account) const
{
    const auto found = orders_.find(account);
    if (found == orders_.end()) return {};
    return {found->second.first.used, found->second.second.used};
}

std::string EmulatedLimits::orders_json(AccountId account) const
{
    const auto [ten, longer] = orders_used(account);
    const bool spot = dialect_.spot();
    return limit_row("ORDERS", "SECOND", 10, spot ? 100 : 300, ten) + "," +
           (spot ? limit_row("ORDERS", "DAY", 1, 200'000, longer)
                 : limit_row("ORDERS", "MINUTE", 1, 1'200, longer));
}

std::string EmulatedLimits::limits_json(const std::string& remote, const EmulatedKey* orders_of) const
{
    const bool counted = orders_of != nullptr && orders_.count(orders_of->account) > 0;
    return "[" + (counted && setup_.rate_limits ? orders_json(orders_of->account) + "," : "") +
           limit_row("REQUEST_WEIGHT", "MINUTE", 1, dialect_.spot() ? 6'000 : 2'400, used_weight(remote)) +
           "]";
}

Answer EmulatedLimits::order_counts(const Call& call)
{
    (void)count_order(call.key->account, call.now, 0);
    return good("[" + orders_json(call.key->account) + "]");
}

}  // namespace arb::binance
