#include "connectors/binance/private_decoder.hpp"

#include <algorithm>

#include "connectors/binance/private_values.hpp"

namespace arb::binance {
namespace {

// Events of an account that change neither orders nor balances of ours, or that repeat what another tells.
bool harmless_private(std::string_view event)
{
    static constexpr std::string_view kEvents[] = {
        "listStatus",      "TRADE_LITE",  "ACCOUNT_CONFIG_UPDATE",           "ALGO_UPDATE",
        "STRATEGY_UPDATE", "GRID_UPDATE", "CONDITIONAL_ORDER_TRIGGER_REJECT"};
    return std::find(std::begin(kEvents), std::end(kEvents), event) != std::end(kEvents);
}

bool known_execution(std::string_view what)
{
    static constexpr std::string_view kWhat[] = {"NEW",       "CANCELED", "REPLACED",        "REJECTED",
                                                 "AMENDMENT", "EXPIRED",  "TRADE_PREVENTION"};
    return std::find(std::begin(kWhat), std::end(kWhat), what) != std::end(kWhat);
}

}  // namespace

PrivateEvent PrivateDecoder::event(const Object& object, ConnectionId connection, FactSink& sink)
{
    PrivateFields fields(object);
    const std::string_view what = fields.text("e");
    if (!tell_trouble(fields, sink)) return PrivateEvent::none;
    if (what == "serverShutdown") return PrivateEvent::shutdown;
    if (what == "listenKeyExpired") return PrivateEvent::key_expired;
    if (what == "eventStreamTerminated") return PrivateEvent::stream_ended;
    if (harmless_private(what)) return PrivateEvent::none;
    // These tell a change without what it leads to.
    if (what == "balanceUpdate" || what == "externalLockUpdate") {
        money_moved_ = true;
        return PrivateEvent::none;
    }
    if (what == "MARGIN_CALL") {
        sink.on_undecoded(
            {UndecodedReason::venue_error, kNoListing, connection, "margin call: near liquidation"});
        return PrivateEvent::none;
    }
    const bool spot = market_ == Market::spot;
    if (spot && what == "executionReport") {
        const Timestamp time = fields.time("T");
        if (tell_trouble(fields, sink)) (void)execution(fields, time, sink, true);
    } else if (!spot && what == "ORDER_TRADE_UPDATE") {
        const Timestamp time = fields.time("T");
        Object order;
        if (object["o"].get_object().get(order)) fields.fail(UndecodedReason::missing_field);
        if (!tell_trouble(fields, sink)) return PrivateEvent::none;
        PrivateFields inner(order);
        (void)execution(inner, time, sink, false);
    } else if (spot && what == "outboundAccountPosition") {
        (void)account_change(object, sink);
    } else if (!spot && what == "ACCOUNT_UPDATE") {
        const Timestamp time = fields.time("T");
        if (tell_trouble(fields, sink)) (void)position_change(object, time, sink);
    } else {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, what});
    }
    return PrivateEvent::none;
}

