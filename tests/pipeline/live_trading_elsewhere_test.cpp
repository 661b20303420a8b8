// A leftover that its own market does not take is closed for another currency: at what that is worth, under
// the same price limits, and with a line that a restart counts it by.
#include "tests/pipeline/made_packages.hpp"
#include "tests/pipeline/resting_life.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

constexpr const char* kDollar = "1.0002";  // one USDC

/// LINK/USDT and LINK/USDC at both venues: listings 0 and 1 at hb, 2 and 3 at kc.
LiveWorld two_currencies()
{
    std::vector<test::Spec> specs;
    for (const char* venue : {"hb", "kc"}) {
        specs.push_back({.venue = venue});
        specs.push_back({.venue = venue, .quote = "USDC"});
    }
    LiveWorld world(specs);
    world.config.risk.rates.currency = "USDT";
    world.config.risk.rates.sources.push_back({"USDC", "", money(kDollar), "test"});
    return world;
}

/// No venue sells LINK for USDT any more, once it was bought.
void refuse_to_sell_for_usdt(LiveWorld& world)
{
    for (auto& exchange : world.exchanges) {
        exchange->fate = [](const ApprovedOrder& order) {
            const OrderIntent& intent = order.intent();
            const bool usdt = index(intent.listing) % 2 == 0;
            return Fate{.refused = usdt && intent.side == Side::sell};
        };
    }
}

TEST(LiveTradingElsewhere, what_one_currency_does_not_take_another_one_does)
{
    LiveWorld world = two_currencies();
    world.start_trading();
    refuse_to_sell_for_usdt(world);
    ASSERT_TRUE(world.propose(0, 2, "100"));
    world.run(seconds(10));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    const test::FakeExchange::Trade& last = world.exchange(1).trades.back();
    EXPECT_EQ(last.intent.listing, ListingId{3}) << "the better of the two";
    EXPECT_EQ(last.quantity, Quantity{1000});
    ASSERT_EQ(world.ends.size(), 1U);
    const PackageEnd& end = world.ends.back();
    EXPECT_EQ(end.residual, 0);
    EXPECT_EQ(end.waterfall.sum(), end.waterfall.realised);
    // 100 bought at 27.10, and sold at 27.20 of a currency that is worth a little more; ten basis points
    // each.
    const Amount sold = at_rate(money("2720"), money(kDollar)), paid = money("2710");
    EXPECT_EQ(end.waterfall.realised, sold - paid - money("2.71") - at_rate(money("2.72"), money(kDollar)));
    EXPECT_EQ(world.flags_with("not closed yet"), 1U) << "the operator was told first";
}

// Books of its own market that stand still price nothing: it does not wait for them.
TEST(LiveTradingElsewhere, a_market_without_fresh_books_is_left_at_once)
{
    LiveWorld world = two_currencies();
    world.config.risk.book_age_max = seconds(2);
    world.config.executor.cover = seconds(60);
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    ASSERT_TRUE(world.propose(0, 2, "100"));
    for (int i = 0; i < 100 && world.engine->executor().open_count() > 0; ++i) {
        world.run(milliseconds(200));
        for (const std::size_t listing : {1U, 3U}) world.show_book(static_cast<ListingId>(listing));
        if (i == 5) world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    }
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.exchange(1).trades.back().intent.listing, ListingId{3});
    EXPECT_EQ(world.flags_with("not closed yet"), 0U);
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingElsewhere, not_where_the_configuration_says_no_nothing_tells_the_rate_or_it_is_not_par)
{
    for (const std::string_view why : {"no", "no rate", "not par"}) {
        SCOPED_TRACE(why);
        LiveWorld world = two_currencies();
        if (why == "no") world.config.executor.other_markets = OtherMarkets::none;
        if (why == "no rate") world.config.risk.rates.sources.clear();
        if (why == "not par") world.config.risk.rates.sources[0].fixed = money("0.97");
        world.start_trading();
        refuse_to_sell_for_usdt(world);
        ASSERT_TRUE(world.propose(0, 2, "100"));
        world.run(seconds(10));
        EXPECT_EQ(world.net(), money("100"));
        EXPECT_EQ(world.engine->executor().open_count(), 1U) << "it goes on trying";
        EXPECT_EQ(world.flags_with("not closed yet"), 1U);
    }
}

// A price of the other currency far from what the leftover cost is none: one crashed book is not its own
// judge there either.
TEST(LiveTradingElsewhere, a_crashed_book_of_the_other_currency_is_not_taken)
{
    LiveWorld world = two_currencies();
    world.start_trading();
    world.run(seconds(2));
    refuse_to_sell_for_usdt(world);
    world.exchange(0).touch[ListingId{1}] = {"16.00", "16.02"};
    world.show_book(ListingId{1});
    world.tell(1, "down private_stream");
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    world.tell(1, "up private_stream");
    ASSERT_TRUE(world.propose(0, 2, "100"));
    world.tell(1, "down private_stream");
    world.run(seconds(10));
    for (const test::FakeExchange::Trade& trade : world.exchange(0).trades)
        EXPECT_NE(trade.price, Price{1600}) << "given away";
    EXPECT_EQ(world.net(), money("100"));
}

