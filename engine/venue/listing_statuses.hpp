#pragma once
// What a venue's status channels said so far, of single listings and of the venue as a whole: while the
// venue as a whole does not trade, none of its listings does, whatever is said of them one by one. For
// decoders: core thread, no allocation after construction, no exception. Words are put into "trades" or
// "does not" by the connector; one that it does not know means "does not".
#include <vector>

#include "engine/base/ensure.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

class ListingStatuses {
  public:
    ListingStatuses(VenueId venue, const InstrumentTable& table)
        : venue_(venue), table_(&table), halted_(table.listings().size())
    {
    }

    /// The venue's word on one of its listings.
    void tell(ListingId listing, bool trades, FactSink& sink)
    {
        ENSURE(index(listing) < halted_.size(), "a status is told of a listing of the table");
        halted_[index(listing)] = !trades;
        hand_on(listing, sink);
    }

    /// The venue's word on itself; the same word again is no news.
    void tell_all(bool trades, FactSink& sink)
    {
        if (closed_ == !trades) return;
        closed_ = !trades;
        for (const Listing& listing : table_->listings()) {
            if (listing.venue == venue_) hand_on(listing.id, sink);
        }
    }

    /// The channel begins anew, and does not repeat what it said: the list alone tells it until it speaks.
    void forget(FactSink& sink)
    {
        for (const Listing& listing : table_->listings()) {
            if (listing.venue != venue_ || !halted_[index(listing.id)]) continue;
            halted_[index(listing.id)] = false;
            sink.on_listing_status(listing.id, closed_ ? ListingStatus::halted : ListingStatus::unknown);
        }
    }

  private:
    void hand_on(ListingId listing, FactSink& sink) const
    {
        const bool halted = closed_ || halted_[index(listing)];
        sink.on_listing_status(listing, halted ? ListingStatus::halted : ListingStatus::trading);
    }

    VenueId venue_;
    const InstrumentTable* table_;
    std::vector<bool> halted_;  ///< by listing, as last told
    bool closed_ = false;       ///< the venue as a whole
};

}  // namespace arb
