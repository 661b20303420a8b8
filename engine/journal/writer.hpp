#pragma once
// Writes a journal (format.hpp): records gather in a block of about 1 MiB, which is compressed with zstd,
// summed with CRC32C and appended; finish() adds the index. Written to `path` + ".part" and renamed by
// finish(), so a file with the final name is whole. One thread. Disk errors come back from every call and
// stay.
#include <cstdio>
#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "engine/journal/record.hpp"

namespace arb {

struct Written {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  ///< of the file
};

class JournalWriter {
  public:
    static Result<JournalWriter> create(const std::string& path, const JournalHeader& header);
    JournalWriter(JournalWriter&&) noexcept;
    JournalWriter& operator=(JournalWriter&&) noexcept;
    /// Without finish() the ".part" file is left for inspection; it reads up to its last whole block.
    ~JournalWriter();

    void frame(VenueId venue, ConnectionId connection, Timestamp time, std::string_view text);
    void http(VenueId venue, Timestamp time, std::string_view url, int status, std::string_view body);
    void open(VenueId venue, ConnectionId connection, Timestamp time, std::string_view url);
    void close(VenueId venue, ConnectionId connection, Timestamp time, std::string_view reason);
    void wake(VenueId venue, Timestamp time);
    void book(VenueId venue, std::uint16_t listing, Timestamp time, bool snapshot,
              std::span<const RecordedLevel> bids, std::span<const RecordedLevel> asks,
              Timestamp venue_time = {});
    /// The recording that this book came from is over.
    void book_over(VenueId venue, std::uint16_t listing, Timestamp time);
    void output(Timestamp time, std::string_view text);
    void command(Timestamp time, std::string_view text);
    /// What was written so far becomes a block of its own and reaches the operating system.
    void flush();
    /// Appends a record as another journal gave it.
    void copy(const Record& record);

    /// Closes and renames the file. The first disk error, if any, comes out here.
    Result<Written> finish();

  private:
    struct State;
    explicit JournalWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace arb
