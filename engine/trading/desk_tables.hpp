#pragma once
// What OrderDesk and its parts share: the orders that are open and those that ended, the fills that were
// counted, whose ids are ours, and who is told. Each part changes what its own words are about. Core thread.
#include "engine/trading/ended_orders.hpp"
#include "engine/trading/known_fills.hpp"
#include "engine/trading/open_orders.hpp"
#include "engine/trading/order_desk_listener.hpp"
#include "engine/trading/own_epochs.hpp"

namespace arb {

struct OrderDeskCounts {
    std::uint64_t sent = 0, ended = 0,
                  unknown = 0;  ///< unknown: orders whose outcome was unknown at some time
    std::uint64_t unknown_executed = 0, unknown_absent = 0, unknown_refused = 0;
    std::uint64_t queries = 0, duplicate_fills = 0, late_fills = 0, old_fills = 0, strangers = 0;
    std::uint64_t contradictions = 0, reopened = 0;
};

struct DeskTables {
    DeskTables(const InstrumentTable& instruments, std::size_t trades_kept, OrderDeskListener& hears)
        : table(&instruments),
          listener(&hears),
          features(instruments.venue_count()),
          fills(instruments.venue_count(), trades_kept)
    {
    }

    /// Tells it once an order: `told` is the order's own mark.
    void contradict(bool& told, OrderId order, ListingId listing, const char* what, bool money,
                    Timestamp now);
    void tell_stranger(const OrderReport& report, bool our_id, Timestamp now);
    bool remember(const TradeMemory::Trade& trade)
    {
        return fills.trades().remember(trade, [this](OrderId order) { return open.find(order) != nullptr; });
    }

    const InstrumentTable* table;
    OrderDeskListener* listener;
    std::vector<TradingFeatures> features;  ///< by venue
    OpenOrders open;
    EndedOrders ended;
    KnownFills fills;
    OwnEpochs epochs;
    OrderDeskCounts counts;
};

}  // namespace arb
