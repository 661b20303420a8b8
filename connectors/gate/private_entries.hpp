#pragma once
// What orders and fills of both markets write alike: whose they are, how a fee is paid, why an order ended.
// Read by PrivateDecoder and ContractDecoder; no allocation, no state.
#include <string_view>

#include "engine/venue/account_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb::gate {

/// The order that a `text` names; kForeignOrder: none of ours.
OrderId order_of(std::string_view text);
/// Reports it; false, since the entry could not be used.
bool trouble(UndecodedReason reason, std::string_view text, FactSink& sink);
/// `received`: the currency of a plain fee. False: it is paid in two ways at once.
bool read_fee(AccountFields& fields, std::string_view received, FillReport& report);
void read_client(AccountFields& fields, OrderReport& report);
/// Why an order that is not live any more has ended; `filled`: its status says so.
void read_end(AccountFields& fields, bool filled, OrderReport& report, FactSink& sink);

}  // namespace arb::gate
