// query_key against the emulated venue: what each kind of key and each kind of trouble gives.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkKeyReport;
using arb::test::VenueLink;

class OkxKeyQuestion : public ::testing::Test, protected Life<VenueLink> {
  protected:
    OkxKeyQuestion() : Life(FeeTaking::received) {}
    /// Asks once and hands out the one report, before any session.
    LinkKeyReport ask(Duration time = seconds(2))
    {
        link_.reports.clear();
        link_.ends.clear();
        link_.query_key();
        link_.run(time);
        EXPECT_EQ(link_.reports.size(), 1U);
        EXPECT_EQ(ends(RequestKind::key_info), 1U);
        return link_.reports.empty() ? LinkKeyReport{} : link_.reports[0];
    }
    EmulatedKey& key(std::string_view label)
    {
        return *std::find_if(link_.keys.begin(), link_.keys.end(),
                             [&](const EmulatedKey& k) { return k.label == label; });
    }
};

TEST_F(OkxKeyQuestion, each_emulated_key_tells_its_rights_without_a_session)
{
    for (const char* label : {"trade", "trade_next", "read", "withdraw"}) {
        link_.key_uses.clear();
        link_.use_key(label);
        const LinkKeyReport told = ask();
        ASSERT_EQ(told.report.answer, KeyAnswer::told) << label << told.text;
        EXPECT_EQ(told.label, label);
        EXPECT_TRUE(told.report.rights.has(KeyRight::read));
        EXPECT_EQ(told.report.rights.has(KeyRight::trade), std::string_view(label) != "read");
        EXPECT_EQ(told.report.rights.has(KeyRight::withdraw), std::string_view(label) == "withdraw");
        EXPECT_FALSE(told.report.rights.has(KeyRight::other)) << told.foreign;
        EXPECT_EQ(told.address_list, "127.0.0.1,::1");
        EXPECT_EQ(told.report.expiry, KeyTold::none);
        EXPECT_EQ(last_end(RequestKind::key_info), "done/none");
        EXPECT_EQ(link_.key_uses, std::vector<std::string>{"/api/v5/account/config"});
    }
    EXPECT_TRUE(link_.channels.empty());
    key("withdraw").ip_allowed.clear();
    EXPECT_EQ(ask().report.addresses, KeyTold::none);
    EXPECT_EQ(link_.reports[0].report.expiry, KeyTold::silent);
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
    struct Row {
        int status;
        const char* body;
        KeyAnswer answer;
        const char* text;
    };
    const Row rows[] = {
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
        {503, R"({"code":"50111","msg":"Invalid"})", KeyAnswer::none, "Invalid"},
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
    answer(429, "", {{"Retry-After", "7"}});
    (void)ask();
    EXPECT_EQ(link_.last_end(RequestKind::key_info)->end.retry_after, seconds(7));
}

TEST_F(OkxKeyQuestion, silence_ends_after_ten_seconds)
{
    link_.on_to_client = [](Message&) { return false; };
    const LinkKeyReport told = ask(seconds(11));
    EXPECT_EQ(told.report.answer, KeyAnswer::none);
    EXPECT_EQ(told.text, "no answer within 10 s");
    EXPECT_EQ(last_end(RequestKind::key_info), "unknown/none");
}

TEST_F(OkxKeyQuestion, a_signer_that_refuses_sends_nothing)
{
    class Refusing final : public Signer {
        KeyAlgorithm algorithm() const override { return KeyAlgorithm::hmac_sha256; }
        bool sign(std::string_view, Signature&) override { return false; }
    };
    Credentials credentials;
    credentials.label = "mute";
    credentials.key_id = "nobody";
    credentials.signer = std::make_unique<Refusing>();
    VenueSetup setup;
    setup.table = &link_.table;
    setup.credentials = &credentials;
    std::size_t sent = 0;
    link_.on_to_venue = [&](Message&) { return ++sent == 0; };
    const std::unique_ptr<Venue> venue = type().make(setup);
    venue->query_key(link_.now(), link_, link_);
    ASSERT_EQ(link_.reports.size(), 1U);
    EXPECT_EQ(link_.reports[0].report.answer, KeyAnswer::none);
    EXPECT_EQ(link_.reports[0].label, "mute");
    EXPECT_EQ(link_.reports[0].text, "the signer refused");
    EXPECT_EQ(ends(RequestKind::key_info), 1U);
    EXPECT_EQ(sent, 0U);
    EXPECT_TRUE(link_.key_uses.empty());
}

}  // namespace
}  // namespace arb::okx::test
