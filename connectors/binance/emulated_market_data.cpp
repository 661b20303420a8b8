#include "connectors/binance/emulated_market_data.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"

namespace arb::binance {
namespace {

// Puts `level` behind the last one of the list that opens with `key`.
void append_level(std::string& text, std::string_view key, const std::string& level)
{
    const std::size_t at = text.find(key);
    if (at == std::string::npos) return;
    const std::size_t begin = at + key.size();
    const std::size_t end = text[begin] == ']' ? begin : text.find("]]", begin);
    if (end == std::string::npos) return;
    text.insert(end == begin ? end : end + 1, (end == begin ? "" : ",") + level);
}

// The levels of "btcusdt@depth5@100ms" behind `prefix`, "btcusdt@depth"; 0: another stream.
std::size_t partial_levels(std::string_view name, std::string_view prefix)
{
    for (const auto& [text, levels] :
         {std::pair<std::string_view, std::size_t>{"5", 5}, {"10", 10}, {"20", 20}}) {
        const std::string_view rest = name.substr(std::min(prefix.size(), name.size()));
        if (name.starts_with(prefix) && rest.starts_with(text) &&
            (rest.size() == text.size() || rest[text.size()] == '@'))
            return levels;
    }
    return 0;
}

// A member of a message that this side made, whose value is a number.
std::string_view number_in(std::string_view text, std::string_view key)
{
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos) return "0";
    const std::string_view rest = text.substr(at + key.size());
    return rest.substr(0, rest.find_first_not_of("0123456789"));
}

}  // namespace

Answer EmulatedMarketData::exchange_info(const Call& call) const
{
    std::vector<ListingId> listings;
    bool one = false;
    if (Answer answer = dialect_.choose(call, listings, one); answer.code != 0) return answer;
    const bool all = call.get("symbol").empty() && call.get("symbols").empty();
    std::vector<ListingDefinition> definitions;
    for (const ListingDefinition& definition : current_definitions(setup_)) {
        const auto named = [&](ListingId id) { return table_.listing(id).symbol == definition.symbol; };
        if (all || std::any_of(listings.begin(), listings.end(), named)) definitions.push_back(definition);
    }
    // The feed's maker of instrument lists leaves time and limits open.
    const std::string made = feed_->instruments(definitions).text;
    const std::string limits =
        dialect_.spot()
            ? R"({"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},)"
              R"({"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100},)"
              R"({"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":200000},)"
              R"({"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":300000})"
            : R"({"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400},)"
              R"({"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300},)"
              R"({"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200})";
    return good(fmt::format(R"({{"timezone":"UTC","serverTime":{},"rateLimits":[{}],"exchangeFilters":[],{})",
                            ms_of(call.now), limits,
                            made.substr(std::min(made.find(R"("symbols":)"), made.size()))));
}

