// Private messages to facts, number by number, and hostile ones: nothing crashes, nothing is half-applied.
#include <gtest/gtest.h>

#include "connectors/binance/private_decoder.hpp"
#include "connectors/binance/private_values.hpp"
#include "connectors/binance/test_support.hpp"

namespace arb::binance {
namespace {

using Reason = UndecodedReason;

struct Kept : test::Remembered {
    struct Order {
        OrderReport report;
        std::string venue_id, client_id;
    };
    struct FillKept {
        FillReport report;
        std::string trade_id, asset;
    };
    struct Balance {
        BalanceReport report;
        std::string asset;
    };
    std::vector<Order> orders;
    std::vector<FillKept> fills;
    std::vector<Balance> balances;
    void on_order_report(const OrderReport& r) override
    {
        orders.push_back({r, std::string(r.venue_id), std::string(r.client_id)});
    }
    void on_fill_report(const FillReport& r) override
    {
        fills.push_back({r, std::string(r.trade_id), std::string(r.fee_asset)});
    }
    void on_balance_report(const BalanceReport& r) override { balances.push_back({r, std::string(r.asset)}); }
    std::size_t all() const { return orders.size() + fills.size() + balances.size(); }
};

std::string replaced(std::string text, std::string_view what, std::string_view by)
{
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

class BinancePrivate : public ::testing::Test {
  protected:
    void use(const char* market)
    {
        table_ = test::table_of(market);
        memory_ = std::make_unique<AccountMemory>(table_);
        decoder_ = std::make_unique<PrivateDecoder>(VenueSetup{VenueId{0}, &table_, 0, nullptr},
                                                    market_of(market), *memory_);
    }
    Kept event(const std::string& text)
    {
        Kept sink;
        const PaddedBuffer buffer(text);
        simdjson::dom::object object;
        const PaddedText padded = buffer.text_of();
        if (!parser_.parse(padded.data, padded.size, false).get_object().get(object))
            (void)decoder_->event(object, ConnectionId{1}, sink);
        return sink;
    }

    InstrumentTable table_;
    std::unique_ptr<AccountMemory> memory_;
    std::unique_ptr<PrivateDecoder> decoder_;
    simdjson::dom::parser parser_;
};

constexpr OrderId kOrder = make_order_id(9, 77);

std::string our_id()
{
    return std::string(client_order_id(kOrder).view());
}

std::string trade()
{
    return R"({"e":"executionReport","E":1700000000500,"s":"BTCUSDT","c":")" + our_id() +
           R"(","S":"SELL","o":"LIMIT","f":"GTC","q":"0.30000000","p":"37000.10000000","P":"0.0","F":"0.0",)"
           R"("g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":4293153,"l":"0.10000000",)"
           R"("z":"0.20000000","L":"37000.25000000","n":"3.70002500","N":"USDT","T":1700000000499,"t":881,)"
           R"("I":8641984,"w":false,"m":true,"M":false,"O":1700000000001,"Z":"7400.0","Y":"0","V":"NONE"})";
}

std::string cancelled()
{
    return R"({"e":"executionReport","E":1700000000500,"s":"BTCUSDT","c":"cancelRequest1","S":"BUY",)"
           R"("o":"LIMIT","f":"GTC","q":"0.3","p":"37000.1","C":")" +
           our_id() +
           R"(","x":"CANCELED","X":"CANCELED","r":"NONE","i":4293154,"l":"0","z":"0.1","L":"0","n":"0",)"
           R"("N":null,"T":1700000000499,"t":-1,"w":false,"m":false})";
}

std::string futures_trade()
{
    return R"({"e":"ORDER_TRADE_UPDATE","E":1700000000500,"T":1700000000499,"o":{"s":"BTCUSDT","c":")" +
           our_id() +
           R"(","S":"BUY","o":"LIMIT","f":"IOC","q":"0.300","p":"37000.1","ap":"37000","sp":"0","x":"TRADE",)"
           R"("X":"FILLED","i":77001,"l":"0.100","z":"0.300","L":"36999.9","N":"USDT","n":"-0.18",)"
           R"("T":1700000000499,"t":5001,"b":"0","a":"0","m":false,"R":false,"ps":"BOTH","rp":"0"}})";
}

std::string account()
{
    return R"({"e":"outboundAccountPosition","E":1700000000500,"u":1700000000400,"B":[)"
           R"({"a":"BTC","f":"1.50000000","l":"0.25000000"},{"a":"USDT","f":"10","l":"0"}]})";
}

