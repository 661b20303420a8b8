#pragma once
// Who asks the emulated Bybit, may he, and does he ask too often: keys, times, signatures and permissions of
// REST and of the sockets' log-ons, and the counts by account and by address. One thread; refusals are
// Bybit's codes.
#include <map>
#include <string>

#include "connectors/bybit/emulated_call.hpp"

namespace arb::bybit {

/// What a call takes: nothing, any key, or a right of the key.
enum class Need : std::uint8_t { nothing, key, read, trade };

class EmulatedIdentity {
  public:
    explicit EmulatedIdentity(const EmulatedVenueSetup& setup) : setup_(setup), counts_(setup.rate_limits) {}

    /// The signed request's key.
    Answer prove(const ServerRequest& request, Need need, Timestamp now, const EmulatedKey*& key) const;
    Answer check_key(std::string_view key_id, std::string_view remote, Timestamp now,
                     const EmulatedKey*& key) const;
    static Answer check_time(std::string_view stamp, std::string_view window, Timestamp now);
    static bool signature_good(const EmulatedKey& key, std::string_view payload, std::string_view signature);
    static Answer check_right(const EmulatedKey& key, Need need);
    /// One count of the account's for both ways of asking; `most` a second, 0: not counted.
    Answer count(const EmulatedCall& call, std::string_view what, int most);
    /// False: the address is shut out.
    bool count_address(const std::string& remote, Timestamp now);

  private:
    const EmulatedVenueSetup& setup_;
    RateCounts counts_;  ///< by account and path, or by address
    std::map<std::string, Timestamp> shut_out_;
};

}  // namespace arb::bybit
