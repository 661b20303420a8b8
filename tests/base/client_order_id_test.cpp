// Client ids: read back exactly, legal everywhere, a stranger's id is not taken for ours.
#include "engine/base/client_order_id.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace arb {
namespace {

TEST(ClientOrderId, both_spellings_read_back)
{
    std::uint64_t value = 1;
    for (int i = 0; i < 20'000; ++i) {
        value = value * 6364136223846793005ULL + 1442695040888963407ULL;
        const auto id = static_cast<OrderId>(value);
        ASSERT_EQ(parse_client_order_id(client_order_id(id).view()), id);
        ASSERT_EQ(parse_client_order_id(client_order_uuid(id).view()), id);
    }
    for (const std::uint64_t edge :
         {std::uint64_t{1}, std::uint64_t{0xffffffff}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
        EXPECT_EQ(parse_client_order_id(client_order_id(OrderId{edge}).view()), OrderId{edge});
        EXPECT_EQ(parse_client_order_id(client_order_uuid(OrderId{edge}).view()), OrderId{edge});
    }
}

TEST(ClientOrderId, is_legal_at_every_venue)
{
    const std::string text(client_order_id(make_order_id(1'790'000'000, 12)).view());
    EXPECT_EQ(text.size(), 18U);  // Kraken's limit for free text
    for (const char c : text)
        EXPECT_TRUE((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
    const std::string uuid(client_order_uuid(make_order_id(1'790'000'000, 12)).view());
    EXPECT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[14], '8');
    EXPECT_EQ(uuid.substr(0, 9), "61726269-");
}

TEST(ClientOrderId, ids_of_runs_and_counters_never_meet)
{
    std::set<std::string> seen;
    for (std::uint32_t epoch = 100; epoch < 130; ++epoch) {
        for (std::uint32_t counter = 1; counter < 100; ++counter)
            EXPECT_TRUE(
                seen.insert(std::string(client_order_id(make_order_id(epoch, counter)).view())).second);
    }
    EXPECT_EQ(epoch_of(make_order_id(7, 9)), 7U);
    EXPECT_EQ(counter_of(make_order_id(7, 9)), 9U);
}

TEST(ClientOrderId, any_other_text_is_a_strangers)
{
    const std::string good(client_order_id(make_order_id(5, 6)).view());
    std::size_t taken = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : std::string("0aZ-_~ U")) {
            std::string other = good;
            if (other[i] == c) continue;
            other[i] = c;
            taken += parse_client_order_id(other).has_value();
        }
    }
    EXPECT_EQ(taken, 0U);
    for (const char* text :
         {"", "abc-123", "ar", "61726269-0000-8000-8000-000000000000", "x-aaaaaaaaaaaaaaaa"})
        EXPECT_FALSE(parse_client_order_id(text).has_value()) << text;
    const std::string uuid(client_order_uuid(make_order_id(5, 6)).view());
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        std::string other = uuid;
        other[i] = other[i] == '7' ? '3' : '7';
        EXPECT_FALSE(parse_client_order_id(other).has_value()) << i;
    }
}

}  // namespace
}  // namespace arb
