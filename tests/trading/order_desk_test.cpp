// The life of an order: whatever the order and number of the venue's words, the fills are counted once, one
// terminal word is said, and only when the evidence is whole; what is unknown stays open until it is proven.
#include "engine/trading/order_desk.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "engine/trading/risk_gate.hpp"
#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::kStart;
using test::money;
using test::World;

constexpr ListingId kListing{0};

// A desk whose venue the test plays.
class DeskTest : public ::testing::Test, protected OrderRequests, protected OrderDeskListener {
  protected:
    DeskTest()
        : world_({{.venue = "hb"}, {.venue = "kc"}}),
          gate_(world_.markets, world_.portfolio, test::wide_limits(), world_.fees),
          desk_(world_.table, {}, *this, *this)
    {
        for (const std::size_t venue : {0U, 1U}) {
            world_.start_with(venue, "USDT", "1000000");
            world_.start_with(venue, "LINK", "100000");
        }
        world_.book(0, {{"27.08", "100"}}, {{"27.10", "100"}});
        world_.book(1, {{"27.20", "100"}}, {{"27.30", "100"}});
        gate_.set_epoch(7);
        desk_.epochs().know(7);
        TradingFeatures features;
        features.certainty_window = seconds(10);
        desk_.set_features(VenueId{0}, features);
    }

    OrderId send(std::string_view quantity = "10", TimeInForce tif = TimeInForce::ioc)
    {
        OrderIntent intent = world_.intent(0, Side::buy, "27.10", quantity);
        intent.time_in_force = tif;
        RiskReason reason = RiskReason::none;
        const auto order = gate_.approve_unwind({PackageId{1}, MarketId{0}, {}, 0}, intent, now_, reason);
        ENSURE(order.has_value(), name(reason));
        desk_.send(*order, now_);
        return order->id();
    }
    void report(OrderId order, OrderStatus status, std::string_view filled = "",
                RejectReason reason = RejectReason::none, std::string_view venue_id = "V1")
    {
        OrderReport r;
        r.order = order;
        r.listing = kListing;
        r.status = status;
        r.reason = reason;
        r.venue_id = venue_id;
        r.price = told_price_;
        r.has_filled = !filled.empty();
        if (r.has_filled) r.filled = world_.quantity(0, filled);
        desk_.on_report(r, now_);
    }
    void fill(OrderId order, std::string_view id, std::string_view quantity, bool fee = true,
              std::string_view fee_asset = "USDT", Side side = Side::buy, std::string_view venue_id = "")
    {
        FillReport f;
        f.order = order;
        f.listing = kListing;
        f.side = side;
        f.price = world_.price(0, "27.10");
        f.quantity = world_.quantity(0, quantity);
        f.has_fee = fee;
        f.fee = money("0.01");
        f.fee_asset = fee_asset;
        f.trade_id = id;
        f.venue_id = venue_id;
        f.venue_time = fill_time_;
        desk_.on_fill(f, now_);
    }
    void end(RequestKind kind, Outcome outcome, OrderId order = kForeignOrder, bool complete = true,
             RejectReason reason = RejectReason::none)
    {
        RequestEnd e;
        e.kind = kind;
        e.outcome = outcome;
        e.order = order;
        e.complete = complete;
        e.reason = reason;
        desk_.on_end(VenueId{0}, e, now_);
    }
    void pass(Duration time)
    {
        now_ = now_ + time;
        desk_.on_time(now_);
    }
    std::int64_t filled() const
    {
        std::int64_t sum = 0;
        for (const OrderEvent& event : events_) {
            if (event.kind == OrderEventKind::fill) sum += event.fill.quantity.units;
        }
        return sum;
    }
    std::size_t terminals() const
    {
        return static_cast<std::size_t>(
            std::count_if(events_.begin(), events_.end(), [](const OrderEvent& e) {
                return e.kind == OrderEventKind::done || e.kind == OrderEventKind::rejected;
            }));
    }
    std::int64_t units(std::string_view quantity) const { return world_.quantity(0, quantity).units; }

