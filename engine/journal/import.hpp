#pragma once
// Others' recordings to ours, one function a format. Each reads its input as a stream (plain, gzip or zstd,
// told by the first bytes), makes two passes (first: which instruments, which decimals; second: write), and
// never holds a whole input. What could be read before an error is kept in the output, and the error names
// file and line. Knows no venue: it asks the VenueDirectory, which the program fills from the connectors.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace arb {

/// What importers must know about venues, without seeing a connector.
class VenueDirectory {
  public:
    virtual ~VenueDirectory() = default;
    /// Exchange and instance market a websocket or REST address belongs to; empty: nobody's.
    virtual std::optional<VenueKey> venue_of_url(std::string_view url) const = 0;
    /// Exchange and instance market that Tardis keeps under this name; empty: no connector has it.
    virtual std::optional<VenueKey> venue_of_tardis(std::string_view name) const = 0;
    /// Whether a connector of this name (and instance market) exists.
    virtual bool known(const VenueKey& key) const = 0;
    virtual std::string stream_url(const VenueKey& key) const = 0;
    virtual std::string snapshot_url(const VenueKey& key, std::string_view symbol) const = 0;
    virtual Result<std::vector<ListingDefinition>> read_instruments(const VenueKey& key, std::string_view url,
                                                                    std::string_view body) const = 0;
    virtual std::optional<ListingDefinition> guess_listing(const VenueKey& key,
                                                           std::string_view symbol) const = 0;

    /// First pass: one decoder of this venue that tells which symbols the frames speak of and how many
    /// decimals they use.
    class Learner {
      public:
        virtual ~Learner() = default;
        virtual void open(std::uint16_t connection, std::string_view url, Timestamp time) = 0;
        virtual void frame(std::uint16_t connection, std::string_view text, Timestamp time) = 0;
        virtual void http(std::string_view url, std::string_view body, Timestamp time) = 0;
        /// Known definitions that were seen in books, quotes or trades, then learnt ones (`inferred`), in
        /// order of sight.
        virtual std::vector<ListingDefinition> result() const = 0;
    };
    virtual std::unique_ptr<Learner> learn(const VenueKey& key,
                                           const std::vector<ListingDefinition>& known) const = 0;
};

struct ImportRequest {
    std::string format;  ///< cryptofeed, hftbacktest-raw, tardis-l2, book-csv
    std::vector<std::string> inputs;
    std::string output;
    std::string venue;       ///< hftbacktest-raw, book-csv
    std::string market;      ///< hftbacktest-raw; book-csv: spot unless given
    std::string instrument;  ///< book-csv: BASE/QUOTE
    std::vector<InstrumentTable::VenueListings> instruments;  ///< from --instruments
    std::string build;
    /// Called now and then with bytes of input read so far (both passes), in all, and records written.
    std::function<void(std::uint64_t done, std::uint64_t total, std::uint64_t records)> progress;
};

struct ImportSummary {
    std::uint64_t records = 0;
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;  ///< of the output
    std::vector<InstrumentTable::VenueListings> venues;
    std::vector<std::string> notes;  ///< what was skipped and why, with counts
};

/// The formats that --from accepts.
std::vector<std::string> import_formats();

/// Runs one import. On an error in the middle the output is finished with what was readable, and the error
/// says so.
Result<ImportSummary> run_import(const ImportRequest& request, const VenueDirectory& directory);

}  // namespace arb
