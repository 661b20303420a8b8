// What a key may do, asked at the emulated venue before any session: each key, and each way to get no answer.
// What holds for every venue stands in tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/binance/key_report.hpp"
#include "connectors/binance/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

using arb::test::VenueLink;
using test::Case;
using Kind = VenueLink::Message::Kind;

class BinanceQueryKey : public ::testing::TestWithParam<Case>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override { make_link(GetParam(), FeeTaking::quote); }
    /// The one report of one question.
    const arb::test::LinkKeyReport& ask()
    {
        link_->reports.clear();
        link_->ends.clear();
        link_->query_key();
        link_->run(seconds(21));
        EXPECT_EQ(link_->reports.size(), 1U);
        EXPECT_EQ(link_->ends.size(), 1U);
        if (link_->reports.empty()) link_->reports.emplace_back();
        return link_->reports[0];
    }
    std::string end() const
    {
        const RequestEnd last = ended(RequestKind::key_info);
        return last.outcome == Outcome::count_ ? "none" : test::end_text(last.outcome, last.reason);
    }
    KeyRights rights(std::initializer_list<KeyRight> list) const
    {
        KeyRights result;
        for (const KeyRight right : list) result.add(right);
        return result;
    }
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceQueryKey,
                         ::testing::Values(Case{"spot", "trade"}, Case{"spot", "trade_ed25519"},
                                           Case{"usdm", "trade"}, Case{"usdm", "trade_ed25519"}),
                         test::label<::testing::TestParamInfo<Case>>);

TEST_P(BinanceQueryKey, one_signed_request_at_the_spot_host_and_nothing_else)
{
    std::vector<VenueLink::Message> sent;
    link_->on_to_venue = [&](VenueLink::Message& m) {
        sent.push_back(m);
        return true;
    };
    const auto& told = ask();
    EXPECT_EQ(told.report.answer, KeyAnswer::told) << told.text;
    EXPECT_EQ(told.label, GetParam().key);
    EXPECT_EQ(told.report.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(told.missing, "");
    EXPECT_EQ(told.report.addresses, KeyTold::some);
    EXPECT_EQ(told.report.expiry, KeyTold::none);
    EXPECT_TRUE(told.report.created.known());
    EXPECT_EQ(end(), "done none");
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].kind, Kind::request);
    EXPECT_EQ(sent[0].request.method, "GET");
    EXPECT_TRUE(sent[0].request.url.starts_with(
        "https://api.binance.com/sapi/v1/account/apiRestrictions?timestamp="));
    EXPECT_TRUE(sent[0].request.is_signed);
    EXPECT_EQ(link_->key_uses, (std::vector<std::string>{"/sapi/v1/account/apiRestrictions"}));
    const auto hosts = type().hosts(GetParam().market);
    EXPECT_NE(std::find(hosts.begin(), hosts.end(), "api.binance.com"), hosts.end());
}

TEST_P(BinanceQueryKey, each_key_tells_what_it_is)
{
    link_->use_key("read");
    EXPECT_EQ(ask().report.rights, rights({KeyRight::read}));
    link_->use_key("withdraw");
    EXPECT_EQ(ask().report.rights, rights({KeyRight::read, KeyRight::trade, KeyRight::withdraw}));
    link_->use_key("trade_next");
    const auto& next = ask();
    EXPECT_EQ(next.report.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(next.label, "trade_next");
    for (EmulatedKey& key : link_->keys) {
        key.can_transfer = true;
        key.ip_allowed.clear();
        key.expires = link_->now() + seconds(3600);
        key.can_read = false;
    }
    const auto& changed = ask();
    EXPECT_EQ(changed.report.rights, rights({KeyRight::trade, KeyRight::transfer}));
    EXPECT_EQ(changed.report.addresses, KeyTold::none);
    EXPECT_EQ(changed.report.expiry, KeyTold::some);
    EXPECT_EQ(changed.report.expires.ns / 1'000'000, link_->keys[0].expires.ns / 1'000'000);
}

TEST_P(BinanceQueryKey, a_key_that_is_not_taken_is_refused_in_the_venues_words)
{
    const auto expect_refused = [&](const char* why) {
        const auto& report = ask();
        EXPECT_EQ(report.report.answer, KeyAnswer::refused) << why;
        EXPECT_EQ(report.text, "HTTP 401: Invalid API-key, IP, or permissions for action.") << why;
        EXPECT_EQ(report.label, GetParam().key);
        EXPECT_EQ(end(), "key_trouble permission") << why;
    };
    for (EmulatedKey& key : link_->keys) key.revoked = true;
    expect_refused("revoked");
    for (EmulatedKey& key : link_->keys) {
        key.revoked = false;
        key.expires = link_->now();
    }
    expect_refused("expired");
    for (EmulatedKey& key : link_->keys) {
        key.expires = {};
        key.ip_allowed = {"192.0.2.1"};
    }
    expect_refused("address");
    for (EmulatedKey& key : link_->keys) key.ip_allowed = {"127.0.0.1"};
    EXPECT_EQ(ask().report.answer, KeyAnswer::told);
}

TEST_P(BinanceQueryKey, a_wrong_signature_is_refused)
{
    link_->on_to_venue = [](VenueLink::Message& m) {
        const std::size_t at = m.request.url.find("signature=");
        if (at != std::string::npos) m.request.url[at + 12] = m.request.url[at + 12] == 'a' ? 'b' : 'a';
        return true;
    };
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
}

TEST_P(BinanceQueryKey, an_answer_that_is_not_the_documented_one_is_never_a_permission)
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
        {{200, {}, R"({"enableReading":true,"ipRestrict":true})"}, KeyAnswer::unreadable, "unknown none"},
        {{404, {}, "Not found"}, KeyAnswer::absent, "unknown none"},
        {{503, {}, ""}, KeyAnswer::none, "unknown none"},
        {{429, {{"Retry-After", "7"}}, R"({"code":-1003,"msg":"slow"})"},
         KeyAnswer::none,
         "rate_limited rate_limited"},
        {{418, {}, ""}, KeyAnswer::none, "banned rate_limited"},
        {{400, {}, R"({"code":-1021,"msg":"Timestamp"})"}, KeyAnswer::none, "refused clock"},
        {{0, {}, ""}, KeyAnswer::none, "unknown none"},
        {{0, {}, "not sent"}, KeyAnswer::none, "refused other"},
    };
    for (const Row& row : rows) {
        link_->instead_of_reply = [&](const HttpRequest&) { return row.reply; };
        const auto& report = ask();
        EXPECT_EQ(report.report.answer, row.answer) << row.reply.status << row.reply.body;
        EXPECT_FALSE(report.text.empty());
        EXPECT_EQ(report.label, GetParam().key);
        EXPECT_EQ(report.report.rights, KeyRights{});
        EXPECT_EQ(end(), row.end) << row.reply.status << row.reply.body;
    }
}

}  // namespace
}  // namespace arb::binance
