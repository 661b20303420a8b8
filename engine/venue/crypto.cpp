// HMAC and hashing use the low-level calls on purpose: their contexts are plain structs that can be copied
// from the stack, where the EVP layer that OpenSSL 3 recommends allocates and looks the algorithm up under a
// lock at each use.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "engine/venue/crypto.hpp"

#include <cstring>
#include <type_traits>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "engine/base/secret.hpp"
#include "engine/venue/encoding.hpp"

namespace arb {

namespace {

struct Sha256 {
    static constexpr std::size_t kSize = 32;
    static constexpr std::size_t kBlock = 64;
    Sha256() { SHA256_Init(&context); }
    /// Goes on from a context that was kept.
    explicit Sha256(const void* kept) { std::memcpy(&context, kept, sizeof(context)); }
    void add(std::string_view bytes) { SHA256_Update(&context, bytes.data(), bytes.size()); }
    void finish(unsigned char* out) { SHA256_Final(out, &context); }
    SHA256_CTX context;
};

struct Sha512 {
    static constexpr std::size_t kSize = 64;
    static constexpr std::size_t kBlock = 128;
    Sha512() { SHA512_Init(&context); }
    /// Goes on from a context that was kept.
    explicit Sha512(const void* kept) { std::memcpy(&context, kept, sizeof(context)); }
    void add(std::string_view bytes) { SHA512_Update(&context, bytes.data(), bytes.size()); }
    void finish(unsigned char* out) { SHA512_Final(out, &context); }
    SHA512_CTX context;
};

template <std::size_t N>
using Sha = std::conditional_t<N == 32, Sha256, Sha512>;

template <class Hash>
std::array<unsigned char, Hash::kSize> hash(MessageParts parts)
{
    Hash hash;
    for (const std::string_view part : parts) hash.add(part);
    std::array<unsigned char, Hash::kSize> out;
    hash.finish(out.data());
    return out;
}

template <class Bytes, class Hash>
void store(Bytes& state, const Hash& hash)
{
    static_assert(sizeof(Bytes) == sizeof(hash.context),
                  "the header's opaque bytes hold the library's context");
    static_assert(std::is_trivially_copyable_v<decltype(hash.context)>);
    std::memcpy(state.data(), &hash.context, sizeof(hash.context));
}

}  // namespace

Digest256 sha256(std::string_view message)
{
    return hash<Sha256>({message});
}
Digest256 sha256(MessageParts parts)
{
    return hash<Sha256>(parts);
}
Digest512 sha512(std::string_view message)
{
    return hash<Sha512>({message});
}
Digest512 sha512(MessageParts parts)
{
    return hash<Sha512>(parts);
}

bool constant_time_equal(std::span<const unsigned char> a, std::span<const unsigned char> b)
{
    if (a.size() != b.size()) return false;
    return a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}
bool constant_time_equal(std::string_view a, std::string_view b)
{
    return constant_time_equal(bytes_of(a), bytes_of(b));
}

template <std::size_t N>
Hmac<N>::Hmac(std::span<const unsigned char> key)
{
    using Hash = Sha<N>;
    std::array<unsigned char, Hash::kBlock> pad{};
    if (key.size() > Hash::kBlock) {
        Hash shortened;
        shortened.add(text_of(key));
        shortened.finish(pad.data());
        wipe(&shortened, sizeof(shortened));
    } else if (!key.empty()) {
        std::memcpy(pad.data(), key.data(), key.size());
    }
    for (unsigned char& byte : pad) byte ^= 0x36;
    Hash inner;
    inner.add(text_of(pad));
    for (unsigned char& byte : pad) byte ^= 0x36 ^ 0x5c;
    Hash outer;
    outer.add(text_of(pad));
    store(inner_.bytes, inner);
    store(outer_.bytes, outer);
    wipe(pad.data(), pad.size());
    wipe(&inner, sizeof(inner));
    wipe(&outer, sizeof(outer));
}

template <std::size_t N>
Hmac<N>::Hmac(Hmac&& other) noexcept : inner_(other.inner_), outer_(other.outer_)
{
    wipe(&other.inner_, sizeof(State));
    wipe(&other.outer_, sizeof(State));
}

template <std::size_t N>
Hmac<N>& Hmac<N>::operator=(Hmac&& other) noexcept
{
    if (this == &other) return *this;
    inner_ = other.inner_;
    outer_ = other.outer_;
    wipe(&other.inner_, sizeof(State));
    wipe(&other.outer_, sizeof(State));
    return *this;
}

template <std::size_t N>
Hmac<N>::~Hmac()
{
    wipe(&inner_, sizeof(State));
    wipe(&outer_, sizeof(State));
}

template <std::size_t N>
void Hmac<N>::sign(MessageParts parts, Digest& out) const
{
    Sha<N> inner(inner_.bytes.data());
    for (const std::string_view part : parts) inner.add(part);
    inner.finish(out.data());
    Sha<N> outer(outer_.bytes.data());
    outer.add(text_of(out));
    outer.finish(out.data());
    // Either state is as good as the key to whoever finds it on the stack.
    wipe(&inner, sizeof(inner));
    wipe(&outer, sizeof(outer));
}

template <std::size_t N>
void Hmac<N>::sign(std::string_view message, Digest& out) const
{
    sign({message}, out);
}

template <std::size_t N>
bool Hmac<N>::verify(std::string_view message, std::span<const unsigned char> digest) const
{
    Digest right;
    sign(message, right);
    return constant_time_equal(std::span<const unsigned char>(right), digest);
}

template class Hmac<32>;
template class Hmac<64>;

}  // namespace arb
