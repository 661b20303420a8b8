// Questions to Binance's REST side where an answer that is less than it seems would cost money: fills whose
// order is not known, lists that are cut, cancelling behind a listing that fails.
#include <gtest/gtest.h>

#include "connectors/binance/life_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

using arb::test::VenueLink;
using test::Case;

class BinanceQuestions : public ::testing::TestWithParam<Case>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(GetParam(), FeeTaking::quote);
        link_->start();
        link_->run(seconds(1));
        ASSERT_TRUE(ready());
    }
    void ask_fills(Duration back)
    {
        link_->venue().query_fills(link_->all_listings(), link_->now() - back, link_->now(), *link_, *link_);
    }
    static bool names(const HttpRequest& request, std::string_view part)
    {
        return request.url.find(part) != std::string::npos;
    }
};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceQuestions,
                         ::testing::Values(Case{"spot", "trade"}, Case{"usdm", "trade"}),
                         test::label<::testing::TestParamInfo<Case>>);

TEST_P(BinanceQuestions, fills_whose_order_cannot_be_asked_for_are_nobodys)
{
    const OrderId id = link_->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    ServerReply reply;
    const auto ask = [&](const ServerReply& instead) {
        reply = instead;
        link_->restart();
        link_->fills.clear();
        link_->instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
            return names(request, "/order?") ? std::optional(reply) : std::nullopt;
        };
        ask_fills(seconds(60));
        settle();
        return test::end_text(ended(RequestKind::fills).outcome, ended(RequestKind::fills).reason);
    };
    for (const ServerReply& bad :
         {ServerReply{200, {}, "{}"}, ServerReply{200, {}, "[]"}, ServerReply{200, {}, "<"},
          ServerReply{503, {}, R"({"code":-2013,"msg":"x"})"}, ServerReply{0, {}, ""}}) {
        EXPECT_EQ(ask(bad), "unknown none") << bad.body;
        EXPECT_FALSE(ended(RequestKind::fills).complete);
        EXPECT_TRUE(link_->fills.empty()) << bad.body;
    }
    EXPECT_EQ(ask({400, {}, R"({"code":-2013,"msg":"Order does not exist."})"}), "done none");
    ASSERT_EQ(link_->fills.size(), 1U);
    EXPECT_EQ(link_->fills[0].report.order, kForeignOrder) << "the venue says that it has no such order";
    link_->instead_of_reply = nullptr;
    link_->restart();
    link_->fills.clear();
    ask_fills(seconds(60));
    settle();
    ASSERT_EQ(link_->fills.size(), 1U);
    EXPECT_EQ(link_->fills[0].report.order, id);
    EXPECT_TRUE(ended(RequestKind::fills).complete);
}

TEST_P(BinanceQuestions, a_question_that_is_cut_is_not_whole_for_sharing_an_answer)
{
    ask_fills(seconds(60));
    ask_fills(seconds(61));                         // waits for the first
    ask_fills(Duration{seconds(86'400).ns * 400});  // joins the second, and goes back too far
    link_->ends.clear();
    link_->run(seconds(120));
    std::vector<bool> complete;
    for (const auto& end : link_->ends) {
        if (end.end.kind == RequestKind::fills) complete.push_back(end.end.complete);
    }
    EXPECT_EQ(complete, (std::vector<bool>{true, false, false}));
}

TEST_P(BinanceQuestions, a_time_that_cannot_be_read_is_none)
{
    const std::size_t samples = link_->clock_offsets.size();
    for (const char* body : {"", "<", "[]", "{}", R"({"serverTime":"1"})", R"({"serverTime":-1})"}) {
        link_->instead_of_reply = [&](const HttpRequest&) { return ServerReply{200, {}, body}; };
        link_->venue().query_time(link_->now(), *link_, *link_);
        settle();
        EXPECT_STREQ(name(ended(RequestKind::time).outcome), "unknown") << body;
    }
    EXPECT_EQ(link_->clock_offsets.size(), samples);
}

// What can be cancelled is cancelled, also behind a listing that fails; not into a ban.
TEST_P(BinanceQuestions, cancelling_goes_on_behind_a_listing_that_fails)
{
    std::vector<ListingDefinition> several;
    for (const char* symbol : {"LINKUSDT", "SOLUSDT", "AVAXUSDT"})
        several.push_back(test::listing(market_, symbol, "0.01", "0.1"));
    struct Row {
        ServerReply first;
        Outcome end;
        int asked;
    };
    const Row rows[] = {
        {{400, {}, R"({"code":-2011,"msg":"Unknown order sent."})"}, Outcome::done, 3},
        {{400, {}, R"({"code":-1121,"msg":"Invalid symbol."})"}, Outcome::refused, 3},
        {{503, {}, ""}, Outcome::unknown, 3},
        {{429, {{"Retry-After", "3"}}, ""}, Outcome::rate_limited, 1},
        {{418, {}, ""}, Outcome::banned, 1},
        {{401, {}, R"({"code":-2015,"msg":"x"})"}, Outcome::key_trouble, 1},
    };
    for (const Row& row : rows) {
        VenueLink link(type(), market_, several);
        link.start();
        link.run(seconds(1));
        int asked = 0;
        link.instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
            if (request.method != "DELETE") return std::nullopt;
            return ++asked == 1 ? row.first : ServerReply{200, {}, "[]"};
        };
        link.venue().cancel_all(link.all_listings(), link.now(), link, link);
        link.run(seconds(1));
        const auto* end = link.last_end(RequestKind::cancel_all);
        ASSERT_NE(end, nullptr);
        EXPECT_STREQ(name(end->end.outcome), name(row.end));
        EXPECT_EQ(end->end.complete, row.end == Outcome::done);
        EXPECT_EQ(asked, row.asked) << name(row.end);
    }
}

// While the websocket is down a stranger's order is cancelled by REST, under the id that the venue gave it.
TEST_P(BinanceQuestions, a_strangers_order_is_named_by_the_venues_id)
{
    std::vector<std::string> asked;
    link_->instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
        asked.push_back(request.url);
        return ServerReply{400, {}, R"({"code":-2013,"msg":"Order does not exist."})"};
    };
    OrderReference stranger;
    stranger.listing = ListingId{0};
    stranger.venue_id = "4711";
    link_->venue().query_order(stranger, link_->now(), *link_, *link_);
    settle();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_NE(asked[0].find("&orderId=4711&"), std::string::npos) << asked[0];
    EXPECT_EQ(asked[0].find("origClientOrderId"), std::string::npos);
    stranger.venue_id = "47&11";
    link_->venue().query_order(stranger, link_->now(), *link_, *link_);
    settle();
    EXPECT_EQ(asked.size(), 1U) << "no such thing is sent";
    EXPECT_STREQ(name(ended(RequestKind::query_order).outcome), "refused");
}

}  // namespace
}  // namespace arb::binance
