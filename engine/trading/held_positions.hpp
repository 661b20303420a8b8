#pragma once
// What packages that mean to hold have bought and sold evenly, and nobody closes until a package releases it:
// a carry's spot and perpetual, say. Each stands under the package that opened it, with what moved at each
// listing and what it cost. Stop, flatten and a restart leave it alone; a release gives its cost back to the
// result. Fixed room, core thread, no allocation after the constructor.
#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/market/consolidated_book.hpp"

namespace arb {

/// Signed changes of base, one entry a listing, units of the package's market.
class ListingChanges {
  public:
    static constexpr std::size_t kMost = 32;
    struct Entry {
        ListingId listing = kNoListing;
        std::int64_t quantity = 0;
    };

    void clear() { count_ = 0; }
    /// False: no room for another listing.
    bool add(ListingId listing, std::int64_t quantity);
    /// So much of it has another owner: of what was bought, or (negative) of what was sold.
    void take_out(std::int64_t quantity);
    /// No listing has any.
    bool empty() const;
    /// The larger of what was bought and what was sold of it.
    std::int64_t size() const;
    const Entry* begin() const { return entries_.data(); }
    const Entry* end() const { return entries_.data() + count_; }

  private:
    std::array<Entry, kMost> entries_{};
    std::size_t count_ = 0;
};

struct HeldPosition {
    PackageId package{};
    MarketId market{};
    std::uint8_t strategy = 0;
    ListingChanges changes;
    Amount cost;  ///< of the market's quote currency: paid less received, fees not in it
    Timestamp since;
};

class HeldPositions {
  public:
    static constexpr std::size_t kMost = 256;

    HeldPositions() { positions_.reserve(kMost); }
    bool full() const { return positions_.size() == kMost; }
    void add(const HeldPosition& position);
    /// Null: that package holds nothing (any more).
    const HeldPosition* find(PackageId package) const;
    /// `changes` of a releasing package, with their own signs; what is held then shrinks by them, and the
    /// share of the cost that goes with it is returned. The last of it takes what is left of the cost.
    Amount release(PackageId package, const ListingChanges& changes);
    const std::vector<HeldPosition>& all() const { return positions_; }

  private:
    std::vector<HeldPosition> positions_;
};

}  // namespace arb
