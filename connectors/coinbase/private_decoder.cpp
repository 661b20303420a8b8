#include "connectors/coinbase/private_decoder.hpp"

#include "connectors/coinbase/errors.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

OrderId our_order(std::string_view client_id)
{
    return parse_client_order_id(client_id).value_or(kForeignOrder);
}

// Zero, which is not told, where it cannot be read: what else the message says of the order holds.
Price told_price(std::string_view text, const Listing& listing)
{
    const ScaledNumber number = parse_scaled(text, listing.wire.price_decimals);
    return {number.error == DecimalError::none && number.value > 0 ? number.value : 0};
}

// Price and quantity of "order_configuration"; left at zero where they are not of our kinds of order.
void read_configuration(PrivateFields& order, const Listing& listing, OrderReport& report)
{
    dom::object kinds;
    if (order.object().at_key("order_configuration").get_object().get(kinds)) return;
    for (const auto kind : kinds) {
        dom::object terms;
        std::string_view text;
        if (kind.value.get_object().get(terms)) continue;
        if (!terms["limit_price"].get_string().get(text)) report.price = told_price(text, listing);
        if (terms["base_size"].get_string().get(text)) continue;
        const ScaledNumber size = parse_scaled(text, listing.wire.quantity_decimals);
        Quantity quantity;
        if (size.error == DecimalError::none && size.value > 0 &&
            !__builtin_mul_overflow(size.value, listing.wire.quantity_factor, &quantity.units))
            report.quantity = quantity;
    }
}

// size_in_quote: a market order for so much money. Never ours; its size is what that buys, cut to the unit.
bool size_of_quote(PrivateFields& fields, const Instrument& instrument, Price price, Quantity& size)
{
    const Amount money = fields.amount("size", true);
    if (!fields.ok() || price.units <= 0 || money.units < 0) return false;
    Int128 product = 0;
    Int128 whole = 0;
    if (__builtin_mul_overflow(money.units, Int128{power_of_ten(instrument.quantity_decimals)}, &product) ||
        __builtin_mul_overflow(Int128{price.units},
                               Int128{power_of_ten(kAmountDecimals - instrument.price_decimals)}, &whole))
        return false;
    const Int128 units = product / whole;
    if (units < 0 || units > INT64_MAX) return false;
    size.units = static_cast<std::int64_t>(units);
    return true;
}

}  // namespace

bool read_amount(std::string_view text, bool round_up, Amount& out)
{
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    Int128 units = 0;
    unsigned decimals = 0;
    bool point = false;
    bool digits = false;
    bool rest = false;
    for (const char c : text) {
        if (c == '.' && digits && !point) {
            point = true;
            digits = false;
            continue;
        }
        if (c < '0' || c > '9') return false;
        digits = true;
        if (point && decimals == kAmountDecimals) {
            rest = rest || c != '0';
            continue;
        }
        if (__builtin_mul_overflow(units, Int128{10}, &units) ||
            __builtin_add_overflow(units, Int128{c - '0'}, &units))
            return false;
        if (point) ++decimals;
    }
    if (!digits) return false;
    for (; decimals < kAmountDecimals; ++decimals) {
        if (__builtin_mul_overflow(units, Int128{10}, &units)) return false;
    }
    // Sums of amounts must stay within 128 bits.
    constexpr Int128 kMost = Int128{1} << 120;
    if (units >= kMost) return false;
    if (rest && round_up && !negative) ++units;
    out.units = negative ? -units : units;
    return true;
}

bool read_status(std::string_view word, std::string_view reject_reason, Quantity filled, OrderStatus& status,
                 RejectReason& reason)
{
    struct Row {
        std::string_view word;
        OrderStatus status;
    };
    static constexpr Row kRows[] = {
        {"PENDING", OrderStatus::pending},
        {"QUEUED", OrderStatus::pending},
        {"OPEN", OrderStatus::working},
        {"CANCEL_QUEUED", OrderStatus::working},
        {"EDIT_QUEUED", OrderStatus::working},
        {"UNKNOWN_ORDER_STATUS", OrderStatus::working},  // the venue's own word: asked for again
        {"FILLED", OrderStatus::filled},
        {"CANCELLED", OrderStatus::cancelled},
        {"EXPIRED", OrderStatus::cancelled},
        {"FAILED", OrderStatus::rejected},
    };
    for (const Row& row : kRows) {
        if (row.word != word) continue;
        status = row.status;
        if (status != OrderStatus::rejected) return true;
        if (!filled.zero()) status = OrderStatus::cancelled;
        const Verdict verdict = judge_word(reject_reason);
        reason = verdict.reason == RejectReason::none ? RejectReason::other : verdict.reason;
        return true;
    }
    return false;
}

