#include "connectors/binance/reply_decoder.hpp"

#include <algorithm>

#include "connectors/binance/private_values.hpp"

namespace arb::binance {

bool ReplyDecoder::order(const Object& object, ReportSource source, FactSink& sink)
{
    PrivateFields fields(object);
    const Listing* const listing = listing_of(setup_, fields, "symbol", sink);
    if (listing == nullptr) return false;
    OrderReport report;
    report.listing = listing->id;
    report.source = source;
    report.client_id = fields.text("clientOrderId");
    // In a spot cancel reply clientOrderId is the id of the cancel.
    const std::string_view original = fields.text("origClientOrderId", false);
    if (!original.empty()) report.client_id = original;
    report.order = our_order(report.client_id);
    const std::int64_t number = fields.integer("orderId");
    const IdText id(number);
    report.venue_id = id.view();
    // The short form of a reply (ACK): taken, and no more is said.
    if (source == ReportSource::reply && !fields.has("status")) {
        report.venue_time = fields.time("transactTime");
        if (!tell_trouble(fields, sink)) return false;
        memory_->orders.put(number, report.order);
        sink.on_order_report(report);
        return true;
    }
    report.side = fields.side("side");
    report.price = fields.price("price", *listing);
    report.quantity = fields.quantity("origQty", *listing);
    report.filled = fields.quantity("executedQty", *listing);
    report.has_filled = true;
    const std::string_view status = fields.text("status");
    report.reason = reason_of(status, fields.text("timeInForce", false), fields.text("expiryReason", false),
                              report.filled);
    if (fields.ok() && !status_of(status, report.status)) fields.fail(UndecodedReason::wrong_type);
    report.venue_time = fields.time("updateTime", false);
    if (!report.venue_time.known()) report.venue_time = fields.time("transactTime", false);
    if (!tell_trouble(fields, sink)) return false;
    memory_->orders.put(number, report.order);
    if (fields.has("fills") && !order_fills(object, report, *listing, sink)) return false;
    sink.on_order_report(report);
    return true;
}

// The fills of a FULL reply: those of the first moment, in which the order took.
bool ReplyDecoder::order_fills(const Object& object, const OrderReport& report, const Listing& listing,
                               FactSink& sink)
{
    PrivateFields fields(object);
    Array fills;
    if (object["fills"].get_array().get(fills)) fields.fail(UndecodedReason::wrong_type);
    if (!tell_trouble(fields, sink)) return false;
    for (const auto element : fills) {
        Object entry;
        if (element.get_object().get(entry)) fields.fail(UndecodedReason::wrong_type);
        if (!tell_trouble(fields, sink)) return false;
        PrivateFields inner(entry);
        FillReport fill;
        fill.order = report.order;
        fill.listing = report.listing;
        fill.source = report.source;
        fill.side = report.side;
        fill.price = inner.price("price", listing);
        fill.quantity = inner.quantity("qty", listing);
        fill.fee = inner.amount("commission");
        fill.fee_asset = inner.text("commissionAsset");
        fill.has_fee = true;
        const std::int64_t id = inner.integer("tradeId");
        const IdText trade_id(id);
        fill.trade_id = trade_id.view();
        fill.venue_id = report.venue_id;
        fill.venue_time = report.venue_time;
        if (id < 0) inner.fail(UndecodedReason::bad_number);
        if (fill.quantity.zero()) inner.fail(UndecodedReason::bad_quantity);
        if (!tell_trouble(inner, sink)) return false;
        sink.on_fill_report(fill);
    }
    return true;
}

bool ReplyDecoder::trade(const Object& object, OrderId order, FactSink& sink, std::int64_t& id)
{
    PrivateFields fields(object);
    const Listing* const listing = listing_of(setup_, fields, "symbol", sink);
    if (listing == nullptr) return false;
    FillReport fill;
    fill.listing = listing->id;
    fill.source = ReportSource::query;
    fill.price = fields.price("price", *listing);
    fill.quantity = fields.quantity("qty", *listing);
    // Spot says isBuyer and isMaker, the futures side and maker.
    if (market_ == Market::spot)
        fill.side = fields.flag("isBuyer") ? Side::buy : Side::sell;
    else
        fill.side = fields.side("side");
    fill.maker = fields.flag(market_ == Market::spot ? "isMaker" : "maker");
    fill.fee = fields.amount("commission");
    fill.fee_asset = fields.text("commissionAsset");
    fill.has_fee = true;
    id = fields.integer("id");
    fill.venue_time = fields.time("time");
    const IdText trade_id(id);
    const IdText order_id(fields.integer("orderId"));
    fill.order = order;
    fill.trade_id = trade_id.view();
    fill.venue_id = order_id.view();
    if (id < 0) fields.fail(UndecodedReason::bad_number);
    if (fill.quantity.zero()) fields.fail(UndecodedReason::bad_quantity);
    if (!tell_trouble(fields, sink)) return false;
    sink.on_fill_report(fill);
    return true;
}

bool ReplyDecoder::spot_balance(const Object& object, FactSink& sink)
{
    PrivateFields fields(object);
    BalanceReport report;
    report.asset = fields.text("asset");
    report.free = fields.amount("free");
    const Amount locked = fields.amount("locked");
    report.source = ReportSource::query;
    report.has_free = report.has_total = true;
    if (!tell_trouble(fields, sink)) return false;
    report.total = report.free + locked;
    sink.on_balance_report(report);
    return true;
}

bool ReplyDecoder::futures_balance(const Object& object, FactSink& sink)
{
    PrivateFields fields(object);
    BalanceReport report;
    report.asset = fields.text("asset");
    report.total = fields.amount("balance");
    report.has_total = true;
    report.has_free = fields.has("availableBalance");
    report.free = fields.amount("availableBalance", false);
    report.source = ReportSource::query;
    if (!tell_trouble(fields, sink)) return false;
    // With several assets as margin each row tells the whole account's margin in its own asset, also where
    // nothing is owned: no more than is owned counts.
    if (report.total < report.free) report.free = report.total;
    sink.on_balance_report(report);
    return true;
}

bool ReplyDecoder::position(const Object& object, FactSink& sink, ListingId& listing)
{
    PrivateFields fields(object);
    const Listing* const found =
        take_position(setup_, fields, "symbol", "positionAmt", "positionSide", memory_->positions, sink);
    listing = found == nullptr ? kNoListing : found->id;
    return found != nullptr;
}

// Spot adds up three commissions, each with a part by role and a part by side; the dearer side counts. The
// discount for paying in the venue's own token is left out: a fee is never estimated too low.
bool ReplyDecoder::fees(const Object& object, ListingId listing, FactSink& sink)
{
    PrivateFields fields(object);
    FeeReport report;
    report.listing = listing;
    if (market_ != Market::spot) {
        report.maker.units = fields.decimal("makerCommissionRate", 8);
        report.taker.units = fields.decimal("takerCommissionRate", 8);
    } else {
        static constexpr std::string_view kParts[] = {"standardCommission", "specialCommission",
                                                      "taxCommission"};
        for (const std::string_view part : kParts) {
            Object entry;
            if (object[part].get_object().get(entry)) {
                if (part == kParts[0]) fields.fail(UndecodedReason::missing_field);
                continue;
            }
            PrivateFields inner(entry);
            const std::int64_t side =
                std::max(inner.decimal("buyer", 8, false), inner.decimal("seller", 8, false));
            const std::int64_t maker = inner.decimal("maker", 8), taker = inner.decimal("taker", 8);
            if (__builtin_add_overflow(report.maker.units, maker, &report.maker.units) ||
                __builtin_add_overflow(report.maker.units, side, &report.maker.units) ||
                __builtin_add_overflow(report.taker.units, taker, &report.taker.units) ||
                __builtin_add_overflow(report.taker.units, side, &report.taker.units))
                inner.fail(UndecodedReason::bad_number);
            if (!inner.ok()) fields.fail(inner.reason());
        }
    }
    // A rate beyond 100 % is no rate.
    if (report.maker.units > kRateOne || report.taker.units > kRateOne || report.maker.units < -kRateOne ||
        report.taker.units < -kRateOne)
        fields.fail(UndecodedReason::bad_number);
    if (!tell_trouble(fields, sink)) return false;
    sink.on_fee_report(report);
    return true;
}

}  // namespace arb::binance
