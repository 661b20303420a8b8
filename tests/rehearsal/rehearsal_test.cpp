// A venue rehearsed in memory, for every market that can be emulated: as it should be, with each planted
// deviation, stopped, and without keys or money.
#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/rehearsal/rehearsed_link.hpp"

namespace arb::test {
namespace {

class RehearsalOf : public testing::TestWithParam<VenueCase> {
  protected:
    void rehearse(RehearsedLink::Wish wish)
    {
        stage = std::make_unique<RehearsedLink>(GetParam(), std::move(wish));
        ASSERT_TRUE(stage->run()) << stage->text();
        if (std::getenv("ARBITER_SHOW_ROWS") != nullptr) std::printf("%s", stage->text().c_str());
    }
    std::unique_ptr<RehearsedLink> stage;
};

TEST_P(RehearsalOf, a_venue_that_is_as_documented)
{
    rehearse({});
    EXPECT_EQ(stage->rehearsal->checks().count(CheckResult::differs), 0U) << stage->text();
    EXPECT_TRUE(stage->rehearsal->flags().empty()) << stage->text();
    EXPECT_TRUE(stage->nothing_left());
    EXPECT_FALSE(stage->rehearsal->checks().latencies().empty());
}

// Each planted deviation is found by the checks that are made for it, one of them at the least.
struct Planted {
    Deviation deviation;
    std::vector<const char*> rows;  ///< how their names begin
};
const Planted kPlanted[] = {
    {Deviation::order_not_shown, {"post-only order: on the stream"}},
    {Deviation::end_not_shown, {"post-only order: its end on the stream"}},
    {Deviation::query_absent,
     {"post-only order: by client id", "post-only order: in the list", "post-only order: cancelled"}},
    {Deviation::amend_ignored, {"post-only order: another price on the stream"}},
    {Deviation::cancel_ignored, {"open orders at the end"}},
    {Deviation::ioc_rests, {"IOC that cannot fill"}},
    {Deviation::post_only_takes, {"post-only order that would take"}},
    {Deviation::quantity_differs, {"post-only order: by client id"}},
    {Deviation::fee_differs, {"buy: fee"}},
    {Deviation::fill_not_in_list, {"buy: fills by question"}},
    {Deviation::balance_unmoved, {"buy: balance"}},
    {Deviation::stream_silent, {"post-only order: on the stream"}},
    {Deviation::book_gap, {"book LINK/USDT"}},
    {Deviation::book_crossed, {"book LINK/USDT"}},
    {Deviation::clock_off, {"clock"}},
    {Deviation::key_withdraws, {"key trade"}},
    {Deviation::tick_differs, {"tick LINK/USDT"}},
};

TEST_P(RehearsalOf, finds_each_planted_deviation)
{
    ASSERT_EQ(std::size(kPlanted), static_cast<std::size_t>(Deviation::count_));
    for (const Planted& planted : kPlanted) {
        SCOPED_TRACE(std::string(name(planted.deviation)));
        if (planted.deviation == Deviation::amend_ignored && !amends(GetParam())) continue;
        RehearsedLink::Wish wish;
        wish.deviations.add(planted.deviation);
        rehearse(std::move(wish));
        const auto found = [&](const RehearsalCheck& row) {
            return row.result == CheckResult::differs &&
                   std::any_of(planted.rows.begin(), planted.rows.end(),
                               [&](const char* name) { return row.name.starts_with(name); });
        };
        const auto& rows = stage->rehearsal->checks().rows();
        EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), found)) << stage->text();
        // Whatever a venue does: what is left there is said, and nothing else is cried.
        EXPECT_EQ(stage->rehearsal->flags().empty(), stage->nothing_left()) << stage->text();
    }
}

TEST_P(RehearsalOf, sends_no_order_that_nobody_asked_for)
{
    RehearsedLink::Wish wish;
    wish.orders = wish.fill = false;
    rehearse(std::move(wish));
    EXPECT_EQ(stage->rehearsal->checks().count(CheckResult::differs), 0U) << stage->text();
    EXPECT_EQ(stage->link.exchange().order_count(), 0U);
    const RehearsalCheck row = stage->row("post-only order: taken");
    EXPECT_EQ(row.result, CheckResult::not_tried);
    EXPECT_NE(row.found.find("--orders"), std::string::npos) << row.found;
}

TEST_P(RehearsalOf, orders_that_fill_are_asked_for_apart)
{
    RehearsedLink::Wish wish;
    wish.fill = false;
    rehearse(std::move(wish));
    EXPECT_EQ(stage->rehearsal->checks().count(CheckResult::differs), 0U) << stage->text();
    EXPECT_EQ(stage->link.exchange().trade_count(), 0U);
    EXPECT_GT(stage->link.exchange().order_count(), 0U);
}

