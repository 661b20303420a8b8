// query_key against the emulated venue: what each kind of key and each kind of trouble gives.
// What holds for every venue stands in tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/kraken/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken::test {
namespace {

using arb::test::KeyReplyRow;
using arb::test::LinkKeyReport;
using arb::test::LinkLife;

class Refusing final : public Signer {
    KeyAlgorithm algorithm() const override { return KeyAlgorithm::hmac_sha512; }
    bool sign(std::string_view, Signature&) override { return false; }
};

class KrakenKeyQuestion : public ::testing::Test, protected Life<LinkLife> {
  protected:
    KrakenKeyQuestion() : Life(FeeTaking::quote) {}
};

TEST_F(KrakenKeyQuestion, fields_of_a_key_come_as_the_venue_has_them)
{
    key("trade").ip_allowed.clear();
    key("trade").expires = {(link_.now().ns / seconds(1).ns + 86'400) * seconds(1).ns};
    key("trade").created = {(link_.now().ns / seconds(1).ns - 86'400) * seconds(1).ns};
    key("trade").can_transfer = true;
    const LinkKeyReport told = ask();
    EXPECT_EQ(told.report.addresses, KeyTold::none);
    EXPECT_EQ(told.report.expiry, KeyTold::some);
    EXPECT_EQ(told.report.expires, key("trade").expires);
    EXPECT_EQ(told.report.created, key("trade").created);
    EXPECT_EQ(told.foreign, "earn-funds");
    EXPECT_EQ(link_.key_uses, std::vector<std::string>{"/0/private/GetApiKeyInfo"});
    key("trade").can_read = false;
    EXPECT_FALSE(ask().report.rights.has(KeyRight::read)) << "the question itself needs no right";
}

TEST_F(KrakenKeyQuestion, keys_that_the_venue_does_not_take_are_refused_in_its_words)
{
    key("trade").revoked = true;
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_EQ(link_.reports[0].text, "EAPI:Invalid key");
    EXPECT_EQ(last_end(RequestKind::key_info), "key_trouble/permission");
    key("trade").revoked = false;
    key("trade").expires = link_.now();
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_EQ(link_.reports[0].text, "EAPI:Invalid key");
    key("trade").expires = {};
    key("trade").ip_allowed = {"192.0.2.1"};
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_EQ(link_.reports[0].text, "EGeneral:Permission denied");
    key("trade").ip_allowed.clear();
    key("trade").secret = key("read").secret;
    EXPECT_EQ(ask().report.answer, KeyAnswer::refused);
    EXPECT_EQ(link_.reports[0].text, "EAPI:Invalid signature");
}

TEST_F(KrakenKeyQuestion, replies_of_every_kind_are_told_apart)
{
    const KeyReplyRow rows[] = {
        {200, R"({"error":["EGeneral:Unknown method"]})", KeyAnswer::absent, "EGeneral:Unknown method"},
        {404, R"({"error":["EGeneral:Unknown method"]})", KeyAnswer::absent, "EGeneral:Unknown method"},
        {404, "<html>", KeyAnswer::absent, "HTTP status 404"},
        {405, "", KeyAnswer::absent, "HTTP status 405"},
        {200, "<html>", KeyAnswer::unreadable, "the reply has no list of errors"},
        {200, R"({"result":{}})", KeyAnswer::unreadable, "the reply has no list of errors"},
        {200, R"({"error":[7],"result":{}})", KeyAnswer::unreadable, "the reply has no list of errors"},
        {200, R"({"error":"no","result":{}})", KeyAnswer::unreadable, "the reply has no list of errors"},
        {200, R"({"error":[],"result":{}})", KeyAnswer::unreadable, "permissions is not there"},
        {200, R"({"error":["EAPI:Rate limit exceeded"]})", KeyAnswer::none, "EAPI:Rate limit exceeded"},
        {200, R"({"error":["EAPI:Invalid nonce"]})", KeyAnswer::none, "EAPI:Invalid nonce"},
        {200, R"({"error":["EGeneral:Temporary lockout"]})", KeyAnswer::none, "EGeneral:Temporary lockout"},
        {200, R"({"error":["EService:Unavailable"]})", KeyAnswer::none, "EService:Unavailable"},
        {200, R"({"error":["ENew:What"]})", KeyAnswer::none, "ENew:What"},
        {200, R"({"error":["EAPI:Invalid key"],"result":{}})", KeyAnswer::refused, "EAPI:Invalid key"},
        {403, "shut", KeyAnswer::none, "HTTP status 403"},
        {429, "", KeyAnswer::none, "HTTP status 429"},
        {503, R"({"error":["EAPI:Invalid key"]})", KeyAnswer::none, "EAPI:Invalid key"},
        {502, "<html>", KeyAnswer::none, "HTTP status 502"},
        {0, "", KeyAnswer::none, "no reply"},
        {0, "not sent", KeyAnswer::none, "no reply"},
    };
    expect_replies(rows);
    answer(429, "", {{"Retry-After", "7"}});
    (void)ask();
    EXPECT_EQ(link_.last_end(RequestKind::key_info)->end.retry_after, seconds(7));
}

TEST_F(KrakenKeyQuestion, a_signer_that_refuses_ends_every_kind_of_request)
{
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
    venue->query_balances(link_.now(), link_, link_);
    venue->start_session(link_.now(), link_, link_);
    venue->on_wake(link_.now(), link_, link_);
    for (const RequestKind kind : {RequestKind::key_info, RequestKind::balances, RequestKind::session}) {
        EXPECT_EQ(ends(kind), 1U) << name(kind);
        EXPECT_EQ(last_end(kind), "refused/permission");
    }
    EXPECT_EQ(sent, 0U);
    EXPECT_TRUE(link_.key_uses.empty());
}

}  // namespace
}  // namespace arb::kraken::test
