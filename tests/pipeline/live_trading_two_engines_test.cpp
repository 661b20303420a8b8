// Two engines on the same accounts, each with a state of its own: each hears the other's orders and fills on
// its private stream. They stop where they met, and neither closes what the other opened.
#include <map>

#include "tests/pipeline/resting_life.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::Spec;

// News of an order needs no longer; both have five seconds.
constexpr Duration kUnderWay = milliseconds(100);

const std::vector<Spec>& three_venues()
{
    static const std::vector<Spec> specs = {{.venue = "hb"}, {.venue = "kc"}, {.venue = "zz"}};
    return specs;
}

struct TwoEngines {
    LiveWorld a{three_venues()};
    LiveWorld b{three_venues(), a};
    std::map<std::pair<const LiveWorld*, std::size_t>, Timestamp> halted;  ///< when each halted which venue
    std::size_t accepted = 0;                                              ///< packages

    /// The exchanges speak with b for as long as that takes.
    template <class Act>
    auto as_b(Act&& act)
    {
        for (auto& exchange : a.exchanges) exchange->turn();
        auto result = act();
        for (auto& exchange : a.exchanges) exchange->turn();
        return result;
    }
    void start_b()
    {
        b.now = a.now;
        (void)as_b([&] {
            b.start();
            return true;
        });
    }
    void run(Duration time)
    {
        const Timestamp end = a.now + time;
        while (a.now < end) {
            a.run(milliseconds(20));
            if (b.engine == nullptr) continue;
            (void)as_b([&] {
                b.run(milliseconds(20));
                return true;
            });
            for (const LiveWorld* engine : {&a, &b}) {
                const bool trades = engine->live().phase() == Phase::trading;
                for (std::size_t v = 0; v < 3; ++v) {
                    if (trades && engine->view(v).stopped) halted.try_emplace({engine, v}, a.now);
                }
            }
        }
    }
    /// When a venue heard of that engine's orders.
    std::vector<Timestamp> orders_of(const LiveWorld& engine, std::size_t venue) const
    {
        std::vector<Timestamp> times;
        for (const test::Call& call : a.exchanges[venue]->calls) {
            if (call.kind == RequestKind::place && epoch_of(call.order) == engine.epoch)
                times.push_back(call.time);
        }
        return times;
    }
    /// What both say they have and should not.
    Amount owned() const
    {
        Amount sum = exposed(a) + exposed(b);
        for (const LiveWorld* engine : {&a, &b}) {
            engine->engine->executor().for_each_open([&](const PackageExecutor::View& view) {
                sum += a.table.instrument_of(ListingId{0}).amount({view.excess});
            });
        }
        return sum;
    }
};

/// For some seconds both propose again and again, at their own moments; at first in the same one.
void both_want(TwoEngines& two, Random& random)
{
    const Timestamp end = two.a.now + seconds(5);
    for (bool first = random.one_in(2); two.a.now < end; first = false) {
        const bool way = random.one_in(2);
        const std::string quantity = std::to_string(random.between(1, 20));
        const auto wish = [&](LiveWorld& engine) {
            two.accepted += engine.propose(way ? 0 : 1, way ? 1 : 0, quantity) ? 1 : 0;
            return true;
        };
        const std::int64_t who = first ? 2 : random.between(0, 2);
        if (who != 1) (void)wish(two.a);
        if (who != 0) (void)two.as_b([&] { return wish(two.b); });
        two.run(milliseconds(random.between(1, 15) * 20));
    }
}

