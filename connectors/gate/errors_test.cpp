// What Gate's labels, codes and ends of orders mean: each documented one once, and nothing else.
#include "connectors/gate/errors.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace arb::gate {
namespace {

TEST(GateErrors, every_label_stands_in_one_class)
{
    std::set<std::string_view> seen;
    for (const auto& one : error_classes()) {
        for (const std::string_view label : one.codes) {
            EXPECT_EQ(judge(400, label), one.verdict) << label;
            EXPECT_TRUE(seen.insert(label).second) << label << " stands twice";
        }
    }
    EXPECT_EQ(seen.size(), 75U);
}

TEST(GateErrors, labels_that_decide_about_money)
{
    struct Row {
        const char* label;
        Outcome outcome;
        RejectReason reason;
    };
    const Row rows[] = {
        {"SERVER_TIMEOUT", Outcome::unknown, RejectReason::none},
        {"TOO_BUSY", Outcome::unknown, RejectReason::none},
        {"INTERNAL", Outcome::unknown, RejectReason::none},
        {"CANCEL_FAIL", Outcome::unknown, RejectReason::none},
        {"TOO_MANY_REQUESTS", Outcome::rate_limited, RejectReason::rate_limited},
        {"REQUEST_EXPIRED", Outcome::refused, RejectReason::clock},
        {"BALANCE_NOT_ENOUGH", Outcome::refused, RejectReason::balance},
        {"AMOUNT_TOO_LITTLE", Outcome::refused, RejectReason::lot},
        {"INVALID_PRECISION", Outcome::refused, RejectReason::tick},
        {"PRICE_TOO_DEVIATED", Outcome::refused, RejectReason::price_limit},
        {"POC_FILL_IMMEDIATELY", Outcome::refused, RejectReason::would_take},
        {"FOK_NOT_FILL", Outcome::refused, RejectReason::unfilled},
        {"INVALID_CURRENCY_PAIR", Outcome::refused, RejectReason::no_market},
        {"TOO_MANY_ORDERS", Outcome::refused, RejectReason::too_many},
        {"REPEATED_CREATION", Outcome::refused, RejectReason::duplicate},
        {"INVALID_SIGNATURE", Outcome::key_trouble, RejectReason::permission},
        {"IP_FORBIDDEN", Outcome::key_trouble, RejectReason::permission},
        {"READ_ONLY", Outcome::key_trouble, RejectReason::permission},
        {"ORDER_NOT_FOUND", Outcome::refused, RejectReason::other},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(judge(400, row.label), (Verdict{row.outcome, row.reason})) << row.label;
        EXPECT_EQ(judge(500, row.label), Verdict{}) << row.label << ": a 5xx says nothing, whatever is in it";
    }
}

TEST(GateErrors, what_no_table_holds_is_unknown)
{
    for (const char* label : {"SOMETHING_NEW", "balance_not_enough", "BALANCE_NOT_ENOUGH ", "BALANCE", "-"}) {
        EXPECT_EQ(judge(400, label), Verdict{}) << label;
        EXPECT_EQ(judge(200, label), Verdict{}) << label << ": a refusal in words of a success";
    }
    for (const int status : {0, 100, 301, 400, 404, 500, 502, 504})
        EXPECT_EQ(judge(status, ""), Verdict{}) << status;
    for (const int status : {200, 201, 202}) EXPECT_EQ(judge(status, "").outcome, Outcome::done);
    EXPECT_EQ(judge(429, "").outcome, Outcome::rate_limited);
    EXPECT_EQ(judge(401, "").outcome, Outcome::key_trouble);
    EXPECT_EQ(judge(403, "SOMETHING_NEW").outcome, Outcome::key_trouble);
}

TEST(GateErrors, subscriptions_by_label_and_by_code)
{
    struct Row {
        std::int64_t code;
        const char* message;
        Outcome outcome;
        RejectReason reason;
    };
    const Row rows[] = {
        {1, "invalid request body", Outcome::refused, RejectReason::other},
        {2, "unknown currency pair: LUNARLENS_USDT", Outcome::refused, RejectReason::other},
        {3, "server error", Outcome::unknown, RejectReason::none},
        {4, "authentication failed", Outcome::key_trouble, RejectReason::permission},
        {4, "{\"label\":\"INVALID_KEY\",\"message\":\"Invalid key provided\"}", Outcome::key_trouble,
         RejectReason::permission},
        {4, "REQUEST_EXPIRED: gap between request Timestamp and server time", Outcome::refused,
         RejectReason::clock},
        {4, "FORBIDDEN", Outcome::refused, RejectReason::permission},
        {4, "NOT_A_LABEL", Outcome::key_trouble, RejectReason::permission},
        {9, "", Outcome::unknown, RejectReason::none},
    };
    for (const Row& row : rows)
        EXPECT_EQ(judge_subscription(row.code, row.message), (Verdict{row.outcome, row.reason}))
            << row.message;
}

TEST(GateErrors, ends_of_orders)
{
    const std::vector<std::pair<const char*, RejectReason>> rows = {
        {"filled", RejectReason::none},
        {"cancelled", RejectReason::none},
        {"ioc", RejectReason::unfilled},
        {"fok", RejectReason::unfilled},
        {"poc", RejectReason::would_take},
        {"stp", RejectReason::self_trade},
        {"small", RejectReason::lot},
        {"depth_not_enough", RejectReason::unfilled},
        {"-", RejectReason::other},
        {"liquidate_cancelled", RejectReason::other},
        {"liquidated", RejectReason::other},
        {"auto_deleveraged", RejectReason::other},
        {"reduce_only", RejectReason::other},
        {"position_closed", RejectReason::other},
        {"reduce_out", RejectReason::other},
        {"unknown", RejectReason::other},
        {"price_protect_cancelled", RejectReason::price_limit},
        {"trader_not_enough", RejectReason::unfilled},
    };
    for (const auto& [word, reason] : rows) {
        const EndWord* const end = find_end(word);
        ASSERT_NE(end, nullptr) << word;
        EXPECT_EQ(end->reason, reason) << word;
        EXPECT_EQ(end->filled, std::string_view(word) == "filled") << word;
    }
    for (const char* word : {"", "open", "dreamt", "Filled"}) EXPECT_EQ(find_end(word), nullptr) << word;
}

TEST(GateErrors, which_labels_say_that_there_is_no_such_order)
{
    for (const char* label :
         {"ORDER_NOT_FOUND", "ORDER_CLOSED", "ORDER_CANCELLED", "ORDER_FINISHED", "CLIENT_ID_NOT_FOUND"})
        EXPECT_TRUE(says_no_order(label)) << label;
    for (const char* label : {"", "NOT_FOUND", "CANCEL_FAIL", "ORDER_BOOK_NOT_FOUND", "USER_NOT_FOUND"})
        EXPECT_FALSE(says_no_order(label)) << label;
}

}  // namespace
}  // namespace arb::gate
