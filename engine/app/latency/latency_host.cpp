#include "engine/app/latency/latency_host.hpp"

#include <charconv>
#include <fstream>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::size_t kProcessorsMax = 1024;

// The first line; empty: it cannot be read.
std::string line_of(const std::string& path)
{
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\n')) line.pop_back();
    return line;
}

std::string processor_file(const std::string& root, std::size_t processor, std::string_view name)
{
    return fmt::format("{}/sys/devices/system/cpu/cpu{}/{}", root, processor, name);
}

// "0-3,7": whether it names this processor.
bool names_processor(std::string_view list, std::size_t wanted)
{
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view part = list.substr(0, comma);
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        std::size_t first = 0, last = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), first);
        if (error != std::errc{}) return false;
        last = first;
        const auto at = static_cast<std::size_t>(end - part.data());
        if (at < part.size() && part[at] == '-')
            (void)std::from_chars(part.data() + at + 1, part.data() + part.size(), last);
        if (first <= wanted && wanted <= last) return true;
    }
    return false;
}

HostCheck check_isolation(const std::string& root, int core)
{
    HostCheck check{"isolated cores", HostState::costs, "", ""};
    const std::string isolated = line_of(root + "/sys/devices/system/cpu/isolated");
    const std::string command = line_of(root + "/proc/cmdline");
    if (command.empty()) {
        check.state = HostState::unknown;
        check.found = "the kernel's command line cannot be read";
        return check;
    }
    if (isolated.empty()) {
        check.found = "none: other programs and the kernel's own work may take the engine's core";
        check.mend = "boot with isolcpus=N nohz_full=N rcu_nocbs=N, and pin the engine there: --cores N,M";
    } else if (core >= 0 && names_processor(isolated, static_cast<std::size_t>(core))) {
        check.state = HostState::good;
        check.found = fmt::format("core {} of {}", core, isolated);
    } else {
        check.found = fmt::format("{} are isolated, and the engine does not run there", isolated);
        check.mend = "pin the engine's thread to one of them: --cores N,M";
    }
    return check;
}

HostCheck check_governor(const std::string& root)
{
    HostCheck check{"frequency governor", HostState::unknown,
                    "this machine tells none (a guest: ask its host)", ""};
    std::string worst;
    for (std::size_t i = 0; i < kProcessorsMax; ++i) {
        const std::string governor = line_of(processor_file(root, i, "cpufreq/scaling_governor"));
        if (governor.empty()) break;
        check.state = HostState::good;
        if (governor != "performance") worst = governor;
    }
    if (check.state == HostState::unknown) return check;
    check.found = worst.empty() ? "performance" : worst + ": the processor slows down between frames";
    if (worst.empty()) return check;
    check.state = HostState::costs;
    check.mend = "cpupower frequency-set -g performance";
    return check;
}

HostCheck check_sleep_states(const std::string& root)
{
    HostCheck check{"sleep states", HostState::unknown, "", ""};
    const std::string driver = line_of(root + "/sys/devices/system/cpu/cpuidle/current_driver");
    std::string deepest;
    std::uint64_t longest = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        const std::string state = processor_file(root, 0, fmt::format("cpuidle/state{}/", i));
        const std::string name = line_of(state + "name");
        if (name.empty()) break;
        const std::string latency = line_of(state + "latency");
        std::uint64_t us = 0;
        (void)std::from_chars(latency.data(), latency.data() + latency.size(), us);
        if (line_of(state + "disable") == "1" || us < longest) continue;
        longest = us;
        deepest = name;
    }
    if (driver.empty() || driver == "none" || deepest.empty()) {
        check.found = "this machine tells none (a guest sleeps as its host decides)";
        check.mend = "spin: idle = \"spin\"; on the host: processor.max_cstate=1 or idle=poll";
        return check;
    }
    check.state = longest <= 2 ? HostState::good : HostState::costs;
    check.found = fmt::format("deepest {}, {} us to wake up", deepest, longest);
    if (check.state == HostState::costs)
        check.mend = "boot with processor.max_cstate=1, or cpupower idle-set -D 2";
    return check;
}

HostCheck check_hyperthreads(const std::string& root, int core)
{
    HostCheck check{"hyperthreads", HostState::unknown, "this machine does not tell", ""};
    const std::size_t asked = core < 0 ? 0 : static_cast<std::size_t>(core);
    const std::string siblings = line_of(processor_file(root, asked, "topology/thread_siblings_list"));
    if (siblings.empty()) return check;
    const bool shared = siblings.find_first_of(",-") != std::string::npos;
    check.state = shared ? HostState::costs : HostState::good;
    check.found = shared ? fmt::format("processors {} share one core", siblings)
                         : "each processor is a core of its own";
    if (shared)
        check.mend =
            "keep the sibling of the engine's processor idle, or turn it off: echo 0 > "
            "/sys/devices/system/cpu/cpuN/online";
    return check;
}

