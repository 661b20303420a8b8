// Wallets and positions of private frames: what is ours, what of it can be spent, and amounts to the last
// digit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/bybit/private_decoder.hpp"
#include "connectors/bybit/private_fields.hpp"
#include "connectors/bybit/test_support.hpp"

namespace arb::bybit {
namespace {

struct WalletSink final : TradingSink {
    std::vector<BalanceReport> balances;
    std::vector<UndecodedReason> troubles;

    void on_undecoded(const Undecoded& u) override { troubles.push_back(u.reason); }
    void on_balance_report(const BalanceReport& report) override { balances.push_back(report); }
};

class BybitWalletTest : public ::testing::Test {
  protected:
    const InstrumentTable table_ = test::table();
    PrivateDecoder decoder_{{test::kLinearVenue, &table_, 0, nullptr}};
    simdjson::dom::parser parser_;
    PaddedBuffer buffer_;
    WalletSink sink_;

    bool feed(std::string_view text)
    {
        const PaddedText padded = buffer_.assign(text);
        simdjson::dom::object root;
        if (parser_.parse(padded.data, padded.size, false).get(root) != simdjson::SUCCESS) return false;
        decoder_.event(root, ConnectionId{1}, sink_);
        return true;
    }
};

// What can be spent: the wallet without what is borrowed, and of that what neither orders nor positions bind.
TEST_F(BybitWalletTest, WhatIsBoundIsNotFree)
{
    struct Row {
        const char* coin;
        const char* total;
        const char* free;  ///< nullptr: not told
    };
    for (const Row& row : {
             Row{R"("walletBalance":"4100.5","locked":"40","totalPositionIM":"60.25","totalOrderIM":"0.25")",
                 "4100.5", "4000"},
             {R"("walletBalance":"100","locked":"0","totalPositionIM":"70","totalOrderIM":"50")", "100", "0"},
             {R"("walletBalance":"51000.5","totalOrderIM":"50.028","totalPositionIM":"0","spotBorrow":"0")",
              "51000.5", "50950.472"},
             {R"("walletBalance":"0.75","locked":"0.5","totalPositionIM":"","totalOrderIM":"")", "0.75",
              "0.25"},
             {R"("walletBalance":"1300","locked":"0","bonus":"20","spotBorrow":"300")", "1000", "980"},
             {R"("walletBalance":"0","locked":"0","spotBorrow":"0.07")", "-0.07", "0"},
             {R"("walletBalance":"201.5")", "201.5", nullptr},
             // Finer than 18 decimals: cut, downwards.
             {R"("walletBalance":"1.0000000000000000019","locked":"0")", "1.000000000000000001",
              "1.000000000000000001"},
         }) {
        sink_.balances.clear();
        ASSERT_TRUE(
            feed(std::string(R"({"topic":"wallet","data":[{"coin":[{"coin":"USDT",)") + row.coin + "}]}]}"));
        ASSERT_EQ(sink_.balances.size(), 1U) << row.coin;
        const BalanceReport& report = sink_.balances[0];
        EXPECT_EQ(report.total.text(), row.total) << row.coin;
        EXPECT_EQ(report.has_free, row.free != nullptr) << row.coin;
        if (row.free != nullptr) {
            EXPECT_EQ(report.free.text(), row.free) << row.coin;
        }
    }
    EXPECT_TRUE(sink_.troubles.empty());
}

// In hedge mode a symbol has a long and a short position: what we hold is their sum.
TEST_F(BybitWalletTest, BothSidesOfAHedgeAreOnePosition)
{
    const auto told = [&](std::string_view rows) {
        sink_.balances.clear();
        EXPECT_TRUE(feed(fmt::format(R"({{"topic":"position","data":[{}]}})", rows)));
        for (const BalanceReport& report : sink_.balances)
            EXPECT_EQ(report.total, sink_.balances.back().total) << "no half truth before";
        return sink_.balances.empty() ? "" : sink_.balances.back().total.text();
    };
    const std::string bought =
        R"({"category":"linear","symbol":"BTCUSDT","side":"Buy","size":"3","positionIdx":1})";
    const std::string sold =
        R"({"category":"linear","symbol":"BTCUSDT","side":"Sell","size":"1.25","positionIdx":2})";
    EXPECT_EQ(told(bought + "," + sold), "1.75");
    EXPECT_EQ(told(sold + "," + bought), "1.75");
    EXPECT_EQ(told(test::replaced(bought, "\"3\"", "\"0.5\"")), "-0.75") << "the other side stands still";
    EXPECT_EQ(told(R"({"category":"linear","symbol":"BTCUSDT","side":"","size":"0","positionIdx":2})"),
              "0.5");
    EXPECT_EQ(told(R"({"category":"linear","symbol":"BTCUSDT","side":"Sell","size":"2","positionIdx":0})"),
              "-2");
    EXPECT_TRUE(sink_.troubles.empty());
    EXPECT_EQ(told(test::replaced(bought, ":1", ":7")), "");
    EXPECT_EQ(sink_.troubles.size(), 1U);
}

TEST(BybitAmountTest, IsExactToEighteenDecimals)
{
    EXPECT_EQ(parse_amount("0.000000000000000001")->units, 1);
    EXPECT_EQ(parse_amount("9999999999999999999.5")->text(), "9999999999999999999.5");
    EXPECT_EQ(parse_amount("1.0000000000000000000000")->text(), "1");
    EXPECT_EQ(parse_amount("-0")->units, 0);
    EXPECT_EQ(parse_amount("106.44801351999999999999")->text(), "106.448013519999999999") << "cut";
    EXPECT_EQ(parse_amount("0.0000000000000000001")->units, 0);
    EXPECT_EQ(parse_amount("-0.0000000000000000001")->units, -1) << "never upwards";
    for (const char* text : {"", "-", ".", "1.", ".5", "+1", "1e5", "0x1", " 1", "1 ", "--1", "1.2.3",
                             "0.000000000000000000x", "99999999999999999999", "nan"}) {
        EXPECT_FALSE(parse_amount(text)) << text;
    }
    EXPECT_FALSE(parse_ms(""));
    EXPECT_FALSE(parse_ms("-5"));
    EXPECT_FALSE(parse_ms("99999999999999999"));
    EXPECT_EQ(parse_ms("1700000000000")->ns, 1'700'000'000'000'000'000);
}

}  // namespace
}  // namespace arb::bybit
