// SessionScope of a trading side: told once when they open and close, and the session when all that are
// wanted stand.
#include "engine/connect/channel_news.hpp"

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

TEST(ChannelNews, changes_are_told_once)
{
    RoadsHeard heard;
    ChannelNews news(SessionScope::both);
    EXPECT_FALSE(news.set(Channel::order_entry, false, heard));
    EXPECT_TRUE(news.set(Channel::private_stream, true, heard));
    EXPECT_FALSE(news.all_up());
    EXPECT_TRUE(news.set(Channel::order_entry, true, heard));
    EXPECT_FALSE(news.set(Channel::order_entry, true, heard)) << "no news any more";
    EXPECT_TRUE(news.all_up() && news.is_up(Channel::order_entry));
    EXPECT_FALSE(news.set(Channel::order_entry, false, heard));
    EXPECT_FALSE(news.set(Channel::private_stream, false, heard));
    EXPECT_TRUE(news.set(Channel::order_entry, true, heard));
    EXPECT_TRUE(news.set(Channel::private_stream, true, heard));
    EXPECT_EQ(heard.said, "s+o+!o-s-o+s+!") << "the session stands when the last one opens";
}

TEST(ChannelNews, a_channel_that_is_not_wanted_stays_down)
{
    for (const SessionScope scope : {SessionScope::orders, SessionScope::account}) {
        RoadsHeard heard;
        ChannelNews news(scope);
        const bool orders = scope == SessionScope::orders;
        EXPECT_EQ(news.wants(Channel::order_entry), orders);
        EXPECT_EQ(news.wants(Channel::private_stream), !orders);
        for (const bool up : {true, false}) {
            EXPECT_EQ(news.set(Channel::order_entry, up, heard), orders && up);
            EXPECT_EQ(news.set(Channel::private_stream, up, heard), !orders && up);
        }
        EXPECT_EQ(heard.said, orders ? "o+!o-" : "s+!s-");
    }
}

}  // namespace
}  // namespace arb
