// Which announced transfers explain a difference, and when they are over.
#include "engine/pipeline/announced_transfers.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::kStart;
using test::money;

constexpr VenueId kHere{0}, kThere{1};

AnnouncedTransfers announced(const std::vector<const char*>& amounts)
{
    AnnouncedTransfers transfers;
    for (const char* amount : amounts)
        (void)transfers.announce({0, kHere, kThere, "USDT", money(amount), kStart, false, false});
    return transfers;
}

// "1:-500 2:-300 cost 0"; empty: nothing explains it.
std::string text_of(const AnnouncedTransfers::Explanation& explanation)
{
    if (explanation.ends.empty()) return "";
    std::string text;
    for (const AnnouncedTransfers::End& end : explanation.ends)
        text += fmt::format("{}:{} ", end.number, end.amount.text());
    return text + "cost " + explanation.cost.text();
}

std::string explained(const AnnouncedTransfers& transfers, VenueId venue, const char* moved)
{
    return text_of(
        transfers.explain(venue, "USDT", money(moved), [&](Amount sum) { return sum == money(moved); }));
}

TEST(AnnouncedTransfers, what_leaves_is_exact_and_what_arrives_may_have_cost_something)
{
    struct Row {
        std::vector<const char*> amounts;
        const char* moved;
        const char* explained;
    };
    const Row rows[] = {
        {{}, "-500", ""},
        {{"500"}, "-500", "1:-500 cost 0"},
        {{"500"}, "-499.999", ""},
        {{"500"}, "-500.001", ""},
        {{"500"}, "500", "1:500 cost 0"},
        {{"500"}, "499.5", "1:499.5 cost 0.5"},
        {{"500"}, "250", "1:250 cost 250"},
        {{"500"}, "249.999", ""},
        {{"500"}, "0.001", ""},
        {{"500"}, "500.001", ""},
        {{"500", "300"}, "-300", "2:-300 cost 0"},
        {{"500", "300"}, "-800", "1:-500 2:-300 cost 0"},
        {{"500", "300"}, "-200", ""},
        {{"500", "300"}, "299", "2:299 cost 1"},
        {{"500", "300"}, "301", "1:301 cost 199"},
        {{"500", "300"}, "799", "1:500 2:299 cost 1"},
        {{"500", "300"}, "801", ""},
        {{"300", "300"}, "-300", "1:-300 cost 0"},
        {{"50", "50", "100"}, "-100", "3:-100 cost 0"},
        {{"50", "50", "100"}, "99", "3:99 cost 1"},
        {{"50", "50", "100"}, "50", "1:50 cost 0"},
    };
    for (const Row& row : rows) {
        const bool out = row.moved[0] == '-';
        EXPECT_EQ(explained(announced(row.amounts), out ? kHere : kThere, row.moved), row.explained)
            << row.moved;
        EXPECT_EQ(explained(announced(row.amounts), out ? kThere : kHere, row.moved), "")
            << row.moved << " at the other end";
    }
    const AnnouncedTransfers transfers = announced({"500"});
    EXPECT_TRUE(transfers.explain(kHere, "USDC", money("-500"), [](Amount) { return true; }).ends.empty());
    EXPECT_EQ(text_of(transfers.explain(kThere, "USDT", money("500.0000000001"),
                                        [](Amount sum) { return sum == money("500"); })),
              "1:500 cost 0")
        << "the same money, as the venue rounds it";
}

TEST(AnnouncedTransfers, each_end_is_seen_once_and_both_end_it)
{
    AnnouncedTransfers transfers = announced({"500", "300"});
    EXPECT_TRUE(transfers.see(1, true));
    EXPECT_EQ(explained(transfers, kHere, "-500"), "");
    EXPECT_EQ(explained(transfers, kThere, "500"), "1:500 cost 0");
    EXPECT_TRUE(transfers.see(1, false));
    EXPECT_EQ(transfers.find(1), nullptr);
    EXPECT_FALSE(transfers.see(1, false));
    EXPECT_TRUE(transfers.see(2, false));
    EXPECT_EQ(explained(transfers, kThere, "300"), "");
    EXPECT_TRUE(transfers.see(2, true));
    EXPECT_TRUE(transfers.empty());
    // A number is never used again, also after a restart.
    AnnouncedTransfers restored;
    restored.restore({7, kHere, kThere, "USDT", money("1"), kStart, true, false});
    restored.restore({8, kHere, kThere, "USDT", money("1"), kStart, true, true});
    EXPECT_EQ(restored.open().size(), 1U);
    EXPECT_EQ(restored.announce({0, kHere, kThere, "USDT", money("1"), kStart, false, false}), 9U);
}

TEST(AnnouncedTransfers, it_lapses_after_a_day)
{
    AnnouncedTransfers transfers = announced({"500"});
    EXPECT_TRUE(transfers.lapsed(kStart + seconds(86'399)).empty());
    ASSERT_EQ(transfers.lapsed(kStart + seconds(86'400)).size(), 1U);
    transfers.drop(1);
    EXPECT_TRUE(transfers.empty());
    for (std::size_t i = 0; i < AnnouncedTransfers::kMost; ++i) {
        EXPECT_FALSE(transfers.full());
        (void)transfers.announce({0, kHere, kThere, "USDT", money("1"), kStart, false, false});
    }
    EXPECT_TRUE(transfers.full());
}

}  // namespace
}  // namespace arb
