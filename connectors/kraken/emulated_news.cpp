#include "connectors/kraken/emulated_news.hpp"

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"
#include "engine/emulate/words.hpp"

namespace arb::kraken {
namespace {

std::string_view end_word_of(const EmulatedOrder& order)
{
    return order.state == EmulatedState::filled ? "filled" : "canceled";
}

constexpr Word<PlaceError> kEndReasons[] = {
    {"Post only order", PlaceError::would_take},
    {"STP", PlaceError::self_trade},
    {"Could not be filled in full", PlaceError::unfilled},
};

std::string_view end_reason_of(const EmulatedOrder& order)
{
    const std::string_view reason = word_of(kEndReasons, order.end_reason);
    if (!reason.empty()) return reason;
    return order.state == EmulatedState::expired ? "IOC order could not be filled further" : "User requested";
}

// A market order is what is told; that it is an order with a limit inside is nobody's business.
std::string_view tif_of(const EmulatedOrder& order, bool is_market)
{
    if (is_market) return "GTC";
    if (order.time_in_force == TimeInForce::ioc) return "IOC";
    return order.time_in_force == TimeInForce::fok ? "FOK" : "GTC";
}

std::string totals(const EmulatedDialect& w, const EmulatedOrder& order)
{
    const Listing& l = w.listing(order.listing);
    return fmt::format(R"("cum_qty":{},"cum_cost":{},"avg_price":{},"fee_usd_equiv":{})",
                       w.instrument(l).text(order.filled), order.filled_notional.text(), w.average(order),
                       order.fees.text());
}

// The members that say what kind of order it is.
std::string kind_members(const EmulatedDialect& w, const EmulatedTerms& terms, const EmulatedOrder& order)
{
    const Listing& l = w.listing(order.listing);
    const OrderTerms& more = terms.of(order.id);
    std::string text = fmt::format(R"("order_type":"{}",)", more.is_market ? "market" : "limit");
    if (!more.money.zero())
        text += fmt::format(R"("cash_order_qty":{},)", more.money.text());
    else
        text += fmt::format(R"("order_qty":{},)", w.instrument(l).text(order.quantity));
    if (!more.is_market)
        text += fmt::format(R"("limit_price_type":"static","limit_price":{},)",
                            w.instrument(l).text(order.price));
    if (more.userref) text += fmt::format(R"("order_userref":{},)", *more.userref);
    return text + fmt::format(R"("time_in_force":"{}")", tif_of(order, more.is_market));
}

// What a snapshot says: everything.
std::string order_row(const EmulatedDialect& w, const EmulatedTerms& terms, const EmulatedOrder& order)
{
    const Listing& l = w.listing(order.listing);
    return fmt::format(
        R"({{"order_id":"{}","cl_ord_id":{},"symbol":"{}","side":"{}",{},{},"exec_type":"status",)"
        R"("order_status":"{}","fee_ccy_pref":"fciq","timestamp":"{}"}})",
        order_id(order.id), json_text(order.client_id), l.symbol, name(order.side),
        kind_members(w, terms, order), totals(w, order), order.filled.zero() ? "new" : "partially_filled",
        micros(order.updated));
}

// Received, not live. Now and then, in any case for the second order ever, it does not repeat the client's
// id.
std::string begin_row(const EmulatedDialect& w, const EmulatedTerms& terms, const EmulatedOrder& order)
{
    const Listing& l = w.listing(order.listing);
    const bool is_silent = order.client_id.empty() || (w.setup().manners && order.id % 16 == 2);
    return fmt::format(
        R"({{"order_id":"{}","symbol":"{}","cum_cost":0.0,"exec_type":"pending_new","side":"{}",{}{},)"
        R"("stop_price":0.0,"order_status":"pending_new","fee_usd_equiv":0.0,"fee_ccy_pref":"fciq",)"
        R"("timestamp":"{}"}})",
        order_id(order.id), l.symbol, name(order.side),
        is_silent ? std::string() : fmt::format(R"("cl_ord_id":{},)", json_text(order.client_id)),
        kind_members(w, terms, order), micros(order.created));
}

std::string live_row(const EmulatedOrder& order)
{
    return fmt::format(R"({{"timestamp":"{}","order_status":"new","exec_type":"new","order_id":"{}"}})",
                       micros(order.created), order_id(order.id));
}

std::string amended_row(const EmulatedDialect& w, const EmulatedOrder& order)
{
    const Listing& l = w.listing(order.listing);
    return fmt::format(
        R"({{"timestamp":"{}","exec_type":"amended","order_status":"{}","cum_qty":{},"reason":"User requested",)"
        R"("amended":true,"order_qty":{},"limit_price":{},"limit_price_type":"static","order_id":"{}"}})",
        micros(order.updated), order.filled.zero() ? "new" : "partially_filled",
        w.instrument(l).text(order.filled), w.instrument(l).text(order.quantity),
        w.instrument(l).text(order.price), order_id(order.id));
}

// "Partially filled", also when nothing is left: that has a message of its own.
std::string trade_row(const EmulatedDialect& w, const EmulatedTerms& terms, const EmulatedOrder& order,
                      const EmulatedTrade& trade)
{
    const Listing& l = w.listing(order.listing);
    return fmt::format(
        R"({{"order_id":"{}","exec_id":"TEMUL8-{}","exec_type":"trade","trade_id":{},"symbol":"{}","side":"{}",)"
        R"("last_qty":{},"last_price":{},"liquidity_ind":"{}","cost":{},"order_type":"{}",)"
        R"("timestamp":"{}","order_status":"partially_filled",{},"fees":[{{"asset":"{}","qty":{}}}]}})",
        order_id(order.id), trade.id, trade.id, l.symbol, name(order.side),
        w.instrument(l).text(trade.quantity), w.instrument(l).text(trade.price), trade.maker ? "m" : "t",
        trade.notional.text(), terms.of(order.id).is_market ? "market" : "limit", micros(order.updated),
        totals(w, order), trade.fee_asset, trade.fee.text());
}

std::string end_row(const EmulatedDialect& w, const EmulatedOrder& order)
{
    const std::string why =
        order.state == EmulatedState::filled
            ? std::string()
            : fmt::format(R"(,"cancel_reason":"{0}","reason":"{0}")", end_reason_of(order));
    return fmt::format(R"({{"timestamp":"{}","order_status":"{}","exec_type":"{}","order_id":"{}",{}{}}})",
                       micros(order.updated), end_word_of(order), end_word_of(order), order_id(order.id),
                       totals(w, order), why);
}

// A figure of its own for each wallet, and their sum. What earns lies beside what is traded with.
std::string wallets(bool earns_too, const EmulatedBalance& balance)
{
    const bool earns = earns_too && balance.total.units > 0;
    const Amount earning{earns ? Int128{7} * power_of_ten(kAmountDecimals - 1) : Int128{0}};
    return fmt::format(
        R"({{"asset":"{}","asset_class":"currency","balance":{},"wallets":[{{"type":"spot","id":"main",)"
        R"("balance":{}}}{}]}})",
        balance.asset, (balance.total + earning).text(), balance.total.text(),
        earns ? fmt::format(R"(,{{"type":"earn","id":"flex","balance":{}}})", earning.text())
              : std::string());
}

}  // namespace

// The key's account, its orders or balances: everything that is known of them now.
void EmulatedNews::subscribe(const SocketCall& call, const EmulatedKey* key)
{
    const std::string channel(wire_text(call.parameters, "channel"));
    if (call.method == "unsubscribe") {
        parts_.sessions.leave_private(call.session, channel);
        return parts_.sessions.answer(call, {});
    }
    if (key == nullptr || !key->can_read)
        return parts_.sessions.answer(
            call, {{}, key == nullptr ? "ESession:Invalid session" : "EGeneral:Permission denied"});
    parts_.sessions.join_private(call.session, channel, *key, wire_text(call.parameters, "token"));
    bool snapshot = true;
    const bool of_orders = channel == "executions";
    if (call.parameters[of_orders ? "snap_orders" : "snapshot"].get(snapshot) != simdjson::SUCCESS)
        snapshot = true;
    const std::string more =
        of_orders ? fmt::format(R"(,"maxratecount":{},"snap_orders":{},"snap_trades":false)",
                                setup_.rate_limits ? dialect_.tier().orders_most : kOrdersUnlimited, snapshot)
                  : fmt::format(R"(,"snapshot":{})", snapshot);
    parts_.sessions.answer(call, {fmt::format(R"({{"channel":"{}"{}}})", channel, more), {}});
    if (!snapshot) return;
    const std::string data =
        of_orders ? json_list(exchange_.orders(key->account, kNoListing, true),
                              [&](const EmulatedOrder& o) { return order_row(dialect_, parts_.terms, o); })
                  : json_list(exchange_.balances(key->account),
                              [&](const EmulatedBalance& b) { return wallets(setup_.manners, b); });
    Sequences& sequences = sequences_[call.session];
    parts_.sessions.say(call.session,
                        fmt::format(R"({{"channel":"{}","type":"snapshot","data":[{}],"sequence":{}}})",
                                    channel, data, of_orders ? ++sequences.executions : ++sequences.balances),
                        call.now, *call.out);
}

void EmulatedNews::say(const EmulatedOrder& order, const std::string& row, Timestamp now, SessionOutbox& out)
{
    for (const SessionId id : parts_.sessions.in_private("executions", order.account)) {
        parts_.sessions.say(
            id,
            fmt::format(R"({{"channel":"executions","type":"update","data":[{}],"sequence":{}}})", row,
                        ++sequences_[id].executions),
            now, out);
    }
}

void EmulatedNews::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, bool amended,
                            Timestamp now, SessionOutbox& out)
{
    // Its refusal was the answer to the request.
    if (order.state == EmulatedState::rejected) return;
    if (order.id > announced_) {
        announced_ = order.id;
        say(order, begin_row(dialect_, parts_.terms, order), now, out);
        say(order, live_row(order), now, out);
    }
    if (amended) say(order, amended_row(dialect_, order), now, out);
    if (trade != nullptr) say(order, trade_row(dialect_, parts_.terms, order, *trade), now, out);
    if (order.state != EmulatedState::open) say(order, end_row(dialect_, order), now, out);
}

