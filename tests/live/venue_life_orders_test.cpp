// Over real TLS sockets, on every venue the same: log on, follow the book, place, fill, fill in part, cancel,
// lose the race against a fill.
#include "tests/live/venue_life.hpp"

namespace arb::test {
namespace {

class VenueLifeOrders : public VenueLife {};
INSTANTIATE_TEST_SUITE_P(Venues, VenueLifeOrders, testing::ValuesIn(venue_days()), case_name);

TEST_P(VenueLifeOrders, LogsOnAndItsBookBecomesValidAndFollows)
{
    begin();
    EXPECT_EQ(end_text(RequestKind::session), "done/none");
    const auto top = [&](const char* bid, const char* ask) {
        const OrderBook& book = link->book().book();
        return link->book().tradable() && book.bids().best().price == link->price(bid) &&
               book.asks().best().price == link->price(ask);
    };
    EXPECT_TRUE(until("the street's prices", [&] { return top("27.10", "27.20"); }));
    venue->street("27.11", "27.19", "7");
    EXPECT_TRUE(until("the new prices", [&] { return top("27.11", "27.19"); }));
    EXPECT_EQ(link->book().stats().resyncs, 0U);
    EXPECT_TRUE(decoded()) << link->undecoded.front();
    EXPECT_TRUE(link->closed.empty());
    for (const std::string& use : link->key_uses) EXPECT_EQ(use.find('?'), std::string::npos) << use;
    EXPECT_FALSE(link->key_uses.empty());
    EXPECT_EQ(ask(RequestKind::time, [&] { link->venue().query_time(link->now(), *link, *link); }),
              "done/none");
    ASSERT_FALSE(link->clock_offsets.empty());
    // Some venues tell whole seconds.
    EXPECT_LE(std::abs(link->clock_offsets.back().ns), milliseconds(1100).ns);
}

TEST_P(VenueLifeOrders, AnOrderIsPlacedAndCancelled)
{
    begin();
    const OrderId id = rest("27.00");
    EXPECT_EQ(end_text(RequestKind::place, id), "done/none");
    EXPECT_EQ(venue->open_orders(), 1U);
    ASSERT_NE(link->last(id), nullptr);
    EXPECT_FALSE(link->last(id)->venue_id.empty());
    EXPECT_EQ(ask_order(id), "done/none");
    EXPECT_EQ(link->last(id)->report.source, ReportSource::query);
    EXPECT_EQ(link->last(id)->report.price, link->price("27.00"));
    EXPECT_EQ(link->last(id)->report.quantity, link->quantity("1"));
    EXPECT_EQ(ask(RequestKind::cancel, [&] { link->cancel(id); }), "done/none");
    EXPECT_TRUE(until_status(id, OrderStatus::cancelled));
    EXPECT_EQ(venue->open_orders(), 0U);
    EXPECT_TRUE(link->fills.empty());
}

TEST_P(VenueLifeOrders, AnOrderFillsWithItsFeeAndTheMoneyAgrees)
{
    begin();
    const OrderId id = take();
    ASSERT_TRUE(until_status(id, OrderStatus::filled));
    ASSERT_TRUE(until_filled(id, "1"));
    EXPECT_EQ(end_text(RequestKind::place, id), "done/none");
    const auto trades = venue->exchange.trades(LifeServer::kAccount, LifeServer::kListing, {});
    ASSERT_EQ(trades.size(), 1U);
    const LinkFill& fill = link->fills.front();
    EXPECT_EQ(fill.report.order, id);
    EXPECT_EQ(fill.report.side, Side::buy);
    EXPECT_EQ(fill.report.price, trades[0]->price);
    EXPECT_EQ(fill.report.quantity, trades[0]->quantity);
    EXPECT_FALSE(fill.report.maker);
    ASSERT_TRUE(fill.report.has_fee);
    EXPECT_EQ(fill.report.fee, trades[0]->fee);
    EXPECT_EQ(fill.fee_asset, trades[0]->fee_asset);
    EXPECT_EQ(ask_balances(), "done/none");
    // A venue with its manners may tell money with the last digits of a double.
    const Int128 doubt = GetParam().manners ? 10'000'000 : 0;
    const auto agree = [doubt](Amount a, Amount b) {
        return a.units - b.units <= doubt && b.units - a.units <= doubt;
    };
    for (const EmulatedBalance& truth : venue->exchange.balances(LifeServer::kAccount)) {
        const bool told =
            std::any_of(link->balances.begin(), link->balances.end(), [&](const LinkBalance& b) {
                // A venue of derivatives tells the wallet, or as if positions were paid in full.
                return b.asset == truth.asset && b.report.source == ReportSource::query &&
                       (agree(b.report.total, truth.total) ||
                        (!truth.position && agree(b.report.total, truth.wallet())));
            });
        EXPECT_TRUE(told) << truth.asset << " " << truth.total.text();
    }
    EXPECT_TRUE(decoded()) << link->undecoded.front();
}

TEST_P(VenueLifeOrders, PartOfAnImmediateOrderFills)
{
    venue->street("27.10", "27.20", "0.4");
    begin();
    const OrderId id = take();
    ASSERT_TRUE(until_status(id, OrderStatus::cancelled));
    ASSERT_TRUE(until_filled(id, "0.4"));
    EXPECT_EQ(link->last(id)->report.filled, link->quantity("0.4"));
}

TEST_P(VenueLifeOrders, ARestingOrderFillsInPartAndIsCancelled)
{
    begin();
    const OrderId id = rest();
    venue->street("27.10", "27.15", "0.3");
    ASSERT_TRUE(until_filled(id, "0.3"));
    EXPECT_TRUE(link->fills.back().report.maker);
    EXPECT_EQ(ask(RequestKind::cancel, [&] { link->cancel(id); }), "done/none");
    EXPECT_TRUE(until_status(id, OrderStatus::cancelled));
    EXPECT_EQ(link->last(id)->report.filled, link->quantity("0.3"));
    EXPECT_EQ(link->filled(id), link->quantity("0.3"));
}

TEST_P(VenueLifeOrders, ACancelThatComesAfterTheFillIsRefusedAndTheFillStands)
{
    begin();
    const OrderId id = rest();
    link->cancel(id);
    venue->street("27.10", "27.15", "5");  // before the loop lets the cancel arrive
    ASSERT_TRUE(until("the cancel's end", [&] { return link->end_count(RequestKind::cancel) == 1; }));
    EXPECT_EQ(end_text(RequestKind::cancel), "refused/other");
    EXPECT_TRUE(until_status(id, OrderStatus::filled));
    EXPECT_TRUE(until_filled(id, "1"));
}

TEST_P(VenueLifeOrders, ACancelThatComesBeforeTheFillEndsTheOrder)
{
    begin();
    const OrderId id = rest();
    link->cancel(id);
    ASSERT_TRUE(until("the venue has cancelled", [&] { return venue->open_orders() == 0; }));
    venue->street("27.10", "27.15", "5");
    ASSERT_TRUE(until_status(id, OrderStatus::cancelled));
    settle();
    EXPECT_EQ(end_text(RequestKind::cancel), "done/none");
    EXPECT_TRUE(link->fills.empty());
}

TEST_P(VenueLifeOrders, EverythingIsCancelledAtOnce)
{
    begin();
    const OrderId first = rest("27.00");
    const OrderId second = rest("26.90");
    EXPECT_EQ(ask(RequestKind::open_orders,
                  [&] { link->venue().query_open_orders(link->listings(), link->now(), *link, *link); }),
              "done/none");
    EXPECT_TRUE(link->last_end(RequestKind::open_orders)->end.complete);
    EXPECT_EQ(ask(RequestKind::cancel_all,
                  [&] { link->venue().cancel_all(link->listings(), link->now(), *link, *link); }),
              "done/none");
    EXPECT_TRUE(until_status(first, OrderStatus::cancelled));
    EXPECT_TRUE(until_status(second, OrderStatus::cancelled));
    EXPECT_EQ(venue->open_orders(), 0U);
}

}  // namespace
}  // namespace arb::test
