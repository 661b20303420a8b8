// The emulated OKX: subscriptions, public books and trades, and news of an account.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"

namespace arb::okx {
namespace {

std::string_view personal_argument(std::string_view channel)
{
    if (channel == "orders") return R"({"channel":"orders","instType":"ANY"})";
    if (channel == "positions") return R"({"channel":"positions","instType":"ANY"})";
    return R"({"channel":"account"})";
}

bool known(std::string_view channel)
{
    return channel == "books" || channel == "books5" || channel == "bbo-tbt" || channel == "trades";
}

EmulatedBook cut(const EmulatedBook& book, std::size_t depth)
{
    return {book.bids.first(std::min(depth, book.bids.size())),
            book.asks.first(std::min(depth, book.asks.size()))};
}

}  // namespace

void EmulatedOkx::subscribe(SessionId id, Session& session, const Json& argument, std::string_view op,
                            Timestamp now, SessionOutbox& out)
{
    const std::string channel(member(argument, "channel"));
    const std::string symbol(member(argument, "instId"));
    const bool personal = channel == "orders" || channel == "account" || channel == "positions";
    const auto refuse = [&](std::string_view code, std::string_view why) {
        out.send(id,
                 fmt::format(R"({{"event":"error","code":"{}","msg":"{}","connId":"emulated"}})", code, why));
    };
    // These books want a log-on and a fee tier.
    if (channel == "books-l2-tbt" || channel == "books50-l2-tbt")
        return refuse("64003", "Your trading fee tier doesn't meet the requirement to access this channel");
    if (personal != session.personal) return refuse("60018", "Wrong URL or channel");
    const EmulatedKey* key = key_of(session, now);
    if (personal && key == nullptr) return refuse("60011", "Please log in");
    const std::string_view kind = member(argument, "instType");
    if ((channel == "orders" || channel == "positions") && kind != "ANY" && kind != "SPOT" &&
        kind != "SWAP" && kind != "FUTURES" && kind != "MARGIN")
        return refuse("60013", "Invalid args");
    const Listing* l = personal ? nullptr : listing(symbol);
    if (!personal && (l == nullptr || !known(channel))) return refuse("60018", "Wrong URL or channel");
    const std::string argument_text =
        personal ? std::string(personal_argument(channel))
                 : fmt::format(R"({{"channel":"{}","instId":"{}"}})", channel, symbol);
    const std::string name = personal ? channel : channel + ":" + symbol;
    out.send(id, fmt::format(R"({{"event":"{}","arg":{},"connId":"emulated"}})", op, argument_text));
    if (op == "unsubscribe") {
        session.channels.erase(name);
        return;
    }
    session.channels.insert(name);
    start_channel(id, session, channel, l, key, argument_text, now, out);
}

// What a channel says at once: what is there.
void EmulatedOkx::start_channel(SessionId id, Session& session, std::string_view channel, const Listing* l,
                                const EmulatedKey* key, const std::string& argument, Timestamp now,
                                SessionOutbox& out)
{
    if (channel == "account" || channel == "positions") {
        const bool positions = channel == "positions";
        std::string entries;
        for (const EmulatedBalance& balance : setup_.exchange->balances(key->account)) {
            if (balance.asset.empty() || balance.position != positions || (positions && balance.total.zero()))
                continue;
            entries += (entries.empty() ? "" : ",") +
                       (positions ? position_json(balance, now) : detail_json(balance, now));
        }
        if (!positions) {
            entries =
                fmt::format(R"({{"uTime":"{}","totalEq":"","details":[{}]}})", milliseconds_of(now), entries);
        }
        out.send(id, fmt::format(R"({{"arg":{},"data":[{}]}})", argument, entries));
        return;
    }
    if (l == nullptr || channel == "trades") return;
    const EmulatedBook shown = setup_.exchange->book(l->id);
    std::int64_t& sequence = sequence_[l->id];
    if (sequence == 0) sequence = 123'456;
    if (channel != "books") {
        out.send(id, top_frame(channel, *l, shown, now));
        return;
    }
    session.sequence[l->id] = sequence;
    const EmulatedBook whole = cut(shown, 400);
    out.send(id,
             fmt::format(
                 R"({{"arg":{},"action":"snapshot","data":[{{"asks":[{}],"bids":[{}],"ts":"{}","checksum":0,)"
                 R"("prevSeqId":-1,"seqId":{}}}]}})",
                 argument, levels(whole.asks, *l), levels(whole.bids, *l), milliseconds_of(now), sequence));
}

// books5 and bbo-tbt: always the whole top, without `action` and without the number before.
std::string EmulatedOkx::top_frame(std::string_view channel, const Listing& l, const EmulatedBook& book,
                                   Timestamp now) const
{
    const EmulatedBook top = cut(book, channel == "books5" ? 5 : 1);
    const auto sequence = sequence_.find(l.id);
    return fmt::format(
        R"({{"arg":{{"channel":"{}","instId":"{}"}},"data":[{{"asks":[{}],"bids":[{}],"ts":"{}",)"
        R"("seqId":{}}}]}})",
        channel, l.symbol, levels(top.asks, l), levels(top.bids, l), milliseconds_of(now),
        sequence == sequence_.end() ? 0 : sequence->second);
}

void EmulatedOkx::on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                          const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(id);
    std::int64_t& sequence = sequence_[id];
    if (sequence == 0) sequence = 123'456;
    sequence += 3;  // the numbers grow by more than one: only the link from prevSeqId counts
    const std::string name = "books:" + l.symbol;
    std::string body;
    for (auto& [session_id, session] : sessions_) {
        for (const char* channel : {"books5", "bbo-tbt"}) {
            if (session.channels.count(std::string(channel) + ":" + l.symbol) > 0)
                say(session_id, session, top_frame(channel, l, book, now), out);
        }
        if (session.channels.count(name) == 0) continue;
        if (body.empty()) {
            body = fmt::format(R"("data":[{{"asks":[{}],"bids":[{}],"ts":"{}","checksum":0,)",
                               levels(asks, l), levels(bids, l), milliseconds_of(now));
        }
        std::int64_t& last = session.sequence[id];
        say(session_id, session,
            fmt::format(
                R"({{"arg":{{"channel":"books","instId":"{}"}},"action":"update",{}"prevSeqId":{},"seqId":{}}}]}})",
                l.symbol, body, last, sequence),
            out);
        last = sequence;
    }
}

