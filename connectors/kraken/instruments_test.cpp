// Kraken's pair lists, addresses and guesses.
#include <gtest/gtest.h>

#include "connectors/kraken/test_support.hpp"

namespace arb::kraken {
namespace {

constexpr const char* kUrl = "https://api.kraken.com/0/public/AssetPairs";

TEST(KrakenInstruments, asset_pairs)
{
    const auto read = read_instruments("spot", kUrl, golden("asset_pairs"));
    ASSERT_TRUE(read);
    ASSERT_EQ(read.value().size(), 3U);  // no dark pool, nothing broken, nothing inexact, nothing twice
    EXPECT_EQ(
        read.value()[0].to_line(),
        "market=spot\tsymbol=BTC/USD\tbase=BTC\tquote=USD\tkind=spot\tinverse=0\texpiry=\ttick=0.5\t"
        "lot=0.00000001\tquantity_min=0.00005\tnotional_min=0.5\tmultiplier=1\tstatus=trading\tinferred=0\t"
        "code=XXBTZUSD\tfee_maker=0.0025\tfee_taker=0.004");
    EXPECT_EQ(
        read.value()[1].to_line(),
        "market=spot\tsymbol=DOGE/EUR\tbase=DOGE\tquote=EUR\tkind=spot\tinverse=0\texpiry=\ttick=0.0000001\t"
        "lot=0.00000001\tquantity_min=50\tnotional_min=0\tmultiplier=1\tstatus=trading\tinferred=0\t"
        "code=XDGEUR\tfee_maker=0.0026\tfee_taker=0.0026");
    EXPECT_EQ(read.value()[2].symbol, "HALT/USD");
    EXPECT_EQ(read.value()[2].status, ListingStatus::halted);
    EXPECT_TRUE(InstrumentTable::build({{{"kraken", "spot"}, read.value()}}));
}

TEST(KrakenInstruments, instrument_channel)
{
    const auto read = read_instruments("spot", "wss://ws.kraken.com/v2", golden("instrument"));
    ASSERT_TRUE(read);
    ASSERT_EQ(read.value().size(), 2U);
    EXPECT_EQ(
        read.value()[0].to_line(),
        "market=spot\tsymbol=BTC/USD\tbase=BTC\tquote=USD\tkind=spot\tinverse=0\texpiry=\ttick=0.1\t"
        "lot=0.00000001\tquantity_min=0.00005\tnotional_min=0.5\tmultiplier=1\tstatus=trading\tinferred=0");
    EXPECT_EQ(read.value()[1].tick, Decimal(5, 3));
    EXPECT_EQ(read.value()[1].status, ListingStatus::halted);
}

TEST(KrakenInstruments, steps_in_exponent_form)
{
    const std::string frame =
        R"({"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[{"symbol":"SOL/EUR","base":"SOL","quote":"EUR","status":"online","qty_precision":8,"qty_increment":2.5e-08,"price_precision":2,"price_increment":1E-2,"qty_min":2e-02,"cost_min":0.45}]}})";
    const auto read = read_instruments("spot", "wss://ws.kraken.com/v2", frame);
    ASSERT_EQ(read.value().size(), 1U);
    EXPECT_EQ(read.value()[0].lot, Decimal(25, 9));
    EXPECT_EQ(read.value()[0].tick, Decimal(1, 2));
    EXPECT_EQ(read.value()[0].quantity_min, Decimal(2, 2));
    for (const char* bad : {"1e-19", "1e", "e-8", "1e+400", "1e-8e-8"}) {
        std::string broken = frame;
        broken.replace(broken.find("2.5e-08"), 7, bad);
        EXPECT_TRUE(read_instruments("spot", "wss://ws.kraken.com/v2", broken).value().empty()) << bad;
    }
}

TEST(KrakenInstruments, other_replies_are_no_list)
{
    for (const char* url : {"https://api.kraken.com/0/public/Time", "wss://ws.kraken.com/v2",
                            "https://example.org/0/public/AssetPairs"}) {
        const auto read = read_instruments("spot", url, "{}");
        ASSERT_TRUE(read) << url;
        EXPECT_TRUE(read.value().empty());
    }
}

