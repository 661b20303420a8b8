// Another price for an order that rests, against the emulated venue on an in-memory wire, spot and linear:
// what leaves, what the replies become, and how the stream tells of it.
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "connectors/bybit/test_support.hpp"
#include "engine/base/client_order_id.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::VenueLink;

class BybitAmendTest : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override
    {
        const bool received = std::string_view(GetParam()) == "spot";
        begin(GetParam(), received ? FeeTaking::received : FeeTaking::quote);
    }
    void start() { ASSERT_TRUE(log_on()); }
    void expect_end(Outcome outcome, RejectReason reason, std::string_view code = "")
    {
        EXPECT_EQ(last_end(RequestKind::amend), end_text(outcome, reason));
        EXPECT_EQ(link_->last_end(RequestKind::amend)->code, code);
    }
    OrderId rest_post_only()
    {
        const OrderId id = link_->place(Side::buy, "1", "27.00", TimeInForce::post_only);
        settle();
        return id;
    }
    const EmulatedOrder& at_venue() const
    {
        return *link_->exchange().orders(VenueLink::kAccount, kNoListing, false).back();
    }
    /// The replies to amends say this code.
    void answer_amends_with(std::string code)
    {
        link_->on_to_client = [code = std::move(code)](Message& m) {
            if (m.text.find("order.amend") != std::string::npos)
                m.text = replaced(m.text, "\"retCode\":0", "\"retCode\":" + code);
            return true;
        };
    }
    /// Remembers every frame and request that leaves from now on.
    void listen()
    {
        link_->on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::frame) left_.push_back(m.text);
            if (m.kind == Message::Kind::request) left_.push_back(m.request.url);
            return true;
        };
    }
    std::vector<std::string> left_;
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitAmendTest, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

// "Websocket Trade Guideline" and "Amend Order", written out by hand.
TEST_P(BybitAmendTest, ItSaysTheOrderAndItsNewPrice)
{
    start();
    const OrderId id = rest_an_order("27.00");
    const std::size_t uses = link_->key_uses.size();
    listen();
    const std::string stamp = std::to_string(link_->now().ns / 1'000'000);
    link_->amend(id, "27.05");
    settle();
    ASSERT_EQ(left_.size(), 1U);
    const std::string ours(client_order_id(id).view());
    const std::size_t number = left_[0].find('-');
    EXPECT_TRUE(left_[0].starts_with(R"({"reqId":")"));
    EXPECT_EQ(left_[0].substr(number),
              "-" + ours + R"(","header":{"X-BAPI-TIMESTAMP":")" + stamp +
                  R"(","X-BAPI-RECV-WINDOW":"5000"},"op":"order.amend","args":[{"category":")" + GetParam() +
                  R"(","symbol":"LINKUSDT","orderLinkId":")" + ours + R"(","price":"27.05"}]})");
    EXPECT_EQ(link_->key_uses.size(), uses) << "after the log-on nothing is signed";
    link_->amend(id, "27.1");
    settle();
    ASSERT_EQ(left_.size(), 2U);
    EXPECT_NE(left_[1].find(R"("price":"27.1"}]})"), std::string::npos) << left_[1];
    EXPECT_NE(left_[0].substr(0, number), left_[1].substr(0, left_[1].find('-'))) << "no reqId twice";
}

