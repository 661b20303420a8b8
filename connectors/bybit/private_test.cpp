// Private frames to facts: golden ones, and every damaged form of them.
#include <gtest/gtest.h>

#include "connectors/bybit/private_decoder.hpp"
#include "connectors/bybit/private_fields.hpp"
#include "connectors/bybit/test_support.hpp"

namespace arb::bybit {
namespace {

struct PrivateSink final : TradingSink {
    struct Order {
        OrderReport report;
        std::string venue_id, client_id;
    };
    struct Fill {
        FillReport report;
        std::string trade_id, fee_asset, venue_id;
    };
    struct Balance {
        BalanceReport report;
        std::string asset;
    };
    std::vector<Order> orders;
    std::vector<Fill> fills;
    std::vector<Balance> balances;
    std::vector<UndecodedReason> troubles;

    void on_undecoded(const Undecoded& u) override
    {
        EXPECT_EQ(u.listing, kNoListing) << "no book is in doubt";
        troubles.push_back(u.reason);
    }
    void on_order_report(const OrderReport& r) override
    {
        orders.push_back({r, std::string(r.venue_id), std::string(r.client_id)});
    }
    void on_fill_report(const FillReport& r) override
    {
        fills.push_back({r, std::string(r.trade_id), std::string(r.fee_asset), std::string(r.venue_id)});
    }
    void on_balance_report(const BalanceReport& r) override { balances.push_back({r, std::string(r.asset)}); }
    std::size_t facts() const { return orders.size() + fills.size() + balances.size(); }
};

const OrderId kOurs = make_order_id(9, 77);

std::string ours()
{
    return std::string(client_order_id(kOurs).view());
}

std::string order_frame(const std::string& changes_from = "", const std::string& changes_to = "")
{
    std::string text =
        R"({"id":"1_17000","topic":"order.linear","creationTime":1700000001234,"data":[{"category":"linear",)"
        R"("symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee020","orderLinkId":")" +
        ours() +
        R"(","side":"Sell","positionIdx":0,"price":"61000.50","qty":"0.025","orderStatus":"PartiallyFilled",)"
        R"("cancelType":"UNKNOWN","rejectReason":"EC_NoError","avgPrice":"61000.5","leavesQty":"0.015",)"
        R"("cumExecQty":"0.010","cumExecValue":"610.005","timeInForce":"GTC","orderType":"Limit",)"
        R"("reduceOnly":false,"createdTime":"1700000001000","updatedTime":"1700000001230"}]})";
    return changes_from.empty() ? text : test::replaced(text, changes_from, changes_to);
}

std::string fill_frame(const std::string& from = "", const std::string& to = "")
{
    std::string text =
        R"({"id":"2","topic":"execution.spot","creationTime":1700000001300,"data":[{"category":"spot",)"
        R"("symbol":"BTCUSDT","orderId":"2200000000001000001","orderLinkId":")" +
        ours() +
        R"(","side":"Buy","orderPrice":"60000.1","orderQty":"0.5","leavesQty":"0.3","execId":"2290000000000500001",)"
        R"("execPrice":"60000.1","execQty":"0.200003","execValue":"12000.2","execFee":"0.000200003",)"
        R"("feeCurrency":"BTC","feeRate":"0.001","isMaker":true,"execType":"Trade","execTime":"1700000001290",)"
        R"("seq":42}]})";
    return from.empty() ? text : test::replaced(text, from, to);
}

const char* const kWallet =
    R"({"id":"3","topic":"wallet","creationTime":1700000001400,"data":[{"accountType":"UNIFIED","coin":[)"
    R"({"coin":"USDT","equity":"10","walletBalance":"12345678.123456789012345678","locked":"45.5"},)"
    R"({"coin":"BTC","walletBalance":"-0.5","locked":""},{"coin":"ETH","walletBalance":"","locked":""}]}]})";

