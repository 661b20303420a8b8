// Sessions on one road: of a key for orders, and of a key that may only read.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;
using Kind = VenueLink::Message::Kind;

class CoinbaseRoads : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(FeeTaking::quote, GetParam());
        link->on_to_venue = [this](VenueLink::Message& m) {
            sent_.push_back(m.kind == Kind::request ? m.request.method + " " + m.request.url : m.text);
            return true;
        };
    }
    void begin(std::string_view key, Roads roads)
    {
        link->use_key(key, roads);
        start();
    }
    std::size_t count(std::string_view part) const
    {
        return static_cast<std::size_t>(
            std::count_if(sent_.begin(), sent_.end(),
                          [&](const std::string& text) { return text.find(part) != std::string::npos; }));
    }
    std::size_t told(Channel channel) const
    {
        return static_cast<std::size_t>(
            std::count_if(link->channels.begin(), link->channels.end(),
                          [&](const auto& change) { return change.channel == channel; }));
    }
    std::size_t sessions() const
    {
        return static_cast<std::size_t>(
            std::count_if(link->ends.begin(), link->ends.end(),
                          [](const auto& e) { return e.end.kind == RequestKind::session; }));
    }

    std::vector<std::string> sent_;
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseRoads, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseRoads, the_road_of_orders_opens_no_user_channel)
{
    begin(GetParam(), Roads::orders);
    EXPECT_TRUE(link->ready(Channel::order_entry));
    EXPECT_EQ(told(Channel::order_entry), 1U);
    EXPECT_EQ(told(Channel::private_stream), 0U);
    EXPECT_EQ(ended(RequestKind::session), "done none");
    EXPECT_EQ(sessions(), 1U);
    EXPECT_EQ(count("advanced-trade-ws-user"), 0U);
    EXPECT_EQ(count("\"user\""), 0U);
    EXPECT_EQ(link->key_uses, (std::vector<std::string>{"/key_permissions"}));
}

TEST_P(CoinbaseRoads, the_road_of_orders_places_and_cancels)
{
    begin(GetParam(), Roads::orders);
    const OrderId id = link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "done none");
    link->cancel(id);
    settle();
    EXPECT_EQ(ended(RequestKind::cancel), "done none");
    link->query(id);
    settle();
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    for (const auto& order : link->orders) EXPECT_NE(order.report.source, ReportSource::stream);
}

TEST_P(CoinbaseRoads, the_road_of_orders_still_refuses_a_key_that_can_move_money)
{
    begin("withdraw", Roads::orders);
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission can_transfer");
    begin("read", Roads::orders);
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission can_trade");
}

TEST_P(CoinbaseRoads, a_restart_keeps_the_road)
{
    begin(GetParam(), Roads::orders);
    link->restart();
    sent_.clear();
    start();
    EXPECT_TRUE(link->ready(Channel::order_entry));
    EXPECT_EQ(count("advanced-trade-ws-user"), 0U);
}

TEST_P(CoinbaseRoads, a_key_that_may_only_read_follows_the_account)
{
    begin("read", Roads::account);
    EXPECT_TRUE(link->ready(Channel::private_stream));
    EXPECT_EQ(told(Channel::private_stream), 1U);
    EXPECT_EQ(told(Channel::order_entry), 0U);
    EXPECT_EQ(ended(RequestKind::session), "done none");
    EXPECT_EQ(sessions(), 1U);
    link->run(seconds(200));
    EXPECT_TRUE(link->ready(Channel::private_stream));
    EXPECT_EQ(count("POST "), 0U);
    for (const auto& e : link->ends) EXPECT_EQ(e.end.outcome, Outcome::done) << name(e.end.kind) << e.text;
    link->cut_all();
    EXPECT_FALSE(link->ready(Channel::private_stream));
    link->run(seconds(10));
    EXPECT_TRUE(link->ready(Channel::private_stream));
    EXPECT_EQ(sessions(), 2U);
}

TEST_P(CoinbaseRoads, the_road_of_the_account_hears_of_orders_placed_elsewhere)
{
    begin("read", Roads::account);
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

TEST_P(CoinbaseRoads, the_road_of_the_account_refuses_orders_at_once)
{
    begin(GetParam(), Roads::account);
    EXPECT_TRUE(link->ready(Channel::private_stream));
    EXPECT_EQ(count("key_permissions"), 0U);
    sent_.clear();
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    EXPECT_EQ(ended(RequestKind::place), "refused permission");
    EXPECT_EQ(link->last_end(RequestKind::place)->end.order, id);
    OrderReference any = link->reference(id);
    any.venue_id = "0e3017a7-ed00-4000-8000-0000000f4241";
    link->venue().cancel_order(any, link->now(), *link, *link);
    EXPECT_EQ(ended(RequestKind::cancel), "refused permission");
    EXPECT_EQ(link->last_end(RequestKind::cancel)->end.order, id);
    link->venue().cancel_all(link->all_listings(), link->now(), *link, *link);
    EXPECT_EQ(ended(RequestKind::cancel_all), "refused permission");
    EXPECT_TRUE(sent_.empty());
    EXPECT_EQ(link->exchange().order_count(), 0U);
}

TEST_P(CoinbaseRoads, questions_work_on_both_roads)
{
    for (const Roads roads : {Roads::orders, Roads::account}) {
        begin(roads == Roads::account ? "read" : GetParam(), roads);
        link->ends.clear();
        link->venue().query_balances(link->now(), *link, *link);
        link->venue().query_open_orders(link->all_listings(), link->now(), *link, *link);
        link->venue().query_fills(link->all_listings(), link->now() - seconds(60), link->now(), *link, *link);
        link->venue().query_fees(link->all_listings(), link->now(), *link, *link);
        link->venue().query_time(link->now(), *link, *link);
        link->run(seconds(1));
        EXPECT_EQ(link->ends.size(), 5U);
        for (const auto& e : link->ends) EXPECT_EQ(e.end.outcome, Outcome::done) << name(e.end.kind);
    }
}

TEST_P(CoinbaseRoads, a_refused_key_is_told_on_the_road_of_the_account)
{
    for (EmulatedKey& key : link->keys) key.revoked = true;
    begin("read", Roads::account);
    EXPECT_FALSE(link->ready(Channel::private_stream));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission error");
    EXPECT_TRUE(link->channels.empty());
    // Asked again now and then, never in a hurry.
    const std::size_t uses = link->key_uses.size();
    link->run(seconds(120));
    EXPECT_LE(link->key_uses.size(), uses + 10);
}

TEST_P(CoinbaseRoads, a_clock_that_is_off_is_corrected_on_the_road_of_the_account)
{
    link->client_ahead = seconds(5);
    begin("read", Roads::account);
    EXPECT_FALSE(link->ready(Channel::private_stream));
    ASSERT_FALSE(link->clock_offsets.empty());
    link->venue().set_clock_offset(link->clock_offsets.back());
    link->run(seconds(40));
    EXPECT_TRUE(link->ready(Channel::private_stream));
}

}  // namespace
}  // namespace arb::coinbase
