// What the emulated venues share: fields of queries, checks of keys, counted requests, tables of endpoints,
// pieces of answers, pages.
#include <set>

#include <gtest/gtest.h>

#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/endpoints.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/emulate/pages.hpp"
#include "engine/emulate/params.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb {
namespace {

constexpr Timestamp kNoon{1'700'000'000'000'000'000};

TEST(EmulatedDesk, FieldsOfAQueryComeInTheirOrderAndDecoded)
{
    Params params;
    EXPECT_TRUE(read_query_params("a=1&b=x%20y&a=2&&c&=nameless&%64=%3D", params));
    EXPECT_EQ(params, (Params{{"a", "1"}, {"b", "x y"}, {"a", "2"}, {"c", ""}, {"d", "="}}));
    EXPECT_EQ(value_of(params, "a"), "1");
    EXPECT_EQ(value_of(params, "e"), "");

    Params broken;
    EXPECT_FALSE(read_query_params("a=%4&b=2&c=\x01", broken));
    EXPECT_EQ(broken, (Params{{"b", "2"}}));
    EXPECT_TRUE(read_query_params("", broken));
}

TEST(EmulatedDesk, OneFieldIsFoundWithoutTheOthers)
{
    EXPECT_EQ(query_text("ab=0&a=1%2C2&a=3", "a"), "1,2");
    EXPECT_EQ(query_text("a=%zz&a=3", "a"), "");
    EXPECT_EQ(query_text("a", "a"), "");
    EXPECT_EQ(query_text("", "a"), "");
}

TEST(EmulatedDesk, NumbersOfClients)
{
    EXPECT_EQ(whole_of("-12", 7), -12);
    for (const char* no_number : {"", "1.5", "1e3", "99999999999999999999", " 1"})
        EXPECT_EQ(whole_of(no_number, 7), 7) << no_number;

    EXPECT_EQ(count_of("20", 50, 100), 20U);
    EXPECT_EQ(count_of("200", 50, 100), 100U);
    EXPECT_EQ(count_of("99999999999999999999", 50, 100), 100U);
    for (const char* no_size : {"", "0", "-3", "-99999999999999999999", "many"})
        EXPECT_EQ(count_of(no_size, 50, 100), 50U) << no_size;
}

TEST(EmulatedDesk, KeysAreGoodUntilTheyAreNot)
{
    std::vector<EmulatedKey> keys = {make_labelled_key("read", 3), make_labelled_key("withdraw", 3)};
    keys[1].key_id = "W";
    EXPECT_EQ(find_key(keys, "W"), &keys[1]);
    EXPECT_EQ(find_key(keys, "w"), nullptr);
    EXPECT_EQ(find_key(keys, ""), nullptr) << "a key without a name is found by nobody";
    EXPECT_FALSE(keys[0].can_trade);
    EXPECT_TRUE(keys[1].can_trade && keys[1].can_withdraw);

    EmulatedKey& key = keys[1];
    EXPECT_TRUE(is_key_good(key, kNoon));
    key.expires = kNoon + seconds(1);
    EXPECT_TRUE(is_key_good(key, kNoon));
    EXPECT_FALSE(is_key_good(key, key.expires));
    key.expires = {};
    key.revoked = true;
    EXPECT_FALSE(is_key_good(key, kNoon));

    EXPECT_TRUE(is_address_allowed(key, "::1"));
    EXPECT_TRUE(is_address_allowed(key, "")) << "from inside this process";
    EXPECT_FALSE(is_address_allowed(key, "10.0.0.1"));
    key.ip_allowed.clear();
    EXPECT_TRUE(is_address_allowed(key, "10.0.0.1"));
}

TEST(EmulatedDesk, RequestsAreCountedInSpansOfTheClock)
{
    RateCounts counts(true);
    RateLeft left;
    const Timestamp begin{kNoon.ns / seconds(10).ns * seconds(10).ns};
    EXPECT_TRUE(counts.take("a", 2, seconds(10), begin, left));
    EXPECT_EQ(left.left, 1);
    EXPECT_EQ(left.reset_ms, (begin + seconds(10)).ns / 1'000'000);
    EXPECT_TRUE(counts.take("a", 2, seconds(10), begin + seconds(9), left));
    EXPECT_FALSE(counts.take("a", 2, seconds(10), begin + seconds(9), left));
    EXPECT_EQ(left.limit, 2);
    EXPECT_EQ(left.left, 0);
    EXPECT_TRUE(counts.take("b", 2, seconds(10), begin + seconds(9))) << "another bucket";
    EXPECT_TRUE(counts.take("a", 2, seconds(10), begin + seconds(10), left)) << "another span";
    EXPECT_EQ(left.left, 1);

    RateCounts off(false);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(off.take("a", 2, seconds(10), begin, left));
    EXPECT_EQ(left.left, 0);

    EmulatedWindow window;
    EXPECT_TRUE(begin_span(window, seconds(10), begin));
    window.used = 3;
    window.refused = 1;
    window.banned_until = begin + seconds(60);
    EXPECT_FALSE(begin_span(window, seconds(10), begin + seconds(9)));
    EXPECT_EQ(window.used, 3);
    EXPECT_TRUE(begin_span(window, seconds(10), begin + seconds(10)));
    EXPECT_EQ(window.used + window.refused, 0);
    EXPECT_EQ(window.banned_until, begin + seconds(60));
}

struct Row {
    std::string_view method, path;
};

TEST(EmulatedDesk, EndpointsByMethodAndPath)
{
    static constexpr Row kRows[] = {
        {"GET", "/orders"}, {"POST", "/orders"}, {"GET", "/orders/{}"}, {"DELETE", "/orders/{}"}, {"", ""}};
    const std::span<const Row> rows = kRows;
    EXPECT_EQ(find_endpoint(rows, "POST", "/orders").endpoint, &kRows[1]);
    const auto one = find_endpoint(rows, "DELETE", "/orders/17");
    EXPECT_EQ(one.endpoint, &kRows[3]);
    EXPECT_EQ(one.part, "17");
    const auto other = find_endpoint(rows, "PUT", "/orders/17");
    EXPECT_EQ(other.endpoint, nullptr);
    EXPECT_TRUE(other.known_path);
    for (const char* path : {"", "/", "/orders/", "/orders/17/fills", "/order"})
        EXPECT_FALSE(find_endpoint(rows, "GET", path).known_path) << path;
    EXPECT_EQ(find_endpoint(rows, "", "").endpoint, nullptr);
}

TEST(EmulatedDesk, PiecesOfAnswers)
{
    EXPECT_EQ(micros({1'700'000'000'123'456'789}), "2023-11-14T22:13:20.123456Z");
    EXPECT_EQ(ms_of({1'700'000'000'999'999'999}), 1'700'000'000'999);
    EXPECT_EQ(seconds_of({1'700'000'000'999'999'999}), 1'700'000'000);
    EXPECT_EQ(quoted_list(std::vector<std::string>{"b", "a\"", ""}), R"("b","a\"","")");
    EXPECT_EQ(quoted_list(std::set<std::string>{}), "");
}

struct Entry {
    std::uint64_t id = 0;
};

TEST(EmulatedDesk, PagesBeginWithTheNewest)
{
    const Entry entries[] = {{1}, {2}, {3}, {4}, {5}, {6}};
    std::vector<const Entry*> all;
    for (const Entry& entry : entries) all.push_back(&entry);
    const auto text = [](const auto& page) {
        return json_list(page, [](const Entry& entry) { return std::to_string(entry.id); });
    };
    const auto even = [](const Entry& entry) { return entry.id % 2 == 0; };
    const auto any = [](const Entry&) { return true; };

    EXPECT_EQ(text(newest_page(all, 2, any)), "6,5");
    EXPECT_TRUE(newest_page(all, 2, any).more);
    EXPECT_EQ(newest_page(all, 2, any).last(), 5U);
    EXPECT_EQ(text(newest_page(all, 2, any, 4)), "2,1");
    EXPECT_FALSE(newest_page(all, 2, any, 4).more);
    EXPECT_EQ(text(newest_page(all, 3, even)), "6,4,2");
    EXPECT_FALSE(newest_page(all, 3, even).more) << "what is not wanted is no further page";
    EXPECT_EQ(text(newest_page(all, 3, even, 9)), "");
    EXPECT_EQ(newest_page(all, 3, even, 9).last(), 0U);

    std::vector<std::uint64_t> asked;
    (void)newest_page(all, 1, [&](const Entry& entry) {
        asked.push_back(entry.id);
        return true;
    });
    EXPECT_EQ(asked, (std::vector<std::uint64_t>{6, 5})) << "nobody is asked about what is older";
}

}  // namespace
}  // namespace arb
