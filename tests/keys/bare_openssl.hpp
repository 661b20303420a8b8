#pragma once
// The library's own calls with nothing of ours between: what tests compare a token's signatures with, and the
// floor of the benchmarks. Tests and benchmarks only.
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>

namespace arb::bare {

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
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freed<&ECDSA_SIG_free>>;

inline const unsigned char* bytes(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// N is 32 for SHA-256 and 64 for SHA-512.
template <std::size_t N>
std::string hmac(std::string_view key, std::string_view message)
{
    std::array<unsigned char, N> out;
    unsigned size = 0;
    HMAC(N == 32 ? EVP_sha256() : EVP_sha512(), key.data(), static_cast<int>(key.size()), bytes(message),
         message.size(), out.data(), &size);
    return {reinterpret_cast<const char*>(out.data()), size};
}

inline Pkey ed25519_of_seed(std::string_view seed)
{
    return Pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes(seed), seed.size()));
}

/// Empty when the library fails.
inline std::string sign_ed25519(EVP_PKEY* key, std::string_view message)
{
    const DigestContext context(EVP_MD_CTX_new());
    std::string out(64, '\0');
    std::size_t size = out.size();
    const bool done = EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
                      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                     bytes(message), message.size()) == 1;
    return done ? out : std::string();
}

inline Pkey p256_made()
{
    return Pkey(EVP_EC_gen("P-256"));
}

inline std::string pem_of(EVP_PKEY* key)
{
    const std::unique_ptr<BIO, Freed<&BIO_free_all>> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

/// In DER, as the library gives it; empty when it fails.
inline std::string sign_p256(EVP_PKEY* key, std::string_view message)
{
    const DigestContext context(EVP_MD_CTX_new());
    std::string out(72, '\0');
    std::size_t size = out.size();
    const bool done = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                     bytes(message), message.size()) == 1;
    out.resize(done ? size : 0);
    return out;
}

inline bool verify(EVP_PKEY* key, const EVP_MD* digest, std::string_view message, std::string_view signature)
{
    const DigestContext context(EVP_MD_CTX_new());
    return key != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                            message.size()) == 1;
}

/// The public key's 32 bytes.
inline bool verify_ed25519(std::string_view public_key, std::string_view message, std::string_view signature)
{
    const Pkey key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(public_key), public_key.size()));
    return verify(key.get(), nullptr, message, signature);
}

/// The point as 4, x, y; the signature as r, s.
inline bool verify_p256(std::string_view point, std::string_view message, std::string_view signature)
{
    if (signature.size() != 64) return false;
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    std::string group = "P-256";
    std::string own(point);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, own.data(), own.size()),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY* made = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return false;
    const Pkey key(made);
    const EcdsaSignature pair(ECDSA_SIG_new());
    ECDSA_SIG_set0(pair.get(), BN_bin2bn(bytes(signature), 32, nullptr),
                   BN_bin2bn(bytes(signature) + 32, 32, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) return false;
    const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return verify(key.get(), EVP_sha256(), message, text);
}

}  // namespace arb::bare
