#include "connectors/bybit/emulated_tape.hpp"

#include <fmt/format.h>

#include "connectors/bybit/emulated_parts.hpp"

namespace arb::bybit {
namespace {

// "Get Recent Public Trades": the most, and how many come unless told otherwise.
constexpr std::size_t kSpotTrades60 = 60, kContractTrades = 500;

/// How a price stands to the one before.
std::string_view tick_word(Price now, Price before)
{
    if (now == before) return "ZeroPlusTick";
    return now > before ? "PlusTick" : "MinusTick";
}

}  // namespace

Answer EmulatedTape::recent_trades(const EmulatedCall& call) const
{
    const Answer wrong = dialect_.check_category(call);
    if (wrong.code != 0) return wrong;
    const Listing* listing = dialect_.find_listing(call.get("symbol"));
    if (listing == nullptr) return refuse(10001, "Not supported symbols");
    std::size_t most = count_of(call.get("limit"), dialect_.spot() ? kSpotTrades60 : kContractTrades,
                                dialect_.spot() ? kSpotTrades60 : PublicTape::kKept);
    const std::deque<TapeTrade>& tape = tape_.trades(listing->id);
    std::string list;
    for (auto one = tape.rbegin(); one != tape.rend() && most > 0; ++one, --most) {  // newest first
        list +=
            fmt::format(R"({}{{"execId":"{}","symbol":"{}","price":"{}","size":"{}","side":"{}","time":"{}",)"
                        R"("isBlockTrade":false,"isRPITrade":false}})",
                        list.empty() ? "" : ",", dialect_.public_trade_id(one->id), listing->symbol,
                        dialect_.price_text(*listing, one->trade.price),
                        dialect_.quantity_text(*listing, one->trade.quantity),
                        side_word(one->trade.aggressor), ms_of(one->trade.venue_time));
    }
    return good(fmt::format(R"({{"category":"{}","list":[{}]}})", setup_.market, list));
}

Answer EmulatedTape::tickers(const EmulatedCall& call) const
{
    const Answer wrong = dialect_.check_category(call);
    if (wrong.code != 0) return wrong;
    const std::string_view symbol = call.get("symbol");
    if (!symbol.empty() && dialect_.find_listing(symbol) == nullptr)
        return refuse(10001, "Not supported symbols");
    const std::string list = json_list(table_.listings(), [&](const Listing& listing) {
        const bool told = listing.venue == setup_.id && (symbol.empty() || symbol == listing.symbol);
        return told ? fmt::format("{{{}}}", ticker_fields(listing, true, call.now)) : std::string();
    });
    return good(fmt::format(R"({{"category":"{}","list":[{}]}})", setup_.market, list));
}

// Everything that is known, as a snapshot: contracts may leave out what did not change, and never must. Spot
// tells its best prices in the list alone.
std::string EmulatedTape::ticker_message(const Listing& listing, Timestamp now)
{
    return fmt::format(R"({{"topic":"tickers.{}","type":"snapshot","data":{{{}}},"cs":{},"ts":{}}})",
                       listing.symbol, ticker_fields(listing, !dialect_.spot(), now), parts_.sequence.next(3),
                       ms_of(now));
}

// The price an hour ago, of what is remembered.
Price EmulatedTape::hour_ago(ListingId listing, Price otherwise, Timestamp now) const
{
    const std::deque<TapeTrade>& tape = tape_.trades(listing);
    for (auto one = tape.rbegin(); one != tape.rend(); ++one) {
        if (now - one->trade.venue_time >= seconds(3600)) return one->trade.price;
    }
    return otherwise;
}

std::string EmulatedTape::ticker_fields(const Listing& listing, bool best, Timestamp now) const
{
    const EmulatedBook book = exchange_.book(listing.id);
    const Level bid = best_level(book.bids), ask = best_level(book.asks);
    const TapeDay day = tape_.day(listing.id, now);
    const unsigned decimals = dialect_.spot() ? 4 : 6;
    const Int128 change = Int128{day.last.units - day.open.units} * power_of_ten(decimals);
    std::string text = fmt::format(
        R"("symbol":"{}","lastPrice":"{}","prevPrice24h":"{}","price24hPcnt":"{}","highPrice24h":"{}",)"
        R"("lowPrice24h":"{}","turnover24h":"{}","volume24h":"{}")",
        listing.symbol, dialect_.price_text(listing, day.last), dialect_.price_text(listing, day.open),
        format_scaled(day.open.units == 0 ? 0 : static_cast<std::int64_t>(change / day.open.units), decimals),
        dialect_.price_text(listing, day.high), dialect_.price_text(listing, day.low), day.turnover.text(),
        day.volume.text());
    if (best)
        text += fmt::format(
            R"(,"bid1Price":"{}","bid1Size":"{}","ask1Price":"{}","ask1Size":"{}")",
            dialect_.price_text(listing, bid.price), dialect_.quantity_text(listing, bid.quantity),
            dialect_.price_text(listing, ask.price), dialect_.quantity_text(listing, ask.quantity));
    if (dialect_.spot()) {
        const Instrument& instrument = table_.instrument(listing.instrument);
        const Amount one{power_of_ten(kAmountDecimals)};
        text += fmt::format(R"(,"usdIndexPrice":"{}")", parts_.worth.in_dollars(instrument.base, one).text());
        return text;
    }
    text +=
        fmt::format(R"(,"markPrice":"{0}","indexPrice":"{0}","openInterest":"0","openInterestValue":"0",)"
                    R"("fundingRate":"0","nextFundingTime":"{1}","fundingIntervalHour":"8",)"
                    R"("prevPrice1h":"{2}","basisRate":"","predictedDeliveryPrice":"","deliveryTime":"0",)"
                    R"("deliveryFeeRate":"","basis":"")",
                    dialect_.price_text(listing, parts_.worth.mark(listing)),
                    ms_of(now) / 28'800'000 * 28'800'000 + 28'800'000,
                    dialect_.price_text(listing, hour_ago(listing.id, day.open, now)));
    return text;
}

std::string EmulatedTape::add(const Trade& trade, Timestamp now)
{
    const Listing& listing = table_.listing(trade.listing);
    const Price before = tape_.day(trade.listing, now).last;
    const std::uint64_t id = tape_.add(trade);
    return fmt::format(
        R"({{"topic":"publicTrade.{0}","type":"snapshot","ts":{1},"data":[{{"T":{2},"s":"{0}","S":"{3}",)"
        R"("v":"{4}","p":"{5}",{6}"i":"{7}","BT":false,"RPI":false,"seq":{8}}}]}})",
        listing.symbol, ms_of(now), ms_of(trade.venue_time), side_word(trade.aggressor),
        dialect_.quantity_text(listing, trade.quantity), dialect_.price_text(listing, trade.price),
        dialect_.spot() ? std::string() : fmt::format(R"("L":"{}",)", tick_word(trade.price, before)),
        dialect_.public_trade_id(id), parts_.sequence.next(5));
}

}  // namespace arb::bybit
