#include "connectors/okx/emulated_feed.hpp"

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"

namespace arb::okx {
namespace {

constexpr Duration kQuietMax = seconds(60);
constexpr std::size_t kBookDepth = 400;
// "Tickers channel": at most one message in so long.
constexpr Duration kTickerPace = milliseconds(100);

std::string ticker_frame(const std::string& argument, const std::string& body, Timestamp now)
{
    return fmt::format(R"({{"arg":{},"data":[{},"ts":"{}"}}]}})", argument, body, ms_of(now));
}

}  // namespace

void EmulatedFeed::start(SessionId id, const Subscription& wanted, const Listing* l, Timestamp now,
                         SessionOutbox& out)
{
    const auto say = [&](std::string text) { parts_.sessions.say(id, std::move(text), now, out); };
    const auto say_data = [&](const std::string& data) {
        say(fmt::format(R"({{"arg":{},"data":[{}]}})", wanted.argument, data));
    };
    if (wanted.channel == "instruments") return say_data(parts_.market.instruments(wanted.kind, {}).data);
    // The last change is told to whoever comes.
    if (wanted.channel == "status") return say_data(EmulatedMarketData::service_json(now));
    if (l == nullptr || wanted.channel == "trades") return;
    if (wanted.channel == "tickers")
        return say(ticker_frame(wanted.argument, parts_.market.ticker_body(*l, now), now));
    const std::int64_t sequence = parts_.market.begin_sequence(l->id);
    if (wanted.channel != "books") return say(top_frame(wanted.channel, *l, exchange_.book(l->id), now));
    const EmulatedBook top = best_levels(exchange_.book(l->id), kBookDepth);
    books_[{id, l->id}] = {sequence, now};
    say(fmt::format(
        R"({{"arg":{},"action":"snapshot","data":[{{"asks":[{}],"bids":[{}],"ts":"{}","checksum":0,)"
        R"("prevSeqId":-1,"seqId":{}}}]}})",
        wanted.argument, dialect_.levels(top.asks, *l), dialect_.levels(top.bids, *l), ms_of(now), sequence));
}

void EmulatedFeed::forget(SessionId id)
{
    std::erase_if(books_, [&](const auto& entry) { return entry.first.first == id; });
}

// books5 and bbo-tbt: always the whole top, without `action` and without the number before.
std::string EmulatedFeed::top_frame(std::string_view channel, const Listing& l, const EmulatedBook& book,
                                    Timestamp now) const
{
    const EmulatedBook top = best_levels(book, channel == "books5" ? 5 : 1);
    return fmt::format(
        R"({{"arg":{{"channel":"{}","instId":"{}"}},"data":[{{"asks":[{}],"bids":[{}],"ts":"{}",)"
        R"("seqId":{}}}]}})",
        channel, l.symbol, dialect_.levels(top.asks, l), dialect_.levels(top.bids, l), ms_of(now),
        parts_.market.sequence(l.id));
}

void EmulatedFeed::tell_book(const Listing& l, std::span<const Level> bids, std::span<const Level> asks,
                             const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    const std::int64_t sequence = parts_.market.next_sequence(l.id);
    std::string body;
    const auto frame = [&](SessionId id, const Subscription& wanted) -> std::string {
        if (wanted.symbol != l.symbol) return {};
        if (wanted.channel == "books5" || wanted.channel == "bbo-tbt")
            return top_frame(wanted.channel, l, book, now);
        if (wanted.channel != "books") return {};
        if (body.empty()) {
            body = fmt::format(R"("data":[{{"asks":[{}],"bids":[{}],"ts":"{}","checksum":0,)",
                               dialect_.levels(asks, l), dialect_.levels(bids, l), ms_of(now));
        }
        BookState& last = books_[{id, l.id}];
        const std::int64_t previous = std::exchange(last, {sequence, now}).sequence;
        return fmt::format(
            R"({{"arg":{{"channel":"books","instId":"{}"}},"action":"update",{}"prevSeqId":{},"seqId":{}}}]}})",
            l.symbol, body, previous, sequence);
    };
    parts_.sessions.tell(frame, now, out);
}

// A book in which nothing changed for a minute says so.
void EmulatedFeed::keep_alive(Timestamp now, SessionOutbox& out)
{
    for (auto& [whose, last] : books_) {
        if (now - last.told < kQuietMax) continue;
        last.told = now;
        parts_.sessions.say(
            whose.first,
            fmt::format(
                R"({{"arg":{{"channel":"books","instId":"{}"}},"action":"update","data":[{{"asks":[],)"
                R"("bids":[],"ts":"{}","checksum":0,"prevSeqId":{},"seqId":{}}}]}})",
                table_.listing(whose.second).symbol, ms_of(now), last.sequence, last.sequence),
            now, out);
    }
}

void EmulatedFeed::tell_trade(const Trade& trade, Timestamp now, SessionOutbox& out)
{
    const Listing& l = table_.listing(trade.listing);
    const std::uint64_t number = parts_.market.add(trade);
    const auto frame = [&](SessionId, const Subscription& wanted) -> std::string {
        if (wanted.channel != "trades" || wanted.symbol != l.symbol) return {};
        return fmt::format(
            R"({{"arg":{{"channel":"trades","instId":"{0}"}},"data":[{{"instId":"{0}","tradeId":"{1}","px":"{2}",)"
            R"("sz":"{3}","side":"{4}","ts":"{5}","count":"1","source":"0","seqId":{6}}}]}})",
            l.symbol, number, dialect_.price(trade.price, l), dialect_.size(trade.quantity, l),
            name(trade.aggressor), ms_of(trade.venue_time), parts_.market.sequence(l.id));
    };
    parts_.sessions.tell(frame, now, out);
}

void EmulatedFeed::on_tick(Timestamp now, SessionOutbox& out)
{
    watch_markets(now, out);
    keep_alive(now, out);
    tell_tickers(now, out);
}

// A market that halts or comes back: the entry that changed, alone.
void EmulatedFeed::watch_markets(Timestamp now, SessionOutbox& out)
{
    for (const Listing& l : table_.listings()) {
        if (l.venue != setup_.id) continue;
        const bool halted = dialect_.suspended(l.id);
        if (std::exchange(halted_[l.id], halted) == halted) continue;
        const std::string_view kind = kind_of(l);
        const auto frame = [&](SessionId, const Subscription& wanted) -> std::string {
            if (wanted.channel != "instruments" || wanted.kind != kind) return {};
            return fmt::format(R"({{"arg":{},"data":[{}]}})", wanted.argument,
                               parts_.market.instruments(kind, l.symbol).data);
        };
        parts_.sessions.tell(frame, now, out);
    }
}

// To whoever subscribed it, when something of it changed.
void EmulatedFeed::tell_tickers(Timestamp now, SessionOutbox& out)
{
    if (now - tickers_told_ < kTickerPace) return;
    tickers_told_ = now;
    std::map<ListingId, std::string> changed;  // empty: nothing did
    const auto frame = [&](SessionId, const Subscription& wanted) -> std::string {
        const Listing* l = wanted.channel == "tickers" ? dialect_.listing(wanted.symbol) : nullptr;
        if (l == nullptr) return {};
        const auto [found, is_first] = changed.try_emplace(l->id);
        if (is_first) {
            std::string body = parts_.market.ticker_body(*l, now);
            if (tickers_[l->id] != body) found->second = tickers_[l->id] = std::move(body);
        }
        return found->second.empty() ? std::string() : ticker_frame(wanted.argument, found->second, now);
    };
    parts_.sessions.tell(frame, now, out);
}

}  // namespace arb::okx
