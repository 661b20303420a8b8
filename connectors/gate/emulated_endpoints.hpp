#pragma once
// The emulated Gate's table of endpoints, which is the same for REST and for the websocket, and what stands
// before each of them: the key's right, the call's expiry, the rate limit. Owns the parts that only calls
// reach. Asked by EmulatedGate and EmulatedSessions; one thread.
#include <span>
#include <string_view>

#include "connectors/gate/emulated_accounts.hpp"
#include "connectors/gate/emulated_identity.hpp"
#include "connectors/gate/emulated_lists.hpp"
#include "connectors/gate/emulated_market_data.hpp"
#include "connectors/gate/emulated_orders.hpp"

namespace arb::gate {

class EmulatedEndpoints {
  public:
    /// `{}` in a path stands for the order; `channel` is the name of the same call on the websocket.
    struct Endpoint {
        const char* method;
        const char* path;
        const char* channel;
        Right right;
        CountAs count;
        VenueAnswer (*handler)(EmulatedEndpoints&, const EmulatedCall&);
        bool places_orders() const { return std::string_view(channel) == "order_place"; }
    };

    EmulatedEndpoints(const EmulatedVenueSetup& setup, const EmulatedDialect& dialect,
                      EmulatedIdentity& identity, EmulatedMarketData& market, EmulatedAccounts& accounts,
                      EmulatedOrderNotes& notes, EmulatedFills& fills)
        : dialect_(dialect),
          identity_(identity),
          market_(market),
          accounts_(accounts),
          orders_(setup, dialect, notes),
          lists_(setup, dialect, notes, fills)
    {
    }

    std::span<const Endpoint> endpoints() const;
    /// The call of that name on the websocket; nullptr: there is none.
    const Endpoint* find_channel(std::string_view topic) const;
    /// One that needs no key, of a client at that address who named this path.
    VenueAnswer run_public(const Endpoint& endpoint, const EmulatedCall& call, std::string_view remote,
                           std::string_view path, RateLeft& budget);
    VenueAnswer run(const Endpoint& endpoint, const EmulatedCall& call, std::string_view expiry,
                    RateLeft& budget);

  private:
    template <auto kMethod>
    static VenueAnswer of_market(EmulatedEndpoints& desk, const EmulatedCall& call)
    {
        return (desk.market_.*kMethod)(call);
    }
    template <auto kMethod>
    static VenueAnswer of_account(EmulatedEndpoints& desk, const EmulatedCall& call)
    {
        return (desk.accounts_.*kMethod)(call);
    }
    template <auto kMethod>
    static VenueAnswer of_orders(EmulatedEndpoints& desk, const EmulatedCall& call)
    {
        return (desk.orders_.*kMethod)(call);
    }
    template <auto kMethod>
    static VenueAnswer of_lists(EmulatedEndpoints& desk, const EmulatedCall& call)
    {
        return (desk.lists_.*kMethod)(call);
    }

    const EmulatedDialect& dialect_;
    EmulatedIdentity& identity_;
    EmulatedMarketData& market_;
    EmulatedAccounts& accounts_;
    EmulatedOrders orders_;
    EmulatedLists lists_;
};

}  // namespace arb::gate
