#include "connectors/okx/emulated_market_data.hpp"

#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "connectors/okx/emulator.hpp"

namespace arb::okx {
namespace {

// "Get order book" and "Get full order book"; "Get trades" and "Get trades history".
constexpr std::int64_t kBookMost = 400, kFullBookMost = 5'000;
constexpr std::int64_t kTradesPage = 100, kTradesMost = 500;
constexpr std::int64_t kFirstSequence = 123'456;
// With manners: each so-manieth update.
constexpr std::uint64_t kNumbersFall = 50;

/// A whole number of a query; `otherwise` when it is absent, none or negative.
std::int64_t number_of_query(const EmulatedCall& call, std::string_view key, std::int64_t otherwise)
{
    const ScaledNumber number = parse_scaled(call.query(key), 0);
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

Answer EmulatedMarketData::time(const EmulatedCall& call) const
{
    return {fmt::format(R"({{"ts":"{}"}})", ms_of(call.now)), "0", ""};
}

Answer EmulatedMarketData::instruments(const EmulatedCall& call) const
{
    return instruments(call.query("instType"), call.query("instId"));
}

Answer EmulatedMarketData::instruments(std::string_view kind, std::string_view symbol) const
{
    if (kind != "SPOT" && kind != "SWAP" && kind != "FUTURES" && kind != "MARGIN" && kind != "OPTION")
        return {{}, "51000", "Parameter instType error"};
    // The entries as the public side writes them, with the number that orders need.
    const auto entry = [&](const ListingDefinition& d) -> std::string {
        const Listing* l = dialect_.listing(d.symbol);
        if (l == nullptr || kind_of(*l) != kind || (!symbol.empty() && d.symbol != symbol)) return {};
        std::string text = make_emulator("")->instruments({d}).text;
        const std::size_t begin = text.find("\"data\":[") + 8;
        text = text.substr(begin, text.rfind("]}") - begin);
        text.pop_back();
        const bool spot = kind == "SPOT";
        return fmt::format(
            R"({},"instIdCode":{},"tradeQuoteCcyList":[{}],"groupId":"{}","listTime":"1548133413000",)"
            R"("maxLmtSz":"{}","maxMktSz":"{}","maxLmtAmt":"{}","maxMktAmt":"{}","category":"1","alias":"",)"
            R"("openType":"","contTdSwTime":"","preMktSwTime":"","upcChg":[]}})",
            text, dialect_.code_of(*l), spot ? json_text(d.quote) : "", spot ? "12" : "5",
            spot ? "9999999999" : "100000000", spot ? "1000000" : "100000", spot ? "20000000" : "",
            spot ? "1000000" : "");
    };
    return {json_list(current_definitions(setup_), entry), "0", ""};
}

Answer EmulatedMarketData::currencies(const EmulatedCall&) const
{
    std::set<std::string> names;
    for (const ListingDefinition& d : setup_.definitions) names.insert({d.base, d.quote});
    const auto entry = [](const std::string& name) {
        return fmt::format(R"({{"ccy":"{0}","name":"{0}","chain":"{0}-emulated","canDep":false,)"
                           R"("canWd":false,"canInternal":false,"minWd":"1","minFee":"0","maxFee":"0",)"
                           R"("minDep":"1","wdTickSz":"8"}})",
                           name);
    };
    return {json_list(names, entry), "0", ""};
}

EmulatedBook EmulatedMarketData::shown(const EmulatedCall& call, const Listing& l, std::int64_t most) const
{
    const auto depth = static_cast<std::size_t>(std::min(number_of_query(call, "sz", 1), most));
    return best_levels(exchange_.book(l.id), depth);
}

Answer EmulatedMarketData::book(const EmulatedCall& call) const
{
    const Listing* l = dialect_.listing(call.query("instId"));
    if (l == nullptr) return {{}, "51001", kNoInstrument};
    const EmulatedBook book = shown(call, *l, kBookMost);
    return {fmt::format(R"({{"asks":[{}],"bids":[{}],"ts":"{}","seqId":{}}})", dialect_.levels(book.asks, *l),
                        dialect_.levels(book.bids, *l), ms_of(call.now), sequence(l->id)),
            "0", ""};
}

// Without the element that died in the other books, and without their number.
Answer EmulatedMarketData::full_book(const EmulatedCall& call) const
{
    const Listing* l = dialect_.listing(call.query("instId"));
    if (l == nullptr) return {{}, "51001", kNoInstrument};
    const EmulatedBook book = shown(call, *l, kFullBookMost);
    const auto side = [&](std::span<const Level> levels) {
        return json_list(levels, [&](const Level& level) {
            return fmt::format(R"(["{}","{}","1"])", dialect_.price(level.price, *l),
                               dialect_.size(level.quantity, *l));
        });
    };
    return {fmt::format(R"({{"asks":[{}],"bids":[{}],"ts":"{}"}})", side(book.asks), side(book.bids),
                        ms_of(call.now)),
            "0", ""};
}

// Newest first. The history is walked by numbers of trades (type 1) or by time (type 2).
Answer EmulatedMarketData::trades(const EmulatedCall& call, bool history) const
{
    const Listing* l = dialect_.listing(call.query("instId"));
    if (l == nullptr) return {{}, "51001", kNoInstrument};
    const std::string type = call.query("type");
    if (history && !type.empty() && type != "1" && type != "2") return {{}, "51000", "Parameter type error"};
    for (const char* cursor : {"after", "before", "limit"}) {
        if (!call.query(cursor).empty() && number_of_query(call, cursor, -1) < 0)
            return {{}, "51000", fmt::format("Parameter {} error", cursor)};
    }
    const std::int64_t after = history ? number_of_query(call, "after", INT64_MAX) : INT64_MAX;
    const std::int64_t before = history ? number_of_query(call, "before", -1) : -1;
    const auto page = static_cast<std::size_t>(
        std::min(number_of_query(call, "limit", kTradesPage), history ? kTradesPage : kTradesMost));
    const std::deque<TapeTrade>& tape = tape_.trades(l->id);
    Answer answer;
    std::size_t count = 0;
    for (auto one = tape.rbegin(); one != tape.rend() && count < page; ++one) {
        const std::int64_t place =
            type == "2" ? ms_of(one->trade.venue_time) : static_cast<std::int64_t>(one->id);
        if (place >= after || place <= before) continue;
        answer.data += (count++ == 0 ? "" : ",") + trade_json(*one, dialect_.price(one->trade.price, *l),
                                                              dialect_.size(one->trade.quantity, *l), *l);
    }
    return answer;
}

// All of a ticker but the time. Before anything traded, all prices are the one that the book began with.
std::string EmulatedMarketData::ticker_body(const Listing& l, Timestamp now) const
{
    const EmulatedBook shown = exchange_.book(l.id);
    const auto side = [&](std::span<const Level> there) {
        return there.empty() ? std::pair<std::string, std::string>{}
                             : std::pair{dialect_.price(there.front().price, l),
                                         dialect_.size(there.front().quantity, l)};
    };
    const auto [bid, bid_size] = side(shown.bids);
    const auto [ask, ask_size] = side(shown.asks);
    const TapeDay day = tape_.day(l.id, now);
    const bool spot = l.market == "spot";
    return fmt::format(
        R"({{"instType":"{}","instId":"{}","last":"{}","lastSz":"{}","askPx":"{}","askSz":"{}","bidPx":"{}",)"
        R"("bidSz":"{}","open24h":"{}","high24h":"{}","low24h":"{}","volCcy24h":"{}","vol24h":"{}",)"
        R"("sodUtc0":"","sodUtc8":"")",
        kind_of(l), l.symbol, dialect_.price(day.last, l), dialect_.size(day.last_quantity, l), ask, ask_size,
        bid, bid_size, dialect_.price(day.open, l), dialect_.price(day.high, l), dialect_.price(day.low, l),
        spot ? day.turnover.text() : day.volume.text(),
        spot ? day.volume.text() : dialect_.contracts(day.volume, l));
}

Answer EmulatedMarketData::ticker(const EmulatedCall& call) const
{
    const std::string symbol = call.query("instId");
    const std::string kind = call.query("instType");
    Answer answer;
    for (const Listing& l : table_.listings()) {
        if (l.venue != setup_.id || (symbol.empty() ? kind_of(l) != kind : l.symbol != symbol)) continue;
        answer.data += fmt::format(R"({}{},"ts":"{}"}})", answer.data.empty() ? "" : ",",
                                   ticker_body(l, call.now), ms_of(call.now));
    }
    if (answer.data.empty() && !symbol.empty()) return {{}, "51001", kNoInstrument};
    return answer;
}

// The last maintenance, which is over; the channel says the same to whoever comes.
std::string EmulatedMarketData::service_json(Timestamp now)
{
    const std::int64_t end = ms_of(now - seconds(7 * 86'400));
    return fmt::format(
        R"({{"title":"Spot system upgrade","state":"completed","begin":"{}","end":"{}","href":"",)"
        R"("preOpenBegin":"","serviceType":"5","system":"unified","scheDesc":"",)"
        R"("maintType":"1","env":"1","ts":"{}"}})",
        end - 300'000, end, end);
}

Answer EmulatedMarketData::service(const EmulatedCall& call) const
{
    const std::string state = call.query("state");
    constexpr std::string_view kStates[] = {"scheduled", "ongoing", "pre_open", "completed", "canceled"};
    if (!state.empty() && std::find(std::begin(kStates), std::end(kStates), state) == std::end(kStates))
        return {{}, "51000", "Parameter state error"};
    // Without a state those that are over are left out.
    return {state == "completed" ? service_json(call.now) : std::string(), "0", ""};
}

std::int64_t EmulatedMarketData::sequence(ListingId listing) const
{
    const auto found = sequence_.find(listing);
    return found == sequence_.end() ? 0 : found->second;
}

std::int64_t EmulatedMarketData::begin_sequence(ListingId listing)
{
    return sequence_.try_emplace(listing, kFirstSequence).first->second;
}

// The numbers grow by more than one: only the link from prevSeqId counts. After maintenance they may begin
// lower; the link to the one before still holds.
std::int64_t EmulatedMarketData::next_sequence(ListingId listing)
{
    std::int64_t& sequence = sequence_.try_emplace(listing, kFirstSequence).first->second;
    sequence += 3;
    if (setup_.manners && ++updates_ % kNumbersFall == 0) sequence -= 1'000;
    return sequence;
}

}  // namespace arb::okx
