// What a key may do, asked at the emulated venue before any session: each key, and each way to get no answer.
// What holds for every venue stands in tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;

class CoinbaseQueryKey : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override { make_link(FeeTaking::quote, GetParam()); }
    /// The one report of one question.
    const arb::test::LinkKeyReport& ask()
    {
        link->reports.clear();
        link->ends.clear();
        link->query_key();
        link->run(seconds(11));
        EXPECT_EQ(link->reports.size(), 1U);
        std::size_t ends = 0;
        for (const auto& e : link->ends) ends += e.end.kind == RequestKind::key_info ? 1 : 0;
        EXPECT_EQ(ends, 1U);
        if (link->reports.empty()) link->reports.emplace_back();
        return link->reports[0];
    }
    KeyRights rights(std::initializer_list<KeyRight> list) const
    {
        KeyRights result;
        for (const KeyRight right : list) result.add(right);
        return result;
    }
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseQueryKey, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseQueryKey, one_signed_request_and_nothing_else)
{
    std::vector<VenueLink::Message> sent;
    link->on_to_venue = [&](VenueLink::Message& m) {
        sent.push_back(m);
        return true;
    };
    const auto& told = ask();
    EXPECT_EQ(told.report.answer, KeyAnswer::told) << told.text;
    EXPECT_EQ(told.label, GetParam());
    EXPECT_EQ(told.report.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(told.report.addresses, KeyTold::silent);
    EXPECT_EQ(told.report.expiry, KeyTold::silent);
    EXPECT_EQ(ended(RequestKind::key_info), "done none");
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].request.method, "GET");
    EXPECT_EQ(sent[0].request.url, "https://api.coinbase.com/api/v3/brokerage/key_permissions");
    EXPECT_TRUE(sent[0].request.is_signed);
    EXPECT_EQ(link->key_uses, (std::vector<std::string>{"/key_permissions"}));
    EXPECT_TRUE(link->channels.empty());
}

TEST_P(CoinbaseQueryKey, each_key_tells_what_it_is)
{
    link->use_key("read");
    EXPECT_EQ(ask().report.rights, rights({KeyRight::read}));
    link->use_key("withdraw");
    EXPECT_EQ(ask().report.rights,
              rights({KeyRight::read, KeyRight::trade, KeyRight::transfer, KeyRight::withdraw}));
    link->use_key("trade_next");
    const auto& next = ask();
    EXPECT_EQ(next.report.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(next.label, "trade_next");
    for (EmulatedKey& key : link->keys) key.can_read = false;
    EXPECT_EQ(ask().report.rights, rights({KeyRight::trade}));
    for (EmulatedKey& key : link->keys) key.can_trade = false;
    EXPECT_EQ(ask().report.rights, KeyRights{});
}

TEST_P(CoinbaseQueryKey, a_key_that_is_not_taken_is_refused)
{
    const auto expect_refused = [&](const char* why) {
        const auto& report = ask();
        EXPECT_EQ(report.report.answer, KeyAnswer::refused) << why;
        EXPECT_TRUE(report.text.starts_with("HTTP 401: refused with one token after another")) << report.text;
        EXPECT_EQ(report.label, GetParam());
        EXPECT_EQ(ended(RequestKind::key_info), "key_trouble permission") << why;
    };
    for (EmulatedKey& key : link->keys) key.revoked = true;
    expect_refused("revoked");
    for (EmulatedKey& key : link->keys) {
        key.revoked = false;
        key.expires = link->now();
    }
    expect_refused("expired");
    for (EmulatedKey& key : link->keys) {
        key.expires = {};
        key.ip_allowed = {"192.0.2.1"};
    }
    expect_refused("address");
    for (EmulatedKey& key : link->keys) key.ip_allowed = {"127.0.0.1"};
    EXPECT_EQ(ask().report.answer, KeyAnswer::told);
}

TEST_P(CoinbaseQueryKey, a_key_refused_in_a_session_closes_the_session_of_orders)
{
    start();
    ASSERT_TRUE(ready());
    for (EmulatedKey& key : link->keys) key.revoked = true;
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_FALSE(link->ready(Channel::order_entry));
}

TEST_P(CoinbaseQueryKey, an_answer_that_is_not_the_documented_one_is_never_a_permission)
{
    struct Row {
        ServerReply reply;
        KeyAnswer answer;
        const char* end;
    };
    const Row rows[] = {
        {{200, {}, "{}"}, KeyAnswer::unreadable, "unknown none"},
        {{200, {}, ""}, KeyAnswer::unreadable, "unknown none"},
        {{200, {}, "<html>"}, KeyAnswer::unreadable, "unknown none"},
        {{200, {}, R"({"can_view":true,"can_trade":true})"}, KeyAnswer::unreadable, "unknown none"},
        {{404, {}, R"({"error":"NOT_FOUND"})"}, KeyAnswer::absent, "refused other NOT_FOUND"},
        {{403, {}, R"({"error":"PERMISSION_DENIED"})"},
         KeyAnswer::refused,
         "key_trouble permission PERMISSION_DENIED"},
        {{503, {}, ""}, KeyAnswer::none, "unknown none"},
        {{429, {}, R"({"errors":[{"id":"rate_limit_exceeded"}]})"},
         KeyAnswer::none,
         "rate_limited rate_limited rate_limit_exceeded"},
        {{0, {}, ""}, KeyAnswer::none, "unknown none"},
        {{0, {}, "not sent"}, KeyAnswer::none, "refused other"},
    };
    for (const Row& row : rows) {
        link->instead_of_reply = [&](const HttpRequest&) { return row.reply; };
        const auto& report = ask();
        EXPECT_EQ(report.report.answer, row.answer) << row.reply.status << row.reply.body;
        EXPECT_FALSE(report.text.empty());
        EXPECT_EQ(report.label, GetParam());
        EXPECT_EQ(report.report.rights, KeyRights{});
        EXPECT_EQ(ended(RequestKind::key_info), row.end) << row.reply.status << row.reply.body;
    }
}

}  // namespace
}  // namespace arb::coinbase
