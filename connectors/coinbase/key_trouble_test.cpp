// Keys, tokens and clocks that the venue refuses, and what the session makes of it.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;
using Kind = VenueLink::Message::Kind;

class CoinbaseKeyTrouble : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override { make_link(FeeTaking::quote, GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseKeyTrouble, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseKeyTrouble, a_clock_that_is_off_is_told_and_corrected)
{
    link->client_ahead = seconds(30);
    link->start();
    link->run(seconds(4));
    EXPECT_FALSE(link->ready(Channel::order_entry));
    // The clock's trouble, not the key's: whoever hears that does not give the venue up.
    EXPECT_EQ(ended(RequestKind::session).substr(0, 17), "key_trouble clock");
    ASSERT_FALSE(link->clock_offsets.empty());
    EXPECT_LT(std::abs(link->clock_offsets.back().ns + seconds(30).ns), milliseconds(5).ns);
    link->venue().set_clock_offset(link->clock_offsets.back());
    link->run(seconds(40));
    EXPECT_TRUE(ready());
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
}

TEST_P(CoinbaseKeyTrouble, a_clock_that_is_some_seconds_ahead_does_no_harm)
{
    link->client_ahead = seconds(5);
    start();
    EXPECT_TRUE(ready());
}

TEST_P(CoinbaseKeyTrouble, a_clock_that_is_behind_is_corrected_too)
{
    link->client_ahead = seconds(-300);
    link->start();
    link->run(seconds(1));
    EXPECT_FALSE(link->ready(Channel::order_entry));
    link->venue().set_clock_offset(link->clock_offsets.back());
    link->run(seconds(40));
    EXPECT_TRUE(ready());
}

TEST_P(CoinbaseKeyTrouble, a_revoked_key_stops_the_session)
{
    start();
    ASSERT_TRUE(ready());
    for (EmulatedKey& key : link->keys) {
        key.revoked = true;
        link->emulated().on_key_changed(key, link->now(), *link);
    }
    link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "refused permission");
    link->run(seconds(5));
    EXPECT_EQ(ended(RequestKind::session).substr(0, 22), "key_trouble permission");
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_FALSE(link->ready(Channel::private_stream));
    const std::size_t uses = link->key_uses.size();
    link->run(seconds(60));
    EXPECT_LE(link->key_uses.size(), uses + 12);
    link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    EXPECT_EQ(ended(RequestKind::place), "key_trouble permission");
    EXPECT_EQ(link->exchange().order_count(), 0U);
}

TEST_P(CoinbaseKeyTrouble, an_address_that_is_not_allowed_is_refused)
{
    for (EmulatedKey& key : link->keys) key.ip_allowed = {"10.0.0.1"};
    link->start();
    link->run(seconds(1));
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_FALSE(link->ready(Channel::private_stream));
}

TEST_P(CoinbaseKeyTrouble, an_expired_key_is_refused)
{
    for (EmulatedKey& key : link->keys) key.expires = link->now();
    link->start();
    link->run(seconds(1));
    EXPECT_FALSE(link->ready(Channel::order_entry));
}

TEST_P(CoinbaseKeyTrouble, a_read_only_key_may_not_trade)
{
    link->use_key("read");
    link->start();
    link->run(seconds(1));
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_TRUE(link->ready(Channel::private_stream));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission can_trade");
    link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "key_trouble permission");
    link->venue().query_balances(link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::balances), "done none");
    EXPECT_EQ(link->exchange().order_count(), 0U);
    OrderReference any = link->reference(OrderId{5});
    any.venue_id = "0e3017a7-ed00-4000-8000-0000000f4241";
    link->venue().cancel_order(any, link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::cancel), "refused permission PERMISSION_DENIED");
}

TEST_P(CoinbaseKeyTrouble, a_key_that_can_move_money_away_is_not_used)
{
    link->use_key("withdraw");
    link->start();
    link->run(seconds(1));
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission can_transfer");
}

TEST_P(CoinbaseKeyTrouble, a_wrong_signature_is_refused)
{
    link->on_to_venue = [](VenueLink::Message& m) {
        for (HttpHeader& header : m.request.headers) {
            if (header.name == "Authorization") header.value[header.value.size() - 9] ^= 1;
        }
        return true;
    };
    link->start();
    link->run(seconds(3));
    EXPECT_EQ(ended(RequestKind::session).substr(0, 22), "key_trouble permission");
    EXPECT_FALSE(link->ready(Channel::order_entry));
}

TEST_P(CoinbaseKeyTrouble, a_token_is_good_for_its_own_request_alone)
{
    start();
    ASSERT_TRUE(ready());
    std::vector<HttpRequest> sent;
    link->on_to_venue = [&](VenueLink::Message& m) {
        if (m.kind == Kind::request) sent.push_back(m.request);
        return true;
    };
    link->venue().query_balances(link->now(), *link, *link);
    settle();
    ASSERT_EQ(sent.size(), 1U);
    ServerRequest stolen;
    stolen.method = "GET";
    stolen.target = "/api/v3/brokerage/transaction_summary";
    stolen.headers.emplace_back("authorization", sent[0].headers[0].value);
    EXPECT_EQ(link->emulated().on_request(stolen, link->now(), *link).status, 401);
    stolen.target = "/api/v3/brokerage/accounts";
    EXPECT_EQ(link->emulated().on_request(stolen, link->now(), *link).status, 200);
    EXPECT_EQ(link->emulated().on_request(stolen, link->now() + seconds(121), *link).status, 401);
    EXPECT_EQ(link->emulated().on_request(stolen, link->now() - seconds(10), *link).status, 401);
}

}  // namespace
}  // namespace arb::coinbase