TEST(LiveTradingElsewhere, killed_at_every_line_it_is_counted_once_and_at_its_rate)
{
    std::size_t lines = SIZE_MAX, elsewhere = 0;
    for (std::size_t cut = 1; cut < lines; ++cut) {
        for (const bool leaves : {false, true}) {
            SCOPED_TRACE(fmt::format("cut {} {}", cut, leaves));
            LiveWorld world = two_currencies();
            world.die_after = cut;
            world.orders_leave = leaves;
            world.start();
            world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(30));
            refuse_to_sell_for_usdt(world);
            (void)world.propose(0, 2, "100");
            world.run(seconds(10));
            if (world.alive) lines = cut;
            elsewhere += world.exchange(1).net("LINK") == Amount{} ? 0 : 1;
            world.kill();
            world.die_after = SIZE_MAX;
            const std::size_t ended = world.ends.size();
            for (auto& exchange : world.exchanges)
                exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
            world.start_trading();
            world.run(seconds(5));
            EXPECT_EQ(world.net(), Amount{});
            test::expect_no_order_left(world);
            for (std::size_t i = ended; i < world.ends.size(); ++i) {
                const Waterfall& w = world.ends[i].waterfall;
                EXPECT_EQ(w.sum(), w.realised);
                if (world.exchange(1).trades.empty() ||
                    world.exchange(1).trades.back().intent.listing != ListingId{3})
                    continue;
                EXPECT_EQ(w.realised, at_rate(money("2720"), money(kDollar)) - money("2710") - money("2.71") -
                                          at_rate(money("2.72"), money(kDollar)));
            }
            if (::testing::Test::HasFailure()) FAIL() << test::told_of(world);
        }
    }
    EXPECT_GT(elsewhere, 1U) << "the order in the other currency had left";
}

/// Bought too much for USDT, sold too much for USDC: two late fills that even out but for four.
void leave_unlike_lines(LiveWorld& world)
{
    world.start_trading();
    for (const std::size_t currency : {0U, 1U}) {
        // The leg that is filled later: bought at hb for USDT, sold at kc for USDC.
        world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.percent = 50}; };
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.percent = 50}; };
        ASSERT_TRUE(world.propose(currency, 2 + currency, "40"));
        world.run(seconds(1));
    }
    ASSERT_EQ(world.net(), Amount{});
    ASSERT_TRUE(world.command("pause"));
    // What comes late is not closed while nobody says so: the engine is dead when it comes.
    const auto of = [&](std::size_t venue, std::size_t listing) {
        for (const test::Call& call : world.exchange(venue).calls) {
            if (call.kind == RequestKind::place && call.intent.listing == static_cast<ListingId>(listing))
                return call;
        }
        return test::Call{};
    };
    const test::Call bought = of(0, 0), sold = of(1, 3);
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
    world.kill();
    world.exchange(0).fill_in_silence(bought.order, bought.intent, 50, world.now);
    world.exchange(1).fill_in_silence(sold.order, sold.intent, 40, world.now);
    ASSERT_EQ(world.net(), money("4"));
}

TEST(LiveTradingElsewhere, what_two_currencies_have_with_unlike_signs_is_not_traded_twice)
{
    LiveWorld world = two_currencies();
    leave_unlike_lines(world);
    const std::size_t placed = world.count(RequestKind::place);
    world.start_trading();
    world.run(seconds(5));
    EXPECT_EQ(world.late.size(), 2U);
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.count(RequestKind::place), placed + 1);
    EXPECT_EQ(world.exchange(1).last(RequestKind::place).intent.quantity, Quantity{40})
        << "what does not even out";
    EXPECT_EQ(world.lines_with("joined\t"), 1U);
    EXPECT_EQ(world.difference(), "");
    const Waterfall& w = world.ends.back().waterfall;
    EXPECT_EQ(w.sum(), w.realised);
    EXPECT_EQ(world.live().flags().count(), 0U);
    // 20 bought at 27.10 USDT, 16 sold at 27.20 USDC, 4 sold at 27.20 USDT; ten basis points each.
    const Amount usdc = money("435.2") - money("0.4352");
    EXPECT_EQ(w.realised,
              at_rate(usdc, money(kDollar)) + money("108.8") - money("0.1088") - money("542") - money("0.542"));
}

TEST(LiveTradingElsewhere, joined_lines_are_joined_once_whenever_the_engine_dies)
{
    std::size_t lines = SIZE_MAX;
    for (std::size_t cut = 1; cut < lines; ++cut) {
        SCOPED_TRACE(cut);
        LiveWorld world = two_currencies();
        leave_unlike_lines(world);
        world.die_after = cut;
        world.start();
        world.run(seconds(8));
        if (world.alive) lines = cut;
        world.kill();
        world.die_after = SIZE_MAX;
        world.start_trading();
        world.run(seconds(5));
        EXPECT_EQ(world.net(), Amount{});
        test::expect_no_order_left(world);
        EXPECT_EQ(test::in_lines(world, "LINK"), Amount{});
        if (::testing::Test::HasFailure()) FAIL() << test::told_of(world);
    }
    EXPECT_GT(lines, 5U);
}

}  // namespace
}  // namespace arb
