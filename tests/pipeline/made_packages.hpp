#pragma once
// Packages that no strategy proposes: three legs over three markets, and pairs that are held and released.
// With the worlds they live in and what must be true when all is over. Header only, one thread.
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/base/random.hpp"
#include "tests/pipeline/seeded_fates.hpp"

namespace arb::test {

/// BTC/USDT, ETH/BTC and ETH/USDT at two venues alike.
inline std::vector<Spec> pairs()
{
    std::vector<Spec> specs;
    for (const char* venue : {"hb", "kc"}) {
        specs.push_back({.venue = venue, .base = "BTC", .tick = "0.01", .lot = "0.0001"});
        specs.push_back({.venue = venue, .base = "ETH", .quote = "BTC", .tick = "0.00001", .lot = "0.01"});
        specs.push_back({.venue = venue, .base = "ETH", .tick = "0.01", .lot = "0.01"});
    }
    return specs;
}

/// Takes at the touch of that listing's book.
inline void take(Package& package, const MarketView& view, std::size_t listing, Side side,
                 const std::string& quantity)
{
    Leg& leg = package.add(side);
    leg.intent.listing = static_cast<ListingId>(listing);
    for (std::size_t m = 0; m < view.markets.market_count(); ++m) {
        const ConsolidatedBook& book = view.markets.consolidated(static_cast<MarketId>(m));
        const auto& members = book.definition().members;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i].listing != leg.intent.listing) continue;
            leg.market = static_cast<MarketId>(m);
            leg.member = static_cast<std::uint32_t>(i);
            leg.best = side == Side::buy ? book.quotes()[i].ask : book.quotes()[i].bid;
        }
    }
    const Instrument& instrument = view.markets.table().instrument_of(leg.intent.listing);
    leg.intent.price = leg.best;
    leg.intent.quantity = {parse_scaled(quantity, instrument.quantity_decimals).value};
    leg.expected = *instrument.notional(leg.best, leg.intent.quantity);
}

/// Tenths of an ETH: bitcoin for them, the ETH with it, and the ETH sold, all at hb.
inline Package cycle(const MarketView& view, Timestamp now, std::int64_t tenths)
{
    Package package;
    package.decided = now;
    const std::string ether = fmt::format("{}.{}", tenths / 10, tenths % 10);
    take(package, view, 0, Side::buy, fmt::format("0.{:04}", tenths * 69));
    take(package, view, 1, Side::buy, ether);
    take(package, view, 2, Side::sell, ether);
    package.market = package.legs[0].market;
    package.quantity = package.legs[0].intent.quantity;
    return package;
}

inline Package pair(const MarketView& view, Timestamp now, Side at_first, std::int64_t quantity, Aim aim,
                    PackageId of)
{
    Package package;
    package.decided = now;
    package.aim = aim;
    package.of = of;
    take(package, view, at_first == Side::buy ? 0 : 1, Side::buy, std::to_string(quantity));
    take(package, view, at_first == Side::buy ? 1 : 0, Side::sell, std::to_string(quantity));
    package.quantity = package.legs[0].intent.quantity;
    return package;
}

/// What trades at all venues brought of an asset, as what is bought or as what is paid with.
inline Amount net(const LiveWorld& world, const std::string& asset)
{
    Amount sum;
    for (const auto& exchange : world.exchanges) {
        for (const FakeExchange::Trade& trade : exchange->trades) {
            const Instrument& instrument = world.table.instrument_of(trade.intent.listing);
            const bool buys = trade.intent.side == Side::buy;
            const Amount base = instrument.amount(trade.quantity);
            const Amount paid = *instrument.notional(trade.price, trade.quantity);
            if (instrument.base == asset) sum += buys ? base : -base;
            if (instrument.quote == asset) sum += buys ? -paid : paid;
        }
    }
    return sum;
}

/// What stands in lines of markets of that asset.
inline Amount in_lines(const LiveWorld& world, const std::string& asset)
{
    Amount sum;
    for (std::size_t m = 0; m < world.engine->markets().market_count(); ++m) {
        const auto id = static_cast<MarketId>(m);
        const MarketDefinition& market = world.engine->markets().consolidated(id).definition();
        if (market.base != asset) continue;
        const ExposureLine line = world.engine->exposure().sum(id);
        sum += Amount{Int128{line.quantity} * power_of_ten(kAmountDecimals - market.quantity_decimals)};
        sum += line.rest;
    }
    return sum;
}

inline void expect_no_order_left(const LiveWorld& world)
{
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    EXPECT_EQ(world.engine->risk().open_orders(), 0U);
    std::set<OrderId> sent;
    for (const auto& exchange : world.exchanges) {
        EXPECT_EQ(exchange->sent_twice, 0U);
        for (const Call& call : exchange->calls)
            EXPECT_TRUE(call.kind != RequestKind::place || sent.insert(call.order).second) << "sent twice";
    }
}

inline LiveWorld cycle_world()
{
    LiveWorld world(pairs());
    world.config.risk.rates.currency = "USDT";
    for (auto& exchange : world.exchanges) {
        for (auto& [listing, touch] : exchange->touch) {
            const std::size_t kind = index(listing) % 3;
            touch = kind == 0   ? FakeExchange::Touch{"40000.00", "40010.00"}
                    : kind == 1 ? FakeExchange::Touch{"0.06890", "0.06900"}
                                : FakeExchange::Touch{"2790.00", "2792.00"};
        }
    }
    return world;
}

inline void live_cycles(LiveWorld& world, std::uint64_t seed, bool fares_badly, int packages)
{
    start_with_fates(world, seed, fares_badly);
    Random random(seed * 31 + world.epoch);
    for (int i = 0; i < packages && world.alive; ++i) {
        const std::int64_t tenths = random.between(1, 20);
        (void)world.propose_made(
            [tenths](const MarketView& view, Timestamp now) { return cycle(view, now, tenths); });
        world.run(milliseconds(random.between(1, 3000)));
    }
}

inline void expect_owned(const LiveWorld& world)
{
    expect_no_order_left(world);
    for (const char* asset : {"BTC", "ETH"}) {
        EXPECT_EQ(net(world, asset), in_lines(world, asset)) << asset;
        const Amount left = absolute(net(world, asset));
        EXPECT_TRUE(left < money("0.0001") || world.live().flags().count() > 0)
            << asset << " " << left.text();
    }
}

inline void live_held(LiveWorld& world, std::uint64_t seed, bool fares_badly, bool trades)
{
    start_with_fates(world, seed, fares_badly);
    Random random(seed * 31 + world.epoch);
    for (int i = 0; i < 3 && trades && world.alive; ++i) {
        // Holds twice, and gives a part of the first back.
        const std::int64_t quantity = random.between(2, 20);
        const auto& all = world.engine->held().all();
        const bool gives = i == 2 && !all.empty();
        const PackageId of = gives ? all.front().package : PackageId{};
        (void)world.propose_made([=](const MarketView& view, Timestamp now) {
            return pair(view, now, gives ? Side::sell : Side::buy, gives ? 1 : quantity,
                        gives ? Aim::release : Aim::hold, of);
        });
        world.run(milliseconds(random.between(1, 3000)));
    }
}

}  // namespace arb::test
