#pragma once
// What a connector needs to prove who we are: the key's public name, perhaps a passphrase, and a Signer that
// signs without showing the secret. Signers may live in the process (engine/venue/local_signer), in another
// process or in a token; a connector cannot tell. Replay and simulation use ReplaySigner, which signs
// nothing. Core thread.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/key_report.hpp"
#include "engine/base/secret.hpp"

namespace arb {

enum class KeyAlgorithm : std::uint8_t { hmac_sha256, hmac_sha512, ed25519, ecdsa_p256 };
const char* name(KeyAlgorithm algorithm);

/// Bytes of a signature: 32 for HMAC-SHA256, 64 for the others (ECDSA as r || s).
struct Signature {
    std::array<unsigned char, 64> bytes{};
    std::size_t size = 0;
    std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }
};

class Signer {
  public:
    virtual ~Signer() = default;
    virtual KeyAlgorithm algorithm() const = 0;
    /// False: the signer refused or is gone; nothing may be sent then. No allocation for in-process HMAC
    /// signers.
    virtual bool sign(std::string_view message, Signature& out) = 0;
};

/// A key of ours at one venue. Lives as long as the connectors that use it.
struct Credentials {
    std::string label;  ///< what people call it; the only part that may be shown or logged
    KeyRole role = KeyRole::trade;
    std::string key_id;  ///< the key's name at the venue, sent on the wire with each use
    Secret passphrase;   ///< OKX; else empty
    std::unique_ptr<Signer> signer;
};

/// Signs with zeros: for replay, where what we send goes nowhere. Its bytes are no signature anywhere.
class ReplaySigner final : public Signer {
  public:
    explicit ReplaySigner(KeyAlgorithm algorithm) : algorithm_(algorithm) {}
    KeyAlgorithm algorithm() const override { return algorithm_; }
    bool sign(std::string_view message, Signature& out) override;

  private:
    KeyAlgorithm algorithm_;
};

}  // namespace arb
