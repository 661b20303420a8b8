#pragma once
// The venue's dead-man timers of USD-M, one a listing: armed with the first order or at the start, and set
// anew from then on. Part of Account; core thread.
#include <vector>

#include "connectors/binance/account_tools.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::binance {

/// The venue's timer runs this long; it is set anew every kDeadManRefresh, and half as often for more
/// listings than kQuickTimers, because each time costs weight.
inline constexpr Duration kDeadManTimer = seconds(120);
inline constexpr Duration kDeadManRefresh = seconds(30);
inline constexpr std::size_t kQuickTimers = 30;

class DeadManTimers {
  public:
    DeadManTimers(const AccountTools& tools, Inquiries& inquiries) : tools_(&tools), inquiries_(&inquiries) {}

    void arm(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox);
    Timestamp on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    void set(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox);

    const AccountTools* tools_;
    Inquiries* inquiries_;
    std::vector<ListingId> armed_;
    Timestamp refresh_at_;
};

}  // namespace arb::binance
