// All books of a run together: the best over venues, what changed, connections and their counters, clocks,
// resyncs.
#include "engine/market/markets.hpp"

#include <gtest/gtest.h>

#include "tests/market/support.hpp"

namespace arb {
namespace {

using test::delta;
using test::Message;
using test::snapshot;
using test::time_ms;

constexpr ListingId kOneBtc{0}, kOneEth{1}, kTwoBtc{2}, kTwoEth{3}, kThreeBtc{4}, kLonely{5};
constexpr MarketId kBtc{0}, kEth{1};
constexpr ConnectionId kFirst{0}, kSecond{7};

ListingDefinition coin(const char* base)
{
    ListingDefinition d = test::definition(base, "1", "1");
    d.base = base;
    return d;
}

InstrumentTable three_venues()
{
    return InstrumentTable::build({{{"one", ""}, {coin("BTC"), coin("ETH")}},
                                   {{"two", ""}, {coin("BTC"), coin("ETH")}},
                                   {{"three", ""}, {coin("BTC"), coin("XRP")}}})
        .take();
}

struct World {
    explicit World(SequenceRule rule = {}, TakenLiquidity* taken = nullptr)
        : table(three_venues()),
          markets(table, std::vector<SequenceRule>(table.listings().size(), rule), limits(),
                  Markets::markets_of(table), taken)
    {
    }
    static BookLimits limits()
    {
        BookLimits limits;
        limits.resync_first = milliseconds(100);
        return limits;
    }
    BookOutcome show(ListingId id, std::int64_t bid, std::int64_t ask, ConnectionId from = kFirst,
                     std::int64_t ms = 1)
    {
        Message message = delta(0, 1).of(id).bid(bid, 5).ask(ask, 6).at(ms);
        message.update.snapshot = true;
        return markets.on_update(from, message.view());
    }
    std::vector<MarketId> changed()
    {
        std::vector<MarketId> result(markets.changed().begin(), markets.changed().end());
        markets.clear_changed();
        return result;
    }
    std::vector<ListingId> resyncs(std::int64_t ms)
    {
        std::vector<ListingId> asked;
        markets.take_resyncs(time_ms(ms), [&asked](ListingId id) { asked.push_back(id); });
        return asked;
    }
    bool valid(ListingId id) const { return markets.builder(id).valid(); }

