#pragma once
// What the channels `instruments` and `status` say: which instruments trade, and whether the trading service
// does. Filled by Decoder while it reads a message, handed on once that has been read to its end. Core
// thread, no allocation after construction; what cannot be read is told by a reason.
#include <string_view>
#include <vector>

#include "engine/venue/json_fields.hpp"
#include "engine/venue/listing_statuses.hpp"

namespace arb::okx {

class TradingStates {
  public:
    TradingStates(VenueId venue, const InstrumentTable& table);

    /// A message begins.
    void clear() { states_.clear(); }
    bool read_instrument(JsonObject& object, UndecodedReason& reason);
    bool read_service(JsonObject& object, UndecodedReason& reason);
    void hand_on(ConnectionId connection, FactSink& sink);
    /// The channels are subscribed anew: what they said so far counts no more.
    void forget(FactSink& sink) { statuses_.forget(sink); }

  private:
    /// What was said of one instrument, or of the trading service (without a listing).
    struct State {
        const Listing* listing = nullptr;
        ListingStatus status = ListingStatus::unknown;
        std::string_view word;
    };
    VenueId venue_;
    const InstrumentTable* table_;
    std::vector<State> states_;
    ListingStatuses statuses_;
};

}  // namespace arb::okx
