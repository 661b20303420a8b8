#include "connectors/bybit/emulated_account.hpp"

namespace arb::bybit {

// What a coin is worth at the best bid of its own pair; a coin without one counts nothing.
Amount EmulatedWorth::in_dollars(std::string_view coin, Amount amount) const
{
    if (coin.substr(0, 3) == "USD") return amount;
    for (const Listing& listing : table_.listings()) {
        const Instrument& instrument = table_.instrument(listing.instrument);
        if (listing.venue != setup_.id || instrument.base != coin || instrument.quote.substr(0, 3) != "USD")
            continue;
        const EmulatedBook book = exchange_.book(listing.id);
        const auto one =
            book.bids.empty() ? std::nullopt : instrument.notional(book.bids.front().price, listing.lot);
        const Amount lot = instrument.amount(listing.lot);
        // Whole lots are exact enough for a sum that nobody trades with.
        if (one && lot.units > 0) return Amount{amount.units / lot.units * one->units};
    }
    return {};
}

// The middle of the book; none: 0.
Price EmulatedWorth::mark(const Listing& listing) const
{
    const EmulatedBook book = exchange_.book(listing.id);
    if (book.bids.empty() || book.asks.empty()) return {};
    return {(book.bids.front().price.units + book.asks.front().price.units) / 2};
}

// What closing the position at the mark price would earn.
Amount EmulatedWorth::unrealised(const Listing& listing, const EmulatedBalance& held) const
{
    const Instrument& instrument = table_.instrument(listing.instrument);
    const Int128 one = instrument.amount(Quantity{1}).units;
    const auto size = static_cast<std::int64_t>(held.total.units / one);
    const Price price = mark(listing);
    if (size == 0 || price.units == 0) return {};
    const auto worth = instrument.notional(price, Quantity{size < 0 ? -size : size});
    if (!worth) return {};
    return size < 0 ? -*worth - held.cost : *worth - held.cost;
}

Amount EmulatedWorth::unrealised_of(AccountId account, std::string_view coin) const
{
    Amount sum;
    if (dialect_.spot()) return sum;
    for (const EmulatedBalance& held : exchange_.balances(account)) {
        const Listing* const listing = listing_of_position(setup_, held);
        if (listing == nullptr || held.total.zero()) continue;
        if (table_.instrument(listing->instrument).quote == coin) sum += unrealised(*listing, held);
    }
    return sum;
}

}  // namespace arb::bybit
