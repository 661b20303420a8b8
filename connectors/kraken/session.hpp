#pragma once
// What the websocket of Kraken's account is like at the moment, which whoever writes to it needs: where it
// is, with which token, and whether new orders may go. Kept by Account, read by its parts; core thread.
#include <cstdint>
#include <string>

#include "engine/venue/account_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

struct Session {
    ConnectionId connection{};
    bool is_open = false;                   ///< the websocket stands
    bool is_entry_ready = false;            ///< the venue runs and watches over what is left resting: as told
    std::string token;                      ///< without it nothing private is said
    Verdict entry_trouble;                  ///< why this key may not trade: Outcome::key_trouble
    std::uint64_t next_number = 1'000'000;  ///< of a request
};

}  // namespace arb::kraken
