#include "engine/app/latency/latency_floors.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <future>
#include <stdexcept>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/live/host_thread.hpp"
#include "engine/net/tcp_floor.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/json_floor.hpp"

namespace arb {
namespace {

constexpr std::size_t kRepetitions = 15;
constexpr std::size_t kTcpEchoes = 5000;

std::int64_t now_ns()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// Picoseconds of one call: the median over repetitions of so many calls each.
std::int64_t time_of(std::int64_t calls, const std::function<void(std::int64_t)>& work)
{
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < kRepetitions; ++i) {
        const std::int64_t begin = now_ns();
        work(calls);
        times.push_back((now_ns() - begin) * 1000 / calls);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

[[noreturn]] void refuse(const char* what)
{
    throw std::runtime_error(std::string("the floors of this host: ") + what + ": " + std::strerror(errno));
}

void touch_fresh_pages(std::int64_t pages)
{
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t bytes = static_cast<std::size_t>(pages) * page;
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) refuse("no memory");
    (void)::madvise(memory, bytes, MADV_NOHUGEPAGE);
    for (std::size_t at = 0; at < bytes; at += page) static_cast<volatile char*>(memory)[at] = 1;
    ::munmap(memory, bytes);
}

}  // namespace

std::int64_t HostFloors::of(std::string_view id) const
{
    const auto found =
        std::find_if(floors.begin(), floors.end(), [&](const LatencyFloor& f) { return f.id == id; });
    return found == floors.end() ? 0 : found->picoseconds;
}

HostFloors measure_floors(const std::string& frame, int engine_core, int venue_core)
{
    HostFloors result;
    const auto add = [&](const char* id, const char* name, std::int64_t calls,
                         const std::function<void(std::int64_t)>& work) {
        result.floors.push_back({id, name, time_of(calls, work)});
    };
    std::uint64_t sum = 0;  // so that nothing can be left out; it may wrap
    add("clock", "steady_clock::now()", 100'000, [&](std::int64_t n) {
        for (; n > 0; --n) sum += static_cast<std::uint64_t>(now_ns());
    });
    add("system_call", "a system call that does nothing", 100'000, [&](std::int64_t n) {
        for (; n > 0; --n) sum += static_cast<std::uint64_t>(::syscall(SYS_getppid));
    });
    add("page_fault", "first touch of a fresh page", 2'000, touch_fresh_pages);
    const std::vector<unsigned char> key(32, 7);
    const HmacSha256 hmac(key);
    const std::string message(200, 'm');
    add("hmac_sha256", "HMAC-SHA256 of 200 bytes, key prepared", 5'000, [&](std::int64_t n) {
        HmacSha256::Digest digest;
        for (; n > 0; --n) {
            hmac.sign(message, digest);
            sum += digest[0];
        }
    });
    JsonWalker walker;
    const PaddedBuffer text(frame);
    add("json_walk", "simdjson's walk of a sample book frame", 5'000, [&](std::int64_t n) {
        for (; n > 0; --n) sum += walker.walk(text.text_of(), JsonWalk::values);
    });
    asm volatile("" : : "r"(sum) : "memory");
    // On threads of their own: who asks stays where it is.
    const auto echoes = [engine_core, venue_core] {
        (void)pin_thread(venue_core);
        return net::tcp_echo_times(kTcpEchoes, [engine_core] { (void)pin_thread(engine_core); });
    };
    result.tcp_echo_ns = std::async(std::launch::async, echoes).get();
    return result;
}

}  // namespace arb