TEST(KrakenInstruments, an_unreadable_list_is_an_error)
{
    const std::string whole = golden("asset_pairs");
    for (const std::string& body :
         {std::string(), std::string("{}"), std::string("[1]"), whole.substr(0, 300),
          std::string(R"({"error":["EGeneral:Invalid arguments"]})")}) {
        const auto read = read_instruments("spot", kUrl, body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().code, ExitCode::data);
    }
}

TEST(KrakenInstruments, a_list_cut_anywhere_never_crashes)
{
    const std::string whole = golden("asset_pairs");
    for (std::size_t size = 0; size < whole.size(); size += 3) {
        EXPECT_FALSE(read_instruments("spot", kUrl, whole.substr(0, size))) << size;
    }
}

TEST(KrakenInstruments, the_emulators_list_comes_back)
{
    auto read = read_instruments("spot", kUrl, golden("asset_pairs")).take();
    for (ListingDefinition& definition : read) {
        definition.fee_maker = Decimal(25, 4);
        definition.fee_taker = Decimal(4, 3);
    }
    const VenueMessage message = type().make_emulator("spot")->instruments(read);
    ASSERT_TRUE(message.http);
    EXPECT_EQ(read_instruments("spot", message.url, message.text).value(), read);
}

TEST(KrakenInstruments, the_emulator_invents_the_keys_that_the_venue_has)
{
    constexpr const char* kKeys[][2] = {
        {"BTC/USD", "XXBTZUSD"},  {"BTC/USDT", "XBTUSDT"}, {"ETH/BTC", "XETHXXBT"}, {"DOGE/USD", "XDGUSD"},
        {"USDT/USD", "USDTZUSD"}, {"SOL/USD", "SOLUSD"},   {"ZEUS/EUR", "ZEUSEUR"}};
    for (const auto& [symbol, key] : kKeys) {
        ListingDefinition definition = *guess_listing("spot", symbol);
        definition.tick = definition.lot = Decimal(1, 2);
        const VenueMessage message = type().make_emulator("spot")->instruments({definition});
        const auto read = read_instruments("spot", message.url, message.text);
        ASSERT_EQ(read.value().size(), 1U) << symbol;
        EXPECT_EQ(read.value()[0].code, key);
    }
}

TEST(KrakenInstruments, addresses)
{
    for (const char* url : {"wss://ws.kraken.com", "wss://ws.kraken.com/v2", "wss://ws-auth.kraken.com/v2",
                            "wss://beta-ws.kraken.com/v2", "wss://beta-ws-auth.kraken.com",
                            "wss://ws-l3.kraken.com/v2", kUrl, "wss://ws.kraken.com:443"}) {
        EXPECT_EQ(market_of_url(url), "spot") << url;
    }
    for (const char* url :
         {"wss://futures.kraken.com/ws/v1", "", "wss://ws.kraken.com.evil.org", "kraken.com"}) {
        EXPECT_EQ(market_of_url(url), std::nullopt) << url;
    }
    EXPECT_EQ(type().exchange, "kraken");
    EXPECT_EQ(type().markets, std::vector<std::string_view>{"spot"});
    EXPECT_EQ(market_of_url(type().stream_url("spot")), "spot");
    EXPECT_EQ(type().snapshot_url("spot", "BTC/USD"), "");
}

TEST(KrakenInstruments, guesses)
{
    const auto guess = guess_listing("spot", "XDG/XBT");
    ASSERT_TRUE(guess);
    EXPECT_EQ(guess->symbol, "DOGE/BTC");
    EXPECT_EQ(guess->base, "DOGE");
    EXPECT_EQ(guess->quote, "BTC");
    for (const char* symbol : {"", "/", "BTC/", "/USD", "XBTUSD", "A/B/C"}) {
        EXPECT_FALSE(guess_listing("spot", symbol)) << symbol;
    }
}

}  // namespace
}  // namespace arb::kraken
