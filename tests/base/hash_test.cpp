// Golden values: every build, on every platform and day, computes the same hashes. They come from an
// independent computation with unbounded integers; a change here makes old recordings incomparable.
#include "engine/base/hash.hpp"

#include <initializer_list>

#include <gtest/gtest.h>

namespace arb {
namespace {

std::uint64_t hash_of(std::initializer_list<std::uint64_t> words)
{
    Hash hash;
    for (const std::uint64_t word : words) hash.add(word);
    return hash.value();
}

std::uint64_t hash_of_text(std::string_view text)
{
    Hash hash;
    hash.add_text(text);
    return hash.value();
}

TEST(Hash, mixing_is_fixed)
{
    static_assert(mix(1) == 0xb456bcfc34c2cb2cULL);
    EXPECT_EQ(mix(0), 0U);
    EXPECT_EQ(mix(0xdeadbeefULL), 0xd24bd59f862a1dacULL);
    EXPECT_EQ(mix(~0ULL), 0x64b5720b4b825f21ULL);
}

TEST(Hash, running_values_are_fixed)
{
    EXPECT_EQ(hash_of({}), 0x7acdbb98b1344213ULL);
    EXPECT_EQ(hash_of({1, 2, 3}), 0xe4b8453735bd4661ULL);
    EXPECT_EQ(hash_of({3, 2, 1}), 0x31d0433e32d65b5dULL);
    Hash negative;
    negative.add_signed(-1);
    negative.add_signed(INT64_MIN);
    EXPECT_EQ(negative.value(), 0x28b651ff431ef839ULL);
}

TEST(Hash, text_is_hashed_by_its_bytes)
{
    EXPECT_EQ(hash_of_text("BTC/USDT"), 0x9329dae11a5dd041ULL);
    EXPECT_EQ(hash_of_text("\xff\x80"), 0xeb4edd5f58ff2865ULL);  // the same where char is signed
    EXPECT_EQ(hash_of_text(""), 0xfe3b21b68ee956a5ULL);
    Hash joined, parted;
    joined.add_text("ab");
    joined.add_text("");
    parted.add_text("a");
    parted.add_text("b");
    EXPECT_NE(joined.value(), parted.value());
}

TEST(Hash, asking_for_the_value_changes_nothing)
{
    Hash hash;
    hash.add(1);
    EXPECT_EQ(hash.value(), hash.value());
    hash.add(2);
    EXPECT_EQ(hash.value(), hash_of({1, 2}));
    EXPECT_NE(hash_of({0}), hash_of({0, 0}));
}

TEST(Hash, symbols)
{
    EXPECT_EQ(hash_symbol(""), 0U);
    EXPECT_EQ(hash_symbol("BTCUSDT"), 0x265d5e4f02695bd3ULL);
    EXPECT_EQ(hash_symbol("BTC-USDT-SWAP"), 0x7434120283f5cda4ULL);
    EXPECT_EQ(hash_symbol("\xe9"), 0x22c0d2325d94f1aeULL);
}

}  // namespace
}  // namespace arb
