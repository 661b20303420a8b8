#include "connectors/kraken/emulated_v1.hpp"

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"
#include "connectors/kraken/emulated_public.hpp"

namespace arb::kraken {
namespace {

constexpr std::uint32_t kFirstChannel = 336;

// Microseconds.
std::string v1_time(Timestamp time)
{
    char text[kDecimalTextMax];
    return {text, print_scaled(time.ns / 1'000, 6, text)};
}

std::string v1_refusal(std::string_view why, std::string_view members)
{
    return fmt::format(R"({{"errorMessage":{},"event":"subscriptionStatus",{}"status":"error"}})",
                       json_text(why), members);
}

}  // namespace

std::string EmulatedV1::level_rows(const Listing& l, std::span<const Level> levels, Timestamp now) const
{
    const Instrument& instrument = dialect_.instrument(l);
    const auto row = [&](const Level& level) {
        return fmt::format(R"(["{}","{}","{}"])", price_text(instrument, l, level.price),
                           quantity_text(instrument, l, level.quantity), v1_time(now));
    };
    return "[" + json_list(levels, row) + "]";
}

std::string EmulatedV1::trade_frame(const Listing& l, const Trade& trade) const
{
    const Instrument& instrument = dialect_.instrument(l);
    return fmt::format(R"([{},[["{}","{}","{}","{}","m",""]],"trade","{}"])", kFirstChannel + index(l.id),
                       price_text(instrument, l, trade.price), quantity_text(instrument, l, trade.quantity),
                       v1_time(trade.venue_time), trade.aggressor == Side::buy ? "b" : "s",
                       dialect_.old_name(l));
}

// A change of both sides is two maps in one message; the checksum is in the last.
void EmulatedV1::tell_book(SessionId id, const Listing& l, std::span<const Level> bids,
                           std::span<const Level> asks, const EmulatedBook& book, Timestamp now,
                           SessionOutbox& out)
{
    Emulator& emulator = books_.at({id, l.id});
    const Emulator::Shown told = emulator.shown(l, bids, asks, book);
    if (told.bids.empty() && told.asks.empty()) return;
    const std::string sum = fmt::format(R"(,"c":"{}")", book_checksum(dialect_.instrument(l), l, book));
    std::string maps;
    if (!told.asks.empty())
        maps += fmt::format(R"({{"a":{}{}}})", level_rows(l, told.asks, now), told.bids.empty() ? sum : "");
    if (!told.bids.empty())
        maps += fmt::format(R"({}{{"b":{}{}}})", maps.empty() ? "" : ",", level_rows(l, told.bids, now), sum);
    parts_.sessions.say(id,
                        fmt::format(R"([{},{},"book-{}","{}"])", kFirstChannel + index(l.id), maps,
                                    emulator.depth(), dialect_.old_name(l)),
                        now, out);
}

void EmulatedV1::on_frame(SessionId id, const Json& message, Timestamp now, SessionOutbox& out)
{
    const std::string_view event = wire_text(message, "event"), request = wire_text(message, "reqid");
    const std::string number = request.empty() ? std::string() : fmt::format(R"("reqid":{},)", request);
    if (event == "ping")
        return parts_.sessions.say(id, fmt::format(R"({{{}"event":"pong"}})", number), now, out);
    if (event != "subscribe" && event != "unsubscribe") {
        return parts_.sessions.say(
            id,
            fmt::format(R"({{"errorMessage":"Unsupported event","event":"error",{}"status":"error"}})",
                        number),
            now, out);
    }
    simdjson::dom::array pairs;
    if (message["pair"].get(pairs) != simdjson::SUCCESS)
        return parts_.sessions.say(id, v1_refusal("Pair field must be an array", number), now, out);
    for (const Json entry : pairs) {
        std::string_view pair;
        const Listing* l = entry.get(pair) == simdjson::SUCCESS ? dialect_.by_name(pair) : nullptr;
        if (l != nullptr) {
            subscribe(id, message, *l, now, out);
            continue;
        }
        parts_.sessions.say(id,
                            v1_refusal(fmt::format("Currency pair not supported {}", pair),
                                       fmt::format(R"("pair":{},{})", json_text(pair), number)),
                            now, out);
    }
}

void EmulatedV1::subscribe(SessionId id, const Json& message, const Listing& l, Timestamp now,
                           SessionOutbox& out)
{
    const std::string_view request = wire_text(message, "reqid");
    const bool begins = wire_text(message, "event") == "subscribe";
    Json wish;
    std::string_view name, depth;
    if (message["subscription"].get(wish) == simdjson::SUCCESS && wish.is_object()) {
        name = wire_text(wish, "name");
        depth = wire_text(wish, "depth");
    }
    if (depth.empty()) depth = "10";
    std::string members = fmt::format(R"("pair":"{}",)", dialect_.old_name(l));
    if (!request.empty()) members += fmt::format(R"("reqid":{},)", request);
    if (name != "book" && name != "trade")
        return parts_.sessions.say(id, v1_refusal("Subscription name invalid", members), now, out);
    const bool is_book = name == "book";
    if (is_book && !is_offered_depth(depth))
        return parts_.sessions.say(id, v1_refusal("Subscription depth not supported", members), now, out);
    const std::string channel = is_book ? fmt::format("book-{}", depth) : "trade";
    parts_.sessions.say(
        id,
        fmt::format(
            R"({{"channelID":{},"channelName":"{}","event":"subscriptionStatus",{}"status":"{}","subscription":{{{}"name":"{}"}}}})",
            kFirstChannel + index(l.id), channel, members, begins ? "subscribed" : "unsubscribed",
            is_book ? fmt::format(R"("depth":{},)", depth) : std::string(), name),
        now, out);
    const std::string place = fmt::format("{}:{}", name, l.symbol);
    parts_.sessions.leave(id, place);
    if (is_book) books_.erase({id, l.id});
    if (!begins) return;
    parts_.sessions.join(id, place);
    if (!is_book) return;
    Emulator& book =
        books_.try_emplace({id, l.id}, static_cast<std::size_t>(parse_scaled(depth, 0).value)).first->second;
    const Emulator::Shown first = book.first_shown(l, exchange_.book(l.id));
    parts_.sessions.say(id,
                        fmt::format(R"([{},{{"as":{},"bs":{}}},"{}","{}"])", kFirstChannel + index(l.id),
                                    level_rows(l, first.asks, now), level_rows(l, first.bids, now), channel,
                                    dialect_.old_name(l)),
                        now, out);
}

void EmulatedV1::close(SessionId id)
{
    std::erase_if(books_, [&](const auto& entry) { return entry.first.first == id; });
}

}  // namespace arb::kraken
