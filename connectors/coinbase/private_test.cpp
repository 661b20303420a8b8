// Private messages to facts: golden frames of the user channel and replies of the REST interface, the table
// of errors, amounts.
#include <set>

#include <gtest/gtest.h>

#include "connectors/coinbase/private_support.hpp"

namespace arb::coinbase {
namespace {

using namespace test;

TEST(CoinbasePrivate, confirmation_opens_the_channel_and_its_end_closes_it)
{
    AccountBench bench;
    EXPECT_EQ(bench.outbox.frames.size(), 2U);
    EXPECT_TRUE(bench.outbox.frames[1].starts_with(R"({"type":"subscribe","channel":"user","jwt":"ey)"));
    const std::string head =
        R"({"channel":"subscriptions","timestamp":"2026-03-04T05:06:08Z","sequence_num":)";
    bench.frame(head + R"(0,"events":[{"subscriptions":{"heartbeats":["heartbeats"]}}]})");
    EXPECT_TRUE(bench.taken().empty());
    bench.frame(head + R"(1,"events":[{"subscriptions":{"heartbeats":["heartbeats"],"user":["u"]}}]})");
    EXPECT_EQ(bench.taken(), Lines{"channel private_stream up"});
    bench.frame(head + R"(2,"events":[{"subscriptions":{}}]})");
    EXPECT_EQ(bench.taken(), Lines{"channel private_stream down"});
    EXPECT_EQ(bench.outbox.reconnects.size(), 1U);
}

TEST(CoinbasePrivate, orders_of_the_user_channel)
{
    AccountBench bench;
    bench.frame(user_frame(0, user_order("PENDING", "0")));
    bench.frame(user_frame(1, user_order("OPEN", "0.5")));
    bench.frame(user_frame(2, user_order("CANCELLED", "0.5")));
    bench.frame(user_frame(3, user_order("FILLED", "0.75") + "," + user_order("EXPIRED", "0.75")));
    bench.frame(user_frame(4, user_order("FAILED", "0", R"(,"x":1)")));
    bench.frame(user_frame(5, user_order("CANCEL_QUEUED", "0.5")));
    bench.frame(user_frame(6, user_order("QUEUED", "0")));
    bench.frame(user_frame(7, user_order("EDIT_QUEUED", "0.5")));
    bench.frame(user_frame(8, user_order("UNKNOWN_ORDER_STATUS", "0.5")));
    EXPECT_EQ(bench.taken(), (Lines{
                                 "order ours pending none buy 0/0@3000050 v-1 stream",
                                 "order ours working none buy 50000000/75000000@3000050 v-1 stream",
                                 "order ours cancelled none buy 50000000/0@3000050 v-1 stream",
                                 "order ours filled none buy 75000000/0@3000050 v-1 stream",
                                 "order ours cancelled none buy 75000000/0@3000050 v-1 stream",
                                 "order ours rejected other buy 0/0@3000050 v-1 stream",
                                 "order ours working none buy 50000000/75000000@3000050 v-1 stream",
                                 "order ours pending none buy 0/0@3000050 v-1 stream",
                                 "order ours working none buy 50000000/75000000@0 v-1 stream",
                                 "order ours working none buy 50000000/75000000@3000050 v-1 stream",
                             }));
    ASSERT_EQ(bench.outbox.sent.size(), 1U);  // one chase, however many totals
    EXPECT_EQ(bench.outbox.sent[0].url,
              "https://api.coinbase.com/api/v3/brokerage/orders/historical/fills?limit=100&order_ids=v-1");
    EXPECT_TRUE(bench.outbox.sent[0].is_signed);
    bench.answer(R"({"fills":[)" + fill("t-1", "v-1", "0.5") + "," + fill("t-2", "v-1", "0.25") +
                 R"(],"cursor":""})");
    EXPECT_EQ(bench.taken(),
              (Lines{"fill ours buy 50000000@3000050 maker 0.000000000000000002 USD t-1 of v-1",
                     "fill ours buy 25000000@3000050 maker 0.000000000000000002 USD t-2 of v-1"}));
}

TEST(CoinbasePrivate, a_reject_reason_is_read)
{
    AccountBench bench;
    std::string order = user_order("FAILED", "0");
    order.replace(order.find(R"("reject_reason":"")"), 18,
                  R"("reject_reason":"REJECT_REASON_INSUFFICIENT_FUNDS")");
    bench.frame(user_frame(0, order));
    EXPECT_EQ(bench.taken(), Lines{"order ours rejected balance buy 0/0@3000050 v-1 stream"});
}

TEST(CoinbasePrivate, strangers_and_other_products)
{
    AccountBench bench;
    std::string stranger = user_order("OPEN", "0");
    stranger.replace(stranger.find(uuid()), 36, "11111-000000-000001");
    std::string elsewhere = user_order("OPEN", "0");
    elsewhere.replace(elsewhere.find("BTC-USD"), 7, "XYZ-USD");
    bench.frame(user_frame(0, elsewhere + "," + stranger));
    EXPECT_EQ(bench.taken(), Lines{"order foreign working none buy 0/25000000@3000050 v-1 stream"});
}

TEST(CoinbasePrivate, an_order_stays_ours_when_its_client_id_is_left_out)
{
    AccountBench bench;
    std::string order = user_order("OPEN", "0");
    bench.frame(user_frame(0, order));
    bench.taken();
    order.replace(order.find(uuid()), 36, "");
    order.replace(order.find(R"("30000.5")"), 9, R"("x")");
    bench.frame(user_frame(1, order));
    EXPECT_EQ(bench.taken(), Lines{"order ours working none buy 0/25000000@0 v-1 stream"});
}

TEST(CoinbasePrivate, numbers_of_frames)
{
    AccountBench bench;
    bench.frame(user_frame(0, user_order("OPEN", "0")));
    bench.taken();
    bench.frame(user_frame(0, user_order("OPEN", "0")));  // old news
    EXPECT_TRUE(bench.taken().empty());
    EXPECT_TRUE(bench.outbox.reconnects.empty());
    bench.frame(user_frame(2, user_order("OPEN", "0")));  // a hole
    EXPECT_TRUE(bench.taken().empty());
    EXPECT_EQ(bench.outbox.reconnects.size(), 1U);
}

TEST(CoinbasePrivate, fills_of_orders_that_are_not_known_are_looked_up)
{
    AccountBench bench;
    const ListingId listings[] = {ListingId{0}};
    bench.account->query(RequestKind::fills, listings, kStart, kStart, bench.sink, bench.outbox);
    EXPECT_EQ(
        bench.outbox.sent.back().url,
        "https://api.coinbase.com/api/v3/brokerage/orders/historical/fills?limit=100&product_ids=BTC-USD"
        "&start_sequence_timestamp=2023-11-14T22%3A13%3A20.000000Z");
    bench.answer(R"({"fills":[)" + fill("t-1", "v-1", "0.5") + "," + fill("t-2", "v-2", "0.25") +
                 R"(],"cursor":""})");
    EXPECT_TRUE(bench.taken().empty());
    // All at once; what that list leaves out is asked for by its id.
    EXPECT_TRUE(bench.outbox.sent.back().url.ends_with(
        "/orders/historical/batch?limit=100&order_ids=v-1&order_ids=v-2"));
    bench.answer(R"({"orders":[{"order_id":"v-1","client_order_id":")" + uuid() +
                 R"(","product_id":"BTC-USD","side":"BUY","status":"FILLED","filled_size":"0.5",)"
                 R"("order_configuration":{"limit_limit_gtc":{"base_size":"0.5","limit_price":"30000.5"}}}],)"
                 R"("has_next":false,"cursor":""})");
    EXPECT_TRUE(bench.outbox.sent.back().url.ends_with("/orders/historical/v-2"));
    bench.answer(R"({"error":"NOT_FOUND"})", 404);
    EXPECT_EQ(bench.taken(),
              (Lines{"order ours filled none buy 50000000/50000000@3000050 v-1 query",
                     "fill ours buy 50000000@3000050 maker 0.000000000000000002 USD t-1 of v-1",
                     "end fills done incomplete"}));
}

TEST(CoinbasePrivate, a_market_order_for_money_is_told_in_base)
{
    AccountBench bench;
    std::string stranger = user_order("OPEN", "0");
    stranger.replace(stranger.find(uuid()), 36, "11111-000000-000001");
    bench.frame(user_frame(0, stranger));
    const ListingId listings[] = {ListingId{0}};
    bench.account->query(RequestKind::fills, listings, kStart, kStart, bench.sink, bench.outbox);
    std::string bought = fill("t-1", "v-1", "3000.05");
    bought.replace(bought.find(R"("size_in_quote":false)"), 21, R"("size_in_quote":true)");
    bench.taken();
    bench.answer(R"({"fills":[)" + bought + R"(],"cursor":""})");
    EXPECT_EQ(bench.taken()[0],
              "fill foreign buy 10000000@3000050 maker 0.000000000000000002 USD t-1 of v-1");
}

TEST(CoinbasePrivate, adjusted_fills_are_not_counted)
{
    AccountBench bench;
    bench.frame(user_frame(0, user_order("OPEN", "0")));
    bench.taken();
    const ListingId listings[] = {ListingId{0}};
    bench.account->query(RequestKind::fills, listings, kStart, kStart, bench.sink, bench.outbox);
    std::string adjusted = fill("t-1", "v-1", "0.5");
    adjusted.replace(adjusted.find(R"("FILL")"), 6, R"("REVERSAL")");
    bench.answer(R"({"fills":[)" + adjusted + R"(],"cursor":""})");
    EXPECT_EQ(bench.taken(), (Lines{"undecoded unknown_message REVERSAL", "end fills done incomplete"}));
}

TEST(CoinbasePrivate, accounts_over_two_pages_add_up)
{
    AccountBench bench;
    bench.account->query(RequestKind::balances, {}, {}, kStart, bench.sink, bench.outbox);
    const auto wallet = [](const char* currency, const char* free, const char* hold) {
        return std::string(R"({"currency":")") + currency + R"(","available_balance":{"value":")" + free +
               R"("},"hold":{"value":")" + hold + R"("}})";
    };
    bench.answer(R"({"accounts":[)" + wallet("BTC", "1.5", "0.5") + "," + wallet("USD", "10.01", "0") +
                 R"(],"has_next":true,"cursor":"next page"})");
    EXPECT_TRUE(bench.taken().empty());
    EXPECT_TRUE(bench.outbox.sent.back().url.ends_with("/accounts?limit=100&cursor=next%20page"));
    bench.answer(R"({"accounts":[)" + wallet("BTC", "0.000000000000000001", "0") +
                 R"(],"has_next":false,"cursor":""})");
    EXPECT_EQ(bench.taken(), (Lines{"balance BTC 2.000000000000000001 1.500000000000000001",
                                    "balance USD 10.01 10.01", "end balances done"}));
    bench.account->query(RequestKind::balances, {}, {}, kStart, bench.sink, bench.outbox);
    bench.answer(R"({"accounts":[)" + wallet("BTC", "1x", "0") + R"(],"has_next":false})");
    EXPECT_EQ(bench.taken().back(), "end balances done incomplete");
}

