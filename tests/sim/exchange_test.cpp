// The simulated venues: an order meets the book that has come by its own delay, is judged as a venue judges,
// fills level by level at what is left there, and nothing is filled twice.
#include "engine/sim/exchange.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::bps;
using test::money;
using test::Spec;
using test::World;

class Exchange {
  public:
    explicit Exchange(const std::vector<Spec>& specs = {{.venue = "hb"}, {.venue = "kc"}})
        : world(specs),
          exchange(world.table, world.taken,
                   {{milliseconds(3), milliseconds(5)}, {milliseconds(20), milliseconds(10)}},
                   std::vector<ListingFees>(world.table.listings().size(), {bps(2), bps(10)}),
                   Rate{kRateOne}),
          gate(world.markets, world.portfolio, test::wide_limits(), world.fees)
    {
        exchange.connect(world.markets);
        world.start_with(0, "USDT", "100000");
        world.start_with(0, "LINK", "1000");
        for (const Account& account : world.portfolio.accounts()) {
            exchange.balances().set_start(account.venue, account.asset, account.start);
        }
        world.book(0, {{"26.90", "5"}, {"26.80", "10"}}, {{"27.00", "5"}, {"27.10", "10"}});
    }
    std::uint64_t send(const OrderIntent& intent, Timestamp now = test::kStart)
    {
        RiskReason reason = RiskReason::none;
        const auto order = gate.approve_unwind({PackageId{1}, MarketId{}, {}, 0}, intent, now, reason);
        EXPECT_TRUE(order) << name(reason);
        if (!order) return 0;
        exchange.send(*order, now);
        return static_cast<std::uint64_t>(order->id());
    }
    /// Events so far, one text each: "1 fill 27.00 x 5".
    std::vector<std::string> run(Timestamp now)
    {
        std::vector<OrderEvent> events;
        exchange.run(now, events);
        std::vector<std::string> texts;
        for (const OrderEvent& event : events) {
            EXPECT_EQ(event.time, now);
            const auto id = static_cast<std::uint64_t>(event.order);
            switch (event.kind) {
                case OrderEventKind::accepted:
                    texts.push_back(fmt::format("{} accepted", id));
                    break;
                case OrderEventKind::amended:
                case OrderEventKind::amend_failed:
                    texts.push_back(fmt::format("{} amended", id));
                    break;
                case OrderEventKind::done:
                    texts.push_back(fmt::format("{} done", id));
                    break;
                case OrderEventKind::rejected:
                    texts.push_back(fmt::format("{} {}", id, name(event.reason)));
                    break;
                case OrderEventKind::fill:
                    last = event.fill;
                    texts.push_back(fmt::format("{} {} {} x {}", id, event.fill.maker ? "makes" : "takes",
                                                test::full_text(event.fill.price.units, 2),
                                                world.instrument(0).text(event.fill.quantity)));
                    break;
            }
        }
        return texts;
    }
    OrderIntent buy(std::string_view price, std::string_view quantity,
                    TimeInForce tif = TimeInForce::ioc) const
    {
        return world.intent(0, Side::buy, price, quantity, tif);
    }
    OrderIntent sell(std::string_view price, std::string_view quantity,
                     TimeInForce tif = TimeInForce::ioc) const
    {
        return world.intent(0, Side::sell, price, quantity, tif);
    }

    World world;
    SimExchange exchange;
    RiskGate gate;
    Fill last;
};

using Texts = std::vector<std::string>;

TEST(SimExchange, an_order_meets_the_book_of_its_own_delay)
{
    Exchange e;
    e.send(e.buy("27.00", "5"), at_ms(100));
    EXPECT_EQ(e.exchange.next_due(), at_ms(108));  // 5 ms to the venue, 3 ms for the venue's news
    EXPECT_EQ(e.run(at_ms(107)), Texts{});
    e.world.book(0, {{"26.90", "5"}}, {{"27.00", "2"}, {"27.10", "9"}}, at_ms(107));
    EXPECT_EQ(e.run(at_ms(108)), (Texts{"1 accepted", "1 takes 27.00 x 2", "1 done"}));
    EXPECT_FALSE(e.exchange.next_due().known());
    EXPECT_EQ(e.run(at_ms(109)), Texts{});
}

