#pragma once
// The venues' words on fills: each counts once, by venue, listing, trade id, order and side. One without a
// fee is not counted but asked for; one of an order that is over is told as late; one older than what is
// remembered is told and not counted; a stranger's is told once and kept apart from ours. Part of OrderDesk;
// core thread.
#include "engine/trading/desk_tables.hpp"
#include "engine/trading/order_questions.hpp"

namespace arb {

class FillNews {
  public:
    static constexpr std::size_t kStrangersKept = 1024;  ///< strangers' fills remembered, to tell each once

    /// Both outlive it.
    FillNews(DeskTables& tables, const OrderDeskLimits& limits) : tables_(&tables), limits_(&limits) {}

    /// The open order that it was counted for, whose end it may bring; null: none.
    DeskOrder* on_fill(const FillReport& report, Timestamp now);

  private:
    bool strange_fill(const FillReport& report, std::uint64_t key, Timestamp now);
    void on_known_fill(const FillReport& report, std::uint64_t key, Timestamp now);
    DeskOrder* count_fill(const FillReport& report, DeskOrder* order, Timestamp now);

    DeskTables* tables_;
    const OrderDeskLimits* limits_;
    TradeMemory strangers_{0, kStrangersKept};
};

}  // namespace arb