    void place(const ApprovedOrder& order, Timestamp) override { placed_.push_back(order.id()); }
    void amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp) override
    {
        EXPECT_EQ(order.order, amend.id());
        amended_.push_back(amend.intent().price);
    }
    void cancel(const OrderReference& order, Timestamp) override { cancelled_.push_back(order.order); }
    void query_order(const OrderReference& order, Timestamp) override { queried_.push_back(order.order); }
    void query_fills(ListingId, Timestamp since, Timestamp) override { fills_asked_.push_back(since); }
    void on_order_event(const OrderEvent& event, Timestamp) override
    {
        events_.push_back(event);
        if (event.kind == OrderEventKind::done || event.kind == OrderEventKind::rejected)
            gate_.on_done(event.order);
    }
    void on_order_state(const OrderChange& change, Timestamp) override
    {
        states_.push_back(change.state);
        venue_id_ = change.venue_id;
    }
    void on_late_fill(const FillReport&, const Fill&, Timestamp) override { ++late_; }
    void on_old_fill(const FillReport&, Timestamp) override { ++old_; }
    void on_stranger(const Stranger& stranger, Timestamp) override
    {
        ++strangers_;
        under_our_id_ += stranger.our_id ? 1 : 0;
        last_stranger_ = stranger;
    }
    void on_contradiction(OrderId, ListingId, const char* what, bool, Timestamp) override
    {
        contradictions_.emplace_back(what);
    }
    void on_reopened(OrderId, const OrderIntent& left, Timestamp) override
    {
        reopened_.push_back(left.quantity);
    }
    void on_reopened_end(OrderId) override { ++reopened_ends_; }
    Amount value_fee(ListingId listing, const Fill& fill) override
    {
        EXPECT_EQ(listing, kListing);
        EXPECT_STREQ(fill.fee_name.data(), "COIN");
        return fill.fee_paid + fill.fee_paid;
    }

    World world_;
    RiskGate gate_;
    OrderDesk desk_;
    Timestamp now_ = kStart;
    std::vector<OrderId> placed_, cancelled_, queried_;
    std::vector<Timestamp> fills_asked_;
    std::vector<OrderEvent> events_;
    std::vector<OrderState> states_;
    VenueOrderId venue_id_;
    std::vector<Price> amended_;
    Price told_price_;     // of the next reports
    Timestamp fill_time_;  // the venue's of the next fills; 0: not told
    Stranger last_stranger_;
    std::size_t late_ = 0, old_ = 0, strangers_ = 0, under_our_id_ = 0, reopened_ends_ = 0;
    std::vector<std::string> contradictions_;
    std::vector<Quantity> reopened_;
};

TEST_F(DeskTest, a_fee_in_a_third_coin_is_valued_and_leaves_that_coins_account)
{
    const OrderId order = send();
    fill(order, "1", "4", true, "COIN");
    fill(order, "2", "6");
    ASSERT_GE(events_.size(), 2U);
    EXPECT_EQ(events_[0].fill.fee_asset, FeeAsset::other);
    EXPECT_EQ(events_[0].fill.fee_paid, money("0.01"));
    EXPECT_EQ(events_[0].fill.fee, money("0.02"));
    EXPECT_EQ(events_[1].fill.fee_asset, FeeAsset::quote);
    EXPECT_EQ(events_[1].fill.fee, money("0.01"));
}

TEST_F(DeskTest, an_order_that_fills_ends_when_all_of_it_is_counted)
{
    const OrderId id = send();
    end(RequestKind::place, Outcome::done, id);
    report(id, OrderStatus::working);
    fill(id, "t1", "4");
    EXPECT_EQ(terminals(), 0U);
    fill(id, "t2", "6");
    EXPECT_EQ(terminals(), 1U);
    EXPECT_EQ(events_.back().kind, OrderEventKind::done);
    EXPECT_EQ(filled(), units("10"));
    EXPECT_EQ(desk_.open().count(), 0U);
    EXPECT_EQ(placed_.size(), 1U);
}

TEST_F(DeskTest, a_terminal_word_waits_for_the_fills_that_it_counts)
{
    const OrderId id = send();
    report(id, OrderStatus::cancelled, "4");
    EXPECT_EQ(terminals(), 0U);
    EXPECT_EQ(states_.back(), OrderState::closing);
    // The stream never tells the fill: it is asked for, and comes by the question.
    pass(milliseconds(300));
    ASSERT_EQ(fills_asked_.size(), 1U);
    EXPECT_LT(fills_asked_[0], kStart);
    fill(id, "t1", "4");
    EXPECT_EQ(terminals(), 1U);
    EXPECT_EQ(events_.back().kind, OrderEventKind::done);
    // What ties it to the venue's own statements.
    EXPECT_EQ(venue_id_.view(), "V1");
    ASSERT_GE(events_.size(), 2U);
    EXPECT_STREQ(events_[events_.size() - 2].fill.trade_name.data(), "t1");
}

TEST_F(DeskTest, a_cancelled_word_without_a_total_needs_a_whole_list_of_fills)
{
    const OrderId id = send();
    report(id, OrderStatus::cancelled);
    pass(milliseconds(300));
    ASSERT_EQ(fills_asked_.size(), 1U);
    end(RequestKind::fills, Outcome::done, kForeignOrder, false);
    EXPECT_EQ(terminals(), 0U) << "a cut list proves nothing";
    pass(seconds(2));
    end(RequestKind::fills, Outcome::done);
    EXPECT_EQ(terminals(), 1U);
    EXPECT_EQ(filled(), 0);
}