TEST_P(BybitAmendTest, TheStreamAndEachListTellThePrice)
{
    start();
    const OrderId id = rest_an_order("27.00");
    const std::string venue_id = link_->last(id)->venue_id;
    const auto expect_told = [&](ReportSource source) {
        const auto& last = *link_->last(id);
        EXPECT_EQ(last.report.source, source);
        EXPECT_EQ(last.report.status, OrderStatus::working);
        EXPECT_EQ(last.report.price, link_->price("27.05"));
        EXPECT_EQ(last.report.quantity, link_->quantity("1"));
        EXPECT_TRUE(last.report.has_filled);
        EXPECT_EQ(last.venue_id, venue_id);
        EXPECT_EQ(last.client_id, client_order_id(id).view());
    };
    const std::size_t before = link_->orders.size();
    link_->amend(id, "27.05");
    settle();
    expect_end(Outcome::done, RejectReason::none);
    EXPECT_EQ(ends(RequestKind::amend), 1U);
    EXPECT_EQ(link_->last_end(RequestKind::amend)->end.order, id);
    EXPECT_EQ(link_->orders.size(), before + 1) << "the acknowledgement tells nothing of the order";
    expect_told(ReportSource::stream);
    link_->query(id);
    settle();
    expect_told(ReportSource::query);
    link_->venue().query_open_orders(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    expect_told(ReportSource::query);
    EXPECT_EQ(at_venue().amends, 1U);
    EXPECT_EQ(link_->exchange().order_count(), 1U);
    EXPECT_TRUE(link_->undecoded.empty());
}

TEST_P(BybitAmendTest, WhatIsFilledStaysFilledAndTheRestTakesAtThePrice)
{
    start();
    const OrderId id = rest_an_order("27.15");
    link_->street("27.10", "27.15", "0.3");
    link_->street("27.10", "27.20", "0.4");
    settle();
    link_->amend(id, "27.18");
    settle();
    EXPECT_EQ(link_->last(id)->report.price, link_->price("27.18"));
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("0.3"));
    EXPECT_EQ(link_->last(id)->report.quantity, link_->quantity("1"));
    link_->amend(id, "27.20");
    settle();
    expect_end(Outcome::done, RejectReason::none);
    EXPECT_EQ(link_->filled(id), link_->quantity("0.7"));
    EXPECT_FALSE(link_->fills.back().report.maker);
    EXPECT_EQ(status(id), "working");
    EXPECT_EQ(link_->last(id)->report.price, link_->price("27.20"));
}

// "Amend Order": at spot such an order is called rejected at once; contracts call it cancelled, as when
// placed.
TEST_P(BybitAmendTest, APostOnlyOrderThatWouldTakeIsOver)
{
    start();
    const OrderId id = rest_post_only();
    std::string told;
    link_->on_to_client = [&](Message& m) {
        if (m.text.find("EC_PostOnlyWillTakeLiquidity") != std::string::npos) told = m.text;
        return true;
    };
    link_->amend(id, "27.20");
    settle();
    expect_end(Outcome::done, RejectReason::none);
    EXPECT_NE(told.find(spot() ? R"("orderStatus":"Rejected")" : R"("orderStatus":"Cancelled")"),
              std::string::npos)
        << told;
    EXPECT_EQ(status(id), "cancelled") << "it rested before";
    EXPECT_EQ(link_->last(id)->report.reason, RejectReason::would_take);
    EXPECT_NE(link_->last(id)->report.price, link_->price("27.20"));
    EXPECT_TRUE(link_->fills.empty());
    link_->query(id);
    settle();
    EXPECT_EQ(status(id), "cancelled");
    EXPECT_EQ(link_->last(id)->report.source, ReportSource::query);
}

TEST_P(BybitAmendTest, WhatAPostOnlyOrderFilledBeforeIsOurs)
{
    start();
    const OrderId id = rest_post_only();
    link_->street("26.90", "27.00", "0.4");
    link_->street("26.90", "27.20");
    settle();
    link_->amend(id, "27.20");
    settle();
    EXPECT_EQ(status(id), "cancelled");
    EXPECT_EQ(link_->last(id)->report.filled, link_->quantity("0.4"));
    EXPECT_EQ(link_->filled(id), link_->quantity("0.4"));
}

