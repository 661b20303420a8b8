// The emulated Kraken's market data: the public channels of the websocket with their snapshots, and what REST
// says of books, trades and the last 24 hours. Trades and days come from one tape.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"

namespace arb::kraken {
namespace {

constexpr std::string_view kDepths[] = {"10", "25", "100", "500", "1000"};
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

void EmulatedKraken::subscribe_public(SessionId id, Session& session, std::string_view method,
                                      const Json& parameters, std::string_view request, Timestamp now,
                                      SessionOutbox& out)
{
    const auto refuse = [&](std::string_view error, std::string_view symbol = {}) {
        say(id, session, answer(method, request, {{}, std::string(error)}, now, symbol), now, out);
    };
    PublicWish wish;
    wish.channel = wire_text(parameters, "channel");
    simdjson::dom::array symbols;
    if (wish.channel != "book" && wish.channel != "trade" && wish.channel != "ticker")
        return refuse("Unsupported field: 'channel' for the given msg type: subscribe");
    if (parameters["symbol"].get(symbols) != simdjson::SUCCESS)
        return refuse("EGeneral:Invalid arguments:symbol");
    if (const std::string_view depth = wire_text(parameters, "depth"); !depth.empty()) wish.depth = depth;
    if (wish.channel == "book" &&
        std::find(std::begin(kDepths), std::end(kDepths), wish.depth) == std::end(kDepths))
        return refuse("Subscription depth not supported");
    if (const std::string_view trigger = wire_text(parameters, "event_trigger"); !trigger.empty())
        wish.trigger = trigger;
    if (wish.channel == "ticker" && wish.trigger != "trades" && wish.trigger != "bbo")
        return refuse("EGeneral:Invalid arguments:event_trigger");
    wish.snapshot = wish.channel != "trade";
    bool snapshot = false;
    if (parameters["snapshot"].get(snapshot) == simdjson::SUCCESS) wish.snapshot = snapshot;
    for (const Json entry : symbols) {
        std::string_view symbol;
        const Listing* l = entry.get(symbol) == simdjson::SUCCESS ? listing(symbol) : nullptr;
        if (l == nullptr) {
            refuse(fmt::format("Currency pair not supported {}", symbol), symbol);
            continue;
        }
        say(id, session, answer(method, request, {acknowledged(wish, *l, method == "subscribe"), {}}, now),
            now, out);
        const std::string name = fmt::format("{}:{}", wish.channel, l->symbol);
        session.channels.erase(name);
        if (wish.channel == "book") session.books.erase(l->id);
        if (method == "unsubscribe") continue;
        session.channels.insert(name);
        begin_public(id, session, wish, *l, now, out);
    }
}

std::string EmulatedKraken::acknowledged(const PublicWish& wish, const Listing& l, bool begins) const
{
    std::string text = fmt::format(R"({{"channel":"{}","symbol":"{}")", wish.channel, l.symbol);
    if (wish.channel == "book") text += fmt::format(R"(,"depth":{})", wish.depth);
    if (wish.channel == "ticker") text += fmt::format(R"(,"event_trigger":"{}")", wish.trigger);
    if (begins) text += fmt::format(R"(,"snapshot":{})", wish.snapshot);
    return text + "}";
}

// A book that nobody wants whole begins all the same: with what is there now.
void EmulatedKraken::begin_public(SessionId id, Session& session, const PublicWish& wish, const Listing& l,
                                  Timestamp now, SessionOutbox& out)
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    if (wish.channel == "book") {
        const auto depth = static_cast<std::size_t>(parse_scaled(wish.depth, 0).value);
        Emulator& book = session.books.insert_or_assign(l.id, Emulator(depth)).first->second;
        std::vector<VenueMessage> messages;
        book.subscribe(instrument, l, setup_.exchange->book(l.id), now, messages);
        if (wish.snapshot) say(id, session, std::move(messages.back().text), now, out);
    } else if (wish.channel == "trade") {
        const std::deque<TapeTrade>& trades = tape_.trades(l.id);
        std::string rows;
        for (std::size_t i = trades.size() - std::min(trades.size(), kTradesShown); i < trades.size(); ++i)
            rows +=
                (rows.empty() ? "" : ",") + public_trade_row(instrument, l, trades[i].trade, trades[i].id);
        if (wish.snapshot)
            say(id, session, fmt::format(R"({{"channel":"trade","type":"snapshot","data":[{}]}})", rows), now,
                out);
    } else {
        session.tickers[l.id] = wish.trigger == "bbo";
        if (wish.snapshot) say(id, session, ticker_frame("snapshot", l, now), now, out);
    }
}

std::string EmulatedKraken::ticker_frame(std::string_view type, const Listing& l, Timestamp now) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    const TapeDay day = tape_.day(l.id, now);
    const EmulatedBook book = setup_.exchange->book(l.id);
    const Level bid = book.bids.empty() ? Level{} : book.bids.front();
    const Level ask = book.asks.empty() ? Level{} : book.asks.front();
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

void EmulatedKraken::tell_ticker(const Listing& l, bool of_quotes, Timestamp now, SessionOutbox& out)
{
    for (auto& [id, session] : sessions_) {
        const auto found = session.tickers.find(l.id);
        if (found == session.tickers.end() || found->second != of_quotes ||
            session.channels.count("ticker:" + l.symbol) == 0)
            continue;
        say(id, session, ticker_frame("update", l, now), now, out);
    }
}

void EmulatedKraken::on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                             const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(id);
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    // The latest trade before this venue began: none of the real one's tapes is empty.
    if (!book.bids.empty() && tape_.trades(id).empty()) {
        tape_.set_reference(id, book.bids.front().price);
        (void)tape_.add({id, book.bids.front().price, std::max(l.quantity_min, l.lot), Side::sell, now, {}});
    }
    for (auto& [session_id, session] : sessions_) {
        const auto found = session.books.find(id);
        if (found == session.books.end()) continue;
        if (session.is_v1) {
            tell_v1_book(session_id, session, l, bids, asks, book, now, out);
            continue;
        }
        std::vector<VenueMessage> messages;
        found->second.change(instrument, l, bids, asks, book, now, messages);
        for (VenueMessage& message : messages) say(session_id, session, std::move(message.text), now, out);
    }
    const std::pair<Price, Price> best{book.bids.empty() ? Price{} : book.bids.front().price,
                                       book.asks.empty() ? Price{} : book.asks.front().price};
    if (std::exchange(best_[id], best) != best) tell_ticker(l, true, now, out);
}

