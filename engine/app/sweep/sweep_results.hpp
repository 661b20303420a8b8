#pragma once
// The results of a sweep on disk, DIR/results.jsonl: a first line that says of what, then a JSON line a
// variant in the order in which they came. A line is written at once and whole; one that a kill cut off is
// taken away by the next start, which goes on with the variants that are missing. One process at a time, one
// thread; StartError at the start, and where a line cannot be written.
#include <cstdint>
#include <string>
#include <vector>

#include "engine/report/sweep_report.hpp"

namespace arb {

/// What the results are of. They are never mixed with those of anything else.
struct SweepIdentity {
    std::string build;
    std::uint64_t configuration = 0;  ///< hash of the plan
    std::uint64_t recordings = 0;     ///< hash of their bytes
};

/// Of the bytes of these files, in this order. StartError (ExitCode::data): one cannot be read.
std::uint64_t hash_of_recordings(const std::vector<std::string>& paths);

class SweepResults {
  public:
    /// Makes the folder where it is missing. Refused: another sweep is at work there, results of something
    /// else, a line that cannot be read.
    SweepResults(const std::string& directory, const SweepIdentity& identity,
                 const std::vector<SweepRange>& ranges, std::size_t variants);
    ~SweepResults();
    SweepResults(const SweepResults&) = delete;
    SweepResults& operator=(const SweepResults&) = delete;

    const std::string& path() const { return path_; }
    /// What is there, in the order of the file.
    const std::vector<SweepRow>& rows() const { return rows_; }
    void add(SweepRow row);

  private:
    void read(const std::string& header, std::size_t variants);
    void write(const std::string& line);

    std::string path_;
    std::vector<SweepRange> ranges_;
    std::vector<SweepRow> rows_;
    int file_ = -1;
};

}  // namespace arb
