// query_key against the emulated venue: what each kind of key and each kind of trouble gives.
// What holds for every venue stands in tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::okx::test {
namespace {

using arb::test::KeyReplyRow;
using arb::test::LinkLife;

class OkxKeyQuestion : public ::testing::Test, protected Life<LinkLife> {
  protected:
    OkxKeyQuestion() : Life(FeeTaking::received) {}
};

TEST_F(OkxKeyQuestion, a_key_without_an_address_list_tells_no_last_day)
{
    key("withdraw").ip_allowed.clear();
    link_.use_key("withdraw");
    EXPECT_EQ(ask().report.addresses, KeyTold::none);
    EXPECT_EQ(link_.reports[0].report.expiry, KeyTold::silent);
    EXPECT_EQ(link_.key_uses, std::vector<std::string>{"/api/v5/account/config"});
}

TEST_F(OkxKeyQuestion, keys_that_the_venue_does_not_take_are_refused_in_its_words)
{
    key("trade").revoked = true;
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_EQ(link_.reports[0].text, "API key doesn't exist");
    EXPECT_EQ(last_end(RequestKind::key_info), "key_trouble/permission");
    key("trade").revoked = false;
    key("trade").expires = link_.now();
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_EQ(link_.reports[0].text, "API key doesn't exist");
    key("trade").expires = {};
    key("trade").ip_allowed = {"192.0.2.1"};
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_NE(link_.reports[0].text.find("IP"), std::string::npos);
    key("trade").ip_allowed.clear();
    key("trade").passphrase += "x";
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    key("trade").passphrase.pop_back();
    key("trade").can_read = false;
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused) << "the question itself needs the right to read";
}

TEST_F(OkxKeyQuestion, replies_of_every_kind_are_told_apart)
{
    const KeyReplyRow rows[] = {
        {404, R"({"code":"50404","msg":"Not found","data":[]})", KeyAnswer::absent, "Not found"},
        {404, "<html>", KeyAnswer::absent, "HTTP status 404"},
        {405, "", KeyAnswer::absent, "HTTP status 405"},
        {200, "<html>", KeyAnswer::unreadable, "the reply has no code"},
        {200, R"({"msg":""})", KeyAnswer::unreadable, "the reply has no code"},
        {200, R"({"code":0,"data":[]})", KeyAnswer::unreadable, "the reply has no code"},
        {200, R"({"code":"0","data":[]})", KeyAnswer::unreadable, "data does not hold one entry"},
        {200, R"({"code":"0","data":[{"perm":"trade"}]})", KeyAnswer::unreadable, "ip is not there"},
        {429, R"({"code":"50011","msg":"Too fast"})", KeyAnswer::none, "Too fast"},
        {401, R"({"code":"50102","msg":"Timestamp expired"})", KeyAnswer::none, "Timestamp expired"},
        {200, R"({"code":"50001","msg":"Unavailable"})", KeyAnswer::none, "Unavailable"},
        {200, R"({"code":"77777","msg":"new"})", KeyAnswer::none, "new"},
        {401, R"({"code":"50111","msg":"Invalid"})", KeyAnswer::refused, "Invalid"},
        {200, R"({"code":"50120","msg":"No permission"})", KeyAnswer::refused, "No permission"},
        {401, "", KeyAnswer::refused, "HTTP status 401"},
        {403, "shut", KeyAnswer::none, "HTTP status 403"},
        {403, R"({"code":"50035","msg":"Bind your IP"})", KeyAnswer::refused, "Bind your IP"},
        {403, R"({"code":"50030","msg":"No permission"})", KeyAnswer::refused, "No permission"},
        {503, R"({"code":"50111","msg":"Invalid"})", KeyAnswer::none, "Invalid"},
        {502, "<html>", KeyAnswer::none, "HTTP status 502"},
        {0, "", KeyAnswer::none, "no reply"},
        {0, "not sent", KeyAnswer::none, "no reply"},
    };
    expect_replies(rows);
    answer(429, "", {{"Retry-After", "7"}});
    (void)ask();
    EXPECT_EQ(link_.last_end(RequestKind::key_info)->end.retry_after, seconds(7));
}

}  // namespace
}  // namespace arb::okx::test
