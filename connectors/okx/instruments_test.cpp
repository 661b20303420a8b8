#include "connectors/okx/instruments.hpp"

#include <gtest/gtest.h>

#include "connectors/okx/emulator.hpp"
#include "connectors/okx/okx.hpp"
#include "connectors/okx/test_support.hpp"

namespace arb::okx::test {
namespace {

constexpr const char* kInstrumentsUrl = "https://www.okx.com/api/v5/public/instruments?instType=SPOT";

TEST(OkxInstruments, ReadsSpotSwapsAndFuturesAndLeavesTheRestOut)
{
    const auto listings = read_instruments("", kInstrumentsUrl, frame("instruments")).take();
    ASSERT_EQ(listings.size(), 4U)
        << "no margin double, option, several-dollar swap, inexact or unreadable entry";
    EXPECT_EQ(
        listings[0].to_line(),
        "market=spot\tsymbol=BTC-USDT\tbase=BTC\tquote=USDT\tkind=spot\tinverse=0\texpiry=\ttick=0.1\t"
        "lot=0.00000001\tquantity_min=0.00001\tnotional_min=0\tmultiplier=1\tstatus=trading\tinferred=0");
    EXPECT_EQ(listings[1].to_line(),
              "market=swap\tsymbol=BTC-USDT-SWAP\tbase=BTC\tquote=USDT\tkind=perpetual\tinverse=0\texpiry="
              "\ttick=0.1\t"
              "lot=0.01\tquantity_min=0.01\tnotional_min=0\tmultiplier=0.01\tstatus=trading\tinferred=0");
    EXPECT_EQ(listings[2].to_line(),
              "market=swap\tsymbol=ETH-USD-SWAP\tbase=ETH\tquote=USD\tkind=perpetual\tinverse=1\texpiry="
              "\ttick=0.01\t"
              "lot=1\tquantity_min=1\tnotional_min=0\tmultiplier=10\tstatus=halted\tinferred=0");
    EXPECT_EQ(
        listings[3].to_line(),
        "market=futures\tsymbol=BTC-USD-260925\tbase=BTC\tquote=USD\tkind=future\tinverse=1\texpiry=260925\t"
        "tick=0.1\tlot=1\tquantity_min=1\tnotional_min=0\tmultiplier=100\tstatus=unknown\tinferred=0");
    EXPECT_TRUE(InstrumentTable::build({{{"okx", ""}, listings}}));
}

TEST(OkxInstruments, TellsWhatCannotBeRead)
{
    EXPECT_TRUE(read_instruments("", "https://www.okx.com/api/v5/market/books?instId=X", "{").take().empty());
    for (const char* body : {"", "<html>", "{}", R"({"code":"0","data":{}})",
                             R"({"code":"50011","msg":"Too Many Requests","data":[]})"}) {
        const auto result = read_instruments("", kInstrumentsUrl, body);
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().code, ExitCode::data);
        EXPECT_NE(result.error().message.find(kInstrumentsUrl), std::string::npos);
    }
    EXPECT_TRUE(read_instruments("", kInstrumentsUrl, R"({"code":"0","data":[1,"x",{},{"instId":5}]})")
                    .take()
                    .empty());
}

TEST(OkxInstruments, GuessesFromSymbols)
{
    const auto spot = guess_listing("", "BTC-USDT");
    ASSERT_TRUE(spot);
    EXPECT_EQ(spot->instrument_name(), "BTC/USDT");
    EXPECT_EQ(spot->market, "spot");
    EXPECT_TRUE(spot->tick.zero()) << "the data tells it";
    const auto swap = guess_listing("", "UNI-USD-SWAP");
    ASSERT_TRUE(swap);
    EXPECT_EQ(swap->instrument_name(), "UNI/USD:PERP");
    EXPECT_TRUE(swap->inverse);
    EXPECT_EQ(swap->market, "swap");
    const auto future = guess_listing("", "BTC-USDT-260925");
    ASSERT_TRUE(future);
    EXPECT_EQ(future->instrument_name(), "BTC/USDT:260925");
    EXPECT_FALSE(future->inverse);
    for (const char* symbol : {"", "BTC", "BTC-", "-USDT", "BTC--USDT", "BTC-USD-260925-50000-C",
                               "BTC-USD_UM-SWAP", "BTC-USDT-LATER", "BTC-USDT-2609255"}) {
        EXPECT_FALSE(guess_listing("", symbol)) << symbol;
    }
}

TEST(OkxInstruments, KnowsItsAddresses)
{
    for (const char* url : {"wss://ws.okx.com/ws/v5/public", "wss://wspap.okx.com/ws/v5/public",
                            "wss://wseea.okx.com/ws/v5/public", "wss://ws.okx.com:8443/ws/v5/public",
                            "https://openapi.okx.com/api/v5/market/books",
                            "https://www.okx.com/api/v5/public/instruments?instType=SPOT", "https://okx.com",
                            "wss://real.okex.com:8443/ws/v3"}) {
        EXPECT_EQ(market_of_url(url), "") << url;
    }
    for (const char* url : {"", "ws.okx.com", "wss://stream.bybit.com/v5/public/spot", "https://notokx.com/",
                            "https://okx.com.example.org/", "https://example.org/?x=okx.com"}) {
        EXPECT_FALSE(market_of_url(url)) << url;
    }
    EXPECT_EQ(query_value("https://h/p?sz=5&instId=A-B&x=1", "instId"), "A-B");
    EXPECT_EQ(query_value("https://h/p?sz=5", "instId"), "");
    EXPECT_EQ(query_value("https://h/p", "p"), "");
}

TEST(OkxInstruments, OffersTheConnectorType)
{
    const ConnectorType& connector = type();
    EXPECT_EQ(connector.exchange, "okx");
    EXPECT_EQ(connector.markets, std::vector<std::string_view>{""});
    EXPECT_EQ(connector.market_of_url(connector.stream_url("")), "");
    EXPECT_EQ(connector.snapshot_url("", "BTC-USDT"), "") << "snapshots come by websocket";
}

// The port was switched off; recordings of earlier years still name it.
TEST(OkxInstruments, NamesItsHostsWithoutAPort)
{
    const ConnectorType& connector = type();
    EXPECT_EQ(connector.hosts(""), (std::vector<std::string_view>{"www.okx.com", "ws.okx.com"}));
    EXPECT_EQ(connector.stream_url(""), "wss://ws.okx.com/ws/v5/public");
    EXPECT_EQ(connector.make_emulator("")->stream_url(), connector.stream_url(""));
    for (const std::string& url : connector.instrument_urls("")) {
        EXPECT_EQ(url.find("https://www.okx.com/"), 0U) << url;
    }
}

TEST(OkxInstruments, ReadsTheEmulatorsReply)
{
    std::vector<ListingDefinition> definitions =
        read_instruments("", kInstrumentsUrl, frame("instruments")).take();
    definitions[3].status = ListingStatus::halted;  // "unknown" has no word at the venue
    const VenueMessage message = make_emulator("")->instruments(definitions);
    EXPECT_TRUE(message.http);
    EXPECT_EQ(market_of_url(message.url), "");
    EXPECT_EQ(read_instruments("", message.url, message.text).take(), definitions);
}

}  // namespace
}  // namespace arb::okx::test
