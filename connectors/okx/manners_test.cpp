// The trading side against the emulated venue with its manners: upgrades, a stream that ends as soon as it
// was confirmed, replies that come after the news of their order, fees that are not known yet, figures of
// doubles.
#include <algorithm>

#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkEnd;
using arb::test::money;
using arb::test::VenueLink;

TEST(OkxManners, a_quarter_of_an_hour_leaves_nothing_unknown)
{
    VenueLink link(type(), "", {link_definitions()[0]}, FeeTaking::received, "trade", 7, true, true);
    link.deposit("USDT", "100000.448");
    link.deposit("LINK", "1000");
    link.street("27.10", "27.20", "100000");
    link.start();
    link.run(seconds(2));
    ASSERT_TRUE(link.ready(Channel::order_entry));
    std::vector<OrderId> taken;
    std::size_t down = 0;
    for (int i = 0; i < 180; ++i) {
        link.run(seconds(5));
        down += link.ready(Channel::private_stream) ? 0 : 1;
        if (link.ready(Channel::order_entry))
            taken.push_back(link.place(Side::buy, "1", "27.20", TimeInForce::ioc));
    }
    link.run(seconds(30));
    const auto ended = std::count_if(link.ends.begin(), link.ends.end(), [](const auto& told) {
        return told.end.kind == RequestKind::session && told.end.reason == RejectReason::too_many;
    });
    EXPECT_GE(ended, 2) << "the venue ended the stream";
    EXPECT_LT(down, 5U) << "for a moment each time";
    EXPECT_TRUE(link.ready(Channel::private_stream));
    EXPECT_TRUE(link.ready(Channel::order_entry));
    EXPECT_GT(taken.size(), 170U);
    EXPECT_TRUE(link.closed.empty()) << "no upgrade cut a socket that was told of it";
    for (const LinkEnd& end : link.ends) {
        const bool good = end.end.kind != RequestKind::place || end.end.outcome == Outcome::done;
        EXPECT_TRUE(good) << end.text;
    }
    // What the stream did not tell is asked for, by a list that says when it is whole.
    link.venue().query_fills(link.all_listings(), link.now() - seconds(2'000), link.now(), link, link);
    link.run(seconds(2));
    ASSERT_NE(link.last_end(RequestKind::fills), nullptr);
    EXPECT_TRUE(link.last_end(RequestKind::fills)->end.complete);
    for (const OrderId id : taken) EXPECT_EQ(link.filled(id), link.quantity("1"));
    // A fill of this moment has no fee yet: not whole, and whole a second later.
    (void)link.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    link.run(milliseconds(100));
    for (const bool whole : {false, true}) {
        link.venue().query_fills(link.all_listings(), link.now() - seconds(60), link.now(), link, link);
        link.run(milliseconds(100));
        EXPECT_EQ(link.last_end(RequestKind::fills)->end.complete, whole);
        link.run(seconds(1));
    }
    link.balances.clear();
    link.venue().query_balances(link.now(), link, link);
    link.run(seconds(1));
    EXPECT_TRUE(link.last_end(RequestKind::balances)->end.complete);
    for (const EmulatedBalance& truth : link.exchange().balances(VenueLink::kAccount)) {
        const bool told = std::any_of(link.balances.begin(), link.balances.end(), [&](const auto& b) {
            return b.asset == truth.asset &&
                   absolute(b.report.total - truth.total) <= money("0.00000000000001");
        });
        EXPECT_TRUE(told) << truth.asset;
    }
}

}  // namespace
}  // namespace arb::okx::test
