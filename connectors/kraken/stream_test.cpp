// The private stream as the venue writes it: sparse news are told with what was heard before, what is not
// known is asked for, and only the main wallet counts.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/kraken/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken::test {
namespace {

using arb::test::LinkLife;
using arb::test::LinkOrder;

class KrakenStream : public ::testing::Test, protected Life<LinkLife> {
  protected:
    KrakenStream() : Life(FeeTaking::quote)
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::request) asked.push_back(m.request.url + m.request.body);
            if (m.text.find("add_order") != std::string::npos)
                number =
                    m.text.substr(m.text.rfind("req_id") + 8, m.text.size() - m.text.rfind("req_id") - 9);
            // An order that nobody answers: what the venue says of it is said by the test.
            return m.text.find("add_order") == std::string::npos || answered;
        };
        link_.start();
        link_.run(seconds(1));
        asked.clear();
    }
    void say(const std::string& frame)
    {
        static_cast<SessionOutbox&>(link_).send(SessionId{2}, frame);
        settle();
    }
    void news(const std::string& row)
    {
        say(R"({"channel":"executions","type":"update","data":[{)" + row + R"(}],"sequence":)" +
            std::to_string(++sequence) + "}");
    }
    void wallet(const std::string& type, const std::string& rows)
    {
        say(R"({"channel":"balances","type":")" + type + R"(","data":[)" + rows + R"(],"sequence":1})");
    }
    OrderId order(TimeInForce tif = TimeInForce::gtc) { return link_.place(Side::sell, "10", "27.40", tif); }
    std::string client(OrderId id) const { return std::string(client_order_id(id).view()); }
    std::string begin(OrderId id, bool with_client = true) const
    {
        return R"("order_id":"OAAAAA-BBBBB-CCCCCC","symbol":"LINK/USDT","order_qty":10.0,"cum_cost":0.0,"time_in_force":"GTC","exec_type":"pending_new","side":"sell","order_type":"limit",)" +
               (with_client ? R"("cl_ord_id":")" + client(id) + R"(",)" : std::string()) +
               R"("limit_price_type":"static","limit_price":27.40,"stop_price":0.0,"order_status":"pending_new","fee_ccy_pref":"fciq","timestamp":"2026-05-02T10:00:00.100001Z")";
    }
    static std::string sparse(const std::string& word, const std::string& more = "")
    {
        return R"("timestamp":"2026-05-02T10:00:01.300000Z","order_status":")" + word + R"(","exec_type":")" +
               word + R"(","order_id":"OAAAAA-BBBBB-CCCCCC")" + more;
    }
    std::string last(OrderId id) const
    {
        const LinkOrder* found = link_.last(id);
        if (found == nullptr) return "nothing";
        const OrderReport& r = found->report;
        return fmt::format("{} filled {}{}", name(r.status),
                           link_.table.instrument_of(r.listing).text(r.filled), r.has_filled ? "" : "?");
    }
    std::size_t asked_for(std::string_view text) const
    {
        return static_cast<std::size_t>(std::count_if(
            asked.begin(), asked.end(), [&](const std::string& s) { return s.find(text) != s.npos; }));
    }
    void row_of(const std::string& row)
    {
        link_.instead_of_reply = [row](const HttpRequest& request) -> std::optional<ServerReply> {
            if (request.url.find("QueryOrders") == std::string::npos) return std::nullopt;
            return ServerReply{200, {}, R"({"error":[],"result":{)" + row + "}}"};
        };
    }
    std::vector<std::string> asked;
    std::string number;  ///< of the last order's request
    bool answered = false;
    int sequence = 0;
};

