#include "engine/report/ledger.hpp"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "engine/report/ledger_schema.hpp"
#include "engine/report/ledger_sqlite.hpp"
#include "engine/report/ledger_store.hpp"

namespace arb {
namespace {

// After a failure the disk is left alone for a while.
constexpr int kRetryMs = 1'000;
// The write-ahead file is cut back to this after a checkpoint.
constexpr const char* kWalLimit = "PRAGMA journal_size_limit=67108864";

Error cannot_open(const std::string& path, const char* why)
{
    return {ExitCode::data, fmt::format("{}: the ledger cannot be opened: {}", path, why)};
}

/// The file is there and nobody else's. SQLite would make it readable for all, and gives its own helper files
/// the mode of the main one. An existing file is not opened here: closing it would drop SQLite's locks.
std::optional<Error> own_file(const std::string& path)
{
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) {
        if (!S_ISREG(status.st_mode)) return cannot_open(path, "it is no regular file");
        const bool open_to_others = (status.st_mode & 077U) != 0;
        if (open_to_others && ::chmod(path.c_str(), 0600) != 0)
            return cannot_open(path, std::strerror(errno));
        return std::nullopt;
    }
    const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) return cannot_open(path, std::strerror(errno));
    ::close(file);
    return std::nullopt;
}

}  // namespace

/// What only the background thread touches, except `error` (under the lock) and the wake-up.
struct Ledger::Writer {
    explicit Writer(ledger::Database opened) : database(std::move(opened)), store(database) {}
    ~Writer()
    {
        if (wake_up >= 0) ::close(wake_up);
    }

    ledger::Database database;
    ledger::RowStore store;
    std::uint64_t gaps_stored = 0;
    bool failing = false;
    int wake_up = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    std::mutex lock;
    std::string error;
    std::thread thread;
};

Ledger::Ledger(LedgerOptions options) : options_(options), queue_(options.queue_rows)
{
    options_.batch_rows = std::max<std::size_t>(options_.batch_rows, 1);
}

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, LedgerOptions options)
{
    if (auto error = own_file(path)) return *error;
    Result<ledger::Database> database = ledger::Database::open(path, ledger::Database::Mode::write);
    if (!database) return database.error();
    if (auto error = ledger::prepare_schema(*database, path)) return *error;
    const std::string pages = fmt::format("PRAGMA max_page_count={}", options.pages_max);
    if (!database->execute(pages.c_str()) || !database->execute(kWalLimit))
        return cannot_open(path, database->message().c_str());
    std::unique_ptr<Ledger> ledger(new Ledger(options));
    ledger->writer_ = std::make_unique<Writer>(std::move(*database));
    if (ledger->writer_->wake_up < 0) return cannot_open(path, "no event descriptor is left");
    // Signals are for the main thread: the writer starts with all of them blocked.
    sigset_t all{}, before{};
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    ledger->writer_->thread = std::thread([writer = ledger.get()] { writer->run_writer(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return ledger;
}

Ledger::~Ledger()
{
    close();
}

void Ledger::wake()
{
    const std::uint64_t one = 1;
    // A counter that is full wakes all the same.
    [[maybe_unused]] const ssize_t written = ::write(writer_->wake_up, &one, sizeof one);
}

bool Ledger::flush()
{
    if (closed_ || !writer_->thread.joinable()) return complete();
    const std::uint64_t wanted = flush_wanted_.fetch_add(1, std::memory_order_acq_rel) + 1;
    wake();
    std::uint64_t done = flush_done_.load(std::memory_order_acquire);
    while (done < wanted) {
        flush_done_.wait(done, std::memory_order_acquire);
        done = flush_done_.load(std::memory_order_acquire);
    }
    return flush_good_.load(std::memory_order_acquire);
}

bool Ledger::close()
{
    if (closed_) return complete();
    closed_ = true;
    if (writer_ != nullptr && writer_->thread.joinable()) {
        stop_.store(true, std::memory_order_release);
        wake();
        writer_->thread.join();
        // What still waits could not be stored.
        dropped_.fetch_add(queue_.waiting(), std::memory_order_relaxed);
        queue_.pop(queue_.waiting());
    }
    return complete();
}

std::string Ledger::error() const
{
    const std::lock_guard guard(writer_->lock);
    return writer_->error;
}

void Ledger::run_writer()
{
    const int period_ms =
        static_cast<int>(std::clamp<std::int64_t>(options_.period.ns / 1'000'000, 1, 1'000));
    for (;;) {
        pollfd descriptor{writer_->wake_up, POLLIN, 0};
        ::poll(&descriptor, 1, writer_->failing ? kRetryMs : period_ms);
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t read = ::read(writer_->wake_up, &count, sizeof count);
        const bool stopping = stop_.load(std::memory_order_acquire);
        const std::uint64_t wanted = flush_wanted_.load(std::memory_order_acquire);
        const bool good = drain();
        if (wanted != flush_done_.load(std::memory_order_relaxed)) {
            flush_good_.store(good, std::memory_order_release);
            flush_done_.store(wanted, std::memory_order_release);
            flush_done_.notify_all();
        }
        if (stopping) return;
    }
}

bool Ledger::drain()
{
    // Rows that arrive meanwhile wait for the next turn, so a flush ends.
    std::size_t left = queue_.waiting();
    while (left > 0 || dropped() != writer_->gaps_stored) {
        const std::size_t rows = std::min(left, options_.batch_rows);
        if (!write_batch(rows)) return false;
        left -= rows;
    }
    return true;
}

bool Ledger::write_batch(std::size_t rows)
{
    ledger::RowStore& store = writer_->store;
    const std::uint64_t gap = dropped() - writer_->gaps_stored;
    std::uint64_t lost = 0;
    bool good = store.begin();
    for (std::size_t i = 0; good && i < rows; ++i) {
        if (store.put(queue_.peek(i))) continue;
        // A row that no table takes must not hold up all others for ever.
        if (writer_->database.hopeless_row()) {
            ++lost;
        } else {
            good = false;
        }
    }
    good = good && (gap == 0 || store.put_gap(gap)) && store.commit();
    if (!good) {
        fail();
        store.roll_back();
        return false;
    }
    queue_.pop(rows);
    writer_->gaps_stored += gap;
    writer_->failing = false;
    if (lost > 0) dropped_.fetch_add(lost, std::memory_order_relaxed);
    return true;
}

void Ledger::fail()
{
    writer_->failing = true;
    write_errors_.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard guard(writer_->lock);
    writer_->error = writer_->database.message();
}

}  // namespace arb
