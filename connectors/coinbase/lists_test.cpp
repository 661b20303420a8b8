// Lists that hold more or less than they seem to: orders that are not open yet, data that the venue
// withholds, refusals to the whole second, digits finer than ours, and products that share a book.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/private_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using namespace test;
using arb::test::VenueLink;

const ListingId kBtc[] = {ListingId{0}};

std::string listed(std::string_view id, std::string_view status, std::string_view size = "0")
{
    return R"({"order_id":")" + std::string(id) + R"(","client_order_id":")" + uuid() +
           R"(","product_id":"BTC-USD","side":"BUY","status":")" + std::string(status) +
           R"(","filled_size":")" + std::string(size) + "\"}";
}

std::string order_list(const std::string& orders, std::string_view more = "")
{
    return R"({"orders":[)" + orders + R"(],"has_next":false,"sequence":"0","cursor":"")" +
           std::string(more) + "}";
}

const std::string kWithheld = R"(,"proof_token_required":true)";

TEST(CoinbaseLists, everything_that_can_still_be_cancelled_is)
{
    AccountBench bench;
    bench.account->query(RequestKind::cancel_all, kBtc, {}, kStart, bench.sink, bench.outbox);
    const std::string& url = bench.outbox.sent.back().url;
    for (const char* word : {"OPEN", "PENDING", "QUEUED", "EDIT_QUEUED", "CANCEL_QUEUED"})
        EXPECT_NE(url.find(std::string("&order_status=") + word), std::string::npos) << url;
    bench.answer(order_list(listed("v-1", "QUEUED") + "," + listed("v-2", "PENDING") + "," +
                            listed("v-3", "CANCEL_QUEUED") + "," + listed("v-4", "EDIT_QUEUED")));
    // The simple app's orders are a list of their own.
    EXPECT_NE(bench.outbox.sent.back().url.find("&order_placement_source=RETAIL_SIMPLE"), std::string::npos);
    bench.answer(order_list(listed("v-5", "OPEN")));
    EXPECT_EQ(bench.outbox.sent.back().body, R"({"order_ids":["v-1","v-2","v-4","v-5"]})");
}

TEST(CoinbaseLists, a_venue_that_takes_no_mixture_of_states_is_asked_in_turn)
{
    AccountBench bench;
    bench.account->query(RequestKind::open_orders, kBtc, {}, kStart, bench.sink, bench.outbox);
    bench.answer(R"({"error":"INVALID_ARGUMENT","message":"OPEN cannot be combined"})", 400);
    EXPECT_TRUE(bench.outbox.sent.back().url.ends_with("&product_ids=BTC-USD&order_status=OPEN"));
    bench.answer(order_list(listed("v-1", "OPEN")));
    EXPECT_EQ(bench.outbox.sent.back().url.find("=OPEN"), std::string::npos);
    EXPECT_NE(bench.outbox.sent.back().url.find("=PENDING"), std::string::npos);
    bench.answer(order_list(listed("v-2", "PENDING")));
    bench.answer(R"({"error":"INVALID_ARGUMENT","message":"order_placement_source"})", 400);
    const Lines lines = bench.taken();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_TRUE(lines[0].starts_with("order ours working"));
    EXPECT_TRUE(lines[1].starts_with("order ours pending"));
    EXPECT_EQ(lines[2], "end open_orders done");
}

TEST(CoinbaseLists, an_edit_under_way_is_a_working_order)
{
    AccountBench bench;
    bench.account->query(RequestKind::open_orders, kBtc, {}, kStart, bench.sink, bench.outbox);
    bench.answer(order_list(listed("v-1", "EDIT_QUEUED") + "," + listed("v-2", "UNKNOWN_ORDER_STATUS")));
    bench.answer(order_list(""));
    const Lines lines = bench.taken();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_TRUE(lines[0].starts_with("order ours working") && lines[1].starts_with("order ours working"));
    EXPECT_EQ(lines[2], "end open_orders done");
}

TEST(CoinbaseLists, what_is_withheld_proves_nothing)
{
    AccountBench bench;
    OrderReference order;
    order.order = kOurs;
    order.listing = ListingId{0};
    order.sent = kStart;
    bench.account->query_order(order, kStart, bench.sink, bench.outbox);
    bench.answer(order_list("", kWithheld));
    EXPECT_EQ(bench.taken(), Lines{"end query_order unknown incomplete"}) << "not absent";
    bench.account->query(RequestKind::open_orders, kBtc, {}, kStart, bench.sink, bench.outbox);
    bench.answer(order_list("", kWithheld));
    bench.answer(order_list(""));
    EXPECT_EQ(bench.taken(), Lines{"end open_orders done incomplete"});
    bench.account->query(RequestKind::fills, kBtc, kStart, kStart, bench.sink, bench.outbox);
    bench.answer(R"({"fills":[],"cursor":"","proof_token_required":true})");
    EXPECT_EQ(bench.taken(), Lines{"end fills done incomplete"});
}

