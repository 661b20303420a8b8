#pragma once
// What Gate's two markets call the same things on their websockets. Spot pairs and contracts share the forms
// of log-on, requests, replies and channels; how an order, a fill or a wallet is written differs and stands
// where those are written and read. Constant data, no allocation.
#include <string_view>

#include "engine/venue/venue.hpp"

namespace arb::gate {

struct MarketNames {
    bool spot;
    std::string_view account_url;  ///< of the account's websocket
    std::string_view log_on, place, amend, cancel;
    std::string_view ping, pong;
    std::string_view prefix;  ///< of every channel
};

inline constexpr MarketNames kSpotWords{true,
                                        "wss://api.gateio.ws/ws/v4/#account",
                                        "spot.login",
                                        "spot.order_place",
                                        "spot.order_amend",
                                        "spot.order_cancel",
                                        "spot.ping",
                                        "spot.pong",
                                        "spot."};
inline constexpr MarketNames kContractWords{false,
                                            "wss://fx-ws.gateio.ws/v4/ws/usdt#account",
                                            "futures.login",
                                            "futures.order_place",
                                            "futures.order_amend",
                                            "futures.order_cancel",
                                            "futures.ping",
                                            "futures.pong",
                                            "futures."};

inline const MarketNames& words_of(const VenueSetup& setup)
{
    return setup.table->venue(setup.id).market == "spot" ? kSpotWords : kContractWords;
}

}  // namespace arb::gate
