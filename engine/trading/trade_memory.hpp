#pragma once
// Which of the venues' trades were counted: a fill counts once, however often and late it is told, across
// restarts (the state log keeps the keys). A trade is known by the venue's id of it and by our order and its
// side: where our order meets another order of the same account, both sides carry one trade id. Remembers
// the last trades in a fixed table, each with its quantity where that is known: a trade told with two
// quantities is a lie. What it forgets raises the venue's floor: a fill from before the floor that is not
// known may have been counted, so it must not be counted now. Trades of orders that are still open are never
// forgotten. Core thread, no allocation after construction.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/order.hpp"
#include "engine/base/order_report.hpp"

namespace arb {

class TradeMemory {
  public:
    static constexpr std::size_t kKept = 1U << 16;

    struct Trade {
        std::uint64_t key = 0;
        VenueId venue = kNoVenue;  ///< kNoVenue: not known, it may be any
        OrderId order{};
        Timestamp time;     ///< the venue's, or a later one
        Quantity quantity;  ///< zero: not known
    };

    explicit TradeMemory(std::size_t venues = 0, std::size_t kept = kKept)
        : table_(kept * 2), ring_(kept), floors_(venues)
    {
    }

    /// Our side of a venue's trade as one number (never 0), the same in every run.
    static std::uint64_t key(const VenueKey& venue, std::string_view symbol, const FillReport& fill);
    /// The trade as state logs of earlier versions kept it.
    static std::uint64_t key_without_side(const VenueKey& venue, std::string_view symbol,
                                          const FillReport& fill);

    bool knows(std::uint64_t key) const { return find(key) != nullptr; }
    /// nullptr: not known, or forgotten.
    const Trade* find(std::uint64_t key) const;
    /// It is known, with another quantity than this one.
    bool contradicts(std::uint64_t key, Quantity quantity) const;
    /// False: it was known already. The oldest whose order is not `open` is forgotten when the memory is
    /// full.
    template <class IsOpen>
    bool remember(const Trade& trade, IsOpen&& open)
    {
        if (knows(trade.key)) return false;
        for (std::size_t turns = 0; turns < ring_.size() && next().key != 0 && open(next().order); ++turns) {
            const Trade again = next();
            forget(again.key);
            put(again);
        }
        if (next().key != 0) {
            raise(next());
            forget(next().key);
        }
        put(trade);
        return true;
    }
    /// Unknown trades of before this time may have been counted.
    Timestamp floor(VenueId venue) const { return floors_[index(venue)]; }
    void raise_floor(VenueId venue, Timestamp floor);
    /// Oldest first.
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for (std::size_t i = 0; i < ring_.size(); ++i) {
            const Trade& trade = ring_[(at_ + i) % ring_.size()];
            if (trade.key != 0) visit(trade);
        }
    }

  private:
    Trade& next() { return ring_[at_ % ring_.size()]; }
    void raise(const Trade& forgotten);
    void put(const Trade& trade);
    void forget(std::uint64_t key);
    std::size_t home(std::uint32_t place) const { return ring_[place - 1].key % table_.size(); }

    std::vector<std::uint32_t> table_;  // open addressing, half empty: place in the ring + 1; 0: free
    std::vector<Trade> ring_;           // in order of arrival
    std::vector<Timestamp> floors_;     // by venue
    std::size_t at_ = 0;
};

}  // namespace arb
