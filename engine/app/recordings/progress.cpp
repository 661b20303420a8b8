#include "engine/app/recordings/progress.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

namespace arb {

Progress::Progress(std::string what, bool lines)
    : what_(std::move(what)),
      begin_(Clock::now()),
      drawn_(begin_),
      terminal_(isatty(STDERR_FILENO) == 1),
      lines_(lines)
{
}

Progress::~Progress()
{
    if (shown_) fmt::print(stderr, "\r\x1b[K");
}

std::uint64_t Progress::elapsed_ns() const
{
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin_).count());
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::uint64_t units)
{
    const Clock::time_point now = Clock::now();
    if (!terminal_ && !lines_) return;
    if (now - drawn_ < std::chrono::milliseconds(terminal_ ? 100 : 10'000)) return;
    drawn_ = now;
    shown_ = terminal_;
    const std::uint64_t elapsed_ms = std::max<std::uint64_t>(1, elapsed_ns() / 1'000'000);
    const std::uint64_t part = total == 0 ? 0 : std::min<std::uint64_t>(100, done * 100 / total);
    const std::uint64_t left_ms = done == 0 ? 0 : elapsed_ms * (total - std::min(done, total)) / done;
    fmt::print(stderr, "{}{} [{:<25}] {:3}%  {}/s  {}.{} s left{}", terminal_ ? "\r\x1b[K" : "", what_,
               std::string(part / 4, '#'), part, units * 1000 / elapsed_ms, left_ms / 1000,
               left_ms / 100 % 10, terminal_ ? "" : "\n");
    std::fflush(stderr);
}

}  // namespace arb
