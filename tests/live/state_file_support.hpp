#pragma once
// State logs of tests: small segments, and files that a test cuts, turns and puts back. Header only, tests
// only, one thread.
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "engine/live/state_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb::test {

inline constexpr std::size_t kStateBytes = 1U << 14;

inline std::unique_ptr<StateFile> opened_state(const std::string& path)
{
    return std::move(StateFile::open(path, kStateBytes)).take();
}

inline std::string bytes_of(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The file with these bytes and mode 0600.
inline void put_bytes(const std::string& path, const std::string& bytes)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    ::chmod(path.c_str(), 0600);
}

}  // namespace arb::test
