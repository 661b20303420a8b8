#pragma once
// Orders, fills, balances and fee rates in Gate's words to facts, whether a private channel, a reply on the
// websocket or REST tells them. Spot and contracts write them in their own ways, those of contracts are read
// by ContractDecoder. Called by Account and Questions, core thread, no allocation. False: the entry could not
// be used, which was reported; entries of markets that are not in the table are reported, too.
#include <simdjson.h>

#include "connectors/gate/contract_decoder.hpp"
#include "connectors/gate/market_names.hpp"

namespace arb::gate {

class PrivateDecoder {
  public:
    using Json = simdjson::dom::element;

    explicit PrivateDecoder(const VenueSetup& setup)
        : setup_(setup), words_(&words_of(setup)), contracts_(setup)
    {
    }

    bool order(const Json& entry, ReportSource source, FactSink& sink) const;
    bool fill(const Json& entry, ReportSource source, FactSink& sink) const;
    bool balance(const Json& entry, ReportSource source, FactSink& sink) const;
    bool fees(const Json& entry, ListingId listing, FactSink& sink) const;
    /// A push of a private channel. False: it tells of an account that is hedged.
    bool push(const Json& message, std::string_view channel, ConnectionId connection, FactSink& sink) const;
    const ContractDecoder& contracts() const { return contracts_; }

  private:
    VenueSetup setup_;
    const MarketNames* words_;
    ContractDecoder contracts_;
};

}  // namespace arb::gate
