// The emulated Bybit: positions and their mode. The matching keeps one position of an instrument; in hedge
// mode it is shown as the one side that it is, beside the other one, flat.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {

Answer EmulatedBybit::positions(const Call& call)
{
    if (spot() || call.get("category") != setup_.market)
        return refuse(10001, "params error: Illegal category");
    const std::string_view symbol = call.get("symbol");
    if (symbol.empty() && call.get("settleCoin").empty())
        return refuse(10001, "params error: symbol or settleCoin is required");
    if (!symbol.empty() && find_listing(symbol) == nullptr)
        return refuse(10001, "params error: symbol invalid");
    const std::vector<EmulatedBalance> balances = setup_.exchange->balances(call.account());
    std::string list;
    for (const Listing& listing : setup_.table->listings()) {
        if (listing.venue != setup_.id || !wanted(call, listing.id)) continue;
        EmulatedBalance held;
        for (const EmulatedBalance& balance : balances) {
            if (balance.position && balance.asset == setup_.table->instrument(listing.instrument).name)
                held = balance;
        }
        // Flat positions are shown only when asked for by symbol. All are on the first page.
        if ((held.total.zero() && symbol.empty()) || !call.get("cursor").empty()) continue;
        fmt::format_to(std::back_inserter(list), "{}{}", list.empty() ? "" : ",",
                       position_rows(call.account(), listing, held, call.now));
    }
    return good(fmt::format(R"({{"category":"{}","list":[{}],"nextPageCursor":""}})", setup_.market, list));
}

std::string EmulatedBybit::position_rows(AccountId account, const Listing& listing,
                                         const EmulatedBalance& held, Timestamp now) const
{
    if (!hedged(account)) return position_json(listing, 0, held, now);
    const EmulatedBalance none;
    return position_json(listing, 1, held.total.units > 0 ? held : none, now) + "," +
           position_json(listing, 2, held.total.units < 0 ? held : none, now);
}

// The middle of the book; none: 0.
Price EmulatedBybit::mark(const Listing& listing) const
{
    const EmulatedBook book = setup_.exchange->book(listing.id);
    if (book.bids.empty() || book.asks.empty()) return {};
    return {(book.bids.front().price.units + book.asks.front().price.units) / 2};
}

// What closing the position at the mark price would earn.
Amount EmulatedBybit::unrealised(const Listing& listing, const EmulatedBalance& held) const
{
    const Instrument& instrument = setup_.table->instrument(listing.instrument);
    const Int128 one = instrument.amount(Quantity{1}).units;
    const auto size = static_cast<std::int64_t>(held.total.units / one);
    const Price price = mark(listing);
    if (size == 0 || price.units == 0) return {};
    const auto worth = instrument.notional(price, Quantity{size < 0 ? -size : size});
    if (!worth) return {};
    return size < 0 ? -*worth - held.cost : *worth - held.cost;
}

Amount EmulatedBybit::unrealised_of(AccountId account, std::string_view coin) const
{
    Amount sum;
    if (spot()) return sum;
    for (const EmulatedBalance& held : setup_.exchange->balances(account)) {
        const Listing* const listing = listing_of_position(setup_, held);
        if (listing == nullptr || held.total.zero()) continue;
        if (setup_.table->instrument(listing->instrument).quote == coin) sum += unrealised(*listing, held);
    }
    return sum;
}

// For the whole account, whichever symbol or coin is named.
Answer EmulatedBybit::switch_mode(const Call& call)
{
    const std::string_view mode = call.get("mode");
    if (spot() || call.get("category") != setup_.market)
        return refuse(10001, "params error: Illegal category");
    if (mode != "0" && mode != "3") return refuse(10001, "params error: mode invalid");
    if (call.get("symbol").empty() && call.get("coin").empty())
        return refuse(10001, "params error: symbol or coin is required");
    if ((mode == "3") == hedged(call.account())) return refuse(110025, "Position mode is not modified");
    const std::vector<EmulatedBalance> balances = setup_.exchange->balances(call.account());
    if (std::any_of(balances.begin(), balances.end(),
                    [](const EmulatedBalance& b) { return b.position && !b.total.zero(); }))
        return refuse(110024, "You have an existing position, so position mode cannot be switched");
    if (!setup_.exchange->orders(call.account(), kNoListing, true).empty())
        return refuse(110028, "Open orders exist, so you cannot change position mode");
    if (mode == "3")
        hedged_.insert(call.account());
    else
        hedged_.erase(call.account());
    return good("{}");
}

}  // namespace arb::bybit
