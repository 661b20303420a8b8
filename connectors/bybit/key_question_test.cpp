// query_key against the emulated venue: what each kind of key and each kind of trouble gives.
// What holds for every venue stands in tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::LinkKeyReport;
using arb::test::VenueLink;

class BybitKeyQuestion : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override
    {
        const bool received = std::string_view(GetParam()) == "spot";
        begin(GetParam(), received ? FeeTaking::received : FeeTaking::quote);
    }
    /// Asks once and hands out the one report, before any session.
    LinkKeyReport ask(Duration time = seconds(1))
    {
        link_->reports.clear();
        link_->ends.clear();
        link_->query_key();
        link_->run(time);
        EXPECT_EQ(link_->reports.size(), 1U);
        EXPECT_EQ(ends(RequestKind::key_info), 1U);
        return link_->reports.empty() ? LinkKeyReport{} : link_->reports[0];
    }
    EmulatedKey& key(std::string_view label)
    {
        return *std::find_if(link_->keys.begin(), link_->keys.end(),
                             [&](const EmulatedKey& k) { return k.label == label; });
    }
    void answer(int status, std::string body)
    {
        link_->instead_of_reply = [=](const HttpRequest&) -> std::optional<ServerReply> {
            return ServerReply{status, {}, body};
        };
    }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitKeyQuestion, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitKeyQuestion, of_the_emulated_keys_the_one_that_may_withdraw_may_transfer)
{
    for (const char* label : {"trade", "trade_next", "read", "withdraw"}) {
        link_->key_uses.clear();
        link_->use_key(label);
        EXPECT_EQ(ask().report.rights.has(KeyRight::transfer), std::string_view(label) == "withdraw");
        EXPECT_EQ(link_->key_uses, std::vector<std::string>{"/v5/user/query-api"});
    }
}

TEST_P(BybitKeyQuestion, addresses_and_days_come_as_the_venue_has_them)
{
    key("trade").ip_allowed.clear();
    EXPECT_EQ(ask().report.addresses, KeyTold::none);
    EXPECT_EQ(ask().report.expiry, KeyTold::some) << "ninety days without an address list";
    key("trade").expires = link_->now() + seconds(86'400);
    key("trade").created = link_->now() - seconds(86'400);
    const LinkKeyReport told = ask();
    EXPECT_LT((key("trade").expires - told.report.expires).ns, seconds(1).ns) << "in whole seconds";
    EXPECT_GE(key("trade").expires, told.report.expires);
    EXPECT_TRUE(told.report.created.known());
}

TEST_P(BybitKeyQuestion, keys_that_the_venue_does_not_take_are_refused_in_its_words)
{
    key("trade").revoked = true;
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_EQ(link_->reports[0].text, "API key is invalid.");
    EXPECT_EQ(last_end(RequestKind::key_info), "key_trouble/permission");
    key("trade").revoked = false;
    key("trade").expires = link_->now();
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_EQ(link_->reports[0].text, "Your api key has expired.");
    key("trade").expires = {};
    key("trade").ip_allowed = {"192.0.2.1"};
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_NE(link_->reports[0].text.find("IP"), std::string::npos);
    key("trade").ip_allowed.clear();
    key("trade").secret += "x";
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
}

TEST_P(BybitKeyQuestion, replies_of_every_kind_are_told_apart)
{
    struct Row {
        int status;
        const char* body;
        KeyAnswer answer;
        const char* text;
    };
    const Row rows[] = {
        {404, R"({"retCode":404,"retMsg":"Not Found"})", KeyAnswer::absent, "Not Found"},
        {404, "<html>", KeyAnswer::absent, "HTTP status 404"},
        {405, "", KeyAnswer::absent, "HTTP status 405"},
        {200, R"({"retCode":10404,"retMsg":"op type is not found"})", KeyAnswer::absent,
         "op type is not found"},
        {200, "<html>", KeyAnswer::unreadable, "the reply has no retCode"},
        {200, R"({"retMsg":"OK"})", KeyAnswer::unreadable, "the reply has no retCode"},
        {200, R"({"retCode":0,"result":{}})", KeyAnswer::unreadable, "readOnly is not there"},
        {200, R"({"retCode":10006,"retMsg":"Too many visits"})", KeyAnswer::none, "Too many visits"},
        {200, R"({"retCode":10002,"retMsg":"check your timestamp"})", KeyAnswer::none,
         "check your timestamp"},
        {200, R"({"retCode":10016,"retMsg":"Internal"})", KeyAnswer::none, "Internal"},
        {200, R"({"retCode":777777,"retMsg":"new"})", KeyAnswer::none, "new"},
        {200, R"({"retCode":10003,"retMsg":"invalid"})", KeyAnswer::refused, "invalid"},
        {401, "", KeyAnswer::refused, "HTTP status 401"},
        {403, "access too frequent", KeyAnswer::none, "HTTP status 403"},
        {429, "", KeyAnswer::none, "HTTP status 429"},
        {503, R"({"retCode":10003,"retMsg":"invalid"})", KeyAnswer::none, "invalid"},
        {502, "<html>", KeyAnswer::none, "HTTP status 502"},
        {0, "", KeyAnswer::none, "no reply"},
        {0, "not sent", KeyAnswer::none, "no reply"},
    };
    for (const Row& row : rows) {
        answer(row.status, row.body);
        const LinkKeyReport told = ask();
        EXPECT_EQ(told.report.answer, row.answer) << row.status << row.body;
        EXPECT_EQ(told.text, row.text);
        EXPECT_EQ(told.label, "trade");
        EXPECT_EQ(told.report.rights, KeyRights{});
        EXPECT_NE(last_end(RequestKind::key_info), "done/none");
    }
    answer(403, "");
    (void)ask();
    EXPECT_EQ(link_->last_end(RequestKind::key_info)->end.retry_after, seconds(600));
}

}  // namespace
}  // namespace arb::bybit::test
