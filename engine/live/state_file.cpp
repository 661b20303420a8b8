#include "engine/live/state_file.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/journal/crc32c.hpp"

namespace arb {
namespace {

constexpr char kMagic[8] = {'A', 'R', 'B', 'S', 'T', 'A', 'T', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHead = 16;
constexpr std::size_t kLineHead = 8;

constexpr std::size_t round_up(std::size_t size)
{
    return (size + 7) / 8 * 8;
}

Error trouble(const std::string& path, std::string_view what)
{
    return {ExitCode::data, fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

}  // namespace

Result<std::unique_ptr<StateFile>> StateFile::open(const std::string& path, std::size_t bytes)
{
    std::unique_ptr<StateFile> file(new StateFile());
    file->path_ = path;
    file->bytes_ = bytes;
    // The lock is a file of its own: the state's own file is replaced by renaming.
    const std::string lock_path = path + ".lock";
    file->lock_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file->lock_ < 0) return trouble(lock_path, "cannot be opened");
    if (::flock(file->lock_, LOCK_EX | LOCK_NB) != 0) {
        return Error{
            ExitCode::usage,
            fmt::format(
                "{}: another arbiter uses this state directory; stop it, or give this one a directory "
                "of its own",
                path)};
    }
    if (const Result<bool> mapped = file->map(path, true); !mapped) return mapped.error();
    if (const Result<bool> read = file->read(); !read) return read.error();
    return file;
}

StateFile::~StateFile()
{
    unmap();
    if (lock_ >= 0) ::close(lock_);
}

void StateFile::unmap()
{
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
    if (file_ >= 0) ::close(file_);
    memory_ = nullptr;
    file_ = -1;
}

Result<bool> StateFile::map(const std::string& path, bool create)
{
    file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
    if (file_ < 0) return trouble(path, "cannot be opened");
    struct stat about {};
    if (::fstat(file_, &about) != 0) return trouble(path, "cannot be looked at");
    bytes_ = std::max(bytes_, static_cast<std::size_t>(about.st_size));
    // Room is taken now: a full disk must not show itself as a bus error at a store.
    if (const int error = ::posix_fallocate(file_, 0, static_cast<off_t>(bytes_)); error != 0) {
        errno = error;
        return trouble(path, "no room for the state log");
    }
    void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (memory == MAP_FAILED) return trouble(path, "cannot be mapped");
    memory_ = static_cast<char*>(memory);
    if (about.st_size == 0) {
        std::memcpy(memory_, kMagic, sizeof kMagic);
        std::memcpy(memory_ + sizeof kMagic, &kVersion, sizeof kVersion);
    }
    return true;
}

Result<bool> StateFile::read()
{
    std::uint32_t version = 0;
    std::memcpy(&version, memory_ + sizeof kMagic, sizeof version);
    if (std::memcmp(memory_, kMagic, sizeof kMagic) != 0)
        return Error{ExitCode::data, fmt::format("{}: is no state log of this program", path_)};
    if (version != kVersion) {
        return Error{
            ExitCode::data,
            fmt::format("{}: is of version {}, this program writes {}; use the program that wrote it", path_,
                        version, kVersion)};
    }
    used_ = kHead;
    while (used_ + kLineHead <= bytes_) {
        std::uint32_t length = 0;
        std::uint32_t sum = 0;
        std::memcpy(&length, memory_ + used_, sizeof length);
        std::memcpy(&sum, memory_ + used_ + 4, sizeof sum);
        if (length == 0) break;
        const bool fits = length <= bytes_ - used_ - kLineHead;
        if (!fits || crc32c(memory_ + used_ + kLineHead, length) != sum) {
            // append() writes the length last, so a damaged line is damage and not an unfinished line.
            return Error{
                ExitCode::data,
                fmt::format("{}: line {} is damaged; keep the file, and start from the venues' own word with "
                            "an empty state directory after checking every open order by hand",
                            path_, lines_.size() + 1)};
        }
        lines_.emplace_back(memory_ + used_ + kLineHead, length);
        used_ += round_up(kLineHead + length);
    }
    return true;
}

bool StateFile::append(std::string_view line)
{
    const std::size_t size = round_up(kLineHead + line.size());
    // Eight zero bytes stay behind the last line: they end the file.
    if (line.empty() || used_ + size + kLineHead > bytes_) return false;
    char* at = memory_ + used_;
    const std::uint32_t sum = crc32c(line.data(), line.size());
    std::memcpy(at + kLineHead, line.data(), line.size());
    std::memcpy(at + 4, &sum, sizeof sum);
    // The length makes the line count: it must not be seen before the text.
    std::atomic_thread_fence(std::memory_order_release);
    const auto length = static_cast<std::uint32_t>(line.size());
    std::memcpy(at, &length, sizeof length);
    used_ += size;
    return true;
}

Result<bool> StateFile::replace(const std::vector<std::string>& lines)
{
    const std::string fresh = path_ + ".new";
    ::unlink(fresh.c_str());
    StateFile next;
    next.path_ = fresh;
    next.bytes_ = bytes_;
    if (const Result<bool> mapped = next.map(fresh, true); !mapped) return mapped.error();
    next.used_ = kHead;
    for (const std::string& line : lines) {
        if (!next.append(line))
            return Error{ExitCode::data, fmt::format("{}: the state does not fit", fresh)};
    }
    if (!next.sync()) return trouble(fresh, "cannot be written to the disk");
    if (::rename(fresh.c_str(), path_.c_str()) != 0) return trouble(path_, "cannot be replaced");
    const std::lock_guard lock(mapping_);
    unmap();
    file_ = std::exchange(next.file_, -1);
    memory_ = std::exchange(next.memory_, nullptr);
    bytes_ = next.bytes_;
    used_ = next.used_;
    return true;
}

bool StateFile::sync()
{
    const std::lock_guard lock(mapping_);
    return ::msync(memory_, bytes_, MS_SYNC) == 0 && ::fdatasync(file_) == 0;
}

}  // namespace arb
