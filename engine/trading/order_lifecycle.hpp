#pragma once
// What the venue's words make of an order: taken, doubted, over, open again. It ends when the evidence is
// whole, which is when the venue's total and the counted fills agree, or absence is proven; until then what
// is missing is asked for. A word on one that is over is the same news once more, a stranger's under one of
// our ids, or a contradiction, which is told and opens the order again, as if its outcome had never been
// known. Part of OrderDesk; core thread.
//
//   sent --> pending --> working --> closing --> ended (filled, cancelled, rejected)
//     \________\___________\___ unknown ___/         closing: the terminal word came, a fill is still missing
#include "engine/trading/desk_tables.hpp"
#include "engine/trading/order_questions.hpp"

namespace arb {

class OrderLifecycle {
  public:
    /// All outlive it.
    OrderLifecycle(DeskTables& tables, const OrderDeskLimits& limits, OrderRequests& requests)
        : tables_(&tables), limits_(&limits), requests_(&requests)
    {
    }

    void on_placed(DeskOrder& order, const RequestEnd& end, Timestamp now);
    void on_word(DeskOrder& order, const OrderReport& report, Timestamp now);
    /// A report of an order that is not open.
    void on_late_report(const OrderReport& report, Timestamp now);
    void doubt(DeskOrder& order, Timestamp now);
    /// Something was counted or proven: it may be over by that.
    void settle(DeskOrder& order, Timestamp now);
    /// It cannot arrive at its venue any more.
    bool window_over(const DeskOrder& order, Timestamp now) const;

  private:
    using Word = DeskOrder::Word;

    void set_state(DeskOrder& order, OrderState state, Timestamp now);
    void note_taken(DeskOrder& order, OrderState state, Timestamp now);
    void finish(DeskOrder& order, OrderEventKind kind, Timestamp now);
    void finish_whole(DeskOrder& order, Timestamp now);
    void reopen(EndedOrder& ended, const OrderReport& report, Timestamp now);

    DeskTables* tables_;
    const OrderDeskLimits* limits_;
    OrderRequests* requests_;
};

}  // namespace arb
