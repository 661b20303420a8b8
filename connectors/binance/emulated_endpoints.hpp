#pragma once
// What may be called at the emulated Binance, by REST and on its websocket API: who may, what it costs, who
// answers. A table each for spot and the futures. Const, any thread; no errors.
#include <span>
#include <string_view>
#include <tuple>

#include "connectors/binance/emulated_auth.hpp"

namespace arb::binance {

/// Those who answer.
using EmulatedParts = std::tuple<class EmulatedOrders&, class EmulatedBatches&, class EmulatedLists&,
                                 class EmulatedFutures&, class EmulatedPositions&, class EmulatedListenKeys&,
                                 class EmulatedLimits&, class EmulatedSessions&, class EmulatedMarketData&,
                                 class EmulatedTape&, class EmulatedTickers&>;

struct EmulatedEndpoint {
    const char* method;
    const char* path;  ///< empty: by the websocket API alone
    const char* word;  ///< of the websocket API, may be empty
    Security security;
    int weight;
    bool order;  ///< counts as an order
    Answer (*answer)(const EmulatedParts&, const Call&);
    bool coinm = true;  ///< COIN-M answers it too, where it is public
};

std::span<const EmulatedEndpoint> emulated_endpoints(bool spot);

/// What a call of it costs.
int weight_of(const EmulatedEndpoint& endpoint, const Params& params, bool spot);

}  // namespace arb::binance