TEST(SimExchange, orders_come_by_their_venues_delay_and_then_as_they_were_sent)
{
    Exchange e;
    e.world.start_with(1, "USDT", "100000");
    e.exchange.balances().set_start(VenueId{1}, "USDT", money("100000"));
    e.world.book(1, {{"26.90", "5"}}, {{"27.00", "5"}});
    e.send(e.world.intent(1, Side::buy, "27.00", "1"), at_ms(100));  // due at 130
    e.send(e.buy("27.00", "1"), at_ms(110));                         // due at 118
    e.send(e.buy("27.00", "2"), at_ms(110));
    EXPECT_EQ(e.exchange.next_due(), at_ms(118));
    EXPECT_EQ(e.run(at_ms(118)), (Texts{"2 accepted", "2 takes 27.00 x 1", "2 done", "3 accepted",
                                        "3 takes 27.00 x 2", "3 done"}));
    EXPECT_EQ(e.exchange.next_due(), at_ms(130));
    EXPECT_EQ(e.run(at_ms(130)), (Texts{"1 accepted", "1 takes 27.00 x 1", "1 done"}));
    EXPECT_EQ(e.exchange.orders(), 3U);
}

TEST(SimExchange, fills_go_level_by_level_at_the_levels_prices_and_not_beyond_the_limit)
{
    Exchange e;
    e.send(e.buy("27.10", "12"));
    EXPECT_EQ(e.run(at_ms(8)), (Texts{"1 accepted", "1 takes 27.00 x 5", "1 takes 27.10 x 7", "1 done"}));
    e.send(e.sell("26.90", "9"), at_ms(10));
    EXPECT_EQ(e.run(at_ms(18)), (Texts{"2 accepted", "2 takes 26.90 x 5", "2 done"}));
    e.send(e.buy("26.99", "1"), at_ms(20));
    EXPECT_EQ(e.run(at_ms(28)), (Texts{"3 accepted", "3 done"}));
}

TEST(SimExchange, fill_or_kill_is_all_or_nothing)
{
    Exchange e;
    e.send(e.buy("27.10", "15.1", TimeInForce::fok));
    EXPECT_EQ(e.run(at_ms(8)), (Texts{"1 accepted", "1 done"}));
    EXPECT_TRUE(e.world.taken.none(ListingId{0}));
    e.send(e.buy("27.10", "15", TimeInForce::fok), at_ms(10));
    EXPECT_EQ(e.run(at_ms(18)), (Texts{"2 accepted", "2 takes 27.00 x 5", "2 takes 27.10 x 10", "2 done"}));
}

TEST(SimExchange, what_was_taken_is_gone_until_new_quantity_is_shown)
{
    Exchange e;
    e.send(e.buy("27.00", "4"));
    EXPECT_EQ(e.run(at_ms(8)).at(1), "1 takes 27.00 x 4");
    // The recorded book knows nothing of us and shows the same five.
    e.world.book(0, {{"26.90", "5"}}, {{"27.00", "5"}}, at_ms(9));
    e.send(e.buy("27.00", "4"), at_ms(10));
    EXPECT_EQ(e.run(at_ms(18)), (Texts{"2 accepted", "2 takes 27.00 x 1", "2 done"}));
    e.world.book(0, {{"26.90", "5"}}, {{"27.00", "7"}}, at_ms(19));
    e.send(e.buy("27.00", "4"), at_ms(20));
    EXPECT_EQ(e.run(at_ms(28)), (Texts{"3 accepted", "3 takes 27.00 x 2", "3 done"}));
    // Shown less than taken: the difference is forgotten, so the next two are new.
    e.world.book(0, {{"26.90", "5"}}, {{"27.00", "3"}}, at_ms(29));
    e.world.book(0, {{"26.90", "5"}}, {{"27.00", "5"}}, at_ms(30));
    e.send(e.buy("27.00", "4"), at_ms(30));
    EXPECT_EQ(e.run(at_ms(38)), (Texts{"4 accepted", "4 takes 27.00 x 2", "4 done"}));
    // A level that went is forgotten.
    e.world.book(0, {{"26.90", "5"}}, {{"27.50", "5"}}, at_ms(39));
    e.world.book(0, {{"26.90", "5"}}, {{"27.00", "5"}}, at_ms(40));
    e.send(e.buy("27.00", "4"), at_ms(40));
    EXPECT_EQ(e.run(at_ms(48)), (Texts{"5 accepted", "5 takes 27.00 x 4", "5 done"}));
}

