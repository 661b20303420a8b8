#pragma once
// One session with one PKCS#11 token, logged in, holding the one key that signs. Pkcs11Signer opens it and
// opens it again; nobody else calls it. p11-kit and its types stay in the source file. Core thread: calls
// wait for the token. Errors: `refused` for what asking again would not mend or would make worse (a PIN, a
// key that could leave its token), `usage` for what is not there, `internal` for what the token failed to
// do. No text holds the PIN, or anything that the token wrote.
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/keys/credentials.hpp"
#include "engine/keys/pkcs11_key.hpp"

namespace arb {

/// Seen only inside pkcs11_module.cpp.
struct Pkcs11Parts;

class Pkcs11Session {
  public:
    /// Loads the module, finds the token, logs in, finds the key, checks that it cannot leave the token and
    /// fits the algorithm, and has it sign a text that no venue takes.
    static Result<Pkcs11Session> open(const Pkcs11Key& key, const Secret& pin);
    Pkcs11Session(Pkcs11Session&&) noexcept;
    Pkcs11Session& operator=(Pkcs11Session&&) noexcept;
    ~Pkcs11Session();

    /// False: `out` is empty, trouble() tells why, and the session is to be closed.
    bool sign(std::string_view message, Signature& out);
    std::string trouble() const;
    /// The token's serial number, as it gave it.
    const std::string& serial() const;

  private:
    explicit Pkcs11Session(std::unique_ptr<Pkcs11Parts> parts);
    std::unique_ptr<Pkcs11Parts> parts_;
};

}  // namespace arb
