#pragma once
// A 64-bit running hash for books and decisions: the same on every build, platform and day. Not
// cryptographic. Each word is mixed by multiplication with rotation (the finaliser of MurmurHash3), so
// the value depends on order and content alone. Any thread.
#include <bit>
#include <cstdint>
#include <string_view>

namespace arb {

constexpr std::uint64_t mix(std::uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    x ^= x >> 33;
    return x;
}

class Hash {
  public:
    constexpr void add(std::uint64_t word) { state_ = mix(state_ ^ word) + 0x9e3779b97f4a7c15ULL; }
    constexpr void add_signed(std::int64_t word) { add(static_cast<std::uint64_t>(word)); }
    void add_text(std::string_view text)
    {
        add(text.size());
        for (const char c : text) add(static_cast<unsigned char>(c));
    }
    constexpr std::uint64_t value() const { return mix(state_); }

  private:
    std::uint64_t state_ = 0x243f6a8885a308d3ULL;
};

/// Short text to a table slot: symbols of a venue. At most a few nanoseconds for ordinary symbols.
inline std::uint64_t hash_symbol(std::string_view text)
{
    std::uint64_t h = text.size() * 0x9e3779b97f4a7c15ULL;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return h ^ (h >> 29);
}

}  // namespace arb
