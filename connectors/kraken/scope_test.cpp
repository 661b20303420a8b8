// The scopes apart at Kraken: what is sent on each, and refusals. What holds for every venue stands in
// tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/kraken/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken::test {
namespace {

using arb::test::LinkChannel;
using arb::test::LinkLife;

class KrakenScope : public ::testing::Test, protected Life<LinkLife> {
  protected:
    KrakenScope() : Life(FeeTaking::quote)
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::frame || m.kind == Message::Kind::request)
                sent_.push_back(m.text + m.request.url);
            return true;
        };
    }
    void start(std::string_view key, SessionScope scope)
    {
        link_.use_key(key, scope);
        link_.run(seconds(1));
        link_.start();
        link_.run(seconds(1));
    }
    std::size_t sent(std::string_view text) const
    {
        return static_cast<std::size_t>(std::count_if(sent_.begin(), sent_.end(), [&](const std::string& s) {
            return s.find(text) != std::string::npos;
        }));
    }
    bool told(Channel channel) const
    {
        return std::any_of(link_.channels.begin(), link_.channels.end(),
                           [&](const LinkChannel& c) { return c.channel == channel; });
    }
    std::vector<std::string> sent_;
};

TEST_F(KrakenScope, a_key_for_orders_follows_nothing_and_arms_the_timer)
{
    start("trade", SessionScope::orders);
    // The confirmation tells how many orders the venue grants; nothing else is wanted of it.
    EXPECT_EQ(sent(R"("method":"subscribe","params":{"channel":"executions")"), 1U);
    EXPECT_EQ(sent(R"("snap_orders":false)"), 1U);
    EXPECT_EQ(sent(R"("method":"unsubscribe","params":{"channel":"executions")"), 1U);
    EXPECT_EQ(sent(R"("channel":"balances")"), 0U);
    EXPECT_EQ(sent("cancel_all_orders_after"), 1U);
    settle(seconds(60));
    EXPECT_GE(sent("cancel_all_orders_after"), 3U) << "refreshed every 20 s";
}

TEST_F(KrakenScope, order_entry_that_is_refused_is_not_told_as_open_and_is_tried_with_pauses)
{
    start("read", SessionScope::orders);
    settle(seconds(60));
    EXPECT_FALSE(told(Channel::order_entry));
    EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
    EXPECT_LE(sent("GetWebSocketsToken"), 14U);
    EXPECT_GE(sent("GetWebSocketsToken"), 2U);
}

TEST_F(KrakenScope, a_key_that_may_only_read_sends_nothing_that_needs_the_right_to_trade)
{
    start("read", SessionScope::account);
    settle(seconds(120));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    // Sessions are started once more when another key's changes.
    link_.venue().start_session(link_.now(), link_, link_);
    settle(seconds(120));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_EQ(sent("GetWebSocketsToken"), 2U);
    for (const char* trading : {"add_order", "amend_order", "cancel_", "/AddOrder", "/Amend", "/Cancel"})
        EXPECT_EQ(sent(trading), 0U) << trading;
}

TEST_F(KrakenScope, a_refusal_without_a_word_is_no_success)
{
    link_.on_to_client = [](Message& m) {
        if (m.text.find("\"method\":\"cancel_all_orders_after\"") != std::string::npos)
            m.text = R"({"method":"cancel_all_orders_after","success":false})";
        return true;
    };
    start("trade", SessionScope::orders);
    EXPECT_FALSE(told(Channel::order_entry));
    EXPECT_EQ(last_end(RequestKind::session), "unknown/none");
}

TEST_F(KrakenScope, a_revoked_key_ends_the_asking_for_tokens_on_either_scope)
{
    for (const SessionScope scope : {SessionScope::orders, SessionScope::account}) {
        key("trade").revoked = false;
        start("trade", scope);
        key("trade").revoked = true;
        link_.emulated().on_key_changed(key("trade"), link_.now(), link_);
        sent_.clear();
        settle(seconds(60));
        EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
        EXPECT_EQ(sent("GetWebSocketsToken"), 1U);
        EXPECT_FALSE(
            link_.ready(scope == SessionScope::orders ? Channel::order_entry : Channel::private_stream));
    }
}

}  // namespace
}  // namespace arb::kraken::test
