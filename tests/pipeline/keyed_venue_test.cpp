// One venue under several keys: who is asked, who is heard, and a take-over without a moment in between.
#include <gtest/gtest.h>

#include "tests/pipeline/keyed_support.hpp"

namespace arb::test {
namespace {

std::unique_ptr<Venue> make_keyed(const VenueSetup& setup)
{
    return std::make_unique<KeyedInstance>(setup);
}

class KeyedVenueTest : public testing::Test {
  protected:
    KeyedVenueTest()
    {
        keyed_log() = {};
        venue = std::make_unique<KeyedVenue>(make_keyed, VenueSetup{});
    }
    KeySlot add(const char* label, KeyRole role, SessionScope scope)
    {
        keys.push_back(std::make_unique<Credentials>(keyed_credentials(label, role)));
        return venue->keys().add(*keys.back(), scope);
    }
    /// Its connection stands and its channels are up.
    void bring_up(KeySlot slot, ConnectionId connection)
    {
        venue->keys().start(slot, now, ear, ear);
        venue->on_open(connection, ear.dialed.back(), now, ear, ear);
        frame(connection, "up");
    }
    void frame(ConnectionId connection, const char* text)
    {
        buffer.assign(text);
        venue->on_frame(connection, buffer.text_of(), now, ear, ear);
    }
    void place() { venue->cancel_all({}, now, ear, ear); }

