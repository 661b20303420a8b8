#include "engine/keys/credentials.hpp"

namespace arb {

const char* name(KeyAlgorithm algorithm)
{
    switch (algorithm) {
        case KeyAlgorithm::hmac_sha256:
            return "hmac_sha256";
        case KeyAlgorithm::hmac_sha512:
            return "hmac_sha512";
        case KeyAlgorithm::ed25519:
            return "ed25519";
        case KeyAlgorithm::ecdsa_p256:
            return "ecdsa_p256";
    }
    return "?";
}

bool ReplaySigner::sign(std::string_view, Signature& out)
{
    out.bytes.fill(0);
    out.size = algorithm_ == KeyAlgorithm::hmac_sha256 ? 32 : 64;
    return true;
}

}  // namespace arb