TEST_F(KrakenStream, an_orders_end_is_told_without_saying_again_what_it_was)
{
    const struct {
        const char *word, *more, *told;
    } kEnds[] = {
        {"canceled",
         R"(,"cum_qty":2.0,"cum_cost":54.8,"avg_price":27.4,"cancel_reason":"User requested","reason":"User requested")",
         "cancelled filled 2"},
        {"filled", R"(,"cum_qty":10.0,"cum_cost":274.0,"avg_price":27.4)", "filled filled 10"},
        {"expired", R"(,"cum_qty":0.0,"cum_cost":0.0,"reason":"Order expired")", "cancelled filled 0"},
        {"canceled", "", "cancelled filled 0?"},
    };
    int n = 0;
    for (const auto& row : kEnds) {
        const OrderId id = order();
        const std::string venue_id = fmt::format("OAAAAA-BBBBB-CCCC{:02}", ++n);
        const auto named = [&](std::string text) {
            return text.replace(text.find("OAAAAA-BBBBB-CCCCCC"), 19, venue_id);
        };
        news(named(begin(id)));
        EXPECT_EQ(last(id), "pending filled 0?");
        news(named(sparse("new")));
        EXPECT_EQ(last(id), "working filled 0?");
        news(named(sparse(row.word, row.more)));
        EXPECT_EQ(last(id), row.told);
        EXPECT_EQ(link_.last(id)->report.side, Side::sell);
        EXPECT_EQ(link_.last(id)->report.quantity, link_.quantity("10"));
    }
    EXPECT_TRUE(asked.empty()) << asked[0];
    EXPECT_TRUE(link_.undecoded.empty());
}

TEST_F(KrakenStream, a_fill_that_completes_and_says_partially_filled)
{
    const OrderId id = order();
    news(begin(id));
    news(
        R"("order_id":"OAAAAA-BBBBB-CCCCCC","exec_id":"TAAAAA-1","exec_type":"trade","trade_id":7,"symbol":"LINK/USDT","side":"sell","last_qty":10.0,"last_price":27.45,"liquidity_ind":"t","cost":274.5,"order_type":"limit","timestamp":"2026-05-02T10:00:01Z","order_status":"partially_filled","cum_qty":10.0,"cum_cost":274.5,"avg_price":27.45,"fees":[{"asset":"USDT","qty":0.7137}])");
    EXPECT_EQ(last(id), "working filled 10");
    ASSERT_EQ(link_.fills.size(), 1U);
    EXPECT_EQ(link_.fills[0].report.order, id);
    EXPECT_EQ(link_.fills[0].report.side, Side::sell);
    EXPECT_EQ(link_.fills[0].report.fee, arb::test::money("0.7137"));
    news(sparse("filled", R"(,"cum_qty":10.0,"cum_cost":274.5)"));
    EXPECT_EQ(last(id), "filled filled 10");
}

TEST_F(KrakenStream, an_amended_order_is_what_it_is_now)
{
    const OrderId id = order();
    news(begin(id));
    news(sparse("new"));
    news(
        R"("timestamp":"2026-05-02T10:00:02Z","exec_type":"amended","order_status":"new","cum_qty":0.0,"reason":"User requested","amended":true,"order_qty":12.0,"limit_price":27.50,"order_id":"OAAAAA-BBBBB-CCCCCC")");
    EXPECT_EQ(last(id), "working filled 0");
    EXPECT_EQ(link_.last(id)->report.quantity, link_.quantity("12"));
    EXPECT_EQ(link_.last(id)->report.price, link_.price("27.50"));
}

TEST_F(KrakenStream, news_of_an_order_that_nobody_remembers_are_asked_for)
{
    const OrderId id = order();
    row_of(
        R"("OAAAAA-BBBBB-CCCCCC":{"cl_ord_id":")" + client(id) +
        R"(","status":"canceled","descr":{"pair":"LINKUSDT","type":"sell","ordertype":"limit","price":"27.40"},"vol":"10.0","vol_exec":"2.0","cost":"54.8","fee":"0.1"})");
    news(sparse("canceled", R"(,"cum_qty":2.0)"));
    settle(milliseconds(200));  // an order is being placed: its reply may still name this one
    EXPECT_EQ(asked_for("QueryOrders"), 1U);
    EXPECT_EQ(asked_for("&txid=OAAAAA-BBBBB-CCCCCC"), 1U);
    EXPECT_EQ(last(id), "cancelled filled 2");
    EXPECT_EQ(link_.last(id)->report.source, ReportSource::query);
}

