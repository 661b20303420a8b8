#pragma once
// The websockets of the emulated Bybit: who is on them, what they subscribed to and what they are told, and
// the requests of the trade socket. Fed by EmulatedBybit; one thread. Refusals are the venue's replies.
#include <set>
#include <string>
#include <vector>

#include "connectors/bybit/emulated_books.hpp"
#include "connectors/bybit/emulated_dead_man.hpp"
#include "connectors/bybit/emulated_identity.hpp"
#include "connectors/bybit/emulated_tape.hpp"
#include "engine/emulate/sessions.hpp"

namespace arb::bybit {

class EmulatedSessions : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    bool open(SessionId id, const ServerRequest& upgrade, Timestamp now);
    void read(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out);
    void forget(SessionId id, Timestamp now);
    /// The key is good no longer.
    void end(const EmulatedKey& key, Timestamp now, SessionOutbox& out);
    void end_idle(Timestamp now, SessionOutbox& out);

    /// On a public topic.
    void publish(const std::string& topic, const std::string& text, SessionOutbox& out) const
    {
        arb::publish(sessions_, topic, text, out);
    }
    /// On the account's private sockets.
    void tell(AccountId account, std::string_view topic, const std::string& data, Timestamp now,
              SessionOutbox& out);

  private:
    enum class Door : std::uint8_t { open, personal, trade };
    /// `alive`: when its client said something.
    struct Session : VenueSession {
        Door door = Door::open;
        AccountId account{};
        std::set<std::string> requests;  ///< reqIds seen on the trade socket
        int orders = 0;                  ///< how many requests about orders it made
    };
    /// What is said on the public and the private socket.
    struct Said {
        std::string_view op, request;
        std::vector<std::string> args;
    };

    bool public_topic(std::string_view topic) const;
    void public_frame(SessionId id, Session& session, const Said& said, Timestamp now, SessionOutbox& out);
    void private_frame(SessionId id, Session& session, const Said& said, Timestamp now, SessionOutbox& out);
    void trade_frame(SessionId id, Session& session, std::string_view text, Timestamp now,
                     SessionOutbox& out);
    void order_frame(SessionId id, Session& session, std::string_view op, const Params& root,
                     const Params& header, EmulatedCall call, SessionOutbox& out);
    Answer log_on(Session& session, const std::vector<std::string>& args, Timestamp now) const;
    /// Sends them away for whom it is true.
    template <class IsMeant>
    void end_where(IsMeant is_meant, int code, std::string_view why, Timestamp now, SessionOutbox& out);

    std::map<SessionId, Session> sessions_;
    std::uint64_t invented_ = 0;  ///< numbers of messages
};

}  // namespace arb::bybit
