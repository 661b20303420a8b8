#include "connectors/okx/account_facts.hpp"

#include "connectors/okx/errors.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::okx {
namespace {

// A fee that the venue has not told so long after the trade is none. Not by the number of answers: several
// questions may be under way within the second in which no fee is known yet.
constexpr Duration kFeeKnownAfter = seconds(60);

bool status_of(std::string_view state, OrderStatus& out)
{
    if (state == "live" || state == "partially_filled")
        out = OrderStatus::working;
    else if (state == "filled")
        out = OrderStatus::filled;
    else if (state == "canceled" || state == "mmp_canceled")
        out = OrderStatus::cancelled;
    else
        return false;
    return true;
}

OrderId ours(std::string_view client_id)
{
    return parse_client_order_id(client_id).value_or(kForeignOrder);
}

Side side_of(AccountFields& fields)
{
    const std::string_view side = fields.text("side");
    if (side != "buy" && side != "sell") fields.fail();
    return side == "sell" ? Side::sell : Side::buy;
}

// "Order channel", amendResult: the venue took the wish for other terms and then could not grant it (1: it
// ended the order for that).
bool amend_failed(std::string_view result)
{
    return result == "-1" || result == "1";
}

// "Get fee rates": negative is what we pay, positive a rebate.
bool read_rate(std::string_view text, Rate& out)
{
    const ScaledNumber number = parse_scaled(text, 8);
    out = {-number.value};
    return number.error == DecimalError::none && number.value != INT64_MIN;
}

bool read_rates(const simdjson::dom::element& entry, std::string_view maker, std::string_view taker,
                FeeReport& out)
{
    AccountFields fields(entry);
    return read_rate(fields.text(maker, false), out.maker) && read_rate(fields.text(taker, false), out.taker);
}

}  // namespace

struct AccountFacts::FillKeys {
    std::string_view fee, fee_asset, time;
    bool no_fee_is_none = false;
};

bool AccountFacts::trouble(UndecodedReason reason, std::string_view text, FactSink& sink)
{
    sink.on_undecoded({reason, kNoListing, kNoConnection, text});
    return false;
}

bool AccountFacts::has_contracts() const
{
    for (const Listing& listing : setup_.table->listings()) {
        if (listing.venue == setup_.id &&
            setup_.table->instrument(listing.instrument).kind != InstrumentKind::spot)
            return true;
    }
    return false;
}

void AccountFacts::stream(const Json& message, ConnectionId connection, FactSink& sink) const
{
    Json argument;
    simdjson::dom::array data;
    if (message["arg"].get(argument) != simdjson::SUCCESS || message["data"].get(data) != simdjson::SUCCESS) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, {}});
        return;
    }
    const std::string_view channel = AccountFields(argument).text("channel", false);
    if (channel != "orders" && channel != "account" && channel != "positions") {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, channel});
        return;
    }
    for (const Json entry : data) {
        ListingId which = kNoListing;
        if (channel == "orders") {
            (void)stream_fill(entry, sink);
            (void)order(entry, ReportSource::stream, sink);
        } else if (channel == "account") {
            (void)balances(entry, ReportSource::stream, sink);
        } else {
            (void)position(entry, ReportSource::stream, sink, which);
        }
    }
}