const Listing* PrivateDecoder::listing_of(std::string_view product, std::string_view venue_id, OrderId order)
{
    const Listing* const named = table_->find_symbol(venue_, product);
    if (aliases_.find(product, 0) == nullptr) return named;
    const KnownOrder* const known = known_.find(venue_id);
    if (known != nullptr && published_as(table_->listing(known->listing)) == product)
        return &table_->listing(known->listing);
    for (const Sent& sent : sent_) {
        if (sent.order != order || order == kForeignOrder) continue;
        if (published_as(table_->listing(sent.listing)) == product) return &table_->listing(sent.listing);
    }
    return named != nullptr ? named : aliases_.find(product, 0);
}

Reading PrivateDecoder::unreadable(const PrivateFields& fields, FactSink& sink, std::string_view text)
{
    // Not a book's trouble: without a listing, or its book would be thrown away.
    sink.on_undecoded({fields.reason(), kNoListing, kNoConnection, text});
    return Reading::unreadable;
}

KnownOrder* PrivateDecoder::tell(OrderReport& report, FactSink& sink)
{
    // An order that is known to be ours does not become a stranger's because a message leaves its id out.
    const KnownOrder* const before = known_.find(report.venue_id);
    if (before != nullptr && report.client_id.empty()) report.order = before->order;
    KnownOrder* const entry = known_.put(report.venue_id, report.order, report.listing);
    if (entry != nullptr && report.filled > entry->told) entry->told = report.filled;
    const bool alive = report.status == OrderStatus::working || report.status == OrderStatus::pending;
    if (entry != nullptr && (!alive || report.price == entry->amending)) {
        entry->amending = {};
        entry->price_due = false;
    }
    report.has_filled = true;
    sink.on_order_report(report);
    return entry;
}

Reading PrivateDecoder::stream_order(dom::object object, Timestamp time, FactSink& sink, KnownOrder*& entry)
{
    PrivateFields fields(object);
    OrderReport report;
    report.source = ReportSource::stream;
    report.venue_time = time;
    const std::string_view product = fields.text("product_id");
    report.venue_id = fields.text("order_id");
    report.client_id = fields.text("client_order_id", false);
    report.order = our_order(report.client_id);
    if (!fields.ok()) return unreadable(fields, sink, "user order");
    const Listing* const listing = listing_of(product, report.venue_id, report.order);
    if (listing == nullptr) return Reading::elsewhere;
    report.listing = listing->id;
    report.side = fields.side("order_side");
    report.filled = fields.quantity("cumulative_quantity", *listing, report.order == kForeignOrder);
    const std::string_view status = fields.text("status");
    const std::string_view reject = fields.text("reject_reason", false);
    if (fields.ok() && report.venue_id.empty()) fields.fail(UndecodedReason::missing_field);
    if (fields.ok() && !read_status(status, reject, report.filled, report.status, report.reason))
        fields.fail(UndecodedReason::unknown_message);
    if (!fields.ok()) return unreadable(fields, sink, status);
    PrivateFields terms(object);  // told for limit orders alone
    const std::string_view limit = terms.text("limit_price", false);
    // While an edit is under way the limit may be the coming one, which the order does not have yet.
    const bool amending = status == "EDIT_QUEUED";
    if (!limit.empty() && !amending) report.price = told_price(limit, *listing);
    if (report.status == OrderStatus::working) {
        const Quantity leaves = terms.quantity("leaves_quantity", *listing);
        std::int64_t sum = 0;
        if (terms.ok() && !__builtin_add_overflow(report.filled.units, leaves.units, &sum))
            report.quantity = {sum};
    }
    entry = tell(report, sink);
    if (entry != nullptr && entry->amending.units != 0 && limit.empty() && !amending) entry->price_due = true;
    return Reading::told;
}

