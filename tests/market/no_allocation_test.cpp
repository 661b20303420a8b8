// Books do not allocate once they have had their depth. This program counts every operator new; the same
// seeded traffic is played twice, first to warm up, then counted.
#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "engine/market/markets.hpp"
#include "tests/market/support.hpp"
#include "tests/support/allocation_counter.hpp"

namespace arb {
namespace {

using test::allocations;
using test::delta;
using test::Levels;
using test::Message;
using test::time_ms;

constexpr std::uint64_t kSeed = 77;

/// Messages made before anything is counted.
struct Traffic {
    std::vector<Message> messages;

    static void fill(Random& random, Message& message, std::int64_t count, std::int64_t reach)
    {
        for (std::int64_t i = 0; i < count; ++i) {
            message.bid(random.between(1000 - reach, 1000),
                        random.between(-3, 9) > 0 ? random.between(1, 99) : 0);
            message.ask(random.between(1001, 1001 + reach),
                        random.between(-3, 9) > 0 ? random.between(1, 99) : 0);
        }
    }
    Traffic(std::size_t listings, SequenceKind kind)
    {
        Random random(kSeed);
        std::vector<std::uint64_t> last(listings);
        for (int i = 0; i < 20'000; ++i) {
            const auto at =
                static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(listings) - 1));
            const bool fresh = i < 200 || random.one_in(400);
            const bool hole = random.one_in(500);
            last[at] = fresh ? last[at] : last[at] + (hole ? 7 : 1);
            Message message =
                delta(last[at], last[at]).previous(last[at] - (kind == SequenceKind::chained ? 1 : 0));
            message.of(ListingId(at)).at(i + 1).venue_time(i + 1);
            message.update.snapshot = fresh;
            message.depth(random.one_in(2) ? 400 : 0);
            if (fresh)
                snapshot_levels(message);
            else
                fill(random, message, random.between(1, 8), 900);
            messages.push_back(message);
        }
    }
    // Best first, as venues send them.
    static void snapshot_levels(Message& message)
    {
        for (std::int64_t i = 0; i < 500; ++i) message.bid(1000 - i, 5).ask(1001 + i, 5);
    }
};

TEST(NoAllocation, the_counter_counts)
{
    const std::uint64_t before = allocations;
    const std::vector<int> some(100);
    EXPECT_EQ(allocations - before, 1U);
    EXPECT_EQ(some.size(), 100U);
}

TEST(NoAllocation, order_book)
{
    const Traffic traffic(1, SequenceKind::none);
    OrderBook book;
    const auto play = [&] {
        bool ok = true;
        for (const Message& message : traffic.messages) {
            std::size_t rank = 0;
            if (message.update.snapshot)
                ok = book.assign(message.bids, message.asks) && ok;
            else
                ok = book.apply(message.bids, message.asks, rank) && ok;
            if (message.update.depth != 0) book.truncate(message.update.depth);
            (void)book.hash();
        }
        return ok;
    };
    ASSERT_TRUE(play());
    const std::uint64_t before = allocations;
    const bool ok = play();
    EXPECT_EQ(allocations - before, 0U) << "seed " << kSeed;
    EXPECT_TRUE(ok);
}

TEST(NoAllocation, builders_that_join_lose_and_check)
{
    const InstrumentTable table = test::one_listing();
    for (const SequenceRule& rule :
         {SequenceRule{.kind = SequenceKind::range, .rest_snapshot = true},
          SequenceRule{.kind = SequenceKind::chained, .rest_snapshot = true, .join_covers_snapshot = true},
          SequenceRule{.kind = SequenceKind::chained, .checksum = ChecksumKind::okx},
          SequenceRule{.kind = SequenceKind::none, .checksum = ChecksumKind::kraken}}) {
        Traffic traffic(1, rule.kind);
        // A wrong checksum now and then: computed in any case, and the book is lost and found again.
        for (std::size_t i = 0; i < traffic.messages.size(); i += 50) traffic.messages[i].checksum(1);
        BookBuilder builder(table.instruments()[0], table.listings()[0], rule, {});
        const auto play = [&] {
            for (const Message& message : traffic.messages) {
                (void)builder.apply(message.view());
                (void)builder.take_resync(message.update.receive_time);
            }
        };
        play();
        const BookStats warm = builder.stats();
        ASSERT_GT(warm.applied + warm.ignored, 1000U);
        ASSERT_GT(warm.gaps + warm.checksums_bad, 0U);
        builder.reset(Timestamp{1});
        const std::uint64_t before = allocations;
        play();
        EXPECT_EQ(allocations - before, 0U) << "rule " << static_cast<int>(rule.kind) << " seed " << kSeed;
        EXPECT_EQ(builder.stats().applied, 2 * warm.applied) << "the second run did the same work";
    }
}

TEST(NoAllocation, markets)
{
    InstrumentTable table = InstrumentTable::build({{{"one", ""}, {test::definition("A", "1", "1")}},
                                                    {{"two", ""}, {test::definition("B", "1", "1")}},
                                                    {{"three", ""}, {test::definition("C", "1", "1")}}})
                                .take();
    const SequenceRule rule{.kind = SequenceKind::chained};
    const Traffic traffic(3, rule.kind);
    TakenLiquidity taken(3);
    Markets markets(table, std::vector<SequenceRule>(3, rule), {}, Markets::markets_of(table), &taken);
    std::uint64_t asked = 0;
    std::uint64_t sequence = 0;
    const auto play = [&] {
        for (const Message& message : traffic.messages) {
            const auto from = static_cast<ConnectionId>(index(message.update.listing));
            sequence += message.update.receive_time.ns % 1999 == 0 ? 2 : 1;
            markets.on_connection_sequence(from, sequence, message.update.receive_time);
            markets.on_update(from, message.view());
            if (message.update.sequence_last % 97 == 0)
                markets.on_unreadable(message.update.listing, time_ms(1));
            taken.take(message.update.listing, Side::buy, {1001}, {1});
            markets.take_resyncs(message.update.receive_time, [&asked](ListingId) { ++asked; });
            markets.clear_changed();
        }
    };
    play();
    ASSERT_GT(asked, 0U);
    const std::uint64_t before = allocations;
    play();
    EXPECT_EQ(allocations - before, 0U) << "seed " << kSeed;
}

}  // namespace
}  // namespace arb
