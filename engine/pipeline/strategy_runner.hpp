#pragma once
// The strategies of a run and the one door out of them: what they propose is named, valued and judged, and
// handed to the executor. An operator's word that a held position be given back goes the same way. Core
// thread; nothing here allocates after warm-up.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/pipeline/package_news.hpp"
#include "engine/trading/crossing_monitor.hpp"
#include "engine/trading/strategy.hpp"

namespace arb {

class StrategyRunner final : private PackageControl {
  public:
    struct Parts {
        const Markets& markets;
        RiskGate& risk;
        const Portfolio& portfolio;
        CrossingMonitor& crossings;
        const HeldPositions& held;
        PackageExecutor& executor;
        DecisionTrail& decisions;
        LiveTrading* live;  ///< null in simulation
        Rate band;          ///< how far from the best price an order may reach that gives back
    };
    explicit StrategyRunner(const Parts& parts) : parts_(parts) {}
    void add(std::unique_ptr<Strategy> strategy) { strategies_.push_back(std::move(strategy)); }

    // The strategies are asked, one after the other.
    void tell_ends(PackageNews& news, Timestamp now);
    void on_market(MarketId market, Timestamp now);
    void on_time(Timestamp now);
    /// When one of them wishes to be asked at the latest; 0: none does.
    Timestamp next_wake() const { return wake_; }
    /// What that package holds is given back. False: `why` says why not.
    bool release(std::string_view package, Timestamp now, std::string& why);

  private:
    bool propose(Package& package, Timestamp now) override;
    void missed(MarketId market, std::size_t buy, std::size_t sell, MissedReason reason) override;
    bool in_flight(MarketId market, std::size_t buy, std::size_t sell) const override;
    RestingState state(PackageId package, std::size_t leg) const override;
    bool reprice(PackageId package, std::size_t leg, Price price, Timestamp now) override;
    void withdraw(PackageId package, Timestamp now) override;
    const HeldPosition* held(PackageId package) const override;
    void wake_at(Timestamp time) override
    {
        if (!wake_.known() || time < wake_) wake_ = time;
    }
    RiskReason refusal(Package& package, Timestamp now) const;
    bool set_rates(Package& package, Timestamp now) const;
    void note_taken(const Package& package);
    MarketView view() const { return {parts_.markets, parts_.risk, parts_.portfolio, parts_.crossings}; }

    Parts parts_;
    std::vector<std::unique_ptr<Strategy>> strategies_;
    std::uint8_t asked_ = 0;                     ///< which is being asked
    RiskReason refused_for_ = RiskReason::none;  ///< why the last package was refused
    Timestamp wake_;
    std::uint64_t next_package_ = 1;
};

}  // namespace arb
