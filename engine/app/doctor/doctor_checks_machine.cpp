// The doctor's look at the machine: memory, limits, processor, the system's clock.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/app/doctor/doctor_checks.hpp"

namespace arb {
namespace {

constexpr std::string_view kGroup = "machine";
constexpr std::uint64_t kMemoryLockLeast = 256U << 10U;
constexpr std::uint64_t kDescriptorsLeast = 1024;

std::string bytes_text(std::uint64_t bytes)
{
    if (bytes == UINT64_MAX) return "no limit";
    return bytes >= (1U << 20U) ? fmt::format("{} MiB", bytes >> 20U) : fmt::format("{} KiB", bytes >> 10U);
}

void check_memory(DoctorChecks& checks, const MachineFacts& machine)
{
    constexpr std::string_view kFix = "ulimit -l 65536, or LimitMEMLOCK=64M in the unit";
    const std::string limit = fmt::format("may lock: {}", bytes_text(machine.memory_lock_bytes));
    if (!machine.secret_locked) {
        checks.add(kGroup, "memory locking", "", CheckState::failed,
                   "secrets cannot be kept out of swap; " + limit, kFix);
    } else if (machine.memory_lock_bytes < kMemoryLockLeast) {
        checks.add(kGroup, "memory locking", "", CheckState::warning,
                   "works, with little room for more keys; " + limit, kFix);
    } else {
        checks.add(kGroup, "memory locking", "", CheckState::ok, limit);
    }
    if (machine.closed)
        checks.add(kGroup, "core dumps", "", CheckState::ok, "off, and the process is closed to debuggers");
    else
        checks.add(kGroup, "core dumps", "", CheckState::failed,
                   "the process can be dumped or read by others, and with it its keys",
                   "look at what forbids setrlimit and prctl here (a container's profile, for one)");
}

void check_processor(DoctorChecks& checks, const MachineFacts& machine)
{
    if (machine.governor.empty())
        checks.add(kGroup, "CPU governor", "", CheckState::skipped, "this machine tells none");
    else if (machine.governor == "performance")
        checks.add(kGroup, "CPU governor", "", CheckState::ok, machine.governor);
    else
        checks.add(kGroup, "CPU governor", "", CheckState::warning,
                   fmt::format("{}: the processor slows down between frames", machine.governor),
                   "cpupower frequency-set -g performance");
    const std::string& idle = checks.request.config.idle;
    const std::string found = fmt::format("{} hardware threads, idle = \"{}\"", machine.threads, idle);
    if (idle == "spin" && machine.threads < 2) {
        checks.add(kGroup, "free cores", "", CheckState::warning,
                   found + ": the spinning core leaves none to journal and ledger",
                   "set idle = \"yield\", or give it a second core");
    } else {
        checks.add(kGroup, "free cores", "", CheckState::ok, found);
    }
}

// [host] of the configuration: what the run would be refused, or not gain by.
void check_host(DoctorChecks& checks, const MachineFacts& machine)
{
    const HostConfig& host = checks.request.config.host;
    constexpr std::string_view kName = "[host]";
    const auto& ours = machine.processors;
    if (host.core >= 0 && std::find(ours.begin(), ours.end(), host.core) == ours.end()) {
        checks.add(kGroup, kName, "core", CheckState::failed,
                   fmt::format("processor {} is none of those this process may use: {}", host.core,
                               fmt::join(ours, ", ")),
                   "choose another in [host] core, or allow it (taskset, AllowedCPUs in the unit)");
    } else if (host.core >= 0) {
        checks.add(kGroup, kName, "core", CheckState::ok, fmt::format("processor {} may be used", host.core));
    }
    if (host.lock_memory && machine.priority_most != UINT64_MAX && machine.memory_lock_bytes != UINT64_MAX)
        checks.add(kGroup, kName, "lock_memory", CheckState::failed,
                   fmt::format("may lock: {}", bytes_text(machine.memory_lock_bytes)),
                   "ulimit -l unlimited, or LimitMEMLOCK=infinity in the unit");
    if (host.fifo_priority == 0) return;
    if (machine.priority_most < static_cast<std::uint64_t>(host.fifo_priority)) {
        checks.add(kGroup, kName, "fifo_priority", CheckState::failed,
                   fmt::format("at most {} is allowed", machine.priority_most),
                   "ulimit -r 50, or LimitRTPRIO=50 in the unit");
    } else if (checks.request.config.idle == "spin" && machine.fifo_share_us >= 0 &&
               machine.fifo_share_us < 1'000'000) {
        checks.add(kGroup, kName, "fifo_priority", CheckState::warning,
                   fmt::format("the kernel stops a spinning thread of that kind {} ms of each second",
                               (1'000'000 - machine.fifo_share_us) / 1000),
                   "sysctl kernel.sched_rt_runtime_us=-1, or leave fifo_priority out");
    } else {
        checks.add(kGroup, kName, "fifo_priority", CheckState::ok, "may be used");
    }
}

}  // namespace

void check_machine(DoctorChecks& checks)
{
    const MachineFacts machine = checks.around.machine();
    check_memory(checks, machine);
    if (machine.descriptors < kDescriptorsLeast)
        checks.add(kGroup, "open files", "", CheckState::failed,
                   fmt::format("at most {}, wanted are {}", machine.descriptors, kDescriptorsLeast),
                   "ulimit -n 4096, or LimitNOFILE=4096 in the unit");
    else
        checks.add(kGroup, "open files", "", CheckState::ok,
                   machine.descriptors == UINT64_MAX ? std::string("no limit")
                                                     : fmt::format("at most {}", machine.descriptors));
    check_processor(checks, machine);
    check_host(checks, machine);
    if (!machine.synchronised)
        checks.add(kGroup, "time synchronisation", "", CheckState::skipped, "the kernel does not tell");
    else if (*machine.synchronised)
        checks.add(kGroup, "time synchronisation", "", CheckState::ok, "the system's clock is kept in step");
    else
        checks.add(kGroup, "time synchronisation", "", CheckState::warning,
                   "nothing keeps the system's clock in step",
                   "run chrony or systemd-timesyncd: timedatectl set-ntp true");
}

}  // namespace arb
