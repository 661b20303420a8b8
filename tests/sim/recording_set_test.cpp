// Several recordings become one stream in order of time, over one table; what contradicts itself is refused,
// what is damaged ends its own file only.
#include "engine/sim/recording_set.hpp"

#include <gtest/gtest.h>

#include "tests/sim/recordings.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::Folder;
using test::Recording;
using test::Spec;

const test::TextLevels kBid{{"27.00", "5"}}, kAsk{{"27.02", "5"}};

RecordingSet open(const std::vector<std::string>& paths, const std::vector<InstrumentConfig>& overrides = {})
{
    return std::move(RecordingSet::open(paths, overrides)).take();
}

/// "ms venue" of every input.
std::vector<std::string> inputs(RecordingSet& set)
{
    std::vector<std::string> result;
    while (!set.empty()) {
        const RecordingSet::Input input = set.front();
        EXPECT_EQ(set.time(), input.record->time);
        result.push_back(std::to_string((input.record->time - test::kStart).ns / 1'000'000) + " " +
                         set.table().label(input.venue) + (input.ends ? " ends" : ""));
        set.pop();
    }
    return result;
}

using Texts = std::vector<std::string>;

TEST(RecordingSet, merges_by_time_and_equal_times_in_the_order_of_the_files)
{
    const Folder folder;
    const std::string hb = Recording(folder.at("hb"), {{.venue = "hb"}})
                               .book(0, 1, kBid, kAsk)
                               .book(0, 5, kBid, kAsk)
                               .book(0, 5, kBid, kAsk)
                               .finish();
    const std::string kc = Recording(folder.at("kc"), {{.venue = "kc"}})
                               .book(0, 0, kBid, kAsk)
                               .book(0, 5, kBid, kAsk)
                               .book(0, 6, kBid, kAsk)
                               .finish();
    RecordingSet set = open({hb, kc});
    EXPECT_EQ(inputs(set), (Texts{"0 kc", "1 hb", "5 hb", "5 hb", "5 kc", "5 hb ends", "6 kc"}));
    RecordingSet turned = open({kc, hb});
    EXPECT_EQ(inputs(turned), (Texts{"0 kc", "1 hb", "5 kc", "5 hb", "5 hb", "5 hb ends", "6 kc"}));
    EXPECT_EQ(set.records(), 6U);
    EXPECT_TRUE(set.troubles().empty());
    EXPECT_EQ(set.bytes_read(), set.bytes_total());
}

TEST(RecordingSet, a_recording_given_twice_is_refused_also_under_another_name)
{
    const Folder folder;
    const std::string hb = Recording(folder.at("hb"), {{.venue = "hb"}}).book(0, 1, kBid, kAsk).finish();
    const std::string kc = Recording(folder.at("kc"), {{.venue = "kc"}}).book(0, 1, kBid, kAsk).finish();
    const std::string later =
        Recording(folder.at("later"), {{.venue = "hb"}}).book(0, 2, kBid, kAsk).finish();
    std::filesystem::copy_file(hb, folder.at("copy"));
    std::filesystem::create_symlink(hb, folder.at("link"));
    EXPECT_TRUE(RecordingSet::open({hb, kc, later}, {}));
    for (const std::string& again : {hb, folder.at("copy"), folder.at("link")}) {
        const Result<RecordingSet> set = RecordingSet::open({hb, kc, again}, {});
        ASSERT_FALSE(set);
        EXPECT_EQ(set.error().code, ExitCode::usage);
        EXPECT_NE(set.error().message.find("once"), std::string::npos) << set.error().message;
        EXPECT_NE(set.error().message.find(again), std::string::npos);
    }
}

TEST(RecordingSet, one_venue_in_two_files_is_one_venue_but_connections_stay_apart)
{
    const Folder folder;
    Recording a(folder.at("a"), {{.venue = "hb"}});
    a.writer().frame(VenueId{0}, ConnectionId{3}, at_ms(1), "x");
    Recording b(folder.at("b"), {{.venue = "kc"}, {.venue = "hb", .base = "BTC"}});
    b.writer().frame(VenueId{1}, ConnectionId{3}, at_ms(2), "y");
    b.writer().frame(VenueId{0}, ConnectionId{9}, at_ms(3), "z");
    RecordingSet set = open({a.finish(), b.finish()});
    EXPECT_EQ(set.table().venue_count(), 2U);
    EXPECT_EQ(set.table().listings().size(), 3U);
    const RecordingSet::Input first = set.front();
    set.pop();
    EXPECT_TRUE(set.front().ends);
    set.pop();
    const RecordingSet::Input second = set.front();
    set.pop();
    const RecordingSet::Input third = set.front();
    EXPECT_EQ(first.venue, second.venue);
    EXPECT_NE(first.connection, second.connection);
    EXPECT_NE(second.venue, third.venue);
    EXPECT_NE(second.connection, third.connection);
}

