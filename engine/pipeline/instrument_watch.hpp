#pragma once
// What the venues list, while a run lasts: tick, lot, minimums, fees and status change, and listings end. The
// driver reads the lists again (every hour, and when this asks for it) and hands each difference in as a line
// of input, so that it stands in the journal and a replay has it at the same instant:
//
//   listing  <venue> <definition line>       as ListingDefinition::to_line writes it
//   delisted <venue> <symbol>                a whole list no longer has it
//
// (tab-separated). What changes takes effect with the next decision; a listing that is halted or gone takes
// no new risk, and why() says so. A venue's stream may halt a listing ahead of its list; the listing trades
// again when neither says that it does not, for each knows of reasons that the other does not show. Core
// thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/order.hpp"

namespace arb {

class InstrumentWatch {
  public:
    struct Change {
        ListingId listing = kNoListing;
        bool fees = false;  ///< its listed fees are others now
    };

    /// `table` may be null: then every line is refused.
    explicit InstrumentWatch(InstrumentTable* table);

    static bool speaks_of(std::string_view line);
    /// False: not understood, or of a listing that this run does not have. `change` says what it touched.
    bool command(std::string_view line, Change& change);
    /// The venue's own word on its stream, ahead of its list. Unknown: its last one counts no more.
    void on_status(ListingId listing, ListingStatus status);
    /// An order was refused as if what we know of its listing were old: the lists should be read again.
    void on_refusal(RejectReason reason);

    /// The lists should be read before the hour is over; asking resets it.
    bool take_wish();
    /// Why the listing takes no new risk; empty: it does.
    const std::string& why(ListingId listing) const { return why_[index(listing)]; }
    /// What was last changed, in words, for a log: "BTCUSDT at binance: tick 0.01 -> 0.1". Empty: nothing
    /// yet.
    const std::string& last_change() const { return last_change_; }
    std::uint64_t changes() const { return changes_; }

  private:
    struct Words {
        ListingStatus list = ListingStatus::unknown, stream = ListingStatus::unknown;
        std::string why;  ///< the list's reason
    };
    bool delisted(const Listing& listing);
    /// The listing's status from both words; true: another one than before.
    bool settle(ListingId listing);
    void tell(const Listing& listing, const std::string& what);

    InstrumentTable* table_;
    std::vector<std::string> why_;  // by listing
    std::vector<Words> words_;      // by listing
    std::string last_change_;
    std::uint64_t changes_ = 0;
    bool wish_ = false;
};

/// The lines for what differs between two readings of one venue's list; `now` must be whole. What the first
/// does not have is none of the run's listings and is left out.
std::vector<std::string> listing_lines(const std::string& venue, const std::vector<ListingDefinition>& before,
                                       const std::vector<ListingDefinition>& now);

}  // namespace arb
