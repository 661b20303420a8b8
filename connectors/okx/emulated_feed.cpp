// The emulated OKX: subscriptions, public books and trades, and news of an account.
#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"

namespace arb::okx {
namespace {

std::int64_t ms(Timestamp time)
{
    return time.ns / 1'000'000;
}

std::string_view text_of(const simdjson::dom::element& object, std::string_view key)
{
    std::string_view value;
    return object[key].get(value) == simdjson::SUCCESS ? value : std::string_view();
}

}  // namespace

void EmulatedOkx::subscribe(SessionId id, Session& session, const Json& argument, std::string_view op,
                            Timestamp now, SessionOutbox& out)
{
    const std::string channel(text_of(argument, "channel"));
    const std::string symbol(text_of(argument, "instId"));
    const bool personal = channel == "orders" || channel == "account";
    const auto refuse = [&](std::string_view code, std::string_view why) {
        out.send(id,
                 fmt::format(R"({{"event":"error","code":"{}","msg":"{}","connId":"emulated"}})", code, why));
    };
    if (personal != session.personal) return refuse("60018", "Wrong URL or channel");
    if (personal && session.key == nullptr) return refuse("60011", "Please log in");
    const Listing* l = personal ? nullptr : listing(symbol);
    if (!personal && (l == nullptr || (channel != "books" && channel != "trades")))
        return refuse("60018", "Wrong URL or channel");
    const std::string argument_text =
        personal ? (channel == "orders" ? std::string(R"({"channel":"orders","instType":"ANY"})")
                                        : std::string(R"({"channel":"account"})"))
                 : fmt::format(R"({{"channel":"{}","instId":"{}"}})", channel, symbol);
    const std::string name = personal ? channel : channel + ":" + symbol;
    out.send(id, fmt::format(R"({{"event":"{}","arg":{},"connId":"emulated"}})", op, argument_text));
    if (op == "unsubscribe") {
        session.channels.erase(name);
        return;
    }
    session.channels.insert(name);
    if (channel == "account") {
        std::string details;
        for (const EmulatedBalance& balance : setup_.exchange->balances(session.key->account)) {
            if (!balance.position) details += (details.empty() ? "" : ",") + detail_json(balance, now);
        }
        out.send(id, fmt::format(R"({{"arg":{},"data":[{{"uTime":"{}","totalEq":"","details":[{}]}}]}})",
                                 argument_text, ms(now), details));
    }
    if (channel != "books") return;
    const EmulatedBook shown = setup_.exchange->book(l->id);
    std::int64_t& sequence = sequence_[l->id];
    if (sequence == 0) sequence = 123'456;
    session.sequence[l->id] = sequence;
    out.send(id,
             fmt::format(
                 R"({{"arg":{},"action":"snapshot","data":[{{"asks":[{}],"bids":[{}],"ts":"{}","checksum":0,)"
                 R"("prevSeqId":-1,"seqId":{}}}]}})",
                 argument_text, levels(shown.asks, *l), levels(shown.bids, *l), ms(now), sequence));
}

void EmulatedOkx::on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                          const EmulatedBook&, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(id);
    std::int64_t& sequence = sequence_[id];
    if (sequence == 0) sequence = 123'456;
    sequence += 3;  // the numbers grow by more than one: only the link from prevSeqId counts
    const std::string name = "books:" + l.symbol;
    std::string body;
    for (auto& [session_id, session] : sessions_) {
        if (session.channels.count(name) == 0) continue;
        if (body.empty()) {
            body = fmt::format(R"("data":[{{"asks":[{}],"bids":[{}],"ts":"{}","checksum":0,)",
                               levels(asks, l), levels(bids, l), ms(now));
        }
        std::int64_t& last = session.sequence[id];
        out.send(
            session_id,
            fmt::format(
                R"({{"arg":{{"channel":"books","instId":"{}"}},"action":"update",{}"prevSeqId":{},"seqId":{}}}]}})",
                l.symbol, body, last, sequence));
        last = sequence;
    }
}

void EmulatedOkx::on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(trade.listing);
    ++trade_number_;
    for (const auto& [id, session] : sessions_) {
        if (session.channels.count("trades:" + l.symbol) == 0) continue;
        out.send(
            id,
            fmt::format(
                R"({{"arg":{{"channel":"trades","instId":"{0}"}},"data":[{{"instId":"{0}","tradeId":"{1}","px":"{2}",)"
                R"("sz":"{3}","side":"{4}","ts":"{5}","count":"1","source":"0","seqId":{6}}}]}})",
                l.symbol, trade_number_, price(trade.price, l), size(trade.quantity, l),
                name(trade.aggressor), ms(trade.venue_time), sequence_[trade.listing]));
    }
}

void EmulatedOkx::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                           SessionOutbox& out)
{
    now_ = now;
    std::string text;
    for (const auto& [id, session] : sessions_) {
        if (session.key == nullptr || session.key->account != order.account ||
            session.channels.count("orders") == 0)
            continue;
        if (text.empty()) {
            text =
                fmt::format(R"({{"arg":{{"channel":"orders","instType":"ANY","uid":"{}"}},"data":[{}]}})",
                            44'000'000 + static_cast<std::uint32_t>(order.account), order_json(order, trade));
        }
        out.send(id, text);
    }
}

void EmulatedOkx::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                             SessionOutbox& out)
{
    now_ = now;
    if (balance.position) return;
    for (const auto& [id, session] : sessions_) {
        if (session.key == nullptr || session.key->account != account ||
            session.channels.count("account") == 0)
            continue;
        out.send(
            id,
            fmt::format(
                R"({{"arg":{{"channel":"account"}},"data":[{{"uTime":"{}","totalEq":"","details":[{}]}}]}})",
                ms(now), detail_json(balance, now)));
    }
}

}  // namespace arb::okx
