// Amending at the emulated venue, asked as any client of Coinbase would: its words, what an order tells of
// its edits, and an edit that takes its time.
#include <gtest/gtest.h>

#include "connectors/coinbase/emulated_venue.hpp"
#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/signer.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::VenueLink;

const std::string kOrders = "/api/v3/brokerage/orders";

class CoinbaseEdits : public ::testing::TestWithParam<bool>, protected test::Life<VenueLink> {
  protected:
    void SetUp() override { make_link(FeeTaking::quote, "trade", GetParam()); }
    /// With manners good tokens are refused now and then: asked again.
    ServerReply ask(const std::string& method, const std::string& target, const std::string& body = "",
                    std::string_view label = "trade")
    {
        ServerRequest request;
        request.method = method;
        request.target = target;
        request.body = body;
        request.remote = "127.0.0.1";
        request.headers.emplace_back("Host", "127.0.0.1:8443");
        for (const EmulatedKey& key : link->keys) {
            if (key.label != label) continue;
            std::string secret = key.secret;
            Result<std::unique_ptr<Signer>> signer = make_signer(Secret::take(secret));
            const std::string uri = method + " 127.0.0.1:8443" + target.substr(0, target.find('?'));
            request.headers.emplace_back(
                "Authorization",
                "Bearer " + make_token(**signer, {key.key_id, "00ff", link->now().ns / 1'000'000'000, uri}));
        }
        ServerReply reply;
        for (int tries = 0; tries < 3; ++tries) {
            reply = link->emulated().on_request(request, link->now(), *link);
            if (reply.status != 401) break;
        }
        link->exchange().deliver(link->emulated(), link->now(), *link);
        link->run(milliseconds(40));
        return reply;
    }
    std::string place(const std::string& configuration)
    {
        const ServerReply reply = ask(
            "POST", kOrders,
            R"({"client_order_id":"mine-)" + std::to_string(++placed_) +
                R"(","product_id":"LINK-USD","side":"BUY","order_configuration":{)" + configuration + "}}");
        const std::size_t at = reply.body.find(R"("order_id":")");
        return at == std::string::npos ? reply.body : reply.body.substr(at + 12, 36);
    }
    std::string rest(bool post_only = false)
    {
        const std::string id =
            place(std::string(R"("limit_limit_gtc":{"base_size":"10","limit_price":"27.00","post_only":)") +
                  (post_only ? "true}" : "false}"));
        link->run(seconds(1));
        return id;
    }
    /// The reason that is one, or the status, or "done".
    std::string edit(const std::string& id, const std::string& terms)
    {
        const ServerReply reply =
            ask("POST", kOrders + "/edit", R"({"order_id":")" + id + "\"" + terms + "}");
        if (reply.status != 200) return std::to_string(reply.status);
        if (reply.body.starts_with(R"({"success":true,)")) return "done";
        for (const char* key : {R"("edit_failure_reason":")", R"("preview_failure_reason":")"}) {
            const std::size_t begin = reply.body.find(key) + std::string_view(key).size();
            const std::string word = reply.body.substr(begin, reply.body.find('"', begin) - begin);
            if (!word.starts_with("UNKNOWN")) return word;
        }
        return reply.body;
    }
    static std::string terms(const std::string& price, const std::string& size)
    {
        return R"(,"price":")" + price + R"(","size":")" + size + "\"";
    }
    std::string told(const std::string& id) { return ask("GET", kOrders + "/historical/" + id).body; }
    static bool holds(const std::string& text, std::string_view part)
    {
        return text.find(part) != std::string::npos;
    }
    int placed_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Days, CoinbaseEdits, ::testing::Bool(),
                         [](const auto& day) { return day.param ? "manners" : "quiet"; });

TEST_P(CoinbaseEdits, price_and_size)
{
    const std::string id = rest();
    EXPECT_TRUE(holds(told(id), R"("edit_history":[],"current_pending_replace":null})")) << told(id);
    EXPECT_EQ(edit(id, terms("27.05", "10")), "done");
    link->run(seconds(1));
    EXPECT_TRUE(holds(told(id), R"({"limit_limit_gtc":{"base_size":"10","limit_price":"27.05",)"))
        << told(id);
    EXPECT_TRUE(
        holds(told(id), R"("edit_history":[{"price":"27.05","size":"10","replace_accept_timestamp":")"));
    EXPECT_EQ(edit(id, terms("27.05", "12")), "done");
    link->run(seconds(1));
    EXPECT_TRUE(holds(told(id), R"({"limit_limit_gtc":{"base_size":"12","limit_price":"27.05",)"))
        << told(id);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(edit(id, terms("27.1" + std::to_string(i), "12")), "done");
        link->run(seconds(1));
    }
    const std::string last = told(id);
    EXPECT_TRUE(holds(last, R"("edit_history":[{"price":"27.1",)")) << "the latest five: " << last;
    EXPECT_TRUE(holds(last, R"({"price":"27.14","size":"12",)")) << last;
    EXPECT_EQ(link->exchange().order_count(), 1U);
}

