#pragma once
// The emulated OKX in parts: who is from where a request is asks EmulatedOkx, who then hands it to the part
// that answers it. The parts know each other by this. One thread.
#include <tuple>

#include "connectors/okx/emulated_frames.hpp"
#include "connectors/okx/emulated_lists.hpp"
#include "connectors/okx/emulated_orders.hpp"

namespace arb::okx {

struct EmulatedParts {
    EmulatedVenueSetup setup;
    EmulatedSettings settings{setup};
    EmulatedDialect dialect{setup};
    EmulatedMoney money{*this};
    EmulatedIdentity identity{setup};
    EmulatedLimits limits{setup};
    EmulatedOrderNotes notes{*this};
    EmulatedOrders orders{*this};
    EmulatedLists lists{*this};
    EmulatedMarketData market{*this};
    EmulatedDeadMan dead_man{*this};
    EmulatedSessions sessions{setup, identity};
    EmulatedFeed feed{*this};
    EmulatedNews news{*this};
    EmulatedFrames frames{*this};

    /// Those that answer endpoints.
    auto answering() { return std::tie(market, lists, dead_man); }
};

}  // namespace arb::okx
