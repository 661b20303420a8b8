#pragma once
// Reads an audit log from its first line and says how far it can be trusted. Called by the log when it is
// opened, by `arbiter keys audit` and by tests. Any thread; errors are values.
//
// What the end of a file cannot tell by itself, the checkpoint does: a file beside the log (its name and
// ".checkpoint") with the number of lines and the chain value at the last write to disk. A log with fewer
// lines than its checkpoint, or another chain value there, was cut or exchanged. Lines after the last
// checkpoint can be cut off unseen, and whoever can write both files can cut both: keep a copy of a
// checkpoint elsewhere to be sure.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/keys/audit_record.hpp"

namespace arb {

struct AuditVerdict {
    bool whole = false;  ///< every line follows, and the checkpoint is met
    std::uint64_t records = 0;
    std::uint64_t first_broken = 0;  ///< number of the first line that does not follow, when not whole
    std::string trouble;             ///< one sentence, when not whole
    AuditHash chain{};               ///< after the last good line
    std::uint64_t torn = 0;          ///< lines that were cut and are told as such
    std::uint64_t lost_uses = 0;     ///< uses that the log itself says are missing
    bool checkpointed = false;       ///< there is a checkpoint, and it is met

    /// Bytes behind the last line feed: a line cut while it was written. Harmless at the end of a log whose
    /// process was killed; the next process marks it.
    std::uint64_t tail_bytes = 0;
    AuditHash tail_hash{};
    /// The last line is whole but for its line feed; it is counted above.
    bool feed_missing = false;
};

using AuditVisitor = std::function<void(const AuditRecord&)>;

/// An error only when the file cannot be read at all.
Result<AuditVerdict> verify_audit(const std::string& path, const AuditVisitor& visit = {});

struct AuditCheckpoint {
    std::uint64_t records = 0;
    AuditHash chain{};
};
std::string checkpoint_path(const std::string& path);
std::string checkpoint_text(const AuditCheckpoint& checkpoint);
std::optional<AuditCheckpoint> read_checkpoint(std::string_view text);

}  // namespace arb
