#pragma once
// What the account's own settings ask of our orders, from GET /api/v5/account/config: read before the first
// order, because an order that does not fit them is refused when the other venue's leg is out already. Pure,
// core thread.
#include <string>

#include <simdjson.h>

namespace arb::okx {

struct AccountMode {
    bool spot_cross = false;  ///< spot orders go out as tdMode "cash" or "cross"
};

/// Empty when the account can trade spot, and contracts where they are wanted; else the sentence that says
/// what to change.
std::string read_account_mode(const simdjson::dom::element& entry, bool contracts, AccountMode& out);

}  // namespace arb::okx
