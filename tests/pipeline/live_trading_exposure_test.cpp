// What nobody means to hold has one owner: markets that share an account, leftovers over a stop and a
// restart, late fills, and what closing them really brought.
#include <utility>

#include "engine/base/random.hpp"
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;
using test::Spec;

Spec spec(const char* venue, const char* base, const char* quote)
{
    Spec made{.venue = venue};
    made.base = base;
    made.quote = quote;
    return made;
}

// All orders that arrived, of all venues.
std::size_t placed(const LiveWorld& world)
{
    return world.count(RequestKind::place);
}

// LINK/USDT at hb and kc, LINK/USDC at hb and zz: one LINK account at hb serves both.
LiveWorld two_markets()
{
    return LiveWorld({spec("hb", "LINK", "USDT"), spec("hb", "LINK", "USDC"), spec("kc", "LINK", "USDT"),
                      spec("zz", "LINK", "USDC")});
}

ListingId listing(const LiveWorld& world, const char* venue, const char* quote)
{
    for (const Listing& l : world.table.listings()) {
        if (world.table.label(l.venue) == venue && world.table.instrument_of(l.id).quote == quote)
            return l.id;
    }
    ADD_FAILURE() << "no such listing";
    return kNoListing;
}

TEST(LiveTradingExposure, two_markets_on_one_account_end_flat_and_nothing_is_traded_on_the_others_fills)
{
    for (const char* word : {"stop", "flatten", "restart"}) {
        SCOPED_TRACE(word);
        LiveWorld world = two_markets();
        world.start_trading();
        ASSERT_TRUE(
            world.propose(index(listing(world, "hb", "USDC")), index(listing(world, "zz", "USDC")), "10"));
        world.run(seconds(2));
        ASSERT_EQ(placed(world), 2U);
        ASSERT_EQ(world.net(), Amount{});
        if (word == std::string_view("restart")) {
            world.kill();
            world.start_trading();
        } else {
            EXPECT_TRUE(world.command(word));
        }
        world.run(seconds(10));
        EXPECT_EQ(placed(world), 2U) << "flat: nothing to close";
        EXPECT_EQ(world.net(), Amount{});
        EXPECT_EQ(world.live().flags().count(), 0U);
        EXPECT_EQ(world.difference(), "");
    }
}

TEST(LiveTradingExposure, a_late_fill_of_one_market_is_closed_in_it_while_the_other_trades_on_the_account)
{
    LiveWorld world = two_markets();
    world.start_trading();
    const ListingId usdc = listing(world, "hb", "USDC");
    world.exchange(0).fate = [](const ApprovedOrder& sent) {
        return Fate{.percent = sent.intent().quantity.units == 100 ? 50 : 100};
    };
    ASSERT_TRUE(world.propose(index(usdc), index(listing(world, "zz", "USDC")), "10"));
    world.run(seconds(2));
    ASSERT_EQ(world.net(), Amount{});
    test::Call order;
    for (const test::Call& call : world.exchange(0).calls) {
        if (call.kind == RequestKind::place && call.intent.listing == usdc) {
            order = call;
            break;
        }
    }
    // In the other market the account gains and loses LINK meanwhile, and a leg of it is silent.
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    world.exchange(0).silent = {RequestKind::query_order};
    ASSERT_TRUE(world.propose(index(listing(world, "hb", "USDT")), index(listing(world, "kc", "USDT")), "7"));
    world.run(milliseconds(200));
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.exchange(0).fill_in_silence(order.order, order.intent, 20, world.now);
    world.tell(0, world.exchange(0).fill_text(world.exchange(0).trades.back()));
    ASSERT_EQ(world.late.size(), 1U);
    world.run(milliseconds(100));
    const OrderIntent closing = world.exchange(2).last(RequestKind::place).intent;
    EXPECT_EQ(closing.side, Side::sell) << "at once, whatever else is open";
    EXPECT_EQ(closing.quantity.units, 20);
    world.exchange(0).silent.clear();
    world.run(seconds(20));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
}

