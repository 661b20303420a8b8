#pragma once
// The cryptography that venues ask for: SHA-2, HMAC, Ed25519, ECDSA P-256 with SHA-256. Connectors' signers
// sign with it, emulated venues verify. Hashing and HMAC neither allocate nor lock; the key pairs do both
// and take 20-50 us a signature, so they belong off the hot path. Keys are move-only and wiped when they
// end. Errors are sentences that never hold any part of a key. Const members may be called from any thread.
#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include "engine/base/result.hpp"

namespace arb {

using Digest256 = std::array<unsigned char, 32>;
using Digest512 = std::array<unsigned char, 64>;
using SignatureBytes = std::array<unsigned char, 64>;  ///< Ed25519, and ECDSA as r || s

/// The parts of a message, hashed or signed as if they stood one after the other.
using MessageParts = std::initializer_list<std::string_view>;

Digest256 sha256(std::string_view message);
Digest256 sha256(MessageParts parts);
Digest512 sha512(std::string_view message);
Digest512 sha512(MessageParts parts);

/// In a time that depends on the sizes alone; false at once when they differ.
bool constant_time_equal(std::string_view a, std::string_view b);
bool constant_time_equal(std::span<const unsigned char> a, std::span<const unsigned char> b);

/// HMAC (RFC 2104) whose work on the key is done once: N is 32 for SHA-256, 64 for SHA-512.
template <std::size_t N>
class Hmac {
  public:
    static constexpr std::size_t kSize = N;
    using Digest = std::array<unsigned char, N>;

    /// The key as bytes, of any length. It is not kept, only the two states made of it.
    explicit Hmac(std::span<const unsigned char> key);
    Hmac(Hmac&& other) noexcept;
    Hmac& operator=(Hmac&& other) noexcept;
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;
    ~Hmac();

    void sign(std::string_view message, Digest& out) const;
    void sign(MessageParts parts, Digest& out) const;
    /// Constant time; any other size than N is false.
    bool verify(std::string_view message, std::span<const unsigned char> digest) const;

  private:
    /// A SHA256_CTX or SHA512_CTX after the first block, opaque here (checked in crypto.cpp).
    struct State {
        alignas(8) std::array<unsigned char, N == 32 ? 112 : 216> bytes{};
    };
    State inner_;
    State outer_;
};
extern template class Hmac<32>;
extern template class Hmac<64>;
using HmacSha256 = Hmac<32>;
using HmacSha512 = Hmac<64>;

/// A private key in the care of the library. Seen only inside crypto.cpp.
struct PrivateKey;
struct PrivateKeyDeleter {
    void operator()(PrivateKey* key) const;
};
using PrivateKeyHandle = std::unique_ptr<PrivateKey, PrivateKeyDeleter>;

/// Ed25519 (RFC 8032, pure). Signatures are deterministic.
class Ed25519Key {
  public:
    using PublicKey = std::array<unsigned char, 32>;

    /// The 32 bytes that RFC 8032 calls the private key.
    static Result<Ed25519Key> from_seed(std::span<const unsigned char> seed);
    /// PKCS#8 as PEM ("PRIVATE KEY", line ends of any kind or the two characters \n), as the bare base64 of
    /// it, or as DER bytes. Not encrypted.
    static Result<Ed25519Key> from_pkcs8(std::string_view text);

    /// False only when the library fails (memory); `out` is zero then.
    bool sign(std::string_view message, SignatureBytes& out) const;
    const PublicKey& public_key() const { return public_key_; }

    /// False for a wrong signature and for keys and signatures of wrong size or form.
    static bool verify(std::span<const unsigned char> public_key, std::string_view message,
                       std::span<const unsigned char> signature);

  private:
    Ed25519Key(PrivateKeyHandle key, const PublicKey& public_key);
    static Result<Ed25519Key> from_handle(PrivateKeyHandle key);
    PrivateKeyHandle key_;
    PublicKey public_key_;
};

/// ECDSA over P-256 with SHA-256, what a JWT calls ES256. Signatures are random by nature.
class EcdsaP256Key {
  public:
    /// Uncompressed point: 4, x, y.
    using PublicKey = std::array<unsigned char, 65>;

    /// PEM: "EC PRIVATE KEY" (SEC1) or "PRIVATE KEY" (PKCS#8), line ends of any kind or the two characters \n
    /// that venues' JSON files hold. Not encrypted.
    static Result<EcdsaP256Key> from_pem(std::string_view text);

    /// r || s, 32 bytes each, big-endian. False only when the library fails; `out` is zero then.
    bool sign(std::string_view message, SignatureBytes& out) const;
    const PublicKey& public_key() const { return public_key_; }

    /// False for a wrong signature and for keys (65 bytes as above) and signatures of wrong size or form.
    static bool verify(std::span<const unsigned char> public_key, std::string_view message,
                       std::span<const unsigned char> signature);

  private:
    EcdsaP256Key(PrivateKeyHandle key, const PublicKey& public_key);
    PrivateKeyHandle key_;
    PublicKey public_key_;
};

}  // namespace arb
