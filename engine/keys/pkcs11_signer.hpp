#pragma once
// A Signer whose key lives in a hardware token and never leaves it: HMAC-SHA256, HMAC-SHA512, Ed25519 and
// ECDSA P-256 through PKCS#11. A key that is not sensitive, or that is extractable, is refused. The PIN is
// kept, wiped at the end, to log in again after the token was gone. Several signers may share a token: one
// login serves the whole process, so only the first PIN given is tried. Core thread: sign() waits for the
// token, and an attempt to open again takes longer than a signature.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/keys/pkcs11_module.hpp"

namespace arb {

class Pkcs11Signer final : public Signer {
  public:
    static Result<std::unique_ptr<Pkcs11Signer>> open(Pkcs11Key key, Secret pin);

    KeyAlgorithm algorithm() const override { return key_.algorithm; }
    /// False when anything fails, the session being closed then. Each later call tries once to open the same
    /// token (by its serial number) again, unless it was refused: a wrong PIN is never sent twice. Throws
    /// nothing.
    bool sign(std::string_view message, Signature& out) override;

    /// Why the last sign() was false, for people; empty while all is well.
    const std::string& trouble() const { return trouble_; }
    /// It will not sign again, whatever comes.
    bool given_up() const { return given_up_; }

  private:
    Pkcs11Signer(Pkcs11Key key, Secret pin, Pkcs11Session session);
    bool open_again();

    Pkcs11Key key_;
    Secret pin_;
    std::optional<Pkcs11Session> session_;
    std::string trouble_;
    bool given_up_ = false;
};

}  // namespace arb
