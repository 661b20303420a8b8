#pragma once
// Instruments while a run lasts: the venues' lists are read again every hour, and sooner when a venue's word
// or a refused order says that ours are old. Megabytes are fetched and read on a thread of their own; what
// differs comes back as lines of input, so that the journal has it. Main thread.
#include <future>
#include <vector>

#include "engine/app/run/run_request.hpp"
#include "engine/live/instrument_fetch.hpp"
#include "engine/live/live_driver.hpp"
#include "engine/pipeline/engine.hpp"

namespace arb {

class InstrumentLists {
  public:
    using Listings = std::vector<InstrumentTable::VenueListings>;
    /// What the run may trade of the venues' lists: what its configuration names, or else what two venues
    /// list or a comparison names. Throws StartError.
    static Listings at_start(const RunRequest& request, net::Loop& loop,
                             const std::vector<FetchVenue>& venues);

    /// `known`: as the run began. All outlive this object.
    InstrumentLists(const RunRequest& request, const std::vector<FetchVenue>& venues, Listings known,
                    Engine& engine, LiveDriver& driver);
    /// The last of what changed since it was called before: a line of a list, or a word on a venue's stream.
    void log_changes();
    /// Takes what was read, or reads again when it is time; `stopping`: not any more.
    void watch(Timestamp now, bool stopping);
    /// Until nothing is being read.
    void wait();

  private:
    using Lists = std::vector<Result<std::vector<ListingDefinition>>>;  // by venue
    static Lists read(const std::vector<FetchVenue>& venues);
    void apply(Timestamp now);

    const RunRequest* request_;
    const std::vector<FetchVenue>* venues_;
    Listings known_;
    Engine* engine_;
    LiveDriver* driver_;
    std::future<Lists> reading_;
    Timestamp due_, asked_;
    bool wanted_ = false;
    std::uint64_t told_ = 0;  ///< changes that the log has
};

}  // namespace arb