TEST(CoinbaseLists, people_trade_in_digits_that_orders_of_ours_cannot_have)
{
    AccountBench bench;
    bench.account->query(RequestKind::fills, kBtc, kStart, kStart, bench.sink, bench.outbox);
    std::string theirs = listed("v-9", "FILLED", "0.000312500684507");
    theirs.replace(theirs.find(uuid()), 36, "web-1");
    bench.answer(R"({"fills":[)" + fill("t-1", "v-9", "0.000312500684507") + "," +
                 fill("t-2", "v-9", "0.000000000684507") + R"(],"cursor":""})");
    bench.answer(order_list(theirs));
    EXPECT_EQ(
        bench.taken(),
        (Lines{"order foreign filled none buy 31250/0@0 v-9 query",
               "fill foreign buy 31250@3000050 maker 0.000000000000000002 USD t-1 of v-9",
               "undecoded too_precise 0.000000000684507",
               "fill foreign buy 0@3000050 maker 0.000000000000000002 USD t-2 of v-9", "end fills done"}));
    bench.account->query(RequestKind::balances, {}, {}, kStart, bench.sink, bench.outbox);
    bench.answer(R"({"accounts":[{"currency":"USD","available_balance":{"value":"10.1234567890123456789"},)"
                 R"("hold":{"value":"0.0000000000000000000000"}}],"has_next":false})");
    EXPECT_EQ(bench.taken(),
              (Lines{"balance USD 10.123456789012345678 10.123456789012345678", "end balances done"}));
}

TEST(CoinbaseLists, one_that_has_begun_waits_and_goes_on_where_it_stopped)
{
    const char* busy = R"({"errors":[{"id":"rate_limit_exceeded","message":"Too many requests"}]})";
    AccountBench bench;
    bench.account->query(RequestKind::fills, kBtc, kStart, kStart, bench.sink, bench.outbox);
    bench.frame(user_frame(0, user_order("OPEN", "0")));
    bench.answer(R"({"fills":[)" + fill("t-1", "v-1", "0.5") + R"(],"cursor":"next"})");
    bench.taken();
    const std::string url = bench.outbox.sent.back().url;
    EXPECT_TRUE(url.ends_with("&cursor=next"));
    bench.answer(busy, 429);
    EXPECT_TRUE(bench.taken().empty()) << "not given up";
    const std::size_t sent = bench.outbox.sent.size();
    bench.account->on_wake(kStart + milliseconds(999), bench.sink, bench.outbox);
    EXPECT_EQ(bench.outbox.sent.size(), sent);
    bench.account->on_wake(kStart + seconds(1), bench.sink, bench.outbox);
    ASSERT_EQ(bench.outbox.sent.size(), sent + 1);
    EXPECT_EQ(bench.outbox.sent.back().url, url);
    bench.answer(R"({"fills":[],"cursor":""})");
    EXPECT_EQ(bench.taken(), Lines{"end fills done"});
    // Cancelling everything is never given up for a full second; a question that has not begun is.
    bench.account->query(RequestKind::cancel_all, kBtc, {}, kStart, bench.sink, bench.outbox);
    bench.answer(busy, 429);
    EXPECT_TRUE(bench.taken().empty());
    bench.account->query(RequestKind::balances, {}, {}, kStart, bench.sink, bench.outbox);
    bench.answer(busy, 429);
    EXPECT_EQ(bench.taken(), Lines{"end balances rate_limited incomplete"});
}

TEST(CoinbaseLists, the_orders_of_many_fills_take_few_requests)
{
    AccountBench bench;
    bench.account->query(RequestKind::fills, kBtc, kStart, kStart, bench.sink, bench.outbox);
    std::string fills;
    for (int i = 0; i < 100; ++i)
        fills += (i == 0 ? "" : ",") + test::fill("t-" + std::to_string(i), "v-" + std::to_string(i), "0.5");
    bench.answer(R"({"fills":[)" + fills + R"(],"cursor":""})");
    for (int part = 0; part < 2; ++part) {
        std::string orders;
        for (int i = 0; i < 50; ++i)
            orders +=
                (i == 0 ? "" : ",") + listed("v-" + std::to_string(50 * (1 - part) + i), "FILLED", "0.5");
        bench.answer(order_list(orders));
    }
    EXPECT_EQ(bench.outbox.sent.size(), 3U);
    const Lines lines = bench.taken();
    EXPECT_EQ(lines.size(), 201U);
    EXPECT_EQ(lines.back(), "end fills done");
}

