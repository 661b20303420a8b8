// The emulated venue by itself: other terms for orders that rest, by REST and websocket.
#include <gtest/gtest.h>

#include "connectors/okx/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::okx::test {
namespace {

class OkxEmulatedAmends : public ::testing::Test, protected Alone<EmulatedExchange, ExchangeRules> {
  protected:
    explicit OkxEmulatedAmends(bool manners = false) : Alone(manners) {}
    /// sCode of the one item, or the code of a request that was refused as a whole.
    std::string amend(const std::string& terms)
    {
        (void)post("/api/v5/trade/amend-order", R"({"instId":"LINK-USDT",)" + terms + "}");
        return at("/data/0") == "?" ? at("/code") : at("/data/0/sCode");
    }
    /// An order that rests: 2 at 27.00, called `client`.
    void rest(const std::string& client, const std::string& type = "post_only")
    {
        (void)post("/api/v5/trade/order",
                   R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","ordType":")" + type +
                       R"(","px":"27.00","sz":"2","clOrdId":")" + client + "\"}");
        ASSERT_EQ(at("/data/0/sCode"), "0");
    }
    void listen()
    {
        ASSERT_TRUE(open(kSession, "/ws/v5/private"));
        say(kSession, login(0));
        say(kSession, R"({"op":"subscribe","args":[{"channel":"orders","instType":"SPOT"}]})");
    }
    const EmulatedOrder& order(const std::string& client) const
    {
        return *exchange_.find_client(kAccount, client);
    }
};

TEST_F(OkxEmulatedAmends, price_and_quantity_change_and_the_ids_stay)
{
    listen();
    rest("mine1");
    const std::string id = at("/data/0/ordId");
    EXPECT_EQ(amend(R"("clOrdId":"mine1","reqId":"r1","newPx":"27.05")"), "0");
    EXPECT_EQ(at("/data/0/ordId"), id);
    EXPECT_EQ(at("/data/0/clOrdId"), "mine1");
    EXPECT_EQ(at("/data/0/reqId"), "r1");
    EXPECT_EQ(last(kSession).find(R"("eventType")"), std::string::npos);
    EXPECT_EQ(heard(kSession, R"("px":"27.05","sz":"2")"), 1U);
    EXPECT_EQ(heard(kSession, R"("reqId":"r1","amendResult":"0","amendSource":"1","code":"0")"), 1U);
    EXPECT_EQ(get("/api/v5/trade/order?instId=LINK-USDT&clOrdId=mine1"), "0");
    EXPECT_EQ(at("/data/0/ordId"), id);
    EXPECT_EQ(at("/data/0/px"), "27.05");
    EXPECT_EQ(at("/data/0/state"), "live");
    EXPECT_EQ(amend(R"("ordId":")" + id + R"(","newSz":"3")"), "0");
    EXPECT_EQ(heard(kSession, R"("px":"27.05","sz":"3")"), 1U);
    EXPECT_EQ(heard(kSession, R"("reqId":"","amendResult":"0")"), 1U);
    EXPECT_EQ(amend(R"("ordId":")" + id + R"(","clOrdId":"x","newSz":"4","newPx":"27.01")"), "0")
        << "the venue's id counts";
    EXPECT_EQ(exchange_.order_count(), 1U);
    // A cancellation is no amend.
    EXPECT_EQ(post("/api/v5/trade/cancel-order", R"({"instId":"LINK-USDT","clOrdId":"mine1"})"), "0");
    EXPECT_NE(last(kSession).find(R"("state":"canceled")"), std::string::npos);
    EXPECT_NE(last(kSession).find(R"("reqId":"","amendResult":"","amendSource":"")"), std::string::npos);
}

TEST_F(OkxEmulatedAmends, what_was_filled_is_a_part_of_the_new_quantity)
{
    listen();
    EXPECT_EQ(place(R"("px":"27.20","sz":"60","clOrdId":"mine1")"), "0");  // 50 are there
    EXPECT_EQ(order("mine1").filled, (Quantity{500}));
    EXPECT_EQ(amend(R"("clOrdId":"mine1","newSz":"50")"), "51000") << "OKX would count it as filled";
    EXPECT_EQ(amend(R"("clOrdId":"mine1","newSz":"55","newPx":"27.19")"), "0");
    EXPECT_EQ(heard(kSession, R"("px":"27.19","sz":"55")"), 1U);
    EXPECT_NE(last(kSession).find(R"("accFillSz":"50")"), std::string::npos);
    EXPECT_NE(last(kSession).find(R"("state":"partially_filled")"), std::string::npos);
    // One that meets the other side trades; its trade is no amend.
    EXPECT_EQ(amend(R"("clOrdId":"mine1","newPx":"27.21")"), "0");
    EXPECT_EQ(heard(kSession, R"("px":"27.21","sz":"55")"), 2U);
    EXPECT_EQ(heard(kSession, R"("amendResult":"0")"), 2U);
    EXPECT_EQ(order("mine1").state, EmulatedState::filled);
}

