#pragma once
// The websockets of the emulated Coinbase: who is on them, what they subscribed to and what they are told,
// with one counter of frames a connection. Fed by EmulatedCoinbase; one thread. Refusals are the venue's
// error messages.
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/coinbase/emulated_identity.hpp"
#include "connectors/coinbase/emulated_manners.hpp"
#include "connectors/coinbase/emulated_market_data.hpp"
#include "connectors/coinbase/emulated_order_notes.hpp"
#include "engine/emulate/sessions.hpp"

namespace arb::coinbase {

class EmulatedSessions : EmulatedPart {
  public:
    /// An event of a channel that takes products.
    struct Event {
        std::string_view channel, json;
    };

    using EmulatedPart::EmulatedPart;

    bool open(SessionId id, const ServerRequest& upgrade, Timestamp now);
    void read(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out);
    void forget(SessionId id) { sessions_.erase(id); }

    /// Each of the events to whom it concerns.
    void tell(const std::string& product, std::initializer_list<Event> events, Timestamp now,
              SessionOutbox& out);
    /// On the user channel of its account.
    void tell_order(const EmulatedOrder& order, Timestamp now, SessionOutbox& out);
    /// Heartbeats and slow channels; who subscribed to nothing, or hears nothing, is sent away.
    void on_tick(Timestamp now, SessionOutbox& out);
    /// The key is good no longer.
    void end(const EmulatedKey& key, SessionOutbox& out);

  private:
    using Products = std::vector<std::string>;
    /// `alive`: when it was told something.
    struct Session : VenueSession {
        SessionId id{};
        bool user_host = false;
        AccountId account{};
        std::map<std::string, std::set<std::string>> channels;  ///< products; empty where it takes none
        std::uint64_t sequence = 0;
        std::uint64_t beats = 0;
        Timestamp beat_due, slow_due;
        EmulatedWindow messages;
    };

    static void frame(Session& session, std::string_view channel, std::string_view events, Timestamp now,
                      SessionOutbox& out);
    static void refuse(Session& session, std::string_view message, Timestamp now, SessionOutbox& out);
    bool identify(Session& session, JsonBody message, bool required, Timestamp now, SessionOutbox& out);
    void subscribe(Session& session, std::string_view channel, const Products& products, Timestamp now,
                   SessionOutbox& out);
    void unsubscribe(Session& session, std::string_view channel, const Products& products, Timestamp now,
                     SessionOutbox& out);
    static void acknowledge(Session& session, Timestamp now, SessionOutbox& out);
    void user_snapshot(Session& session, Timestamp now, SessionOutbox& out);
    void tell_slowly(Session& session, std::string_view only, Timestamp now, SessionOutbox& out);

    std::map<SessionId, Session> sessions_;
};

}  // namespace arb::coinbase