TEST(RecordingSet, levels_come_in_the_units_of_the_union)
{
    const Folder folder;
    const std::string coarse =
        Recording(folder.at("coarse"), {{.venue = "hb"}}).book(0, 1, kBid, kAsk).finish();
    const std::string fine = Recording(folder.at("fine"), {{.venue = "kc", .tick = "0.0001", .lot = "0.001"}})
                                 .book(0, 2, kBid, kAsk)
                                 .finish();
    RecordingSet set = open({coarse, fine});
    EXPECT_EQ(set.table().instruments()[0].price_decimals, 4);
    BookUpdate update = set.book_update(set.front());
    EXPECT_EQ(update.bids[0], (Level{{270'000}, {5'000}}));
    EXPECT_EQ(update.asks[0], (Level{{270'200}, {5'000}}));
    EXPECT_TRUE(update.snapshot);
    EXPECT_EQ(update.receive_time, at_ms(1));
    set.pop();
    EXPECT_TRUE(set.front().ends);
    set.pop();
    update = set.book_update(set.front());
    EXPECT_EQ(update.bids[0], (Level{{2'700}, {50}}));
}

std::string refusal(const std::vector<std::string>& paths,
                    const std::vector<InstrumentConfig>& overrides = {})
{
    const Result<RecordingSet> set = RecordingSet::open(paths, overrides);
    if (set) return "accepted";
    EXPECT_EQ(set.error().code, ExitCode::data);
    return set.error().message;
}

TEST(RecordingSet, two_recordings_that_contradict_each_other_need_the_configuration)
{
    const Folder folder;
    const std::string old =
        Recording(folder.at("old"), {{.venue = "hb"}, {.venue = "hb", .base = "BTC"}}).finish();
    const std::string other =
        Recording(folder.at("other"), {{.venue = "hb", .tick = "0.02"}, {.venue = "hb", .base = "BTC"}})
            .finish();
    const std::string same = Recording(folder.at("same"), {{.venue = "hb"}, {.venue = "hb", .base = "BTC"}})
                                 .book(0, 1, kBid, kAsk)
                                 .finish();
    EXPECT_EQ(refusal({old, same}), "accepted");
    EXPECT_EQ(refusal({old, other}),
              other +
                  ": LINKUSDT of hb has other rules here than in an earlier recording; give it "
                  "once as [[instrument]] in the configuration");
    const Spec link{.venue = "hb", .tick = "0.01", .notional = "5"};
    const std::vector<InstrumentConfig> overrides{{"hb", link.definition(), "test.toml:5:1"}};
    EXPECT_EQ(refusal({old, other}, overrides), "accepted");
    RecordingSet set = open({old, other}, overrides);
    EXPECT_EQ(set.table().listings()[0].notional_min, test::money("5"));
    // Rules for another symbol settle nothing.
    const Spec btc{.venue = "hb", .base = "BTC", .notional = "5"};
    EXPECT_NE(refusal({old, other}, {{"hb", btc.definition(), "test.toml:5:1"}}), "accepted");
    EXPECT_NE(refusal({old, other}, {{"kc", link.definition(), "test.toml:5:1"}}), "accepted");
}

TEST(RecordingSet, told_rules_beat_learnt_ones_and_learnt_ones_join)
{
    const Folder folder;
    const auto write = [&](const char* name, const char* tick, bool inferred) {
        JournalHeader header = test::header_of({{.venue = "hb", .tick = tick}});
        header.venues[0].definitions[0].inferred = inferred;
        JournalWriter writer = std::move(JournalWriter::create(folder.at(name), header)).take();
        EXPECT_TRUE(writer.finish());
        return folder.at(name);
    };
    const std::string learnt = write("learnt", "0.1", true), finer = write("finer", "0.01", true);
    const std::string told = write("told", "0.05", false);
    const auto step = [&](const std::vector<std::string>& paths) {
        const RecordingSet set = open(paths);
        const Listing& listing = set.table().listings()[0];
        return format_scaled(listing.tick.units, set.table().instruments()[0].price_decimals) +
               (listing.inferred ? "?" : "");
    };
    EXPECT_EQ(step({learnt, finer}), "0.01?");
    EXPECT_EQ(step({finer, learnt}), "0.01?");
    EXPECT_EQ(step({learnt, told}), "0.05");
    EXPECT_EQ(step({told, learnt}), "0.05");
}

TEST(RecordingSet, an_override_coarser_than_the_recorded_levels_is_refused)
{
    const Folder folder;
    const std::string path = Recording(folder.at("a"), {{.venue = "hb"}}).book(0, 1, kBid, kAsk).finish();
    const Spec coarse{.venue = "hb", .tick = "0.1"};
    EXPECT_NE(refusal({path}, {{"hb", coarse.definition(), "test.toml:5:1"}}).find("finer steps"),
              std::string::npos);
    const Spec finer{.venue = "hb", .tick = "0.001"};
    RecordingSet set = open({path}, {{"hb", finer.definition(), "test.toml:5:1"}});
    EXPECT_EQ(set.book_update(set.front()).bids[0].price, Price{27'000});
}

TEST(RecordingSet, time_that_goes_back_ends_the_file_it_is_in)
{
    const Folder folder;
    const std::string back = Recording(folder.at("back"), {{.venue = "hb"}})
                                 .book(0, 5, kBid, kAsk)
                                 .book(0, 4, kBid, kAsk)
                                 .book(0, 9, kBid, kAsk)
                                 .finish();
    const std::string good = Recording(folder.at("good"), {{.venue = "kc"}}).book(0, 8, kBid, kAsk).finish();
    RecordingSet set = open({back, good});
    EXPECT_EQ(inputs(set), (Texts{"5 hb", "5 hb ends", "8 kc"}));
    ASSERT_EQ(set.troubles().size(), 1U);
    EXPECT_EQ(set.troubles()[0].code, ExitCode::data);
    EXPECT_NE(set.troubles()[0].message.find(back + ": record 2 has a receive time 1000000 ns before"),
              std::string::npos)
        << set.troubles()[0].message;
}

TEST(RecordingSet, a_place_that_the_header_does_not_have_ends_the_file)
{
    const Folder folder;
    const std::vector<RecordedLevel> levels{{2'700, 50}};
    for (const bool bad_venue : {true, false}) {
        Recording recording(folder.at(bad_venue ? "venue" : "listing"), {{.venue = "hb"}});
        recording.book(0, 1, kBid, kAsk);
        recording.writer().book(VenueId{static_cast<std::uint8_t>(bad_venue ? 7 : 0)},
                                static_cast<std::uint16_t>(bad_venue ? 0 : 1), at_ms(2), true, levels, {});
        recording.book(0, 3, kBid, kAsk);
        RecordingSet set = open({recording.finish()});
        EXPECT_EQ(inputs(set), Texts{"1 hb"});
        ASSERT_EQ(set.troubles().size(), 1U);
        EXPECT_NE(set.troubles()[0].message.find("header does not have"), std::string::npos)
            << set.troubles()[0].message;
    }
}

TEST(RecordingSet, impossible_levels_spoil_the_whole_record)
{
    const Folder folder;
    const std::vector<RecordedLevel> good{{2'700, 50}};
    const std::vector<std::vector<RecordedLevel>> bad{{{0, 1}},
                                                      {{-5, 1}},
                                                      {{2'700, -1}},
                                                      {{INT64_MAX, 1}},
                                                      {{2'700, INT64_MAX}},
                                                      {{2'700, 1}, {INT64_MIN, 1}}};
    Recording recording(folder.at("a"), {{.venue = "hb"}});
    for (const auto& levels : bad) {
        recording.writer().book(VenueId{0}, 0, at_ms(1), true, good, levels);
        recording.writer().book(VenueId{0}, 0, at_ms(1), true, levels, good);
    }
    const std::string fine =
        Recording(folder.at("b"), {{.venue = "kc", .tick = "0.001", .lot = "0.01"}}).finish();
    RecordingSet set = open({recording.finish(), fine});
    for (std::size_t i = 0; i < bad.size() * 2; ++i) {
        ASSERT_FALSE(set.empty());
        const RecordingSet::Input input = set.front();
        EXPECT_EQ(input.listing, ListingId{0});
        const BookUpdate update = set.book_update(input);
        EXPECT_EQ(update.listing, kNoListing) << i;
        EXPECT_TRUE(update.bids.empty() && update.asks.empty());
        set.pop();
    }
}

TEST(RecordingSet, outputs_are_passed_over_unless_wanted)
{
    const Folder folder;
    Recording recording(folder.at("a"), {{.venue = "hb"}});
    recording.writer().output(at_ms(0), "a decision");
    recording.book(0, 1, kBid, kAsk);
    recording.writer().output(at_ms(1), "another");
    const std::string path = recording.finish();
    RecordingSet set = open({path});
    EXPECT_EQ(inputs(set).size(), 1U);
    RecordingSet all = open({path});
    all.include_outputs(true);
    unsigned outputs = 0;
    for (; !all.empty(); all.pop()) outputs += all.front().record->kind == RecordKind::output;
    EXPECT_EQ(outputs, 1U) << "the first one was passed over before outputs were asked for";
}

TEST(RecordingSet, what_cannot_be_opened_is_told)
{
    const Folder folder;
    EXPECT_NE(refusal({folder.at("nowhere")}).find("nowhere"), std::string::npos);
}

TEST(RecordingSet, a_merged_record_written_again_reads_the_same)
{
    const Folder folder;
    const std::string coarse =
        Recording(folder.at("a"), {{.venue = "kc"}, {.venue = "hb"}}).book(1, 1, kBid, kAsk).finish();
    const std::string fine =
        Recording(folder.at("b"), {{.venue = "hb"}, {.venue = "ok", .tick = "0.001", .lot = "0.001"}})
            .book(0, 2, kBid, kAsk)
            .finish();
    RecordingSet set = open({coarse, fine});
    JournalHeader header;
    header.venues = set.venues();
    JournalWriter writer = std::move(JournalWriter::create(folder.at("merged"), header)).take();
    std::vector<std::vector<Level>> before;
    for (; !set.empty(); set.pop()) {
        const BookUpdate update = set.book_update(set.front());
        before.emplace_back(update.bids.begin(), update.bids.end());
        writer.copy(set.merged_record(set.front()));
    }
    ASSERT_TRUE(writer.finish());
    RecordingSet again = open({folder.at("merged")});
    for (const auto& levels : before) {
        ASSERT_FALSE(again.empty());
        const BookUpdate update = again.book_update(again.front());
        EXPECT_EQ(again.table().label(again.table().listing(update.listing).venue), "hb");
        EXPECT_EQ(std::vector<Level>(update.bids.begin(), update.bids.end()), levels);
        again.pop();
    }
    EXPECT_TRUE(again.empty());
}

// A recording that is over leaves no book behind that stands for ever; the last one needs no end.
TEST(RecordingSet, a_file_that_is_over_closes_what_it_had)
{
    const Folder folder;
    Recording first(folder.at("first"), {{.venue = "hb"}});
    first.writer().open(VenueId{0}, ConnectionId{3}, at_ms(1), "x");
    first.writer().frame(VenueId{0}, ConnectionId{4}, at_ms(2), "y");
    first.writer().close(VenueId{0}, ConnectionId{3}, at_ms(3), "closed by itself");
    first.book(0, 4, kBid, kAsk);
    Recording second(folder.at("second"), {{.venue = "kc"}});
    second.book(0, 2, kBid, kAsk).book(0, 9, kBid, kAsk);
    RecordingSet set = open({first.finish(), second.finish()});
    std::vector<Record> ends;
    std::vector<ConnectionId> closed;
    while (!set.empty()) {
        const RecordingSet::Input input = set.front();
        if (input.ends) {
            EXPECT_EQ(input.record->time, at_ms(4) + nanoseconds(1));
            ends.push_back(set.merged_record(input));
        }
        set.pop();
    }
    ASSERT_EQ(ends.size(), 2U);
    EXPECT_EQ(ends[0].kind, RecordKind::close);
    EXPECT_EQ(ends[1].kind, RecordKind::book);
    EXPECT_TRUE(ends[1].over);
    EXPECT_EQ(set.records(), 6U) << "no record of a file";
    EXPECT_EQ(set.span(0).begin, at_ms(1));
    EXPECT_EQ(set.span(0).end, at_ms(4));
    EXPECT_EQ(set.recorded(ListingId{1}), milliseconds(7));
}

TEST(RecordingSet, two_recordings_of_one_book_are_not_mixed)
{
    const Folder folder;
    const std::string one =
        Recording(folder.at("one"), {{.venue = "hb"}}).book(0, 1, kBid, kAsk).book(0, 5, kBid, kAsk).finish();
    const std::string other = Recording(folder.at("other"), {{.venue = "hb"}})
                                  .book(0, 2, kBid, kAsk)
                                  .book(0, 4, kBid, kAsk)
                                  .book(0, 8, kBid, kAsk)
                                  .finish();
    RecordingSet set = open({one, other});
    EXPECT_EQ(inputs(set), (Texts{"1 hb", "5 hb", "5 hb ends", "8 hb"}));
    EXPECT_EQ(set.left_out(ListingId{0}), 2U);
    EXPECT_EQ(set.recorded(ListingId{0}), milliseconds(7)) << "time in which both ran counts once";
    RecordingSet turned = open({other, one});
    EXPECT_EQ(inputs(turned), (Texts{"1 hb", "5 hb", "5 hb ends", "8 hb"})) << "who speaks first is followed";
}

}  // namespace
}  // namespace arb