HostCheck check_huge_pages(const std::string& root)
{
    HostCheck check{"transparent huge pages", HostState::unknown, "this kernel has none", ""};
    const std::string said = line_of(root + "/sys/kernel/mm/transparent_hugepage/enabled");
    const std::size_t open = said.find('['), close = said.find(']');
    if (open == std::string::npos || close == std::string::npos || close < open) return check;
    check.found = said.substr(open + 1, close - open - 1);
    check.state = check.found == "always" ? HostState::costs : HostState::good;
    if (check.state == HostState::good) return check;
    check.found += ": the kernel may stop a thread to put pages together";
    check.mend = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled";
    return check;
}

HostCheck check_clock_source(const std::string& root)
{
    HostCheck check{"clock source", HostState::unknown, "this machine does not tell", ""};
    const std::string source =
        line_of(root + "/sys/devices/system/clocksource/clocksource0/current_clocksource");
    if (source.empty()) return check;
    const bool quick = source == "tsc" || source == "kvm-clock" || source == "arch_sys_counter" ||
                       source == "hyperv_clocksource_tsc_page";
    check.state = quick ? HostState::good : HostState::costs;
    check.found = source;
    if (quick) return check;
    check.found += ": reading the clock is a system call";
    check.mend =
        "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource, where the hardware's "
        "counter is steady";
    return check;
}

HostCheck check_interrupts(const std::string& root, int core)
{
    HostCheck check{"interrupts", HostState::unknown, "", ""};
    if (core < 0) {
        check.found = "the engine's thread is not pinned, so interrupts of every device may meet it";
        check.state = HostState::costs;
        check.mend = "--cores N,M, and take that core out of /proc/irq/*/smp_affinity_list (stop irqbalance)";
        return check;
    }
    std::size_t all = 0, here = 0;
    for (int number = 0; number < 1024; ++number) {
        const std::string list = line_of(fmt::format("{}/proc/irq/{}/smp_affinity_list", root, number));
        if (list.empty()) continue;
        ++all;
        here += names_processor(list, static_cast<std::size_t>(core));
    }
    if (all == 0) {
        check.found = "their affinity cannot be read";
        return check;
    }
    check.state = here == 0 ? HostState::good : HostState::costs;
    check.found = fmt::format("{} of {} may come to core {}", here, all, core);
    if (here > 0)
        check.mend = fmt::format("take core {} out of /proc/irq/*/smp_affinity_list (stop irqbalance)", core);
    return check;
}

HostCheck check_busy_poll(const std::string& root)
{
    HostCheck check{"busy polling of sockets", HostState::unknown, "this kernel does not tell", ""};
    const std::string value = line_of(root + "/proc/sys/net/core/busy_read");
    if (value.empty()) return check;
    check.state = value == "0" ? HostState::costs : HostState::good;
    check.found = value == "0" ? "off: a frame waits for the card's interrupt (loopback has none)"
                               : fmt::format("net.core.busy_read = {} us", value);
    if (value == "0")
        check.mend = "sysctl net.core.busy_read=50 net.core.busy_poll=50, where the card's driver can";
    return check;
}

HostCheck check_time_stamps(const std::string& root)
{
    HostCheck check{"time stamps of the network card", HostState::unknown, "", ""};
    std::string cards;
    for (int i = 0; i < 8; ++i) {
        const std::string name = line_of(fmt::format("{}/sys/class/ptp/ptp{}/clock_name", root, i));
        if (!name.empty()) cards += (cards.empty() ? "" : ", ") + name;
    }
    check.state = cards.empty() ? HostState::unknown : HostState::good;
    check.found = cards.empty() ? "no card with a clock of its own" : "clocks: " + cards;
    if (cards.empty())
        check.mend = "with one, phc2sys and hardware stamps tell how long frames wait in the kernel";
    return check;
}

}  // namespace

std::vector<HostCheck> check_host(const std::string& root, int engine_core)
{
    return {check_isolation(root, engine_core),    check_governor(root),   check_sleep_states(root),
            check_hyperthreads(root, engine_core), check_huge_pages(root), check_clock_source(root),
            check_interrupts(root, engine_core),   check_busy_poll(root),  check_time_stamps(root)};
}

std::string describe_machine(const std::string& root)
{
    std::ifstream file(root + "/proc/cpuinfo");
    std::string line, model;
    std::size_t processors = 0;
    while (std::getline(file, line)) {
        if (line.starts_with("processor")) ++processors;
        const std::size_t colon = line.find(": ");
        if (model.empty() && line.starts_with("model name") && colon != std::string::npos)
            model = line.substr(colon + 2);
    }
    const std::string kernel = line_of(root + "/proc/sys/kernel/osrelease");
    return fmt::format("{}, {} processor{}, Linux {}", model.empty() ? "unknown processor" : model,
                       processors, processors == 1 ? "" : "s", kernel.empty() ? "unknown" : kernel);
}

}  // namespace arb
