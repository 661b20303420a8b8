#include "connectors/bybit/instruments.hpp"

#include <gtest/gtest.h>

#include "connectors/bybit/bybit.hpp"
#include "connectors/bybit/emulator.hpp"
#include "connectors/bybit/test_support.hpp"

namespace arb::bybit::test {
namespace {

constexpr const char* kLinearUrl =
    "https://api.bybit.com/v5/market/instruments-info?category=linear&limit=1000";
constexpr const char* kSpotUrl =
    "https://api.bybit.com/v5/market/instruments-info?&category=spot&status=Trading";

TEST(BybitInstruments, ReadsLinearContracts)
{
    const auto listings = read_instruments("linear", kLinearUrl, frame("instruments_linear")).take();
    ASSERT_EQ(listings.size(), 3U) << "without the entries that cannot be used";
    EXPECT_EQ(
        listings[0].to_line(),
        "market=linear\tsymbol=BTCUSDT\tbase=BTC\tquote=USDT\tkind=perpetual\tinverse=0\texpiry=\ttick=0.1\t"
        "lot=0.001\tquantity_min=0.001\tnotional_min=5\tmultiplier=1\tstatus=trading\tinferred=0");
    EXPECT_EQ(
        listings[1].to_line(),
        "market=linear\tsymbol=BTCPERP\tbase=BTC\tquote=USDC\tkind=perpetual\tinverse=0\texpiry=\ttick=0.1\t"
        "lot=0.001\tquantity_min=0.001\tnotional_min=0\tmultiplier=1\tstatus=halted\tinferred=0");
    EXPECT_EQ(
        listings[2].to_line(),
        "market=linear\tsymbol=BTCUSDT-25SEP26\tbase=BTC\tquote=USDT\tkind=future\tinverse=0\texpiry=260925\t"
        "tick=0.5\tlot=0.001\tquantity_min=0.002\tnotional_min=10.5\tmultiplier=1\tstatus=trading\tinferred="
        "0");
}

TEST(BybitInstruments, ReadsSpotStepsFromTheirOwnFields)
{
    const auto listings = read_instruments("spot", kSpotUrl, frame("instruments_spot")).take();
    ASSERT_EQ(listings.size(), 1U);
    EXPECT_EQ(
        listings[0].to_line(),
        "market=spot\tsymbol=BTCUSDT\tbase=BTC\tquote=USDT\tkind=spot\tinverse=0\texpiry=\ttick=0.1\t"
        "lot=0.000001\tquantity_min=0.000011\tnotional_min=5\tmultiplier=1\tstatus=trading\tinferred=0");
    EXPECT_TRUE(read_instruments("linear", kSpotUrl, frame("instruments_spot")).take().empty())
        << "the other market";
}

TEST(BybitInstruments, TellsWhatCannotBeRead)
{
    EXPECT_TRUE(read_instruments("spot", "https://api.bybit.com/v5/market/orderbook?category=spot", "{")
                    .take()
                    .empty());
    for (const char* body : {"", "<html>", "{}", R"({"retCode":0,"result":{"list":{}}})",
                             R"({"retCode":10006,"retMsg":"Too many visits!","result":{}})"}) {
        const auto result = read_instruments("spot", kSpotUrl, body);
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().code, ExitCode::data);
        EXPECT_NE(result.error().message.find(kSpotUrl), std::string::npos);
    }
}

TEST(BybitInstruments, GuessesFromSymbols)
{
    const auto name_of = [](std::string_view market, std::string_view symbol) {
        const auto guess = guess_listing(market, symbol);
        return guess ? guess->instrument_name() : std::string("none");
    };
    EXPECT_EQ(name_of("spot", "BTCUSDT"), "BTC/USDT");
    EXPECT_EQ(name_of("spot", "ETHBTC"), "ETH/BTC");
    EXPECT_EQ(name_of("spot", "BTCEUR"), "BTC/EUR");
    EXPECT_EQ(name_of("linear", "BTCUSDT"), "BTC/USDT:PERP");
    EXPECT_EQ(name_of("linear", "1000PEPEUSDT"), "1000PEPE/USDT:PERP");
    EXPECT_EQ(name_of("linear", "BTCPERP"), "BTC/USDC:PERP");
    EXPECT_EQ(name_of("linear", "BTCUSDT-25SEP26"), "BTC/USDT:260925");
    EXPECT_EQ(name_of("linear", "BTC-4SEP26"), "BTC/USDC:260904");
    for (const char* symbol :
         {"", "USDT", "XXX", "-25SEP26", "BTCUSDT-25XXX26", "BTCUSDT-", "BTC-25SEP26-50000-C"}) {
        EXPECT_EQ(name_of("linear", symbol), "none") << symbol;
    }
}

TEST(BybitInstruments, KnowsItsAddresses)
{
    EXPECT_EQ(market_of_url("wss://stream.bybit.com/v5/public/linear"), "linear");
    EXPECT_EQ(market_of_url("wss://stream.bybit.com/v5/public/spot"), "spot");
    EXPECT_EQ(market_of_url("wss://stream-testnet.bybit.com/v5/public/spot?x=1"), "spot");
    EXPECT_EQ(market_of_url(kLinearUrl), "linear");
    EXPECT_EQ(market_of_url(kSpotUrl), "spot");
    EXPECT_EQ(market_of_url("https://api.bytick.com/v5/market/orderbook?symbol=X&category=linear"), "linear");
    EXPECT_EQ(market_of_url("https://api.bybit.nl/v5/market/tickers?category=spot"), "spot");
    for (const char* url :
         {"", "stream.bybit.com/v5/public/spot", "wss://stream.bybit.com/v5/public/inverse",
          "wss://stream.bybit.com/v5/public/option", "wss://stream.bybit.com/v5/private",
          "https://api.bybit.com/v5/market/time", "https://api.bybit.com/v5/x?category=inverse",
          "https://notbybit.com/v5/public/spot", "wss://ws.okx.com:8443/ws/v5/public"}) {
        EXPECT_FALSE(market_of_url(url)) << url;
    }
}

TEST(BybitInstruments, OffersTheConnectorType)
{
    const ConnectorType& connector = type();
    EXPECT_EQ(connector.exchange, "bybit");
    ASSERT_EQ(connector.markets.size(), 2U);
    for (const std::string_view market : connector.markets) {
        EXPECT_EQ(connector.market_of_url(connector.stream_url(market)), market);
        EXPECT_EQ(connector.snapshot_url(market, "BTCUSDT"), "") << "snapshots come by websocket";
    }
}

TEST(BybitInstruments, ReadsTheEmulatorsReply)
{
    for (const auto& [market, url, golden] : {std::tuple{"linear", kLinearUrl, "instruments_linear"},
                                              std::tuple{"spot", kSpotUrl, "instruments_spot"}}) {
        const auto definitions = read_instruments(market, url, frame(golden)).take();
        const VenueMessage message = make_emulator(market)->instruments(definitions);
        EXPECT_TRUE(message.http);
        EXPECT_EQ(market_of_url(message.url), market);
        EXPECT_EQ(read_instruments(market, message.url, message.text).take(), definitions);
    }
}

}  // namespace
}  // namespace arb::bybit::test