TEST(SimExchange, resting_orders_fill_at_their_price_only_when_the_book_trades_through_it)
{
    Exchange e;
    e.send(e.buy("26.95", "6", TimeInForce::gtc));
    EXPECT_EQ(e.run(at_ms(8)), Texts{"1 accepted"});
    e.world.book(0, {{"26.80", "5"}}, {{"26.95", "50"}}, at_ms(10));
    EXPECT_EQ(e.run(at_ms(10)), Texts{}) << "others at our price were there first";
    e.world.book(0, {{"26.80", "5"}}, {{"26.94", "2"}, {"26.95", "50"}}, at_ms(11));
    EXPECT_EQ(e.run(at_ms(11)), Texts{"1 makes 26.95 x 2"});
    EXPECT_EQ(e.last.fee, apply_rate(money("53.9"), bps(2)));
    EXPECT_EQ(e.run(at_ms(12)), Texts{}) << "the same two again";
    e.world.book(0, {{"26.80", "5"}}, {{"26.94", "99"}}, at_ms(13));
    EXPECT_EQ(e.run(at_ms(13)), (Texts{"1 makes 26.95 x 4", "1 done"}));
    e.world.book(0, {{"26.80", "5"}}, {{"26.90", "999"}}, at_ms(14));
    EXPECT_EQ(e.run(at_ms(14)), Texts{}) << "it is over";
}

// At 26.90 stand 5 already: a trade there serves them first.
TEST(SimExchange, a_resting_order_waits_for_its_turn_in_the_queue)
{
    Exchange e;
    const auto trade = [&](const char* price, const char* quantity, Side aggressor, std::int64_t ms) {
        Trade told;
        told.listing = ListingId{0};
        told.price = e.world.price(0, price);
        told.quantity = e.world.quantity(0, quantity);
        told.aggressor = aggressor;
        e.exchange.on_trade(told);
        return e.run(at_ms(ms));
    };
    e.send(e.buy("26.90", "6", TimeInForce::post_only));
    EXPECT_EQ(e.run(at_ms(8)), Texts{"1 accepted"});
    EXPECT_EQ(trade("26.90", "3", Side::sell, 9), Texts{});
    EXPECT_EQ(trade("26.90", "9", Side::buy, 10), Texts{}) << "a buyer takes the other side";
    EXPECT_EQ(trade("26.90", "4", Side::sell, 11), Texts{"1 makes 26.90 x 2"});
    EXPECT_EQ(trade("26.85", "1", Side::sell, 12), Texts{"1 makes 26.90 x 1"})
        << "a trade beyond met us first";
    EXPECT_EQ(trade("26.90", "50", Side::sell, 13), (Texts{"1 makes 26.90 x 3", "1 done"}));
}

TEST(SimExchange, a_cancel_travels_like_an_order_and_can_come_too_late)
{
    Exchange e;
    const std::uint64_t first = e.send(e.buy("26.95", "6", TimeInForce::post_only));
    EXPECT_EQ(e.run(at_ms(8)), Texts{"1 accepted"});
    e.exchange.cancel(static_cast<OrderId>(first), at_ms(10));
    EXPECT_EQ(e.run(at_ms(17)), Texts{}) << "it is on its way";
    EXPECT_EQ(e.run(at_ms(18)), Texts{"1 done"});
    const std::uint64_t second = e.send(e.buy("26.95", "6", TimeInForce::post_only), at_ms(20));
    e.exchange.cancel(static_cast<OrderId>(second), at_ms(20));  // right behind it
    EXPECT_EQ(e.run(at_ms(28)), (Texts{"2 accepted", "2 done"}));
    const std::uint64_t third = e.send(e.buy("26.95", "6", TimeInForce::post_only), at_ms(30));
    EXPECT_EQ(e.run(at_ms(38)), Texts{"3 accepted"});
    e.exchange.cancel(static_cast<OrderId>(third), at_ms(40));
    e.world.book(0, {{"26.80", "5"}}, {{"26.94", "99"}}, at_ms(41));
    EXPECT_EQ(e.run(at_ms(41)), (Texts{"3 makes 26.95 x 6", "3 done"}));
    EXPECT_EQ(e.run(at_ms(50)), Texts{}) << "nothing is left to take back";
}

