// The emulated Kraken: news of an account. Only the first word of an order, its fills and snapshots tell what
// it is; everything else names the order's id and what changed ("Executions", live order).
#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"

namespace arb::kraken {
namespace {

std::string_view end_word_of(const EmulatedOrder& order)
{
    return order.state == EmulatedState::filled ? "filled" : "canceled";
}

std::string_view end_reason_of(const EmulatedOrder& order)
{
    switch (order.end_reason) {
        case PlaceError::would_take:
            return "Post only order";
        case PlaceError::self_trade:
            return "STP";
        case PlaceError::unfilled:
            return "Could not be filled in full";
        default:
            break;
    }
    return order.state == EmulatedState::expired ? "IOC order could not be filled further" : "User requested";
}

// A market order is what is told; that it is an order with a limit inside is nobody's business.
std::string_view tif_of(const EmulatedOrder& order, bool is_market)
{
    if (is_market) return "GTC";
    if (order.time_in_force == TimeInForce::ioc) return "IOC";
    return order.time_in_force == TimeInForce::fok ? "FOK" : "GTC";
}

}  // namespace

// Quote currency by base, cut to eight decimals.
std::string EmulatedKraken::average(const EmulatedOrder& order) const
{
    if (order.filled.zero()) return "0.0";
    const Instrument& instrument = setup_.table->instrument(setup_.table->listing(order.listing).instrument);
    const Int128 scale = power_of_ten(instrument.quantity_decimals);
    return format_scaled128(
        order.filled_notional.units / power_of_ten(kAmountDecimals - 8) * scale / order.filled.units, 8);
}

std::string EmulatedKraken::totals(const EmulatedOrder& order) const
{
    const Listing& l = setup_.table->listing(order.listing);
    return fmt::format(R"("cum_qty":{},"cum_cost":{},"avg_price":{},"fee_usd_equiv":{})",
                       size(order.filled, l), order.filled_notional.text(), average(order),
                       order.fees.text());
}

// The members that say what kind of order it is.
std::string EmulatedKraken::kind_members(const EmulatedOrder& order) const
{
    const Listing& l = setup_.table->listing(order.listing);
    const Terms& more = terms(order.id);
    std::string text = fmt::format(R"("order_type":"{}",)", more.is_market ? "market" : "limit");
    if (!more.money.zero())
        text += fmt::format(R"("cash_order_qty":{},)", more.money.text());
    else
        text += fmt::format(R"("order_qty":{},)", size(order.quantity, l));
    if (!more.is_market)
        text += fmt::format(R"("limit_price_type":"static","limit_price":{},)", price(order.price, l));
    if (more.userref) text += fmt::format(R"("order_userref":{},)", *more.userref);
    return text + fmt::format(R"("time_in_force":"{}")", tif_of(order, more.is_market));
}

// What a snapshot says: everything.
std::string EmulatedKraken::order_row(const EmulatedOrder& order) const
{
    const Listing& l = setup_.table->listing(order.listing);
    return fmt::format(
        R"({{"order_id":"{}","cl_ord_id":{},"symbol":"{}","side":"{}",{},{},"exec_type":"status",)"
        R"("order_status":"{}","fee_ccy_pref":"fciq","timestamp":"{}"}})",
        order_id(order.id), json_text(order.client_id), l.symbol, name(order.side), kind_members(order),
        totals(order), order.filled.zero() ? "new" : "partially_filled", micros(order.updated));
}

// Received, not live. Now and then, in any case for the second order ever, it does not repeat the client's
// id.
std::string EmulatedKraken::begin_row(const EmulatedOrder& order) const
{
    const Listing& l = setup_.table->listing(order.listing);
    const bool is_silent = order.client_id.empty() || (setup_.manners && order.id % 16 == 2);
    return fmt::format(
        R"({{"order_id":"{}","symbol":"{}","cum_cost":0.0,"exec_type":"pending_new","side":"{}",{}{},)"
        R"("stop_price":0.0,"order_status":"pending_new","fee_usd_equiv":0.0,"fee_ccy_pref":"fciq",)"
        R"("timestamp":"{}"}})",
        order_id(order.id), l.symbol, name(order.side),
        is_silent ? std::string() : fmt::format(R"("cl_ord_id":{},)", json_text(order.client_id)),
        kind_members(order), micros(order.created));
}

std::string EmulatedKraken::live_row(const EmulatedOrder& order) const
{
    return fmt::format(R"({{"timestamp":"{}","order_status":"new","exec_type":"new","order_id":"{}"}})",
                       micros(order.created), order_id(order.id));
}

std::string EmulatedKraken::amended_row(const EmulatedOrder& order) const
{
    const Listing& l = setup_.table->listing(order.listing);
    return fmt::format(
        R"({{"timestamp":"{}","exec_type":"amended","order_status":"{}","cum_qty":{},"reason":"User requested",)"
        R"("amended":true,"order_qty":{},"limit_price":{},"limit_price_type":"static","order_id":"{}"}})",
        micros(order.updated), order.filled.zero() ? "new" : "partially_filled", size(order.filled, l),
        size(order.quantity, l), price(order.price, l), order_id(order.id));
}

// "Partially filled", also when nothing is left: that has a message of its own.
std::string EmulatedKraken::trade_row(const EmulatedOrder& order, const EmulatedTrade& trade) const
{
    const Listing& l = setup_.table->listing(order.listing);
    return fmt::format(
        R"({{"order_id":"{}","exec_id":"TEMUL8-{}","exec_type":"trade","trade_id":{},"symbol":"{}","side":"{}",)"
        R"("last_qty":{},"last_price":{},"liquidity_ind":"{}","cost":{},"order_type":"{}",)"
        R"("timestamp":"{}","order_status":"partially_filled",{},"fees":[{{"asset":"{}","qty":{}}}]}})",
        order_id(order.id), trade.id, trade.id, l.symbol, name(order.side), size(trade.quantity, l),
        price(trade.price, l), trade.maker ? "m" : "t", trade.notional.text(),
        terms(order.id).is_market ? "market" : "limit", micros(order.updated), totals(order), trade.fee_asset,
        trade.fee.text());
}

std::string EmulatedKraken::end_row(const EmulatedOrder& order) const
{
    const std::string why =
        order.state == EmulatedState::filled
            ? std::string()
            : fmt::format(R"(,"cancel_reason":"{0}","reason":"{0}")", end_reason_of(order));
    return fmt::format(R"({{"timestamp":"{}","order_status":"{}","exec_type":"{}","order_id":"{}",{}{}}})",
                       micros(order.updated), end_word_of(order), end_word_of(order), order_id(order.id),
                       totals(order), why);
}

void EmulatedKraken::say_order(const EmulatedOrder& order, const std::string& row, Timestamp now,
                               SessionOutbox& out)
{
    for (auto& [id, session] : sessions_) {
        if (session.key == nullptr || session.key->account != order.account ||
            session.channels.count("executions") == 0)
            continue;
        say(id, session,
            fmt::format(R"({{"channel":"executions","type":"update","data":[{}],"sequence":{}}})", row,
                        ++session.executions),
            now, out);
    }
}

void EmulatedKraken::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                              SessionOutbox& out)
{
    now_ = now;
    // Its refusal was the answer to the request.
    if (order.state == EmulatedState::rejected) return;
    if (order.id > announced_) {
        announced_ = order.id;
        say_order(order, begin_row(order), now, out);
        say_order(order, live_row(order), now, out);
    }
    if (trade == nullptr && order.state == EmulatedState::open && order.amends > 0 &&
        order.amends > amended_[order.id].times) {
        amended_[order.id] = {order.amends, now};
        say_order(order, amended_row(order), now, out);
    }
    if (trade != nullptr) say_order(order, trade_row(order, *trade), now, out);
    if (order.state == EmulatedState::open) return;
    amended_.erase(order.id);
    say_order(order, end_row(order), now, out);
}

