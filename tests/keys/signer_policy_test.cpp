// What a policy signs and what it refuses, and the tools that read signed texts.
#include "engine/keys/signer_policy.hpp"

#include <gtest/gtest.h>

namespace arb {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNoon = 1'700'481'600 * kSecond;  // 12:00 UTC

SigningTime at(std::int64_t steady_ns, std::int64_t wall_ns = kNoon)
{
    return {{wall_ns}, {steady_ns}};
}

Decimal number(std::string_view text)
{
    return *Decimal::parse(text);
}

RequestView request(std::string method, std::string path, SignedKind kind = SignedKind::query)
{
    RequestView view;
    view.kind = kind;
    view.method = std::move(method);
    view.path = std::move(path);
    return view;
}

RequestView order(std::string_view quantity, std::string_view price, std::string instrument = "BTC-USDT")
{
    RequestView view = request("POST", "/orders", SignedKind::order);
    SignedOrder one;
    one.instrument = std::move(instrument);
    one.quantity = number(quantity);
    if (!price.empty()) one.price = number(price);
    view.orders.push_back(one);
    return view;
}

KeyPolicy policy()
{
    KeyPolicy p;
    EXPECT_FALSE(p.add_endpoint("POST /orders"));
    EXPECT_FALSE(p.add_endpoint("DELETE /orders"));
    EXPECT_FALSE(p.add_endpoint("GET /accounts/*"));
    EXPECT_FALSE(p.add_endpoint("WS /login"));
    OrderLimit limit;
    limit.instrument = "BTC-USDT";
    limit.quantity = number("0.5");
    limit.notional = number("10000");
    EXPECT_FALSE(p.add_limit(limit));
    EXPECT_FALSE(p.set_orders_per_second(3));
    return p;
}

TEST(SignerPolicy, signs_what_is_listed_alone)
{
    KeyPolicy p = policy();
    EXPECT_EQ(p.judge(request("GET", "/accounts/7"), at(0)), Refusal::none);
    EXPECT_EQ(p.judge(order("0.1", "60000"), at(0)), Refusal::none);
    EXPECT_EQ(p.judge(request("DELETE", "/orders", SignedKind::cancel), at(0)), Refusal::none);
    for (const auto& [method, path] :
         std::vector<std::pair<const char*, const char*>>{{"GET", "/accounts"},
                                                          {"GET", "/accounts/"},
                                                          {"GET", "/accounts/7/8"},
                                                          {"POST", "/accounts/7"},
                                                          {"get", "/accounts/7"},
                                                          {"GET", "/other"},
                                                          {"GET", "/accounts/.."},
                                                          {"GET", "/accounts/%41"},
                                                          {"GET", "/accounts/a b"},
                                                          {"GET", ""},
                                                          {"", "/orders"},
                                                          {"POST", "/orders/"},
                                                          {"POST", "//orders"}}) {
        EXPECT_EQ(p.judge(request(method, path), at(0)), Refusal::endpoint) << method << path;
    }
    EXPECT_EQ(KeyPolicy().judge(request("GET", "/accounts/7"), at(0)), Refusal::endpoint);
}

TEST(SignerPolicy, each_limit_of_an_order)
{
    KeyPolicy p = policy();
    EXPECT_EQ(p.judge(order("0.5", "20000"), at(0)), Refusal::none) << "the limits themselves";
    EXPECT_EQ(p.judge(order("0.50000001", "1"), at(0)), Refusal::quantity);
    EXPECT_EQ(p.judge(order("0.5", "20000.0001"), at(0)), Refusal::notional);
    EXPECT_EQ(p.judge(order("0.000000000000000001", "9223372036854775807"), at(0)), Refusal::none);
    EXPECT_EQ(p.judge(order("0.4", ""), at(0)), Refusal::no_price);
    EXPECT_EQ(p.judge(order("0.1", "1", "ETH-USDT"), at(0)), Refusal::instrument);
    EXPECT_EQ(p.judge(order("0.1", "1", "BTC-USDT "), at(0)), Refusal::instrument);
    EXPECT_EQ(p.judge(order("0", "1"), at(0)), Refusal::quantity);
    RequestView two = order("0.1", "1");
    two.orders.push_back(order("0.6", "1").orders[0]);
    EXPECT_EQ(p.judge(two, at(0)), Refusal::quantity) << "the second of two";
    RequestView none = order("0.1", "1");
    none.orders.clear();
    EXPECT_EQ(p.judge(none, at(0)), Refusal::not_understood);
}

// One name may be a spot pair, a perpetual and a pair bought on credit.
TEST(SignerPolicy, a_limit_is_of_one_product_and_one_margin)
{
    const auto on = [](std::string product, std::string margin) {
        RequestView view = order("0.1", "1");
        view.orders[0].product = std::move(product);
        view.orders[0].margin = std::move(margin);
        return view;
    };
    KeyPolicy p = policy();
    EXPECT_EQ(p.judge(on("", ""), at(0)), Refusal::none);
    EXPECT_EQ(p.judge(on("linear", ""), at(0)), Refusal::product);
    EXPECT_EQ(p.judge(on("", "cross"), at(0)), Refusal::product);
    OrderLimit limit;
    limit.instrument = "BTC-USDT";
    limit.product = "linear";
    limit.quantity = number("0.05");
    EXPECT_FALSE(p.add_limit(limit));
    EXPECT_TRUE(p.add_limit(limit)) << "has two limits";
    EXPECT_EQ(p.judge(on("linear", ""), at(0)), Refusal::quantity) << "its own";
    EXPECT_EQ(p.judge(on("linear", "cross"), at(0)), Refusal::product);
}

TEST(SignerPolicy, worth_is_exact_at_the_edges_of_128_bits)
{
    KeyPolicy p;
    ASSERT_FALSE(p.add_endpoint("POST /orders"));
    ASSERT_FALSE(p.set_orders_per_second(1'000));
    OrderLimit limit;
    limit.instrument = "BTC-USDT";
    limit.notional = number("0.000000000000000001");
    limit.contract = number("0.000000000000000001");
    ASSERT_FALSE(p.add_limit(limit));
    EXPECT_EQ(p.judge(order("9223372036854775807", "9223372036854775807"), at(0)), Refusal::notional);
    EXPECT_EQ(p.judge(order("1", "1"), at(0)), Refusal::none);
    EXPECT_EQ(p.judge(order("1.000000000000000001", "1"), at(0)), Refusal::notional);
}

TEST(SignerPolicy, the_pace_counts_orders_and_never_cancels)
{
    KeyPolicy p = policy();
    RequestView two = order("0.1", "1");
    two.orders.push_back(two.orders[0]);
    EXPECT_EQ(p.judge(two, at(0)), Refusal::none);
    EXPECT_EQ(p.judge(two, at(1)), Refusal::rate) << "two more would be four";
    EXPECT_EQ(p.judge(order("0.1", "1"), at(2)), Refusal::none);
    EXPECT_EQ(p.judge(order("0.1", "1"), at(3)), Refusal::rate);
    EXPECT_EQ(p.judge(order("0.1", "1"), at(kSecond - 1)), Refusal::rate);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(p.judge(request("DELETE", "/orders", SignedKind::cancel), at(3)), Refusal::none);
    EXPECT_EQ(p.judge(two, at(kSecond)), Refusal::none) << "those of a second ago do not count";
    EXPECT_EQ(p.judge(order("0.1", "1"), at(kSecond)), Refusal::rate);
    EXPECT_EQ(p.judge(order("9", "1"), at(9 * kSecond)), Refusal::quantity)
        << "a refused order counts nothing";
    KeyPolicy none;
    ASSERT_FALSE(none.add_endpoint("POST /orders"));
    OrderLimit limit;
    limit.instrument = "BTC-USDT";
    limit.quantity = number("1");
    ASSERT_FALSE(none.add_limit(limit));
    EXPECT_EQ(none.judge(order("0.1", ""), at(0)), Refusal::rate) << "no pace, no orders";
}

TEST(SignerPolicy, hours_of_the_day)
{
    KeyPolicy p = policy();
    const std::int64_t hour = 3'600 * kSecond;
    ASSERT_FALSE(p.set_hours("22-03"));
    const std::int64_t midnight = kNoon - 12 * hour;
    const auto judged = [&](std::int64_t wall) {
        static std::int64_t steady = 0;
        return p.judge(order("0.1", "1"), at(steady += 2 * kSecond, wall));
    };
    EXPECT_EQ(judged(midnight), Refusal::none);
    EXPECT_EQ(judged(midnight + 4 * hour - 1), Refusal::none);
    EXPECT_EQ(judged(midnight + 4 * hour), Refusal::hours);
    EXPECT_EQ(judged(midnight + 22 * hour - 1), Refusal::hours);
    EXPECT_EQ(judged(midnight + 22 * hour), Refusal::none);
    EXPECT_EQ(judged(0), Refusal::hours) << "without a clock there is no hour";
    EXPECT_EQ(p.judge(request("DELETE", "/orders", SignedKind::cancel), at(0, kNoon)), Refusal::none);
    ASSERT_FALSE(p.set_hours("07-07"));
    EXPECT_EQ(judged(midnight + 7 * hour), Refusal::none);
    EXPECT_EQ(judged(midnight + 8 * hour), Refusal::hours);
    for (const char* bad : {"", "7-9", "07-24", "24-01", "07:19", "-1-03", "aa-bb", "07-19 "})
        EXPECT_TRUE(p.set_hours(bad)) << bad;
}

TEST(SignerPolicy, what_it_cannot_see_needs_the_operators_word)
{
    KeyPolicy p = policy();
    RequestView session = request("WS", "/login", SignedKind::session);
    EXPECT_EQ(p.judge(session, at(0)), Refusal::session);
    p.allow_sessions(true);
    EXPECT_EQ(p.judge(session, at(0)), Refusal::none);
    RequestView unseen = request("POST", "/orders", SignedKind::order);
    unseen.content_signed = false;
    EXPECT_EQ(p.judge(unseen, at(0)), Refusal::unseen_order);
    p.allow_unseen_orders(true);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(p.judge(unseen, at(0)), Refusal::none);
    EXPECT_EQ(p.judge(unseen, at(0)), Refusal::rate) << "the pace holds all the same";
}

TEST(SignerPolicy, ways_out_cannot_be_written_down)
{
    for (const char* pattern : {"POST /sapi/v1/capital/withdraw/apply",
                                "POST /v5/asset/withdraw/create",
                                "POST /0/private/Withdraw",
                                "POST /0/private/WithdrawInfo",
                                "POST /0/private/WalletTransfer",
                                "POST /api/v5/asset/withdrawal",
                                "POST /api/v5/asset/transfer",
                                "POST /api/v5/asset/WITH-DRAW_al",
                                "POST /v5/user/create-sub-api",
                                "POST /v5/user/update-api",
                                "POST /v5/user/create-sub-member",
                                "POST /sapi/v1/giftcard/createCode",
                                "POST /api/v3/brokerage/portfolios/move_funds",
                                "POST /v2/accounts/abc/transactions",
                                "POST /api/v5/users/subaccount/apikey",
                                "GET /v5/asset/deposit/query-address",
                                "DELETE /api/v3/brokerage/portfolios/abc",
                                "GET /api/v5/asset/transfer",
                                "POST /api/v5/trade/*",
                                "POST /0/private/*",
                                "POST /*",
                                "GET /*/withdraw",
                                "GET /v5/asset/withdraw/*",
                                "GET *",
                                "*",
                                "GET /api/v5/*/balance",
                                "GET /0/private/W*",
                                "PATCH /orders",
                                "GET orders",
                                "GET /a b",
                                "GET /a?b=c",
                                "GET /a/../b",
                                "GET /a//b",
                                "GET  /a",
                                "GET /api/v5/asset/*",
                                "GET /v5/user/*",
                                ""}) {
        KeyPolicy p;
        EXPECT_TRUE(p.add_endpoint(pattern)) << pattern;
    }
    for (const char* pattern :
         {"POST /api/v5/trade/order", "GET /api/v5/trade/*", "POST /0/private/AddOrder", "DELETE /openOrders",
          "GET /v5/user/query-api", "GET /api/v3/brokerage/transaction_summary", "WS /session.logon",
          "GET /api/v3/brokerage/orders/historical/*", "GET /sapi/v1/account/apiRestrictions"}) {
        KeyPolicy p;
        const auto error = p.add_endpoint(pattern);
        EXPECT_FALSE(error) << (error ? error->message : "");
    }
}

TEST(SignerPolicy, ways_out_are_refused_even_where_a_pattern_would_match)
{
    KeyPolicy p = policy();
    EXPECT_EQ(p.judge(request("GET", "/accounts/withdrawals"), at(0)), Refusal::withdrawal);
    EXPECT_EQ(p.judge(request("GET", "/accounts/Sub-Account"), at(0)), Refusal::withdrawal);
    for (const char* field : {"address", "addressTag", "toAccountType", "transferId", "withdrawOrderId",
                              "toAddr", "subAcct", "network", "chain", "to_address", "toEmail"}) {
        RequestView view = order("0.1", "1");
        view.fields.push_back({field, "x"});
        EXPECT_EQ(p.judge(view, at(0)), Refusal::withdrawal) << field;
    }
}

TEST(SignerPolicy, limits_that_make_no_sense)
{
    KeyPolicy p;
    OrderLimit limit;
    limit.quantity = number("1");
    EXPECT_TRUE(p.add_limit(limit)) << "no instrument";
    limit.instrument = "*";
    EXPECT_TRUE(p.add_limit(limit));
    limit.instrument = "BTC-USDT";
    limit.quantity = number("0");
    EXPECT_TRUE(p.add_limit(limit));
    limit.quantity.reset();
    EXPECT_TRUE(p.add_limit(limit)) << "no limit at all";
    limit.notional = number("-1");
    EXPECT_TRUE(p.add_limit(limit));
    limit.notional = number("1");
    limit.contract = number("0");
    EXPECT_TRUE(p.add_limit(limit));
    limit.contract = number("1");
    EXPECT_FALSE(p.add_limit(limit));
    EXPECT_TRUE(p.add_limit(limit)) << "twice";
    EXPECT_TRUE(p.set_orders_per_second(-1));
    EXPECT_TRUE(p.set_orders_per_second(1'001));
}

TEST(SignerPolicy, every_refusal_has_a_name_of_its_own)
{
    std::vector<std::string> names;
    for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(Refusal::count_); ++i)
        names.emplace_back(name(static_cast<Refusal>(i)));
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
    EXPECT_STREQ(name(Refusal::broken), "broken");
    EXPECT_STREQ(name(Refusal::product), "product");
    EXPECT_STREQ(name(static_cast<Refusal>(200)), "?");
}

TEST(RequestView, queries_are_read_strictly)
{
    SignedFields fields;
    EXPECT_TRUE(read_query_fields("", fields));
    EXPECT_TRUE(read_query_fields("a=1&b=%41%2fx&c=", fields));
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(*find_field(fields, "b"), "A/x");
    for (const char* bad : {"a", "=1", "a=1&", "&a=1", "a=1&a=2", "a=1&&b=2", "a=b=c", "a=+", "a= ", "a=%",
                            "a=%4", "a=%zz", "a=%00", "a=%0a", "a=1#", "a=1?b=2", "%61=1", "a b=1", "a=\n"}) {
        SignedFields other;
        EXPECT_FALSE(read_query_fields(bad, other)) << bad;
    }
    std::string many;
    for (std::size_t i = 0; i <= kSignedFieldsMax; ++i) many += "&f" + std::to_string(i) + "=1";
    SignedFields other;
    EXPECT_FALSE(read_query_fields(many.substr(1), other));
}

TEST(RequestView, json_is_read_strictly)
{
    SignedFields fields;
    EXPECT_TRUE(read_json_fields(R"( { "a" : "x", "b":1.50 ,"c":true, "d":false, "e":"" } )", fields));
    ASSERT_EQ(fields.size(), 5U);
    EXPECT_EQ(*find_field(fields, "b"), "1.50");
    SignedFields empty;
    EXPECT_TRUE(read_json_fields("{}", empty));
    for (const char* bad : {"",
                            "{",
                            "}",
                            "[]",
                            "{}x",
                            "{}{}",
                            R"({"a"})",
                            R"({"a":})",
                            R"({"a":1,})",
                            R"({,"a":1})",
                            R"({"a":1 "b":2})",
                            R"({"a":null})",
                            R"({"a":1e3})",
                            R"({"a":{}})",
                            R"({"a":[]})",
                            R"({"a":"\u0041"})",
                            R"({"a":"\""})",
                            R"({"a":1,"a":2})",
                            R"({"a":1,"A":"x"}{)",
                            R"({"":1})",
                            R"({"a b":1})",
                            "{\"a\":\"\n\"}",
                            R"({"a":+1})",
                            R"({"a":.5})",
                            R"({"a":"x})",
                            R"({a:1})",
                            R"({"a":tru})"}) {
        SignedFields other;
        EXPECT_FALSE(read_json_fields(bad, other)) << bad;
    }
    std::vector<SignedFields> objects;
    EXPECT_TRUE(read_json_objects(R"([{"a":1},{"a":2}])", objects));
    EXPECT_EQ(objects.size(), 2U);
    for (const char* bad : {"[]", "[1]", "[{}", "[{},]", "[{}]]", "[[{}]]"}) {
        std::vector<SignedFields> other;
        EXPECT_FALSE(read_json_objects(bad, other)) << bad;
    }
    std::string many = "[";
    for (std::size_t i = 0; i <= kSignedOrdersMax; ++i) many += i == 0 ? "{}" : ",{}";
    std::vector<SignedFields> other;
    EXPECT_FALSE(read_json_objects(many + "]", other));
}

TEST(RequestView, orders_are_plain_positive_decimals)
{
    const auto read = [](const char* json) {
        SignedFields fields;
        RequestView view;
        return read_json_fields(json, fields) && add_order(fields, "i", "q", "p", view);
    };
    EXPECT_TRUE(read(R"({"i":"X","q":"0.1","p":"2"})"));
    EXPECT_TRUE(read(R"({"i":"X","q":0.1})"));
    EXPECT_TRUE(read(R"({"i":"X","q":"0.1","p":""})"));
    for (const char* bad : {R"({"i":"","q":"1"})", R"({"q":"1"})", R"({"i":"X"})", R"({"i":"X","q":"0"})",
                            R"({"i":"X","q":"-1"})", R"({"i":"X","q":"1e9"})", R"({"i":"X","q":"0x10"})",
                            R"({"i":"X","q":"1","p":"0"})", R"({"i":"X","q":"1","p":"-5"})",
                            R"({"i":"X","q":" 1"})", R"({"i":"X","q":"99999999999999999999999"})"}) {
        EXPECT_FALSE(read(bad)) << bad;
    }
}

}  // namespace
}  // namespace arb
