// The roads apart: a key for orders opens order entry alone, a key that may only read the account's channels
// alone.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkChannel;
using arb::test::VenueLink;

class OkxRoads : public ::testing::Test, protected Life<VenueLink> {
  protected:
    OkxRoads() : Life(FeeTaking::received)
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::frame || m.kind == Message::Kind::request)
                sent_.push_back(m.text + m.request.url);
            return true;
        };
    }
    void start(std::string_view key, Roads roads)
    {
        link_.use_key(key, roads);
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

TEST_F(OkxRoads, a_key_for_orders_opens_order_entry_and_arms_the_timer)
{
    start("trade", Roads::orders);
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    EXPECT_FALSE(told(Channel::private_stream));
    EXPECT_EQ(sent(R"("channel":"orders")"), 0U);
    EXPECT_EQ(sent(R"("channel":"account")"), 0U);
    EXPECT_EQ(sent("cancel-all-after"), 1U);
    EXPECT_EQ(ends(RequestKind::session), 1U);
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
    const OrderId id = link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(last_end(RequestKind::place), "done/none");
    EXPECT_TRUE(link_.fills.empty()) << "the account's channels are another's";
    link_.query(id);
    settle();
    ASSERT_NE(link_.last(id), nullptr);
    EXPECT_EQ(link_.last(id)->report.status, OrderStatus::filled) << "questions work on each road";
    rest(2);
    link_.venue().cancel_all(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
    EXPECT_EQ(open(), 0U);
    settle(seconds(60));
    EXPECT_GE(sent("cancel-all-after"), 4U) << "refreshed every 15 s";
    EXPECT_TRUE(link_.ready(Channel::order_entry));
}

TEST_F(OkxRoads, a_key_that_may_only_read_opens_the_private_stream_alone)
{
    start("read", Roads::account);
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_FALSE(told(Channel::order_entry));
    EXPECT_EQ(ends(RequestKind::session), 1U);
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
    // An order of the same account, made with another key.
    PlaceOrder order;
    order.account = VenueLink::kAccount;
    order.listing = kLink;
    order.side = Side::buy;
    order.price = link_.price("27.20");
    order.quantity = link_.quantity("1");
    order.time_in_force = TimeInForce::ioc;
    ASSERT_EQ(link_.exchange().place(order, link_.now()).error, PlaceError::none);
    settle(seconds(1));
    EXPECT_EQ(link_.fills.size(), 1U);
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::balances), "done/none");
    settle(seconds(120));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    for (const auto& end : link_.ends) EXPECT_EQ(end.end.outcome, Outcome::done) << end.text;
    EXPECT_EQ(sent("/trade/"), 0U) << "nothing that needs the right to trade";
    EXPECT_EQ(ends(RequestKind::dead_man), 0U);
}

TEST_F(OkxRoads, the_account_road_refuses_orders_at_once)
{
    start("read", Roads::account);
    const std::size_t before = sent_.size();
    const OrderId id = link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    EXPECT_EQ(last_end(RequestKind::place), "refused/permission");
    link_.cancel(id);
    EXPECT_EQ(last_end(RequestKind::cancel), "refused/permission");
    EXPECT_EQ(link_.last_end(RequestKind::cancel)->end.order, id);
    link_.venue().cancel_all(link_.all_listings(), link_.now(), link_, link_);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "refused/permission");
    settle();
    EXPECT_EQ(sent_.size(), before);
}

TEST_F(OkxRoads, each_road_comes_back_by_itself_after_a_cut)
{
    for (const Roads roads : {Roads::orders, Roads::account}) {
        start("trade", roads);
        const Channel mine = roads == Roads::orders ? Channel::order_entry : Channel::private_stream;
        const Channel other = roads == Roads::orders ? Channel::private_stream : Channel::order_entry;
        link_.channels.clear();
        link_.cut_all();
        EXPECT_FALSE(link_.ready(mine));
        settle(seconds(2));
        EXPECT_TRUE(link_.ready(mine));
        EXPECT_FALSE(told(other));
    }
}

TEST_F(OkxRoads, a_refused_key_ends_the_log_ons_of_either_road)
{
    for (const Roads roads : {Roads::orders, Roads::account}) {
        link_.keys[0].revoked = true;
        sent_.clear();
        start("trade", roads);
        settle(seconds(60));
        EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
        EXPECT_EQ(sent(R"("op":"login")"), 1U);
        EXPECT_TRUE(link_.channels.empty());
    }
}

}  // namespace
}  // namespace arb::okx::test