TEST_F(KrakenStream, a_word_that_nobody_knows_is_no_end_and_no_silence)
{
    const OrderId id = order();
    news(begin(id));
    row_of(
        R"("OAAAAA-BBBBB-CCCCCC":{"cl_ord_id":null,"status":"open","descr":{"pair":"LINKUSDT","type":"sell","ordertype":"limit","price":"27.40"},"vol":"10.0","vol_exec":"0.0"})");
    news(sparse("frozen"));
    EXPECT_EQ(asked_for("QueryOrders"), 1U);
    EXPECT_EQ(link_.undecoded.size(), 1U);
    EXPECT_EQ(last(id), "working filled 0") << "the venue left our id out: it was known already";
}

TEST_F(KrakenStream, the_first_news_may_come_before_the_reply_and_without_our_id)
{
    const OrderId id = order();
    news(begin(id, false));
    EXPECT_TRUE(link_.orders.empty()) << "nobody's yet";
    say(R"({"method":"add_order","req_id":)" + number +
        R"(,"result":{"order_id":"OAAAAA-BBBBB-CCCCCC","cl_ord_id":")" + client(id) +
        R"("},"success":true,"time_in":"2026-05-02T10:00:00Z","time_out":"2026-05-02T10:00:00Z"})");
    for (const LinkOrder& o : link_.orders) EXPECT_EQ(o.report.order, id);
    EXPECT_EQ(link_.orders.size(), 2U);
    news(sparse("new"));
    EXPECT_EQ(last(id), "working filled 0?");
    EXPECT_TRUE(asked.empty());
}

TEST_F(KrakenStream, what_comes_into_being_while_we_place_nothing_is_a_strangers)
{
    news(begin(OrderId{}, false));
    ASSERT_EQ(link_.orders.size(), 1U);
    EXPECT_EQ(link_.orders[0].report.order, kForeignOrder);
    news(sparse("new"));
    ASSERT_EQ(link_.orders.size(), 2U);
    EXPECT_EQ(link_.orders[1].report.order, kForeignOrder);
    EXPECT_EQ(link_.orders[1].report.status, OrderStatus::working);
    EXPECT_TRUE(asked.empty());
}

TEST_F(KrakenStream, an_order_that_finds_nothing_is_over_at_once)
{
    answered = true;
    link_.street("27.10", "27.20");
    const OrderId id = link_.place(Side::buy, "10", "27.15", TimeInForce::ioc);
    settle(milliseconds(10));
    EXPECT_EQ(last(id), "cancelled filled 0");
    EXPECT_TRUE(asked.empty()) << "the stream tells it";
}

