#pragma once
// How Coinbase wants to be convinced: a JSON web token for each request and each authenticated websocket
// message, signed with a P-256 key (ES256) or an Ed25519 key (EdDSA). Used by the encoder and by whoever
// loads keys. A signature costs 20-50 us; allocates. Errors are sentences without any part of the secret.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/keys/credentials.hpp"

namespace arb::coinbase {

/// A token is good this long.
inline constexpr std::int64_t kTokenSeconds = 120;

/// The secret as the portal hands it out: PEM of a P-256 key (SEC1 or PKCS#8), PEM of an Ed25519 key, or the
/// base64 of an Ed25519 seed (32 bytes) or of seed and public key (64 bytes).
Result<std::unique_ptr<Signer>> make_signer(const Secret& secret);

struct TokenClaims {
    std::string_view key_id;  ///< the key's name: kid and sub
    std::string_view nonce;
    std::int64_t not_before = 0;  ///< seconds since 1970, the venue's clock
    std::string_view uri;         ///< "GET api.coinbase.com/..." without query; empty on a websocket
};

/// What is signed: header and claims, base64url, with a point between them.
std::string signing_input(KeyAlgorithm algorithm, const TokenClaims& claims);

/// The token; empty when the signer refuses.
std::string make_token(Signer& signer, const TokenClaims& claims);

}  // namespace arb::coinbase