TEST(SimExchange, an_order_that_takes_and_rests_does_both)
{
    Exchange e;
    e.send(e.sell("26.90", "7", TimeInForce::gtc));
    EXPECT_EQ(e.run(at_ms(8)), (Texts{"1 accepted", "1 takes 26.90 x 5"}));
    EXPECT_EQ(e.last.fee, apply_rate(money("134.5"), bps(10)));
    e.world.book(0, {{"26.95", "30"}}, {{"27.00", "5"}}, at_ms(10));
    EXPECT_EQ(e.run(at_ms(10)), (Texts{"1 makes 26.90 x 2", "1 done"}));
}

TEST(SimExchange, a_doubted_book_fills_nothing_that_rests)
{
    Exchange e;
    e.send(e.buy("26.95", "6", TimeInForce::gtc));
    e.run(at_ms(8));
    e.world.book(0, {{"26.80", "5"}}, {{"26.90", "50"}}, at_ms(9));
    e.world.markets.on_unreadable(ListingId{0}, at_ms(9));
    EXPECT_EQ(e.run(at_ms(9)), Texts{});
}

TEST(SimExchange, post_only_rests_or_is_refused)
{
    Exchange e;
    e.send(e.buy("27.00", "1", TimeInForce::post_only));
    EXPECT_EQ(e.run(at_ms(8)), Texts{"1 would_take"});
    e.send(e.buy("26.99", "1", TimeInForce::post_only), at_ms(10));
    EXPECT_EQ(e.run(at_ms(18)), Texts{"2 accepted"});
    e.send(e.sell("26.90", "1", TimeInForce::post_only), at_ms(20));
    EXPECT_EQ(e.run(at_ms(28)), Texts{"3 would_take"});
    e.send(e.sell("26.91", "1", TimeInForce::post_only), at_ms(30));
    EXPECT_EQ(e.run(at_ms(38)), Texts{"4 accepted"});
    EXPECT_EQ(e.exchange.rejects(), 2U);
}

TEST(SimExchange, a_market_that_is_not_there_takes_no_order)
{
    Exchange e;
    e.send(e.buy("27.00", "1"));
    e.world.markets.on_unreadable(ListingId{0}, at_ms(1));
    EXPECT_EQ(e.run(at_ms(8)), Texts{"1 no_market"});
    e.world.book(0, {{"26.90", "5"}}, {{"27.00", "5"}}, at_ms(9));
    e.send(e.buy("27.00", "1"), at_ms(10));
    e.world.book(0, {{"27.10", "5"}}, {{"27.00", "5"}}, at_ms(11));
    EXPECT_EQ(e.run(at_ms(18)), Texts{"2 no_market"}) << "a crossed book";
    EXPECT_TRUE(e.world.taken.none(ListingId{0}));
}

TEST(SimExchange, a_price_that_is_no_money_fills_nothing)
{
    Exchange e;
    e.send(e.sell("26.90", "5"));
    BookUpdate update;
    const std::vector<Level> bids{{{INT64_MAX - 1}, {INT64_MAX}}}, asks{{{INT64_MAX}, {1}}};
    update.listing = ListingId{0};
    update.snapshot = true;
    update.receive_time = at_ms(1);
    update.bids = bids;
    update.asks = asks;
    e.world.markets.on_update(kNoConnection, update);
    EXPECT_EQ(e.run(at_ms(8)), (Texts{"1 accepted", "1 done"}));
    EXPECT_TRUE(e.world.taken.none(ListingId{0}));
}

