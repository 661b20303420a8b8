#include "connectors/binance/emulator.hpp"

#include <map>

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::binance {
namespace {

// What one symbol's matching engine remembers.
struct Feed {
    std::uint64_t update_id = 1'000'000;  // of the last change
    std::uint64_t last_event = 0;         // `u` of the last depth event
    std::uint64_t trade_id = 7'000;
    Level best_bid, best_ask;  // as last sent by bookTicker
};

class BinanceEmulator final : public Emulator {
  public:
    explicit BinanceEmulator(std::string_view market) : market_(market) {}

    std::string stream_url() const override
    {
        if (market_ == "usdm") return "wss://fstream.binance.com/public/ws";
        return market_ == "coinm" ? "wss://dstream.binance.com/ws" : "wss://stream.binance.com:9443/ws";
    }
    VenueMessage instruments(const std::vector<ListingDefinition>& definitions) override;
    void subscribe(const Instrument&, const Listing&, const EmulatedBook&, Timestamp venue_time,
                   std::vector<VenueMessage>& out) override;
    void change(const Instrument&, const Listing&, std::span<const Level> bids, std::span<const Level> asks,
                const EmulatedBook& book, Timestamp venue_time, std::vector<VenueMessage>& out) override;
    void trade(const Instrument&, const Listing&, const Trade& trade,
               std::vector<VenueMessage>& out) override;

  private:
    bool spot() const { return market_ != "usdm" && market_ != "coinm"; }
    std::string rest() const
    {
        if (market_ == "usdm") return "https://fapi.binance.com/fapi/v1";
        return market_ == "coinm" ? "https://dapi.binance.com/dapi/v1" : "https://api.binance.com/api/v3";
    }
    // Spot prints eight decimals whatever the steps are; the futures print those of the step, and more where
    // an order is older than the step.
    std::string number(std::int64_t units, std::int64_t step, unsigned decimals) const
    {
        while (!spot() && decimals > 0 && units % 10 == 0 && step % 10 == 0) {
            units /= 10;
            step /= 10;
            --decimals;
        }
        char text[kDecimalTextMax];
        std::string result(text, print_scaled(units, decimals, text));
        if (!spot()) return result;
        if (decimals == 0) result += '.';
        for (unsigned i = decimals; i < 8; ++i) result += '0';
        return result;
    }
    std::string price(const Listing& listing, Price price) const
    {
        return number(price.units, listing.tick.units, listing.wire.price_decimals);
    }
    // Contracts where the venue counts contracts.
    std::string quantity(const Listing& listing, Quantity quantity) const
    {
        const std::int64_t factor = listing.wire.quantity_factor;
        return number(quantity.units / factor, listing.lot.units / factor, listing.wire.quantity_decimals);
    }
    std::string levels(const Listing& listing, std::span<const Level> side, std::size_t limit) const;
    std::string entry(const ListingDefinition& definition) const;
    std::string pair(const Listing& listing) const
    {
        return listing.symbol.substr(0, listing.symbol.find('_'));
    }
    void depth_event(const Listing&, Feed&, std::span<const Level> bids, std::span<const Level> asks,
                     Timestamp, std::vector<VenueMessage>& out);
    void best_event(const Listing&, Feed&, const EmulatedBook&, Timestamp, std::vector<VenueMessage>& out);

    std::string market_;
    std::map<std::string, Feed> feeds_;
    std::uint64_t request_id_ = 0;
};

std::string BinanceEmulator::levels(const Listing& listing, std::span<const Level> side,
                                    std::size_t limit) const
{
    std::string text = "[";
    for (const Level& level : side.first(std::min(limit, side.size()))) {
        if (text.size() > 1) text += ',';
        text += fmt::format(R"(["{}","{}"])", price(listing, level.price), quantity(listing, level.quantity));
    }
    return text + "]";
}

std::string BinanceEmulator::entry(const ListingDefinition& d) const
{
    const bool trading = d.status == ListingStatus::trading;
    std::string filters = fmt::format(
        R"([{{"filterType":"PRICE_FILTER","minPrice":"{0}","maxPrice":"1000000","tickSize":"{0}"}},)"
        R"({{"filterType":"LOT_SIZE","minQty":"{1}","maxQty":"9000000","stepSize":"{2}"}},)"
        R"({{"filterType":"MARKET_LOT_SIZE","minQty":"{1}","maxQty":"9000000","stepSize":"{2}"}})",
        d.tick.text(), d.quantity_min.text(), d.lot.text());
    if (!d.notional_min.zero()) {
        filters +=
            spot()
                ? fmt::format(R"(,{{"filterType":"NOTIONAL","minNotional":"{}","applyMinToMarket":true,)"
                              R"("maxNotional":"9000000","applyMaxToMarket":false,"avgPriceMins":5}})",
                              d.notional_min.text())
                : fmt::format(R"(,{{"filterType":"MIN_NOTIONAL","notional":"{}"}})", d.notional_min.text());
    }
    filters += spot() ? R"(,{"filterType":"MAX_NUM_ORDERS","maxNumOrders":200}])"
                      : R"(,{"filterType":"MAX_NUM_ORDERS","limit":200}])";
    const std::string assets = fmt::format(R"("baseAsset":"{}","quoteAsset":"{}")", d.base, d.quote);
    if (spot()) {
        return fmt::format(
            R"({{"symbol":"{}","status":"{}",{},"baseAssetPrecision":8,"quotePrecision":8,)"
            R"("quoteAssetPrecision":8,"baseCommissionPrecision":8,"quoteCommissionPrecision":8,)"
            R"("orderTypes":["LIMIT","LIMIT_MAKER","MARKET"],"icebergAllowed":false,"ocoAllowed":false,)"
            R"("quoteOrderQtyMarketAllowed":true,"allowTrailingStop":false,"cancelReplaceAllowed":true,)"
            R"("amendAllowed":false,"isSpotTradingAllowed":true,"isMarginTradingAllowed":false,)"
            R"("permissions":[],"permissionSets":[["SPOT"]],"defaultSelfTradePreventionMode":"EXPIRE_MAKER",)"
            R"("allowedSelfTradePreventionModes":["EXPIRE_TAKER","EXPIRE_MAKER","EXPIRE_BOTH"],"filters":{}}})",
            d.symbol, trading ? "TRADING" : "BREAK", assets, filters);
    }
    std::string text =
        fmt::format(R"({{"symbol":"{}","pair":"{}","contractType":"{}","deliveryDate":4133404800000,)"
                    R"("onboardDate":1569398400000,)",
                    d.symbol, d.symbol.substr(0, d.symbol.find('_')),
                    d.kind == InstrumentKind::perpetual ? "PERPETUAL" : "CURRENT_QUARTER");
    if (market_ == "coinm") {
        text += fmt::format(R"("contractStatus":"{}","contractSize":{},)",
                            trading ? "TRADING" : "PENDING_TRADING", d.multiplier.text());
    } else {
        text += fmt::format(R"("status":"{}",)", trading ? "TRADING" : "PENDING_TRADING");
    }
    // pricePrecision is often one digit finer than the tick: no step.
    return text +
           fmt::format(
               R"({},"marginAsset":"{}","pricePrecision":{},"quantityPrecision":{},)"
               R"("baseAssetPrecision":8,"quotePrecision":8,"underlyingType":"COIN",)"
               R"("triggerProtect":"0.0500","liquidationFee":"0.012500","marketTakeBound":"0.05",)"
               R"("orderTypes":["LIMIT","MARKET"],"timeInForce":["GTC","IOC","FOK","GTX"],"filters":{}}})",
               assets, d.inverse ? d.base : d.quote, d.tick.decimals() + 1, d.lot.decimals(), filters);
}

VenueMessage BinanceEmulator::instruments(const std::vector<ListingDefinition>& definitions)
{
    std::string text =
        R"({"timezone":"UTC","serverTime":1700000000000,"rateLimits":[],"exchangeFilters":[],"symbols":[)";
    bool first = true;
    for (const ListingDefinition& definition : definitions) {
        if (!first) text += ',';
        first = false;
        text += entry(definition);
    }
    return {true, rest() + "/exchangeInfo", text + "]}"};
}

void BinanceEmulator::depth_event(const Listing& listing, Feed& feed, std::span<const Level> bids,
                                  std::span<const Level> asks, Timestamp time, std::vector<VenueMessage>& out)
{
    // Spot numbers each change of this book. The futures count for many books at once, so ids jump between
    // events.
    const std::uint64_t changes = std::max<std::uint64_t>(1, bids.size() + asks.size());
    const std::uint64_t first = feed.update_id + (spot() ? 1 : 7);
    const std::uint64_t previous = feed.last_event != 0 ? feed.last_event : feed.update_id;
    feed.update_id = first + changes - 1;
    feed.last_event = feed.update_id;
    const auto ms = ms_of(time);
    std::string text = fmt::format(R"({{"e":"depthUpdate","E":{},)", ms);
    if (!spot()) text += fmt::format(R"("T":{},)", ms);
    text += fmt::format(R"("s":"{}",)", listing.symbol);
    if (market_ == "coinm") text += fmt::format(R"("ps":"{}",)", pair(listing));
    text += fmt::format(R"("U":{},"u":{},)", first, feed.update_id);
    if (!spot()) text += fmt::format(R"("pu":{},)", previous);
    text += fmt::format(R"("b":{},"a":{}}})", levels(listing, bids, bids.size()),
                        levels(listing, asks, asks.size()));
    out.push_back({false, {}, std::move(text)});
}

void BinanceEmulator::best_event(const Listing& listing, Feed& feed, const EmulatedBook& book, Timestamp time,
                                 std::vector<VenueMessage>& out)
{
    const Level bid = book.bids.empty() ? Level{} : book.bids.front();
    const Level ask = book.asks.empty() ? Level{} : book.asks.front();
    if (bid == feed.best_bid && ask == feed.best_ask) return;
    feed.best_bid = bid;
    feed.best_ask = ask;
    const std::string sides = fmt::format(R"("b":"{}","B":"{}","a":"{}","A":"{}")", price(listing, bid.price),
                                          quantity(listing, bid.quantity), price(listing, ask.price),
                                          quantity(listing, ask.quantity));
    const auto ms = ms_of(time);
    std::string text;
    if (spot()) {
        text = fmt::format(R"({{"u":{},"s":"{}",{}}})", feed.update_id, listing.symbol, sides);
    } else if (market_ == "usdm") {
        text = fmt::format(R"({{"e":"bookTicker","u":{},"s":"{}",{},"T":{},"E":{}}})", feed.update_id,
                           listing.symbol, sides, ms, ms);
    } else {
        text = fmt::format(R"({{"u":{},"e":"bookTicker","s":"{}","ps":"{}",{},"T":{},"E":{}}})",
                           feed.update_id, listing.symbol, pair(listing), sides, ms, ms);
    }
    out.push_back({false, {}, std::move(text)});
}

void BinanceEmulator::subscribe(const Instrument&, const Listing& listing, const EmulatedBook& book,
                                Timestamp time, std::vector<VenueMessage>& out)
{
    Feed& feed = feeds_[listing.symbol];
    feed.best_bid = feed.best_ask = {};
    out.push_back({false, {}, fmt::format(R"({{"result":null,"id":{}}})", ++request_id_)});
    // One event before the snapshot: the futures' snapshot must fall into an event that the reader has
    // buffered.
    depth_event(listing, feed, book.bids.first(std::min<std::size_t>(1, book.bids.size())),
                book.asks.first(std::min<std::size_t>(1, book.asks.size())), time, out);
    const std::size_t limit = spot() ? 5000 : 1000;
    std::string text = fmt::format(R"({{"lastUpdateId":{},)", feed.update_id);
    if (!spot()) text += fmt::format(R"("E":{0},"T":{0},)", ms_of(time));
    if (market_ == "coinm")
        text += fmt::format(R"("symbol":"{}","pair":"{}",)", listing.symbol, pair(listing));
    text += fmt::format(R"("bids":{},"asks":{}}})", levels(listing, book.bids, limit),
                        levels(listing, book.asks, limit));
    out.push_back(
        {true, fmt::format("{}/depth?symbol={}&limit={}", rest(), listing.symbol, limit), std::move(text)});
    best_event(listing, feed, book, time, out);
}

void BinanceEmulator::change(const Instrument&, const Listing& listing, std::span<const Level> bids,
                             std::span<const Level> asks, const EmulatedBook& book, Timestamp time,
                             std::vector<VenueMessage>& out)
{
    Feed& feed = feeds_[listing.symbol];
    depth_event(listing, feed, bids, asks, time, out);
    best_event(listing, feed, book, time, out);
}

void BinanceEmulator::trade(const Instrument&, const Listing& listing, const Trade& trade,
                            std::vector<VenueMessage>& out)
{
    Feed& feed = feeds_[listing.symbol];
    const std::uint64_t id = ++feed.trade_id;
    const auto ms = ms_of(trade.venue_time);
    const std::string what =
        fmt::format(R"("p":"{}","q":"{}")", price(listing, trade.price), quantity(listing, trade.quantity));
    const char* const maker = trade.aggressor == Side::sell ? "true" : "false";  // m: the buyer was the maker
    std::string text;
    if (spot()) {
        text = fmt::format(R"({{"e":"trade","E":{0},"s":"{1}","t":{2},{3},"T":{0},"m":{4},"M":true}})", ms,
                           listing.symbol, id, what, maker);
    } else {
        text =
            fmt::format(R"({{"e":"aggTrade","E":{0},"a":{2},"s":"{1}",{3},"f":{2},"l":{2},"T":{0},"m":{4}}})",
                        ms, listing.symbol, id, what, maker);
    }
    out.push_back({false, {}, std::move(text)});
}

}  // namespace

std::unique_ptr<Emulator> make_emulator(std::string_view market)
{
    return std::make_unique<BinanceEmulator>(market);
}

}  // namespace arb::binance
