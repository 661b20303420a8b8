// The judge of books, a table for each way venues number their messages: joins, holes, restarts, numbers that
// jump, and what makes a book invalid besides.
#include "engine/market/book_builder.hpp"

#include <gtest/gtest.h>

#include "tests/market/support.hpp"

namespace arb {
namespace {

using test::delta;
using test::Message;
using test::snapshot;
using test::time_ms;

constexpr std::uint64_t kHalf = 1ULL << 63;

SequenceRule spot_rule()
{
    return {.kind = SequenceKind::range, .rest_snapshot = true};
}
SequenceRule futures_rule()
{
    return {.kind = SequenceKind::chained, .rest_snapshot = true, .join_covers_snapshot = true};
}
SequenceRule chain_rule()
{
    return {.kind = SequenceKind::chained};
}
SequenceRule increment_rule()
{
    return {.kind = SequenceKind::increment, .one_is_restart = true};
}

/// A message and what must come of it.
struct Step {
    Message message;
    BookOutcome outcome;
    BookState state;
    const char* why = "";
};

struct Judge {
    explicit Judge(const SequenceRule& rule, const BookLimits& limits = {}, const char* tick = "1")
        : table(test::one_listing(tick)), builder(table.instruments()[0], table.listings()[0], rule, limits)
    {
    }
    BookOutcome apply(const Message& message) { return builder.apply(message.view()); }
    void play(const std::vector<Step>& steps)
    {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            EXPECT_EQ(apply(steps[i].message), steps[i].outcome) << "step " << i << ": " << steps[i].why;
            EXPECT_STREQ(name(builder.state()), name(steps[i].state)) << "step " << i << ": " << steps[i].why;
        }
    }
    std::int64_t bid_at(std::int64_t price) const { return builder.book().bids().quantity_at({price}).units; }

