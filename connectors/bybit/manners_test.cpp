// The trading side against the emulated venue with its manners: a day on which services restart, lists have
// more pages than rows, and numbers the digits of doubles.
#include <gtest/gtest.h>

#include "connectors/bybit/bybit.hpp"
#include "connectors/bybit/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::VenueLink;

class BybitMannersTest : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override
    {
        spot_ = std::string_view(GetParam()) == "spot";
        link_ = std::make_unique<VenueLink>(
            type(), GetParam(), std::vector<ListingDefinition>{link_definition(GetParam())},
            spot_ ? FeeTaking::received : FeeTaking::quote, "trade", 7, true, true);
        link_->deposit("USDT", "100000.25");
        if (spot_) link_->deposit("LINK", "1000");
        link_->street("27.10", "27.20");
        ASSERT_TRUE(log_on());
    }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitMannersTest, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitMannersTest, ARestartOfTheTradeSocketCostsOneOrder)
{
    std::size_t refused = 0;
    for (int i = 0; i < 130; ++i) {
        link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
        link_->run(milliseconds(400));
        refused += last_end(RequestKind::place) == "refused/other" ? 1 : 0;
    }
    EXPECT_EQ(refused, 2U) << "after every sixtieth";
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_EQ(link_->exchange().order_count(), 128U);
    EXPECT_EQ(link_->fills.size(), 128U);
}

TEST_P(BybitMannersTest, ListsAndWalletsAreReadAsTheyAre)
{
    link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    link_->orders.clear();
    link_->venue().query_open_orders(link_->all_listings(), link_->now(), *link_, *link_);
    link_->venue().query_balances(link_->now(), *link_, *link_);
    link_->run(seconds(1));
    EXPECT_EQ(last_end(RequestKind::open_orders), "done/none");
    EXPECT_TRUE(link_->last_end(RequestKind::open_orders)->end.complete);
    EXPECT_EQ(link_->orders.size(), 1U) << "the page behind it is empty";
    EXPECT_EQ(last_end(RequestKind::balances), "done/none");
    Amount told;
    for (const auto& balance : link_->balances) {
        if (balance.asset == "USDT") told = balance.report.total;
    }
    EXPECT_EQ(told.text(), "100000.25000000000582");
}

TEST_P(BybitMannersTest, ARefusalThatNamesNoRequestEndsTheOneThatWaits)
{
    for (EmulatedKey& key : link_->keys) key.can_trade = false;
    link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(last_end(RequestKind::place), "key_trouble/permission");
    EXPECT_EQ(link_->exchange().order_count(), 0U);
}

// A snapshot numbered 1 in the middle of the stream: the service began anew, and no change was lost.
TEST_P(BybitMannersTest, ABookServiceThatRestartsIsFollowed)
{
    bool restarted = false;
    link_->on_to_client = [&](Message& m) {
        restarted = restarted || (m.text.find("\"type\":\"snapshot\"") != std::string::npos &&
                                  m.text.find("\"u\":1,") != std::string::npos);
        return true;
    };
    for (int i = 0; i < 420; ++i) {
        link_->street(i % 2 == 0 ? "27.09" : "27.10", "27.20");
        link_->run(milliseconds(5));
    }
    EXPECT_TRUE(restarted);
    EXPECT_GT(link_->books, 420U);
    EXPECT_TRUE(link_->undecoded.empty());
}

}  // namespace
}  // namespace arb::bybit::test
