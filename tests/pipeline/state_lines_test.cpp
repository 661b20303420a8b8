// Lines of state: what is written is read back as it was, and a line that is not one is refused.
#include "engine/pipeline/state_lines.hpp"

#include <gtest/gtest.h>

#include "engine/pipeline/venue_clock.hpp"
#include "engine/trading/risk_gate.hpp"
#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::kStart;
using test::money;
using test::World;

struct Fixture {
    World world{{{.venue = "hb"}, {.venue = "kc", .lot = "0.01"}}};
    StateLines lines{world.table, world.markets};
};

TEST(StateLines, a_package_comes_back_with_its_orders)
{
    Fixture f;
    for (const std::size_t venue : {0U, 1U}) {
        f.world.start_with(venue, "USDT", "100000");
        f.world.start_with(venue, "LINK", "1000");
    }
    f.world.book(0, {{"27.08", "100"}}, {{"27.10", "100"}});
    f.world.book(1, {{"27.20", "100"}}, {{"27.30", "100"}});
    RiskGate gate(f.world.markets, f.world.portfolio, test::wide_limits(), f.world.fees);
    gate.set_epoch(1'790'000'000);
    Package package = test::package_of(f.world, 0, "27.10", 1, "27.20", "10");
    package.id = PackageId{42};
    package.edge = {12345};
    package.decided = kStart;
    package.strategy = 3;
    RiskReason reason = RiskReason::none;
    const auto orders = gate.approve(package, kStart, reason);
    ASSERT_TRUE(orders.has_value());
    const LineWriter line = f.lines.package(package, *orders);
    EXPECT_FALSE(line.overflow());
    LineReader reader(line.view(), f.world.table);
    EXPECT_EQ(reader.word(), "package");
    const auto restored = reader.package(f.world.markets);
    ASSERT_TRUE(restored.has_value());
    EXPECT_FALSE(reader.failed());
    EXPECT_EQ(restored->package.id, package.id);
    EXPECT_EQ(restored->package.quantity, package.quantity);
    EXPECT_EQ(restored->package.edge, package.edge);
    EXPECT_EQ(restored->package.decided, package.decided);
    EXPECT_EQ(restored->package.strategy, 3);
    EXPECT_EQ(restored->orders[0], (*orders)[0].id());
    EXPECT_EQ(restored->orders[1], (*orders)[1].id());
    EXPECT_EQ(restored->package.legs[0].intent.price, package.legs[0].intent.price);
    EXPECT_EQ(restored->package.legs[1].intent.quantity, package.legs[1].intent.quantity);
    EXPECT_EQ(restored->package.legs[1].intent.side, Side::sell);
    EXPECT_EQ(restored->package.legs[1].best, package.legs[1].best);
    EXPECT_EQ(restored->package.legs[0].expected, package.legs[0].expected);
    // Every shorter line lacks something.
    for (std::size_t cut = 0; cut < line.view().size(); ++cut) {
        if (line.view()[cut] != '\t') continue;
        LineReader shorter(line.view().substr(0, cut), f.world.table);
        EXPECT_FALSE(shorter.package(f.world.markets).has_value()) << cut;
    }
}

TEST(StateLines, a_fill_comes_back_to_the_last_unit)
{
    Fixture f;
    Fill fill;
    fill.order = make_order_id(1'790'000'000, 7);
    fill.trade_id = 0xfedcba9876543210ULL;
    fill.price = f.world.price(0, "27.11");
    fill.quantity = f.world.quantity(0, "3.7");
    fill.notional = money("100.307");
    fill.fee = money("-0.000000000000000001");
    fill.fee_asset = FeeAsset::other;
    fill.fee_paid = money("12345678901.123456");
    fill.fee_name = {'B', 'N', 'B'};
    fill.maker = true;
    const LineWriter line = f.lines.fill(ListingId{0}, Side::sell, fill, kStart);
    LineReader reader(line.view(), f.world.table);
    EXPECT_EQ(reader.word(), "fill");
    EXPECT_EQ(static_cast<OrderId>(reader.number()), fill.order);
    const ListingId listing = reader.listing();
    EXPECT_EQ(listing, ListingId{0});
    EXPECT_EQ(reader.side(), Side::sell);
    const Fill read = reader.fill(listing);
    EXPECT_FALSE(reader.failed());
    EXPECT_EQ(read.trade_id, fill.trade_id);
    EXPECT_EQ(read.price, fill.price);
    EXPECT_EQ(read.quantity, fill.quantity);
    EXPECT_EQ(read.notional, fill.notional);
    EXPECT_EQ(read.fee, fill.fee);
    EXPECT_EQ(read.fee_asset, fill.fee_asset);
    EXPECT_EQ(read.fee_paid, fill.fee_paid);
    EXPECT_STREQ(read.fee_name.data(), "BNB");
    EXPECT_TRUE(read.maker);
    EXPECT_FALSE(reader.over());
    EXPECT_EQ(reader.signed_number(), kStart.ns);
    EXPECT_TRUE(reader.over());
}

TEST(StateLines, a_venue_or_symbol_that_is_gone_is_a_failure)
{
    Fixture f;
    for (const char* text : {"late\tnowhere\tLINKUSDT", "late\thb\tNOPE", "late\thb", "late"}) {
        LineReader reader(text, f.world.table);
        EXPECT_EQ(reader.listing(), kNoListing);
        EXPECT_TRUE(reader.failed()) << text;
    }
}

TEST(StateLines, hostile_names_cannot_break_a_line)
{
    LineWriter line("flag");
    line.field("a\tb\nc").field(std::string(1900, 'x'));
    EXPECT_EQ(line.view().substr(0, 11), "flag\ta b c\t");
    EXPECT_FALSE(line.overflow());
    line.field(std::string(900, 'y'));
    EXPECT_TRUE(line.overflow());
}

TEST(VenueClock, the_shortest_round_trip_tells)
{
    VenueClock clock;
    EXPECT_FALSE(clock.known());
    clock.add(kStart + milliseconds(130), kStart, kStart + milliseconds(200));  // 30 ms ahead, long way
    EXPECT_EQ(clock.offset(), milliseconds(30));
    clock.add(kStart + milliseconds(1051), kStart + seconds(1),
              kStart + milliseconds(1002));  // 50 ms ahead, short way
    EXPECT_EQ(clock.offset(), milliseconds(50));
    clock.add(kStart + milliseconds(2130), kStart + seconds(2), kStart + milliseconds(2100));
    EXPECT_EQ(clock.offset(), milliseconds(50));
    clock.add(kStart, kStart + seconds(2), kStart + seconds(1));  // heard before it was asked: no sample
    EXPECT_EQ(clock.round_trip(), milliseconds(2));
    for (std::size_t i = 0; i < VenueClock::kKept; ++i)
        clock.add(kStart + milliseconds(7), kStart, kStart + milliseconds(10));
    EXPECT_EQ(clock.offset(), milliseconds(2)) << "old samples are forgotten: clocks drift";
}

TEST(VenueClock, a_clock_that_was_set_is_believed_when_two_answers_say_so)
{
    VenueClock clock;
    const auto sample = [&](std::int64_t ahead, std::int64_t round_trip) {
        clock.add(kStart + milliseconds(ahead + round_trip / 2), kStart, kStart + milliseconds(round_trip));
    };
    for (int i = 0; i < 8; ++i) sample(3, 2);
    sample(5'003, 40);
    EXPECT_EQ(clock.offset(), milliseconds(3)) << "one answer may be wrong";
    EXPECT_TRUE(clock.doubted());
    sample(-9'000, 2);
    EXPECT_EQ(clock.offset(), milliseconds(3)) << "and so may two that disagree";
    sample(5'003, 40);
    sample(5'013, 50);
    EXPECT_FALSE(clock.doubted());
    EXPECT_EQ(clock.offset(), milliseconds(5'003));
    EXPECT_EQ(clock.round_trip(), milliseconds(40)) << "the old ones say nothing any more";
    // A long way explains a good deal.
    sample(5'003 + 400, 800);
    EXPECT_EQ(clock.offset(), milliseconds(5'003));
    sample(-2'000, 10);
    sample(4, 2);
    sample(5'003, 40);
    EXPECT_FALSE(clock.doubted());
    EXPECT_EQ(clock.offset(), milliseconds(5'003));
}

}  // namespace
}  // namespace arb
