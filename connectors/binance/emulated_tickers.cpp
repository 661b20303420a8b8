#include "connectors/binance/emulated_tickers.hpp"

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"

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
    return (ms_of(now) / span + 1) * span;
}

// The change of a price in percent, with three decimals.
std::string percent_text(Price from, Price to)
{
    if (from.units == 0) return "0.000";
    const Int128 change = (Int128{to.units} - from.units) * 100'000 / from.units;
    char text[kDecimalTextMax];
    return {text, print_scaled(static_cast<std::int64_t>(change), 3, text)};
}

// Of a day without trades there is none.
std::string trade_number(const TapeDay& day, std::uint64_t id)
{
    return day.trades == 0 ? "-1" : fmt::to_string(id);
}

}  // namespace

template <class One>
Answer EmulatedTickers::each_chosen(const Call& call, One entry) const
{
    std::vector<ListingId> listings;
    bool one = false;
    if (Answer answer = dialect_.choose(call, listings, one); answer.code != 0) return answer;
    if (one) return good(entry(listings.front()));
    return good_list(listings, entry);
}

std::string EmulatedTickers::best_text(ListingId id, bool brief) const
{
    const EmulatedBook book = exchange_.book(id);
    const Level bid = best_level(book.bids), ask = best_level(book.asks);
    return fmt::format(R"("{}":"{}","{}":"{}","{}":"{}","{}":"{}")", brief ? "b" : "bidPrice",
                       dialect_.price_text(id, bid.price), brief ? "B" : "bidQty",
                       dialect_.quantity_text(id, bid.quantity), brief ? "a" : "askPrice",
                       dialect_.price_text(id, ask.price), brief ? "A" : "askQty",
                       dialect_.quantity_text(id, ask.quantity));
}

Answer EmulatedTickers::best(const Call& call) const
{
    return each_chosen(call, [&](ListingId id) {
        return fmt::format(R"({{"symbol":{},{}{}}})", dialect_.symbol_text(id), best_text(id, false),
                           dialect_.spot() ? "" : fmt::format(R"(,"time":{})", ms_of(call.now)));
    });
}

Answer EmulatedTickers::last_price(const Call& call) const
{
    return each_chosen(call, [&](ListingId id) {
        return fmt::format(R"({{"symbol":{},"price":"{}"{}}})", dialect_.symbol_text(id),
                           dialect_.price_text(id, parts_.tape.day(id, call.now).last),
                           dialect_.spot() ? "" : fmt::format(R"(,"time":{})", ms_of(call.now)));
    });
}

Answer EmulatedTickers::day(const Call& call) const
{
    const std::string_view kind = dialect_.spot() ? call.get("type") : std::string_view();
    if (!kind.empty() && kind != "FULL" && kind != "MINI") return missing("type");
    return each_chosen(call, [&](ListingId id) { return day_json(id, kind == "MINI", call.now); });
}

// What traded on average; without a trade nothing.
std::string EmulatedTickers::average_text(ListingId id, const TapeDay& day) const
{
    if (day.volume.zero()) return dialect_.price_text(id, Price{});
    const unsigned decimals = table_.instrument_of(id).price_decimals;
    if (dialect_.spot()) return eight_decimals(price_of(day.turnover, day.volume, 8));
    return dialect_.price_text(id, {static_cast<std::int64_t>(price_of(day.turnover, day.volume, decimals))});
}

std::string EmulatedTickers::day_json(ListingId id, bool mini, Timestamp now) const
{
    const TapeDay day = parts_.tape.day(id, now);
    const auto price = [&](Price value) { return dialect_.price_text(id, value); };
    std::string text = fmt::format(R"({{"symbol":{},)", dialect_.symbol_text(id));
    if (!mini) {
        text += fmt::format(R"("priceChange":"{}","priceChangePercent":"{}","weightedAvgPrice":"{}",)",
                            price({day.last.units - day.open.units}), percent_text(day.open, day.last),
                            average_text(id, day));
        if (dialect_.spot()) text += fmt::format(R"("prevClosePrice":"{}",)", price(day.open));
    }
    text += fmt::format(R"("lastPrice":"{}",)", price(day.last));
    if (!mini) text += fmt::format(R"("lastQty":"{}",)", dialect_.quantity_text(id, day.last_quantity));
    if (!mini && dialect_.spot()) text += best_text(id, false) + ",";
    return text + fmt::format(R"("openPrice":"{}","highPrice":"{}","lowPrice":"{}","volume":"{}",)"
                              R"("quoteVolume":"{}","openTime":{},"closeTime":{},"firstId":{},"lastId":{},)"
                              R"("count":{}}})",
                              price(day.open), price(day.high), price(day.low),
                              dialect_.money_text(day.volume), dialect_.money_text(day.turnover),
                              ms_of(day.begin), ms_of(day.end), trade_number(day, day.first_id),
                              trade_number(day, day.last_id), day.trades);
}

