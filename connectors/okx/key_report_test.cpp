// What OKX says of a key, read from tables of replies: as documented, and in every wrong shape.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/okx/key_report.hpp"
#include "connectors/okx/life_support.hpp"

namespace arb::okx::test {
namespace {

const std::string kGood =
    R"({"code":"0","msg":"","data":[{"uid":"1","mainUid":"1","acctLv":"2","posMode":"net_mode",)"
    R"("perm":"read_only,trade","ip":"192.0.2.7,2001:db8::7","label":"n","type":"0","roleType":"0"}]})";
const std::string kPerm = R"("perm":"read_only,trade")";
const std::string kIp = R"("ip":"192.0.2.7,2001:db8::7")";

class OkxKeyReport : public ::testing::Test {
  protected:
    KeyReport read(const std::string& body) { return read_key_report(body, texts_); }
    KeyReport change(const std::string& from, const std::string& to)
    {
        const std::string body = changed(kGood, from, to);
        EXPECT_FALSE(body.empty()) << from;
        return read(body);
    }
    KeyReport with_rights(std::string_view list)
    {
        return change(kPerm, fmt::format(R"("perm":"{}")", list));
    }
    static KeyRights rights(std::initializer_list<KeyRight> list)
    {
        KeyRights result;
        for (const KeyRight right : list) result.add(right);
        return result;
    }
    KeyTexts texts_;
};

TEST_F(OkxKeyReport, a_clean_trade_key)
{
    const KeyReport report = read(kGood);
    ASSERT_EQ(report.answer, KeyAnswer::told) << report.text;
    EXPECT_EQ(report.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(report.missing, "");
    EXPECT_EQ(report.foreign, "");
    EXPECT_EQ(report.addresses, KeyTold::some);
    EXPECT_EQ(report.address_list, "192.0.2.7,2001:db8::7");
    EXPECT_EQ(report.expiry, KeyTold::none);
    EXPECT_FALSE(report.created.known());
}

TEST_F(OkxKeyReport, names_of_rights_become_rights_exactly)
{
    struct Row {
        const char *list, *foreign;
        std::initializer_list<KeyRight> wanted;
    };
    const Row rows[] = {
        {"read_only", "", {KeyRight::read}},
        {"trade", "", {KeyRight::trade}},
        {"withdraw", "", {KeyRight::withdraw}},
        {"read_only,withdraw,trade", "", {KeyRight::read, KeyRight::trade, KeyRight::withdraw}},
        {"trade,read_only", "", {KeyRight::read, KeyRight::trade}},
        {"read_only,Withdraw", "Withdraw", {KeyRight::read, KeyRight::other}},
        {"read_only,trades,fly", "trades,fly", {KeyRight::read, KeyRight::other}},
    };
    for (const Row& row : rows) {
        const KeyReport report = with_rights(row.list);
        ASSERT_EQ(report.answer, KeyAnswer::told) << row.list << report.text;
        EXPECT_EQ(report.rights, rights(row.wanted)) << row.list;
        EXPECT_EQ(report.foreign, row.foreign);
    }
}

TEST_F(OkxKeyReport, a_key_without_an_address_list_may_end_unannounced)
{
    for (const char* ip : {"", "0.0.0.0/0", "192.0.2.7,*", "::/0"}) {
        const KeyReport report = change(kIp, fmt::format(R"("ip":"{}")", ip));
        ASSERT_EQ(report.answer, KeyAnswer::told) << ip;
        EXPECT_EQ(report.addresses, KeyTold::none) << ip;
        EXPECT_EQ(report.address_list, "");
        EXPECT_EQ(report.expiry, KeyTold::silent);
    }
}

TEST_F(OkxKeyReport, what_has_another_shape_is_unreadable_and_says_where)
{
    struct Row {
        std::string from, to, field;
    };
    const Row rows[] = {
        {kPerm + ",", "", "perm"},
        {kPerm, R"("Perm":"read_only")", "perm"},
        {kPerm, R"("perm":"")", "perm"},
        {kPerm, R"("perm":null)", "perm"},
        {kPerm, R"("perm":7)", "perm"},
        {kPerm, R"("perm":["read_only"])", "perm"},
        {kPerm, R"("perm":{"read_only":true})", "perm"},
        {kPerm, R"("perm":"read_only,")", "perm"},
        {kPerm, R"("perm":",read_only")", "perm"},
        {kPerm, R"("perm":"read_only, trade")", "perm"},
        {kPerm, R"("perm":"read_only,read_only")", "perm"},
        {kPerm, R"("perm":"read_only,\u001b[2J")", "perm"},
        {kPerm, "\"perm\":\"" + std::string(1000, 'x') + "\"", "perm"},
        {kPerm, kPerm + R"(,"perm":"read_only,withdraw")", "perm"},
        {kIp + ",", "", "ip"},
        {kIp, R"("ip":null)", "ip"},
        {kIp, R"("ip":["192.0.2.7"])", "ip"},
        {kIp, R"("ip":"192.0.2.7,,")", "ip"},
        {kIp, kIp + R"(,"ip":"")", "ip"},
        {R"("data":[{)", R"("data":[],"d":[{)", "data"},
        {R"("data":[{)", R"("data":[{},{)", "data"},
        {R"("data":[{)", R"("data":[7],"d":[{)", "data"},
        {R"("data":[{)", R"("data":{},"d":[{)", "data"},
        {R"("data":[{)", R"("d":[{)", "data"},
        {R"("msg":"")", R"("data":[])", "data"},
    };
    for (const Row& row : rows) {
        const KeyReport report = change(row.from, row.to);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << row.to.substr(0, 60);
        EXPECT_EQ(report.text.substr(0, row.field.size()), row.field) << row.to.substr(0, 60);
        EXPECT_EQ(report.rights, KeyRights{}) << "half an answer is none";
        EXPECT_LT(report.text.size(), 80U);
    }
}

TEST_F(OkxKeyReport, bodies_of_any_kind_are_survived)
{
    const std::string deep(3000, '[');
    std::string crowd;
    for (int i = 0; i < 300; ++i) crowd += fmt::format("{}r{}", i == 0 ? "" : ",", i);
    const std::string bodies[] = {"",
                                  " ",
                                  "null",
                                  "[]",
                                  "7",
                                  "{}",
                                  "<html>",
                                  "{\"data\":",
                                  "\xff\xfe",
                                  deep,
                                  R"({"data":null})",
                                  R"({"data":[null]})",
                                  R"({"data":[[]]})",
                                  R"({"data":[{}]})",
                                  std::string(1 << 20, ' ') + kGood,
                                  changed(kGood, kPerm, "\"perm\":\"" + crowd + "\""),
                                  changed(kGood, kPerm, "\"perm\":" + deep)};
    for (const std::string& body : bodies) {
        const KeyReport report = read(body);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << body.substr(0, 40);
        EXPECT_FALSE(report.text.empty());
    }
    for (std::size_t size = 0; size < kGood.size(); ++size)
        EXPECT_EQ(read(kGood.substr(0, size)).answer, KeyAnswer::unreadable) << size;
}

}  // namespace
}  // namespace arb::okx::test
