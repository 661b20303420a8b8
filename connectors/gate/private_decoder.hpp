#pragma once
// Orders, fills, balances, positions and fee rates in Gate's words to facts, whether a private channel, a
// reply on the websocket or REST tells them. Spot and contracts write them in their own ways, those of
// contracts stand in contract_decoder.cpp and have every number in quotes. Called by Account and Questions,
// core thread, no allocation. False: the entry could not be used, which was reported; entries of markets that
// are not in the table are reported, too.
#include <simdjson.h>

#include "connectors/gate/market_words.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::gate {

class PrivateDecoder {
  public:
    using Json = simdjson::dom::element;

    explicit PrivateDecoder(const VenueSetup& setup) : setup_(setup), words_(&words_of(setup)) {}

    bool order(const Json& entry, ReportSource source, FactSink& sink) const;
    bool fill(const Json& entry, ReportSource source, FactSink& sink) const;
    bool balance(const Json& entry, ReportSource source, FactSink& sink) const;
    bool fees(const Json& entry, ListingId listing, FactSink& sink) const;
    /// Contracts: `which` is set to the position's listing where the entry says what we have of it.
    bool position(const Json& entry, ReportSource source, FactSink& sink, ListingId& which) const;
    /// A push of a private channel. False: it tells of an account that is_hedged.
    bool push(const Json& message, std::string_view channel, ConnectionId connection, FactSink& sink) const;

    /// The order that a `text` names; kForeignOrder: none of ours.
    static OrderId order_of(std::string_view text);
    /// A position of one side, which is held beside one of the other side in the same contract: the account
    /// is not in one-way mode.
    static bool is_hedged(const Json& position);

  private:
    static bool trouble(UndecodedReason reason, std::string_view text, FactSink& sink);
    /// `received`: the currency of a plain fee. False: it is paid in two ways at once.
    static bool read_fee(AccountFields& fields, std::string_view received, FillReport& report);
    static void read_client(AccountFields& fields, OrderReport& report);
    /// Why an order that is not live any more has ended; `filled`: its status says so.
    static void read_end(AccountFields& fields, bool filled, OrderReport& report, FactSink& sink);

    // contract_decoder.cpp
    bool contract_order(const Json& entry, ReportSource source, FactSink& sink) const;
    bool contract_fill(const Json& entry, ReportSource source, FactSink& sink) const;
    bool contract_wallet(const Json& entry, ReportSource source, FactSink& sink) const;
    const Listing* find_contract(AccountFields& fields, FactSink& sink) const;

    VenueSetup setup_;
    const MarketWords* words_;
};

}  // namespace arb::gate
