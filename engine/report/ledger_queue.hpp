#pragma once
// The queue between the core thread and the ledger's writer: a ring of rows, one producer, one consumer, no
// lock, no allocation after construction. The producer never waits: a full ring refuses. The consumer looks
// at rows where they lie and gives their places free only when they are safely stored, so a write that failed
// loses nothing as long as there is room.
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/report/ledger_rows.hpp"

namespace arb::ledger {

class RowQueue {
  public:
    /// Holds at least `rows` rows.
    explicit RowQueue(std::size_t rows) : slots_(std::bit_ceil(rows < 2 ? std::size_t{2} : rows)) {}

    std::size_t capacity() const { return slots_.size(); }

    /// Producer: false when it is full.
    template <class AnyRow>
    bool push(const AnyRow& row)
    {
        const std::uint64_t head = head_.load(std::memory_order_relaxed);
        if (head - tail_seen_ >= slots_.size()) {
            tail_seen_ = tail_.load(std::memory_order_acquire);
            if (head - tail_seen_ >= slots_.size()) return false;
        }
        slots_[head & (slots_.size() - 1)] = row;
        head_.store(head + 1, std::memory_order_release);
        return true;
    }

    /// Consumer: rows waiting.
    std::size_t waiting() const
    {
        return head_.load(std::memory_order_acquire) - tail_.load(std::memory_order_relaxed);
    }
    /// Consumer: the n-th row waiting, n below a count that waiting() gave.
    const Row& peek(std::size_t n) const
    {
        return slots_[(tail_.load(std::memory_order_relaxed) + n) & (slots_.size() - 1)];
    }
    /// Consumer: the first n rows are stored.
    void pop(std::size_t n)
    {
        tail_.store(tail_.load(std::memory_order_relaxed) + n, std::memory_order_release);
    }

  private:
    std::vector<Row> slots_;
    alignas(64) std::atomic<std::uint64_t> head_{0};
    std::uint64_t tail_seen_ = 0;  ///< the producer's
    alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace arb::ledger
