// Another price for an order that rests, where the venue changes it in place: the order stays, and whatever
// becomes of the wish, every fill is hedged once and nothing rests at a price that nobody wants.
#include <utility>

#include "tests/pipeline/resting_life.hpp"

namespace arb {
namespace {

using test::AmendFate;
using test::LiveWorld;

class LiveTradingAmends : public ::testing::Test {
  protected:
    LiveTradingAmends()
    {
        for (auto& exchange : world.exchanges) exchange->features.amends = true;
        world.start_trading();
        EXPECT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
        world.run(milliseconds(100));
        first = only_resting();
    }
    OrderId only_resting()
    {
        const std::vector<OrderId> resting = world.exchange(0).resting();
        EXPECT_EQ(resting.size(), 1U);
        return resting.empty() ? OrderId{} : resting.front();
    }
    std::size_t placed() { return world.exchange(0).count(RequestKind::place); }
    Price price_of(OrderId order) { return world.exchange(0).orders[order].intent.price; }
    Price units(std::string_view text) const
    {
        return {parse_scaled(text, world.table.instrument_of(ListingId{0}).price_decimals).value};
    }
    void first_amend_fares(const AmendFate& fate)
    {
        bool first_time = true;
        world.exchange(0).amend_fate = [=](OrderId) mutable {
            return std::exchange(first_time, false) ? fate : AmendFate{};
        };
    }
    void end_well()
    {
        world.withdraw();
        world.run(seconds(5));
        EXPECT_EQ(world.net(), Amount{});
        EXPECT_EQ(world.live().flags().count(), 0U);
        test::expect_all_accounted(world);
    }
    LiveWorld world;
    OrderId first{};
};

TEST_F(LiveTradingAmends, the_order_stays_and_has_the_price)
{
    EXPECT_TRUE(world.reprice("27.06"));
    EXPECT_TRUE(world.resting().changing);
    world.run(milliseconds(100));
    EXPECT_EQ(only_resting(), first);
    EXPECT_EQ(price_of(first), units("27.06"));
    EXPECT_EQ(world.resting().price, units("27.06"));
    EXPECT_FALSE(world.resting().changing);
    EXPECT_EQ(placed(), 1U);
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel), 0U);
    EXPECT_EQ(LiveWorld::found(world.lines, "amend\t").size(), 1U) << "written before it left";
    EXPECT_TRUE(world.exchange(0).fill_resting(first, 100, world.now));
    world.run(milliseconds(100));
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_EQ(world.ends[0].bought, Quantity{100});
    EXPECT_EQ(world.ends[0].waterfall.sum(), world.ends[0].waterfall.realised);
    end_well();
}

TEST_F(LiveTradingAmends, wishes_that_come_meanwhile_are_followed_by_the_last_one)
{
    EXPECT_TRUE(world.reprice("27.06"));
    EXPECT_TRUE(world.reprice("27.04"));
    EXPECT_TRUE(world.reprice("27.03"));
    world.run(milliseconds(100));
    EXPECT_EQ(price_of(first), units("27.03"));
    EXPECT_EQ(world.exchange(0).count(RequestKind::amend), 2U);
    EXPECT_EQ(placed(), 1U);
    end_well();
}

// Refused, lost, done in silence: it goes, and what is left of it is sent anew.
TEST_F(LiveTradingAmends, whatever_is_not_confirmed_is_cancelled_and_sent_anew)
{
    for (const AmendFate& fate :
         {AmendFate{.refused = true}, AmendFate{.arrives = false}, AmendFate{.answers = false}}) {
        first_amend_fares(fate);
        const std::size_t before = placed();
        const std::size_t cancelled = world.exchange(0).count(RequestKind::cancel);
        const Price wanted = world.resting().price == units("27.06") ? units("27.04") : units("27.06");
        EXPECT_TRUE(world.reprice(wanted == units("27.06") ? "27.06" : "27.04"));
        world.run(seconds(4));
        EXPECT_EQ(placed(), before + 1);
        EXPECT_EQ(world.exchange(0).count(RequestKind::cancel), cancelled + 1);
        EXPECT_EQ(price_of(only_resting()), wanted);
        EXPECT_EQ(world.resting().price, wanted);
    }
    end_well();
}

