#include "engine/live/state_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace arb {
namespace {

constexpr std::string_view kNext = ".next";
constexpr std::string_view kLock = ".lock";
constexpr std::string_view kHelp =
    "nothing was changed; put back the last whole copy of this file; until then cancel this account's open "
    "orders and close what is left of them by hand at the venues";

// So much room behind the last record is kept ready for the next ones.
constexpr std::size_t kReady = 32U << 10;

Error trouble_with(const std::string& path, std::string_view what)
{
    return {ExitCode::data, fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

/// Why somebody else may have written it; empty: nobody but us.
std::string foreign(const struct stat& about)
{
    if (!S_ISREG(about.st_mode)) return "is no plain file";
    if (about.st_uid != ::geteuid()) return fmt::format("belongs to user {}, not to us", about.st_uid);
    if ((about.st_mode & 07777) != 0600)
        return fmt::format("has mode {:04o}; others could have written it, it must be 0600",
                           about.st_mode & 07777U);
    if (about.st_nlink != 1) return "has a second name (hard link)";
    return "";
}

bool same_file(int file, const std::string& path)
{
    struct stat ours {};
    struct stat named {};
    return ::fstat(file, &ours) == 0 && ::lstat(path.c_str(), &named) == 0 && ours.st_dev == named.st_dev &&
           ours.st_ino == named.st_ino && ours.st_nlink == 1;
}

}  // namespace

Result<std::unique_ptr<StateFile>> StateFile::open(const std::string& path, std::size_t bytes)
{
    std::unique_ptr<StateFile> file(new StateFile());
    file->path_ = path;
    const std::size_t slash = path.rfind('/');
    file->folder_ = slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
    file->name_ = slash == std::string::npos ? path : path.substr(slash + 1);
    file->bytes_ = bytes;
    if (const Result<bool> opened = file->open_directory(); !opened) return opened.error();
    if (const Result<bool> locked = file->lock(); !locked) return locked.error();
    if (const Result<bool> read = file->read(); !read) return read.error();
    return file;
}

StateFile::~StateFile()
{
    unmap();
    if (lock_ >= 0) ::close(lock_);
    if (directory_ >= 0) ::close(directory_);
}

void StateFile::unmap()
{
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
    if (file_ >= 0) ::close(file_);
    memory_ = nullptr;
    file_ = -1;
}

// Whoever may write into the directory could exchange the file: it moves money at the next start.
Result<bool> StateFile::open_directory()
{
    directory_ = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat about {};
    if (directory_ < 0 || ::fstat(directory_, &about) != 0) return trouble_with(folder_, "cannot be opened");
    if (about.st_uid != ::geteuid()) {
        return Error{ExitCode::refused, fmt::format("{}: the state directory belongs to user {}, not to us",
                                                    folder_, about.st_uid)};
    }
    if ((about.st_mode & 077) != 0) {
        return Error{ExitCode::refused,
                     fmt::format("{}: the state directory has mode {:04o}; others may go in: chmod 700 it, "
                                 "after a look at what is in it",
                                 folder_, about.st_mode & 07777U)};
    }
    return true;
}

// The lock is a file of its own: the state's own file is replaced by renaming.
Result<bool> StateFile::lock()
{
    const std::string name = name_ + std::string(kLock);
    lock_ = ::openat(directory_, name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_ < 0) return trouble_with(path_ + std::string(kLock), "cannot be opened");
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        return Error{
            ExitCode::usage,
            fmt::format(
                "{}: another arbiter uses this state directory; stop it, or give this one a directory "
                "of its own",
                path_)};
    }
    return true;
}

Result<std::string> StateFile::content(const std::string& name, bool& there) const
{
    there = false;
    const int file = ::openat(directory_, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 && errno == ENOENT) return std::string();
    const std::string path = folder_ + "/" + name;
    if (file < 0 && errno == ELOOP)
        return Error{ExitCode::refused, fmt::format("{}: is a link; it must be the file itself", path)};
    if (file < 0) return trouble_with(path, "cannot be opened");
    struct stat about {};
    std::string why = ::fstat(file, &about) != 0 ? "cannot be looked at" : foreign(about);
    std::string bytes;
    if (why.empty()) {
        bytes.resize(static_cast<std::size_t>(about.st_size));
        std::size_t read = 0;
        while (read < bytes.size()) {
            const ssize_t got =
                ::pread(file, bytes.data() + read, bytes.size() - read, static_cast<off_t>(read));
            if (got <= 0) break;
            read += static_cast<std::size_t>(got);
        }
        if (read < bytes.size()) why = "cannot be read";
    }
    ::close(file);
    if (!why.empty()) return Error{ExitCode::refused, fmt::format("{}: {}", path, why)};
    there = true;
    return bytes;
}

// A segment that was being begun when the last run ended counts when its checkpoint is whole: lines of that
// run may stand in it, and the older one lacks them.
Result<bool> StateFile::read_next(const SegmentReading& last, bool last_there, bool& taken)
{
    taken = false;
    const std::string name = name_ + std::string(kNext);
    bool there = false;
    const Result<std::string> bytes = content(name, there);
    if (!bytes) return bytes.error();
    if (!there) return true;
    SegmentReading next = read_segment(bytes.value());
    const bool follows = !last_there || last.version == 1 || last.state == SegmentState::damaged ||
                         next.head.generation == last.head.generation + 1;
    const bool begun = next.state != SegmentState::other && next.state != SegmentState::unfinished;
    if (!begun || !follows) {
        ::unlinkat(directory_, name.c_str(), 0);
        return true;
    }
    if (next.state == SegmentState::damaged) {
        return Error{ExitCode::data,
                     fmt::format("{}{}: segment {} is damaged at byte {} (after line {}); {}", path_, kNext,
                                 next.head.generation, next.end, next.lines.size(), kHelp)};
    }
    const int file = ::openat(directory_, name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    const bool kept = file >= 0 && ::fdatasync(file) == 0;
    if (file >= 0) ::close(file);
    if (!kept || !finish_replacing())
        return trouble_with(path_ + std::string(kNext), "cannot take its place");
    taken = true;
    return take_over(next, next.state == SegmentState::whole && bytes.value().size() == bytes_);
}

Result<bool> StateFile::read()
{
    bool there = false, taken = false;
    const Result<std::string> bytes = content(name_, there);
    if (!bytes) return bytes.error();
    SegmentReading last = read_segment(bytes.value());
    if (const Result<bool> next = read_next(last, there, taken); !next || taken) return next;
    if (!there) return begin({});
    if (last.version == 1) return convert(bytes.value());
    if (last.state == SegmentState::other && last.version > kSegmentVersion) {
        return Error{
            ExitCode::data,
            fmt::format("{}: is of version {}, this program writes {}; use the program that wrote it", path_,
                        last.version, kSegmentVersion)};
    }
    if (last.state == SegmentState::other) {
        return Error{
            ExitCode::data,
            fmt::format("{}: does not begin like a state log of this program (it is empty, or damaged "
                        "at byte 0); {}",
                        path_, kHelp)};
    }
    if (last.state == SegmentState::damaged || last.state == SegmentState::unfinished) {
        return Error{ExitCode::data,
                     fmt::format("{}: segment {} is damaged at byte {} (after line {}); {}", path_,
                                 last.head.generation, last.end, last.lines.size(), kHelp)};
    }
    return take_over(last, last.state == SegmentState::whole && bytes.value().size() == bytes_);
}

Result<bool> StateFile::begin(const std::vector<std::string>& lines)
{
    if (const Result<bool> begun = replace(lines); !begun) return begun.error();
    begun_with_ = kSegmentHead;
    if (!sync()) return trouble_with(path_, "cannot be written to the disk");
    return true;
}

// A file with nothing behind its last line is gone on with. Where something is, the next record would make
// lines count again that were given up: what is good begins a new segment, under another run id.
Result<bool> StateFile::take_over(SegmentReading& kept, bool clean)
{
    lines_ = std::move(kept.lines);
    head_ = kept.head;
    next_ = kept.head.first + lines_.size();
    if (kept.dropped > 0) {
        notes_.push_back(fmt::format(
            "{}: segment {}: {} bytes after line {} (byte {}) had not reached the disk whole and are dropped",
            path_, kept.head.generation, kept.dropped, lines_.size(), kept.end));
    }
    if (!clean) return begin(lines_);
    const int file = ::openat(directory_, name_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return trouble_with(path_, "cannot be opened");
    if (const Result<bool> mapped = map(file); !mapped) return mapped.error();
    used_ = kept.end;
    begun_with_ = kSegmentHead;
    return true;
}

// A log of the version before: its lines mean the same, and begin a segment of this version in its place.
Result<bool> StateFile::convert(const std::string& bytes)
{
    SegmentReading old = read_first_version(bytes);
    if (old.state != SegmentState::whole) {
        return Error{ExitCode::data,
                     fmt::format("{}: is a log of version 1, and damaged at byte {} (after line "
                                 "{}); {}",
                                 path_, old.end, old.lines.size(), kHelp)};
    }
    old.head = {};
    old.head.first = 1;
    notes_.push_back(fmt::format("{}: {} lines of version 1 are taken over", path_, old.lines.size()));
    const Result<bool> taken = take_over(old, false);
    if (taken || taken.error().code != ExitCode::usage) return taken;
    return Error{ExitCode::data,
                 fmt::format("{}: is a log of version 1, and too long to be taken over; run the "
                             "program that wrote it until nothing is open: it shortens it",
                             path_)};
}

Result<bool> StateFile::map(int file)
{
    void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
        const Error error = trouble_with(path_, "cannot be mapped");
        ::close(file);
        return error;
    }
    unmap();
    file_ = file;
    memory_ = static_cast<char*>(memory);
    return true;
}

bool StateFile::append(std::string_view line)
{
    const std::size_t at = used();
    const std::size_t size = segment_record_size(line.size());
    if (line.empty() || memory_ == nullptr || at + size > bytes_) return false;
    put_segment_record(memory_, at, head_.run, next_++, line);
    used_.store(at + size, std::memory_order_release);
    return true;
}

Result<bool> StateFile::replace(const std::vector<std::string>& lines)
{
    const std::unique_lock lock(mapping_, std::try_to_lock);
    if (!lock || replacing_) return false;
    std::size_t size = kSegmentHead;
    for (const std::string& line : lines) size += segment_record_size(line.size());
    if (size > bytes_)
        return Error{ExitCode::usage, fmt::format("{}: the state does not fit: {} bytes", path_, size)};
    SegmentHead head;
    head.generation = head_.generation + 1;
    head.first = next_;
    if (::getrandom(&head.run, sizeof head.run, 0) != sizeof head.run)
        return trouble_with(path_, "no random number");
    const std::string name = name_ + std::string(kNext);
    const int file =
        ::openat(directory_, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return trouble_with(path_ + std::string(kNext), "cannot be made");
    // Room is taken now: a full disk must not show itself as a bus error at a store.
    const int error = ::posix_fallocate(file, 0, static_cast<off_t>(bytes_));
    Result<bool> mapped = true;
    if (error != 0) {
        errno = error;
        mapped = trouble_with(path_, "no room for the next segment of the state log");
        ::close(file);
    } else {
        mapped = map(file);
    }
    if (!mapped) {
        ::unlinkat(directory_, name.c_str(), 0);
        return mapped;
    }
    head_ = head;
    begin_segment(memory_, bytes_, head_);
    used_ = kSegmentHead;
    for (const std::string& line : lines) (void)append(line);
    seal_segment(memory_, head_.run, static_cast<std::uint32_t>(lines.size()));
    begun_with_ = used();
    marked_ = kSegmentHead;
    mark_kept_ = false;
    replacing_ = true;
    return true;
}

// The new segment is on the disk: the old one may go.
bool StateFile::finish_replacing()
{
    const std::string next = name_ + std::string(kNext);
    if (::renameat(directory_, next.c_str(), directory_, name_.c_str()) != 0 || ::fsync(directory_) != 0)
        return false;
    replacing_ = false;
    return true;
}

// A page that the disk is given is closed for writing, and a new one is not open yet: the next store to it
// waits for the kernel, which takes longer than all else on an order's way. So whoever syncs opens the pages
// that come next, and the core finds them open. An older kernel does not know how: that costs time alone.
void StateFile::open_pages() const
{
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t used = used_.load(std::memory_order_acquire);
    const std::size_t begin = used / page * page;
    const std::size_t end = std::min((used + kReady + page - 1) / page * page, bytes_);
#ifdef MADV_POPULATE_WRITE
    if (begin < end) (void)::madvise(memory_ + begin, end - begin, MADV_POPULATE_WRITE);
#endif
}

bool StateFile::sync()
{
    const std::lock_guard lock(mapping_);
    const std::size_t used = used_.load(std::memory_order_acquire);
    if (!replacing_ && marked_ == used && mark_kept_) return true;
    if (::msync(memory_, bytes_, MS_SYNC) != 0 || ::fdatasync(file_) != 0) return false;
    if (replacing_ && !finish_replacing()) return false;
    mark_kept_ = marked_ == used;
    if (!mark_kept_) mark_segment_synced(memory_, head_.run, used);
    marked_ = used;
    open_pages();
    return true;
}

std::string StateFile::trouble()
{
    const std::unique_lock lock(mapping_, std::try_to_lock);
    if (!lock) return "";
    const std::string named = replacing_ ? path_ + std::string(kNext) : path_;
    if (!same_file(file_, named))
        return fmt::format("{}: was removed or exchanged while it was in use", named);
    if (!same_file(lock_, path_ + std::string(kLock)))
        return fmt::format("{}{}: was removed or exchanged while it was in use", path_, kLock);
    return "";
}

}  // namespace arb
