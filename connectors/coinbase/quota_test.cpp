// Ten thousand requests an hour and key: new orders and amends end first, then questions; cancels and
// questions about single orders never do. And the emulated venue's own count.
#include <algorithm>

#include <gtest/gtest.h>

#include "connectors/coinbase/hour_quota.hpp"
#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/private_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using test::AccountBench;
using test::Lines;

constexpr Timestamp kBegin{1'700'000'000'000'000'000 / 60'000'000'000 * 60'000'000'000};
const ListingId kProducts[] = {ListingId{0}};

TEST(CoinbaseQuota, no_span_of_an_hour_holds_more)
{
    HourQuota quota;
    // A request a second: the 61 minutes that are counted hold 3,660 at the most.
    Timestamp now = kBegin;
    for (int i = 0; i < 7'200; ++i, now = now + seconds(1)) {
        ASSERT_TRUE(quota.may(3'661, now)) << i;
        quota.spend(now);
    }
    EXPECT_FALSE(quota.may(3'600, now));
    EXPECT_TRUE(quota.may(1, now + seconds(3'660))) << "an hour later all is forgotten";
}

TEST(CoinbaseQuota, tells_when_there_is_room_again)
{
    HourQuota quota;
    for (int i = 0; i < 10; ++i) quota.spend(kBegin + seconds(30));
    for (int i = 0; i < 10; ++i) quota.spend(kBegin + seconds(90));
    const Timestamp now = kBegin + seconds(600);
    EXPECT_EQ(quota.next(21, now), now);
    EXPECT_EQ(quota.next(20, now), kBegin + seconds(61 * 60)) << "the first minute's are forgotten";
    EXPECT_EQ(quota.next(10, now), kBegin + seconds(62 * 60));
    for (const int most : {20, 10}) {
        EXPECT_FALSE(quota.may(most, quota.next(most, now) - Duration{1}));
        EXPECT_TRUE(quota.may(most, quota.next(most, now)));
    }
}

class CoinbaseHour : public ::testing::Test {
  protected:
    /// So many questions were asked and answered, that about the key at log-on among them.
    void spend(int requests)
    {
        for (int i = 1; i < requests; ++i) {
            bench.account->query(RequestKind::fees, kProducts, {}, test::kStart, bench.sink, bench.outbox);
            bench.answer("{}", 404);
        }
        bench.taken();
        bench.outbox.sent.clear();
    }
    void ask(RequestKind kind)
    {
        bench.account->query(kind, kProducts, test::kStart, test::kStart, bench.sink, bench.outbox);
    }
    AccountBench bench;
};

TEST_F(CoinbaseHour, questions_end_before_cancels_do)
{
    spend(HourQuota::kQuestionsMost - 1);
    // A list that has begun is told where it ends; the fills behind a total wait for the hour.
    ask(RequestKind::balances);
    bench.answer(R"({"accounts":[],"has_next":true,"cursor":"next"})");
    EXPECT_EQ(bench.taken(), Lines{"end balances rate_limited incomplete"});
    bench.outbox.sent.clear();
    for (const RequestKind kind :
         {RequestKind::fees, RequestKind::fills, RequestKind::open_orders, RequestKind::balances}) {
        ask(kind);
        EXPECT_EQ(bench.taken(), Lines{std::string("end ") + name(kind) + " rate_limited incomplete"});
    }
    bench.frame(test::user_frame(0, test::user_order("OPEN", "0.5")));
    bench.taken();
    EXPECT_TRUE(bench.outbox.sent.empty());
    OrderReference order;
    order.order = test::kOurs;
    order.listing = kProducts[0];
    order.venue_id = "v-1";
    bench.account->cancel_order(order, test::kStart, bench.sink, bench.outbox);
    bench.account->query_order(order, test::kStart, bench.sink, bench.outbox);
    ask(RequestKind::cancel_all);
    EXPECT_EQ(bench.outbox.sent.size(), 3U);
    EXPECT_TRUE(bench.taken().empty());
    // An hour and a minute later the fills are fetched.
    bench.outbox.sent.clear();
    bench.account->on_wake(test::kStart + seconds(3'700), bench.sink, bench.outbox);
    const auto fetches = [](const HttpRequest& r) { return r.url.find("/fills") != std::string::npos; };
    EXPECT_TRUE(std::any_of(bench.outbox.sent.begin(), bench.outbox.sent.end(), fetches));
}

class CoinbaseHourOfOrders : public ::testing::Test, protected test::Life<arb::test::VenueLink> {};

TEST_F(CoinbaseHourOfOrders, new_orders_end_before_questions_do)
{
    make_link(FeeTaking::quote, "trade");
    start();
    ASSERT_TRUE(ready());
    const OrderId resting = link->place(Side::buy, "1", "20.00", TimeInForce::gtc);
    settle();
    ASSERT_EQ(status(resting), OrderStatus::working);
    link->instead_of_reply = [](const HttpRequest&) { return ServerReply{-404, {}, "{}"}; };
    const std::vector<ListingId> all = link->all_listings();
    for (int i = 0; i < HourQuota::kOrdersMost; ++i) {
        link->venue().query_fees(all, link->now(), *link, *link);
        link->run(milliseconds(5));
    }
    link->instead_of_reply = nullptr;
    (void)link->place(Side::buy, "1", "20.00", TimeInForce::gtc);
    EXPECT_EQ(ended(RequestKind::place), "rate_limited rate_limited");
    EXPECT_GT(link->last_end(RequestKind::place)->end.retry_after, seconds(3'000));
    link->key_uses.clear();
    link->amend(resting, "20.01");
    EXPECT_EQ(ended(RequestKind::amend), "rate_limited rate_limited");
    EXPECT_GT(link->last_end(RequestKind::amend)->end.retry_after, seconds(3'000));
    EXPECT_TRUE(link->key_uses.empty());
    link->venue().query_balances(link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::balances), "done none");
    link->cancel(resting);
    settle();
    EXPECT_EQ(ended(RequestKind::cancel), "done none");
    EXPECT_EQ(status(resting), OrderStatus::cancelled);
}

}  // namespace
}  // namespace arb::coinbase
