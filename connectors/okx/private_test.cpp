// Private messages to facts: golden frames, and frames that are none.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::okx::test {
namespace {

using arb::test::money;
using arb::test::VenueLink;

const std::string kOrder =
    R"({"instType":"SPOT","instId":"LINK-USDT","ordId":"880","clOrdId":"%","tag":"","px":"27.15","sz":"12.5",)"
    R"("ordType":"limit","side":"sell","state":"partially_filled","accFillSz":"2.5","fillPx":"27.16",)"
    R"("fillSz":"2.5","fillTime":"1597026383086","tradeId":"4401","fillFee":"-0.0679","fillFeeCcy":"USDT",)"
    R"("execType":"M","cancelSource":"","uTime":"1597026383090","cTime":"1597026383000"})";
const std::string kAccountEntry =
    R"({"uTime":"1597026383085","details":[{"ccy":"USDT","eq":"9","cashBal":"1234.567890123456789",)"
    R"("availBal":"1000.5","uTime":"1597026383085"}]})";
const std::string kPosition =
    R"({"instType":"SWAP","instId":"LINK-USDT-SWAP","posSide":"net","pos":"-15","uTime":"1597026383085"})";

class OkxPrivate : public ::testing::Test {
  protected:
    OkxPrivate() : link_(type(), "", link_definitions(), FeeTaking::received)
    {
        link_.start();
        link_.run(seconds(1));
        EXPECT_TRUE(link_.ready(Channel::private_stream));
        forget();
    }
    void forget()
    {
        link_.orders.clear();
        link_.fills.clear();
        link_.balances.clear();
        link_.ends.clear();
        link_.undecoded.clear();
    }
    // The first private socket comes after the one public connection.
    void hear(const std::string& text)
    {
        static_cast<SessionOutbox&>(link_).send(SessionId{2}, text);
        link_.run(milliseconds(5));
    }
    static std::string ours(const std::string& entry)
    {
        return changed(entry, "%", client_order_id(make_order_id(7, 9)).view());
    }
    std::size_t facts() const
    {
        return link_.orders.size() + link_.fills.size() + link_.balances.size() + link_.ends.size();
    }
    VenueLink link_;
};

TEST_F(OkxPrivate, an_order_with_its_fill)
{
    hear(stream("orders", ours(kOrder)));
    ASSERT_EQ(link_.orders.size(), 1U);
    const auto& order = link_.orders[0];
    EXPECT_EQ(order.report.order, make_order_id(7, 9));
    EXPECT_EQ(order.report.listing, kLink);
    EXPECT_EQ(order.report.status, OrderStatus::working);
    EXPECT_EQ(order.report.source, ReportSource::stream);
    EXPECT_TRUE(order.report.has_filled);
    EXPECT_EQ(order.report.filled, link_.quantity("2.5"));
    EXPECT_EQ(order.report.quantity, link_.quantity("12.5"));
    EXPECT_EQ(order.report.price, link_.price("27.15"));
    EXPECT_EQ(order.report.side, Side::sell);
    EXPECT_EQ(order.report.venue_time.ns, 1597026383090'000'000);
    EXPECT_EQ(order.venue_id, "880");
    ASSERT_EQ(link_.fills.size(), 1U);
    const auto& fill = link_.fills[0];
    EXPECT_EQ(fill.report.order, make_order_id(7, 9));
    EXPECT_EQ(fill.report.price, link_.price("27.16"));
    EXPECT_EQ(fill.report.quantity, link_.quantity("2.5"));
    EXPECT_TRUE(fill.report.maker);
    EXPECT_TRUE(fill.report.has_fee);
    EXPECT_EQ(fill.report.fee, money("0.0679"));
    EXPECT_EQ(fill.fee_asset, "USDT");
    EXPECT_EQ(fill.trade_id, "4401");
    EXPECT_EQ(fill.report.venue_time.ns, 1597026383086'000'000);
    EXPECT_TRUE(link_.undecoded.empty());
}

TEST_F(OkxPrivate, states_and_rebates)
{
    const std::pair<const char*, OrderStatus> kStates[] = {{"live", OrderStatus::working},
                                                           {"filled", OrderStatus::filled},
                                                           {"canceled", OrderStatus::cancelled},
                                                           {"mmp_canceled", OrderStatus::cancelled}};
    for (const auto& [state, status] : kStates) {
        forget();
        hear(stream("orders", changed(ours(kOrder), "partially_filled", state)));
        ASSERT_EQ(link_.orders.size(), 1U) << state;
        EXPECT_EQ(link_.orders[0].report.status, status) << state;
    }
    forget();
    hear(stream("orders", changed(ours(kOrder), "-0.0679", "0.0011")));
    EXPECT_EQ(link_.fills.at(0).report.fee, money("-0.0011"));
    // No trade: no fill. A post-only order that would have taken ends as cancelled with a source of its own.
    forget();
    std::string none = changed(ours(kOrder), R"("tradeId":"4401")", R"("tradeId":"")");
    none = changed(none, "partially_filled", "canceled");
    hear(stream("orders", changed(none, R"("cancelSource":"")", R"("cancelSource":"31")")));
    EXPECT_TRUE(link_.fills.empty());
    EXPECT_EQ(link_.orders.at(0).report.reason, RejectReason::would_take);
}

// Entries of some accounts have no "fillFee": then the order's fee is the fill's as long as it is the only
// one.
TEST_F(OkxPrivate, a_fill_without_a_fee_of_its_own)
{
    const std::string bare = changed(ours(kOrder), R"("fillFee":"-0.0679","fillFeeCcy":"USDT",)",
                                     R"("fee":"-0.07","feeCcy":"USDT",)");
    hear(stream("orders", bare));
    ASSERT_EQ(link_.fills.size(), 1U);
    EXPECT_TRUE(link_.fills[0].report.has_fee);
    EXPECT_EQ(link_.fills[0].report.fee, money("0.07"));
    forget();
    hear(stream("orders", changed(bare, R"("accFillSz":"2.5")", R"("accFillSz":"4")")));
    ASSERT_EQ(link_.fills.size(), 1U);
    EXPECT_FALSE(link_.fills[0].report.has_fee) << "the fee of both is not that of one";
}

TEST_F(OkxPrivate, strangers_are_told_as_such)
{
    hear(stream("orders", changed(kOrder, "%", "b15")));
    ASSERT_EQ(link_.orders.size(), 1U);
    EXPECT_EQ(link_.orders[0].report.order, kForeignOrder);
    EXPECT_EQ(link_.orders[0].client_id, "b15");
    // A market buy counts quote currency: its quantity says nothing here.
    forget();
    std::string market = changed(kOrder, R"("ordType":"limit")", R"("ordType":"market")");
    market =
        changed(changed(market, R"("sz":"12.5")", R"("sz":"339.3751")"), R"("px":"27.15")", R"("px":"")");
    hear(stream("orders", changed(market, "%", "")));
    ASSERT_EQ(link_.orders.size(), 1U);
    EXPECT_TRUE(link_.orders[0].report.quantity.zero());
    EXPECT_EQ(link_.orders[0].report.price.units, 0);
}

TEST_F(OkxPrivate, contracts_become_units_of_the_asset)
{
    std::string entry = changed(ours(kOrder), "LINK-USDT", "LINK-USDT-SWAP");
    entry = changed(changed(entry, R"("sz":"12.5")", R"("sz":"125")"), R"("accFillSz":"2.5")",
                    R"("accFillSz":"25")");
    hear(stream("orders", changed(entry, R"("fillSz":"2.5")", R"("fillSz":"25")")));
    ASSERT_EQ(link_.orders.size(), 1U);
    EXPECT_EQ(link_.orders[0].report.listing, kLinkSwap);
    EXPECT_EQ(link_.orders[0].report.quantity, link_.quantity("12.5", 1));
    ASSERT_EQ(link_.fills.size(), 1U);
    EXPECT_EQ(link_.fills[0].report.quantity, link_.quantity("2.5", 1));
}

TEST_F(OkxPrivate, balances_and_positions)
{
    hear(stream("account", kAccountEntry));
    ASSERT_EQ(link_.balances.size(), 1U);
    EXPECT_EQ(link_.balances[0].asset, "USDT");
    EXPECT_EQ(link_.balances[0].report.total, money("1234.567890123456789"));
    EXPECT_EQ(link_.balances[0].report.free, money("1000.5"));
    forget();
    hear(stream("positions", kPosition));
    ASSERT_EQ(link_.balances.size(), 1U);
    EXPECT_EQ(link_.balances[0].asset, "LINK/USDT:PERP");
    EXPECT_EQ(link_.balances[0].report.total, money("-1.5"));
    EXPECT_FALSE(link_.balances[0].report.has_free);
    // Inverse contracts count quote currency; in long and short mode the size has no sign.
    forget();
    std::string future = changed(kPosition, "LINK-USDT-SWAP", "LINK-USD-261225");
    hear(stream("positions", changed(changed(future, "-15", "4"), "net", "short")));
    ASSERT_EQ(link_.balances.size(), 1U);
    EXPECT_EQ(link_.balances[0].asset, "LINK/USD:261225");
    EXPECT_EQ(link_.balances[0].report.total, money("-40"));
    // A margin position of the spot pair is no asset of ours.
    forget();
    hear(stream("positions", changed(kPosition, "LINK-USDT-SWAP", "LINK-USDT")));
    EXPECT_EQ(facts(), 0U);
}

TEST_F(OkxPrivate, every_cut_of_a_frame_is_counted_and_tells_nothing)
{
    for (const auto& [channel, entry] : {std::pair<const char*, std::string>{"orders", ours(kOrder)},
                                         std::pair<const char*, std::string>{"account", kAccountEntry},
                                         std::pair<const char*, std::string>{"positions", kPosition}}) {
        const std::string whole = stream(channel, entry);
        for (std::size_t cut = 0; cut < whole.size(); ++cut) {
            forget();
            static_cast<SessionOutbox&>(link_).send(SessionId{2}, whole.substr(0, cut));
            link_.run(milliseconds(3));
            ASSERT_EQ(facts(), 0U) << whole.substr(0, cut);
            ASSERT_EQ(link_.undecoded.size(), 1U) << whole.substr(0, cut);
        }
        forget();
        hear(whole);
        EXPECT_GT(facts(), 0U);
    }
}

TEST_F(OkxPrivate, fields_of_a_wrong_kind_spoil_their_fact_alone)
{
    struct Row {
        const char *from, *to;
        std::size_t orders, fills;
    };
    const Row kRows[] = {
        {R"("px":"27.15")", R"("px":"27,15")", 0, 1},
        {R"("px":"27.15")", R"("px":"-1")", 0, 1},
        {R"("sz":"12.5")", R"("sz":"1e9")", 0, 1},
        {R"("sz":"12.5")", R"("sz":12.5)", 0, 1},
        {R"("accFillSz":"2.5")", R"("accFillSz":"x")", 0, 1},
        {R"("accFillSz":"2.5")", R"("accFillSz":"9223372036854775808")", 0, 1},
        {R"("side":"sell")", R"("side":"both")", 0, 0},
        {R"("side":"sell")", R"("side":7)", 0, 0},
        {R"("state":"partially_filled")", R"("state":"odd")", 0, 1},
        {R"("ordId":"880")", R"("ordId":880)", 0, 1},
        {R"("fillPx":"27.16")", R"("fillPx":"0")", 1, 0},
        {R"("fillSz":"2.5")", R"("fillSz":"2.55555")", 1, 0},
        {R"("fillFee":"-0.0679")", R"("fillFee":"nan")", 1, 0},
        {R"("instId":"LINK-USDT")", R"("instId":"NOPE-USDT")", 0, 0},
        {R"("instId":"LINK-USDT")", R"("instId":{})", 0, 0},
    };
    for (const Row& row : kRows) {
        forget();
        const std::string entry = changed(ours(kOrder), row.from, row.to);
        ASSERT_FALSE(entry.empty()) << row.from;
        hear(stream("orders", entry));
        EXPECT_EQ(link_.orders.size(), row.orders) << row.to;
        EXPECT_EQ(link_.fills.size(), row.fills) << row.to;
        EXPECT_FALSE(link_.undecoded.empty()) << row.to;
    }
    for (
        const char* text :
        {"[]", "7", "null", "{}", R"({"data":[]})", R"({"arg":[],"data":[]})",
         R"({"arg":{"channel":"orders"},"data":{}})", R"({"arg":{"channel":"moon"},"data":[1]})",
         R"({"arg":{"channel":"orders"},"data":[1,"x",null]})",
         R"({"arg":{"channel":"account"},"data":[{"details":[{"ccy":"A","cashBal":"z"}]}]})",
         R"({"arg":{"channel":"positions"},"data":[{"instId":"LINK-USDT-SWAP","posSide":"net","pos":"-"}]})"}) {
        forget();
        hear(text);
        EXPECT_EQ(facts(), 0U) << text;
        EXPECT_FALSE(link_.undecoded.empty()) << text;
    }
}

TEST_F(OkxPrivate, replies_that_belong_to_nothing_change_nothing)
{
    for (const char* text :
         {R"({"id":"1","op":"order","code":"0","data":[{"ordId":"1","sCode":"0"}]})", R"({"op":"order"})",
          R"({"id":[],"op":"order","code":0,"data":7})", R"({"event":7})", R"({"event":"login","code":"0"})",
          R"({"event":"subscribe","arg":{"channel":"orders"}})", R"({"event":"notice","code":"64000"})",
          R"({"event":"channel-conn-count","channel":"orders","connCount":"2"})"}) {
        hear(text);
        EXPECT_EQ(facts(), 0U) << text;
    }
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    // The item's code counts, whatever the outer one says; without either the outcome is not known.
    const std::pair<const char*, const char*> kReplies[] = {
        {R"("code":"1","data":[{"ordId":"","sCode":"51008","sMsg":"x"}])", "refused"},
        {R"("code":"0","data":[{"ordId":"5","sCode":"51149","sMsg":"x"}])", "unknown"},
        {R"("code":"1","data":[])", "unknown"},
        {R"("code":"50004","data":[])", "unknown"},
        {R"("code":"60011","data":[])", "refused"},
        {R"("data":[])", "unknown"},
        {R"("code":"0","data":[{"ordId":"5","sCode":"0"}])", "done"},
    };
    std::string asked;
    link_.on_to_venue = [&](VenueLink::Message& m) {
        asked = m.text;
        return false;
    };
    for (const auto& [rest, outcome] : kReplies) {
        forget();
        const OrderId id = link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
        const std::string number = asked.substr(7, asked.find('"', 7) - 7);
        hear(R"({"id":")" + number + R"(","op":"order",)" + rest + "}");
        ASSERT_EQ(link_.ends.size(), 1U) << rest;
        EXPECT_STREQ(name(link_.ends[0].end.outcome), outcome) << rest;
        EXPECT_EQ(link_.ends[0].end.order, id);
        EXPECT_EQ(link_.orders.size(), std::string_view(outcome) == "done" ? 1U : 0U) << rest;
    }
    EXPECT_EQ(link_.orders.at(0).report.status, OrderStatus::pending);
    EXPECT_EQ(link_.orders.at(0).venue_id, "5");
}

}  // namespace
}  // namespace arb::okx::test
