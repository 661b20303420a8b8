// The emulated Bybit: what it tells an account's private sockets, and its disconnect protection.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {

// A session hears a topic under the name it subscribed: of all categories, or of one.
void EmulatedBybit::tell(AccountId account, std::string_view topic, const std::string& data, Timestamp now,
                         SessionOutbox& out)
{
    const bool fast = topic == "execution.fast";
    const std::string whole(topic);
    const std::string single = fmt::format("{}.{}", topic, setup_.market);
    for (const auto& [id, session] : sessions_) {
        if (session.door != Door::personal || session.key_id.empty() || session.account != account) continue;
        for (const std::string& name : {whole, single}) {
            if (session.topics.count(name) == 0) continue;
            const std::string number =
                fast ? std::string()
                     : fmt::format(R"("id":"{}-{}",)", static_cast<std::uint32_t>(account), ++invented_);
            out.send(id, fmt::format(R"({{{}"topic":"{}","creationTime":{},"data":[{}]}})", number, name,
                                     ms_of(now), data));
        }
    }
}

void EmulatedBybit::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                             SessionOutbox& out)
{
    now_ = now;
    if (trade != nullptr) tell(order.account, "execution.fast", fast_json(*trade, order), now, out);
    if (trade != nullptr) tell(order.account, "execution", trade_json(*trade, &order), now, out);
    tell(order.account, "order", order_json(order), now, out);
}

void EmulatedBybit::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                               SessionOutbox& out)
{
    now_ = now;
    if (!balance.position) {
        tell(account, "wallet",
             fmt::format(R"({{"accountType":"UNIFIED","totalEquity":"","coin":[{}]}})",
                         coin_json(account, balance)),
             now, out);
        return;
    }
    if (const Listing* const listing = listing_of_position(setup_, balance))
        tell(account, "position", position_rows(account, *listing, balance, now), now, out);
}

void EmulatedBybit::on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    if (!key.revoked) return;
    std::vector<SessionId> gone;
    for (const auto& [id, session] : sessions_) {
        if (session.key_id == key.key_id) gone.push_back(id);
    }
    for (const SessionId id : gone) out.close(id, 1008, "API key is invalid.");
    for (const SessionId id : gone) on_session_closed(id);
}

void EmulatedBybit::on_session_closed(SessionId id)
{
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    const AccountId account = found->second.account;
    sessions_.erase(found);
    watch_dead_man(account);
}

// "DCP": once all sockets that subscribed it are dead for the window, every order is cancelled.
void EmulatedBybit::watch_dead_man(AccountId account)
{
    const auto found = dead_men_.find(account);
    if (found == dead_men_.end()) return;
    const std::string topic = spot() ? "dcp.spot" : "dcp.future";
    const bool watched = std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& entry) {
        return entry.second.account == account && entry.second.topics.count(topic) > 0;
    });
    if (watched) {
        found->second.armed = true;
        setup_.exchange->set_dead_man(account, kNoListing, {});
    } else if (found->second.armed) {
        found->second.armed = false;
        setup_.exchange->set_dead_man(account, kNoListing, now_ + found->second.window);
    }
}

}  // namespace arb::bybit
