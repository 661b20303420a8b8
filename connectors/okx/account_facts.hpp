#pragma once
// Orders, fills, balances, positions and fee rates in OKX's words to facts, whether they come from the
// private stream or from REST. Called by Account, core thread, no allocation. False: the entry could not be
// used, which was reported; entries of instruments that are not in the table are reported, too.
#include <simdjson.h>

#include "engine/venue/venue.hpp"

namespace arb::okx {

class AccountFacts {
  public:
    using Json = simdjson::dom::element;

    explicit AccountFacts(const VenueSetup& setup) : setup_(setup) {}

    bool order(const Json& entry, ReportSource source, FactSink& sink) const;
    /// The fill in an entry of the `orders` channel (under names of its own), or in a list of fills. None
    /// there: true.
    bool stream_fill(const Json& entry, FactSink& sink) const;
    /// `missing` is set when the venue does not know the fee yet. A minute after the trade, by the venue's
    /// clock
    /// (`venue_now`), it counts as zero, which is reported.
    bool fill(const Json& entry, Timestamp venue_now, FactSink& sink, bool& missing) const;
    bool balances(const Json& entry, ReportSource source, FactSink& sink) const;
    /// `which` is set to the position's listing when it is one of ours, also when its size cannot be read.
    bool position(const Json& entry, ReportSource source, FactSink& sink, ListingId& which) const;
    bool fees(const Json& entry, ListingId listing, FactSink& sink) const;
    /// One message of the private stream that has `arg`.
    void stream(const Json& message, ConnectionId connection, FactSink& sink) const;

    bool has_contracts() const;

  private:
    struct FillKeys;
    bool read_fill(const Json& entry, const FillKeys& keys, ReportSource source, FactSink& sink) const;
    const Listing* find(std::string_view symbol) const
    {
        return setup_.table->find_symbol(setup_.id, symbol);
    }
    static bool trouble(UndecodedReason reason, std::string_view text, FactSink& sink);

    VenueSetup setup_;
};

}  // namespace arb::okx