TEST_P(CoinbaseEdits, its_words_for_what_it_refuses)
{
    const std::string id = rest();
    const std::string fine = terms("27.05", "10");
    EXPECT_EQ(edit("0e3017a7-ed00-4000-8000-00000000ffff", fine), "ORDER_NOT_FOUND");
    EXPECT_EQ(edit("x", fine), "ORDER_NOT_FOUND");
    EXPECT_EQ(edit(id, terms("27.00", "10")), "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST");
    EXPECT_EQ(edit(id, R"(,"price":"27.05")"), "INVALID_EDITED_SIZE") << "no size is a size of none";
    EXPECT_EQ(edit(id, R"(,"size":"10")"), "INVALID_EDITED_PRICE");
    EXPECT_EQ(edit(id, terms("-27.05", "10")), "INVALID_EDITED_PRICE");
    EXPECT_EQ(edit(id, terms("27.051", "10")), "PREVIEW_INVALID_PRICE_PRECISION");
    EXPECT_EQ(edit(id, terms("27.05", "10.01")), "PREVIEW_INVALID_SIZE_PRECISION");
    EXPECT_EQ(edit(id, terms("1000", "10")), "PREVIEW_BREACHED_PRICE_LIMIT");
    EXPECT_EQ(edit(id, terms("27.05", "100000")), "PREVIEW_INSUFFICIENT_FUND");
    EXPECT_EQ(edit(id, fine + R"(,"stop_price":"26")"), "FIELD_STOPPRICE_NOT_SUPPORTED");
    EXPECT_EQ(edit(id, fine + R"(,"cancel_attached_order":true)"),
              "ORDER_EDIT_INVALID_ATTACHED_ORDER_REQUEST");
    EXPECT_EQ(edit(id, fine + R"(,"attached_order_configuration":{})"),
              "ORDER_EDIT_INVALID_ATTACHED_ORDER_REQUEST");
    EXPECT_EQ(edit(rest(true), terms("27.20", "10")), "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY");
    EXPECT_EQ(edit(place(R"("market_market_ioc":{"base_size":"1"})"), fine),
              "ONLY_LIMIT_ORDER_EDITS_SUPPORTED");
    EXPECT_EQ(edit(place(R"("sor_limit_ioc":{"base_size":"1","limit_price":"27.00"})"), fine),
              "ONLY_OPEN_ORDERS_CAN_BE_EDITED");
    EXPECT_TRUE(holds(told(id), R"("edit_history":[])")) << told(id);
}

TEST_P(CoinbaseEdits, requests_that_are_none)
{
    const std::string id = rest();
    EXPECT_EQ(edit(id, terms("1e5", "10")), "400");
    EXPECT_EQ(edit(id, terms("27.05", "ten")), "400");
    for (const char* body : {"", "x", "[]", "{}", R"({"order_id":7,"price":"27.05","size":"10"})",
                             R"({"order_id":"","price":"27.05","size":"10"})"})
        EXPECT_EQ(ask("POST", kOrders + "/edit", body).status, 400) << body;
    const std::string good = R"({"order_id":")" + id + "\"" + terms("27.05", "10") + "}";
    EXPECT_EQ(ask("GET", kOrders + "/edit", good).status, 404) << "it is a POST";
    EXPECT_EQ(ask("POST", kOrders + "/edit_preview", good).status, 404) << "not emulated";
    EXPECT_EQ(ask("POST", kOrders + "/edit", good, "read").status, 403);
    EXPECT_EQ(ask("POST", kOrders + "/edit", good, "nobody").status, 401);
    EXPECT_TRUE(holds(told(id), R"("edit_history":[])"));
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'\0', '"', '{', ']', '9', '-', '\xff'}) {
            std::string changed = good;
            changed[i] = c;
            const int status = ask("POST", kOrders + "/edit", changed).status;
            ASSERT_TRUE(status == 200 || status == 400 || status == 429) << status << " " << changed;
        }
    }
}

TEST_P(CoinbaseEdits, what_is_filled_is_a_part_of_the_size)
{
    const std::string id = rest();
    link->street("26.90", "27.00", "4");
    link->street("26.90", "27.20");
    EXPECT_TRUE(holds(told(id), R"("filled_size":"4")")) << told(id);
    EXPECT_EQ(edit(id, terms("27.05", "4")), "CANNOT_EDIT_TO_BELOW_FILLED_SIZE");
    EXPECT_EQ(edit(id, R"(,"price":"27.05")"), "CANNOT_EDIT_TO_BELOW_FILLED_SIZE");
    EXPECT_EQ(edit(id, terms("27.05", "6")), "done");
    link->run(seconds(1));
    link->street("26.90", "27.04");
    EXPECT_TRUE(holds(told(id), R"("filled_size":"6")")) << told(id);
    EXPECT_TRUE(holds(told(id), R"("status":"FILLED")")) << told(id);
}

TEST_P(CoinbaseEdits, with_manners_an_edit_takes_its_time)
{
    const std::string fresh =
        place(R"("limit_limit_gtc":{"base_size":"10","limit_price":"27.00","post_only":true})");
    EXPECT_EQ(edit(fresh, terms("27.05", "10")), GetParam() ? "ONLY_OPEN_ORDERS_CAN_BE_EDITED" : "done");
    link->run(seconds(1));
    EXPECT_EQ(edit(fresh, terms("27.06", "10")), "done");
    const std::string under_way = told(fresh);
    EXPECT_EQ(edit(fresh, terms("27.07", "10")), GetParam() ? "ORDER_IS_ALREADY_BEING_REPLACED" : "done");
    if (GetParam()) {
        EXPECT_TRUE(holds(under_way, R"("status":"EDIT_QUEUED")")) << under_way;
        EXPECT_TRUE(holds(under_way, R"({"base_size":"10","limit_price":"27",)")) << under_way;
        EXPECT_TRUE(holds(under_way, R"("edit_history":[],"current_pending_replace":{"price":"27.06",)"))
            << under_way;
    }
    link->run(seconds(1));
    EXPECT_TRUE(holds(told(fresh), R"("status":"OPEN")"));
    EXPECT_TRUE(holds(told(fresh), GetParam() ? R"("limit_price":"27.06")" : R"("limit_price":"27.07")"));
    EXPECT_TRUE(holds(told(fresh), R"("current_pending_replace":null)"));
}

}  // namespace
}  // namespace arb::coinbase
