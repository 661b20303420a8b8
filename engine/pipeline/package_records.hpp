#pragma once
// What the executor tells of its packages, as far as it must survive a kill or an operator must hear of it:
// lines before their orders leave, the day's result, flags of what is left. Core thread.
#include "engine/pipeline/market_flags.hpp"
#include "engine/pipeline/watermarks.hpp"
#include "engine/trading/package_end.hpp"
#include "engine/trading/package_executor.hpp"

namespace arb {

class PackageRecords {
  public:
    PackageRecords(const LiveContext& context, MarketFlags& flags, const Watermarks& watermarks,
                   StateRecords& records)
        : context_(context), flags_(&flags), watermarks_(&watermarks), records_(&records)
    {
    }

    // Before the order leaves.
    void on_package(const Package& package, const LegOrders& orders)
    {
        records_->keep(records_->lines().package(package, orders));
    }
    void on_next_order(const ApprovedOrder& order, Timestamp now)
    {
        records_->keep(records_->lines().next_order(order, now));
    }
    void on_amend(const ApprovedAmend& amend) { records_->keep(records_->lines().amend(amend)); }
    void on_unwind(const ApprovedOrder& order, std::optional<Amount> rate_elsewhere, Timestamp now)
    {
        closing_ = order.id();
        records_->keep(records_->lines().unwind(order, now, rate_elsewhere));
    }
    void on_exposure(const Package& package, const ExposureLine& line)
    {
        records_->keep(records_->lines().closing(package, line));
    }
    void on_fill(ListingId listing, Side side, const Fill& fill)
    {
        records_->keep(records_->lines().fill(listing, side, fill, watermarks_->venue_time(fill)));
    }
    void on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now);
    /// What is open has lost more than a day may.
    void on_loss_limit(Timestamp now);
    void on_refused_often(ListingId listing, Timestamp until, Timestamp now);
    void on_end(const PackageEnd& end);
    /// It closes what should not be there: it may leave also when the log cannot be written.
    bool closes(OrderId order) const { return order == closing_; }

  private:
    LiveContext context_;
    MarketFlags* flags_;
    const Watermarks* watermarks_;
    StateRecords* records_;
    OrderId closing_{};  ///< the last order that closes
};

}  // namespace arb
