// The trading side against the emulated venue on an in-memory wire, spot and USD-M: orders, fills, questions.
#include <gtest/gtest.h>

#include "connectors/binance/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

using arb::test::VenueLink;
using test::Case;

class BinanceLifeTest : public ::testing::TestWithParam<Case>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        const bool received = std::string_view(GetParam().market) == "spot";
        make_link(GetParam(), received ? FeeTaking::received : FeeTaking::quote);
    }
    void start()
    {
        link_->start();
        link_->run(seconds(1));
        ASSERT_TRUE(ready());
    }
    void expect_end(RequestKind kind, Outcome outcome, RejectReason reason = RejectReason::none)
    {
        const RequestEnd end = ended(kind);
        ASSERT_NE(end.outcome, Outcome::count_) << name(kind);
        EXPECT_EQ(test::end_text(end.outcome, end.reason), test::end_text(outcome, reason))
            << name(kind) << " " << end.code;
    }
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceLifeTest,
                         ::testing::Values(Case{"spot", "trade"}, Case{"spot", "trade_ed25519"},
                                           Case{"usdm", "trade"}, Case{"usdm", "trade_ed25519"}),
                         test::label<::testing::TestParamInfo<Case>>);

TEST_P(BinanceLifeTest, LogsOnAndFollowsTheMarket)
{
    start();
    expect_end(RequestKind::session, Outcome::done);
    EXPECT_GT(link_->books, 0U);
    EXPECT_TRUE(link_->undecoded.empty());
    ASSERT_FALSE(link_->clock_offsets.empty());
    EXPECT_LE(std::abs(link_->clock_offsets[0].ns), milliseconds(2).ns);
    EXPECT_FALSE(link_->key_uses.empty());
    for (const std::string& use : link_->key_uses) EXPECT_EQ(use.find('?'), std::string::npos) << use;
}

TEST_P(BinanceLifeTest, AnOrderFillsWithItsFees)
{
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::done);
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("1"));
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
    ASSERT_FALSE(link_->fills.empty());
    const auto& fill = link_->fills[0];
    EXPECT_EQ(fill.report.price, link_->price("27.20"));
    EXPECT_EQ(fill.report.side, Side::buy);
    EXPECT_FALSE(fill.report.maker);
    EXPECT_TRUE(fill.report.has_fee);
    EXPECT_EQ(fill.fee_asset, spot() ? "LINK" : "USDT");
    EXPECT_EQ(fill.report.fee, arb::test::money(spot() ? "0.001" : "0.0272"));
    EXPECT_TRUE(link_->undecoded.empty());
}

TEST_P(BinanceLifeTest, PartOfAnImmediateOrderFills)
{
    link_->street("27.10", "27.20", "0.4");
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("0.4"));
    EXPECT_EQ(link_->filled(id), link_->quantity("0.4"));
}

TEST_P(BinanceLifeTest, APartlyFilledOrderIsCancelled)
{
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.15", TimeInForce::gtc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::working);
    link_->street("27.10", "27.15", "0.3");
    settle();
    EXPECT_EQ(link_->filled(id), link_->quantity("0.3"));
    EXPECT_TRUE(link_->fills.back().report.maker);
    link_->cancel(id);
    settle();
    expect_end(RequestKind::cancel, Outcome::done);
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("0.3"));
}

TEST_P(BinanceLifeTest, ACancelThatComesTooLateTellsNothing)
{
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.15", TimeInForce::gtc);
    settle();
    link_->cancel(id);
    link_->street("27.10", "27.15", "5");  // fills it before the cancel arrives
    settle();
    expect_end(RequestKind::cancel, Outcome::refused, RejectReason::other);
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link_->filled(id), link_->quantity("1"));
}

