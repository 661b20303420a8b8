// Another price for an order that rests at Kraken: the request's bytes, what each answer becomes, the
// stream's sparse news, and what holds where the channel is down. What holds for every venue stands in
// tests/contract/amend_contract_test.cpp.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/kraken/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken::test {
namespace {

using arb::test::LinkLife;
using arb::test::LinkOrder;

class KrakenAmend : public ::testing::Test, protected Life<LinkLife> {
  protected:
    KrakenAmend() : Life(FeeTaking::quote)
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::frame) sent_.push_back(m.text);
            if (m.kind == Message::Kind::request) sent_.push_back(m.request.url + " " + m.request.body);
            return m.kind != Message::Kind::upgrade || !blocked_;
        };
        link_.on_to_client = [this](Message& m) { return !hook_ || hook_(m); };
    }
    void start(std::string_view key = "trade", SessionScope scope = SessionScope::both)
    {
        if (scope != SessionScope::both || key != "trade") link_.use_key(key, scope);
        link_.start();
        link_.run(seconds(1));
    }
    OrderId rest(TimeInForce tif = TimeInForce::post_only)
    {
        const OrderId id = link_.place(Side::buy, "10", "27.00", tif);
        settle();
        return id;
    }
    void amend(OrderId id, std::string_view price)
    {
        link_.amend(id, price);
        settle();
    }
    const EmulatedOrder& at_venue()
    {
        return *link_.exchange().orders(arb::test::VenueLink::kAccount, kNoListing, false).front();
    }
    /// What the next amend is answered with in the venue's place; # is the request's number.
    void answer_next(const std::string& text)
    {
        hook_ = [this, text](Message& m) {
            const std::size_t number = m.text.find("\"req_id\":");
            if (m.text.find(R"("method":"amend_order")") == m.text.npos || number == m.text.npos) return true;
            const std::string digits = m.text.substr(number + 9, m.text.find(',', number) - number - 9);
            m.text = text;
            if (const std::size_t at = m.text.find('#'); at != m.text.npos) m.text.replace(at, 1, digits);
            hook_ = nullptr;
            return true;
        };
    }
    std::vector<std::string> sent(std::string_view part) const
    {
        std::vector<std::string> found;
        for (const std::string& text : sent_) {
            if (text.find(part) != text.npos) found.push_back(text);
        }
        return found;
    }
    static std::string member(const std::string& text, const std::string& name)
    {
        const std::size_t at = text.find("\"" + name + "\":") + name.size() + 3;
        return text.substr(at, text.find_first_of(",}", at) - at);
    }
    std::string told(const LinkOrder& order) const
    {
        const OrderReport& r = order.report;
        const Instrument& instrument = link_.table.instrument_of(r.listing);
        return fmt::format("{} {} {} of {} filled {} at {}", name(r.source), name(r.status), name(r.side),
                           instrument.text(r.quantity), instrument.text(r.filled), instrument.text(r.price));
    }
    std::string last(OrderId id) const
    {
        const LinkOrder* found = link_.last(id);
        return found == nullptr ? "nothing" : told(*found);
    }
    std::vector<std::string> sent_;
    std::function<bool(Message&)> hook_;
    bool blocked_ = false;
};

TEST_F(KrakenAmend, bytes)
{
    start();
    const struct {
        TimeInForce tif;
        const char* post_only;
    } kOrders[] = {{TimeInForce::post_only, R"(,"post_only":true)"}, {TimeInForce::gtc, ""}};
    for (const auto& row : kOrders) {
        const OrderId id = rest(row.tif);
        const std::string placed = sent("add_order").back();
        amend(id, "27.05");
        const std::string text = sent("amend_order").back();
        // Identified as cancels are; no quantity, so that the order keeps it.
        EXPECT_EQ(text, R"({"method":"amend_order","params":{"cl_ord_id":")" +
                            std::string(client_order_id(id).view()) + R"(","limit_price":27.05)" +
                            row.post_only + R"(,"token":)" + member(placed, "token") + R"(},"req_id":)" +
                            std::to_string(std::stoul(member(placed, "req_id")) + 1) + "}");
        EXPECT_EQ(link_.key_uses.back(), "amend_order");
        EXPECT_EQ(last_end(RequestKind::amend), "done/none");
    }
    EXPECT_EQ(ends(RequestKind::amend), 2U);
    EXPECT_EQ(sent("Amend").size(), 0U) << "never by REST";
}

