#pragma once
// What all importers share. An Importer knows one format: it looks at every line in a first pass, then says
// the venues and gives RecordSources, one a stream that is in time order by itself; run_import merges them
// into the output by receive time (equal times keep the order of inputs and lines). Inside engine/journal
// only. One thread.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/journal/import.hpp"
#include "engine/journal/line_source.hpp"
#include "engine/journal/writer.hpp"

namespace arb {

/// Remarks with counts, in the order in which they first came up.
class ImportNotes {
  public:
    void add(std::string_view text, std::uint64_t count = 1);
    /// "3 x text", or the text alone when it was said once.
    std::vector<std::string> texts() const;

  private:
    std::vector<std::pair<std::string, std::uint64_t>> entries_;
};

/// Records of one input (or one connection of it) in time order.
class RecordSource {
  public:
    virtual ~RecordSource() = default;
    /// On to the next record. False at the end, or on trouble: then error() is set.
    virtual bool next() = 0;
    /// Appends the record at hand; may be called once after each next().
    virtual void write(JournalWriter& out) = 0;
    virtual std::uint64_t bytes_read() const = 0;

    Timestamp time() const { return time_; }
    std::uint64_t line() const { return line_; }
    bool frame() const { return frame_; }
    const std::optional<Error>& error() const { return error_; }

  protected:
    Timestamp time_;
    std::uint64_t line_ = 0;
    bool frame_ = false;
    std::optional<Error> error_;
};

struct ImportContext {
    const ImportRequest& request;
    const VenueDirectory& directory;
    ImportNotes& notes;
};

class Importer {
  public:
    virtual ~Importer() = default;
    /// First pass: one line of input number `input` (lines.line() is its number). An error ends the pass:
    /// that line and everything behind it are left out.
    virtual std::optional<Error> scan(std::size_t input, const LineSource& lines, std::string_view line) = 0;
    /// First pass: the input is over, or (not `whole`) ended in trouble behind `lines_good` lines. May take
    /// some of these back, with an error of its own or without.
    virtual std::optional<Error> scan_end(std::size_t input, bool whole, std::uint64_t& lines_good) = 0;
    /// After the first pass. The place of a venue is its VenueId.
    virtual Result<std::vector<InstrumentTable::VenueListings>> venues() = 0;
    /// Second pass over the first `lines_good` lines of an input.
    virtual Result<std::vector<std::unique_ptr<RecordSource>>> sources(std::size_t input,
                                                                       std::uint64_t lines_good) = 0;
};

/// The definition that --instruments gives for this venue under this symbol or instrument name.
const ListingDefinition* find_given(const ImportRequest& request, const VenueKey& key, std::string_view name);

/// Tick and lot of a listing from what the first pass saw, with a note on what was inferred or cut down.
class StepsSeen;
std::optional<Error> settle_steps(const StepsSeen& steps, const VenueKey& key, ListingDefinition& definition,
                                  ImportNotes& notes);

/// "a time runs backwards: ... comes after ..." for error texts.
std::string backwards_text(Timestamp time, Timestamp before);

std::unique_ptr<Importer> make_cryptofeed_importer(const ImportContext& context);
Result<std::unique_ptr<Importer>> make_raw_importer(const ImportContext& context);
Result<std::unique_ptr<Importer>> make_tardis_importer(const ImportContext& context);
Result<std::unique_ptr<Importer>> make_book_csv_importer(const ImportContext& context);

}  // namespace arb
