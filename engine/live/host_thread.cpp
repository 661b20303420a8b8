#include "engine/live/host_thread.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>

namespace arb {
namespace {

// Before a thread was bound the process could use these; read at start-up, when there is one thread.
const cpu_set_t kProcessors = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    (void)::sched_getaffinity(0, sizeof set, &set);
    return set;
}();

Error refused(const char* key, std::string_view wanted, std::string_view mend)
{
    return {ExitCode::usage,
            fmt::format("[host] {}: {} is not allowed: {}; {}", key, wanted, std::strerror(errno), mend)};
}

}  // namespace

bool pin_thread(int core)
{
    if (core < 0) return true;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (core >= CPU_SETSIZE) return false;
    CPU_SET(static_cast<std::size_t>(core), &set);
    return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

void leave_engine_core()
{
    (void)::sched_setaffinity(0, sizeof kProcessors, &kProcessors);
}

Result<bool> take_host(const HostConfig& host)
{
    if (host.lock_memory && ::mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        return refused("lock_memory", "keeping all memory", "ulimit -l unlimited, or LimitMEMLOCK=infinity");
    if (!pin_thread(host.core)) {
        return refused("core", fmt::format("processor {}", host.core),
                       "see /proc/self/status, Cpus_allowed_list, for those that are");
    }
    if (host.fifo_priority == 0) return true;
    struct sched_param wanted {};
    wanted.sched_priority = host.fifo_priority;
    // Threads that this one begins are ordinary again.
    if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &wanted) != 0) {
        return refused("fifo_priority", fmt::format("SCHED_FIFO at {}", host.fifo_priority),
                       "ulimit -r 50, LimitRTPRIO=50 in the unit, or CAP_SYS_NICE");
    }
    return true;
}

}  // namespace arb
