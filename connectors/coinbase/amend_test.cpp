// Another price for an order that rests: the bytes of the request, what each reply says of it, and where
// nothing is sent. What tells the price when the user channel does not: short_form_test.cpp.
#include <gtest/gtest.h>

#include "connectors/coinbase/encoder.hpp"
#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/test_support.hpp"
#include "engine/venue/encoding.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;
using Kind = VenueLink::Message::Kind;

bool is_amend(const VenueLink::Message& m)
{
    return m.request.method == "POST" && m.request.url.ends_with("/orders/edit");
}

class CoinbaseAmend : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override
    {
        make_link(FeeTaking::quote, GetParam());
        start();
        ASSERT_TRUE(ready());
    }
    OrderId rest(TimeInForce tif = TimeInForce::post_only)
    {
        const OrderId id = link->place(Side::buy, "10", "27.00", tif);
        settle();
        return id;
    }
    std::string amended(OrderId id, std::string_view price)
    {
        link->amend(id, price);
        settle();
        return ended(RequestKind::amend);
    }
    Price at_venue() const
    {
        return link->exchange().orders(VenueLink::kAccount, kNoListing, false).back()->price;
    }
    /// The venue does not see it (but a reply without a status follows what it did): the answer is this.
    std::string answered(OrderId id, int status, const std::string& body)
    {
        link->instead_of_reply = [=](const HttpRequest& r) {
            const bool asked = r.url.ends_with("/orders/edit");
            return asked ? std::optional<ServerReply>({-status, {}, body}) : std::nullopt;
        };
        const std::string end = amended(id, "27.05");
        link->instead_of_reply = nullptr;
        return end;
    }
    std::string refused_with(OrderId id, const std::string& edit, const std::string& preview)
    {
        return answered(id, 200,
                        R"({"success":false,"errors":[{"edit_failure_reason":")" + edit +
                            R"(","preview_failure_reason":")" + preview + "\"}]}");
    }
};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseAmend, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST(CoinbaseEncoder, amend_bodies)
{
    const Listing& listing = table().listing(ListingId{0});
    OrderIntent intent;
    intent.listing = listing.id;
    intent.price = {3'000'050};
    intent.quantity = {12'300'000};
    EXPECT_EQ(amend_body("0e3017a7-ed00-4000-8000-0000000f4241", intent, listing),
              R"({"order_id":"0e3017a7-ed00-4000-8000-0000000f4241","price":"30000.5","size":"0.123"})");
}

TEST_P(CoinbaseAmend, one_request_with_the_venues_id_the_price_and_the_whole_size)
{
    const OrderId id = rest();
    HttpRequest sent;
    int requests = 0;
    link->on_to_venue = [&](VenueLink::Message& m) {
        if (m.kind == Kind::request) {
            sent = m.request;
            ++requests;
        }
        return true;
    };
    link->key_uses.clear();
    const std::string venue_id = link->last(id)->venue_id;
    EXPECT_EQ(amended(id, "27.05"), "done none");
    EXPECT_EQ(requests, 1);
    EXPECT_EQ(link->key_uses, std::vector<std::string>{"/orders/edit"});
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.url, "https://api.coinbase.com/api/v3/brokerage/orders/edit");
    EXPECT_TRUE(sent.is_signed);
    EXPECT_EQ(sent.body, R"({"order_id":")" + venue_id + R"(","price":"27.05","size":"10"})");
    const std::string token = sent.headers.at(0).value;
    const std::size_t point = token.find('.');
    const auto claims = base64url_decode(token.substr(point + 1, token.rfind('.') - point - 1));
    ASSERT_TRUE(claims);
    EXPECT_TRUE(claims->ends_with(R"("uri":"POST api.coinbase.com/api/v3/brokerage/orders/edit"})"))
        << *claims;
}

