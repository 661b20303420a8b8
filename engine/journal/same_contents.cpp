#include "engine/journal/same_contents.hpp"

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/journal/file_closer.hpp"

namespace arb {

bool same_contents(const std::string& a, const std::string& b)
{
    const std::unique_ptr<std::FILE, FileCloser> first(std::fopen(a.c_str(), "rb"));
    const std::unique_ptr<std::FILE, FileCloser> second(std::fopen(b.c_str(), "rb"));
    if (!first || !second) return false;
    std::vector<char> left(1U << 18), right(1U << 18);
    for (;;) {
        const std::size_t read = std::fread(left.data(), 1, left.size(), first.get());
        if (std::fread(right.data(), 1, right.size(), second.get()) != read) return false;
        if (std::memcmp(left.data(), right.data(), read) != 0) return false;
        if (read < left.size()) return std::ferror(first.get()) == 0 && std::ferror(second.get()) == 0;
    }
}

}  // namespace arb
