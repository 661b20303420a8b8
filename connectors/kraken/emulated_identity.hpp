#pragma once
// Who asks the emulated Kraken, and may he: keys, signatures, nonces, the counter of a key's questions, and
// the tokens that stand for a key on a websocket. Part of the emulated venue; one thread.
#include <map>
#include <string>
#include <string_view>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_limits.hpp"

namespace arb::kraken {

class EmulatedIdentity : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// The refusal of a private question named `name`; empty: it is `key` that asks. `form`: the body's.
    std::string admit(const ServerRequest& request, std::string_view name, std::string_view form,
                      Timestamp now, const EmulatedKey*& key);
    std::string new_token(const EmulatedKey& key, Timestamp now);
    /// nullptr: the token is none, or none any more. `is_held`: a private subscription with it stands.
    const EmulatedKey* key_of_token(std::string_view token, bool is_held, Timestamp now) const;

  private:
    struct Token {
        const EmulatedKey* key = nullptr;
        Timestamp made;
    };
    std::string authenticate(const ServerRequest& request, std::string_view form, Timestamp now,
                             const EmulatedKey*& key);

    std::map<std::string, Token, std::less<>> tokens_;
    std::map<std::string, std::uint64_t> nonces_;    ///< by key
    std::map<std::string, VenueCounter> questions_;  ///< by key
    std::uint64_t next_token_ = 1;
};

}  // namespace arb::kraken
