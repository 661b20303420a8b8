#pragma once
// Closes what std::fopen opened: the deleter of an owned file. Used by the readers and writers of this
// folder; no errors (who writes must flush and look before).
#include <cstdio>

namespace arb {

struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace arb
