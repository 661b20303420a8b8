#include "connectors/gate/contract_decoder.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>

#include "connectors/gate/private_entries.hpp"

namespace arb::gate {
namespace {

/// All contracts of this market are settled in it, and so are their fees.
constexpr std::string_view kSettlement = "USDT";

struct SignedSize {
    Side side = Side::buy;
    Quantity quantity;
};

SignedSize read_contracts(AccountFields& fields, std::string_view key, const Listing& listing)
{
    SignedSize size;
    std::string_view digits = fields.text(key);
    if (digits.starts_with('-')) {
        size.side = Side::sell;
        digits.remove_prefix(1);
    }
    if (digits.empty()) fields.fail();
    size.quantity = fields.quantity_text(digits, listing);
    return size;
}

// The first of these moments that the message tells. Seconds have a fraction; milliseconds are told by the
// name, or by their size, as `update_time` is seconds by REST and milliseconds on the channel.
Timestamp read_moment(AccountFields& fields, std::initializer_list<std::string_view> names)
{
    constexpr std::size_t kMillisecondsDigits = 13;
    for (const std::string_view name : names) {
        const std::string_view digits = fields.text(name, false);
        if (digits.empty()) continue;
        const bool fine =
            name.ends_with("_ms") || std::min(digits.find('.'), digits.size()) >= kMillisecondsDigits;
        const ScaledNumber number = parse_scaled(digits, fine ? 6 : 9);
        if (number.error == DecimalError::none && number.value > 0) return {number.value};
    }
    return {};
}

/// The digits of a venue's id, which some messages write as a number and some as text; empty: there is none.
std::string_view read_id(AccountFields& fields, std::string_view key, std::span<char, kDecimalTextMax> digits)
{
    const std::int64_t id = fields.integer(key);
    if (id <= 0) return {};
    return {digits.data(), print_scaled(id, 0, digits.data())};
}

bool is_currency(std::string_view told)
{
    return told.size() == kSettlement.size() &&
           std::equal(told.begin(), told.end(), kSettlement.begin(),
                      [](char a, char b) { return a == b || a == b - 'A' + 'a'; });
}

}  // namespace

const Listing* ContractDecoder::find_contract(AccountFields& fields, FactSink& sink) const
{
    const std::string_view symbol = fields.text("contract");
    const Listing* const listing = setup_.table->find_symbol(setup_.id, symbol);
    if (listing == nullptr) (void)trouble(UndecodedReason::unknown_instrument, symbol, sink);
    return listing;
}

// `left` has the sign of `size`. That an order is new or changed stands in finish_as, too ("_new",
// "_update"): its status alone says whether it lives.
bool ContractDecoder::order(const Json& entry, ReportSource source, FactSink& sink) const
{
    AccountFields fields(entry);
    const Listing* const listing = find_contract(fields, sink);
    if (listing == nullptr) return false;
    const std::string_view status = fields.text("status");
    const bool live = status == "open";
    if (!live && status != "finished") return trouble(UndecodedReason::unknown_message, status, sink);
    OrderReport report;
    report.listing = listing->id;
    report.source = source;
    std::array<char, kDecimalTextMax> digits;
    report.venue_id = read_id(fields, "id", digits);
    read_client(fields, report);
    const SignedSize size = read_contracts(fields, "size", *listing);
    const SignedSize left = read_contracts(fields, "left", *listing);
    report.side = size.side;
    report.quantity = size.quantity;
    report.price = fields.price("price", *listing, false);
    report.has_filled = true;
    report.filled = {size.quantity.units - left.quantity.units};
    const bool turned = left.quantity.units > 0 && left.side != size.side;
    report.venue_time = read_moment(
        fields, {"finish_time_ms", "finish_time", "update_time", "create_time_ms", "create_time"});
    report.status = OrderStatus::working;
    if (!fields.ok() || report.venue_id.empty() || size.quantity.units <= 0 || turned ||
        report.filled.units < 0)
        return trouble(UndecodedReason::bad_number, listing->symbol, sink);
    if (!live) read_end(fields, false, report, sink);
    sink.on_order_report(report);
    return true;
}

// The list of a span of time calls a fill's id `trade_id`. A maker's fee below zero is a rebate.
bool ContractDecoder::fill(const Json& entry, ReportSource source, FactSink& sink) const
{
    AccountFields fields(entry);
    const Listing* const listing = find_contract(fields, sink);
    if (listing == nullptr) return false;
    FillReport report;
    report.listing = listing->id;
    report.source = source;
    report.order = order_of(fields.text("text", false));
    std::array<char, kDecimalTextMax> id, order_id;
    report.trade_id = read_id(fields, fields.has("trade_id") ? "trade_id" : "id", id);
    report.venue_id = read_id(fields, "order_id", order_id);
    const SignedSize size = read_contracts(fields, "size", *listing);
    report.side = size.side;
    report.quantity = size.quantity;
    report.price = fields.price("price", *listing);
    const std::string_view role = fields.text("role");
    report.maker = role == "maker";
    if (!report.maker && role != "taker") fields.fail();
    report.venue_time = read_moment(fields, {"create_time_ms", "create_time"});
    const bool plain_fee = read_fee(fields, kSettlement, report);
    if (!fields.ok() || report.trade_id.empty() || report.venue_id.empty() || !report.venue_time.known() ||
        report.price.units <= 0 || report.quantity.units <= 0)
        return trouble(UndecodedReason::bad_number, listing->symbol, sink);
    if (!plain_fee) (void)trouble(UndecodedReason::unknown_message, "a fee that is paid in two ways", sink);
    sink.on_fill_report(report);
    return plain_fee && report.has_fee;
}

// REST tells the wallet and what of it is free; the channel what it is after a change, and no more. What
// positions have won or lost since they were opened is in neither.
bool ContractDecoder::wallet(const Json& entry, ReportSource source, FactSink& sink) const
{
    const bool pushed = source == ReportSource::stream;
    AccountFields fields(entry);
    BalanceReport report;
    report.source = source;
    report.asset = kSettlement;
    const std::string_view total = fields.text(pushed ? "balance" : "total");
    report.has_total = true;
    report.total = fields.amount_text(total);
    if (!pushed) {
        report.has_free = true;
        const std::string_view available = fields.text("available");
        if (available.empty()) fields.fail();
        report.free = fields.amount_text(available);
    }
    report.venue_time = fields.milliseconds_time("time_ms", pushed);
    // The channel's messages of old name no currency.
    const std::string_view currency = fields.text("currency", !pushed);
    if (!currency.empty() && !is_currency(currency)) fields.fail();
    if (!fields.ok() || total.empty()) return trouble(UndecodedReason::bad_number, "the wallet", sink);
    sink.on_balance_report(report);
    return true;
}

bool ContractDecoder::is_hedged(const Json& position)
{
    AccountFields fields(position);
    const std::string_view mode = fields.text("mode", false);
    return !mode.empty() && mode != "single" &&
           fields.text("size", false).find_first_of("123456789") != std::string_view::npos;
}

// A side of a hedged contract is no position of ours: an empty one, which an account may show from times when
// it was in that mode, says nothing; one with contracts ends the session.
bool ContractDecoder::position(const Json& entry, ReportSource source, FactSink& sink, ListingId& which) const
{
    AccountFields fields(entry);
    const Listing* const listing = find_contract(fields, sink);
    if (listing == nullptr) return false;
    const std::string_view mode = fields.text("mode");
    const SignedSize size = read_contracts(fields, "size", *listing);
    const bool dual = mode == "dual_long" || mode == "dual_short";
    if (mode == "single") which = listing->id;
    if (!fields.ok()) return trouble(UndecodedReason::bad_number, listing->symbol, sink);
    if (dual && size.quantity.zero()) return true;
    if (mode != "single") return trouble(UndecodedReason::unknown_message, mode, sink);
    const Instrument& instrument = setup_.table->instrument(listing->instrument);
    BalanceReport report;
    report.source = source;
    report.asset = instrument.name;
    report.has_total = true;
    const Amount held = instrument.amount(size.quantity);
    report.total = size.side == Side::sell ? -held : held;
    report.venue_time = read_moment(fields, {"time_ms", "update_time"});
    sink.on_balance_report(report);
    return true;
}

}  // namespace arb::gate
