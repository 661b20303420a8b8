// The gate: nothing is sent with a key before its venue was asked about it, and a key that changes stops.
#include <gtest/gtest.h>

#include "engine/pipeline/key_gate.hpp"
#include "tests/pipeline/keyed_support.hpp"

namespace arb::test {
namespace {

std::unique_ptr<Venue> make(const VenueSetup& setup)
{
    return std::make_unique<KeyedInstance>(setup);
}

class KeyGateTest : public testing::Test, public KeyGateListener {
  protected:
    KeyGateTest()
    {
        keyed_log() = {};
        venue = std::make_unique<KeyedVenue>(make, VenueSetup{});
        gate =
            std::make_unique<KeyGate>(KeyGate::Parts{{venue.get(), nullptr}, {&ear, &ear}, &ear, this, {}});
    }
    bool add(const char* label, KeyRole role = KeyRole::trade)
    {
        keys.push_back(std::make_unique<Credentials>(keyed_credentials(label, role)));
        KeyFacts facts;
        facts.venue = "venue";
        facts.label = label;
        facts.role = role;
        return gate->add(VenueId{0}, facts, *keys.back(), now);
    }
    KeyReport report(const char* label, KeyRole role = KeyRole::trade) const
    {
        KeyReport r;
        r.label = label;
        r.answer = KeyAnswer::told;
        r.rights.add(KeyRight::read);
        if (role == KeyRole::trade) r.rights.add(KeyRight::trade);
        r.addresses = KeyTold::some;
        r.address_list = "192.0.2.1";
        r.expiry = KeyTold::none;
        return r;
    }
    void tell(const KeyReport& r) { gate->on_report(VenueId{0}, r, now); }
    void pass(Duration time)
    {
        now = now + time;
        gate->work(now);
    }
    void start()
    {
        gate->begin(now);
        tell(report("trade"));
        ASSERT_TRUE(gate->settled());
        gate->start_sessions(now);
        open("trade", ConnectionId{1});
    }
    void open(const std::string& label, ConnectionId connection)
    {
        ASSERT_EQ(keyed_log().count(label + ": start"), 1U);
        venue->on_open(connection, ear.dialed.back(), now, ear, ear);
        buffer.assign("up");
        venue->on_frame(connection, buffer.text_of(), now, ear, ear);
    }
    void on_key(const KeyNews& n, Timestamp) override
    {
        news.push_back(std::string(n.label) + " " + name(n.stage) + " " + name(n.fault));
    }
    std::size_t asked(const char* label) const { return keyed_log().count(std::string(label) + ": key"); }

