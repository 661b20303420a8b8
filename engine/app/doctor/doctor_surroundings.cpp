// The machine and the venues as they are, for the doctor.
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "engine/app/doctor/doctor.hpp"
#include "engine/keys/process_guard.hpp"
#include "engine/live/clock.hpp"

namespace arb {
namespace {

constexpr std::size_t kSyncs = 10;
constexpr std::size_t kSyncBytes = 4096;

FileFacts look_at(const std::string& path)
{
    FileFacts facts;
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) facts.trouble = std::strerror(errno);
        return facts;
    }
    facts.exists = true;
    facts.link = S_ISLNK(about.st_mode);
    facts.regular = S_ISREG(about.st_mode);
    facts.directory = S_ISDIR(about.st_mode);
    facts.mode = about.st_mode & 07777;
    facts.owner = about.st_uid;
    return facts;
}

std::uint64_t limit_of(int resource)
{
    struct rlimit limit {};
    if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) return 0;
    return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

MachineFacts look_at_machine()
{
    MachineFacts facts;
    facts.memory_lock_bytes = limit_of(RLIMIT_MEMLOCK);
    facts.descriptors = limit_of(RLIMIT_NOFILE);
    const Secret secret = Secret::made(32, [](std::span<unsigned char>) {});
    facts.secret_locked = secret.locked();
    facts.closed = process_is_closed();
    std::ifstream governor("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    std::getline(governor, facts.governor);
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    (void)::sched_getaffinity(0, sizeof allowed, &allowed);
    for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(static_cast<std::size_t>(i), &allowed)) facts.processors.push_back(i);
    }
    facts.priority_most = ::geteuid() == 0 ? UINT64_MAX : limit_of(RLIMIT_RTPRIO);
    std::int64_t share = 0, period = 0;
    std::ifstream("/proc/sys/kernel/sched_rt_runtime_us") >> share;
    std::ifstream("/proc/sys/kernel/sched_rt_period_us") >> period;
    facts.fifo_share_us = share < 0 || period <= 0 ? -1 : share * 1'000'000 / period;
    facts.threads = std::thread::hardware_concurrency();
    struct timex clock {};
    const int state = ::adjtimex(&clock);
    if (state >= 0) facts.synchronised = state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
    return facts;
}

Result<std::uint64_t> free_bytes(const std::string& directory)
{
    struct statvfs about {};
    if (::statvfs(directory.c_str(), &about) != 0)
        return Error{ExitCode::usage, fmt::format("cannot be looked at: {}", std::strerror(errno))};
    return std::uint64_t{about.f_bavail} * about.f_frsize;
}

Result<std::vector<Duration>> sync_times(const std::string& directory)
{
    const std::string path = directory + "/.doctor-fsync";
    ::unlink(path.c_str());
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return Error{ExitCode::usage, fmt::format("cannot be written to: {}", std::strerror(errno))};
    std::vector<Duration> times;
    const std::string block(kSyncBytes, '\0');
    bool good = true;
    int why = 0;
    for (std::size_t i = 0; i < kSyncs && good; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        good = ::pwrite(file, block.data(), block.size(), static_cast<off_t>(i * kSyncBytes)) ==
                   static_cast<ssize_t>(block.size()) &&
               ::fsync(file) == 0;
        why = errno;
        const auto passed = std::chrono::steady_clock::now() - begin;
        times.push_back(nanoseconds(std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count()));
    }
    ::close(file);
    ::unlink(path.c_str());
    if (!good)
        return Error{ExitCode::usage, fmt::format("cannot be brought to disk: {}", std::strerror(why))};
    return times;
}

}  // namespace

DoctorSurroundings doctor_surroundings()
{
    DoctorSurroundings around;
    around.now = [] { return LiveClock().now(); };
    around.user = ::geteuid();
    around.file = look_at;
    around.machine = look_at_machine;
    around.free_bytes = free_bytes;
    around.sync_times = sync_times;
    around.instruments = [](const FetchVenue& venue) -> Result<std::vector<ListingDefinition>> {
        net::Loop loop;
        auto listed = fetch_instruments(loop, {venue}, seconds(20));
        if (!listed) return listed.error();
        return std::move(listed->front().definitions);
    };
    around.questions = key_questions();
    if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY")) around.credentials = directory;
    return around;
}

}  // namespace arb
