#pragma once
// One request to the emulated OKX and its answer, and what all parts of the venue share: members of JSON
// bodies and the matching's refusals in OKX's codes. Read and written by every part; any thread, no state.
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/params.hpp"

namespace arb::okx {

using JsonBody = simdjson::dom::element;

/// What a call says: data entries, or OKX's code and text.
struct Answer {
    std::string data;  ///< JSON entries, comma-separated
    std::string code = "0";
    std::string text;
};

/// A code and a text of OKX's; no code: all is well.
struct Refusal {
    std::string_view code, text;
};

/// A request by REST; `key` is null where anybody may ask.
struct EmulatedCall {
    const ServerRequest* request = nullptr;
    const EmulatedKey* key = nullptr;
    JsonBody body;  ///< of a POST
    Timestamp now;
    std::string query(std::string_view name) const { return query_text(request->query(), name); }
};

constexpr const char* kNoInstrument = "Instrument ID doesn't exist.";

/// A text or number of an object as it is written there; empty when it is absent or neither.
std::string member(const JsonBody& object, std::string_view key);
/// OKX's code and text of a refusal by the matching; "0": it is none of an order that is placed.
std::pair<std::string_view, std::string_view> refusal_words(PlaceError error);

}  // namespace arb::okx