TEST_P(BybitAmendTest, EachRefusalOfTheVenueHasItsReason)
{
    start();
    const OrderId id = link_->place(Side::buy, "3690", "27.00", TimeInForce::gtc);
    settle();
    const std::size_t before = link_->orders.size();
    const auto refused = [&](std::string_view price, RejectReason reason, const char* code) {
        link_->amend(id, price);
        settle();
        expect_end(Outcome::refused, reason, code);
        EXPECT_EQ(link_->orders.size(), before) << "no word about the order";
    };
    refused("27.00", RejectReason::other, "10001");
    EXPECT_NE(link_->last_end(RequestKind::amend)->text.find("remains unchanged"), std::string::npos);
    refused("100", RejectReason::price_limit, spot() ? "170193" : "110121");
    if (spot()) refused("27.15", RejectReason::balance, "170131");
    link_->exchange().set_halted(ListingId{0}, true);
    refused("26.99", RejectReason::no_market, spot() ? "170151" : "110074");
    link_->exchange().set_halted(ListingId{0}, false);
    EXPECT_EQ(at_venue().amends, 0U);
    link_->cancel(id);
    settle();
    const std::size_t over = link_->orders.size();
    link_->amend(id, "27.05");
    settle();
    expect_end(Outcome::refused, RejectReason::other, spot() ? "170142" : "110001");
    EXPECT_EQ(link_->orders.size(), over);
    EXPECT_EQ(link_->exchange().order_count(), 1U);
}

TEST_P(BybitAmendTest, CodesBecomeWhatTheyMean)
{
    struct Row {
        const char* code;
        Outcome outcome;
        RejectReason reason;
    };
    start();
    const OrderId id = rest_an_order("27.00");
    bool higher = false;
    for (const Row& row : {
             Row{"110001", Outcome::refused, RejectReason::other},  // not there, or over
             {"170213", Outcome::refused, RejectReason::other},
             {"170143", Outcome::refused, RejectReason::other},
             {"110008", Outcome::refused, RejectReason::other},
             {"110010", Outcome::refused, RejectReason::other},
             {"170139", Outcome::refused, RejectReason::other},
             {"170142", Outcome::refused, RejectReason::other},
             {"110079", Outcome::refused, RejectReason::other},  // the amend before is still worked on
             {"170144", Outcome::refused, RejectReason::other},
             {"170145", Outcome::refused, RejectReason::other},  // such an order is not amended
             {"170312", Outcome::refused, RejectReason::other},
             {"110064", Outcome::refused, RejectReason::other},  // less than is filled
             {"170313", Outcome::refused, RejectReason::other},
             {"110003", Outcome::refused, RejectReason::price_limit},
             {"170134", Outcome::refused, RejectReason::tick},
             {"170218", Outcome::refused, RejectReason::would_take},
             {"110007", Outcome::refused, RejectReason::balance},
             {"10002", Outcome::refused, RejectReason::clock},
             {"10005", Outcome::key_trouble, RejectReason::permission},
             {"10006", Outcome::rate_limited, RejectReason::rate_limited},
             {"10429", Outcome::rate_limited, RejectReason::rate_limited},
             {"40004", Outcome::unknown, RejectReason::none},  // what became of it has to be asked
             {"170310", Outcome::unknown, RejectReason::none},
             {"170311", Outcome::unknown, RejectReason::none},
             {"170147", Outcome::unknown, RejectReason::none},
             {"170150", Outcome::unknown, RejectReason::none},
             {"170191", Outcome::unknown, RejectReason::none},
             {"170212", Outcome::unknown, RejectReason::none},
             {"10000", Outcome::unknown, RejectReason::none},
             {"10016", Outcome::unknown, RejectReason::none},
             {"199987", Outcome::unknown, RejectReason::none},  // nobody knows it
         }) {
        answer_amends_with(row.code);
        const std::size_t before = ends(RequestKind::amend);
        higher = !higher;
        link_->amend(id, higher ? "27.05" : "27.00");
        link_->run(milliseconds(150));
        expect_end(row.outcome, row.reason, row.code);
        EXPECT_EQ(link_->last_end(RequestKind::amend)->end.order, id) << row.code;
        EXPECT_EQ(ends(RequestKind::amend), before + 1) << row.code;
    }
}

