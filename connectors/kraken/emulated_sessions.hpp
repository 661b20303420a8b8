#pragma once
// The websockets of the emulated Kraken's clients: which channels each is in, with whose key and tokens, and
// when it was told something last. What a channel tells is for others to say. Part of the emulated venue;
// one thread.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kraken/emulated_forms.hpp"
#include "engine/emulate/sessions.hpp"

namespace arb::kraken {

/// A request by websocket v2.
struct SocketCall {
    SessionId session{};
    std::string_view method, request;  ///< `request`: its number
    Json parameters;
    Timestamp now;
    SessionOutbox* out = nullptr;
};

class EmulatedSessions {
  public:
    void open(SessionId id, bool is_v1, Timestamp now)
    {
        Session& session = sessions_[id] = {};
        session.is_v1 = is_v1;
        session.alive = now;
    }
    void close(SessionId id) { sessions_.erase(id); }
    bool is_open(SessionId id) const { return sessions_.count(id) != 0; }
    bool is_v1(SessionId id) const { return sessions_.at(id).is_v1; }

    void say(SessionId id, std::string text, Timestamp now, SessionOutbox& out);
    /// `symbol`: told with a refusal.
    void answer(const SocketCall& call, const Answer& answer, std::string_view symbol = {});

    /// Channels: "book:BTC/USD", "trade:BTC/USD", "instrument", "executions", ...
    void join(SessionId id, const std::string& channel) { sessions_.at(id).topics.insert(channel); }
    void leave(SessionId id, const std::string& channel) { sessions_.at(id).topics.erase(channel); }
    std::vector<SessionId> in(const std::string& channel) const
    {
        return sessions_where(sessions_, [&](const Session& s) { return s.topics.count(channel) != 0; });
    }

    /// A key's token was used for a request: that of the first one counts.
    void note_key(SessionId id, const EmulatedKey& key);
    void join_private(SessionId id, const std::string& channel, const EmulatedKey& key,
                      std::string_view token);
    void leave_private(SessionId id, const std::string& channel);
    std::vector<SessionId> in_private(const std::string& channel, AccountId account) const;
    /// A private channel was subscribed with that token.
    bool is_held(std::string_view token) const;

    /// Heartbeats.
    void on_tick(Timestamp now, SessionOutbox& out);
    void on_key_changed(const EmulatedKey& key, SessionOutbox& out) const;

  private:
    /// `alive`: when it was told something.
    struct Session : VenueSession {
        bool is_v1 = false;
        const EmulatedKey* key = nullptr;
        std::set<std::string, std::less<>> tokens;
    };
    std::map<SessionId, Session> sessions_;
};

/// How a request by websocket v2 is answered.
std::string reply_text(std::string_view method, std::string_view request, const Answer& answer, Timestamp now,
                       std::string_view symbol = {});

}  // namespace arb::kraken
