#pragma once
// A directory that parts of evidence are written into: mode 0700, files 0600, each brought to disk and hashed
// after it was written, so that the manifest tells what really lies there. Used by evidence.cpp. Cold path,
// one thread. A part that cannot be had is named as missing; a disk that fails is the first trouble, what was
// written before stays, and later parts are still tried.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace arb {

struct EvidencePart {
    std::string file;  ///< inside the bundle
    std::string what;  ///< one line for people
    std::uint64_t bytes = 0;
    std::string sha256;   ///< hexadecimal
    std::string missing;  ///< why the part is not there, or not whole
    bool there = false;   ///< the file exists
};

class EvidenceFolder {
  public:
    /// Takes bytes; false when the disk refused, and the part should end.
    using Sink = std::function<bool(std::string_view)>;
    /// Writes one part into the sink; the reason when it is missing or not whole.
    using Fill = std::function<std::optional<std::string>(const Sink&)>;

    /// A new directory evidence-<utc> inside `below`. The error names the directory and the system's reason.
    static Result<EvidenceFolder> make(const std::string& below, Timestamp now);

    /// A part without a single byte and with a reason leaves no file.
    void add(const std::string& file, const std::string& what, const Fill& fill);
    void add_text(const std::string& file, const std::string& what, std::string_view text);
    void add_missing(const std::string& file, const std::string& what, const std::string& why);
    /// A whole file, byte by byte.
    void add_copy(const std::string& file, const std::string& what, const std::string& source);

    const std::string& path() const { return path_; }
    std::string path_of(const std::string& file) const { return path_ + "/" + file; }
    const std::vector<EvidencePart>& parts() const { return parts_; }
    /// The first thing that the disk refused.
    const std::optional<Error>& trouble() const { return trouble_; }
    /// The directory itself to disk.
    void finish();

  private:
    explicit EvidenceFolder(std::string path) : path_(std::move(path)) {}
    void fail(const std::string& file, int error);

    std::string path_;
    std::vector<EvidencePart> parts_;
    std::optional<Error> trouble_;
};

}  // namespace arb
