#include "connectors/bybit/emulated_account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/bybit/emulated_parts.hpp"

namespace arb::bybit {

Answer EmulatedPositions::positions(const EmulatedCall& call) const
{
    if (dialect_.spot() || call.get("category") != setup_.market)
        return refuse(10001, "params error: Illegal category");
    const std::string_view symbol = call.get("symbol");
    if (symbol.empty() && call.get("settleCoin").empty())
        return refuse(10001, "params error: symbol or settleCoin is required");
    if (!symbol.empty() && dialect_.find_listing(symbol) == nullptr)
        return refuse(10001, "params error: symbol invalid");
    const std::vector<EmulatedBalance> balances = exchange_.balances(call.account());
    const std::string list = json_list(dialect_.wanted(call), [&](const Listing& listing) {
        EmulatedBalance held;
        for (const EmulatedBalance& balance : balances) {
            if (balance.position && balance.asset == table_.instrument(listing.instrument).name)
                held = balance;
        }
        // Flat positions are shown only when asked for by symbol. All are on the first page.
        const bool shown = (!held.total.zero() || !symbol.empty()) && call.get("cursor").empty();
        return shown ? rows(call.account(), listing, held, call.now) : std::string();
    });
    return good(fmt::format(R"({{"category":"{}","list":[{}],"nextPageCursor":""}})", setup_.market, list));
}

std::string EmulatedPositions::rows(AccountId account, const Listing& listing, const EmulatedBalance& held,
                                    Timestamp now) const
{
    if (!hedged(account)) return row(listing, 0, held, now);
    const EmulatedBalance none;
    return row(listing, 1, held.total.units > 0 ? held : none, now) + "," +
           row(listing, 2, held.total.units < 0 ? held : none, now);
}

std::string EmulatedPositions::row(const Listing& listing, int side, const EmulatedBalance& held,
                                   Timestamp now) const
{
    const bool flat = held.total.zero();
    const Amount size = held.total.units < 0 ? -held.total : held.total;
    const Amount cost = held.cost.units < 0 ? -held.cost : held.cost;
    const std::string entry = price_paid(cost, size);
    return fmt::format(
        R"({{"category":"{}","positionIdx":{},"riskId":1,"symbol":"{}","side":"{}","size":"{}",)"
        R"("avgPrice":"{}","entryPrice":"{}","positionValue":"{}","tradeMode":0,"autoAddMargin":0,)"
        R"("leverage":"10","markPrice":"{}","liqPrice":"","positionIM":"{}","positionMM":"0",)"
        R"("takeProfit":"","stopLoss":"","unrealisedPnl":"{}","cumRealisedPnl":"0",)"
        R"("positionStatus":"Normal","adlRankIndicator":0,"createdTime":"{}","updatedTime":"{}","seq":{}}})",
        setup_.market, side, listing.symbol,
        flat                   ? ""
        : held.total.units > 0 ? "Buy"
                               : "Sell",
        size.text(), entry, entry, flat ? "" : cost.text(),
        dialect_.price_text(listing, parts_.worth.mark(listing)), Amount{cost.units / 10}.text(),
        parts_.worth.unrealised(listing, held).text(), ms_of(now), ms_of(now), parts_.sequence.value());
}

// For the whole account, whichever symbol or coin is named.
Answer EmulatedPositions::switch_mode(const EmulatedCall& call)
{
    const std::string_view mode = call.get("mode");
    if (dialect_.spot() || call.get("category") != setup_.market)
        return refuse(10001, "params error: Illegal category");
    if (mode != "0" && mode != "3") return refuse(10001, "params error: mode invalid");
    if (call.get("symbol").empty() && call.get("coin").empty())
        return refuse(10001, "params error: symbol or coin is required");
    if ((mode == "3") == hedged(call.account())) return refuse(110025, "Position mode is not modified");
    const std::vector<EmulatedBalance> balances = exchange_.balances(call.account());
    if (std::any_of(balances.begin(), balances.end(),
                    [](const EmulatedBalance& b) { return b.position && !b.total.zero(); }))
        return refuse(110024, "You have an existing position, so position mode cannot be switched");
    if (!exchange_.orders(call.account(), kNoListing, true).empty())
        return refuse(110028, "Open orders exist, so you cannot change position mode");
    if (mode == "3")
        hedged_.insert(call.account());
    else
        hedged_.erase(call.account());
    return good("{}");
}

}  // namespace arb::bybit
