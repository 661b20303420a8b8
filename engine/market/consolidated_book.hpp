#pragma once
// The aggregator: for one market, the best bid and ask of every venue with their ages, and which venue is
// best on each side. A market is one instrument, or several that the configuration declares comparable (a
// spot and a perpetual of the same pair); prices are in the market's own unit, the finest of its instruments.
// An update costs O(venues of this market), whatever the number of markets. Core thread, no allocation.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/time.hpp"
#include "engine/market/book_builder.hpp"

namespace arb {

enum class MarketId : std::uint16_t {};

/// One listing's place in a market.
struct MarketMember {
    ListingId listing = kNoListing;
    std::int64_t price_factor = 1;  ///< instrument's price units to the market's
    std::int64_t quantity_factor = 1;
};

struct MarketDefinition {
    std::string name;  ///< the instrument's, or the comparison's
    std::string base, quote;
    std::uint8_t price_decimals = 0;
    std::uint8_t quantity_decimals = 0;
    std::vector<MarketMember> members;  ///< in listing order
};

struct VenueQuote {
    Price bid, ask;  ///< market units; only meaningful when `usable`
    Quantity bid_quantity, ask_quantity;
    Timestamp updated;    ///< receive time of the book's last update
    bool usable = false;  ///< book valid, two-sided, not crossed
    bool ended = false;   ///< its recording is over; the prices are the last usable ones
};

class ConsolidatedBook {
  public:
    explicit ConsolidatedBook(MarketDefinition definition);

    const MarketDefinition& definition() const { return definition_; }
    std::span<const VenueQuote> quotes() const { return quotes_; }  ///< by member
    void update(std::size_t member, const BookBuilder& builder);

    static constexpr std::size_t kNone = SIZE_MAX;
    std::size_t best_bid() const { return best_bid_; }  ///< member, kNone when no book is usable
    std::size_t best_ask() const { return best_ask_; }
    /// The recording of some venue's book is over.
    bool any_ended() const { return any_ended_; }
    /// Some venue bids above another's ask.
    bool crossing() const
    {
        return best_bid_ != kNone && best_ask_ != kNone && quotes_[best_bid_].bid > quotes_[best_ask_].ask;
    }

  private:
    MarketDefinition definition_;
    std::vector<VenueQuote> quotes_;
    std::size_t best_bid_ = kNone;
    std::size_t best_ask_ = kNone;
    bool any_ended_ = false;
};

}  // namespace arb