bool AccountFacts::order(const Json& entry, ReportSource source, FactSink& sink) const
{
    AccountFields fields(entry);
    const std::string_view symbol = fields.text("instId");
    const Listing* listing = find(symbol);
    if (listing == nullptr) return trouble(UndecodedReason::unknown_instrument, symbol, sink);
    OrderReport report;
    const std::string_view state = fields.text("state");
    if (!status_of(state, report.status)) return trouble(UndecodedReason::unknown_message, state, sink);
    report.listing = listing->id;
    report.client_id = fields.text("clOrdId", false);
    report.order = ours(report.client_id);
    report.source = source;
    report.filled = fields.quantity("accFillSz", *listing);
    report.has_filled = true;
    report.side = side_of(fields);
    report.price = fields.price("px", *listing, false);
    // What px shows then is not documented: this word of the order tells no price, a query does.
    if (amend_failed(fields.text("amendResult", false))) report.price = {};
    // A market buy at spot counts quote currency: a stranger's, whose digits need not fit.
    if (fields.text("ordType", false) != "market") report.quantity = fields.quantity("sz", *listing);
    report.venue_id = fields.text("ordId");
    report.venue_time = fields.milliseconds_time("uTime");
    const std::string_view ended_by = fields.text("cancelSource", false);
    if (report.status == OrderStatus::cancelled) report.reason = end_reason(ended_by);
    if (!fields.ok()) return trouble(UndecodedReason::bad_number, symbol, sink);
    sink.on_order_report(report);
    if (source == ReportSource::stream && ended_by == kDeadManSource && report.order != kForeignOrder) {
        RequestEnd fired;
        fired.kind = RequestKind::dead_man;
        fired.outcome = Outcome::refused;
        fired.reason = RejectReason::other;
        fired.text = "the dead-man timer ran out: the venue cancelled an order because we were not heard";
        sink.on_request_end(fired);
    }
    return true;
}

bool AccountFacts::stream_fill(const Json& entry, FactSink& sink) const
{
    AccountFields fields(entry);
    // Only an entry that was caused by a fill names its trade.
    if (fields.text("tradeId", false).empty()) return true;
    // Some accounts' entries lack the fill's own fee: the order's whole fee is that of its only fill, and of
    // a later fill it is not told here.
    const bool own = !fields.text("fillFee", false).empty();
    const bool only = fields.text("accFillSz", false) == fields.text("fillSz", false);
    if (!own && only)
        return read_fill(entry, {"fee", "feeCcy", "fillTime", false}, ReportSource::stream, sink);
    return read_fill(entry, {"fillFee", "fillFeeCcy", "fillTime", false}, ReportSource::stream, sink);
}

bool AccountFacts::fill(const Json& entry, Timestamp venue_now, FactSink& sink, bool& missing) const
{
    AccountFields fields(entry);
    const Timestamp time = fields.milliseconds_time("ts");
    const bool never = time.known() && venue_now - time >= kFeeKnownAfter;
    missing = fields.text("fee", false).empty() && !never;
    return read_fill(entry, {"fee", "feeCcy", "ts", never}, ReportSource::query, sink);
}

bool AccountFacts::read_fill(const Json& entry, const FillKeys& keys, ReportSource source,
                             FactSink& sink) const
{
    AccountFields fields(entry);
    const std::string_view symbol = fields.text("instId");
    const Listing* listing = find(symbol);
    if (listing == nullptr) {
        // The order in the same entry tells of a symbol that is not ours.
        return source == ReportSource::stream || trouble(UndecodedReason::unknown_instrument, symbol, sink);
    }
    FillReport report;
    report.listing = listing->id;
    report.order = ours(fields.text("clOrdId", false));
    report.source = source;
    report.side = side_of(fields);
    report.price = fields.price("fillPx", *listing);
    report.quantity = fields.quantity("fillSz", *listing);
    report.maker = fields.text("execType", false) == "M";
    const std::string_view fee = fields.text(keys.fee, false);
    report.fee_asset = fields.text(keys.fee_asset, false);
    report.has_fee = !fee.empty() && !report.fee_asset.empty();
    if (report.has_fee) report.fee = -fields.amount_text(fee);  // negative: charged
    if (fee.empty() && keys.no_fee_is_none) {
        report.has_fee = true;
        if (report.fee_asset.empty()) report.fee_asset = setup_.table->instrument(listing->instrument).quote;
        (void)trouble(UndecodedReason::missing_field, "the fee of a fill", sink);
    }
    report.trade_id = fields.text("tradeId");
    report.venue_id = fields.text("ordId", false);
    report.venue_time = fields.milliseconds_time(keys.time);
    if (!fields.ok() || report.trade_id.empty() || report.price.units <= 0 || report.quantity.units <= 0)
        return trouble(UndecodedReason::bad_number, symbol, sink);
    sink.on_fill_report(report);
    return true;
}

