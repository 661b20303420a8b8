#pragma once
// How long something took, counted in buckets of a sixteenth of a power of two (at most 6 % wide): a fixed
// table, no allocation, a few nanoseconds a sample. One thread. Times in nanoseconds.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace arb {

class LatencyHistogram {
  public:
    void add(std::int64_t ns)
    {
        const auto value = static_cast<std::uint64_t>(ns < 0 ? 0 : ns);
        ++buckets_[place(value)];
        ++count_;
        if (value > most_) most_ = value;
    }
    std::uint64_t count() const { return count_; }
    std::uint64_t most() const { return most_; }
    /// The value that this share (in 10^-4) of the samples does not exceed: 5000 is the median. Upper end of
    /// its bucket.
    std::uint64_t quantile(std::uint64_t per_ten_thousand) const
    {
        const std::uint64_t wanted = (count_ * per_ten_thousand + 9'999) / 10'000;
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen >= wanted && seen > 0) return std::min(most_, upper(i));
        }
        return most_;
    }

  private:
    static constexpr unsigned kFine = 4;  // bits within a power of two
    static std::size_t place(std::uint64_t value)
    {
        if (value < 16) return value;
        const auto power = static_cast<unsigned>(std::bit_width(value)) - 1;
        return ((power - kFine + 1) << kFine) + ((value >> (power - kFine)) & 15);
    }
    static std::uint64_t upper(std::size_t place)
    {
        if (place < 16) return place;
        const std::size_t power = (place >> kFine) + kFine - 1;
        const std::uint64_t step = std::uint64_t{1} << (power - kFine);
        return ((16 + (place & 15)) * step) + step - 1;
    }
    std::array<std::uint64_t, 64 * 16> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t most_ = 0;
};

}  // namespace arb
