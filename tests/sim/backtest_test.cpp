// The whole engine over small recordings: what is decided when, that the money adds up, that two runs are
// one, and that a recorded session replays to the same decisions or tells the first difference.
#include "engine/sim/backtest.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "engine/sim/replay.hpp"
#include "tests/sim/recordings.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::calm;
using test::eager_config;
using test::Folder;
using test::kCalmAsk;
using test::kCalmBid;
using test::kVenues;
using test::money;
using test::random_market;
using test::Recording;
using test::request_of;

// One gap: kc bids 27.20 at 100 ms; the orders arrive 5 ms later.
std::string one_gap(const std::string& path)
{
    Recording recording(path, kVenues);
    calm(recording, 0).book(1, 100, {{"27.20", "5"}}, {{"27.22", "5"}});
    recording.book(1, 104, {{"27.18", "5"}}, {{"27.22", "5"}});
    calm(recording, 200);
    return recording.finish();
}

void check_books(const RunResult& result)
{
    ASSERT_FALSE(result.balances.empty());
    Waterfall sum;
    for (const PackageRow& package : result.packages) {
        EXPECT_EQ(package.waterfall.sum(), package.waterfall.realised) << package.id;
        sum += package.waterfall;
    }
    EXPECT_EQ(result.packages.size(), result.packages_total);
    for (const Waterfall* total : std::initializer_list<const Waterfall*>{&sum, &result.waterfall}) {
        EXPECT_EQ(total->quoted, result.waterfall.quoted);
        EXPECT_EQ(total->depth, result.waterfall.depth);
        EXPECT_EQ(total->fees, result.waterfall.fees);
        EXPECT_EQ(total->latency, result.waterfall.latency);
        EXPECT_EQ(total->unwind, result.waterfall.unwind);
        EXPECT_EQ(total->realised, result.waterfall.realised);
        EXPECT_EQ(total->sum(), total->realised);
    }
    // Each account by its own fills, counted here from the rows.
    for (const BalanceRow& row : result.balances) {
        Amount fills, fees;
        for (const FillRow& fill : result.fills) {
            if (fill.venue != row.venue) continue;
            const bool buy = fill.side == Side::buy;
            if (row.asset == "USDT") {
                fills += buy ? -fill.notional : fill.notional;
                fees += fill.fee;
            } else {
                fills += buy ? money(fill.quantity) : -money(fill.quantity);
            }
        }
        EXPECT_EQ(row.fills, fills) << row.venue << " " << row.asset;
        EXPECT_EQ(row.fees, fees) << row.venue << " " << row.asset;
        EXPECT_EQ(row.end, row.start + fills - fees) << row.venue << " " << row.asset;
    }
}

TEST(Backtest, a_gap_is_taken_at_the_books_of_the_orders_arrival)
{
    const Folder folder;
    const RunResult result = run_backtest(request_of({one_gap(folder.at("gap"))})).result;
    ASSERT_EQ(result.packages.size(), 1U);
    EXPECT_EQ(result.packages[0].decided, at_ms(100));
    EXPECT_EQ(result.packages[0].buy_venue, "hb");
    EXPECT_EQ(result.packages[0].quantity, "5");
    // kc's bid fell below the limit before the selling order came, so what was bought is sold off for less.
    ASSERT_EQ(result.fills.size(), 2U);
    EXPECT_EQ(result.fills[0].time, at_ms(105));
    EXPECT_EQ(result.fills[0].price, "27.02");
    EXPECT_FALSE(result.fills[0].unwind);
    EXPECT_EQ(result.fills[1].time, at_ms(110));
    EXPECT_EQ(result.fills[1].price, "27.18");
    EXPECT_TRUE(result.fills[1].unwind);
    EXPECT_EQ(result.packages_unwound, 1U);
    EXPECT_EQ(result.crossings.at(0).instants, 2U);
    EXPECT_EQ(result.orders_total, 3U);
    EXPECT_EQ(result.begin, at_ms(0));
    EXPECT_EQ(result.end, at_ms(200));
    EXPECT_EQ(result.events, 6U);
    check_books(result);
}