TEST_F(KrakenAmend, the_stream_tells_the_price_and_so_do_both_questions)
{
    start();
    const OrderId id = rest();
    const std::string venue_id = link_.last(id)->venue_id;
    std::vector<std::string> news;
    hook_ = [&](Message& m) {
        if (m.text.find(R"("channel":"executions")") != m.text.npos) news.push_back(m.text);
        return true;
    };
    amend(id, "27.05");
    ASSERT_EQ(news.size(), 1U);
    // As the documents and the real frames have it: neither pair nor side.
    EXPECT_EQ(member(news[0], "exec_type"), "\"amended\"");
    EXPECT_EQ(member(news[0], "order_status"), "\"new\"");
    EXPECT_EQ(member(news[0], "limit_price"), "27.05");
    EXPECT_EQ(news[0].find("symbol"), news[0].npos);
    EXPECT_EQ(news[0].find("side"), news[0].npos);
    EXPECT_EQ(last(id), "stream working buy of 10 filled 0 at 27.05");
    link_.query(id);
    settle();
    EXPECT_EQ(last(id), "query working buy of 10 filled 0 at 27.05");
    link_.orders.clear();
    link_.venue().query_open_orders(link_.all_listings(), link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last(id), "query working buy of 10 filled 0 at 27.05");
    // Also of a connector that remembers nothing, and of an order that is filled in part.
    link_.street("26.90", "27.05", "4");
    link_.street("26.90", "27.20");
    settle();
    link_.restart();
    link_.orders.clear();
    start();
    EXPECT_EQ(last(id), "stream working buy of 10 filled 4 at 27.05");
    amend(id, "27.06");
    EXPECT_EQ(last(id), "stream working buy of 10 filled 4 at 27.06");
    EXPECT_EQ(link_.last(id)->venue_id, venue_id);
    EXPECT_TRUE(link_.undecoded.empty());
}

TEST_F(KrakenAmend, what_the_engine_restates_is_told_too)
{
    start();
    const OrderId id = rest();
    const std::string venue_id = link_.last(id)->venue_id;
    link_.orders.clear();
    static_cast<SessionOutbox&>(link_).send(
        SessionId{2},
        fmt::format(
            R"({{"channel":"executions","type":"update","data":[{{"timestamp":"2026-05-02T10:00:05.200000Z","exec_type":"restated","order_status":"new","cum_qty":0.0,"reason":"Venue requested","amended":true,"order_qty":9.0,"limit_price":26.50,"order_id":"{}"}}],"sequence":9}})",
            venue_id));
    settle();
    ASSERT_EQ(link_.orders.size(), 1U);
    EXPECT_EQ(last(id), "stream working buy of 9 filled 0 at 26.5");
    EXPECT_TRUE(link_.undecoded.empty());
}

// The venue's own answers, with our number in them.
TEST_F(KrakenAmend, real_answers)
{
    start();
    const OrderId id = rest();
    for (
        const char* text :
        {R"({"method":"amend_order","req_id":#,"result":{"amend_id":"TYDLSQ-OYNYU-3MNRER","order_id":"OGL7HR-SWFO4-NRQTHO"},"success":true,"time_in":"2025-05-14T13:54:10.840342Z","time_out":"2025-05-14T13:54:10.855046Z"})",
         R"({"method":"amend_order","req_id":#,"result":{"amend_id":"TTW6PD-RC36L-ZZSWNU","cl_ord_id":"2c6be801-1f53-4f79-a0bb-4ea1c95dfae9"},"success":true,"time_in":"2024-07-26T13:39:04.922699Z","time_out":"2024-07-26T13:39:04.924912Z"})"}) {
        link_.ends.clear();
        answer_next(text);
        amend(id, "27.05");
        EXPECT_EQ(last_end(RequestKind::amend), "done/none");
        EXPECT_EQ(link_.last_end(RequestKind::amend)->end.order, id);
        EXPECT_EQ(link_.ends.size(), 1U);
    }
    for (const LinkOrder& order : link_.orders) EXPECT_NE(order.report.source, ReportSource::query);
}

