#pragma once
// The lines that must survive a crash (engine/pipeline/state_lines.hpp), in one file that is mapped into
// memory: append() copies the line and then makes it count, so it costs no system call and a killed process
// loses nothing that was appended; the operating system writes the pages. Against the loss of power, sync()
// waits until they are on the disk (a background thread calls it). The file is a segment (state_segment.hpp)
// of a fixed size; replace() begins the next one beside it, which takes its name once it is on the disk.
// Opened only if nobody else can have written it. append() and replace() on the core thread, sync() on any.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/live/state_segment.hpp"

namespace arb {

class StateFile {
  public:
    /// Of a segment. Two stand on the disk while one takes the other's place.
    static constexpr std::size_t kBytesDefault = 4U << 20;

    /// Opens or creates the file (mode 0600, in a directory of mode 0700, both ours, no links) and takes its
    /// lock. What had not reached the disk whole is dropped, with a note. Errors: another process holds it
    /// (ExitCode::usage), somebody else could have written it (ExitCode::refused), damage (ExitCode::data),
    /// the disk.
    static Result<std::unique_ptr<StateFile>> open(const std::string& path,
                                                   std::size_t bytes = kBytesDefault);
    ~StateFile();
    StateFile(const StateFile&) = delete;
    StateFile& operator=(const StateFile&) = delete;

    /// The lines that were there when it was opened.
    const std::vector<std::string>& lines() const { return lines_; }
    /// What opening it found that somebody should know.
    const std::vector<std::string>& notes() const { return notes_; }
    /// False: there is no room; the line is not kept.
    bool append(std::string_view line);
    /// Begins the next segment with these lines: after a crash the old content is there or the new, never a
    /// mixture. False: not now, for the disk is busy with the last one.
    Result<bool> replace(const std::vector<std::string>& lines);
    /// Waits until what was appended is on the disk, and has the pages of the next records ready, so that
    /// append() meets no page fault but while this runs. False: it cannot be (then trust nothing of this disk
    /// any more).
    bool sync();
    /// Looks whether the name still leads to this file; else says what happened. A file that was removed or
    /// exchanged takes lines that no next start will read.
    std::string trouble();

    std::size_t used() const { return used_.load(std::memory_order_relaxed); }
    std::size_t capacity() const { return bytes_; }
    /// What the segment began with.
    std::size_t begun_with() const { return begun_with_; }
    /// The lines of this segment, oldest first.
    template <class Visit>
    void for_each_line(Visit&& visit) const
    {
        for (const std::string& line : read_segment({memory_, used()}).lines) visit(std::string_view(line));
    }

  private:
    StateFile() = default;
    Result<bool> open_directory();
    Result<bool> lock();
    Result<bool> read();
    Result<bool> read_next(const SegmentReading& last, bool last_there, bool& taken);
    Result<bool> begin(const std::vector<std::string>& lines);
    Result<bool> take_over(SegmentReading& kept, bool clean);
    Result<std::string> content(const std::string& name, bool& there) const;
    Result<bool> convert(const std::string& bytes);
    Result<bool> map(int file);
    bool finish_replacing();
    void open_pages() const;
    void unmap();

    std::string path_, folder_, name_;
    int directory_ = -1;
    int lock_ = -1;
    int file_ = -1;
    char* memory_ = nullptr;
    std::mutex mapping_;  ///< sync() against replace(); append() needs none
    std::size_t bytes_ = 0;
    std::atomic<std::size_t> used_ = 0;
    std::size_t begun_with_ = 0;
    std::size_t marked_ = 0;  ///< told in the segment as being on the disk
    bool mark_kept_ = false;  ///< and that word is on the disk itself
    bool replacing_ = false;  ///< the segment has not taken the old one's name yet
    SegmentHead head_;
    std::uint64_t next_ = 1;  ///< sequence number of the next record
    std::vector<std::string> lines_, notes_;
};

}  // namespace arb