TEST(CoinbasePrivate, a_cursor_that_does_not_move_ends_the_list)
{
    AccountBench bench;
    bench.account->query(RequestKind::balances, {}, {}, kStart, bench.sink, bench.outbox);
    for (int i = 0; i < 3 && bench.taken().empty(); ++i)
        bench.answer(R"({"accounts":[],"has_next":true,"cursor":"same"})");
    EXPECT_EQ(bench.outbox.sent.size(), 2U);
}

TEST(CoinbasePrivate, fees)
{
    AccountBench bench;
    const ListingId listings[] = {ListingId{0}, ListingId{1}};
    bench.account->query(RequestKind::fees, listings, {}, kStart, bench.sink, bench.outbox);
    bench.answer(R"({"fee_tier":{"maker_fee_rate":"0.0025","taker_fee_rate":"0.004"}})");
    EXPECT_EQ(bench.taken(), (Lines{"fees 250000 400000", "fees 250000 400000", "end fees done"}));
    bench.account->query(RequestKind::fees, listings, {}, kStart, bench.sink, bench.outbox);
    bench.answer(R"({"fee_tier":{"maker_fee_rate":"free","taker_fee_rate":"0.004"}})");
    EXPECT_EQ(bench.taken(), Lines{"end fees unknown incomplete"});
}

