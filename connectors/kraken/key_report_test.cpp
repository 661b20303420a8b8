// What Kraken says of a key, read from tables of replies: as documented, and in every wrong shape.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/kraken/key_report.hpp"

namespace arb::kraken {
namespace {

const std::string kReads = R"("query-funds","query-open-trades","query-closed-trades","create-ws-token")";
const std::string kAll = kReads + R"(,"modify-trades","close-trades")";
const std::string kAddresses = R"("ipAllowlist":["192.0.2.7","2001:db8::7"])";
const std::string kValid = R"("validUntil":"0")";
const std::string kCreated = R"("createdTime":"1767323045")";

const std::string kGood =
    R"({"error":[],"result":{"apiKeyName":"n","apiKey":"k","nonce":"1","nonceWindow":"0","permissions":[)" +
    kAll + R"(],"iban":"",)" + kValid + R"(,"queryFrom":"0","queryTo":"0",)" + kCreated +
    R"(,"modifiedTime":"0",)" + kAddresses + R"(,"lastUsed":null}})";

std::string changed(std::string text, std::string_view from, std::string_view to)
{
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? std::string() : text.replace(at, from.size(), to);
}

class KrakenKeyReport : public ::testing::Test {
  protected:
    KeyReport read(const std::string& body) { return read_key_report(body, texts_); }
    KeyReport change(std::string_view from, std::string_view to) { return read(changed(kGood, from, to)); }
    KeyReport with_rights(const std::string& list) { return change("[" + kAll + "]", "[" + list + "]"); }
    static KeyRights rights(std::initializer_list<KeyRight> list)
    {
        KeyRights result;
        for (const KeyRight right : list) result.add(right);
        return result;
    }
    KeyTexts texts_;
};

TEST_F(KrakenKeyReport, a_clean_trade_key_in_either_spelling)
{
    std::string snake = changed(kGood, "ipAllowlist", "ip_allowlist");
    snake = changed(snake, "validUntil", "valid_until");
    snake = changed(snake, "createdTime", "created_time");
    for (const std::string& body : {kGood, snake}) {
        const KeyReport report = read(body);
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

TEST_F(KrakenKeyReport, names_of_rights_become_rights_exactly)
{
    struct Row {
        const char *more, *foreign;
        std::initializer_list<KeyRight> wanted;
    };
    const Row rows[] = {
        {R"("query-ledger","export-data")", "", {}},
        {R"("withdraw-funds")", "", {KeyRight::withdraw}},
        {R"("add-withdraw-address")", "", {KeyRight::address_book}},
        {R"("update-withdraw-address")", "", {KeyRight::address_book}},
        {R"("add-funds")", "add-funds", {KeyRight::other}},
        {R"("earn-funds","fly")", "earn-funds,fly", {KeyRight::other}},
        {R"("Withdraw-Funds")", "Withdraw-Funds", {KeyRight::other}},
        {R"("withdraw_funds")", "withdraw_funds", {KeyRight::other}},
    };
    for (const Row& row : rows) {
        const KeyReport report = with_rights(kAll + "," + row.more);
        ASSERT_EQ(report.answer, KeyAnswer::told) << row.more << report.text;
        KeyRights wanted = rights(row.wanted);
        wanted.add(KeyRight::read);
        wanted.add(KeyRight::trade);
        EXPECT_EQ(report.rights, wanted) << row.more;
        EXPECT_EQ(report.foreign, row.foreign);
    }
    EXPECT_EQ(with_rights(kReads).rights, rights({KeyRight::read}));
    EXPECT_EQ(with_rights(kReads).missing, "") << "nothing is missed where nothing may be traded";
    EXPECT_EQ(with_rights("").rights, KeyRights{});
}

TEST_F(KrakenKeyReport, half_of_a_right_is_named)
{
    EXPECT_EQ(with_rights(kReads + R"(,"modify-trades")").missing, "close-trades");
    EXPECT_EQ(with_rights(kReads + R"(,"close-trades")").missing, "modify-trades");
    EXPECT_TRUE(with_rights(kReads + R"(,"close-trades")").rights.has(KeyRight::trade));
    for (const char* one : {"query-funds", "query-open-trades", "query-closed-trades", "create-ws-token"}) {
        const KeyReport report = change(fmt::format("\"{}\",", one), "");
        EXPECT_EQ(report.answer, KeyAnswer::told);
        EXPECT_FALSE(report.rights.has(KeyRight::read)) << one;
        EXPECT_EQ(report.missing, one);
    }
}

TEST_F(KrakenKeyReport, addresses_and_the_last_day)
{
    for (const char* list : {"", R"("0.0.0.0/0")", R"("192.0.2.7","::/0")", R"("*")"}) {
        const KeyReport report = change(kAddresses, fmt::format(R"("ipAllowlist":[{}])", list));
        ASSERT_EQ(report.answer, KeyAnswer::told) << list;
        EXPECT_EQ(report.addresses, KeyTold::none) << list;
        EXPECT_EQ(report.address_list, "");
    }
    for (const char* until : {R"("1798848000")", "1798848000"}) {
        const KeyReport report = change(kValid, fmt::format("\"validUntil\":{}", until));
        ASSERT_EQ(report.answer, KeyAnswer::told) << until;
        EXPECT_EQ(report.expiry, KeyTold::some);
        EXPECT_EQ(report.expires, parse_utc("2027-01-02T00:00:00Z"));
    }
    EXPECT_EQ(change(kCreated + ",", "").answer, KeyAnswer::told);
}

TEST_F(KrakenKeyReport, what_has_another_shape_is_unreadable_and_says_where)
{
    const std::string list = "\"permissions\":[" + kAll + "]";
    struct Row {
        std::string from, to, field;
    };
    const Row rows[] = {
        {list + ",", "", "permissions"},
        {list, R"("permissions":null)", "permissions"},
        {list, R"("permissions":"query-funds")", "permissions"},
        {list, R"("permissions":{"query-funds":true})", "permissions"},
        {list, R"("permissions":[["query-funds"]])", "permissions"},
        {list, R"("permissions":[7])", "permissions"},
        {list, R"("permissions":[""])", "permissions"},
        {list, R"("permissions":["a,b"])", "permissions"},
        {list, R"("permissions":["\u001b[2J"])", "permissions"},
        {list, R"("permissions":["query-funds","query-funds"])", "permissions"},
        {list, "\"permissions\":[\"" + std::string(1000, 'x') + "\"]", "permissions"},
        {list, list + R"(,"permissions":["withdraw-funds"])", "permissions"},
        {kAddresses + ",", "", "ipAllowlist"},
        {kAddresses, R"("ipAllowlist":null)", "ipAllowlist"},
        {kAddresses, R"("ipAllowlist":"192.0.2.7")", "ipAllowlist"},
        {kAddresses, R"("ipAllowlist":[true])", "ipAllowlist"},
        {kAddresses, kAddresses + R"(,"ip_allowlist":[])", "ipAllowlist"},
        {kValid + ",", "", "validUntil"},
        {kValid, R"("validUntil":null)", "validUntil"},
        {kValid, R"("validUntil":"")", "validUntil"},
        {kValid, R"("validUntil":"soon")", "validUntil"},
        {kValid, R"("validUntil":"-1")", "validUntil"},
        {kValid, R"("validUntil":[])", "validUntil"},
        {kValid, R"("validUntil":1.5)", "validUntil"},
        {kValid, R"("validUntil":"99999999999999")", "validUntil"},
        {kValid, kValid + R"(,"valid_until":"0")", "validUntil"},
        {kCreated, R"("createdTime":"yesterday")", "createdTime"},
        {R"("result")", R"("results")", "result"},
        {R"("error":[])", R"("result":{})", "result"},
    };
    for (const Row& row : rows) {
        const KeyReport report = change(row.from, row.to);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << row.to.substr(0, 60);
        EXPECT_EQ(report.text.substr(0, row.field.size()), row.field) << row.to.substr(0, 60);
        EXPECT_EQ(report.rights, KeyRights{}) << "half an answer is none";
        EXPECT_LT(report.text.size(), 80U);
    }
}

TEST_F(KrakenKeyReport, bodies_of_any_kind_are_survived)
{
    const std::string deep(3000, '[');
    std::string crowd = kAll;
    for (int i = 0; i < 300; ++i) crowd += fmt::format(",\"r{}\"", i);
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
                                  R"({"error":[],"result":null})",
                                  R"({"error":[],"result":[]})",
                                  R"({"error":[],"result":{}})",
                                  std::string(1 << 20, ' ') + kGood,
                                  changed(kGood, kAll, crowd),
                                  changed(kGood, "[" + kAll, deep)};
    for (const std::string& body : bodies) {
        const KeyReport report = read(body);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << body.substr(0, 40);
        EXPECT_FALSE(report.text.empty());
    }
    for (std::size_t size = 0; size < kGood.size(); ++size)
        EXPECT_EQ(read(kGood.substr(0, size)).answer, KeyAnswer::unreadable) << size;
}

}  // namespace
}  // namespace arb::kraken
