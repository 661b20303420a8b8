// What Gate says of a key, read from tables of replies: as documented, and in every wrong shape.
#include "connectors/gate/key_report.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/gate/test_support.hpp"

namespace arb::gate::test {
namespace {

const std::string kPerms =
    R"("perms":[{"name":"spot","read_only":false},{"name":"unified","read_only":true}])";
const std::string kOurs = R"({"state":1,"mode":1,"name":"n","currency_pairs":[],"user_id":7,)"
                          R"("ip_whitelist":["192.0.2.7","192.0.2.8"],)" +
                          kPerms + R"(,"key":"testkey","created_at":"1700000000"})";
const std::string kGood = R"([{"state":2,"key":"another","perms":"odd"},)" + kOurs + "]";
const std::vector<std::string> kMarkets{"BTC_USDT", "ETH_USDT"};

KeyRights rights(std::initializer_list<KeyRight> list)
{
    KeyRights held;
    for (const KeyRight one : list) held.add(one);
    return held;
}

class GateKeyReport : public ::testing::Test {
  protected:
    KeyReport read(const std::string& body)
    {
        return read_key_report(body, "testkey", KeyUse::spot, kMarkets, texts_);
    }
    KeyReport with(const std::string& from, const std::string& to) { return read(changed(kGood, from, to)); }
    KeyTexts texts_;
};

TEST_F(GateKeyReport, a_clean_trade_key)
{
    const KeyReport report = read(kGood);
    ASSERT_EQ(report.answer, KeyAnswer::told) << report.text;
    EXPECT_EQ(report.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(report.missing, "");
    EXPECT_EQ(report.foreign, "");
    EXPECT_EQ(report.addresses, KeyTold::some);
    EXPECT_EQ(report.address_list, "192.0.2.7,192.0.2.8");
    EXPECT_EQ(report.expiry, KeyTold::silent);
}

// A recording does not hold the id of the key that asked.
TEST_F(GateKeyReport, a_replay_takes_the_key_that_fits_and_moves_no_money)
{
    const auto key = [](const char* id, const char* perms) {
        return std::string(
                   R"({"state":1,"currency_pairs":[],"ip_whitelist":[],"perms":[{"name":"unified","read_only":true},)") +
               perms + R"(],"key":")" + id + R"("})";
    };
    const std::string moves =
        key("a", R"({"name":"spot","read_only":false},{"name":"withdraw","read_only":false})");
    const std::string reads = key("b", R"({"name":"spot","read_only":true})");
    const std::string trades = key("c", R"({"name":"spot","read_only":false})");
    const std::string list = "[" + moves + "," + reads + "," + trades + "]";
    const KeyReport trade = read_key_report(list, "replay", KeyUse::spot, kMarkets, texts_, true);
    ASSERT_EQ(trade.answer, KeyAnswer::told) << trade.text;
    EXPECT_EQ(trade.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(read_key_report(list, "replay", KeyUse::spot, kMarkets, texts_, false).rights,
              rights({KeyRight::read}));
    EXPECT_EQ(read_key_report("[" + moves + "]", "replay", KeyUse::spot, kMarkets, texts_, true).answer,
              KeyAnswer::unreadable);
}

TEST_F(GateKeyReport, names_of_rights_become_rights_exactly)
{
    struct Row {
        const char *perms, *foreign, *missing;
        std::initializer_list<KeyRight> wanted;
    };
    const Row rows[] = {
        {R"({"name":"spot","read_only":true})", "", "", {KeyRight::read}},
        {R"({"name":"futures","read_only":false})", "", "spot,unified", {KeyRight::trade}},
        {R"({"name":"spot","read_only":false})", "", "unified", {KeyRight::read, KeyRight::trade}},
        {R"({"name":"wallet","read_only":true})", "", "", {}},
        {R"({"name":"wallet","read_only":false})", "", "", {KeyRight::transfer}},
        {R"({"name":"withdraw","read_only":false})", "", "", {KeyRight::withdraw}},
        {R"({"name":"withdrawal","read_only":false})", "", "", {KeyRight::withdraw}},
        {R"({"name":"withdraw","read_only":true})", "", "", {}},
        {R"({"name":"unified","read_only":false},{"name":"spot","read_only":true})",
         "unified",
         "",
         {KeyRight::read, KeyRight::other}},
        {R"({"name":"loan","read_only":false},{"name":"crossx","read_only":false})",
         "loan,crossx",
         "",
         {KeyRight::other}},
        {"", "", "", {}},
    };
    for (const Row& row : rows) {
        const KeyReport report = with(kPerms, fmt::format(R"("perms":[{}])", row.perms));
        ASSERT_EQ(report.answer, KeyAnswer::told) << row.perms << report.text;
        EXPECT_EQ(report.rights, rights(row.wanted)) << row.perms;
        EXPECT_EQ(report.foreign, row.foreign) << row.perms;
        EXPECT_EQ(report.missing, row.missing) << row.perms;
    }
}

TEST_F(GateKeyReport, contracts_want_their_own_right_and_no_other)
{
    struct Row {
        const char *perms, *missing;
        std::initializer_list<KeyRight> wanted;
    };
    const Row rows[] = {
        {R"({"name":"futures","read_only":false})", "", {KeyRight::read, KeyRight::trade}},
        {R"({"name":"futures","read_only":true})", "", {KeyRight::read}},
        {R"({"name":"spot","read_only":false})", "futures", {KeyRight::trade}},
        {R"({"name":"futures","read_only":true},{"name":"spot","read_only":false})",
         "futures",
         {KeyRight::read, KeyRight::trade}},
    };
    for (const Row& row : rows) {
        const std::string list = changed(kGood, kPerms, fmt::format(R"("perms":[{}])", row.perms));
        const KeyReport report = read_key_report(list, "testkey", KeyUse::contracts, kMarkets, texts_);
        ASSERT_EQ(report.answer, KeyAnswer::told) << row.perms << report.text;
        EXPECT_EQ(report.rights, rights(row.wanted)) << row.perms;
        EXPECT_EQ(report.missing, row.missing) << row.perms;
    }
}

TEST_F(GateKeyReport, a_key_that_is_bound_to_markets_lacks_the_others)
{
    EXPECT_EQ(with(R"("currency_pairs":[])", R"("currency_pairs":["BTC_USDT","ETH_USDT","X_Y"])").missing,
              "");
    EXPECT_EQ(with(R"("currency_pairs":[])", R"("currency_pairs":["BTC_USDT"])").missing, "ETH_USDT");
}

TEST_F(GateKeyReport, without_addresses_it_is_good_from_any)
{
    const KeyReport report = with(R"(["192.0.2.7","192.0.2.8"])", "[]");
    ASSERT_EQ(report.answer, KeyAnswer::told);
    EXPECT_EQ(report.addresses, KeyTold::none);
    EXPECT_EQ(report.address_list, "");
}

TEST_F(GateKeyReport, what_has_another_shape_is_unreadable_and_says_where)
{
    struct Row {
        std::string from, to, text;
    };
    const std::string spot = R"({"name":"spot","read_only":false})";
    const Row rows[] = {
        {R"("key":"testkey")", R"("key":"testkey2")", "the list does not hold this key"},
        {R"("key":"testkey")", R"("key":{"id":"testkey"})", "the list does not hold this key"},
        {R"("key":"another")", R"("key":"testkey")", "the list holds this key twice"},
        {R"("key":"testkey")", R"("key":"testkey","key":"testkey")", "key is told twice"},
        {R"("state":1)", R"("state":2)", "state says that the key is locked or frozen"},
        {R"("state":1)", R"("state":"1")", "state is no whole number"},
        {R"("state":1,)", "", "state is not there"},
        {kPerms + ",", "", "perms is not there"},
        {kPerms, R"("perms":{})", "perms is no list"},
        {kPerms, R"("perms":["spot"])", "perms holds no object"},
        {spot, R"({"name":"spot"})", "read_only is not there"},
        {spot, R"({"name":"spot","read_only":0})", "read_only is neither true nor false"},
        {spot, R"({"read_only":false})", "name is not there"},
        {spot, R"({"name":"a b","read_only":false})", "perms holds what is no name"},
        {spot, spot + "," + spot, "perms names a right twice"},
        {R"("currency_pairs":[],)", "", "currency_pairs is not there"},
        {R"(["192.0.2.7","192.0.2.8"])", R"("192.0.2.7")", "ip_whitelist is no list"},
    };
    for (const Row& row : rows) {
        const KeyReport report = with(row.from, row.to);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << row.to;
        EXPECT_EQ(report.text, row.text) << row.to;
    }
    for (const char* body : {"", "[", "{}", "[]", "7", R"([],"keys":[])"})
        EXPECT_EQ(read(body).answer, KeyAnswer::unreadable) << body;
}

}  // namespace
}  // namespace arb::gate::test