TEST_F(OkxEmulatedAmends, refuses_in_its_own_codes)
{
    rest("mine1");
    rest("mine2", "limit");
    const std::pair<const char*, const char*> rows[] = {
        {R"("newPx":"27.05")", "51407"},
        {R"("clOrdId":"nobodys","newPx":"27.05")", "51503"},
        {R"("ordId":"99","newPx":"27.05")", "51503"},
        {R"("clOrdId":"mine1")", "51500"},
        {R"("clOrdId":"mine1","newPx":"27.005")", "51000"},
        {R"("clOrdId":"mine1","newPx":"0")", "51000"},
        {R"("clOrdId":"mine1","newPx":"-1")", "51000"},
        {R"("clOrdId":"mine1","newPx":"1e2")", "51000"},
        {R"("clOrdId":"mine1","newPx":"27.20")", "51511"},
        {R"("clOrdId":"mine1","newPx":"40.00")", "51006"},
        {R"("clOrdId":"mine1","newSz":"2.05")", "51121"},
        {R"("clOrdId":"mine1","newSz":"0.5")", "51020"},
        {R"("clOrdId":"mine1","newSz":"0")", "51000"},
        {R"("clOrdId":"mine1","newSz":"-2")", "51000"},
        {R"("clOrdId":"mine1","newSz":"99999999999999999999")", "51121"},
        {R"("clOrdId":"mine1","newSz":"9000")", "51008"},
        {R"("clOrdId":"mine1","newPx":"27.05","reqId":"with-dash")", "51000"},
        {R"("clOrdId":"mine1","newPx":"27.05","cxlOnFail":true)", "51000"},
        {R"("clOrdId":"mine1","newPx":"27.05","cxlOnFail":"true")", "51000"},
        {R"("clOrdId":"mine1","newPx":"27.05","pxAmendType":"1")", "51000"},
        {R"("clOrdId":"mine1","newPxUsd":"27.05")", "51000"},
        {R"("clOrdId":"mine1","newPx":"27.05","attachAlgoOrds":[])", "51000"},
        {R"("clOrdId":"mine1","newPx":"27.05","cxlOnFail":false,"pxAmendType":"0")", "0"},
    };
    for (const auto& [terms, code] : rows) {
        EXPECT_EQ(amend(terms), code) << terms << body_;
        EXPECT_EQ(order("mine1").amends, std::string_view(code) == "0" ? 1U : 0U) << terms;
        now_ = now_ + seconds(1);
    }
    (void)post("/api/v5/trade/amend-order", R"({"instId":"NOPE-USDT","clOrdId":"mine1","newPx":"27.05"})");
    EXPECT_EQ(at("/data/0/sCode"), "51001");
    (void)post("/api/v5/trade/amend-order",
               R"({"instId":"LINK-USDT-SWAP","clOrdId":"mine1","newPx":"27.05"})");
    EXPECT_EQ(at("/data/0/sCode"), "51503") << "no such order there";
    exchange_.set_halted(kLink, true);
    EXPECT_EQ(amend(R"("clOrdId":"mine2","newPx":"27.05")"), "51028");
    exchange_.set_halted(kLink, false);
    EXPECT_EQ(post("/api/v5/trade/cancel-order", R"({"instId":"LINK-USDT","clOrdId":"mine2"})"), "0");
    EXPECT_EQ(amend(R"("clOrdId":"mine2","newPx":"27.05")"), "51503");
    EXPECT_EQ(exchange_.order_count(), 2U);
}

TEST_F(OkxEmulatedAmends, batches_tell_of_each)
{
    rest("mine1");
    rest("mine2");
    const auto one = [](const char* client, const char* price) {
        return fmt::format(R"({{"instId":"LINK-USDT","clOrdId":"{}","newPx":"{}"}})", client, price);
    };
    const std::string target = "/api/v5/trade/amend-batch-orders";
    EXPECT_EQ(post(target, "[" + one("mine1", "27.01") + "," + one("mine2", "27.02") + "]"), "0");
    EXPECT_EQ(order("mine2").price, (Price{2702}));
    EXPECT_EQ(post(target, "[" + one("mine1", "27.03") + "," + one("mine3", "27.02") + "]"), "2");
    EXPECT_EQ(at("/data/0/sCode"), "0");
    EXPECT_EQ(at("/data/1/sCode"), "51503");
    EXPECT_EQ(post(target, "[" + one("mine1", "27.20") + "]"), "1");
    EXPECT_EQ(post(target, "[]"), "51000");
}

