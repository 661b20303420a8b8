// What the signer process reads from this venue's signed texts: those that our own encoder signs, and ways to
// move money, which no policy can allow.
#include "connectors/gate/signed_text.hpp"

#include <gtest/gtest.h>

#include "connectors/gate/signer.hpp"
#include "tests/support/signed_text.hpp"

namespace arb::gate {
namespace {

using arb::test::RecordingSigner;

const arb::test::SignedTextReader kReader{read_signed_text};
constexpr std::int64_t kAt = 1'700'000'000;

/// What `ask` has the signer sign.
template <class Ask>
std::string signed_by(Ask&& ask)
{
    Credentials credentials;
    auto signer = std::make_unique<RecordingSigner>();
    const RecordingSigner& recording = *signer;
    credentials.signer = std::move(signer);
    EXPECT_FALSE(ask(credentials).empty());
    return recording.text;
}
std::string request_text(std::string_view method, std::string_view path, std::string_view query,
                         std::string_view body = {})
{
    return signed_by(
        [&](const Credentials& key) { return sign_request(key, method, path, query, body, kAt); });
}

TEST(GateSignedText, questions)
{
    for (const char* path : {"/api/v4/spot/orders", "/api/v4/spot/orders/1852454420",
                             "/api/v4/spot/my_trades", "/api/v4/spot/accounts", "/api/v4/wallet/fee",
                             "/api/v4/unified/unified_mode", "/api/v4/account/main_keys"}) {
        const std::string text = request_text("GET", path, "currency_pair=BTC_USDT&page=2");
        EXPECT_EQ(kReader.said(text), std::string("query GET ") + path);
        EXPECT_EQ(kReader.judged(text, {(std::string("GET ") + path).c_str()}), Refusal::none) << path;
    }
    const std::string text = request_text("GET", "/api/v4/spot/orders/t-abc.d", "currency_pair=BTC_USDT");
    kReader.expect_strict(text);
    ASSERT_TRUE(kReader.view_of(text));
    EXPECT_EQ(*kReader.view_of(text)->find("currency_pair"), "BTC_USDT");
}

TEST(GateSignedText, what_takes_orders_back)
{
    EXPECT_EQ(
        kReader.said(request_text("DELETE", "/api/v4/spot/orders", "currency_pair=BTC_USDT&account=spot")),
        "cancel DELETE /api/v4/spot/orders");
    EXPECT_EQ(
        kReader.said(request_text("POST", "/api/v4/spot/countdown_cancel_all", "", R"({"timeout":60})")),
        "cancel POST /api/v4/spot/countdown_cancel_all");
}

TEST(GateSignedText, an_order_by_rest_is_a_hash_alone)
{
    const std::string text = request_text("POST", "/api/v4/spot/orders", "", R"({"text":"t-abc"})");
    const auto order = kReader.view_of(text);
    ASSERT_TRUE(order);
    EXPECT_EQ(order->kind, SignedKind::order);
    EXPECT_FALSE(order->content_signed);
    kReader.expect_strict(text);
    EXPECT_EQ(kReader.judged(text, {"POST /api/v4/spot/orders"}), Refusal::none);
    KeyPolicy careful;
    ASSERT_FALSE(careful.add_endpoint("POST /api/v4/spot/orders"));
    ASSERT_FALSE(careful.set_orders_per_second(10));
    EXPECT_EQ(careful.judge(*order, {{1'700'000'000'000'000'000}, {1}}), Refusal::unseen_order);
    const std::string other = request_text("POST", "/api/v4/spot/price_orders", "", "{}");
    EXPECT_EQ(kReader.judged(other, {"POST /api/v4/spot/price_orders"}), Refusal::not_understood)
        << "listed, but nothing this program knows";
}

TEST(GateSignedText, sessions_and_channels)
{
    const std::string log_on =
        signed_by([](const Credentials& key) { return sign_log_on(key, "spot.login", kAt); });
    EXPECT_EQ(kReader.said(log_on), "session WS /spot.login");
    EXPECT_EQ(kReader.judged(log_on, {"WS /spot.login"}), Refusal::none);
    kReader.expect_strict(log_on);
    for (const char* channel :
         {"spot.orders", "spot.usertrades", "spot.balances", "futures.orders", "futures.positions"}) {
        const std::string text = signed_by(
            [&](const Credentials& key) { return sign_subscription(key, channel, "subscribe", kAt); });
        EXPECT_EQ(kReader.said(text), std::string("query WS /") + channel);
        kReader.expect_strict(text);
    }
}

TEST(GateSignedText, ways_out_are_refused_by_every_policy)
{
    for (const char* path : {"/api/v4/withdrawals", "/api/v4/wallet/transfers",
                             "/api/v4/wallet/sub_account_transfers", "/api/v4/sub_accounts/7/keys"}) {
        EXPECT_EQ(kReader.judged(request_text("POST", path, "", R"({"currency":"BTC","amount":"1"})"),
                                 {"POST /api/v4/spot/orders"}),
                  Refusal::withdrawal)
            << path;
    }
}

TEST(GateSignedText, what_is_not_understood)
{
    const std::string good = request_text("GET", "/api/v4/spot/accounts", "currency=BTC");
    const std::string hash = good.substr(good.find("cf83"), 128);
    for (const std::string& text : {
             std::string("api\nspot.login\nx\n1700000000"),
             std::string("api\nspot.order_place\n\n1700000000"),
             std::string("api\nspot.login\n\n1700000000x"),
             std::string("api\nspot.login\n\n"),
             std::string("channel=spot.orders&event=api&time=1700000000"),
             std::string("channel=spot.order_place&event=subscribe&time=1700000000"),
             std::string("channel=spot.orders&event=subscribe&time=1700000000&x=1"),
             std::string("event=subscribe&channel=spot.orders&time=1700000000"),
             "PUT\n/api/v4/spot/orders\n\n" + hash + "\n1700000000",
             "GET\n/api/v3/spot/orders\n\n" + hash + "\n1700000000",
             "GET\n/api/v4/spot/orders?x=1\n\n" + hash + "\n1700000000",
             "GET\n/api/v4/spot/orders\n" + hash + "\n1700000000",
             "GET\n/api/v4/spot/orders\n\n" + hash + "\n17000000000",
             "GET\n/api/v4/spot/orders\na=1&a=2\n" + hash + "\n1700000000",
             "GET\n/api/v4/spot/orders\n\n" + hash.substr(1) + "\n1700000000",
             "POST\n/api/v4/spot/orders\n\n" + hash + "\n1700000000",
             request_text("GET", "/api/v4/spot/accounts", "", "{}"),
             request_text("DELETE", "/api/v4/spot/orders", "", "{}"),
             request_text("PATCH", "/api/v4/spot/orders/7", "", "{}"),
         })
        EXPECT_EQ(kReader.said(text), "") << text;
}

}  // namespace
}  // namespace arb::gate