TEST_F(DeskTest, documented_refusals_end_the_order_and_anything_else_does_not)
{
    const OrderId refused = send();
    end(RequestKind::place, Outcome::refused, refused, true, RejectReason::balance);
    ASSERT_EQ(terminals(), 1U);
    EXPECT_EQ(events_.back().kind, OrderEventKind::rejected);
    EXPECT_EQ(events_.back().reason, RejectReason::balance);

    const OrderId unknown = send();
    end(RequestKind::place, Outcome::unknown, unknown);
    EXPECT_EQ(terminals(), 1U);
    EXPECT_EQ(desk_.open().unknown_count(), 1U);
    const OrderId duplicate = send();
    end(RequestKind::place, Outcome::refused, duplicate, true, RejectReason::duplicate);
    EXPECT_EQ(desk_.open().unknown_count(), 2U) << "an id in use may be our own order";
}

TEST_F(DeskTest, an_unknown_order_that_executed_is_found_by_its_client_id)
{
    const OrderId id = send();
    end(RequestKind::place, Outcome::unknown, id);
    pass(milliseconds(150));
    ASSERT_EQ(queried_.size(), 1U);
    report(id, OrderStatus::filled, "10");
    EXPECT_EQ(terminals(), 0U);
    pass(milliseconds(600));
    fill(id, "t1", "10");
    EXPECT_EQ(terminals(), 1U);
    EXPECT_EQ(desk_.counts().unknown_executed, 1U);
    EXPECT_EQ(placed_.size(), 1U) << "nothing is ever sent again";
}

TEST_F(DeskTest, absence_is_proven_by_id_and_fills_after_the_window_alone)
{
    const OrderId id = send();
    end(RequestKind::place, Outcome::unknown, id);
    while (now_ < kStart + seconds(9)) {
        pass(milliseconds(500));
        report(id, OrderStatus::absent);
        end(RequestKind::fills, Outcome::done);
        ASSERT_EQ(terminals(), 0U) << "inside the certainty window";
    }
    EXPECT_EQ(desk_.open().unknown_count(), 1U);
    while (now_ < kStart + seconds(30) && terminals() == 0) {
        pass(milliseconds(500));
        report(id, OrderStatus::absent);
        end(RequestKind::fills, Outcome::done);
    }
    ASSERT_EQ(terminals(), 1U);
    EXPECT_EQ(events_.back().kind, OrderEventKind::rejected);
    EXPECT_EQ(desk_.counts().unknown_absent, 1U);
}

TEST_F(DeskTest, told_absent_after_the_window_it_is_not_asked_for_again_until_its_fills_are_known)
{
    const OrderId id = send();
    end(RequestKind::place, Outcome::unknown, id);
    pass(seconds(9));
    report(id, OrderStatus::absent);
    std::size_t asked = queried_.size();
    pass(seconds(6));
    EXPECT_GT(queried_.size(), asked) << "it could still arrive when it was told absent";
    report(id, OrderStatus::absent);
    asked = queried_.size();
    const std::size_t fills = fills_asked_.size();
    pass(seconds(30));
    EXPECT_EQ(queried_.size(), asked);
    EXPECT_GT(fills_asked_.size(), fills);
    EXPECT_EQ(terminals(), 0U);
    // It turned up all the same: it is asked for like any other.
    report(id, OrderStatus::working);
    pass(seconds(30));
    EXPECT_GT(queried_.size(), asked);
    report(id, OrderStatus::absent);
    pass(seconds(6));
    end(RequestKind::fills, Outcome::done);
    EXPECT_EQ(terminals(), 1U);
}

TEST_F(DeskTest, without_any_answer_an_order_stays_open_for_ever)
{
    send();
    for (int i = 0; i < 1000; ++i) pass(seconds(5));
    EXPECT_EQ(terminals(), 0U);
    EXPECT_EQ(desk_.open().unknown_count(), 1U);
    EXPECT_GT(queried_.size(), 500U);
    EXPECT_LT(queried_.size(), 1100U) << "questions come with a growing pause";
    EXPECT_EQ(placed_.size(), 1U);
}

TEST_F(DeskTest, a_fill_counts_once_however_often_it_is_told)
{
    const OrderId id = send();
    for (int i = 0; i < 3; ++i) fill(id, "t1", "4");
    report(id, OrderStatus::cancelled, "4");
    EXPECT_EQ(filled(), units("4"));
    EXPECT_EQ(terminals(), 1U);
    // Forty minutes later, and for the next order as well.
    pass(seconds(2400));
    fill(id, "t1", "4");
    EXPECT_EQ(late_, 0U);
    EXPECT_EQ(desk_.counts().duplicate_fills, 3U);
}

TEST_F(DeskTest, two_fills_alike_but_for_the_id_are_two)
{
    const OrderId id = send();
    fill(id, "t1", "5");
    fill(id, "t2", "5");
    EXPECT_EQ(filled(), units("10"));
    EXPECT_EQ(terminals(), 1U);
}

TEST_F(DeskTest, a_fill_after_the_end_is_late_and_a_strangers_is_a_strangers)
{
    const OrderId id = send();
    end(RequestKind::place, Outcome::refused, id, true, RejectReason::balance);
    fill(id, "t9", "1");
    EXPECT_EQ(late_, 1U);
    fill(kForeignOrder, "t10", "1");
    report(kForeignOrder, OrderStatus::working);
    EXPECT_EQ(strangers_, 2U);
}

