#pragma once
// How far a venue's clock is ahead of ours, from questions and answers: of the last samples the one with the
// shortest round trip tells most, because its middle is least uncertain (Cristian's algorithm with a minimum
// filter). Two answers in a row that agree, and cannot be true together with it, say that a clock was set:
// what was known before is forgotten. Core thread.
#include <algorithm>
#include <array>

#include "engine/base/time.hpp"

namespace arb {

class VenueClock {
  public:
    static constexpr std::size_t kKept = 8;
    /// What two good clocks may drift apart while the samples are kept.
    static constexpr Duration kDrift = milliseconds(50);

    void add(Timestamp venue_time, Timestamp sent, Timestamp received)
    {
        const Duration round_trip = received - sent;
        if (round_trip < Duration{}) return;
        const Sample sample{{venue_time.ns - sent.ns - round_trip.ns / 2}, round_trip};
        if (known() && contradict(sample, best())) {
            const bool again = doubted_ && !contradict(sample, doubt_);
            doubted_ = !again;
            if (again) {
                count_ = 0;
                samples_[count_++] = doubt_;
            } else {
                doubt_ = sample;
                return;
            }
        }
        doubted_ = false;
        samples_[count_++ % kKept] = sample;
    }
    /// The last answer contradicts what is known: it is worth asking again soon.
    bool doubted() const { return doubted_; }
    /// The farthest from ours that the venue's clock may be: what is known, or the answer that contradicts
    /// it.
    Duration farthest() const
    {
        const auto size = [](Duration d) { return d.ns < 0 ? -d.ns : d.ns; };
        return {std::max(size(offset()), doubted_ ? size(doubt_.offset) : 0)};
    }
    bool known() const { return count_ > 0; }
    /// Venue's time minus ours.
    Duration offset() const { return best().offset; }
    /// The offset is certain to half of this.
    Duration round_trip() const { return best().round_trip; }

  private:
    struct Sample {
        Duration offset, round_trip;
    };
    static bool contradict(const Sample& a, const Sample& b)
    {
        // Halves: a wrong time may lie as far away as the numbers reach.
        const std::int64_t apart = a.offset.ns / 2 - b.offset.ns / 2;
        const std::int64_t allowed = (a.round_trip.ns / 2 + b.round_trip.ns / 2 + kDrift.ns) / 2;
        return apart > allowed || apart < -allowed;
    }
    Sample best() const
    {
        Sample found = samples_[0];
        const std::size_t kept = count_ < kKept ? count_ : kKept;
        for (std::size_t i = 1; i < kept; ++i) {
            if (samples_[i].round_trip < found.round_trip) found = samples_[i];
        }
        return found;
    }
    std::array<Sample, kKept> samples_{};
    std::size_t count_ = 0;
    Sample doubt_;
    bool doubted_ = false;
};

}  // namespace arb
