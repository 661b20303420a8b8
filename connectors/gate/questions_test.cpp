// Questions by REST, and cancel-all, against the emulated venue: what is asked in how many requests, what
// proves that there is no order, and that a list which is cut says so.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/gate/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::gate::test {
namespace {

using arb::test::LinkLife;

ListingDefinition second_listing()
{
    ListingDefinition d = link_of("spot");
    d.symbol = "XRP_USDT";
    d.base = "XRP";
    return d;
}

/// LINK_USDT and XRP_USDT.
class GateQuestions : public ::testing::Test, protected LinkLife {
  protected:
    GateQuestions() : LinkLife(type(), "spot", {link_of("spot"), second_listing()}, FeeTaking::received)
    {
        link_.deposit("USDT", "100000");
        for (std::size_t i : {0, 1}) link_.street("27.10", "27.20", "1000", i);
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::request) urls.push_back(m.request.url);
            return true;
        };
    }
    void SetUp() override
    {
        link_.start();
        settle(seconds(1));
        ASSERT_TRUE(link_.ready(Channel::order_entry) && link_.ready(Channel::private_stream));
        urls.clear();
    }
    void query(RequestKind kind, Timestamp since = {})
    {
        link_.ends.clear();
        const auto all = link_.all_listings();
        Venue& venue = link_.venue();
        if (kind == RequestKind::open_orders) venue.query_open_orders(all, link_.now(), link_, link_);
        if (kind == RequestKind::fills) venue.query_fills(all, since, link_.now(), link_, link_);
        if (kind == RequestKind::fees) venue.query_fees(all, link_.now(), link_, link_);
        if (kind == RequestKind::cancel_all) venue.cancel_all(all, link_.now(), link_, link_);
        settle(seconds(2));
        EXPECT_EQ(ends(kind), 1U);
    }
    bool complete(RequestKind kind) const { return link_.last_end(kind)->end.complete; }
    /// The first `times` requests at that address are answered so.
    void answer_at(std::string part, std::string body, int status = 200, int times = 1'000'000)
    {
        left = times;
        link_.instead_of_reply = [=, this](const HttpRequest& r) -> std::optional<ServerReply> {
            if (r.url.find(part) == std::string::npos || left-- <= 0) return std::nullopt;
            return ServerReply{status, {}, body};
        };
    }
    std::size_t asked(std::string_view part) const
    {
        return static_cast<std::size_t>(std::count_if(
            urls.begin(), urls.end(), [&](const std::string& u) { return u.find(part) != u.npos; }));
    }
    static std::string open_order(int id)
    {
        return fmt::format(
            R"({{"id":"{}","text":"web","status":"open","currency_pair":"LINK_USDT","type":"limit","side":"buy",)"
            R"("amount":"1","price":"20","left":"1","filled_amount":"0","update_time_ms":1700000000000}})",
            id);
    }
    static std::string fill_row(int id)
    {
        return fmt::format(
            R"({{"id":"{}","create_time_ms":"1700000000000.5","currency_pair":"LINK_USDT","side":"buy",)"
            R"("role":"taker","amount":"1","price":"20","order_id":"7","fee":"0.1","fee_currency":"LINK",)"
            R"("point_fee":"0","gt_fee":"0"}})",
            id);
    }
    template <class Row>
    static std::string list(int count, Row&& row, int first = 1)
    {
        std::string text;
        for (int i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + row(first + i);
        return "[" + text + "]";
    }
    std::vector<std::string> urls;
    int left = 0;
};

TEST_F(GateQuestions, an_order_is_asked_for_by_the_venues_id_where_it_is_known)
{
    const OrderId id = link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    const std::string venue_id = link_.last(id)->venue_id;
    link_.query(id);
    settle();
    ASSERT_EQ(urls.size(), 1U);
    EXPECT_EQ(urls[0], "https://api.gateio.ws/api/v4/spot/orders/" + venue_id + "?currency_pair=LINK_USDT");
    EXPECT_EQ(link_.last(id)->report.source, ReportSource::query);
    EXPECT_EQ(last_end(RequestKind::query_order), "done/none");
}

