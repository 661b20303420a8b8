// The emulated OKX: what anybody may see of its trading, trades, tickers and books, and what it says of its
// own service.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"

namespace arb::okx {
namespace {

// "Get order book" and "Get full order book"; "Get trades" and "Get trades history".
constexpr std::int64_t kBookMost = 400, kFullBookMost = 5'000;
constexpr std::int64_t kTradesPage = 100, kTradesMost = 500;
// "Tickers channel": at most one message in so long.
constexpr Duration kTickerPace = milliseconds(100);

/// A whole number of a query; `otherwise` when it is absent, none or negative.
std::int64_t number_of_query(const ServerRequest& request, std::string_view key, std::int64_t otherwise)
{
    const ScaledNumber number = parse_scaled(query_text(request.query(), key), 0);
    return number.error == DecimalError::none && number.value >= 0 ? number.value : otherwise;
}

std::string trade_json(const TapeTrade& one, const std::string& price, const std::string& size,
                       const Listing& l)
{
    return fmt::format(
        R"({{"instId":"{}","tradeId":"{}","px":"{}","sz":"{}","side":"{}","ts":"{}","source":"0"}})",
        l.symbol, one.id, price, size, name(one.trade.aggressor), ms_of(one.trade.venue_time));
}

}  // namespace

Answer EmulatedOkx::book(const ServerRequest& request, bool full) const
{
    const Listing* l = listing(query_text(request.query(), "instId"));
    if (l == nullptr) return {{}, "51001", "Instrument ID doesn't exist."};
    const auto depth = static_cast<std::size_t>(
        std::min(number_of_query(request, "sz", 1), full ? kFullBookMost : kBookMost));
    EmulatedBook shown = setup_.exchange->book(l->id);
    shown.asks = shown.asks.first(std::min(depth, shown.asks.size()));
    shown.bids = shown.bids.first(std::min(depth, shown.bids.size()));
    if (full) {
        // Without the element that died in the other books, and without their number.
        const auto side = [&](std::span<const Level> levels_there) {
            std::string text;
            for (const Level& level : levels_there) {
                text += fmt::format(R"({}["{}","{}","1"])", text.empty() ? "" : ",", price(level.price, *l),
                                    size(level.quantity, *l));
            }
            return text;
        };
        return {fmt::format(R"({{"asks":[{}],"bids":[{}],"ts":"{}"}})", side(shown.asks), side(shown.bids),
                            ms_of(now_)),
                "0", ""};
    }
    const auto sequence = sequence_.find(l->id);
    return {
        fmt::format(R"({{"asks":[{}],"bids":[{}],"ts":"{}","seqId":{}}})", levels(shown.asks, *l),
                    levels(shown.bids, *l), ms_of(now_), sequence == sequence_.end() ? 0 : sequence->second),
        "0", ""};
}

// Newest first. The history is walked by numbers of trades (type 1) or by time (type 2).
Answer EmulatedOkx::public_trades(const ServerRequest& request, bool history) const
{
    const Listing* l = listing(query_text(request.query(), "instId"));
    if (l == nullptr) return {{}, "51001", "Instrument ID doesn't exist."};
    const std::string type = query_text(request.query(), "type");
    if (history && !type.empty() && type != "1" && type != "2") return {{}, "51000", "Parameter type error"};
    for (const char* cursor : {"after", "before", "limit"}) {
        if (!query_text(request.query(), cursor).empty() && number_of_query(request, cursor, -1) < 0)
            return {{}, "51000", fmt::format("Parameter {} error", cursor)};
    }
    const std::int64_t after = history ? number_of_query(request, "after", INT64_MAX) : INT64_MAX;
    const std::int64_t before = history ? number_of_query(request, "before", -1) : -1;
    const auto page = static_cast<std::size_t>(
        std::min(number_of_query(request, "limit", kTradesPage), history ? kTradesPage : kTradesMost));
    const std::deque<TapeTrade>& tape = tape_.trades(l->id);
    Answer answer;
    std::size_t count = 0;
    for (auto one = tape.rbegin(); one != tape.rend() && count < page; ++one) {
        const std::int64_t place =
            type == "2" ? ms_of(one->trade.venue_time) : static_cast<std::int64_t>(one->id);
        if (place >= after || place <= before) continue;
        answer.data += (count++ == 0 ? "" : ",") +
                       trade_json(*one, price(one->trade.price, *l), size(one->trade.quantity, *l), *l);
    }
    return answer;
}

// All of a ticker but the time. Before anything traded, all prices are the one that the book began with.
std::string EmulatedOkx::ticker_body(const Listing& l) const
{
    const EmulatedBook shown = setup_.exchange->book(l.id);
    const auto side = [&](std::span<const Level> there) {
        return there.empty() ? std::pair<std::string, std::string>{}
                             : std::pair{price(there.front().price, l), size(there.front().quantity, l)};
    };
    const auto [bid, bid_size] = side(shown.bids);
    const auto [ask, ask_size] = side(shown.asks);
    const TapeDay day = tape_.day(l.id, now_);
    const bool spot = l.market == "spot";
    return fmt::format(
        R"({{"instType":"{}","instId":"{}","last":"{}","lastSz":"{}","askPx":"{}","askSz":"{}","bidPx":"{}",)"
        R"("bidSz":"{}","open24h":"{}","high24h":"{}","low24h":"{}","volCcy24h":"{}","vol24h":"{}",)"
        R"("sodUtc0":"","sodUtc8":"")",
        kind_of(l), l.symbol, price(day.last, l), size(day.last_quantity, l), ask, ask_size, bid, bid_size,
        price(day.open, l), price(day.high, l), price(day.low, l),
        spot ? day.turnover.text() : day.volume.text(), spot ? day.volume.text() : contracts(day.volume, l));
}

Answer EmulatedOkx::ticker(const ServerRequest& request) const
{
    const std::string symbol = query_text(request.query(), "instId");
    const std::string kind = query_text(request.query(), "instType");
    Answer answer;
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue != setup_.id || (symbol.empty() ? kind_of(l) != kind : l.symbol != symbol)) continue;
        answer.data +=
            fmt::format(R"({}{},"ts":"{}"}})", answer.data.empty() ? "" : ",", ticker_body(l), ms_of(now_));
    }
    if (answer.data.empty() && !symbol.empty()) return {{}, "51001", "Instrument ID doesn't exist."};
    return answer;
}

