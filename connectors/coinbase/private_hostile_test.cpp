// Hostile and broken private messages: no crash, no fact from half a message, the right reason for each.
#include <gtest/gtest.h>

#include "connectors/coinbase/private_support.hpp"

namespace arb::coinbase {
namespace {

using namespace test;

TEST(CoinbasePrivateHostile, a_frame_cut_anywhere_tells_nothing)
{
    const std::string whole = user_frame(0, user_order("FILLED", "0.75"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        AccountBench bench;
        bench.frame(whole.substr(0, size));
        ASSERT_EQ(bench.sink.facts, 0U) << "cut at " << size;
        ASSERT_FALSE(bench.taken().empty()) << "cut at " << size;
    }
}

TEST(CoinbasePrivateHostile, any_byte_changed_never_crashes)
{
    const std::string whole = user_frame(0, user_order("FILLED", "0.75"));
    AccountBench bench;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const char c : {'\0', '"', '{', ']', '9', '-', '\xff'}) {
            std::string changed = whole;
            changed[i] = c;
            const PaddedBuffer buffer(changed);
            bench.account->on_close(ConnectionId{9}, kStart, bench.sink, bench.outbox);
            bench.account->on_open(ConnectionId{9}, kUserUrl, kStart, bench.sink, bench.outbox);
            bench.account->on_frame(ConnectionId{9}, buffer.text_of(), kStart, bench.sink, bench.outbox);
        }
    }
}

TEST(CoinbasePrivateHostile, wrong_types_and_values)
{
    const std::string good = user_order("OPEN", "0.5");
    const auto told = [&](std::string_view from, std::string_view to) {
        std::string order = good;
        order.replace(order.find(from), from.size(), to);
        AccountBench bench;
        bench.frame(user_frame(0, order));
        const Lines lines = bench.taken();
        return lines.empty() ? std::string("nothing") : lines[0].substr(0, lines[0].rfind(' '));
    };
    EXPECT_EQ(told(R"("v-1")", "7"), "undecoded wrong_type user");
    EXPECT_EQ(told(R"("v-1")", R"("")"), "undecoded missing_field");
    EXPECT_EQ(told(R"("BTC-USD")", "[]"), "undecoded wrong_type user");
    EXPECT_EQ(told(R"("BUY")", R"("LONG")"), "undecoded wrong_type");
    EXPECT_EQ(told(R"("OPEN")", R"("DANCING")"), "undecoded unknown_message");
    EXPECT_EQ(told(R"("OPEN")", "null"), "undecoded missing_field");
    EXPECT_EQ(told(R"("0.5")", R"("-0.5")"), "undecoded bad_quantity");
    EXPECT_EQ(told(R"("0.5")", "0.5"), "undecoded wrong_type");
    EXPECT_EQ(told(R"("0.5")", R"("0.123456789")"), "undecoded too_precise");
    EXPECT_EQ(told(R"("0.5")", R"("1e9")"), "undecoded bad_number");
    EXPECT_EQ(told(R"("cumulative_quantity")", R"("cumulative")"), "undecoded missing_field");
    EXPECT_TRUE(told(R"("0.25")", R"("x")").starts_with("order ours working"));
    AccountBench bench;
    bench.frame(R"({"channel":"user","sequence_num":0})");
    bench.frame(R"({"channel":"user","sequence_num":1,"events":[7,{"orders":7},{"orders":[7]}]})");
    bench.frame(R"({"channel":"user","sequence_num":-5,"events":[]})");
    bench.frame(R"({"channel":7})");
    bench.frame(R"({"type":"error","message":7})");
    EXPECT_EQ(bench.sink.facts, 0U);
}

TEST(CoinbasePrivateHostile, replies_cut_anywhere_tell_nothing)
{
    const std::string bodies[] = {
        R"({"fills":[)" + fill("t-1", "v-1", "0.5") + R"(],"cursor":""})",
        R"({"accounts":[{"currency":"BTC","available_balance":{"value":"1"},"hold":{"value":"1"}}],"has_next":false})",
        R"({"fee_tier":{"maker_fee_rate":"0.0025","taker_fee_rate":"0.004"}})",
        R"({"orders":[{"order_id":"v-1","client_order_id":"x","product_id":"BTC-USD","side":"BUY",)"
        R"("status":"OPEN","filled_size":"0"}],"has_next":false})",
    };
    const RequestKind kinds[] = {RequestKind::fills, RequestKind::balances, RequestKind::fees,
                                 RequestKind::open_orders};
    const ListingId listings[] = {ListingId{0}};
    for (std::size_t i = 0; i < 4; ++i) {
        AccountBench bench;
        for (std::size_t size = 0; size < bodies[i].size(); ++size) {
            bench.account->query(kinds[i], listings, kStart, kStart, bench.sink, bench.outbox);
            bench.answer(bodies[i].substr(0, size));
            ASSERT_EQ(bench.sink.facts, 0U) << size;
            ASSERT_EQ(bench.taken().back(), std::string("end ") + name(kinds[i]) + " unknown incomplete")
                << size;
        }
        for (std::size_t at = 0; at < bodies[i].size(); ++at) {
            for (const char c : {'"', '{', '9', '\0'}) {
                std::string changed = bodies[i];
                changed[at] = c;
                bench.account->query(kinds[i], listings, kStart, kStart, bench.sink, bench.outbox);
                for (int step = 0; step < 3; ++step) bench.answer(changed);
            }
        }
    }
}

}  // namespace
}  // namespace arb::coinbase
