// Sessions on one road: of a key for orders, and of a key that may only read.
#include <gtest/gtest.h>

#include "connectors/binance/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

using arb::test::VenueLink;
using test::Case;
using Kind = VenueLink::Message::Kind;

class BinanceRoads : public ::testing::TestWithParam<Case>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(GetParam(), spot() ? FeeTaking::received : FeeTaking::quote);
        link_->on_to_venue = [this](VenueLink::Message& m) {
            sent_.push_back(m.kind == Kind::request ? m.request.method + " " + m.request.url : m.text);
            return true;
        };
    }
    void start(std::string_view key, Roads roads)
    {
        link_->use_key(key, roads);
        link_->start();
        link_->run(seconds(1));
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
            std::count_if(link_->channels.begin(), link_->channels.end(),
                          [&](const auto& change) { return change.channel == channel; }));
    }
    std::size_t sessions() const
    {
        return static_cast<std::size_t>(
            std::count_if(link_->ends.begin(), link_->ends.end(),
                          [](const auto& e) { return e.end.kind == RequestKind::session; }));
    }
    std::string end(RequestKind kind) const
    {
        const RequestEnd last = ended(kind);
        return last.outcome == Outcome::count_ ? "none" : test::end_text(last.outcome, last.reason);
    }

    std::vector<std::string> sent_;
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceRoads,
                         ::testing::Values(Case{"spot", "trade"}, Case{"spot", "trade_ed25519"},
                                           Case{"usdm", "trade"}, Case{"usdm", "trade_ed25519"}),
                         test::label<::testing::TestParamInfo<Case>>);

TEST_P(BinanceRoads, the_road_of_orders_opens_no_private_stream)
{
    start(GetParam().key, Roads::orders);
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_EQ(told(Channel::order_entry), 1U);
    EXPECT_EQ(told(Channel::private_stream), 0U);
    EXPECT_EQ(end(RequestKind::session), "done none");
    EXPECT_EQ(sessions(), 1U);
    EXPECT_EQ(count("userDataStream"), 0U);
    EXPECT_EQ(count("listenKey"), 0U);
    EXPECT_EQ(count("/private"), 0U);
    EXPECT_EQ(count("POST https://fapi.binance.com/fapi/v1/countdownCancelAll"), spot() ? 0U : 1U);
}

TEST_P(BinanceRoads, the_road_of_orders_places_and_cancels)
{
    start(GetParam().key, Roads::orders);
    const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(end(RequestKind::place), "done none");
    EXPECT_EQ(status(id), OrderStatus::working);
    link_->cancel(id);
    settle();
    EXPECT_EQ(end(RequestKind::cancel), "done none");
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    for (const auto& order : link_->orders) EXPECT_NE(order.report.source, ReportSource::stream);
    EXPECT_TRUE(link_->undecoded.empty());
}

TEST_P(BinanceRoads, the_road_of_orders_comes_back)
{
    start(GetParam().key, Roads::orders);
    link_->cut_all();
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    link_->run(seconds(10));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_EQ(sessions(), 2U);
    link_->restart();
    sent_.clear();
    link_->start();
    link_->run(seconds(1));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_EQ(count("userDataStream") + count("listenKey"), 0U);
}

TEST_P(BinanceRoads, a_key_that_may_only_read_follows_the_account)
{
    start("read", Roads::account);
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    EXPECT_EQ(told(Channel::private_stream), 1U);
    EXPECT_EQ(told(Channel::order_entry), 0U);
    EXPECT_EQ(end(RequestKind::session), "done none");
    EXPECT_EQ(sessions(), 1U);
    link_->deposit("USDT", "5");
    link_->run(seconds(200));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    // Nothing that needs the right to trade: neither timer nor the websocket of the orders on USD-M.
    EXPECT_EQ(count("countdownCancelAll"), 0U);
    EXPECT_EQ(count("order."), 0U);
    EXPECT_EQ(count("DELETE"), 0U);
    EXPECT_EQ(count("ws-fapi"), 0U);
    for (const auto& e : link_->ends) EXPECT_EQ(e.end.outcome, Outcome::done) << name(e.end.kind) << e.text;
}

TEST_P(BinanceRoads, the_road_of_the_account_hears_of_orders_placed_elsewhere)
{
    start("read", Roads::account);
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

TEST_P(BinanceRoads, the_road_of_the_account_refuses_orders_at_once)
{
    start(GetParam().key, Roads::account);
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    sent_.clear();
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    EXPECT_EQ(end(RequestKind::place), "refused permission");
    EXPECT_EQ(ended(RequestKind::place).order, id);
    link_->cancel(id);
    EXPECT_EQ(end(RequestKind::cancel), "refused permission");
    EXPECT_EQ(ended(RequestKind::cancel).order, id);
    link_->venue().cancel_all(link_->all_listings(), link_->now(), *link_, *link_);
    EXPECT_EQ(end(RequestKind::cancel_all), "refused permission");
    EXPECT_TRUE(sent_.empty());
    EXPECT_EQ(link_->exchange().order_count(), 0U);
}

TEST_P(BinanceRoads, questions_work_on_both_roads)
{
    for (const Roads roads : {Roads::orders, Roads::account}) {
        start(roads == Roads::account ? "read" : GetParam().key, roads);
        link_->ends.clear();
        link_->venue().query_balances(link_->now(), *link_, *link_);
        link_->venue().query_open_orders(link_->all_listings(), link_->now(), *link_, *link_);
        link_->venue().query_fills(link_->all_listings(), link_->now() - seconds(60), link_->now(), *link_,
                                   *link_);
        link_->venue().query_fees(link_->all_listings(), link_->now(), *link_, *link_);
        link_->venue().query_time(link_->now(), *link_, *link_);
        link_->run(seconds(1));
        EXPECT_EQ(link_->ends.size(), 5U);
        for (const auto& e : link_->ends) EXPECT_EQ(e.end.outcome, Outcome::done) << name(e.end.kind);
    }
}

TEST_P(BinanceRoads, a_refused_key_is_told_on_the_road_of_the_account)
{
    for (EmulatedKey& key : link_->keys) key.revoked = true;
    start("read", Roads::account);
    EXPECT_FALSE(link_->ready(Channel::private_stream));
    EXPECT_EQ(end(RequestKind::session), "key_trouble permission");
    EXPECT_TRUE(link_->channels.empty());
}

}  // namespace
}  // namespace arb::binance
