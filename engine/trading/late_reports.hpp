#pragma once
// The venues' words on orders that are over: the same news once more, a stranger's order under one of our
// ids, or a contradiction, which is told and opens the order again, as if its outcome had never been known.
// Part of OrderDesk; core thread.
#include "engine/trading/desk_tables.hpp"
#include "engine/trading/order_requests.hpp"

namespace arb {

class LateReports {
  public:
    /// Both outlive it.
    LateReports(DeskTables& tables, OrderRequests& requests) : tables_(&tables), requests_(&requests) {}

    /// A report of an order that is not open. The order, open again: the report is news of it; null: it
    /// stays over.
    DeskOrder* on_report(const OrderReport& report, Timestamp now);
    /// Reserved at the worst, its fills and its end asked for. Null: there is no room.
    DeskOrder* reopen(EndedOrder& ended, const OrderReport& report, Timestamp now);

  private:
    DeskTables* tables_;
    OrderRequests* requests_;
};

}  // namespace arb
