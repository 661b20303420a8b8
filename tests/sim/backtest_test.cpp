// The whole engine over small recordings: what is decided when, that the money adds up, that two runs are one, and
// that a recorded session replays to the same decisions or tells the first difference.
#include "engine/sim/backtest.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "engine/sim/random.hpp"
#include "engine/sim/replay.hpp"
#include "strategies/registry.hpp"
#include "tests/sim/recordings.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::Folder;
using test::money;
using test::Recording;
using test::Spec;

const std::vector<Spec> kVenues{{.venue = "hb"}, {.venue = "kc"}};
const test::TextLevels kCalmBid{{"27.00", "5"}}, kCalmAsk{{"27.02", "5"}};

BacktestRequest request_of(std::vector<std::string> recordings, EngineConfig config = test::trading_config())
{
    BacktestRequest request;
    request.config = std::move(config);
    request.recordings = std::move(recordings);
    request.plugins = {connectors(), strategies()};
    request.build = "test";
    return request;
}

Recording& calm(Recording& recording, std::int64_t ms)
{
    return recording.book(0, ms, kCalmBid, kCalmAsk).book(1, ms, kCalmBid, kCalmAsk);
}

// One gap: kc bids 27.20 at 100 ms; the orders arrive 5 ms later.
std::string one_gap(const std::string& path)
{
    Recording recording(path, kVenues);
    calm(recording, 0).book(1, 100, {{"27.20", "5"}}, {{"27.22", "5"}});
    recording.book(1, 104, {{"27.18", "5"}}, {{"27.22", "5"}});
    calm(recording, 200);
    return recording.finish();
}

// Prices that wander at both venues, so that gaps, misses, partial fills and unwinding all happen.
std::string random_market(const std::string& path, std::uint64_t seed, int updates = 1500)
{
    Random random(seed);
    Recording recording(path, kVenues);
    std::int64_t ms = 0, middle = 2'700;
    for (int i = 0; i < updates; ++i) {
        ms += random.between(0, 6);
        middle += random.between(-3, 3);
        const std::int64_t bid = middle + random.between(-4, 4);
        const auto side = [&](std::int64_t best, std::int64_t step) {
            test::TextLevels levels;
            for (std::int64_t n = 0; n < 3; ++n) {
                levels.push_back({format_scaled(best + n * step, 2), format_scaled(random.between(1, 60), 1)});
            }
            return levels;
        };
        recording.book(random.one_in(2) ? 0 : 1, ms, side(bid, -1), side(bid + random.between(1, 3), 1));
    }
    return recording.finish();
}

