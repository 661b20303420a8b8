// Another price for an order that rests at USD-M, against the emulated venue on an in-memory wire. What holds
// for every venue that offers it stands in tests/contract/amend_contract_test.cpp.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/binance/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

using arb::test::LinkEnd;
using arb::test::LinkOrder;
using arb::test::VenueLink;
using test::Case;
using Wire = VenueLink::Message;

class BinanceAmend : public ::testing::TestWithParam<Case>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(GetParam(), FeeTaking::quote);
        link_->on_to_venue = [this](Wire& m) {
            sent_.push_back(m.kind == Wire::Kind::request ? m.request.method + " " + m.request.url : m.text);
            return true;
        };
        link_->start();
        link_->run(seconds(1));
        ASSERT_TRUE(ready());
    }
    OrderId rest(TimeInForce tif = TimeInForce::post_only)
    {
        const OrderId id = link_->place(Side::buy, "1", "27.00", tif);
        settle();
        EXPECT_EQ(status(id), OrderStatus::working);
        sent_.clear();
        return id;
    }
    void amend(OrderId id, std::string_view price)
    {
        link_->ends.clear();
        link_->amend(id, price);
        settle();
    }
    /// How the one amend ended.
    std::string ended_as(OrderId id) const
    {
        std::string text;
        for (const LinkEnd& end : link_->ends) {
            if (end.end.kind != RequestKind::amend) continue;
            EXPECT_EQ(end.end.order, id);
            if (!text.empty()) text += ", ";
            text += test::end_text(end.end.outcome, end.end.reason);
            if (!end.code.empty()) text += " " + end.code;
        }
        return text;
    }
    std::size_t modifies() const
    {
        return static_cast<std::size_t>(
            std::count_if(sent_.begin(), sent_.end(), [](const std::string& text) {
                return text.find("order.modify") != std::string::npos || text.starts_with("PUT ");
            }));
    }
    /// The answer to an amend becomes this; "ID" in it is the id of the request.
    void answer_with(std::string text)
    {
        link_->on_to_client = [text = std::move(text)](Wire& m) {
            const bool answer = m.kind == Wire::Kind::frame && m.text.starts_with("{\"id\":") &&
                                m.text.find("\"cumQty\"") != std::string::npos;
            if (!answer) return true;
            const std::string id = m.text.substr(6, m.text.find(',') - 6);
            m.text = text;
            m.text.replace(m.text.find("ID"), 2, id);
            return true;
        };
    }
    std::vector<std::string> sent_;
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceAmend,
                         ::testing::Values(Case{"usdm", "trade"}, Case{"usdm", "trade_ed25519"}),
                         test::label<::testing::TestParamInfo<Case>>);

TEST_P(BinanceAmend, GoesOverTheWebsocketAndIsToldByReplyStreamAndQuestion)
{
    const OrderId id = rest();
    const std::string venue_id = link_->last(id)->venue_id;
    const std::size_t before = link_->orders.size();
    link_->key_uses.clear();
    amend(id, "27.05");
    EXPECT_EQ(ended_as(id), "done none");
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_NE(sent_[0].find(R"("method":"order.modify")"), std::string::npos) << sent_[0];
    EXPECT_NE(sent_[0].find("\"orderId\":" + venue_id), std::string::npos) << sent_[0];
    EXPECT_NE(sent_[0].find(R"("price":"27.05","quantity":"1","recvWindow":2000,"side":"BUY")"),
              std::string::npos)
        << sent_[0];
    EXPECT_EQ(link_->key_uses, std::vector<std::string>{"order.modify"});
    std::size_t by_reply = 0;
    std::size_t by_stream = 0;
    for (std::size_t i = before; i < link_->orders.size(); ++i) {
        const LinkOrder& order = link_->orders[i];
        (order.report.source == ReportSource::reply ? by_reply : by_stream) += 1;
        EXPECT_EQ(order.report.order, id);
        EXPECT_EQ(order.report.status, OrderStatus::working);
        EXPECT_EQ(order.report.price, link_->price("27.05"));
        EXPECT_EQ(order.report.quantity, link_->quantity("1"));
        EXPECT_EQ(order.venue_id, venue_id);
    }
    EXPECT_EQ(by_reply, 1U);
    EXPECT_EQ(by_stream, 1U);
    link_->orders.clear();
    link_->query(id);
    link_->venue().query_open_orders(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    ASSERT_EQ(link_->orders.size(), 2U);
    for (const LinkOrder& order : link_->orders) {
        EXPECT_EQ(order.report.source, ReportSource::query);
        EXPECT_EQ(order.report.price, link_->price("27.05"));
        EXPECT_EQ(order.venue_id, venue_id);
    }
    EXPECT_TRUE(link_->undecoded.empty());
}

TEST_P(BinanceAmend, IsNamedByTheClientIdWhereTheVenueWasNeverHeard)
{
    link_->on_to_client = [](Wire& m) { return m.kind != Wire::Kind::frame; };
    const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::post_only);
    settle();
    link_->on_to_client = nullptr;
    sent_.clear();
    amend(id, "27.05");
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_NE(sent_[0].find("\"origClientOrderId\":\"" + std::string(client_order_id(id).view())),
              std::string::npos)
        << sent_[0];
    EXPECT_EQ(ended_as(id), "done none");
    EXPECT_EQ(link_->last(id)->report.price, link_->price("27.05"));
}

