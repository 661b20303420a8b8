#include "engine/world/common_market.hpp"

#include <algorithm>

#include "engine/base/ensure.hpp"

namespace arb {
namespace {

// Prices of cheap coins move by less than a tick: the common price is kept finer than any tick.
constexpr unsigned kDecimalsLeast = 6;
constexpr std::int64_t kBpsHundredths = 1'000'000;  // of a price

}  // namespace

CommonMarket::CommonMarket(const InstrumentTable& table, const std::map<std::string, Decimal>& start_prices,
                           const MarketHabits& habits, std::uint64_t seed)
{
    ENSURE(habits.lag_most < static_cast<std::int64_t>(CommonPrice::kPast),
           "a lag within the price's memory");
    ENSURE(habits.burst_most_bps < 10'000 && habits.home_bps + habits.burst_most_bps < 10'000,
           "prices stay above zero");
    Random random(seed);
    unsigned decimals = kDecimalsLeast;
    for (const Instrument& instrument : table.instruments())
        decimals = std::max<unsigned>(decimals, instrument.price_decimals);
    PriceHabit price_habit;
    price_habit.wander = kBpsHundredths / std::max<std::int64_t>(1, habits.wander_bps_e2);
    price_habit.jump_one_in = habits.burst_every;
    price_habit.jump_least_bps = habits.burst_least_bps;
    price_habit.jump_most_bps = habits.burst_most_bps;
    price_habit.home_bps = habits.home_bps;
    std::map<std::string, std::size_t> pairs;
    for (const auto& [pair, price] : start_prices) {
        const std::optional<std::int64_t> units = price.scaled(decimals);
        ENSURE(units && *units > 0, "a start price above zero, no finer than six decimals");
        pairs[pair] = prices_.size();
        prices_.emplace_back(*units, random.next(), price_habit);
    }
    for (const Listing& listing : table.listings()) {
        const Instrument& instrument = table.instrument(listing.instrument);
        const auto pair = pairs.find(instrument.base + "/" + instrument.quote);
        ENSURE(pair != pairs.end(), "every instrument has a start price");
        const std::int64_t price = prices_[pair->second].ago(0);
        BookHabit habit;
        habit.decimals = decimals;
        habit.lag_most = habits.lag_most;
        habit.half_most = std::max<std::int64_t>(1, price / 10'000 * habits.half_spread_most_bps);
        habit.noise_most = price / 10'000 * habits.noise_most_bps;
        habit.move_one_in = habits.move_one_in;
        places_.push_back({listing.id, listing.venue, pair->second,
                           InventedBook(instrument, listing, random.next(), habit)});
    }
}

void CommonMarket::step(const std::vector<EmulatedExchange*>& exchanges, const std::vector<Timestamp>& now)
{
    for (CommonPrice& price : prices_) price.step();
    for (Place& place : places_) {
        const bool moved = place.book.move(prices_[place.price]);
        EmulatedExchange* exchange = exchanges[index(place.venue)];
        if (!moved || exchange == nullptr) continue;
        exchange->set_street(place.listing, place.book.bids(), place.book.asks(), now[index(place.venue)]);
    }
}

void CommonMarket::step(const std::vector<EmulatedExchange*>& exchanges, Timestamp now)
{
    times_.assign(exchanges.size(), now);
    step(exchanges, times_);
}

std::int64_t CommonMarket::advance(const std::vector<EmulatedExchange*>& exchanges,
                                   const std::vector<Timestamp>& now, Timestamp real_now, std::int64_t most)
{
    if (!done_.known()) done_ = real_now - kStep;
    std::int64_t steps = (real_now - done_).ns / kStep.ns;
    if (steps <= 0) return 0;
    if (steps > most) {
        steps = most;
        done_ = real_now;
    } else {
        done_ = done_ + Duration{steps * kStep.ns};
    }
    for (std::int64_t i = 0; i < steps; ++i) step(exchanges, now);
    return steps;
}

}  // namespace arb
