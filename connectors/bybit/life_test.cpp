// The trading side against the emulated venue on an in-memory wire, spot and linear: orders and their ends.
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::LinkEnd;
using arb::test::VenueLink;

class BybitLifeTest : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override { use("trade"); }
    void use(std::string_view key)
    {
        const bool received = std::string_view(GetParam()) == "spot";
        begin(GetParam(), received ? FeeTaking::received : FeeTaking::quote, key);
    }
    void start() { ASSERT_TRUE(log_on()); }
    void expect_end(RequestKind kind, Outcome outcome, RejectReason reason = RejectReason::none)
    {
        EXPECT_EQ(last_end(kind), end_text(outcome, reason)) << name(kind);
    }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitLifeTest, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitLifeTest, LogsOnAndFollowsTheMarket)
{
    start();
    expect_end(RequestKind::session, Outcome::done);
    EXPECT_EQ(ends(RequestKind::session), 1U);
    EXPECT_GT(link_->books, 0U);
    EXPECT_TRUE(link_->undecoded.empty());
    ASSERT_FALSE(link_->clock_offsets.empty());
    EXPECT_LE(std::abs(link_->clock_offsets[0].ns), milliseconds(2).ns);
    EXPECT_EQ(link_->key_uses, (std::vector<std::string>{"auth", "auth"}));
    link_->street("27.11", "27.19");
    settle();
    EXPECT_FALSE(link_->last_book_snapshot) << "a delta";
    link_->run(seconds(120));
    EXPECT_TRUE(link_->ready(Channel::order_entry)) << "pings keep it alive";
    EXPECT_EQ(link_->channels.size(), 2U);
}

TEST_P(BybitLifeTest, AnOrderFillsWithItsFees)
{
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::done);
    EXPECT_EQ(status(id), "filled");
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("1"));
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
    ASSERT_EQ(link_->fills.size(), 1U);
    const auto& fill = link_->fills[0];
    EXPECT_EQ(fill.report.price, link_->price("27.20"));
    EXPECT_EQ(fill.report.side, Side::buy);
    EXPECT_FALSE(fill.report.maker);
    EXPECT_TRUE(fill.report.has_fee);
    EXPECT_EQ(fill.fee_asset, spot() ? "LINK" : "USDT");
    EXPECT_EQ(fill.report.fee, arb::test::money(spot() ? "0.001" : "0.0272"));
    EXPECT_FALSE(link_->last(id)->venue_id.empty());
    EXPECT_TRUE(link_->undecoded.empty());
}

TEST_P(BybitLifeTest, TheAcknowledgementIsPending)
{
    start();
    drop_frames("\"topic\":\"order");
    const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    expect_end(RequestKind::place, Outcome::done);
    EXPECT_EQ(status(id), "pending");
    EXPECT_EQ(link_->last(id)->report.source, ReportSource::reply);
    EXPECT_FALSE(link_->last(id)->report.has_filled);
}

TEST_P(BybitLifeTest, PartOfAnImmediateOrderFills)
{
    link_->street("27.10", "27.20", "0.4");
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), "cancelled");
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("0.4"));
    EXPECT_EQ(link_->filled(id), link_->quantity("0.4"));
}

TEST_P(BybitLifeTest, APartlyFilledOrderIsCancelled)
{
    start();
    const OrderId id = rest_an_order();
    link_->street("27.10", "27.15", "0.3");
    settle();
    EXPECT_EQ(link_->filled(id), link_->quantity("0.3"));
    EXPECT_TRUE(link_->fills.back().report.maker);
    link_->cancel(id);
    settle();
    expect_end(RequestKind::cancel, Outcome::done);
    EXPECT_EQ(status(id), "cancelled");
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("0.3"));
    EXPECT_EQ(link_->last(id)->report.reason, RejectReason::none);
}

TEST_P(BybitLifeTest, ACancelThatComesTooLateTellsNothingOfTheOrder)
{
    start();
    const OrderId id = rest_an_order();
    const std::size_t before = link_->orders.size();
    drop_frames("\"topic\"");  // the fill is not heard
    link_->cancel(id);
    link_->street("27.10", "27.15", "5");  // fills it before the cancel arrives
    settle();
    expect_end(RequestKind::cancel, Outcome::refused, RejectReason::other);
    EXPECT_EQ(link_->orders.size(), before) << "no word about the order";
    link_->on_to_client = nullptr;
    link_->query(id);
    settle();
    EXPECT_EQ(status(id), "filled");
}