// "Get Order": what an edit under way will make of it stands apart, in current_pending_replace.
Reading PrivateDecoder::history_order(dom::object object, FactSink& sink, KnownOrder*& entry)
{
    PrivateFields fields(object);
    OrderReport report;
    report.source = ReportSource::query;
    const std::string_view product = fields.text("product_id");
    report.venue_id = fields.text("order_id");
    report.client_id = fields.text("client_order_id", false);
    report.order = our_order(report.client_id);
    if (!fields.ok()) return unreadable(fields, sink, "order");
    const Listing* const listing = listing_of(product, report.venue_id, report.order);
    if (listing == nullptr) return Reading::elsewhere;
    report.listing = listing->id;
    report.side = fields.side("side");
    report.filled = fields.quantity("filled_size", *listing, report.order == kForeignOrder);
    const std::string_view status = fields.text("status");
    const std::string_view reject = fields.text("reject_reason", false);
    report.venue_time = fields.time("last_update_time");
    if (fields.ok() && report.venue_id.empty()) fields.fail(UndecodedReason::missing_field);
    if (fields.ok() && !read_status(status, reject, report.filled, report.status, report.reason))
        fields.fail(UndecodedReason::unknown_message);
    if (!fields.ok()) return unreadable(fields, sink, status);
    read_configuration(fields, *listing, report);
    entry = tell(report, sink);
    return Reading::told;
}

Reading PrivateDecoder::fill(dom::object object, FactSink& sink, Quantity& size)
{
    PrivateFields fields(object);
    const std::string_view product = fields.text("product_id");
    const std::string_view type = fields.text("trade_type", false);
    FillReport report;
    report.venue_id = fields.text("order_id");
    if (!fields.ok()) return unreadable(fields, sink, "fill");
    const Listing* const listing = listing_of(product, report.venue_id, kForeignOrder);
    if (listing == nullptr) return Reading::elsewhere;
    const KnownOrder* const order = known_.find(report.venue_id);
    report.order = order == nullptr ? kForeignOrder : order->order;
    report.source = ReportSource::query;
    report.listing = listing->id;
    report.trade_id = fields.text("trade_id");
    report.side = fields.side("side");
    // People's market orders are filled in digits that no order of ours can have: told, cut to the unit.
    const bool foreign = report.order == kForeignOrder;
    report.price = fields.price("price", *listing, foreign);
    const bool in_quote = fields.flag("size_in_quote", false);
    const std::string_view digits = fields.text("size");
    if (!in_quote) {
        report.quantity = fields.quantity("size", *listing, foreign);
    } else if (!size_of_quote(fields, table_->instrument_of(listing->id), report.price, report.quantity)) {
        fields.fail(UndecodedReason::bad_quantity);
    }
    // Less than a unit is no quantity, but a stranger traded all the same.
    const bool below =
        foreign && report.quantity.zero() && digits.find_first_of("123456789") != std::string_view::npos;
    report.fee = fields.amount("commission", true);
    report.maker = fields.text("liquidity_indicator", false) == "MAKER";
    report.venue_time = fields.time("trade_time");
    report.has_fee = true;
    report.fee_asset = table_->instrument_of(listing->id).quote;
    if (fields.ok() && report.trade_id.empty()) fields.fail(UndecodedReason::missing_field);
    if (fields.ok() && report.quantity.zero() && !below) fields.fail(UndecodedReason::bad_quantity);
    // "List Fills": adjusted fills (REVERSAL, CORRECTION, SYNTHETIC) repeat trade ids; a person must look.
    if (fields.ok() && !type.empty() && type != "FILL") fields.fail(UndecodedReason::unknown_message);
    if (!fields.ok()) return unreadable(fields, sink, type);
    size = report.quantity;
    if (below) sink.on_undecoded({UndecodedReason::too_precise, kNoListing, kNoConnection, digits});
    sink.on_fill_report(report);
    return Reading::told;
}

}  // namespace arb::coinbase
