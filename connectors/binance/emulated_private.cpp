// Log-on and private streams of the emulated Binance: sessions, subscriptions, listen keys, account events.
#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"
#include "engine/emulate/key_checks.hpp"

namespace arb::binance {

Answer EmulatedBinance::log_on(const Call& call)
{
    if (call.key->secret.find("-----BEGIN") == std::string::npos)
        return refuse(-4056, "HMAC_SHA256 API key is not supported.");
    call.session->logged_on = call.key->key_id;
    return session_status(call);
}

Answer EmulatedBinance::log_off(const Call& call)
{
    call.session->logged_on.clear();
    return session_status(call);
}

Answer EmulatedBinance::session_status(const Call& call)
{
    const std::string& key = call.session->logged_on;
    const auto ms = call.now.ns / 1'000'000;
    return good(fmt::format(R"({{"apiKey":{},"authorizedSince":{},"connectedSince":{},"serverTime":{}}})",
                            key.empty() ? "null" : json_text(key), key.empty() ? "null" : fmt::to_string(ms),
                            ms, ms));
}

Answer EmulatedBinance::session_subscriptions(const Call& call)
{
    std::string list = "[";
    for (const Subscription& subscription : call.session->subscriptions)
        list += fmt::format(R"({}{{"subscriptionId":{}}})", list.size() > 1 ? "," : "", subscription.id);
    return good(list + "]");
}

Answer EmulatedBinance::subscribe(const Call& call)
{
    Call known = call;
    known.key = find_key(*setup_.keys, call.session->logged_on);
    if (known.key == nullptr || known.key->revoked)
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    return add_subscription(known);
}

Answer EmulatedBinance::subscribe_signed(const Call& call)
{
    return add_subscription(call);
}

Answer EmulatedBinance::add_subscription(const Call& call)
{
    for (const Subscription& subscription : call.session->subscriptions) {
        if (subscription.account == call.key->account)
            return refuse(-2035, "User data stream subscription already active.");
    }
    const int id = call.session->next_subscription++;
    call.session->subscriptions.push_back({id, call.key->account, call.key->key_id});
    return good(fmt::format(R"({{"subscriptionId":{}}})", id));
}

Answer EmulatedBinance::unsubscribe(const Call& call)
{
    call.session->subscriptions.clear();
    return good("{}");
}

// To every private stream of the account.
void EmulatedBinance::tell(AccountId account, const std::string& event, SessionOutbox& out)
{
    for (const auto& [id, session] : sessions_) {
        if (session.door == Door::personal) {
            const auto key = listen_keys_.find(session.listen_key);
            if (key != listen_keys_.end() && key->second.account == account)
                out.send(id, session.combined
                                 ? fmt::format(R"({{"stream":"{}","data":{}}})", session.listen_key, event)
                                 : event);
        }
        for (const Subscription& subscription : session.subscriptions) {
            if (subscription.account != account) continue;
            out.send(id, fmt::format(R"({{"subscriptionId":{},"event":{}}})", subscription.id, event));
        }
    }
}

std::string EmulatedBinance::execution_report(const EmulatedOrder& o, const EmulatedTrade* trade,
                                              Timestamp now) const
{
    const bool cancelled = o.state == EmulatedState::cancelled;
    const auto ms = now.ns / 1'000'000;
    const std::string status = status_word(o);
    const std::string_view what = trade != nullptr               ? "TRADE"
                                  : cancelled                    ? "CANCELED"
                                  : status == "EXPIRED_IN_MATCH" ? "TRADE_PREVENTION"
                                                                 : std::string_view(status);
    const std::string zero = quantity_text(o.listing, {});
    std::string text = fmt::format(
        R"({{"e":"executionReport","E":{0},"s":{1},"c":{2},"S":"{3}","o":"{4}","f":"{5}","q":"{6}","p":"{7}",)"
        R"("P":"0.00000000","F":"0.00000000","g":-1,"C":{8},"x":"{9}","X":"{10}","r":"NONE","i":{11},)",
        ms, json_text(setup_.table->listing(o.listing).symbol),
        json_text(cancelled ? fmt::format("emulatedCancel{}", o.id) : o.client_id),
        o.side == Side::buy ? "BUY" : "SELL", type_word(o), tif_word(o), quantity_text(o.listing, o.quantity),
        shown_price(o), json_text(cancelled ? o.client_id : ""), what, status, o.id);
    text += fmt::format(
        R"("l":"{0}","z":"{1}","L":"{2}","n":"{3}","N":{4},"T":{5},"t":{6},"v":3,"I":{7},"w":{8},"m":{9},)"
        R"("M":false,"O":{10},"Z":"{11}","Y":"0.00000000","Q":"{13}","W":{10},"V":"{12}")",
        trade != nullptr ? quantity_text(o.listing, trade->quantity) : zero,
        quantity_text(o.listing, o.filled), price_text(o.listing, trade != nullptr ? trade->price : Price{}),
        trade != nullptr ? amount_text(trade->fee) : "0",
        trade != nullptr ? json_text(trade->fee_asset) : "null", ms,
        trade != nullptr ? fmt::to_string(trade->id) : "-1", o.id * 10 + o.trades,
        o.state == EmulatedState::open, trade != nullptr && trade->maker, o.created.ns / 1'000'000,
        amount_text(o.filled_notional), prevention(o.id), shown_money(o));
    if (!expiry_word(o).empty()) text += fmt::format(R"(,"eR":"{}")", expiry_word(o));
    return text + "}";
}

std::string EmulatedBinance::order_update(const EmulatedOrder& o, const EmulatedTrade* trade, bool amended,
                                          Timestamp now) const
{
    const auto ms = now.ns / 1'000'000;
    const std::string status = status_word(o);
    const std::string_view what = trade != nullptr               ? "TRADE"
                                  : amended                      ? "AMENDMENT"
                                  : status == "EXPIRED_IN_MATCH" ? "EXPIRED"
                                                                 : std::string_view(status);
    const std::string mark = amended ? amends_.at(o.id).mark : "";
    std::string text = fmt::format(
        R"({{"e":"ORDER_TRADE_UPDATE","E":{0},"T":{0},"o":{{"s":{1},"c":{2},"S":"{3}","o":"{14}","f":"{4}",)"
        R"("q":"{5}","p":"{6}","ap":"{13}","sp":"0","x":"{7}","X":"{8}","i":{9},"l":"{10}","z":"{11}","L":"{12}",)",
        ms, json_text(setup_.table->listing(o.listing).symbol), json_text(o.client_id),
        o.side == Side::buy ? "BUY" : "SELL", tif_word(o), quantity_text(o.listing, o.quantity),
        is_market(o) ? "0" : price_text(o.listing, o.price), what, status, o.id,
        quantity_text(o.listing, trade != nullptr ? trade->quantity : Quantity{}),
        quantity_text(o.listing, o.filled), price_text(o.listing, trade != nullptr ? trade->price : Price{}),
        average_price(o), type_word(o));
    if (trade != nullptr)
        text += fmt::format(R"("N":{},"n":"{}",)", json_text(trade->fee_asset), amount_text(trade->fee));
    text += fmt::format(
        R"("T":{},"t":{},"b":"0","a":"0","m":{},"R":{},"wt":"CONTRACT_PRICE","ot":"{}","ps":"{}",)"
        R"("cp":false,"rp":"0","pP":false,"si":0,"ss":0,"V":"{}","pm":"NONE","gtd":0,"er":"{}"{}{}}}}})",
        ms, trade != nullptr ? trade->id : 0, trade != nullptr && trade->maker, o.reduce_only, type_word(o),
        position_side(o.id), prevention(o.id), expiry_digit(o), mark.empty() ? "" : R"(,"M":)", mark);
    return text;
}

void EmulatedBinance::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                               SessionOutbox& out)
{
    if (hidden(order)) return;
    if (trade != nullptr) book_position(*trade);
    const bool amended = tells_amend(order, trade);
    tell(order.account,
         spot() ? execution_report(order, trade, now) : order_update(order, trade, amended, now), out);
}

