#pragma once
// What the executor tells of packages: first the line that must survive a kill, then the decision, then the
// report. Keeps those that ended until their strategies have heard of it. Core thread; no allocation after
// the constructor.
#include <vector>

#include "engine/pipeline/decision.hpp"
#include "engine/pipeline/instrument_watch.hpp"
#include "engine/pipeline/live_trading.hpp"
#include "engine/pipeline/report_queue.hpp"
#include "engine/trading/package_executor.hpp"

namespace arb {

class PackageNews final : public PackageListener {
  public:
    PackageNews(DecisionTrail& decisions, ReportQueue& reports, InstrumentWatch& instruments);
    /// `live` null in simulation.
    void connect(const PackageExecutor& executor, LiveTrading* live)
    {
        executor_ = &executor;
        live_ = live;
    }

    void on_package(const Package& package, const LegOrders& orders, Timestamp now) override;
    void on_next_order(const ApprovedOrder& order, Timestamp now) override;
    void on_amend(const ApprovedAmend& amend, Timestamp now) override;
    void on_amended(OrderId order, Price price, Timestamp now) override;
    void on_exposure(const Package& package, const ExposureLine& line) override;
    void on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now) override;
    void on_fill(const Package& package, const OrderIntent& intent, const Fill& fill, OrderPurpose purpose,
                 Timestamp now) override;
    void on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                   Timestamp now) override;
    void on_refused_often(ListingId listing, Timestamp until, Timestamp now) override;
    void on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now) override;
    void on_end(const PackageEnd& end) override;

    /// Those that ended since this was called last: visit(const PackageEnd&).
    template <class Visit>
    void take_ended(Visit&& visit)
    {
        for (std::size_t i = 0; i < ended_.size(); ++i) {
            const PackageEnd end = ended_[i];
            visit(end);
        }
        ended_.clear();
    }

  private:
    DecisionTrail* decisions_;
    ReportQueue* reports_;
    InstrumentWatch* instruments_;
    const PackageExecutor* executor_ = nullptr;
    LiveTrading* live_ = nullptr;
    std::vector<PackageEnd> ended_;
};

}  // namespace arb