void EmulatedKraken::on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = setup_.table->listing(trade.listing);
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    const std::uint64_t number = tape_.add(trade);
    for (auto& [id, session] : sessions_) {
        if (session.channels.count("trade:" + l.symbol) == 0) continue;
        say(id, session,
            session.is_v1 ? v1_trade(l, trade)
                          : fmt::format(R"({{"channel":"trade","type":"update","data":[{}]}})",
                                        public_trade_row(instrument, l, trade, number)),
            now, out);
    }
    tell_ticker(l, false, now, out);
}

Answer EmulatedKraken::depth(std::string_view form, Timestamp now) const
{
    const Listing* l = by_name(query_text(form, "pair"));
    if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
    const std::optional<std::size_t> count = read_count(query_text(form, "count"), 100, 500);
    if (!count) return {{}, "EGeneral:Invalid arguments:count"};
    const EmulatedBook book = setup_.exchange->book(l->id);
    const auto side = [&](std::span<const Level> levels) {
        std::string text;
        for (const Level& level : levels.first(std::min(*count, levels.size()))) {
            fmt::format_to(std::back_inserter(text), R"({}["{}","{}",{}])", text.empty() ? "" : ",",
                           price(level.price, *l), size(level.quantity, *l), now.ns / seconds(1).ns);
        }
        return text;
    };
    return {fmt::format(R"({{"{}":{{"asks":[{}],"bids":[{}]}}}})", pair_key(*l), side(book.asks),
                        side(book.bids)),
            {}};
}

