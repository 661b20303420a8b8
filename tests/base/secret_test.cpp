// Secret: what it refuses at compile time, and that nothing of it stays behind in memory. This file defines
// the program's munmap, to look at pages in the moment they are given back.
#include "engine/base/secret.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace {

/// The bytes to look at, and what was seen when their pages were given back.
struct Watched {
    const unsigned char* block = nullptr;
    std::size_t size = 0;
    bool freed = false;
    bool clean = false;
};
Watched watched;

}  // namespace

extern "C" int munmap(void* pages, std::size_t size) noexcept
{
    const auto* const begin = static_cast<const unsigned char*>(pages);
    if (watched.block != nullptr && watched.block >= begin && watched.block < begin + size) {
        watched.freed = true;
        watched.clean = std::all_of(watched.block, watched.block + watched.size,
                                    [](unsigned char byte) { return byte == 0; });
        watched.block = nullptr;
    }
    return static_cast<int>(::syscall(SYS_munmap, pages, size));
}

namespace arb {

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value)
{
    out << value;
};
template <class T>
concept Comparable = requires(const T& a, const T& b)
{
    a == b;
}
|| requires(const T& a, const T& b)
{
    a < b;
};
template <class T>
concept Hashable = requires(const T& value)
{
    std::hash<T>()(value);
};

static_assert(Printable<std::string> && Comparable<std::string> && Hashable<std::string>,
              "the concepts work");
static_assert(!Printable<Secret> && !Comparable<Secret> && !Hashable<Secret>);
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> &&
              !std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_constructible_v<std::string, Secret> &&
              !std::is_constructible_v<std::string_view, Secret>);
static_assert(!std::is_constructible_v<Secret, std::string>,
              "only by take, which wipes, or copy_of, which says so");

constexpr std::string_view kText = "test secret of some length, longer than a small string";

Secret secret_of(std::string_view text)
{
    std::string copy(text);
    return Secret::take(copy);
}

std::string_view view(const Secret& secret)
{
    return {reinterpret_cast<const char*>(secret.bytes().data()), secret.bytes().size()};
}

void watch(const Secret& secret)
{
    watched = {.block = secret.bytes().data(), .size = secret.bytes().size()};
}

TEST(Secret, take_moves_the_bytes_over_and_wipes_the_source)
{
    for (const std::string_view original : {std::string_view("short"), kText}) {
        std::string text(original);
        const char* const block = text.data();
        const std::size_t capacity = text.capacity();
        const Secret secret = Secret::take(text);
        EXPECT_EQ(view(secret), original);
        EXPECT_TRUE(text.empty());
        ASSERT_EQ(text.data(), block) << "the old block was not given back unwiped";
        EXPECT_TRUE(std::all_of(block, block + capacity, [](char c) { return c == '\0'; }));
    }
}

TEST(Secret, take_wipes_what_stood_in_the_text_before)
{
    std::string text(kText);
    text.resize(4);
    const char* const block = text.data();
    const Secret secret = Secret::take(text);
    EXPECT_EQ(view(secret), "test");
    EXPECT_TRUE(std::all_of(block, block + kText.size(), [](char c) { return c == '\0'; }));
}

TEST(Secret, its_end_wipes_it)
{
    {
        const Secret secret = secret_of(kText);
        watch(secret);
    }
    EXPECT_TRUE(watched.freed);
    EXPECT_TRUE(watched.clean);
}

TEST(Secret, pages_given_back_unwiped_are_seen)
{
    constexpr std::size_t kPage = 4096;
    void* const page = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(page, MAP_FAILED);
    std::memcpy(page, kText.data(), kText.size());
    watched = {.block = static_cast<const unsigned char*>(page), .size = kText.size()};
    ::munmap(page, kPage);
    EXPECT_TRUE(watched.freed);
    EXPECT_FALSE(watched.clean) << "the check itself sees nothing";
}

TEST(Secret, moving_leaves_nothing_in_the_source_and_wipes_the_target)
{
    Secret a = secret_of(kText);
    const unsigned char* const block = a.bytes().data();
    Secret b(std::move(a));
    EXPECT_TRUE(a.empty());
    EXPECT_TRUE(a.bytes().empty());
    EXPECT_EQ(view(b), kText);
    EXPECT_EQ(b.bytes().data(), block) << "moved, not copied";

    Secret c = secret_of("another test secret");
    watch(c);
    c = std::move(b);
    EXPECT_TRUE(watched.freed);
    EXPECT_TRUE(watched.clean);
    EXPECT_EQ(view(c), kText);
    EXPECT_TRUE(b.empty());

    Secret& same = c;
    c = std::move(same);
    EXPECT_EQ(view(c), kText) << "moving onto itself keeps it";
}

TEST(Secret, equals_compares_sizes_and_every_byte)
{
    const Secret secret = secret_of(kText);
    EXPECT_TRUE(secret.equals(secret_of(kText)));
    EXPECT_TRUE(Secret().equals(Secret()));
    EXPECT_FALSE(secret.equals(Secret()));
    EXPECT_FALSE(secret.equals(secret_of(kText.substr(1))));
    EXPECT_FALSE(secret.equals(secret_of(std::string(kText) + '\0')));
    for (std::size_t i = 0; i < kText.size(); ++i) {
        std::string other(kText);
        other[i] = static_cast<char>(other[i] ^ (1 << i % 8));
        EXPECT_FALSE(secret.equals(secret_of(other))) << i;
    }
}

TEST(Secret, copy_of_keeps_any_byte)
{
    std::array<unsigned char, 256> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
    const Secret secret = Secret::copy_of(bytes);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), secret.bytes().begin(), secret.bytes().end()));
    EXPECT_NE(secret.bytes().data(), bytes.data());
    EXPECT_TRUE(Secret::copy_of({}).empty());
}

TEST(Secret, made_is_filled_in_place)
{
    const unsigned char* seen = nullptr;
    const Secret secret = Secret::made(10'000, [&](std::span<unsigned char> bytes) {
        seen = bytes.data();
        EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](unsigned char byte) { return byte == 0; }));
        std::fill(bytes.begin(), bytes.end(), static_cast<unsigned char>('x'));
    });
    EXPECT_EQ(secret.bytes().data(), seen);
    EXPECT_EQ(view(secret), std::string(10'000, 'x'));
    EXPECT_TRUE(Secret::made(0, [](std::span<unsigned char> bytes) { EXPECT_TRUE(bytes.empty()); }).empty());
}

TEST(Secret, wipe_covers_exactly_what_it_is_told)
{
    std::string text = "abcdef";
    wipe(text.data() + 1, 4);
    EXPECT_EQ(text, std::string("a\0\0\0\0f", 6));
    wipe(nullptr, 0);
}

}  // namespace

}  // namespace arb
