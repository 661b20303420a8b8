#pragma once
// The lines of a text file, plain or packed with gzip or zstd (told by the first bytes, not by the name), one
// after the other in bounded memory: however far a packed file would swell, only one line and a few buffers
// are held. Used by the importers. One thread. Lines end with LF or, as Windows writes them, all with CRLF;
// the last may lack its end. A UTF-8 byte order mark at the begin is no text, and neither are zeros behind a
// gzip stream. Trouble ends the reading after all whole lines before it: mixed line ends, a NUL byte, UTF-16,
// a line of more than kLineMax bytes, a packed stream that is cut off or damaged, a disk that fails. Each is
// named with file and line.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace arb {

inline constexpr std::size_t kLineMax = 63U << 20;

class LineSource {
  public:
    /// Refused (ExitCode::data): no such file, a folder, empty, packed in another way (xz, bzip2, zip).
    static Result<LineSource> open(const std::string& path);
    LineSource(LineSource&&) noexcept;
    LineSource& operator=(LineSource&&) noexcept;
    ~LineSource();

    /// The next line without its end, good until the next call. False at the end or on trouble.
    bool next(std::string_view& line);
    /// Number of the line last given, from 1.
    std::uint64_t line() const;
    const std::optional<Error>& trouble() const;
    /// "path:line: what", about the line last given.
    Error at(std::string_view what) const;
    const std::string& path() const;
    /// Bytes of the file as it lies on the disk: consumed so far, and in all.
    std::uint64_t bytes_read() const;
    std::uint64_t bytes_total() const;

  private:
    struct State;
    explicit LineSource(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace arb
