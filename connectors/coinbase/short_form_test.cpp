// What tells an amended order's price where the user channel does not: messages in the short form, as the
// channel began, leave the limit out, and an edit that is under way tells none.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/private_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;

class CoinbaseShortForm : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(FeeTaking::quote, GetParam());
        start();
        ASSERT_TRUE(ready());
        link->on_to_client = [](VenueLink::Message& m) {
            const std::size_t at = m.text.find(R"("limit_price":)");
            if (at != std::string::npos) m.text.erase(at, m.text.find(',', at) + 1 - at);
            return true;
        };
        link->on_to_venue = [this](VenueLink::Message& m) {
            questions += m.request.url.find("/orders/historical/0e3017a7") != std::string::npos ? 1 : 0;
            return true;
        };
    }
    OrderId rest()
    {
        const OrderId id = link->place(Side::buy, "10", "27.00", TimeInForce::post_only);
        settle();
        return id;
    }
    std::string amended(OrderId id)
    {
        link->amend(id, "27.05");
        settle();
        return ended(RequestKind::amend);
    }
    int questions = 0;
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseShortForm, ::testing::Values("trade"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseShortForm, the_order_is_fetched_for_its_price)
{
    const OrderId id = rest();
    EXPECT_EQ(questions, 0) << "nothing was amended";
    link->ends.clear();
    EXPECT_EQ(amended(id), "done none");
    EXPECT_EQ(questions, 1);
    EXPECT_EQ(link->ends.size(), 1U) << "nobody asked that question";
    EXPECT_EQ(link->last(id)->report.source, ReportSource::query);
    EXPECT_EQ(link->last(id)->report.price, link->price("27.05"));
    EXPECT_EQ(status(id), OrderStatus::working);
    link->street("26.90", "27.05", "4");
    settle();
    EXPECT_EQ(link->filled(id), link->quantity("4"));
    EXPECT_EQ(questions, 1) << "its price is known";
}

TEST_P(CoinbaseShortForm, the_keys_use_is_noted_without_the_order)
{
    const OrderId id = rest();
    link->key_uses.clear();
    EXPECT_EQ(amended(id), "done none");
    EXPECT_EQ(link->key_uses, (std::vector<std::string>{"/orders/edit", "/orders/historical/{order_id}"}));
}

TEST_P(CoinbaseShortForm, an_answer_older_than_the_message_is_asked_for_again)
{
    const OrderId id = rest();
    link->instead_of_reply = [this](const HttpRequest& r) -> std::optional<ServerReply> {
        if (r.url.find("/orders/historical/0e3017a7") == std::string::npos || questions > 1)
            return std::nullopt;
        // As it was before: another message comes while the answer is on its way.
        link->street("26.90", "27.05", "4");
        return ServerReply{200,
                           {},
                           R"({"order":{"order_id":")" + link->orders.back().venue_id +
                               R"(","product_id":"LINK-USD","side":"BUY","status":"OPEN","filled_size":"0",)"
                               R"("order_configuration":{"limit_limit_gtc":{"base_size":"10",)"
                               R"("limit_price":"27"}}}})"};
    };
    EXPECT_EQ(amended(id), "done none");
    EXPECT_GE(questions, 2);
    EXPECT_EQ(link->last(id)->report.price, link->price("27.05"));
    EXPECT_EQ(link->filled(id), link->quantity("4"));
}

TEST_P(CoinbaseShortForm, a_question_that_fails_is_not_repeated_by_itself)
{
    const OrderId id = rest();
    link->instead_of_reply = [](const HttpRequest& r) -> std::optional<ServerReply> {
        if (r.url.find("/orders/historical/0e3017a7") == std::string::npos) return std::nullopt;
        return ServerReply{404, {}, R"({"error":"NOT_FOUND"})"};
    };
    link->ends.clear();
    EXPECT_EQ(amended(id), "done none");
    link->run(seconds(20));
    EXPECT_EQ(questions, 1);
    EXPECT_EQ(link->ends.size(), 1U);
    EXPECT_EQ(status(id), OrderStatus::working) << "nothing proves it absent";
}

TEST(CoinbasePrivate, an_edit_under_way_tells_no_price)
{
    test::AccountBench bench;
    bench.frame(test::user_frame(0, test::user_order("EDIT_QUEUED", "0")));
    EXPECT_EQ(bench.taken(), test::Lines{"order ours working none buy 0/25000000@0 v-1 stream"});
    bench.frame(test::user_frame(1, test::user_order("OPEN", "0")));
    EXPECT_EQ(bench.taken(), test::Lines{"order ours working none buy 0/25000000@3000050 v-1 stream"});
    EXPECT_TRUE(bench.outbox.sent.empty());
}

}  // namespace
}  // namespace arb::coinbase