    InstrumentTable table;
    Markets markets;
};

TEST(Markets, a_market_is_an_instrument_that_two_venues_list)
{
    const std::vector<MarketDefinition> definitions = Markets::markets_of(three_venues());
    ASSERT_EQ(definitions.size(), 2U);
    EXPECT_EQ(definitions[0].name, "BTC/USDT");
    ASSERT_EQ(definitions[0].members.size(), 3U);
    EXPECT_EQ(definitions[0].members[2].listing, kThreeBtc);
    EXPECT_EQ(definitions[1].members.size(), 2U);
}

TEST(Markets, a_frame_of_nobody_doubts_the_books_that_have_no_numbers)
{
    SequenceRule numbered;
    numbered.kind = SequenceKind::chained;
    for (const SequenceRule& rule : {SequenceRule{}, numbered}) {
        World world(rule);
        world.show(kOneBtc, 10, 11, kFirst);
        world.show(kOneEth, 10, 11, kFirst);
        world.show(kTwoBtc, 10, 11, kSecond);
        world.changed();
        world.markets.on_unreadable_frame(kFirst, time_ms(5));
        const bool kept = rule.kind != SequenceKind::none;
        EXPECT_EQ(world.valid(kOneBtc), kept);
        EXPECT_EQ(world.valid(kOneEth), kept);
        EXPECT_TRUE(world.valid(kTwoBtc)) << "of another connection";
        EXPECT_EQ(world.changed().size(), kept ? 0U : 2U);
        // A private connection has no books, and nobody minds.
        world.markets.on_unreadable_frame(ConnectionId{200}, time_ms(6));
        EXPECT_TRUE(world.valid(kTwoBtc));
    }
}

TEST(Markets, the_best_over_venues)
{
    World world;
    const ConsolidatedBook& book = world.markets.consolidated(kBtc);
    EXPECT_EQ(book.best_bid(), ConsolidatedBook::kNone);
    EXPECT_EQ(book.best_ask(), ConsolidatedBook::kNone);
    EXPECT_FALSE(book.crossing());
    world.show(kOneBtc, 100, 103, kFirst, 10);
    EXPECT_EQ(book.best_bid(), 0U);
    EXPECT_EQ(book.best_ask(), 0U);
    world.show(kTwoBtc, 101, 104, kFirst, 20);
    world.show(kThreeBtc, 99, 102, kFirst, 30);
    EXPECT_EQ(book.best_bid(), 1U);
    EXPECT_EQ(book.best_ask(), 2U);
    EXPECT_FALSE(book.crossing());
    EXPECT_EQ(book.quotes()[1].bid, Price{101});
    EXPECT_EQ(book.quotes()[1].bid_quantity, Quantity{5});
    EXPECT_EQ(book.quotes()[1].ask_quantity, Quantity{6});
    EXPECT_EQ(book.quotes()[0].updated, time_ms(10));
    EXPECT_EQ(book.quotes()[2].updated, time_ms(30));
    world.show(kTwoBtc, 102, 104);
    EXPECT_FALSE(book.crossing()) << "equal prices leave nothing";
    world.show(kTwoBtc, 103, 104);
    EXPECT_TRUE(book.crossing());
    world.show(kOneBtc, 103, 105);
    EXPECT_EQ(book.best_bid(), 0U) << "of equals the first venue";
    world.show(kOneBtc, 100, 102);
    EXPECT_EQ(book.best_ask(), 0U);
}

TEST(Markets, only_books_that_are_good_for_decisions_count)
{
    World world;
    const ConsolidatedBook& book = world.markets.consolidated(kBtc);
    world.show(kOneBtc, 100, 103);
    world.show(kTwoBtc, 101, 102);
    world.markets.on_unreadable(kTwoBtc, time_ms(5));
    EXPECT_FALSE(book.quotes()[1].usable);
    EXPECT_EQ(book.best_bid(), 0U);
    EXPECT_EQ(book.best_ask(), 0U);
    world.show(kTwoBtc, 101, 102);
    EXPECT_EQ(book.best_bid(), 1U);
    world.show(kTwoBtc, 110, 102);
    EXPECT_EQ(book.best_bid(), 0U) << "crossed in itself";
    world.show(kTwoBtc, 105, 105);
    EXPECT_EQ(book.best_bid(), 0U) << "locked";
    world.show(kTwoBtc, 105, 106);
    EXPECT_EQ(world.markets.on_update(kFirst, delta(0, 2).of(kTwoBtc).ask(106, 0).view()),
              BookOutcome::applied);
    EXPECT_EQ(book.best_bid(), 0U) << "one-sided";
}

TEST(Markets, a_comparison_of_unlike_units)
{
    // A hundredfold finer price and a tenfold finer quantity at the second member.
    const InstrumentTable table = three_venues();
    MarketDefinition definition;
    definition.name = "compared";
    definition.members = {{kOneBtc, 1, 10}, {kOneEth, 100, 1}};
    Markets markets(table, std::vector<SequenceRule>(table.listings().size()), {}, {definition}, nullptr);
    markets.on_update(kFirst, snapshot(1).of(kOneBtc).view());
    markets.on_update(kFirst, snapshot(1).of(kOneEth).view());
    const ConsolidatedBook& book = markets.consolidated(MarketId{0});
    EXPECT_EQ(book.quotes()[0].bid, Price{100});
    EXPECT_EQ(book.quotes()[0].bid_quantity, Quantity{50});
    EXPECT_EQ(book.quotes()[1].ask, Price{10'100});
    EXPECT_EQ(book.quotes()[1].ask_quantity, Quantity{5});
    EXPECT_EQ(book.best_bid(), 1U);
    EXPECT_TRUE(book.crossing());
}

TEST(Markets, what_changed_in_order_of_first_touch)
{
    World world;
    EXPECT_TRUE(world.changed().empty());
    world.show(kTwoEth, 10, 11);
    world.show(kOneBtc, 100, 101);
    world.show(kOneEth, 10, 11);
    EXPECT_EQ(world.changed(), (std::vector<MarketId>{kEth, kBtc}));
    EXPECT_TRUE(world.changed().empty());
    world.show(kLonely, 1, 2);
    EXPECT_TRUE(world.changed().empty()) << "no market has it";
    EXPECT_TRUE(world.valid(kLonely));
    world.markets.on_unreadable(kOneBtc, time_ms(2));
    EXPECT_EQ(world.changed(), std::vector<MarketId>{kBtc}) << "losing a book is a change";
    world.show(kOneBtc, 100, 101);
    world.changed();
    world.markets.on_close(kFirst, time_ms(2));
    EXPECT_EQ(world.changed().size(), 2U);
}

// ---- connections

TEST(Markets, a_hole_in_a_connections_counter_doubts_all_its_books)
{
    World world({.kind = SequenceKind::connection});
    Markets& markets = world.markets;
    EXPECT_TRUE(markets.on_connection_sequence(kFirst, 40, time_ms(1)))
        << "the first number is as good as any";
    world.show(kOneBtc, 100, 101);
    world.show(kOneEth, 10, 11);
    world.show(kTwoBtc, 100, 101, kSecond);
    EXPECT_TRUE(markets.on_connection_sequence(kFirst, 41, time_ms(2)));
    EXPECT_TRUE(world.valid(kOneBtc));
    EXPECT_FALSE(markets.on_connection_sequence(kFirst, 41, time_ms(3))) << "given twice";
    EXPECT_TRUE(world.valid(kOneBtc)) << "the same frame again is no hole";
    world.changed();
    EXPECT_TRUE(markets.on_connection_sequence(kFirst, 43, time_ms(4))) << "42 is missing";
    EXPECT_EQ(markets.builder(kOneBtc).state(), BookState::invalid);
    EXPECT_EQ(markets.builder(kOneEth).state(), BookState::invalid);
    EXPECT_TRUE(world.valid(kTwoBtc)) << "of another connection";
    EXPECT_EQ(world.changed(), (std::vector<MarketId>{kBtc, kEth}));
    EXPECT_EQ(markets.builder(kOneBtc).stats().gaps, 1U);
    EXPECT_EQ(world.resyncs(4), (std::vector<ListingId>{kOneBtc, kOneEth}));
    world.show(kOneBtc, 100, 101);
    EXPECT_TRUE(markets.on_connection_sequence(kFirst, 44, time_ms(5))) << "counted on from behind the hole";
    EXPECT_TRUE(world.valid(kOneBtc));
    EXPECT_TRUE(markets.on_connection_sequence(kFirst, 1'000'044, time_ms(6)));
    EXPECT_FALSE(world.valid(kOneBtc));
}

TEST(Markets, a_counter_near_the_sign_bit)
{
    World world({.kind = SequenceKind::connection});
    constexpr std::uint64_t kHalf = 1ULL << 63;
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, kHalf - 1, time_ms(1)));
    world.show(kOneBtc, 100, 101);
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, kHalf, time_ms(1)));
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, kHalf + 1, time_ms(1)));
    EXPECT_TRUE(world.valid(kOneBtc));
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, kHalf + 3, time_ms(1)));
    EXPECT_FALSE(world.valid(kOneBtc));
}

