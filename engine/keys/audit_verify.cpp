#include "engine/keys/audit_verify.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::size_t kChunk = 1U << 16;
constexpr std::size_t kTornMax = 64U << 10;  ///< no cut line is longer

/// Lines of a file, and what stands behind the last line feed.
class Lines {
  public:
    explicit Lines(int file) : file_(file) {}

    /// False at the end, after an error, or in front of a line longer than `kTornMax`.
    bool next(std::string_view& line)
    {
        for (;;) {
            const std::size_t feed = buffer_.find('\n', at_);
            if (feed != std::string::npos) {
                line = std::string_view(buffer_).substr(at_, feed - at_);
                at_ = feed + 1;
                return true;
            }
            if (buffer_.size() - at_ > kTornMax || !fill()) return false;
        }
    }
    std::string_view rest() const { return std::string_view(buffer_).substr(at_); }
    bool ended() const { return ended_ && error_ == 0; }
    int error() const { return error_; }

  private:
    bool fill()
    {
        buffer_.erase(0, at_);
        at_ = 0;
        const std::size_t old = buffer_.size();
        buffer_.resize(old + kChunk);
        ssize_t got = 0;
        do got = ::read(file_, buffer_.data() + old, kChunk);
        while (got < 0 && errno == EINTR);
        if (got < 0) error_ = errno;
        buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        ended_ = got <= 0;
        return got > 0;
    }

    int file_;
    std::string buffer_;
    std::size_t at_ = 0;
    bool ended_ = false;
    int error_ = 0;
};

std::optional<AuditCheckpoint> checkpoint_of(const std::string& path, bool& there)
{
    const int file = ::open(checkpoint_path(path).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    there = file >= 0 || errno != ENOENT;
    if (file < 0) return std::nullopt;
    char text[256];
    const ssize_t got = ::read(file, text, sizeof text);
    ::close(file);
    return got <= 0 ? std::nullopt : read_checkpoint({text, static_cast<std::size_t>(got)});
}

/// The walk itself, apart from opening and the checkpoint's end.
class Walk {
  public:
    Walk(const std::optional<AuditCheckpoint>& checkpoint, const AuditVisitor& visit)
        : checkpoint_(checkpoint), visit_(visit)
    {
    }

    bool line(std::string_view text)
    {
        AuditHash chain = verdict_.chain;
        const std::optional<AuditRecord> record = read_line(text, verdict_.records, chain);
        if (torn_) {
            // Only the line that names exactly these bytes makes a cut line a known loss.
            if (!record || record->kind != AuditKind::torn || record->count != torn_bytes_ ||
                record->hash != torn_hash_) {
                return fail("is cut or changed");
            }
            torn_ = false;
        } else if (!record) {
            torn_ = true;
            torn_bytes_ = text.size();
            torn_hash_ = audit_hash(text);
            return true;
        } else if (record->kind == AuditKind::torn) {
            return fail("tells of a cut line that is not there");
        }
        const bool first = verdict_.records == 0;
        if (first != (record->kind == AuditKind::begin))
            return fail("begins a log, or does not where it must");
        if (first && record->count != kAuditVersion)
            return fail("has a version that this program does not read");
        verdict_.chain = chain;
        ++verdict_.records;
        if (record->kind == AuditKind::torn) ++verdict_.torn;
        if (record->kind == AuditKind::lost) verdict_.lost_uses += record->count;
        if (checkpoint_ && checkpoint_->records == verdict_.records) {
            if (checkpoint_->chain != chain) return fail("is not the one that the checkpoint knows");
            verdict_.checkpointed = true;
        }
        if (visit_) visit_(*record);
        return true;
    }

    AuditVerdict finish(const Lines& lines, bool checkpoint_there)
    {
        if (verdict_.trouble.empty() && !torn_ && lines.ended() && !lines.rest().empty()) {
            AuditHash chain = verdict_.chain;
            verdict_.feed_missing = read_line(lines.rest(), verdict_.records, chain) && line(lines.rest());
        }
        if (!verdict_.trouble.empty()) return verdict_;
        if (torn_) {
            (void)fail("is cut or changed");
        } else if (!lines.ended()) {
            (void)fail(lines.error() != 0 ? "cannot be read" : "is longer than any line of this log");
        } else if (verdict_.records == 0) {
            (void)fail("is missing: this is no audit log");
        } else if (checkpoint_there && !verdict_.checkpointed) {
            (void)fail(checkpoint_ ? fmt::format("and later ones are missing: the checkpoint counts {} lines",
                                                 checkpoint_->records)
                                   : "cannot be compared: the checkpoint beside the log cannot be read");
        } else {
            verdict_.whole = true;
        }
        if (lines.ended() && !torn_ && !verdict_.feed_missing) {
            verdict_.tail_bytes = lines.rest().size();
            verdict_.tail_hash = audit_hash(lines.rest());
        }
        return verdict_;
    }

  private:
    bool fail(std::string_view why)
    {
        verdict_.first_broken = verdict_.records;
        verdict_.trouble = fmt::format("line {} {}", verdict_.records, why);
        return false;
    }

    const std::optional<AuditCheckpoint>& checkpoint_;
    const AuditVisitor& visit_;
    AuditVerdict verdict_;
    bool torn_ = false;
    std::uint64_t torn_bytes_ = 0;
    AuditHash torn_hash_{};
};

}  // namespace

std::string checkpoint_path(const std::string& path)
{
    return path + ".checkpoint";
}

std::string checkpoint_text(const AuditCheckpoint& checkpoint)
{
    return fmt::format("{} {}\n", checkpoint.records, hex_text(checkpoint.chain));
}

std::optional<AuditCheckpoint> read_checkpoint(std::string_view text)
{
    AuditCheckpoint checkpoint;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), checkpoint.records);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (rest.size() != 2 * checkpoint.chain.size() + 2) return std::nullopt;
    for (std::size_t i = 0; i < checkpoint.chain.size(); ++i) {
        const char* const at = rest.data() + 1 + 2 * i;
        const auto [stop, wrong] = std::from_chars(at, at + 2, checkpoint.chain[i], 16);
        if (wrong != std::errc{} || stop != at + 2) return std::nullopt;
    }
    if (text != checkpoint_text(checkpoint)) return std::nullopt;
    return checkpoint;
}

Result<AuditVerdict> verify_audit(const std::string& path, const AuditVisitor& visit)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        return Error{ExitCode::usage,
                     fmt::format("{}: the audit log cannot be opened: {}", path, std::strerror(errno))};
    }
    bool there = false;
    const std::optional<AuditCheckpoint> checkpoint = checkpoint_of(path, there);
    Walk walk(checkpoint, visit);
    Lines lines(file);
    std::string_view line;
    while (lines.next(line) && walk.line(line)) {
    }
    AuditVerdict verdict = walk.finish(lines, there);
    ::close(file);
    return verdict;
}

}  // namespace arb
