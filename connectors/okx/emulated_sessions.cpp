#include "connectors/okx/emulated_sessions.hpp"

#include <algorithm>
#include <utility>

namespace arb::okx {
namespace {

// "Connection": 30 s without a word end it.
constexpr Duration kIdleMax = seconds(30);
// With manners: a server is upgraded when its socket is so old; a minute before, that is announced.
constexpr Duration kUpgradeNotice = seconds(300), kUpgradeCut = seconds(360);

}  // namespace

bool EmulatedSessions::open(SessionId id, const ServerRequest& upgrade, Timestamp now)
{
    Session entry;
    entry.personal = upgrade.path() == "/ws/v5/private";
    if (!entry.personal && upgrade.path() != "/ws/v5/public") return false;
    entry.remote = upgrade.remote;
    entry.opened = entry.alive = now;
    sessions_[id] = std::move(entry);
    return true;
}

bool EmulatedSessions::heard(SessionId id, Timestamp now)
{
    const auto found = sessions_.find(id);
    if (found != sessions_.end()) found->second.alive = now;
    return found != sessions_.end();
}

const EmulatedKey* EmulatedSessions::key_of(SessionId id, Timestamp now) const
{
    return identity_.good_key(sessions_.at(id).key_id, now);
}

void EmulatedSessions::unsubscribe(SessionId id, std::string_view argument)
{
    std::vector<Subscription>& all = sessions_.at(id).subscriptions;
    const auto had =
        std::find_if(all.begin(), all.end(), [&](const Subscription& s) { return s.argument == argument; });
    if (had != all.end()) all.erase(had);
}

std::size_t EmulatedSessions::others(SessionId but, AccountId account, std::string_view channel,
                                     Timestamp now) const
{
    const auto has_it = [&](const auto& entry) {
        const auto& [id, session] = entry;
        const EmulatedKey* key = identity_.good_key(session.key_id, now);
        if (id == but || key == nullptr || key->account != account) return false;
        const auto& all = session.subscriptions;
        return std::any_of(all.begin(), all.end(),
                           [&](const Subscription& s) { return s.channel == channel; });
    };
    return static_cast<std::size_t>(std::count_if(sessions_.begin(), sessions_.end(), has_it));
}

void EmulatedSessions::say(SessionId id, std::string text, Timestamp now, SessionOutbox& out)
{
    if (heard(id, now)) out.send(id, std::move(text));
}

// What nobody spoke on for 30 s is cut, as the venue says it does.
void EmulatedSessions::on_tick(Timestamp now, SessionOutbox& out)
{
    for (auto& [id, session] : sessions_) {
        for (std::string& text : std::exchange(session.late, {})) say(id, std::move(text), now, out);
        if (setup_.manners) upgrade(id, session, now, out);
        if (now - session.alive < kIdleMax) continue;
        session.alive = now;
        out.close(id, 4004, "No data received in 30s");
    }
}

// "Notification": said 60 s before the connection is cut.
void EmulatedSessions::upgrade(SessionId id, Session& session, Timestamp now, SessionOutbox& out)
{
    const Duration age = now - session.opened;
    if (age >= kUpgradeNotice && !session.warned) {
        session.warned = true;
        session.alive = now;
        out.send(
            id,
            R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade.)"
            R"( Please reconnect.","connId":"emulated"})");
    } else if (session.warned && age >= kUpgradeCut) {
        session.opened = now;
        out.close(id, 1001, "Service upgrade");
    }
}

void EmulatedSessions::end(const EmulatedKey& key, SessionOutbox& out) const
{
    cut(
        sessions_, [&](const Session& s) { return s.key_id == key.key_id; }, "the key is gone", out);
}

}  // namespace arb::okx