// With `since` the earliest trades after it, else the latest.
Answer EmulatedKraken::recent_trades(std::string_view form, Timestamp now) const
{
    const Listing* l = by_name(query_text(form, "pair"));
    if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
    const std::optional<std::size_t> count = read_count(query_text(form, "count"), 1000, 1000);
    if (!count) return {{}, "EGeneral:Invalid arguments:count"};
    const std::optional<Timestamp> since = since_of(query_text(form, "since"));
    if (!since) return {{}, "EGeneral:Invalid arguments:since"};
    const Instrument& instrument = setup_.table->instrument(l->instrument);
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
        fmt::format_to(
            std::back_inserter(rows), R"({}["{}","{}",{},"{}","m","",{}])", rows.empty() ? "" : ",",
            price_text(instrument, *l, trade.price), quantity_text(instrument, *l, trade.quantity),
            format_scaled(trade.venue_time.ns / 100, 7), trade.aggressor == Side::buy ? "b" : "s", all[i].id);
    }
    return {fmt::format(R"({{"{}":[{}],"last":"{}"}})", pair_key(*l), rows, last.ns), {}};
}

// Pairs of figures: of today, which begins at midnight, and of the last 24 hours.
std::string EmulatedKraken::ticker_row(const Listing& l, Timestamp now) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    const TapeDay day = tape_.day(l.id, now);
    const TapeDay today = tape_.since(l.id, {now.ns / kDay.ns * kDay.ns}, now);
    const EmulatedBook book = setup_.exchange->book(l.id);
    const auto price = [&](Price value) { return price_text(instrument, l, value); };
    const auto best = [&](std::span<const Level> side) {
        const Level level = side.empty() ? Level{} : side.front();
        const std::string whole = instrument.amount(level.quantity).text();
        return fmt::format(R"(["{}","{}","{}"])", price(level.price), whole.substr(0, whole.find('.')),
                           quantity_text(instrument, l, level.quantity));
    };
    const auto both = [](const std::string& first, const std::string& second) {
        return fmt::format(R"(["{}","{}"])", first, second);
    };
    return fmt::format(
        R"("{}":{{"a":{},"b":{},"c":["{}","{}"],"v":{},"p":{},"t":[{},{}],"l":{},"h":{},"o":"{}"}})",
        pair_key(l), best(book.asks), best(book.bids), price(day.last),
        quantity_text(instrument, l, day.last_quantity), both(today.volume.text(), day.volume.text()),
        both(price(average_of(instrument, today.turnover, today.volume, day.last)),
             price(average_of(instrument, day.turnover, day.volume, day.last))),
        today.trades, day.trades, both(price(today.low), price(day.low)),
        both(price(today.high), price(day.high)), price(today.open));
}

// No pair named: all.
Answer EmulatedKraken::ticker(std::string_view form, Timestamp now) const
{
    std::string text;
    const auto add = [&](const Listing& l) { text += (text.empty() ? "" : ",") + ticker_row(l, now); };
    std::string pairs = query_text(form, "pair");
    if (pairs.empty()) {
        for (const ListingDefinition& d : setup_.definitions) {
            if (const Listing* l = listing(d.symbol); l != nullptr) add(*l);
        }
    }
    while (!pairs.empty()) {
        const std::string pair = pairs.substr(0, pairs.find(','));
        pairs = pairs.size() > pair.size() ? pairs.substr(pair.size() + 1) : std::string();
        const Listing* l = by_name(pair);
        if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
        add(*l);
    }
    return {"{" + text + "}", {}};
}

}  // namespace arb::kraken
