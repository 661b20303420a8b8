// The scopes apart at Bybit: what is dialled and sent on each, and refused keys. What holds for every venue
// stands in tests/contract/scope_contract_test.cpp.
#include <gtest/gtest.h>

#include "connectors/bybit/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::bybit::test {
namespace {

using arb::test::VenueLink;

class BybitScope : public ::testing::TestWithParam<const char*>, protected Life<VenueLink> {
  protected:
    void SetUp() override
    {
        const bool received = std::string_view(GetParam()) == "spot";
        begin(GetParam(), received ? FeeTaking::received : FeeTaking::quote);
        link_->on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::upgrade && m.text.find("public") == std::string::npos)
                dialled_.push_back(m.text.substr(m.text.rfind('/') + 1));
            if (m.kind == Message::Kind::frame || m.kind == Message::Kind::request)
                sent_.push_back(m.text + m.request.url);
            return true;
        };
    }
    void start(std::string_view key, SessionScope scope)
    {
        link_->use_key(key, scope);
        link_->start();
        link_->run(seconds(1));
    }
    bool sent(std::string_view text) const
    {
        return std::any_of(sent_.begin(), sent_.end(),
                           [&](const std::string& s) { return s.find(text) != std::string::npos; });
    }
    std::vector<std::string> dialled_, sent_;
};
INSTANTIATE_TEST_SUITE_P(Markets, BybitScope, ::testing::Values("spot", "linear"),
                         label<::testing::TestParamInfo<const char*>>);

TEST_P(BybitScope, a_key_for_orders_dials_order_entry_alone)
{
    start("trade", SessionScope::orders);
    EXPECT_EQ(dialled_, std::vector<std::string>{"trade"});
    (void)link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    query_fills();
    EXPECT_EQ(link_->fills.size(), 1U) << "questions work in each scope";
    link_->venue().cancel_all(link_->all_listings(), link_->now(), *link_, *link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
}

TEST_P(BybitScope, a_key_that_may_only_read_dials_the_private_stream_alone)
{
    start("read", SessionScope::account);
    EXPECT_EQ(dialled_, std::vector<std::string>{"private"});
    link_->run(seconds(120));
    EXPECT_FALSE(sent("order/")) << "nothing that needs the right to trade";
}

TEST_P(BybitScope, a_refused_key_ends_the_log_ons_of_either_scope)
{
    for (const SessionScope scope : {SessionScope::orders, SessionScope::account}) {
        for (EmulatedKey& key : link_->keys) key.revoked = true;
        start("read", scope);
        EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
        EXPECT_EQ(link_->last_end(RequestKind::session)->code, "10003");
        const std::size_t uses = link_->key_uses.size();
        link_->run(seconds(300));
        EXPECT_EQ(link_->key_uses.size(), uses) << "asking again will not help";
        EXPECT_TRUE(link_->channels.empty());
    }
}

TEST_P(BybitScope, a_clock_far_behind_ends_no_log_ons)
{
    link_->client_ahead = seconds(-60);
    start("read", SessionScope::account);
    EXPECT_EQ(last_end(RequestKind::session), "refused/permission");
    ASSERT_FALSE(link_->clock_offsets.empty());
    link_->venue().set_clock_offset(link_->clock_offsets.back());
    link_->run(seconds(30));
    EXPECT_TRUE(link_->ready(Channel::private_stream));
}

}  // namespace
}  // namespace arb::bybit::test