bool PrivateDecoder::execution(PrivateFields& fields, Timestamp time, FactSink& sink, bool spot)
{
    const Listing* const listing = listing_of(setup_, fields, "s", sink);
    if (listing == nullptr) return false;
    const std::string_view position_side = spot ? std::string_view() : fields.text("ps", false);
    memory_->positions.hear_side(position_side);
    OrderReport report;
    report.listing = listing->id;
    report.venue_time = time;
    const std::string_view what = fields.text("x");
    const std::string_view status = fields.text("X");
    report.client_id = fields.text("c");
    // "Execution report": on a cancel, c is the id of the cancel request and C the id of the order.
    const std::string_view original = spot ? fields.text("C", false) : std::string_view();
    if (!original.empty() && what != "NEW" && what != "TRADE") report.client_id = original;
    report.order = our_order(report.client_id);
    report.side = fields.side("S");
    report.price = fields.price("p", *listing);
    report.quantity = fields.quantity("q", *listing);
    report.filled = fields.quantity("z", *listing);
    report.has_filled = true;
    const std::int64_t number = fields.integer("i");
    const IdText id(number);
    report.venue_id = id.view();
    const std::string_view told = spot && status == "REJECTED" ? fields.text("r", false)
                                  : spot                       ? fields.text("eR", false)
                                                               : fields.text("er", false);
    report.reason = reason_of(status, fields.text("f", false), told, report.filled);
    if (fields.ok() && !status_of(status, report.status)) fields.fail(UndecodedReason::wrong_type);
    // A liquidation is announced before anything is filled, and its last fill may leave the status open.
    const bool forced = what == "CALCULATED";
    const bool traded = what == "TRADE" || (forced && !fields.quantity("l", *listing).zero());
    if (forced && report.status == OrderStatus::working && report.filled == report.quantity)
        report.status = OrderStatus::filled;
    // What it was is not known: its totals are handed on, and a fill that it may have been is asked for.
    if (fields.ok() && !traded && !forced && !known_execution(what))
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, kNoConnection, what});
    if (!traded) {
        if (!tell_trouble(fields, sink)) return false;
        memory_->orders.put(number, report.order);
        sink.on_order_report(report);
        return true;
    }
    FillReport fill;
    fill.order = report.order;
    fill.listing = report.listing;
    fill.side = report.side;
    fill.price = fields.price("L", *listing);
    fill.quantity = fields.quantity("l", *listing);
    fill.maker = fields.flag("m");
    const std::int64_t trade = fields.integer("t");
    const IdText trade_id(trade);
    fill.trade_id = trade_id.view();
    fill.venue_id = report.venue_id;
    fill.venue_time = time;
    // No fee (null asset) is a fee of zero.
    fill.fee = fields.amount("n", false);
    fill.fee_asset = fields.text("N", false);
    if (fill.fee_asset.empty()) fill.fee_asset = setup_.table->instrument_of(listing->id).quote;
    fill.has_fee = true;
    if (trade < 0) fields.fail(UndecodedReason::bad_number);
    if (fill.quantity.zero()) fields.fail(UndecodedReason::bad_quantity);
    if (!tell_trouble(fields, sink)) return false;
    memory_->orders.put(number, report.order);
    sink.on_fill_report(fill);
    sink.on_order_report(report);
    return true;
}

bool PrivateDecoder::account_change(const Object& event, FactSink& sink)
{
    PrivateFields fields(event);
    const Timestamp time = fields.time("u");
    Array entries;
    if (event["B"].get_array().get(entries)) fields.fail(UndecodedReason::missing_field);
    if (!tell_trouble(fields, sink)) return false;
    for (const auto element : entries) {
        Object entry;
        if (element.get_object().get(entry)) fields.fail(UndecodedReason::wrong_type);
        if (!tell_trouble(fields, sink)) return false;
        PrivateFields inner(entry);
        BalanceReport report;
        report.asset = inner.text("a");
        report.free = inner.amount("f");
        const Amount locked = inner.amount("l");
        report.has_free = report.has_total = true;
        report.venue_time = time;
        if (!tell_trouble(inner, sink)) return false;
        report.total = report.free + locked;
        sink.on_balance_report(report);
    }
    return true;
}

bool PrivateDecoder::position_change(const Object& event, Timestamp time, FactSink& sink)
{
    Object change;
    Array balances;
    Array positions;
    PrivateFields fields(event);
    if (event["a"].get_object().get(change)) fields.fail(UndecodedReason::missing_field);
    if (!tell_trouble(fields, sink)) return false;
    if (change["B"].get_array().get(balances) == simdjson::SUCCESS) balance_rows(balances, time, sink);
    if (change["P"].get_array().get(positions) != simdjson::SUCCESS) return true;
    // In hedge mode a symbol has two rows, and only both together are its position.
    const Listing* last = nullptr;
    for (const auto element : positions) {
        Object entry;
        if (element.get_object().get(entry)) {
            sink.on_undecoded({UndecodedReason::wrong_type, kNoListing, kNoConnection, {}});
            return false;
        }
        PrivateFields inner(entry);
        const Listing* const listing =
            take_position(setup_, inner, "s", "pa", "ps", memory_->positions, sink);
        if (!inner.ok()) return false;
        if (last != nullptr && listing != last)
            memory_->positions.report(last->id, ReportSource::stream, time, sink);
        last = listing;
    }
    if (last != nullptr) memory_->positions.report(last->id, ReportSource::stream, time, sink);
    return true;
}

void PrivateDecoder::balance_rows(const Array& rows, Timestamp time, FactSink& sink)
{
    for (const auto element : rows) {
        Object entry;
        if (element.get_object().get(entry))
            return sink.on_undecoded({UndecodedReason::wrong_type, kNoListing, kNoConnection, {}});
        PrivateFields fields(entry);
        BalanceReport report;
        report.asset = fields.text("a");
        report.total = fields.amount("wb");
        report.has_total = true;
        report.venue_time = time;
        if (!tell_trouble(fields, sink)) return;
        sink.on_balance_report(report);
    }
}

}  // namespace arb::binance
