#pragma once
// The venue's side of its own protocol: given what happened in an invented market it writes the bytes the
// venue would send. Written from the protocol sheet, not from the connector, so that the two can disagree
// in tests. Sans-I/O, one thread, deterministic: equal calls give equal bytes. This is the public market-data
// half; order entry joins it with the trading side of the connectors.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/time.hpp"

namespace arb {

/// One message of the venue: a websocket frame, or the reply to a GET of `url`.
struct VenueMessage {
    bool http = false;
    std::string url;
    std::string text;
};

/// The whole book after a change, best level first, in the instrument's units.
struct EmulatedBook {
    std::span<const Level> bids, asks;
};

class Emulator {
  public:
    virtual ~Emulator() = default;

    /// The address our side connects to.
    virtual std::string stream_url() const = 0;
    /// The venue's reply to "which instruments are there".
    virtual VenueMessage instruments(const std::vector<ListingDefinition>& definitions) = 0;
    /// What follows a subscription: acknowledgement, and the snapshot where the venue sends it by websocket
    /// or REST.
    virtual void subscribe(const Instrument&, const Listing&, const EmulatedBook&, Timestamp venue_time,
                           std::vector<VenueMessage>& out) = 0;
    /// Levels that changed (zero quantity: gone); `book` is the state after them.
    virtual void change(const Instrument&, const Listing&, std::span<const Level> bids,
                        std::span<const Level> asks, const EmulatedBook& book, Timestamp venue_time,
                        std::vector<VenueMessage>& out) = 0;
    virtual void trade(const Instrument&, const Listing&, const Trade& trade,
                       std::vector<VenueMessage>& out) = 0;
};

}  // namespace arb
