#pragma once
// One recording of a RecordingSet: its records one after the other, in the terms of the set's table, and at
// its end what must be said for its books not to stand there for ever: its connections close, and its
// normalised books end, 1 ns after its last record.
#include <optional>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"
#include "engine/journal/reader.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

/// A listing of a file, and the factors of its normalised records' counts to the instrument's units.
struct RecordedPlace {
    RecordedPlace() = default;
    RecordedPlace(const InstrumentTable& table, const Listing& listing, const ListingDefinition& definition);
    ListingId listing = kNoListing;
    std::int64_t price_factor = 1, quantity_factor = 1;
};

/// Of what is not a book record the place is none.
struct RecordedInput : RecordedPlace {
    const Record* record = nullptr;
    std::size_t file = 0;
    VenueId venue{};            ///< in the table
    ConnectionId connection{};  ///< unique over all files
    bool ends = false;          ///< no record of the file: the file is over, others go on
};

class RecordingFile {
  public:
    explicit RecordingFile(JournalReader opened) : reader_(std::move(opened)) {}

    const JournalReader& reader() const { return reader_; }
    /// The next venue of its header, in the table.
    void add_venue(VenueId id) { venues_.push_back(id); }
    /// Once, when all of its venues were added.
    std::optional<Error> place_listings(const InstrumentTable& table);
    bool lists(ListingId listing) const;

    void advance(bool with_outputs);
    /// What comes next; null: nothing more. It lives until advance().
    const Record* record() const { return record_; }
    /// Its records are behind us; what still comes says so.
    bool over() const { return over_; }
    /// That record, its place in the set's terms; a connection not seen before takes the id `next`.
    RecordedInput input(std::int32_t& next);
    /// The place alone, of a book record.
    const RecordedPlace& place() const { return places_[index(record_->venue)][record_->listing]; }

    InputSpan span() const { return {reader_.path(), first_, last_}; }
    void add_troubles(std::vector<Error>& errors) const;

  private:
    void note();
    void end();
    void stop(std::string_view why);
    bool placed() const;

    JournalReader reader_;
    const Record* record_ = nullptr;
    std::vector<VenueId> venues_;                     // file's place to table
    std::vector<std::vector<RecordedPlace>> places_;  // by file venue, then place
    std::vector<std::int32_t> connections_;           // file's id to the set's, -1: not seen
    Timestamp first_, last_;
    std::optional<Error> broken_;
    std::vector<std::int16_t> open_;        // by its connection id: the venue, -1 when closed
    std::vector<std::vector<bool>> spoke_;  // by file venue, then place: a normalised record came
    bool over_ = false;
    std::vector<Record> farewell_;  // then said, one by one
    std::size_t said_ = 0;
};

}  // namespace arb
