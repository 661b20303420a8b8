#pragma once
// What the venue counts of an account's orders and of an address' weight, as replies of the websocket API
// tell it. Part of Account; core thread, no errors of its own.
#include "connectors/binance/account_tools.hpp"

namespace arb::binance {

class OrderCounts {
  public:
    explicit OrderCounts(AccountTools& tools) : tools_(&tools) {}

    /// "rateLimits" of a reply: what was used of each limit, in windows that begin with the venue's clock.
    void read(const simdjson::dom::object& reply, Timestamp now);
    /// The venue takes no more orders before.
    Timestamp full_until() const { return full_until_; }

  private:
    AccountTools* tools_;
    Timestamp full_until_;
};

}  // namespace arb::binance
