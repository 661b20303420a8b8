#include "connectors/kraken/emulated_public.hpp"

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"

namespace arb::kraken {

bool is_offered_depth(std::string_view depth)
{
    return depth == "10" || depth == "25" || depth == "100" || depth == "500" || depth == "1000";
}

std::string EmulatedPublic::read(const SocketCall& call, Wish& wish)
{
    wish.channel = wire_text(call.parameters, "channel");
    if (wish.channel != "book" && wish.channel != "trade" && wish.channel != "ticker")
        return "Unsupported field: 'channel' for the given msg type: subscribe";
    if (call.parameters["symbol"].get(wish.symbols) != simdjson::SUCCESS)
        return "EGeneral:Invalid arguments:symbol";
    if (const std::string_view depth = wire_text(call.parameters, "depth"); !depth.empty())
        wish.depth = depth;
    if (wish.channel == "book" && !is_offered_depth(wish.depth)) return "Subscription depth not supported";
    if (const std::string_view trigger = wire_text(call.parameters, "event_trigger"); !trigger.empty())
        wish.trigger = trigger;
    if (wish.channel == "ticker" && wish.trigger != "trades" && wish.trigger != "bbo")
        return "EGeneral:Invalid arguments:event_trigger";
    wish.snapshot = wish.channel != "trade";
    bool snapshot = false;
    if (call.parameters["snapshot"].get(snapshot) == simdjson::SUCCESS) wish.snapshot = snapshot;
    return {};
}

void EmulatedPublic::subscribe(const SocketCall& call)
{
    Wish wish;
    if (std::string error = read(call, wish); !error.empty())
        return parts_.sessions.answer(call, {{}, std::move(error)});
    const bool begins = call.method == "subscribe";
    for (const Json entry : wish.symbols) {
        std::string_view symbol;
        const Listing* l = entry.get(symbol) == simdjson::SUCCESS ? dialect_.find(symbol) : nullptr;
        if (l == nullptr) {
            parts_.sessions.answer(call, {{}, fmt::format("Currency pair not supported {}", symbol)}, symbol);
            continue;
        }
        parts_.sessions.answer(call, {acknowledged(wish, *l, begins), {}});
        const std::string name = fmt::format("{}:{}", wish.channel, l->symbol);
        parts_.sessions.leave(call.session, name);
        if (wish.channel == "book") books_.erase({call.session, l->id});
        if (!begins) continue;
        parts_.sessions.join(call.session, name);
        begin(call, wish, *l);
    }
}

std::string EmulatedPublic::acknowledged(const Wish& wish, const Listing& l, bool begins)
{
    std::string text = fmt::format(R"({{"channel":"{}","symbol":"{}")", wish.channel, l.symbol);
    if (wish.channel == "book") text += fmt::format(R"(,"depth":{})", wish.depth);
    if (wish.channel == "ticker") text += fmt::format(R"(,"event_trigger":"{}")", wish.trigger);
    if (begins) text += fmt::format(R"(,"snapshot":{})", wish.snapshot);
    return text + "}";
}

// A book that nobody wants whole begins all the same: with what is there now.
void EmulatedPublic::begin(const SocketCall& call, const Wish& wish, const Listing& l)
{
    std::string text;
    if (wish.channel == "book") {
        const auto depth = static_cast<std::size_t>(parse_scaled(wish.depth, 0).value);
        Emulator& book = books_.insert_or_assign({call.session, l.id}, Emulator(depth)).first->second;
        std::vector<VenueMessage> messages;
        book.subscribe(dialect_.instrument(l), l, exchange_.book(l.id), call.now, messages);
        text = std::move(messages.back().text);
    } else if (wish.channel == "trade") {
        text =
            fmt::format(R"({{"channel":"trade","type":"snapshot","data":[{}]}})", parts_.tape.trade_rows(l));
    } else {
        tickers_[{call.session, l.id}] = wish.trigger == "bbo";
        text = parts_.tape.ticker_frame("snapshot", l, call.now);
    }
    if (wish.snapshot) parts_.sessions.say(call.session, std::move(text), call.now, *call.out);
}

void EmulatedPublic::tell_book(SessionId id, const Listing& l, std::span<const Level> bids,
                               std::span<const Level> asks, const EmulatedBook& book, Timestamp now,
                               SessionOutbox& out)
{
    std::vector<VenueMessage> messages;
    books_.at({id, l.id}).change(dialect_.instrument(l), l, bids, asks, book, now, messages);
    for (VenueMessage& message : messages) parts_.sessions.say(id, std::move(message.text), now, out);
}

void EmulatedPublic::tell_quotes(const Listing& l, const EmulatedBook& book, Timestamp now,
                                 SessionOutbox& out)
{
    const std::pair<Price, Price> best{best_level(book.bids).price, best_level(book.asks).price};
    if (std::exchange(best_[l.id], best) != best) tell_ticker(l, true, now, out);
}

void EmulatedPublic::tell_ticker(const Listing& l, bool of_quotes, Timestamp now, SessionOutbox& out)
{
    for (const SessionId id : parts_.sessions.in("ticker:" + l.symbol)) {
        if (tickers_.at({id, l.id}) == of_quotes)
            parts_.sessions.say(id, parts_.tape.ticker_frame("update", l, now), now, out);
    }
}

void EmulatedPublic::close(SessionId id)
{
    const auto is_of = [&](const auto& entry) { return entry.first.first == id; };
    std::erase_if(books_, is_of);
    std::erase_if(tickers_, is_of);
}

}  // namespace arb::kraken
