#pragma once
// What a strategy is: an object that is shown each changed market once per instant, after the whole input was
// applied, and may propose packages, and reprice or withdraw legs of its own that rest. It sees books,
// ages, clocks and free balances; it cannot send anything itself: it passes every proposal through
// RiskGate. It keeps no clock and no randomness, so equal inputs give equal proposals. Core thread; no
// allocation after construction.
#include <memory>
#include <string_view>

#include "engine/market/markets.hpp"
#include "engine/trading/crossing_monitor.hpp"
#include "engine/trading/held_positions.hpp"
#include "engine/trading/package_end.hpp"
#include "engine/trading/portfolio.hpp"
#include "engine/trading/risk_gate.hpp"
#include "engine/trading/settings.hpp"

namespace arb {

/// What a strategy may read. References live as long as the run.
struct MarketView {
    const Markets& markets;
    const RiskGate& risk;
    const Portfolio& portfolio;
    const CrossingMonitor& crossings;
};

/// The one door out of a strategy.
class PackageControl {
  public:
    virtual ~PackageControl() = default;
    /// Hands a package on (its id and the rates of its legs are set). False: refused, nothing was
    /// sent.
    virtual bool propose(Package& package, Timestamp now) = 0;
    /// Notes why a crossing was let go; the last note of a spell is what the report says.
    virtual void missed(MarketId market, std::size_t buy, std::size_t sell, MissedReason reason) = 0;
    /// How a resting leg of a package of yours stands.
    virtual RestingState state(PackageId package, std::size_t leg) const = 0;
    /// Its order shall have this price (its instrument's units): changed in place where the venue can, else
    /// cancelled, and the rest sent anew. False: it does not rest any more, has that price, or the venue's
    /// budget is used up: try again later.
    virtual bool reprice(PackageId package, std::size_t leg, Price price, Timestamp now) = 0;
    /// Orders of it that rest are taken back; what they filled is hedged, then the package ends.
    virtual void withdraw(PackageId package, Timestamp now) = 0;
    /// What a package of yours that meant to hold keeps; null: nothing (any more).
    virtual const HeldPosition* held(PackageId package) const = 0;
    /// on_time is called then also without an input: in a backtest at that moment (at the earliest a
    /// millisecond after the last), in a live engine within 20 ms of it. The earliest wish counts, and is
    /// over with that call.
    virtual void wake_at(Timestamp /*time*/) {}
    /// A package of this pair, in either direction, is not finished.
    virtual bool in_flight(MarketId market, std::size_t buy, std::size_t sell) const = 0;
};

class Strategy {
  public:
    virtual ~Strategy() = default;
    virtual void on_market(MarketId market, Timestamp now, const MarketView& view,
                           PackageControl& packages) = 0;
    /// A package of its own has ended; told before the next on_market or on_time.
    virtual void on_package(const PackageEnd&, Timestamp, const MarketView&, PackageControl&) {}
    /// After every input, whether a market changed or not: what depends on time alone.
    virtual void on_time(Timestamp, const MarketView&, PackageControl&) {}
};

/// What a strategy folder offers, found through strategies/registry.hpp.
struct StrategyType {
    std::string_view name;  ///< the folder's name, and the table [strategy.NAME] of the configuration
    /// Reads its settings (StartError on a bad value) and fixes which markets it works on.
    std::unique_ptr<Strategy> (*make)(Settings& settings, const Markets& markets) = nullptr;
};

}  // namespace arb
