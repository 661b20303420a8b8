#include "connectors/bybit/emulated_books.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/bybit/emulated_parts.hpp"

namespace arb::bybit {
namespace {

constexpr std::array<std::uint32_t, 4> kDepths{1, 50, 200, 1000};
// Level 1 is sent again when nothing changed for so long.
constexpr Duration kTopAgain = seconds(3);
// With its manners: after so many changes of a book the service restarts, which a snapshot numbered 1 tells.
constexpr int kRestartAfter = 400;

std::vector<Level> cut(std::span<const Level> levels, std::uint32_t depth)
{
    const std::span<const Level> best = best_levels(levels, depth);
    return {best.begin(), best.end()};
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

Answer EmulatedBooks::order_book(const EmulatedCall& call)
{
    const Answer wrong = dialect_.check_category(call);
    if (wrong.code != 0) return wrong;
    const Listing* listing = dialect_.find_listing(call.get("symbol"));
    if (listing == nullptr) return refuse(10001, "Not supported symbols");
    const std::size_t most = count_of(call.get("limit"), dialect_.spot() ? 1 : 25, 1000);
    const Feed& book = feed(listing->id, 1000);
    return good(fmt::format(R"({{"s":"{}","b":[{}],"a":[{}],"ts":{},"u":{},"seq":{},"cts":{}}})",
                            listing->symbol, dialect_.levels_json(*listing, book.bids, most),
                            dialect_.levels_json(*listing, book.asks, most), ms_of(call.now), book.update,
                            parts_.sequence.value(), ms_of(call.now)));
}

bool EmulatedBooks::book_topic(std::string_view topic, const Listing*& listing, std::uint32_t& depth) const
{
    constexpr std::string_view kHead = "orderbook.";
    if (topic.substr(0, kHead.size()) != kHead) return false;
    topic.remove_prefix(kHead.size());
    const std::size_t dot = topic.find('.');
    if (dot == std::string_view::npos) return false;
    for (const std::uint32_t entry : kDepths) {
        if (topic.substr(0, dot) != fmt::format("{}", entry)) continue;
        depth = entry;
        listing = dialect_.find_listing(topic.substr(dot + 1));
        return listing != nullptr;
    }
    return false;
}

EmulatedBooks::Feed& EmulatedBooks::feed(ListingId listing, std::uint32_t depth)
{
    Feed& entry = feeds_[{listing, depth}];
    if (!entry.known) {
        const EmulatedBook book = exchange_.book(listing);
        entry.bids = cut(book.bids, depth);
        entry.asks = cut(book.asks, depth);
        entry.known = true;
    }
    return entry;
}

std::string EmulatedBooks::book_message(const Listing& listing, std::uint32_t depth, bool snapshot,
                                        std::span<const Level> bids, std::span<const Level> asks,
                                        const Feed& feed, Timestamp now)
{
    const std::string_view type = snapshot ? "snapshot" : "delta";
    // The order of keys differs between spot (and level 1) and the others.
    const std::string head = dialect_.spot() || depth == 1
                                 ? fmt::format(R"("ts":{},"type":"{}")", ms_of(now), type)
                                 : fmt::format(R"("type":"{}","ts":{})", type, ms_of(now));
    return fmt::format(
        R"({{"topic":"orderbook.{}.{}",{},"data":{{"s":"{}","b":[{}],"a":[{}],"u":{},"seq":{}}},"cts":{}}})",
        depth, listing.symbol, head, listing.symbol, dialect_.levels_json(listing, bids, bids.size()),
        dialect_.levels_json(listing, asks, asks.size()), feed.update, parts_.sequence.next(3), ms_of(now));
}

std::string EmulatedBooks::snapshot(std::string_view topic, Timestamp now)
{
    const Listing* listing = nullptr;
    std::uint32_t depth = 0;
    if (!book_topic(topic, listing, depth)) return {};
    Feed& entry = feed(listing->id, depth);
    entry.told = now;
    return book_message(*listing, depth, true, entry.bids, entry.asks, entry, now);
}

EmulatedBooks::News EmulatedBooks::change(const Listing& listing, const EmulatedBook& book, Timestamp now)
{
    News news;
    for (const std::uint32_t depth : kDepths) {
        const auto found = feeds_.find({listing.id, depth});
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
        news.emplace_back(fmt::format("orderbook.{}.{}", depth, listing.symbol),
                          top ? book_message(listing, depth, true, entry.bids, entry.asks, entry, now)
                              : book_message(listing, depth, false, changed_bids, changed_asks, entry, now));
    }
    return news;
}

EmulatedBooks::News EmulatedBooks::tell_again(Timestamp now)
{
    News news;
    for (auto& [key, entry] : feeds_) {
        if (key.second != 1 || !entry.known || now - entry.told < kTopAgain) continue;
        const Listing& listing = table_.listing(key.first);
        entry.told = now;
        news.emplace_back(fmt::format("orderbook.1.{}", listing.symbol),
                          book_message(listing, 1, true, entry.bids, entry.asks, entry, now));
    }
    return news;
}

}  // namespace arb::bybit