    Timestamp now{1};
    std::vector<std::unique_ptr<Credentials>> keys;
    std::unique_ptr<KeyedVenue> venue;
    KeyedEar ear;
    PaddedBuffer buffer;
};

TEST_F(KeyedVenueTest, market_data_needs_no_key_and_no_key_hears_it)
{
    (void)add("trade", KeyRole::trade, SessionScope::both);
    (void)venue->plan({});
    venue->on_open(ConnectionId{0}, "wss://venue.example/public", now, ear, ear);
    frame(ConnectionId{0}, "book");
    venue->resync(ListingId{0}, now, ear);
    HttpReply reply;
    venue->on_http(reply, now, ear, ear);
    venue->on_close(ConnectionId{0}, now, ear, ear);
    for (const char* call : {"market: open wss://venue.example/public", "market: frame book",
                             "market: resync", "market: http 0", "market: close"})
        EXPECT_EQ(keyed_log().count(call), 1U) << call;
    for (const std::string& call : keyed_log().calls)
        EXPECT_TRUE(call.starts_with("market: ") || call == "trade: plan") << call;
}

TEST_F(KeyedVenueTest, without_a_key_requests_end_at_once)
{
    venue->query_balances(now, ear, ear);
    place();
    EXPECT_EQ(ear.heard, (std::vector<std::string>{"balances refused", "cancel_all refused"}));
    EXPECT_TRUE(ear.requests.empty());
}

TEST_F(KeyedVenueTest, asking_about_a_key_sends_that_one_request)
{
    const KeySlot slot = add("trade", KeyRole::trade, SessionScope::both);
    venue->keys().ask(slot, now, ear, ear);
    ASSERT_EQ(ear.requests.size(), 1U);
    EXPECT_EQ(ear.requests[0].url, "/key");
    EXPECT_TRUE(ear.dialed.empty());
    EXPECT_EQ(ear.uses, (std::vector<std::string>{"trade /key"}));
    // The answer finds its way back, and to nobody else.
    HttpReply reply;
    reply.tag = ear.requests[0].tag;
    venue->on_http(reply, now, ear, ear);
    EXPECT_EQ(keyed_log().count("trade: http 1"), 1U);
}

TEST_F(KeyedVenueTest, roles_share_the_work)
{
    const KeySlot orders = add("trade", KeyRole::trade, SessionScope::orders);
    const KeySlot account = add("read", KeyRole::read, SessionScope::account);
    EXPECT_EQ(keyed_log().scopes["trade"], SessionScope::orders);
    EXPECT_EQ(keyed_log().scopes["read"], SessionScope::account);
    bring_up(orders, ConnectionId{1});
    EXPECT_EQ(ear.heard, (std::vector<std::string>{"order_entry up"})) << "its private stream does not count";
    bring_up(account, ConnectionId{2});
    EXPECT_EQ(ear.heard.back(), "private_stream up");
    ASSERT_EQ(ear.heard.size(), 2U);
    place();
    venue->query_balances(now, ear, ear);
    EXPECT_EQ(keyed_log().count("trade: cancel_all"), 1U);
    EXPECT_EQ(keyed_log().count("read: balances"), 1U);
    EXPECT_EQ(ear.uses, (std::vector<std::string>{"trade /cancel_all", "read /balances"}));
    // Both count their requests from one, and each hears its own answer.
    ASSERT_EQ(ear.requests.size(), 2U);
    EXPECT_NE(ear.requests[0].tag, ear.requests[1].tag);
    HttpReply reply;
    reply.tag = ear.requests[1].tag;
    venue->on_http(reply, now, ear, ear);
    EXPECT_EQ(keyed_log().count("read: http 1"), 1U);
    EXPECT_EQ(keyed_log().count("trade: http 1"), 0U);
}

TEST_F(KeyedVenueTest, connections_come_back_to_who_asked_for_them)
{
    const KeySlot first = add("a", KeyRole::trade, SessionScope::both);
    const KeySlot second = add("b", KeyRole::trade, SessionScope::both);
    venue->keys().start(first, now, ear, ear);
    venue->keys().start(second, now, ear, ear);
    ASSERT_EQ(ear.dialed.size(), 2U);
    EXPECT_NE(ear.dialed[0], ear.dialed[1]);
    // The driver keeps the mark where it cuts the query off.
    EXPECT_EQ(ear.dialed[0], "wss://venue.example/private?token=1#1");
    venue->on_open(ConnectionId{5}, "wss://venue.example/private#2", now, ear, ear);
    venue->on_open(ConnectionId{6}, "wss://venue.example/private#1", now, ear, ear);
    EXPECT_EQ(keyed_log().count("b: open wss://venue.example/private"), 1U);
    EXPECT_EQ(keyed_log().count("a: open wss://venue.example/private"), 1U);
    frame(ConnectionId{6}, "x");
    EXPECT_EQ(keyed_log().count("a: frame x"), 1U);
    venue->on_close(ConnectionId{6}, now, ear, ear);
    EXPECT_EQ(keyed_log().count("a: close"), 1U);
    frame(ConnectionId{6}, "late");
    EXPECT_EQ(keyed_log().count("a: frame late"), 0U);
}

TEST_F(KeyedVenueTest, a_dial_that_failed_is_told_to_who_waits_for_it)
{
    const KeySlot first = add("a", KeyRole::trade, SessionScope::both);
    bring_up(first, ConnectionId{1});
    const KeySlot second = add("b", KeyRole::trade, SessionScope::both);
    venue->keys().start(second, now, ear, ear);
    venue->on_close(ConnectionId{9}, now, ear, ear);
    EXPECT_EQ(keyed_log().count("b: close"), 1U);
    EXPECT_EQ(keyed_log().count("a: close"), 0U);
}

TEST_F(KeyedVenueTest, a_key_takes_over_without_a_moment_in_between)
{
    const KeySlot old_key = add("old", KeyRole::trade, SessionScope::both);
    bring_up(old_key, ConnectionId{1});
    const std::size_t heard = ear.heard.size();
    const KeySlot new_key = add("new", KeyRole::trade, SessionScope::both);
    bring_up(new_key, ConnectionId{2});
    EXPECT_TRUE(venue->keys().ready(new_key));
    EXPECT_FALSE(venue->keys().serves(new_key));
    place();
    EXPECT_EQ(keyed_log().count("old: cancel_all"), 1U);
    venue->keys().promote(new_key, ear);
    EXPECT_EQ(ear.heard.size(), heard) << "the channels stood before and stand now";
    EXPECT_TRUE(venue->keys().serves(new_key));
    EXPECT_FALSE(venue->keys().serves(old_key));
    place();
    EXPECT_EQ(keyed_log().count("new: cancel_all"), 1U);
    // What the old one loses now is its own affair.
    frame(ConnectionId{1}, "down");
    EXPECT_EQ(ear.heard.size(), heard);
    frame(ConnectionId{2}, "down");
    EXPECT_EQ(ear.heard.size(), heard + 2);
}

TEST_F(KeyedVenueTest, trouble_of_a_key_that_does_not_serve_stays_its_own)
{
    const KeySlot old_key = add("old", KeyRole::trade, SessionScope::both);
    bring_up(old_key, ConnectionId{1});
    const KeySlot new_key = add("new", KeyRole::trade, SessionScope::both);
    bring_up(new_key, ConnectionId{2});
    const std::size_t heard = ear.heard.size();
    frame(ConnectionId{2}, "bad key");
    EXPECT_EQ(venue->keys().trouble(new_key), "key revoked");
    EXPECT_EQ(ear.heard.size(), heard);
    venue->keys().promote(new_key, ear);
    // The old key was revoked while an order was out: the order did not happen, and the venue goes on.
    frame(ConnectionId{1}, "order key trouble");
    EXPECT_EQ(ear.heard.back(), "place refused");
    frame(ConnectionId{2}, "order key trouble");
    EXPECT_EQ(ear.heard.back(), "place key_trouble");
}

TEST_F(KeyedVenueTest, a_dropped_key_is_gone)
{
    const KeySlot old_key = add("old", KeyRole::trade, SessionScope::both);
    bring_up(old_key, ConnectionId{1});
    venue->query_balances(now, ear, ear);
    const KeySlot new_key = add("new", KeyRole::trade, SessionScope::both);
    bring_up(new_key, ConnectionId{2});
    venue->keys().promote(new_key, ear);
    venue->keys().drop(old_key, ear);
    EXPECT_EQ(ear.closed, (std::vector<ConnectionId>{ConnectionId{1}}));
    EXPECT_EQ(keyed_log().instances.count("old"), 0U);
    // Its connection, its answers and its dials find nobody.
    frame(ConnectionId{1}, "late");
    HttpReply reply;
    reply.tag = ear.requests[0].tag;
    venue->on_http(reply, now, ear, ear);
    venue->on_close(ConnectionId{1}, now, ear, ear);
    venue->on_open(ConnectionId{3}, "wss://venue.example/private#1", now, ear, ear);
    EXPECT_EQ(ear.closed.back(), ConnectionId{3});
    venue->on_wake(now, ear, ear);
    EXPECT_EQ(keyed_log().count("new: wake"), 1U);
    EXPECT_FALSE(venue->keys().held(old_key));
    EXPECT_FALSE(venue->keys().held(KeySlot{77}));
}

TEST_F(KeyedVenueTest, the_clock_reaches_keys_of_now_and_of_later)
{
    (void)add("a", KeyRole::trade, SessionScope::both);
    venue->set_clock_offset(Duration{7});
    (void)add("b", KeyRole::trade, SessionScope::both);
    EXPECT_EQ(keyed_log().count("a: offset 7"), 1U);
    EXPECT_EQ(keyed_log().count("b: offset 7"), 1U);
    EXPECT_EQ(keyed_log().count("market: offset 7"), 1U);
}

}  // namespace
}  // namespace arb::test
