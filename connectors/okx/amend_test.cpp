// Another price for an order that rests: what leaves, what the replies and the orders channel make of it.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkLife;
using arb::test::VenueLink;

class OkxAmend : public ::testing::Test, protected Life<LinkLife> {
  protected:
    OkxAmend() : Life(FeeTaking::received)
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.text.find("amend-order") == std::string::npos) return true;
            sent_.push_back(m.text);
            return arrives_;
        };
    }
    OrderId rest(TimeInForce tif = TimeInForce::post_only, std::size_t listing = 0)
    {
        const OrderId id = link_.place(Side::buy, "10", "27.00", tif, listing);
        settle();
        return id;
    }
    void amend(OrderId id, std::string_view price, std::size_t listing = 0)
    {
        link_.amend(id, price, listing);
        settle();
    }
    void hear(const std::string& text)
    {
        static_cast<SessionOutbox&>(link_).send(SessionId{2}, text);
        settle(milliseconds(5));
    }
    /// The number of the last amend that left.
    std::string number() const
    {
        const std::string& text = sent_.back();
        return text.substr(7, text.find('"', 7) - 7);
    }
    const OrderReport& last(OrderId id) const { return link_.last(id)->report; }

    std::vector<std::string> sent_;
    bool arrives_ = true;
};

TEST_F(OkxAmend, what_leaves)
{
    EXPECT_TRUE(link_.venue().trading_features().amends);
    ASSERT_TRUE(log_on());
    const OrderId id = rest();
    const std::string expires = std::to_string((link_.now() + seconds(5)).ns / 1'000'000);
    amend(id, "27.10");
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_EQ(sent_[0], R"({"id":"2","op":"amend-order","args":[{"instIdCode":10000,"clOrdId":")" +
                            std::string(client_order_id(id).view()) +
                            R"(","reqId":"2","newPx":"27.1"}],"expTime":")" + expires + "\"}");
    EXPECT_EQ(std::count(link_.key_uses.begin(), link_.key_uses.end(), "amend-order"), 1);
    // Of contracts as well the price alone is said.
    const OrderId swap = rest(TimeInForce::gtc, 1);
    amend(swap, "27", 1);
    ASSERT_EQ(sent_.size(), 2U);
    EXPECT_NE(sent_[1].find(R"("args":[{"instIdCode":10001,"clOrdId":")"), std::string::npos);
    EXPECT_NE(sent_[1].find(R"("newPx":"27"}])"), std::string::npos);
    EXPECT_EQ(sent_[1].find("newSz"), std::string::npos);
}

TEST_F(OkxAmend, the_order_has_the_price_and_keeps_the_rest)
{
    ASSERT_TRUE(log_on());
    const OrderId id = rest();
    const std::string venue_id = link_.last(id)->venue_id;
    for (const char* price : {"27.05", "27.06", "26.90"}) {
        const std::size_t before = link_.orders.size();
        amend(id, price);
        EXPECT_EQ(last_end(RequestKind::amend), "done/none") << link_.last_end(RequestKind::amend)->code;
        EXPECT_EQ(link_.last_end(RequestKind::amend)->end.order, id);
        ASSERT_EQ(link_.orders.size(), before + 1) << "told once, by the stream";
        EXPECT_EQ(last(id).source, ReportSource::stream);
        EXPECT_EQ(last(id).status, OrderStatus::working);
        EXPECT_EQ(last(id).price, link_.price(price));
        EXPECT_EQ(last(id).quantity, link_.quantity("10"));
        EXPECT_TRUE(last(id).has_filled);
        EXPECT_EQ(link_.last(id)->venue_id, venue_id);
    }
    EXPECT_EQ(ends(RequestKind::amend), 3U);
    link_.venue().query_open_orders(link_.all_listings(), link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last(id).source, ReportSource::query);
    EXPECT_EQ(last(id).price, link_.price("26.90"));
    EXPECT_TRUE(link_.undecoded.empty());
    EXPECT_EQ(link_.exchange().order_count(), 1U);
    // One that may take takes.
    const OrderId free = rest(TimeInForce::gtc);
    amend(free, "27.20");
    EXPECT_EQ(last(free).status, OrderStatus::filled);
    EXPECT_EQ(link_.filled(free), link_.quantity("10"));
}