void EmulatedOkx::on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(trade.listing);
    ++trade_number_;
    for (auto& [id, session] : sessions_) {
        if (session.channels.count("trades:" + l.symbol) == 0) continue;
        say(id, session,
            fmt::format(
                R"({{"arg":{{"channel":"trades","instId":"{0}"}},"data":[{{"instId":"{0}","tradeId":"{1}","px":"{2}",)"
                R"("sz":"{3}","side":"{4}","ts":"{5}","count":"1","source":"0","seqId":{6}}}]}})",
                l.symbol, trade_number_, price(trade.price, l), size(trade.quantity, l),
                name(trade.aggressor), milliseconds_of(trade.venue_time), sequence_[trade.listing]),
            out);
    }
}

void EmulatedOkx::tell_account(AccountId account, const std::string& channel, const std::string& data,
                               SessionOutbox& out)
{
    for (auto& [id, session] : sessions_) {
        if (session.channels.count(channel) == 0) continue;
        const EmulatedKey* key = key_of(session, now_);
        if (key == nullptr || key->account != account) continue;
        say(id, session, fmt::format(R"({{"arg":{},"data":[{}]}})", personal_argument(channel), data), out);
    }
}

void EmulatedOkx::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                           SessionOutbox& out)
{
    now_ = now;
    tell_account(order.account, "orders", order_json(order, trade), out);
}

void EmulatedOkx::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                             SessionOutbox& out)
{
    now_ = now;
    if (balance.asset.empty()) return;  // an order touched an asset that the account never had
    if (balance.position) {
        tell_account(account, "positions", position_json(balance, now), out);
        return;
    }
    tell_account(account, "account",
                 fmt::format(R"({{"uTime":"{}","totalEq":"","details":[{}]}})", milliseconds_of(now),
                             detail_json(balance, now)),
                 out);
}

}  // namespace arb::okx