TEST_P(RehearsalOf, two_keys_share_the_work)
{
    RehearsedLink::Wish wish;
    wish.keys = {"trade", "read"};
    wish.watch = seconds(5);
    rehearse(std::move(wish));
    EXPECT_EQ(stage->rehearsal->checks().count(CheckResult::differs), 0U) << stage->text();
    EXPECT_EQ(stage->row("key read").result, CheckResult::as_expected);
    EXPECT_TRUE(stage->nothing_left());
}

TEST_P(RehearsalOf, without_a_key_the_public_half_is_judged)
{
    RehearsedLink::Wish wish;
    wish.keys = {};
    wish.watch = seconds(5);
    rehearse(std::move(wish));
    EXPECT_EQ(stage->rehearsal->checks().count(CheckResult::differs), 0U) << stage->text();
    EXPECT_EQ(stage->row("book LINK/USDT").result, CheckResult::as_expected);
    EXPECT_EQ(stage->row("private stream").result, CheckResult::not_tried);
    EXPECT_TRUE(stage->link.key_uses.empty());
}

TEST_P(RehearsalOf, without_money_no_order_is_tried)
{
    RehearsedLink::Wish wish;
    wish.money = false;
    wish.watch = seconds(5);
    rehearse(std::move(wish));
    EXPECT_EQ(stage->rehearsal->checks().count(CheckResult::differs), 0U) << stage->text();
    const RehearsalCheck row = stage->row("post-only order: taken");
    EXPECT_EQ(row.result, CheckResult::not_tried);
    EXPECT_NE(row.found.find("balance"), std::string::npos) << row.found;
    EXPECT_EQ(stage->link.exchange().order_count(), 0U);
}

bool an_order_rests(RehearsedLink& stage)
{
    return !stage.link.exchange().orders(VenueLink::kAccount, kNoListing, true).empty();
}

// The list tells a smaller least quantity than the venue takes.
TEST_P(RehearsalOf, a_refused_order_is_no_end_of_one)
{
    RehearsedLink::Wish wish;
    wish.watch = seconds(5);
    wish.least = "0.1";
    rehearse(std::move(wish));
    for (const char* name :
         {"post-only order: taken", "IOC that cannot fill", "post-only order that would take", "buy: filled"})
        EXPECT_EQ(stage->row(name).result, CheckResult::differs) << name << "\n" << stage->text();
    EXPECT_EQ(stage->row("post-only order: by client id").result, CheckResult::not_tried) << stage->text();
    EXPECT_TRUE(stage->nothing_left());
    EXPECT_TRUE(stage->rehearsal->flags().empty());
}

TEST_P(RehearsalOf, stopped_while_an_order_rests_it_leaves_none)
{
    stage = std::make_unique<RehearsedLink>(GetParam(), RehearsedLink::Wish{});
    ASSERT_TRUE(stage->run_until([&] { return an_order_rests(*stage); }));
    EXPECT_TRUE(stage->rehearsal->on_command("stop", stage->link.now()));
    ASSERT_TRUE(stage->run()) << stage->text();
    EXPECT_TRUE(stage->nothing_left()) << stage->text();
    EXPECT_TRUE(stage->rehearsal->flags().empty()) << stage->text();
    EXPECT_EQ(stage->row("orders left").result, CheckResult::as_expected) << stage->text();
    EXPECT_EQ(stage->row("buy: filled").result, CheckResult::not_tried);
}

TEST_P(RehearsalOf, cut_off_while_an_order_rests_it_leaves_none)
{
    stage = std::make_unique<RehearsedLink>(GetParam(), RehearsedLink::Wish{});
    ASSERT_TRUE(stage->run_until([&] { return an_order_rests(*stage); }));
    stage->link.cut_all();
    ASSERT_TRUE(stage->run()) << stage->text();
    EXPECT_TRUE(stage->nothing_left()) << stage->text();
    EXPECT_TRUE(stage->rehearsal->flags().empty()) << stage->text();
    EXPECT_EQ(stage->row("connections").result, CheckResult::differs);
}

// A venue that is gone for good, with an order in it: nothing can be proved (a dead-man switch of its own may
// have ended it), and that is said.
TEST_P(RehearsalOf, an_order_that_cannot_be_reached_is_cried)
{
    stage = std::make_unique<RehearsedLink>(GetParam(), RehearsedLink::Wish{});
    ASSERT_TRUE(stage->run_until([&] { return an_order_rests(*stage); }));
    const OrderId id = make_order_id(1'700'000'000, 1);
    stage->link.on_to_venue = stage->link.on_to_client = [](VenueLink::Message&) { return false; };
    ASSERT_TRUE(stage->run()) << stage->text();
    ASSERT_FALSE(stage->rehearsal->flags().empty()) << stage->text();
    const std::string& flag = stage->rehearsal->flags().front();
    EXPECT_NE(flag.find(client_order_id(id).view()), std::string::npos) << flag;
    EXPECT_EQ(stage->row("orders left").result, CheckResult::differs);
}

INSTANTIATE_TEST_SUITE_P(Venues, RehearsalOf, testing::ValuesIn(kVenueCases), case_name);

}  // namespace
}  // namespace arb::test
