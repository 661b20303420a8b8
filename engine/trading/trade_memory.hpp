#pragma once
// Which of the venues' trades were counted: a fill counts once, however often and late it is told, across
// restarts (the state log keeps the keys). A trade is known by the venue's id of it and by our order and its
// side: where our order meets another order of the same account, both sides carry one trade id. Remembers the
// last `kept` trades in a fixed table, each with its quantity where that is known: a trade told with two
// quantities is a lie. Core thread, no allocation after construction.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/order_report.hpp"

namespace arb {

class TradeMemory {
  public:
    static constexpr std::size_t kKept = 1U << 16;

    explicit TradeMemory(std::size_t kept = kKept) : table_(kept * 2), ring_(kept) {}

    /// Our side of a venue's trade as one number (never 0), the same in every run.
    static std::uint64_t key(const VenueKey& venue, std::string_view symbol, const FillReport& fill);
    /// The trade as state logs of earlier versions kept it.
    static std::uint64_t key_without_side(const VenueKey& venue, std::string_view symbol,
                                          const FillReport& fill);

    bool knows(std::uint64_t key) const { return table_[place_of(key)].key != 0; }
    /// It is known, with another quantity than this one.
    bool contradicts(std::uint64_t key, Quantity quantity) const;
    /// False: it was known already. The oldest is forgotten when the memory is full. Quantity zero: not
    /// known.
    bool remember(std::uint64_t key, Quantity quantity = {});
    /// Oldest first.
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for (std::size_t i = 0; i < ring_.size(); ++i) {
            const std::uint64_t key = ring_[(at_ + i) % ring_.size()];
            if (key != 0) visit(key);
        }
    }

  private:
    struct Slot {
        std::uint64_t key = 0;  // 0: free
        Quantity quantity;
    };
    /// Where the key is, or the free place where it would be.
    std::size_t place_of(std::uint64_t key) const;
    void forget(std::uint64_t key);

    std::vector<Slot> table_;          // open addressing, half empty
    std::vector<std::uint64_t> ring_;  // in order of arrival
    std::size_t at_ = 0;
};

}  // namespace arb
