// The emulated Bybit: its public trades and tickers, by REST and websocket.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {
namespace {

// "Get Recent Public Trades": the most, and how many come unless told otherwise.
constexpr std::uint64_t kContractTradesBefore = 0x1000;
constexpr std::size_t kSpotTrades60 = 60, kContractTrades = 500;

/// How a price stands to the one before.
std::string_view tick_word(Price now, Price before)
{
    if (now == before) return "ZeroPlusTick";
    return now > before ? "PlusTick" : "MinusTick";
}

}  // namespace

std::string EmulatedBybit::public_trade_id(std::uint64_t id) const
{
    return spot()
               ? fmt::format("{}", id)
               : fmt::format("20f43950-d8dd-5b31-8000-{:012x}", id - kPublicTrades + kContractTradesBefore);
}

Answer EmulatedBybit::recent_trades(const Call& call)
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    const Listing* listing = find_listing(call.get("symbol"));
    if (listing == nullptr) return refuse(10001, "Not supported symbols");
    std::size_t most = count_of(call.get("limit"), spot() ? kSpotTrades60 : kContractTrades,
                                spot() ? kSpotTrades60 : PublicTape::kKept);
    const std::deque<TapeTrade>& tape = tape_.trades(listing->id);
    std::string list;
    for (auto one = tape.rbegin(); one != tape.rend() && most > 0; ++one, --most) {  // newest first
        list +=
            fmt::format(R"({}{{"execId":"{}","symbol":"{}","price":"{}","size":"{}","side":"{}","time":"{}",)"
                        R"("isBlockTrade":false,"isRPITrade":false}})",
                        list.empty() ? "" : ",", public_trade_id(one->id), listing->symbol,
                        price_text(*listing, one->trade.price), quantity_text(*listing, one->trade.quantity),
                        one->trade.aggressor == Side::buy ? "Buy" : "Sell", ms_of(one->trade.venue_time));
    }
    return good(fmt::format(R"({{"category":"{}","list":[{}]}})", setup_.market, list));
}

Answer EmulatedBybit::tickers(const Call& call)
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    const std::string_view symbol = call.get("symbol");
    if (!symbol.empty() && find_listing(symbol) == nullptr) return refuse(10001, "Not supported symbols");
    std::string list;
    for (const Listing& listing : setup_.table->listings()) {
        if (listing.venue != setup_.id || (!symbol.empty() && symbol != listing.symbol)) continue;
        fmt::format_to(std::back_inserter(list), "{}{{{}}}", list.empty() ? "" : ",",
                       ticker_fields(listing, true));
    }
    return good(fmt::format(R"({{"category":"{}","list":[{}]}})", setup_.market, list));
}

// Maintenance that is announced or under way: there is none.
Answer EmulatedBybit::service(const Call&)
{
    return good(R"({"list":[]})");
}

// Everything that is known, as a snapshot: contracts may leave out what did not change, and never must. Spot
// tells its best prices in the list alone.
std::string EmulatedBybit::ticker_message(const Listing& listing, Timestamp now)
{
    cross_sequence_ += 3;
    return fmt::format(R"({{"topic":"tickers.{}","type":"snapshot","data":{{{}}},"cs":{},"ts":{}}})",
                       listing.symbol, ticker_fields(listing, !spot()), cross_sequence_, ms_of(now));
}

// The price an hour ago, of what is remembered.
Price EmulatedBybit::hour_ago(ListingId listing, Price otherwise) const
{
    const std::deque<TapeTrade>& tape = tape_.trades(listing);
    for (auto one = tape.rbegin(); one != tape.rend(); ++one) {
        if (now_ - one->trade.venue_time >= seconds(3600)) return one->trade.price;
    }
    return otherwise;
}

std::string EmulatedBybit::ticker_fields(const Listing& listing, bool best) const
{
    const EmulatedBook book = setup_.exchange->book(listing.id);
    const Level bid = book.bids.empty() ? Level{} : book.bids.front();
    const Level ask = book.asks.empty() ? Level{} : book.asks.front();
    const TapeDay day = tape_.day(listing.id, now_);
    const unsigned decimals = spot() ? 4 : 6;
    const Int128 change = Int128{day.last.units - day.open.units} * power_of_ten(decimals);
    std::string text = fmt::format(
        R"("symbol":"{}","lastPrice":"{}","prevPrice24h":"{}","price24hPcnt":"{}","highPrice24h":"{}",)"
        R"("lowPrice24h":"{}","turnover24h":"{}","volume24h":"{}")",
        listing.symbol, price_text(listing, day.last), price_text(listing, day.open),
        format_scaled(day.open.units == 0 ? 0 : static_cast<std::int64_t>(change / day.open.units), decimals),
        price_text(listing, day.high), price_text(listing, day.low), day.turnover.text(), day.volume.text());
    if (best)
        fmt::format_to(std::back_inserter(text),
                       R"(,"bid1Price":"{}","bid1Size":"{}","ask1Price":"{}","ask1Size":"{}")",
                       price_text(listing, bid.price), quantity_text(listing, bid.quantity),
                       price_text(listing, ask.price), quantity_text(listing, ask.quantity));
    if (spot()) {
        const Instrument& instrument = setup_.table->instrument(listing.instrument);
        const Amount one{power_of_ten(kAmountDecimals)};
        fmt::format_to(std::back_inserter(text), R"(,"usdIndexPrice":"{}")",
                       in_dollars(instrument.base, one).text());
        return text;
    }
    fmt::format_to(std::back_inserter(text),
                   R"(,"markPrice":"{0}","indexPrice":"{0}","openInterest":"0","openInterestValue":"0",)"
                   R"("fundingRate":"0","nextFundingTime":"{1}","fundingIntervalHour":"8",)"
                   R"("prevPrice1h":"{2}","basisRate":"","predictedDeliveryPrice":"","deliveryTime":"0",)"
                   R"("deliveryFeeRate":"","basis":"")",
                   price_text(listing, mark(listing)), ms_of(now_) / 28'800'000 * 28'800'000 + 28'800'000,
                   price_text(listing, hour_ago(listing.id, day.open)));
    return text;
}

void EmulatedBybit::on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    if (index(trade.listing) >= setup_.table->listings().size()) return;
    const Listing& listing = setup_.table->listing(trade.listing);
    const Price before = tape_.day(trade.listing, now).last;
    const std::uint64_t id = tape_.add(trade);
    cross_sequence_ += 5;
    const std::int64_t time = ms_of(trade.venue_time);
    publish(
        fmt::format("publicTrade.{}", listing.symbol),
        fmt::format(
            R"({{"topic":"publicTrade.{0}","type":"snapshot","ts":{1},"data":[{{"T":{2},"s":"{0}","S":"{3}",)"
            R"("v":"{4}","p":"{5}",{6}"i":"{7}","BT":false,"RPI":false,"seq":{8}}}]}})",
            listing.symbol, ms_of(now), time, trade.aggressor == Side::buy ? "Buy" : "Sell",
            quantity_text(listing, trade.quantity), price_text(listing, trade.price),
            spot() ? std::string() : fmt::format(R"("L":"{}",)", tick_word(trade.price, before)),
            public_trade_id(id), cross_sequence_),
        out);
    publish(fmt::format("tickers.{}", listing.symbol), ticker_message(listing, now), out);
}

}  // namespace arb::bybit