Answer EmulatedMarketData::depth(const Call& call)
{
    ListingId id = kNoListing;
    if (Answer answer = dialect_.find_listing(call, id, true); answer.code != 0) return answer;
    const std::string_view told = call.get("limit");
    const std::int64_t limit = told.empty() ? (dialect_.spot() ? 100 : 500) : whole_of(told, 0);
    static constexpr std::int64_t kSteps[] = {5, 10, 20, 50, 100, 500, 1'000};
    const bool step = std::find(std::begin(kSteps), std::end(kSteps), limit) != std::end(kSteps);
    if (limit <= 0 || (!dialect_.spot() && !step))
        return refuse(-1130, "Data sent for parameter 'limit' is not valid.");
    const auto most = static_cast<std::size_t>(std::min<std::int64_t>(limit, 5'000));
    const EmulatedBook book = best_levels(exchange_.book(id), most);
    const Listing& listing = table_.listing(id);
    std::vector<VenueMessage> messages;
    feed_->subscribe(table_.instrument_of(id), listing, book, call.now, messages);
    // The change before the snapshot goes to the streams, as any change; futures' snapshots lie inside it.
    if (call.out != nullptr) publish_messages(listing, messages, *call.out);
    for (const VenueMessage& message : messages) {
        if (message.http) return good(with_old_orders(listing, message.text));
    }
    return refuse(-1000, "An unknown error occurred while processing the request.");
}

void EmulatedMarketData::on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                                 const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    std::vector<VenueMessage> messages;
    feed_->change(table_.instrument_of(id), table_.listing(id), bids, asks, book, now, messages);
    const Listing& listing = table_.listing(id);
    publish_messages(listing, messages, out);
    for (const VenueMessage& message : messages) {
        if (!dialect_.coinm() && message.text.starts_with(R"({"e":"depthUpdate")"))
            publish_best_levels(listing, message.text, book, out);
    }
}

void EmulatedMarketData::on_trade(const Trade& trade, SessionOutbox& out)
{
    const Listing& listing = table_.listing(trade.listing);
    std::vector<VenueMessage> messages;
    feed_->trade(table_.instrument_of(trade.listing), listing, trade, messages);
    publish_messages(listing, messages, out);
}

void EmulatedMarketData::publish_messages(const Listing& listing, const std::vector<VenueMessage>& messages,
                                          SessionOutbox& out)
{
    const std::string symbol = stream_symbol(listing);
    for (const VenueMessage& message : messages) {
        if (message.http || message.text.starts_with(R"({"result")")) continue;
        if (message.text.starts_with(R"({"e":"depthUpdate")")) {
            const std::string text = with_old_orders(listing, message.text);
            for (const char* kind : {"@depth", "@depth@100ms", "@depth@500ms"})
                parts_.sessions.publish(symbol + kind, text, out);
        } else if (message.text.find(R"("e":"trade")") != std::string::npos) {
            parts_.sessions.publish(symbol + "@trade", message.text, out);
        } else if (message.text.find(R"("e":"aggTrade")") != std::string::npos) {
            parts_.sessions.publish(symbol + "@aggTrade", message.text, out);
        } else {
            parts_.sessions.publish(symbol + "@bookTicker", message.text, out);
        }
    }
}

// The best levels of a book after a change, for whoever asked for so many: at spot a small snapshot, at the
// futures in the shape of a change.
void EmulatedMarketData::publish_best_levels(const Listing& listing, std::string_view change,
                                             const EmulatedBook& book, SessionOutbox& out) const
{
    const std::string prefix = stream_symbol(listing) + "@depth";
    const auto side = [&](std::span<const Level> levels, std::size_t most) {
        const auto row = [&](const Level& level) {
            return fmt::format(R"(["{}","{}"])", dialect_.price_text(listing.id, level.price),
                               dialect_.quantity_text(listing.id, level.quantity));
        };
        return "[" + json_list(best_levels(levels, most), row) + "]";
    };
    for (const std::string& name : parts_.sessions.streams(prefix)) {
        const std::size_t most = partial_levels(name, prefix);
        if (most == 0) continue;
        const std::string bids = side(book.bids, most);
        const std::string asks = side(book.asks, most);
        const std::string text =
            dialect_.spot()
                ? fmt::format(R"({{"lastUpdateId":{},"bids":{},"asks":{}}})", number_in(change, R"("u":)"),
                              bids, asks)
                : fmt::format(R"({}"b":{},"a":{}}})", change.substr(0, change.find(R"("b":)")), bids, asks);
        parts_.sessions.publish(name, text, out);
    }
}

// An order for sale far above the market whose quantity is finer than today's step, and one to buy far below
// whose price is: in every snapshot and every few changes.
std::string EmulatedMarketData::with_old_orders(const Listing& listing, std::string text)
{
    if (!setup_.manners) return text;
    const EmulatedBook book = exchange_.book(listing.id);
    const bool snapshot = text.find("lastUpdateId") != std::string::npos;
    if (book.asks.empty() || book.bids.empty() || (!snapshot && ++old_orders_ % 8 != 0)) return text;
    const Price high{book.asks.back().price.units * 3};
    // A third of the price, in ticks that end in 3: its last digit is one of the tick's.
    const std::int64_t ticks = book.bids.back().price.units / 3 / listing.tick.units;
    const Price low{(ticks - ticks % 10 + 3) * listing.tick.units};
    const auto finer = [](std::string number) {
        while (number.find('.') != std::string::npos && (number.back() == '0' || number.back() == '.'))
            number.pop_back();
        return number + (number.find('.') == std::string::npos ? ".5" : "5");
    };
    const std::string quantity = dialect_.quantity_text(listing.id, listing.lot);
    append_level(text, snapshot ? R"("asks":[)" : R"("a":[)",
                 fmt::format(R"(["{}","{}"])", dialect_.price_text(listing.id, high), finer(quantity)));
    append_level(text, snapshot ? R"("bids":[)" : R"("b":[)",
                 fmt::format(R"(["{}","{}"])", finer(dialect_.price_text(listing.id, low)), quantity));
    return text;
}

void EmulatedMarketData::tell_contracts(Timestamp now, SessionOutbox& out)
{
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* const listing = table_.find_symbol(setup_.id, d.symbol);
        if (listing == nullptr) continue;
        const std::string_view status = exchange_.halted(listing->id)        ? "CLOSE"
                                        : exchange_.cancel_only(listing->id) ? "PRE_SETTLE"
                                                                             : "TRADING";
        std::string_view& told = contracts_.try_emplace(listing->id, "TRADING").first->second;
        if (told == status) continue;
        told = status;
        parts_.sessions.publish(
            "!contractInfo",
            fmt::format(R"({{"e":"contractInfo","E":{},"s":"{}","ps":"{}","ct":"{}","dt":4133404800000,)"
                        R"("ot":1569398400000,"cs":"{}","st":{}}})",
                        ms_of(now), d.symbol, d.symbol.substr(0, d.symbol.find('_')),
                        d.kind == InstrumentKind::perpetual ? "PERPETUAL" : "CURRENT_QUARTER", status,
                        setup_.market == "usdm" ? 1 : 2),
            out);
    }
}

}  // namespace arb::binance
