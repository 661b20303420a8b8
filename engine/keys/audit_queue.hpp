#pragma once
// The queue between the thread that uses keys and the writer of the audit log: a ring, one producer, one
// consumer, no lock, no allocation after construction. A full ring refuses; the producer never waits.
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/keys/audit_record.hpp"

namespace arb {

class AuditQueue {
  public:
    explicit AuditQueue(std::size_t uses) : slots_(std::bit_ceil(uses < 2 ? std::size_t{2} : uses)) {}

    /// Producer: false when it is full.
    bool push(const KeyUse& use)
    {
        const std::uint64_t head = head_.load(std::memory_order_relaxed);
        if (head - tail_.load(std::memory_order_acquire) >= slots_.size()) return false;
        slots_[head & (slots_.size() - 1)] = use;
        head_.store(head + 1, std::memory_order_release);
        return true;
    }
    /// Consumer: false when it is empty.
    bool pop(KeyUse& use)
    {
        const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
        if (tail == head_.load(std::memory_order_acquire)) return false;
        use = slots_[tail & (slots_.size() - 1)];
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }

  private:
    std::vector<KeyUse> slots_;
    alignas(64) std::atomic<std::uint64_t> head_{0};
    alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace arb
