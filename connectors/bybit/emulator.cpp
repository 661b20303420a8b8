#include "connectors/bybit/emulator.hpp"

#include <map>

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::bybit {
namespace {

constexpr std::string_view kConnection = "d8bu1olkndm7crnfs1e0-j6akw";

/// The number with the decimals of its step, as linear contracts print it; spot prints the shortest digits.
std::string step_digits(std::int64_t units, unsigned decimals, std::int64_t step, bool fixed)
{
    if (!fixed || units == 0) return format_scaled(units, decimals);
    const unsigned kept = Decimal(step, decimals).decimals();
    if (units % power_of_ten(decimals - kept) != 0) return format_scaled(units, decimals);
    char text[kDecimalTextMax];
    return std::string(text, print_scaled(units / power_of_ten(decimals - kept), kept, text));
}

struct Printer {
    const Instrument& instrument;
    const Listing& listing;
    bool spot;

    std::string price(Price price) const
    {
        return step_digits(price.units, instrument.price_decimals, listing.tick.units, !spot);
    }
    std::string size(Quantity quantity) const
    {
        return step_digits(quantity.units, instrument.quantity_decimals, listing.lot.units, !spot);
    }
    std::string side(std::span<const Level> levels) const
    {
        std::string text;
        for (const Level& level : levels) {
            fmt::format_to(std::back_inserter(text), R"({}["{}","{}"])", text.empty() ? "" : ",",
                           price(level.price), size(level.quantity));
        }
        return text;
    }
};

// Contracts are delivered at 08:00 UTC of the day in their name.
std::string delivery_time(const std::string& expiry)
{
    if (expiry.size() != 6) return "0";
    const auto time = parse_utc(
        fmt::format("20{}-{}-{}T08:00:00Z", expiry.substr(0, 2), expiry.substr(2, 2), expiry.substr(4, 2)));
    return time ? fmt::format("{}", ms_of(*time)) : "0";
}

std::string spot_entry(const ListingDefinition& d, std::string_view status)
{
    return fmt::format(
        R"({{"symbol":"{}","baseCoin":"{}","quoteCoin":"{}","innovation":"0","status":"{}","marginTrading":"none",)"
        R"("lotSizeFilter":{{"basePrecision":"{}","quotePrecision":"0.0000001","minOrderQty":"{}","maxOrderQty":"1000000",)"
        R"("minOrderAmt":"{}","maxOrderAmt":"8000000"}},"priceFilter":{{"tickSize":"{}"}},)"
        R"("riskParameters":{{"priceLimitRatioX":"0.2","priceLimitRatioY":"0.2"}}}})",
        d.symbol, d.base, d.quote, status, d.lot.text(), d.quantity_min.text(), d.notional_min.text(),
        d.tick.text());
}

std::string linear_entry(const ListingDefinition& d, std::string_view status)
{
    return fmt::format(
        R"({{"symbol":"{}","contractType":"{}","status":"{}","baseCoin":"{}","quoteCoin":"{}","launchTime":"1585526400000",)"
        R"("deliveryTime":"{}","deliveryFeeRate":"",)"
        R"("leverageFilter":{{"minLeverage":"1","maxLeverage":"10.00","leverageStep":"0.01"}},"unifiedMarginTrade":true,)"
        R"("priceScale":"{}","priceFilter":{{"minPrice":"{}","maxPrice":"1999999.8","tickSize":"{}"}},)"
        R"("lotSizeFilter":{{"maxOrderQty":"1000000","minOrderQty":"{}","qtyStep":"{}","minNotionalValue":"{}"}},)"
        R"("fundingInterval":480,"settleCoin":"{}"}})",
        d.symbol, d.kind == InstrumentKind::perpetual ? "LinearPerpetual" : "LinearFutures", status, d.base,
        d.quote, delivery_time(d.expiry), d.tick.decimals(), d.tick.text(), d.tick.text(),
        d.quantity_min.text(), d.lot.text(), d.notional_min.text(), d.quote);
}

class BybitEmulator final : public Emulator {
  public:
    explicit BybitEmulator(std::string_view market) : market_(market), spot_(market == "spot") {}

    std::string stream_url() const override { return "wss://stream.bybit.com/v5/public/" + market_; }

    VenueMessage instruments(const std::vector<ListingDefinition>& definitions) override
    {
        std::string entries;
        for (const ListingDefinition& d : definitions) {
            const std::string_view status = d.status == ListingStatus::trading ? "Trading" : "Closed";
            if (!entries.empty()) entries += ',';
            entries += spot_ ? spot_entry(d, status) : linear_entry(d, status);
        }
        return {
            true,
            fmt::format("https://api.bybit.com/v5/market/instruments-info?category={}&limit=1000", market_),
            fmt::format(
                R"({{"retCode":0,"retMsg":"OK","result":{{"category":"{}","list":[{}],"nextPageCursor":""}},)"
                R"("retExtInfo":{{}},"time":1672304484978}})",
                market_, entries)};
    }

    void subscribe(const Instrument& instrument, const Listing& listing, const EmulatedBook& book,
                   Timestamp venue_time, std::vector<VenueMessage>& out) override
    {
        put(out,
            fmt::format(R"({{"success":true,"ret_msg":"{}","conn_id":"{}","req_id":"1","op":"subscribe"}})",
                        spot_ ? "subscribe" : "", kConnection));
        Numbers& numbers = numbers_[listing.symbol];
        numbers.update += 1;
        put_book(instrument, listing, book.bids, book.asks, venue_time, "snapshot", numbers, out);
    }

    void change(const Instrument& instrument, const Listing& listing, std::span<const Level> bids,
                std::span<const Level> asks, const EmulatedBook&, Timestamp venue_time,
                std::vector<VenueMessage>& out) override
    {
        Numbers& numbers = numbers_[listing.symbol];
        numbers.update += 1;
        put_book(instrument, listing, bids, asks, venue_time, "delta", numbers, out);
    }

    void trade(const Instrument& instrument, const Listing& listing, const Trade& trade,
               std::vector<VenueMessage>& out) override
    {
        const Printer print{instrument, listing, spot_};
        Numbers& numbers = numbers_[listing.symbol];
        cross_sequence_ += 5;
        const std::int64_t time = ms_of(trade.venue_time);
        put(out,
            fmt::format(
                R"({{"topic":"publicTrade.{0}","type":"snapshot","ts":{1},"data":[{{"T":{2},"s":"{0}","S":"{3}",)"
                R"("v":"{4}","p":"{5}","L":"PlusTick","i":"{6}","BT":false,"RPI":false,"seq":{7}}}]}})",
                listing.symbol, time + 1, time, trade.aggressor == Side::buy ? "Buy" : "Sell",
                print.size(trade.quantity), print.price(trade.price), ++numbers.trade, cross_sequence_));
    }

  private:
    struct Numbers {
        std::int64_t update = 18'521'287;
        std::int64_t trade = 2'280'000'001'739'247'416;
    };

    static void put(std::vector<VenueMessage>& out, std::string text)
    {
        out.push_back({false, "", std::move(text)});
    }

    void put_book(const Instrument& instrument, const Listing& listing, std::span<const Level> bids,
                  std::span<const Level> asks, Timestamp time, std::string_view type, const Numbers& numbers,
                  std::vector<VenueMessage>& out)
    {
        const Printer print{instrument, listing, spot_};
        cross_sequence_ += 7;  // shared by all topics, so never contiguous within one
        const std::int64_t matched = ms_of(time);
        const std::string order = spot_ ? fmt::format(R"("ts":{},"type":"{}")", matched + 2, type)
                                        : fmt::format(R"("type":"{}","ts":{})", type, matched + 2);
        put(out,
            fmt::format(R"({{"topic":"orderbook.50.{0}",{1},"data":{{"s":"{0}","b":[{2}],"a":[{3}],"u":{4},)"
                        R"("seq":{5}}},"cts":{6}}})",
                        listing.symbol, order, print.side(bids), print.side(asks), numbers.update,
                        cross_sequence_, matched));
    }

    std::string market_;
    bool spot_;
    std::int64_t cross_sequence_ = 7'961'638'724;
    std::map<std::string, Numbers> numbers_;
};

}  // namespace

std::unique_ptr<Emulator> make_emulator(std::string_view market)
{
    return std::make_unique<BybitEmulator>(market);
}

}  // namespace arb::bybit
