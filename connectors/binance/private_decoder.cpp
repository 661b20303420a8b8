#include "connectors/binance/private_decoder.hpp"

#include <algorithm>

#include "connectors/binance/private_words.hpp"

namespace arb::binance {
namespace {

// Events of an account that change neither orders nor balances of ours, or that repeat what another tells.
bool harmless_private(std::string_view event)
{
    static constexpr std::string_view kEvents[] = {
        "balanceUpdate",         "listStatus",
        "externalLockUpdate",    "TRADE_LITE",
        "ACCOUNT_CONFIG_UPDATE", "ALGO_UPDATE",
        "STRATEGY_UPDATE",       "GRID_UPDATE",
        "MARGIN_CALL",           "CONDITIONAL_ORDER_TRIGGER_REJECT"};
    return std::find(std::begin(kEvents), std::end(kEvents), event) != std::end(kEvents);
}

}  // namespace

bool PrivateDecoder::tell(const PrivateFields& fields, FactSink& sink, ListingId listing) const
{
    // Not a book's trouble: the listing stays out of the fact, or its book would be thrown away.
    (void)listing;
    if (!fields.ok()) sink.on_undecoded({fields.reason(), kNoListing, kNoConnection, {}});
    return fields.ok();
}

const Listing* PrivateDecoder::listing_of(PrivateFields& fields, std::string_view key, FactSink& sink)
{
    const std::string_view symbol = fields.text(key);
    if (!tell(fields, sink)) return nullptr;
    const Listing* const listing = setup_.table->find_symbol(setup_.id, symbol);
    if (listing == nullptr)
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, kNoConnection, symbol});
    return listing;
}

PrivateEvent PrivateDecoder::event(const Object& object, ConnectionId connection, FactSink& sink)
{
    PrivateFields fields(object);
    const std::string_view what = fields.text("e");
    if (!tell(fields, sink)) return PrivateEvent::none;
    if (what == "serverShutdown") return PrivateEvent::shutdown;
    if (what == "listenKeyExpired") return PrivateEvent::key_expired;
    if (what == "eventStreamTerminated") return PrivateEvent::stream_ended;
    if (harmless_private(what)) return PrivateEvent::none;
    const bool spot = market_ == Market::spot;
    if (spot && what == "executionReport") {
        const Timestamp time = fields.time("T");
        if (tell(fields, sink)) (void)execution(fields, time, sink, true);
    } else if (!spot && what == "ORDER_TRADE_UPDATE") {
        const Timestamp time = fields.time("T");
        Object order;
        if (object["o"].get_object().get(order)) fields.fail(UndecodedReason::missing_field);
        if (!tell(fields, sink)) return PrivateEvent::none;
        PrivateFields inner(order);
        (void)execution(inner, time, sink, false);
    } else if (spot && what == "outboundAccountPosition") {
        (void)account_change(object, sink);
    } else if (!spot && what == "ACCOUNT_UPDATE") {
        const Timestamp time = fields.time("T");
        if (tell(fields, sink)) (void)position_change(object, time, sink);
    } else {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, what});
    }
    return PrivateEvent::none;
}

bool PrivateDecoder::execution(PrivateFields& fields, Timestamp time, FactSink& sink, bool spot)
{
    const Listing* const listing = listing_of(fields, "s", sink);
    if (listing == nullptr) return false;
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
    if (what != "TRADE" && what != "CALCULATED") {
        if (!tell(fields, sink)) return false;
        known_.put(number, report.order);
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
    if (!tell(fields, sink)) return false;
    known_.put(number, report.order);
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
    if (!tell(fields, sink)) return false;
    for (const auto element : entries) {
        Object entry;
        if (element.get_object().get(entry)) fields.fail(UndecodedReason::wrong_type);
        if (!tell(fields, sink)) return false;
        PrivateFields inner(entry);
        BalanceReport report;
        report.asset = inner.text("a");
        report.free = inner.amount("f");
        const Amount locked = inner.amount("l");
        report.has_free = report.has_total = true;
        report.venue_time = time;
        if (!tell(inner, sink)) return false;
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
    if (!tell(fields, sink)) return false;
    if (change["B"].get_array().get(balances) == simdjson::SUCCESS) {
        for (const auto element : balances) {
            Object entry;
            if (element.get_object().get(entry)) fields.fail(UndecodedReason::wrong_type);
            if (!tell(fields, sink)) return false;
            PrivateFields inner(entry);
            BalanceReport report;
            report.asset = inner.text("a");
            report.total = inner.amount("wb");
            report.has_total = true;
            report.venue_time = time;
            if (!tell(inner, sink)) return false;
            sink.on_balance_report(report);
        }
    }
    if (change["P"].get_array().get(positions) != simdjson::SUCCESS) return true;
    for (const auto element : positions) {
        Object entry;
        if (element.get_object().get(entry)) fields.fail(UndecodedReason::wrong_type);
        if (!tell(fields, sink)) return false;
        PrivateFields inner(entry);
        const Listing* const listing = listing_of(inner, "s", sink);
        if (listing == nullptr) continue;
        BalanceReport report;
        report.asset = setup_.table->instrument_of(listing->id).name;
        report.total = inner.amount("pa");
        report.has_total = true;
        report.venue_time = time;
        if (!tell(inner, sink)) return false;
        sink.on_balance_report(report);
    }
    return true;
}

}  // namespace arb::binance