TEST(CoinbaseLists, what_is_cut_is_told_as_incomplete)
{
    AccountBench bench;
    bench.account->query(RequestKind::balances, {}, {}, kStart, bench.sink, bench.outbox);
    bench.answer(R"({"accounts":[],"has_next":true,"cursor":""})");
    EXPECT_EQ(bench.taken(), Lines{"end balances done incomplete"}) << "more, and nobody knows where";
    bench.account->query(RequestKind::open_orders, kBtc, {}, kStart, bench.sink, bench.outbox);
    bench.answer(order_list(""));
    bench.answer(R"({"orders":[],"has_next":true,"cursor":"next"})");
    bench.answer(R"({"error":"INVALID_ARGUMENT"})", 400);
    EXPECT_EQ(bench.taken(), Lines{"end open_orders refused incomplete"}) << "the simple app is known there";
    bench.account->query(RequestKind::cancel_all, kBtc, {}, kStart, bench.sink, bench.outbox);
    bench.answer(order_list(listed("v-1", "OPEN") + "," + listed("v-2", "OPEN")));
    bench.answer(order_list(""));
    bench.taken();
    bench.answer(R"({"results":[{"success":true,"order_id":"v-1"}]})");
    EXPECT_EQ(bench.taken(), Lines{"end cancel_all done incomplete"}) << "one of two";
}

TEST(CoinbaseLists, a_cancel_waits_behind_no_list)
{
    AccountBench bench;
    bench.account->query(RequestKind::balances, {}, {}, kStart, bench.sink, bench.outbox);
    for (int page = 0; page < 15; ++page)
        bench.answer(R"({"accounts":[],"has_next":true,"cursor":")" + std::to_string(page) + "\"}");
    ASSERT_EQ(bench.outbox.sent.size(), 15U) << "the next page waits for the next second";
    OrderReference order;
    order.order = kOurs;
    order.listing = kBtc[0];
    order.venue_id = "v-1";
    bench.account->cancel_order(order, kStart + seconds(1), bench.sink, bench.outbox);
    ASSERT_EQ(bench.outbox.sent.size(), 17U);
    EXPECT_TRUE(bench.outbox.sent[15].url.ends_with("/orders/batch_cancel"));
    EXPECT_TRUE(bench.outbox.sent[16].url.ends_with("/accounts?limit=100&cursor=14"));
}

class CoinbaseManners : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(FeeTaking::quote, GetParam(), true);
        start();
        link->run(seconds(2));
        ASSERT_TRUE(ready());
    }
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseManners, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseManners, orders_that_wait_are_followed_found_and_cancelled)
{
    std::vector<OrderId> ids;
    std::set<OrderStatus> seen;
    for (int i = 0; i < 20; ++i) {
        link->run(milliseconds(200));
        const OrderId id = link->place(Side::buy, "0.1", "27.00", TimeInForce::gtc);
        settle();
        if (ended(RequestKind::place) != "done none") continue;  // its token was refused
        ids.push_back(id);
        seen.insert(status(id));
    }
    EXPECT_GE(ids.size(), 15U);
    EXPECT_EQ(seen.count(OrderStatus::pending), 1U);
    link->run(seconds(1));
    for (const OrderId id : ids) EXPECT_EQ(status(id), OrderStatus::working);
    ids.push_back(link->place(Side::buy, "0.1", "27.00", TimeInForce::gtc));  // not open yet
    link->run(milliseconds(5));
    for (int i = 0; i < 20 && !link->exchange().orders(VenueLink::kAccount, ListingId{0}, true).empty();
         ++i) {
        link->venue().cancel_all(link->all_listings(), link->now(), *link, *link);
        link->run(seconds(1));
    }
    EXPECT_TRUE(link->exchange().orders(VenueLink::kAccount, ListingId{0}, true).empty());
    EXPECT_TRUE(link->undecoded.empty());
}

TEST_P(CoinbaseManners, fills_and_money_agree_in_the_end)
{
    for (int i = 0; i < 10; ++i) {
        const OrderId id = link->place(Side::buy, "1.3", "27.20", TimeInForce::ioc);
        link->run(seconds(1));
        if (ended(RequestKind::place) == "done none") {
            EXPECT_EQ(link->filled(id), link->quantity("1.3"));
        }
    }
    for (int i = 0; i < 5; ++i) {
        link->venue().query_balances(link->now(), *link, *link);
        link->run(seconds(1));
    }
    for (const EmulatedBalance& truth : link->exchange().balances(VenueLink::kAccount)) {
        for (const auto& balance : link->balances) {
            if (balance.asset == truth.asset) {
                EXPECT_EQ(balance.report.total, truth.total) << truth.asset;
            }
        }
    }
    EXPECT_TRUE(ready());
}

}  // namespace
}  // namespace arb::coinbase
