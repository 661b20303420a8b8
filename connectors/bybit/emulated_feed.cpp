// The emulated Bybit: public topics. Each depth of a book is kept as its subscribers have it, so that levels
// that fall out of the depth are deleted and the counter grows by one with each change.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {
namespace {

constexpr std::array<std::uint32_t, 4> kDepths{1, 50, 200, 1000};
// Level 1 is sent again when nothing changed for so long.
constexpr Duration kTopAgain = seconds(3);
// With its manners: after so many changes of a book the service restarts, which a snapshot numbered 1 tells.
constexpr int kRestartAfter = 400;
constexpr std::string_view kTickers = "tickers.";

std::vector<Level> cut(std::span<const Level> levels, std::uint32_t depth)
{
    const std::size_t kept = std::min<std::size_t>(levels.size(), depth);
    return {levels.begin(), levels.begin() + static_cast<std::ptrdiff_t>(kept)};
}

std::vector<Level> difference(const std::vector<Level>& before, const std::vector<Level>& after)
{
    std::vector<Level> changed;
    const auto find = [](const std::vector<Level>& levels, Price price) {
        return std::find_if(levels.begin(), levels.end(), [&](const Level& l) { return l.price == price; });
    };
    for (const Level& level : before) {
        if (find(after, level.price) == after.end()) changed.push_back({level.price, {}});
    }
    for (const Level& level : after) {
        const auto old = find(before, level.price);
        if (old == before.end() || old->quantity != level.quantity) changed.push_back(level);
    }
    return changed;
}

}  // namespace

bool EmulatedBybit::book_topic(std::string_view topic, const Listing*& listing, std::uint32_t& depth) const
{
    constexpr std::string_view kHead = "orderbook.";
    if (topic.substr(0, kHead.size()) != kHead) return false;
    topic.remove_prefix(kHead.size());
    const std::size_t dot = topic.find('.');
    if (dot == std::string_view::npos) return false;
    for (const std::uint32_t entry : kDepths) {
        if (topic.substr(0, dot) != fmt::format("{}", entry)) continue;
        depth = entry;
        listing = find_listing(topic.substr(dot + 1));
        return listing != nullptr;
    }
    return false;
}

bool EmulatedBybit::public_topic(std::string_view topic) const
{
    const Listing* listing = nullptr;
    std::uint32_t depth = 0;
    if (book_topic(topic, listing, depth)) return true;
    for (const std::string_view head : {"publicTrade.", "tickers."}) {
        if (topic.substr(0, head.size()) == head) return find_listing(topic.substr(head.size())) != nullptr;
    }
    return false;
}

EmulatedBybit::Feed& EmulatedBybit::feed(ListingId listing, std::uint32_t depth)
{
    Feed& entry = feeds_[{listing, depth}];
    if (!entry.known) {
        const EmulatedBook book = setup_.exchange->book(listing);
        entry.bids = cut(book.bids, depth);
        entry.asks = cut(book.asks, depth);
        entry.known = true;
    }
    return entry;
}

std::string EmulatedBybit::book_message(const Listing& listing, std::uint32_t depth, bool snapshot,
                                        std::span<const Level> bids, std::span<const Level> asks,
                                        const Feed& feed, Timestamp now)
{
    cross_sequence_ += 3;  // one counter for all topics: never contiguous within one
    const std::string_view type = snapshot ? "snapshot" : "delta";
    // The order of keys differs between spot (and level 1) and the others.
    const std::string head = spot() || depth == 1 ? fmt::format(R"("ts":{},"type":"{}")", ms_of(now), type)
                                                  : fmt::format(R"("type":"{}","ts":{})", type, ms_of(now));
    return fmt::format(
        R"({{"topic":"orderbook.{}.{}",{},"data":{{"s":"{}","b":[{}],"a":[{}],"u":{},"seq":{}}},"cts":{}}})",
        depth, listing.symbol, head, listing.symbol, levels_json(listing, bids, bids.size()),
        levels_json(listing, asks, asks.size()), feed.update, cross_sequence_, ms_of(now));
}

void EmulatedBybit::publish(const std::string& topic, const std::string& text, SessionOutbox& out) const
{
    for (const auto& [id, session] : sessions_) {
        if (session.door == Door::open && session.topics.count(topic) > 0) out.send(id, text);
    }
}

void EmulatedBybit::snapshot(SessionId session, const std::string& topic, Timestamp now, SessionOutbox& out)
{
    const Listing* listing = nullptr;
    std::uint32_t depth = 0;
    if (topic.substr(0, kTickers.size()) == kTickers) {
        listing = find_listing(std::string_view(topic).substr(kTickers.size()));
        if (listing != nullptr) out.send(session, ticker_message(*listing, now));
        return;
    }
    if (!book_topic(topic, listing, depth)) return;
    Feed& entry = feed(listing->id, depth);
    entry.told = now;
    out.send(session, book_message(*listing, depth, true, entry.bids, entry.asks, entry, now));
}

void EmulatedBybit::on_book(ListingId id, std::span<const Level>, std::span<const Level>,
                            const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    if (index(id) >= setup_.table->listings().size()) return;
    const Listing& listing = setup_.table->listing(id);
    if (!book.bids.empty()) tape_.set_reference(id, book.bids.front().price, now);
    for (const std::uint32_t depth : kDepths) {
        const auto found = feeds_.find({id, depth});
        if (found == feeds_.end() || !found->second.known) continue;
        Feed& entry = found->second;
        std::vector<Level> bids = cut(book.bids, depth);
        std::vector<Level> asks = cut(book.asks, depth);
        const std::vector<Level> changed_bids = difference(entry.bids, bids);
        const std::vector<Level> changed_asks = difference(entry.asks, asks);
        if (changed_bids.empty() && changed_asks.empty()) continue;
        entry.bids = std::move(bids);
        entry.asks = std::move(asks);
        ++entry.update;
        entry.told = now;
        const bool restart = setup_.manners && ++entry.changes % kRestartAfter == 0;
        if (restart) entry.update = 1;
        const bool top = depth == 1 || restart;
        publish(fmt::format("orderbook.{}.{}", depth, listing.symbol),
                top ? book_message(listing, depth, true, entry.bids, entry.asks, entry, now)
                    : book_message(listing, depth, false, changed_bids, changed_asks, entry, now),
                out);
    }
    publish(fmt::format("{}{}", kTickers, listing.symbol), ticker_message(listing, now), out);
}

void EmulatedBybit::on_tick(Timestamp now, SessionOutbox& out)
{
    now_ = now;
    for (auto& [key, entry] : feeds_) {
        if (key.second != 1 || !entry.known || now - entry.told < kTopAgain) continue;
        const Listing& listing = setup_.table->listing(key.first);
        entry.told = now;
        publish(fmt::format("orderbook.1.{}", listing.symbol),
                book_message(listing, 1, true, entry.bids, entry.asks, entry, now), out);
    }
    // "Connect": a connection without ping and without data is cut after ten minutes.
    std::vector<SessionId> idle;
    for (const auto& [id, session] : sessions_) {
        if (now - session.heard > seconds(600)) idle.push_back(id);
    }
    for (const SessionId id : idle) out.close(id, 1000, "idle");
    for (const SessionId id : idle) on_session_closed(id);
}

}  // namespace arb::bybit
