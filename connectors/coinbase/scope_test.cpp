// Sessions on one channel at Coinbase: what is sent on each, and refusals. What holds for every venue stands
// in tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;
using Kind = VenueLink::Message::Kind;

class CoinbaseScope : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(FeeTaking::quote, GetParam());
        link->on_to_venue = [this](VenueLink::Message& m) {
            sent_.push_back(m.kind == Kind::request ? m.request.method + " " + m.request.url : m.text);
            return true;
        };
    }
    void begin(std::string_view key, SessionScope scope)
    {
        link->use_key(key, scope);
        start();
    }
    std::size_t count(std::string_view part) const
    {
        return static_cast<std::size_t>(
            std::count_if(sent_.begin(), sent_.end(),
                          [&](const std::string& text) { return text.find(part) != std::string::npos; }));
    }
    std::vector<std::string> sent_;
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseScope, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseScope, the_session_of_orders_opens_no_user_channel)
{
    begin(GetParam(), SessionScope::orders);
    EXPECT_EQ(count("\"user\""), 0U);
    EXPECT_EQ(link->key_uses, (std::vector<std::string>{"/key_permissions"}));
    link->restart();
    start();
    EXPECT_TRUE(link->ready(Channel::order_entry));
    EXPECT_EQ(count("advanced-trade-ws-user"), 0U);
}

TEST_P(CoinbaseScope, the_session_of_orders_still_refuses_a_key_that_can_move_money)
{
    begin("withdraw", SessionScope::orders);
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission can_transfer");
    begin("read", SessionScope::orders);
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission can_trade");
}

TEST_P(CoinbaseScope, the_session_of_the_account_sends_nothing_that_needs_the_right_to_trade)
{
    for (const std::string key : {"read", GetParam()}) {
        begin(key, SessionScope::account);
        EXPECT_EQ(count("key_permissions"), 0U);
        link->run(seconds(200));
        EXPECT_TRUE(link->ready(Channel::private_stream));
        EXPECT_EQ(count("POST "), 0U);
    }
}

TEST_P(CoinbaseScope, the_session_of_the_account_hears_of_orders_placed_elsewhere)
{
    begin("read", SessionScope::account);
    PlaceOrder order;
    order.account = VenueLink::kAccount;
    order.listing = ListingId{0};
    order.client_id = std::string(client_order_uuid(OrderId{77}).view());
    order.side = Side::buy;
    order.time_in_force = TimeInForce::gtc;
    order.price = link->price("27.20");
    order.quantity = link->quantity("1");
    link->exchange().place(order, link->now());
    link->run(seconds(1));
    EXPECT_EQ(status(OrderId{77}), OrderStatus::filled);
    EXPECT_EQ(link->filled(OrderId{77}), link->quantity("1"));  // fetched with the same key
}

TEST_P(CoinbaseScope, a_refused_key_is_told_on_the_session_of_the_account)
{
    for (EmulatedKey& key : link->keys) key.revoked = true;
    begin("read", SessionScope::account);
    link->run(seconds(4));
    EXPECT_FALSE(link->ready(Channel::private_stream));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission error");
    EXPECT_TRUE(link->channels.empty());
    // Asked again now and then, never in a hurry.
    const std::size_t uses = link->key_uses.size();
    link->run(seconds(120));
    EXPECT_LE(link->key_uses.size(), uses + 10);
}

TEST_P(CoinbaseScope, a_clock_that_is_off_is_corrected_on_the_session_of_the_account)
{
    link->client_ahead = seconds(30);
    begin("read", SessionScope::account);
    EXPECT_FALSE(link->ready(Channel::private_stream));
    ASSERT_FALSE(link->clock_offsets.empty());
    link->venue().set_clock_offset(link->clock_offsets.back());
    link->run(seconds(40));
    EXPECT_TRUE(link->ready(Channel::private_stream));
}

}  // namespace
}  // namespace arb::coinbase
