// The trading side against the emulated venue: questions, their pages, and replies that cannot be trusted.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "connectors/bybit/test_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::LinkEnd;
using arb::test::VenueLink;

class BybitQuestionsTest : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override { use("trade"); }
    void use(std::string_view key)
    {
        const bool received = std::string_view(GetParam()) == "spot";
        begin(GetParam(), received ? FeeTaking::received : FeeTaking::quote, key);
    }
    void start() { ASSERT_TRUE(log_on()); }
    void expect_end(RequestKind kind, Outcome outcome, RejectReason reason = RejectReason::none)
    {
        EXPECT_EQ(last_end(kind), end_text(outcome, reason)) << name(kind);
    }
    Amount truth(std::string_view asset) const
    {
        for (const EmulatedBalance& balance : link_->exchange().balances(VenueLink::kAccount)) {
            if (balance.asset == asset) return balance.position ? balance.total : balance.wallet();
        }
        return {};
    }
    static std::vector<ListingDefinition> several(const std::vector<std::string>& bases)
    {
        std::vector<ListingDefinition> definitions;
        for (const std::string& base : bases) {
            definitions.push_back(link_definition(GetParam()));
            definitions.back().base = base;
            definitions.back().symbol = base + "USDT";
        }
        return definitions;
    }
    const arb::test::LinkBalance* told(std::string_view asset, ReportSource source) const
    {
        const arb::test::LinkBalance* found = nullptr;
        for (const auto& balance : link_->balances) {
            if (balance.asset == asset && balance.report.source == source) found = &balance;
        }
        return found;
    }
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitQuestionsTest, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitQuestionsTest, ABanSaysHowLong)
{
    start();
    link_->instead_of_reply = [&](const HttpRequest&) { return link_->emulated().banned(seconds(90)); };
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::banned, RejectReason::rate_limited);
    EXPECT_EQ(link_->last_end(RequestKind::balances)->end.retry_after, seconds(90));
    EXPECT_FALSE(link_->last_end(RequestKind::balances)->end.complete);
    link_->instead_of_reply = [](const HttpRequest&) { return ServerReply{403, {}, "access too frequent"}; };
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    EXPECT_EQ(link_->last_end(RequestKind::balances)->end.retry_after, seconds(600));
}

TEST_P(BybitQuestionsTest, RepliesThatCannotBeTrustedLeaveTheOutcomeOpen)
{
    start();
    const auto ask = [&](ServerReply reply) {
        link_->instead_of_reply = [reply](const HttpRequest&) { return reply; };
        link_->venue().query_balances(link_->now(), *link_, *link_);
        link_->run(seconds(5));
        EXPECT_FALSE(link_->last_end(RequestKind::balances)->end.complete);
        return link_->last_end(RequestKind::balances)->end.outcome;
    };
    EXPECT_EQ(ask({503, {}, "<html>"}), Outcome::unknown);
    EXPECT_EQ(ask({200, {}, "<html>"}), Outcome::unknown);
    EXPECT_EQ(ask({200, {}, "{}"}), Outcome::unknown);
    EXPECT_EQ(ask({200, {}, R"({"retCode":"0"})"}), Outcome::unknown);
    EXPECT_EQ(ask({200, {}, R"({"retCode":0,"retMsg":"OK"})"}), Outcome::unknown);
    EXPECT_EQ(ask({200, {}, R"({"retCode":0,"result":{"list":7}})"}), Outcome::unknown);
    EXPECT_EQ(ask({200, {}, R"({"retCode":10016,"retMsg":"x"})"}), Outcome::unknown);
    EXPECT_EQ(ask({200, {}, R"({"retCode":10006,"retMsg":"x"})"}), Outcome::rate_limited);
    EXPECT_EQ(ask(link_->emulated().failed()), Outcome::unknown);
}

TEST_P(BybitQuestionsTest, AQuestionWithoutAnAnswerEnds)
{
    start();
    link_->on_to_venue = [](VenueLink::Message& m) { return m.kind != VenueLink::Message::Kind::request; };
    link_->query(make_order_id(1, 1));
    link_->venue().query_time(link_->now(), *link_, *link_);
    link_->run(seconds(9));
    EXPECT_EQ(ends(RequestKind::query_order), 0U);
    link_->run(seconds(2));
    expect_end(RequestKind::query_order, Outcome::unknown);
    expect_end(RequestKind::time, Outcome::unknown);
    EXPECT_TRUE(link_->orders.empty()) << "no word that it is absent";
}

