#include "engine/keys/process_guard.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace arb {

std::optional<Error> close_process_to_others()
{
    const struct rlimit none {
        0, 0
    };
    if (::setrlimit(RLIMIT_CORE, &none) != 0) {
        return Error{ExitCode::refused,
                     fmt::format("core dumps cannot be switched off ({}): no key is loaded; look at what "
                                 "forbids setrlimit here",
                                 std::strerror(errno))};
    }
    // A pipe in core_pattern gets dumps in spite of the limit; a process that is not dumpable has none.
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return Error{ExitCode::refused,
                     fmt::format("the process cannot be shut against debuggers ({}): no key is loaded; look "
                                 "at what forbids prctl here",
                                 std::strerror(errno))};
    }
    return std::nullopt;
}

bool process_is_closed()
{
    struct rlimit cores {};
    return ::getrlimit(RLIMIT_CORE, &cores) == 0 && cores.rlim_cur == 0 && cores.rlim_max == 0 &&
           ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

}  // namespace arb
