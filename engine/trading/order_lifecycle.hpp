#pragma once
// What the venue's words make of an open order: taken, doubted, over. It ends when the evidence is whole,
// which is when the venue's total and the counted fills agree, or absence is proven; until then what is
// missing is asked for. Part of OrderDesk; core thread.
#include "engine/trading/late_reports.hpp"
#include "engine/trading/order_questions.hpp"

namespace arb {

class OrderLifecycle {
  public:
    /// All outlive it.
    OrderLifecycle(DeskTables& tables, const OrderDeskLimits& limits, LateReports& late)
        : tables_(&tables), limits_(&limits), late_(&late)
    {
    }

    void on_placed(DeskOrder& order, const RequestEnd& end, Timestamp now);
    void on_word(DeskOrder& order, const OrderReport& report, Timestamp now);
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

    DeskTables* tables_;
    const OrderDeskLimits* limits_;
    LateReports* late_;
};

}  // namespace arb
