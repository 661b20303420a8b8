#pragma once
// The emulated Binance in parts, which know each other by this: EmulatedBinance hands requests and frames to
// the part that answers them. One thread.
#include <tuple>

#include "connectors/binance/emulated_futures.hpp"
#include "connectors/binance/emulated_lists.hpp"
#include "connectors/binance/emulated_market_data.hpp"
#include "connectors/binance/emulated_orders.hpp"
#include "connectors/binance/emulated_tickers.hpp"

namespace arb::binance {

struct EmulatedParts {
    EmulatedVenueSetup setup;
    EmulatedDialect dialect{setup};
    InventedNumbers invented{};
    EmulatedLimits limits{*this};
    EmulatedListenKeys listen_keys{*this};
    EmulatedSessions sessions{*this};
    EmulatedMarketData data{*this};
    EmulatedTape tape{*this};
    EmulatedTickers tickers{*this};
    EmulatedOrderNotes notes{};
    EmulatedOrderTexts texts{*this};
    EmulatedPositions positions{*this};
    EmulatedFutures futures{*this};
    EmulatedOrderReader reader{*this};
    EmulatedLists lists{*this};
    EmulatedOrders orders{*this};
    EmulatedBatches batches{*this};

    /// Those that answer endpoints.
    auto answering()
    {
        return std::tie(data, tape, tickers, lists, futures, positions, orders, batches, listen_keys, limits,
                        sessions);
    }
};

}  // namespace arb::binance
