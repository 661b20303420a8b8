#pragma once
// Orders, fills, balances and fee rates in Gate's words to facts, whether a private channel, a reply on the
// websocket or REST tells them. Called by Account and Questions, core thread, no allocation. False: the entry
// could not be used, which was reported; entries of markets that are not in the table are reported, too.
#include <simdjson.h>

#include "engine/venue/venue.hpp"

namespace arb::gate {

class PrivateDecoder {
  public:
    using Json = simdjson::dom::element;

    explicit PrivateDecoder(const VenueSetup& setup) : setup_(setup) {}

    bool order(const Json& entry, ReportSource source, FactSink& sink) const;
    bool fill(const Json& entry, ReportSource source, FactSink& sink) const;
    bool balance(const Json& entry, ReportSource source, FactSink& sink) const;
    bool fees(const Json& entry, ListingId listing, FactSink& sink) const;
    /// A push of a private channel.
    void push(const Json& message, std::string_view channel, ConnectionId connection, FactSink& sink) const;

    /// The order that a `text` names; kForeignOrder: none of ours.
    static OrderId order_of(std::string_view text);

  private:
    VenueSetup setup_;
};

}  // namespace arb::gate
