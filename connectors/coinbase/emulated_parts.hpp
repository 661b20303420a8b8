#pragma once
// The emulated Coinbase in parts, which know each other by this: EmulatedCoinbase hands requests and frames
// to the part that answers them. One thread.
#include <tuple>

#include "connectors/coinbase/emulated_lists.hpp"
#include "connectors/coinbase/emulated_orders.hpp"
#include "connectors/coinbase/emulated_sessions.hpp"

namespace arb::coinbase {

struct EmulatedParts {
    EmulatedVenueSetup setup;
    EmulatedDialect dialect{setup};
    EmulatedManners manners{setup};
    EmulatedIdentity identity{setup};
    EmulatedMarketData market{*this};
    EmulatedOrderNotes notes{*this};
    EmulatedOrders orders{*this};
    EmulatedLists lists{*this};
    EmulatedSessions sessions{*this};

    /// Those that answer endpoints.
    auto answering() { return std::tie(market, lists, orders); }
};

}  // namespace arb::coinbase
