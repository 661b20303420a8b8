#pragma once
// Gate v4 public messages to facts.
#include "engine/venue/venue.hpp"

namespace arb::gate {

class Decoder {
  public:
    Decoder(VenueId, const InstrumentTable&) {}
    void decode(ConnectionId, PaddedText, Timestamp, FactSink&) {}
};

}  // namespace arb::gate
