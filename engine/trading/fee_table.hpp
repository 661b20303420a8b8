#pragma once
// The fees of each listing, as the configuration, the instrument lists or the venue's own word say them last.
// Core thread.
#include <utility>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"

namespace arb {

class FeeTable {
  public:
    /// By listing.
    explicit FeeTable(std::vector<Rate> taker) : taker_(std::move(taker)), maker_(taker_) {}

    void set_taker(ListingId listing, Rate fee) { taker_[index(listing)] = fee; }
    void set_maker(ListingId listing, Rate fee) { maker_[index(listing)] = fee; }
    Rate taker(ListingId listing) const { return taker_[index(listing)]; }
    /// The taker's as long as nobody told.
    Rate maker(ListingId listing) const { return maker_[index(listing)]; }

  private:
    std::vector<Rate> taker_, maker_;
};

}  // namespace arb
