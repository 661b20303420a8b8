// The emulated Gate: what is the contracts' own. Sizes are signed counts of contracts, as text for who asked
// for decimals and else whole numbers rounded down; pushes write prices as numbers.
#include <fmt/format.h>

#include "connectors/gate/emulated_core.hpp"

namespace arb::gate {
namespace {

std::string float_time(Timestamp time)
{
    return fmt::format("{}.{:03}", seconds_of(time), ms_of(time) % 1000);
}

/// How the futures' account counts the modes that the unified account names.
int margin_mode(std::string_view mode)
{
    if (mode == "classic") return 0;
    return mode == "multi_currency" ? 1 : mode == "portfolio" ? 2 : 3;
}

}  // namespace

VenueAnswer EmulatedGate::read_contract(const Call& call, const Listing& listing, PlaceOrder& order) const
{
    std::string_view size = call.get("size");
    order.side = size.starts_with('-') ? Side::sell : Side::buy;
    if (size.starts_with('-')) size.remove_prefix(1);
    for (const char* other : {"close", "auto_size", "iceberg"}) {
        const std::string_view said = call.get(other);
        if (!said.empty() && said != "false" && said != "0")
            return say_refused("INVALID_PARAM_VALUE", fmt::format("{} is not emulated", other));
    }
    order.reduce_only = call.get("reduce_only") == "true";
    VenueAnswer answer = read_price(call.get("price"), listing, order.price);
    return answer.good() ? read_size(size, listing, order.quantity) : answer;
}

std::string EmulatedGate::contract_size(const Listing& listing, Quantity quantity, Side side, Form form) const
{
    std::string text = size_text(listing, quantity);
    const bool whole = form == Form::whole_reply || form == Form::whole_push;
    if (whole) text = text.substr(0, text.find('.'));
    if (side == Side::sell && text != "0") text.insert(0, 1, '-');
    return whole ? text : json_text(text);
}

std::string EmulatedGate::contract_number(const std::string& text, Form form)
{
    return form == Form::push || form == Form::whole_push ? text : json_text(text);
}

std::string EmulatedGate::contract_order(const EmulatedOrder& order, Form form) const
{
    const Listing& listing = setup_.table->listing(order.listing);
    const Instrument& instrument = setup_.table->instrument(listing.instrument);
    const auto found = asked_.find(order.id);
    const bool ended = order.state != EmulatedState::open;
    const std::string finish =
        ended ? fmt::format(R"("finish_time":{},"finish_time_ms":{},"finish_as":"{}",)",
                            float_time(order.updated), ms_of(order.updated), finish_word(order))
              : std::string();
    return fmt::format(
        R"({{"id":{},"user":{},"create_time":{},"create_time_ms":{},"update_time":{},{}"status":"{}",)"
        R"("contract":"{}","size":{},"price":{},"left":{},"fill_price":{},"tif":"{}","text":{},"iceberg":0,)"
        R"("is_close":false,"is_reduce_only":{},"is_liq":false,"tkfr":{},"mkfr":{},"refu":0,"stp_id":{},)"
        R"("stp_act":"{}","amend_text":{}}})",
        order_id(order.id), user_of(order.account), float_time(order.created), ms_of(order.created),
        float_time(order.updated), finish, ended ? "finished" : "open", listing.symbol,
        contract_size(listing, order.quantity, order.side, form),
        contract_number(price_text(listing, order.price), form),
        contract_size(listing, order.quantity - order.filled, order.side, form),
        contract_number(average_text(order, instrument), form), tif_words(order.time_in_force),
        json_text(order.client_id.empty() ? "api" : order.client_id), order.reduce_only,
        contract_number(format_scaled(setup_.exchange->taker_fee(listing.id).units, 8), form),
        contract_number(format_scaled(setup_.exchange->maker_fee(listing.id).units, 8), form),
        group().empty() ? "0" : group(), found == asked_.end() ? "-" : found->second.act,
        json_text(found == asked_.end() ? "-" : found->second.amend_text));
}

std::string EmulatedGate::contract_trade(const EmulatedTrade& trade, Form form)
{
    const Listing& listing = setup_.table->listing(trade.listing);
    const bool push = form == Form::push || form == Form::whole_push;
    const std::string number = fmt::format("{}", trade_number(trade));
    return fmt::format(
        R"({{"id":{},"create_time":{},"create_time_ms":{},"contract":"{}","order_id":"{}","size":{},)"
        R"("price":"{}","role":"{}","text":{},"fee":{},"point_fee":{}}})",
        push ? json_text(number) : number,
        push ? fmt::format("{}", seconds_of(trade.time)) : float_time(trade.time), ms_of(trade.time),
        listing.symbol, order_id(trade.order), contract_size(listing, trade.quantity, trade.side, form),
        price_text(listing, trade.price), trade.maker ? "maker" : "taker",
        json_text(text_of_order(trade.account, trade.order)), contract_number(trade.fee.text(), form),
        contract_number("0", form));
}

// The list of a span of time names the trade in another way, and has no milliseconds of their own.
std::string EmulatedGate::contract_trade_of_span(const EmulatedTrade& trade, Form form)
{
    const Listing& listing = setup_.table->listing(trade.listing);
    return fmt::format(
        R"({{"trade_id":"{}","create_time":{},"contract":"{}","order_id":"{}","size":{},"price":"{}",)"
        R"("role":"{}","text":{},"fee":"{}","point_fee":"0","close_size":"0","amend_text":"-"}})",
        trade_number(trade), float_time(trade.time), listing.symbol, order_id(trade.order),
        contract_size(listing, trade.quantity, trade.side, form), price_text(listing, trade.price),
        trade.maker ? "maker" : "taker", json_text(text_of_order(trade.account, trade.order)),
        trade.fee.text());
}

VenueAnswer EmulatedGate::fills_of_span(const Call& call)
{
    return list_fills(call, true);
}

VenueAnswer EmulatedGate::orders_of_span(const Call& call)
{
    VenueAnswer answer;
    const Listing* const listing = market_of(call, answer);
    if (listing == nullptr && answer.label != "MISSING_REQUIRED_PARAM") return answer;
    return list_orders(call, listing, {});
}

std::string EmulatedGate::position_json(const Listing& listing, const EmulatedBalance& held, Form form) const
{
    const Instrument& instrument = setup_.table->instrument(listing.instrument);
    const Amount size = absolute(held.total);
    const Quantity units{
        static_cast<std::int64_t>(size.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
    const Int128 coarse = size.units / power_of_ten(8);
    const std::string entry = coarse == 0 ? "0" : format_scaled128(absolute(held.cost).units / coarse, 8);
    const EmulatedBook book = setup_.exchange->book(listing.id);
    const std::string mark = price_text(listing, book.asks.empty() ? Price{} : book.asks.front().price);
    const auto number = [&](const std::string& text) { return contract_number(text, form); };
    return fmt::format(
        R"({{"contract":"{}","size":{},"mode":"single","leverage":{},"cross_leverage_limit":{},"entry_price":{},)"
        R"("mark_price":{},"liq_price":{},"margin":{},"unrealised_pnl":{},"realised_pnl":{},"history_pnl":{},)"
        R"("last_close_pnl":{},"pending_orders":0,"pos_margin_mode":"cross","update_id":{},"time_ms":{}}})",
        listing.symbol, contract_size(listing, units, held.total.units < 0 ? Side::sell : Side::buy, form),
        number("0"), number("10"), number(entry), number(mark), number("0"), number("0"), number("0"),
        number("0"), number("0"), number("0"), ms_of(now_), ms_of(now_));
}

VenueAnswer EmulatedGate::positions(const Call& call)
{
    std::map<ListingId, EmulatedBalance> held;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.account())) {
        const Listing* const listing = listing_of_position(setup_, balance);
        if (listing != nullptr) held[listing->id] = balance;
    }
    std::string list;
    for (const Listing& listing : setup_.table->listings()) {
        if (listing.venue != setup_.id) continue;
        const EmulatedBalance& balance = held[listing.id];
        if (balance.total.zero() && call.get("holding") == "true") continue;
        list += (list.empty() ? "" : ",") + position_json(listing, balance, call.form);
    }
    return say_done(fmt::format("[{}]", list));
}

// Every account has one, be it empty.
VenueAnswer EmulatedGate::contract_account(const Call& call)
{
    EmulatedBalance wallet;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.account())) {
        if (!balance.position && balance.asset == "USDT") wallet = balance;
    }
    const Amount bound = wallet.margin + wallet.order_margin;
    const std::string available = (wallet.wallet() - bound).text();
    return say_done(fmt::format(
        R"({{"user":{},"currency":"USDT","total":"{}","available":"{}","unrealised_pnl":"0",)"
        R"("position_margin":"{}","order_margin":"{}","cross_available":"{}","margin_mode":{},)"
        R"("position_mode":"{}","in_dual_mode":{},"history":{{"pnl":"0","fee":"0","fund":"0"}}}})",
        user_of(call.account()), wallet.wallet().text(), available, wallet.margin.text(),
        wallet.order_margin.text(), available, margin_mode(mode()), position_mode(),
        position_mode() != "single"));
}

// Nothing is paid for holding a position here.
VenueAnswer EmulatedGate::ledger(const Call&)
{
    return say_done("[]");
}

VenueAnswer EmulatedGate::contract_fee(const Call& call)
{
    std::string list;
    for (const Listing& listing : setup_.table->listings()) {
        const std::string_view wanted = call.get("contract");
        if (listing.venue != setup_.id || (!wanted.empty() && wanted != listing.symbol)) continue;
        fmt::format_to(std::back_inserter(list), R"({}"{}":{{"taker_fee":"{}","maker_fee":"{}"}})",
                       list.empty() ? "" : ",", listing.symbol,
                       format_scaled(setup_.exchange->taker_fee(listing.id).units, 8),
                       format_scaled(setup_.exchange->maker_fee(listing.id).units, 8));
    }
    if (list.empty()) return place_error(PlaceError::unknown_listing);
    return say_done(fmt::format("{{{}}}", list));
}

}  // namespace arb::gate