// Its text finds an order while it is open, and not for long when it has ended.
TEST_F(GateQuestions, that_a_text_finds_nothing_proves_nothing)
{
    const OrderId id = link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    OrderReference by_text = link_.reference(id);
    by_text.venue_id = {};
    link_.orders.clear();
    answer_at("/orders/t-", R"({"label":"ORDER_NOT_FOUND","message":"Order not found"})", 404);
    link_.venue().query_order(by_text, link_.now(), link_, link_);
    settle();
    EXPECT_EQ(asked("status=finished"), 1U);
    ASSERT_EQ(link_.orders.size(), 1U);
    EXPECT_EQ(link_.orders[0].report.status, OrderStatus::filled) << "among those that ended";
    EXPECT_EQ(link_.orders[0].report.order, id);
    // There is none anywhere.
    link_.orders.clear();
    OrderReference none = by_text;
    none.order = make_order_id(3, 3);
    link_.venue().query_order(none, link_.now(), link_, link_);
    settle();
    ASSERT_EQ(link_.orders.size(), 1U);
    EXPECT_EQ(link_.orders[0].report.status, OrderStatus::absent);
    EXPECT_EQ(last_end(RequestKind::query_order), "done/none");
    // The list cannot be read, or nobody knows since when it would have to be read.
    link_.orders.clear();
    answer_at("/orders", R"({"label":"ORDER_NOT_FOUND","message":"Order not found"})", 404);
    link_.venue().query_order(none, link_.now(), link_, link_);
    settle();
    none.sent = {};
    link_.venue().query_order(none, link_.now(), link_, link_);
    settle();
    EXPECT_TRUE(link_.orders.empty());
    EXPECT_EQ(last_end(RequestKind::query_order), "refused/other");
    EXPECT_EQ(ends(RequestKind::query_order), 4U);
}

TEST_F(GateQuestions, only_the_word_that_there_is_no_order_makes_it_absent)
{
    struct Row {
        int status;
        const char* body;
        bool absent;
    };
    const Row rows[] = {
        {404, R"({"label":"ORDER_NOT_FOUND","message":"Order not found"})", true},
        {400, R"({"label":"INVALID_PARAM_VALUE","message":"m"})", false},
        {404, "not found", false},
        {404, R"({"label":"NOT_FOUND","message":"m"})", false},
        {200, "[]", false},
        {200, "{}", false},
        {503, R"({"label":"ORDER_NOT_FOUND","message":"m"})", false},
    };
    OrderReference reference{make_order_id(3, 3), ListingId{0}, "77", link_.now()};
    for (const Row& row : rows) {
        link_.orders.clear();
        answer_at("/orders/77", row.body, row.status);
        link_.venue().query_order(reference, link_.now(), link_, link_);
        settle();
        EXPECT_EQ(!link_.orders.empty(), row.absent) << row.status << row.body;
        EXPECT_EQ(last_end(RequestKind::query_order) == "done/none", row.absent) << row.status << row.body;
    }
}

TEST_F(GateQuestions, open_orders_page_by_page_of_each_market)
{
    answer_at("page=1&", list(100, open_order), 200, 1);
    link_.orders.clear();
    query(RequestKind::open_orders);
    EXPECT_TRUE(complete(RequestKind::open_orders));
    EXPECT_EQ(link_.orders.size(), 100U);
    ASSERT_EQ(urls.size(), 3U);
    const std::string head = "https://api.gateio.ws/api/v4/spot/orders?currency_pair=";
    EXPECT_EQ(urls[0], head + "LINK_USDT&status=open&page=1&limit=100");
    EXPECT_EQ(urls[1], head + "LINK_USDT&status=open&page=2&limit=100");
    EXPECT_EQ(urls[2], head + "XRP_USDT&status=open&page=1&limit=100");
}

TEST_F(GateQuestions, a_list_that_cannot_be_read_whole_says_so)
{
    for (const char* body : {R"({"a":1})", "7", "", R"([7])", R"([{"id":"1"}])"}) {
        answer_at("status=open", body);
        query(RequestKind::open_orders);
        EXPECT_FALSE(complete(RequestKind::open_orders)) << body;
        answer_at("/my_trades", body);
        query(RequestKind::fills, link_.now() - seconds(60));
        EXPECT_FALSE(complete(RequestKind::fills)) << body;
    }
    // Of two markets one is refused: the other is told, and the list is not whole.
    answer_at("currency_pair=LINK_USDT", R"({"label":"INVALID_CURRENCY_PAIR","message":"m"})", 400);
    urls.clear();
    query(RequestKind::open_orders);
    EXPECT_EQ(asked("XRP_USDT"), 1U);
    EXPECT_EQ(last_end(RequestKind::open_orders), "refused/no_market");
    EXPECT_FALSE(complete(RequestKind::open_orders));
}