TEST_F(OkxEmulatedAmends, by_websocket_they_go_by_number)
{
    rest("mine1");
    ASSERT_TRUE(open(kSession, "/ws/v5/private"));
    const auto ask_for = [&](std::string_view argument, std::string_view more = "",
                             std::string_view op = "amend-order") {
        say(kSession, fmt::format(R"({{"id":"7","op":"{}","args":[{{{}}}]{}}})", op, argument, more));
        return last(kSession);
    };
    const std::string good = R"("instIdCode":10000,"clOrdId":"mine1","reqId":"r7","newPx":"27.05")";
    EXPECT_NE(ask_for(good).find("60011"), std::string::npos);
    say(kSession, login(0));
    EXPECT_NE(ask_for(R"("instId":"LINK-USDT","clOrdId":"mine1","newPx":"27.05")").find("50014"),
              std::string::npos);
    EXPECT_NE(ask_for(R"("instIdCode":99,"clOrdId":"mine1","newPx":"27.05")").find("51001"),
              std::string::npos);
    EXPECT_NE(ask_for(good, R"(,"expTime":"1")").find("50036"), std::string::npos);
    EXPECT_NE(ask_for(good, R"(,"expTime":"x")").find("51000"), std::string::npos);
    EXPECT_EQ(order("mine1").amends, 0U);
    const std::string reply = ask_for(good, R"(,"expTime":"1900000000000")");
    EXPECT_EQ(
        reply,
        fmt::format(
            R"({{"id":"7","op":"amend-order","code":"0","msg":"","data":[{{"ordId":"{}","clOrdId":"mine1",)"
            R"("ts":"{}","reqId":"r7","sCode":"0","sMsg":"","subCode":""}}],"inTime":"{}","outTime":"{}"}})",
            order("mine1").id, order("mine1").created.ns / 1'000'000, now_.ns / 1000, now_.ns / 1000));
    EXPECT_EQ(order("mine1").price, (Price{2705}));
    EXPECT_NE(ask_for(good, "", "batch-amend-orders").find(R"("op":"batch-amend-orders","code":"0")"),
              std::string::npos);
    ASSERT_TRUE(open(kOther, "/ws/v5/private"));
    say(kOther, login(1));
    say(kOther,
        R"({"id":"1","op":"amend-order","args":[{"instIdCode":10000,"clOrdId":"mine1","newPx":"26"}]})");
    EXPECT_NE(last(kOther).find("50120"), std::string::npos) << "a key that may only read";
    EXPECT_EQ(order("mine1").price, (Price{2705}));
}

TEST_F(OkxEmulatedAmends, they_have_a_bucket_of_their_own)
{
    rest("mine1");
    now_ = now_ + seconds(2);
    const auto burst = [&](const std::string& target, const std::string& body, int count) {
        const ServerRequest request = signed_request("POST", target, body);
        ServerReply reply;
        for (int i = 0; i < count; ++i) reply = venue_->on_request(request, now_, sent_);
        return reply.status;
    };
    const std::string price = R"({"instId":"LINK-USDT","clOrdId":"mine1","newPx":"27.05"})";
    EXPECT_EQ(burst("/api/v5/trade/amend-order", price, 60), 200);
    EXPECT_EQ(burst("/api/v5/trade/amend-order", price, 1), 429);
    EXPECT_EQ(burst("/api/v5/trade/amend-batch-orders", "[" + price + "," + price + "]", 1), 200);
    const std::string other = R"({"instId":"LINK-USDT-SWAP","clOrdId":"mine1","newPx":"27.05"})";
    EXPECT_EQ(burst("/api/v5/trade/amend-order", other, 60), 200) << "by instrument";
    EXPECT_EQ(burst("/api/v5/trade/cancel-order", R"({"instId":"LINK-USDT","clOrdId":"mine1"})", 60), 200);
    now_ = now_ + seconds(2);
    EXPECT_EQ(burst("/api/v5/trade/amend-order", price, 1), 200);
}

class OkxEmulatedAmendManners : public OkxEmulatedAmends {
  protected:
    OkxEmulatedAmendManners() : OkxEmulatedAmends(true) {}
};

TEST_F(OkxEmulatedAmendManners, one_that_would_take_is_taken_and_fails)
{
    listen();
    rest("mine1");
    EXPECT_EQ(amend(R"("clOrdId":"mine1","reqId":"r1","newPx":"27.20")"), "0");
    EXPECT_EQ(heard(kSession, "amendResult\":\"-1"), 0U);
    tick(milliseconds(100));
    EXPECT_EQ(heard(kSession, R"("reqId":"r1","amendResult":"-1","amendSource":"1","code":"51511")"), 1U);
    EXPECT_NE(last(kSession).find(R"("px":"27","sz":"2")"), std::string::npos) << last(kSession);
    EXPECT_EQ(order("mine1").amends, 0U);
    tick(milliseconds(100));
    EXPECT_EQ(heard(kSession, "amendResult\":\"-1"), 1U) << "once";
}

}  // namespace
}  // namespace arb::okx::test
