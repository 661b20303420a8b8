// What an attack on the money path once cost, set up as it was: old books, no books, a crashed book, an order
// rate that opening had used up. Each number is turned round.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

Amount quote_of(const LiveWorld& world)
{
    Amount sum;
    for (const auto& exchange : world.exchanges) sum += exchange->balances.at("USDT");
    return sum;
}

// The feeds froze with one leg known and the other silent: what is left over is closed as soon as a book
// lives again, and not by prices that are ten minutes old.
TEST(LiveTradingAttacks, a_leftover_is_not_priced_by_books_that_stand_still)
{
    LiveWorld world;
    world.config.risk.book_age_max = seconds(10);
    world.start_trading();
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.percent = 0}; };
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    world.exchange(1).silent = {RequestKind::query_order, RequestKind::fills};
    ASSERT_TRUE(world.propose(0, 1, "100"));
    world.run(seconds(600));
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{}; };
    // It had executed after all; the market rose unseen.
    const test::Call sold = world.exchange(1).last(RequestKind::place);
    world.exchange(1).fill_in_silence(sold.order, sold.intent, 100, world.now);
    world.exchange(0).touch[ListingId{0}] = {"27.27", "27.29"};
    world.exchange(1).touch[ListingId{1}] = {"27.39", "27.49"};
    world.exchange(1).silent.clear();
    const std::size_t placed = world.count(RequestKind::place);
    world.run(seconds(30));
    EXPECT_EQ(world.count(RequestKind::place), placed) << "no book says what it is worth";
    EXPECT_EQ(world.net(), money("-100"));
    world.show_books();
    world.run(seconds(3));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.exchange(0).trades.back().price, Price{2729});
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingAttacks, a_second_without_books_is_waited_for)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    ASSERT_TRUE(world.propose(0, 1, "100"));
    for (const std::size_t v : {0U, 1U}) world.tell(v, "down private_stream");
    world.run(seconds(1));
    EXPECT_EQ(world.net(), money("100"));
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    for (const std::size_t v : {0U, 1U}) world.tell(v, "up private_stream");
    world.show_books();
    world.run(seconds(3));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
}

// Five orders a second, two instruments, each loses a leg in the same second.
TEST(LiveTradingAttacks, opening_leaves_the_rate_that_closing_needs)
{
    LiveWorld world(
        {{.venue = "hb"}, {.venue = "hb", .base = "ETH"}, {.venue = "kc"}, {.venue = "kc", .base = "ETH"}});
    world.config.risk.orders_per_second = 5;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    ASSERT_TRUE(world.propose(0, 2, "10"));
    (void)world.propose(1, 3, "10");
    world.run(milliseconds(200));  // at once, not when the second is over
    for (const char* asset : {"LINK", "ETH"}) {
        Amount sum;
        for (const auto& exchange : world.exchanges) sum += exchange->net(asset);
        EXPECT_EQ(sum, Amount{}) << asset;
    }
    EXPECT_EQ(world.live().flags().count(), 0U);
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
}

// The one usable book crashes by forty per cent for a moment: it is not its own judge.
TEST(LiveTradingAttacks, a_crashed_book_that_is_alone_closes_nothing_until_it_is_back)
{
    LiveWorld world;
    world.start_trading();
    const Amount before = quote_of(world);
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    ASSERT_TRUE(world.propose(0, 1, "100"));
    world.exchange(0).touch[ListingId{0}] = {"16.00", "16.02"};
    world.show_book(ListingId{0});
    world.tell(1, "book 1 99 1");
    world.run(seconds(2));
    EXPECT_EQ(world.net(), money("100")) << "not sold at sixteen";
    world.exchange(0).touch[ListingId{0}] = {"27.00", "27.02"};
    world.show_book(ListingId{0});
    world.run(seconds(3));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_GT(quote_of(world) - before, money("-20"));
}

// A whole list of one listing's fills proves nothing of an order in another one, whose own list lacks a page.
TEST(LiveTradingAttacks, fills_of_one_listing_prove_no_absence_in_another)
{
    LiveWorld world(
        {{.venue = "hb"}, {.venue = "hb", .base = "ETH"}, {.venue = "kc"}, {.venue = "kc", .base = "ETH"}});
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder& order) {
        return Fate{.arrives = order.intent().listing == ListingId{3}, .answers = false};
    };
    world.exchange(1).cut = [](const test::Call& call) {
        return call.listings.size() == 1 && call.listings.front() == ListingId{3};
    };
    ASSERT_TRUE(world.propose(0, 2, "3"));
    ASSERT_TRUE(world.propose(1, 3, "1"));
    world.exchange(1).orders.clear();  // what it says of single orders lags behind
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.run(seconds(60));
    for (const char* asset : {"LINK", "ETH"}) {
        Amount sum;
        for (const auto& exchange : world.exchanges) sum += exchange->net(asset);
        EXPECT_TRUE(sum == Amount{} || world.live().flags().count() > 0) << asset;
    }
    EXPECT_EQ(world.difference(), "");
}

}  // namespace
}  // namespace arb
