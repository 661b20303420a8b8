#include "connectors/gate/private_decoder.hpp"

#include <array>

#include "connectors/gate/private_entries.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::gate {
namespace {

using Json = simdjson::dom::element;

/// The first word that an order's state is told by: replies have a status, the channel an event.
enum class State : std::uint8_t { live, filled, cancelled, ended, strange };
struct StateWord {
    std::string_view word;
    State state;
};
constexpr StateWord kStates[] = {
    {"open", State::live}, {"closed", State::filled}, {"cancelled", State::cancelled},
    {"put", State::live},  {"update", State::live},   {"finish", State::ended},
};

State state_of(std::string_view word)
{
    for (const StateWord& row : kStates) {
        if (row.word == word) return row.state;
    }
    return State::strange;
}

Side side_of(AccountFields& fields)
{
    const std::string_view side = fields.text("side");
    if (side != "buy" && side != "sell") fields.fail();
    return side == "sell" ? Side::sell : Side::buy;
}

// Milliseconds with a fraction of up to six digits ("1605176741123.456"), so that the units are nanoseconds.
Timestamp fine_time(AccountFields& fields, std::string_view key)
{
    const ScaledNumber number = parse_scaled(fields.text(key), 6);
    if (number.error == DecimalError::none && number.value > 0) return {number.value};
    fields.fail();
    return {};
}

/// What is filled of a limit order: told, or what is not left. Older messages tell `left` alone.
bool read_filled(AccountFields& fields, const Listing& listing, OrderReport& report)
{
    if (fields.has("filled_amount")) {
        report.filled = fields.quantity("filled_amount", listing);
        return true;
    }
    if (!fields.has("left")) return false;
    report.filled = {report.quantity.units - fields.quantity("left", listing).units};
    if (report.filled.units < 0) fields.fail();
    return true;
}

bool read_rate(std::string_view text, Rate& out)
{
    const ScaledNumber number = parse_scaled(text, 8);
    out = {number.value};
    return number.error == DecimalError::none;
}

}  // namespace

bool PrivateDecoder::push(const Json& message, std::string_view channel, ConnectionId connection,
                          FactSink& sink) const
{
    std::string_view topic;
    if (channel.starts_with(words_->prefix)) topic = channel.substr(words_->prefix.size());
    const bool positions = !words_->spot && topic == "positions";
    simdjson::dom::array result;
    const bool known = positions || topic == "orders" || topic == "usertrades" || topic == "balances";
    if (!known || message["result"].get(result) != simdjson::SUCCESS) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, channel});
        return true;
    }
    bool one_way = true;
    for (const Json entry : result) {
        ListingId which = kNoListing;
        if (topic == "orders")
            (void)order(entry, ReportSource::stream, sink);
        else if (topic == "usertrades")
            (void)fill(entry, ReportSource::stream, sink);
        else if (topic == "balances")
            (void)balance(entry, ReportSource::stream, sink);
        else
            (void)contracts_.position(entry, ReportSource::stream, sink, which);
        one_way = one_way && !(positions && ContractDecoder::is_hedged(entry));
    }
    return one_way;
}

bool PrivateDecoder::order(const Json& entry, ReportSource source, FactSink& sink) const
{
    if (!words_->spot) return contracts_.order(entry, source, sink);
    AccountFields fields(entry);
    const std::string_view symbol = fields.text("currency_pair");
    const Listing* const listing = setup_.table->find_symbol(setup_.id, symbol);
    if (listing == nullptr) return trouble(UndecodedReason::unknown_instrument, symbol, sink);
    const std::string_view word = fields.text(fields.has("status") ? "status" : "event");
    const State state = state_of(word);
    if (state == State::strange) return trouble(UndecodedReason::unknown_message, word, sink);
    OrderReport report;
    report.listing = listing->id;
    report.source = source;
    report.venue_id = fields.text("id");
    read_client(fields, report);
    report.side = side_of(fields);
    report.price = fields.price("price", *listing, false);
    // A market order to buy counts quote currency: a stranger's, whose digits need not fit.
    const bool market = fields.text("type", false) == "market";
    if (!market) report.quantity = fields.quantity("amount", *listing);
    if (!market || fields.has("filled_amount")) report.has_filled = read_filled(fields, *listing, report);
    report.venue_time = fields.milliseconds_time("update_time_ms");
    report.status = OrderStatus::working;
    if (!fields.ok() || report.venue_id.empty()) return trouble(UndecodedReason::bad_number, symbol, sink);
    if (state != State::live) read_end(fields, state == State::filled, report, sink);
    sink.on_order_report(report);
    return true;
}

