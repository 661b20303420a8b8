#pragma once
// A package executor among invented venues: a test tells the venues' words, the desk records what the
// executor sends and says, and counts the money of every fill for itself. For tests/trading, one thread.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/trading/package_executor.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

/// The invented world, the gate and the executor; orders are numbered from 1 as they are sent.
class Stage : public OrderSender, public PackageListener {
  public:
    Stage(const std::vector<Spec>& specs, const ExecutorLimits& limits, const RiskLimits& risk)
        : world(specs),
          gate(world.markets, world.portfolio, risk, world.fees),
          exposure(world.markets),
          executor(world.markets, gate, world.portfolio, exposure, held, limits, *this, *this)
    {
    }
    void start(const Package& package, Timestamp now = kStart)
    {
        RiskReason reason = RiskReason::none;
        const auto orders = gate.approve(package, now, reason);
        ENSURE(orders.has_value(), "the test's package passes");
        executor.start(package, *orders, now);
    }
    void tell(std::uint64_t order, OrderEventKind kind, Timestamp now = at_ms(10), const Fill& fill = {},
              RejectReason reason = RejectReason::balance)
    {
        OrderEvent event;
        event.order = static_cast<OrderId>(order);
        event.kind = kind;
        event.fill = fill;
        event.time = now;
        if (kind == OrderEventKind::rejected) event.reason = reason;
        executor.on_event(event, now);
    }
    void fill(std::uint64_t order, std::string_view price, std::string_view quantity,
              Timestamp now = at_ms(10))
    {
        const OrderIntent intent = sent.at(order - 1).intent();
        const Fill fill = world.fill(intent, ++trade, price, quantity);
        const bool buy = intent.side == Side::buy;
        cash += (buy ? -fill.notional : fill.notional) - fill.fee;
        base += buy ? fill.quantity.units : -fill.quantity.units;
        const Instrument& instrument = world.instrument(index(intent.listing));
        const Amount quantity_moved = instrument.amount(fill.quantity);
        moved[instrument.base] += buy ? quantity_moved : -quantity_moved;
        moved[instrument.quote] += buy ? -fill.notional : fill.notional;
        fees[instrument.quote] += fill.fee;
        tell(order, OrderEventKind::fill, now, fill);
    }
    void done(std::uint64_t order, Timestamp now = at_ms(10)) { tell(order, OrderEventKind::done, now); }
    void reject(std::uint64_t order, RejectReason reason = RejectReason::balance, Timestamp now = at_ms(10))
    {
        tell(order, OrderEventKind::rejected, now, {}, reason);
    }

    void send(const ApprovedOrder& order, Timestamp) override { sent.push_back(order); }
    void cancel(OrderId order, Timestamp) override { cancelled.push_back(order); }
    void on_order(const ApprovedOrder&, OrderPurpose purpose, Timestamp) override
    {
        unwinds += purpose == OrderPurpose::close ? 1 : 0;
    }
    void on_fill(const Package&, const OrderIntent&, const Fill&, OrderPurpose, Timestamp) override
    {
        ++fills;
    }
    void on_reject(const Package&, const OrderIntent&, RejectReason reason, Timestamp) override
    {
        rejects.push_back(reason);
    }
    void on_stuck(const Package&, const Residual&, const char* why, Timestamp) override
    {
        stuck.emplace_back(why);
    }
    void on_end(const PackageEnd& end) override { ends.push_back(end); }

    World world;
    RiskGate gate;
    ExposureBook exposure;
    HeldPositions held;
    PackageExecutor executor;
    std::vector<ApprovedOrder> sent;
    std::vector<OrderId> cancelled;
    std::vector<RejectReason> rejects;
    std::vector<PackageEnd> ends;
    std::vector<std::string> stuck;  // what the operator is told
    unsigned unwinds = 0, fills = 0;
    std::uint64_t trade = 0;
    Amount cash;                                // counted here, from the fills alone
    std::int64_t base = 0;                      // the same of the base asset, in units
    std::map<std::string, Amount> moved, fees;  // by asset, without fees; and these
};

/// LINK/USDT at two venues, with money and books.
class ExecutorStage : public Stage {
  public:
    explicit ExecutorStage(const std::vector<Spec>& specs = {{.venue = "hb"}, {.venue = "kc"}},
                           const ExecutorLimits& limits = {}, const RiskLimits& risk = wide_limits())
        : Stage(specs, limits, risk)
    {
        for (const std::size_t venue : {0U, 1U}) {
            world.start_with(venue, "USDT", "100000");
            world.start_with(venue, "LINK", "1000");
        }
        world.book(0, {{"27.08", "100"}}, {{"27.10", "100"}});
        world.book(1, {{"27.20", "100"}}, {{"27.30", "100"}});
    }
    // Buys at hb, sells at kc; order 1 is the buying leg, order 2 the selling one.
    void start(std::string_view quantity)
    {
        Stage::start(package_of(world, 0, "27.10", 1, "27.20", quantity));
    }
    using Stage::start;
    /// The one package has ended, and its books are right.
    const PackageEnd& end() const
    {
        ENSURE(ends.size() == 1, "one package ended");
        const PackageEnd& end = ends.front();
        EXPECT_EQ(executor.open_count(), 0U);
        const Waterfall& w = end.waterfall;
        EXPECT_EQ(w.sum(), w.realised);
        const Price reference = end.bought > end.sold ? end.package.legs[0].best : end.package.legs[1].best;
        const Amount left =
            market_notional(world.markets.consolidated({}).definition(), reference, {end.residual});
        EXPECT_EQ(w.realised, cash + left) << w.realised.text() << " " << (cash + left).text();
        EXPECT_EQ(end.residual, base);
        // What is left stands in the exposure book, at what it cost.
        const ExposureLine line = exposure.sum({});
        EXPECT_EQ(line.quantity, base);
        EXPECT_EQ(line.cost, left);
        Amount quote, owned;
        for (const Account& account : world.portfolio.accounts()) {
            (account.asset == "USDT" ? quote : owned) += account.fills - account.fees;
        }
        EXPECT_EQ(quote, cash);
        EXPECT_EQ(owned, world.instrument(0).amount({base}));
        return end;
    }
};

}  // namespace arb::test
