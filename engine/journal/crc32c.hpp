#pragma once
// CRC32C (Castagnoli, reflected polynomial 0x82F63B78): the checksum of journal blocks. Processors with
// SSE4.2 count eight bytes an instruction; elsewhere a table does it. Both give the same value. Any thread.
#include <cstddef>
#include <cstdint>

namespace arb {

/// The checksum of `size` bytes; `before` is the checksum of what stood before them (0 at the start), so that
/// crc32c(b, n, crc32c(a, m)) is that of a followed by b.
std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t before = 0);

/// The same without the instruction: the fallback, and what tests compare with.
std::uint32_t crc32c_by_table(const void* data, std::size_t size, std::uint32_t before = 0);

}  // namespace arb
