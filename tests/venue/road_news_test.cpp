// Roads of a trading half: told once when they open and close, and the session when all that are wanted
// stand.
#include "engine/connect/road_news.hpp"

#include <string>

#include <gtest/gtest.h>

namespace arb {
namespace {

struct RoadsHeard final : TradingSink {
    std::string said;
    void on_undecoded(const Undecoded&) override {}
    void on_channel(Channel channel, bool ready) override
    {
        said += channel == Channel::order_entry ? 'o' : 's';
        said += ready ? '+' : '-';
    }
    void on_request_end(const RequestEnd& end) override { said += end.outcome == Outcome::done ? '!' : '?'; }
};

TEST(RoadNews, changes_are_told_once)
{
    RoadsHeard heard;
    RoadNews news(Roads::both);
    EXPECT_FALSE(news.tell(false, false, heard));
    EXPECT_FALSE(news.tell(false, true, heard));
    EXPECT_TRUE(news.tell(true, true, heard)) << "order entry has come up";
    EXPECT_FALSE(news.tell(true, true, heard)) << "and is no news any more";
    EXPECT_TRUE(news.orders_up());
    EXPECT_FALSE(news.tell(false, true, heard));
    EXPECT_TRUE(news.tell(true, true, heard));
    EXPECT_EQ(heard.said, "s+o+!o-o+") << "one connection, one session";
    news.begin();
    (void)news.tell(true, true, heard);
    EXPECT_EQ(heard.said, "s+o+!o-o+!");
}

TEST(RoadNews, a_road_that_is_not_wanted_stays_down)
{
    for (const Roads roads : {Roads::orders, Roads::account}) {
        RoadsHeard heard;
        RoadNews news(roads);
        const bool orders = roads == Roads::orders;
        EXPECT_EQ(news.tell(true, true, heard), orders);
        EXPECT_EQ(heard.said, orders ? "o+!" : "s+!");
        (void)news.tell(false, false, heard);
        EXPECT_EQ(heard.said, orders ? "o+!o-" : "s+!s-");
    }
}

}  // namespace
}  // namespace arb
