// The trading side against the emulated venue on an in-memory wire: orders, fills, questions.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::money;
using arb::test::VenueLink;

class CoinbaseLife : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override { make_link(FeeTaking::quote, GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseLife, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseLife, logs_on_and_follows_the_market)
{
    start();
    ASSERT_TRUE(ready());
    EXPECT_EQ(ended(RequestKind::session), "done none");
    EXPECT_GT(link->books, 0U);
    EXPECT_TRUE(link->undecoded.empty());
    ASSERT_FALSE(link->clock_offsets.empty());
    EXPECT_LE(std::abs(link->clock_offsets[0].ns), milliseconds(2).ns);
    EXPECT_EQ(link->key_uses, (std::vector<std::string>{"/key_permissions", "heartbeats", "user"}));
    link->run(seconds(120));  // heartbeats hold both connections
    EXPECT_TRUE(ready());
    EXPECT_TRUE(link->closed.empty());
    EXPECT_EQ(link->channels.size(), 2U);
}

TEST_P(CoinbaseLife, an_order_fills_with_its_fee)
{
    start();
    ASSERT_TRUE(ready());
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "done none");
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link->last(id)->report.filled, link->quantity("1"));
    ASSERT_EQ(link->fills.size(), 1U);
    const auto& fill = link->fills[0];
    EXPECT_EQ(fill.report.order, id);
    EXPECT_EQ(fill.report.price, link->price("27.20"));
    EXPECT_EQ(fill.report.quantity, link->quantity("1"));
    EXPECT_EQ(fill.report.side, Side::buy);
    EXPECT_FALSE(fill.report.maker);
    EXPECT_TRUE(fill.report.has_fee);
    EXPECT_EQ(fill.fee_asset, "USD");
    EXPECT_EQ(fill.report.fee, money("0.0272"));
    EXPECT_FALSE(fill.trade_id.empty());
    EXPECT_FALSE(fill.venue_id.empty());
    EXPECT_TRUE(link->undecoded.empty());
    EXPECT_EQ(link->last_end(RequestKind::fills), nullptr);  // asked for by itself
}

TEST_P(CoinbaseLife, a_taken_order_is_pending_until_the_stream_speaks)
{
    start();
    ASSERT_TRUE(ready());
    link->on_to_client = [](VenueLink::Message& m) {
        return m.text.find("\"channel\":\"user\"") == std::string::npos;
    };
    const OrderId id = link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "done none");
    ASSERT_NE(link->last(id), nullptr);
    EXPECT_EQ(status(id), OrderStatus::pending);
    EXPECT_EQ(link->last(id)->report.source, ReportSource::reply);
    EXPECT_FALSE(link->last(id)->venue_id.empty());
}

TEST_P(CoinbaseLife, part_of_an_immediate_order_fills)
{
    link->street("27.10", "27.20", "0.4");
    start();
    ASSERT_TRUE(ready());
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_EQ(link->last(id)->report.filled, link->quantity("0.4"));
    EXPECT_EQ(link->filled(id), link->quantity("0.4"));
}

TEST_P(CoinbaseLife, a_partly_filled_order_is_cancelled)
{
    start();
    ASSERT_TRUE(ready());
    const OrderId id = link->place(Side::buy, "1", "27.15", TimeInForce::post_only);
    settle();
    EXPECT_EQ(status(id), OrderStatus::working);
    EXPECT_EQ(link->last(id)->report.quantity, link->quantity("1"));
    EXPECT_EQ(link->last(id)->report.price, link->price("27.15"));
    link->street("27.10", "27.15", "0.3");
    settle();
    EXPECT_EQ(link->filled(id), link->quantity("0.3"));
    EXPECT_TRUE(link->fills.back().report.maker);
    link->street("27.10", "27.15", "0.2");
    settle();
    EXPECT_EQ(link->filled(id), link->quantity("0.5"));
    link->cancel(id);
    settle();
    EXPECT_EQ(ended(RequestKind::cancel), "done none");
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_EQ(link->last(id)->report.filled, link->quantity("0.5"));
}

TEST_P(CoinbaseLife, a_cancel_that_comes_too_late_tells_nothing)
{
    start();
    ASSERT_TRUE(ready());
    const OrderId id = link->place(Side::buy, "1", "27.15", TimeInForce::gtc);
    settle();
    link->cancel(id);
    link->street("27.10", "27.15", "5");  // fills it before the cancel arrives
    settle();
    EXPECT_EQ(ended(RequestKind::cancel), "refused other UNKNOWN_CANCEL_ORDER");
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link->filled(id), link->quantity("1"));
}

TEST_P(CoinbaseLife, a_cancel_without_the_venues_id_is_not_sent)
{
    start();
    ASSERT_TRUE(ready());
    link->on_to_client = [](VenueLink::Message&) { return false; };
    const OrderId id = link->place(Side::buy, "1", "27.15", TimeInForce::gtc);
    link->cancel(id);
    EXPECT_EQ(ended(RequestKind::cancel), "refused other");
}