/// Whoever heard of the other at a venue has halted it, at once, and sends nothing there from then on.
void expect_halted_where_they_met(TwoEngines& two)
{
    for (std::size_t v = 0; v < 3; ++v) {
        for (const LiveWorld* engine : {&two.a, &two.b}) {
            const std::vector<Timestamp> others = two.orders_of(engine == &two.a ? two.b : two.a, v);
            const auto halted = two.halted.find({engine, v});
            ASSERT_EQ(halted != two.halted.end(), !others.empty()) << "venue " << v;
            if (others.empty()) continue;
            EXPECT_EQ(engine->view(v).stopped, true);
            EXPECT_LT((halted->second - others.front()).ns, kUnderWay.ns);
            for (const Timestamp own : two.orders_of(*engine, v)) EXPECT_LE(own, halted->second);
        }
    }
}

TEST(LiveTradingTwoEngines, they_stop_where_they_met_and_fight_no_war)
{
    std::size_t both = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        TwoEngines two;
        // Now and then a part of an order is left over.
        if (seed % 4 == 0) {
            two.a.exchange(0).fate = [seed](const ApprovedOrder& order) {
                Random fate(seed * 101 + counter_of(order.id()));
                return Fate{.percent = fate.one_in(2) ? fate.between(0, 100) : 100};
            };
        }
        two.a.start_trading();
        two.run(milliseconds(random.between(0, 250) * 20));
        two.start_b();
        two.run(milliseconds(random.between(50, 150) * 20));
        ASSERT_EQ(two.a.live().phase(), Phase::trading);
        ASSERT_EQ(two.b.live().phase(), Phase::trading);
        both_want(two, random);
        const std::size_t placed = two.a.count(RequestKind::place);
        if (seed % 4 != 0) EXPECT_EQ(placed, 2 * two.accepted) << "nothing was closed that was not open";
        expect_halted_where_they_met(two);
        both += two.halted.count({&two.a, 0}) + two.halted.count({&two.b, 0}) == 2 ? 1 : 0;
        for (LiveWorld* engine : {&two.a, &two.b}) {
            const auto flatten = [&] { return engine->command("flatten"); };
            EXPECT_TRUE(engine == &two.a ? flatten() : two.as_b(flatten));
        }
        two.run(seconds(5));
        EXPECT_EQ(two.a.count(RequestKind::place), placed) << "no war";
        EXPECT_EQ(two.a.net(), two.owned());
        if (seed % 4 != 0) EXPECT_EQ(two.a.net(), Amount{});
        if (::testing::Test::HasFailure()) FAIL() << told_of(two.a) << told_of(two.b);
    }
    EXPECT_GT(both, 8U) << "both had orders at one venue";
}

// The one that did not make it takes it back, once; whoever made it goes on, and is hedged.
TEST(LiveTradingTwoEngines, an_order_that_rests_is_taken_back_once_by_the_engine_that_did_not_make_it)
{
    TwoEngines two;
    two.a.start_trading();
    two.start_b();
    two.run(seconds(5));
    ASSERT_EQ(two.b.live().phase(), Phase::trading);
    ASSERT_TRUE(two.a.propose_resting(0, 1, "10", Side::buy, "27.05"));
    two.run(seconds(1));
    EXPECT_TRUE(two.b.view(0).stopped);
    EXPECT_FALSE(two.a.view(0).stopped) << "it heard of nobody";
    EXPECT_FALSE(two.a.resting().open);
    EXPECT_EQ(two.a.live().flags().count(), 0U);
    ASSERT_TRUE(two.a.propose_resting(0, 1, "10", Side::buy, "27.05"));
    two.run(seconds(5));
    EXPECT_TRUE(two.a.resting().resting);
    EXPECT_EQ(two.a.exchange(0).count(RequestKind::cancel_all), 1U);
    fill_what_rests(two.a, 50, true);
    two.run(seconds(1));
    EXPECT_EQ(two.a.net(), Amount{});
    EXPECT_TRUE(two.b.view(1).stopped) << "the hedge's venue as well";
    EXPECT_EQ(two.orders_of(two.b, 0).size() + two.orders_of(two.b, 1).size(), 0U);
    EXPECT_EQ(two.a.difference(), "");
}

}  // namespace
}  // namespace arb
