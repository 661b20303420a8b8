#pragma once
// The OKX v5 connector: spot, swaps and futures behind one public websocket address. One instance (market "")
// serves them all; ListingDefinition::market says which of the three a listing is. Found through
// connectors/registry.hpp. Sans-I/O, one thread; it trades when it has
// credentials.
#include "engine/venue/venue.hpp"

namespace arb::okx {

const ConnectorType& type();

}  // namespace arb::okx
