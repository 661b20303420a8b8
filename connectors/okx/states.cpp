#include "connectors/okx/states.hpp"

#include "connectors/okx/instruments.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kServicesMax = 16;  // entries of one message about the service

}  // namespace

TradingStates::TradingStates(VenueId venue, const InstrumentTable& table)
    : venue_(venue), table_(&table), statuses_(venue, table)
{
    states_.reserve(table.listings().size() + kServicesMax);
}

// The list holds every instrument of a kind; since 2026-09-30 a push may hold the changed ones alone, and
// what is absent from it is as it was.
bool TradingStates::read_instrument(JsonObject& object, UndecodedReason& reason)
{
    std::string_view symbol;
    State state;
    const bool all = for_members(object, reason, [&](JsonKey key, JsonValue& value) {
        if (key == "instId") return read_text(value, symbol, reason);
        return key != "state" || read_text(value, state.word, reason);
    });
    if (!all) return false;
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
bool TradingStates::read_service(JsonObject& object, UndecodedReason& reason)
{
    std::string_view kind, place;
    State state;
    const bool all = for_members(object, reason, [&](JsonKey key, JsonValue& value) {
        if (key == "serviceType") return read_text(value, kind, reason);
        if (key == "state") return read_text(value, state.word, reason);
        return key != "env" || read_text(value, place, reason);
    });
    if (!all) return false;
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

// A word that nobody knows is told, and nothing is risked on it.
void TradingStates::hand_on(ConnectionId connection, FactSink& sink)
{
    for (const State& state : states_) {
        if (state.status == ListingStatus::unknown)
            sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, state.word});
        const bool trades = state.status == ListingStatus::trading;
        if (state.listing != nullptr)
            statuses_.tell(state.listing->id, trades, sink);
        else
            statuses_.tell_all(trades, sink);
    }
}

}  // namespace arb::okx
