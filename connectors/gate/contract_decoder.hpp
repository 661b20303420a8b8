#pragma once
// The contracts' own orders, fills, wallet and positions to facts. Sizes are signed counts of contracts, and
// every number of a message stands in quotes by now (engine/venue/quoted_numbers.hpp). Owned by
// PrivateDecoder, whose rules hold here, too.
#include <simdjson.h>

#include "engine/venue/account_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb::gate {

class ContractDecoder {
  public:
    using Json = simdjson::dom::element;

    explicit ContractDecoder(const VenueSetup& setup) : setup_(setup) {}

    bool order(const Json& entry, ReportSource source, FactSink& sink) const;
    bool fill(const Json& entry, ReportSource source, FactSink& sink) const;
    bool wallet(const Json& entry, ReportSource source, FactSink& sink) const;
    /// `which` is set to the position's listing where the entry says what we have of it.
    bool position(const Json& entry, ReportSource source, FactSink& sink, ListingId& which) const;
    /// A position of one side, which is held beside one of the other side in the same contract: the account
    /// is not in one-way mode.
    static bool is_hedged(const Json& position);

  private:
    const Listing* find_contract(AccountFields& fields, FactSink& sink) const;

    VenueSetup setup_;
};

}  // namespace arb::gate