void EmulatedBinance::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                                 SessionOutbox& out)
{
    const auto ms = now.ns / 1'000'000;
    if (spot()) {
        return tell(account,
                    fmt::format(R"({{"e":"outboundAccountPosition","E":{0},"u":{0},"B":[{{"a":{1},"f":"{2}",)"
                                R"("l":"{3}"}}]}})",
                                ms, json_text(balance.asset), amount_text(balance.total - balance.held),
                                amount_text(balance.held)),
                    out);
    }
    std::string entries;
    if (!balance.position) {
        entries =
            fmt::format(R"("B":[{{"a":{},"wb":"{}","cw":"{}","bc":"0"}}],"P":[])", json_text(balance.asset),
                        amount_text(balance.wallet()), amount_text(balance.wallet()));
    } else {
        const Listing* const listing = listing_of_position(setup_, balance);
        if (listing == nullptr) return;
        for (const auto& [side, size] : position_rows(account, listing->id, balance.total)) {
            entries += fmt::format(
                R"({}{{"s":{},"pa":"{}","ep":"0","bep":"0","cr":"0","up":"0","mt":"cross","iw":"0","ps":"{}"}})",
                entries.empty() ? "" : ",", json_text(listing->symbol), size.text(), side);
        }
        entries = R"("B":[],"P":[)" + entries + "]";
    }
    tell(account,
         fmt::format(R"({{"e":"ACCOUNT_UPDATE","E":{0},"T":{0},"a":{{"m":"ORDER",{1}}}}})", ms, entries),
         out);
}

void EmulatedBinance::on_tick(Timestamp now, SessionOutbox& out)
{
    restart_servers(now, out);
    tell_seconds(now, out);
    if (!spot()) tell_contracts(now, out);
    for (auto key = listen_keys_.begin(); key != listen_keys_.end();) {
        if (now < key->second.expires) {
            ++key;
            continue;
        }
        const std::string event = fmt::format(R"({{"e":"listenKeyExpired","E":"{}","listenKey":"{}"}})",
                                              now.ns / 1'000'000, key->first);
        for (const auto& [id, session] : sessions_) {
            if (session.door == Door::personal && session.listen_key == key->first) out.send(id, event);
        }
        key = listen_keys_.erase(key);
    }
}

void EmulatedBinance::on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out)
{
    if (!key.revoked) return;
    for (auto& [text, listen] : listen_keys_) {
        if (listen.key_id == key.key_id) listen.expires = now;
    }
    for (auto& [id, session] : sessions_) {
        for (std::size_t i = 0; i < session.subscriptions.size();) {
            if (session.subscriptions[i].key_id != key.key_id) {
                ++i;
                continue;
            }
            out.send(id,
                     fmt::format(R"({{"subscriptionId":{},"event":{{"e":"eventStreamTerminated","E":{}}}}})",
                                 session.subscriptions[i].id, now.ns / 1'000'000));
            session.subscriptions.erase(session.subscriptions.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    on_tick(now, out);
}

}  // namespace arb::binance
