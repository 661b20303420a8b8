// The decoder's reading of channels that tell whether trading goes on: `instruments` and `status`.
#include "connectors/okx/decoder.hpp"
#include "connectors/okx/instruments.hpp"

namespace arb::okx {

// The list holds every instrument of a kind; since 2026-09-30 a push may hold the changed ones alone, and
// what is absent from it is as it was.
bool Decoder::read_instrument(JsonObject& object)
{
    std::string_view symbol;
    State state;
    for (auto field : object) {
        JsonKey key;
        JsonValue value;
        if (field.key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS)
            return fail(UndecodedReason::malformed);
        if (key == "instId") {
            if (!read_text(value, symbol, reason_)) return false;
        } else if (key == "state") {
            if (!read_text(value, state.word, reason_)) return false;
        }
    }
    state.listing = table_->find_symbol(venue_, symbol);
    if (state.listing == nullptr || states_.size() == states_.capacity()) return true;
    state.status = status_of_state(state.word);
    states_.push_back(state);
    return true;
}

// Maintenance, from the day it is planned to its end. What is told here stops all trading while it lasts:
// services of the kinds 5, 8 and 9 (trading as a whole, by accounts, by products). Of the others a
// websocket's own (0) is heard by its end, and what concerns single instruments (99) is told of those.
// Entries of the demo (env 2) speak of another place than this site.
bool Decoder::read_service(JsonObject& object)
{
    std::string_view kind, place;
    State state;
    for (auto field : object) {
        JsonKey key;
        JsonValue value;
        if (field.key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS)
            return fail(UndecodedReason::malformed);
        bool good = true;
        if (key == "serviceType") good = read_text(value, kind, reason_);
        if (key == "state") good = read_text(value, state.word, reason_);
        if (key == "env") good = read_text(value, place, reason_);
        if (!good) return false;
    }
    if ((kind != "5" && kind != "8" && kind != "9") || place == "2") return true;
    if (state.word == "scheduled") return true;
    // While it opens again only orders that do not take are accepted.
    if (state.word == "ongoing" || state.word == "pre_open")
        state.status = ListingStatus::halted;
    else if (state.word == "completed" || state.word == "canceled")
        state.status = ListingStatus::trading;
    if (states_.size() < states_.capacity()) states_.push_back(state);
    return true;
}

}  // namespace arb::okx
