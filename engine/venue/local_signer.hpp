#pragma once
// Signers that hold the key in this process. HMAC signers neither allocate nor lock; the asymmetric ones cost
// 20-50 us a signature. Made by a connector's make_signer from the secret as its venue hands it out. Core
// thread.
#include <memory>
#include <span>

#include "engine/keys/credentials.hpp"
#include "engine/venue/crypto.hpp"

namespace arb {

/// The key as bytes (decode base64 first where the venue hands it out so).
std::unique_ptr<Signer> make_hmac_sha256_signer(std::span<const unsigned char> key);
std::unique_ptr<Signer> make_hmac_sha512_signer(std::span<const unsigned char> key);
std::unique_ptr<Signer> make_ed25519_signer(Ed25519Key key);
std::unique_ptr<Signer> make_ecdsa_signer(EcdsaP256Key key);

}  // namespace arb