TEST_P(BybitQuestionsTest, FillsComePageByPageAndSpanBySpan)
{
    start();
    std::vector<Level> asks;
    for (int i = 0; i < 240; ++i) asks.push_back({{link_->price("27.20").units + i}, link_->quantity("0.2")});
    link_->exchange().set_street(ListingId{0}, {}, asks, link_->now());
    const OrderId id = link_->place(Side::buy, "48", "29.59", TimeInForce::ioc);
    settle();
    link_->fills.clear();
    query_fills();
    expect_end(RequestKind::fills, Outcome::done);
    EXPECT_TRUE(link_->last_end(RequestKind::fills)->end.complete);
    EXPECT_EQ(link_->fills.size(), 240U) << "100 a page";
    EXPECT_EQ(link_->filled(id), link_->quantity("48"));
    link_->fills.clear();
    query_fills(seconds(20 * 86'400));
    expect_end(RequestKind::fills, Outcome::done);
    EXPECT_EQ(link_->fills.size(), 240U) << "seven days a question";
    EXPECT_EQ(ends(RequestKind::fills), 2U);
    link_->fills.clear();
    query_fills(milliseconds(-1));
    EXPECT_TRUE(link_->fills.empty());
}

TEST_P(BybitQuestionsTest, OpenOrdersComePageByPage)
{
    start();
    for (int i = 0; i < 70; ++i) {
        PlaceOrder order;
        order.account = VenueLink::kAccount;
        order.listing = ListingId{0};
        order.client_id = "page-" + std::to_string(i);
        order.price = link_->price("25.00");
        order.quantity = link_->quantity("1");
        link_->exchange().place(order, link_->now());
    }
    link_->run(seconds(1));
    link_->orders.clear();
    link_->venue().query_open_orders(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::open_orders, Outcome::done);
    EXPECT_TRUE(link_->last_end(RequestKind::open_orders)->end.complete);
    EXPECT_EQ(link_->orders.size(), 70U);
}

TEST_P(BybitQuestionsTest, BalancesAreTheVenuesTruth)
{
    start();
    link_->place(Side::buy, "3", "27.20", TimeInForce::ioc);
    settle();
    link_->place(Side::buy, "2", "27.00", TimeInForce::gtc);
    settle();
    link_->place(Side::sell, "5", "27.10", TimeInForce::ioc);
    settle();
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::done);
    const std::string base = spot() ? "LINK" : link_->table.instrument_of(ListingId{0}).name;
    for (const std::string& asset : {base, std::string("USDT")}) {
        for (const ReportSource source : {ReportSource::stream, ReportSource::query}) {
            const auto* balance = told(asset, source);
            ASSERT_NE(balance, nullptr) << asset;
            EXPECT_EQ(balance->report.total.text(), truth(asset).text()) << asset;
        }
    }
    if (spot()) {
        EXPECT_EQ(
            (told("USDT", ReportSource::query)->report.total - told("USDT", ReportSource::query)->report.free)
                .text(),
            "54");
    }
    EXPECT_TRUE(link_->undecoded.empty());
}

TEST_P(BybitQuestionsTest, TellsFeesAndTime)
{
    start();
    link_->venue().query_fees(link_->all_listings(), link_->now(), *link_, *link_);
    link_->venue().query_time(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::fees, Outcome::done);
    expect_end(RequestKind::time, Outcome::done);
    ASSERT_EQ(link_->fees.size(), 1U);
    EXPECT_EQ(link_->fees[0].taker, arb::test::bps(10));
    EXPECT_EQ(link_->fees[0].maker, arb::test::bps(10));
    EXPECT_EQ(link_->clock_offsets.size(), 2U);
}

TEST_P(BybitQuestionsTest, EveryReplyCutAnywhereIsSurvived)
{
    start();
    const OrderId id = rest_an_order();
    link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    std::size_t at = 0;
    std::size_t rounds = 0;
    link_->on_to_client = [&](VenueLink::Message& m) {
        if (m.kind == VenueLink::Message::Kind::reply) m.reply.body.resize(std::min(at, m.reply.body.size()));
        return true;
    };
    for (; at < 1500; at += 7) {
        ++rounds;
        link_->query(id);
        link_->venue().query_balances(link_->now(), *link_, *link_);
        query_fills(seconds(3600));
        for (const RequestKind kind : {RequestKind::query_order, RequestKind::balances, RequestKind::fills})
            EXPECT_EQ(ends(kind), rounds) << name(kind) << " cut at " << at;
        if (at < 500) expect_end(RequestKind::fills, Outcome::unknown);
    }
    EXPECT_TRUE(std::none_of(link_->orders.begin(), link_->orders.end(),
                             [](const auto& order) { return order.report.status == OrderStatus::absent; }));
}

TEST_P(BybitQuestionsTest, DamagedRepliesOnTheTradeSocketEndNothingTwice)
{
    start();
    const std::size_t before = link_->undecoded.size();
    link_->on_to_client = [](VenueLink::Message& m) {
        const std::size_t at = m.text.find("\"retCode\":");
        if (at != std::string::npos && m.text.find("order.create") != std::string::npos) m.text.resize(at);
        return true;
    };
    link_->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(link_->undecoded.size(), before + 1);
    EXPECT_EQ(ends(RequestKind::place), 0U);
    link_->run(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
    EXPECT_EQ(ends(RequestKind::place), 1U);
}

// A job that is told to wait goes on where it stopped: with the listing that was refused, not with the first.
TEST_P(BybitQuestionsTest, CancelsEveryListingHoweverSlowly)
{
    VenueLink link(type(), GetParam(), several({"LINK", "SOL", "AVAX"}));
    link.deposit("USDT", "100000");
    link.start();
    link.run(seconds(1));
    for (std::size_t i = 0; i < 3; ++i) link.place(Side::buy, "1", "27.00", TimeInForce::gtc, i);
    link.run(seconds(1));
    EXPECT_EQ(link.exchange().orders(VenueLink::kAccount, kNoListing, true).size(), 3U);
    int asked = 0;
    link.instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
        if (request.url.find("cancel-all") == std::string::npos || ++asked % 2 == 1) return std::nullopt;
        return ServerReply{200, {}, R"({"retCode":10006,"retMsg":"Too many visits."})"};
    };
    link.venue().cancel_all(link.all_listings(), link.now(), link, link);
    link.run(seconds(4));
    EXPECT_EQ(asked, 5) << "three, and two of them twice";
    EXPECT_TRUE(link.exchange().orders(VenueLink::kAccount, kNoListing, true).empty());
    ASSERT_NE(link.last_end(RequestKind::cancel_all), nullptr);
    EXPECT_EQ(link.last_end(RequestKind::cancel_all)->end.outcome, Outcome::done);
}

// Rates may be asked for five times a second: one answer tells them all, however many listings there are.
TEST_P(BybitQuestionsTest, OneAnswerTellsTheFeesOfTheWholeCategory)
{
    std::vector<std::string> bases;
    for (int i = 0; i < 60; ++i) bases.push_back(fmt::format("C{}", i));
    VenueLink link(type(), GetParam(), several(bases));
    link.start();
    link.run(seconds(1));
    int asked = 0;
    link.on_to_venue = [&](Message& m) {
        asked += m.request.url.find("fee-rate") != std::string::npos ? 1 : 0;
        return true;
    };
    link.venue().query_fees(link.all_listings(), link.now(), link, link);
    link.run(seconds(1));
    EXPECT_EQ(link.fees.size(), 60U);
    EXPECT_EQ(asked, 1);
    ASSERT_NE(link.last_end(RequestKind::fees), nullptr);
    EXPECT_TRUE(link.last_end(RequestKind::fees)->end.complete);
}

// An answer that leaves some out, or none for the category: the rest is asked for one by one, within the
// limit, and after a refusal with the one that was refused.
TEST_P(BybitQuestionsTest, FeesThatOneAnswerLeavesOutAreAskedForAtThePaceAllowed)
{
    std::vector<std::string> bases;
    for (int i = 0; i < 8; ++i) bases.push_back(fmt::format("C{}", i));
    for (const bool refused : {false, true}) {
        VenueLink link(type(), GetParam(), several(bases));
        link.start();
        link.run(seconds(1));
        std::vector<std::string> asked;
        link.instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
            if (request.url.find("fee-rate") == std::string::npos) return std::nullopt;
            asked.push_back(request.url.substr(request.url.find('?')));
            if (asked.size() == 4) return ServerReply{200, {}, R"({"retCode":10006,"retMsg":"x"})"};
            if (asked.size() > 1) return std::nullopt;
            if (refused) return ServerReply{200, {}, R"({"retCode":10001,"retMsg":"symbol is required"})"};
            return ServerReply{200,
                               {},
                               R"({"retCode":0,"result":{"list":[{"symbol":"C0USDT",)"
                               R"("takerFeeRate":"0.001","makerFeeRate":"0.001"},{"symbol":"OTHER"}]}})"};
        };
        link.venue().query_fees(link.all_listings(), link.now(), link, link);
        link.run(seconds(6));
        EXPECT_EQ(link.fees.size(), 8U);
        ASSERT_NE(link.last_end(RequestKind::fees), nullptr);
        EXPECT_EQ(link.last_end(RequestKind::fees)->end.outcome, Outcome::done);
        EXPECT_TRUE(link.last_end(RequestKind::fees)->end.complete);
        ASSERT_EQ(asked.size(), refused ? 10U : 9U);
        EXPECT_EQ(asked[3], asked[4]) << "the one that was refused, again";
    }
}