TEST_F(OkxAmend, the_venues_refusals)
{
    ASSERT_TRUE(log_on());
    const OrderId id = rest();
    amend(id, "27.20");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/would_take");
    EXPECT_EQ(link_.last_end(RequestKind::amend)->code, "51511");
    amend(id, "40.00");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/price_limit");
    const OrderId dear = link_.place(Side::buy, "3680", "27.00", TimeInForce::gtc);
    settle();
    amend(dear, "27.16");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/balance");
    link_.exchange().set_halted(kLink, true);
    amend(id, "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/no_market");
    link_.exchange().set_halted(kLink, false);
    EXPECT_EQ(last(id).price, link_.price("27.00"));
    link_.cancel(id);
    settle();
    amend(id, "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/other");
    EXPECT_EQ(link_.last_end(RequestKind::amend)->code, "51503");
    EXPECT_EQ(last(id).status, OrderStatus::cancelled);
    // Dropped, because it came too late by the venue's clock.
    link_.client_ahead = seconds(-6);
    amend(dear, "27.01");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/clock");
    EXPECT_EQ(ends(RequestKind::amend), 6U);
    EXPECT_EQ(link_.exchange().order_count(), 2U);
}

TEST_F(OkxAmend, each_reply_is_one_end)
{
    ASSERT_TRUE(log_on());
    const OrderId id = rest();
    arrives_ = false;
    const std::pair<const char*, const char*> rows[] = {
        {R"("code":"0","msg":"","data":[{"clOrdId":"","ordId":"8","ts":"1","reqId":"%","sCode":"0","sMsg":"","subCode":""}])",
         "done/none"},
        {R"("code":"1","msg":"","data":[{"ordId":"8","reqId":"%","sCode":"51008","sMsg":"x","subCode":"1000"}])",
         "refused/balance"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"51502_1030","sMsg":"x"}])", "refused/balance"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"51503","sMsg":"x"}])", "refused/other"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"51506","sMsg":"x"}])", "refused/other"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"51508","sMsg":"x"}])", "refused/other"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"51511","sMsg":"x"}])", "refused/would_take"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"51006","sMsg":"x"}])", "refused/price_limit"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"51513","sMsg":"x"}])", "rate_limited/rate_limited"},
        {R"("code":"50061","data":[])", "rate_limited/rate_limited"},
        {R"("code":"50011","data":[])", "rate_limited/rate_limited"},
        {R"("code":"50036","data":[])", "refused/clock"},
        {R"("code":"50037","data":[])", "refused/clock"},
        {R"("code":"60013","data":[])", "refused/other"},
        {R"("code":"50120","data":[])", "key_trouble/permission"},
        {R"("code":"50004","data":[])", "unknown/none"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"51149","sMsg":"x"}])", "unknown/none"},
        {R"("code":"1","data":[{"ordId":"8","sCode":"59987","sMsg":"x"}])", "unknown/none"},
        {R"("code":"1","data":[])", "unknown/none"},
    };
    std::size_t count = 0;
    const std::size_t reports = link_.orders.size();
    for (const auto& [rest, outcome] : rows) {
        amend(id, "27.05");
        const std::string reply = R"({"id":")" + number() + R"(","op":"amend-order",)" + rest + "}";
        hear(reply);
        hear(reply);
        EXPECT_EQ(last_end(RequestKind::amend), outcome) << rest;
        EXPECT_EQ(ends(RequestKind::amend), ++count) << rest;
        EXPECT_EQ(link_.last_end(RequestKind::amend)->end.order, id);
    }
    EXPECT_EQ(link_.orders.size(), reports) << "a reply does not say that the order has the price";
}

TEST_F(OkxAmend, what_the_orders_channel_says_of_it)
{
    ASSERT_TRUE(log_on());
    const std::string entry =
        R"({"instType":"SPOT","instId":"LINK-USDT","ordId":"880","clOrdId":")" +
        std::string(client_order_id(make_order_id(7, 9)).view()) +
        R"(","px":"27.05","sz":"10","ordType":"post_only","side":"buy","state":"partially_filled",)"
        R"("accFillSz":"4","fillPx":"","fillSz":"0","tradeId":"","cancelSource":"","uTime":"1700000000123",)"
        R"("amendResult":"0","amendSource":"1","reqId":"12","code":"0","msg":""})";
    struct Row {
        std::string entry;
        OrderStatus status;
        const char* price;  ///< "0": not told
    };
    const std::string failed = changed(changed(entry, R"("amendResult":"0")", R"("amendResult":"-1")"),
                                       R"("code":"0")", R"("code":"51511")");
    std::string ended = changed(failed, R"("amendResult":"-1")", R"("amendResult":"1")");
    ended = changed(changed(ended, "partially_filled", "canceled"), R"("cancelSource":"")",
                    R"("cancelSource":"31")");
    const Row rows[] = {
        {entry, OrderStatus::working, "27.05"},
        {changed(entry, R"("amendResult":"0")", R"("amendResult":"")"), OrderStatus::working, "27.05"},
        {changed(entry, R"("amendResult":"0",)", ""), OrderStatus::working, "27.05"},
        // Whatever px is in them.
        {failed, OrderStatus::working, "0"},
        {ended, OrderStatus::cancelled, "0"},
    };
    for (const Row& row : rows) {
        ASSERT_FALSE(row.entry.empty());
        link_.orders.clear();
        hear(stream("orders", row.entry));
        ASSERT_EQ(link_.orders.size(), 1U) << row.entry;
        const OrderReport& report = link_.orders[0].report;
        EXPECT_EQ(report.order, make_order_id(7, 9));
        EXPECT_EQ(report.status, row.status) << row.entry;
        EXPECT_EQ(report.price, link_.price(row.price)) << row.entry;
        EXPECT_EQ(report.filled, link_.quantity("4"));
        EXPECT_EQ(report.quantity, link_.quantity("10"));
        EXPECT_EQ(link_.orders[0].venue_id, "880");
    }
    EXPECT_EQ(link_.orders[0].report.reason, RejectReason::would_take);
    EXPECT_EQ(ends(RequestKind::amend), 0U);
    EXPECT_TRUE(link_.undecoded.empty());
}

