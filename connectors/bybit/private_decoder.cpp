#include "connectors/bybit/private_decoder.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "connectors/bybit/private_fields.hpp"
#include "engine/base/client_order_id.hpp"

namespace arb::bybit {
namespace {

struct StatusRow {
    std::string_view word;
    OrderStatus status;
};
// "Enums Definitions", orderStatus.
constexpr std::array kStatuses{
    StatusRow{"New", OrderStatus::working},
    StatusRow{"PartiallyFilled", OrderStatus::working},
    StatusRow{"Untriggered", OrderStatus::working},
    StatusRow{"Triggered", OrderStatus::working},
    StatusRow{"Filled", OrderStatus::filled},
    StatusRow{"Cancelled", OrderStatus::cancelled},
    StatusRow{"PartiallyFilledCanceled", OrderStatus::cancelled},  // spot
    StatusRow{"Deactivated", OrderStatus::cancelled},
    StatusRow{"Rejected", OrderStatus::rejected},
};

const StatusRow* find_status(std::string_view word)
{
    for (const StatusRow& row : kStatuses) {
        if (row.word == word) return &row;
    }
    return nullptr;
}

enum class Execution : std::uint8_t { moves, pays, unknown };

/// What an execution does: it moves a position or coins, or money alone. "Enums Definitions", execType.
Execution execution_of(std::string_view type)
{
    for (const std::string_view word : {"", "Trade", "AdlTrade", "BustTrade", "BlockTrade", "MovePosition",
                                        "FutureSpread", "Delivery", "Settle", "CorporateAction"}) {
        if (type == word) return Execution::moves;
    }
    const bool pays = type == "Funding" || type == "SessionSettlePnL";
    return pays ? Execution::pays : Execution::unknown;
}

bool starts_with(std::string_view text, std::string_view head)
{
    return text.substr(0, head.size()) == head;
}

}  // namespace

std::optional<Amount> parse_amount(std::string_view text)
{
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
    // 19 digits before the point and 18 behind it stay within 128 bits.
    if (whole.empty() || whole.size() > 19 || (point != std::string_view::npos && fraction.empty()))
        return std::nullopt;
    Int128 units = 0;
    const auto add = [&](char c) {
        if (c < '0' || c > '9') return false;
        units = units * 10 + (c - '0');
        return true;
    };
    for (const char c : whole) {
        if (!add(c)) return std::nullopt;
    }
    bool finer = false;
    for (std::size_t i = 0; i < std::max<std::size_t>(fraction.size(), kAmountDecimals); ++i) {
        const char c = i < fraction.size() ? fraction[i] : '0';
        if (i >= kAmountDecimals) {
            if (c < '0' || c > '9') return std::nullopt;
            finer = finer || c != '0';
        } else if (!add(c)) {
            return std::nullopt;
        }
    }
    // Finer than an Amount: less than one unit is cut off, never upwards.
    if (negative) units = -units - (finer ? 1 : 0);
    return Amount{units};
}

std::optional<Timestamp> parse_ms(std::string_view text)
{
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < 0 ||
        value > INT64_MAX / 1'000'000) {
        return std::nullopt;
    }
    return Timestamp{value * 1'000'000};
}

// No book is in doubt, so no listing is named: it would make that book invalid.
bool PrivateDecoder::trouble(UndecodedReason reason, ConnectionId connection, std::string_view text,
                             FactSink& sink)
{
    sink.on_undecoded({reason, kNoListing, connection, text});
    return false;
}

// A list was asked for by symbol: a row of another one means that it is not what it should be. The stream
// tells of every market of the account.
bool PrivateDecoder::stranger(ReportSource source, ConnectionId connection, std::string_view symbol,
                              FactSink& sink)
{
    return source != ReportSource::query ||
           trouble(UndecodedReason::unknown_instrument, connection, symbol, sink);
}

