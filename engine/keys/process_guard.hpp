#pragma once
// Shuts this process against others of the same user: no core dumps, no ptrace, no reading of /proc/PID/mem.
// Call it before the first secret is loaded, from the main thread; children of fork inherit both, programs
// started by exec the limit alone. It cannot be undone and costs a debugger: attach as root.
#include <optional>

#include "engine/base/result.hpp"

namespace arb {

/// The leak sanitizer looks into its own process at the end, which a closed process does not allow.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kLeaksAreLookedFor = true;
#else
inline constexpr bool kLeaksAreLookedFor = false;
#endif

/// The error says which of the two the system refused; a secret should not be loaded then.
std::optional<Error> close_process_to_others();
/// Both hold now: for those who only look.
bool process_is_closed();

}  // namespace arb
