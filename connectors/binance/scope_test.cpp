// Sessions on one channel at Binance: what is sent on each. What holds for every venue stands in
// tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/binance/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

using arb::test::VenueLink;
using test::Case;
using Kind = VenueLink::Message::Kind;

class BinanceScope : public ::testing::TestWithParam<Case>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(GetParam(), spot() ? FeeTaking::received : FeeTaking::quote);
        link_->on_to_venue = [this](VenueLink::Message& m) {
            sent_.push_back(m.kind == Kind::request ? m.request.method + " " + m.request.url : m.text);
            return true;
        };
    }
    void start(std::string_view key, SessionScope scope)
    {
        link_->use_key(key, scope);
        link_->start();
        link_->run(seconds(1));
    }
    std::size_t count(std::string_view part) const
    {
        return static_cast<std::size_t>(
            std::count_if(sent_.begin(), sent_.end(),
                          [&](const std::string& text) { return text.find(part) != std::string::npos; }));
    }
    std::vector<std::string> sent_;
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceScope,
                         ::testing::Values(Case{"spot", "trade"}, Case{"spot", "trade_ed25519"},
                                           Case{"usdm", "trade"}, Case{"usdm", "trade_ed25519"}),
                         test::label<::testing::TestParamInfo<Case>>);

TEST_P(BinanceScope, the_session_of_orders_asks_for_no_private_stream)
{
    start(GetParam().key, SessionScope::orders);
    EXPECT_EQ(count("/private"), 0U);
    EXPECT_EQ(count("POST https://fapi.binance.com/fapi/v1/countdownCancelAll"), spot() ? 0U : 1U);
    link_->cut_all();
    link_->run(seconds(10));
    link_->restart();
    link_->start();
    link_->run(seconds(1));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_EQ(count("userDataStream") + count("listenKey"), 0U);
}

TEST_P(BinanceScope, a_key_that_may_only_read_sends_nothing_that_needs_the_right_to_trade)
{
    start("read", SessionScope::account);
    link_->deposit("USDT", "5");
    link_->run(seconds(200));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    // Neither timer nor the websocket of the orders on USD-M.
    EXPECT_EQ(count("countdownCancelAll"), 0U);
    EXPECT_EQ(count("order."), 0U);
    EXPECT_EQ(count("DELETE"), 0U);
    EXPECT_EQ(count("ws-fapi"), 0U);
}

TEST_P(BinanceScope, the_session_of_the_account_hears_of_orders_placed_elsewhere)
{
    start("read", SessionScope::account);
    PlaceOrder order;
    order.account = VenueLink::kAccount;
    order.listing = ListingId{0};
    order.client_id = std::string(client_order_id(OrderId{77}).view());
    order.side = Side::buy;
    order.time_in_force = TimeInForce::gtc;
    order.price = link_->price("27.20");
    order.quantity = link_->quantity("1");
    link_->exchange().place(order, link_->now());
    link_->run(milliseconds(300));
    EXPECT_EQ(status(OrderId{77}), OrderStatus::filled);
    EXPECT_EQ(link_->filled(OrderId{77}), link_->quantity("1"));
    EXPECT_FALSE(link_->balances.empty());
}

}  // namespace
}  // namespace arb::binance
