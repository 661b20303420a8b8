// Tokens that the venue refuses although they are good: what is asked once more, what is not, and when a row
// of refusals becomes the key's trouble; and how the channel opens again.
#include <set>

#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/private_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;

class CoinbasePatience : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(FeeTaking::quote, GetParam());
        start();
        ASSERT_TRUE(ready());
        link->ends.clear();
    }
    /// The next so many signed requests whose url ends or goes on like that are refused.
    void refuse(std::string part, int times)
    {
        link->instead_of_reply = [this, part, left = times](const HttpRequest& r) mutable {
            const bool asked = r.is_signed && r.url.find(part) != std::string::npos;
            if (asked) tokens.insert(r.headers[0].value);
            if (!asked || left-- <= 0) return std::optional<ServerReply>();
            // Nothing is executed: the venue does not see it.
            return std::optional<ServerReply>(ServerReply{-401, {}, "Unauthorized\n"});
        };
    }
    bool trouble() const
    {
        return std::any_of(link->ends.begin(), link->ends.end(),
                           [](const auto& e) { return e.end.outcome == Outcome::key_trouble; });
    }
    std::set<std::string> tokens;
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbasePatience, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbasePatience, a_question_is_sent_once_more_with_a_new_token)
{
    refuse("/accounts", 1);
    link->venue().query_balances(link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::balances), "done none");
    EXPECT_TRUE(link->last_end(RequestKind::balances)->end.complete);
    EXPECT_EQ(tokens.size(), 2U) << "exactly one more, and no token twice";
    link->run(seconds(5));
    EXPECT_TRUE(ready());
    EXPECT_FALSE(trouble());
}

TEST_P(CoinbasePatience, a_second_refusal_ends_the_question_and_asks_about_the_key)
{
    refuse("/accounts", 2);
    link->key_uses.clear();
    link->venue().query_balances(link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::balances), "refused permission");
    EXPECT_FALSE(link->last_end(RequestKind::balances)->end.complete);
    EXPECT_EQ(tokens.size(), 2U);
    link->run(seconds(1));
    EXPECT_EQ(link->key_uses, (std::vector<std::string>{"/accounts", "/accounts", "/key_permissions"}));
    EXPECT_TRUE(ready()) << "the key is good";
    EXPECT_FALSE(trouble());
}

TEST_P(CoinbasePatience, an_order_is_refused_and_the_venue_goes_on)
{
    link->on_to_venue = [](VenueLink::Message& m) {
        if (!m.request.url.ends_with("/orders")) return true;
        m.request.headers[0].value += "x";  // its token is not taken
        return true;
    };
    link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "refused permission");
    EXPECT_EQ(link->exchange().order_count(), 0U) << "sent once";
    link->on_to_venue = nullptr;
    link->run(seconds(3));
    EXPECT_TRUE(ready());
    EXPECT_FALSE(trouble());
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
}

TEST_P(CoinbasePatience, a_cancel_is_sent_once_more)
{
    const OrderId id = link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    bool first = true;
    link->on_to_venue = [&](VenueLink::Message& m) {
        if (m.request.url.ends_with("/batch_cancel") && std::exchange(first, false))
            m.request.headers[0].value += "x";
        return true;
    };
    link->cancel(id);
    settle();
    EXPECT_EQ(ended(RequestKind::cancel), "done none");
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_FALSE(trouble());
}

TEST_P(CoinbasePatience, a_row_of_refusals_is_the_keys_trouble_until_it_is_taken_again)
{
    refuse("", 1'000'000);
    link->venue().query_balances(link->now(), *link, *link);
    link->run(seconds(4));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission");
    EXPECT_FALSE(link->ready(Channel::order_entry));
    EXPECT_TRUE(link->ready(Channel::private_stream));
    link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    EXPECT_EQ(ended(RequestKind::place), "key_trouble permission") << "nothing is sent";
    link->instead_of_reply = nullptr;
    link->run(seconds(61));
    EXPECT_TRUE(ready());
    EXPECT_EQ(ended(RequestKind::session), "done none");
    const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
}

TEST_P(CoinbasePatience, a_second_start_of_the_session_logs_on_at_once)
{
    refuse("", 1'000'000);
    link->venue().query_balances(link->now(), *link, *link);
    link->run(seconds(4));
    ASSERT_FALSE(link->ready(Channel::order_entry));
    link->instead_of_reply = nullptr;
    link->venue().start_session(link->now(), *link, *link);
    link->run(milliseconds(100));
    EXPECT_TRUE(ready());
    EXPECT_EQ(ended(RequestKind::session), "done none");
    link->key_uses.clear();
    link->venue().start_session(link->now(), *link, *link);
    link->run(milliseconds(100));
    EXPECT_TRUE(link->key_uses.empty()) << "it stands";
}