EngineConfig eager_config()
{
    EngineConfig config = test::trading_config();
    for (VenueConfig& venue : config.venues) venue.fee_maker = venue.fee_taker = test::bps(1);
    return config;
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
    ASSERT_EQ(result.fills.size(), 1U) << "kc's bid fell below the limit before the order came";
    EXPECT_EQ(result.fills[0].time, at_ms(105));
    EXPECT_EQ(result.fills[0].price, "27.02");
    EXPECT_EQ(result.crossings.at(0).instants, 2U);
    EXPECT_EQ(result.orders_total, 5U);  // the two legs, then three tries to close
    EXPECT_EQ(result.begin, at_ms(0));
    EXPECT_EQ(result.end, at_ms(200));
    EXPECT_EQ(result.events, 6U);
    check_books(result);
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

class Sessions : public testing::Test {
  protected:
    std::string record(const std::string& recording)
    {
        BacktestRequest request = request_of({recording}, eager_config());
        request.record_path = folder_.at("session");
        const BacktestOutcome outcome = run_backtest(request);
        EXPECT_TRUE(outcome.troubles.empty());
        hash_ = outcome.result.decision_hash;
        return request.record_path;
    }
    static ReplayOutcome replay(const std::string& session) { return run_replay(request_of({session}, eager_config())); }

    Folder folder_;
    std::uint64_t hash_ = 0;
};

TEST_F(Sessions, a_recorded_session_replays_to_the_same_decisions)
{
    const std::string recording = random_market(folder_.at("market"), 11);
    const std::string session = record(recording);
    const std::size_t outputs = test::outputs_of(session).size();
    EXPECT_GT(outputs, 20U);
    const ReplayOutcome outcome = replay(session);
    EXPECT_FALSE(outcome.differs) << outcome.expected << "\n" << outcome.got;
    EXPECT_EQ(outcome.decisions, outputs);
    EXPECT_EQ(outcome.decision_hash, hash_);
    EXPECT_EQ(run_backtest(request_of({recording}, eager_config())).result.decision_hash, hash_)
        << "recording a session changes nothing";
    EXPECT_EQ(run_backtest(request_of({session}, eager_config())).result.decision_hash, hash_)
        << "a session is a recording";
}

TEST_F(Sessions, an_output_that_was_altered_is_the_first_difference)
{
    const std::string session = record(random_market(folder_.at("market"), 12));
    const std::vector<std::string> outputs = test::outputs_of(session);
    const std::size_t altered = outputs.size() / 2;
    enum class Change { alter, drop, add_at_the_end };
    for (const Change change : {Change::alter, Change::drop, Change::add_at_the_end}) {
        JournalReader reader = std::move(JournalReader::open(session)).take();
        JournalWriter writer = std::move(JournalWriter::create(folder_.at("altered"), reader.header())).take();
        std::size_t n = 0;
        Timestamp last;
        while (const Record* record = reader.next()) {
            last = record->time;
            const bool here = record->kind == RecordKind::output && n++ == altered;
            if (here && change == Change::alter) writer.output(record->time, "another decision");
            else if (!here || change != Change::drop) writer.copy(*record);
        }
        if (change == Change::add_at_the_end) writer.output(last, "one more");
        ASSERT_TRUE(writer.finish());
        const ReplayOutcome outcome = replay(folder_.at("altered"));
        EXPECT_TRUE(outcome.differs);
        if (change == Change::add_at_the_end) {
            EXPECT_EQ(outcome.decisions, outputs.size());
            EXPECT_EQ(outcome.expected, "one more");
            EXPECT_EQ(outcome.got, "");
            continue;
        }
        EXPECT_EQ(outcome.decisions, altered);
        EXPECT_EQ(outcome.got, outputs[altered]);
        EXPECT_EQ(outcome.expected, change == Change::alter ? "another decision" : outputs[altered + 1]);
    }
}

TEST_F(Sessions, another_configuration_replays_differently_and_says_where)
{
    const std::string session = record(random_market(folder_.at("market"), 13));
    EngineConfig config = eager_config();
    config.venues[1].fee_taker = test::bps(30);
    const ReplayOutcome outcome = run_replay(request_of({session}, config));
    EXPECT_TRUE(outcome.differs);
    EXPECT_NE(outcome.expected, outcome.got);
}

// A recording may hold impossible numbers: the book is doubted, then and in every replay of the session.
TEST_F(Sessions, hostile_records_are_doubted_and_replay_the_same)
{
    Recording recording(folder_.at("hostile"), kVenues);
    calm(recording, 0);
    const std::vector<RecordedLevel> bad{{-1, 5}}, good{{2'700, 5}};
    recording.writer().book(VenueId{0}, 0, at_ms(10), true, bad, good);
    recording.book(1, 100, {{"27.20", "5"}}, {{"27.22", "5"}});
    const std::string session = record(recording.finish());
    const std::vector<std::string> outputs = test::outputs_of(session);
    ASSERT_FALSE(outputs.empty());
    const std::string text = fmt::format("{}", fmt::join(outputs, "\n"));
    EXPECT_NE(text.find("book hb LINKUSDT invalid"), std::string::npos) << text;
    EXPECT_EQ(text.find("package"), std::string::npos) << text;
    const ReplayOutcome outcome = replay(session);
    EXPECT_FALSE(outcome.differs) << outcome.expected << "\n" << outcome.got;
}

TEST(Backtest, numbers_as_large_as_a_record_can_hold_break_nothing)
{
    const Folder folder;
    Random random(5);
    Recording recording(folder.at("huge"), kVenues);
    calm(recording, 0);
    const std::int64_t edges[]{1, 2, 2'700, 9'000'000'000, 4'000'000'000'000'000'000, INT64_MAX};
    for (int i = 0; i < 400; ++i) {
        const auto level = [&] { return RecordedLevel{edges[random.between(0, 5)], edges[random.between(0, 5)]}; };
        const std::vector<RecordedLevel> bids{level(), level()}, asks{level(), level()};
        recording.writer().book(VenueId{static_cast<std::uint8_t>(random.between(0, 1))}, 0, at_ms(i), random.one_in(2), bids,
                                asks);
    }
    const BacktestOutcome outcome = run_backtest(request_of({recording.finish()}));
    EXPECT_EQ(outcome.result.events, 402U);
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
              "test.toml:1:1: no recording has the venue 'kk'; they have: hb, kc; did you mean 'hb'?");
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
    config.strategies[0] = Settings("strategy.cross_venue", "test.toml:9:1", {{"min_edge", {"1"}, false, "test.toml:10:2"}});
    EXPECT_NE(start_error(request_of({path}, config)).find("has no key 'min_edge'; did you mean 'min_edge_bps'?"),
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
    EXPECT_NE(start_error(request_of({folder.at("a")})).find("venue hb has no taker_fee_bps"), std::string::npos);
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

}  // namespace
}  // namespace arb