TEST_P(CoinbaseAmend, the_user_channel_tells_the_price_and_a_question_too)
{
    const OrderId id = rest();
    const arb::test::LinkOrder before = *link->last(id);
    const std::size_t reports = link->orders.size();
    EXPECT_EQ(amended(id, "27.05"), "done none");
    EXPECT_EQ(link->last_end(RequestKind::amend)->end.order, id);
    ASSERT_EQ(link->orders.size(), reports + 1) << "the reply says nothing of the price";
    const arb::test::LinkOrder& told = link->orders.back();
    EXPECT_EQ(told.report.source, ReportSource::stream);
    EXPECT_EQ(told.report.status, OrderStatus::working);
    EXPECT_EQ(told.report.price, link->price("27.05"));
    EXPECT_EQ(told.report.quantity, link->quantity("10"));
    EXPECT_EQ(told.venue_id, before.venue_id);
    EXPECT_EQ(told.client_id, before.client_id);
    link->query(id);
    link->orders.clear();
    link->venue().query_open_orders(link->all_listings(), link->now(), *link, *link);
    settle();
    ASSERT_EQ(link->orders.size(), 2U);
    for (const arb::test::LinkOrder& order : link->orders) {
        EXPECT_EQ(order.report.source, ReportSource::query);
        EXPECT_EQ(order.report.price, link->price("27.05"));
        EXPECT_EQ(order.report.quantity, link->quantity("10"));
        EXPECT_EQ(order.venue_id, before.venue_id);
    }
}

TEST_P(CoinbaseAmend, one_that_may_take_takes)
{
    const OrderId id = rest(TimeInForce::gtc);
    EXPECT_EQ(amended(id, "27.20"), "done none");
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link->filled(id), link->quantity("10"));
    EXPECT_FALSE(link->fills.back().report.maker);
}

TEST_P(CoinbaseAmend, success_decides_whatever_stands_beside_it)
{
    const OrderId id = rest();
    const std::string venue_id = link->last(id)->venue_id;
    const std::string none = R"({"edit_failure_reason":"UNKNOWN_EDIT_ORDER_FAILURE_REASON",)"
                             R"("preview_failure_reason":"UNKNOWN_PREVIEW_FAILURE_REASON"})";
    for (
        const std::string& body :
        {R"({"success":true,"errors":)" + none + "}", R"({"success":true,"errors":[)" + none + "]}",
         std::string(R"({"success":true,"errors":[]})"), std::string(R"({"success":true})"),
         std::string(R"({"success":true,"errors":[{"edit_failure_reason":"ORDER_NOT_FOUND"}]})"),
         R"({"success":true,"success_response":{"order_id":")" + venue_id +
             R"("},"error_response":{"error_details":"Market orders cannot be placed with empty order sizes",)"
             R"("edit_order_failure_reason":"UNKNOWN_EDIT_ORDER_FAILURE_REASON"},"errors":)" +
             none + "}"}) {
        EXPECT_EQ(answered(id, 200, body), "done none") << body;
    }
    EXPECT_EQ(answered(id, 200, R"({"success":true,"success_response":{"order_id":"another"}})"),
              "unknown none");
}

