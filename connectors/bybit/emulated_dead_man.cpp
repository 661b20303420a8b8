#include "connectors/bybit/emulated_dead_man.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb::bybit {

Answer EmulatedDeadMan::set(const EmulatedCall& call)
{
    const auto window = whole_number(call.get("timeWindow"));
    if (!window || *window < 3 || *window > 300)
        return refuse(10001, "params error: timeWindow must be 3 to 300");
    if (call.get("product") != product()) return refuse(10001, "params error: product");
    switches_[call.account()] = {seconds(*window), false};
    watch(call.account(), call.now);
    return good("{}");
}

Answer EmulatedDeadMan::information(const EmulatedCall& call) const
{
    const auto found = switches_.find(call.account());
    if (found == switches_.end()) return good(R"({"dcpInfos":[]})");
    return good(fmt::format(R"({{"dcpInfos":[{{"product":"{}","dcpStatus":"ON","timeWindow":"{}"}}]}})",
                            product(), found->second.window.ns / kNsPerSecond));
}

void EmulatedDeadMan::listen(SessionId session, AccountId account, bool subscribed, Timestamp now)
{
    if (subscribed)
        listeners_[session] = account;
    else
        listeners_.erase(session);
    watch(account, now);
}

void EmulatedDeadMan::watch(AccountId account, Timestamp now)
{
    const auto found = switches_.find(account);
    if (found == switches_.end()) return;
    const bool watched = std::any_of(listeners_.begin(), listeners_.end(),
                                     [&](const auto& entry) { return entry.second == account; });
    if (watched) {
        found->second.armed = true;
        exchange_.set_dead_man(account, kNoListing, {});
    } else if (found->second.armed) {
        found->second.armed = false;
        exchange_.set_dead_man(account, kNoListing, now + found->second.window);
    }
}

}  // namespace arb::bybit