// A spot market and one over spot and perpetual: what one bought is no reason to sell in the other.
TEST(LiveTradingExposure, a_basis_stays_hedged_over_a_stop_and_a_restart)
{
    for (const bool restart : {false, true}) {
        SCOPED_TRACE(restart);
        Spec perpetual{.venue = "ok"};
        perpetual.kind = InstrumentKind::perpetual;
        LiveWorld world({{.venue = "hb"}, {.venue = "kc"}, perpetual});
        MarketDefinition basis = Markets::markets_of(world.table).front();
        basis.name = "LINK basis";
        basis.members = {{ListingId{0}, 1, 1}, {ListingId{2}, 1, 1}};
        world.further_markets = {basis};
        world.start_trading();
        ASSERT_TRUE(world.propose(0, 2, "10"));
        world.run(seconds(2));
        ASSERT_EQ(placed(world), 2U);
        if (restart) {
            world.kill();
            world.start_trading();
        } else {
            EXPECT_TRUE(world.command("stop"));
        }
        world.run(seconds(10));
        EXPECT_EQ(placed(world), 2U) << "spot against perpetual is flat";
        EXPECT_EQ(world.net(), Amount{});
        EXPECT_EQ(world.live().flags().count(), 0U);
    }
}

// Bought at 27.10; the market falls before the leftover can be closed. The loss is told as it is.
TEST(LiveTradingExposure, what_closing_a_leftover_lost_is_told_and_counts_for_the_loss_limit)
{
    LiveWorld world;
    world.config.risk.loss_day_max = money("50");
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    world.exchange(0).fate = [](const ApprovedOrder& order) {
        return Fate{.percent = order.intent().side == Side::buy ? 100 : 0};
    };
    ASSERT_TRUE(world.propose(0, 1, "100"));
    world.run(seconds(2));
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(21));
    ASSERT_EQ(world.live().phase(), Phase::stopped);
    ASSERT_EQ(world.net(), money("100"));
    ASSERT_TRUE(world.ends.back().flagged);
    const Amount before = world.ends.back().waterfall.realised;
    world.kill();
    for (std::size_t v = 0; v < 2; ++v) {
        world.exchange(v).fate = [](const ApprovedOrder&) { return Fate{}; };
        world.exchange(v).touch[static_cast<ListingId>(v)] = {"20.00", "20.02"};
    }
    world.start_trading();
    world.run(seconds(3));
    EXPECT_EQ(world.net(), Amount{});
    const Amount told = before + world.ends.back().waterfall.realised;
    Amount truth;
    for (std::size_t v = 0; v < 2; ++v) truth += world.exchange(v).balances["USDT"] - money("100000");
    EXPECT_EQ(told, truth) << told.text();
    EXPECT_LT(told, money("-700"));
    EXPECT_TRUE(world.command("clear LINK/USDT"));
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::loss_limit);
}

// A log that is begun anew keeps the lines; the start after it closes them, once.
TEST(LiveTradingExposure, lines_outlive_a_log_that_is_begun_anew)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    world.exchange(0).fate = [](const ApprovedOrder& order) {
        return Fate{.percent = order.intent().side == Side::buy ? 100 : 0};
    };
    ASSERT_TRUE(world.propose(0, 1, "3"));
    EXPECT_TRUE(world.command("kill"));
    world.run(seconds(25));
    ASSERT_EQ(world.net(), money("3"));
    const ExposureLine left = world.engine->exposure().sum({});
    EXPECT_EQ(left.quantity, 30);
    EXPECT_EQ(left.cost, money("81.3"));
    world.shorten();
    EXPECT_EQ(world.lines_with("line\tLINK/USDT\tleftover\t"), 1U);
    world.kill();
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
    world.start_trading();
    world.run(seconds(3));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_TRUE(world.engine->exposure().sum({}).empty());
    const std::size_t before = placed(world);
    for (int again = 0; again < 3; ++again) {
        if (again == 1) world.shorten();
        world.kill();
        world.start_trading();
        world.run(seconds(3));
    }
    EXPECT_EQ(placed(world), before);
    EXPECT_EQ(world.difference(), "");
}