// Both sides of a trade between two orders of one account carry the venue's one trade id.
TEST_F(DeskTest, a_trade_with_the_owners_own_order_counts_for_ours_and_shows_the_other)
{
    const OrderId id = send();
    fill(kForeignOrder, "t1", "10", true, "USDT", Side::sell);
    fill(id, "t1", "10");
    EXPECT_EQ(filled(), units("10"));
    EXPECT_EQ(terminals(), 1U);
    EXPECT_EQ(strangers_, 1U);
    EXPECT_EQ(desk_.counts().duplicate_fills, 0U);
    fill(kForeignOrder, "t1", "10", true, "USDT", Side::sell);
    EXPECT_EQ(strangers_, 1U) << "each is told once";
    std::size_t kept = 0;
    desk_.fills().trades().for_each([&](const TradeMemory::Trade&) { ++kept; });
    EXPECT_EQ(kept, 1U) << "a stranger's trade is none of those that we counted";
}

TEST_F(DeskTest, two_orders_of_ours_that_meet_each_count_their_side)
{
    const OrderId first = send(), second = send();
    fill(first, "t1", "10");
    fill(second, "t1", "10");
    EXPECT_EQ(filled(), 2 * units("10"));
    EXPECT_EQ(terminals(), 2U);
}

TEST_F(DeskTest, a_fill_without_its_fee_is_asked_for)
{
    const OrderId id = send();
    fill(id, "t1", "10", false);
    EXPECT_EQ(filled(), 0);
    pass(milliseconds(300));
    EXPECT_FALSE(fills_asked_.empty());
    fill(id, "t1", "10");
    EXPECT_EQ(filled(), units("10"));
    EXPECT_EQ(terminals(), 1U);
}

TEST_F(DeskTest, a_private_stream_that_comes_back_has_its_open_orders_asked_for)
{
    const OrderId id = send("10", TimeInForce::gtc);
    report(id, OrderStatus::working);
    pass(seconds(60));
    EXPECT_TRUE(queried_.empty()) << "a resting order is not asked for without a reason";
    desk_.on_channel(VenueId{0}, Channel::private_stream, false, now_);
    pass(milliseconds(200));
    EXPECT_EQ(queried_.size(), 1U);
}

// Neither the reply nor the stream came: it would count as resting for ever.
TEST_F(DeskTest, an_order_that_may_rest_is_asked_for_while_nobody_has_heard_of_it)
{
    const OrderId id = send("10", TimeInForce::post_only);
    pass(seconds(1));
    EXPECT_TRUE(queried_.empty());
    pass(seconds(2));
    EXPECT_EQ(queried_.size(), 1U);
    EXPECT_EQ(desk_.open().unknown_count(), 1U);
    report(id, OrderStatus::working);
    EXPECT_EQ(desk_.open().unknown_count(), 0U);
}

TEST_F(DeskTest, a_cancel_that_finds_nothing_is_no_evidence)
{
    const OrderId id = send("10", TimeInForce::gtc);
    report(id, OrderStatus::working);
    desk_.cancel(id, now_);
    ASSERT_EQ(cancelled_.size(), 1U);
    end(RequestKind::cancel, Outcome::refused, id);
    EXPECT_EQ(terminals(), 0U);
    pass(milliseconds(200));
    EXPECT_EQ(queried_.size(), 1U);
    report(id, OrderStatus::filled, "10");
    fill(id, "t1", "10");
    EXPECT_EQ(filled(), units("10"));
}

TEST_F(DeskTest, an_order_of_an_earlier_run_is_resolved_like_an_unknown_one)
{
    const OrderIntent intent = world_.intent(0, Side::buy, "27.10", "10");
    const OrderId id = make_order_id(3, 1);
    desk_.restore().order(id, intent, kStart - seconds(100));
    desk_.restore().fill(id, world_.quantity(0, "4"));
    FillReport counted;
    counted.order = id;
    counted.trade_id = "t1";
    const VenueKey& venue = world_.table.venue(VenueId{0});
    const std::string& symbol = world_.table.listing(kListing).symbol;
    const Timestamp then = kStart - seconds(99);
    desk_.restore().trade({TradeMemory::key(venue, symbol, counted), VenueId{0}, id, then, {}}, true);
    counted.trade_id = "t0";
    desk_.restore().trade({TradeMemory::key_without_side(venue, symbol, counted), VenueId{0}, id, then, {}},
                          true);
    pass(milliseconds(1));
    EXPECT_EQ(queried_.size(), 1U);
    fill(id, "t0", "1");
    fill(id, "t1", "3");
    EXPECT_EQ(filled(), 0) << "counted in the run before";
    report(id, OrderStatus::cancelled, "7");
    EXPECT_EQ(terminals(), 0U);
    fill(id, "t2", "3");
    EXPECT_EQ(filled(), units("3"));
    EXPECT_EQ(terminals(), 1U);
}

