// Sums of what is reserved, beside a naive map that is added up anew each time.
#include "engine/trading/reservations.hpp"

#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "engine/base/client_order_id.hpp"
#include "engine/base/random.hpp"

namespace arb {
namespace {

TEST(Reservations, any_orders_in_any_sequence_sum_up_as_if_they_were_counted_each_time)
{
    constexpr std::size_t kAccounts = 7;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Random random(seed);
        Reservations table(kAccounts);
        std::map<OrderId, Reservations::Entry> model;
        std::uint64_t next = static_cast<std::uint64_t>(make_order_id(1'790'000'000, 1));
        for (int step = 0; step < 1'500; ++step) {
            const bool adds = model.empty() || (random.one_in(2) && !table.full());
            if (adds) {
                // Ids of several runs meet: they are sequential within one.
                if (random.one_in(40)) next = static_cast<std::uint64_t>(random.between(1, 1'000'000));
                Reservations::Entry entry;
                entry.id = static_cast<OrderId>(next++);
                if (model.count(entry.id) > 0) continue;
                entry.intent.side = random.one_in(2) ? Side::buy : Side::sell;
                entry.intent.quantity = entry.left = {random.between(1, 1000)};
                entry.held = {static_cast<std::size_t>(random.between(0, kAccounts - 1)),
                              static_cast<std::size_t>(random.between(0, kAccounts - 1)),
                              {random.between(1, 1000)},
                              {random.between(0, 1000)}};
                table.add(entry.id, entry.intent, entry.held);
                model[entry.id] = entry;
            } else {
                const auto at =
                    std::next(model.begin(), random.between(0, static_cast<std::int64_t>(model.size()) - 1));
                if (random.one_in(3)) {
                    at->second.left = {at->second.left.units / 2};
                    at->second.held.quantity = {at->second.held.quantity.units / 2};
                    at->second.held.money = {at->second.held.money.units / 3};
                    Reservations::Entry* entry = table.find(at->first);
                    ASSERT_NE(entry, nullptr);
                    table.change(*entry, at->second.left, at->second.held);
                } else {
                    table.remove(at->first);
                    EXPECT_EQ(table.find(at->first), nullptr);
                    table.remove(at->first);  // a second time says nothing
                    model.erase(at);
                }
            }
            ASSERT_EQ(table.count(), model.size());
        }
        for (std::size_t account = 0; account < kAccounts; ++account) {
            Amount buys, sells, money;
            for (const auto& [id, entry] : model) {
                const Reservations::Entry* found = table.find(id);
                ASSERT_NE(found, nullptr) << "seed " << seed;
                EXPECT_EQ(found->left, entry.left);
                if (entry.held.base == account)
                    (entry.intent.side == Side::buy ? buys : sells) += entry.held.quantity;
                if (entry.held.quote == account) money += entry.held.money;
            }
            EXPECT_EQ(table.buys(account), buys) << "seed " << seed;
            EXPECT_EQ(table.sells(account), sells) << "seed " << seed;
            EXPECT_EQ(table.money(account), money) << "seed " << seed;
        }
    }
}

TEST(Reservations, it_fills_to_the_last_place_and_empties_again)
{
    Reservations table(1);
    for (std::uint64_t id = 1; !table.full(); ++id) table.add(static_cast<OrderId>(id * 512), {}, {});
    EXPECT_EQ(table.count(), Reservations::kMost);
    for (std::uint64_t id = Reservations::kMost; id > 0; --id) table.remove(static_cast<OrderId>(id * 512));
    EXPECT_EQ(table.count(), 0U);
}

}  // namespace
}  // namespace arb
