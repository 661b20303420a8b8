#pragma once
// The policy of `arbiter signer` from a TOML file: who may ask, and what each key may sign. A key that is not
// in it is not opened. The file must be ours or root's and not writable by others. Called at start; throws
// StartError (ExitCode::usage with file:line:col; refused for a file that others may change).
//
//   client = "arbiter"             # user (name or number) that is answered; default: our own user
//   group = "arbiter"              # only where the client is another user: the socket's group
//   [[key]]
//   venue = "okx"
//   label = "trade"
//   endpoints = ["GET /api/v5/account/*", "POST /api/v5/trade/order"]
//   orders_per_second = 20         # default 0: no orders
//   hours = "00-23"                # UTC, of orders and log-ons
//   sessions = false               # true: may log on where orders are not signed any more
//   unseen_orders = false          # true: may sign orders whose content the signature does not cover
//   [[key.limit]]                  # an instrument without a limit has no orders
//   instrument = "BTC-USDT"        # as the venue writes it
//   product = ""                   # Bybit: "linear", "inverse"; default: spot, or told by the name
//   margin = ""                    # OKX: "cross", "isolated"; Bybit spot: "leverage"; default: none
//   max_quantity = "0.5"           # one order, in the venue's units
//   max_notional = "20000"         # one order: quantity x price x contract
//   contract = "1"                 # what one unit of quantity holds
//   [key.token]                    # where the key never leaves a PKCS#11 token; the keystore's secret is its
//   PIN module = "/usr/lib/softhsm/libsofthsm2.so" token_label = "arbiter"        # or token_serial
//   object_label = "okx-main"      # or object_id (hex)
//   algorithm = "hmac_sha256"      # hmac_sha512, ed25519, ecdsa_p256
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/keys/signer_service.hpp"

namespace arb {

struct SignerPlan {
    uid_t client = 0;
    std::optional<gid_t> group;
    std::vector<KeyGrant> grants;
};

SignerPlan read_signer_policy(const std::string& path);

}  // namespace arb