// What was told of an order that is open, and then something that cannot be true beside it.
TEST_F(DeskTest, words_that_contradict_each_other_are_told_once)
{
    struct Step {
        OrderStatus status;
        const char* filled;
        const char* fill;  // before the word
    };
    struct Row {
        const char* what;
        std::vector<Step> steps;
        const char* told;  // empty: nothing
    };
    const Row rows[] = {
        {"old news", {{OrderStatus::working, "4", ""}, {OrderStatus::working, "2", ""}}, ""},
        {"a final total, then old news",
         {{OrderStatus::cancelled, "4", ""}, {OrderStatus::working, "2", ""}},
         ""},
        {"the same end twice", {{OrderStatus::cancelled, "4", ""}, {OrderStatus::cancelled, "4", ""}}, ""},
        {"a final total that is less",
         {{OrderStatus::working, "4", ""}, {OrderStatus::cancelled, "2", ""}},
         "became less"},
        {"a final total below the fills", {{OrderStatus::cancelled, "2", "4"}}, "became less"},
        {"a total that grows after the end",
         {{OrderStatus::cancelled, "4", ""}, {OrderStatus::cancelled, "5", ""}},
         "grew after the end"},
        {"more than was ordered", {{OrderStatus::working, "11", ""}}, "than was ordered"},
        {"filled, and not whole", {{OrderStatus::filled, "9", ""}}, "its total is less"},
        {"rejected, and fills", {{OrderStatus::rejected, "", "4"}}, "called rejected"},
    };
    int trade = 0;
    for (const Row& row : rows) {
        SCOPED_TRACE(row.what);
        contradictions_.clear();
        const OrderId id = send();
        for (int again = 0; again < 2; ++again) {
            for (const Step& step : row.steps) {
                if (*step.fill != '\0' && again == 0) fill(id, "c" + std::to_string(++trade), step.fill);
                report(id, step.status, step.filled);
            }
        }
        if (*row.told == '\0') {
            EXPECT_TRUE(contradictions_.empty()) << contradictions_.front();
            continue;
        }
        ASSERT_EQ(contradictions_.size(), 1U);
        EXPECT_NE(contradictions_[0].find(row.told), std::string::npos) << contradictions_[0];
    }
}

TEST_F(DeskTest, a_trade_told_with_two_quantities_counts_once_and_is_told)
{
    const OrderId id = send();
    fill(id, "t1", "4");
    fill(id, "t1", "5");
    EXPECT_EQ(filled(), units("4"));
    ASSERT_EQ(contradictions_.size(), 1U);
    report(id, OrderStatus::cancelled, "4");
    EXPECT_EQ(terminals(), 1U);
    fill(id, "t1", "4");
    EXPECT_EQ(contradictions_.size(), 1U);
    EXPECT_EQ(late_, 0U);
}

TEST_F(DeskTest, fills_beyond_what_was_ordered_are_counted_and_told)
{
    const OrderId id = send();
    fill(id, "t1", "12");
    EXPECT_EQ(filled(), units("12"));
    EXPECT_EQ(terminals(), 1U);
    EXPECT_EQ(contradictions_.size(), 1U);
}

// The package goes on with what was ordered; what the venue says of more is asked for beside it.
TEST_F(DeskTest, a_total_beyond_what_was_ordered_stays_reserved_until_its_fills_come)
{
    const OrderId id = send();
    report(id, OrderStatus::filled, "15");
    fill(id, "t1", "10");
    EXPECT_EQ(terminals(), 1U);
    EXPECT_EQ(desk_.open().count(), 1U);
    ASSERT_EQ(reopened_.size(), 1U);
    EXPECT_EQ(reopened_[0].units, units("5"));
    pass(milliseconds(1));
    EXPECT_EQ(fills_asked_.size(), 1U);
    fill(id, "t2", "5");
    EXPECT_EQ(late_, 1U);
    EXPECT_EQ(filled(), units("10"));
    EXPECT_EQ(reopened_ends_, 1U);
    EXPECT_EQ(desk_.open().count(), 0U);
    EXPECT_EQ(terminals(), 1U) << "the package has heard its end";
}

TEST_F(DeskTest, an_order_proven_absent_that_is_called_filled_opens_again)
{
    const OrderId id = send();
    end(RequestKind::place, Outcome::unknown, id);
    while (terminals() == 0) {
        pass(milliseconds(500));
        report(id, OrderStatus::absent, "", RejectReason::none, "");
        end(RequestKind::fills, Outcome::done);
    }
    fills_asked_.clear();
    report(id, OrderStatus::filled, "10");
    ASSERT_EQ(reopened_.size(), 1U);
    EXPECT_EQ(reopened_[0].units, units("10")) << "reserved at the worst";
    EXPECT_EQ(contradictions_.size(), 1U);
    EXPECT_EQ(desk_.open().count(), 1U);
    pass(milliseconds(1));
    ASSERT_EQ(fills_asked_.size(), 1U);
    EXPECT_LT(fills_asked_[0], kStart);
    fill(id, "t1", "10");
    EXPECT_EQ(late_, 1U);
    EXPECT_EQ(filled(), 0) << "its package has ended";
    EXPECT_EQ(reopened_ends_, 1U);
    EXPECT_EQ(desk_.counts().sent, desk_.counts().ended);
    // The same word again is no news any more.
    report(id, OrderStatus::filled, "10");
    EXPECT_EQ(desk_.open().count(), 0U);
}