// Passing falling numbers over would leave the books standing, valid, for ever.
TEST(Markets, a_counter_that_falls_doubts_all_books_and_is_followed_from_there)
{
    World world({.kind = SequenceKind::connection});
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, 40, time_ms(1)));
    world.show(kOneBtc, 100, 101);
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, 7, time_ms(2)));
    EXPECT_EQ(world.markets.builder(kOneBtc).trouble(), BookTrouble::gap);
    world.show(kOneBtc, 100, 101);
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, 8, time_ms(3)));
    EXPECT_TRUE(world.valid(kOneBtc));
}

// Two feeds of one book (two recordings, two connections) are never mixed.
TEST(Markets, a_book_follows_one_connection_while_it_speaks)
{
    World world({.kind = SequenceKind::connection});
    world.show(kOneBtc, 100, 101, kFirst, 1000);
    EXPECT_EQ(world.show(kOneBtc, 90, 91, kSecond, 1001), BookOutcome::ignored) << "not even a whole book";
    EXPECT_EQ(world.markets.on_update(kSecond, delta(0, 1).of(kOneBtc).bid(99, 1).at(1002).view()),
              BookOutcome::ignored);
    world.markets.on_unreadable(kOneBtc, time_ms(1003), kSecond);
    EXPECT_TRUE(world.valid(kOneBtc)) << "nor its unreadable frames";
    EXPECT_EQ(world.markets.consolidated(kBtc).quotes()[0].bid, Price{100});
    EXPECT_EQ(world.markets.builder(kOneBtc).book().bids().size(), 1U);
    EXPECT_EQ(world.markets.builder(kOneBtc).stats().left_out, 3U);
    world.markets.on_close(kSecond, time_ms(1004));
    EXPECT_TRUE(world.valid(kOneBtc));
    world.markets.on_unreadable(kOneBtc, time_ms(1005), kFirst);
    EXPECT_FALSE(world.valid(kOneBtc));
    world.markets.on_close(kFirst, time_ms(1006));
    EXPECT_EQ(world.show(kOneBtc, 90, 91, kSecond, 1007), BookOutcome::replaced) << "the first one is gone";
}

