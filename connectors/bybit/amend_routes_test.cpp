// Who may change an order's price, by which route, and how often.
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "engine/base/client_order_id.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::VenueLink;

class BybitAmendRoutes : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override
    {
        begin(GetParam(), std::string_view(GetParam()) == "spot" ? FeeTaking::received : FeeTaking::quote);
    }
    void start() { ASSERT_TRUE(log_on()); }
    void expect_end(Outcome outcome, RejectReason reason, std::string_view code = "")
    {
        EXPECT_EQ(last_end(RequestKind::amend), end_text(outcome, reason));
        EXPECT_EQ(link_->last_end(RequestKind::amend)->code, code);
    }
    std::uint32_t amends() const
    {
        return link_->exchange().orders(VenueLink::kAccount, kNoListing, false).back()->amends;
    }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitAmendRoutes, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitAmendRoutes, AKeyThatMayNotTradeAmendsNothing)
{
    start();
    const OrderId id = rest_an_order("27.00");
    for (EmulatedKey& key : link_->keys) key.can_trade = false;
    link_->amend(id, "27.05");
    settle();
    expect_end(Outcome::key_trouble, RejectReason::permission, "10005");
    EXPECT_EQ(amends(), 0U);
}

TEST_P(BybitAmendRoutes, TheAccountsOwnRoadAmendsNothing)
{
    link_->use_key("read", SessionScope::account);
    link_->start();
    link_->run(seconds(1));
    const OrderId id = rest_an_order("27.00");
    bool left = false;
    link_->on_to_venue = [&left](Message&) { return left = true; };
    link_->amend(id, "27.05");
    settle();
    expect_end(Outcome::refused, RejectReason::permission);
    EXPECT_EQ(link_->last_end(RequestKind::amend)->end.order, id);
    EXPECT_FALSE(left);
}

TEST_P(BybitAmendRoutes, InHedgeModeNoOrderOfOursStands)
{
    if (spot()) return;
    link_->instead_of_reply = [](const HttpRequest& request) -> std::optional<ServerReply> {
        if (request.url.find("/v5/position/list") == std::string::npos) return std::nullopt;
        return ServerReply{200,
                           {},
                           R"({"retCode":0,"result":{"list":[{"category":"linear","symbol":"LINKUSDT",)"
                           R"("side":"Buy","size":"3","positionIdx":1}]}})"};
    };
    start();
    const OrderId id = rest_an_order("27.00");
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    link_->amend(id, "27.05");
    expect_end(Outcome::refused, RejectReason::permission);
    EXPECT_EQ(amends(), 0U);
}

// Amends are counted by themselves, ten a second in either market.
TEST_P(BybitAmendRoutes, TooManyASecondAreRateLimited)
{
    start();
    const OrderId id = rest_an_order("27.00");
    link_->run(Duration{seconds(1).ns - link_->now().ns % seconds(1).ns});
    for (int i = 0; i < 12; ++i) link_->amend(id, i % 2 == 0 ? "27.05" : "27.00");
    const OrderId other = link_->place(Side::buy, "1", "26.00", TimeInForce::gtc);
    link_->run(milliseconds(20));
    expect_end(Outcome::rate_limited, RejectReason::rate_limited, "10006");
    EXPECT_EQ(link_->exchange().find_client(VenueLink::kAccount, client_order_id(id).view())->amends, 10U);
    EXPECT_EQ(status(other), "working") << "orders have a count of their own";
    const TradingFeatures features = link_->venue().trading_features();
    EXPECT_TRUE(features.amends);
    EXPECT_LT(features.orders_per_second - features.cancels_reserved, 10U);
}

}  // namespace
}  // namespace arb::bybit::test
