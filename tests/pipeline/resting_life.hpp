#pragma once
// The life of one package whose leg rests, as a seed says: parts of it are filled, told or not; its price
// moves; cancels come late, get lost or are done in silence; hedges fare well or badly; at last it is
// withdrawn. And what must be true when all is over, whoever was killed meanwhile. Header only, one thread.
#include <map>
#include <set>
#include <string>

#include "engine/base/random.hpp"
#include "tests/pipeline/live_world.hpp"

namespace arb::test {

/// Every third seed: orders are lost, refused, silent, filled in part. Else they fare well.
inline bool rough_life(std::uint64_t seed)
{
    return seed % 3 == 0;
}
inline Side resting_side(std::uint64_t seed)
{
    return seed % 2 == 0 ? Side::buy : Side::sell;
}
/// Prices at which nothing is taken, from the least likely to be filled on.
inline std::string resting_price(std::uint64_t seed, std::int64_t place)
{
    return fmt::format("27.{:02}", resting_side(seed) == Side::buy ? 3 + place : 28 - place);
}

/// The same order, cancel and change of a price fare the same in every world of one seed; the third cancel
/// fares well.
inline void prepare_life(LiveWorld& world, std::uint64_t seed)
{
    world.step = milliseconds(50);
    for (auto& exchange : world.exchanges) {
        exchange->features.certainty_window = seconds(1);
        // Half of the lives are led where prices are changed in place.
        exchange->features.amends = seed / 3 % 2 == 1;
        std::map<OrderId, unsigned> amends;
        exchange->amend_fate = [seed, amends](OrderId order) mutable {
            Random random(seed * 37 + counter_of(order) * 103 + ++amends[order]);
            AmendFate fate;
            fate.arrives = !random.one_in(5);
            fate.answers = !random.one_in(4);
            fate.refused = random.one_in(5);
            return fate;
        };
        exchange->fate = [seed](const ApprovedOrder& order) {
            Random random(seed * 1'000'003 + counter_of(order.id()) * 7919 + epoch_of(order.id()));
            Fate fate;
            if (!rough_life(seed)) return fate;
            fate.arrives = !random.one_in(8);
            fate.answers = !random.one_in(4);
            fate.refused = random.one_in(10);
            fate.word_first = random.one_in(3);
            if (random.one_in(3)) fate.percent = random.between(0, 100);
            return fate;
        };
        std::map<OrderId, unsigned> cancels;
        exchange->cancel_fate = [seed, cancels](OrderId order) mutable {
            const unsigned turn = ++cancels[order];
            Random random(seed * 31 + counter_of(order) * 101 + turn);
            CancelFate fate;
            if (turn > 2) return fate;
            fate.arrives = !random.one_in(4);
            fate.answers = !random.one_in(4);
            if (random.one_in(3)) fate.filled_first = random.between(1, 100);
            return fate;
        };
    }
}

/// Others take a part of what rests anywhere.
inline void fill_what_rests(LiveWorld& world, std::int64_t percent, bool told)
{
    for (auto& exchange : world.exchanges) {
        for (const OrderId order : exchange->resting())
            (void)exchange->fill_resting(order, percent, world.now, told);
    }
}

/// From the start of the engine until the package is withdrawn and over, or the engine dies. `shortens`: the
/// log is begun anew in the middle.
inline void live_resting(LiveWorld& world, std::uint64_t seed, bool shortens = false)
{
    prepare_life(world, seed);
    world.start();
    world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(30));
    Random random(seed * 7919 + 1);
    (void)world.propose_resting(0, 1, "10", resting_side(seed), resting_price(seed, 2));
    for (int turn = 0; turn < 5 && world.alive; ++turn) {
        world.run(milliseconds(random.between(1, 900)));
        const std::int64_t what = random.between(0, 4), percent = random.between(1, 60);
        const std::string price = resting_price(seed, random.between(0, 4));
        if (!world.alive) return;
        if (shortens && turn == 2) world.shorten();
        // Also in one instant: a part is filled while its cancel is on the way.
        if (what >= 2) (void)world.reprice(price);
        if (what != 2) fill_what_rests(world, percent, what != 3);
    }
    world.run(milliseconds(random.between(1, 900)));
    world.withdraw();
    world.run_until([&] { return !world.resting().open; }, seconds(10));
    world.run(seconds(1));
}