TEST_P(BinanceLifeTest, EachDocumentedRefusalHasItsReason)
{
    start();
    const auto refused = [&](std::string_view quantity, std::string_view price, TimeInForce tif,
                             RejectReason reason) {
        link_->place(Side::buy, quantity, price, tif);
        settle();
        expect_end(RequestKind::place, Outcome::refused, reason);
    };
    refused("1", "27.20", TimeInForce::post_only, RejectReason::would_take);
    refused("1", "100", TimeInForce::ioc, RejectReason::price_limit);
    if (spot()) {
        refused("900000", "27.00", TimeInForce::gtc, RejectReason::balance);
    } else {
        refused("5000", "27.20", TimeInForce::fok, RejectReason::unfilled);
    }
    link_->exchange().set_halted(ListingId{0}, true);
    refused("1", "27.00", TimeInForce::gtc, RejectReason::no_market);
    EXPECT_TRUE(link_->fills.empty());
}

TEST_P(BinanceLifeTest, FillOrKillIsKilledWhole)
{
    start();
    const OrderId id = link_->place(Side::buy, "5000", "27.20", TimeInForce::fok);
    settle();
    if (spot()) {
        // Taken and expired at once; too large an order for the account is refused before.
        expect_end(RequestKind::place, Outcome::refused, RejectReason::balance);
        link_->deposit("USDT", "1000000");
        const OrderId second = link_->place(Side::buy, "5000", "27.20", TimeInForce::fok);
        settle();
        EXPECT_EQ(status(second), OrderStatus::cancelled);
        EXPECT_EQ(link_->last(second)->report.reason, RejectReason::unfilled);
    } else {
        expect_end(RequestKind::place, Outcome::refused, RejectReason::unfilled);
        EXPECT_EQ(link_->last(id), nullptr);
    }
    EXPECT_TRUE(link_->fills.empty());
}

TEST_P(BinanceLifeTest, CancelAllAndOpenOrders)
{
    start();
    const OrderId first = link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    const OrderId second = link_->place(Side::buy, "2", "26.90", TimeInForce::post_only);
    settle();
    link_->orders.clear();
    link_->venue().query_open_orders(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::open_orders, Outcome::done);
    EXPECT_TRUE(ended(RequestKind::open_orders).complete);
    EXPECT_EQ(link_->orders.size(), 2U);
    link_->venue().cancel_all(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::cancel_all, Outcome::done);
    EXPECT_EQ(status(first), OrderStatus::cancelled);
    EXPECT_EQ(status(second), OrderStatus::cancelled);
    // Nothing left to cancel is no failure.
    link_->venue().cancel_all(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::cancel_all, Outcome::done);
}

TEST_P(BinanceLifeTest, FeesBalancesAndTimeAgreeWithTheVenue)
{
    start();
    link_->place(Side::buy, "3", "27.20", TimeInForce::ioc);
    link_->place(Side::sell, "1", "27.10", TimeInForce::ioc);
    link_->place(Side::buy, "2", "27.00", TimeInForce::gtc);
    settle();
    link_->balances.clear();
    link_->venue().query_balances(link_->now(), *link_, *link_);
    link_->venue().query_fees(link_->all_listings(), link_->now(), *link_, *link_);
    link_->venue().query_time(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::done);
    expect_end(RequestKind::time, Outcome::done);
    expect_end(RequestKind::fees, Outcome::done);
    ASSERT_EQ(link_->fees.size(), 1U);
    EXPECT_EQ(link_->fees[0].maker.units, 10 * kRatePerBasisPoint);
    std::size_t seen = 0;
    for (const EmulatedBalance& truth : link_->exchange().balances(VenueLink::kAccount)) {
        for (const auto& balance : link_->balances) {
            if (balance.asset != truth.asset) continue;
            ++seen;
            const bool wallet = !spot() && !truth.position;
            EXPECT_EQ(balance.report.total, wallet ? truth.wallet() : truth.total) << truth.asset;
            if (balance.report.has_free && spot()) {
                EXPECT_EQ(balance.report.free, truth.total - truth.held);
            }
        }
    }
    EXPECT_EQ(seen, 2U);
}

