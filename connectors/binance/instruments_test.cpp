// exchangeInfo replies, bare symbols and addresses of the three markets.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "connectors/binance/test_support.hpp"
#include "connectors/binance/urls.hpp"

namespace arb::binance {
namespace {

std::string read_golden(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

using test::decimal;

std::vector<ListingDefinition> read(Market market, const std::string& name)
{
    const std::string path = std::string(ARBITER_SOURCE_DIR) + "/connectors/binance/frames/" + name + ".json";
    auto result = read_instruments(market, instruments_url(market), read_golden(path));
    EXPECT_TRUE(result);
    return result ? result.value() : std::vector<ListingDefinition>{};
}

TEST(BinanceInstruments, Spot)
{
    const auto all = read(Market::spot, "spot_exchange_info");
    ASSERT_EQ(all.size(), 3U);  // without those that have no usable tick, and the first of a repeated symbol
    EXPECT_EQ(all[0].instrument_name(), "BTC/USDT");
    EXPECT_EQ(all[0].market, "spot");
    EXPECT_EQ(all[0].tick, decimal("0.01"));
    EXPECT_EQ(all[0].lot, decimal("0.00001"));
    EXPECT_EQ(all[0].quantity_min, decimal("0.00002"));
    EXPECT_EQ(all[0].notional_min, decimal("5"));
    EXPECT_EQ(all[0].status, ListingStatus::trading);
    EXPECT_FALSE(all[0].fee_taker.has_value());
    EXPECT_EQ(all[1].symbol, "ETHBTC");
    EXPECT_EQ(all[1].status, ListingStatus::halted);
    EXPECT_EQ(all[1].notional_min, decimal("0.0001"));
    EXPECT_EQ(all[2].status, ListingStatus::unknown);
}

TEST(BinanceInstruments, UsdmPerpetualsAndFutures)
{
    const auto all = read(Market::usdm, "usdm_exchange_info");
    ASSERT_EQ(all.size(), 3U);  // a pending listing has no contract type yet
    EXPECT_EQ(all[0].instrument_name(), "BTC/USDT:PERP");
    EXPECT_EQ(all[0].notional_min, decimal("100"));
    EXPECT_FALSE(all[0].inverse);
    EXPECT_EQ(all[1].instrument_name(), "BTC/USDT:231229");
    EXPECT_EQ(all[1].status, ListingStatus::halted);
    EXPECT_EQ(all[2].instrument_name(), "XAU/USDT:PERP");
}

TEST(BinanceInstruments, CoinmContractsAreInverse)
{
    const auto all = read(Market::coinm, "coinm_exchange_info");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].instrument_name(), "BTC/USD:PERP");
    EXPECT_TRUE(all[0].inverse);
    EXPECT_EQ(all[0].multiplier, decimal("100"));
    EXPECT_EQ(all[1].instrument_name(), "BTC/USD:231229");
    EXPECT_EQ(all[1].status, ListingStatus::halted);
}

std::vector<ListingDefinition> read_symbol(Market market, const std::string& filters)
{
    const std::string body =
        R"({"symbols":[{"symbol":"AAABBB","status":"TRADING","contractType":"PERPETUAL","baseAsset":"AAA",)"
        R"("quoteAsset":"BBB","baseAssetPrecision":8,"quotePrecision":8,"filters":[)" +
        filters + "]}]}";
    auto result = read_instruments(market, instruments_url(market), body);
    EXPECT_TRUE(result);
    return result ? result.value() : std::vector<ListingDefinition>{};
}

// Orders older than a change of the steps keep their digits.
TEST(BinanceInstruments, UnitsAreFinerThanTodaysSteps)
{
    const struct {
        const char *tick, *price_max, *lot, *quantity_max, *price_unit, *quantity_unit;
    } rows[] = {
        {"0.01", "1000000", "0.00001", "9000", "0.000001", "0.00000001"},
        {"0.00000010", "1000", "0.1", "92141578", "0.00000001", "0.00001"},
        {"0.00000001", "1000", "1", "46116860414", "0", "0.0001"},  // no number is finer than eight decimals
        {"1", "9000000000000", "0.00001", "9000", "0.001", "0.00000001"},  // a dear quote asset
        {"1", "900000000000000000", "1", "922337203685477580", "0", "0"},  // 64 bits hold no more
    };
    for (const Market market : {Market::spot, Market::usdm}) {
        for (const auto& row : rows) {
            const auto all = read_symbol(market, R"({"filterType":"PRICE_FILTER","maxPrice":")" +
                                                     std::string(row.price_max) + R"(","tickSize":")" +
                                                     row.tick + R"("},{"filterType":"LOT_SIZE","minQty":")" +
                                                     row.lot + R"(","maxQty":")" + row.quantity_max +
                                                     R"(","stepSize":")" + row.lot + "\"}");
            ASSERT_EQ(all.size(), 1U) << row.tick;
            EXPECT_EQ(all[0].tick, decimal(row.tick));
            EXPECT_EQ(all[0].price_unit, decimal(row.price_unit)) << all[0].to_line();
            EXPECT_EQ(all[0].quantity_unit, decimal(row.quantity_unit)) << all[0].to_line();
            EXPECT_TRUE(InstrumentTable::build({{{"binance", "spot"}, all}}));
        }
    }
    EXPECT_TRUE(read(Market::coinm, "coinm_exchange_info")[0].quantity_unit.zero());
}