TEST_P(BybitLifeTest, EachDocumentedRefusalHasItsReason)
{
    start();
    const auto refused = [&](std::string_view quantity, std::string_view price, RejectReason reason,
                             TimeInForce tif = TimeInForce::gtc) {
        const OrderId id = link_->place(Side::buy, quantity, price, tif);
        settle();
        expect_end(RequestKind::place, Outcome::refused, reason);
        EXPECT_EQ(link_->last(id), nullptr) << "refused before it was an order";
    };
    refused("1", "100", RejectReason::price_limit);
    if (spot()) refused("900000", "27.00", RejectReason::balance);
    link_->exchange().set_halted(ListingId{0}, true);
    refused("1", "27.00", RejectReason::no_market);
    EXPECT_TRUE(link_->fills.empty());
}

TEST_P(BybitLifeTest, ATakingPostOnlyOrderEndsOnTheStream)
{
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::post_only);
    settle();
    expect_end(RequestKind::place, Outcome::done);
    EXPECT_EQ(status(id), spot() ? "rejected" : "cancelled");
    EXPECT_EQ(link_->last(id)->report.reason, RejectReason::would_take);
    EXPECT_TRUE(link_->fills.empty());
    const OrderId resting = link_->place(Side::buy, "1", "27.11", TimeInForce::post_only);
    settle();
    EXPECT_EQ(status(resting), "working");
}

TEST_P(BybitLifeTest, FillOrKillIsKilledWhole)
{
    start();
    const OrderId id = link_->place(Side::buy, "2000", "27.20", TimeInForce::fok);
    settle();
    expect_end(RequestKind::place, Outcome::done);
    EXPECT_EQ(status(id), "cancelled");
    EXPECT_EQ(link_->last(id)->report.reason, RejectReason::unfilled);
    EXPECT_TRUE(link_->fills.empty());
}

TEST_P(BybitLifeTest, OwnOrdersDoNotTradeWithEachOther)
{
    start();
    const OrderId resting = rest_an_order("27.15");
    const OrderId taking = link_->place(Side::sell, "1", "27.15", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(taking), "cancelled");
    EXPECT_EQ(link_->last(taking)->report.reason, RejectReason::self_trade);
    EXPECT_EQ(status(resting), "working");
}

