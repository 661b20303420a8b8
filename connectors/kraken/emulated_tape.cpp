#include "connectors/kraken/emulated_tape.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"
#include "connectors/kraken/emulator.hpp"
#include "engine/emulate/params.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kTradesShown = 50;
constexpr Duration kDay = seconds(86'400);

// What was paid for one on average, in units of the price.
Price average_of(const Instrument& instrument, Amount turnover, Amount volume, Price otherwise)
{
    if (volume.units <= 0) return otherwise;
    const Int128 volume_units = volume.units / power_of_ten(kAmountDecimals - 8);
    if (volume_units <= 0) return otherwise;
    const Int128 units = turnover.units / power_of_ten(kAmountDecimals - instrument.price_decimals);
    return {static_cast<std::int64_t>(units * power_of_ten(8) / volume_units)};
}

// With two decimals, rounded.
std::string percent_of(Price change, Price open)
{
    if (open.units <= 0) return "0.00";
    const Int128 twice = Int128{change.units} * 20'000 / open.units;
    const auto hundredths = static_cast<std::int64_t>((twice + (twice < 0 ? -1 : 1)) / 2);
    char text[kDecimalTextMax];
    return {text, print_scaled(hundredths, 2, text)};
}

/// A count that may be left out; nullopt: none in that range.
std::optional<std::size_t> read_count(std::string_view text, std::size_t otherwise, std::int64_t most)
{
    if (text.empty()) return otherwise;
    const ScaledNumber number = parse_scaled(text, 0);
    if (number.error != DecimalError::none || number.value < 1) return std::nullopt;
    return static_cast<std::size_t>(std::min(number.value, most));
}

/// Seconds, with or without decimals, or nanoseconds, which are what `last` says.
std::optional<Timestamp> since_of(std::string_view text)
{
    if (text.empty()) return Timestamp{};
    ScaledNumber number = parse_scaled(text, 9);
    if (number.error != DecimalError::none) number = parse_scaled(text, 0);
    if (number.error != DecimalError::none || number.value < 0) return std::nullopt;
    return Timestamp{number.value};
}

}  // namespace

Answer EmulatedTape::answer(std::string_view name, std::string_view form, Timestamp now) const
{
    if (name == "Time") return {fmt::format(R"({{"unixtime":{},"rfc1123":""}})", seconds_of(now)), {}};
    if (name == "SystemStatus")
        return {fmt::format(R"({{"status":"online","timestamp":"{}"}})", micros(now)), {}};
    if (name == "Assets") return assets();
    if (name == "AssetPairs") return pairs(form);
    if (name == "Depth") return depth(form, now);
    if (name == "Trades") return recent_trades(form, now);
    if (name == "Ticker") return ticker(form, now);
    return {{}, "EGeneral:Unknown method"};
}

Answer EmulatedTape::assets() const
{
    std::set<std::string> names;
    for (const ListingDefinition& d : setup_.definitions) names.insert({d.base, d.quote});
    const auto entry = [](const std::string& asset) {
        return fmt::format(R"("{}":{{"aclass":"currency","altname":"{}","decimals":10,"display_decimals":5,)"
                           R"("status":"enabled"}})",
                           asset_id(asset), old_asset(asset));
    };
    return {"{" + json_list(names, entry) + "}", {}};
}

Answer EmulatedTape::pairs(std::string_view form) const
{
    std::vector<ListingDefinition> wanted = current_definitions(setup_);
    if (const std::string pair = query_text(form, "pair"); !pair.empty()) {
        const Listing* l = dialect_.by_name(pair);
        if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
        std::erase_if(wanted, [&](const ListingDefinition& d) { return d.symbol != l->symbol; });
    }
    Emulator emulator;
    const std::string text = emulator.instruments(wanted).text;
    const std::size_t begin = text.find("\"result\":") + 9;
    return {text.substr(begin, text.size() - begin - 1), {}};
}

std::string EmulatedTape::ticker_frame(std::string_view type, const Listing& l, Timestamp now) const
{
    const Instrument& instrument = dialect_.instrument(l);
    const TapeDay day = tape_.day(l.id, now);
    const EmulatedBook book = exchange_.book(l.id);
    const Level bid = best_level(book.bids), ask = best_level(book.asks);
    const auto price = [&](Price value) { return price_text(instrument, l, value); };
    const auto size = [&](Quantity value) { return quantity_text(instrument, l, value); };
    const Price change{day.last.units - day.open.units};
    return fmt::format(
        R"({{"channel":"ticker","type":"{}","data":[{{"symbol":"{}","bid":{},"bid_qty":{},"ask":{},"ask_qty":{},)"
        R"("last":{},"volume":{},"vwap":{},"low":{},"high":{},"change":{},"change_pct":{},"trades":{},)"
        R"("timestamp":"{}"}}]}})",
        type, l.symbol, price(bid.price), size(bid.quantity), price(ask.price), size(ask.quantity),
        price(day.last), day.volume.text(), price(average_of(instrument, day.turnover, day.volume, day.last)),
        price(day.low), price(day.high), price(change), percent_of(change, day.open), day.trades,
        micros(now));
}