TEST_P(BinanceAmend, WhatIsFilledIsAPartOfIt)
{
    const OrderId id = rest();
    link_->street("26.90", "27.00", "0.3");
    link_->street("26.90", "27.20");
    settle();
    ASSERT_EQ(link_->filled(id), link_->quantity("0.3"));
    sent_.clear();
    amend(id, "27.05");
    EXPECT_EQ(ended_as(id), "done none");
    EXPECT_NE(sent_.at(0).find(R"("quantity":"1")"), std::string::npos) << "the total, not the rest";
    const LinkOrder& last = *link_->last(id);
    EXPECT_EQ(last.report.status, OrderStatus::working);
    EXPECT_EQ(last.report.price, link_->price("27.05"));
    EXPECT_EQ(last.report.filled, link_->quantity("0.3"));
    EXPECT_EQ(link_->filled(id), link_->quantity("0.3")) << "an amend is no fill";
}

TEST_P(BinanceAmend, APostOnlyOrderThatWouldTakeIsCancelledAndThatIsTold)
{
    const OrderId id = rest();
    amend(id, "27.20");
    EXPECT_EQ(ended_as(id), "refused would_take -5022");
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_EQ(link_->last(id)->report.source, ReportSource::stream);
    EXPECT_TRUE(link_->fills.empty());
    amend(id, "27.05");
    EXPECT_EQ(ended_as(id), "refused other -2013") << "gone";
    EXPECT_EQ(link_->exchange().order_count(), 1U);
}

TEST_P(BinanceAmend, AnAnswerWithAnOrderThatHasEndedTellsThatItHas)
{
    const OrderId id = rest();
    link_->orders.clear();
    answer_with(R"({"id":ID,"status":200,"result":{"orderId":71,"symbol":"LINKUSDT","status":"EXPIRED",)"
                R"("clientOrderId":")" +
                std::string(client_order_id(id).view()) +
                R"(","price":"27.20","origQty":"1","executedQty":"0.2","cumQty":"0.2","timeInForce":"GTX",)"
                R"("type":"LIMIT","side":"BUY","positionSide":"BOTH","updateTime":1700000000000}})");
    amend(id, "27.05");
    EXPECT_EQ(ended_as(id), "done none");
    const auto told = std::find_if(link_->orders.begin(), link_->orders.end(), [](const LinkOrder& order) {
        return order.report.source == ReportSource::reply;
    });
    ASSERT_NE(told, link_->orders.end());
    EXPECT_EQ(told->report.status, OrderStatus::cancelled);
    EXPECT_EQ(told->report.filled, link_->quantity("0.2"));
}

