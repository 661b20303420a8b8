// A recorded session replays to the same decisions, or the replay tells the first difference.
#include "engine/sim/replay.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/sim/recordings.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::calm;
using test::eager_config;
using test::Folder;
using test::kVenues;
using test::random_market;
using test::Recording;
using test::request_of;

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
    static ReplayOutcome replay(const std::string& session)
    {
        return run_replay(request_of({session}, eager_config()));
    }

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
        JournalWriter writer =
            std::move(JournalWriter::create(folder_.at("altered"), reader.header())).take();
        std::size_t n = 0;
        Timestamp last;
        while (const Record* record = reader.next()) {
            last = record->time;
            const bool here = record->kind == RecordKind::output && n++ == altered;
            if (here && change == Change::alter)
                writer.output(record->time, "another decision");
            else if (!here || change != Change::drop)
                writer.copy(*record);
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

}  // namespace
}  // namespace arb