std::string futures_account()
{
    return R"({"e":"ACCOUNT_UPDATE","E":1700000000500,"T":1700000000499,"a":{"m":"ORDER","B":[)"
           R"({"a":"USDT","wb":"122624.12345678","cw":"100.1","bc":"0"}],"P":[{"s":"BTCUSDT","pa":"-0.250",)"
           R"("ep":"37000","cr":"0","up":"0","mt":"cross","iw":"0","ps":"BOTH"}]}})";
}

TEST_F(BinancePrivate, ASpotTrade)
{
    use("spot");
    const Kept facts = event(trade());
    ASSERT_EQ(facts.fills.size(), 1U);
    ASSERT_EQ(facts.orders.size(), 1U);
    const auto& fill = facts.fills[0];
    EXPECT_EQ(fill.report.order, kOrder);
    EXPECT_EQ(fill.report.side, Side::sell);
    EXPECT_EQ(fill.report.price, Price{3'700'025});
    EXPECT_EQ(fill.report.quantity, Quantity{10'000});
    EXPECT_TRUE(fill.report.maker);
    EXPECT_EQ(fill.report.fee, *amount_of(test::decimal("3.700025")));
    EXPECT_EQ(fill.asset, "USDT");
    EXPECT_EQ(fill.trade_id, "881");
    EXPECT_EQ(fill.report.venue_time, Timestamp{1'700'000'000'499'000'000});
    const auto& order = facts.orders[0];
    EXPECT_EQ(order.report.status, OrderStatus::working);
    EXPECT_EQ(order.report.filled, Quantity{20'000});
    EXPECT_EQ(order.report.quantity, Quantity{30'000});
    EXPECT_EQ(order.report.price, Price{3'700'010});
    EXPECT_EQ(order.venue_id, "4293153");
    EXPECT_EQ(order.report.source, ReportSource::stream);
    EXPECT_EQ(memory_->orders.find(4293153), kOrder);
    EXPECT_FALSE(memory_->orders.find(4293154));
}

TEST_F(BinancePrivate, ACancelNamesTheOrderInItsOriginalId)
{
    use("spot");
    const Kept facts = event(cancelled());
    ASSERT_EQ(facts.orders.size(), 1U);
    EXPECT_EQ(facts.orders[0].report.order, kOrder);
    EXPECT_EQ(facts.orders[0].report.status, OrderStatus::cancelled);
    EXPECT_EQ(facts.orders[0].report.filled, Quantity{10'000});
    EXPECT_TRUE(facts.fills.empty());
}

TEST_F(BinancePrivate, AFuturesTradeWithARebate)
{
    use("usdm");
    const Kept facts = event(futures_trade());
    ASSERT_EQ(facts.fills.size(), 1U);
    EXPECT_EQ(facts.fills[0].report.fee, *amount_of(test::decimal("-0.18")));
    EXPECT_EQ(facts.fills[0].report.price, Price{369'999});
    ASSERT_EQ(facts.orders.size(), 1U);
    EXPECT_EQ(facts.orders[0].report.status, OrderStatus::filled);
    EXPECT_EQ(facts.orders[0].report.filled, Quantity{300});
}

TEST_F(BinancePrivate, BalancesAndPositions)
{
    use("spot");
    Kept facts = event(account());
    ASSERT_EQ(facts.balances.size(), 2U);
    EXPECT_EQ(facts.balances[0].asset, "BTC");
    EXPECT_EQ(facts.balances[0].report.total, *amount_of(test::decimal("1.75")));
    EXPECT_EQ(facts.balances[0].report.free, *amount_of(test::decimal("1.5")));
    use("usdm");
    facts = event(futures_account());
    ASSERT_EQ(facts.balances.size(), 2U);
    EXPECT_EQ(facts.balances[0].report.total, *amount_of(test::decimal("122624.12345678")));
    EXPECT_EQ(facts.balances[1].asset, table_.instrument_of(ListingId{0}).name);
    EXPECT_EQ(facts.balances[1].report.total, *amount_of(test::decimal("-0.25")));
}

TEST_F(BinancePrivate, ReasonsOfOrdersThatEnded)
{
    EXPECT_EQ(reason_of("EXPIRED_IN_MATCH", "GTC", "", {}), RejectReason::self_trade);
    EXPECT_EQ(reason_of("EXPIRED", "FOK", "UNFILLED_FOK_ORDER_EXPIRED", {}), RejectReason::unfilled);
    EXPECT_EQ(reason_of("EXPIRED", "IOC", "UNFILLED_IOC_QUANTITY_EXPIRED", {}), RejectReason::none);
    EXPECT_EQ(reason_of("EXPIRED", "GTX", "", {}), RejectReason::would_take);
    EXPECT_EQ(reason_of("EXPIRED", "GTC", "EXECUTION_RULE_PRICE_RANGE_EXCEEDED", {}),
              RejectReason::price_limit);
    EXPECT_EQ(reason_of("REJECTED", "GTC", "A_NEW_REASON", {}), RejectReason::other);
    EXPECT_EQ(reason_of("CANCELED", "GTC", "", {}), RejectReason::none);
    // USD-M tells a digit.
    EXPECT_EQ(reason_of("EXPIRED", "IOC", "2", Quantity{4}), RejectReason::none);
    EXPECT_EQ(reason_of("EXPIRED", "IOC", "2", {}), RejectReason::none);
    EXPECT_EQ(reason_of("EXPIRED", "IOC", "1", {}), RejectReason::self_trade);
    EXPECT_EQ(reason_of("EXPIRED", "IOC", "3", Quantity{4}), RejectReason::self_trade);
    EXPECT_EQ(reason_of("EXPIRED", "FOK", "0", {}), RejectReason::unfilled);
    EXPECT_EQ(reason_of("EXPIRED", "GTX", "0", {}), RejectReason::would_take);
    EXPECT_EQ(reason_of("EXPIRED", "GTC", "7", {}), RejectReason::no_market);
    EXPECT_EQ(reason_of("EXPIRED", "GTC", "9", Quantity{6}), RejectReason::none);
    EXPECT_EQ(reason_of("EXPIRED", "GTC", "5", {}), RejectReason::other);
    EXPECT_EQ(reason_of("CANCELED", "GTC", "5", {}), RejectReason::other);
    EXPECT_EQ(reason_of("CANCELED", "GTC", "0", {}), RejectReason::none);
}

TEST_F(BinancePrivate, LongAndShortOfOneSymbolAreOnePositionAndTold)
{
    use("usdm");
    const auto row = [](const char* amount, const char* side) {
        return std::string(R"({"s":"BTCUSDT","pa":")") + amount + R"(","ep":"37000","ps":")" + side + "\"}";
    };
    const auto change = [](const std::string& rows) {
        return R"({"e":"ACCOUNT_UPDATE","E":1700000000500,"T":1700000000499,"a":{"m":"ORDER","B":[],"P":[)" +
               rows + "]}}";
    };
    Kept facts = event(change(row("0", "BOTH") + "," + row("20", "LONG") + "," + row("-10", "SHORT")));
    ASSERT_EQ(facts.balances.size(), 1U);
    EXPECT_EQ(facts.balances[0].report.total, *amount_of(test::decimal("10")));
    EXPECT_TRUE(memory_->positions.take_hedge());
    EXPECT_FALSE(memory_->positions.take_hedge());
    // Only what changed is told: the other side still counts.
    facts = event(change(row("-25", "SHORT")));
    ASSERT_EQ(facts.balances.size(), 1U);
    EXPECT_EQ(facts.balances[0].report.total, *amount_of(test::decimal("-5")));
    facts = event(change(row("1", "ASKEW")));
    EXPECT_TRUE(facts.balances.empty());
    ASSERT_EQ(facts.troubles.size(), 1U);
    (void)memory_->positions.take_hedge();
    (void)event(change(row("3", "BOTH")));
    EXPECT_FALSE(memory_->positions.take_hedge());
    (void)event(replaced(futures_trade(), "\"ps\":\"BOTH\"", "\"ps\":\"SHORT\""));
    EXPECT_TRUE(memory_->positions.take_hedge());
}

TEST_F(BinancePrivate, TheVenueClosesAPosition)
{
    use("usdm");
    const std::string forced = replaced(replaced(futures_trade(), "\"x\":\"TRADE\"", "\"x\":\"CALCULATED\""),
                                        our_id(), "autoclose-15");
    // Announced: nothing is filled yet.
    const std::string announced = replaced(
        replaced(replaced(forced, "\"l\":\"0.100\"", "\"l\":\"0\""), "\"X\":\"FILLED\"", "\"X\":\"NEW\""),
        "\"z\":\"0.300\"", "\"z\":\"0\"");
    Kept facts = event(announced);
    EXPECT_TRUE(facts.fills.empty());
    EXPECT_TRUE(facts.troubles.empty());
    ASSERT_EQ(facts.orders.size(), 1U);
    EXPECT_EQ(facts.orders[0].report.status, OrderStatus::working);
    for (const char* status : {"FILLED", "NEW_ADL", "NEW_INSURANCE"}) {
        facts = event(replaced(forced, "\"X\":\"FILLED\"", "\"X\":\"" + std::string(status) + "\""));
        ASSERT_EQ(facts.fills.size(), 1U) << status;
        EXPECT_EQ(facts.fills[0].report.order, kForeignOrder);
        EXPECT_EQ(facts.fills[0].report.quantity, Quantity{100});
        ASSERT_EQ(facts.orders.size(), 1U);
        EXPECT_EQ(facts.orders[0].report.status, OrderStatus::filled) << status;
    }
}

TEST_F(BinancePrivate, AnUnknownExecutionIsToldAndItsTotalsCount)
{
    use("spot");
    const Kept facts = event(replaced(trade(), "\"x\":\"TRADE\"", "\"x\":\"MERGED\""));
    ASSERT_EQ(facts.troubles.size(), 1U);
    EXPECT_STREQ(name(facts.troubles[0].reason), name(Reason::unknown_message));
    EXPECT_EQ(facts.troubles[0].text, "MERGED");
    ASSERT_EQ(facts.orders.size(), 1U);
    EXPECT_EQ(facts.orders[0].report.filled, Quantity{20'000});
}

TEST_F(BinancePrivate, WrongValuesAreRefusedByReason)
{
    use("spot");
    const struct {
        std::string text;
        Reason reason;
    } rows[] = {
        {replaced(trade(), "\"BTCUSDT\"", "\"NOSUCH\""), Reason::unknown_instrument},
        {replaced(trade(), "\"BTCUSDT\"", "7"), Reason::wrong_type},
        {replaced(trade(), "\"SELL\"", "\"HOLD\""), Reason::wrong_type},
        {replaced(trade(), "\"PARTIALLY_FILLED\"", "\"MELTED\""), Reason::wrong_type},
        {replaced(trade(), "\"0.20000000\"", "\"-0.2\""), Reason::bad_quantity},
        {replaced(trade(), "\"0.10000000\"", "\"0\""), Reason::bad_quantity},
        {replaced(trade(), "\"37000.25000000\"", "\"37000.255\""), Reason::too_precise},
        {replaced(trade(), "\"37000.25000000\"", "37000.25"), Reason::wrong_type},
        {replaced(trade(), "\"37000.25000000\"", "\"99999999999999999999\""), Reason::bad_number},
        {replaced(trade(), "\"t\":881", "\"t\":-1"), Reason::bad_number},
        {replaced(trade(), "1700000000499", "-5"), Reason::bad_number},
        {replaced(trade(), "\"i\":4293153,", ""), Reason::missing_field},
        {replaced(trade(), "\"m\":true", "\"m\":\"yes\""), Reason::wrong_type},
        {replaced(trade(), "executionReport", "somethingNew"), Reason::unknown_message},
        {replaced(account(), "\"1.50000000\"", "\"1e9\""), Reason::bad_number},
        {replaced(account(), "\"B\":[{", "\"B\":[4,{"), Reason::wrong_type},
    };
    for (const auto& row : rows) {
        const Kept facts = event(row.text);
        EXPECT_EQ(facts.all(), 0U) << row.text;
        ASSERT_EQ(facts.troubles.size(), 1U) << row.text;
        EXPECT_STREQ(name(facts.troubles[0].reason), name(row.reason)) << row.text;
        EXPECT_EQ(facts.troubles[0].listing, kNoListing);  // no book is thrown away for it
    }
}

TEST_F(BinancePrivate, CutAtEveryByteAndEveryByteChanged)
{
    for (const char* market : {"spot", "usdm"}) {
        use(market);
        for (const std::string& whole :
             {trade(), cancelled(), futures_trade(), account(), futures_account()}) {
            for (std::size_t size = 0; size < whole.size(); ++size)
                EXPECT_EQ(event(whole.substr(0, size)).all(), 0U) << whole.substr(0, size);
            for (std::size_t at = 0; at < whole.size(); ++at) {
                for (const char c : {'"', '{', '9', '\0', '\xff'}) {
                    std::string changed = whole;
                    changed[at] = c;
                    (void)event(changed);
                }
            }
        }
    }
}

}  // namespace
}  // namespace arb::binance
