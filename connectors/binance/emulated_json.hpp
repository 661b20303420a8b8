#pragma once
// JSON as clients of the emulated Binance send it: the members of a websocket call, and the lists that stand
// inside one parameter (symbols, orders of a batch). Only the emulated_*.cpp see it; no state.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/emulate/params.hpp"

namespace arb::binance {

/// A raw token without what stands behind it.
std::string json_token(std::string_view token);
/// The members of an object as parameters; a list stays JSON. False: unreadable, or an object inside it.
bool read_members(simdjson::ondemand::object object, Params& params);
/// `["A","B"]` or `[1,2]`; nothing: something else.
std::optional<std::vector<std::string>> read_list(std::string_view text);
/// `[{..},{..}]`; nothing: something else.
std::optional<std::vector<Params>> read_objects(std::string_view text);

/// A frame of a stream or of the websocket API.
struct EmulatedRequest {
    std::string id = "null";  // as JSON
    std::string method;
    Params params;
    std::vector<std::string> list;  // params of stream requests
    bool readable = false;
};
EmulatedRequest read_request(std::string_view text);

}  // namespace arb::binance
