// What Bybit says of a key, read from tables of replies: as documented, and in every wrong shape.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/bybit/key_report.hpp"
#include "connectors/bybit/test_support.hpp"

namespace arb::bybit::test {
namespace {

const std::string kGood =
    R"({"retCode":0,"retMsg":"","result":{"id":"1","note":"n","apiKey":"k","readOnly":0,"secret":"",)"
    R"("permissions":{"ContractTrade":["Order","Position"],"Spot":["SpotTrade"],"Wallet":[],"Options":[],)"
    R"("Derivatives":["DerivativesTrade"],"Exchange":[]},"ips":["192.0.2.7","2001:db8::7"],"type":1,)"
    R"("deadlineDay":-2,"expiredAt":"1970-01-01T00:00:00Z","createdAt":"2026-01-02T03:04:05Z"},)"
    R"("retExtInfo":{},"time":1700000000000})";
const std::string kWalletRights = R"("Wallet":[])";
const std::string kIps = R"("ips":["192.0.2.7","2001:db8::7"])";
const std::string kExpired = R"("expiredAt":"1970-01-01T00:00:00Z")";

class BybitKeyReport : public ::testing::Test {
  protected:
    KeyReport read(const std::string& body, bool spot = true) { return read_key_report(body, spot, texts_); }
    KeyReport changed(const std::string& from, const std::string& to, bool spot = true)
    {
        return read(replaced(kGood, from, to), spot);
    }
    static KeyRights rights(std::initializer_list<KeyRight> list)
    {
        KeyRights result;
        for (const KeyRight right : list) result.add(right);
        return result;
    }
    KeyTexts texts_;
};

TEST_F(BybitKeyReport, a_clean_trade_key_of_either_market)
{
    for (const bool spot : {true, false}) {
        const KeyReport report = read(kGood, spot);
        ASSERT_EQ(report.answer, KeyAnswer::told) << report.text;
        EXPECT_EQ(report.rights, rights({KeyRight::read, KeyRight::trade}));
        EXPECT_EQ(report.missing, "");
        EXPECT_EQ(report.foreign, "");
        EXPECT_EQ(report.addresses, KeyTold::some);
        EXPECT_EQ(report.address_list, "192.0.2.7,2001:db8::7");
        EXPECT_EQ(report.expiry, KeyTold::none);
        EXPECT_EQ(report.created, parse_utc("2026-01-02T03:04:05Z"));
    }
}

TEST_F(BybitKeyReport, a_read_only_key_does_not_trade_whatever_its_groups_name)
{
    const KeyReport report = changed(R"("readOnly":0)", R"("readOnly":1)");
    ASSERT_EQ(report.answer, KeyAnswer::told);
    EXPECT_EQ(report.rights, rights({KeyRight::read}));
    EXPECT_EQ(report.missing, "") << "nothing is missed where nothing may be traded";
    std::string body = replaced(kGood, R"("readOnly":0)", R"("readOnly":1)");
    body = replaced(body, kWalletRights, R"("Wallet":["Withdraw"])");
    EXPECT_TRUE(read(body).rights.has(KeyRight::withdraw)) << "a contradiction counts against the key";
}

TEST_F(BybitKeyReport, names_of_rights_become_rights)
{
    struct Row {
        const char *wallet, *foreign;
        std::initializer_list<KeyRight> more;
    };
    const Row rows[] = {
        {R"("Withdraw")", "", {KeyRight::withdraw}},
        {R"("AccountTransfer")", "", {KeyRight::transfer}},
        {R"("SubMemberTransfer")", "", {KeyRight::transfer, KeyRight::sub_accounts}},
        {R"("SubMemberTransferList")", "", {KeyRight::transfer, KeyRight::sub_accounts}},
        {R"("AccountTransfer","Withdraw")", "", {KeyRight::transfer, KeyRight::withdraw}},
        {R"("withdraw")", "Wallet.withdraw", {KeyRight::other}},
        {R"("Withdraw2","X")", "Wallet.Withdraw2,Wallet.X", {KeyRight::other}},
    };
    for (const Row& row : rows) {
        const KeyReport report = changed(kWalletRights, fmt::format(R"("Wallet":[{}])", row.wallet));
        ASSERT_EQ(report.answer, KeyAnswer::told) << row.wallet;
        KeyRights wanted = rights(row.more);
        wanted.add(KeyRight::read);
        wanted.add(KeyRight::trade);
        EXPECT_EQ(report.rights, wanted) << row.wallet;
        EXPECT_EQ(report.foreign, row.foreign);
    }
}

TEST_F(BybitKeyReport, every_other_group_is_a_right_that_nobody_needs)
{
    KeyReport report = changed(R"("Exchange":[])", R"("Exchange":["ExchangeHistory"],"Moon":["Fly"])");
    EXPECT_TRUE(report.rights.has(KeyRight::other));
    EXPECT_EQ(report.foreign, "Exchange.ExchangeHistory,Moon.Fly");
    report = changed(R"("SpotTrade")", R"("SpotTrade","SpotLend")");
    EXPECT_EQ(report.foreign, "Spot.SpotLend");
    report = changed(R"("type":1)", R"("type":2)");
    EXPECT_EQ(report.foreign, "third-party");
    EXPECT_TRUE(report.rights.has(KeyRight::other));
}

TEST_F(BybitKeyReport, what_the_market_needs_is_missed)
{
    EXPECT_EQ(changed(R"("Spot":["SpotTrade"])", R"("Spot":[])", true).missing, "SpotTrade");
    EXPECT_EQ(changed(R"("Spot":["SpotTrade"])", R"("Spot":[])", false).missing, "");
    EXPECT_EQ(changed(R"(["Order","Position"])", R"(["Position"])", false).missing, "Order");
    EXPECT_EQ(changed(R"(["Order","Position"])", R"([])", false).missing, "Order,Position");
    EXPECT_EQ(changed(R"(["Order","Position"])", R"([])", true).missing, "");
    std::string body = replaced(kGood, R"("Spot":["SpotTrade"])", R"("Spot":[])");
    body = replaced(body, R"(["Order","Position"])", "[]");
    body = replaced(body, R"(["DerivativesTrade"])", "[]");
    const KeyReport report = read(body);
    EXPECT_EQ(report.rights, rights({KeyRight::read}));
}

TEST_F(BybitKeyReport, addresses_and_the_last_day)
{
    const auto unbound = [&](const std::string& ips, const std::string& expired) {
        return read(replaced(replaced(kGood, kIps, ips), kExpired, expired));
    };
    for (const char* ips :
         {R"("ips":["*"])", R"("ips":[])", R"("ips":["192.0.2.7","*"])", R"("ips":["0.0.0.0/0"])"}) {
        const KeyReport report = unbound(ips, R"("expiredAt":"2027-01-02T00:00:00Z")");
        ASSERT_EQ(report.answer, KeyAnswer::told) << ips << report.text;
        EXPECT_EQ(report.addresses, KeyTold::none) << ips;
        EXPECT_EQ(report.expiry, KeyTold::some);
        EXPECT_EQ(report.expires, parse_utc("2027-01-02T00:00:00Z"));
        EXPECT_EQ(unbound(ips, kExpired).answer, KeyAnswer::unreadable) << "an unbound key has a last day";
        EXPECT_EQ(unbound(ips, R"("x":1)").answer, KeyAnswer::unreadable);
    }
    EXPECT_EQ(changed(kExpired, R"("x":1)").expiry, KeyTold::none);
    EXPECT_EQ(changed(kExpired, R"("expiredAt":"")").expiry, KeyTold::none);
    const KeyReport late = changed(kExpired, R"("expiredAt":"2027-01-02T00:00:00Z")");
    EXPECT_EQ(late.expiry, KeyTold::some) << "a changed password gives a bound key a last day";
    EXPECT_FALSE(changed(R"("createdAt")", R"("made")").created.known());
}

TEST_F(BybitKeyReport, what_has_another_shape_is_unreadable_and_says_where)
{
    const std::string many(1000, 'x');
    struct Row {
        std::string from, to, field;
    };
    const Row rows[] = {
        {R"("readOnly":0,)", "", "readOnly"},
        {R"("readOnly":0)", R"("readOnly":"0")", "readOnly"},
        {R"("readOnly":0)", R"("readOnly":2)", "readOnly"},
        {R"("readOnly":0)", R"("readOnly":null)", "readOnly"},
        {R"("readOnly":0)", R"("readOnly":1,"readOnly":0)", "readOnly"},
        {R"("type":1,)", "", "type"},
        {R"("type":1)", R"("type":3)", "type"},
        {R"("type":1)", R"("type":true)", "type"},
        {R"("permissions")", R"("permission")", "permissions"},
        {R"("permissions":{)", R"("permissions":[],"p":{)", "permissions"},
        {kWalletRights + ",", "", "Wallet"},
        {kWalletRights, R"("wallet":["Withdraw"])", "Wallet"},
        {kWalletRights, R"("Wallet":null)", "Wallet"},
        {kWalletRights, R"("Wallet":"Withdraw")", "Wallet"},
        {kWalletRights, R"("Wallet":{"Withdraw":true})", "Wallet"},
        {kWalletRights, R"("Wallet":[["Withdraw"]])", "Wallet"},
        {kWalletRights, R"("Wallet":[1])", "Wallet"},
        {kWalletRights, R"("Wallet":[""])", "Wallet"},
        {kWalletRights, R"("Wallet":["a,b"])", "Wallet"},
        {kWalletRights, R"("Wallet":["\u001b[2J"])", "Wallet"},
        {kWalletRights, "\"Wallet\":[\"" + many + "\"]", "Wallet"},
        {kWalletRights, R"("Wallet":[],"Wallet":["Withdraw"])", "Wallet"},
        {R"("Spot":["SpotTrade"],)", "", "Spot"},
        {R"("Derivatives":["DerivativesTrade"],)", "", "Derivatives"},
        {R"("Exchange":[])", R"("Exchange":5)", "Exchange"},
        {R"("Exchange":[])", R"("":["x"])", "permissions"},
        {kIps + ",", "", "ips"},
        {kIps, R"("ips":"192.0.2.7")", "ips"},
        {kIps, R"("ips":[7])", "ips"},
        {kIps, R"("ips":[""])", "ips"},
        {kIps, R"("ips":["192.0.2.7"],"ips":["*"])", "ips"},
        {kExpired, R"("expiredAt":7)", "expiredAt"},
        {kExpired, R"("expiredAt":"soon")", "expiredAt"},
        {kExpired, R"("expiredAt":"2027-13-02T00:00:00Z")", "expiredAt"},
        {R"("2026-01-02T03:04:05Z")", R"("yesterday")", "createdAt"},
        {R"("result")", R"("results")", "result"},
        {R"("retExtInfo":{})", R"("result":{})", "result"},
    };
    for (const Row& row : rows) {
        const KeyReport report = changed(row.from, row.to);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << row.to.substr(0, 60);
        EXPECT_EQ(report.text.substr(0, row.field.size()), row.field) << row.to.substr(0, 60);
        EXPECT_EQ(report.rights, KeyRights{}) << "half an answer is none";
        EXPECT_LT(report.text.size(), 80U);
    }
}

TEST_F(BybitKeyReport, bodies_of_any_kind_are_survived)
{
    std::string deep(3000, '[');
    std::string crowd;
    for (int i = 0; i < 300; ++i) crowd += fmt::format("{}\"r{}\"", i == 0 ? "" : ",", i);
    const std::string bodies[] = {"",
                                  " ",
                                  "null",
                                  "[]",
                                  "7",
                                  "{}",
                                  "<html>",
                                  "{\"result\":",
                                  "\xff\xfe",
                                  deep,
                                  R"({"result":null})",
                                  R"({"result":[]})",
                                  R"({"result":{}})",
                                  std::string(1 << 20, ' ') + kGood,
                                  replaced(kGood, kWalletRights, "\"Wallet\":[" + crowd + "]"),
                                  replaced(kGood, kWalletRights, "\"Wallet\":" + deep)};
    for (const std::string& body : bodies) {
        const KeyReport report = read(body);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << body.substr(0, 40);
        EXPECT_FALSE(report.text.empty());
    }
    for (std::size_t size = 0; size < kGood.size(); ++size)
        EXPECT_EQ(read(kGood.substr(0, size)).answer, KeyAnswer::unreadable) << size;
}

}  // namespace
}  // namespace arb::bybit::test