TEST_P(BybitLifeTest, AnUnknownOutcomeThatExecutedIsFoundByAsking)
{
    start();
    link_->on_to_client = [](VenueLink::Message& m) {
        return m.text.find("order") == std::string::npos && m.text.find("execution") == std::string::npos;
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link_->run(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
    EXPECT_EQ(ends(RequestKind::place), 1U);
    EXPECT_TRUE(link_->fills.empty());
    link_->on_to_client = nullptr;
    link_->query(id);
    settle();
    expect_end(RequestKind::query_order, Outcome::done);
    EXPECT_EQ(status(id), "filled");
    EXPECT_EQ(link_->last(id)->report.source, ReportSource::query);
    query_fills();
    expect_end(RequestKind::fills, Outcome::done);
    ASSERT_EQ(link_->fills.size(), 1U);
    EXPECT_EQ(link_->fills[0].report.order, id);
    EXPECT_EQ(link_->fills[0].report.source, ReportSource::query);
}

TEST_P(BybitLifeTest, AnUnknownOutcomeThatDidNotExecuteIsAbsent)
{
    start();
    link_->on_to_venue = [](VenueLink::Message& m) {
        return m.text.find("order.create") == std::string::npos;
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link_->run(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
    link_->query(id);
    settle();
    expect_end(RequestKind::query_order, Outcome::done);
    EXPECT_EQ(status(id), "absent");
    EXPECT_EQ(link_->exchange().order_count(), 0U);
}

TEST_P(BybitLifeTest, ALostAcknowledgementDoesNotHideTheFill)
{
    start();
    drop_frames("\"op\":\"order.create\"");
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), "filled");
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
    EXPECT_EQ(ends(RequestKind::place), 0U);
    link_->run(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
}

TEST_P(BybitLifeTest, DuplicateFramesTellTheSameTrade)
{
    start();
    bool again = false;
    link_->on_to_client = [&](VenueLink::Message& m) {
        if (again || m.kind != VenueLink::Message::Kind::frame) return true;
        again = true;
        const auto session = static_cast<SessionId>(index(m.connection) + 1);
        static_cast<SessionOutbox&>(*link_).send(session, m.text);
        again = false;
        return true;
    };
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link_->fills.size(), 2U);
    EXPECT_EQ(link_->fills[0].trade_id, link_->fills[1].trade_id);
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
    EXPECT_EQ(ends(RequestKind::place), 1U) << "one request has one end";
}

TEST_P(BybitLifeTest, AnOrderSurvivesALostConnection)
{
    start();
    const OrderId id = rest_an_order();
    link_->cut_all();
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    EXPECT_FALSE(link_->ready(Channel::private_stream));
    link_->street("27.10", "27.15", "0.4");  // while nobody listens
    link_->run(seconds(1));
    EXPECT_TRUE(link_->ready(Channel::order_entry));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
    EXPECT_EQ(ends(RequestKind::session), 2U);
    link_->query(id);
    settle();
    EXPECT_EQ(status(id), "working");
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("0.4"));
    link_->venue().query_open_orders(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::open_orders, Outcome::done);
}

TEST_P(BybitLifeTest, WhatWasInFlightWhenTheConnectionDiedIsUnknown)
{
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    link_->cut_all();
    expect_end(RequestKind::place, Outcome::unknown);
    EXPECT_EQ(link_->last_end(RequestKind::place)->end.order, id);
    // Nothing goes out while the channel is closed; cancelling takes another one.
    link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    expect_end(RequestKind::place, Outcome::refused, RejectReason::other);
    link_->run(seconds(12));
    EXPECT_EQ(ends(RequestKind::place), 2U);
}

TEST_P(BybitLifeTest, CancellingDoesNotWaitForTheSocket)
{
    start();
    const OrderId id = rest_an_order();
    link_->on_to_venue = [](VenueLink::Message& m) {
        return m.kind != VenueLink::Message::Kind::upgrade || m.text.find("/v5/trade") == std::string::npos;
    };
    link_->cut_all();
    settle();
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    link_->cancel(id);
    link_->run(seconds(1));
    expect_end(RequestKind::cancel, Outcome::done);
    EXPECT_EQ(link_->exchange().orders(VenueLink::kAccount, kNoListing, true).size(), 0U);
    EXPECT_EQ(link_->key_uses.back(), "/v5/order/cancel");
}

TEST_P(BybitLifeTest, CancelsEverything)
{
    start();
    const OrderId first = rest_an_order("27.15");
    const OrderId second = rest_an_order("27.14");
    link_->venue().cancel_all(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::cancel_all, Outcome::done);
    EXPECT_EQ(status(first), "cancelled");
    EXPECT_EQ(status(second), "cancelled");
    EXPECT_TRUE(link_->exchange().orders(VenueLink::kAccount, kNoListing, true).empty());
}

TEST_P(BybitLifeTest, AStrangersOrderIsToldAsSuch)
{
    start();
    PlaceOrder order;
    order.account = VenueLink::kAccount;
    order.listing = ListingId{0};
    order.client_id = "web_1234";
    order.price = link_->price("27.00");
    order.quantity = link_->quantity("1");
    link_->exchange().place(order, link_->now());
    link_->run(seconds(1));
    ASSERT_FALSE(link_->orders.empty());
    EXPECT_EQ(link_->orders[0].report.order, kForeignOrder);
    EXPECT_EQ(link_->orders[0].client_id, "web_1234");
    EXPECT_EQ(link_->orders[0].report.status, OrderStatus::working);
}

TEST_P(BybitLifeTest, ClientIdsAreNeverUsedTwice)
{
    start();
    const ApprovedOrder order = link_->approve(Side::buy, "1", "27.00", TimeInForce::gtc);
    link_->venue().send_order(order, link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::place, Outcome::done);
    link_->venue().send_order(order, link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::place, Outcome::refused, RejectReason::duplicate);
    EXPECT_EQ(link_->exchange().order_count(), 1U);
}

}  // namespace
}  // namespace arb::bybit::test
