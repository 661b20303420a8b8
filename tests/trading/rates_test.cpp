// What one currency is worth in another: by the book that is named, by the operator's word, and by nothing
// else; and a limit of one currency binds a market of another.
#include "engine/trading/rates.hpp"

#include <gtest/gtest.h>

#include "engine/base/result.hpp"
#include "engine/trading/risk_gate.hpp"
#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::kStart;
using test::money;
using test::World;

std::vector<test::Spec> venues()
{
    std::vector<test::Spec> specs;
    for (const char* venue : {"hb", "kc"}) {
        specs.push_back({.venue = venue, .base = "ETH", .quote = "BTC", .tick = "0.00001", .lot = "0.01"});
        specs.push_back({.venue = venue, .base = "BTC", .tick = "0.01", .lot = "0.0001"});
        specs.push_back({.venue = venue, .base = "USDT", .quote = "EUR", .tick = "0.0001", .lot = "1"});
    }
    return specs;
}

// Listings: 0 ETH/BTC, 1 BTC/USDT, 2 USDT/EUR at hb; 3, 4, 5 at kc.
constexpr ListingId kEther{0}, kBitcoin{1}, kEuro{2};

TEST(Rates, a_fresh_book_of_the_two_currencies_tells)
{
    World world(venues());
    const Rates rates(world.markets, {"USDT", {}, seconds(60)});
    EXPECT_EQ(rates.of(kBitcoin, kStart), kRateSame) << "USDT are USDT";
    EXPECT_EQ(rates.of(kEther, kStart), std::nullopt) << "no book, no worth";
    EXPECT_EQ(rates.last_of(kEther, kStart), std::nullopt);
    world.book(1, {{"40000.00", "1"}}, {{"40010.00", "1"}}, kStart);
    EXPECT_EQ(rates.of(kEther, kStart), money("40005"));
    EXPECT_EQ(rates.of(kEther, at_ms(60'000)), money("40005"));
    EXPECT_EQ(rates.of(kEther, at_ms(60'001)), std::nullopt) << "too old to open anything by";
    EXPECT_EQ(rates.last_of(kEther, at_ms(60'001)), money("40005")) << "what is held keeps its last worth";
    // Another venue's book of the same instrument steps in.
    world.book(4, {{"41000.00", "1"}}, {{"41000.02", "1"}}, at_ms(60'001));
    EXPECT_EQ(rates.of(kEther, at_ms(60'002)), money("41000.01"));
}

TEST(Rates, a_book_the_other_way_round_is_turned)
{
    World world(venues());
    const Rates rates(world.markets, {"USDT", {}, seconds(60)});
    world.book(2, {{"0.7999", "1"}}, {{"0.8001", "1"}});
    EXPECT_EQ(rates.of(kEuro, kStart), money("1.25"));
    EXPECT_EQ(rates.between(kEuro, kBitcoin, kStart), money("1.25"));
    EXPECT_EQ(rates.between(kBitcoin, kEuro, kStart), money("0.8"));
    EXPECT_EQ(rates.between(kEuro, kEuro, kStart), kRateSame);
    EXPECT_EQ(rates.in_quote(kEuro, money("1000"), kStart), money("800"));
    EXPECT_EQ(rates.in_quote(kBitcoin, money("1000"), kStart), money("1000"));
    EXPECT_EQ(rates.in_quote(kEther, money("1000"), kStart), std::nullopt);
}

TEST(Rates, the_operators_word_needs_no_book)
{
    World world(venues());
    const Rates rates(world.markets, {"USDT", {{"EUR", "", money("1.1"), "a:1"}}, seconds(60)});
    EXPECT_EQ(rates.of(kEuro, at_ms(1'000'000)), money("1.1"));
    EXPECT_EQ(rates.unknown(), std::vector<std::string>{});
    const Rates none(world.markets, {"USD", {}, seconds(60)});
    EXPECT_EQ(none.unknown(), (std::vector<std::string>{"BTC", "USDT", "EUR"}));
}

TEST(Rates, a_source_that_says_nothing_of_the_two_is_an_error)
{
    World world(venues());
    for (const char* instrument : {"ETH/BTC", "BTC/USD", "USDT/EUR"}) {
        try {
            const Rates rates(world.markets, {"USDT", {{"BTC", instrument, {}, "c.toml:3:1"}}, seconds(60)});
            FAIL() << instrument;
        } catch (const StartError& error) {
            EXPECT_NE(std::string(error.what()).find("c.toml:3:1"), std::string::npos);
            EXPECT_NE(std::string(error.what()).find(instrument), std::string::npos);
        }
    }
}

TEST(Rates, products_of_any_size_are_rounded_towards_zero_or_end_at_the_most)
{
    const Amount unit{1};
    EXPECT_EQ(at_rate(money("3"), money("0.333333333333333333")), money("0.999999999999999999"));
    EXPECT_EQ(at_rate(-money("3"), money("0.333333333333333333")), -money("0.999999999999999999"));
    EXPECT_EQ(at_rate(unit, money("0.5")), Amount{});
    EXPECT_EQ(at_rate(money("123456.123456789012"), money("0.000016")), money("1.975297975308624192"));
    EXPECT_EQ(at_rate(kNotionalMost, money("40000")), kNotionalMost);
    EXPECT_EQ(at_rate(-kNotionalMost, money("40000")), -kNotionalMost);
}

// A limit of 1,000 USDT in a market of BTC: one ETH of 0.069 BTC is 2,760 USDT.
TEST(Rates, a_limit_of_one_currency_binds_a_market_of_another)
{
    World world(venues());
    for (const std::size_t venue : {0U, 1U}) {
        world.start_with(venue, "BTC", "10");
        world.start_with(venue, "ETH", "100");
    }
    for (const std::size_t first : {0U, 3U}) {
        world.book(first, {{"0.06890", "50"}}, {{"0.06900", "50"}});
        world.book(first + 1, {{"40000.00", "5"}}, {{"40010.00", "5"}});
    }
    RiskLimits limits = test::wide_limits();
    limits.rates.currency = "USDT";
    limits.order_notional_max = money("1000");
    limits.gross_max = money("5000");
    RiskGate gate(world.markets, world.portfolio, limits, world.fees);
    RiskReason reason = RiskReason::none;
    const auto judge = [&](const char* quantity, Timestamp now) {
        (void)gate.approve_single(MarketId{0}, world.intent(0, Side::buy, "0.06900", quantity), now, reason);
        return std::string(name(reason));
    };
    EXPECT_EQ(judge("1", kStart), "order_notional");
    EXPECT_EQ(judge("0.3", kStart), "none");
    limits.order_notional_max = money("1000000");
    RiskGate wide(world.markets, world.portfolio, limits, world.fees);
    (void)wide.approve_single(MarketId{0}, world.intent(0, Side::buy, "0.06900", "2"), kStart, reason);
    EXPECT_EQ(reason, RiskReason::gross_limit);
    EXPECT_EQ(judge("0.3", at_ms(61'000)), "no_rate");
}

TEST(Rates, a_result_is_counted_in_the_currency_of_limits)
{
    World world(venues());
    RiskLimits limits = test::wide_limits();
    limits.rates.currency = "USDT";
    limits.loss_day_max = money("1000");
    RiskGate gate(world.markets, world.portfolio, limits, world.fees);
    EXPECT_EQ(gate.rates().counted(kEther, money("-0.01"), kStart), -kNotionalMost) << "nobody knows how much";
    EXPECT_EQ(gate.rates().counted(kEther, money("0.01"), kStart), Amount{});
    world.book(1, {{"40000.00", "5"}}, {{"40010.00", "5"}});
    EXPECT_EQ(gate.rates().counted(kEther, money("-0.01"), kStart), money("-400.05"));
    EXPECT_FALSE(gate.day().on_realised(gate.rates().counted(kEther, money("-0.02"), kStart), kStart));
    // What is open counts before it is closed, and the day stays closed when the price comes back.
    EXPECT_FALSE(gate.day().on_open_result(money("-199.89"), kStart));
    EXPECT_TRUE(gate.day().on_open_result(money("-199.90"), kStart));
    EXPECT_FALSE(gate.day().on_open_result(money("-199.90"), kStart)) << "told once";
    EXPECT_FALSE(gate.day().on_open_result(money("5"), kStart));
    EXPECT_TRUE(gate.day().loss_reached(kStart));
    EXPECT_FALSE(gate.day().loss_reached(kStart + seconds(86'400)));
}

}  // namespace
}  // namespace arb
