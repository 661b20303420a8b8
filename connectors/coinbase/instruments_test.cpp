// Coinbase's product list, addresses and guesses.
#include <gtest/gtest.h>

#include "connectors/coinbase/emulator.hpp"
#include "connectors/coinbase/test_support.hpp"

namespace arb::coinbase {
namespace {

constexpr const char* kUrl = "https://api.coinbase.com/api/v3/brokerage/market/products";

TEST(CoinbaseInstruments, product_list)
{
    const auto read = read_instruments("spot", kUrl, golden("products"));
    ASSERT_TRUE(read);
    ASSERT_EQ(read.value().size(), 3U);  // no alias, no future, nothing inexact, nothing twice
    const ListingDefinition& btc = read.value()[0];
    EXPECT_EQ(
        btc.to_line(),
        "market=spot\tsymbol=BTC-USD\tbase=BTC\tquote=USD\tkind=spot\tinverse=0\texpiry=\ttick=0.05\t"
        "lot=0.00000001\tquantity_min=0.0001\tnotional_min=1\tmultiplier=1\tstatus=trading\tinferred=0");
    EXPECT_EQ(read.value()[1].symbol, "OLD-EUR");
    EXPECT_EQ(read.value()[1].status, ListingStatus::halted);
    EXPECT_EQ(read.value()[1].tick, Decimal(1, 3)) << "quote_increment where price_increment is empty";
    EXPECT_EQ(read.value()[2].status, ListingStatus::halted) << "cancel_only";
    EXPECT_TRUE(InstrumentTable::build({{{"coinbase", "spot"}, read.value()}}));
}

TEST(CoinbaseInstruments, other_replies_are_no_list)
{
    for (const char* url :
         {"https://api.coinbase.com/api/v3/brokerage/market/products/BTC-USD/candles",
          "https://api.coinbase.com/api/v3/brokerage/accounts", "https://example.org/products"}) {
        const auto read = read_instruments("spot", url, "{}");
        ASSERT_TRUE(read) << url;
        EXPECT_TRUE(read.value().empty());
    }
}

TEST(CoinbaseInstruments, an_unreadable_list_is_an_error)
{
    for (const char* body : {"", "{}", "[1]", "{\"products\":[{\"product_id\"", "{\"products\":7}"}) {
        const auto read = read_instruments("spot", std::string(kUrl) + "?limit=5", body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().code, ExitCode::data);
    }
}

TEST(CoinbaseInstruments, the_emulators_list_comes_back)
{
    const auto read = read_instruments("spot", kUrl, golden("products"));
    const VenueMessage message = type().make_emulator("spot")->instruments(read.value());
    ASSERT_TRUE(message.http);
    EXPECT_EQ(read_instruments("spot", message.url, message.text).value(), read.value());
}

TEST(CoinbaseInstruments, addresses)
{
    for (const char* url :
         {"wss://advanced-trade-ws.coinbase.com", "wss://advanced-trade-ws.coinbase.com:443/",
          "wss://advanced-trade-ws-user.coinbase.com", kUrl,
          "https://api-sandbox.coinbase.com/api/v3/brokerage/accounts"}) {
        EXPECT_EQ(market_of_url(url), "spot") << url;
    }
    for (const char* url : {"wss://ws-feed.exchange.coinbase.com", "https://api.coinbase.com/v2/prices", "",
                            "wss://advanced-trade-ws.coinbase.com.evil.org", "wss://ws.kraken.com"}) {
        EXPECT_EQ(market_of_url(url), std::nullopt) << url;
    }
    EXPECT_EQ(type().exchange, "coinbase");
    EXPECT_EQ(type().markets, std::vector<std::string_view>{"spot"});
    EXPECT_EQ(market_of_url(type().stream_url("spot")), "spot");
    EXPECT_EQ(type().snapshot_url("spot", "BTC-USD"), "");
}

TEST(CoinbaseInstruments, guesses)
{
    const auto guess = guess_listing("spot", "DOGE-USDT");
    ASSERT_TRUE(guess);
    EXPECT_EQ(guess->base, "DOGE");
    EXPECT_EQ(guess->quote, "USDT");
    EXPECT_EQ(guess->symbol, "DOGE-USDT");
    for (const char* symbol : {"", "-", "BTC-", "-USD", "BTCUSD", "BIT-24APR26-CDE"}) {
        EXPECT_FALSE(guess_listing("spot", symbol)) << symbol;
    }
}

}  // namespace
}  // namespace arb::coinbase