TEST_P(CoinbaseLife, each_documented_refusal_has_its_reason)
{
    start();
    ASSERT_TRUE(ready());
    const auto refusal = [&](std::string_view quantity, std::string_view price, TimeInForce tif) {
        link->place(Side::buy, quantity, price, tif);
        settle();
        return ended(RequestKind::place);
    };
    EXPECT_EQ(refusal("1", "27.20", TimeInForce::post_only),
              "refused would_take INVALID_LIMIT_PRICE_POST_ONLY");
    EXPECT_EQ(refusal("1", "100", TimeInForce::ioc), "refused price_limit INVALID_LIMIT_PRICE");
    EXPECT_EQ(refusal("900000", "27.00", TimeInForce::gtc), "refused balance INSUFFICIENT_FUND");
    EXPECT_EQ(link->last_end(RequestKind::place)->text, "The order was refused");
    link->exchange().set_cancel_only(ListingId{0}, true);
    EXPECT_EQ(refusal("1", "27.00", TimeInForce::gtc), "refused no_market ORDER_ENTRY_DISABLED");
    link->exchange().set_halted(ListingId{0}, true);
    EXPECT_EQ(refusal("1", "27.00", TimeInForce::gtc), "refused no_market ORDER_ENTRY_DISABLED");
    EXPECT_TRUE(link->fills.empty());
    EXPECT_TRUE(link->orders.empty());
}

TEST_P(CoinbaseLife, the_venue_judges_ticks_lots_and_minimums)
{
    start();
    ASSERT_TRUE(ready());
    // The gate would not let these through: they are broken on the wire.
    const auto refusal = [&](std::string_view from, std::string_view to) {
        link->on_to_venue = [=](VenueLink::Message& m) {
            const std::size_t at = m.request.body.find(from);
            if (at != std::string::npos) m.request.body.replace(at, from.size(), to);
            return true;
        };
        link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
        settle();
        return ended(RequestKind::place);
    };
    const std::string size = R"("base_size":"1")";
    const std::string price = R"("limit_price":"27")";
    EXPECT_EQ(refusal(price, R"("limit_price":"27.001")"), "refused tick PREVIEW_INVALID_PRICE_PRECISION");
    EXPECT_EQ(refusal(size, R"("base_size":"1.05")"), "refused lot PREVIEW_INVALID_SIZE_PRECISION");
    EXPECT_EQ(refusal(size, R"("base_size":"0")"), "refused lot PREVIEW_INVALID_SIZE_PRECISION");
    EXPECT_EQ(refusal(price, R"("limit_price":"0.01")"),
              "refused notional_minimum PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL");
    EXPECT_EQ(refusal("limit_limit_gtc", "limit_limit_gtx"), "refused other UNSUPPORTED_ORDER_CONFIGURATION");
    EXPECT_EQ(refusal("LINK-USD", "XYZ-USD"), "refused other INVALID_ARGUMENT");
    EXPECT_EQ(refusal("\"BUY\"", "\"LONG\""), "refused other INVALID_ARGUMENT");
    EXPECT_EQ(link->exchange().order_count(), 0U);
}

TEST_P(CoinbaseLife, fill_or_kill_is_killed_whole)
{
    start();
    ASSERT_TRUE(ready());
    const OrderId id = link->place(Side::buy, "2000", "27.20", TimeInForce::fok);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "done none");
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_EQ(link->last(id)->report.filled, Quantity{});
    EXPECT_TRUE(link->fills.empty());
}

TEST_P(CoinbaseLife, open_orders_and_cancel_all)
{
    start();
    ASSERT_TRUE(ready());
    std::vector<OrderId> ids;
    for (int i = 0; i < 130; ++i) {
        ids.push_back(link->place(Side::buy, "0.1", "27.00", TimeInForce::gtc));
        link->run(milliseconds(40));
    }
    link->orders.clear();
    link->venue().query_open_orders(link->all_listings(), link->now(), *link, *link);
    link->run(seconds(1));  // what follows the first page leaves room for orders
    EXPECT_EQ(ended(RequestKind::open_orders), "done none");
    EXPECT_TRUE(link->last_end(RequestKind::open_orders)->end.complete);
    EXPECT_EQ(link->orders.size(), 130U);  // over two pages
    link->venue().cancel_all(link->all_listings(), link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::cancel_all), "done none");
    for (const OrderId id : ids) EXPECT_EQ(status(id), OrderStatus::cancelled);
    link->venue().cancel_all(link->all_listings(), link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::cancel_all), "done none");
}