bool PrivateDecoder::fill(const Json& entry, ReportSource source, FactSink& sink) const
{
    if (!words_->spot) return contracts_.fill(entry, source, sink);
    AccountFields fields(entry);
    const std::string_view symbol = fields.text("currency_pair");
    const Listing* const listing = setup_.table->find_symbol(setup_.id, symbol);
    if (listing == nullptr) return trouble(UndecodedReason::unknown_instrument, symbol, sink);
    FillReport report;
    report.listing = listing->id;
    report.source = source;
    report.order = order_of(fields.text("text", false));
    report.venue_id = fields.text("order_id");
    report.side = side_of(fields);
    report.price = fields.price("price", *listing);
    report.quantity = fields.quantity("amount", *listing);
    const std::string_view role = fields.text("role");
    report.maker = role == "maker";
    if (!report.maker && role != "taker") fields.fail();
    report.venue_time = fine_time(fields, "create_time_ms");
    // A number on the channel, a text by REST: the same one, unique within the market.
    std::array<char, kDecimalTextMax> digits;
    const std::int64_t id = fields.integer("id");
    if (id > 0) report.trade_id = {digits.data(), print_scaled(id, 0, digits.data())};
    // What the fill brought pays the fee where nothing else is told.
    const Instrument& instrument = setup_.table->instrument(listing->instrument);
    std::string_view received = fields.text("fee_currency", false);
    if (received.empty()) received = report.side == Side::buy ? instrument.base : instrument.quote;
    const bool plain_fee = read_fee(fields, received, report);
    if (!fields.ok() || report.trade_id.empty() || report.price.units <= 0 || report.quantity.units <= 0)
        return trouble(UndecodedReason::bad_number, symbol, sink);
    if (!plain_fee) (void)trouble(UndecodedReason::unknown_message, "a fee that is paid in two ways", sink);
    sink.on_fill_report(report);
    return plain_fee && report.has_fee;
}

// REST tells what is free and what is locked; the channel a total, too, which is told on only where it is the
// sum of both, so that there is one meaning of it.
bool PrivateDecoder::balance(const Json& entry, ReportSource source, FactSink& sink) const
{
    if (!words_->spot) return contracts_.wallet(entry, source, sink);
    const bool pushed = source == ReportSource::stream;
    AccountFields fields(entry);
    BalanceReport report;
    report.source = source;
    report.asset = fields.text("currency");
    report.has_free = true;
    report.free = fields.amount("available");
    report.total = report.free + fields.amount(pushed ? "freeze" : "locked");
    report.has_total = !pushed || report.total == fields.amount("total");
    if (!report.has_total) report.total = {};
    report.venue_time = fields.milliseconds_time("timestamp_ms", pushed);
    const bool told = !fields.text("available", false).empty();
    if (!fields.ok() || !told || report.asset.empty())
        return trouble(UndecodedReason::bad_number, report.asset, sink);
    sink.on_balance_report(report);
    return true;
}

// With gt_discount spot fees are paid in GT at rates of their own; those of contracts are told as they are.
bool PrivateDecoder::fees(const Json& entry, ListingId listing, FactSink& sink) const
{
    AccountFields fields(entry);
    FeeReport report;
    report.listing = listing;
    bool discount = false;
    const bool told = !words_->spot || entry["gt_discount"].get(discount) == simdjson::SUCCESS;
    const bool good = read_rate(fields.text(discount ? "gt_maker_fee" : "maker_fee"), report.maker) &&
                      read_rate(fields.text(discount ? "gt_taker_fee" : "taker_fee"), report.taker);
    if (!told || !good)
        return trouble(UndecodedReason::bad_number, words_->spot ? "wallet/fee" : "futures/usdt/fee", sink);
    sink.on_fee_report(report);
    return true;
}

}  // namespace arb::gate