const char* const kPosition =
    R"({"id":"4","topic":"position.linear","creationTime":1700000001500,"data":[{"category":"linear",)"
    R"("symbol":"BTCUSDT","side":"Sell","size":"0.125","positionIdx":0},)"
    R"({"category":"linear","symbol":"BTCUSDT","side":"","size":"0","positionIdx":0}]})";

class BybitPrivateTest : public ::testing::Test {
  protected:
    const InstrumentTable table_ = test::table();
    PrivateDecoder linear_{{test::kLinearVenue, &table_, 0, nullptr}};
    PrivateDecoder spot_{{test::kSpotVenue, &table_, 0, nullptr}};
    simdjson::dom::parser parser_;
    PaddedBuffer buffer_;
    PrivateSink sink_;

    bool feed(PrivateDecoder& decoder, std::string_view text)
    {
        const PaddedText padded = buffer_.assign(text);
        simdjson::dom::object root;
        if (parser_.parse(padded.data, padded.size, false).get(root) != simdjson::SUCCESS) return false;
        decoder.event(root, ConnectionId{1}, sink_);
        return true;
    }
};

TEST_F(BybitPrivateTest, ReadsAnOrder)
{
    ASSERT_TRUE(feed(linear_, order_frame()));
    ASSERT_EQ(sink_.orders.size(), 1U);
    const auto& [report, venue_id, client_id] = sink_.orders[0];
    EXPECT_EQ(report.order, kOurs);
    EXPECT_EQ(report.listing, test::kLinear);
    EXPECT_EQ(report.status, OrderStatus::working);
    EXPECT_EQ(report.reason, RejectReason::none);
    EXPECT_EQ(report.source, ReportSource::stream);
    EXPECT_TRUE(report.has_filled);
    EXPECT_EQ(report.filled.units, 10) << "10^-3 BTC";
    EXPECT_EQ(report.quantity.units, 25);
    EXPECT_EQ(report.price.units, 610'005);
    EXPECT_EQ(report.side, Side::sell);
    EXPECT_EQ(venue_id, "5cf98598-39a7-459e-97bf-76ca765ee020");
    EXPECT_EQ(client_id, ours());
    EXPECT_EQ(report.venue_time.ns, 1'700'000'001'230'000'000);
    EXPECT_TRUE(sink_.troubles.empty());
}

TEST_F(BybitPrivateTest, KnowsEveryStatus)
{
    struct Row {
        const char* word;
        const char* filled;
        OrderStatus status;
    };
    for (const Row& row : {
             Row{"New", "0", OrderStatus::working},
             {"Untriggered", "0", OrderStatus::working},
             {"Filled", "0.025", OrderStatus::filled},
             {"Cancelled", "0.01", OrderStatus::cancelled},
             {"PartiallyFilledCanceled", "0.01", OrderStatus::cancelled},
             {"Deactivated", "0", OrderStatus::cancelled},
             {"Rejected", "0", OrderStatus::rejected},
             {"Rejected", "0.01", OrderStatus::cancelled},
         }) {
        sink_.orders.clear();
        PrivateDecoder fresh({test::kLinearVenue, &table_, 0, nullptr});
        ASSERT_TRUE(feed(fresh, test::replaced(order_frame("PartiallyFilled", row.word), "\"0.010\"",
                                               std::string("\"") + row.filled + "\"")));
        ASSERT_EQ(sink_.orders.size(), 1U) << row.word;
        EXPECT_EQ(sink_.orders[0].report.status, row.status) << row.word;
    }
    EXPECT_EQ(sink_.orders[0].report.reason, RejectReason::none) << "what was filled in part is not refused";
    sink_.orders.clear();
    ASSERT_TRUE(feed(linear_, test::replaced(test::replaced(order_frame("PartiallyFilled", "Cancelled"),
                                                            "\"0.010\"", "\"0\""),
                                             "EC_NoError", "EC_PostOnlyWillTakeLiquidity")));
    EXPECT_EQ(sink_.orders.at(0).report.reason, RejectReason::would_take);
    EXPECT_TRUE(sink_.troubles.empty());
    ASSERT_TRUE(feed(linear_, order_frame("PartiallyFilled", "Invented")));
    EXPECT_EQ(sink_.troubles, std::vector<UndecodedReason>{UndecodedReason::unknown_message});
}

// Every push holds the whole order, so that another price is told as the first one was.
TEST_F(BybitPrivateTest, TellsThePriceThatAnAmendLeft)
{
    for (const char* word : {"New", "PartiallyFilled"}) {
        for (const char* price : {"61000.50", "60990.1", "61003"}) {
            sink_.orders.clear();
            ASSERT_TRUE(
                feed(linear_, test::replaced(order_frame("PartiallyFilled", word), "61000.50", price)));
            ASSERT_EQ(sink_.orders.size(), 1U);
            EXPECT_EQ(sink_.orders[0].report.status, OrderStatus::working);
            EXPECT_EQ(sink_.orders[0].report.price.units, *Decimal::parse(price)->scaled(1)) << price;
            EXPECT_EQ(sink_.orders[0].report.filled.units, 10);
            EXPECT_EQ(sink_.orders[0].venue_id, "5cf98598-39a7-459e-97bf-76ca765ee020");
        }
    }
}

TEST_F(BybitPrivateTest, AnOrderThatRestedIsNotRejected)
{
    const auto told = [&](std::string text, const std::string& word) {
        text = test::replaced(text, "PartiallyFilled", word);
        text = test::replaced(text, "\"0.010\"", "\"0\"");
        sink_.orders.clear();
        EXPECT_TRUE(feed(linear_, test::replaced(text, "EC_NoError", "EC_PostOnlyWillTakeLiquidity")));
        EXPECT_EQ(sink_.orders.at(0).report.reason,
                  word == "Rejected" ? RejectReason::would_take : RejectReason::none);
        return sink_.orders.at(0).report.status;
    };
    EXPECT_EQ(told(order_frame(), "Rejected"), OrderStatus::rejected);
    EXPECT_EQ(told(order_frame(), "New"), OrderStatus::working);
    EXPECT_EQ(told(order_frame(), "Rejected"), OrderStatus::cancelled) << "another price of it would take";
    const std::string other(client_order_id(make_order_id(9, 78)).view());
    EXPECT_EQ(told(order_frame(ours(), other), "Rejected"), OrderStatus::rejected);
    EXPECT_EQ(told(order_frame(ours(), "web-1"), "New"), OrderStatus::working);
    EXPECT_EQ(told(order_frame(ours(), "web-2"), "Rejected"), OrderStatus::rejected);
    EXPECT_TRUE(sink_.troubles.empty());
}

TEST_F(BybitPrivateTest, TellsStrangersOrdersAndLeavesOutOtherMarkets)
{
    ASSERT_TRUE(feed(linear_, order_frame(ours(), "web-1")));
    EXPECT_EQ(sink_.orders.at(0).report.order, kForeignOrder);
    EXPECT_EQ(sink_.orders.at(0).client_id, "web-1");
    sink_.orders.clear();
    ASSERT_TRUE(feed(linear_, order_frame("\"category\":\"linear\"", "\"category\":\"spot\"")));
    ASSERT_TRUE(feed(linear_, order_frame("\"BTCUSDT\"", "\"DOGEUSDT\"")));
    EXPECT_EQ(sink_.facts(), 0U);
    EXPECT_TRUE(sink_.troubles.empty());
    // A stranger's market order has no price.
    ASSERT_TRUE(feed(linear_, order_frame("\"61000.50\"", "\"\"")));
    EXPECT_EQ(sink_.orders.at(0).report.price.units, 0);
}

TEST_F(BybitPrivateTest, ReadsAFill)
{
    ASSERT_TRUE(feed(spot_, fill_frame()));
    ASSERT_EQ(sink_.fills.size(), 1U);
    const auto& [report, trade_id, fee_asset, venue_id] = sink_.fills[0];
    EXPECT_EQ(report.order, kOurs);
    EXPECT_EQ(report.listing, test::kSpot);
    EXPECT_EQ(report.side, Side::buy);
    EXPECT_EQ(report.price.units, 600'001);
    EXPECT_EQ(report.quantity.units, 200'003);
    EXPECT_TRUE(report.maker);
    EXPECT_TRUE(report.has_fee);
    EXPECT_EQ(report.fee, *parse_amount("0.000200003"));
    EXPECT_EQ(fee_asset, "BTC");
    EXPECT_EQ(trade_id, "2290000000000500001");
    EXPECT_EQ(venue_id, "2200000000001000001");
    EXPECT_EQ(report.venue_time.ns, 1'700'000'001'290'000'000);
}

TEST_F(BybitPrivateTest, KnowsWhatAFeeIsTakenFrom)
{
    const auto asset = [&](const std::string& text, PrivateDecoder& decoder) {
        sink_.fills.clear();
        EXPECT_TRUE(feed(decoder, text));
        return sink_.fills.empty() ? std::string() : sink_.fills[0].fee_asset;
    };
    const std::string silent = fill_frame("\"feeCurrency\":\"BTC\"", "\"feeCurrency\":\"\"");
    EXPECT_EQ(asset(silent, spot_), "BTC") << "a buyer pays in what is bought";
    EXPECT_EQ(asset(test::replaced(silent, "\"Buy\"", "\"Sell\""), spot_), "USDT");
    const std::string rebate = test::replaced(silent, "\"0.000200003\"", "\"-0.1\"");
    EXPECT_EQ(asset(rebate, spot_), "USDT");
    EXPECT_EQ(sink_.fills.at(0).report.fee, *parse_amount("-0.1"));
    std::string contract = test::replaced(silent, "\"category\":\"spot\"", "\"category\":\"linear\"");
    contract = test::replaced(contract, "0.200003\"", "0.200\"");
    EXPECT_EQ(asset(contract, linear_), "USDT");
    EXPECT_EQ(asset(fill_frame("\"0.000200003\"", "\"\""), spot_), "BTC");
    EXPECT_FALSE(sink_.fills.at(0).report.has_fee);
}

TEST_F(BybitPrivateTest, FundingIsNoFill)
{
    for (const char* type : {"Funding", "SessionSettlePnL"})
        ASSERT_TRUE(feed(spot_, fill_frame("\"Trade\"", std::string("\"") + type + "\"")));
    EXPECT_EQ(sink_.facts(), 0U);
    EXPECT_TRUE(sink_.troubles.empty());
    std::size_t moved = 0;
    for (const char* type : {"AdlTrade", "BustTrade", "BlockTrade", "MovePosition", "FutureSpread",
                             "Delivery", "Settle", "CorporateAction"}) {
        ASSERT_TRUE(feed(spot_, fill_frame("\"Trade\"", std::string("\"") + type + "\"")));
        EXPECT_EQ(sink_.fills.size(), ++moved) << type << " moves what we hold, without an order of ours";
    }
    ASSERT_TRUE(feed(spot_, fill_frame("\"Trade\"", "\"Invented\"")));
    EXPECT_EQ(sink_.fills.size(), moved);
    EXPECT_EQ(sink_.troubles, std::vector<UndecodedReason>{UndecodedReason::unknown_message});
}

TEST_F(BybitPrivateTest, ReadsBalancesAndPositions)
{
    ASSERT_TRUE(feed(spot_, kWallet));
    ASSERT_EQ(sink_.balances.size(), 2U) << "a coin without a balance says nothing";
    EXPECT_EQ(sink_.balances[0].asset, "USDT");
    EXPECT_EQ(sink_.balances[0].report.total.text(), "12345678.123456789012345678");
    EXPECT_EQ(sink_.balances[0].report.free.text(), "12345632.623456789012345678");
    EXPECT_EQ(sink_.balances[1].report.total.text(), "-0.5");
    EXPECT_FALSE(sink_.balances[1].report.has_free);
    sink_.balances.clear();
    ASSERT_TRUE(feed(linear_, kPosition));
    ASSERT_EQ(sink_.balances.size(), 2U);
    EXPECT_EQ(sink_.balances[0].asset, table_.instrument_of(test::kLinear).name);
    EXPECT_EQ(sink_.balances[0].report.total.text(), "-0.125");
    EXPECT_TRUE(sink_.balances[1].report.total.zero());
}

TEST_F(BybitPrivateTest, RefusesDamagedNumbersAndTypes)
{
    const std::pair<const char*, const char*> order_damage[] = {
        {"\"0.010\"", "\"-1\""},        {"\"0.010\"", "\"1e3\""}, {"\"0.010\"", "\"0.0000001\""},
        {"\"0.010\"", "0.010"},         {"\"0.010\"", "\"\""},    {"\"0.010\"", "\"99999999999999999999\""},
        {"\"Sell\"", "\"sell\""},       {"\"Sell\"", "null"},     {"\"PartiallyFilled\"", "3"},
        {"\"BTCUSDT\"", "[]"},          {"\"side\"", "\"edis\""}, {"\"cumExecQty\"", "\"cum\""},
        {"\"orderId\"", "\"dIredro\""},
    };
    for (const auto& [from, to] : order_damage) {
        sink_.troubles.clear();
        ASSERT_TRUE(feed(linear_, order_frame(from, to)));
        EXPECT_EQ(sink_.troubles.size(), 1U) << from << " " << to;
    }
    EXPECT_EQ(sink_.facts(), 0U);
    const std::pair<const char*, const char*> fill_damage[] = {
        {"\"0.200003\"", "\"0\""},
        {"\"0.200003\"", "\"\""},
        {"\"60000.1\",\"execQty\"", "\"0\",\"execQty\""},
        {"\"0.000200003\"", "\"x\""},
        {"\"2290000000000500001\"", "\"\""},
        {"\"isMaker\":true", "\"isMaker\":\"true\""},
    };
    for (const auto& [from, to] : fill_damage) {
        sink_.troubles.clear();
        ASSERT_TRUE(feed(spot_, fill_frame(from, to)));
        EXPECT_EQ(sink_.troubles.size(), 1U) << from << " " << to;
    }
    EXPECT_EQ(sink_.facts(), 0U);
    for (const char* text :
         {R"({"topic":"order","data":{}})", R"({"topic":"order.linear","data":[1,"x",[],null]})",
          R"({"topic":"wallet","data":[{}]})", R"({"topic":"wallet","data":[{"coin":[7,{"coin":3}]}]})",
          R"({"topic":7,"data":[]})", R"({"topic":"position","data":[{"symbol":"BTCUSDT","size":"1"}]})",
          R"({"topic":"invented","data":[{}]})", R"({"topic":"execution"})"}) {
        sink_.troubles.clear();
        ASSERT_TRUE(feed(linear_, text));
        EXPECT_FALSE(sink_.troubles.empty()) << text;
    }
    EXPECT_EQ(sink_.facts(), 0U);
}

TEST_F(BybitPrivateTest, AFrameCutAnywhereTellsNothing)
{
    for (const std::string& text :
         {order_frame(), fill_frame(), std::string(kWallet), std::string(kPosition)}) {
        for (std::size_t size = 0; size < text.size(); ++size) {
            EXPECT_FALSE(feed(linear_, std::string_view(text).substr(0, size))) << size;
            EXPECT_FALSE(feed(spot_, std::string_view(text).substr(0, size))) << size;
        }
    }
    EXPECT_EQ(sink_.facts(), 0U);
}

TEST_F(BybitPrivateTest, AnyByteMayBeChanged)
{
    std::size_t read = 0;
    for (const std::string& text :
         {order_frame(), fill_frame(), std::string(kWallet), std::string(kPosition)}) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            for (const char c : {'"', '{', ']', '9', '-', '.', '\0', '\xff', '\\'}) {
                std::string damaged = text;
                damaged[i] = c;
                read += feed(i % 2 == 0 ? linear_ : spot_, damaged) ? 1 : 0;
            }
        }
    }
    EXPECT_GT(read, 100U) << "some damage leaves JSON";
}

}  // namespace
}  // namespace arb::bybit
