#pragma once
// Several recordings as one stream of inputs in order of receive time (equal times: in the order of the
// files), with one table of venues, listings and connections over all of them. Listings given in the
// configuration replace those of the recordings. Used by audit, backtest and replay on their thread, like a
// queue: front() and pop(). Neither allocates after warm-up, except where a file ends.
//
// When a file is over and others go on, its last inputs end what it held open (Input::ends). Two files with
// normalised records of one book are never mixed: while the one that spoke first runs, the other's are left
// out.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/pipeline/engine_config.hpp"
#include "engine/sim/recording_file.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

class RecordingSet {
  public:
    /// Opens all files. Errors: what JournalReader says, a recording given twice (its inputs would count
    /// twice), and listings that two recordings define differently.
    static Result<RecordingSet> open(const std::vector<std::string>& paths,
                                     const std::vector<InstrumentConfig>& overrides);

    const InstrumentTable& table() const { return *table_; }
    /// The same, for what venues change while a recorded session runs.
    InstrumentTable& rules() { return *table_; }
    const std::vector<InstrumentTable::VenueListings>& venues() const { return venues_; }
    std::size_t file_count() const { return files_.size(); }

    using Input = RecordedInput;
    bool empty() const { return front_ == kNone; }
    /// Receive time of the front input.
    Timestamp time() const { return files_[front_].record()->time; }
    /// The earliest input; its record lives until pop(). Outputs of recorded sessions are passed over unless
    /// include_outputs(true) was called.
    Input front();
    void pop();

    /// A normalised record's levels in the instrument's units; the spans live until the next call. A record
    /// that holds impossible numbers gives an update without a listing.
    BookUpdate book_update(const Input& input);

    /// The front input as a record of one journal with this set's venues(): ids and levels in its terms.
    Record merged_record(const Input& input);

    /// What was wrong with the files, by file, once the inputs are over.
    std::vector<Error> troubles() const;
    std::uint64_t bytes_read() const;
    std::uint64_t bytes_total() const;
    std::uint64_t records() const { return records_; }
    /// From the first to the last record read of this file; unknown times: it has none.
    InputSpan span(std::size_t file) const { return files_[file].span(); }
    /// For how long files that list it ran, time in which several ran counted once.
    Duration recorded(ListingId listing) const;
    /// Normalised records of this book that were left out, because another file's were followed.
    std::uint64_t left_out(ListingId listing) const { return left_out_[index(listing)]; }
    void include_outputs(bool yes) { with_outputs_ = yes; }

  private:
    static constexpr std::size_t kNone = SIZE_MAX;
    RecordingSet() = default;
    void collect(RecordingFile& file, const std::vector<InstrumentConfig>& overrides,
                 std::optional<Error>& error);
    std::optional<Error> find_repeated() const;
    std::optional<Error> merge(const std::vector<InstrumentConfig>& overrides);
    void find_front();
    /// Of a book record: whether another file's records of that book are followed.
    bool foreign(std::size_t file);

    std::vector<RecordingFile> files_;
    std::vector<InstrumentTable::VenueListings> venues_;
    std::unique_ptr<InstrumentTable> table_;
    std::vector<Level> bids_, asks_;
    std::vector<RecordedLevel> merged_bids_, merged_asks_;
    std::vector<std::size_t> owner_;       // by listing: the file whose normalised records are followed
    std::vector<std::uint64_t> left_out_;  // by listing
    std::size_t front_ = kNone;
    std::int32_t next_connection_ = 0;
    std::uint64_t records_ = 0;
    bool with_outputs_ = false;
};

}  // namespace arb
