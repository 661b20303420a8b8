#include "engine/app/latency/sched_reader.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace arb {

SchedReader::~SchedReader()
{
    for (const int file : files_) ::close(file);
}

void SchedReader::watch(int thread)
{
    const std::string path = fmt::format("/proc/self/task/{}/schedstat", thread);
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        throw std::runtime_error(path + " cannot be read: whether a thread was put aside cannot be told");
    files_.push_back(file);
}

// Each line: time on a processor, time of waiting for one, times it was given one.
std::uint64_t SchedReader::read() const
{
    std::uint64_t sum = 0;
    for (const int file : files_) {
        char text[128] = {};
        if (::pread(file, text, sizeof text - 1, 0) <= 0)
            throw std::runtime_error("schedstat cannot be read");
        char* at = text;
        (void)std::strtoull(at, &at, 10);
        (void)std::strtoull(at, &at, 10);
        sum += std::strtoull(at, &at, 10);
    }
    return sum;
}

}  // namespace arb