TEST_F(KrakenAmend, refusals_and_what_nobody_knows)
{
    constexpr const char* kAnswers[][2] = {
        {"EOrder:Unknown order", "refused/other"},
        {"EOrder:Post only order", "refused/would_take"},
        {"EOrder:Insufficient funds", "refused/balance"},
        {"EOrder:Tick size check failed", "refused/tick"},
        {"EOrder:Invalid price: too far", "refused/tick"},
        {"EOrder:Order minimum not met", "refused/lot"},
        {"EOrder:Cost minimum not met", "refused/notional_minimum"},
        {"EService:Market in cancel_only mode", "refused/no_market"},
        {"EService:Deadline elapsed", "refused/other"},
        {"EGeneral:Invalid arguments:limit_price", "refused/other"},
        {"EGeneral:Permission denied", "key_trouble/permission"},
        {"EService:Unavailable", "unknown/none"},
        {"EService: Busy", "unknown/none"},
        {"EGeneral:Internal error", "unknown/none"},
        {"EOrder:Nobody knows", "unknown/none"},
        {"EGeneral:Too many requests", "rate_limited/rate_limited"},
        {"EOrder:Domain rate limit exceeded", "rate_limited/rate_limited"},
        {"EOrder:Rate limit exceeded", "rate_limited/rate_limited"},
    };
    start();
    const OrderId id = rest();
    for (const auto& [error, end] : kAnswers) {
        settle(seconds(60));
        link_.ends.clear();
        sent_.clear();
        answer_next(fmt::format(
            R"({{"error":"{}","method":"amend_order","req_id":#,"success":false,"time_in":"2026-05-02T10:00:00Z","time_out":"2026-05-02T10:00:00Z"}})",
            error));
        amend(id, "27.05");
        EXPECT_EQ(last_end(RequestKind::amend), end) << error;
        EXPECT_EQ(ends(RequestKind::amend), 1U) << error;
        EXPECT_EQ(link_.last_end(RequestKind::amend)->end.order, id);
        EXPECT_EQ(link_.last_end(RequestKind::amend)->text, error);
        EXPECT_EQ(sent("amend_order").size(), 1U);
    }
    // The venue said that its counter is full: ours is, too.
    link_.ends.clear();
    sent_.clear();
    amend(id, "27.06");
    EXPECT_EQ(last_end(RequestKind::amend), "rate_limited/rate_limited");
    EXPECT_GT(link_.last_end(RequestKind::amend)->end.retry_after, Duration{});
    EXPECT_TRUE(sent("amend_order").empty());
}

TEST_F(KrakenAmend, a_refusal_without_a_number_is_of_the_oldest)
{
    start();
    const OrderId first = rest(), second = rest();
    hook_ = [](Message& m) {
        if (m.text.find("\"method\":\"amend_order\"") != m.text.npos)
            m.text =
                R"({"error":"Unsupported field: 'price' for the given msg type: amend order","method":"amend_order","success":false,"time_in":"2026-05-02T10:00:00Z","time_out":"2026-05-02T10:00:00Z"})";
        return true;
    };
    link_.amend(first, "27.05");
    link_.amend(second, "27.06");
    settle();
    std::vector<OrderId> ended;
    for (const auto& end : link_.ends) {
        if (end.end.kind == RequestKind::amend && end.end.outcome == Outcome::refused)
            ended.push_back(end.end.order);
    }
    EXPECT_EQ(ended, (std::vector<OrderId>{first, second}));
}

