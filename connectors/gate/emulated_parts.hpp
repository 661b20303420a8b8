#pragma once
// The emulated Gate in parts, which know each other by this: EmulatedGate hands requests and frames to the
// part that answers them. One thread.
#include <tuple>

#include "connectors/gate/emulated_accounts.hpp"
#include "connectors/gate/emulated_lists.hpp"
#include "connectors/gate/emulated_market_data.hpp"
#include "connectors/gate/emulated_orders.hpp"
#include "connectors/gate/emulated_sessions.hpp"

namespace arb::gate {

struct EmulatedParts {
    EmulatedVenueSetup setup;
    EmulatedDialect dialect{setup};
    EmulatedIdentity identity{*this};
    EmulatedMarketData market{*this};
    EmulatedAccounts accounts{*this};
    EmulatedOrderNotes notes{*this};
    EmulatedFills fills{*this};
    EmulatedOrders orders{*this};
    EmulatedLists lists{*this};
    EmulatedSessions sessions{*this};

    /// Those that answer endpoints.
    auto answering() { return std::tie(market, accounts, orders, lists); }
};

}  // namespace arb::gate
