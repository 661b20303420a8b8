#pragma once
// What we hold more or less of than we mean to, and nobody closes yet: the leftovers of packages that have
// ended, and fills that came after their order was thought to be over. Every such unit came from an order of
// ours and stands in exactly one line; while a package is open its own legs are counted there
// (package_executor.hpp). Only what stands here is closed by flatten, stop and a restart: never a difference
// of balances, and never the fills of another market on the same account.
#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/market/markets.hpp"

namespace arb {

/// Why a line is there.
enum class ExposureCause : std::uint8_t { dust, leftover, late_fill, count_ };

const char* name(ExposureCause cause);

struct ExposureLine {
    std::int64_t quantity = 0;  ///< base asset in the market's units; positive: too much was bought
    Amount cost;                ///< quote currency paid for it (negative: received), as its packages told it
    Timestamp since;            ///< when the first unit of it came
    /// Less than one of these units: nothing can be ordered of it, until more comes to it. Where one asset of
    /// a package pays for another, what is paid ends in no unit of a market.
    Amount rest;

    bool empty() const { return quantity == 0 && cost.zero() && rest.zero(); }
};

/// Core thread; no allocation after the constructor.
class ExposureBook {
  public:
    explicit ExposureBook(const Markets& markets);

    /// Lines of one cause and market are one: quantities and costs add up, so that what netting them earned
    /// or lost stays in the cost until they are closed.
    void add(MarketId market, ExposureCause cause, std::int64_t quantity, Amount cost, Timestamp now,
             Amount rest = {});
    /// All of a market's lines as one, which from here on is the caller's to close.
    ExposureLine take(MarketId market);
    /// What stands in one market stands in another one of the same asset from here on, of whose currency one
    /// of the first's is worth `rate`.
    void move(MarketId from, MarketId to, Amount rate);
    ExposureLine sum(MarketId market) const;
    const ExposureLine& line(MarketId market, ExposureCause cause) const
    {
        return lines_[index(market)][static_cast<std::size_t>(cause)];
    }
    std::size_t market_count() const { return lines_.size(); }

  private:
    using Lines = std::array<ExposureLine, static_cast<std::size_t>(ExposureCause::count_)>;
    void join(ExposureLine& line, const ExposureLine& more, Amount unit) const;

    std::vector<Lines> lines_;   // by market
    std::vector<Amount> units_;  // by market: one unit of its quantity
};

}  // namespace arb