struct AmendAnswer {
    int status;
    int code;
    const char* text;
    const char* ended;
};
constexpr AmendAnswer kAmendAnswers[] = {
    {400, -5027, "No need to modify the order.", "refused other -5027"},
    {400, -2013, "Order does not exist.", "refused other -2013"},
    {400, -2011, "Unknown order sent.", "refused other -2011"},
    {400, -5022, "Due to the order could not be executed as maker", "refused would_take -5022"},
    {400, -5024, "Symbol is not in trading status.", "refused no_market -5024"},
    {400, -5025, "Only limit order is supported.", "refused other -5025"},
    {400, -5026, "Exceed maximum modify order limit.", "refused other -5026"},
    {400, -5028, "Timestamp for this request is outside of the ME recvWindow.", "refused clock -5028"},
    {400, -5029, "Order's notional must be no smaller than 5", "refused notional_minimum -5029"},
    {400, -5043, "A pending modification already exists for this order.", "refused other -5043"},
    {400, -4014, "Price not increased by tick size.", "refused tick -4014"},
    {400, -4016, "Limit price can't be higher than 30.", "refused price_limit -4016"},
    {400, -2019, "Margin is insufficient.", "refused balance -2019"},
    {400, -1021, "Timestamp for this request is outside of the recvWindow.", "refused clock -1021"},
    {429, -1015, "Too many new orders.", "rate_limited rate_limited -1015"},
    {503, -1008, "Request throttled by system-level protection.", "rate_limited rate_limited -1008"},
    {418, -1003, "Way too much request weight used; IP banned.", "banned rate_limited -1003"},
    {408, -1007, "Timeout waiting for response from backend server.", "unknown none -1007"},
    {400, -1006, "An unexpected response was received.", "unknown none -1006"},
    {503, -1000, "Unknown error, please check your request or try again later.", "unknown none -1000"},
    {400, -77777, "Something new.", "unknown none -77777"},
    // Last: it closes the channel.
    {401, -2015, "Invalid API-key, IP, or permissions for action.", "key_trouble permission -2015"},
};

TEST_P(BinanceAmend, EachAnswerEndsItOnceInItsWords)
{
    const OrderId id = rest();
    bool higher = false;
    for (const AmendAnswer& answer : kAmendAnswers) {
        answer_with(fmt::format(R"({{"id":ID,"status":{},"error":{{"code":{},"msg":"{}"}}}})", answer.status,
                                answer.code, answer.text));
        higher = !higher;
        amend(id, higher ? "27.06" : "27.05");
        EXPECT_EQ(ended_as(id), answer.ended);
    }
    EXPECT_FALSE(link_->ready(Channel::order_entry));
    amend(id, "27.01");
    EXPECT_EQ(ended_as(id), "refused permission");
}

TEST_P(BinanceAmend, AnAnswerThatCannotBeReadIsUnknown)
{
    const OrderId id = rest();
    answer_with(R"({"id":ID,"status":200,"result":{"symbol":"LINKUSDT","status":"DREAMING"}})");
    amend(id, "27.05");
    EXPECT_EQ(ended_as(id), "unknown none");
    answer_with(R"({"id":ID,"status":200})");
    amend(id, "27.06");
    EXPECT_EQ(ended_as(id), "unknown none");
    EXPECT_EQ(link_->undecoded.size(), 2U);
}

TEST_P(BinanceAmend, WithoutAnAnswerItIsUnknownAndFoundByAsking)
{
    const OrderId id = rest();
    link_->on_to_client = [](Wire& m) { return m.kind != Wire::Kind::frame; };
    amend(id, "27.05");
    EXPECT_EQ(ended_as(id), "");
    link_->run(seconds(11));
    EXPECT_EQ(ended_as(id), "unknown none");
    link_->on_to_client = nullptr;
    link_->query(id);
    settle();
    EXPECT_EQ(link_->last(id)->report.price, link_->price("27.05"));
    EXPECT_EQ(link_->last(id)->report.source, ReportSource::query);
}

TEST_P(BinanceAmend, AConnectionThatDiesEndsItAtOnceAsUnknown)
{
    const OrderId id = rest();
    link_->ends.clear();
    link_->amend(id, "27.05");
    link_->cut_all();
    EXPECT_EQ(ended_as(id), "unknown none");
    link_->run(seconds(2));
    EXPECT_TRUE(ready());
    EXPECT_EQ(ended_as(id), "unknown none") << "not a second time";
}