TEST_P(BybitAmendTest, AnAnswerTwiceIsOneEnd)
{
    start();
    const OrderId id = rest_an_order("27.00");
    bool again = false;
    link_->on_to_client = [&](Message& m) {
        if (again || m.kind != Message::Kind::frame) return true;
        again = true;
        static_cast<SessionOutbox&>(*link_).send(static_cast<SessionId>(index(m.connection) + 1), m.text);
        again = false;
        return true;
    };
    link_->amend(id, "27.05");
    settle();
    expect_end(Outcome::done, RejectReason::none);
    EXPECT_EQ(ends(RequestKind::amend), 1U);
    link_->on_to_client = nullptr;
    link_->run(seconds(12));
    EXPECT_EQ(ends(RequestKind::amend), 1U);
}

TEST_P(BybitAmendTest, WithoutAnAnswerItIsUnknown)
{
    start();
    const OrderId id = rest_an_order("27.00");
    drop_frames("order.amend");
    link_->amend(id, "27.05");
    settle();
    EXPECT_EQ(ends(RequestKind::amend), 0U);
    EXPECT_EQ(link_->last(id)->report.price, link_->price("27.05")) << "the stream tells it all the same";
    link_->run(seconds(10));
    expect_end(Outcome::unknown, RejectReason::none);
    EXPECT_EQ(ends(RequestKind::amend), 1U);
}

TEST_P(BybitAmendTest, ADeadConnectionLeavesItUnknownAndAskingTells)
{
    start();
    const OrderId id = rest_an_order("27.00");
    link_->on_to_client = [](Message& m) { return m.kind != Message::Kind::frame; };
    link_->amend(id, "27.05");
    link_->run(milliseconds(3));
    link_->cut_all();
    expect_end(Outcome::unknown, RejectReason::none);
    EXPECT_EQ(link_->last_end(RequestKind::amend)->end.order, id);
    EXPECT_EQ(link_->last(id)->report.price, link_->price("27.00"));
    link_->on_to_client = nullptr;
    link_->run(seconds(12));
    EXPECT_EQ(ends(RequestKind::amend), 1U);
    link_->query(id);
    settle();
    EXPECT_EQ(link_->last(id)->report.price, link_->price("27.05"));
}

// A price can wait for the socket to come back, so it takes no other route.
TEST_P(BybitAmendTest, NothingLeavesWhileTheRoadIsDown)
{
    start();
    const OrderId id = rest_an_order("27.00");
    link_->on_to_venue = [](Message& m) {
        return m.kind != Message::Kind::upgrade || m.text.find("/v5/trade") == std::string::npos;
    };
    link_->cut_all();
    settle();
    listen();
    link_->amend(id, "27.05");
    expect_end(Outcome::refused, RejectReason::other);
    EXPECT_EQ(link_->last_end(RequestKind::amend)->text, "order entry is down");
    EXPECT_EQ(link_->last_end(RequestKind::amend)->end.order, id);
    EXPECT_TRUE(left_.empty());
    link_->run(seconds(12));
    EXPECT_EQ(ends(RequestKind::amend), 1U);
    EXPECT_EQ(at_venue().amends, 0U);
}

TEST_P(BybitAmendTest, ARestartingOrderEntryRefusesItAndIsLeft)
{
    start();
    const OrderId id = rest_an_order("27.00");
    answer_amends_with("10019");
    link_->amend(id, "27.05");
    settle();
    expect_end(Outcome::refused, RejectReason::other, "10019");
    EXPECT_TRUE(link_->ready(Channel::order_entry)) << "on a new connection";
    EXPECT_EQ(link_->channels.size(), 4U);
}

}  // namespace
}  // namespace arb::bybit::test