TEST(Backtest, simulates_whatever_mode_the_configuration_has_and_takes_no_operators_words)
{
    const Folder folder;
    const std::string plain = one_gap(folder.at("gap"));
    const RunResult expected = run_backtest(request_of({plain})).result;
    // The same market as a session's journal holds it: words to the engine and its decisions in between.
    Recording session(folder.at("session"), kVenues);
    session.writer().command(at_ms(0), "begin");
    session.writer().command(at_ms(0), "pause");
    calm(session, 0).book(1, 100, {{"27.20", "5"}}, {{"27.22", "5"}});
    session.writer().output(at_ms(100), "refused 1 paused");
    session.book(1, 104, {{"27.18", "5"}}, {{"27.22", "5"}});
    session.writer().command(at_ms(104), "kill");
    calm(session, 200);
    const std::string journal = session.finish();
    for (const RunMode mode : {RunMode::paper, RunMode::emulated, RunMode::live}) {
        BacktestRequest request = request_of({journal});
        request.config.mode = mode;
        request.record_path = folder.at("record");
        const RunResult result = run_backtest(request).result;
        EXPECT_EQ(result.fills_total, expected.fills_total);
        EXPECT_EQ(result.waterfall.realised, expected.waterfall.realised);
        EXPECT_EQ(result.decision_hash, expected.decision_hash);
        // What it recorded replays as the backtest that it was.
        BacktestRequest again = request_of({folder.at("record")});
        again.config.mode = mode;
        const ReplayOutcome replayed = run_replay(again);
        EXPECT_FALSE(replayed.differs) << replayed.expected << " / " << replayed.got;
        EXPECT_EQ(replayed.decision_hash, expected.decision_hash);
    }
}

TEST(Backtest, what_does_not_trade_is_told_by_name)
{
    const Folder folder;
    std::vector<InstrumentTable::VenueListings> venues = test::venues_of(kVenues);
    venues[1].definitions[0].status = ListingStatus::halted;
    JournalHeader header;
    header.venues = venues;
    JournalWriter writer = std::move(JournalWriter::create(folder.at("a"), header)).take();
    const std::vector<RecordedLevel> bids{{2720, 50}}, asks{{2722, 50}}, calm_bids{{2700, 50}},
        calm_asks{{2702, 50}};
    writer.book(VenueId{0}, 0, at_ms(0), true, calm_bids, calm_asks);
    writer.book(VenueId{1}, 0, at_ms(100), true, bids, asks);
    writer.book(VenueId{1}, 0, at_ms(200), true, calm_bids, calm_asks);
    ASSERT_TRUE(writer.finish());
    const RunResult result = run_backtest(request_of({folder.at("a")})).result;
    EXPECT_EQ(result.packages_total, 0U);
    EXPECT_EQ(result.missed[static_cast<std::size_t>(MissedReason::halted)].opportunities, 1U);
    EXPECT_EQ(result.missed[static_cast<std::size_t>(MissedReason::risk)].opportunities, 0U);
    const auto halted = [](const std::string& note) { return note.find("halted") != std::string::npos; };
    EXPECT_TRUE(std::any_of(result.notes.begin(), result.notes.end(), halted));
}

TEST(Backtest, a_venue_without_balance_is_named)
{
    const Folder folder;
    BacktestRequest request = request_of({one_gap(folder.at("gap"))});
    request.config.venues[1].balances.clear();
    const RunResult result = run_backtest(request).result;
    std::string notes;
    for (const std::string& note : result.notes) notes += note + "\n";
    EXPECT_NE(notes.find("kc: the configuration gives it no balance"), std::string::npos) << notes;
    EXPECT_EQ(notes.find("hb: the configuration"), std::string::npos);
}