TEST_P(BinanceLifeTest, FillsOfAnEarlierRunAreOursAgain)
{
    start();
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    link_->fills.clear();
    link_->restart();
    link_->venue().query_fills(link_->all_listings(), link_->now() - seconds(3 * 86'400), link_->now(),
                               *link_, *link_);
    settle();
    expect_end(RequestKind::fills, Outcome::done);
    ASSERT_EQ(link_->fills.size(), 1U);
    EXPECT_EQ(link_->fills[0].report.order, id);
    EXPECT_EQ(link_->fills[0].report.source, ReportSource::query);
}

TEST_P(BinanceLifeTest, ManyOrdersOfAnEarlierRunAreListedAtOnce)
{
    start();
    std::vector<OrderId> ids;
    for (int i = 0; i < 130; ++i) {
        ids.push_back(link_->place(Side::buy, "0.3", "27.20", TimeInForce::ioc));
        link_->run(milliseconds(500));
    }
    link_->fills.clear();
    link_->restart();
    settle();
    link_->key_uses.clear();
    link_->venue().query_fills(link_->all_listings(), link_->now() - seconds(3'600), link_->now(), *link_,
                               *link_);
    settle();
    expect_end(RequestKind::fills, Outcome::done);
    EXPECT_TRUE(ended(RequestKind::fills).complete);
    EXPECT_EQ(link_->fills.size(), ids.size());
    for (const OrderId id : ids) EXPECT_EQ(link_->filled(id), link_->quantity("0.3"));
    // One page of fills and one list of orders a listing that was traded, not one request an order.
    EXPECT_LT(link_->key_uses.size(), 10U);
}

TEST_P(BinanceLifeTest, FillsComePageByPage)
{
    start();
    std::vector<Level> asks;
    for (int i = 0; i < 540; ++i) asks.push_back({{link_->price("27.20").units + i}, link_->quantity("0.1")});
    OrderId ids[2];
    for (OrderId& id : ids) {
        link_->exchange().set_street(ListingId{0}, {}, asks, link_->now());
        id = link_->place(Side::buy, "54", "32.59", TimeInForce::ioc);
        settle();
    }
    link_->fills.clear();
    link_->venue().query_fills(link_->all_listings(), link_->now() - seconds(60), link_->now(), *link_,
                               *link_);
    settle();
    expect_end(RequestKind::fills, Outcome::done);
    EXPECT_TRUE(ended(RequestKind::fills).complete);
    EXPECT_EQ(link_->fills.size(), 1'080U);
    for (const OrderId id : ids) EXPECT_EQ(link_->filled(id), link_->quantity("54"));
}

TEST_P(BinanceLifeTest, AStrangersOrderIsToldAsSuch)
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

// Orders older than the steps in every book, other programs at the address, servers that restart: trading
// goes on, and no book is lost but with its connection.
TEST(BinanceManners, OddDaysAreLivedThrough)
{
    for (const char* market : {"spot", "usdm"}) {
        VenueLink link(type(), market, {test::link_listing(market)}, FeeTaking::quote, "trade", 7, true,
                       true);
        link.deposit("USDT", "100000");
        link.deposit("LINK", "1000");
        link.street("27.10", "27.20");
        link.start();
        for (int turn = 0; turn < 30; ++turn) {
            link.run(seconds(5));
            link.street(turn % 2 == 0 ? "27.11" : "27.10", "27.20");
            if (!link.ready(Channel::order_entry)) continue;
            const OrderId id = link.place(Side::buy, "1", "27.20", TimeInForce::ioc);
            link.run(seconds(1));
            EXPECT_EQ(link.filled(id), link.quantity("1")) << market << " " << turn;
        }
        EXPECT_TRUE(link.ready(Channel::order_entry)) << market;
        std::size_t finer = 0;
        for (const Undecoded& u : link.undecoded) {
            EXPECT_STREQ(name(u.reason), name(UndecodedReason::too_precise)) << market;
            EXPECT_EQ(u.listing, kNoListing) << market;
            ++finer;
        }
        EXPECT_GT(finer, 0U) << "this table has no finer units: such levels are cut or left out, and told";
        EXPECT_GT(link.fills.size(), 20U) << market;
    }
}

}  // namespace
}  // namespace arb::binance