void PrivateDecoder::event(const simdjson::dom::object& root, ConnectionId connection, FactSink& sink)
{
    PrivateFields fields(root);
    const std::string_view topic = fields.text("topic");
    simdjson::dom::array data;
    if (!fields.ok() || root.at_key("data").get(data) != simdjson::SUCCESS) {
        (void)trouble(UndecodedReason::malformed, connection, topic, sink);
        return;
    }
    Timestamp time;
    std::int64_t created = 0;
    if (root.at_key("creationTime").get(created) == simdjson::SUCCESS && created > 0 &&
        created < INT64_MAX / 1'000'000) {
        time = {created * 1'000'000};
    }
    const bool positions = topic == "position" || starts_with(topic, "position.");
    for (const simdjson::dom::element entry : data) {
        if (positions) note_side(entry);
    }
    for (const simdjson::dom::element entry : data) {
        if (topic == "order" || starts_with(topic, "order.")) {
            (void)order(entry, ReportSource::stream, connection, sink);
        } else if (topic == "execution" || starts_with(topic, "execution.")) {
            (void)execution(entry, ReportSource::stream, connection, sink);
        } else if (topic == "wallet") {
            (void)wallet(entry, ReportSource::stream, time, connection, sink);
        } else if (positions) {
            (void)position(entry, ReportSource::stream, time, connection, sink);
        } else {
            (void)trouble(UndecodedReason::unknown_message, connection, topic, sink);
            return;
        }
    }
}

// What is rejected came to nothing. But a part of it may be filled, and spot calls a post-only order rejected
// also when it rests and its new price would take ("Amend Order"): both have ended like cancelled ones.
OrderStatus PrivateDecoder::settled(const OrderReport& report)
{
    OrderId& rested = rested_[static_cast<std::uint64_t>(report.order) % rested_.size()];
    const bool known = report.order != kForeignOrder;
    if (report.status == OrderStatus::working && known) rested = report.order;
    const bool ended = !report.filled.zero() || (known && rested == report.order);
    return report.status == OrderStatus::rejected && ended ? OrderStatus::cancelled : report.status;
}

bool PrivateDecoder::order(simdjson::dom::element entry, ReportSource source, ConnectionId connection,
                           FactSink& sink)
{
    simdjson::dom::object object;
    if (entry.get(object) != simdjson::SUCCESS)
        return trouble(UndecodedReason::wrong_type, connection, {}, sink);
    PrivateFields fields(object);
    const bool other = !ours(fields.text("category"));
    if (other && source != ReportSource::query) return true;
    const std::string_view symbol = fields.required("symbol");
    if (!fields.ok()) return trouble(fields.reason(), connection, symbol, sink);
    const Listing* listing = other ? nullptr : table_->find_symbol(venue_, symbol);
    if (listing == nullptr) return stranger(source, connection, symbol, sink);
    OrderReport report;
    report.listing = listing->id;
    report.source = source;
    report.client_id = fields.text("orderLinkId");
    report.venue_id = fields.required("orderId");
    report.order = parse_client_order_id(report.client_id).value_or(kForeignOrder);
    report.side = fields.side("side");
    report.filled = fields.quantity("cumExecQty", *listing);
    report.has_filled = true;
    const std::string_view word = fields.required("orderStatus");
    const std::string_view reject = fields.text("rejectReason");
    const std::string_view cancel = fields.text("cancelType");
    report.venue_time = fields.time("updatedTime");
    const StatusRow* status = find_status(word);
    if (!fields.ok()) return trouble(fields.reason(), connection, report.client_id, sink);
    if (status == nullptr) return trouble(UndecodedReason::unknown_message, connection, word, sink);
    report.status = status->status;
    report.status = settled(report);
    const bool ended = report.status == OrderStatus::cancelled || report.status == OrderStatus::rejected;
    if (ended && report.filled.zero()) report.reason = reason_of(reject, cancel);
    if (report.status == OrderStatus::rejected && report.reason == RejectReason::none)
        report.reason = RejectReason::other;
    // A market order has no limit: what stands as its price protects it alone, and a spot market buy mostly
    // counts quote currency. Told where they are what they are called and can be read.
    PrivateFields extra(object);
    const bool market = extra.text("orderType") == "Market";
    const bool counts_quote = market &&
                              table_->instrument(listing->instrument).kind == InstrumentKind::spot &&
                              report.side == Side::buy && extra.text("marketUnit") != "baseCoin";
    const Price price = market ? Price{} : extra.price("price", *listing);
    if (extra.ok()) report.price = price;
    PrivateFields more(object);
    const Quantity quantity = counts_quote ? Quantity{} : more.quantity("qty", *listing);
    if (more.ok()) report.quantity = quantity;
    sink.on_order_report(report);
    return true;
}