TEST_F(LiveTradingAmends, a_fill_while_it_is_out_is_hedged_at_once)
{
    first_amend_fares({.answers = false});
    EXPECT_TRUE(world.reprice("27.06"));
    world.run(milliseconds(20));
    EXPECT_TRUE(world.exchange(0).fill_resting(first, 40, world.now));
    world.run(milliseconds(100));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.exchange(1).trades.size(), 1U);
    EXPECT_EQ(world.exchange(0).trades.back().price, units("27.06"));
    world.run(seconds(4));
    end_well();
}

TEST_F(LiveTradingAmends, what_is_withdrawn_stays_withdrawn)
{
    for (const bool refused : {false, true}) {
        first_amend_fares({.refused = refused});
        EXPECT_TRUE(world.reprice("27.06"));
        world.withdraw();
        world.run(seconds(3));
        EXPECT_TRUE(world.exchange(0).resting().empty());
        EXPECT_FALSE(world.resting().open);
        EXPECT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
        world.run(milliseconds(100));
    }
    end_well();
}

// A price that would take is refused by the venue, and by it alone: the order goes, and none follows.
TEST_F(LiveTradingAmends, a_price_that_would_take_ends_the_leg)
{
    EXPECT_TRUE(world.reprice("27.10"));
    world.run(seconds(3));
    EXPECT_TRUE(world.exchange(0).trades.empty());
    EXPECT_FALSE(world.resting().open);
    end_well();
}

TEST_F(LiveTradingAmends, the_worse_price_is_reserved_until_the_venue_said_which)
{
    const RiskGate& gate = world.engine->risk();
    const Amount before = gate.money().free_quote(ListingId{0});
    first_amend_fares({.answers = false});
    EXPECT_TRUE(world.reprice("27.06"));
    const Amount out = gate.money().free_quote(ListingId{0});
    EXPECT_LT(out, before) << "a buyer's higher price";
    world.run(seconds(4));
    EXPECT_EQ(gate.money().free_quote(ListingId{0}), out) << "and it has it now";
    EXPECT_TRUE(world.reprice("27.01"));
    EXPECT_EQ(gate.money().free_quote(ListingId{0}), out) << "the lower one is not counted on";
    world.run(seconds(1));
    EXPECT_GT(gate.money().free_quote(ListingId{0}), before) << "until it is told";
    end_well();
}

TEST_F(LiveTradingAmends, after_a_kill_the_worse_price_counts_and_it_is_taken_back)
{
    first_amend_fares({.answers = false});
    EXPECT_TRUE(world.reprice("27.06"));
    const Amount out = world.engine->risk().money().free_quote(ListingId{0});
    world.kill();
    world.start();
    EXPECT_EQ(world.engine->risk().money().free_quote(ListingId{0}), out);
    world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(60));
    world.run(seconds(1));
    EXPECT_TRUE(world.exchange(0).resting().empty());
    EXPECT_EQ(world.live().flags().count(), 0U);
    test::expect_all_accounted(world);
}

// An order that nobody heard of yet may be anywhere: its price is not changed, it is taken back.
TEST_F(LiveTradingAmends, only_what_rests_by_the_venues_word_is_changed)
{
    world.withdraw();
    world.run(seconds(1));
    world.exchange(0).fate = [](const ApprovedOrder&) { return test::Fate{.answers = false}; };
    EXPECT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
    world.run(milliseconds(100));
    EXPECT_TRUE(world.reprice("27.06"));
    EXPECT_EQ(world.exchange(0).count(RequestKind::amend), 0U);
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel), 2U);
    world.exchange(0).fate = [](const ApprovedOrder&) { return test::Fate{}; };
    world.run(seconds(4));
    end_well();
}

}  // namespace
}  // namespace arb
