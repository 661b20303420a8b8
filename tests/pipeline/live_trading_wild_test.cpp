// Lives one after the other in which anything may happen, and a quiet one at the end: what the venues did is
// what the record says, nothing is sent twice, and all is flat or flagged.
#include "engine/base/random.hpp"
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;

constexpr std::uint64_t kWildSeeds = 60;

Fate any_fate(Random& random)
{
    Fate fate;
    fate.arrives = !random.one_in(8);
    fate.answers = !random.one_in(4);
    fate.refused = random.one_in(8);
    fate.word_first = random.one_in(3);
    if (random.one_in(3)) fate.percent = random.between(0, 100);
    return fate;
}

// Something that venues, channels or operators do.
void happen(LiveWorld& world, Random& random)
{
    const auto venue = static_cast<std::size_t>(random.between(0, 1));
    test::FakeExchange& exchange = world.exchange(venue);
    const RequestKind kinds[] = {RequestKind::query_order, RequestKind::fills, RequestKind::balances,
                                 RequestKind::open_orders};
    switch (random.between(0, 11)) {
        case 0:
            world.tell(venue, random.one_in(2) ? "down private_stream" : "down order_entry");
            break;
        case 1:
            world.tell(venue, "up private_stream\nup order_entry");
            break;
        case 2:
            exchange.silent.insert(kinds[random.between(0, 3)]);
            break;
        case 3:
            exchange.silent.clear();
            break;
        case 4:
            exchange.delay = milliseconds(random.between(1, 1500));
            break;
        case 5:
            world.tell(venue, "end place rate_limited wait 700");
            break;
        case 6:
            if (!exchange.trades.empty()) {  // old news
                const auto& trade =
                    exchange.trades[static_cast<std::size_t>(random.next() % exchange.trades.size())];
                world.tell(venue, exchange.fill_text(trade) + "\n" + exchange.state_of(trade.order));
            }
            break;
        case 7: {
            const char* words[] = {"pause", "resume", "cancel", "flatten", "resume", "clear LINK/USDT"};
            (void)world.command(words[random.between(0, 5)]);
            break;
        }
        case 8:
            for (auto& [id, order] : exchange.orders) {  // a fill after the last word
                if (order.refused || order.filled == order.intent.quantity || !random.one_in(3)) continue;
                exchange.fill_in_silence(id, order.intent, 10, world.now);
                if (random.one_in(2)) world.tell(venue, exchange.fill_text(exchange.trades.back()));
                break;
            }
            break;
        default:
            (void)world.propose(venue, 1 - venue, std::to_string(random.between(1, 20)));
    }
}

// The log is begun anew with what is left of it.
void fold(LiveWorld& world)
{
    if (!world.alive || world.live().phase() == Phase::stopped) return;
    world.shorten();
    world.history.emplace_back("folded");
}

// One process, from its start to its death or orderly end.
void live_wildly(LiveWorld& world, Random& random)
{
    for (auto& exchange : world.exchanges)
        exchange->fate = [&random](const ApprovedOrder&) { return any_fate(random); };
    world.die_after = random.one_in(2) ? static_cast<std::size_t>(random.between(2, 60)) : SIZE_MAX;
    world.start(!random.one_in(4));
    for (int i = 0; i < 25 && world.alive; ++i) {
        happen(world, random);
        world.run(milliseconds(random.between(1, 2500)));
        if (random.one_in(5)) fold(world);
    }
    if (world.alive && random.one_in(3)) {
        (void)world.command(random.one_in(2) ? "stop" : "kill");
        world.run(seconds(23));
    }
    world.kill();
}

TEST(LiveTradingWild, whatever_happens_the_record_is_the_truth)
{
    for (std::uint64_t seed = 1; seed <= kWildSeeds; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Random random(seed);
        LiveWorld world;
        world.step = milliseconds(50);
        world.config.trading.check_every = seconds(7);
        for (const std::size_t v : {0U, 1U}) {
            world.exchange(v).features.certainty_window = seconds(1);
            world.exchange(v).touch[static_cast<ListingId>(v)] = {"27.10", "27.12"};
        }
        for (int lives = 0; lives < 4; ++lives) live_wildly(world, random);
        for (auto& exchange : world.exchanges) {
            exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
            exchange->silent.clear();
            exchange->delay = milliseconds(1);
        }
        world.die_after = SIZE_MAX;
        world.start();
        world.run(seconds(90));
        EXPECT_EQ(world.live().phase(), Phase::trading);
        // What nobody asks for any more, because it is too old, shows in the balances.
        EXPECT_TRUE(world.difference().empty() || world.flags_with("balances differ") > 0)
            << world.difference();
        EXPECT_EQ(world.live().desk().open().count(), 0U);
        EXPECT_EQ(world.engine->executor().open_count(), 0U);
        EXPECT_EQ(world.engine->risk().open_orders(), 0U);
        EXPECT_TRUE(world.net() == Amount{} || world.live().flags().count() > 0)
            << world.net().text() << " is left";
        for (const auto& exchange : world.exchanges) EXPECT_EQ(exchange->sent_twice, 0U);
        if (::testing::Test::HasFailure()) {
            std::string history;
            for (const std::string& line : world.history) history += line + "\n";
            FAIL() << history;
        }
    }
}

}  // namespace
}  // namespace arb