TEST(Markets, a_silent_connection_loses_its_book_to_one_that_speaks)
{
    World world;
    world.show(kOneBtc, 100, 101, kFirst, 1000);
    world.show(kOneEth, 10, 11, kFirst, 5000);
    EXPECT_EQ(world.show(kOneBtc, 90, 91, kSecond, 7000), BookOutcome::ignored)
        << "a quiet book on a connection that is alive";
    EXPECT_EQ(world.show(kOneBtc, 90, 91, kSecond, 8000), BookOutcome::replaced);
    EXPECT_EQ(world.markets.on_update(kFirst, delta(0, 1).of(kOneBtc).bid(99, 1).at(8100).view()),
              BookOutcome::ignored);
    EXPECT_EQ(world.markets.on_update(kFirst, delta(0, 1).of(kOneBtc).bid(99, 1).at(38'099).view()),
              BookOutcome::ignored);
    EXPECT_EQ(world.markets.builder(kOneBtc).state(), BookState::syncing)
        << "after half a minute a change alone takes it over, and waits for a snapshot";
    world.markets.on_close(kSecond, time_ms(38'200));
    EXPECT_EQ(world.markets.builder(kOneBtc).state(), BookState::syncing);
}

TEST(Markets, normalised_levels_and_frames_of_one_book_do_not_mix)
{
    World world;
    world.show(kOneBtc, 100, 101, kLevelsConnection, 1000);
    EXPECT_EQ(world.show(kOneBtc, 90, 91, kFirst, 1001), BookOutcome::ignored);
    world.show(kTwoBtc, 100, 101, kFirst, 1000);
    world.markets.on_end(kTwoBtc, time_ms(1002));
    EXPECT_TRUE(world.valid(kTwoBtc)) << "no levels of it were ever followed";
    world.markets.on_end(kOneBtc, time_ms(1002));
    EXPECT_EQ(world.markets.builder(kOneBtc).trouble(), BookTrouble::ended);
    EXPECT_TRUE(world.markets.consolidated(kBtc).quotes()[0].ended);
    EXPECT_TRUE(world.markets.consolidated(kBtc).any_ended());
    EXPECT_EQ(world.show(kOneBtc, 90, 91, kFirst, 1003), BookOutcome::replaced);
    EXPECT_FALSE(world.markets.consolidated(kBtc).any_ended());
}

TEST(Markets, close_resets_the_books_of_that_connection_alone)
{
    World world({.kind = SequenceKind::connection});
    world.markets.on_connection_sequence(kFirst, 10, time_ms(1));
    world.show(kOneBtc, 100, 101, kFirst);
    world.show(kTwoBtc, 100, 101, kSecond);
    // A REST snapshot moves no book.
    world.show(kOneBtc, 100, 101, kNoConnection);
    world.markets.on_close(kFirst, time_ms(2));
    EXPECT_EQ(world.markets.builder(kOneBtc).state(), BookState::empty);
    EXPECT_TRUE(world.valid(kTwoBtc));
    EXPECT_FALSE(world.markets.consolidated(kBtc).quotes()[0].usable);
    EXPECT_EQ(world.markets.consolidated(kBtc).best_bid(), 1U);
    // The connection that comes after counts from its own beginning.
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, 0, time_ms(2)));
    world.show(kOneBtc, 100, 101, kFirst);
    EXPECT_TRUE(world.markets.on_connection_sequence(kFirst, 1, time_ms(2)));
    EXPECT_TRUE(world.valid(kOneBtc));
    world.markets.on_close(ConnectionId{99}, time_ms(2));  // never heard of
    EXPECT_TRUE(world.valid(kOneBtc));
}

// ---- clocks, resyncs, what we took

TEST(Markets, clock_offsets_and_excess_delay)
{
    World world;
    EXPECT_FALSE(world.markets.clock(VenueId{0}).known);
    EXPECT_EQ(world.markets.excess_delay(kOneBtc), Duration{});
    const auto update = [&world](ListingId id, std::int64_t venue_ms, std::int64_t receive_ms) {
        world.markets.on_update(kFirst, snapshot(1).of(id).venue_time(venue_ms).at(receive_ms).view());
    };
    update(kOneBtc, 1000, 1030);
    EXPECT_EQ(world.markets.excess_delay(kOneBtc), Duration{}) << "the only one is the best case";
    update(kOneEth, 2000, 2012);
    EXPECT_EQ(world.markets.clock(VenueId{0}).minimum, milliseconds(12)) << "one clock a venue";
    EXPECT_EQ(world.markets.excess_delay(kOneBtc), milliseconds(18));
    EXPECT_EQ(world.markets.excess_delay(kOneEth), Duration{});
    update(kOneBtc, 3000, 3512);
    EXPECT_EQ(world.markets.excess_delay(kOneBtc), milliseconds(500));
    EXPECT_EQ(world.markets.clock(VenueId{0}).minimum, milliseconds(12));
    // A venue whose clock runs ahead of ours.
    update(kTwoBtc, 5000, 4900);
    EXPECT_EQ(world.markets.clock(VenueId{1}).minimum, milliseconds(-100));
    update(kTwoBtc, 6000, 5960);
    EXPECT_EQ(world.markets.excess_delay(kTwoBtc), milliseconds(60));
    EXPECT_FALSE(world.markets.clock(VenueId{2}).known);
    world.show(kThreeBtc, 1, 2);
    EXPECT_EQ(world.markets.excess_delay(kThreeBtc), Duration{}) << "no time, no judgement";
}

TEST(Markets, one_message_with_a_wrong_time_is_no_clock)
{
    constexpr std::int64_t kHour = 3'600'000;
    for (const bool first : {true, false}) {
        SCOPED_TRACE(first);
        World world;
        std::int64_t now = 1000;
        const auto update = [&](std::int64_t late) {
            world.markets.on_update(kFirst, snapshot(1).of(kOneBtc).venue_time(now - late).at(now).view());
            now += 10;
        };
        if (!first) update(12);
        update(-kHour);
        update(15);
        EXPECT_EQ(world.markets.clock(VenueId{0}).minimum, milliseconds(first ? 15 : 12));
        EXPECT_EQ(world.markets.excess_delay(kOneBtc), milliseconds(first ? 0 : 3));
        // The venue's clock was set forward: a row of messages says so.
        for (int i = 0; i < 15; ++i) update(-5'000 + i % 3);
        EXPECT_EQ(world.markets.clock(VenueId{0}).minimum, milliseconds(first ? 15 : 12));
        update(-5'000);
        EXPECT_EQ(world.markets.clock(VenueId{0}).minimum, milliseconds(-4'998)) << "the least of them";
        update(-5'000);
        EXPECT_EQ(world.markets.clock(VenueId{0}).minimum, milliseconds(-5'000));
    }
}

TEST(Markets, resyncs_are_asked_for_when_due)
{
    World world;
    EXPECT_FALSE(world.markets.next_resync().known());
    EXPECT_TRUE(world.resyncs(1'000'000).empty());
    world.show(kOneBtc, 100, 101);
    world.show(kTwoBtc, 100, 101);
    world.markets.on_unreadable(kTwoBtc, time_ms(2000));
    world.markets.on_unreadable(kOneBtc, time_ms(1000));
    EXPECT_EQ(world.markets.next_resync(), time_ms(1000));
    EXPECT_TRUE(world.resyncs(999).empty());
    EXPECT_EQ(world.resyncs(1000), std::vector<ListingId>{kOneBtc});
    EXPECT_EQ(world.markets.next_resync(), world.markets.builder(kOneBtc).resync_due());
    EXPECT_TRUE(world.resyncs(1001).empty());
    world.show(kOneBtc, 100, 101);
    EXPECT_EQ(world.resyncs(2000), std::vector<ListingId>{kTwoBtc}) << "the first is whole again";
    world.show(kTwoBtc, 100, 101);
    EXPECT_TRUE(world.resyncs(1'000'000).empty());
    EXPECT_FALSE(world.markets.next_resync().known());
}

TEST(Markets, what_we_took_follows_the_books)
{
    TakenLiquidity taken(6);
    World world({}, &taken);
    world.show(kOneBtc, 100, 101);
    taken.take(kOneBtc, Side::buy, {101}, {6});
    world.markets.on_update(kFirst, delta(0, 1).of(kOneBtc).ask(101, 2).view());
    EXPECT_EQ(taken.at(kOneBtc, Side::buy, {101}), Quantity{2});
    world.markets.on_update(kFirst, delta(0, 1).of(kOneBtc).ask(101, 0).view());
    EXPECT_TRUE(taken.none(kOneBtc));
}

}  // namespace
}  // namespace arb