TEST(Backtest, inputs_of_one_receive_time_are_all_applied_before_anything_is_decided)
{
    const Folder folder;
    // kc's rise and hb's rise come in the same nanosecond, from two files: between them there is no gap.
    const std::string hb = Recording(folder.at("hb"), {{.venue = "hb"}})
                               .book(0, 0, kCalmBid, kCalmAsk)
                               .book(0, 100, {{"27.30", "5"}}, {{"27.32", "5"}})
                               .finish();
    const auto kc = [&](const char* name, std::int64_t ms) {
        return Recording(folder.at(name), {{.venue = "kc"}})
            .book(0, 0, kCalmBid, kCalmAsk)
            .book(0, ms, {{"27.30", "5"}}, {{"27.32", "5"}})
            .finish();
    };
    const std::string together = kc("together", 100), apart = kc("apart", 99);
    for (const auto& files : {std::vector{hb, together}, std::vector{together, hb}}) {
        const RunResult result = run_backtest(request_of(files)).result;
        EXPECT_TRUE(result.crossings.empty());
        EXPECT_EQ(result.packages_total, 0U);
    }
    const RunResult result = run_backtest(request_of({hb, apart})).result;
    ASSERT_EQ(result.crossings.size(), 1U);
    EXPECT_EQ(result.crossings[0].instants, 1U);
    EXPECT_EQ(result.packages_total, 1U);
}

