// What Kraken's private channels say of orders, fills and balances, as facts.
#include "connectors/kraken/account.hpp"
#include "connectors/kraken/symbols.hpp"

namespace arb::kraken {

void Account::remember(std::string_view venue_id, OrderId order)
{
    if (venue_id.empty() || order == kForeignOrder) return;
    known_.emplace(std::string(venue_id), order);
    // Old ones are looked up again when they are wanted.
    if (known_.size() > 20'000) known_.clear();
}

void Account::read_execution(const Json& entry, FactSink& sink)
{
    AccountFields fields(entry);
    const std::string_view id = fields.text("order_id");
    const std::string_view symbol = fields.text("symbol", false);
    const std::string_view client = fields.text("cl_ord_id", false);
    OrderId order = parse_client_order_id(client).value_or(kForeignOrder);
    if (const auto known = known_.find(id); known != known_.end() && client.empty()) order = known->second;
    remember(id, order);
    const Listing* l = setup_.table->find_symbol(setup_.id, symbol);
    if (l == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, connection_, symbol});
        return;
    }
    if (fields.text("exec_type", false) == "trade") {
        FillReport fill;
        fill.order = order;
        fill.listing = l->id;
        fill.side = fields.text("side", false) == "sell" ? Side::sell : Side::buy;
        fill.price = fields.price("last_price", *l);
        fill.quantity = fields.quantity("last_qty", *l);
        fill.maker = fields.text("liquidity_ind", false) == "m";
        fill.trade_id = fields.text("exec_id");
        fill.venue_id = id;
        fill.venue_time = parse_utc(fields.text("timestamp", false)).value_or(Timestamp{});
        simdjson::dom::array fees;
        if (entry["fees"].get(fees) == simdjson::SUCCESS && fees.size() == 1) {
            AccountFields fee(fees.at(0).value_unsafe());
            fill.has_fee = true;
            fill.fee = fee.amount("qty");
            fill.fee_asset = modern_asset(fee.text("asset"));
            if (!fee.ok()) fields.fail();
        }
        if (fields.ok()) sink.on_fill_report(fill);
    }
    const std::string_view status = fields.text("order_status", false);
    OrderReport report;
    report.order = order;
    report.listing = l->id;
    report.client_id = client;
    report.venue_id = id;
    report.side = fields.text("side", false) == "sell" ? Side::sell : Side::buy;
    report.has_filled = fields.has("cum_qty");
    report.filled = fields.quantity("cum_qty", *l, false);
    report.quantity = fields.quantity("order_qty", *l, false);
    report.price = fields.price("limit_price", *l, false);
    report.venue_time = parse_utc(fields.text("timestamp", false)).value_or(Timestamp{});
    if (status == "pending_new")
        report.status = OrderStatus::pending;
    else if (status == "new" || status == "partially_filled")
        report.status = OrderStatus::working;
    else if (status == "filled")
        report.status = OrderStatus::filled;
    else if (status == "canceled" || status == "expired")
        report.status = OrderStatus::cancelled;
    else
        fields.fail();
    if (report.status == OrderStatus::cancelled) report.reason = end_reason(fields.text("reason", false));
    if (fields.ok())
        sink.on_order_report(report);
    else
        sink.on_undecoded({UndecodedReason::bad_number, kNoListing, connection_, {}});
}

void Account::read_balance(const Json& entry, FactSink& sink)
{
    AccountFields fields(entry);
    BalanceReport report;
    report.asset = modern_asset(fields.text("asset"));
    report.has_total = true;
    report.total = fields.amount("balance");
    if (fields.ok()) sink.on_balance_report(report);
}

}  // namespace arb::kraken
