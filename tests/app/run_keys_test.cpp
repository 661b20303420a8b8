// Keys in a whole run, with emulated venues over TLS: a refused key ends it with 3 and nothing sent, a
// take-over loses nothing, a stranger's order stops its venue, and every use stands in the audit log.
#include <algorithm>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "engine/app/demo/demo.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/keys/audit_report.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

class RunKeys : public testing::Test {
  protected:
    RunKeys()
    {
        request.directory = directory.file("demo");
        request.faults = false;
        request.seed = 11;
        // Few moves: five venues, a client and what watches them share one core here, or less of it when the
        // machine is busy, and answers that come too late are orders of unknown outcome.
        request.street = demo_world({}, request.seed, false, plugins()).street;
        request.street->move_one_in *= 5;
        request.street->burst_every *= 5;
        request.log = [this](std::string_view note) { notes.emplace_back(note); };
    }
    std::size_t noted(std::string_view words) const
    {
        return static_cast<std::size_t>(
            std::count_if(notes.begin(), notes.end(),
                          [&](const std::string& note) { return note.find(words) != std::string::npos; }));
    }
    std::string all_notes() const
    {
        std::string text;
        for (const std::string& note : notes) text += note + "\n";
        return text;
    }
    AuditReport audit(const DemoOutcome& outcome) const
    {
        return report_audit(outcome.directory + "/" + kAuditFile).take();
    }

    test::PrivateDirectory directory;
    DemoRequest request;
    std::vector<std::string> notes;
};

TEST_F(RunKeys, a_key_that_can_withdraw_ends_the_run_before_it_begins)
{
    request.key_label = "withdraw";
    request.seconds = 20;
    const DemoOutcome outcome = run_demo(request, plugins(), "test");
    EXPECT_EQ(outcome.code, ExitCode::refused) << all_notes();
    EXPECT_EQ(outcome.figures.orders, 0U);
    EXPECT_EQ(outcome.venue_orders, 0U);
    for (const std::string& venue : outcome.venues)
        EXPECT_GE(noted("key 'withdraw' of " + venue + " can withdraw"), 1U) << venue;
    EXPECT_GE(noted("https://"), outcome.venues.size()) << "where each is changed";
    // The only thing that any key was used for was the question what it may do.
    for (const AuditEndpointRow& row : audit(outcome).endpoints)
        EXPECT_EQ(row.uses.done, 1U) << row.venue << " " << row.label << " " << row.endpoint;
    EXPECT_EQ(audit(outcome).endpoints.size(), outcome.venues.size() * 2);
}

TEST_F(RunKeys, another_key_takes_over_at_every_venue_and_nothing_is_lost)
{
    request.rotate = true;
    request.seconds = 12;
    const DemoOutcome outcome = run_demo(request, plugins(), "test");
    EXPECT_EQ(outcome.code, ExitCode::ok) << all_notes();
    EXPECT_EQ(outcome.keys_replaced, outcome.venues.size());
    EXPECT_EQ(outcome.figures.flagged, 0U);
    // On a busy machine an answer may come so late that the venue is asked.
    EXPECT_EQ(outcome.run.unknown_orders, outcome.run.unknown_resolved);
    EXPECT_TRUE(outcome.mismatches.empty());
    EXPECT_FALSE(outcome.replay_differs) << "the take-over is in the journal: " << outcome.replay_text;
    EXPECT_EQ(outcome.venue_orders, outcome.figures.orders - outcome.figures.rejects);
    EXPECT_EQ(noted("order_entry down") + noted("private_stream down"), 0U)
        << "no route was down for a moment: " << all_notes();
    const AuditReport report = audit(outcome);
    EXPECT_TRUE(report.verdict.whole);
    for (const std::string& venue : outcome.venues) {
        std::uint64_t next = 0;
        for (const AuditKeyRow& row : report.keys) {
            if (row.venue != venue) continue;
            EXPECT_EQ(row.retired, row.label == "trade") << venue << " " << row.label;
            if (row.label == "trade_next") next = row.uses.done;
        }
        EXPECT_GT(next, 1U) << venue << ": asked about, and used";
    }
    EXPECT_TRUE(report.anomalies.empty()) << audit_text(report);
}

// Another state directory, the same keys: two engines on one account.
TEST_F(RunKeys, a_second_run_under_the_same_keys_is_refused_before_its_first_order)
{
    request.seconds = 600;  // for hangs: it stops when the second one was refused
    std::string refused;
    request.stop = [&] { return !refused.empty(); };
    request.on_turn = [&](RunSession& session, EmulatedWorld& world) {
        if (!refused.empty() || session.engine().live()->phase() != Phase::trading) return;
        EmulatedWorldConfig config = demo_world({}, request.seed, false, plugins());
        RunRequest second;
        second.config = parse_config(demo_config(world, config), "second.toml");
        second.plugins = plugins();
        second.directory = directory.file("second");
        second.unsafe_endpoint = true;
        second.log = [](std::string_view) {};
        try {
            RunSession other(std::move(second));
            refused = "nobody refused it";
        } catch (const StartError& error) {
            EXPECT_EQ(error.code(), ExitCode::refused);
            refused = error.what();
        }
    };
    const DemoOutcome outcome = run_demo(request, plugins(), "test");
    EXPECT_NE(refused.find("trades in another run already"), std::string::npos) << refused;
    EXPECT_NE(refused.find(outcome.directory), std::string::npos) << refused;
    EXPECT_EQ(outcome.code, ExitCode::ok) << all_notes();
}

TEST_F(RunKeys, a_strangers_order_stops_its_venue)
{
    bool placed = false, alarm = false;
    request.seconds = 600;  // for hangs: it stops with the alarm
    request.stop = [&] { return alarm; };
    request.on_turn = [&](RunSession& session, EmulatedWorld& world) {
        const bool trading = session.engine().live()->phase() == Phase::trading;
        if (trading && !placed && session.figures().orders > 0) {
            placed = true;
            const Instrument& first = world.table().instruments().front();
            // Far from the market: it rests, as an attacker's bait would.
            world.place_stranger("okx", first.name, Side::buy, *Decimal::parse("1"), *Decimal::parse("100"),
                                 TimeInForce::gtc, EmulatedWorld::kClient);
        }
        alarm = placed && noted("ALARM okx") > 0;
    };
    const DemoOutcome outcome = run_demo(request, plugins(), "test");
    ASSERT_TRUE(placed);
    ASSERT_TRUE(alarm) << all_notes();
    EXPECT_EQ(noted("ALARM"), 1U) << all_notes();
    EXPECT_GE(noted("okx: if that was not you, revoke its key at https://"), 1U);
    EXPECT_NE(outcome.code, ExitCode::ok);
    ASSERT_EQ(outcome.figures.halts.size(), 1U);
    EXPECT_EQ(outcome.figures.halts[0], "okx: somebody else trades on this account");
}

}  // namespace
}  // namespace arb
