// SHA-2 and HMAC against RFC 4231 and FIPS 180, Ed25519 against RFC 8032, ECDSA P-256 against RFC 6979; what
// keys are refused and with which words; and that HMAC allocates nothing, neither of ours nor of OpenSSL's.
#include "engine/venue/crypto.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <gtest/gtest.h>

#include "engine/base/secret.hpp"
#include "engine/venue/encoding.hpp"
#include "tests/support/allocation_counter.hpp"

namespace arb {

namespace {

using namespace std::string_view_literals;

// OpenSSL does not use operator new: its calls are counted too, from before its first one.
std::uint64_t library_allocations = 0;

void* library_malloc(std::size_t size, const char*, int)
{
    ++library_allocations;
    return std::malloc(size);
}
void* library_realloc(void* block, std::size_t size, const char*, int)
{
    ++library_allocations;
    return std::realloc(block, size);
}
void library_free(void* block, const char*, int)
{
    std::free(block);
}
const bool counting = CRYPTO_set_mem_functions(library_malloc, library_realloc, library_free) == 1;

std::uint64_t allocations_so_far()
{
    return library_allocations + test::allocations.load();
}

std::string unhex_text(std::string_view text)
{
    return hex_decode(text).value();
}

template <class H>
std::string mac(std::string_view key, std::string_view message)
{
    typename H::Digest digest;
    H(bytes_of(key)).sign(message, digest);
    return hex_lower(digest);
}

TEST(Sha, fips_180_examples)
{
    EXPECT_EQ(hex_lower(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex_lower(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex_lower(sha512("")),
              "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
              "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
    EXPECT_EQ(hex_lower(sha512("abc")),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    EXPECT_EQ(hex_lower(sha256(std::string(1000000, 'a'))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha, parts_are_one_message)
{
    EXPECT_EQ(sha256({"a"sv, ""sv, "bc"sv}), sha256("abc"));
    EXPECT_EQ(sha512({"ab"sv, "c"sv}), sha512("abc"));
    // Two literals must not be taken for the two ends of one text.
    EXPECT_EQ(sha256({"ab", "c"}), sha256("abc"));
}

struct MacVector {
    std::string key;
    std::string message;
    std::string_view sha256;
    std::string_view sha512;
};

TEST(Hmac, rfc_4231)
{
    const std::string counting_key = unhex_text("0102030405060708090a0b0c0d0e0f10111213141516171819");
    const std::array<MacVector, 6> vectors{{
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
         "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
         "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
         "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
         "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
         "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
        {counting_key, std::string(50, '\xcd'),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
         "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
         "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
         "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
         "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
         "to be "
         "hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
         "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
         "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"},
    }};
    for (const MacVector& vector : vectors) {
        EXPECT_EQ(mac<HmacSha256>(vector.key, vector.message), vector.sha256);
        EXPECT_EQ(mac<HmacSha512>(vector.key, vector.message), vector.sha512);
    }
}

/// HMAC as its definition says, from the plain hashes: for key sizes around the block's.
template <std::size_t N>
std::string slow_mac(std::string_view key, std::string_view message)
{
    const auto hashed = [](MessageParts parts) {
        if constexpr (N == 32)
            return std::string(text_of(sha256(parts)));
        else
            return std::string(text_of(sha512(parts)));
    };
    const std::size_t block = N * 2;
    std::string inner(key.size() > block ? hashed({key}) : std::string(key));
    inner.resize(block);
    std::string outer = inner;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
    return hex_lower(hashed({outer, hashed({inner, message})}));
}

TEST(Hmac, keys_and_messages_around_the_block_size)
{
    for (std::size_t size = 0; size < 300; ++size) {
        const std::string key(size, 'k');
        const std::string message(size * 7 % 300, 'm');
        ASSERT_EQ(mac<HmacSha256>(key, message), slow_mac<32>(key, message)) << size;
        ASSERT_EQ(mac<HmacSha512>(key, message), slow_mac<64>(key, message)) << size;
    }
    const std::string huge(16U << 20, 'm');
    EXPECT_EQ(mac<HmacSha256>(huge, huge), slow_mac<32>(huge, huge));
}

template <class H>
void check_hmac_object()
{
    H key(bytes_of("test key"));
    typename H::Digest once;
    typename H::Digest again;
    key.sign("message", once);
    key.sign("another", again);
    EXPECT_NE(once, again);
    key.sign("message", again);
    EXPECT_EQ(once, again) << "signing leaves the key as it was";
    key.sign({"mes", "", "sage"}, again);
    EXPECT_EQ(once, again);
    key.sign({"mes", "sage"}, again);
    EXPECT_EQ(once, again) << "two literals must not be taken for the two ends of one text";

    H moved(std::move(key));
    moved.sign("message", again);
    EXPECT_EQ(once, again);
    H assigned(bytes_of("other key"));
    assigned = std::move(moved);
    assigned.sign("message", again);
    EXPECT_EQ(once, again);
    EXPECT_TRUE(assigned.verify("message", once));
    EXPECT_FALSE(assigned.verify("messagE", once));
    EXPECT_FALSE(assigned.verify("message", std::span(once).first(H::kSize - 1)));
    EXPECT_FALSE(assigned.verify("message", {}));
    for (std::size_t bit = 0; bit < H::kSize * 8; ++bit) {
        typename H::Digest wrong = once;
        wrong[bit / 8] = static_cast<unsigned char>(wrong[bit / 8] ^ (1U << bit % 8));
        EXPECT_FALSE(assigned.verify("message", wrong)) << bit;
    }
    static_assert(!std::is_copy_constructible_v<H> && !std::is_copy_assignable_v<H>);
}

TEST(Hmac, one_key_signs_many_messages_and_can_be_moved)
{
    check_hmac_object<HmacSha256>();
    check_hmac_object<HmacSha512>();
}

template <class H>
void check_hmac_is_wiped()
{
    alignas(H) std::array<unsigned char, sizeof(H)> place{};
    const auto is_clean = [&] { return place == std::array<unsigned char, sizeof(H)>{}; };
    H* key = new (place.data()) H(bytes_of("test key"));
    EXPECT_FALSE(is_clean());
    key->~H();
    EXPECT_TRUE(is_clean());
    key = new (place.data()) H(bytes_of("test key"));
    const H moved(std::move(*key));
    EXPECT_TRUE(is_clean()) << "the key left by a move";
    key->~H();
}

TEST(Hmac, states_are_wiped_at_the_end_and_by_a_move)
{
    check_hmac_is_wiped<HmacSha256>();
    check_hmac_is_wiped<HmacSha512>();
}

TEST(Hmac, allocates_nothing)
{
    ASSERT_TRUE(counting) << "OpenSSL was used before its allocations could be counted";
    const std::string message(500, 'm');
    Digest256 d256;
    Digest512 d512;
    const std::uint64_t before = allocations_so_far();
    const HmacSha256 short_key(bytes_of("test key"));
    const HmacSha512 long_key(bytes_of(message));
    for (int i = 0; i < 100; ++i) {
        short_key.sign(message, d256);
        short_key.sign({"POST", "/path", message}, d256);
        long_key.sign({message, text_of(d256)}, d512);
        d256 = sha256({text_of(d512), message});
        d512 = sha512(message);
        static_cast<void>(short_key.verify(message, d256));
    }
    EXPECT_EQ(allocations_so_far(), before);

    const std::uint64_t of_library = library_allocations;
    SignatureBytes signature;
    EXPECT_TRUE(Ed25519Key::from_seed(d256).take().sign(message, signature));
    EXPECT_GT(library_allocations, of_library) << "the counter sees what OpenSSL takes";
}

TEST(Encoding, decoding_takes_its_memory_at_once)
{
    // A growing string would leave pieces of a decoded key behind.
    const std::string bytes(1000, '\x5a');
    for (const auto& [decode, text] :
         {std::pair{&base64_decode, base64(bytes)}, std::pair{&base64url_decode, base64url(bytes)},
          std::pair{&hex_decode, hex_lower(bytes)}}) {
        const std::uint64_t before = test::allocations.load();
        const std::optional<std::string> decoded = decode(text);
        EXPECT_EQ(test::allocations.load() - before, 1U);
        EXPECT_EQ(decoded, bytes);
    }
}

TEST(ConstantTimeEqual, sizes_and_every_byte)
{
    EXPECT_TRUE(constant_time_equal(""sv, ""sv));
    EXPECT_TRUE(constant_time_equal("abc"sv, "abc"sv));
    EXPECT_FALSE(constant_time_equal("abc"sv, "abcd"sv));
    EXPECT_FALSE(constant_time_equal(""sv, "a"sv));
    for (const std::string_view other : {"Abc"sv, "aBc"sv, "abC"sv, "ab\0"sv})
        EXPECT_FALSE(constant_time_equal("abc"sv, other));
    EXPECT_FALSE(constant_time_equal(sha256("a"), sha256("b")));
}

}  // namespace

}  // namespace arb