TEST_P(CoinbasePatience, four_in_a_row_at_log_on_are_none)
{
    link->restart();
    link->channels.clear();
    refuse("/key_permissions", 4);
    link->start();
    link->run(seconds(3));
    EXPECT_TRUE(ready());
    EXPECT_EQ(tokens.size(), 5U);
    EXPECT_FALSE(trouble());
}

TEST_P(CoinbasePatience, without_a_clock_nobody_blames_the_key)
{
    link->run(seconds(120));  // the clock was seen long ago
    link->instead_of_reply = [](const HttpRequest& r) {
        return std::optional<ServerReply>(ServerReply{r.is_signed ? 401 : 503, {}, ""});
    };
    link->venue().query_balances(link->now(), *link, *link);
    link->run(seconds(20));
    EXPECT_FALSE(trouble());
    EXPECT_TRUE(ready());
}

TEST_P(CoinbasePatience, a_product_that_may_not_be_traded_shuts_nothing)
{
    link->instead_of_reply = [](const HttpRequest& r) -> std::optional<ServerReply> {
        if (!r.url.ends_with("/orders")) return std::nullopt;
        return ServerReply{
            -403, {}, R"({"error":"PERMISSION_DENIED","message":"Target Account Not Tradable"})"};
    };
    link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(ended(RequestKind::place), "refused permission PERMISSION_DENIED");
    link->run(seconds(3));
    EXPECT_TRUE(ready());
    EXPECT_FALSE(trouble());
}

TEST_P(CoinbasePatience, a_question_that_the_key_may_not_ask_is_the_keys_trouble)
{
    link->instead_of_reply = [](const HttpRequest& r) -> std::optional<ServerReply> {
        if (r.url.find("/accounts") == std::string::npos) return std::nullopt;
        return ServerReply{403, {}, R"({"error":"PERMISSION_DENIED","error_details":"Missing scopes"})"};
    };
    link->venue().query_balances(link->now(), *link, *link);
    settle();
    EXPECT_EQ(ended(RequestKind::balances), "key_trouble permission PERMISSION_DENIED");
    EXPECT_EQ(link->last_end(RequestKind::balances)->text, "Missing scopes");
}

// What the user channel says instead of a confirmation.
TEST(CoinbasePatienceStream, the_text_of_an_error_is_read)
{
    struct Row {
        const char* message;
        const char* end;
    };
    const Row rows[] = {
        {"rate limit exceeded", "end session rate_limited"},
        {"internal server error", "end session unknown"},
        {"", "end session unknown"},
        {"authentication failure", nullptr},
    };
    for (const Row& row : rows) {
        test::AccountBench bench;
        bench.frame(std::string(R"({"type":"error","message":")") + row.message + "\"}");
        const test::Lines lines = bench.taken();
        ASSERT_FALSE(lines.empty());
        if (row.end == nullptr)
            EXPECT_EQ(lines, test::Lines{std::string("undecoded venue_error ") + row.message});
        else
            EXPECT_EQ(lines.back(), row.end) << row.message;
        EXPECT_EQ(bench.outbox.reconnects.size(), 1U) << row.message;
    }
}

TEST_P(CoinbasePatience, a_stream_refused_once_comes_back_and_refused_for_ever_is_told)
{
    const auto refuse_stream = [this](int times) {
        link->on_to_client = [left = times](VenueLink::Message& m) mutable {
            if (m.text.find("\"user\":[") == std::string::npos || left-- <= 0) return true;
            m.text = R"({"type":"error","message":"authentication failure"})";
            return true;
        };
        link->cut_all();
    };
    refuse_stream(1);
    link->run(seconds(3));
    EXPECT_TRUE(ready());
    EXPECT_FALSE(trouble());
    refuse_stream(1'000);
    link->run(seconds(10));
    EXPECT_FALSE(link->ready(Channel::private_stream));
    EXPECT_EQ(ended(RequestKind::session), "key_trouble permission error");
    link->on_to_client = nullptr;
    link->run(seconds(31));
    EXPECT_TRUE(ready());
}

}  // namespace
}  // namespace arb::coinbase
