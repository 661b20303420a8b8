#pragma once
// Proofs of identity as Binance wants them: a signer from the secret as the venue hands it out (HMAC-SHA256
// text, or Ed25519 PKCS#8 as PEM), and a signature as text: hex for HMAC, base64 for Ed25519. Called at
// start (make_signer) and by Encoder on the core thread. Errors hold no part of the secret.
#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/keys/credentials.hpp"

namespace arb::binance {

Result<std::unique_ptr<Signer>> make_signer(const Secret& secret);

/// No allocation when `out` has room.
void append_signature(KeyAlgorithm algorithm, const Signature& signature, std::string& out);

}  // namespace arb::binance