TEST_F(KrakenAmend, one_that_the_venue_refuses_shows_no_other_price)
{
    start();
    const OrderId id = rest();
    const std::size_t before = link_.orders.size();
    amend(id, "27.20");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/would_take");
    link_.query(id);
    settle();
    ASSERT_GT(link_.orders.size(), before);
    for (std::size_t i = before; i < link_.orders.size(); ++i)
        EXPECT_EQ(told(link_.orders[i]), "query working buy of 10 filled 0 at 27");
    EXPECT_EQ(at_venue().amends, 0U);
}

TEST_F(KrakenAmend, one_that_may_take_takes)
{
    start();
    const OrderId id = rest(TimeInForce::gtc);
    amend(id, "27.20");
    EXPECT_EQ(last_end(RequestKind::amend), "done/none");
    EXPECT_EQ(last(id), "stream filled buy of 10 filled 10 at 27.2");
    ASSERT_EQ(link_.fills.size(), 1U);
    EXPECT_FALSE(link_.fills[0].report.maker);
}

TEST_F(KrakenAmend, a_lost_answer_is_unknown_and_the_stream_tells_the_price_all_the_same)
{
    start();
    const OrderId id = rest();
    hook_ = [](Message& m) { return m.text.find("amend_order") == m.text.npos; };
    amend(id, "27.05");
    EXPECT_EQ(ends(RequestKind::amend), 0U);
    EXPECT_EQ(last(id), "stream working buy of 10 filled 0 at 27.05");
    settle(seconds(11));
    EXPECT_EQ(last_end(RequestKind::amend), "unknown/none");
    link_.cut_all();
    settle(seconds(2));
    EXPECT_EQ(ends(RequestKind::amend), 1U);
}

TEST_F(KrakenAmend, a_connection_that_dies_ends_it_once)
{
    start();
    const OrderId id = rest();
    link_.amend(id, "27.05");
    link_.cut_all();
    EXPECT_EQ(last_end(RequestKind::amend), "unknown/none");
    EXPECT_EQ(link_.last_end(RequestKind::amend)->end.order, id);
    settle(seconds(20));
    EXPECT_EQ(ends(RequestKind::amend), 1U);
}

// A cancel goes by REST then; another price is risk, and can wait.
TEST_F(KrakenAmend, nothing_leaves_while_order_entry_is_down)
{
    start();
    const OrderId id = rest();
    blocked_ = true;
    link_.cut_all();
    settle();
    ASSERT_FALSE(link_.ready(Channel::order_entry));
    sent_.clear();
    link_.amend(id, "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/other");
    EXPECT_EQ(link_.last_end(RequestKind::amend)->end.order, id);
    settle();
    EXPECT_EQ(sent("mend").size(), 0U);
    EXPECT_EQ(ends(RequestKind::amend), 1U);
}

TEST_F(KrakenAmend, nothing_leaves_while_the_venue_is_not_online)
{
    start();
    const OrderId id = rest();
    static_cast<SessionOutbox&>(link_).send(
        SessionId{2},
        R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":"post_only","api_version":"v2","connection_id":1}]})");
    settle();
    amend(id, "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/other");
    EXPECT_EQ(sent("mend").size(), 0U);
    EXPECT_EQ(at_venue().amends, 0U);
}

TEST_F(KrakenAmend, keys_that_may_not)
{
    start("read", SessionScope::account);
    const OrderId id = link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    link_.amend(id, "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/permission");
    EXPECT_EQ(link_.last_end(RequestKind::amend)->end.order, id);
    start("read");
    link_.amend(id, "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "key_trouble/permission");
    settle();
    EXPECT_EQ(sent("mend").size(), 0U);
}

TEST_F(KrakenAmend, the_session_of_orders_alone_amends_too)
{
    start("trade", SessionScope::orders);
    const OrderId id = rest();
    amend(id, "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "done/none");
    EXPECT_EQ(at_venue().price, link_.price("27.05"));
    for (const LinkOrder& order : link_.orders)
        EXPECT_NE(order.report.price, link_.price("27.05")) << "its news are another key's";
}

}  // namespace
}  // namespace arb::kraken::test