    Timestamp now{seconds(1'790'000'000).ns};
    std::vector<std::unique_ptr<Credentials>> keys;
    std::unique_ptr<KeyedVenue> venue;
    std::unique_ptr<KeyGate> gate;
    KeyedEar ear;
    PaddedBuffer buffer;
    std::vector<std::string> news;
};

TEST_F(KeyGateTest, a_session_begins_only_after_the_venue_was_asked)
{
    ASSERT_TRUE(add("trade"));
    gate->begin(now);
    EXPECT_FALSE(gate->settled());
    for (int i = 0; i < 100; ++i) pass(milliseconds(20));
    EXPECT_EQ(asked("trade"), 1U);
    EXPECT_EQ(keyed_log().count("trade: start"), 0U);
    EXPECT_EQ(ear.requests.size(), 1U);
    tell(report("trade"));
    EXPECT_TRUE(gate->settled());
    gate->start_sessions(now);
    EXPECT_EQ(keyed_log().count("trade: start"), 1U);
    EXPECT_EQ(news, (std::vector<std::string>{"trade accepted none", "trade serving none"}));
}

TEST_F(KeyGateTest, a_refused_key_never_sends_anything_else)
{
    ASSERT_TRUE(add("trade"));
    ASSERT_TRUE(add("read", KeyRole::read));
    gate->begin(now);
    KeyReport bad = report("trade");
    bad.rights.add(KeyRight::withdraw);
    tell(bad);
    EXPECT_FALSE(gate->settled());
    tell(report("read", KeyRole::read));
    EXPECT_TRUE(gate->settled());
    EXPECT_TRUE(gate->refused());
    for (int i = 0; i < 100; ++i) pass(seconds(60));
    EXPECT_EQ(ear.requests.size(), 2U) << "two questions and nothing else";
    EXPECT_EQ(keyed_log().instances.count("trade"), 0U);
    EXPECT_EQ(news.front(), "trade refused withdraw");
}

TEST_F(KeyGateTest, an_answer_of_another_key_decides_nothing)
{
    ASSERT_TRUE(add("trade"));
    gate->begin(now);
    tell(report("other"));
    gate->on_report(VenueId{1}, report("trade"), now);
    EXPECT_FALSE(gate->settled());
    tell(report("trade"));
    KeyReport bad = report("trade");
    bad.rights.add(KeyRight::withdraw);
    tell(bad);  // nobody asked: an answer that comes twice is not a second opinion
    EXPECT_FALSE(gate->refused());
}

TEST_F(KeyGateTest, no_answer_is_asked_again_and_then_refused)
{
    ASSERT_TRUE(add("trade"));
    gate->begin(now);
    KeyReport none;
    none.label = "trade";
    for (int i = 0; i < 4; ++i) {
        tell(none);
        EXPECT_FALSE(gate->settled());
        pass(seconds(2));
    }
    EXPECT_EQ(asked("trade"), 5U);
    tell(none);
    EXPECT_TRUE(gate->refused());
    EXPECT_EQ(news, (std::vector<std::string>{"trade refused no_answer"}));
}

TEST_F(KeyGateTest, every_hour_the_question_is_asked_again)
{
    ASSERT_TRUE(add("trade"));
    start();
    pass(seconds(3599));
    EXPECT_EQ(asked("trade"), 1U);
    pass(seconds(1));
    EXPECT_EQ(asked("trade"), 2U);
    tell(report("trade"));
    EXPECT_EQ(gate->trouble(VenueId{0}), "");
    pass(seconds(3600));
    EXPECT_EQ(asked("trade"), 3U);
    KeyReport wider = report("trade");
    wider.rights.add(KeyRight::withdraw);
    tell(wider);
    EXPECT_NE(gate->trouble(VenueId{0}).find("withdraw"), std::string::npos);
    EXPECT_TRUE(venue->keys().held(KeySlot{1})) << "cancelling needs it";
    EXPECT_EQ(news.back(), "trade serving withdraw");
}

TEST_F(KeyGateTest, one_refusal_of_a_key_that_serves_is_asked_about_once_more)
{
    ASSERT_TRUE(add("trade"));
    start();
    KeyReport no = report("trade");
    no.answer = KeyAnswer::refused;
    for (const bool hiccup : {true, false}) {
        pass(seconds(3600));
        tell(no);
        EXPECT_EQ(gate->trouble(VenueId{0}), "");
        const std::size_t before = asked("trade");
        pass(seconds(2));
        EXPECT_EQ(asked("trade"), before + 1);
        tell(hiccup ? report("trade") : no);
        EXPECT_EQ(gate->trouble(VenueId{0}).empty(), hiccup);
    }
}

TEST_F(KeyGateTest, a_venue_that_stops_answering_is_doubted_before_it_is_stopped)
{
    ASSERT_TRUE(add("trade"));
    start();
    pass(seconds(3600));
    KeyReport none;
    none.label = "trade";
    for (int i = 0; i < 10; ++i) {
        tell(none);
        EXPECT_EQ(gate->trouble(VenueId{0}), "") << i;
        pass(seconds(60));
    }
    tell(none);
    EXPECT_NE(gate->trouble(VenueId{0}), "");
}

TEST_F(KeyGateTest, a_key_refused_in_passing_is_asked_about_and_no_verdict_falls_until_it_is_taken)
{
    ASSERT_TRUE(add("trade"));
    start();
    news.clear();
    const std::size_t before = asked("trade");
    for (const KeyAnswer answer : {KeyAnswer::refused, KeyAnswer::none}) {
        gate->ask_again(VenueId{0}, now);
        gate->ask_again(VenueId{0}, now);
        KeyReport no = report("trade");
        no.answer = answer;
        tell(no);
    }
    EXPECT_EQ(asked("trade"), before + 2) << "one question at a time";
    EXPECT_EQ(gate->trouble(VenueId{0}), "");
    EXPECT_TRUE(news.empty());
    gate->ask_again(VenueId{0}, now);
    tell(report("trade"));
    EXPECT_EQ(news, std::vector<std::string>{"trade serving none"});
    // What it may do is judged as ever.
    gate->ask_again(VenueId{0}, now);
    KeyReport more = report("trade");
    more.rights.add(KeyRight::withdraw);
    tell(more);
    EXPECT_NE(gate->trouble(VenueId{0}), "");
    gate->restart_sessions(VenueId{0}, now);
    EXPECT_EQ(keyed_log().count("trade: start"), 2U);
}

TEST_F(KeyGateTest, a_new_key_takes_over_and_the_old_one_drains)
{
    ASSERT_TRUE(add("trade"));
    start();
    ASSERT_TRUE(add("next"));
    EXPECT_EQ(asked("next"), 1U);
    EXPECT_EQ(keyed_log().count("next: start"), 0U);
    tell(report("next"));
    pass(milliseconds(20));
    open("next", ConnectionId{2});
    EXPECT_TRUE(venue->keys().serves(KeySlot{1}));
    pass(milliseconds(20));
    EXPECT_TRUE(venue->keys().serves(KeySlot{2}));
    EXPECT_EQ(news.back(), "trade leaving none");
    pass(seconds(2));
    EXPECT_TRUE(venue->keys().held(KeySlot{1}));
    pass(seconds(1));
    EXPECT_FALSE(venue->keys().held(KeySlot{1}));
    EXPECT_EQ(news.back(), "trade gone none");
    // And from now on the new one is asked about.
    pass(seconds(3600));
    EXPECT_EQ(asked("next"), 2U);
    EXPECT_EQ(asked("trade"), 1U);
}

TEST_F(KeyGateTest, roles_are_replaced_one_by_one)
{
    ASSERT_TRUE(add("trade"));
    ASSERT_TRUE(add("read", KeyRole::read));
    gate->begin(now);
    EXPECT_EQ(keyed_log().scopes["trade"], SessionScope::orders);
    EXPECT_EQ(keyed_log().scopes["read"], SessionScope::account);
    tell(report("trade"));
    tell(report("read", KeyRole::read));
    gate->start_sessions(now);
    ASSERT_TRUE(add("next"));
    EXPECT_EQ(keyed_log().scopes["next"], SessionScope::orders);
    tell(report("next"));
    pass(milliseconds(20));
    open("next", ConnectionId{2});
    pass(milliseconds(20));
    pass(seconds(60));
    EXPECT_FALSE(venue->keys().held(KeySlot{1}));
    EXPECT_TRUE(venue->keys().serves(KeySlot{2})) << "the read key stays";
    EXPECT_TRUE(venue->keys().serves(KeySlot{3}));
}

TEST_F(KeyGateTest, a_new_key_that_is_bad_or_cannot_log_on_changes_nothing)
{
    ASSERT_TRUE(add("trade"));
    start();
    ASSERT_TRUE(add("bad"));
    KeyReport bad = report("bad");
    bad.rights.add(KeyRight::transfer);
    tell(bad);
    EXPECT_EQ(news.back(), "bad refused transfer");
    EXPECT_FALSE(gate->refused()) << "that is a word about the start";
    ASSERT_TRUE(add("deaf"));
    tell(report("deaf"));
    pass(milliseconds(20));
    pass(seconds(60));
    EXPECT_EQ(news.back(), "deaf refused refused");
    EXPECT_TRUE(venue->keys().serves(KeySlot{1}));
    EXPECT_EQ(gate->trouble(VenueId{0}), "");
}

TEST_F(KeyGateTest, keys_it_cannot_guard_are_not_taken)
{
    ASSERT_TRUE(add("trade"));
    EXPECT_FALSE(add("trade")) << "a label is there once";
    keys.push_back(std::make_unique<Credentials>(keyed_credentials("x", KeyRole::trade)));
    EXPECT_FALSE(gate->add(VenueId{1}, {}, *keys.back(), now)) << "a venue that is not guarded";
    EXPECT_FALSE(gate->add(VenueId{9}, {}, *keys.back(), now));
}

}  // namespace
}  // namespace arb::test
