#pragma once
// The websockets of the emulated Gate: who is on them, what they subscribed to and what they are told, and
// calls about orders once a client has logged on. Fed by EmulatedGate; one thread. Refusals are Gate's labels
// and error messages.
#include <map>
#include <string>
#include <vector>

#include "connectors/gate/emulated_accounts.hpp"
#include "connectors/gate/emulated_identity.hpp"
#include "connectors/gate/emulated_market_data.hpp"
#include "engine/emulate/sessions.hpp"

namespace arb::gate {

class EmulatedSessions : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    void open(SessionId id, const ServerRequest& upgrade, Timestamp now);
    void read(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out);
    void forget(SessionId id) { sessions_.erase(id); }

    void tell(const PublicNews& news, SessionOutbox& out) const
    {
        arb::publish(sessions_, news.topic, news.text, out);
    }
    void tell(const AccountNews& news, Timestamp now, SessionOutbox& out) const;
    /// Results that are late by now, and connections that are cut.
    void on_tick(Timestamp now, SessionOutbox& out);
    /// The key is good no longer.
    void end(const EmulatedKey& key, SessionOutbox& out) const;
    /// The answer to a request whose outcome the venue does not know; empty: there is none.
    std::string failed_frame(std::string_view text, Timestamp now) const;

  private:
    using Json = simdjson::dom::element;
    /// Topics are "spot.obu ob.BTC_USDT.50"; the key is that of the log-on for orders.
    struct Session : VenueSession {
        std::map<std::string, std::string> owned;  ///< the account's topics, with the key that signed
        bool decimal = false;                      ///< sizes of contracts as text
        bool warned = false;                       ///< of the upgrade that cuts it
    };
    /// A frame of a client.
    struct Frame {
        std::string channel, event, id, payload;
        Json message;
        std::int64_t time = 0;
    };

    void subscription(SessionId id, Session& session, const Frame& frame, Timestamp now, SessionOutbox& out);
    /// Of a channel of the account; empty: it is done, else why not.
    std::string own(Session& session, const Frame& frame, std::vector<std::string> names, Timestamp now,
                    int& code) const;
    void log_on(SessionId id, Session& session, const Frame& frame, Timestamp now, SessionOutbox& out) const;
    void order_frame(SessionId id, Session& session, const Frame& frame, Timestamp now, SessionOutbox& out);
    std::string verdict(const Frame& frame, int code, std::string_view message, Timestamp now) const;
    std::string header(std::string_view channel, int status, const RateLeft& budget, Timestamp now) const;
    std::string request_error(const Frame& frame, const VenueAnswer& why, Timestamp now,
                              const RateLeft& budget) const;
    static void upgrade(SessionId id, Session& session, Timestamp now, SessionOutbox& out);

    std::map<SessionId, Session> sessions_;
    std::uint64_t results_ = 0;  ///< of orders placed
};

}  // namespace arb::gate
