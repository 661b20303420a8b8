#include "engine/app/run/log_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace arb {

std::string LogFile::path(const std::string& directory, unsigned age)
{
    return age == 0 ? directory + "/arbiter.log" : fmt::format("{}/arbiter.log.{}", directory, age);
}

bool LogFile::open()
{
    if (file_ != nullptr) return true;
    const int descriptor =
        ::open(path(directory_).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return false;
    struct stat found {};
    if (fstat(descriptor, &found) == 0) bytes_ = static_cast<std::uint64_t>(found.st_size);
    file_.reset(fdopen(descriptor, "a"));
    if (file_ == nullptr) ::close(descriptor);
    return file_ != nullptr;
}

void LogFile::rotate()
{
    file_.reset();
    for (unsigned age = kKept; age > 0; --age)
        (void)std::rename(path(directory_, age - 1).c_str(), path(directory_, age).c_str());
}

std::string LogFile::line(std::string_view text, Timestamp now)
{
    if (bytes_ >= kBytesMost) rotate();
    while (text.ends_with('\n')) text.remove_suffix(1);
    const std::string written = fmt::format("{} {}\n", format_utc(now), text);
    const bool done = open() &&
                      std::fwrite(written.data(), 1, written.size(), file_.get()) == written.size() &&
                      std::fflush(file_.get()) == 0;
    bytes_ += written.size();
    if (done || told_) return {};
    told_ = true;
    return fmt::format("{}: {}; the log goes on without it", path(directory_), std::strerror(errno));
}

}  // namespace arb
