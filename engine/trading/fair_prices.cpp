#include "engine/trading/fair_prices.hpp"

#include <algorithm>
#include <array>

namespace arb {

FairPrices::FairPrices(const Markets& markets, Duration age_max)
    : markets_(&markets),
      age_max_(age_max),
      last_twice_(markets.market_count()),
      moves_(markets.market_count())
{
}

bool FairPrices::too_old(ListingId listing, Timestamp now) const
{
    const Timestamp updated = markets_->builder(listing).updated();
    return updated.known() && now - updated > age_max_;
}

// Twice the middle that prices are compared with, in the market's unit: of three usable venues or more the
// median of their own middles (one venue gone mad moves it little), else between the best bid and the best
// ask of all.
std::optional<Int128> FairPrices::middle_twice(MarketId market, Timestamp now) const
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    std::array<Int128, 32> middles{};
    std::size_t count = 0;
    std::int64_t bid = 0, ask = 0;
    for (std::size_t i = 0; i < book.quotes().size() && count < middles.size(); ++i) {
        const VenueQuote& quote = book.quotes()[i];
        if (!quote.usable || too_old(book.definition().members[i].listing, now)) continue;
        middles[count++] = Int128{quote.bid.units} + quote.ask.units;
        bid = std::max(bid, quote.bid.units);
        ask = ask == 0 ? quote.ask.units : std::min(ask, quote.ask.units);
    }
    if (count == 0) return std::nullopt;
    if (count < 3) return Int128{bid} + ask;
    std::sort(middles.begin(), middles.begin() + static_cast<std::ptrdiff_t>(count));
    return count % 2 == 1 ? middles[count / 2] : (middles[count / 2 - 1] + middles[count / 2]) / 2;
}

std::size_t FairPrices::fresh_books(MarketId market, Timestamp now) const
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    std::size_t fresh = 0;
    for (std::size_t i = 0; i < book.quotes().size(); ++i) {
        fresh += book.quotes()[i].usable && !too_old(book.definition().members[i].listing, now) ? 1 : 0;
    }
    return fresh;
}

std::optional<Rate> FairPrices::cost_against_middle(MarketId market, Side side, Int128 net,
                                                    Timestamp now) const
{
    const std::optional<Int128> middle = middle_twice(market, now);
    if (!middle || *middle <= 0) return std::nullopt;
    const Int128 paid_more = net * 2 - *middle * kRateOne;
    return rate_within(std::max<Int128>(0, side == Side::buy ? paid_more : -paid_more) / *middle);
}

// The only book that is left does not judge itself: what two venues last agreed on stands beside it, and what
// the leftover cost.
std::optional<Int128> FairPrices::twice(MarketId market, Price reference, Timestamp now) const
{
    const std::optional<Int128> middle = middle_twice(market, now);
    const Int128 remembered = last_twice_[index(market)];
    if (!middle || fresh_books(market, now) > 1 || remembered == 0) return middle;
    if (reference.units <= 0) return remembered;
    const Int128 low = std::min(*middle, remembered), high = std::max(*middle, remembered);
    return std::clamp(Int128{reference.units} * 2, low, high);
}

void FairPrices::remember(Timestamp now)
{
    if (now - remembered_ < seconds(1)) return;
    remembered_ = now;
    for (std::size_t m = 0; m < last_twice_.size(); ++m) {
        const auto market = static_cast<MarketId>(m);
        if (fresh_books(market, now) < 2) continue;
        const auto middle = middle_twice(market, now);
        if (!middle) continue;
        last_twice_[m] = *middle;
        moves_.see(market, *middle, now);
    }
}

// What a package is opened by is remembered from that moment on, not from the next second.
void FairPrices::remember_first(MarketId market, Timestamp now)
{
    if (last_twice_[index(market)] != 0 || fresh_books(market, now) < 2) return;
    if (const auto middle = middle_twice(market, now)) last_twice_[index(market)] = *middle;
}

std::optional<Amount> FairPrices::worth_now(MarketId market, std::int64_t quantity, Timestamp now) const
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    Price price;
    for (std::size_t i = 0; i < book.quotes().size(); ++i) {
        const VenueQuote& quote = book.quotes()[i];
        if (!quote.usable || too_old(book.definition().members[i].listing, now)) continue;
        if (quantity > 0)
            price = std::max(price, quote.bid);
        else
            price = price.units == 0 ? quote.ask : std::min(price, quote.ask);
    }
    if (price.units == 0) price.units = static_cast<std::int64_t>(last_twice_[index(market)] / 2);
    if (price.units == 0) return std::nullopt;
    return market_notional(book.definition(), price, {quantity});
}

}  // namespace arb