bool AccountFacts::balances(const Json& entry, ReportSource source, FactSink& sink) const
{
    simdjson::dom::array details;
    if (entry["details"].get(details) != simdjson::SUCCESS)
        return trouble(UndecodedReason::missing_field, "details", sink);
    bool good = true;
    for (const Json detail : details) {
        AccountFields fields(detail);
        BalanceReport report;
        report.asset = fields.text("ccy");
        report.has_total = !fields.text("cashBal", false).empty();
        report.total = fields.amount("cashBal", false);
        report.has_free = !fields.text("availBal", false).empty();
        report.free = fields.amount("availBal", false);
        report.source = source;
        report.venue_time = fields.milliseconds_time("uTime");
        if (fields.ok() && !report.asset.empty())
            sink.on_balance_report(report);
        else
            good = trouble(UndecodedReason::bad_number, report.asset, sink);
    }
    return good;
}

bool AccountFacts::position(const Json& entry, ReportSource source, FactSink& sink, ListingId& which) const
{
    AccountFields fields(entry);
    const std::string_view symbol = fields.text("instId");
    const Listing* listing = find(symbol);
    if (listing == nullptr) return trouble(UndecodedReason::unknown_instrument, symbol, sink);
    const Instrument& instrument = setup_.table->instrument(listing->instrument);
    // A margin position has the name of the spot pair.
    if (instrument.kind == InstrumentKind::spot) return true;
    std::string_view digits = fields.text("pos");
    const std::string_view direction = fields.text("posSide");
    // Net mode has a sign; in long and short mode, which is not ours, the sizes of both are positive.
    bool sold = direction == "short";
    if (direction == "net" && !digits.empty() && digits.front() == '-') {
        sold = true;
        digits.remove_prefix(1);
    }
    which = listing->id;
    const Quantity size = fields.quantity_text(digits, *listing);
    if (!fields.ok() || digits.empty()) return trouble(UndecodedReason::bad_number, symbol, sink);
    BalanceReport report;
    report.asset = instrument.name;
    report.has_total = true;
    report.total = sold ? -instrument.amount(size) : instrument.amount(size);
    report.source = source;
    report.venue_time = fields.milliseconds_time("uTime");
    sink.on_balance_report(report);
    return true;
}

bool AccountFacts::fees(const Json& entry, ListingId listing, FactSink& sink) const
{
    FeeReport report;
    report.listing = listing;
    // Asked for one instrument the venue answers with its fee group alone. Of several nothing says which is
    // ours. The rates beside them are those of the listing's settlement, and only kept for old clients.
    simdjson::dom::array groups;
    const bool grouped = entry["feeGroup"].get(groups) == simdjson::SUCCESS && groups.size() > 0;
    bool good = false;
    if (grouped) {
        good = groups.size() == 1 && read_rates(groups.at(0).value_unsafe(), "maker", "taker", report);
    } else {
        const Instrument& instrument = setup_.table->instrument_of(listing);
        const bool contract = instrument.kind != InstrumentKind::spot && !instrument.inverse;
        if (contract && instrument.quote == "USDT") good = read_rates(entry, "makerU", "takerU", report);
        if (contract && instrument.quote == "USDC")
            good = read_rates(entry, "makerUSDC", "takerUSDC", report);
        good = good || read_rates(entry, "maker", "taker", report);
    }
    if (!good) return trouble(UndecodedReason::bad_number, "trade-fee", sink);
    sink.on_fee_report(report);
    return true;
}

}  // namespace arb::okx
