#pragma once
// The counters of the emulated Kraken, by its tiers ("Spot rate limits"): a key's questions, and the orders
// of an account in one pair. Integers; one thread.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::kraken {

struct VenueCounter {
    std::int64_t value = 0;  ///< millionths
    Timestamp told;

    static constexpr std::int64_t kWhole = 1'000'000;

    /// Takes `units` unless the counter has reached `most` before: what takes it there, or beyond, is let
    /// through. It falls by `fall` thousandths a second.
    bool take(std::int64_t units, std::int64_t most, std::int64_t fall, Timestamp now)
    {
        return take_millionths(units * kWhole, most, fall, now);
    }
    bool take_millionths(std::int64_t wanted, std::int64_t most, std::int64_t fall, Timestamp now)
    {
        settle(fall, now);
        if (wanted > 0 && value >= most * kWhole) return false;
        value += wanted;
        return true;
    }
    /// Taken even where `most` was reached before.
    void force(std::int64_t units, std::int64_t fall, Timestamp now)
    {
        settle(fall, now);
        value += units * kWhole;
    }
    /// Of what was taken for a change that did not come about.
    void give_back(std::int64_t units) { value = std::max<std::int64_t>(value - units * kWhole, 0); }

  private:
    void settle(std::int64_t fall, Timestamp now)
    {
        if (now > told) {
            const std::int64_t micros = told.known() ? (now.ns - told.ns) / 1'000 : 0;
            const std::int64_t fallen = micros > 1'000 * kWhole ? value : micros * fall / 1'000;
            value = fallen < value ? value - fallen : 0;
            told = now;
        }
    }
};

struct VenueTier {
    std::string_view name;
    std::int64_t questions_most, questions_fall;  ///< of a key, by REST; thousandths a second
    std::int64_t orders_most, orders_fall;        ///< of an account in a pair
};
inline constexpr VenueTier kTiers[] = {
    {"pro", 20, 1'000, 180, 3'750},
    {"intermediate", 20, 500, 125, 2'340},
    {"starter", 15, 330, 60, 1'000},
};
constexpr std::optional<VenueTier> venue_tier(std::string_view name)
{
    for (const VenueTier& tier : kTiers) {
        if (tier.name == name) return tier;
    }
    return std::nullopt;
}
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

/// The counters of accounts' orders: all keys of an account share that of a pair.
class OrderCharges {
  public:
    OrderCharges(bool on, const VenueTier& tier) : on_(on), tier_(tier) {}

    bool take(AccountId account, ListingId listing, std::int64_t units, Timestamp now)
    {
        return take_millionths(account, listing, units * VenueCounter::kWhole, now);
    }
    bool take_millionths(AccountId account, ListingId listing, std::int64_t wanted, Timestamp now)
    {
        return !on_ || counters_[{account, listing}].take_millionths(wanted, tier_.orders_most,
                                                                     tier_.orders_fall, now);
    }
    /// Whatever there is left.
    void force(AccountId account, ListingId listing, std::int64_t units, Timestamp now)
    {
        if (on_) counters_[{account, listing}].force(units, tier_.orders_fall, now);
    }
    void give_back(AccountId account, ListingId listing, std::int64_t units)
    {
        counters_[{account, listing}].give_back(units);
    }

  private:
    bool on_;
    VenueTier tier_;
    std::map<std::pair<AccountId, ListingId>, VenueCounter> counters_;
};

}  // namespace arb::kraken