// A figure of its own for each wallet, and their sum. What earns lies beside what is traded with.
std::string EmulatedKraken::wallets(const EmulatedBalance& balance) const
{
    const bool earns = setup_.manners && balance.total.units > 0;
    const Amount earning{earns ? Int128{7} * power_of_ten(kAmountDecimals - 1) : Int128{0}};
    return fmt::format(
        R"({{"asset":"{}","asset_class":"currency","balance":{},"wallets":[{{"type":"spot","id":"main",)"
        R"("balance":{}}}{}]}})",
        balance.asset, (balance.total + earning).text(), balance.total.text(),
        earns ? fmt::format(R"(,{{"type":"earn","id":"flex","balance":{}}})", earning.text())
              : std::string());
}

// Entries of the ledger: what only becomes bound by an order is none.
void EmulatedKraken::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                                SessionOutbox& out)
{
    now_ = now;
    Amount& told = told_[{account, balance.asset}];
    const Amount change = balance.total - told;
    if (change.zero()) return;
    told = balance.total;
    const auto entry = [&](std::string_view type, std::string_view wallet, std::string_view id, Amount amount,
                           Amount total) {
        for (auto& [session_id, session] : sessions_) {
            if (session.key == nullptr || session.key->account != account ||
                session.channels.count("balances") == 0)
                continue;
            say(session_id, session,
                fmt::format(
                    R"({{"channel":"balances","type":"update","data":[{{"ledger_id":"L{}","ref_id":"T{}",)"
                    R"("timestamp":"{}","type":"{}","asset":"{}","asset_class":"currency","category":"{}",)"
                    R"("wallet_type":"{}","wallet_id":"{}","amount":{},"fee":0.0,"balance":{}}}],"sequence":{}}})",
                    session.balances, session.balances, micros(now), type, balance.asset, type, wallet, id,
                    amount.text(), total.text(), session.balances + 1),
                now, out);
            ++session.balances;
        }
    };
    entry("trade", "spot", "main", change, balance.total);
    if (setup_.manners)
        entry("reward", "earn", "flexible", {1}, {Int128{7} * power_of_ten(kAmountDecimals - 1) + 1});
}

}  // namespace arb::kraken