TEST(CoinbasePrivate, amounts_are_exact)
{
    const auto text = [](std::string_view digits, bool up = false) {
        Amount amount;
        return read_amount(digits, up, amount) ? amount.text() : std::string("no");
    };
    EXPECT_EQ(text("0"), "0");
    EXPECT_EQ(text("-1.5"), "-1.5");
    EXPECT_EQ(text("123456789012.123456789012345678"), "123456789012.123456789012345678");
    EXPECT_EQ(text("0.0000000000000000001"), "0");
    EXPECT_EQ(text("-1.0000000000000000019"), "-1.000000000000000001");
    EXPECT_EQ(text("0.0000000000000000001", true), "0.000000000000000001");
    EXPECT_EQ(text("1.0000000000000000000000"), "1");
    for (const char* bad : {"", ".", "1.", ".5", "+1", "1e5", "NaN", "--1", "-", "1.2.3", " 1", "0x1",
                            "99999999999999999999999999999999999999999"})
        EXPECT_EQ(text(bad), "no") << bad;
}

TEST(CoinbaseErrors, the_table)
{
    std::set<std::string_view> words;
    for (const ErrorRow& row : error_table()) {
        EXPECT_TRUE(words.insert(row.word).second) << row.word;
        EXPECT_NE(row.verdict.outcome, Outcome::unknown) << row.word;
        EXPECT_NE(row.verdict.outcome, Outcome::done) << row.word;
        EXPECT_NE(row.verdict.reason, RejectReason::none) << row.word;
        EXPECT_EQ(judge_word(row.word).reason, row.verdict.reason);
        EXPECT_EQ(judge_word("PREVIEW_" + std::string(row.word)).reason, row.verdict.reason);
    }
    for (const char* word : {"", "UNKNOWN_FAILURE_REASON", "UNKNOWN_CANCEL_FAILURE_REASON", "PREVIEW_",
                             "insufficient_fund", "INTERNAL"})
        EXPECT_EQ(judge_word(word).outcome, Outcome::unknown) << word;
    EXPECT_EQ(judge_status(0, true).outcome, Outcome::unknown);
    EXPECT_EQ(judge_status(0, false).outcome, Outcome::refused);
    EXPECT_EQ(judge_status(401, true).outcome, Outcome::refused);
    EXPECT_EQ(judge_not_created("PREVIEW_PEG_INVALID_ORDER_TYPE").reason, RejectReason::other);
    EXPECT_EQ(judge_not_created("PREVIEW_TRADING_DISABLED").reason, RejectReason::no_market);
    for (const char* word : {"", "UNKNOWN", "UNKNOWN_FAILURE_REASON", "UNKNOWN_PREVIEW_FAILURE_REASON"})
        EXPECT_EQ(judge_not_created(word).outcome, Outcome::unknown) << word;
    EXPECT_EQ(judge_status(429, true).outcome, Outcome::rate_limited);
    for (const int status : {200, 302, 400, 403, 404, 500, 502, 503, 504})
        EXPECT_EQ(judge_status(status, true).outcome, Outcome::unknown) << status;
}

}  // namespace
}  // namespace arb::coinbase
