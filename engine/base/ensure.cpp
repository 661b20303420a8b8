#include "engine/base/ensure.hpp"

#include <cstdio>
#include <cstdlib>

namespace arb {

void ensure_failed(const char* expression, const char* promise, const char* file, int line)
{
    std::fprintf(stderr, "arbiter: broken promise at %s:%d: %s (%s)\n", file, line, promise, expression);
    std::abort();
}

}  // namespace arb
