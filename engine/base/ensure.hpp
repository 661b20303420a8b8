#pragma once
// ENSURE(condition, "what was promised"): a broken promise of our own. Always on, in release too: it prints
// the place and the promise to standard error and aborts. Trouble that the world causes (bad frames,
// rejects, missing files) is never an ENSURE but a value, see result.hpp.

namespace arb {

[[noreturn]] void ensure_failed(const char* expression, const char* promise, const char* file, int line);

}  // namespace arb

#define ENSURE(condition, promise)                                         \
    do {                                                                   \
        if (__builtin_expect(!(condition), 0)) {                           \
            ::arb::ensure_failed(#condition, promise, __FILE__, __LINE__); \
        }                                                                  \
    } while (false)