    InstrumentTable table;
    BookBuilder builder;
};

constexpr auto applied = BookOutcome::applied, replaced = BookOutcome::replaced,
               buffered = BookOutcome::buffered, ignored = BookOutcome::ignored, gap = BookOutcome::gap,
               snapshot_old = BookOutcome::snapshot_old, bad_level = BookOutcome::bad_level;
constexpr auto syncing = BookState::syncing, valid = BookState::valid, invalid = BookState::invalid;

// ---- spot: ranges joined to a REST snapshot

TEST(BookBuilderSpot, buffered_deltas_join_the_snapshot)
{
    Judge judge(spot_rule());
    EXPECT_EQ(judge.builder.state(), BookState::empty);
    judge.play({
        {delta(95, 98).bid(90, 1), buffered, syncing},
        {delta(99, 103).bid(91, 2), buffered, syncing},
        {delta(104, 104).bid(92, 3), buffered, syncing},
        {snapshot(100), replaced, valid, "the first is past, the second covers 101, the third follows"},
        {delta(105, 110).bid(93, 4), applied, valid},
    });
    EXPECT_EQ(judge.bid_at(90), 0) << "an update wholly before the snapshot must not be applied";
    EXPECT_EQ(judge.bid_at(91), 2);
    EXPECT_EQ(judge.bid_at(92), 3);
    EXPECT_EQ(judge.bid_at(93), 4);
    EXPECT_EQ(judge.builder.stats().applied, 3U);
    EXPECT_EQ(judge.builder.stats().ignored, 1U);
    EXPECT_EQ(judge.builder.stats().deltas, 4U);
}

TEST(BookBuilderSpot, a_snapshot_older_than_the_buffer_is_fetched_again)
{
    Judge judge(spot_rule());
    judge.play({
        {delta(101, 105).bid(90, 1), buffered, syncing},
        {snapshot(99), snapshot_old, syncing, "100 is missing between them"},
        {delta(106, 107).bid(91, 2), buffered, syncing},
        {snapshot(100), replaced, valid, "101 is the next number"},
    });
    EXPECT_EQ(judge.bid_at(90), 1);
    EXPECT_EQ(judge.bid_at(91), 2);
}

TEST(BookBuilderSpot, numbers)
{
    Judge judge(spot_rule());
    judge.play({
        {snapshot(100), replaced, valid, "nothing was buffered"},
        {delta(90, 100).bid(80, 1), ignored, valid, "past"},
        {delta(90, 101).bid(81, 1), applied, valid, "overlaps"},
        {delta(101, 101).bid(81, 1), ignored, valid, "the very same again"},
        {delta(102, 102).bid(82, 1), applied, valid},
        {delta(104, 105).bid(83, 1), gap, invalid, "103 is missing"},
        {delta(106, 106).bid(84, 1), buffered, invalid},
        {snapshot(102), snapshot_old, invalid, "still without 103"},
        {snapshot(103), replaced, valid, "the message after the hole joins"},
    });
    EXPECT_EQ(judge.bid_at(80), 0);
    EXPECT_EQ(judge.bid_at(83), 1);
    EXPECT_EQ(judge.bid_at(84), 1);
    judge.play({{delta(1'000'107, 1'000'107), gap, invalid, "a jump by a million"}});
    Judge high(spot_rule());
    high.play({
        {snapshot(kHalf - 2), replaced, valid},
        {delta(kHalf - 1, kHalf), applied, valid, "across the sign bit"},
        {delta(kHalf + 1, kHalf + 1), applied, valid},
        {delta(kHalf + 1, kHalf + 1), ignored, valid, "the very same again"},
        {delta(kHalf + 3, kHalf + 3), gap, invalid},
    });
}

TEST(BookBuilderSpot, numbers_that_fall_or_are_absent_are_a_doubt)
{
    Message unnumbered = delta(0, 0);
    unnumbered.update.unnumbered = true;
    const struct {
        Message message;
        const char* why;
    } rows[] = {
        {delta(50, 60).bid(80, 1), "the numbers began anew: all that follows would be passed over for ever"},
        {delta(90, 100).bid(80, 1), "behind the book"},
        {unnumbered, "no number at all"},
    };
    for (const auto& row : rows) {
        Judge judge(spot_rule());
        judge.play({{snapshot(100), replaced, valid}, {delta(101, 101), applied, valid}});
        EXPECT_EQ(judge.apply(row.message), gap) << row.why;
        EXPECT_EQ(judge.builder.state(), invalid) << row.why;
        EXPECT_EQ(judge.builder.trouble(), BookTrouble::gap) << row.why;
    }
}

TEST(BookBuilderSpot, a_snapshot_that_nobody_asked_for_sets_no_book_back)
{
    Judge judge(spot_rule());
    judge.play({
        {snapshot(100), replaced, valid},
        {delta(101, 105).bid(90, 1), applied, valid},
        {snapshot(103), ignored, valid, "older than the book"},
        {delta(106, 106), applied, valid, "the numbers go on"},
        {snapshot(110), replaced, valid, "a newer one is taken"},
        {delta(107, 108), ignored, valid, "past"},
        {delta(109, 111), applied, valid},
    });
}

TEST(BookBuilderSpot, a_hole_among_the_buffered)
{
    Judge judge(spot_rule());
    judge.play({
        {delta(101, 102).bid(90, 1).bid(89, 1).bid(88, 1), buffered, syncing},
        {delta(104, 105).bid(91, 2).ask(110, 4), buffered, syncing},
        {delta(106, 106).bid(92, 3), buffered, syncing},
        {snapshot(100), gap, invalid, "103 is missing"},
        {delta(107, 107).bid(93, 4), buffered, invalid},
        {snapshot(106), replaced, valid},
    });
    EXPECT_EQ(judge.bid_at(93), 4);
    EXPECT_EQ(judge.builder.stats().gaps, 1U);
}

TEST(BookBuilderSpot, the_buffer_is_bounded)
{
    BookLimits limits;
    limits.buffered_max = 3;
    Judge judge(spot_rule(), limits);
    for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_EQ(judge.apply(delta(n, n).bid(90, 1)), buffered);
    EXPECT_EQ(judge.apply(delta(4, 4).bid(91, 1)), buffered);
    EXPECT_EQ(judge.apply(snapshot(2)), snapshot_old) << "one to three were thrown away";
    EXPECT_EQ(judge.apply(snapshot(3)), replaced);
    EXPECT_EQ(judge.bid_at(90), 0);
    EXPECT_EQ(judge.bid_at(91), 1);
}

// ---- futures: a chain joined to a REST snapshot

TEST(BookBuilderFutures, the_first_delta_covers_the_snapshot)
{
    Judge judge(futures_rule());
    judge.play({
        {delta(80, 90).previous(79).bid(80, 1), buffered, syncing},
        {delta(95, 105).previous(90).bid(81, 1), buffered, syncing},
        {snapshot(100), replaced, valid},
        {delta(110, 120).previous(105).bid(82, 1), applied, valid, "only the chain counts from here on"},
        {delta(121, 130).previous(119).bid(83, 1), gap, invalid, "the chain is broken"},
    });
    EXPECT_EQ(judge.bid_at(80), 0);
    EXPECT_EQ(judge.bid_at(81), 1);
    EXPECT_EQ(judge.bid_at(82), 1);
    EXPECT_EQ(judge.bid_at(83), 0);
}

TEST(BookBuilderFutures, or_chains_to_it_exactly)
{
    const struct {
        Message message;
        BookOutcome outcome;
        const char* why;
    } rows[] = {
        {delta(101, 105).previous(100), applied, "chains"},
        {delta(150, 155).previous(100), applied, "chains, ranges may have holes"},
        {delta(100, 105).previous(98), applied, "covers at its first"},
        {delta(90, 100).previous(80), applied, "covers at its last"},
        {delta(90, 99).previous(80), ignored, "past"},
        {delta(101, 105).previous(99), gap, "begins behind, does not chain"},
        {delta(102, 105).previous(101), gap, "a hole"},
        {delta(101, 105), gap, "neither covers nor says what it follows"},
    };
    for (const auto& row : rows) {
        Judge judge(futures_rule());
        EXPECT_EQ(judge.apply(snapshot(100)), replaced);
        EXPECT_EQ(judge.apply(row.message), row.outcome) << row.why;
        EXPECT_EQ(judge.builder.valid(), row.outcome != gap) << row.why;
    }
}

TEST(BookBuilderFutures, an_old_snapshot_and_a_second_join)
{
    Judge judge(futures_rule());
    judge.play({
        {delta(101, 105).previous(99).bid(90, 1), buffered, syncing},
        {snapshot(98), snapshot_old, syncing, "before everything that is held"},
        {snapshot(103), replaced, valid},
        {delta(106, 107).previous(104), gap, invalid},
        {snapshot(200), replaced, valid, "the buffered one is past"},
        {delta(190, 210).previous(150), applied, valid, "the join rule holds anew after a snapshot"},
        {delta(211, 212).previous(200), gap, invalid, "and then the chain"},
    });
    Judge falling(futures_rule());
    falling.play({
        {snapshot(100), replaced, valid},
        {delta(99, 110).previous(98), applied, valid},
        {delta(40, 50).previous(110), gap, invalid, "futures numbers never fall, even where the link holds"},
    });
}

// ---- a chain over the websocket

TEST(BookBuilderChain, numbers)
{
    Judge judge(chain_rule());
    judge.play({
        {delta(0, 9).previous(8), ignored, syncing, "no snapshot yet"},
        {snapshot(10), replaced, valid},
        {delta(0, 15).previous(10).bid(90, 1), applied, valid},
        {delta(0, 15).previous(15), applied, valid, "a keepalive repeats its number"},
        {delta(0, 16).previous(15), applied, valid},
        {delta(0, 3).previous(16), applied, valid, "maintenance set the numbers back, the chain holds"},
        {delta(0, 4).previous(3), applied, valid},
        {delta(0, 6).previous(5), gap, invalid, "a hole"},
        {delta(0, 7).previous(6), ignored, invalid, "nothing helps but a snapshot"},
        {snapshot(7), replaced, valid},
        {delta(0, 8).previous(1'000'007), gap, invalid, "a jump by a million"},
        {snapshot(7), replaced, valid},
        {delta(0, 8).previous(6), gap, invalid, "back"},
        {snapshot(kHalf - 1), replaced, valid},
        {delta(0, kHalf).previous(kHalf - 1), applied, valid},
        {delta(0, kHalf + 1).previous(kHalf), applied, valid},
        {delta(0, 1).previous(kHalf), gap, invalid},
    });
    EXPECT_EQ(judge.builder.stats().gaps, 4U);
    EXPECT_EQ(judge.builder.stats().ignored, 2U);
}

TEST(BookBuilderChain, without_any_number)
{
    const auto bare = [](Message message) {
        message.update.unnumbered = true;
        return message;
    };
    // Where the venue numbers nothing its checksum judges. "100:5:101:5" of one level a side.
    const SequenceRule rule{.kind = SequenceKind::chained, .checksum = ChecksumKind::okx};
    constexpr std::uint32_t kSum = 3'050'273'339U;
    Judge judge(rule);
    judge.play({{bare(snapshot(0)).checksum(kSum), replaced, valid},
                {bare(delta(0, 0)).checksum(kSum), applied, valid},
                {bare(delta(0, 0)), gap, invalid, "neither number nor checksum: nothing judges"}});
    Judge turned(rule);
    turned.play({{bare(snapshot(0)).checksum(kSum), replaced, valid},
                 {delta(0, 78).previous(77).checksum(kSum), gap, invalid, "a link to what we never saw"}});
}

TEST(BookBuilderChain, a_link_that_is_absent_or_leads_nowhere)
{
    const auto bare = [](Message message) {
        message.update.unnumbered = true;
        return message;
    };
    Judge judge(chain_rule());
    judge.play({
        {snapshot(10), replaced, valid},
        {delta(0, 11).bid(90, 1), gap, invalid, "-1 as its link, as only a snapshot has"},
        {snapshot(11), replaced, valid},
        {bare(delta(0, 0)), gap, invalid, "no number at all after numbered ones"},
        {snapshot(12), replaced, valid},
        {bare(delta(0, 0).previous(12)), gap, invalid, "a link, but nothing that the next could follow"},
        {snapshot(13), replaced, valid},
        {delta(0, 0).previous(13), applied, valid, "zero is a number"},
        {delta(0, 8).previous(7), gap, invalid, "also after zero"},
    });
    EXPECT_EQ(judge.bid_at(90), 0);
}

// ---- one number after the other

TEST(BookBuilderIncrement, numbers)
{
    Judge judge(increment_rule());
    judge.play({
        {delta(0, 7), ignored, syncing, "no snapshot yet"},
        {snapshot(10), replaced, valid},
        {delta(0, 11).bid(90, 1), applied, valid},
        {delta(0, 13), gap, invalid, "12 is missing"},
        {delta(0, 12), ignored, invalid},
        {snapshot(13), replaced, valid},
        {delta(0, 13), gap, invalid, "given twice"},
        {snapshot(13), replaced, valid},
        {delta(0, 12), gap, invalid, "back"},
        {snapshot(13), replaced, valid},
        {delta(0, 1'000'014), gap, invalid, "a jump by a million"},
        {snapshot(kHalf - 1), replaced, valid},
        {delta(0, kHalf), applied, valid},
        {delta(0, kHalf + 1), applied, valid},
        {snapshot(UINT64_MAX - 1), replaced, valid},
        {delta(0, UINT64_MAX), applied, valid},
        {delta(0, 5), gap, invalid},
    });
    Message unnumbered = delta(0, 14);
    unnumbered.update.unnumbered = true;
    Judge absent(increment_rule());
    absent.play({{snapshot(13), replaced, valid}, {unnumbered, gap, invalid, "it only looks like the next"}});
}

TEST(BookBuilderConnection, a_message_without_the_connections_number)
{
    Message unnumbered = delta(0, 0).bid(90, 1);
    unnumbered.update.unnumbered = true;
    Judge judge({.kind = SequenceKind::connection});
    judge.play({{snapshot(1), replaced, valid}, {delta(0, 2), applied, valid}, {unnumbered, gap, invalid}});
}

TEST(BookBuilderIncrement, one_restarts_the_book)
{
    Judge judge(increment_rule());
    judge.play({
        {snapshot(10), replaced, valid},
        {delta(0, 1).bid(50, 3).ask(51, 3), replaced, valid, "the service began anew"},
        {delta(0, 2).bid(49, 3), applied, valid},
    });
    EXPECT_EQ(judge.bid_at(100), 0) << "the book from before the restart is gone";
    EXPECT_EQ(judge.bid_at(50), 3);
    EXPECT_EQ(judge.builder.stats().snapshots, 2U);
    SequenceRule plain = increment_rule();
    plain.one_is_restart = false;
    Judge other(plain);
    other.play({{snapshot(10), replaced, valid}, {delta(0, 1).bid(50, 3), gap, invalid}});
}

// ---- no numbers, or a connection's

TEST(BookBuilderPlain, a_delta_applies_and_a_snapshot_replaces)
{
    for (const SequenceKind kind : {SequenceKind::none, SequenceKind::connection}) {
        Judge judge({.kind = kind});
        judge.play({
            {delta(0, 0).bid(90, 1), ignored, syncing},
            {snapshot(0), replaced, valid},
            {delta(0, 99).bid(90, 1), applied, valid},
            {delta(0, 5).bid(91, 1), applied, valid},
            {snapshot(0), replaced, valid},
        });
        EXPECT_EQ(judge.bid_at(90), 0);
        EXPECT_EQ(judge.bid_at(100), 5);
    }
}

}  // namespace
}  // namespace arb