TEST_P(CoinbaseLife, fees_balances_and_time_agree_with_the_venue)
{
    start();
    ASSERT_TRUE(ready());
    link->place(Side::buy, "3", "27.20", TimeInForce::ioc);
    link->place(Side::sell, "1", "27.10", TimeInForce::ioc);
    link->place(Side::buy, "2", "27.00", TimeInForce::gtc);
    settle();
    link->venue().query_balances(link->now(), *link, *link);
    link->venue().query_fees(link->all_listings(), link->now(), *link, *link);
    link->venue().query_time(link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::balances), "done none");
    EXPECT_EQ(ended(RequestKind::time), "done none");
    EXPECT_EQ(ended(RequestKind::fees), "done none");
    ASSERT_EQ(link->fees.size(), 1U);
    EXPECT_EQ(link->fees[0].maker.units, 10 * kRatePerBasisPoint);
    EXPECT_EQ(link->fees[0].taker.units, 10 * kRatePerBasisPoint);
    std::size_t seen = 0;
    for (const EmulatedBalance& truth : link->exchange().balances(VenueLink::kAccount)) {
        for (const auto& balance : link->balances) {
            if (balance.asset != truth.asset) continue;
            ++seen;
            EXPECT_EQ(balance.report.total, truth.total) << truth.asset;
            EXPECT_EQ(balance.report.free, truth.total - truth.held) << truth.asset;
        }
    }
    EXPECT_EQ(seen, 2U);
}

TEST_P(CoinbaseLife, fills_of_an_earlier_run_are_ours_again)
{
    start();
    ASSERT_TRUE(ready());
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    link->fills.clear();
    link->restart();
    link->venue().query_fills(link->all_listings(), link->now() - seconds(60), link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::fills), "done none");
    EXPECT_TRUE(link->last_end(RequestKind::fills)->end.complete);
    ASSERT_EQ(link->fills.size(), 1U);
    EXPECT_EQ(link->fills[0].report.order, id);
    EXPECT_EQ(link->fills[0].report.source, ReportSource::query);
}

TEST_P(CoinbaseLife, fills_come_page_by_page)
{
    start();
    ASSERT_TRUE(ready());
    std::vector<Level> asks;
    for (int i = 0; i < 230; ++i) asks.push_back({{link->price("27.20").units + i}, link->quantity("0.1")});
    link->exchange().set_street(ListingId{0}, {}, asks, link->now());
    const OrderId id = link->place(Side::buy, "23", "29.49", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link->filled(id), link->quantity("23"));  // behind the stream's total, too
    link->fills.clear();
    link->venue().query_fills(link->all_listings(), link->now() - seconds(60), link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::fills), "done none");
    EXPECT_TRUE(link->last_end(RequestKind::fills)->end.complete);
    EXPECT_EQ(link->fills.size(), 230U);
    EXPECT_EQ(link->filled(id), link->quantity("23"));
    link->fills.clear();
    link->venue().query_fills(link->all_listings(), link->now() + seconds(1), link->now(), *link, *link);
    settle();
    EXPECT_TRUE(link->fills.empty());
}

TEST_P(CoinbaseLife, orders_are_found_by_the_venues_id_and_by_our_own)
{
    start();
    ASSERT_TRUE(ready());
    const OrderId id = link->place(Side::sell, "1", "28.00", TimeInForce::gtc);
    settle();
    link->query(id);
    settle();
    EXPECT_EQ(ended(RequestKind::query_order), "done none");
    const auto found = *link->last(id);
    EXPECT_EQ(found.report.source, ReportSource::query);
    EXPECT_EQ(found.report.status, OrderStatus::working);
    EXPECT_EQ(found.report.side, Side::sell);
    EXPECT_EQ(found.report.price, link->price("28"));
    EXPECT_EQ(found.report.quantity, link->quantity("1"));
    OrderReference blind = link->reference(id);
    blind.venue_id = {};
    link->orders.clear();
    link->venue().query_order(blind, link->now(), *link, *link);
    settle();
    ASSERT_EQ(link->orders.size(), 1U);
    EXPECT_EQ(link->orders[0].venue_id, found.venue_id);
}

TEST_P(CoinbaseLife, a_strangers_order_is_told_as_such)
{
    start();
    ASSERT_TRUE(ready());
    PlaceOrder order;
    order.account = VenueLink::kAccount;
    order.listing = ListingId{0};
    order.client_id = "web-1234";
    order.price = link->price("27.20");
    order.quantity = link->quantity("1");
    link->exchange().place(order, link->now());
    link->run(seconds(1));
    ASSERT_FALSE(link->orders.empty());
    EXPECT_EQ(link->orders[0].report.order, kForeignOrder);
    EXPECT_EQ(link->orders[0].client_id, "web-1234");
    ASSERT_FALSE(link->fills.empty());
    EXPECT_EQ(link->fills[0].report.order, kForeignOrder);
}

TEST_P(CoinbaseLife, a_client_id_used_twice_creates_one_order)
{
    start();
    ASSERT_TRUE(ready());
    std::vector<HttpRequest> sent;
    link->on_to_venue = [&](VenueLink::Message& m) {
        if (m.kind == VenueLink::Message::Kind::request && m.request.method == "POST")
            sent.push_back(m.request);
        return true;
    };
    link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(sent[0].is_signed);
    HttpRequest again = sent[0];
    again.tag = 999'999;
    link->request(again);
    settle();
    EXPECT_EQ(link->exchange().order_count(), 1U);
}

}  // namespace
}  // namespace arb::coinbase
