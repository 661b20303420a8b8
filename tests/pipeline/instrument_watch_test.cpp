// Lines of what venues list now: read, applied, told; and what two readings of a list differ in.
#include "engine/pipeline/instrument_watch.hpp"

#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::Spec;

struct Watched {
    Watched()
        : table(InstrumentTable::build(test::venues_of({{.venue = "hb"}, {.venue = "kc"}})).take()),
          watch(&table)
    {
    }
    bool told(const std::string& line)
    {
        change = {};
        return watch.command(line, change);
    }
    InstrumentTable table;
    InstrumentWatch watch;
    InstrumentWatch::Change change;
};

TEST(InstrumentWatch, a_changed_listing_takes_effect_and_says_so)
{
    Watched watched;
    ListingDefinition d = Spec{.venue = "kc"}.definition();
    d.lot = *Decimal::parse("1");
    d.status = ListingStatus::halted;
    EXPECT_TRUE(watched.told("listing\tkc\t" + d.to_line()));
    EXPECT_EQ(watched.change.listing, ListingId{1});
    EXPECT_FALSE(watched.change.fees);
    EXPECT_EQ(watched.table.listing(ListingId{1}).status, ListingStatus::halted);
    EXPECT_EQ(watched.watch.why(ListingId{1}), "the venue has halted it");
    EXPECT_EQ(watched.watch.why(ListingId{0}), "");
    EXPECT_EQ(watched.watch.last_change(),
              "LINKUSDT at kc: lot 0.1 -> 1, trading -> halted (the venue has halted it); no new risk there");
    EXPECT_EQ(watched.watch.changes(), 1U);
    EXPECT_TRUE(watched.told("listing\tkc\t" + Spec{.venue = "kc"}.definition().to_line()));
    EXPECT_EQ(watched.table.listing(ListingId{1}).status, ListingStatus::trading);
    EXPECT_EQ(watched.watch.why(ListingId{1}), "");
}

TEST(InstrumentWatch, a_listing_that_is_gone_takes_no_new_risk)
{
    Watched watched;
    EXPECT_TRUE(watched.told("delisted\thb\tLINKUSDT"));
    EXPECT_EQ(watched.table.listing(ListingId{0}).status, ListingStatus::halted);
    EXPECT_EQ(watched.watch.why(ListingId{0}), "the venue no longer lists it");
    EXPECT_EQ(watched.table.listing(ListingId{1}).status, ListingStatus::trading);
}

TEST(InstrumentWatch, what_is_not_understood_changes_nothing)
{
    Watched watched;
    for (const char* line :
         {"listing\thb", "listing\tnobody\tsymbol=LINKUSDT", "listing\thb\tsymbol=XRPUSDT",
          "listing\thb\trubbish", "delisted\thb\tXRPUSDT", "delisted\tnobody\tLINKUSDT", "pause"}) {
        EXPECT_FALSE(watched.told(line)) << line;
    }
    EXPECT_EQ(watched.watch.changes(), 0U);
    InstrumentWatch blind(nullptr);
    InstrumentWatch::Change change;
    EXPECT_FALSE(blind.command("delisted\thb\tLINKUSDT", change));
    EXPECT_TRUE(InstrumentWatch::speaks_of("delisted\thb\tLINKUSDT"));
    EXPECT_FALSE(InstrumentWatch::speaks_of("resume"));
}

TEST(InstrumentWatch, a_venues_word_and_a_refusal_ask_for_the_lists)
{
    Watched watched;
    EXPECT_FALSE(watched.watch.take_wish());
    watched.watch.on_status(ListingId{0}, ListingStatus::halted);
    EXPECT_EQ(watched.table.listing(ListingId{0}).status, ListingStatus::halted);
    EXPECT_TRUE(watched.watch.take_wish());
    EXPECT_FALSE(watched.watch.take_wish());
    watched.watch.on_status(ListingId{0}, ListingStatus::halted);
    EXPECT_FALSE(watched.watch.take_wish()) << "no news";
    watched.watch.on_status(ListingId{0}, ListingStatus::trading);
    EXPECT_EQ(watched.watch.why(ListingId{0}), "");
    (void)watched.watch.take_wish();
    watched.watch.on_refusal(RejectReason::balance);
    EXPECT_FALSE(watched.watch.take_wish());
    watched.watch.on_refusal(RejectReason::tick);
    EXPECT_TRUE(watched.watch.take_wish());
}

TEST(InstrumentWatch, the_lines_between_two_readings)
{
    const ListingDefinition same = Spec{.venue = "hb"}.definition();
    ListingDefinition changed = Spec{.venue = "hb", .base = "BTC"}.definition();
    const ListingDefinition gone = Spec{.venue = "hb", .base = "ETH"}.definition();
    const std::vector<ListingDefinition> before{same, changed, gone};
    changed.tick = *Decimal::parse("0.5");
    const std::vector<ListingDefinition> now{Spec{.venue = "hb", .base = "XRP"}.definition(), changed, same};
    EXPECT_EQ(listing_lines("hb", before, now),
              (std::vector<std::string>{"listing\thb\t" + changed.to_line(), "delisted\thb\tETHUSDT"}));
    EXPECT_TRUE(listing_lines("hb", before, before).empty());
}

}  // namespace
}  // namespace arb
