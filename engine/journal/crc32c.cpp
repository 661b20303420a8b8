#include "engine/journal/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif

namespace arb {
namespace {

constexpr std::array<std::uint32_t, 256> make_table()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F63B78U : 0U);
        table[i] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> kTable = make_table();

}  // namespace

std::uint32_t crc32c_by_table(const void* data, std::size_t size, std::uint32_t before)
{
    const auto* at = static_cast<const unsigned char*>(data);
    std::uint32_t state = ~before;
    for (std::size_t i = 0; i < size; ++i) state = (state >> 8) ^ kTable[(state ^ at[i]) & 0xff];
    return ~state;
}

#if defined(__SSE4_2__)

std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t before)
{
    const auto* at = static_cast<const unsigned char*>(data);
    std::uint64_t state = ~before;
    for (; size >= 8; size -= 8, at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        state = _mm_crc32_u64(state, word);
    }
    auto rest = static_cast<std::uint32_t>(state);
    for (; size > 0; --size, ++at) rest = _mm_crc32_u8(rest, *at);
    return ~rest;
}

#else

std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t before)
{
    return crc32c_by_table(data, size, before);
}

#endif

}  // namespace arb
