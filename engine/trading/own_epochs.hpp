#pragma once
// Whose an order id is: orders of this run's epoch that were sent, and of each earlier run in the log, were
// made here. An id of ours from any other epoch is of another engine, or of a log that is gone: a stranger's.
// Core thread.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/client_order_id.hpp"

namespace arb {

class OwnEpochs {
  public:
    void know(std::uint32_t epoch)
    {
        if (std::find(known_.begin(), known_.end(), epoch) == known_.end()) known_.push_back(epoch);
    }
    /// The epoch of this run: of its ids only those that were sent are ours.
    void begin(std::uint32_t epoch)
    {
        know(epoch);
        own_ = epoch;
    }
    void on_sent(OrderId order)
    {
        if (epoch_of(order) == own_) last_sent_ = std::max(last_sent_, counter_of(order));
    }
    bool made_here(OrderId order) const
    {
        if (order == kForeignOrder) return false;
        const std::uint32_t epoch = epoch_of(order);
        // Two engines whose epochs are the same by chance are told apart by what was sent.
        if (own_ != 0 && epoch == own_) return counter_of(order) <= last_sent_;
        return std::find(known_.begin(), known_.end(), epoch) != known_.end();
    }
    std::span<const std::uint32_t> all() const { return known_; }

  private:
    std::vector<std::uint32_t> known_;
    std::uint32_t own_ = 0;        ///< of this run; 0: not told
    std::uint32_t last_sent_ = 0;  ///< the highest counter of an order of this run
};

}  // namespace arb
