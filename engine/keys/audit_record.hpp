#pragma once
// One line of the audit log, and the chain that ties the lines together. A line is made of fields parted by
// tabs: number, kind, time (ns since 1970), venue, key label, endpoint, hash, outcome, chain. The chain value
// of a line is SHA-256(chain value of the line before || the line without its last tab and its chain value);
// before the first line it is 32 zero bytes. The first line (kind `begin`) carries a random genesis in its
// hash field, so no two logs have a line in common. Pure functions, any thread.
//
// The chain has no secret in it: whoever can rewrite the whole file can compute a new one. What it shows is
// any change that leaves later lines, a checkpoint or a copied chain value as they were.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

inline constexpr std::uint32_t kAuditVersion = 1;
inline constexpr std::size_t kAuditLineMax = 640;  ///< with its line feed

using AuditHash = std::array<unsigned char, 32>;
/// SHA-256. The only form in which what was signed enters the log.
AuditHash audit_hash(std::string_view text);
std::string hex_text(const AuditHash& hash);

enum class AuditKind : std::uint8_t {
    begin,   ///< first line: the genesis
    resume,  ///< a process went on with the log
    use,     ///< of a key
    retire,  ///< a key was retired: later uses of it are wrong
    torn,    ///< the bytes before this line are the rest of one that was cut: how many, and their hash
    lost,    ///< uses that could not be written: how many
    close,   ///< a process ended in order
};
const char* name(AuditKind kind);

enum class KeyOutcome : std::uint8_t {
    done,     ///< a signature was given
    refused,  ///< by policy
    failed,   ///< the key, the token or the process failed
};
const char* name(KeyOutcome outcome);

/// A text of bounded size without allocation; a longer one is cut.
template <std::size_t N>
class AuditText {
  public:
    AuditText() = default;
    AuditText(std::string_view text) : size_(static_cast<std::uint8_t>(text.size() < N ? text.size() : N))
    {
        for (std::size_t i = 0; i < size_; ++i) bytes_[i] = text[i];
    }
    std::string_view view() const { return {bytes_.data(), size_}; }

  private:
    static_assert(N < 256);
    std::array<char, N> bytes_{};
    std::uint8_t size_ = 0;
};

/// What is handed to the log. Trivially copied.
struct KeyUse {
    Timestamp time;
    AuditText<24> venue;
    AuditText<48> label;
    AuditText<120> endpoint;
    AuditHash request{};
    KeyOutcome outcome = KeyOutcome::done;
    AuditText<24> reason;  ///< of a refusal or a failure, one word
};

/// A line as it was read.
struct AuditRecord {
    std::uint64_t number = 0;
    AuditKind kind = AuditKind::use;
    Timestamp time;
    std::string venue;
    std::string label;
    std::string endpoint;
    AuditHash hash{};
    KeyOutcome outcome = KeyOutcome::done;
    std::string reason;
    std::uint64_t count = 0;  ///< torn: bytes; lost: uses; begin: the format's version
};

/// Appends the finished line and moves the chain on. Bytes of texts that are not printable ASCII (and % and
/// the tab) are written as %XX.
void append_line(const AuditRecord& record, AuditHash& chain, std::string& out);
AuditRecord record_of(const KeyUse& use);

/// The record of a line (without its line feed), or empty when it has another form or does not follow the
/// chain; moves the chain on when it does.
std::optional<AuditRecord> read_line(std::string_view line, std::uint64_t number, AuditHash& chain);

}  // namespace arb
