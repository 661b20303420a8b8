// The chooser of faults: the same draws from the same seed, and rules keep to their venue, window, count,
// route and deed.
#include "engine/world/fault_plan.hpp"

#include <gtest/gtest.h>

namespace arb {
namespace {

constexpr Timestamp kStart{1'700'000'000'000'000'000};

FaultRule rule(FaultKind kind)
{
    FaultRule r;
    r.kind = kind;
    return r;
}

TEST(FaultPlan, EveryKindHasANameThatIsReadBack)
{
    for (std::size_t i = 0; i < static_cast<std::size_t>(FaultKind::count_); ++i) {
        const auto kind = static_cast<FaultKind>(i);
        EXPECT_EQ(fault_kind(name(kind)), kind);
    }
    EXPECT_FALSE(fault_kind("swallow"));
    EXPECT_FALSE(fault_kind(""));
}

std::string draws(std::uint64_t seed, const std::string& venue, const FaultPlan& plan)
{
    FaultChooser chooser(plan, venue, seed, kStart);
    std::string text;
    for (int i = 0; i < 2000; ++i) {
        const Timestamp now = kStart + milliseconds(i);
        const FaultRule* struck = i % 3 == 0 ? chooser.on_order(FaultRoute::rest, now)
                                  : i % 3 == 1
                                      ? chooser.on_answer(FaultRoute::websocket, FaultDeed::order, now)
                                      : chooser.on_message(now);
        text += struck == nullptr ? '.' : static_cast<char>('a' + static_cast<int>(struck->kind));
    }
    return text;
}

TEST(FaultPlan, DrawsDependOnSeedAndVenueAlone)
{
    FaultPlan plan;
    for (const FaultKind kind : {FaultKind::swallow_order, FaultKind::lose_ack, FaultKind::duplicate}) {
        plan.rules.push_back(rule(kind));
        plan.rules.back().chance = 200'000;
    }
    const std::string once = draws(1, "a", plan);
    EXPECT_EQ(once, draws(1, "a", plan));
    EXPECT_NE(once, draws(2, "a", plan));
    EXPECT_NE(once, draws(1, "b", plan));
    // A rule for another venue changes nothing here.
    plan.rules.insert(plan.rules.begin(), rule(FaultKind::swallow_order));
    plan.rules.front().venue = "b";
    EXPECT_EQ(once, draws(1, "a", plan));
    EXPECT_NE(once.find('a'), std::string::npos);
    EXPECT_NE(once.find(static_cast<char>('a' + static_cast<int>(FaultKind::lose_ack))), std::string::npos);
}

TEST(FaultPlan, AChanceIsKeptRoughly)
{
    FaultPlan plan;
    plan.rules.push_back(rule(FaultKind::duplicate));
    plan.rules.back().chance = 100'000;
    FaultChooser chooser(plan, "a", 1, kStart);
    for (int i = 0; i < 20'000; ++i) (void)chooser.on_message(kStart);
    EXPECT_GT(chooser.struck(), 1800U);
    EXPECT_LT(chooser.struck(), 2200U);
    plan.rules.back().chance = 0;
    FaultChooser never(plan, "a", 1, kStart);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(never.on_message(kStart), nullptr);
}

TEST(FaultPlan, RulesKeepToTheirWindowAndCount)
{
    FaultPlan plan;
    plan.rules.push_back(rule(FaultKind::swallow_order));
    plan.rules.back().from = seconds(5);
    plan.rules.back().until = seconds(7);
    plan.rules.back().count_max = 2;
    FaultChooser chooser(plan, "a", 1, kStart);
    EXPECT_EQ(chooser.on_order(FaultRoute::rest, kStart + milliseconds(4999)), nullptr);
    EXPECT_NE(chooser.on_order(FaultRoute::rest, kStart + seconds(5)), nullptr);
    EXPECT_NE(chooser.on_order(FaultRoute::websocket, kStart + milliseconds(6999)), nullptr);
    EXPECT_EQ(chooser.on_order(FaultRoute::rest, kStart + milliseconds(6999)), nullptr) << "count";
    FaultChooser late(plan, "a", 1, kStart);
    EXPECT_EQ(late.on_order(FaultRoute::rest, kStart + seconds(7)), nullptr);
}

TEST(FaultPlan, RulesKeepToTheirRoadAndDeed)
{
    FaultPlan plan;
    plan.rules.push_back(rule(FaultKind::fail_after));
    plan.rules.back().route = FaultRoute::rest;
    plan.rules.back().deed = FaultDeed::cancel;
    FaultChooser chooser(plan, "a", 1, kStart);
    EXPECT_EQ(chooser.on_answer(FaultRoute::websocket, FaultDeed::cancel, kStart), nullptr);
    EXPECT_EQ(chooser.on_answer(FaultRoute::rest, FaultDeed::order, kStart), nullptr);
    EXPECT_NE(chooser.on_answer(FaultRoute::rest, FaultDeed::cancel, kStart), nullptr);
    EXPECT_EQ(chooser.on_order(FaultRoute::rest, kStart), nullptr) << "it strikes answers";
    EXPECT_EQ(chooser.on_message(kStart), nullptr);

    FaultPlan acks;
    acks.rules.push_back(rule(FaultKind::lose_ack));
    FaultChooser of_acks(acks, "a", 1, kStart);
    EXPECT_EQ(of_acks.on_answer(FaultRoute::rest, FaultDeed::order, kStart), nullptr);
    EXPECT_EQ(of_acks.on_answer(FaultRoute::websocket, FaultDeed::query, kStart), nullptr);
    EXPECT_NE(of_acks.on_answer(FaultRoute::websocket, FaultDeed::order, kStart), nullptr);
}

TEST(FaultPlan, OperationsComeDueAtTheirTimesOnce)
{
    FaultPlan plan;
    plan.rules.push_back(rule(FaultKind::ban));
    plan.rules.back().from = seconds(2);
    plan.rules.push_back(rule(FaultKind::halt));
    plan.rules.back().from = seconds(1);
    plan.rules.back().every = seconds(10);
    plan.rules.back().count_max = 3;
    FaultChooser chooser(plan, "a", 1, kStart);
    std::vector<std::string> seen;
    for (int second = 0; second < 60; ++second) {
        for (const FaultRule* r : chooser.due(kStart + seconds(second)))
            seen.push_back(std::to_string(second) + name(r->kind));
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"1halt", "2ban", "11halt", "21halt"}));
    EXPECT_EQ(chooser.on_order(FaultRoute::rest, kStart + seconds(2)), nullptr) << "not a message's fault";

    FaultChooser slept(plan, "a", 1, kStart);
    EXPECT_EQ(slept.due(kStart + seconds(35)).size(), 2U) << "occasions slept through are gone";
    EXPECT_TRUE(slept.due(kStart + seconds(36)).empty());
    EXPECT_EQ(slept.due(kStart + seconds(41)).size(), 1U);
}

}  // namespace
}  // namespace arb
