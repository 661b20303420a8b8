#pragma once
// What may be called at the emulated Binance, by REST and on its websocket API: who may, what it costs, who
// answers. A table each for spot and the futures. Const, any thread; no errors.
#include <span>

#include "connectors/binance/emulated_auth.hpp"

namespace arb::binance {

struct EmulatedEndpoint {
    const char* method;
    const char* path;  ///< empty: by the websocket API alone
    const char* word;  ///< of the websocket API, may be empty
    Security security;
    int weight;
    bool order;  ///< counts as an order
    Answer (*answer)(struct EmulatedParts&, const Call&);
    bool coinm = true;  ///< COIN-M answers it too, where it is public
};

std::span<const EmulatedEndpoint> emulated_endpoints(bool spot);

/// What a call of it costs.
int weight_of(const EmulatedEndpoint& endpoint, const Params& params, bool spot);

}  // namespace arb::binance
