#pragma once
// How far a venue's clock is ahead of ours, from questions and answers: of the last samples the one with the
// shortest round trip tells most, because its middle is least uncertain (Cristian's algorithm with a minimum
// filter). Core thread.
#include <array>

#include "engine/base/time.hpp"

namespace arb {

class VenueClock {
  public:
    static constexpr std::size_t kKept = 8;

    void add(Timestamp venue_time, Timestamp sent, Timestamp received)
    {
        const Duration round_trip = received - sent;
        if (round_trip < Duration{}) return;
        samples_[count_++ % kKept] = {{venue_time.ns - sent.ns - round_trip.ns / 2}, round_trip};
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
};

}  // namespace arb
