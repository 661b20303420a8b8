// What makes a book invalid besides its numbers, and how a fresh one is asked for: checksums, ticks,
// unreadable messages, books that stay crossed, depth, lost connections, the back-off of resyncs.
#include <gtest/gtest.h>

#include "engine/market/book_builder.hpp"
#include "tests/market/support.hpp"

namespace arb {
namespace {

using test::delta;
using test::Message;
using test::snapshot;
using test::time_ms;

struct DoubtJudge {
    explicit DoubtJudge(const SequenceRule& rule, const BookLimits& limits = {}, const char* tick = "1",
                        const char* lot = "1")
        : DoubtJudge(InstrumentTable::build({{{"one", ""}, {test::definition("A", tick, lot)}}}).take(), rule,
                     limits)
    {
    }
    DoubtJudge(InstrumentTable instruments, const SequenceRule& rule, const BookLimits& limits)
        : table(std::move(instruments)), builder(table.instruments()[0], table.listings()[0], rule, limits)
    {
    }
    BookOutcome apply(const Message& message) { return builder.apply(message.view()); }

    InstrumentTable table;
    BookBuilder builder;
};

using Text = std::pair<const char*, const char*>;

// The example of the venue's "Book Checksum" guide.
constexpr std::uint32_t kKrakenExample = 3310070434U;

Message kraken_example()
{
    const Text asks[] = {{"45285.2", "0.00100000"}, {"45286.4", "1.54571953"}, {"45286.6", "1.54571109"},
                         {"45289.6", "1.54560911"}, {"45290.2", "0.15890660"}, {"45291.8", "1.54553491"},
                         {"45294.7", "0.04454749"}, {"45296.1", "0.35380000"}, {"45297.5", "0.09945542"},
                         {"45299.5", "0.18772827"}};
    const Text bids[] = {{"45283.5", "0.10000000"}, {"45283.4", "1.54582015"}, {"45282.1", "0.10000000"},
                         {"45281.0", "0.10000000"}, {"45280.3", "1.54592586"}, {"45279.0", "0.07990000"},
                         {"45277.6", "0.03310103"}, {"45277.5", "0.30000000"}, {"45277.3", "1.54602737"},
                         {"45276.6", "0.15445238"}};
    Message message = delta(0, 0);
    message.update.snapshot = true;
    message.update.text = {1, 8};
    for (const auto& [price, size] : asks)
        message.ask(parse_scaled(price, 1).value, parse_scaled(size, 8).value);
    for (const auto& [price, size] : bids)
        message.bid(parse_scaled(price, 1).value, parse_scaled(size, 8).value);
    return message;
}

Message kraken_delta(std::uint32_t checksum)
{
    Message message = delta(0, 0).checksum(checksum);
    message.update.text = {1, 8};
    return message;
}

TEST(BookChecksum, kraken)
{
    const SequenceRule rule{.checksum = ChecksumKind::kraken};
    DoubtJudge judge(rule, {}, "0.1", "0.00000001");
    EXPECT_EQ(judge.apply(kraken_example().checksum(kKrakenExample)), BookOutcome::replaced);
    // Deeper than the ten best: the checksum stands.
    EXPECT_EQ(judge.apply(kraken_delta(kKrakenExample).bid(452'765, 5).ask(453'100, 7)),
              BookOutcome::applied);
    EXPECT_EQ(judge.builder.stats().checksums_ok, 2U);
    EXPECT_EQ(judge.apply(kraken_delta(kKrakenExample).bid(452'835, 10'000'001)), BookOutcome::checksum_bad);
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
    EXPECT_EQ(judge.builder.stats().checksums_bad, 1U);
    EXPECT_EQ(judge.apply(kraken_example().checksum(kKrakenExample)), BookOutcome::replaced);
    // A level that leaves and comes back gives the same digits again.
    EXPECT_EQ(judge.apply(delta(0, 0).ask(452'852, 0)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(kraken_delta(kKrakenExample).ask(452'852, 100'000)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(kraken_delta(kKrakenExample).ask(452'852, 0)), BookOutcome::checksum_bad);
    EXPECT_EQ(judge.apply(kraken_example().checksum(kKrakenExample + 1)), BookOutcome::checksum_bad);
    EXPECT_FALSE(judge.builder.valid());
}

TEST(BookChecksum, kraken_in_the_finer_units_of_another_venue)
{
    // The instrument counts in thousandths and ten decimals because some venue does; the digits stay
    // Kraken's.
    const SequenceRule rule{.checksum = ChecksumKind::kraken};
    DoubtJudge judge(rule, {}, "0.001", "0.0000000001");
    Message message = kraken_example().checksum(kKrakenExample);
    for (Level& level : message.bids) level = {{level.price.units * 100}, {level.quantity.units * 100}};
    for (Level& level : message.asks) level = {{level.price.units * 100}, {level.quantity.units * 100}};
    EXPECT_EQ(judge.apply(message), BookOutcome::replaced);
}

Message okx_example(std::int64_t factor)
{
    // "3366.1:7:3366.8:9:3366:6:3368:8"
    Message message = delta(0, 1).bid(33661, 7 * factor).bid(33660, 6 * factor).ask(33668, 9 * factor);
    message.update.snapshot = true;
    return message.ask(33680, 8 * factor).checksum(static_cast<std::uint32_t>(-1881014294));
}

TEST(BookChecksum, okx)
{
    const SequenceRule rule{.kind = SequenceKind::chained, .checksum = ChecksumKind::okx};
    DoubtJudge judge(rule, {}, "0.1");
    EXPECT_EQ(judge.apply(okx_example(1)), BookOutcome::replaced);
    // "3366.1:7:3366.8:9:3368:8:3372:8": one side is shorter.
    Message longer = delta(0, 2).previous(1).bid(33660, 0).ask(33720, 8).checksum(831078360U);
    EXPECT_EQ(judge.apply(longer), BookOutcome::applied);
    EXPECT_EQ(judge.apply(delta(0, 3).previous(2).ask(33720, 9)), BookOutcome::applied) << "none was sent";
    EXPECT_EQ(judge.apply(delta(0, 4).previous(3).checksum(831078360U)), BookOutcome::checksum_bad)
        << "the change without a checksum is remembered";
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
    EXPECT_EQ(judge.builder.stats().checksums_ok, 2U);
}

TEST(BookChecksum, okx_sizes_are_in_contracts)
{
    ListingDefinition d = test::definition("A-SWAP", "0.1", "1");
    d.multiplier = *Decimal::parse("10");
    const SequenceRule rule{.kind = SequenceKind::chained, .checksum = ChecksumKind::okx};
    DoubtJudge judge(InstrumentTable::build({{{"one", ""}, {d}}}).take(), rule, {});
    EXPECT_EQ(judge.apply(okx_example(10)), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(okx_example(1)), BookOutcome::checksum_bad);
}

TEST(BookDoubt, a_price_off_the_tick)
{
    const auto snapshot_at = [](std::int64_t bid, std::int64_t ask) {
        Message message = delta(0, 1).bid(bid, 1).ask(ask, 1);
        message.update.snapshot = true;
        return message;
    };
    // Tenths are the unit, a half is the tick: prices are multiples of five.
    DoubtJudge judge({}, {}, "0.5");
    EXPECT_EQ(judge.apply(snapshot_at(100, 105)), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(delta(0, 2).bid(95, 1).ask(106, 1)), BookOutcome::bad_level);
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
    EXPECT_EQ(judge.builder.book().bids().quantity_at({95}), Quantity{}) << "nothing is half applied";
    EXPECT_EQ(judge.apply(snapshot_at(101, 105)), BookOutcome::bad_level);
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
    EXPECT_EQ(judge.apply(snapshot_at(100, 105)), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(delta(0, 2).bid(96, 1)), BookOutcome::bad_level);
    EXPECT_EQ(judge.builder.stats().unreadable, 3U);
    // Where older orders rest off the tick, the book's own step counts.
    ListingDefinition legacy = test::definition("A", "0.5", "1");
    legacy.price_unit = *Decimal::parse("0.1");
    DoubtJudge lenient(InstrumentTable::build({{{"one", ""}, {legacy}}}).take(), {}, {});
    EXPECT_EQ(lenient.apply(snapshot_at(101, 106)), BookOutcome::replaced);
}

TEST(BookDoubt, unreadable_and_lost_frames)
{
    DoubtJudge judge({});
    EXPECT_EQ(judge.apply(snapshot(1)), BookOutcome::replaced);
    judge.builder.doubt(false, time_ms(5));
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
    EXPECT_FALSE(judge.builder.tradable());
    EXPECT_EQ(judge.builder.stats().unreadable, 1U);
    EXPECT_EQ(judge.builder.stats().gaps, 0U);
    EXPECT_EQ(judge.builder.resync_due(), time_ms(5));
    EXPECT_EQ(judge.apply(delta(0, 2).bid(90, 1)), BookOutcome::ignored);
    EXPECT_EQ(judge.apply(snapshot(3)), BookOutcome::replaced);
    EXPECT_TRUE(judge.builder.tradable());
    judge.builder.doubt(true, time_ms(9));
    EXPECT_EQ(judge.builder.stats().gaps, 1U);
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
}

TEST(BookDoubt, crossed_too_long)
{
    BookLimits limits;
    limits.crossed_max = milliseconds(1000);
    DoubtJudge judge({}, limits);
    EXPECT_EQ(judge.apply(snapshot(1).at(100)), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(delta(0, 0).bid(102, 1).at(200)), BookOutcome::applied);
    EXPECT_TRUE(judge.builder.valid());
    EXPECT_FALSE(judge.builder.tradable()) << "no decision on a crossed book";
    EXPECT_EQ(judge.apply(delta(0, 0).bid(99, 1).at(1200)), BookOutcome::applied) << "exactly the limit";
    EXPECT_EQ(judge.apply(delta(0, 0).bid(99, 2).at(1201)), BookOutcome::crossed);
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
    EXPECT_EQ(judge.builder.trouble(), BookTrouble::crossed);
    EXPECT_EQ(judge.builder.stats().crossed, 3U);
    EXPECT_EQ(judge.builder.stats().gaps, 0U);
    // Crossed again after it was not: the time counts anew. Locked counts as crossed.
    EXPECT_EQ(judge.apply(snapshot(1).at(2000)), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(delta(0, 0).bid(101, 1).at(2100)), BookOutcome::applied);
    EXPECT_EQ(judge.builder.stats().locked, 1U);
    EXPECT_FALSE(judge.builder.tradable());
    EXPECT_EQ(judge.apply(delta(0, 0).bid(101, 0).at(3000)), BookOutcome::applied);
    EXPECT_TRUE(judge.builder.tradable());
    EXPECT_EQ(judge.apply(delta(0, 0).bid(101, 1).at(3500)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(delta(0, 0).bid(98, 1).at(4400)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(delta(0, 0).bid(98, 2).at(4501)), BookOutcome::crossed);
}

// A recording has nobody to ask for a fresh book: the venue's own unbroken updates bring it apart.
TEST(BookDoubt, locked_for_long_and_apart_again)
{
    DoubtJudge judge({.kind = SequenceKind::increment});
    EXPECT_EQ(judge.apply(snapshot(1).at(100)), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(delta(0, 2).bid(101, 1).at(200)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(delta(0, 3).bid(101, 2).at(1300)), BookOutcome::crossed);
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
    EXPECT_TRUE(judge.builder.take_resync(time_ms(1300))) << "where somebody can be asked, he is";
    EXPECT_EQ(judge.apply(delta(0, 4).bid(99, 3).at(1400)), BookOutcome::applied) << "followed all the while";
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
    EXPECT_EQ(judge.apply(delta(0, 5).ask(101, 0).ask(102, 4).at(1500)), BookOutcome::applied);
    EXPECT_EQ(judge.builder.state(), BookState::valid);
    EXPECT_TRUE(judge.builder.tradable());
    EXPECT_EQ(judge.builder.book().bids().quantity_at({99}), Quantity{3}) << "no update was lost meanwhile";
    EXPECT_FALSE(judge.builder.resync_due().known());
    const BookTimes& times = judge.builder.times();
    EXPECT_EQ(times.in(BookTrouble::crossed, time_ms(2000)), milliseconds(1300));
    EXPECT_EQ(times.in(BookTrouble::none, time_ms(2000)), milliseconds(600));
    // Not so when a number is missing meanwhile.
    EXPECT_EQ(judge.apply(delta(0, 6).bid(102, 1).at(3000)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(delta(0, 7).bid(102, 2).at(4100)), BookOutcome::crossed);
    EXPECT_EQ(judge.apply(delta(0, 9).bid(102, 0).at(4200)), BookOutcome::gap);
    EXPECT_EQ(judge.apply(delta(0, 10).bid(102, 0).at(4300)), BookOutcome::ignored);
    EXPECT_EQ(judge.builder.trouble(), BookTrouble::gap);
}

// While a fresh snapshot is on its way a locked book is followed and what it will have to join is kept.
TEST(BookDoubt, a_snapshot_joins_a_book_that_was_followed)
{
    DoubtJudge judge({.kind = SequenceKind::range, .rest_snapshot = true});
    EXPECT_EQ(judge.apply(snapshot(10).at(100)), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(delta(11, 11).bid(101, 1).at(200)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(delta(12, 12).bid(101, 2).at(1300)), BookOutcome::crossed);
    EXPECT_EQ(judge.apply(delta(13, 13).bid(98, 7).at(1400)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(delta(14, 14).bid(97, 8).at(1500)), BookOutcome::applied);
    EXPECT_EQ(judge.apply(snapshot(10).at(1550)), BookOutcome::snapshot_old) << "11 is not held";
    EXPECT_EQ(judge.apply(snapshot(13).at(1600)), BookOutcome::replaced);
    EXPECT_TRUE(judge.builder.tradable());
    EXPECT_EQ(judge.builder.book().bids().quantity_at({98}), Quantity{}) << "the snapshot says so";
    EXPECT_EQ(judge.builder.book().bids().quantity_at({97}), Quantity{8}) << "14 was joined";
    EXPECT_EQ(judge.apply(delta(15, 15).at(1700)), BookOutcome::applied);
    EXPECT_EQ(judge.builder.stats().deltas, 5U);
    EXPECT_EQ(judge.builder.stats().applied, 5U) << "joined once more is not applied twice";
}

// ---- snapshots that are cut

struct CutJudge : DoubtJudge {
    CutJudge() : DoubtJudge({.kind = SequenceKind::range, .rest_snapshot = true})
    {
        Message cut = delta(0, 10);
        cut.update.snapshot = true;
        cut.update.limit = 4;
        for (std::int64_t i = 0; i < 4; ++i) cut.bid(1000 - i, 1).ask(1001 + i, 1);
        EXPECT_EQ(apply(cut), BookOutcome::replaced);
    }
    BookOutcome next(Message message)
    {
        message.update.sequence_first = message.update.sequence_last = ++number;
        return apply(message.at(static_cast<std::int64_t>(number)));
    }
    std::uint64_t number = 10;
};

TEST(BookReach, a_side_that_is_eaten_up_is_not_known)
{
    CutJudge judge;
    for (std::int64_t price = 1000; price > 997; --price)
        EXPECT_EQ(judge.next(delta(0, 0).bid(price, 0)), BookOutcome::applied);
    EXPECT_EQ(judge.next(delta(0, 0).bid(997, 0)), BookOutcome::exhausted);
    EXPECT_EQ(judge.builder.trouble(), BookTrouble::exhausted);
    EXPECT_EQ(judge.builder.stats().gaps, 0U);
    EXPECT_EQ(judge.next(delta(0, 0).bid(900, 2)), BookOutcome::buffered) << "one far level heals nothing";
    EXPECT_TRUE(judge.builder.take_resync(time_ms(100)));
    Message fresh = delta(0, 14).bid(990, 1).ask(1001, 1).at(101);
    fresh.update.snapshot = true;
    fresh.update.limit = 1000;
    EXPECT_EQ(judge.apply(fresh), BookOutcome::replaced);
    EXPECT_TRUE(judge.builder.tradable());
    EXPECT_EQ(judge.builder.book().bids().quantity_at({900}), Quantity{2});
}

TEST(BookReach, a_far_level_is_no_best_price)
{
    CutJudge judge;
    EXPECT_EQ(judge.next(delta(0, 0).ask(1050, 2)), BookOutcome::applied);
    EXPECT_EQ(judge.next(delta(0, 0).ask(1001, 0).ask(1002, 0).ask(1003, 0)), BookOutcome::applied);
    EXPECT_EQ(judge.next(delta(0, 0).ask(1004, 0)), BookOutcome::exhausted) << "best would be 1050";
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
}

TEST(BookReach, where_updates_tell_the_levels_densely_the_book_stays_and_a_fresh_one_is_asked_for)
{
    CutJudge judge;
    for (std::int64_t price = 1000; price > 980; --price) {
        EXPECT_EQ(judge.next(delta(0, 0).bid(price, 0).bid(price - 4, 1)), BookOutcome::applied) << price;
        EXPECT_TRUE(judge.builder.tradable()) << price;
        EXPECT_EQ(judge.builder.resync_due().known(), price <= 997)
            << "only beyond the snapshot, at " << price;
    }
    EXPECT_TRUE(judge.builder.take_resync(time_ms(1000)));
    EXPECT_EQ(judge.builder.stats().resyncs, 0U) << "the book is not in doubt";
    EXPECT_EQ(judge.next(delta(0, 0).bid(979, 9)), BookOutcome::applied);
    Message fresh = delta(0, 30).ask(1001, 1).at(1100);
    fresh.update.snapshot = true;
    fresh.update.limit = 5000;
    for (std::int64_t price = 900; price < 978; ++price) fresh.bid(price, 3);
    EXPECT_EQ(judge.apply(fresh), BookOutcome::replaced);
    EXPECT_EQ(judge.builder.book().bids().quantity_at({979}), Quantity{9})
        << "what came meanwhile was joined";
    EXPECT_EQ(judge.builder.book().bids().quantity_at({900}), Quantity{3});
    EXPECT_FALSE(judge.builder.resync_due().known());
    EXPECT_EQ(judge.next(delta(0, 0)), BookOutcome::applied);
}

TEST(BookReach, a_whole_snapshot_may_run_empty)
{
    DoubtJudge judge({.kind = SequenceKind::range, .rest_snapshot = true});
    Message whole = snapshot(10);
    whole.update.limit = 100;
    EXPECT_EQ(judge.apply(whole), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(delta(11, 11).bid(100, 0)), BookOutcome::applied);
    EXPECT_EQ(judge.builder.trouble(), BookTrouble::one_sided);
    EXPECT_EQ(judge.apply(delta(12, 12).bid(50, 1)), BookOutcome::applied);
    EXPECT_TRUE(judge.builder.tradable());
}

TEST(BookDoubt, a_one_sided_book_is_valid_and_not_tradable)
{
    DoubtJudge judge({});
    EXPECT_EQ(judge.apply(snapshot(1)), BookOutcome::replaced);
    EXPECT_EQ(judge.apply(delta(0, 0).ask(101, 0)), BookOutcome::applied);
    EXPECT_TRUE(judge.builder.valid());
    EXPECT_FALSE(judge.builder.tradable());
}

TEST(BookDoubt, the_venues_depth_is_kept)
{
    DoubtJudge judge({});
    EXPECT_EQ(judge.apply(snapshot(1).bid(99, 1).bid(98, 1).depth(2)), BookOutcome::replaced);
    EXPECT_EQ(judge.builder.book().bids().size(), 2U);
    EXPECT_EQ(judge.apply(delta(0, 0).bid(105, 1).bid(104, 1).ask(110, 1).depth(2)), BookOutcome::applied);
    EXPECT_EQ(judge.builder.book().bids().size(), 2U);
    EXPECT_EQ(judge.builder.book().bids().at_rank(1).price, Price{104});
}

TEST(BookDoubt, too_many_levels)
{
    DoubtJudge judge({});
    Message many = snapshot(1);
    many.bids.assign(kBookLevelsMax + 1, test::level(7, 1));
    EXPECT_EQ(judge.apply(many), BookOutcome::bad_level);
    EXPECT_EQ(judge.builder.state(), BookState::invalid);
}

TEST(BookDoubt, times)
{
    DoubtJudge judge({});
    EXPECT_EQ(judge.apply(snapshot(1).at(100).venue_time(90)), BookOutcome::replaced);
    EXPECT_EQ(judge.builder.updated(), time_ms(100));
    EXPECT_EQ(judge.builder.venue_updated(), time_ms(90));
    EXPECT_EQ(judge.apply(delta(0, 0).bid(90, 1).at(120)), BookOutcome::applied);
    EXPECT_EQ(judge.builder.updated(), time_ms(120));
    EXPECT_EQ(judge.builder.venue_updated(), time_ms(90))
        << "a message without a time does not undo the last";
    judge.builder.doubt(false, time_ms(130));
    EXPECT_EQ(judge.apply(delta(0, 0).at(140)), BookOutcome::ignored);
    EXPECT_EQ(judge.builder.updated(), time_ms(120)) << "what was ignored makes no book younger";
}

TEST(BookDoubt, close_forgets_everything)
{
    DoubtJudge judge({.kind = SequenceKind::range, .rest_snapshot = true});
    EXPECT_EQ(judge.apply(delta(1, 1).bid(90, 1)), BookOutcome::buffered);
    judge.builder.reset(time_ms(2));
    EXPECT_EQ(judge.builder.state(), BookState::empty);
    EXPECT_FALSE(judge.builder.resync_due().known());
    EXPECT_FALSE(judge.builder.take_resync(time_ms(1'000'000)));
    EXPECT_EQ(judge.apply(snapshot(0)), BookOutcome::replaced);
    EXPECT_EQ(judge.builder.book().bids().quantity_at({90}), Quantity{})
        << "what was buffered went with the connection";
    judge.builder.reset(time_ms(2));
    EXPECT_EQ(judge.builder.state(), BookState::empty);
    EXPECT_TRUE(judge.builder.book().bids().empty());
    EXPECT_FALSE(judge.builder.tradable());
}

// ---- resyncs

TEST(BookResync, backs_off_by_doubling_up_to_a_bound)
{
    BookLimits limits;
    limits.resync_first = milliseconds(100);
    limits.resync_most = milliseconds(3000);
    DoubtJudge judge({}, limits);
    EXPECT_FALSE(judge.builder.take_resync(time_ms(1))) << "nothing is wanted of an empty book";
    EXPECT_EQ(judge.apply(snapshot(1).at(1)), BookOutcome::replaced);
    EXPECT_FALSE(judge.builder.take_resync(time_ms(2)));
    judge.builder.doubt(true, time_ms(1000));
    EXPECT_FALSE(judge.builder.take_resync(time_ms(999)));
    Timestamp now = time_ms(1000);
    for (int attempt = 0; attempt < 100; ++attempt) {
        ASSERT_TRUE(judge.builder.take_resync(now)) << attempt;
        ASSERT_FALSE(judge.builder.take_resync(now)) << "asked twice at once, attempt " << attempt;
        const Timestamp due = judge.builder.resync_due();
        const std::int64_t least = attempt < 5 ? milliseconds(100LL << attempt).ns : milliseconds(3000).ns;
        ASSERT_GE((due - now).ns, least) << attempt;
        ASSERT_LE((due - now).ns, least + least / 4) << attempt;
        ASSERT_FALSE(judge.builder.take_resync(due - nanoseconds(1))) << attempt;
        now = due;
    }
    EXPECT_EQ(judge.builder.stats().resyncs, 1U) << "one doubt is one resync, however often it was asked";
    EXPECT_EQ(judge.apply(snapshot(2).at(now.ns / 1'000'000)), BookOutcome::replaced);
    EXPECT_FALSE(judge.builder.resync_due().known());
    judge.builder.doubt(true, now);
    EXPECT_TRUE(judge.builder.take_resync(now)) << "a new doubt is asked about at once";
    EXPECT_LE((judge.builder.resync_due() - now).ns, milliseconds(125).ns);
    EXPECT_EQ(judge.builder.stats().resyncs, 2U);
}

TEST(BookResync, the_first_book_is_no_resync)
{
    DoubtJudge judge({.kind = SequenceKind::range, .rest_snapshot = true});
    EXPECT_EQ(judge.apply(delta(1, 1).at(50)), BookOutcome::buffered);
    EXPECT_EQ(judge.builder.resync_due(), time_ms(50));
    EXPECT_TRUE(judge.builder.take_resync(time_ms(50)));
    EXPECT_EQ(judge.builder.stats().resyncs, 0U);
    EXPECT_EQ(judge.apply(snapshot(0)), BookOutcome::replaced);
}

TEST(BookResync, another_doubt_does_not_shorten_the_wait)
{
    DoubtJudge judge({});
    EXPECT_EQ(judge.apply(snapshot(1)), BookOutcome::replaced);
    judge.builder.doubt(true, time_ms(1000));
    EXPECT_TRUE(judge.builder.take_resync(time_ms(1000)));
    const Timestamp due = judge.builder.resync_due();
    judge.builder.doubt(true, time_ms(1001));
    EXPECT_EQ(judge.builder.resync_due(), due);
}

// A venue's rule is about its messages; a recording of levels has none.
TEST(BookDoubt, levels_of_a_recording_need_no_numbers)
{
    for (const SequenceKind kind : {SequenceKind::range, SequenceKind::chained, SequenceKind::increment}) {
        for (const bool normalised : {true, false}) {
            SequenceRule rule;
            rule.kind = kind;
            DoubtJudge judge(rule);
            judge.apply(snapshot(0).bid(10, 1).ask(11, 1));
            for (int i = 0; i < 3; ++i) {
                Message levels = delta(0, 0).bid(10, 2 + i);
                levels.update.unnumbered = true;
                levels.update.normalised = normalised;
                judge.apply(levels);
            }
            EXPECT_EQ(judge.builder.valid(), normalised) << static_cast<int>(kind);
        }
    }
}

}  // namespace
}  // namespace arb
