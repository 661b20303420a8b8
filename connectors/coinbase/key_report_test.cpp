// What key_permissions says about a key: answers as documented, answers that are not, and refusals.
#include <gtest/gtest.h>

#include "connectors/coinbase/key_report.hpp"

namespace arb::coinbase {
namespace {

KeyRights rights(std::initializer_list<KeyRight> list)
{
    KeyRights result;
    for (const KeyRight right : list) result.add(right);
    return result;
}

std::string flags(const char* view, const char* trade, const char* transfer, const char* more = "")
{
    return std::string("{\"can_view\":") + view + ",\"can_trade\":" + trade +
           ",\"can_transfer\":" + transfer + more + "}";
}

constexpr const char* kPortfolio = R"(,"portfolio_uuid":"f0e1","portfolio_type":"DEFAULT")";

class CoinbaseKeyReport : public ::testing::Test {
  protected:
    KeyReport read(const std::string& body) { return read_key_report(body, words_); }

    std::string words_;
};

TEST_F(CoinbaseKeyReport, a_documented_answer_is_told)
{
    const KeyReport report = read(flags("true", "true", "false", kPortfolio));
    EXPECT_EQ(report.answer, KeyAnswer::told);
    EXPECT_EQ(report.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(report.foreign, "");
    EXPECT_EQ(report.missing, "");
    EXPECT_EQ(report.addresses, KeyTold::silent);
    EXPECT_EQ(report.expiry, KeyTold::silent);
    EXPECT_FALSE(report.created.known());
}

TEST_F(CoinbaseKeyReport, each_flag_gives_its_right)
{
    EXPECT_EQ(read(flags("false", "false", "false")).rights, KeyRights{});
    EXPECT_EQ(read(flags("false", "false", "false")).answer, KeyAnswer::told);
    EXPECT_EQ(read(flags("true", "false", "false")).rights, rights({KeyRight::read}));
    EXPECT_EQ(read(flags("false", "true", "false")).rights, rights({KeyRight::trade}));
    EXPECT_EQ(read(flags("false", "false", "true")).rights, rights({KeyRight::transfer, KeyRight::withdraw}));
    EXPECT_EQ(read(flags("true", "true", "true")).rights,
              rights({KeyRight::read, KeyRight::trade, KeyRight::transfer, KeyRight::withdraw}));
}

TEST_F(CoinbaseKeyReport, rights_of_others_are_all_named)
{
    const KeyReport report =
        read(flags("true", "true", "false",
                   R"(,"can_stake":true,"can_fly":false,"level":3,"scopes":["transfer"],"nothing":null)"));
    EXPECT_EQ(report.answer, KeyAnswer::told);
    EXPECT_EQ(report.rights, rights({KeyRight::read, KeyRight::trade, KeyRight::other}));
    EXPECT_EQ(report.foreign, "can_stake,level,scopes,nothing");
}

TEST_F(CoinbaseKeyReport, names_are_compared_exactly)
{
    EXPECT_EQ(read(R"({"can_view":true,"can_trade":true,"Can_Transfer":false})").text,
              "can_transfer is missing");
    EXPECT_EQ(read(flags("true", "true", "false", R"(,"Can_Trade":true)")).foreign, "Can_Trade");
}

TEST_F(CoinbaseKeyReport, a_field_that_is_not_there_is_no_false)
{
    EXPECT_EQ(read(R"({"can_trade":true,"can_transfer":false})").text, "can_view is missing");
    EXPECT_EQ(read(R"({"can_view":true,"can_transfer":false})").text, "can_trade is missing");
    EXPECT_EQ(read(R"({"can_view":true,"can_trade":true})").text, "can_transfer is missing");
    EXPECT_EQ(read(R"({"can_view":true,"can_trade":true})").answer, KeyAnswer::unreadable);
    EXPECT_EQ(read(R"({"can_view":true,"can_trade":true})").rights, KeyRights{});
}

TEST_F(CoinbaseKeyReport, what_is_no_such_answer_is_unreadable)
{
    const std::string good = flags("true", "true", "false", kPortfolio);
    for (const char* value : {"\"false\"", "0", "1", "null", "[]", "{}", "[false]"}) {
        EXPECT_EQ(read(flags(value, "true", "false")).text, "can_view is neither true nor false");
        EXPECT_EQ(read(flags("true", value, "false")).text, "can_trade is neither true nor false");
        EXPECT_EQ(read(flags("true", "true", value)).text, "can_transfer is neither true nor false");
    }
    const std::string bodies[] = {
        "",
        " ",
        "null",
        "false",
        "[]",
        "{}",
        "Unauthorized",
        "[" + good + "]",
        "{\"data\":" + good + "}",
        good + good,
        "<html></html>",
        flags("true", "true", "false", R"(,"can_transfer":false)"),
        flags("true", "true", "true", R"(,"can_transfer":false)"),
        flags("true", "true", "false", R"(,"can_stake":true,"can_stake":false)"),
        flags("true", "true", "false", R"(,"portfolio_uuid":7)"),
        flags("true", "true", "false", R"(,"portfolio_type":true)"),
        flags("true", "true", "false", R"(,"can,stake":true)"),
        flags("true", "true", "false", R"(,"":true)"),
        flags("true", "true", "false", ",\"\xff\":true"),
        "{\"pad\":\"" + std::string(20'000, 'x') + "\"," + good.substr(1),
        std::string(100'000, '['),
        std::string(100'000, 'x'),
    };
    for (const std::string& body : bodies) {
        const KeyReport report = read(body);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << body.substr(0, 80);
        EXPECT_FALSE(report.text.empty()) << body.substr(0, 80);
        EXPECT_EQ(report.rights, KeyRights{});
    }
    std::string many = good.substr(0, good.size() - 1);
    for (int i = 0; i < 70; ++i) many += ",\"can_" + std::to_string(i) + "\":false";
    EXPECT_EQ(read(many + "}").text, "the answer has too many fields");
    for (std::size_t length = 0; length < good.size(); ++length)
        ASSERT_EQ(read(good.substr(0, length)).answer, KeyAnswer::unreadable) << length;
}

struct RefusalRow {
    int status;
    const char* body;
    KeyAnswer answer;
    const char* text;
};

TEST_F(CoinbaseKeyReport, other_answers_are_told_apart)
{
    const RefusalRow rows[] = {
        {0, "", KeyAnswer::none, "no answer came"},
        {401, "Unauthorized\n", KeyAnswer::refused, "HTTP 401"},
        {401, R"({"error":"UNAUTHENTICATED","message":"bad token"})", KeyAnswer::refused,
         "HTTP 401 UNAUTHENTICATED: bad token"},
        {403, R"({"error":"PERMISSION_DENIED","message":"Missing required scopes"})", KeyAnswer::refused,
         "HTTP 403 PERMISSION_DENIED: Missing required scopes"},
        {403, "<html>", KeyAnswer::refused, "HTTP 403"},
        {404, R"({"error":"NOT_FOUND","message":"no such path"})", KeyAnswer::absent,
         "HTTP 404 NOT_FOUND: no such path"},
        {405, "", KeyAnswer::absent, "HTTP 405"},
        {429, R"({"errors":[{"id":"rate_limit_exceeded","message":"slow"}]})", KeyAnswer::none,
         "HTTP 429 rate_limit_exceeded: slow"},
        {500, "", KeyAnswer::none, "HTTP 500"},
        {503, R"({"error":"PERMISSION_DENIED"})", KeyAnswer::none, "HTTP 503 PERMISSION_DENIED"},
        {400, R"({"error":"INVALID_ARGUMENT","message":"x"})", KeyAnswer::unreadable,
         "HTTP 400 INVALID_ARGUMENT: x"},
        {302, "", KeyAnswer::unreadable, "HTTP 302"},
    };
    for (const RefusalRow& row : rows) {
        simdjson::dom::parser parser;
        const PaddedBuffer body{std::string(row.body)};
        HttpReply reply;
        reply.status = row.status;
        reply.body = body.text_of();
        const KeyReport report = key_refusal(row.status, read_answer(parser, reply), words_);
        EXPECT_EQ(report.answer, row.answer) << row.status << " " << row.body;
        EXPECT_EQ(report.text, row.text);
        EXPECT_EQ(report.rights, KeyRights{});
    }
}

}  // namespace
}  // namespace arb::coinbase
