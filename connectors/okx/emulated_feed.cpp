// The emulated OKX: public books and trades as they change, and news of an account.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"

namespace arb::okx {
namespace {

constexpr Duration kQuietMax = seconds(60);
// With manners: each so-manieth update.
constexpr std::uint64_t kNumbersFall = 50;

EmulatedBook cut(const EmulatedBook& book, std::size_t depth)
{
    return {book.bids.first(std::min(depth, book.bids.size())),
            book.asks.first(std::min(depth, book.asks.size()))};
}

}  // namespace

// books5 and bbo-tbt: always the whole top, without `action` and without the number before.
std::string EmulatedOkx::top_frame(std::string_view channel, const Listing& l, const EmulatedBook& book,
                                   Timestamp now) const
{
    const EmulatedBook top = cut(book, channel == "books5" ? 5 : 1);
    const auto sequence = sequence_.find(l.id);
    return fmt::format(
        R"({{"arg":{{"channel":"{}","instId":"{}"}},"data":[{{"asks":[{}],"bids":[{}],"ts":"{}",)"
        R"("seqId":{}}}]}})",
        channel, l.symbol, levels(top.asks, l), levels(top.bids, l), ms_of(now),
        sequence == sequence_.end() ? 0 : sequence->second);
}

void EmulatedOkx::on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                          const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(id);
    if (!book.bids.empty()) tape_.set_reference(id, book.bids.front().price, now);
    std::int64_t& sequence = sequence_[id];
    if (sequence == 0) sequence = 123'456;
    sequence += 3;  // the numbers grow by more than one: only the link from prevSeqId counts
    // After maintenance the numbers may begin lower; the link to the one before still holds.
    if (setup_.manners && ++updates_ % kNumbersFall == 0) sequence -= 1'000;
    std::string body;
    for (auto& [session_id, session] : sessions_) {
        for (const Subscription& wanted : session.subscriptions) {
            if (wanted.symbol != l.symbol) continue;
            if (wanted.channel == "books5" || wanted.channel == "bbo-tbt")
                say(session_id, session, top_frame(wanted.channel, l, book, now), out);
            if (wanted.channel != "books") continue;
            if (body.empty()) {
                body = fmt::format(R"("data":[{{"asks":[{}],"bids":[{}],"ts":"{}","checksum":0,)",
                                   levels(asks, l), levels(bids, l), ms_of(now));
            }
            BookState& last = session.books[id];
            say(session_id, session,
                fmt::format(
                    R"({{"arg":{{"channel":"books","instId":"{}"}},"action":"update",{}"prevSeqId":{},"seqId":{}}}]}})",
                    l.symbol, body, last.sequence, sequence),
                out);
            last = {sequence, now};
        }
    }
}

// A book in which nothing changed for a minute says so.
void EmulatedOkx::keep_alive(Timestamp now, SessionOutbox& out)
{
    for (auto& [session_id, session] : sessions_) {
        for (auto& [id, last] : session.books) {
            if (now - last.told < kQuietMax) continue;
            last.told = now;
            say(session_id, session,
                fmt::format(
                    R"({{"arg":{{"channel":"books","instId":"{}"}},"action":"update","data":[{{"asks":[],)"
                    R"("bids":[],"ts":"{}","checksum":0,"prevSeqId":{},"seqId":{}}}]}})",
                    setup_.table->listing(id).symbol, ms_of(now), last.sequence, last.sequence),
                out);
        }
    }
}

void EmulatedOkx::on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(trade.listing);
    const std::uint64_t number = tape_.add(trade);
    for (auto& [id, session] : sessions_) {
        for (const Subscription& wanted : session.subscriptions) {
            if (wanted.channel != "trades" || wanted.symbol != l.symbol) continue;
            say(id, session,
                fmt::format(
                    R"({{"arg":{{"channel":"trades","instId":"{0}"}},"data":[{{"instId":"{0}","tradeId":"{1}","px":"{2}",)"
                    R"("sz":"{3}","side":"{4}","ts":"{5}","count":"1","source":"0","seqId":{6}}}]}})",
                    l.symbol, number, price(trade.price, l), size(trade.quantity, l), name(trade.aggressor),
                    ms_of(trade.venue_time), sequence_[trade.listing]),
                out);
        }
    }
}

