#pragma once
// Who asks the emulated Coinbase: the token's form, its times, the key behind it and the signature over its
// exact bytes; and whether that key, account or address asks too often. One thread; refusals are told by what
// is returned.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/coinbase/emulated_call.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb::coinbase {

class EmulatedIdentity {
  public:
    explicit EmulatedIdentity(const EmulatedVenueSetup& setup) : setup_(setup), counts_(setup.rate_limits) {}

    /// The key of a good token, bound to one of these uris (none: a websocket's); nullptr: it is not good.
    const EmulatedKey* prove(std::string_view token, const std::vector<std::string>& uris,
                             std::string_view remote, Timestamp now);
    /// Counts the call; false: it was one too many. Either way the reply says what is left.
    bool spend(const EmulatedCall& call, bool is_public, ServerReply& reply);
    static ServerReply too_many();

  private:
    bool signature_good(const EmulatedKey& key, std::string_view algorithm, std::string_view input,
                        std::string_view signature);

    const EmulatedVenueSetup& setup_;
    RateCounts counts_;                                              ///< by account or address, and by key
    std::map<std::string, std::vector<unsigned char>> public_keys_;  ///< by secret
};

}  // namespace arb::coinbase
