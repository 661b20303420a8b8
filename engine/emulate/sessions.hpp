#pragma once
// The websockets of an emulated venue's clients: what every venue remembers of one, and which of them
// something concerns. What is subscribed, said and cut for is the venue's. One thread, no errors.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb {

/// A venue's own sessions begin with it.
struct VenueSession {
    std::string remote;             ///< the client's address
    std::string key_id;             ///< the key it logged on with; looked up each time, since keys change
    std::set<std::string> topics;   ///< what it subscribed to, as the venue names that
    std::vector<std::string> late;  ///< replies that the news of their orders overtook
    Timestamp opened, alive;        ///< `alive`: when there was a word on it last, of whom the venue counts
};

template <class Session, class IsMeant>
std::vector<SessionId> sessions_where(const std::map<SessionId, Session>& sessions, IsMeant is_meant)
{
    std::vector<SessionId> ids;
    for (const auto& [id, session] : sessions) {
        if (is_meant(session)) ids.push_back(id);
    }
    return ids;
}

/// Who has the topic hears it.
template <class Session>
void publish(const std::map<SessionId, Session>& sessions, const std::string& topic, const std::string& text,
             SessionOutbox& out)
{
    for (const auto& [id, session] : sessions) {
        if (session.topics.count(topic) > 0) out.send(id, text);
    }
}

/// They are remembered until they are closed.
template <class Session, class IsMeant>
void cut(const std::map<SessionId, Session>& sessions, IsMeant is_meant, std::string_view why,
         SessionOutbox& out)
{
    for (const SessionId id : sessions_where(sessions, is_meant)) out.close(id, 1000, why);
}

}  // namespace arb
