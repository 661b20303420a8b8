#pragma once
// The log of every use of a key: an append-only file (mode 0600, ours, no symbolic link, one writer at a
// time), one line a use, chained (audit_record.hpp). Two ways to write, chosen when it is opened:
//   queued  record() is for the core thread: it copies the use into a bounded ring and returns, without lock,
//           allocation or system call; a background thread writes within about 20 ms. A full ring drops the
//           use, and a later line says how many are missing.
//   direct  record() writes before it returns, so that a killed process has lost nothing: for the signer.
// The background thread brings the file to disk and renews the checkpoint every second. After SIGKILL at any
// point the next open() goes on: a line that was cut stays where it is, and the next line names it. A log
// that does not follow its own chain is not opened: it is evidence.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/keys/audit_queue.hpp"
#include "engine/keys/audit_record.hpp"

namespace arb {

/// The log's name inside a state directory.
inline constexpr const char* kAuditFile = "keys.audit";

struct AuditOptions {
    bool direct = false;
    std::size_t queue_uses = 4'096;
    Duration write_period = milliseconds(20);
    Duration sync_period = seconds(1);
    std::function<Timestamp()> now;  ///< time of the log's own lines; empty: the system's clock
};

class AuditLog {
  public:
    static Result<std::unique_ptr<AuditLog>> open(const std::string& path, AuditOptions options = {});
    ~AuditLog();
    AuditLog(const AuditLog&) = delete;
    AuditLog& operator=(const AuditLog&) = delete;

    /// One thread at a time. False: the use was dropped (queue full or log closed), or, direct, it is not in
    /// the file yet because writing fails; a signer refuses then.
    bool record(const KeyUse& use);
    /// From now on uses of this key are an anomaly. Not for the core thread: it writes.
    bool retire(std::string_view venue, std::string_view label, Timestamp time);

    /// Waits until all that was recorded is on disk; false when that failed. Not for the core thread.
    bool flush();
    /// Writes what waits, a closing line and the checkpoint. True when no use was lost.
    bool close();

    /// Any thread.
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    bool failing() const { return failing_.load(std::memory_order_relaxed); }

  private:
    struct Writer;

    explicit AuditLog(AuditOptions options);

    AuditOptions options_;
    AuditQueue queue_;
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<bool> failing_{false};
    std::atomic<bool> closed_{false};
    std::unique_ptr<Writer> writer_;
};

}  // namespace arb