TEST_F(DeskTest, an_order_proven_absent_that_works_is_cancelled_and_must_be_proven_absent_anew)
{
    const OrderId id = send();
    end(RequestKind::place, Outcome::unknown, id);
    while (terminals() == 0) {
        pass(milliseconds(500));
        report(id, OrderStatus::absent, "", RejectReason::none, "");
        end(RequestKind::fills, Outcome::done);
    }
    report(id, OrderStatus::working);
    EXPECT_EQ(cancelled_.size(), 1U);
    EXPECT_EQ(contradictions_.size(), 1U);
    const Timestamp again = now_;
    while (desk_.open().count() > 0) {
        pass(milliseconds(500));
        report(id, OrderStatus::absent);
        end(RequestKind::fills, Outcome::done);
    }
    EXPECT_GE(now_ - again, seconds(10));
    EXPECT_EQ(reopened_ends_, 1U);
}

TEST_F(DeskTest, old_news_of_an_order_that_is_over_changes_nothing)
{
    const OrderId id = send();
    fill(id, "t1", "10");
    for (const OrderStatus status : {OrderStatus::pending, OrderStatus::working, OrderStatus::filled}) {
        report(id, status, "10");
        report(id, status);
    }
    EXPECT_EQ(desk_.open().count(), 0U);
    EXPECT_EQ(desk_.counts().contradictions, 0U);
}

// A venue lets a client id be used again once its order is over.
TEST_F(DeskTest, an_order_or_fill_under_an_id_of_ours_with_another_venue_id_is_a_strangers)
{
    const OrderId id = send();
    report(id, OrderStatus::working);
    fill(id, "t1", "10", true, "USDT", Side::buy, "V1");
    ASSERT_EQ(terminals(), 1U);
    report(id, OrderStatus::working, "", RejectReason::none, "V2");
    EXPECT_EQ(strangers_, 1U);
    report(id, OrderStatus::filled, "3", RejectReason::none, "V2");
    EXPECT_EQ(strangers_, 2U);
    fill(id, "t2", "3", true, "USDT", Side::buy, "V2");
    fill(id, "t2", "3", true, "USDT", Side::buy, "V2");
    EXPECT_EQ(strangers_, 3U);
    EXPECT_EQ(under_our_id_, 3U);
    EXPECT_EQ(late_, 0U);
    EXPECT_EQ(desk_.open().count(), 0U);
    // Of an earlier run, of which only the venue's id is known.
    const OrderId before = make_order_id(3, 9);
    desk_.restore().over(before, "V7");
    fill(before, "t3", "1", true, "USDT", Side::buy, "V8");
    EXPECT_EQ(under_our_id_, 4U);
    fill(before, "t4", "1", true, "USDT", Side::buy, "V7");
    EXPECT_EQ(late_, 1U);
    EXPECT_EQ(under_our_id_, 4U);
}

/// What the desk knows of an order when a fill of it comes.
enum class Known { open, over, reopened, forgotten, foreign };
struct FillRow {
    Known order;
    bool before;  // what is remembered
    const char *trade, *quantity, *venue_id;
    const char* outcome;
};
constexpr FillRow kFillRows[] = {
    {Known::open, false, "new", "1", "V1", "counted"},
    {Known::open, true, "new", "1", "V1", "counted"},
    {Known::open, true, "new", "1", "V2", "stranger"},
    {Known::open, true, "first", "4", "V2", "stranger"},
    {Known::open, true, "first", "4", "V1", "known"},
    {Known::open, true, "first", "5", "V1", "contradiction"},
    {Known::over, false, "new", "1", "V1", "late"},
    {Known::over, true, "new", "1", "V1", "old"},
    {Known::over, true, "new", "1", "V2", "stranger"},
    {Known::over, true, "first", "4", "V1", "known"},
    {Known::over, true, "first", "5", "V1", "contradiction"},
    {Known::reopened, false, "new", "1", "V1", "late"},
    {Known::reopened, true, "new", "1", "V1", "old"},
    {Known::reopened, true, "new", "1", "V2", "stranger"},
    {Known::reopened, true, "first", "4", "V1", "known"},
    {Known::forgotten, false, "new", "1", "V1", "late"},
    {Known::forgotten, true, "new", "1", "V1", "old"},
    {Known::foreign, false, "new", "1", "V9", "stranger"},
    {Known::foreign, true, "new", "1", "V9", "stranger"},
};