TEST(Backtest, crossings_are_counted_by_instants_and_direction)
{
    const Folder folder;
    Recording recording(folder.at("a"), kVenues);
    calm(recording, 0);
    for (const std::int64_t ms : {10, 20, 30}) recording.book(1, ms, {{"27.03", "5"}}, {{"27.04", "5"}});
    calm(recording, 40);
    recording.book(0, 50, {{"27.05", "5"}}, {{"27.06", "5"}});
    calm(recording, 60);
    const RunResult result = run_backtest(request_of({recording.finish()})).result;
    ASSERT_EQ(result.crossings.size(), 2U);
    EXPECT_EQ(result.crossings[0].buy_venue, "hb");
    EXPECT_EQ(result.crossings[0].instants, 3U);
    EXPECT_EQ(result.crossings[0].max_edge, Rate{37'009});  // 0.01 of 27.02
    EXPECT_EQ(result.crossings[1].buy_venue, "kc");
    EXPECT_EQ(result.crossings[1].instants, 1U);
    EXPECT_EQ(result.opportunities_total, 2U);
    EXPECT_EQ(result.missed[static_cast<std::size_t>(MissedReason::fees)].opportunities, 2U);
}

TEST(Backtest, random_markets_keep_their_books_and_repeat_exactly)
{
    std::uint64_t packages = 0, unwound = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Folder folder;
        const std::string path = random_market(folder.at("market"), seed);
        const BacktestOutcome first = run_backtest(request_of({path}, eager_config()));
        const BacktestOutcome second = run_backtest(request_of({path}, eager_config()));
        EXPECT_TRUE(first.troubles.empty());
        check_books(first.result);
        EXPECT_EQ(first.result.decision_hash, second.result.decision_hash);
        EXPECT_EQ(first.result.waterfall.realised, second.result.waterfall.realised);
        packages += first.result.packages_total;
        unwound += first.result.packages_unwound;
        EngineConfig other = eager_config();
        other.venues[0].order_latency = milliseconds(4);
        EXPECT_NE(run_backtest(request_of({path}, other)).result.decision_hash, first.result.decision_hash);
    }
    EXPECT_GT(packages, 20U);
    EXPECT_GT(unwound, 3U);
}

TEST(Backtest, numbers_as_large_as_a_record_can_hold_break_nothing)
{
    const Folder folder;
    Random random(5);
    Recording recording(folder.at("huge"), kVenues);
    calm(recording, 0);
    const std::vector<RecordedLevel> high{{INT64_MAX - 1, INT64_MAX}}, higher{{INT64_MAX, INT64_MAX}},
        low{{1'000'000'000, INT64_MAX}}, lower{{1'000'000'001, INT64_MAX}};
    recording.writer().book(VenueId{0}, 0, at_ms(0), true, low, lower);
    recording.writer().book(VenueId{1}, 0, at_ms(0), true, high, higher);
    const std::int64_t edges[]{1, 2, 2'700, 9'000'000'000, 4'000'000'000'000'000'000, INT64_MAX};
    for (int i = 0; i < 400; ++i) {
        const auto level = [&] {
            return RecordedLevel{edges[random.between(0, 5)], edges[random.between(0, 5)]};
        };
        const std::vector<RecordedLevel> bids{level(), level()}, asks{level(), level()};
        recording.writer().book(VenueId{static_cast<std::uint8_t>(random.between(0, 1))}, 0, at_ms(i + 1),
                                random.one_in(2), bids, asks);
    }
    const BacktestOutcome outcome = run_backtest(request_of({recording.finish()}));
    EXPECT_EQ(outcome.result.events, 404U);
    EXPECT_FALSE(outcome.result.crossings.empty());
    check_books(outcome.result);
}

std::string start_error(const BacktestRequest& request)
{
    try {
        (void)run_backtest(request);
    } catch (const StartError& error) {
        return error.what();
    }
    return "it started";
}

TEST(Backtest, what_cannot_start_says_what_to_do)
{
    const Folder folder;
    const std::string path = one_gap(folder.at("gap"));
    EngineConfig config = test::trading_config();
    config.venues[1].label = "kk";
    EXPECT_EQ(start_error(request_of({path}, config)),
              "test.toml:1:1: no recording has the venue 'kk'; they have: hb, kc; did you mean 'kc'?");
    config = test::trading_config();
    config.venues.pop_back();
    EXPECT_NE(start_error(request_of({path}, config)).find("no [venue.kc]"), std::string::npos);
    config = test::trading_config();
    config.venues[0].balances.push_back({"DOGE", money("1")});
    EXPECT_NE(start_error(request_of({path}, config)).find("the asset 'DOGE'"), std::string::npos);
    config = test::trading_config();
    config.strategies[0] = Settings("strategy.cross_venu", "test.toml:9:1", {});
    EXPECT_EQ(start_error(request_of({path}, config)),
              "test.toml:9:1: there is no strategy 'cross_venu'; did you mean 'cross_venue'?");
    config = test::trading_config();
    config.strategies[0] =
        Settings("strategy.cross_venue", "test.toml:9:1", {{"min_edge", {"1"}, false, "test.toml:10:2"}});
    EXPECT_NE(
        start_error(request_of({path}, config)).find("has no key 'min_edge'; did you mean 'min_edge_bps'?"),
        std::string::npos);
    EXPECT_NE(start_error(request_of({folder.at("nowhere")})).find("nowhere"), std::string::npos);
    EXPECT_EQ(start_error(request_of({path})), "it started");
}

TEST(Backtest, fees_that_nobody_told_are_refused)
{
    const Folder folder;
    JournalHeader header = test::header_of(kVenues);
    header.venues[0].definitions[0].fee_taker.reset();
    JournalWriter writer = std::move(JournalWriter::create(folder.at("a"), header)).take();
    ASSERT_TRUE(writer.finish());
    EXPECT_NE(start_error(request_of({folder.at("a")})).find("venue hb has no taker_fee_bps"),
              std::string::npos);
    EXPECT_EQ(start_error(request_of({folder.at("a")}, eager_config())), "it started");
}

TEST(Backtest, a_recording_cut_short_is_told_and_what_came_before_counts)
{
    const Folder folder;
    Recording recording(folder.at("back"), kVenues);
    calm(recording, 100);
    calm(recording, 50);
    const BacktestOutcome outcome = run_backtest(request_of({recording.finish()}));
    EXPECT_EQ(outcome.result.events, 2U);
    ASSERT_EQ(outcome.troubles.size(), 1U);
    EXPECT_NE(outcome.troubles[0].message.find("record 3"), std::string::npos);
}

// The orders of the last instant would meet a book that nobody has seen.
TEST(Backtest, a_package_on_its_way_at_the_end_is_flagged_and_earns_nothing)
{
    const Folder folder;
    Recording recording(folder.at("in"), kVenues);
    calm(recording, 0).book(1, 100, {{"27.20", "5"}}, {{"27.22", "5"}});
    const RunResult result = run_backtest(request_of({recording.finish()}, eager_config())).result;
    ASSERT_EQ(result.packages_total, 1U);
    EXPECT_EQ(result.fills_total, 0U);
    EXPECT_EQ(result.packages_flagged, 1U);
    EXPECT_EQ(result.packages[0].detail, "the inputs ended before the venue answered");
    EXPECT_EQ(result.waterfall.realised, Amount{});
    check_books(result);
}

// One venue's recording ends; its last book is no market for the rest of the other's.
TEST(Backtest, recordings_are_compared_while_both_run)
{
    const Folder folder;
    Recording hb(folder.at("hb"), {kVenues[0]}), kc(folder.at("kc"), {kVenues[1]});
    for (std::int64_t ms = 0; ms < 500; ms += 10) hb.book(0, ms, kCalmBid, kCalmAsk);
    for (std::int64_t ms = 200; ms < 1000; ms += 10) {
        const bool up = ms >= 600;
        kc.book(0, ms, {{up ? "28.00" : "27.00", "5"}}, {{up ? "28.02" : "27.02", "5"}});
    }
    BacktestRequest request = request_of({hb.finish(), kc.finish()}, eager_config());
    request.record_path = folder.at("session");
    const RunResult result = run_backtest(request).result;
    EXPECT_EQ(result.packages_total, 0U);
    EXPECT_TRUE(result.crossings.empty());
    EXPECT_EQ(result.missed[static_cast<std::size_t>(MissedReason::book_stale)].opportunities, 1U);
    ASSERT_TRUE(result.compared.has_value());
    EXPECT_EQ((*result.compared).ns / 1'000'000, 290);
    ASSERT_EQ(result.spans.size(), 2U);
    EXPECT_EQ(result.spans[0].end, at_ms(490));
    EXPECT_EQ(result.spans[1].begin, at_ms(200));
    ASSERT_EQ(result.books.size(), 2U);
    EXPECT_EQ(result.books[0].recorded, milliseconds(490));
    EXPECT_EQ(result.books[0].usable.ns / 1'000'000, 490);
    const ReplayOutcome replayed = run_replay(request_of({request.record_path}, eager_config()));
    EXPECT_FALSE(replayed.differs) << replayed.expected << "\n" << replayed.got;
    EXPECT_GT(replayed.decisions, 0U);
}

// What a venue changed while a session ran stands in its journal and takes effect at the same instant again.
TEST(Backtest, changed_instruments_take_effect_and_replay_equally)
{
    const Folder folder;
    const auto run = [&](const char* name, const std::vector<std::string>& lines) {
        Recording recording(folder.at(name), kVenues);
        calm(recording, 0);
        for (const std::string& line : lines) recording.writer().command(at_ms(50), line);
        recording.book(1, 100, {{"27.20", "5"}}, {{"27.22", "5"}})
            .book(1, 104, {{"27.20", "5"}}, {{"27.22", "5"}});
        calm(recording, 200);
        BacktestRequest request = request_of({recording.finish()}, eager_config());
        request.record_path = folder.at(std::string(name) + ".session");
        RunResult result = run_backtest(request).result;
        const ReplayOutcome replayed = run_replay(request_of({request.record_path}, eager_config()));
        EXPECT_FALSE(replayed.differs) << replayed.expected << "\n" << replayed.got;
        EXPECT_EQ(replayed.decision_hash, result.decision_hash) << name;
        return result;
    };
    EXPECT_EQ(run("as it was", {}).packages_total, 1U);
    EXPECT_EQ(run("delisted", {"delisted\tkc\tLINKUSDT"}).packages_total, 0U) << "no new risk there";
    ListingDefinition coarse = test::Spec{.venue = "hb"}.definition();
    coarse.lot = *Decimal::parse("4");
    const RunResult lots = run("coarser lot", {"listing\thb\t" + coarse.to_line()});
    ASSERT_EQ(lots.packages_total, 1U);
    EXPECT_EQ(lots.packages[0].quantity, "4") << "five are offered";
    ListingDefinition halted = test::Spec{.venue = "hb"}.definition();
    halted.status = ListingStatus::halted;
    const std::string halt = "listing\thb\t" + halted.to_line();
    halted.status = ListingStatus::trading;
    EXPECT_EQ(run("halted", {halt}).packages_total, 0U);
    EXPECT_EQ(run("halted and open again", {halt, "listing\thb\t" + halted.to_line()}).packages_total, 1U);
}

}  // namespace
}  // namespace arb