TEST_F(OkxAmend, a_channel_that_is_down_refuses_for_certain)
{
    link_.start();
    const OrderId id = link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    link_.amend(id, "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/other");
    EXPECT_EQ(link_.last_end(RequestKind::amend)->end.order, id);
    EXPECT_TRUE(sent_.empty());
}

TEST_F(OkxAmend, a_key_for_the_account_alone_amends_nothing)
{
    link_.use_key("read", SessionScope::account);
    link_.start();
    settle(seconds(1));
    link_.amend(link_.place(Side::buy, "10", "27.00", TimeInForce::gtc), "27.05");
    EXPECT_EQ(last_end(RequestKind::amend), "refused/permission");
    EXPECT_TRUE(sent_.empty());
}

TEST_F(OkxAmend, what_nobody_answers_is_unknown)
{
    ASSERT_TRUE(log_on());
    const OrderId id = rest();
    arrives_ = false;
    amend(id, "27.05");
    EXPECT_EQ(ends(RequestKind::amend), 0U);
    settle(seconds(10));
    EXPECT_EQ(last_end(RequestKind::amend), "unknown/none");
    const std::string late = R"({"id":")" + number() + R"(","op":"amend-order","code":"0","data":[]})";
    hear(late);
    EXPECT_EQ(ends(RequestKind::amend), 1U);
    // A connection that ends with one under way, which was granted.
    arrives_ = true;
    link_.on_to_client = [](Message& m) { return m.kind != Message::Kind::frame; };
    link_.amend(id, "27.06");
    settle(milliseconds(20));
    link_.cut_all();
    EXPECT_EQ(last_end(RequestKind::amend), "unknown/none");
    EXPECT_EQ(ends(RequestKind::amend), 2U);
    link_.on_to_client = nullptr;
    settle(seconds(2));
    link_.query(id);
    settle();
    EXPECT_EQ(last(id).status, OrderStatus::working);
    EXPECT_EQ(last(id).price, link_.price("27.06"));
}

// With manners the venue takes the wish, and the matching cannot grant it.
TEST(OkxAmendManners, an_amend_that_fails_after_its_reply_shows_no_new_price)
{
    VenueLink link(type(), "", {link_definitions()[0]}, FeeTaking::received, "trade", 7, true, true);
    link.deposit("USDT", "100000");
    link.street("27.10", "27.20");
    link.start();
    link.run(seconds(2));
    ASSERT_TRUE(link.ready(Channel::order_entry));
    const OrderId id = link.place(Side::buy, "10", "27.00", TimeInForce::post_only);
    link.run(seconds(1));
    const std::size_t before = link.orders.size();
    link.amend(id, "27.20");
    link.run(seconds(1));
    ASSERT_NE(link.last_end(RequestKind::amend), nullptr);
    EXPECT_EQ(link.last_end(RequestKind::amend)->end.outcome, Outcome::done);
    ASSERT_EQ(link.orders.size(), before + 1);
    EXPECT_EQ(link.last(id)->report.status, OrderStatus::working);
    EXPECT_EQ(link.last(id)->report.price, Price{});
    link.query(id);
    link.run(seconds(1));
    EXPECT_EQ(link.last(id)->report.price, link.price("27.00"));
    EXPECT_TRUE(link.fills.empty());
}

}  // namespace
}  // namespace arb::okx::test
