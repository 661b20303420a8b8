#pragma once
// Websockets of the emulated Binance's clients: who listens to which market stream or private stream, and who
// is logged on at the websocket API. One thread; everything received is hostile.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/binance/emulated_dialect.hpp"
#include "connectors/binance/emulated_listen_keys.hpp"
#include "engine/emulate/sessions.hpp"

namespace arb::binance {

/// Topics are names of market streams.
struct EmulatedSession : VenueSession {
    enum class Door : std::uint8_t { stream, api, personal };
    struct Subscription {
        int id = 0;
        AccountId account{};
        std::string key_id;
    };
    Door door = Door::stream;
    bool combined = false;
    bool public_data = true, market_data = true;  ///< the futures route them apart
    std::string listen_key;
    std::vector<Subscription> subscriptions;
    int next_subscription = 0;
    EmulatedWindow messages;  ///< of a second
    bool shutdown_told = false;
};

class EmulatedSessions : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    bool open(SessionId id, const ServerRequest& upgrade, Timestamp now);
    void closed(SessionId id) { sessions_.erase(id); }
    /// Deals with a frame of a stream; the session, if it is a call of the websocket API.
    EmulatedSession* on_frame(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out);

    /// Names of market streams that somebody listens to and that begin like that.
    std::set<std::string> streams(std::string_view prefix) const;
    void publish(std::string_view stream, const std::string& text, SessionOutbox& out) const;
    /// To every private stream of the account.
    void tell(AccountId account, const std::string& event, SessionOutbox& out) const;
    void tell_expired(const std::string& listen_key, Timestamp now, SessionOutbox& out) const;
    void end_subscriptions(std::string_view key_id, Timestamp now, SessionOutbox& out);
    void restart_servers(Timestamp now, SessionOutbox& out);

    // Calls of the websocket API.
    Answer log_on(const Call&) const;
    Answer log_off(const Call&) const;
    Answer status(const Call&) const;
    Answer subscriptions(const Call&) const;
    Answer subscribe(const Call&) const;
    Answer subscribe_signed(const Call&) const;
    Answer unsubscribe(const Call&) const;

  private:
    /// By its address; false: there is none of that path.
    bool route(EmulatedSession& session, const ServerRequest& upgrade) const;
    void stream_frame(SessionId id, EmulatedSession& session, std::string_view text,
                      SessionOutbox& out) const;

    std::map<SessionId, EmulatedSession> sessions_;
};

}  // namespace arb::binance
