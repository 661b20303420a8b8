// The emulated Kraken's older public websocket (v1), as far as books and trades: arrays that name their
// channel and pair last, numbers as text, pairs in their old spelling.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"

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

bool is_v1_depth(std::string_view depth)
{
    return depth == "10" || depth == "25" || depth == "100" || depth == "500" || depth == "1000";
}

}  // namespace

std::string EmulatedKraken::v1_name(const Listing& l) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    return old_asset(instrument.base) + "/" + old_asset(instrument.quote);
}

std::string EmulatedKraken::v1_levels(const Listing& l, std::span<const Level> levels, Timestamp now) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    std::string text;
    for (const Level& level : levels) {
        fmt::format_to(std::back_inserter(text), R"({}["{}","{}","{}"])", text.empty() ? "" : ",",
                       price_text(instrument, l, level.price), quantity_text(instrument, l, level.quantity),
                       v1_time(now));
    }
    return "[" + text + "]";
}

std::string EmulatedKraken::v1_trade(const Listing& l, const Trade& trade) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    return fmt::format(R"([{},[["{}","{}","{}","{}","m",""]],"trade","{}"])", kFirstChannel + index(l.id),
                       price_text(instrument, l, trade.price), quantity_text(instrument, l, trade.quantity),
                       v1_time(trade.venue_time), trade.aggressor == Side::buy ? "b" : "s", v1_name(l));
}

// A change of both sides is two maps in one message; the checksum is in the last.
void EmulatedKraken::tell_v1_book(SessionId id, Session& session, const Listing& l,
                                  std::span<const Level> bids, std::span<const Level> asks,
                                  const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    Emulator& emulator = session.books.at(l.id);
    const Emulator::Shown told = emulator.shown(l, bids, asks, book);
    if (told.bids.empty() && told.asks.empty()) return;
    const std::string sum =
        fmt::format(R"(,"c":"{}")", book_checksum(setup_.table->instrument(l.instrument), l, book));
    std::string maps;
    if (!told.asks.empty())
        maps += fmt::format(R"({{"a":{}{}}})", v1_levels(l, told.asks, now), told.bids.empty() ? sum : "");
    if (!told.bids.empty())
        maps += fmt::format(R"({}{{"b":{}{}}})", maps.empty() ? "" : ",", v1_levels(l, told.bids, now), sum);
    say(id, session,
        fmt::format(R"([{},{},"book-{}","{}"])", kFirstChannel + index(l.id), maps, emulator.depth(),
                    v1_name(l)),
        now, out);
}

void EmulatedKraken::on_v1_frame(SessionId id, Session& session, const Json& message, Timestamp now,
                                 SessionOutbox& out)
{
    const std::string_view event = wire_text(message, "event"), request = wire_text(message, "reqid");
    const std::string number = request.empty() ? std::string() : fmt::format(R"("reqid":{},)", request);
    if (event == "ping") return say(id, session, fmt::format(R"({{{}"event":"pong"}})", number), now, out);
    if (event != "subscribe" && event != "unsubscribe") {
        return say(id, session,
                   fmt::format(R"({{"errorMessage":"Unsupported event","event":"error",{}"status":"error"}})",
                               number),
                   now, out);
    }
    simdjson::dom::array pairs;
    if (message["pair"].get(pairs) != simdjson::SUCCESS)
        return say(id, session, v1_refusal("Pair field must be an array", number), now, out);
    for (const Json entry : pairs) {
        std::string_view pair;
        const Listing* l = entry.get(pair) == simdjson::SUCCESS ? by_name(pair) : nullptr;
        if (l != nullptr) {
            subscribe_v1(id, session, message, *l, now, out);
            continue;
        }
        say(id, session,
            v1_refusal(fmt::format("Currency pair not supported {}", pair),
                       fmt::format(R"("pair":{},{})", json_text(pair), number)),
            now, out);
    }
}

void EmulatedKraken::subscribe_v1(SessionId id, Session& session, const Json& message, const Listing& l,
                                  Timestamp now, SessionOutbox& out)
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
    std::string members = fmt::format(R"("pair":"{}",)", v1_name(l));
    if (!request.empty()) members += fmt::format(R"("reqid":{},)", request);
    if (name != "book" && name != "trade")
        return say(id, session, v1_refusal("Subscription name invalid", members), now, out);
    const bool is_book = name == "book";
    if (is_book && !is_v1_depth(depth))
        return say(id, session, v1_refusal("Subscription depth not supported", members), now, out);
    const std::string channel = is_book ? fmt::format("book-{}", depth) : "trade";
    say(id, session,
        fmt::format(
            R"({{"channelID":{},"channelName":"{}","event":"subscriptionStatus",{}"status":"{}","subscription":{{{}"name":"{}"}}}})",
            kFirstChannel + index(l.id), channel, members, begins ? "subscribed" : "unsubscribed",
            is_book ? fmt::format(R"("depth":{},)", depth) : std::string(), name),
        now, out);
    session.channels.erase(fmt::format("{}:{}", name, l.symbol));
    if (is_book) session.books.erase(l.id);
    if (!begins) return;
    session.channels.insert(fmt::format("{}:{}", name, l.symbol));
    if (!is_book) return;
    Emulator& book =
        session.books.try_emplace(l.id, static_cast<std::size_t>(parse_scaled(depth, 0).value)).first->second;
    const Emulator::Shown first = book.first_shown(l, setup_.exchange->book(l.id));
    say(id, session,
        fmt::format(R"([{},{{"as":{},"bs":{}}},"{}","{}"])", kFirstChannel + index(l.id),
                    v1_levels(l, first.asks, now), v1_levels(l, first.bids, now), channel, v1_name(l)),
        now, out);
}

}  // namespace arb::kraken