TEST_P(CoinbaseAmend, each_documented_refusal_has_its_reason)
{
    const OrderId id = rest();
    const std::string no_edit = "UNKNOWN_EDIT_ORDER_FAILURE_REASON";
    const std::string no_preview = "UNKNOWN_PREVIEW_FAILURE_REASON";
    for (const char* word :
         {"ORDER_NOT_FOUND", "ONLY_OPEN_ORDERS_CAN_BE_EDITED", "COMMANDER_REJECTED_EDIT_ORDER",
          "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST", "ORDER_IS_ALREADY_BEING_REPLACED",
          "CANNOT_EDIT_ORDER_PENDING_CANCEL", "CANNOT_EDIT_TO_BELOW_FILLED_SIZE",
          "ONLY_LIMIT_ORDER_EDITS_SUPPORTED", "EXCEEDED_MAX_ALLOWED_EDIT_REQUEST_COUNT"}) {
        EXPECT_EQ(refused_with(id, word, no_preview), std::string("refused other ") + word);
        EXPECT_EQ(link->last_end(RequestKind::amend)->end.order, id);
    }
    const auto previewed = [&](const std::string& word) { return refused_with(id, no_edit, word); };
    EXPECT_EQ(previewed("PREVIEW_ORDER_IS_PENDING_CANCEL"), "refused other PREVIEW_ORDER_IS_PENDING_CANCEL");
    EXPECT_EQ(previewed("PREVIEW_TOO_MANY_PENDING_REPLACES"),
              "refused other PREVIEW_TOO_MANY_PENDING_REPLACES");
    EXPECT_EQ(previewed("PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"),
              "refused would_take PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY");
    EXPECT_EQ(previewed("PREVIEW_INSUFFICIENT_FUND"), "refused balance PREVIEW_INSUFFICIENT_FUND");
    EXPECT_EQ(previewed("PREVIEW_INVALID_PRICE_PRECISION"), "refused tick PREVIEW_INVALID_PRICE_PRECISION");
    EXPECT_EQ(refused_with(id, "INVALID_EDITED_SIZE", ""), "refused lot INVALID_EDITED_SIZE");
    EXPECT_EQ(refused_with(id, "INVALID_EDITED_PRICE", ""), "refused price_limit INVALID_EDITED_PRICE");
    EXPECT_EQ(refused_with(id, "COMMANDER_REJECTED_EDIT_ORDER", "PREVIEW_INSUFFICIENT_FUND"),
              "refused balance PREVIEW_INSUFFICIENT_FUND")
        << "the finer of two";
    EXPECT_EQ(answered(id, 200, R"({"success":false,"errors":{"edit_failure_reason":"ORDER_NOT_FOUND"}})"),
              "refused other ORDER_NOT_FOUND")
        << "one object instead of a list";
    EXPECT_EQ(answered(id, 200,
                       R"({"success":false,"error_response":{"error_details":"gone",)"
                       R"("edit_order_failure_reason":"ORDER_NOT_FOUND"}})"),
              "refused other ORDER_NOT_FOUND");
    EXPECT_EQ(link->last_end(RequestKind::amend)->text, "gone");
    EXPECT_EQ(answered(id, 400, R"({"error":"INVALID_ARGUMENT"})"), "refused other INVALID_ARGUMENT");
    EXPECT_EQ(answered(id, 404, R"({"error":"NOT_FOUND"})"), "refused other NOT_FOUND");
    EXPECT_EQ(answered(id, 403, R"({"error":"PERMISSION_DENIED"})"), "refused permission PERMISSION_DENIED");
    EXPECT_EQ(answered(id, 0, "not sent"), "refused other");
    EXPECT_EQ(answered(id, 429, R"({"errors":[{"id":"rate_limit_exceeded","message":"Too many requests"}]})"),
              "rate_limited rate_limited rate_limit_exceeded");
    EXPECT_EQ(status(id), OrderStatus::working);
}

TEST_P(CoinbaseAmend, what_is_not_in_the_table_is_unknown)
{
    const OrderId id = rest();
    const std::string no_edit = "UNKNOWN_EDIT_ORDER_FAILURE_REASON";
    EXPECT_EQ(refused_with(id, no_edit, "UNKNOWN_PREVIEW_FAILURE_REASON"), "unknown none " + no_edit);
    EXPECT_EQ(refused_with(id, "NEVER_HEARD_OF", ""), "unknown none NEVER_HEARD_OF");
    EXPECT_EQ(answered(id, 400, R"({"error":"NEVER_HEARD_OF"})"), "unknown none NEVER_HEARD_OF");
    EXPECT_EQ(answered(id, 503, R"({"error":"INTERNAL"})"), "unknown none INTERNAL");
    for (const char* body : {"", "{}", "[]", "<html>", R"({"success":"yes"})", R"({"success":false})",
                             R"({"success":false,"errors":7})", R"({"success":false,"errors":[7,[],"x"]})"})
        EXPECT_EQ(answered(id, 200, body), "unknown none") << body;
    EXPECT_EQ(answered(id, 0, ""), "unknown none");
    EXPECT_EQ(answered(id, 502, ""), "unknown none");
}

