#pragma once
// The websocket of Kraken's account and what whoever writes to it needs to know: with which token, and
// whether new orders may go. Kept by Account, read by its parts; core thread.
#include <cstdint>
#include <string>

#include "engine/connect/private_socket.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::kraken {

inline constexpr std::string_view kAuthUrl = "wss://ws-auth.kraken.com/v2";

/// A token serves one connection, so each dial waits for a new one.
constexpr SocketRules account_socket_rules()
{
    SocketRules rules;
    rules.url = kAuthUrl;
    rules.silence = seconds(30);
    rules.silence_text = "nothing heard for 30 s";
    rules.ping_after = seconds(15);
    rules.pause_first = rules.pause_most = seconds(5);
    rules.rests = true;
    return rules;
}

struct Session {
    explicit Session(VenueId venue) : socket(venue, account_socket_rules(), is_shut) {}
    Session(const Session&) = delete;

    bool is_shut = true;  ///< not started, or the venue refused the key
    PrivateSocket socket;
    bool is_entry_ready = false;            ///< the venue runs and watches over what is left resting: as told
    std::string token;                      ///< without it nothing private is said
    Verdict entry_trouble;                  ///< why this key may not trade: Outcome::key_trouble
    std::uint64_t next_number = 1'000'000;  ///< of a request

    ConnectionId connection() const { return socket.connection(); }
    /// The websocket stands.
    bool is_open() const { return socket.is_logging_on() || socket.is_open(); }
};

}  // namespace arb::kraken