std::string EmulatedOkx::ticker_frame(const std::string& argument, const std::string& body) const
{
    return fmt::format(R"({{"arg":{},"data":[{},"ts":"{}"}}]}})", argument, body, ms_of(now_));
}

// To whoever subscribed it, when something of it changed.
void EmulatedOkx::tell_tickers(Timestamp now, SessionOutbox& out)
{
    if (now - tickers_told_ < kTickerPace) return;
    tickers_told_ = now;
    std::map<std::string, std::string> changed;
    for (auto& [id, session] : sessions_) {
        for (const Subscription& wanted : session.subscriptions) {
            const Listing* l = wanted.channel == "tickers" ? listing(wanted.symbol) : nullptr;
            if (l == nullptr) continue;
            auto found = changed.find(l->symbol);
            if (found == changed.end()) {
                std::string body = ticker_body(*l);
                std::string& told = tickers_[l->id];
                if (told == body)
                    body.clear();
                else
                    told = body;
                found = changed.emplace(l->symbol, std::move(body)).first;
            }
            if (!found->second.empty()) say(id, session, ticker_frame(wanted.argument, found->second), out);
        }
    }
}

// The last maintenance, which is over; the channel says the same to whoever comes.
std::string EmulatedOkx::service_json(Timestamp now) const
{
    const std::int64_t end = ms_of(now - seconds(7 * 86'400));
    return fmt::format(
        R"({{"title":"Spot system upgrade","state":"completed","begin":"{}","end":"{}","href":"",)"
        R"("preOpenBegin":"","serviceType":"5","system":"unified","scheDesc":"",)"
        R"("maintType":"1","env":"1","ts":"{}"}})",
        end - 300'000, end, end);
}

Answer EmulatedOkx::service(const ServerRequest& request) const
{
    const std::string state = query_text(request.query(), "state");
    constexpr std::string_view kStates[] = {"scheduled", "ongoing", "pre_open", "completed", "canceled"};
    if (!state.empty() && std::find(std::begin(kStates), std::end(kStates), state) == std::end(kStates))
        return {{}, "51000", "Parameter state error"};
    // Without a state those that are over are left out.
    return {state == "completed" ? service_json(now_) : std::string(), "0", ""};
}

}  // namespace arb::okx
