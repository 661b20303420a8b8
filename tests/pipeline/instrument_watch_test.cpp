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

// A list knows of reasons that a stream does not show (post-only), and a stream is ahead of the list.
TEST(InstrumentWatch, a_listing_trades_when_neither_list_nor_stream_halts_it)
{
    const ListingDefinition open = Spec{.venue = "hb"}.definition();
    ListingDefinition shut = open;
    shut.status = ListingStatus::halted;
    const std::string list_halts = "listing\thb\t" + shut.to_line(),
                      list_opens = "listing\thb\t" + open.to_line();
    struct Case {
        const char* name;
        std::vector<std::string> words;  ///< lines of a list; "halted", "trading" and "lost": the stream's
        ListingStatus status;
        bool wish;  ///< after the last word
    };
    const Case cases[] = {
        {"nothing new at the start", {"trading"}, ListingStatus::trading, false},
        {"the stream cannot open what the list halts", {list_halts, "trading"}, ListingStatus::halted, true},
        {"its word again asks for no list again",
         {list_halts, "trading", "trading"},
         ListingStatus::halted,
         false},
        {"a list cannot open what the stream halts", {"halted", list_opens}, ListingStatus::halted, false},
        {"the list follows", {"halted", list_halts, "trading", list_opens}, ListingStatus::trading, false},
        {"a stream that begins anew leaves it to the list", {"halted", "lost"}, ListingStatus::trading, true},
        {"whatever the list says, which is read again",
         {"halted", list_halts, "lost"},
         ListingStatus::halted,
         true},
        {"the stream follows", {"halted", list_halts, list_opens, "trading"}, ListingStatus::trading, true},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.name);
        Watched watched;
        for (const std::string& word : c.words) {
            (void)watched.watch.take_wish();
            if (word.starts_with("listing")) {
                EXPECT_TRUE(watched.told(word));
            } else {
                watched.watch.on_status(ListingId{0}, word == "halted"    ? ListingStatus::halted
                                                      : word == "trading" ? ListingStatus::trading
                                                                          : ListingStatus::unknown);
            }
        }
        EXPECT_EQ(watched.table.listing(ListingId{0}).status, c.status);
        EXPECT_EQ(watched.watch.why(ListingId{0}).empty(), c.status == ListingStatus::trading);
        EXPECT_EQ(watched.watch.take_wish(), c.wish);
    }
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