// The venue judges by its own rules and its own record of our balance, not by what the gate believed. Here
// the gate's world has one table and the venue's another, with the same ids.
TEST(SimExchange, a_venue_refuses_what_its_rules_refuse)
{
    struct Rule {
        Spec spec;
        const char* price;
        const char* quantity;
        const char* usdt;
        const char* expected;
    };
    const std::vector<Rule> rules{
        {{.venue = "hb", .tick = "0.05"}, "27.01", "1", "1000", "1 tick"},
        {{.venue = "hb", .lot = "0.5"}, "27.00", "0.7", "1000", "1 lot"},
        {{.venue = "hb", .minimum = "2"}, "27.00", "1.9", "1000", "1 lot"},
        {{.venue = "hb", .notional = "27.01"}, "27.00", "1", "1000", "1 notional_minimum"},
        {{.venue = "hb", .notional = "27"}, "27.00", "1", "1000", "1 accepted"},
        {{.venue = "hb"}, "27.00", "1", "27.026", "1 balance"},
        {{.venue = "hb"}, "27.00", "1", "27.027", "1 accepted"},
        {{.venue = "hb", .status = ListingStatus::halted}, "27.00", "1", "1000", "1 no_market"},
    };
    for (const Rule& rule : rules) {
        SCOPED_TRACE(rule.expected);
        World lenient({{.venue = "hb"}, {.venue = "kc"}});
        lenient.start_with(0, "USDT", "100000");
        lenient.book(0, {{"26.90", "5"}}, {{"27.00", "5"}});
        RiskGate gate(lenient.markets, lenient.portfolio, test::wide_limits(), lenient.fees);
        World strict({rule.spec, {.venue = "kc", .tick = "0.01", .lot = "0.1"}});
        strict.book(0, {{"26.90", "5"}}, {{"27.00", "5"}});
        SimExchange exchange(strict.table, strict.taken, {{}, {}}, {{bps(2), bps(10)}, {bps(2), bps(10)}},
                             Rate{kRateOne});
        exchange.connect(strict.markets);
        exchange.balances().set_start(VenueId{0}, "USDT", money(rule.usdt));
        RiskReason reason = RiskReason::none;
        const auto order = gate.approve_unwind({PackageId{1}, MarketId{}, {}, 0},
                                               lenient.intent(0, Side::buy, rule.price, rule.quantity),
                                               test::kStart, reason);
        ASSERT_TRUE(order) << name(reason);
        exchange.send(*order, test::kStart);
        std::vector<OrderEvent> events;
        exchange.run(test::kStart, events);
        ASSERT_FALSE(events.empty());
        EXPECT_EQ(events[0].kind == OrderEventKind::accepted ? "1 accepted"
                                                             : fmt::format("1 {}", name(events[0].reason)),
                  rule.expected);
        EXPECT_EQ(exchange.rejects(), events[0].kind == OrderEventKind::accepted ? 0U : 1U);
    }
}

TEST(SimExchange, its_balances_move_by_fills_and_fees)
{
    Exchange e;
    e.send(e.buy("27.10", "7"));
    e.run(at_ms(8));
    const Portfolio& balances = e.exchange.balances();
    EXPECT_EQ(balances.base(ListingId{0}).end(), money("1007"));
    EXPECT_EQ(balances.quote(ListingId{0}).fills, money("-189.2"));  // 5 x 27.00 + 2 x 27.10
    EXPECT_EQ(balances.quote(ListingId{0}).fees, money("0.1892"));
    e.exchange.balances().set_start(VenueId{0}, "LINK", money("-6.5"));
    e.send(e.sell("26.90", "0.6"), at_ms(10));
    EXPECT_EQ(e.run(at_ms(18)), Texts{"2 balance"});
    e.send(e.sell("26.90", "0.5"), at_ms(20));
    EXPECT_EQ(e.run(at_ms(28)).at(0), "3 accepted");
}

TEST(SimExchange, a_derivative_needs_margin_not_the_asset)
{
    World world({{.venue = "ok", .kind = InstrumentKind::perpetual},
                 {.venue = "by", .kind = InstrumentKind::perpetual}});
    world.book(0, {{"27.00", "50"}}, {{"27.01", "50"}});
    world.start_with(0, "USDT", "1000");
    RiskLimits limits = test::wide_limits();
    limits.margin = {kRateOne / 10};
    RiskGate gate(world.markets, world.portfolio, limits, world.fees);
    SimExchange exchange(world.table, world.taken, {{}, {}}, {{bps(2), bps(10)}, {bps(2), bps(10)}},
                         limits.margin);
    exchange.connect(world.markets);
    const auto sell = [&](const char* usdt) {
        exchange.balances().set_start(VenueId{0}, "USDT", money(usdt));
        RiskReason reason = RiskReason::none;
        exchange.send(*gate.approve_unwind({PackageId{1}, MarketId{}, {}, 0},
                                           world.intent(0, Side::sell, "27.00", "10"), test::kStart, reason),
                      test::kStart);
        std::vector<OrderEvent> events;
        exchange.run(test::kStart, events);
        return events.at(0).kind == OrderEventKind::accepted ? RejectReason::none : events.at(0).reason;
    };
    EXPECT_EQ(sell("27.026"), RejectReason::balance);  // a tenth of 270 and its fee is 27.027
    EXPECT_EQ(sell("27.027"), RejectReason::none);
    EXPECT_EQ(exchange.balances().base(ListingId{0}).end(), money("-10"));
}

}  // namespace
}  // namespace arb
