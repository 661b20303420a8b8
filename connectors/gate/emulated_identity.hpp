#pragma once
// Who asks the emulated Gate, may they, and how often: keys, signatures, clocks, rights, expiry and rate
// limits, by REST and by websocket. One thread; refusals are told by what is returned.
#include <string>
#include <string_view>

#include "connectors/gate/emulated_dialect.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb::gate {

/// What an endpoint wants of a key.
enum class Right : std::uint8_t { none, read, trade };
/// With what its calls are counted.
enum class CountAs : std::uint8_t { address, endpoint, orders, cancels };

class EmulatedIdentity : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// The key of that name, if it is good and asked from where it may be.
    VenueAnswer check_key(std::string_view key_id, std::string_view remote, Timestamp now,
                          const EmulatedKey*& key) const;
    static VenueAnswer check_right(const EmulatedKey& key, Right right);
    /// A client may say until when its call is good; empty: it did not.
    static VenueAnswer check_expiry(std::string_view expiry, Timestamp now);
    /// A signed request by REST.
    VenueAnswer prove(const ServerRequest& request, Timestamp now, const EmulatedKey*& key) const;
    /// The log-on for orders on a websocket.
    VenueAnswer prove_log_on(const Params& said, std::string_view channel, std::string_view remote,
                             Timestamp now, const EmulatedKey*& key) const;
    /// The subscription of an account's channel: its `auth` signs that text, which holds its `time`.
    VenueAnswer prove_subscription(const simdjson::dom::element& message, std::string_view text,
                                   std::int64_t time, std::string_view remote, Timestamp now,
                                   const EmulatedKey*& key) const;

    /// Counts a call; false: it was one too many. `endpoint` is its name.
    bool count(CountAs as, const std::string& endpoint, const EmulatedCall& call, RateLeft& budget);
    /// One that needs no key.
    bool count_public(std::string_view remote, std::string_view path, Timestamp now, RateLeft& budget);

  private:
    RateCounts counts_{setup_.rate_limits};
};

}  // namespace arb::gate
