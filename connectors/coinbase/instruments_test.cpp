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
    ASSERT_EQ(read.value().size(), 4U);  // no future, nothing inexact, nothing twice
    const ListingDefinition& btc = read.value()[0];
    EXPECT_EQ(
        btc.to_line(),
        "market=spot\tsymbol=BTC-USD\tbase=BTC\tquote=USD\tkind=spot\tinverse=0\texpiry=\ttick=0.05\t"
        "lot=0.00000001\tquantity_min=0.0001\tnotional_min=1\tmultiplier=1\tstatus=trading\tinferred=0");
    EXPECT_EQ(read.value()[1].symbol, "BTC-USDC");
    EXPECT_EQ(read.value()[1].quote, "USDC");
    EXPECT_EQ(read.value()[1].code, "BTC-USD") << "the product whose book it shares";
    EXPECT_EQ(read.value()[2].symbol, "OLD-EUR");
    EXPECT_EQ(read.value()[2].status, ListingStatus::halted);
    EXPECT_EQ(read.value()[2].tick, Decimal(1, 3)) << "quote_increment where price_increment is empty";
    EXPECT_EQ(read.value()[3].status, ListingStatus::halted) << "cancel_only";
    EXPECT_TRUE(InstrumentTable::build({{{"coinbase", "spot"}, read.value()}}));
}

ListingDefinition one_product(const std::string& members)
{
    const auto read = read_instruments(
        "spot", kUrl,
        R"({"products":[{"product_id":"NEW-USD","base_increment":"1","price_increment":"0.0001",)"
        R"("quote_min_size":"1","product_type":"SPOT","base_currency_id":"NEW","quote_currency_id":"USD",)"
        R"("status":"online",)" +
            members + "}]}");
    EXPECT_TRUE(read && read.value().size() == 1U) << members;
    return read && read.value().size() == 1U ? read.value()[0] : ListingDefinition{};
}

TEST(CoinbaseInstruments, flags_that_stop_orders_that_take)
{
    EXPECT_EQ(one_product(R"("limit_only":true)").status, ListingStatus::trading);
    for (const char* flag :
         {"post_only", "auction_mode", "cancel_only", "view_only", "trading_disabled", "is_disabled"})
        EXPECT_EQ(one_product(std::string("\"") + flag + "\":true").status, ListingStatus::halted) << flag;
}

TEST(CoinbaseInstruments, a_minimum_between_two_steps_is_the_next_step)
{
    EXPECT_EQ(one_product(R"("base_min_size":"31.4159265358979323")").quantity_min, Decimal(32, 0));
    EXPECT_EQ(one_product(R"("base_min_size":"31.0000")").quantity_min, Decimal(31, 0));
    EXPECT_EQ(one_product(R"("base_min_size":"0.000001")").quantity_min, Decimal(1, 0));
    EXPECT_TRUE(one_product(R"("base_min_size":"0")").quantity_min.zero());
}

TEST(CoinbaseInstruments, the_list_goes_on_while_it_says_so)
{
    const auto next = [](const char* pages) {
        return type().next_instrument_url(std::string(kUrl) + "?cursor=old",
                                          std::string(R"({"products":[],"pagination":)") + pages + "}");
    };
    EXPECT_EQ(next(R"({"has_next":true,"next_cursor":"TkVXLVVTRA=="})"),
              std::string(kUrl) + "?cursor=TkVXLVVTRA%3D%3D");
    for (const char* last : {R"({"has_next":false,"next_cursor":"x"})",
                             R"({"has_next":true,"next_cursor":""})", "{}", "null", "7"})
        EXPECT_EQ(next(last), "") << last;
    EXPECT_EQ(type().next_instrument_url(kUrl, "{}"), "");
    EXPECT_EQ(type().next_instrument_url(kUrl, "<html>"), "");
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
