// What the account's own settings allow, read before the first order.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkLife;
using arb::test::VenueLink;

class OkxMode : public ::testing::Test, protected Life<LinkLife> {
  protected:
    OkxMode() : Life(FeeTaking::received) {}
    /// The venue's answer about the account says this instead.
    static void settings(VenueLink& link, std::string_view level, std::string_view positions)
    {
        link.on_to_client = [level = std::string(level), positions = std::string(positions)](Message& m) {
            if (m.request.url.find("/account/config") == std::string::npos) return true;
            m.reply.body = R"({"code":"0","msg":"","data":[{"acctLv":")" + level + R"(","posMode":")" +
                           positions + R"(","feeType":"0","perm":"read_only,trade","ip":""}]})";
            return true;
        };
    }
    static std::size_t log_ons(const VenueLink& link)
    {
        return static_cast<std::size_t>(
            std::count(link.key_uses.begin(), link.key_uses.end(), std::string("login")));
    }
};

TEST_F(OkxMode, an_account_that_cannot_trade_what_is_wanted_is_refused_with_what_mends_it)
{
    struct Row {
        const char *level, *positions, *mends;
    };
    const Row rows[] = {
        {"1", "net_mode", "choose futures mode"}, {"2", "long_short_mode", "choose one-way mode"},
        {"4", "hedge", "choose one-way mode"},    {"3", "", "choose one-way mode"},
        {"5", "net_mode", "is not known here"},   {"", "net_mode", "is not known here"}};
    for (const Row& row : rows) {
        SCOPED_TRACE(std::string(row.level) + row.positions);
        VenueLink link(type(), "", link_definitions(), FeeTaking::received);
        settings(link, row.level, row.positions);
        link.street("27.10", "27.20");
        link.start();
        link.run(seconds(60));
        EXPECT_FALSE(link.ready(Channel::order_entry));
        EXPECT_EQ(log_ons(link), 1U) << "asking again does not change it";
        const auto* end = link.last_end(RequestKind::session);
        ASSERT_NE(end, nullptr);
        EXPECT_EQ(end->end.outcome, Outcome::refused);
        EXPECT_NE(end->text.find(row.mends), std::string::npos) << end->text;
        (void)link.place(Side::buy, "1", "27.20", TimeInForce::ioc);
        EXPECT_EQ(link.last_end(RequestKind::place)->end.outcome, Outcome::refused);
        link.run(seconds(1));
        EXPECT_EQ(link.exchange().order_count(), 0U);
        // Set right, the next start finds it.
        link.on_to_client = nullptr;
        link.venue().start_session(link.now(), link, link);
        link.run(seconds(1));
        EXPECT_TRUE(link.ready(Channel::order_entry));
    }
}

TEST_F(OkxMode, spot_alone_asks_for_less)
{
    for (const auto& [level, mode] :
         {std::pair<const char*, const char*>{"1", "cash"}, {"2", "cash"}, {"3", "cross"}, {"4", "cross"}}) {
        VenueLink link(type(), "", {link_definitions()[0]}, FeeTaking::received);
        settings(link, level, "long_short_mode");
        std::string said;
        link.on_to_venue = [&](Message& m) {
            if (m.text.find("\"op\":\"order\"") != std::string::npos) said = m.text;
            return true;
        };
        link.street("27.10", "27.20");
        link.start();
        link.run(seconds(1));
        EXPECT_TRUE(link.ready(Channel::order_entry)) << level;
        (void)link.place(Side::buy, "1", "27.20", TimeInForce::ioc);
        link.run(milliseconds(50));
        EXPECT_NE(said.find(std::string(R"("tdMode":")") + mode + "\""), std::string::npos) << level << said;
        EXPECT_EQ(said.find(R"("tradeQuoteCcy":"USDT")") != std::string::npos, mode == std::string("cash"))
            << level;
    }
}

TEST_F(OkxMode, orders_wait_for_the_answer_and_the_stream_does_not)
{
    bool deaf = true;
    link_.on_to_client = [&](Message& m) {
        return !deaf || m.request.url.find("/account/config") == std::string::npos;
    };
    link_.start();
    link_.run(seconds(11));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    EXPECT_EQ(last_end(RequestKind::session), "unknown/none");
    (void)link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    EXPECT_EQ(last_end(RequestKind::place), "refused/other");
    EXPECT_EQ(ends(RequestKind::dead_man), 0U);
    deaf = false;
    settle(seconds(13));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
    EXPECT_EQ(ends(RequestKind::dead_man), 1U);
}

TEST_F(OkxMode, a_key_for_the_account_alone_asks_nothing)
{
    link_.use_key("read", SessionScope::account);
    link_.start();
    link_.run(seconds(2));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_EQ(std::count(link_.key_uses.begin(), link_.key_uses.end(), "/api/v5/account/config"), 0);
}

}  // namespace
}  // namespace arb::okx::test
