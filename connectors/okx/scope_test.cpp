// The scopes apart at OKX: what is sent on each. What holds for every venue stands in
// tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkLife;

class OkxScope : public ::testing::Test, protected Life<LinkLife> {
  protected:
    OkxScope() : Life(FeeTaking::received)
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::frame || m.kind == Message::Kind::request)
                sent_.push_back(m.text + m.request.url);
            return true;
        };
    }
    void start(std::string_view key, SessionScope scope)
    {
        link_.use_key(key, scope);
        link_.start();
        link_.run(seconds(1));
    }
    std::size_t sent(std::string_view text) const
    {
        return static_cast<std::size_t>(std::count_if(sent_.begin(), sent_.end(), [&](const std::string& s) {
            return s.find(text) != std::string::npos;
        }));
    }
    std::vector<std::string> sent_;
};

TEST_F(OkxScope, a_key_for_orders_subscribes_nothing_and_arms_the_timer)
{
    start("trade", SessionScope::orders);
    EXPECT_EQ(sent(R"("channel":"orders")"), 0U);
    EXPECT_EQ(sent(R"("channel":"account")"), 0U);
    EXPECT_EQ(sent("cancel-all-after"), 1U);
    rest(2);
    link_.venue().cancel_all(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
    EXPECT_EQ(open(), 0U);
    settle(seconds(60));
    EXPECT_GE(sent("cancel-all-after"), 4U) << "refreshed every 15 s";
}

TEST_F(OkxScope, a_key_that_may_only_read_sends_nothing_that_needs_the_right_to_trade)
{
    start("read", SessionScope::account);
    settle(seconds(120));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_EQ(sent("/trade/"), 0U);
}

TEST_F(OkxScope, a_refused_key_ends_the_log_ons_of_either_scope)
{
    for (const SessionScope scope : {SessionScope::orders, SessionScope::account}) {
        link_.keys[0].revoked = true;
        sent_.clear();
        start("trade", scope);
        settle(seconds(60));
        EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
        EXPECT_EQ(sent(R"("op":"login")"), 1U);
        EXPECT_TRUE(link_.channels.empty());
    }
}

}  // namespace
}  // namespace arb::okx::test