// Entries of the ledger: what only becomes bound by an order is none.
void EmulatedNews::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                              SessionOutbox& out)
{
    Amount& told = told_[{account, balance.asset}];
    const Amount change = balance.total - told;
    if (change.zero()) return;
    told = balance.total;
    const auto entry = [&](std::string_view type, std::string_view wallet, std::string_view wallet_id,
                           Amount amount, Amount total) {
        for (const SessionId id : parts_.sessions.in_private("balances", account)) {
            std::int64_t& last = sequences_[id].balances;
            parts_.sessions.say(
                id,
                fmt::format(
                    R"({{"channel":"balances","type":"update","data":[{{"ledger_id":"L{}","ref_id":"T{}",)"
                    R"("timestamp":"{}","type":"{}","asset":"{}","asset_class":"currency","category":"{}",)"
                    R"("wallet_type":"{}","wallet_id":"{}","amount":{},"fee":0.0,"balance":{}}}],"sequence":{}}})",
                    last, last, micros(now), type, balance.asset, type, wallet, wallet_id, amount.text(),
                    total.text(), last + 1),
                now, out);
            ++last;
        }
    };
    entry("trade", "spot", "main", change, balance.total);
    if (setup_.manners)
        entry("reward", "earn", "flexible", {1}, {Int128{7} * power_of_ten(kAmountDecimals - 1) + 1});
}

}  // namespace arb::kraken
