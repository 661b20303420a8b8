// What Binance does though it looks odd (EmulatedVenueSetup::manners): orders that rest since before the
// steps became coarser, other programs at the client's address, servers that are restarted.
#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"

namespace arb::binance {
namespace {

constexpr Duration kServerLife = seconds(45);
constexpr Duration kServerGone = seconds(55);  // no lead time is promised

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

}  // namespace

// An order for sale far above the market whose quantity is finer than today's step, and one to buy far below
// whose price is: in every snapshot and every few changes.
std::string EmulatedBinance::with_old_orders(const Listing& listing, std::string text)
{
    if (!setup_.manners) return text;
    const EmulatedBook book = setup_.exchange->book(listing.id);
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
    const std::string quantity = quantity_text(listing.id, listing.lot);
    append_level(text, snapshot ? R"("asks":[)" : R"("a":[)",
                 fmt::format(R"(["{}","{}"])", price_text(listing.id, high), finer(quantity)));
    append_level(text, snapshot ? R"("bids":[)" : R"("b":[)",
                 fmt::format(R"(["{}","{}"])", finer(price_text(listing.id, low)), quantity));
    return text;
}

// Spot tells it on the market streams and on the websocket API, then closes.
void EmulatedBinance::restart_servers(Timestamp now, SessionOutbox& out)
{
    if (!setup_.manners || !spot()) return;
    const std::string event = fmt::format(R"({{"e":"serverShutdown","E":{}}})", now.ns / 1'000'000);
    std::vector<SessionId> over;
    for (auto& [id, session] : sessions_) {
        const Duration age = now - session.opened;
        if (age >= kServerGone) over.push_back(id);
        if (age < kServerLife || session.shutdown_told) continue;
        session.shutdown_told = true;
        out.send(id, session.door == Door::api ? fmt::format(R"({{"event":{}}})", event)
                     : session.combined ? fmt::format(R"({{"stream":"!serverShutdown","data":{}}})", event)
                                        : event);
    }
    for (const SessionId id : over) {
        sessions_.erase(id);
        out.close(id, 1001, "server restart");
    }
}

// COIN-M draws on the same pool as USD-M, and so does whoever shares the address.
int EmulatedBinance::others_weight() const
{
    return setup_.manners ? (spot() ? 500 : 300) : 0;
}

}  // namespace arb::binance