std::string EmulatedTape::trade_rows(const Listing& l) const
{
    const std::deque<TapeTrade>& trades = tape_.trades(l.id);
    const std::vector<TapeTrade> shown(trades.end() - std::min(trades.size(), kTradesShown), trades.end());
    return json_list(shown, [&](const TapeTrade& one) {
        return public_trade_row(dialect_.instrument(l), l, one.trade, one.id);
    });
}

Answer EmulatedTape::depth(std::string_view form, Timestamp now) const
{
    const Listing* l = dialect_.by_name(query_text(form, "pair"));
    if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
    const std::optional<std::size_t> count = read_count(query_text(form, "count"), 100, 500);
    if (!count) return {{}, "EGeneral:Invalid arguments:count"};
    const EmulatedBook book = exchange_.book(l->id);
    const auto side = [&](std::span<const Level> levels) {
        return json_list(best_levels(levels, *count), [&](const Level& level) {
            return fmt::format(R"(["{}","{}",{}])", dialect_.instrument(*l).text(level.price),
                               dialect_.instrument(*l).text(level.quantity), seconds_of(now));
        });
    };
    return {fmt::format(R"({{"{}":{{"asks":[{}],"bids":[{}]}}}})", dialect_.pair_key(*l), side(book.asks),
                        side(book.bids)),
            {}};
}

// With `since` the earliest trades after it, else the latest.
Answer EmulatedTape::recent_trades(std::string_view form, Timestamp now) const
{
    const Listing* l = dialect_.by_name(query_text(form, "pair"));
    if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
    const std::optional<std::size_t> count = read_count(query_text(form, "count"), 1000, 1000);
    if (!count) return {{}, "EGeneral:Invalid arguments:count"};
    const std::optional<Timestamp> since = since_of(query_text(form, "since"));
    if (!since) return {{}, "EGeneral:Invalid arguments:since"};
    const Instrument& instrument = dialect_.instrument(*l);
    const std::deque<TapeTrade>& all = tape_.trades(l->id);
    std::size_t first = all.size() - std::min(all.size(), *count);
    if (since->known()) {
        first = static_cast<std::size_t>(
            std::find_if(all.begin(), all.end(),
                         [&](const TapeTrade& t) { return t.trade.venue_time > *since; }) -
            all.begin());
    }
    std::string rows;
    Timestamp last = since->known() ? *since : now;
    for (std::size_t i = first; i < std::min(all.size(), first + *count); ++i) {
        const Trade& trade = all[i].trade;
        last = trade.venue_time;
        rows += fmt::format(
            R"({}["{}","{}",{},"{}","m","",{}])", rows.empty() ? "" : ",",
            price_text(instrument, *l, trade.price), quantity_text(instrument, *l, trade.quantity),
            format_scaled(trade.venue_time.ns / 100, 7), trade.aggressor == Side::buy ? "b" : "s", all[i].id);
    }
    return {fmt::format(R"({{"{}":[{}],"last":"{}"}})", dialect_.pair_key(*l), rows, last.ns), {}};
}

// Pairs of figures: of today, which begins at midnight, and of the last 24 hours.
std::string EmulatedTape::ticker_row(const Listing& l, Timestamp now) const
{
    const Instrument& instrument = dialect_.instrument(l);
    const TapeDay day = tape_.day(l.id, now);
    const TapeDay today = tape_.since(l.id, {now.ns / kDay.ns * kDay.ns}, now);
    const EmulatedBook book = exchange_.book(l.id);
    const auto price = [&](Price value) { return price_text(instrument, l, value); };
    const auto best = [&](std::span<const Level> side) {
        const Level level = best_level(side);
        const std::string whole = instrument.amount(level.quantity).text();
        return fmt::format(R"(["{}","{}","{}"])", price(level.price), whole.substr(0, whole.find('.')),
                           quantity_text(instrument, l, level.quantity));
    };
    const auto both = [](const std::string& first, const std::string& second) {
        return fmt::format(R"(["{}","{}"])", first, second);
    };
    return fmt::format(
        R"("{}":{{"a":{},"b":{},"c":["{}","{}"],"v":{},"p":{},"t":[{},{}],"l":{},"h":{},"o":"{}"}})",
        dialect_.pair_key(l), best(book.asks), best(book.bids), price(day.last),
        quantity_text(instrument, l, day.last_quantity), both(today.volume.text(), day.volume.text()),
        both(price(average_of(instrument, today.turnover, today.volume, day.last)),
             price(average_of(instrument, day.turnover, day.volume, day.last))),
        today.trades, day.trades, both(price(today.low), price(day.low)),
        both(price(today.high), price(day.high)), price(today.open));
}

// No pair named: all.
Answer EmulatedTape::ticker(std::string_view form, Timestamp now) const
{
    std::string text;
    const auto add = [&](const Listing& l) { text += (text.empty() ? "" : ",") + ticker_row(l, now); };
    const std::vector<std::string> pairs = parts_of(query_text(form, "pair"));
    if (pairs.empty()) {
        for (const ListingDefinition& d : setup_.definitions) {
            if (const Listing* l = dialect_.find(d.symbol); l != nullptr) add(*l);
        }
    }
    for (const std::string& pair : pairs) {
        const Listing* l = dialect_.by_name(pair);
        if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
        add(*l);
    }
    return {"{" + text + "}", {}};
}

}  // namespace arb::kraken
