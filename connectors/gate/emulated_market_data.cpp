#include "connectors/gate/emulated_market_data.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::gate {
namespace {

constexpr std::array<std::uint32_t, 2> kStreamDepths{50, 400};
constexpr std::int64_t kFirstUpdate = 73'777'715'168;
// With manners: after so many changes of a book a full one comes again, and after so few a delta of nothing.
constexpr int kFullAgain = 150, kNothing = 7;
constexpr std::int64_t kFundingSpan = 28'800;

std::map<std::int64_t, std::int64_t> top_levels(std::span<const Level> levels, std::uint32_t depth)
{
    std::map<std::int64_t, std::int64_t> result;
    for (const Level& level : best_levels(levels, depth)) result[level.price.units] = level.quantity.units;
    return result;
}

/// What turns one side into the other; zero: gone.
template <class SideMap>
SideMap side_changes(const SideMap& before, const SideMap& after)
{
    SideMap result = after;
    for (const auto& [price, quantity] : before) {
        const auto [place, gone] = result.emplace(price, 0);
        if (!gone && place->second == quantity) result.erase(place);
    }
    return result;
}

template <class SideMap>
std::string side_json(const Listing& listing, const SideMap& levels, bool best_last)
{
    std::string text;
    const auto put = [&](const auto& level) {
        text += fmt::format(R"({}["{}","{}"])", text.empty() ? "" : ",", price_text(listing, {level.first}),
                            size_text(listing, {level.second}));
    };
    if (best_last)
        std::for_each(levels.rbegin(), levels.rend(), put);
    else
        std::for_each(levels.begin(), levels.end(), put);
    return text;
}

}  // namespace

bool EmulatedMarketData::read_stream(std::string_view name, const Listing*& listing,
                                     std::uint32_t& depth) const
{
    const std::size_t dot = name.rfind('.');
    if (!name.starts_with("ob.") || dot < 3) return false;
    for (const std::uint32_t known : kStreamDepths) {
        if (name.substr(dot + 1) != fmt::format("{}", known)) continue;
        depth = known;
        listing = dialect_.find_listing(name.substr(3, dot - 3));
        return true;
    }
    return false;
}

std::string EmulatedMarketData::refusal(std::string_view channel, std::string_view name) const
{
    const std::string_view topic = channel.substr(channel.find('.') + 1);
    const Listing* listing = nullptr;
    std::uint32_t depth = 0;
    if (topic == "obu") {
        if (!read_stream(name, listing, depth)) return fmt::format("invalid stream: {}", name);
    } else if (topic == "trades" || topic == "book_ticker" || (topic == "tickers" && !dialect_.spot())) {
        listing = dialect_.find_listing(name);
    } else {
        return fmt::format("unknown channel: {}", channel);
    }
    if (listing != nullptr) return {};
    return fmt::format("unknown {}: {}", dialect_.spot() ? "currency pair" : "contract", name);
}

std::string EmulatedMarketData::first_message(std::string_view topic, std::string_view name, Timestamp now)
{
    const Listing* listing = nullptr;
    std::uint32_t depth = 0;
    if (topic == "obu" && read_stream(name, listing, depth)) return full_message(*listing, depth, now);
    if (topic == "tickers") return ticker_message(*dialect_.find_listing(name), now);
    if (topic == "book_ticker") return top_message(*dialect_.find_listing(name), now);
    return {};
}

EmulatedMarketData::Feed& EmulatedMarketData::feed(ListingId listing, std::uint32_t depth)
{
    Feed& entry = feeds_[{listing, depth}];
    if (!entry.known) {
        const EmulatedBook book = exchange_.book(listing);
        entry.bids = top_levels(book.bids, depth);
        entry.asks = top_levels(book.asks, depth);
        entry.update = kFirstUpdate + depth;
        entry.known = true;
    }
    return entry;
}

std::vector<PublicNews> EmulatedMarketData::book_changed(ListingId id, const EmulatedBook& book,
                                                         Timestamp now)
{
    std::vector<PublicNews> news;
    if (index(id) >= table_.listings().size()) return news;
    const Listing& listing = table_.listing(id);
    for (const std::uint32_t depth : kStreamDepths) change_feed(listing, depth, book, now, news);
    news.push_back(
        {fmt::format("{}.book_ticker {}", dialect_.prefix(), listing.symbol), top_message(listing, now)});
    if (!dialect_.spot()) news.push_back({"futures.tickers " + listing.symbol, ticker_message(listing, now)});
    return news;
}

void EmulatedMarketData::change_feed(const Listing& listing, std::uint32_t depth, const EmulatedBook& book,
                                     Timestamp now, std::vector<PublicNews>& out)
{
    const auto found = feeds_.find({listing.id, depth});
    if (found == feeds_.end()) return;
    Feed& entry = found->second;
    SideMap bids = top_levels(book.bids, depth), asks = top_levels(book.asks, depth);
    const SideMap new_bids = side_changes(entry.bids, bids), new_asks = side_changes(entry.asks, asks);
    entry.bids = std::move(bids);
    entry.asks = std::move(asks);
    if (new_bids.empty() && new_asks.empty()) return;
    // An id is one change of the venue's own, of which a message brings several.
    const std::int64_t first = entry.update + 1;
    entry.update += static_cast<std::int64_t>(new_bids.size() + new_asks.size());
    const std::string topic = fmt::format("{}.obu ob.{}.{}", dialect_.prefix(), listing.symbol, depth);
    if (setup_.manners && ++entry.changes % kFullAgain == 0) {
        out.push_back({topic, full_message(listing, depth, now)});
        return;
    }
    const auto member = [&](const char* name, const SideMap& levels, bool best_last) {
        return levels.empty() ? std::string()
                              : fmt::format(R"(,"{}":[{}])", name, side_json(listing, levels, best_last));
    };
    const auto change = [&](std::int64_t begin, const std::string& sides) {
        out.push_back(
            {topic,
             fmt::format(
                 R"({{"channel":"{}.obu","result":{{"t":{},"s":"ob.{}.{}","U":{},"u":{}{}}},"time_ms":{}}})",
                 dialect_.prefix(), ms_of(now), listing.symbol, depth, begin, entry.update, sides,
                 ms_of(now))});
    };
    change(first, member("b", new_bids, true) + member("a", new_asks, false));
    if (!setup_.manners || entry.changes % kNothing != 0) return;
    ++entry.update;
    change(entry.update, "");
}

