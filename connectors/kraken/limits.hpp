#pragma once
// Kraken counts with counters that each request raises and time lowers: one a key for questions by REST, one
// a pair for orders ("Spot rate limits"). Here they are kept as the venue keeps them, so that nothing is sent
// that it would refuse. Integers; core thread, no allocation.
#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace arb::kraken {

class DecayingCounter {
  public:
    /// It falls by that many thousandths a second.
    explicit DecayingCounter(std::int64_t decay) : decay_(decay) {}
    void set_decay(std::int64_t decay, Timestamp now)
    {
        settle(now);
        decay_ = decay;
    }
    void add(std::int64_t units, Timestamp now)
    {
        settle(now);
        level_ += units * kUnit;
    }
    void raise_to(std::int64_t units, Timestamp now)
    {
        settle(now);
        level_ = std::max(level_, units * kUnit);
    }
    /// How long until `units` more would not bring it above `most`.
    Duration wait(std::int64_t units, std::int64_t most, Timestamp now)
    {
        settle(now);
        const std::int64_t above = level_ + (units - most) * kUnit;
        return above <= 0 ? Duration{} : Duration{above / decay_ * 1'000 + 1'000};
    }

  private:
    static constexpr std::int64_t kUnit = 1'000'000'000;
    static constexpr Duration kLongest = seconds(1'000);

    void settle(Timestamp now)
    {
        const std::int64_t elapsed = std::clamp<std::int64_t>(now.ns - at_.ns, 0, kLongest.ns);
        level_ = std::max<std::int64_t>(level_ - elapsed * decay_ / 1'000, 0);
        at_ = std::max(at_, now);
    }

    std::int64_t decay_;
    std::int64_t level_ = 0;  ///< in billionths
    Timestamp at_;
};

/// What the venue grants, the lowest unless told; the confirmation of `executions` tells the ceiling of
/// orders.
struct Tier {
    std::int64_t orders_most = 60, orders_decay = 1'000;  ///< of a pair; thousandths a second
    std::int64_t rest_most = 15, rest_decay = 330;        ///< of questions by REST
};

constexpr Tier tier_of(std::int64_t ceiling)
{
    if (ceiling >= 180) return {ceiling, 3'750, 20, 1'000};
    if (ceiling >= 125) return {ceiling, 2'340, 20, 500};
    return {ceiling > 0 ? ceiling : Tier{}.orders_most, 1'000, 15, 330};
}

/// What amending an order costs by its age: one in any case, and more while it is young.
constexpr std::int64_t amend_cost(Duration age)
{
    if (age < seconds(5)) return 4;
    if (age < seconds(10)) return 3;
    return age < seconds(15) ? 2 : 1;
}

/// What cancelling an order costs by its age.
constexpr std::int64_t cancel_cost(Duration age)
{
    if (age < seconds(5)) return 8;
    if (age < seconds(10)) return 6;
    if (age < seconds(15)) return 5;
    if (age < seconds(45)) return 4;
    if (age < seconds(90)) return 2;
    return age < seconds(300) ? 1 : 0;
}

/// When orders were amended last: their age, by which amending and cancelling cost, begins anew then. The
/// latest are kept; one that is forgotten counts from when it was sent.
class AmendTimes {
  public:
    void note(OrderId order, Timestamp now)
    {
        const auto row =
            std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.order == order; });
        *(row != rows_.end() ? row : oldest()) = {order, now};
    }
    /// Since when it is as it is.
    Timestamp begin(OrderId order, Timestamp sent) const
    {
        const auto row =
            std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.order == order; });
        return row == rows_.end() ? sent : std::max(sent, row->at);
    }

  private:
    struct Row {
        OrderId order{};
        Timestamp at;
    };
    std::array<Row, 256>::iterator oldest()
    {
        return std::min_element(rows_.begin(), rows_.end(),
                                [](const Row& a, const Row& b) { return a.at < b.at; });
    }
    std::array<Row, 256> rows_{};
};

/// A question about a history by REST: the dearer of the two charges that are told.
inline constexpr std::int64_t kRestHistory = 4;

}  // namespace arb::kraken