TEST_F(GateQuestions, fills_page_by_page_and_week_by_week)
{
    answer_at("page=1&", list(1000, fill_row), 200, 1);
    const Timestamp now = link_.now();
    query(RequestKind::fills, now - seconds(10 * 86'400));
    EXPECT_TRUE(complete(RequestKind::fills));
    EXPECT_EQ(link_.fills.size(), 1000U);
    ASSERT_EQ(urls.size(), 5U) << "two pages and a week, twice";
    const std::int64_t from = (now - seconds(10 * 86'400)).ns / 1'000'000'000;
    EXPECT_EQ(urls[0], fmt::format("https://api.gateio.ws/api/v4/spot/my_trades?currency_pair=LINK_USDT&"
                                   "limit=1000&page=1&from={}&to={}",
                                   from, from + 7 * 86'400));
    EXPECT_NE(urls[1].find("page=2"), std::string::npos);
    EXPECT_NE(urls[2].find(fmt::format("page=1&from={}", from + 7 * 86'400)), std::string::npos);
    EXPECT_NE(urls[3].find("XRP_USDT"), std::string::npos);
}

TEST_F(GateQuestions, cancel_all_goes_on_behind_a_market_that_is_refused)
{
    for (std::size_t listing : {0U, 1U}) {
        for (int i = 0; i < 3; ++i) (void)link_.place(Side::buy, "1", "27.00", TimeInForce::gtc, listing);
        settle(seconds(1));
    }
    const auto open = [&](ListingId listing) {
        return link_.exchange().orders(Link::kAccount, listing, true).size();
    };
    ASSERT_EQ(open(ListingId{1}), 3U);
    answer_at("/spot/orders?currency_pair=LINK_USDT", R"({"label":"INVALID_CURRENCY_PAIR","message":"m"})",
              400);
    query(RequestKind::cancel_all);
    EXPECT_EQ(open(ListingId{1}), 0U);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "refused/no_market");
    link_.instead_of_reply = nullptr;
    urls.clear();
    query(RequestKind::cancel_all);
    EXPECT_EQ(open(ListingId{0}), 0U);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
    EXPECT_EQ(asked("/spot/orders?currency_pair=LINK_USDT&account=spot"), 1U);
    EXPECT_EQ(urls.size(), 2U);
}

TEST_F(GateQuestions, an_order_that_could_not_be_cancelled_is_said)
{
    answer_at("/spot/orders", R"([{"id":"7","succeeded":false,"label":"CANCEL_FAIL","message":"m"}])");
    query(RequestKind::cancel_all);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "unknown/none");
    answer_at("/spot/orders", R"([{"id":"7","succeeded":false,"label":"ORDER_NOT_FOUND","message":"m"}])");
    query(RequestKind::cancel_all);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none") << "it is gone already";
}

TEST_F(GateQuestions, fees_by_market_with_one_that_is_refused)
{
    query(RequestKind::fees);
    EXPECT_EQ(link_.fees.size(), 2U);
    EXPECT_EQ(last_end(RequestKind::fees), "done/none");
    link_.fees.clear();
    answer_at("LINK_USDT", R"({"label":"INVALID_CURRENCY_PAIR","message":"m"})", 400);
    query(RequestKind::fees);
    ASSERT_EQ(link_.fees.size(), 1U);
    EXPECT_EQ(link_.fees[0].listing, ListingId{1});
    EXPECT_EQ(last_end(RequestKind::fees), "refused/no_market");
}

TEST_F(GateQuestions, the_timers_answer_must_tell_when_it_runs_out)
{
    answer_at("/countdown_cancel_all", "{}");
    settle(seconds(16));
    EXPECT_EQ(last_end(RequestKind::dead_man), "unknown/none");
}

}  // namespace
}  // namespace arb::gate::test
