// The roads apart: a key for orders opens order entry alone, a key that may only read the private stream
// alone.
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::LinkChannel;
using arb::test::VenueLink;

class BybitRoads : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override
    {
        const bool received = std::string_view(GetParam()) == "spot";
        begin(GetParam(), received ? FeeTaking::received : FeeTaking::quote);
        link_->on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::upgrade && m.text.find("public") == std::string::npos)
                dialled_.push_back(m.text.substr(m.text.rfind('/') + 1));
            if (m.kind == Message::Kind::frame || m.kind == Message::Kind::request)
                sent_.push_back(m.text + m.request.url);
            return true;
        };
    }
    void start(std::string_view key, Roads roads)
    {
        link_->use_key(key, roads);
        link_->start();
        link_->run(seconds(1));
    }
    bool sent(std::string_view text) const
    {
        return std::any_of(sent_.begin(), sent_.end(),
                           [&](const std::string& s) { return s.find(text) != std::string::npos; });
    }
    bool told(Channel channel) const
    {
        return std::any_of(link_->channels.begin(), link_->channels.end(),
                           [&](const LinkChannel& c) { return c.channel == channel; });
    }
    std::vector<std::string> dialled_, sent_;
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitRoads, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitRoads, a_key_for_orders_opens_order_entry_alone)
{
    start("trade", Roads::orders);
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_FALSE(told(Channel::private_stream));
    EXPECT_EQ(dialled_, std::vector<std::string>{"trade"});
    EXPECT_EQ(ends(RequestKind::session), 1U);
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
    (void)link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(last_end(RequestKind::place), "done/none");
    EXPECT_EQ(link_->exchange().order_count(), 1U);
    EXPECT_TRUE(link_->fills.empty()) << "the private stream is another's";
    query_fills();
    EXPECT_EQ(link_->fills.size(), 1U) << "questions work on each road";
    link_->venue().cancel_all(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
}

TEST_P(BybitRoads, a_key_that_may_only_read_opens_the_private_stream_alone)
{
    start("read", Roads::account);
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    EXPECT_FALSE(told(Channel::order_entry));
    EXPECT_EQ(dialled_, std::vector<std::string>{"private"});
    EXPECT_EQ(ends(RequestKind::session), 1U);
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
    // An order of the same account, made with another key.
    PlaceOrder order;
    order.account = VenueLink::kAccount;
    order.listing = ListingId{0};
    order.side = Side::buy;
    order.price = link_->price("27.20");
    order.quantity = link_->quantity("1");
    order.time_in_force = TimeInForce::ioc;
    ASSERT_EQ(link_->exchange().place(order, link_->now()).error, PlaceError::none);
    link_->run(seconds(1));
    EXPECT_EQ(link_->fills.size(), 1U);
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::balances), "done/none");
    link_->run(seconds(120));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    for (const auto& end : link_->ends) EXPECT_EQ(end.end.outcome, Outcome::done) << end.text;
    EXPECT_FALSE(sent("order/")) << "nothing that needs the right to trade";
}

TEST_P(BybitRoads, the_account_road_refuses_orders_at_once)
{
    start("read", Roads::account);
    const std::size_t before = sent_.size();
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    EXPECT_EQ(last_end(RequestKind::place), "refused/permission");
    link_->cancel(id);
    EXPECT_EQ(last_end(RequestKind::cancel), "refused/permission");
    EXPECT_EQ(link_->last_end(RequestKind::cancel)->end.order, id);
    link_->venue().cancel_all(link_->all_listings(), link_->now(), *link_, *link_);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "refused/permission");
    settle();
    EXPECT_EQ(sent_.size(), before);
}

TEST_P(BybitRoads, a_refused_key_ends_the_log_ons_of_either_road)
{
    for (const Roads roads : {Roads::orders, Roads::account}) {
        for (EmulatedKey& key : link_->keys) key.revoked = true;
        start("read", roads);
        EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
        EXPECT_EQ(link_->last_end(RequestKind::session)->code, "10003");
        const std::size_t uses = link_->key_uses.size();
        link_->run(seconds(300));
        EXPECT_EQ(link_->key_uses.size(), uses) << "asking again will not help";
        EXPECT_TRUE(link_->channels.empty());
    }
}

TEST_P(BybitRoads, a_clock_far_behind_ends_no_log_ons)
{
    link_->client_ahead = seconds(-60);
    start("read", Roads::account);
    EXPECT_EQ(last_end(RequestKind::session), "refused/permission");
    ASSERT_FALSE(link_->clock_offsets.empty());
    link_->venue().set_clock_offset(link_->clock_offsets.back());
    link_->run(seconds(30));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
}

TEST_P(BybitRoads, each_road_comes_back_by_itself_after_a_cut)
{
    for (const Roads roads : {Roads::orders, Roads::account}) {
        start("trade", roads);
        const Channel mine = roads == Roads::orders ? Channel::order_entry : Channel::private_stream;
        const Channel other = roads == Roads::orders ? Channel::private_stream : Channel::order_entry;
        link_->channels.clear();
        link_->cut_all();
        EXPECT_FALSE(link_->ready(mine));
        link_->run(seconds(2));
        EXPECT_TRUE(link_->ready(mine));
        EXPECT_FALSE(told(other));
    }
}

}  // namespace
}  // namespace arb::bybit::test
