#pragma once
// Reads a journal (format.hpp) block by block with one block in memory, so the use of memory does not grow
// with the file. A block whose checksum or shape is wrong, or a tail that was cut off, ends the reading:
// every record before it has been handed out, and trouble() says what is wrong, where, and how much was kept.
// One thread. next() does not allocate after the first blocks.
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/journal/record.hpp"

namespace arb {

class JournalReader {
  public:
    /// Refused (ExitCode::data): no such file, empty, not a journal, a newer version, a damaged header.
    static Result<JournalReader> open(const std::string& path);
    JournalReader(JournalReader&&) noexcept;
    JournalReader& operator=(JournalReader&&) noexcept;
    ~JournalReader();

    const JournalHeader& header() const;
    const std::string& path() const;
    /// The next record, or nullptr at the end (of what can be read).
    const Record* next();
    /// What is wrong with the file, once next() has returned nullptr. Empty: it was whole.
    const std::optional<Error>& trouble() const;
    /// For progress: bytes of the file consumed so far, and in all.
    std::uint64_t bytes_read() const;
    std::uint64_t bytes_total() const;

  private:
    struct State;
    explicit JournalReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace arb
