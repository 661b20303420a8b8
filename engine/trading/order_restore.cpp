#include "engine/trading/order_restore.hpp"

namespace arb {

void OrderRestore::order(OrderId id, const OrderIntent& intent, Timestamp sent)
{
    tables_->epochs.know(epoch_of(id));
    DeskOrder& order = tables_->open.take();
    order.id = id;
    order.intent = intent;
    order.venue = tables_->table->listing(intent.listing).venue;
    order.sent = order.doubted = sent;
    order.state = OrderState::unknown;
    order.was_unknown = true;
    ++tables_->counts.unknown;
    order.ask_at = sent;  // due at the first chance
}

void OrderRestore::fill(OrderId id, Quantity quantity)
{
    if (DeskOrder* order = tables_->open.find(id)) order->counted = order->counted + quantity;
}

void OrderRestore::amend(OrderId id, Price price)
{
    if (DeskOrder* order = tables_->open.find(id)) order->intent.price = price;
}

void OrderRestore::end(OrderId id, std::string_view venue_id)
{
    DeskOrder* order = tables_->open.find(id);
    if (order == nullptr) return;
    order->venue_id.set(venue_id);
    // When it ended is not kept: long ago.
    tables_->ended.keep(*order, {});
    tables_->open.release(*order);
    --tables_->counts.unknown;
}

void OrderRestore::over(OrderId id, std::string_view venue_id)
{
    tables_->epochs.know(epoch_of(id));
    DeskOrder order;
    order.id = id;
    order.venue_id.set(venue_id);
    tables_->ended.keep(order, {});
}

void OrderRestore::trade(const TradeMemory::Trade& trade, bool time_known)
{
    if (trade.key == 0) return;
    (void)tables_->remember(trade);
    if (time_known && trade.venue != kNoVenue) tables_->fills.on_counted(trade.venue, trade.time);
}

}  // namespace arb
