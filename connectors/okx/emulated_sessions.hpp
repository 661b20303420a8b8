#pragma once
// The websockets of the emulated OKX: whose they are, what they subscribed, when they are cut, and who is to
// hear what. What is said comes from the other parts; one thread, no errors.
#include <string>
#include <string_view>
#include <vector>

#include "connectors/okx/emulated_identity.hpp"
#include "connectors/okx/emulated_limits.hpp"
#include "engine/emulate/sessions.hpp"

namespace arb::okx {

/// `argument` as the client wrote it: every push repeats it.
struct Subscription {
    std::string channel, argument;
    std::string symbol, kind, asset;  ///< instId, instType, ccy; empty: all
};

class EmulatedSessions {
  public:
    EmulatedSessions(const EmulatedVenueSetup& setup, const EmulatedIdentity& identity)
        : setup_(setup), identity_(identity)
    {
    }

    /// False: there is no websocket at that path.
    bool open(SessionId id, const ServerRequest& upgrade, Timestamp now);
    void forget(SessionId id) { sessions_.erase(id); }
    /// The client said something; false: it is not there.
    bool heard(SessionId id, Timestamp now);
    /// The private socket.
    bool is_personal(SessionId id) const { return sessions_.at(id).personal; }
    const std::string& remote(SessionId id) const { return sessions_.at(id).remote; }
    void log_on(SessionId id, std::string key_id) { sessions_.at(id).key_id = std::move(key_id); }
    /// The key a session logged on with, while it is good.
    const EmulatedKey* key_of(SessionId id, Timestamp now) const;
    /// What it subscribed and logged on in this hour.
    EmulatedLimits::Window& requests(SessionId id) { return sessions_.at(id).requests; }

    void subscribe(SessionId id, Subscription wanted)
    {
        sessions_.at(id).subscriptions.push_back(std::move(wanted));
    }
    void unsubscribe(SessionId id, std::string_view argument);
    /// How many other sockets of the account have that channel.
    std::size_t others(SessionId id, AccountId account, std::string_view channel, Timestamp now) const;

    void say(SessionId id, std::string text, Timestamp now, SessionOutbox& out);
    /// A reply that the news of its order overtakes: it goes out with the next tick.
    void say_late(SessionId id, std::string text) { sessions_.at(id).late.push_back(std::move(text)); }
    /// To each subscription what `write` makes of it; an empty text is not sent.
    template <class Write>
    void tell(const Write& write, Timestamp now, SessionOutbox& out)
    {
        for (auto& [id, session] : sessions_) tell_one(id, session, write, now, out);
    }
    /// To those of one account alone.
    template <class Write>
    void tell(AccountId account, const Write& write, Timestamp now, SessionOutbox& out)
    {
        for (auto& [id, session] : sessions_) {
            const EmulatedKey* key = identity_.good_key(session.key_id, now);
            if (key != nullptr && key->account == account) tell_one(id, session, write, now, out);
        }
    }
    void on_tick(Timestamp now, SessionOutbox& out);
    /// The key was revoked.
    void end(const EmulatedKey& key, SessionOutbox& out) const;

  private:
    /// `alive`: when anything went either way.
    struct Session : VenueSession {
        bool personal = false;
        bool warned = false;  ///< of the upgrade that cuts it
        std::vector<Subscription> subscriptions;
        EmulatedLimits::Window requests;
    };
    template <class Write>
    static void tell_one(SessionId id, Session& session, const Write& write, Timestamp now,
                         SessionOutbox& out)
    {
        for (const Subscription& wanted : session.subscriptions) {
            std::string text = write(id, wanted);
            if (text.empty()) continue;
            session.alive = now;
            out.send(id, std::move(text));
        }
    }
    static void upgrade(SessionId id, Session& session, Timestamp now, SessionOutbox& out);

    const EmulatedVenueSetup& setup_;
    const EmulatedIdentity& identity_;
    std::map<SessionId, Session> sessions_;
};

}  // namespace arb::okx
