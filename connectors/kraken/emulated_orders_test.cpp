// The emulated Kraken's orders for strangers: market orders, orders by the dozen, clients' numbers, bodies of
// JSON, and what each tier may ask.
#include <gtest/gtest.h>

#include "connectors/kraken/emulated_support.hpp"
#include "engine/base/result.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::kraken::test {
namespace {

class KrakenStrangersOrders : public ::testing::Test, protected Stranger<EmulatedExchange, ExchangeRules> {
  protected:
    explicit KrakenStrangersOrders(const char* tier = "pro") : Stranger({{"tier", tier}}) {}

    static std::string refused(const std::string& why) { return R"({"error":[")" + why + R"("]})"; }
    static std::string said(const std::string& result) { return R"({"error":[],"result":)" + result + "}"; }
    /// The row of an order, from its userref on.
    std::string row(const std::string& id, const std::string& more = "")
    {
        const std::string text = post("QueryOrders", "txid=" + id + more);
        const std::size_t at = text.find("\"userref\"");
        return at == std::string::npos ? text : text.substr(at);
    }
    bool row_has(const std::string& id, const std::string& what)
    {
        const std::string text = row(id, "&trades=true");
        EXPECT_NE(text.find(what), std::string::npos) << text;
        return text.find(what) != std::string::npos;
    }
    static constexpr const char* kId = "OEMUL8-00001-000001";
    static constexpr const char* kNext = "OEMUL8-00001-000002";
    const std::string rest_ = R"("order_type":"limit","side":"buy","order_qty":10,"limit_price":20)";
};

TEST_F(KrakenStrangersOrders, a_market_order_by_rest_takes_the_book_and_is_shown_as_one)
{
    EXPECT_EQ(place("ordertype=market&volume=12.5"),
              said(R"({"descr":{"order":"buy 12.5 LINKUSDT @ market"},"txid":["OEMUL8-00001-000001"]})"));
    const std::string text = row(kId, "&trades=true");
    EXPECT_TRUE(row_has(
        kId,
        R"("descr":{"pair":"LINKUSDT","type":"buy","ordertype":"market","price":"0","price2":"0","leverage":"none","order":"buy 12.5 LINKUSDT @ market","close":""},"vol":"12.5","vol_exec":"12.5","cost":"340.1",)"));
    EXPECT_TRUE(
        row_has(kId, R"("price":"27.208","stopprice":"0.0","limitprice":"0.0","misc":"","oflags":"fciq",)"));
    EXPECT_TRUE(row_has(kId, R"("trades":["TEMUL8-500001","TEMUL8-500002","TEMUL8-500003"],"closetm":)"))
        << text;
    EXPECT_EQ(row(kId).find("\"trades\""), std::string::npos) << "only when asked for";
    EXPECT_NE(post("TradesHistory", "consolidate_taker=false").find(R"("ordertype":"market")"),
              std::string::npos);
    EXPECT_EQ(post("AddOrder", "pair=LINKUSDT&type=sell&ordertype=market&volume=3"),
              said(R"({"descr":{"order":"sell 3 LINKUSDT @ market"},"txid":["OEMUL8-00001-000002"]})"));
    EXPECT_EQ(open_orders(), 0U);
}

TEST_F(KrakenStrangersOrders, money_buys_as_many_lots_as_it_pays_for)
{
    EXPECT_EQ(place("ordertype=market&volume=300&oflags=viqc"),
              said(R"({"descr":{"order":"buy 300 LINKUSDT @ market"},"txid":["OEMUL8-00001-000001"]})"));
    EXPECT_TRUE(row_has(kId, R"("status":"closed")"));
    EXPECT_TRUE(row_has(kId, R"("vol":"300","vol_exec":"11","cost":"299.27",)"));
    EXPECT_TRUE(row_has(kId, R"("oflags":"fciq,viqc")"));
    const std::string viqc = refused("EGeneral:Invalid arguments:viqc");
    EXPECT_EQ(post("AddOrder", "pair=LINKUSDT&type=sell&ordertype=market&volume=300&oflags=viqc"), viqc);
    EXPECT_EQ(place("ordertype=limit&price=20&volume=300&oflags=viqc"), viqc);
    EXPECT_EQ(place("ordertype=market&volume=4&oflags=viqc&validate=true"),
              refused("EOrder:Cost minimum not met"));
    EXPECT_EQ(place("ordertype=market&volume=20&oflags=viqc"), refused("EOrder:Order minimum not met"));
    EXPECT_EQ(place("ordertype=market&volume=-1&oflags=viqc"), refused("EGeneral:Invalid arguments:volume"));
    EXPECT_EQ(place("ordertype=market&volume=x"), refused("EGeneral:Invalid arguments:volume"));
    EXPECT_EQ(place("ordertype=market&volume=0.5"), refused("EOrder:Order minimum not met"));
    EXPECT_EQ(place("ordertype=market&volume=2&oflags=post"),
              refused("EGeneral:Invalid arguments:post_only"));
    EXPECT_EQ(place("ordertype=market&volume=9000"), refused("EOrder:Insufficient funds"));
    street(0);
    EXPECT_EQ(place("ordertype=market&volume=2"), refused("EOrder:Insufficient liquidity"));
}

TEST_F(KrakenStrangersOrders, market_orders_by_websocket)
{
    open(kOne);
    (void)ask(kOne, "subscribe", R"("channel":"executions","snap_orders":false)");
    EXPECT_EQ(
        ask(kOne, "add_order",
            R"("order_type":"market","side":"buy","cash_order_qty":100,"symbol":"LINK/USDT","order_userref":7)"),
        R"({"method":"add_order","success":true,"result":{"order_id":"OEMUL8-00001-000001","order_userref":7})");
    const std::vector<std::string> news = taken(kOne);
    ASSERT_EQ(news.size(), 5U);
    EXPECT_NE(
        news[1].find(
            R"("exec_type":"pending_new","side":"buy","order_type":"market","cash_order_qty":100,"order_userref":7,"time_in_force":"GTC",)"),
        std::string::npos)
        << news[1];
    EXPECT_EQ(news[1].find("limit_price"), std::string::npos);
    EXPECT_NE(news[3].find(R"("order_type":"market")"), std::string::npos) << news[3];
    EXPECT_NE(news[4].find(R"("exec_type":"filled")"), std::string::npos) << news[4];
    EXPECT_EQ(
        ask(kOne, "add_order", R"("order_type":"market","side":"sell","order_qty":2,"symbol":"LINK/USDT")"),
        R"({"method":"add_order","success":true,"result":{"order_id":"OEMUL8-00001-000002"})");
    for (const char* wrong :
         {R"("side":"sell","cash_order_qty":100)", R"("side":"buy","cash_order_qty":100,"order_qty":1)"})
        EXPECT_EQ(
            ask(kOne, "add_order", std::string(R"("order_type":"market","symbol":"LINK/USDT",)") + wrong),
            R"({"method":"add_order","success":false,"error":"EGeneral:Invalid arguments:viqc")");
}

TEST_F(KrakenStrangersOrders, a_clients_number_is_told_filtered_and_cancels)
{
    for (const char* number : {"77", "77", "78"})
        (void)place(fmt::format("ordertype=limit&price=20&volume=1&userref={}", number));
    EXPECT_TRUE(row_has(kId, R"("userref":77,)"));
    const std::string filtered = post("OpenOrders", "userref=78");
    EXPECT_EQ(filtered.find(kId), std::string::npos);
    EXPECT_NE(filtered.find("OEMUL8-00001-000003"), std::string::npos);
    EXPECT_EQ(post("CancelOrder", "txid=77"), said(R"({"count":2,"pending":false})"));
    EXPECT_EQ(post("CancelOrder", "txid=77"), refused("EOrder:Unknown order"));
    open(kOne);
    EXPECT_EQ(ask(kOne, "cancel_order", R"("order_userref":[78])"),
              R"({"method":"cancel_order","success":true,"result":{"order_id":"OEMUL8-00001-000003"})");
    EXPECT_EQ(ask(kOne, "cancel_order", R"("order_userref":[78])"),
              R"({"method":"cancel_order","success":false,"error":"EOrder:Unknown order")");
    const std::string wrong = refused("EGeneral:Invalid arguments:userref");
    EXPECT_EQ(place("ordertype=limit&price=20&volume=1&userref=9999999999"), wrong);
    EXPECT_EQ(place("ordertype=limit&price=20&volume=1&userref=7&cl_ord_id=mine"), wrong);
    EXPECT_EQ(open_orders(), 0U);
}

TEST_F(KrakenStrangersOrders, a_body_may_be_json_and_is_signed_as_it_is)
{
    EXPECT_EQ(
        post(
            "AddOrder",
            R"("pair":"LINK/USDT","type":"buy","ordertype":"limit","price":20.00,"volume":"1","oflags":"post")",
            kJson),
        said(R"({"descr":{"order":"buy 1 LINKUSDT @ limit 20.00"},"txid":["OEMUL8-00001-000001"]})"));
    EXPECT_EQ(
        post("AmendOrder", R"("txid":"OEMUL8-00001-000001","limit_price":"20.5","post_only":true)", kJson),
        said(R"({"amend_id":"TEMULA-00001"})"));
    EXPECT_EQ(post("Balance", "", kJson), post("Balance", ""));
    // What is no object has no nonce to be signed with.
    EXPECT_EQ(post("Balance", R"("a":{"b":{"c":{"d":{"e":1}}}})", kJson), refused("EAPI:Invalid signature"));
    EXPECT_EQ(post("Balance", R"("a)", kJson), refused("EAPI:Invalid signature"));
    keys_[0].secret = keys_[1].secret;
    EXPECT_EQ(post("CancelAll", "", kJson), said(R"({"count":1})"));
}

TEST_F(KrakenStrangersOrders, a_batch_by_rest)
{
    EXPECT_EQ(
        post(
            "AddOrderBatch",
            R"("pair":"LINKUSDT","orders":[{"type":"buy","ordertype":"limit","price":"20","volume":"1","cl_ord_id":"a"},{"type":"buy","ordertype":"limit","price":"20","volume":"9000"},{"type":"sell","ordertype":"market","volume":"2"}])",
            kJson),
        said(
            R"({"orders":[{"txid":"OEMUL8-00001-000001","descr":{"order":"buy 1 LINKUSDT @ limit 20"}},{"error":"EOrder:Insufficient funds","descr":{"order":"buy 9000 LINKUSDT @ limit 20"}},{"txid":"OEMUL8-00001-000002","descr":{"order":"sell 2 LINKUSDT @ market"}}]})"));
    EXPECT_EQ(open_orders(), 1U);
    const std::string good =
        "orders%5B0%5D%5Btype%5D=buy&orders[0][ordertype]=limit&orders[0][price]=21&orders[0][volume]=1&";
    const auto form = [&](const std::string& second) {
        return post("AddOrderBatch", "pair=LINKUSDT&" + good + second);
    };
    const std::string other =
        "orders[1][type]=buy&orders[1][ordertype]=limit&orders[1][volume]=1&orders[1][price]=";
    EXPECT_EQ(form(other + "21.005"), refused("EOrder:Tick size check failed")) << "one is wrong: none";
    EXPECT_EQ(form(other + "0.01"), refused("EOrder:Cost minimum not met"));
    EXPECT_EQ(form(""), refused("EGeneral:Invalid arguments:orders"));
    EXPECT_EQ(open_orders(), 1U);
    EXPECT_EQ(
        form(other + "22&validate=true"),
        said(
            R"({"orders":[{"descr":{"order":"buy 1 LINKUSDT @ limit 21"}},{"descr":{"order":"buy 1 LINKUSDT @ limit 22"}}]})"));
    EXPECT_EQ(open_orders(), 1U);
    EXPECT_NE(form(other + "22").find("OEMUL8-00001-000004"), std::string::npos);
    EXPECT_EQ(open_orders(), 3U);
    std::string many = "pair=LINKUSDT";
    for (int i = 0; i < 16; ++i)
        many += fmt::format(
            "&orders[{0}][type]=buy&orders[{0}][ordertype]=limit&orders[{0}][price]=20&orders[{0}][volume]=1",
            i);
    EXPECT_EQ(post("AddOrderBatch", many), refused("EGeneral:Invalid arguments:orders"));
    EXPECT_EQ(post("AddOrderBatch", "pair=NONE&" + good + other + "22"),
              refused("EQuery:Unknown asset pair"));
}

TEST_F(KrakenStrangersOrders, cancelled_by_the_dozen_by_rest)
{
    for (const char* id : {"cl_ord_id=a", "cl_ord_id=b", "userref=7", "userref=7", "userref=8"})
        (void)place(fmt::format("ordertype=limit&price=20&volume=1&{}", id));
    EXPECT_EQ(
        post("CancelOrderBatch",
             R"("orders":["OEMUL8-00001-000001","OEMUL8-00009-000000",7],"cl_ord_ids":["a","b"])", kJson),
        said(R"({"count":4})"))
        << "what is named twice or not known does not count";
    EXPECT_EQ(open_orders(), 1U);
    EXPECT_EQ(post("CancelOrderBatch", "orders[0]=OEMUL8-00001-000005"), said(R"({"count":1})"));
    EXPECT_EQ(post("CancelOrderBatch", "", kJson), refused("EGeneral:Invalid arguments:orders"));
    std::string many = R"("orders":["x")";
    for (int i = 0; i < 50; ++i) many += fmt::format(",\"y{}\"", i);
    EXPECT_EQ(post("CancelOrderBatch", many + "]", kJson), refused("EGeneral:Invalid arguments:orders"));
    keys_[0].can_trade = false;
    EXPECT_EQ(post("CancelOrderBatch", R"("orders":["x"])", kJson), refused("EGeneral:Permission denied"));
    EXPECT_EQ(post("AddOrderBatch", R"("orders":[])", kJson), refused("EGeneral:Permission denied"));
}

TEST_F(KrakenStrangersOrders, batches_by_websocket)
{
    open(kOne);
    const std::string too_many =
        R"("order_type":"limit","side":"buy","order_qty":9000,"limit_price":20,"cl_ord_id":"b")";
    const auto batch = [&](const std::string& first, const std::string& second, const char* more = "") {
        return ask(kOne, "batch_add",
                   fmt::format(R"("symbol":"LINK/USDT"{},"orders":[{{{}}},{{{}}}])", more, first, second));
    };
    EXPECT_EQ(
        batch(rest_ + R"(,"cl_ord_id":"a")", too_many),
        R"({"method":"batch_add","success":true,"result":{"orders":[{"order_id":"OEMUL8-00001-000001","cl_ord_id":"a","success":true},{"cl_ord_id":"b","success":false,"error":"EOrder:Insufficient funds"}]})");
    EXPECT_EQ(batch(rest_, R"("order_type":"limit","side":"buy","order_qty":1)"),
              R"({"method":"batch_add","success":false,"error":"EGeneral:Invalid arguments:price")");
    EXPECT_EQ(
        batch(rest_, rest_, R"(,"validate":true)"),
        R"({"method":"batch_add","success":true,"result":{"orders":[{"order_id":"","success":true},{"order_id":"","success":true}]})");
    EXPECT_EQ(open_orders(), 1U);
    const std::string orders =
        R"({"method":"batch_add","success":false,"error":"EGeneral:Invalid arguments:orders")";
    EXPECT_EQ(ask(kOne, "batch_add", R"("symbol":"LINK/USDT")"), orders);
    EXPECT_EQ(ask(kOne, "batch_add", R"("symbol":"LINK/USDT","orders":[{)" + rest_ + "}]"), orders);
    (void)batch(rest_, rest_);
    EXPECT_EQ(ask(kOne, "batch_cancel",
                  R"("orders":["OEMUL8-00001-000002","OEMUL8-00001-000003"],"cl_ord_id":["a"])"),
              R"({"method":"batch_cancel","success":true,"result":{"count":3})");
    EXPECT_EQ(ask(kOne, "batch_cancel", R"("orders":["OEMUL8-00001-000002"])"),
              R"({"method":"batch_cancel","success":false,"error":"EGeneral:Invalid arguments:orders")");
    EXPECT_EQ(ask(kOne, "batch_cancel", R"("orders":["x","y"])"),
              R"({"method":"batch_cancel","success":true,"result":{"count":0})");
    EXPECT_EQ(open_orders(), 0U);
}

TEST_F(KrakenStrangersOrders, questions_of_the_highest_tier)
{
    int asked = 0;
    while (post("OpenOrders", "").find("EAPI:Rate limit exceeded") == std::string::npos) ++asked;
    EXPECT_EQ(asked, 20);
    now_ = now_ + seconds(2);
    EXPECT_EQ(post("TradesHistory", "").find("EAPI"), std::string::npos) << "costs two";
    EXPECT_NE(post("ClosedOrders", "").find("EAPI"), std::string::npos);
    EXPECT_EQ(post("CancelOrder", "txid=x"), refused("EOrder:Unknown order")) << "orders are not questions";
    EXPECT_EQ(post("AddOrderBatch", "pair=LINKUSDT"), refused("EGeneral:Invalid arguments:orders"));
}

TEST_F(KrakenStrangersOrders, orders_and_their_cancels_of_the_highest_tier)
{
    open(kOne);
    int rounds = 0;
    for (; rounds < 120; ++rounds) {
        const std::string answer = ask(kOne, "add_order", rest_ + R"(,"symbol":"LINK/USDT")");
        if (answer.find("EOrder:Rate limit exceeded") != std::string::npos) break;
        (void)ask(kOne, "cancel_order",
                  fmt::format(R"("order_id":["{}"])", answer.substr(answer.find("OEMUL8"), 19)));
    }
    EXPECT_EQ(rounds, 20) << "nine a round of 180";
}

class KrakenStrangersStarter : public KrakenStrangersOrders {
  protected:
    KrakenStrangersStarter() : KrakenStrangersOrders("starter") {}
};

TEST_F(KrakenStrangersStarter, questions_and_orders_of_the_lowest_tier)
{
    open(kOne);
    EXPECT_NE(ask(kOne, "subscribe", R"("channel":"executions")").find(R"("maxratecount":60,)"),
              std::string::npos);
    int asked = 1;  // for the token
    while (post("OpenOrders", "").find("EAPI:Rate limit exceeded") == std::string::npos) ++asked;
    EXPECT_EQ(asked, 15);
    const auto is_answered = [&] { return post("OpenOrders", "").find("EAPI") == std::string::npos; };
    now_ = now_ + seconds(1);
    EXPECT_TRUE(is_answered()) << "no more than reached, and then beyond";
    now_ = now_ + seconds(2);
    EXPECT_FALSE(is_answered()) << "a third of one a second";
    now_ = now_ + milliseconds(100);
    EXPECT_TRUE(is_answered());
    // Half of one each: sixty of two orders, and not one order more.
    const std::string two = R"("symbol":"LINK/USDT","orders":[{)" + rest_ + "},{" + rest_ + "}]";
    int batches = 0;
    while (ask(kOne, "batch_add", two).find("EOrder:Rate limit exceeded") == std::string::npos) ++batches;
    EXPECT_EQ(batches, 60);
    EXPECT_EQ(place("ordertype=limit&price=20&volume=1"), refused("EOrder:Rate limit exceeded"));
    EXPECT_EQ(post("CancelOrder", std::string("txid=") + kNext), refused("EOrder:Rate limit exceeded"));
    // Many at a time are cancelled all the same, and charged.
    EXPECT_EQ(post("CancelOrderBatch", R"("orders":["OEMUL8-00001-000001","OEMUL8-00001-000002"])", kJson),
              said(R"({"count":2})"));
    now_ = now_ + seconds(16);
    EXPECT_EQ(place("ordertype=limit&price=20&volume=1"), refused("EOrder:Rate limit exceeded"));
    now_ = now_ + seconds(1);
    EXPECT_NE(place("ordertype=limit&price=20&volume=1").find("txid"), std::string::npos);
}

TEST(KrakenStrangersTier, one_that_nobody_knows_is_refused)
{
    EmulatedVenueSetup setup;
    InstrumentTable table =
        std::move(InstrumentTable::build({{{"kraken", "spot"}, {link_definition()}}})).take();
    setup.table = &table;
    for (const auto& [name, value] : {std::pair{"tier", "gold"}, std::pair{"level", "pro"}}) {
        setup.settings = {{name, value}};
        EXPECT_THROW((void)make_emulated_venue(setup), StartError);
    }
}

}  // namespace
}  // namespace arb::kraken::test
