#pragma once
// The ledger: orders, fills, packages, balances, flags, uses of keys and notes of all runs in one SQLite file
// (WAL, mode 0600). `record` is for the core thread alone: it copies one row into a bounded ring and returns,
// without lock, allocation or system call. One background thread stores the rows, many to a transaction,
// within about 50 ms. A full ring never blocks: the row is dropped and counted, `complete` turns false, and
// the loss is written down as soon as there is room; the journal stays the truth from which a ledger can be
// rebuilt. Rows may be told again: see ledger_store.hpp. A failing disk is counted and kept as `error`, and
// tried again.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/report/ledger_queue.hpp"
#include "engine/report/ledger_rows.hpp"

namespace arb {

/// The ledger's name inside a state directory.
inline constexpr const char* kLedgerFile = "ledger.sqlite";

struct LedgerOptions {
    std::size_t queue_rows = 16'384;
    std::size_t batch_rows = 1'024;       ///< at most, in one transaction
    Duration period = milliseconds(50);   ///< how often waiting rows are stored
    std::uint32_t pages_max = 4'194'304;  ///< of 4 KiB: the file stays below 16 GiB
};

class Ledger {
  public:
    static Result<std::unique_ptr<Ledger>> open(const std::string& path, LedgerOptions options = {});
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    void record(const ledger::RunRow& row) { push(row); }
    void record(const ledger::OrderRow& row) { push(row); }
    void record(const ledger::FillRow& row) { push(row); }
    void record(const ledger::PackageRow& row) { push(row); }
    void record(const ledger::BalanceRow& row) { push(row); }
    void record(const ledger::FlagRow& row) { push(row); }
    void record(const ledger::KeyUseRow& row) { push(row); }
    void record(const ledger::NoteRow& row) { push(row); }

    /// Waits until every row recorded before is stored; false when that failed. For shutdown and tests.
    bool flush();
    /// Stores what waits and ends the thread; rows recorded later are dropped. True when nothing was lost.
    bool close();

    /// No row was lost since `open`. Any thread, as are the following.
    bool complete() const { return dropped() == 0; }
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    /// Transactions that failed; their rows wait for the next attempt.
    std::uint64_t write_errors() const { return write_errors_.load(std::memory_order_relaxed); }
    /// Why the last failing transaction failed; empty when none did.
    std::string error() const;

  private:
    struct Writer;

    explicit Ledger(LedgerOptions options);
    template <class AnyRow>
    void push(const AnyRow& row)
    {
        if (closed_ || !queue_.push(row)) dropped_.fetch_add(1, std::memory_order_relaxed);
    }
    void wake();
    void run_writer();
    bool drain();
    bool write_batch(std::size_t rows);
    void fail();

    LedgerOptions options_;
    ledger::RowQueue queue_;
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<std::uint64_t> write_errors_{0};
    std::atomic<std::uint64_t> flush_wanted_{0};
    std::atomic<std::uint64_t> flush_done_{0};
    std::atomic<bool> flush_good_{true};
    std::atomic<bool> stop_{false};
    bool closed_ = false;  ///< the core thread's
    std::unique_ptr<Writer> writer_;
};

}  // namespace arb
