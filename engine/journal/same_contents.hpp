#pragma once
// Whether two names stand for one recording: the same file, or a copy of it. Reads both files as far as they
// are equal. Cold path, any thread.
#include <string>

namespace arb {

/// False also when one of them cannot be read.
bool same_contents(const std::string& a, const std::string& b);

}  // namespace arb