// Each of these leaves the list incomplete: what it should have told is not known.
TEST_P(BybitQuestionsTest, ABrokenRowMakesAListIncomplete)
{
    start();
    const auto complete = [&](RequestKind kind, const std::string& row) {
        link_->instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
            const bool wallet = request.url.find("/v5/position/") != std::string::npos;
            return ServerReply{
                200,
                {},
                fmt::format(R"({{"retCode":0,"result":{{"list":[{}]}}}})", wallet ? std::string() : row)};
        };
        const std::vector<ListingId> all = link_->all_listings();
        if (kind == RequestKind::fees) link_->venue().query_fees(all, link_->now(), *link_, *link_);
        if (kind == RequestKind::open_orders)
            link_->venue().query_open_orders(all, link_->now(), *link_, *link_);
        if (kind == RequestKind::fills)
            link_->venue().query_fills(all, link_->now() - seconds(9), link_->now(), *link_, *link_);
        if (kind == RequestKind::balances) link_->venue().query_balances(link_->now(), *link_, *link_);
        link_->run(seconds(2));
        const auto* end = link_->last_end(kind);
        return end != nullptr && end->end.outcome == Outcome::done && end->end.complete;
    };
    const std::string fee = R"({"symbol":"LINKUSDT","takerFeeRate":"0.001","makerFeeRate":"0.0008"})";
    EXPECT_TRUE(complete(RequestKind::fees, fee));
    EXPECT_FALSE(complete(RequestKind::fees, replaced(fee, "0.001", "oops")));
    EXPECT_FALSE(complete(RequestKind::fees, replaced(fee, "LINKUSDT", "OTHERUSDT"))) << "none of ours";
    EXPECT_EQ(link_->fees.size(), 1U);
    const std::string order =
        R"({"symbol":"LINKUSDT","orderId":"1","side":"Buy","cumExecQty":"0","price":"27",)"
        R"("qty":"1","orderStatus":"New"})";
    EXPECT_TRUE(complete(RequestKind::open_orders, order));
    EXPECT_FALSE(complete(RequestKind::open_orders, replaced(order, "New", "Invented")));
    EXPECT_FALSE(complete(RequestKind::open_orders, replaced(order, "LINKUSDT", "OTHERUSDT")));
    const std::string fill =
        R"({"symbol":"LINKUSDT","orderId":"1","execId":"2","side":"Buy","execPrice":"27",)"
        R"("execQty":"1","execFee":"0.1","execType":"Trade"})";
    EXPECT_TRUE(complete(RequestKind::fills, fill));
    EXPECT_FALSE(complete(RequestKind::fills, replaced(fill, R"("execQty":"1")", R"("execQty":"x")")));
    EXPECT_FALSE(complete(RequestKind::fills, replaced(fill, "Trade", "Invented")));
    EXPECT_FALSE(complete(RequestKind::fills, replaced(fill, "LINKUSDT", "OTHERUSDT")));
    const std::string wallet = R"({"coin":[{"coin":"USDT","walletBalance":"5.25","locked":"1"}]})";
    EXPECT_TRUE(complete(RequestKind::balances, wallet));
    EXPECT_FALSE(complete(RequestKind::balances, replaced(wallet, "5.25", "5,25")));
}

