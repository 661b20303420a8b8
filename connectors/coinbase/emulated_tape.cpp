// Public trades and what the last day came to: in lists, in products and on the channels.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_core.hpp"
#include "engine/emulate/answer_text.hpp"

namespace arb::coinbase {
namespace {

constexpr std::int64_t kTradesUsual = 100, kTradesMost = 1'000;

/// Seconds since 1970 of a query; `otherwise` where it is absent.
std::optional<std::int64_t> second_of(std::string_view text, std::int64_t otherwise)
{
    if (text.empty()) return otherwise;
    const ScaledNumber number = parse_scaled(text, 0);
    if (number.error != DecimalError::none || number.value < 0) return std::nullopt;
    return number.value;
}

}  // namespace

// The side is the maker's.
std::string EmulatedCoinbase::trade_json(const TapeTrade& one) const
{
    const Trade& trade = one.trade;
    const Listing& listing = setup_.table->listing(trade.listing);
    return fmt::format(
        R"({{"trade_id":"{}","product_id":"{}","price":"{}","size":"{}","side":"{}","time":"{}")", one.id,
        book_name(listing.symbol, listing.code), words_.price_text(trade.listing, trade.price),
        words_.quantity_text(trade.listing, trade.quantity), trade.aggressor == Side::buy ? "SELL" : "BUY",
        micros(trade.venue_time));
}

// "Get Market Trades": newest first, with the best prices.
CoinbaseAnswer EmulatedCoinbase::market_trades(const EmulatedCall& call)
{
    const Listing* const listing = words_.find_book(call.tail);
    if (listing == nullptr) return failure(404, "NOT_FOUND", "valid product_id is required");
    const std::optional<std::int64_t> limit = second_of(call.get("limit"), kTradesUsual);
    const std::optional<std::int64_t> start = second_of(call.get("start"), 0);
    const std::optional<std::int64_t> end = second_of(call.get("end"), INT64_MAX);
    if (!limit || !start || !end) return failure(400, "INVALID_ARGUMENT", "limit, start or end is no number");
    const std::deque<TapeTrade>& tape = tape_.trades(listing->id);
    std::int64_t left = std::min(*limit, kTradesMost);
    std::string list;
    for (auto one = tape.rbegin(); one != tape.rend() && left > 0; ++one) {
        const std::int64_t second = one->trade.venue_time.ns / seconds(1).ns;
        if (second < *start || second > *end) continue;
        list += (list.empty() ? "" : ",") + trade_json(*one) + R"(,"bid":"","ask":"","exchange":""})";
        --left;
    }
    const EmulatedBook book = setup_.exchange->book(listing->id);
    const auto best = [&](std::span<const Level> levels) {
        return levels.empty() ? std::string() : words_.price_text(listing->id, levels.front().price);
    };
    return {200, fmt::format(R"({{"trades":[{}],"best_bid":"{}","best_ask":"{}"}})", list, best(book.bids),
                             best(book.asks))};
}

namespace {

// So many percent, with eight decimals.
std::string percent_text(const TapeDay& day)
{
    if (day.open.units == 0) return "0";
    const Int128 change = Int128{day.last.units - day.open.units} * 100 * power_of_ten(8);
    return format_scaled(static_cast<std::int64_t>(change / day.open.units), 8);
}

}  // namespace

std::string EmulatedCoinbase::day_json(ListingId listing, Timestamp now) const
{
    const TapeDay day = tape_.day(listing, now);
    return fmt::format(
        R"("price_percentage_change_24h":"{}","volume_24h":"{}","volume_percentage_change_24h":"",)"
        R"("approximate_quote_24h_volume":"{}")",
        percent_text(day), day.volume.text(), day.turnover.text());
}

// `best`: with the best quote. Nothing is older than the day.
std::string EmulatedCoinbase::ticker_json(const Listing& listing, bool best, Timestamp now) const
{
    const TapeDay day = tape_.day(listing.id, now);
    const std::string high = words_.price_text(listing.id, day.high),
                      low = words_.price_text(listing.id, day.low);
    std::string text =
        fmt::format(R"({{"type":"ticker","product_id":"{}","price":"{}","volume_24_h":"{}","low_24_h":"{}",)"
                    R"("high_24_h":"{}","low_52_w":"{}","high_52_w":"{}","price_percent_chg_24_h":"{}")",
                    book_name(listing.symbol, listing.code), words_.price_text(listing.id, day.last),
                    day.volume.text(), low, high, low, high, percent_text(day));
    if (!best) return text + "}";
    const EmulatedBook book = setup_.exchange->book(listing.id);
    const auto side = [&](std::string_view name, std::span<const Level> levels) {
        text += fmt::format(R"(,"best_{0}":"{1}","best_{0}_quantity":"{2}")", name,
                            levels.empty() ? "" : words_.price_text(listing.id, levels.front().price),
                            levels.empty() ? "" : words_.quantity_text(listing.id, levels.front().quantity));
    };
    side("bid", book.bids);
    side("ask", book.asks);
    return text + "}";
}

void EmulatedCoinbase::on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out)
{
    (void)tape_.add(trade);
    const Listing& listing = setup_.table->listing(trade.listing);
    const std::string book(book_name(listing.symbol, listing.code));
    const std::string trades =
        R"({"type":"update","trades":[)" + trade_json(tape_.trades(trade.listing).back()) + "}]}";
    const std::string ticker = R"({"type":"update","tickers":[)" + ticker_json(listing, true, now) + "]}";
    for (auto& [session_id, session] : sessions_) {
        for (const auto& [channel, products] : session.channels) {
            if (products.count(book) == 0) continue;
            if (channel == "market_trades") frame(session_id, session, channel, trades, now, out);
            if (channel == "ticker") frame(session_id, session, channel, ticker, now, out);
        }
    }
}

}  // namespace arb::coinbase
