#pragma once
// Markets in which trading stopped until somebody looked: why, in a line that survives a crash, and the
// operator's word that it may go on. Core thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/pipeline/state_records.hpp"

namespace arb {

class MarketFlags {
  public:
    MarketFlags(const LiveContext& context, StateRecords& records);

    /// Stops the market. A listing of no market has none: the flag is counted and told, and stops nothing.
    void raise(MarketId market, VenueId venue, std::string_view why, Timestamp now);
    /// The same in a market that no flag has stopped yet.
    void raise_first(MarketId market, VenueId venue, std::string_view why, Timestamp now);
    bool raised(MarketId market) const;
    /// Its flag ends with these words.
    bool says(MarketId market, std::string_view why) const;
    /// Its flag was raised about this venue.
    bool about(MarketId market, VenueId venue) const;
    /// An operator looked and says that trading in this market may go on. False: it has no flag.
    bool clear(std::string_view market, Timestamp now);
    /// Flags raised in this run or kept from earlier ones.
    std::uint64_t count() const { return count_; }

    // Of earlier runs.
    void restore(LineReader& line);
    void restore_cleared(std::string_view market);
    /// Says at the start which markets an earlier run stopped.
    void tell_kept(Timestamp now);
    template <class Visit>
    void for_each_line(Visit&& visit) const
    {
        for (const std::string& line : lines_) {
            if (!line.empty()) visit(line);
        }
    }

  private:
    const std::string& name_of(std::size_t market) const;

    LiveContext context_;
    StateRecords* records_;
    std::vector<std::string> lines_;  ///< by market: the line that says why it stopped; empty: it did not
    std::uint64_t count_ = 0;
};

}  // namespace arb
