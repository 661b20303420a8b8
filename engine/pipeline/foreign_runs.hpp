#pragma once
// Runs of this program that are not in our state log: of another machine, or of a log that is gone. What was
// seen of them at a start, which of them the owner says are over, and the orders that those left open. Plain
// state; StrangerWatch decides what follows. Core thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/client_order_id.hpp"
#include "engine/base/time.hpp"

namespace arb {

/// A run's epoch as people see it and type it: eight hexadecimal digits.
std::string run_name(std::uint32_t epoch);
/// Reads it back; empty: no name of a run.
std::optional<std::uint32_t> parse_run_name(std::string_view text);

class ForeignRuns {
  public:
    /// Whoever traded this long ago may trade on.
    static constexpr Duration kYoung = seconds(3600);
    /// A cancel that did not help is sent again after so long; by then the venue was asked for its list
    /// again.
    static constexpr Duration kCancelRepeat = seconds(6);

    /// What was seen of one run at one venue that may live.
    struct Sign {
        VenueId venue{};
        std::uint32_t epoch = 0;
        std::uint64_t orders = 0, fills = 0;
        Duration youngest = kYoung;  ///< the age of its last fill
    };
    struct Order {
        VenueId venue{};
        OrderId id{};
        ListingId listing = kNoListing;
        std::string venue_id;
        bool listed = false;  ///< in the venue's last list, or told since
        Timestamp cancelled;  ///< when that was last asked for
    };

    void see_order(VenueId venue, std::uint32_t epoch) { ++sign(venue, epoch).orders; }
    void see_fill(VenueId venue, std::uint32_t epoch, Duration age);
    const std::vector<Sign>& signs() const { return signs_; }
    /// What was seen, and what to do about it.
    static std::string text(const Sign& sign, std::string_view venue);

    /// The owner says that this run is over.
    void take(std::uint32_t epoch);
    bool taken(std::uint32_t epoch) const;
    const std::vector<std::uint32_t>& all_taken() const { return taken_; }
    /// True once a venue: something of a run that was taken over was met there.
    bool first_at(VenueId venue);

    // Orders that taken runs left open.
    void add_order(VenueId venue, OrderId id, ListingId listing, std::string_view venue_id);
    /// The venue is asked for its list of open orders; and told all of it.
    void begin_list(VenueId venue);
    void end_list(VenueId venue);
    bool lists_any(VenueId venue) const;
    /// The next that is to be cancelled; nullptr: none now.
    Order* to_cancel(VenueId venue, Timestamp now);

  private:
    Sign& sign(VenueId venue, std::uint32_t epoch);

    std::vector<Sign> signs_;
    std::vector<std::uint32_t> taken_;
    std::vector<VenueId> met_;
    std::vector<Order> orders_;
};

}  // namespace arb
