#pragma once
// Takes up the orders of earlier runs, as the state log tells them: those whose end is not known with what
// was counted for them, the venues' ids of those that are over, and trades that must never be counted again.
// Part of OrderDesk; core thread, before the first input.
#include "engine/trading/desk_tables.hpp"

namespace arb {

class OrderRestore {
  public:
    /// They outlive it.
    explicit OrderRestore(DeskTables& tables) : tables_(&tables) {}

    /// One whose end is not known.
    void order(OrderId order, const OrderIntent& intent, Timestamp sent);
    void fill(OrderId order, Quantity quantity);
    /// It was to have this price.
    void amend(OrderId order, Price price);
    /// `venue_id`: the venue's id of it, empty when it was never heard.
    void end(OrderId order, std::string_view venue_id);
    /// One that is over and of which no more is known than the venue's id of it.
    void over(OrderId order, std::string_view venue_id);
    /// `time_known`: its time is the venue's.
    void trade(const TradeMemory::Trade& trade, bool time_known);

  private:
    DeskTables* tables_;
};

}  // namespace arb
