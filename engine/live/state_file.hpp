#pragma once
// The lines that must survive a crash (engine/pipeline/state_lines.hpp), in one file that is mapped into
// memory: append() copies the line and then makes it count, so it costs no system call and a killed process
// loses nothing that was appended; the operating system writes the pages. Against the loss of power, sync()
// waits until they are on the disk (a background thread calls it). Each line carries its length and CRC32C: a
// torn tail ends the file, damage in the middle is an error. The file is locked against a second process.
// append() on the core thread, sync() on any.
//
//   offset 0   magic "ARBSTAT\n"   8   version (4)   12   zero (4)
//          16  lines: length (4), crc32c of the text (4), text, zeros up to a multiple of 8; a length of 0
//          ends them
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace arb {

class StateFile {
  public:
    static constexpr std::size_t kBytesDefault = 64U << 20;

    /// Opens or creates the file (mode 0600) and takes its lock. Errors: another process holds it
    /// (ExitCode::usage), damage (ExitCode::data), the disk.
    static Result<std::unique_ptr<StateFile>> open(const std::string& path,
                                                   std::size_t bytes = kBytesDefault);
    ~StateFile();
    StateFile(const StateFile&) = delete;
    StateFile& operator=(const StateFile&) = delete;

    /// The lines that were there when it was opened.
    const std::vector<std::string>& lines() const { return lines_; }
    /// False: the file is full; the line is not kept.
    bool append(std::string_view line);
    /// Replaces the whole content, atomically: after a crash the old or the new content is there, never a
    /// mixture.
    Result<bool> replace(const std::vector<std::string>& lines);
    /// Waits until what was appended is on the disk. False: it cannot be (then trust nothing of this disk any
    /// more).
    bool sync();
    std::size_t used() const { return used_; }
    std::size_t capacity() const { return bytes_; }

  private:
    StateFile() = default;
    Result<bool> map(const std::string& path, bool create);
    Result<bool> read();
    void unmap();

    std::string path_;
    int file_ = -1;
    int lock_ = -1;
    char* memory_ = nullptr;
    std::mutex mapping_;  ///< sync() against replace(); append() needs none
    std::size_t bytes_ = 0;
    std::size_t used_ = 0;
    std::vector<std::string> lines_;
};

}  // namespace arb
