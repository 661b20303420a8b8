#pragma once
// One request to the emulated Coinbase and its answer, and the words that all parts of the venue share:
// refusals, order ids, texts of a body. Read and written by every part of it; any thread, no state.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/params.hpp"

namespace arb::coinbase {

using JsonBody = simdjson::dom::object;

struct CoinbaseAnswer {
    int status = 200;
    std::string body;
};

struct EmulatedCall {
    const ServerRequest* request = nullptr;
    const EmulatedKey* key = nullptr;
    Params parameters;
    std::string tail;  ///< what stands in the place of "{}" in an endpoint's path
    Timestamp now;
    std::string_view get(std::string_view name) const { return value_of(parameters, name); }
    /// Every value of a name that may be repeated, and of its singular.
    std::vector<std::string> all(std::string_view name, std::string_view singular) const;
    /// The body as a JSON object in the parser's memory; false: it is none.
    bool read_body(simdjson::dom::parser& parser, JsonBody& body) const;
};

CoinbaseAnswer failure(int status, std::string_view error, std::string_view message);
/// The request is not one that can be understood.
CoinbaseAnswer invalid(std::string_view message);
/// The number behind a venue order id; 0: no such id was ever given out.
std::uint64_t order_number(std::string_view id);
std::string order_id_text(std::uint64_t number);
/// The member as it is; empty where it is missing or no text.
std::string_view body_text(JsonBody body, std::string_view key);

}  // namespace arb::coinbase