// Orders of ours have no side of a hedge: the venue refuses every one. It is said before the first.
TEST_P(BybitQuestionsTest, AHedgedAccountIsRefusedWithTheWayOut)
{
    if (spot()) return;
    bool hedged = true;
    link_->instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
        if (!hedged || request.url.find("/v5/position/list") == std::string::npos) return std::nullopt;
        return ServerReply{
            200,
            {},
            R"({"retCode":0,"result":{"list":[{"category":"linear","symbol":"LINKUSDT","side":"Buy",)"
            R"("size":"3","positionIdx":1},{"category":"linear","symbol":"LINKUSDT","side":"Sell",)"
            R"("size":"1","positionIdx":2}]}})"};
    };
    start();
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::key_trouble, RejectReason::permission);
    EXPECT_NE(link_->last_end(RequestKind::balances)->text.find("one-way mode"), std::string::npos);
    EXPECT_EQ(link_->balances.back().report.total.text(), "2");
    link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    expect_end(RequestKind::place, Outcome::refused, RejectReason::permission);
    EXPECT_EQ(link_->exchange().order_count(), 0U);
    // The mode changed: everything as usual.
    hedged = false;
    link_->venue().query_balances(link_->now(), *link_, *link_);
    settle();
    expect_end(RequestKind::balances, Outcome::done);
    link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::done);
}

}  // namespace
}  // namespace arb::bybit::test