bool PrivateDecoder::execution(simdjson::dom::element entry, ReportSource source, ConnectionId connection,
                               FactSink& sink) const
{
    simdjson::dom::object object;
    if (entry.get(object) != simdjson::SUCCESS)
        return trouble(UndecodedReason::wrong_type, connection, {}, sink);
    PrivateFields fields(object);
    const bool other = !ours(fields.text("category"));
    if (other && source != ReportSource::query) return true;
    const std::string_view type = fields.text("execType");
    const std::string_view symbol = fields.required("symbol");
    if (!fields.ok()) return trouble(fields.reason(), connection, symbol, sink);
    const Listing* listing = other ? nullptr : table_->find_symbol(venue_, symbol);
    if (listing == nullptr) return stranger(source, connection, symbol, sink);
    const Execution effect = execution_of(type);
    if (effect == Execution::pays) return true;
    if (effect == Execution::unknown)
        return trouble(UndecodedReason::unknown_message, connection, type, sink);
    const Instrument& instrument = table_->instrument(listing->instrument);
    FillReport report;
    report.listing = listing->id;
    report.source = source;
    report.order = parse_client_order_id(fields.text("orderLinkId")).value_or(kForeignOrder);
    report.venue_id = fields.required("orderId");
    report.trade_id = fields.required("execId");
    report.side = fields.side("side");
    report.price = fields.price("execPrice", *listing);
    report.quantity = fields.quantity("execQty", *listing);
    report.maker = fields.flag("isMaker");
    report.venue_time = fields.time("execTime");
    const std::optional<Amount> fee = fields.amount("execFee");
    report.fee_asset = fields.text("feeCurrency");
    if (fields.ok() && report.quantity.zero()) fields.fail(UndecodedReason::bad_quantity);
    if (!fields.ok()) return trouble(fields.reason(), connection, report.trade_id, sink);
    report.has_fee = fee.has_value();
    report.fee = fee.value_or(Amount{});
    if (report.fee_asset.empty()) {
        // "Spot fee currency": a fee is taken of what is received, a rebate is paid in the other one.
        // Contracts settle in the quote currency.
        const bool base =
            instrument.kind == InstrumentKind::spot && (report.side == Side::buy) == (report.fee.units >= 0);
        report.fee_asset = base ? instrument.base : instrument.quote;
    }
    sink.on_fill_report(report);
    return true;
}

