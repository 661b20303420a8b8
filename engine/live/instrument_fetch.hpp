#pragma once
// What the venues list, asked for over HTTPS before an engine stands: the one thing that must be known first.
// Blocks its caller (start-up) until every reply is there or the deadline is over. Errors name venue and
// address.
#include <string>
#include <vector>

#include "engine/live/live_driver.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

struct FetchVenue {
    VenueKey key;
    const ConnectorType* type = nullptr;
    LiveVenue way;
};

/// One venue's list, and of how many answers (pages, kinds of instruments) it was made.
struct FetchedList {
    std::vector<ListingDefinition> definitions;
    std::size_t answers = 0;
};
/// Error (ExitCode::network): as below.
Result<FetchedList> fetch_list(net::Loop& loop, const FetchVenue& venue, Duration deadline);

/// The listings by venue, in the order given. Error (ExitCode::network): a venue that does not answer or not
/// readably.
Result<std::vector<InstrumentTable::VenueListings>> fetch_instruments(net::Loop& loop,
                                                                      const std::vector<FetchVenue>& venues,
                                                                      Duration deadline);

}  // namespace arb
