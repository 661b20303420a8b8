#pragma once
// Packages with their orders and fills: rows of the ledger, and the figures that status and summary show of a
// run. Core thread.
#include <map>

#include "engine/live/latency.hpp"
#include "engine/pipeline/engine.hpp"
#include "engine/report/ledger.hpp"

namespace arb {

struct RunFigures {
    std::uint64_t packages = 0, open_packages = 0, flagged = 0, orders = 0, fills = 0, rejects = 0,
                  unwound = 0, covered = 0, cover_reversed = 0, late_fills = 0;
    Waterfall waterfall;
    LatencyHistogram unhedged;  ///< ns, of packages that were unhedged at all
    Amount exposure;            ///< what was unhedged x for how many seconds, summed
    std::vector<std::string> flags;
    std::vector<std::string> halts;  ///< venues where nothing new is risked until the next start, and why
};

class PackageRows final : public PackageListener {
  public:
    /// `ledger` may be null (recording only); `epoch`: the run's.
    PackageRows(const EngineConfig& config, Ledger* ledger, std::uint32_t epoch, RunFigures& figures)
        : config_(&config), ledger_(ledger), epoch_(epoch), figures_(&figures)
    {
    }
    /// Once the engine stands.
    void connect(const Markets& markets) { markets_ = &markets; }

    void on_package(const Package& package, const LegOrders& orders, Timestamp now) override;
    void on_exposure(const Package& package, const ExposureLine& line) override;
    void on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now) override;
    void on_amended(OrderId order, Price price, Timestamp now) override;
    void on_fill(const Package& package, const OrderIntent& intent, const Fill& fill, OrderPurpose purpose,
                 Timestamp now) override;
    void on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                   Timestamp now) override;
    void on_end(const PackageEnd& end) override;
    // And of what TradingListener hears.
    void on_order_state(const OrderChange& change, Timestamp now);
    void on_late_fill(ListingId listing, Side side, const Fill& fill, OrderId order, Timestamp now);

  private:
    struct OrderNote {
        ledger::OrderRow row;
        ListingId listing = kNoListing;
    };
    void begin(const Package& package, std::int64_t quantity, bool extra);
    ledger::PackageRow package_row(const Package& package, std::int64_t quantity, bool extra) const;
    ledger::FillRow fill_row(ListingId listing, Side side, const Fill& fill, Timestamp now) const;

    const EngineConfig* config_;
    Ledger* ledger_;
    std::uint32_t epoch_;
    RunFigures* figures_;
    const Markets* markets_ = nullptr;
    std::map<OrderId, OrderNote> orders_;  // not ended
};

}  // namespace arb
