#include "engine/world/invented_book.hpp"

#include <algorithm>

#include "engine/base/hash.hpp"

namespace arb {

void CommonPrice::step()
{
    // A wandering, and now and then a jump that laggards see late.
    price_ += random_.between(-price_ / habit_.wander, price_ / habit_.wander);
    if (random_.one_in(habit_.jump_one_in)) {
        const std::int64_t jump =
            price_ * random_.between(habit_.jump_least_bps, habit_.jump_most_bps) / 10'000;
        bool up = random_.one_in(2);
        const std::int64_t far = start_ / 10'000 * habit_.home_bps;
        if (habit_.home_bps != 0 && price_ - start_ > far) up = false;
        if (habit_.home_bps != 0 && start_ - price_ > far) up = true;
        price_ += up ? jump : -jump;
    }
    at_ = (at_ + 1) % kPast;
    past_[at_] = price_;
}

InventedBook::InventedBook(const Instrument& instrument, const Listing& listing, std::uint64_t seed,
                           const BookHabit& habit)
    : instrument_(instrument),
      listing_(listing),
      random_(seed),
      habit_(habit),
      lag_(random_.between(0, habit.lag_most)),
      half_(random_.between(1, habit.half_most))
{
    const unsigned own = instrument.price_decimals;
    if (own >= habit.decimals)
        unit_ = power_of_ten(own - habit.decimals);
    else
        divisor_ = power_of_ten(habit.decimals - own);
    tick_ = std::max<std::int64_t>(1, listing.tick.units * divisor_ / unit_);
    ENSURE(tick_ * unit_ == listing.tick.units * divisor_ || listing.tick.units * divisor_ < unit_,
           "the common price is written as finely as the tick, or the tick divides it");
}

Quantity InventedBook::quantity_at(std::int64_t price)
{
    // Stable while the level stands: from its price and the book's epoch, not from how the book came about.
    const std::uint64_t h = mix(static_cast<std::uint64_t>(price) * 31 +
                                epoch_ % (1 + static_cast<std::uint64_t>(price / grid_) % 3));
    const std::int64_t lots = 200 + static_cast<std::int64_t>(h % 40'000);
    const std::int64_t units = lots * listing_.lot.units;
    return {std::max(units, listing_.quantity_min.units)};
}

void InventedBook::remake(std::int64_t middle)
{
    bids_.clear();
    asks_.clear();
    // Levels stand on a fixed grid, so that a small move changes the best few and leaves the rest.
    const std::int64_t best_bid = (middle - half_) / grid_ * grid_;
    const std::int64_t best_ask = (middle + half_ + grid_) / grid_ * grid_;
    for (std::size_t i = 0; i < kLevels; ++i) {
        const std::int64_t away = static_cast<std::int64_t>(i) * grid_;
        // A jump down must not push the far levels of a cheap instrument below its first tick.
        if (best_bid - away > 0)
            bids_.push_back({{(best_bid - away) * unit_ / divisor_}, quantity_at(best_bid - away)});
        asks_.push_back({{(best_ask + away) * unit_ / divisor_}, quantity_at(best_ask + away)});
    }
}

void InventedBook::diff(const std::vector<Level>& before, const std::vector<Level>& after,
                        std::vector<Level>& changes) const
{
    const auto find = [](const std::vector<Level>& levels, Price price) -> const Level* {
        for (const Level& level : levels) {
            if (level.price == price) return &level;
        }
        return nullptr;
    };
    for (const Level& level : before) {
        if (find(after, level.price) == nullptr) changes.push_back({level.price, {}});
    }
    for (const Level& level : after) {
        const Level* old = find(before, level.price);
        if (old == nullptr || old->quantity != level.quantity) changes.push_back(level);
    }
}

bool InventedBook::move(const CommonPrice& price)
{
    if (made_ && !random_.one_in(habit_.move_one_in)) return false;
    if (random_.one_in(40)) offset_ = random_.between(-habit_.noise_most, habit_.noise_most);
    if (random_.one_in(20)) ++epoch_;
    const std::int64_t middle = price.ago(lag_) + offset_;
    if (!made_) grid_ = (1 + middle / 80'000 + tick_ - 1) / tick_ * tick_;
    made_ = true;
    remake(middle);
    return true;
}

void InventedBook::step(const CommonPrice& price, Timestamp now, Emulator& emulator,
                        std::vector<VenueMessage>& out)
{
    const bool first = !made_;
    const std::vector<Level> old_bids = bids_;
    const std::vector<Level> old_asks = asks_;
    if (!move(price)) return;
    const EmulatedBook book{bids_, asks_};
    if (first) {
        emulator.subscribe(instrument_, listing_, book, now, out);
        return;
    }
    std::vector<Level> bids, asks;
    diff(old_bids, bids_, bids);
    diff(old_asks, asks_, asks);
    if (!bids.empty() || !asks.empty()) emulator.change(instrument_, listing_, bids, asks, book, now, out);
    if (random_.one_in(8)) {
        Trade trade;
        trade.listing = listing_.id;
        trade.aggressor = random_.one_in(2) ? Side::buy : Side::sell;
        trade.price = trade.aggressor == Side::buy ? asks_.front().price : bids_.front().price;
        trade.quantity = {
            std::max(listing_.quantity_min.units, listing_.lot.units * random_.between(1, 500))};
        trade.venue_time = now;
        emulator.trade(instrument_, listing_, trade, out);
    }
}

}  // namespace arb