// Somebody else's is never ours; what is known is never old; and only an order that was open all the time has
// every trade of it remembered.
// Another engine, on another machine, whose epoch is this run's by chance.
TEST_F(DeskTest, an_id_of_this_run_that_was_never_sent_is_a_strangers)
{
    desk_.epochs().begin(7);
    const OrderId mine = send();
    const OrderId other = make_order_id(7, counter_of(mine) + 1);
    fill(other, "theirs", "4");
    report(make_order_id(7, counter_of(mine) + 2), OrderStatus::working);
    EXPECT_EQ(desk_.counts().strangers, 2U);
    EXPECT_EQ(desk_.counts().late_fills, 0U);
    fill(mine, "mine", "10");
    report(mine, OrderStatus::filled, "10");
    EXPECT_EQ(desk_.open().count(), 0U);
    EXPECT_EQ(desk_.counts().strangers, 2U);
}

TEST_F(DeskTest, a_fill_is_a_strangers_or_known_or_old_or_counted)
{
    std::uint32_t number = 0;
    desk_.epochs().know(3);
    for (const FillRow& row : kFillRows) {
        SCOPED_TRACE(++number);
        pass(seconds(20));
        fill_time_ = now_;
        const std::string first = "first" + std::to_string(number);
        OrderId id = row.order == Known::foreign ? kForeignOrder : make_order_id(3, number);
        if (row.order <= Known::reopened) {
            id = send();
            report(id, OrderStatus::working);
            fill(id, first, "4");
        }
        if (row.order == Known::over || row.order == Known::reopened) report(id, OrderStatus::cancelled, "4");
        if (row.order == Known::reopened) {
            pass(seconds(11));
            report(id, OrderStatus::working);
        }
        desk_.fills().restore_watermark(VenueId{0}, now_, now_);
        fill_time_ = row.before ? now_ - seconds(1) : now_;
        const auto told = [&] {
            return std::array{static_cast<std::size_t>(filled()),
                              late_,
                              old_,
                              strangers_,
                              contradictions_.size(),
                              static_cast<std::size_t>(desk_.counts().duplicate_fills)};
        };
        constexpr const char* kNames[] = {"counted", "late", "old", "stranger", "contradiction", "known"};
        const auto tell = [&] {
            const auto before = told();
            fill(id, row.trade == std::string_view("first") ? first : "new" + std::to_string(number),
                 row.quantity, true, "USDT", Side::buy, row.venue_id);
            const auto after = told();
            for (std::size_t i = 0; i < after.size(); ++i) {
                if (after[i] != before[i]) return std::string_view(kNames[i]);
            }
            return std::string_view("nothing");
        };
        EXPECT_EQ(tell(), row.outcome);
        EXPECT_EQ(tell(), row.outcome == std::string_view("stranger") ? "nothing" : "known") << "each once";
    }
    // An id of ours from an epoch that this log never had.
    const std::size_t strangers = strangers_;
    fill_time_ = now_ - seconds(40);
    fill(make_order_id(9, 1), "other engine", "1");
    EXPECT_EQ(strangers_, strangers + 1);
    EXPECT_EQ(last_stranger_.order, make_order_id(9, 1)) << "whose it is, is told";
    EXPECT_EQ(last_stranger_.time, fill_time_);
    EXPECT_FALSE(last_stranger_.works);
    report(make_order_id(9, 2), OrderStatus::working);
    EXPECT_EQ(last_stranger_.order, make_order_id(9, 2));
    EXPECT_TRUE(last_stranger_.works);
}

// Any permutation and any duplication of the same words ends in the same state.
TEST_F(DeskTest, the_order_of_arrival_does_not_matter)
{
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        events_.clear();
        const std::size_t fills = static_cast<std::size_t>(random.between(0, 4));
        const bool whole = fills > 0 && random.one_in(2);
        const bool knows_total = random.one_in(2);
        const OrderId id = send("8");
        struct Word {
            int kind;  // -2: acknowledged, -1: working, 0..: fill, 100: terminal
        };
        std::vector<Word> words{{-2}, {-1}, {100}};
        for (std::size_t i = 0; i < fills; ++i) words.push_back({static_cast<int>(i)});
        const std::size_t once = words.size();
        for (std::size_t i = 0; i < once; ++i) {
            if (random.one_in(2)) words.push_back(words[i]);
        }
        for (std::size_t i = words.size(); i > 1; --i)
            std::swap(words[i - 1],
                      words[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1))]);
        // Each fill is 2 of 8, or the whole is filled in equal parts.
        const std::string each = whole ? (fills == 1 ? "8" : fills == 2 ? "4" : "2") : "1";
        const std::size_t parts = whole && fills == 3 ? 3 : fills;
        const auto total = static_cast<std::int64_t>(parts) * units(each);
        const bool full = total == units("8");
        for (const Word& word : words) {
            if (word.kind == -2) end(RequestKind::place, Outcome::done, id);
            if (word.kind == -1) report(id, OrderStatus::working);
            if (word.kind >= 0 && word.kind < 100)
                fill(id, "s" + std::to_string(seed) + "f" + std::to_string(word.kind), each);
            if (word.kind == 100) {
                const std::string told = format_scaled(total, world_.instrument(0).quantity_decimals);
                report(id, full ? OrderStatus::filled : OrderStatus::cancelled, knows_total ? told : "");
            }
        }
        // What the venue would answer to the desk's questions.
        for (int i = 0; i < 20 && terminals() == 0; ++i) {
            pass(seconds(1));
            end(RequestKind::fills, Outcome::done);
        }
        EXPECT_EQ(filled(), total);
        EXPECT_EQ(terminals(), 1U);
        EXPECT_EQ(events_.back().kind, OrderEventKind::done) << "the terminal word is the last";
        EXPECT_EQ(desk_.open().count(), 0U);
    }
    EXPECT_EQ(late_, 0U);
}

