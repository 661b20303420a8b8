#pragma once
// What is told of packages: beginnings, orders, fills, refusals and ends, in the order in which they happen.
// Core thread.
#include <cstdint>

#include "engine/trading/exposure_book.hpp"
#include "engine/trading/package_end.hpp"
#include "engine/trading/risk_gate.hpp"

namespace arb {

/// What an order is for.
enum class OrderPurpose : std::uint8_t {
    leg,
    hedge,  ///< takes the other side of a resting leg's fills
    close   ///< closes what should not be there
};

/// "leg", "hedge", "unwind".
const char* name(OrderPurpose purpose);

/// Hears what happens; may allocate (it is the report's side).
class PackageListener {
  public:
    virtual ~PackageListener() = default;
    /// Before the first order of the package leaves.
    virtual void on_package(const Package&, const LegOrders&, Timestamp) {}
    /// Exposure is about to be closed by unwinding orders alone (PackageExecutor::close_exposure).
    virtual void on_exposure(const Package&, const ExposureLine&) {}
    /// A resting leg's next order is about to leave, in the place of one that is over.
    virtual void on_next_order(const ApprovedOrder&, Timestamp) {}
    /// Its order is about to be given another price.
    virtual void on_amend(const ApprovedAmend&, Timestamp) {}
    /// Its venue said that the order has this price from here on.
    virtual void on_amended(OrderId, Price, Timestamp) {}
    virtual void on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now) = 0;
    virtual void on_fill(const Package& package, const OrderIntent& intent, const Fill& fill,
                         OrderPurpose purpose, Timestamp now) = 0;
    virtual void on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                           Timestamp now) = 0;
    /// The venue refused one order after the other in this listing: nothing is opened there until then.
    virtual void on_refused_often(ListingId, Timestamp /*until*/, Timestamp) {}
    /// So many attempts to close `excess` failed, the last one for this reason; it goes on trying.
    virtual void on_stuck(const Package&, const Residual& /*excess*/, const char* /*why*/, Timestamp) {}
    virtual void on_end(const PackageEnd& end) = 0;
};

}  // namespace arb