// Each start once began at zero: a limit of 100 let five starts buy 500.
TEST(LiveTradingExposure, a_limit_on_positions_is_kept_over_restarts)
{
    LiveWorld world;
    world.config.risk.position_max = money("100");
    for (int start = 0; start < 3; ++start) {
        world.start_trading();
        EXPECT_EQ(world.propose(0, 1, "100"), start == 0);
        world.run(seconds(2));
        if (start > 0) EXPECT_EQ(world.refused, RiskReason::position);
        world.shorten();
        world.kill();
    }
    EXPECT_EQ(world.exchange(0).net("LINK"), money("100"));
    // The way back is open.
    world.start_trading();
    EXPECT_TRUE(world.propose(1, 0, "100"));
    world.run(seconds(2));
    EXPECT_EQ(world.exchange(0).net("LINK"), Amount{});
}

// Two legs at once; or one of them is lost, and the other one closed later; or one rests and is filled in
// parts.
void trade_and_end_flat(LiveWorld& world, Random& random)
{
    const bool first = random.one_in(2);
    const std::size_t buy = first ? 0 : 1, sell = first ? 1 : 0;
    const std::int64_t kind = random.between(0, 3);
    if (kind == 0) {
        ASSERT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
        for (const std::int64_t percent : {30, 100}) {
            world.run(milliseconds(random.between(20, 2'000)));
            for (const OrderId order : world.exchange(0).resting())
                EXPECT_TRUE(world.exchange(0).fill_resting(order, percent, world.now));
        }
        world.run(milliseconds(200));
        return;
    }
    bool lost = kind == 1;
    world.exchange(sell).fate = [&lost](const ApprovedOrder&) {
        return Fate{.arrives = !std::exchange(lost, false)};
    };
    ASSERT_TRUE(world.propose(buy, sell, "10"));
    world.run(milliseconds(random.between(200, 2'000)));
    if (kind == 1) world.run(seconds(5));
    world.exchange(sell).fate = [](const ApprovedOrder&) { return Fate{}; };
}

// A flat account, an empty state directory, some time after earlier trading: what the venues tell of that
// time is nobody's exposure here.
TEST(LiveTradingExposure, an_empty_directory_closes_nothing_of_what_was_traded_before)
{
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        LiveWorld world;
        world.step = milliseconds(100);
        world.start_trading();
        for (std::int64_t n = random.between(1, 6); n > 0; --n) {
            trade_and_end_flat(world, random);
            world.now = world.now + milliseconds(random.between(0, 30'000));
        }
        ASSERT_EQ(world.net(), Amount{});
        world.kill();
        world.lines.clear();
        world.now = world.now + milliseconds(random.between(0, 70'000));
        const std::size_t before = placed(world);
        world.start();
        world.run(milliseconds(random.between(0, 4'000)));
        EXPECT_TRUE(world.command("stop"));
        world.run_until([&] { return world.live().phase() == Phase::stopped; }, seconds(30));
        EXPECT_EQ(world.live().phase(), Phase::stopped);
        EXPECT_EQ(placed(world), before);
        EXPECT_EQ(world.net(), Amount{});
    }
}

// The key of one venue is refused while an order is out there: the known leg does not wait for its return.
TEST(LiveTradingExposure, the_known_leg_is_closed_while_the_other_venue_refuses_the_key)
{
    LiveWorld world({{.venue = "hb"}, {.venue = "kc"}, {.venue = "ok"}});
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.answers = false, .percent = 0}; };
    world.exchange(1).silent = {RequestKind::query_order, RequestKind::fills, RequestKind::key_info};
    ASSERT_TRUE(world.propose(0, 1, "100"));
    world.tell(1, fmt::format("end query_order key_trouble {}", world.order(2)));
    world.run(seconds(1));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.engine->executor().open_count(), 1U) << "the silent order stays reserved";
    EXPECT_EQ(world.engine->risk().open_orders(), 1U);
    world.run(seconds(600));
    EXPECT_EQ(world.net(), Amount{});
}

}  // namespace
}  // namespace arb