TEST_F(KrakenStream, the_emulated_venue_tells_what_the_documents_show)
{
    answered = true;
    std::vector<std::string> said;
    link_.on_to_client = [&](Message& m) {
        if (m.text.find(R"("channel":"executions")") != std::string::npos) said.push_back(m.text);
        return true;
    };
    link_.street("27.10", "27.20", "4");
    (void)link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    ASSERT_EQ(said.size(), 4U);
    const char* const kWords[] = {"pending_new", "new", "trade", "canceled"};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NE(said[i].find(std::string(R"("exec_type":")") + kWords[i] + '"'), std::string::npos)
            << said[i];
        EXPECT_EQ(said[i].find("symbol") != std::string::npos, i == 0 || i == 2) << said[i];
    }
    EXPECT_NE(said[2].find(R"("order_status":"partially_filled")"), std::string::npos);
    EXPECT_NE(said[2].find(R"("avg_price":27.2)"), std::string::npos) << said[2];
}

TEST_F(KrakenStream, only_the_main_wallet_counts)
{
    link_.balances.clear();
    wallet(
        "snapshot",
        R"({"asset":"LINK","asset_class":"currency","balance":500,"wallets":[{"type":"spot","id":"main","balance":300},{"type":"earn","id":"flex","balance":200}]},{"wallets":[{"type":"spot","id":"main","balance":90.88000000}],"asset":"USDT","balance":90.88000000},{"asset":"XBT","balance":3,"wallets":[{"type":"earn","id":"flex","balance":3}]})");
    wallet(
        "update",
        R"({"asset":"LINK","wallet_type":"earn","wallet_id":"flexible","type":"reward","amount":0.00001,"fee":0.0,"balance":0.05001})");
    wallet(
        "update",
        R"({"asset":"LINK","wallet_type":"spot","wallet_id":"main","type":"trade","amount":-10,"fee":0.0,"balance":290},{"asset":"USDT","wallet_type":"spot","wallet_id":"main","type":"trade","amount":10.5,"fee":0.02,"balance":101.36})");
    std::string told;
    for (const auto& b : link_.balances) told += b.asset + " " + b.report.total.text() + ", ";
    EXPECT_EQ(told, "LINK 300, USDT 90.88, BTC 0, LINK 290, USDT 101.36, ");
    wallet("update", R"({"asset":"LINK","wallet_type":"spot","wallet_id":"main","balance":"x"})");
    EXPECT_EQ(link_.undecoded.size(), 1U);
}

TEST_F(KrakenStream, with_rewards_beside_it_the_streams_figure_is_not_the_whole)
{
    link_.instead_of_reply = [](const HttpRequest& request) -> std::optional<ServerReply> {
        if (request.url.find("BalanceEx") == std::string::npos) return std::nullopt;
        return ServerReply{
            200, {}, R"({"error":[],"result":{"LINK":{"balance":"1"},"LINK.F":{"balance":"0.5"}}})"};
    };
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    link_.balances.clear();
    wallet("update", R"({"asset":"LINK","wallet_type":"spot","wallet_id":"main","balance":0.9})");
    EXPECT_TRUE(link_.balances.empty());
}

// With all its odd ways: our id left out of every third order's first word, an earning wallet beside the main
// one.
TEST(KrakenManners, every_order_is_known_for_ours_and_the_money_is_what_it_is)
{
    arb::test::VenueLink link(type(), "spot", {link_definition()}, FeeTaking::quote, "trade", 7, true, true);
    link.deposit("USDT", "100000");
    link.deposit("LINK", "1000");
    link.street("27.10", "27.20");
    link.start();
    link.run(seconds(1));
    ASSERT_TRUE(link.ready(Channel::order_entry));
    for (int i = 0; i < 12; ++i) {
        link.street("27.10", "27.20", i % 2 == 0 ? "4" : "50");
        const OrderId id = link.place(Side::buy, "10", "27.20", TimeInForce::ioc);
        link.run(milliseconds(60));
        ASSERT_NE(link.last(id), nullptr) << i;
        EXPECT_EQ(link.last(id)->report.status, i % 2 == 0 ? OrderStatus::cancelled : OrderStatus::filled)
            << i;
        EXPECT_EQ(link.filled(id), link.quantity(i % 2 == 0 ? "4" : "10")) << i;
    }
    for (const LinkOrder& o : link.orders) EXPECT_NE(o.report.order, kForeignOrder) << o.venue_id;
    for (const EmulatedBalance& truth : link.exchange().balances(arb::test::VenueLink::kAccount)) {
        const auto told = std::find_if(link.balances.rbegin(), link.balances.rend(),
                                       [&](const auto& b) { return b.asset == truth.asset; });
        ASSERT_NE(told, link.balances.rend()) << truth.asset;
        EXPECT_EQ(told->report.total, truth.total) << truth.asset;
    }
}

}  // namespace
}  // namespace arb::kraken::test