bool PrivateDecoder::wallet(simdjson::dom::element entry, ReportSource source, Timestamp time,
                            ConnectionId connection, FactSink& sink) const
{
    simdjson::dom::array coins;
    if (entry["coin"].get(coins) != simdjson::SUCCESS)
        return trouble(UndecodedReason::missing_field, connection, "coin", sink);
    bool good = true;
    for (const simdjson::dom::element coin : coins) {
        simdjson::dom::object object;
        if (coin.get(object) != simdjson::SUCCESS) {
            good = trouble(UndecodedReason::wrong_type, connection, "coin", sink);
            continue;
        }
        PrivateFields fields(object);
        BalanceReport report;
        report.asset = fields.required("coin");
        const std::optional<Amount> wallet = fields.amount("walletBalance");
        const Amount borrowed = fields.amount("spotBorrow").value_or(Amount{});
        // What a wallet is bound by: open spot orders, margin of positions and of orders (neither is told
        // in portfolio margin mode), and a bonus, which covers losses alone.
        Amount bound;
        for (const std::string_view part : {"locked", "totalPositionIM", "totalOrderIM", "bonus"}) {
            const std::optional<Amount> amount = fields.amount(part);
            report.has_free = report.has_free || amount.has_value();
            bound = bound + amount.value_or(Amount{});
        }
        if (!fields.ok()) {
            good = trouble(fields.reason(), connection, report.asset, sink);
            continue;
        }
        if (!wallet) continue;
        // Borrowed coins stand in the wallet; they are not ours.
        report.has_total = true;
        report.total = *wallet - borrowed;
        report.free = report.has_free ? report.total - bound : Amount{};
        if (report.free.units < 0) report.free = {};
        report.source = source;
        report.venue_time = time;
        sink.on_balance_report(report);
    }
    return good;
}

// In hedge mode a symbol has two positions, of one side each (index 1: long, 2: short).
void PrivateDecoder::note_side(simdjson::dom::element entry)
{
    simdjson::dom::object object;
    std::int64_t side = 0;
    if (entry.get(object) != simdjson::SUCCESS ||
        object.at_key("positionIdx").get(side) != simdjson::SUCCESS || side < 1 || side > 2)
        return;
    PrivateFields fields(object);
    if (!ours(fields.text("category"))) return;
    const Listing* listing = table_->find_symbol(venue_, fields.text("symbol"));
    if (listing == nullptr) return;
    const Quantity size = fields.quantity("size", *listing);
    if (!fields.ok()) return;
    Sides& sides = sides_[index(listing->id)];
    (side == 1 ? sides.bought : sides.sold) = size;
}

bool PrivateDecoder::position(simdjson::dom::element entry, ReportSource source, Timestamp time,
                              ConnectionId connection, FactSink& sink) const
{
    simdjson::dom::object object;
    if (entry.get(object) != simdjson::SUCCESS)
        return trouble(UndecodedReason::wrong_type, connection, {}, sink);
    PrivateFields fields(object);
    if (!ours(fields.text("category"))) return true;
    const std::string_view symbol = fields.required("symbol");
    const std::string_view side = fields.text("side");
    if (!fields.ok()) return trouble(fields.reason(), connection, symbol, sink);
    const Listing* listing = table_->find_symbol(venue_, symbol);
    if (listing == nullptr) return true;
    const Instrument& instrument = table_->instrument(listing->instrument);
    const Quantity size = fields.quantity("size", *listing);
    std::int64_t hedged = 0;
    simdjson::dom::element number;
    if (object.at_key("positionIdx").get(number) == simdjson::SUCCESS &&
        (number.get(hedged) != simdjson::SUCCESS || hedged < 0 || hedged > 2))
        fields.fail(UndecodedReason::wrong_type);
    // A flat position has no side ("" or, in older messages, "None").
    if (fields.ok() && !size.zero() && side != "Buy" && side != "Sell")
        fields.fail(UndecodedReason::wrong_type);
    if (!fields.ok()) return trouble(fields.reason(), connection, symbol, sink);
    BalanceReport report;
    report.asset = instrument.name;
    report.has_total = true;
    report.total = instrument.amount(size);
    if (side == "Sell") report.total = -report.total;
    if (hedged != 0) {
        const Sides& sides = sides_[index(listing->id)];
        report.total = instrument.amount(sides.bought) - instrument.amount(sides.sold);
    }
    report.source = source;
    report.venue_time = time;
    sink.on_balance_report(report);
    return true;
}

}  // namespace arb::bybit
