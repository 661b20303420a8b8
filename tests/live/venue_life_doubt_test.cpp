// Over real TLS sockets, on every venue the same: answers that are lost, doubled or late, orders that nobody
// knows the fate of, and what asking finds out. Deadlines are skipped on the clocks of both sides.
#include "tests/live/venue_life.hpp"

namespace arb::test {
namespace {

// Longer than any connector waits for an answer.
constexpr Duration kAnswerDeadline = seconds(11);

class VenueLifeDoubt : public VenueLife {
  protected:
    std::size_t trades() const { return venue->exchange.trade_count(); }
    std::size_t orders() const { return venue->exchange.order_count(); }
    bool until_place_ended(OrderId id)
    {
        return until("the end of placing", [&] { return link->last_end(RequestKind::place, id) != nullptr; });
    }
    /// The order is out and nobody answers until the connector's own deadline.
    void wait_in_vain(OrderId id)
    {
        until("the fault has struck", [&] { return venue->counts().mishaps > 0; });
        skip(kAnswerDeadline);
        until_place_ended(id);
    }
    void expect_found_filled(OrderId id)
    {
        until_later("logged on again", [&] { return link->ready(); });
        EXPECT_EQ(ask_order(id), "done/none");
        EXPECT_EQ(status(id), OrderStatus::filled);
        // A venue with its manners knows the fee of a trade a while after the trade.
        if (GetParam().manners) skip(seconds(2));
        EXPECT_EQ(ask_fills(), "done/none");
        EXPECT_TRUE(link->last_end(RequestKind::fills)->end.complete);
        EXPECT_EQ(link->filled(id), link->quantity("1"));
        EXPECT_EQ(trades(), 1U) << "nothing was sent twice";
    }
    void expect_absent(OrderId id)
    {
        until_later("logged on again", [&] { return link->ready(); });
        EXPECT_EQ(ask_order(id), "done/none");
        EXPECT_EQ(status(id), OrderStatus::absent);
        EXPECT_EQ(orders(), 0U);
        EXPECT_TRUE(link->fills.empty());
    }
};
INSTANTIATE_TEST_SUITE_P(Venues, VenueLifeDoubt, testing::ValuesIn(venue_days()), case_name);

TEST_P(VenueLifeDoubt, AnOrderThatExecutedUnheardIsFoundByAsking)
{
    begin();
    venue->desk.answer = venue->desk.message = {Mishap::silence, {}};
    const OrderId id = take();
    ASSERT_TRUE(until("it has executed", [&] { return trades() == 1; }));
    wait_in_vain(id);
    EXPECT_EQ(end_text(RequestKind::place, id), "unknown/none");
    EXPECT_TRUE(link->fills.empty());
    venue->desk = {};
    expect_found_filled(id);
    EXPECT_EQ(link->end_count(RequestKind::place), 1U);
}

TEST_P(VenueLifeDoubt, AnOrderThatNeverArrivedIsAbsent)
{
    begin();
    venue->desk.order = {Mishap::silence, {}};
    const OrderId id = take();
    wait_in_vain(id);
    EXPECT_EQ(end_text(RequestKind::place, id), "unknown/none");
    venue->desk = {};
    expect_absent(id);
}

TEST_P(VenueLifeDoubt, ALostAcknowledgementIsMadeUpByTheStream)
{
    begin();
    venue->desk.answer = {Mishap::silence, {}};
    const OrderId id = take();
    ASSERT_TRUE(until_status(id, OrderStatus::filled));
    ASSERT_TRUE(until_filled(id, "1"));
    EXPECT_EQ(end_text(RequestKind::place, id), "none");
    wait_in_vain(id);
    EXPECT_EQ(end_text(RequestKind::place, id), "unknown/none");
    EXPECT_EQ(status(id), OrderStatus::filled);
    venue->desk = {};
    expect_found_filled(id);
}

TEST_P(VenueLifeDoubt, AFailureOfTheVenueHidesAnOrderThatExecuted)
{
    begin();
    venue->desk.answer = {Mishap::failure, {}};
    const OrderId id = take();
    ASSERT_TRUE(until_filled(id, "1"));
    ASSERT_TRUE(until_place_ended(id)) << "the venue has words for it";
    EXPECT_EQ(end_text(RequestKind::place, id), "unknown/none");
    venue->desk = {};
    expect_found_filled(id);
}

TEST_P(VenueLifeDoubt, AFailureOfTheVenueHidesAnOrderThatDidNot)
{
    begin();
    venue->desk.order = {Mishap::failure, {}};
    const OrderId id = take();
    ASSERT_TRUE(until_place_ended(id));
    EXPECT_EQ(end_text(RequestKind::place, id), "unknown/none");
    venue->desk = {};
    expect_absent(id);
}

TEST_P(VenueLifeDoubt, AConnectionCutBehindTheOrderLeavesItInDoubt)
{
    begin();
    venue->desk.answer = {Mishap::cut, {}};
    const OrderId id = take();
    ASSERT_TRUE(until_place_ended(id));
    EXPECT_EQ(end_text(RequestKind::place, id), "unknown/none");
    EXPECT_EQ(trades(), 1U);
    venue->desk = {};
    expect_found_filled(id);
}

TEST_P(VenueLifeDoubt, AConnectionCutBeforeTheOrderLeavesItInDoubt)
{
    begin();
    venue->desk.order = {Mishap::cut, {}};
    const OrderId id = take();
    ASSERT_TRUE(until_place_ended(id));
    EXPECT_EQ(end_text(RequestKind::place, id), "unknown/none");
    venue->desk = {};
    expect_absent(id);
}

TEST_P(VenueLifeDoubt, FillsToldTwiceCountOnce)
{
    begin();
    venue->desk.message = {Mishap::duplicate, {}};
    const OrderId id = take();
    ASSERT_TRUE(until_status(id, OrderStatus::filled));
    ASSERT_TRUE(until_filled(id, "1"));
    settle();
    EXPECT_EQ(link->filled(id), link->quantity("1"));
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link->end_count(RequestKind::place), 1U);
    EXPECT_GT(venue->counts().mishaps, 0U);
    venue->desk = {};
    ASSERT_TRUE(until_later("the book is valid", [&] { return link->book().valid(); }));
    expect_found_filled(id);
}

TEST_P(VenueLifeDoubt, MessagesOutOfOrderEndInTheSame)
{
    begin();
    venue->desk.message = {Mishap::reorder, {}};
    const OrderId id = take();
    ASSERT_TRUE(until_place_ended(id));
    settle(milliseconds(250));  // a message is held back so long, at most
    venue->desk = {};
    // Where messages are numbered the stream has been renewed, and no longer tells of an order that is over.
    ASSERT_TRUE(until_later("the book is valid", [&] { return link->book().valid(); }));
    expect_found_filled(id);
}

TEST_P(VenueLifeDoubt, ALateAnswerIsNoSecondOrder)
{
    begin();
    venue->desk.answer = {Mishap::delay, milliseconds(300)};
    const OrderId id = take();
    ASSERT_TRUE(until("it has executed", [&] { return trades() == 1; }));
    EXPECT_EQ(end_text(RequestKind::place, id), "none");
    skip(kAnswerDeadline);
    ASSERT_TRUE(until_place_ended(id));
    EXPECT_EQ(end_text(RequestKind::place, id), "unknown/none");
    venue->desk = {};
    settle(milliseconds(350));  // the answer comes, and ends nothing twice
    EXPECT_EQ(link->end_count(RequestKind::place), 1U);
    expect_found_filled(id);
}

}  // namespace
}  // namespace arb::test