TEST(BinanceInstruments, OtherRepliesAndUnreadableOnes)
{
    const auto other = read_instruments(Market::spot, "https://api.binance.com/api/v3/depth?symbol=X", "{}");
    ASSERT_TRUE(other);
    EXPECT_TRUE(other.value().empty());
    for (const char* body :
         {"", "<html>", "{\"symbols\":7}", "{\"symbols\":[{\"symbol\":7}]}", "{\"symbols\":[1,", "[]"}) {
        const auto result = read_instruments(Market::spot, instruments_url(Market::spot), body);
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().code, ExitCode::data);
    }
}

TEST(BinanceInstruments, GuessesFromSymbols)
{
    const auto name = [](Market market, std::string_view symbol) {
        const auto guess = guess_listing(market, symbol);
        return guess ? guess->instrument_name() : std::string("?");
    };
    EXPECT_EQ(name(Market::spot, "BTCUSDT"), "BTC/USDT");
    EXPECT_EQ(name(Market::spot, "BTCTUSD"), "BTC/TUSD");
    EXPECT_EQ(name(Market::spot, "ETHFDUSD"), "ETH/FDUSD");
    EXPECT_EQ(name(Market::spot, "RUNEEUR"), "RUNE/EUR");
    EXPECT_EQ(name(Market::spot, "LRCBTC"), "LRC/BTC");
    EXPECT_EQ(name(Market::spot, "USDTTRY"), "USDT/TRY");
    EXPECT_EQ(name(Market::spot, "USDT"), "?");
    EXPECT_EQ(name(Market::spot, ""), "?");
    EXPECT_EQ(name(Market::usdm, "BTCUSDT"), "BTC/USDT:PERP");
    EXPECT_EQ(name(Market::usdm, "BTCUSDT_210924"), "BTC/USDT:210924");
    EXPECT_EQ(name(Market::usdm, "BTCUSDT_X"), "?");
    EXPECT_EQ(name(Market::coinm, "BTCUSD_PERP"), "BTC/USD:PERP");
    EXPECT_EQ(name(Market::coinm, "LINKUSD_211231"), "LINK/USD:211231");
    EXPECT_EQ(name(Market::coinm, "BTCUSDT"), "?");
    EXPECT_EQ(guess_listing(Market::coinm, "BTCUSD_PERP")->multiplier, decimal("100"));
    EXPECT_EQ(guess_listing(Market::coinm, "LINKUSD_PERP")->multiplier, decimal("10"));
    EXPECT_TRUE(guess_listing(Market::coinm, "LINKUSD_PERP")->inverse);
}

TEST(BinanceUrls, MarketsOfAddresses)
{
    const auto market = [](std::string_view url) { return market_of_url(url).value_or("none"); };
    EXPECT_EQ(market("wss://stream.binance.com:9443/stream?streams=btcusdt@depth@100ms"), "spot");
    EXPECT_EQ(market("wss://stream.binance.com/ws"), "spot");
    EXPECT_EQ(market("https://api1.binance.com/api/v3/depth?symbol=BTCUSDT"), "spot");
    EXPECT_EQ(market("https://testnet.binance.vision/api/v3/time"), "spot");
    EXPECT_EQ(market("https://data-api.binance.vision/api/v3/exchangeInfo"), "spot");
    EXPECT_EQ(market("wss://fstream.binance.com/stream?streams=btcusdt@depth"), "usdm");
    EXPECT_EQ(market("wss://fstream.binance.com/market/ws"), "usdm");
    EXPECT_EQ(market("https://demo-fapi.binance.com/fapi/v1/depth"), "usdm");
    EXPECT_EQ(market("https://testnet.binancefuture.com/fapi/v1/depth"), "usdm");
    EXPECT_EQ(market("https://testnet.binancefuture.com/dapi/v1/depth"), "coinm");
    EXPECT_EQ(market("wss://dstream.binance.com/ws"), "coinm");
    EXPECT_EQ(market("https://dapi.binance.com/dapi/v1/exchangeInfo"), "coinm");
    EXPECT_EQ(market("wss://ws.okx.com:8443/ws/v5/public"), "none");
    EXPECT_EQ(market("https://example.com/stream.binance.com"), "none");
    EXPECT_EQ(market("https://stream.binance.com.example.com/ws"), "none");
    EXPECT_EQ(market(""), "none");
    for (const std::string_view own : type().markets) {
        EXPECT_EQ(market(type().stream_url(own)), own);
        EXPECT_EQ(market(type().snapshot_url(own, "X")), own);
    }
}

TEST(BinanceUrls, Snapshots)
{
    EXPECT_EQ(type().snapshot_url("spot", "BTCUSDT"),
              "https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=5000");
    EXPECT_EQ(type().snapshot_url("usdm", "BTCUSDT"),
              "https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000");
    EXPECT_EQ(type().snapshot_url("coinm", "BTCUSD_PERP"),
              "https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000");
    EXPECT_EQ(snapshot_url(Market::usdm, "A&B", 20),
              "https://fapi.binance.com/fapi/v1/depth?symbol=A%26B&limit=100");
    EXPECT_EQ(snapshot_url(Market::spot, "A", 3000),
              "https://api.binance.com/api/v3/depth?symbol=A&limit=5000");
}

}  // namespace
}  // namespace arb::binance
