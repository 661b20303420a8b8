#pragma once
// How often the emulated OKX lets itself be asked. Spans of 2 s as a rule; private calls are counted a user,
// public ones an address, orders an instrument. One thread; told by what is returned.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::okx {

/// What a request does to an order; each has its own buckets.
enum class OrderVerb : std::uint8_t { place, amend, cancel };

class EmulatedLimits {
  public:
    /// A span that begins with the first request in it.
    struct Window {
        Timestamp begun;
        std::uint32_t count = 0;
    };
    explicit EmulatedLimits(const EmulatedVenueSetup& setup) : setup_(setup) {}

    bool request_too_fast(const ServerRequest& request, const EmulatedKey* key, Timestamp now);
    /// Counted an account, instrument and verb, in batches apart from single ones.
    bool orders_too_fast(const EmulatedKey& key, const Listing& listing, OrderVerb verb, bool batched,
                         Timestamp now);
    /// New orders and amends of an account together, whatever the instrument; spot is exempt.
    bool account_too_fast(const EmulatedKey& key, const Listing& listing, Timestamp now);
    /// Subscriptions and log-ons of one connection, whose window it is.
    bool control_too_fast(Window& window, Timestamp now) const;

  private:
    bool too_fast(AccountId account, std::string_view what, std::uint32_t max, Timestamp now,
                  Duration span = seconds(2));

    const EmulatedVenueSetup& setup_;
    std::map<std::pair<AccountId, std::string>, Window> windows_;
};

}  // namespace arb::okx
