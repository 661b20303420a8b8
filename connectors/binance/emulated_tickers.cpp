// Tickers of the emulated Binance: the last 24 hours, last prices, best quotes and, at the futures, mark
// prices; by REST, on the websocket API and on streams.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"
#include "connectors/binance/emulated_json.hpp"

namespace arb::binance {
namespace {

constexpr std::int64_t kFundingHours = 8;

std::string upper(std::string_view text)
{
    std::string out(text);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

std::int64_t next_funding_ms(Timestamp now)
{
    const std::int64_t span = kFundingHours * 3'600'000;
    return (now.ns / 1'000'000 / span + 1) * span;
}

// The change of a price in percent, with three decimals.
std::string percent_text(Price from, Price to)
{
    if (from.units == 0) return "0.000";
    const Int128 change = (Int128{to.units} - from.units) * 100'000 / from.units;
    char text[kDecimalTextMax];
    return {text, print_scaled(static_cast<std::int64_t>(change), 3, text)};
}

}  // namespace

std::string EmulatedBinance::eight_decimals(Int128 value)
{
    const std::int64_t most = INT64_MAX;
    char text[kDecimalTextMax];
    return {text, print_scaled(static_cast<std::int64_t>(std::min<Int128>(value, most)), 8, text)};
}

// Money over a quantity in 10^-decimals. Both lose six of their eighteen decimals first: a day's money times
// a power of ten would not fit.
Int128 EmulatedBinance::price_of(Amount money, Amount quantity, unsigned decimals)
{
    constexpr std::int64_t kCut = 1'000'000;
    const Int128 whole = quantity.units / kCut;
    return whole == 0 ? Int128{0} : money.units / kCut * power_of_ten(decimals) / whole;
}

// Money and sums: spot prints eight decimals, the futures no more than there are.
std::string EmulatedBinance::money_text(Amount amount) const
{
    return spot() ? amount_text(amount) : amount.text();
}

// "symbol", on spot "symbols" as a JSON list, or all.
Answer EmulatedBinance::choose(const Call& call, std::vector<ListingId>& listings, bool& one) const
{
    const std::string_view many = spot() ? call.get("symbols") : std::string_view();
    ListingId id = kNoListing;
    if (!many.empty() && !call.get("symbol").empty())
        return refuse(-1128, "Combination of optional parameters invalid.");
    if (Answer answer = find_listing(call, id, false); answer.code != 0) return answer;
    one = id != kNoListing;
    if (one) listings.push_back(id);
    if (one) return good({});
    if (!many.empty()) {
        const auto words = read_list(many);
        if (!words || words->empty())
            return refuse(-1100,
                          "Illegal characters found in parameter 'symbols'; legal range is "
                          "'^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$'.");
        for (const std::string& word : *words) {
            const Listing* const found = setup_.table->find_symbol(setup_.id, word);
            if (found == nullptr) return refuse(-1121, "Invalid symbol.");
            if (std::find(listings.begin(), listings.end(), found->id) != listings.end())
                return refuse(-1151, "Symbol is present multiple times in the list.");
            listings.push_back(found->id);
        }
        return good({});
    }
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* const found = setup_.table->find_symbol(setup_.id, d.symbol);
        if (found != nullptr) listings.push_back(found->id);
    }
    return good({});
}

template <class One>
Answer EmulatedBinance::each_chosen(const Call& call, One entry) const
{
    std::vector<ListingId> listings;
    bool one = false;
    if (Answer answer = choose(call, listings, one); answer.code != 0) return answer;
    if (one) return good(entry(listings.front()));
    std::string list = "[";
    for (const ListingId id : listings) list += (list.size() > 1 ? "," : "") + entry(id);
    return good(list + "]");
}

int EmulatedBinance::ticker_weight(std::string_view path, const Params& params) const
{
    const bool one = !value_of(params, "symbol").empty();
    if (path.ends_with("/price")) return spot() ? (one ? 2 : 4) : one ? 1 : 2;
    if (path.ends_with("/bookTicker")) return one ? 2 : spot() ? 4 : 5;
    if (!spot()) return one ? 1 : 40;
    const std::string_view many = value_of(params, "symbols");
    if (one || many.empty()) return one ? 2 : 80;
    const auto count = std::count(many.begin(), many.end(), ',') + 1;
    return count <= 20 ? 2 : count <= 100 ? 40 : 80;
}

Answer EmulatedBinance::best(const Call& call)
{
    return each_chosen(call, [&](ListingId id) {
        const EmulatedBook book = setup_.exchange->book(id);
        const Level bid = book.bids.empty() ? Level{} : book.bids.front();
        const Level ask = book.asks.empty() ? Level{} : book.asks.front();
        return fmt::format(R"({{"symbol":{},"bidPrice":"{}","bidQty":"{}","askPrice":"{}","askQty":"{}"{}}})",
                           json_text(setup_.table->listing(id).symbol), price_text(id, bid.price),
                           quantity_text(id, bid.quantity), price_text(id, ask.price),
                           quantity_text(id, ask.quantity),
                           spot() ? "" : fmt::format(R"(,"time":{})", call.now.ns / 1'000'000));
    });
}

Answer EmulatedBinance::price_ticker(const Call& call)
{
    return each_chosen(call, [&](ListingId id) {
        return fmt::format(R"({{"symbol":{},"price":"{}"{}}})", json_text(setup_.table->listing(id).symbol),
                           price_text(id, tape_.day(id, call.now).last),
                           spot() ? "" : fmt::format(R"(,"time":{})", call.now.ns / 1'000'000));
    });
}

Answer EmulatedBinance::day_ticker(const Call& call)
{
    const std::string_view kind = spot() ? call.get("type") : std::string_view();
    if (!kind.empty() && kind != "FULL" && kind != "MINI") return missing("type");
    return each_chosen(call, [&](ListingId id) { return day_json(id, kind == "MINI", call.now); });
}

// What traded on average; without a trade nothing.
std::string EmulatedBinance::average_text(ListingId id, const TapeDay& day) const
{
    if (day.volume.zero()) return price_text(id, Price{});
    const unsigned decimals = setup_.table->instrument_of(id).price_decimals;
    if (spot()) return eight_decimals(price_of(day.turnover, day.volume, 8));
    return price_text(id, {static_cast<std::int64_t>(price_of(day.turnover, day.volume, decimals))});
}

std::string EmulatedBinance::day_json(ListingId id, bool mini, Timestamp now) const
{
    const TapeDay day = tape_.day(id, now);
    const auto price = [&](Price value) { return price_text(id, value); };
    std::string text = fmt::format(R"({{"symbol":{},)", json_text(setup_.table->listing(id).symbol));
    if (!mini) {
        text += fmt::format(R"("priceChange":"{}","priceChangePercent":"{}","weightedAvgPrice":"{}",)",
                            price({day.last.units - day.open.units}), percent_text(day.open, day.last),
                            average_text(id, day));
        if (spot()) text += fmt::format(R"("prevClosePrice":"{}",)", price(day.open));
    }
    text += fmt::format(R"("lastPrice":"{}",)", price(day.last));
    if (!mini) text += fmt::format(R"("lastQty":"{}",)", quantity_text(id, day.last_quantity));
    if (!mini && spot()) {
        const EmulatedBook book = setup_.exchange->book(id);
        const Level bid = book.bids.empty() ? Level{} : book.bids.front();
        const Level ask = book.asks.empty() ? Level{} : book.asks.front();
        text +=
            fmt::format(R"("bidPrice":"{}","bidQty":"{}","askPrice":"{}","askQty":"{}",)", price(bid.price),
                        quantity_text(id, bid.quantity), price(ask.price), quantity_text(id, ask.quantity));
    }
    const auto number = [&](std::uint64_t value) {
        return day.trades == 0 ? std::string("-1") : fmt::to_string(value);
    };
    return text + fmt::format(R"("openPrice":"{}","highPrice":"{}","lowPrice":"{}","volume":"{}",)"
                              R"("quoteVolume":"{}","openTime":{},"closeTime":{},"firstId":{},"lastId":{},)"
                              R"("count":{}}})",
                              price(day.open), price(day.high), price(day.low), money_text(day.volume),
                              money_text(day.turnover), day.begin.ns / 1'000'000, day.end.ns / 1'000'000,
                              number(day.first_id), number(day.last_id), day.trades);
}

std::string EmulatedBinance::day_event(ListingId id, bool mini, Timestamp now) const
{
    const TapeDay day = tape_.day(id, now);
    const auto price = [&](Price value) { return price_text(id, value); };
    const auto ms = now.ns / 1'000'000;
    const std::string symbol = json_text(setup_.table->listing(id).symbol);
    const std::string range =
        fmt::format(R"("o":"{}","h":"{}","l":"{}","v":"{}","q":"{}")", price(day.open), price(day.high),
                    price(day.low), money_text(day.volume), money_text(day.turnover));
    if (mini) {
        return fmt::format(R"({{"e":"24hrMiniTicker","E":{},"s":{},"c":"{}",{}}})", ms, symbol,
                           price(day.last), range);
    }
    const EmulatedBook book = setup_.exchange->book(id);
    const Level bid = book.bids.empty() ? Level{} : book.bids.front();
    const Level ask = book.asks.empty() ? Level{} : book.asks.front();
    const auto number = [&](std::uint64_t value) {
        return day.trades == 0 ? std::string("-1") : fmt::to_string(value);
    };
    return fmt::format(
        R"({{"e":"24hrTicker","E":{},"s":{},"p":"{}","P":"{}","w":"{}",{}"c":"{}","Q":"{}",{}{},"O":{},"C":{},)"
        R"("F":{},"L":{},"n":{}}})",
        ms, symbol, price({day.last.units - day.open.units}), percent_text(day.open, day.last),
        average_text(id, day), spot() ? fmt::format(R"("x":"{}",)", price(day.open)) : "", price(day.last),
        quantity_text(id, day.last_quantity),
        spot()
            ? fmt::format(R"("b":"{}","B":"{}","a":"{}","A":"{}",)", price(bid.price),
                          quantity_text(id, bid.quantity), price(ask.price), quantity_text(id, ask.quantity))
            : "",
        range, day.begin.ns / 1'000'000, day.end.ns / 1'000'000, number(day.first_id), number(day.last_id),
        day.trades);
}

// In the middle of the best quotes; where a side is missing, the last price.
std::string EmulatedBinance::mark_price(ListingId id, Timestamp now) const
{
    const EmulatedBook book = setup_.exchange->book(id);
    const Price last = tape_.day(id, now).last;
    Int128 two = Int128{last.units} * 2;
    if (!book.bids.empty() && !book.asks.empty())
        two = Int128{book.bids.front().price.units} + book.asks.front().price.units;
    const unsigned decimals = setup_.table->instrument_of(id).price_decimals;
    return eight_decimals(two * power_of_ten(8) / power_of_ten(decimals) / 2);
}

// Funding is not emulated: its rate is nought.
Answer EmulatedBinance::premium_index(const Call& call)
{
    return each_chosen(call, [&](ListingId id) {
        return fmt::format(
            R"({{"symbol":{0},"markPrice":"{1}","indexPrice":"{1}","estimatedSettlePrice":"{1}",)"
            R"("lastFundingRate":"0.00000000","interestRate":"0.00000000",)"
            R"("nextFundingTime":{2},"time":{3}}})",
            json_text(setup_.table->listing(id).symbol), mark_price(id, call.now), next_funding_ms(call.now),
            call.now.ns / 1'000'000);
    });
}

std::string EmulatedBinance::mark_event(ListingId id, Timestamp now) const
{
    return fmt::format(R"({{"e":"markPriceUpdate","E":{0},"s":{1},"p":"{2}","ap":"{2}","P":"{2}","i":"{2}",)"
                       R"("r":"0.00000000","T":{3},"st":1}})",
                       now.ns / 1'000'000, json_text(setup_.table->listing(id).symbol), mark_price(id, now),
                       next_funding_ms(now));
}

// What a stream says at a full second; nothing: it says nothing then, or is none of these.
std::string EmulatedBinance::second_text(std::string_view name, std::int64_t second, Timestamp now) const
{
    const std::size_t at = name.find('@');
    if (at == std::string_view::npos) return {};
    const std::string_view kind = name.substr(at + 1);
    const std::string_view who = name.substr(0, at);
    const bool mark = !spot() && (kind.starts_with("markPrice") || who == "!markPrice");
    const bool all = who.starts_with('!');
    const bool full = kind == "ticker" || (!spot() && name == "!ticker@arr");
    const bool mini = kind == "miniTicker" || name == "!miniTicker@arr";
    if (!mark && !full && !mini) return {};
    const std::int64_t every = mark ? (name.ends_with("@1s") ? 1 : 3) : spot() || all ? 1 : 2;
    if (second % every != 0) return {};
    const auto text = [&](ListingId id) { return mark ? mark_event(id, now) : day_event(id, mini, now); };
    if (!all) {
        const Listing* const found = setup_.table->find_symbol(setup_.id, upper(who));
        return found == nullptr ? std::string() : text(found->id);
    }
    std::string list = "[";
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* const found = setup_.table->find_symbol(setup_.id, d.symbol);
        if (found != nullptr) list += (list.size() > 1 ? "," : "") + text(found->id);
    }
    return list + "]";
}

void EmulatedBinance::tell_seconds(Timestamp now, SessionOutbox& out)
{
    const std::int64_t second = now.ns / 1'000'000'000;
    if (second == told_second_ || setup_.market == "coinm") return;
    told_second_ = second;
    std::set<std::string> names;
    for (const auto& [id, session] : sessions_) names.insert(session.streams.begin(), session.streams.end());
    for (const std::string& name : names) {
        if (const std::string text = second_text(name, second, now); !text.empty()) publish(name, text, out);
    }
}

}  // namespace arb::binance
