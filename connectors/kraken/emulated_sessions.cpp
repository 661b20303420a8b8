#include "connectors/kraken/emulated_sessions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::kraken {
namespace {

constexpr Duration kHeartbeat = seconds(1);

}  // namespace

std::string reply_text(std::string_view method, std::string_view request, const Answer& answer, Timestamp now,
                       std::string_view symbol)
{
    const std::string tail = fmt::format(
        R"({}"time_in":"{}","time_out":"{}"}})",
        request.empty() ? std::string() : fmt::format("\"req_id\":{},", request), micros(now), micros(now));
    if (!answer.error.empty())
        return fmt::format(
            R"({{"method":"{}","success":false,"error":{},{}{})", method, json_text(answer.error),
            symbol.empty() ? std::string() : fmt::format(R"("symbol":{},)", json_text(symbol)), tail);
    return fmt::format(R"({{"method":"{}","success":true,"result":{},{})", method,
                       answer.result.empty() ? "{}" : answer.result, tail);
}

void EmulatedSessions::say(SessionId id, std::string text, Timestamp now, SessionOutbox& out)
{
    sessions_.at(id).alive = now;
    out.send(id, std::move(text));
}

void EmulatedSessions::answer(const SocketCall& call, const Answer& answer, std::string_view symbol)
{
    say(call.session, reply_text(call.method, call.request, answer, call.now, symbol), call.now, *call.out);
}

void EmulatedSessions::note_key(SessionId id, const EmulatedKey& key)
{
    const EmulatedKey*& first = sessions_.at(id).key;
    if (first == nullptr) first = &key;
}

void EmulatedSessions::join_private(SessionId id, const std::string& channel, const EmulatedKey& key,
                                    std::string_view token)
{
    Session& session = sessions_.at(id);
    session.key = &key;
    session.topics.insert(channel);
    session.tokens.emplace(token);
}

void EmulatedSessions::leave_private(SessionId id, const std::string& channel)
{
    Session& session = sessions_.at(id);
    session.topics.erase(channel);
    if (session.topics.count("executions") + session.topics.count("balances") == 0) session.tokens.clear();
}

std::vector<SessionId> EmulatedSessions::in_private(const std::string& channel, AccountId account) const
{
    return sessions_where(sessions_, [&](const Session& s) {
        return s.topics.count(channel) != 0 && s.key != nullptr && s.key->account == account;
    });
}

bool EmulatedSessions::is_held(std::string_view token) const
{
    return std::any_of(sessions_.begin(), sessions_.end(),
                       [&](const auto& s) { return s.second.tokens.count(token) > 0; });
}

void EmulatedSessions::on_tick(Timestamp now, SessionOutbox& out)
{
    for (const auto& [id, session] : sessions_) {
        if (now - session.alive >= kHeartbeat && !session.topics.empty())
            say(id, session.is_v1 ? R"({"event":"heartbeat"})" : R"({"channel":"heartbeat"})", now, out);
    }
}

void EmulatedSessions::on_key_changed(const EmulatedKey& key, SessionOutbox& out) const
{
    if (!key.revoked) return;
    const auto uses_it = [&](const Session& s) { return s.key != nullptr && s.key->key_id == key.key_id; };
    cut(sessions_, uses_it, "the key is gone", out);
}

}  // namespace arb::kraken
