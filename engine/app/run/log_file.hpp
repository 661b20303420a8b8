#pragma once
// The log of a run in its state directory: every line with its UTC time, also those that a terminal shows for
// a moment only. Begun anew at kBytesMost; the last kKept files before it are kept. Main thread. What cannot
// be written is told once, and the run goes on.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

class LogFile {
  public:
    static constexpr std::uint64_t kBytesMost = 8U << 20;
    static constexpr unsigned kKept = 4;

    /// The file's path in a state directory; `age` 0: the one that is written.
    static std::string path(const std::string& directory, unsigned age = 0);

    explicit LogFile(std::string directory) : directory_(std::move(directory)) {}
    /// A text of one line or several. Empty: written; else why not, and only the first time.
    std::string line(std::string_view text, Timestamp now);

  private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    bool open();
    void rotate();

    std::string directory_;
    std::unique_ptr<std::FILE, Closer> file_;
    std::uint64_t bytes_ = 0;
    bool told_ = false;
};

}  // namespace arb