TEST_P(BinanceAmend, IsRefusedHereWhileTheRoadIsDown)
{
    const OrderId id = rest();
    link_->on_to_venue = [this](Wire& m) {
        sent_.push_back(m.kind == Wire::Kind::request ? m.request.method + " " + m.request.url : m.text);
        return m.kind != Wire::Kind::upgrade;
    };
    link_->cut_all();
    amend(id, "27.05");
    EXPECT_EQ(ended_as(id), "refused other");
    EXPECT_EQ(modifies(), 0U);
    EXPECT_EQ(link_->exchange().orders(VenueLink::kAccount, kNoListing, true).at(0)->price,
              link_->price("27.00"));
}

TEST_P(BinanceAmend, ARevokedKeyIsToldOfTheAmendToo)
{
    const OrderId id = rest();
    for (EmulatedKey& key : link_->keys) key.revoked = true;
    amend(id, "27.05");
    EXPECT_EQ(ended_as(id), "key_trouble permission -2015");
    EXPECT_EQ(ended(RequestKind::session).outcome, Outcome::key_trouble);
    EXPECT_FALSE(link_->ready(Channel::order_entry));
}

TEST_P(BinanceAmend, CountsAsAnOrderAndIsNotSentWhileNoneIsTaken)
{
    const OrderId id = rest();
    std::string told;
    link_->on_to_client = [&](Wire& m) {
        const std::size_t at = m.text.find(R"("limit":300,"count":)");
        if (at == std::string::npos) return true;
        told = m.text.substr(at + 20, 1);
        m.text.replace(at + 20, 1, "300");
        return true;
    };
    amend(id, "27.05");
    EXPECT_EQ(told, "2") << "after the order itself";
    EXPECT_EQ(modifies(), 1U);
    amend(id, "27.06");
    EXPECT_EQ(ended_as(id), "rate_limited rate_limited");
    EXPECT_GT(ended(RequestKind::amend).retry_after, Duration{});
    EXPECT_EQ(modifies(), 1U);
    link_->run(seconds(10));
    amend(id, "27.06");
    EXPECT_EQ(ended_as(id), "done none");
    EXPECT_EQ(modifies(), 2U);
}

TEST(BinanceAmendMarkets, UsdmAloneOffersIt)
{
    for (const char* market : {"spot", "usdm", "coinm"}) {
        const InstrumentTable table = test::table_of(market);
        VenueSetup setup;
        setup.table = &table;
        const bool usdm = std::string_view(market) == "usdm";
        EXPECT_EQ(type().make(setup)->trading_features().amends, usdm) << market;
    }
    VenueLink link(type(), "spot", {test::link_listing("spot")});
    link.deposit("USDT", "1000");
    link.street("27.10", "27.20");
    link.start();
    link.run(seconds(1));
    const OrderId id = link.place(Side::buy, "1", "27.00", TimeInForce::post_only);
    link.run(seconds(1));
    link.key_uses.clear();
    link.amend(id, "27.05");
    link.run(seconds(1));
    ASSERT_NE(link.last_end(RequestKind::amend), nullptr);
    EXPECT_EQ(link.last_end(RequestKind::amend)->end.outcome, Outcome::refused);
    EXPECT_EQ(link.last_end(RequestKind::amend)->end.order, id);
    EXPECT_TRUE(link.key_uses.empty());
}

TEST(BinanceAmendMarkets, AKeyThatMayOnlyReadAmendsNothing)
{
    VenueLink link(type(), "usdm", {test::link_listing("usdm")});
    link.deposit("USDT", "1000");
    link.street("27.10", "27.20");
    link.use_key("read", SessionScope::account);
    link.start();
    link.run(seconds(1));
    link.key_uses.clear();
    const OrderId id = link.place(Side::buy, "1", "27.00", TimeInForce::post_only);
    link.amend(id, "27.05");
    link.run(seconds(1));
    ASSERT_NE(link.last_end(RequestKind::amend), nullptr);
    EXPECT_EQ(link.last_end(RequestKind::amend)->end.outcome, Outcome::refused);
    EXPECT_EQ(link.last_end(RequestKind::amend)->end.reason, RejectReason::permission);
    EXPECT_TRUE(link.key_uses.empty());
}

}  // namespace
}  // namespace arb::binance