// An order that rests at a venue where its price can be changed.
class AmendDeskTest : public DeskTest {
  protected:
    AmendDeskTest()
    {
        TradingFeatures features;
        features.amends = true;
        desk_.set_features(VenueId{0}, features);
    }
    void wish(OrderId order, std::string_view price)
    {
        RiskReason reason = RiskReason::none;
        const auto amend =
            gate_.approve_amend(PackageId{1}, order, MarketId{0}, world_.price(0, price), now_, reason);
        ENSURE(amend.has_value(), name(reason));
        desk_.amend(*amend, now_);
    }
    OrderId rest()
    {
        const OrderId order = send("10", TimeInForce::gtc);
        report(order, OrderStatus::working, "0");
        return order;
    }
    Price price_of(OrderId order) const
    {
        Price price;
        desk_.open().for_each(
            [&](const DeskOrder& view) { price = view.id == order ? view.intent.price : price; });
        return price;
    }
    std::size_t told(OrderEventKind kind) const
    {
        return static_cast<std::size_t>(std::count_if(
            events_.begin(), events_.end(), [&](const OrderEvent& event) { return event.kind == kind; }));
    }
};

TEST_F(AmendDeskTest, the_price_is_the_orders_from_the_venues_word_with_it_on)
{
    const OrderId order = rest();
    ASSERT_TRUE(desk_.amendable(order));
    wish(order, "27.09");
    EXPECT_EQ(amended_.back(), world_.price(0, "27.09"));
    EXPECT_FALSE(desk_.amendable(order)) << "one after the other";
    end(RequestKind::amend, Outcome::done, order);
    told_price_ = world_.price(0, "27.10");
    report(order, OrderStatus::working, "0");
    EXPECT_EQ(told(OrderEventKind::amended), 0U) << "old news";
    told_price_ = world_.price(0, "27.09");
    report(order, OrderStatus::working, "2");
    ASSERT_EQ(told(OrderEventKind::amended), 1U);
    EXPECT_EQ(events_.back().price, world_.price(0, "27.09"));
    EXPECT_EQ(price_of(order), world_.price(0, "27.09"));
    EXPECT_TRUE(desk_.amendable(order));
    report(order, OrderStatus::working, "2");
    EXPECT_EQ(told(OrderEventKind::amended), 1U) << "told once";
}

TEST_F(AmendDeskTest, a_wish_that_failed_asks_what_became_of_the_order)
{
    for (const Outcome outcome : {Outcome::refused, Outcome::unknown, Outcome::rate_limited}) {
        const OrderId order = rest();
        wish(order, "27.09");
        end(RequestKind::amend, outcome, order);
        EXPECT_EQ(events_.back().kind, OrderEventKind::amend_failed);
        EXPECT_EQ(price_of(order), world_.price(0, "27.10"));
        pass(milliseconds(200));
        EXPECT_EQ(queried_.back(), order);
        // It had come through all the same.
        told_price_ = world_.price(0, "27.09");
        report(order, OrderStatus::working, "0");
        EXPECT_EQ(price_of(order), world_.price(0, "27.09"));
        told_price_ = {};
    }
}

TEST_F(AmendDeskTest, what_is_in_doubt_over_or_immediate_is_not_changed)
{
    EXPECT_FALSE(desk_.amendable(send("10", TimeInForce::gtc))) << "not heard of yet";
    EXPECT_FALSE(desk_.amendable(OrderId{99}));
    const OrderId doubted = rest();
    desk_.doubt_resting(VenueId{0}, now_);
    EXPECT_FALSE(desk_.amendable(doubted));
    const OrderId over = rest();
    report(over, OrderStatus::cancelled, "0");
    EXPECT_FALSE(desk_.amendable(over));
    desk_.set_features(VenueId{0}, {});
    EXPECT_FALSE(desk_.amendable(rest())) << "the venue does not offer it";
}

TEST_F(AmendDeskTest, its_end_needs_no_word_on_the_price)
{
    const OrderId order = rest();
    wish(order, "27.09");
    fill(order, "f1", "10");
    EXPECT_EQ(events_.back().kind, OrderEventKind::done);
    end(RequestKind::amend, Outcome::refused, order);
    EXPECT_EQ(told(OrderEventKind::amend_failed), 0U);
    EXPECT_EQ(desk_.open().count(), 0U);
}

}  // namespace
}  // namespace arb