std::string EmulatedTickers::day_event(ListingId id, bool mini, Timestamp now) const
{
    const TapeDay day = parts_.tape.day(id, now);
    const auto price = [&](Price value) { return dialect_.price_text(id, value); };
    const auto ms = ms_of(now);
    const std::string symbol = dialect_.symbol_text(id);
    const std::string range =
        fmt::format(R"("o":"{}","h":"{}","l":"{}","v":"{}","q":"{}")", price(day.open), price(day.high),
                    price(day.low), dialect_.money_text(day.volume), dialect_.money_text(day.turnover));
    if (mini) {
        return fmt::format(R"({{"e":"24hrMiniTicker","E":{},"s":{},"c":"{}",{}}})", ms, symbol,
                           price(day.last), range);
    }
    return fmt::format(
        R"({{"e":"24hrTicker","E":{},"s":{},"p":"{}","P":"{}","w":"{}",{}"c":"{}","Q":"{}",{}{},"O":{},"C":{},)"
        R"("F":{},"L":{},"n":{}}})",
        ms, symbol, price({day.last.units - day.open.units}), percent_text(day.open, day.last),
        average_text(id, day), dialect_.spot() ? fmt::format(R"("x":"{}",)", price(day.open)) : "",
        price(day.last), dialect_.quantity_text(id, day.last_quantity),
        dialect_.spot() ? best_text(id, true) + "," : "", range, ms_of(day.begin), ms_of(day.end),
        trade_number(day, day.first_id), trade_number(day, day.last_id), day.trades);
}

// In the middle of the best quotes; where a side is missing, the last price.
std::string EmulatedTickers::mark_price(ListingId id, Timestamp now) const
{
    const EmulatedBook book = exchange_.book(id);
    const Price last = parts_.tape.day(id, now).last;
    Int128 two = Int128{last.units} * 2;
    if (!book.bids.empty() && !book.asks.empty())
        two = Int128{book.bids.front().price.units} + book.asks.front().price.units;
    const unsigned decimals = table_.instrument_of(id).price_decimals;
    return eight_decimals(two * power_of_ten(8) / power_of_ten(decimals) / 2);
}

// Funding is not emulated: its rate is nought.
Answer EmulatedTickers::premium_index(const Call& call) const
{
    return each_chosen(call, [&](ListingId id) {
        return fmt::format(
            R"({{"symbol":{0},"markPrice":"{1}","indexPrice":"{1}","estimatedSettlePrice":"{1}",)"
            R"("lastFundingRate":"0.00000000","interestRate":"0.00000000",)"
            R"("nextFundingTime":{2},"time":{3}}})",
            dialect_.symbol_text(id), mark_price(id, call.now), next_funding_ms(call.now), ms_of(call.now));
    });
}

std::string EmulatedTickers::mark_event(ListingId id, Timestamp now) const
{
    return fmt::format(R"({{"e":"markPriceUpdate","E":{0},"s":{1},"p":"{2}","ap":"{2}","P":"{2}","i":"{2}",)"
                       R"("r":"0.00000000","T":{3},"st":1}})",
                       ms_of(now), dialect_.symbol_text(id), mark_price(id, now), next_funding_ms(now));
}

// What a stream says at a full second; nothing: it says nothing then, or is none of these.
std::string EmulatedTickers::second_text(std::string_view name, std::int64_t second, Timestamp now) const
{
    const std::size_t at = name.find('@');
    if (at == std::string_view::npos) return {};
    const std::string_view kind = name.substr(at + 1);
    const std::string_view who = name.substr(0, at);
    const bool mark = !dialect_.spot() && (kind.starts_with("markPrice") || who == "!markPrice");
    const bool all = who.starts_with('!');
    const bool full = kind == "ticker" || (!dialect_.spot() && name == "!ticker@arr");
    const bool mini = kind == "miniTicker" || name == "!miniTicker@arr";
    if (!mark && !full && !mini) return {};
    const std::int64_t every = mark ? (name.ends_with("@1s") ? 1 : 3) : dialect_.spot() || all ? 1 : 2;
    if (second % every != 0) return {};
    const auto text = [&](ListingId id) { return mark ? mark_event(id, now) : day_event(id, mini, now); };
    if (!all) {
        const Listing* const found = table_.find_symbol(setup_.id, upper(who));
        return found == nullptr ? std::string() : text(found->id);
    }
    return "[" + json_list(dialect_.all_listings(), text) + "]";
}

void EmulatedTickers::tell_seconds(Timestamp now, SessionOutbox& out)
{
    const std::int64_t second = seconds_of(now);
    if (second == told_second_ || dialect_.coinm()) return;
    told_second_ = second;
    for (const std::string& name : parts_.sessions.streams({})) {
        if (const std::string text = second_text(name, second, now); !text.empty())
            parts_.sessions.publish(name, text, out);
    }
}

}  // namespace arb::binance
