#pragma once
// The counters of the emulated Kraken, of its highest tier ("Spot rate limits"): a key's questions, and the
// orders of an account in one pair. Integers; one thread.
#include <algorithm>
#include <cstdint>

#include "engine/base/time.hpp"

namespace arb::kraken {

struct VenueCounter {
    std::int64_t value = 0;  ///< millionths
    Timestamp told;

    /// Takes `units` when that stays within `most`; it falls by `fall` thousandths a second.
    bool take(std::int64_t units, std::int64_t most, std::int64_t fall, Timestamp now)
    {
        constexpr std::int64_t kWhole = 1'000'000;
        if (now > told) {
            const std::int64_t micros = told.known() ? (now.ns - told.ns) / 1'000 : 0;
            const std::int64_t fallen = micros > 1'000 * kWhole ? value : micros * fall / 1'000;
            value = fallen < value ? value - fallen : 0;
            told = now;
        }
        if (value + units * kWhole > most * kWhole) return false;
        value += units * kWhole;
        return true;
    }
    /// Of what was taken for a change that did not come about.
    void give_back(std::int64_t units) { value = std::max<std::int64_t>(value - units * 1'000'000, 0); }
};

inline constexpr std::int64_t kQuestionsMost = 20, kQuestionsFall = 1'000;
inline constexpr std::int64_t kOrdersMost = 180, kOrdersFall = 3'750;
inline constexpr std::int64_t kOrdersUnlimited = 1'000'000;  ///< told where no limits are kept

struct AgeCharge {
    std::int64_t below_s, units;
};
/// The younger the order, that is since it came or was amended, the dearer.
template <std::size_t N>
constexpr std::int64_t charge_of(const AgeCharge (&ages)[N], Duration age)
{
    for (const AgeCharge& row : ages) {
        if (age < seconds(row.below_s)) return row.units;
    }
    return 0;
}
inline constexpr AgeCharge kCancelCharges[] = {{5, 8}, {10, 6}, {15, 5}, {45, 4}, {90, 2}, {300, 1}};
/// Beside the one that any amend costs.
inline constexpr AgeCharge kAmendCharges[] = {{5, 3}, {10, 2}, {15, 1}};

}  // namespace arb::kraken