void EmulatedOkx::tell_account(AccountId account, std::string_view channel, const Listing* about,
                               std::string_view asset, const std::string& data, SessionOutbox& out)
{
    for (auto& [id, session] : sessions_) {
        const EmulatedKey* key = key_of(session, now_);
        if (key == nullptr || key->account != account) continue;
        for (const Subscription& wanted : session.subscriptions) {
            if (wanted.channel != channel) continue;
            if (about != nullptr && !wanted.kind.empty() && wanted.kind != "ANY" &&
                wanted.kind != kind_of(*about))
                continue;
            if (about != nullptr && !wanted.symbol.empty() && wanted.symbol != about->symbol) continue;
            if (!asset.empty() && !wanted.asset.empty() && wanted.asset != asset) continue;
            const std::string uid = fmt::format("{}", 44'000'000 + static_cast<std::uint32_t>(account));
            say(id, session,
                fmt::format(R"({{"arg":{},"uid":"{}"}},{}"data":[{}]}})",
                            wanted.argument.substr(0, wanted.argument.size() - 1), uid,
                            channel == "orders" || channel == "balance_and_position"
                                ? ""
                                : R"("eventType":"event_update","curPage":1,)",
                            data),
                out);
        }
    }
}

void EmulatedOkx::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                           SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(order.listing);
    tell_account(order.account, "orders", &l, {}, order_json(order, trade, amend_news(order, trade)), out);
    if (closes_apart(order, trade))
        tell_account(order.account, "orders", &l, {}, order_json(order, nullptr), out);
    if (trade != nullptr) {
        last_trade_[order.account] = {
            now, fmt::format(R"({{"instId":"{}","tradeId":"{}"}})", l.symbol, trade->id)};
    }
}

void EmulatedOkx::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                             SessionOutbox& out)
{
    now_ = now;
    if (balance.asset.empty()) return;  // an order touched an asset that the account never had
    tell_both(account, balance, now, out);
    if (balance.position) {
        tell_account(account, "positions", listing_of_position(setup_, balance), {},
                     position_json(balance, now), out);
        return;
    }
    tell_account(account, "account", nullptr, balance.asset,
                 fmt::format(R"({{"uTime":"{}","totalEq":"{}","details":[{}]}})", ms_of(now),
                             worth_of_all(account).text(), detail_json(balance, now)),
                 out);
}

std::string EmulatedOkx::both_json(std::string_view event, std::string_view money, std::string_view positions,
                                   std::string_view trades, Timestamp now) const
{
    return fmt::format(R"({{"pTime":"{}","eventType":"{}","balData":[{}],"posData":[{}],"trades":[{}]}})",
                       ms_of(now), event, money, positions, trades);
}

// It begins with all there is; what orders bind is no news there.
void EmulatedOkx::tell_both(AccountId account, const EmulatedBalance& balance, Timestamp now,
                            SessionOutbox& out)
{
    const auto told = cash_told_.find({account, balance.asset});
    const Amount now_there = balance.position ? balance.total : balance.wallet();
    if (told == cash_told_.end() || told->second == now_there) return;
    told->second = now_there;
    const auto last = last_trade_.find(account);
    const bool traded = last != last_trade_.end() && last->second.first == now;
    const std::string entry = balance.position ? position_json(balance, now) : cash_json(balance, now);
    tell_account(account, "balance_and_position", nullptr, {},
                 both_json(traded ? "filled" : "transferred", balance.position ? "" : entry,
                           balance.position ? entry : "", traded ? last->second.second : "", now),
                 out);
}

std::string EmulatedOkx::cash_json(const EmulatedBalance& balance, Timestamp now) const
{
    return fmt::format(R"({{"ccy":"{}","cashBal":"{}","uTime":"{}"}})", balance.asset,
                       figure(balance.wallet()), ms_of(now));
}

}  // namespace arb::okx
