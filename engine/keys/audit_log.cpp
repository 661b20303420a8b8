#include "engine/keys/audit_log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "engine/keys/audit_verify.hpp"

namespace arb {
namespace {

/// Lines that wait for a disk that fails; what comes beyond is counted as lost.
constexpr std::size_t kPendingMax = 1U << 20;

Timestamp system_now()
{
    timespec t{};
    ::clock_gettime(CLOCK_REALTIME, &t);
    return {t.tv_sec * 1'000'000'000LL + t.tv_nsec};
}

Error trouble(const std::string& path, std::string_view what)
{
    return {ExitCode::refused, fmt::format("{}: the audit log {}", path, what)};
}

/// The rest of a first line that was cut when the log was born: nothing else is ever thrown away.
bool is_cut_beginning(int file, std::uint64_t bytes)
{
    constexpr std::string_view kStart = "0\tbegin\t";
    char text[kAuditLineMax];
    if (bytes > sizeof text) return false;
    const ssize_t got = ::pread(file, text, sizeof text, 0);
    const std::string_view start =
        std::string_view(text, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    const std::size_t size = std::min(start.size(), kStart.size());
    return got == static_cast<ssize_t>(bytes) && start.substr(0, size) == kStart.substr(0, size);
}

}  // namespace

struct AuditLog::Writer {
    Writer(AuditLog& log, std::string path) : owner(log), file_path(std::move(path)) {}
    ~Writer()
    {
        if (file >= 0) ::close(file);
    }

    std::optional<Error> open_file();
    std::optional<Error> go_on(const AuditVerdict& verdict);
    void run();
    void append(AuditRecord record);
    void append_own(AuditKind kind, std::uint64_t count, const AuditHash& hash = {});
    bool write_pending();
    void drain();
    bool sync();
    bool write_checkpoint(const AuditCheckpoint& checkpoint) const;

    AuditLog& owner;
    std::string file_path;
    int file = -1;

    std::mutex sync_mutex;  ///< held while the file goes to disk; taken before `mutex`
    std::mutex mutex;       ///< guards all below; never taken by record() of a queued log
    std::condition_variable changed;
    bool stop = false;
    std::uint64_t records = 0;
    AuditHash chain{};
    std::string pending;     ///< lines, or the rest of one, not yet in the file
    std::uint64_t told = 0;  ///< dropped uses that a line already tells
    bool dirty = false;      ///< written, not yet on disk
    std::thread thread;
};

AuditLog::AuditLog(AuditOptions options) : options_(std::move(options)), queue_(options_.queue_uses)
{
    if (!options_.now) options_.now = &system_now;
}

std::optional<Error> AuditLog::Writer::open_file()
{
    constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
    file = ::open(file_path.c_str(), kFlags, 0600);
    if (file < 0) {
        return trouble(file_path, errno == ELOOP ? "is a symbolic link; give the file itself"
                                                 : fmt::format("cannot be opened: {}", std::strerror(errno)));
    }
    struct stat about {};
    if (::fstat(file, &about) != 0 || !S_ISREG(about.st_mode))
        return trouble(file_path, "is no ordinary file");
    if (about.st_uid != ::geteuid() || (about.st_mode & 077) != 0)
        return trouble(file_path, "may be read or owned by others; run: chown $USER and chmod 600 on it");
    if (::flock(file, LOCK_EX | LOCK_NB) != 0)
        return trouble(file_path, "is written by another process; give this one its own");
    Result<AuditVerdict> verdict = verify_audit(file_path);
    if (!verdict) return verdict.error();
    return go_on(*verdict);
}

std::optional<Error> AuditLog::Writer::go_on(const AuditVerdict& verdict)
{
    struct stat ignored {};
    const bool new_log = verdict.records == 0 && ::lstat(checkpoint_path(file_path).c_str(), &ignored) != 0 &&
                         (verdict.tail_bytes == 0 || is_cut_beginning(file, verdict.tail_bytes));
    struct stat about {};
    if (::fstat(file, &about) != 0) return trouble(file_path, "cannot be read");
    const bool empty = static_cast<std::uint64_t>(about.st_size) == verdict.tail_bytes;
    if (new_log && empty) {
        if (::ftruncate(file, 0) != 0) return trouble(file_path, "cannot be written");
        AuditHash genesis{};
        if (RAND_bytes(genesis.data(), static_cast<int>(genesis.size())) != 1)
            return Error{ExitCode::internal, "the system has no randomness to give"};
        append_own(AuditKind::begin, kAuditVersion, genesis);
    } else if (!verdict.whole) {
        return Error{
            ExitCode::data,
            fmt::format("{}: the audit log is broken: {}; keep it and its checkpoint as evidence, move "
                        "both away, and start again",
                        file_path, verdict.trouble)};
    } else {
        records = verdict.records;
        chain = verdict.chain;
        if (verdict.feed_missing || verdict.tail_bytes > 0) pending = "\n";
        if (verdict.tail_bytes > 0) append_own(AuditKind::torn, verdict.tail_bytes, verdict.tail_hash);
        append_own(AuditKind::resume, 0);
    }
    if (!write_pending() || !sync()) return trouble(file_path, "cannot be written; is the disk full?");
    return std::nullopt;
}

void AuditLog::Writer::append(AuditRecord record)
{
    record.number = records++;
    append_line(record, chain, pending);
}

void AuditLog::Writer::append_own(AuditKind kind, std::uint64_t count, const AuditHash& hash)
{
    AuditRecord record;
    record.kind = kind;
    record.time = owner.options_.now();
    record.count = count;
    record.hash = hash;
    append(std::move(record));
}

bool AuditLog::Writer::write_pending()
{
    std::size_t done = 0;
    while (done < pending.size()) {
        const ssize_t put = ::write(file, pending.data() + done, pending.size() - done);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) break;
        done += static_cast<std::size_t>(put);
        dirty = true;
    }
    // The bytes that were not written stay first in line, so a line that was begun is finished before any
    // other begins.
    pending.erase(0, done);
    owner.failing_.store(!pending.empty(), std::memory_order_relaxed);
    return pending.empty();
}

void AuditLog::Writer::drain()
{
    KeyUse use;
    while (pending.size() < kPendingMax && owner.queue_.pop(use)) append(record_of(use));
    const std::uint64_t dropped = owner.dropped();
    if (dropped > told && pending.size() < kPendingMax) {
        append_own(AuditKind::lost, dropped - told);
        told = dropped;
    }
    (void)write_pending();
}

bool AuditLog::Writer::sync()
{
    const std::lock_guard one_at_a_time(sync_mutex);
    std::optional<AuditCheckpoint> checkpoint;
    {
        const std::lock_guard lock(mutex);
        if (!dirty) return true;
        dirty = false;
        // A checkpoint of lines that are not wholly written would accuse an honest log.
        if (pending.empty()) checkpoint = {records, chain};
    }
    // Slow, so without the lock: signing goes on meanwhile.
    const bool good = ::fdatasync(file) == 0 && (!checkpoint || write_checkpoint(*checkpoint));
    if (!good) {
        const std::lock_guard lock(mutex);
        dirty = true;
    }
    return good;
}

bool AuditLog::Writer::write_checkpoint(const AuditCheckpoint& checkpoint) const
{
    const std::string name = checkpoint_path(file_path);
    const std::string temporary = name + ".new";
    const std::string text = checkpoint_text(checkpoint);
    (void)::unlink(temporary.c_str());
    const int out = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0) return false;
    const bool good =
        ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fdatasync(out) == 0;
    ::close(out);
    return good && ::rename(temporary.c_str(), name.c_str()) == 0;
}

void AuditLog::Writer::run()
{
    std::unique_lock lock(mutex);
    auto synced = std::chrono::steady_clock::now();
    while (!stop) {
        const auto period = std::chrono::nanoseconds(owner.options_.direct ? owner.options_.sync_period.ns
                                                                           : owner.options_.write_period.ns);
        changed.wait_for(lock, period, [this] { return stop; });
        drain();
        const auto now = std::chrono::steady_clock::now();
        if (now - synced < std::chrono::nanoseconds(owner.options_.sync_period.ns)) continue;
        synced = now;
        lock.unlock();
        (void)sync();
        lock.lock();
    }
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::string& path, AuditOptions options)
{
    std::unique_ptr<AuditLog> log(new AuditLog(std::move(options)));
    log->writer_ = std::make_unique<Writer>(*log, path);
    if (std::optional<Error> error = log->writer_->open_file()) {
        log->closed_ = true;
        return *error;
    }
    log->writer_->thread = std::thread([writer = log->writer_.get()] { writer->run(); });
    return log;
}

AuditLog::~AuditLog()
{
    (void)close();
}

bool AuditLog::record(const KeyUse& use)
{
    if (closed_.load(std::memory_order_relaxed) || (!options_.direct && !queue_.push(use))) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    if (!options_.direct) return true;
    const std::lock_guard lock(writer_->mutex);
    if (!writer_->pending.empty() && !writer_->write_pending()) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    writer_->append(record_of(use));
    return writer_->write_pending();
}

bool AuditLog::retire(std::string_view venue, std::string_view label, Timestamp time)
{
    const std::lock_guard lock(writer_->mutex);
    if (closed_) return false;
    writer_->drain();
    AuditRecord record;
    record.kind = AuditKind::retire;
    record.time = time;
    record.venue = venue;
    record.label = label;
    writer_->append(std::move(record));
    return writer_->write_pending();
}

bool AuditLog::flush()
{
    {
        const std::lock_guard lock(writer_->mutex);
        if (closed_) return false;
        writer_->drain();
        if (!writer_->pending.empty()) return false;
    }
    return writer_->sync();
}

bool AuditLog::close()
{
    if (closed_.exchange(true)) return false;
    {
        const std::lock_guard lock(writer_->mutex);
        writer_->stop = true;
    }
    writer_->changed.notify_all();
    writer_->thread.join();
    writer_->drain();
    writer_->append_own(AuditKind::close, 0);
    const bool good = writer_->write_pending() && writer_->sync();
    ::close(std::exchange(writer_->file, -1));
    return good && dropped() == 0;
}

}  // namespace arb