TEST_P(CoinbaseAmend, the_venues_own_refusals)
{
    const OrderId id = rest();
    EXPECT_EQ(amended(id, "27.20"), "refused would_take PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY");
    EXPECT_EQ(amended(id, "27.00"), "refused other EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST");
    EXPECT_EQ(amended(id, "90.00"), "refused price_limit PREVIEW_BREACHED_PRICE_LIMIT");
    // The gate would not let these through: they are broken on the wire.
    const auto broken = [&](std::string_view from, std::string_view to) {
        link->on_to_venue = [=](VenueLink::Message& m) {
            const std::size_t at = m.request.body.find(from);
            if (is_amend(m) && at != std::string::npos) m.request.body.replace(at, from.size(), to);
            return true;
        };
        const std::string end = amended(id, "27.05");
        link->on_to_venue = nullptr;
        return end;
    };
    EXPECT_EQ(broken("\"27.05\"", "\"0.01\""),
              "refused notional_minimum PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL");
    EXPECT_EQ(broken("\"27.05\"", "\"27.055\""), "refused tick PREVIEW_INVALID_PRICE_PRECISION");
    EXPECT_EQ(broken("\"10\"", "\"10.05\""), "refused lot PREVIEW_INVALID_SIZE_PRECISION");
    EXPECT_EQ(broken("\"size\"", "\"volume\""), "refused lot INVALID_EDITED_SIZE");
    EXPECT_EQ(broken("0e3017a7", "0e3017a8"), "refused other ORDER_NOT_FOUND");
    EXPECT_EQ(at_venue(), link->price("27.00"));
    link->cancel(id);
    settle();
    EXPECT_EQ(amended(id, "27.05"), "refused other ONLY_OPEN_ORDERS_CAN_BE_EDITED");
    EXPECT_EQ(link->exchange().order_count(), 1U);
    // All the money there is, and then a little more.
    const OrderId dear = link->place(Side::buy, "3700", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(amended(dear, "27.05"), "refused balance PREVIEW_INSUFFICIENT_FUND");
    EXPECT_EQ(status(dear), OrderStatus::working);
}

TEST_P(CoinbaseAmend, a_refused_token_ends_it)
{
    const OrderId id = rest();
    int requests = 0;
    link->on_to_venue = [&](VenueLink::Message& m) {
        requests += is_amend(m) ? 1 : 0;
        return true;
    };
    EXPECT_EQ(answered(id, 401, "Unauthorized\n"), "refused permission");
    EXPECT_EQ(requests, 1) << "its price was for that moment";
    link->run(seconds(5));
    EXPECT_TRUE(ready());
    EXPECT_EQ(amended(id, "27.05"), "done none");
}

TEST_P(CoinbaseAmend, a_lost_answer_is_unknown_and_a_question_tells_the_price)
{
    const OrderId id = rest();
    link->on_to_client = [](VenueLink::Message& m) {
        return m.kind == Kind::frame && m.text.find("\"channel\":\"user\"") == std::string::npos;
    };
    link->amend(id, "27.05");
    link->run(seconds(9));
    EXPECT_EQ(ended(RequestKind::amend), "none");
    link->run(seconds(2));
    EXPECT_EQ(ended(RequestKind::amend), "unknown none");
    EXPECT_EQ(link->last_end(RequestKind::amend)->end.order, id);
    EXPECT_EQ(link->last(id)->report.price, link->price("27.00"));
    link->on_to_client = nullptr;
    link->query(id);
    settle();
    EXPECT_EQ(link->last(id)->report.price, link->price("27.05"));
    EXPECT_EQ(status(id), OrderStatus::working);
}

TEST_P(CoinbaseAmend, without_the_venues_id_nothing_is_sent)
{
    link->on_to_client = [](VenueLink::Message&) { return false; };
    const OrderId id = link->place(Side::buy, "10", "27.00", TimeInForce::gtc);
    link->key_uses.clear();
    link->amend(id, "27.05");
    EXPECT_EQ(ended(RequestKind::amend), "refused other");
    EXPECT_EQ(link->last_end(RequestKind::amend)->end.order, id);
    EXPECT_TRUE(link->key_uses.empty());
}

TEST_P(CoinbaseAmend, a_session_or_a_key_without_orders_sends_none)
{
    const OrderId id = rest();
    link->use_key(GetParam(), SessionScope::account);
    start();
    link->key_uses.clear();
    link->amend(id, "27.05");
    EXPECT_EQ(ended(RequestKind::amend), "refused permission");
    link->use_key("withdraw", SessionScope::both);
    start();
    link->key_uses.clear();
    link->amend(id, "27.05");
    EXPECT_EQ(ended(RequestKind::amend), "key_trouble permission");
    EXPECT_EQ(link->last_end(RequestKind::amend)->end.order, id);
    EXPECT_TRUE(link->key_uses.empty());
    EXPECT_EQ(at_venue(), link->price("27.00"));
}

}  // namespace
}  // namespace arb::coinbase