std::vector<PublicNews> EmulatedMarketData::traded(const Trade& trade)
{
    std::vector<PublicNews> news;
    if (index(trade.listing) >= table_.listings().size()) return news;
    const Listing& listing = table_.listing(trade.listing);
    std::vector<VenueMessage> messages;
    emulator_->trade(table_.instrument(listing.instrument), listing, trade, messages);
    const std::string topic = fmt::format("{}.trades {}", dialect_.prefix(), listing.symbol);
    for (VenueMessage& message : messages) news.push_back({topic, std::move(message.text)});
    return news;
}

std::string EmulatedMarketData::full_message(const Listing& listing, std::uint32_t depth, Timestamp now)
{
    const Feed& entry = feed(listing.id, depth);
    return fmt::format(
        R"({{"channel":"{}.obu","result":{{"t":{},"full":true,"s":"ob.{}.{}","u":{},"b":[{}],"a":[{}]}},)"
        R"("time_ms":{}{}}})",
        dialect_.prefix(), ms_of(now), listing.symbol, depth, entry.update,
        side_json(listing, entry.bids, true), side_json(listing, entry.asks, false), ms_of(now),
        setup_.manners ? R"(,"event":"update")" : "");
}

std::string EmulatedMarketData::top_message(const Listing& listing, Timestamp now)
{
    const EmulatedBook book = exchange_.book(listing.id);
    const Level bid = best_level(book.bids), ask = best_level(book.asks);
    return fmt::format(
        R"({{"time":{0},"time_ms":{1},"channel":"{2}.book_ticker","event":"update","result":{{"t":{1},"u":{3},)"
        R"("s":"{4}","b":"{5}","B":"{6}","a":"{7}","A":"{8}"}}}})",
        seconds_of(now), ms_of(now), dialect_.prefix(), feed(listing.id, kStreamDepths[0]).update,
        listing.symbol, price_text(listing, bid.price), size_text(listing, bid.quantity),
        price_text(listing, ask.price), size_text(listing, ask.quantity));
}

std::string EmulatedMarketData::ticker_message(const Listing& listing, Timestamp now) const
{
    const std::string last = price_text(listing, best_level(exchange_.book(listing.id).asks).price);
    return fmt::format(
        R"({{"time":{0},"time_ms":{1},"channel":"futures.tickers","event":"update","result":[{{"contract":"{2}",)"
        R"("last":"{3}","mark_price":"{3}","index_price":"{3}","funding_rate":"0",)"
        R"("funding_rate_indicative":"0","total_size":"0"}}]}})",
        seconds_of(now), ms_of(now), listing.symbol, last);
}

VenueAnswer EmulatedMarketData::time(const EmulatedCall& call) const
{
    return say_done(fmt::format(R"({{"server_time":{}}})", ms_of(call.now)));
}

// Pairs that stand still are listed, with their status.
VenueAnswer EmulatedMarketData::instruments(const EmulatedCall&) const
{
    return say_done(emulator_->instruments(current_definitions(setup_)).text);
}

VenueAnswer EmulatedMarketData::order_book(const EmulatedCall& call)
{
    VenueAnswer why;
    const Listing* const listing = dialect_.market_of(call, why);
    if (listing == nullptr) return why;
    const auto limit = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(whole_of(call.get("limit"), 10), 1, kStreamDepths.back()));
    const Feed& entry = feed(listing->id, kStreamDepths.back());
    const auto levels = [&](std::span<const Level> side) {
        return json_list(best_levels(side, limit), [&](const Level& level) {
            const std::string price = price_text(*listing, level.price);
            const std::string size = size_text(*listing, level.quantity);
            return dialect_.spot() ? fmt::format(R"(["{}","{}"])", price, size)
                                   : fmt::format(R"({{"p":"{}","s":"{}"}})", price, size);
        });
    };
    const EmulatedBook book = exchange_.book(listing->id);
    return say_done(fmt::format(R"({{{}"current":{},"update":{},"asks":[{}],"bids":[{}]}})",
                                call.get("with_id") == "true" ? fmt::format(R"("id":{},)", entry.update) : "",
                                ms_of(call.now), ms_of(call.now), levels(book.asks), levels(book.bids)));
}

VenueAnswer EmulatedMarketData::funding_rates(const EmulatedCall& call) const
{
    VenueAnswer why;
    if (dialect_.market_of(call, why) == nullptr) return why;
    return say_done(
        fmt::format(R"([{{"t":{},"r":"0"}}])", seconds_of(call.now) / kFundingSpan * kFundingSpan));
}

}  // namespace arb::gate
