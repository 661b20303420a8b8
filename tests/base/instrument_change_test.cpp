// What a venue changes about a listing while a run lasts: in this run's units, and never against the meaning
// of what was agreed before.
#include <gtest/gtest.h>

#include "engine/base/instrument.hpp"

namespace arb {
namespace {

Decimal number(const char* text)
{
    return *Decimal::parse(text);
}

ListingDefinition link()
{
    ListingDefinition d;
    d.market = "spot";
    d.symbol = "LINKUSDT";
    d.base = "LINK";
    d.quote = "USDT";
    d.tick = number("0.01");
    d.lot = number("0.1");
    d.quantity_min = number("0.1");
    d.notional_min = number("5");
    return d;
}

struct Live {
    explicit Live(const ListingDefinition& first = link())
        : definition(first), table(InstrumentTable::build({{{"hb", "spot"}, {first}}}).take())
    {
    }
    ListingChange tell() { return table.change(ListingId{0}, definition); }
    const Listing& listing() const { return table.listings()[0]; }

    ListingDefinition definition;
    InstrumentTable table;
};

TEST(InstrumentChange, the_same_again_is_no_change)
{
    Live live;
    const ListingChange change = live.tell();
    EXPECT_FALSE(change.any);
    EXPECT_FALSE(change.fees);
    EXPECT_EQ(change.text, "");
    EXPECT_EQ(change.why, "");
    EXPECT_EQ(live.listing().price_step, Price{1});
}

TEST(InstrumentChange, coarser_steps_and_minimums)
{
    Live live;
    live.definition.tick = number("0.05");
    live.definition.lot = number("1");
    live.definition.quantity_min = number("2");
    live.definition.notional_min = number("10");
    const ListingChange change = live.tell();
    EXPECT_EQ(change.text, "tick 0.01 -> 0.05, lot 0.1 -> 1, minimum 0.1 -> 2, minimum value 5 -> 10");
    EXPECT_EQ(live.listing().tick, Price{5});
    EXPECT_EQ(live.listing().lot, Quantity{10});
    EXPECT_EQ(live.listing().quantity_min, Quantity{20});
    EXPECT_EQ(live.listing().notional_min, *amount_of(number("10")));
    EXPECT_EQ(live.listing().price_step, Price{1}) << "orders at the old tick still rest";
    EXPECT_EQ(live.listing().status, ListingStatus::trading);
}

TEST(InstrumentChange, a_step_finer_than_the_unit_leaves_the_old_one)
{
    Live live;
    live.definition.tick = number("0.002");
    live.definition.quantity_min = number("0.05");
    const ListingChange change = live.tell();
    EXPECT_TRUE(change.any);
    EXPECT_EQ(live.listing().tick, Price{1}) << "0.01 is five of the venue's ticks";
    EXPECT_EQ(live.listing().quantity_min, Quantity{1}) << "rounded up";
    EXPECT_EQ(live.listing().status, ListingStatus::trading);
}

TEST(InstrumentChange, what_cannot_be_expressed_is_halted_and_says_why)
{
    Live odd;
    odd.definition.tick = number("0.003");
    EXPECT_NE(odd.tell().why.find("its tick is 0.003 now"), std::string::npos);
    EXPECT_EQ(odd.listing().status, ListingStatus::halted);
    EXPECT_EQ(odd.listing().tick, Price{1});
    Live other;
    other.definition.multiplier = number("10");
    EXPECT_NE(other.tell().why.find("another contract"), std::string::npos);
    EXPECT_EQ(other.listing().status, ListingStatus::halted);
    other.definition = link();
    EXPECT_EQ(other.tell().text, "halted -> trading");
    EXPECT_EQ(other.listing().status, ListingStatus::trading);
}

TEST(InstrumentChange, contracts_are_told_in_contracts)
{
    ListingDefinition swap = link();
    swap.kind = InstrumentKind::perpetual;
    swap.multiplier = number("0.1");
    swap.lot = swap.quantity_min = number("1");
    Live live(swap);
    EXPECT_EQ(live.listing().lot, Quantity{1});
    live.definition.lot = number("5");
    EXPECT_EQ(live.tell().text, "lot 0.1 -> 0.5");
    EXPECT_EQ(live.listing().lot, Quantity{5});
}

TEST(InstrumentChange, status_and_fees)
{
    Live live;
    live.definition.status = ListingStatus::halted;
    ListingChange change = live.tell();
    EXPECT_EQ(change.text, "trading -> halted");
    EXPECT_EQ(change.why, "the venue has halted it");
    live.definition.status = ListingStatus::trading;
    live.definition.fee_maker = number("0.001");
    live.definition.fee_taker = number("0.0015");
    change = live.tell();
    EXPECT_TRUE(change.fees);
    EXPECT_EQ(change.why, "");
    EXPECT_EQ(live.listing().fee_taker, Rate{150'000});
    EXPECT_TRUE(live.listing().fees_known);
    EXPECT_FALSE(live.tell().any);
}

}  // namespace
}  // namespace arb
