// The key pairs of crypto.hpp, through the EVP layer: they allocate whatever one does.
#include <array>
#include <memory>
#include <string>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/key_text.hpp"

namespace arb {

namespace {

/// Trouble of the library stays in a queue of the thread, where the next TLS call would take it for its own.
class ErrorQueueGuard {
  public:
    ErrorQueueGuard() = default;
    ErrorQueueGuard(const ErrorQueueGuard&) = delete;
    ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
    ~ErrorQueueGuard() { ERR_clear_error(); }
};

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const
    {
        Free(object);
    }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<&EVP_MD_CTX_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<&PKCS8_PRIV_KEY_INFO_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freed<&ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<&BN_free>>;

/// The longest signature in DER: two numbers of up to 33 bytes.
constexpr std::size_t kEcdsaDerMax = 72;

Pkey read_der(const KeyDer& der)
{
    const std::span<const unsigned char> bytes = der.bytes.bytes();
    const unsigned char* at = bytes.data();
    const auto size = static_cast<long>(bytes.size());
    Pkey key;
    if (der.sec1) {
        key.reset(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, size));
    } else {
        const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, size));
        if (info) key.reset(EVP_PKCS82PKEY(info.get()));
    }
    if (at != bytes.data() + bytes.size()) return nullptr;  // something follows the key
    return key;
}

PrivateKeyHandle handle_of(Pkey key)
{
    return PrivateKeyHandle(reinterpret_cast<PrivateKey*>(key.release()));
}
EVP_PKEY* library_key(const PrivateKeyHandle& key)
{
    return reinterpret_cast<EVP_PKEY*>(key.get());
}

bool is_p256(const EVP_PKEY* key)
{
    char group[32];
    std::size_t size = 0;
    return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1 &&
           std::string_view(group, size) == SN_X9_62_prime256v1;
}

/// The private number in range and the public point its own: a file may hold two halves that do not belong
/// together.
bool is_consistent(EVP_PKEY* key)
{
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return context && EVP_PKEY_check(context.get()) == 1;
}

Pkey public_point(std::span<const unsigned char> point)
{
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
    std::string group = SN_X9_62_prime256v1;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<unsigned char*>(point.data()),
                                          point.size()),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY* key = nullptr;
    // Refuses a point that is not on the curve.
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) return nullptr;
    return Pkey(key);
}

}  // namespace

void PrivateKeyDeleter::operator()(PrivateKey* key) const
{
    EVP_PKEY_free(reinterpret_cast<EVP_PKEY*>(key));
}

Ed25519Key::Ed25519Key(PrivateKeyHandle key, const PublicKey& public_key)
    : key_(std::move(key)), public_key_(public_key)
{
}

Result<Ed25519Key> Ed25519Key::from_handle(PrivateKeyHandle key)
{
    PublicKey public_key{};
    std::size_t size = public_key.size();
    const bool usable = key && EVP_PKEY_is_a(library_key(key), "ED25519") == 1 &&
                        EVP_PKEY_get_raw_public_key(library_key(key), public_key.data(), &size) == 1 &&
                        size == public_key.size();
    if (!usable) return refused_key("this is no Ed25519 private key in PKCS#8");
    return Ed25519Key(std::move(key), public_key);
}

Result<Ed25519Key> Ed25519Key::from_seed(std::span<const unsigned char> seed)
{
    const ErrorQueueGuard guard;
    if (seed.size() != 32) return refused_key("an Ed25519 seed has 32 bytes");
    return from_handle(
        handle_of(Pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()))));
}

Result<Ed25519Key> Ed25519Key::from_pkcs8(std::string_view text)
{
    const ErrorQueueGuard guard;
    const Result<KeyDer> der = read_pkcs8(text);
    if (!der) return der.error();
    return from_handle(handle_of(read_der(der.value())));
}

bool Ed25519Key::sign(std::string_view message, SignatureBytes& out) const
{
    const ErrorQueueGuard guard;
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = out.size();
    const std::span<const unsigned char> bytes = bytes_of(message);
    const bool done = context &&
                      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, library_key(key_)) == 1 &&
                      EVP_DigestSign(context.get(), out.data(), &size, bytes.data(), bytes.size()) == 1 &&
                      size == out.size();
    if (!done) out.fill(0);
    return done;
}

bool Ed25519Key::verify(std::span<const unsigned char> public_key, std::string_view message,
                        std::span<const unsigned char> signature)
{
    const ErrorQueueGuard guard;
    if (public_key.size() != 32 || signature.size() != 64) return false;
    const Pkey key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()));
    const DigestContext context(EVP_MD_CTX_new());
    const std::span<const unsigned char> bytes = bytes_of(message);
    return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(), bytes.size()) ==
               1;
}

EcdsaP256Key::EcdsaP256Key(PrivateKeyHandle key, const PublicKey& public_key)
    : key_(std::move(key)), public_key_(public_key)
{
}

Result<EcdsaP256Key> EcdsaP256Key::from_pem(std::string_view text)
{
    const ErrorQueueGuard guard;
    const Result<KeyDer> der = read_pem(text);
    if (!der) return der.error();
    Pkey key = read_der(der.value());
    if (!key || !is_p256(key.get())) return refused_key("this is no private key on the curve P-256");
    if (!is_consistent(key.get()))
        return refused_key("the private key is damaged: its halves do not belong together");
    PublicKey point{};
    std::size_t size = 0;
    // The encoding may be the compressed one where the file says so: ask for the other.
    const bool known =
        EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                       OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 1 &&
        EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                        &size) == 1 &&
        size == point.size() && point[0] == 4;
    if (!known) return refused_key("the private key's public point cannot be read");
    return EcdsaP256Key(handle_of(std::move(key)), point);
}

bool EcdsaP256Key::sign(std::string_view message, SignatureBytes& out) const
{
    const ErrorQueueGuard guard;
    out.fill(0);
    std::array<unsigned char, kEcdsaDerMax> der;
    std::size_t size = der.size();
    const DigestContext context(EVP_MD_CTX_new());
    const std::span<const unsigned char> bytes = bytes_of(message);
    const bool done =
        context &&
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, library_key(key_)) == 1 &&
        EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()) == 1;
    if (!done) return false;
    const unsigned char* at = der.data();
    const EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    if (!pair) return false;
    SignatureBytes both;
    if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), both.data(), 32) != 32) return false;
    if (BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), both.data() + 32, 32) != 32) return false;
    out = both;
    return true;
}

bool EcdsaP256Key::verify(std::span<const unsigned char> public_key, std::string_view message,
                          std::span<const unsigned char> signature)
{
    const ErrorQueueGuard guard;
    if (public_key.size() != 65 || public_key[0] != 4 || signature.size() != 64) return false;
    const Pkey key = public_point(public_key);
    const EcdsaSignature pair(ECDSA_SIG_new());
    Number r(BN_bin2bn(signature.data(), 32, nullptr));
    Number s(BN_bin2bn(signature.data() + 32, 32, nullptr));
    if (!key || !pair || !r || !s) return false;
    if (ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return false;
    static_cast<void>(r.release());  // the pair owns them now
    static_cast<void>(s.release());
    std::array<unsigned char, kEcdsaDerMax> der;
    unsigned char* end = der.data();
    const int size = i2d_ECDSA_SIG(pair.get(), &end);  // two numbers of 32 bytes always fit
    const DigestContext context(EVP_MD_CTX_new());
    const std::span<const unsigned char> bytes = bytes_of(message);
    return size > 0 && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), der.data(), static_cast<std::size_t>(size), bytes.data(),
                            bytes.size()) == 1;
}

}  // namespace arb
