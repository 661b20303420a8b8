// Market orders of emulated venues, handed to a matching that knows limits, and the tape of public trades
// that tickers are told from.
#include "engine/emulate/market_order.hpp"

#include <gtest/gtest.h>

#include "engine/emulate/public_tape.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb {
namespace {

constexpr Timestamp kDay{1'700'006'400'000'000'000};
constexpr AccountId kSpender{1};
constexpr ListingId kPair{0};
constexpr Rate kFivePercent{500 * kRatePerBasisPoint};

Amount money_of(std::string_view text)
{
    return *amount_of(*Decimal::parse(text));
}

/// Prices in cents, quantities in thousandths, lots of 2 thousandths.
struct Pit {
    Pit() : table(make_table()), exchange(table, VenueId{0}, {})
    {
        exchange.deposit(kSpender, "USDT", money_of("1000"));
        exchange.deposit(kSpender, "LINK", money_of("100"));
    }
    static InstrumentTable make_table()
    {
        ListingDefinition spot;
        spot.market = "spot";
        spot.symbol = "LINKUSDT";
        spot.base = "LINK";
        spot.quote = "USDT";
        spot.tick = *Decimal::parse("0.02");
        spot.lot = *Decimal::parse("0.002");
        return InstrumentTable::build({{{"v", "spot"}, {spot}}}).take();
    }
    MarketOrderError make(Side side, std::int64_t quantity, std::optional<Amount> money = {})
    {
        order = {};
        order.account = kSpender;
        order.listing = kPair;
        order.side = side;
        order.quantity = {quantity};
        return make_market_order(exchange, table, kFivePercent, money, order);
    }
    InstrumentTable table;
    EmulatedExchange exchange;
    PlaceOrder order;
};

TEST(MarketOrder, reaches_as_far_as_its_quantity_and_no_farther)
{
    Pit pit;
    EXPECT_EQ(pit.make(Side::buy, 10), MarketOrderError::no_liquidity);
    const std::vector<Level> bids{{{998}, {10}}, {{990}, {20}}, {{900}, {100}}};
    const std::vector<Level> asks{{{1000}, {10}}, {{1010}, {20}}, {{1100}, {100}}};
    pit.exchange.set_street(kPair, bids, asks, kDay);
    struct Row {
        Side side;
        std::int64_t quantity, price;
        const char* what;
    };
    const Row rows[] = {
        {Side::buy, 10, 1000, "the best level has it all"},
        {Side::buy, 12, 1010, "the second one is reached"},
        {Side::buy, 30, 1010, "to the last lot"},
        {Side::buy, 32, 1050, "the third lies beyond the protection: the rest may go to its edge"},
        {Side::sell, 4, 998, "the best bid"},
        {Side::sell, 30, 990, "both"},
        {Side::sell, 40, 950, "998 less 5 percent is 948.1: the edge is the tick inside it"},
    };
    for (const Row& row : rows) {
        ASSERT_EQ(pit.make(row.side, row.quantity), MarketOrderError::none) << row.what;
        EXPECT_EQ(pit.order.price.units, row.price) << row.what;
        EXPECT_EQ(pit.order.quantity.units, row.quantity) << row.what;
        EXPECT_EQ(pit.order.time_in_force, TimeInForce::ioc);
    }
}

TEST(MarketOrder, money_buys_lots_level_by_level)
{
    Pit pit;
    const std::vector<Level> bids{{{998}, {10}}};
    const std::vector<Level> asks{{{1000}, {10}}, {{1010}, {20}}};
    pit.exchange.set_street(kPair, bids, asks, kDay);
    // Ten thousandths at 10.00 cost 0.10; a lot of two at 10.10 costs 0.0202.
    ASSERT_EQ(pit.make(Side::buy, 0, money_of("0.15")), MarketOrderError::none);
    EXPECT_EQ(pit.order.quantity.units, 14);
    EXPECT_EQ(pit.order.price.units, 1010);
    const PlaceResult placed = pit.exchange.place(pit.order, kDay);
    ASSERT_EQ(placed.error, PlaceError::none);
    const EmulatedOrder* done = pit.exchange.find(kSpender, placed.id);
    EXPECT_EQ(done->state, EmulatedState::filled);
    EXPECT_EQ(done->filled_notional, money_of("0.1404"));
    ASSERT_EQ(pit.make(Side::buy, 0, money_of("0.03")), MarketOrderError::none);
    EXPECT_EQ(pit.order.quantity.units, 2);
    EXPECT_EQ(pit.order.price.units, 1010) << "what was taken is gone";
    EXPECT_EQ(pit.make(Side::buy, 0, money_of("0.02")), MarketOrderError::too_small);
}

TEST(MarketOrder, money_that_the_book_has_no_lots_for_is_asked_for_all_the_same)
{
    Pit pit;
    const std::vector<Level> bids{{{998}, {10}}};
    const std::vector<Level> asks{{{1000}, {10}}, {{1100}, {20}}};
    pit.exchange.set_street(kPair, bids, asks, kDay);
    // 0.10 buys what there is; at 10.50, the edge, all of 0.525 pays for 50.
    ASSERT_EQ(pit.make(Side::buy, 0, money_of("0.525")), MarketOrderError::none);
    EXPECT_EQ(pit.order.quantity.units, 50);
    EXPECT_EQ(pit.order.price.units, 1050);
    // 0.0998 comes in for what is wanted there, and 0.095 more at 9.50.
    ASSERT_EQ(pit.make(Side::sell, 0, money_of("0.1948")), MarketOrderError::none);
    EXPECT_EQ(pit.order.quantity.units, 20);
    EXPECT_EQ(pit.order.price.units, 950);
    // The last lot that is there, and money that buys no other: nothing is left to ask for.
    ASSERT_EQ(pit.make(Side::buy, 0, money_of("0.101")), MarketOrderError::none);
    EXPECT_EQ(pit.order.quantity.units, 10);
    EXPECT_EQ(pit.order.price.units, 1000);
    // More money than there is: refused like any order that is not paid for.
    ASSERT_EQ(pit.make(Side::buy, 0, money_of("90000000")), MarketOrderError::none);
    EXPECT_NE(pit.exchange.place(pit.order, kDay).error, PlaceError::none);
}

TEST(PublicTape, keeps_numbers_and_the_last_day)
{
    Pit pit;
    PublicTape tape(pit.table, 77);
    EXPECT_EQ(tape.day(kPair, kDay).last.units, 0) << "nothing is known yet";
    tape.set_reference(kPair, {1000});
    tape.set_reference(kPair, {900});
    const TapeDay before = tape.day(kPair, kDay);
    EXPECT_EQ(before.open.units, 1000);
    EXPECT_EQ(before.last.units, 1000);
    EXPECT_EQ(before.trades, 0U);
    const auto trade = [&](std::int64_t price, std::int64_t quantity, Timestamp at) {
        Trade t;
        t.listing = kPair;
        t.price = {price};
        t.quantity = {quantity};
        t.venue_time = at;
        return tape.add(t);
    };
    EXPECT_EQ(trade(1010, 1000, kDay), 77U);
    EXPECT_EQ(trade(990, 2000, kDay + seconds(59)), 78U);
    EXPECT_EQ(trade(1030, 4, kDay + seconds(3'600)), 79U);
    const TapeDay day = tape.day(kPair, kDay + seconds(3'600));
    EXPECT_EQ(day.open.units, 1010);
    EXPECT_EQ(day.high.units, 1030);
    EXPECT_EQ(day.low.units, 990);
    EXPECT_EQ(day.last.units, 1030);
    EXPECT_EQ(day.last_quantity.units, 4);
    EXPECT_EQ(day.trades, 3U);
    EXPECT_EQ(day.first_id, 77U);
    EXPECT_EQ(day.last_id, 79U);
    EXPECT_EQ(day.volume, money_of("3.004"));
    EXPECT_EQ(day.turnover, money_of("29.9412"));
    // A day later the first minute has fallen out; another day later all have, and the last price stands.
    const TapeDay later = tape.day(kPair, kDay + seconds(86'400 + 60));
    EXPECT_EQ(later.trades, 1U);
    EXPECT_EQ(later.low.units, 1030);
    const TapeDay quiet = tape.day(kPair, kDay + seconds(3 * 86'400));
    EXPECT_EQ(quiet.trades, 0U);
    EXPECT_EQ(quiet.open.units, 1030);
    EXPECT_EQ(quiet.last.units, 1030);
    EXPECT_EQ(trade(1040, 2, kDay + seconds(3 * 86'400)), 80U);
    for (std::size_t i = 0; i < PublicTape::kKept; ++i) trade(1050, 2, kDay + seconds(3 * 86'400));
    EXPECT_EQ(tape.trades(kPair).size(), PublicTape::kKept);
    EXPECT_EQ(tape.trades(kPair).front().id, 81U);
    EXPECT_EQ(tape.day(kPair, kDay + seconds(3 * 86'400)).trades, PublicTape::kKept + 1);
}

TEST(PublicTape, begins_with_a_trade_of_the_days_before)
{
    Pit pit;
    PublicTape tape(pit.table, 77);
    tape.set_reference(kPair, {1000}, kDay);
    ASSERT_EQ(tape.trades(kPair).size(), 1U);
    EXPECT_EQ(tape.trades(kPair).front().id, 76U);
    EXPECT_EQ(tape.trades(kPair).front().trade.price, (Price{1000}));
    const TapeDay day = tape.day(kPair, kDay);
    EXPECT_EQ(day.trades, 0U);
    EXPECT_TRUE(day.volume.zero());
    EXPECT_EQ(day.last, (Price{1000}));
    tape.set_reference(kPair, {1010}, kDay);
    EXPECT_EQ(tape.trades(kPair).size(), 1U);
    PublicTape first(pit.table, 1);
    first.set_reference(kPair, {1000}, kDay);
    EXPECT_TRUE(first.trades(kPair).empty()) << "no number is before the first";
}

}  // namespace
}  // namespace arb