/// Nobody is there; the venues go on.
inline void be_dead(LiveWorld& world, std::uint64_t seed)
{
    world.kill();
    Random random(seed);
    world.now = world.now + milliseconds(random.between(0, 3000));
    if (random.one_in(2)) fill_what_rests(world, random.between(1, 100), false);
    world.die_after = SIZE_MAX;
}

/// Starts and lets it end what there is to end.
inline void start_and_settle(LiveWorld& world, std::uint64_t seed)
{
    prepare_life(world, seed);
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
    world.start();
    world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(10));
    EXPECT_EQ(world.live().phase(), Phase::trading) << "within ten seconds";
    world.run(seconds(5));
}

/// What stands in the exposure book, as an amount.
inline Amount exposed(const LiveWorld& world)
{
    const MarketId market{};
    const unsigned decimals = world.engine->markets().consolidated(market).definition().quantity_decimals;
    return {Int128{world.engine->exposure().sum(market).quantity} * power_of_ten(kAmountDecimals - decimals)};
}

/// What orders that never rest bought or sold.
inline Amount taken(const LiveWorld& world, Side side)
{
    Amount sum;
    for (const auto& exchange : world.exchanges) {
        for (const FakeExchange::Trade& trade : exchange->trades) {
            const bool takes = is_immediate(trade.intent.time_in_force);
            if (takes && trade.intent.side == side)
                sum += world.table.instrument_of(trade.intent.listing).amount(trade.quantity);
        }
    }
    return sum;
}

/// The trade that a line of the log counts: its key follows the side.
inline std::string trade_counted(const std::string& line)
{
    for (const std::string side : {"\tbuy\t", "\tsell\t"}) {
        const std::size_t at = line.find(side);
        if (at != std::string::npos) return line.substr(at, line.find('\t', at + side.size()) - at);
    }
    return line;
}

/// Our record is the venues', nothing is open, and every unit that is left stands in a line.
inline void expect_all_accounted_in_sum(const LiveWorld& world)
{
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    EXPECT_EQ(world.engine->risk().open_orders(), 0U);
    EXPECT_EQ(world.net(), exposed(world)) << "a unit has one owner";
    EXPECT_TRUE(world.net() == Amount{} || world.live().flags().count() > 0)
        << world.net().text() << " is left";
}

/// And each trade has one line, no order left twice, nothing rests.
inline void expect_all_accounted(const LiveWorld& world)
{
    expect_all_accounted_in_sum(world);
    std::set<std::string> counted;
    for (const char* word : {"fill\t", "late\t"}) {
        for (const std::size_t at : LiveWorld::found(world.lines, word))
            EXPECT_TRUE(counted.insert(trade_counted(world.lines[at])).second) << world.lines[at];
    }
    std::size_t executed = 0;
    std::set<OrderId> sent;
    for (const auto& exchange : world.exchanges) {
        executed += exchange->trades.size();
        EXPECT_EQ(exchange->sent_twice, 0U);
        EXPECT_TRUE(exchange->resting().empty()) << "taken back";
        for (const Call& call : exchange->calls)
            EXPECT_TRUE(call.kind != RequestKind::place || sent.insert(call.order).second) << "sent twice";
    }
    EXPECT_EQ(counted.size(), executed) << "each trade has its line";
}

/// All that happened, for a test that failed.
inline std::string told_of(const LiveWorld& world)
{
    std::string text;
    for (const std::string& line : world.history) text += line + "\n";
    for (const std::string& note : world.notes) text += "note " + note + "\n";
    for (const std::string& flag : world.flags) text += "flag " + flag + "\n";
    return text;
}

}  // namespace arb::test
