// What the emulated Binance tells about an account besides its orders and trades: the futures' totals and
// brackets, fees before an order, counts of orders, the state of the system.
#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"

namespace arb::binance {
namespace {

// What the matching binds of a derivative's notional is a tenth of it.
constexpr std::int64_t kLeverage = 10;

}  // namespace

Amount EmulatedBinance::bound_by(const EmulatedBalance& position)
{
    return {absolute(position.cost).units / kLeverage};
}

// What a position is worth at the best opposite price.
Amount EmulatedBinance::worth_of(const EmulatedBalance& position, ListingId listing) const
{
    const EmulatedBook book = setup_.exchange->book(listing);
    const std::span<const Level> side = position.total > Amount{} ? book.bids : book.asks;
    const Price mark = side.empty() ? Price{} : side.front().price;
    const unsigned decimals = setup_.table->instrument_of(listing).price_decimals;
    return {position.total.units * mark.units / power_of_ten(decimals)};
}

Answer EmulatedBinance::futures_account(const Call& call)
{
    const auto balances = setup_.exchange->balances(call.key->account);
    const auto ms = call.now.ns / 1'000'000;
    std::map<std::string, Amount, std::less<>> earned;
    std::string positions;
    for (const EmulatedBalance& balance : balances) {
        const auto instrument = setup_.table->find_instrument(balance.asset);
        if (!balance.position || balance.total.zero() || !instrument) continue;
        const auto listing = setup_.table->find_listing(setup_.id, *instrument);
        if (!listing) continue;
        const Amount worth = worth_of(balance, *listing);
        earned[setup_.table->instrument(*instrument).quote] += worth - balance.cost;
        for (const auto& [side, size] : position_rows(call.key->account, *listing, balance.total)) {
            positions += fmt::format(
                R"({}{{"symbol":{},"positionSide":"{}","positionAmt":"{}","unrealizedProfit":"{}",)"
                R"("isolatedMargin":"0","notional":"{}","isolatedWallet":"0","initialMargin":"{}",)"
                R"("maintMargin":"0","updateTime":{}}})",
                positions.empty() ? "" : ",", json_text(setup_.table->listing(*listing).symbol), side,
                size.text(), amount_text(worth - balance.cost), amount_text(worth),
                amount_text(bound_by(balance)), ms);
        }
    }
    std::string assets;
    Amount wallet, profit, bound, ordered;
    for (const EmulatedBalance& balance : balances) {
        if (balance.position) continue;
        const Amount gain = earned[balance.asset];
        const Amount free = balance.wallet() - balance.margin - balance.order_margin;
        assets += fmt::format(
            R"({0}{{"asset":{1},"walletBalance":"{2}","unrealizedProfit":"{3}","marginBalance":"{4}",)"
            R"("maintMargin":"0.00000000","initialMargin":"{5}","positionInitialMargin":"{6}",)"
            R"("openOrderInitialMargin":"{7}","crossWalletBalance":"{2}","crossUnPnl":"{3}",)"
            R"("availableBalance":"{8}","maxWithdrawAmount":"{8}","marginAvailable":true,"updateTime":{9}}})",
            assets.empty() ? "" : ",", json_text(balance.asset), amount_text(balance.wallet()),
            amount_text(gain), amount_text(balance.wallet() + gain),
            amount_text(balance.margin + balance.order_margin), amount_text(balance.margin),
            amount_text(balance.order_margin), amount_text(free), ms);
        if (!balance.asset.starts_with("USD")) continue;
        wallet += balance.wallet();
        profit += gain;
        bound += balance.margin;
        ordered += balance.order_margin;
    }
    return good(fmt::format(
        R"({{"canTrade":true,"multiAssetsMargin":false,"totalInitialMargin":"{0}","totalMaintMargin":"0.00000000",)"
        R"("totalWalletBalance":"{1}","totalUnrealizedProfit":"{2}","totalMarginBalance":"{3}",)"
        R"("totalPositionInitialMargin":"{4}","totalOpenOrderInitialMargin":"{5}",)"
        R"("totalCrossWalletBalance":"{1}","totalCrossUnPnl":"{2}","availableBalance":"{6}",)"
        R"("maxWithdrawAmount":"{6}","assets":[{7}],"positions":[{8}]}})",
        amount_text(bound + ordered), amount_text(wallet), amount_text(profit), amount_text(wallet + profit),
        amount_text(bound), amount_text(ordered), amount_text(wallet - bound - ordered), assets, positions));
}

// One bracket: what the matching binds is the same for every size.
Answer EmulatedBinance::leverage_brackets(const Call& call)
{
    std::vector<ListingId> listings;
    bool one = false;
    if (Answer answer = choose(call, listings, one); answer.code != 0) return answer;
    std::string list = "[";
    for (const ListingId id : listings) {
        list +=
            fmt::format(R"({}{{"symbol":{},"notionalCoef":1.0,"brackets":[{{"bracket":1,)"
                        R"("initialLeverage":{},"notionalCap":1000000000000,"notionalFloor":0,)"
                        R"("maintMarginRatio":0.0,"cum":0.0}}]}})",
                        list.size() > 1 ? "," : "", json_text(setup_.table->listing(id).symbol), kLeverage);
    }
    return good(list + "]");
}

Answer EmulatedBinance::one_asset_mode(const Call&)
{
    return good(R"({"multiAssetsMargin":false})");
}

std::string EmulatedBinance::order_commission(ListingId listing) const
{
    const std::string maker = format_rate(setup_.exchange->maker_fee(listing));
    const std::string taker = format_rate(setup_.exchange->taker_fee(listing));
    const std::string_view none = R"({"maker":"0.00000000","taker":"0.00000000"})";
    return fmt::format(R"({{"standardCommissionForOrder":{{"maker":"{}","taker":"{}"}},)"
                       R"("specialCommissionForOrder":{},"taxCommissionForOrder":{},"discount":)"
                       R"({{"enabledForAccount":false,"enabledForSymbol":false,"discountAsset":"BNB",)"
                       R"("discount":"0.75000000"}}}})",
                       maker, taker, none, none);
}

Answer EmulatedBinance::trade_fees(const Call& call)
{
    std::vector<ListingId> listings;
    bool one = false;
    if (Answer answer = choose(call, listings, one); answer.code != 0) return answer;
    std::string list = "[";
    for (const ListingId id : listings) {
        list += fmt::format(R"({}{{"symbol":{},"makerCommission":"{}","takerCommission":"{}"}})",
                            list.size() > 1 ? "," : "", json_text(setup_.table->listing(id).symbol),
                            format_rate(setup_.exchange->maker_fee(id)),
                            format_rate(setup_.exchange->taker_fee(id)));
    }
    return good(list + "]");
}

Answer EmulatedBinance::order_counts(const Call& call)
{
    (void)count_order(call.key->account, call.now, 0);
    const auto& [ten, longer] = order_counts_[call.key->account];
    const auto row = [](const char* interval, int length, int limit, int count) {
        return fmt::format(
            R"({{"rateLimitType":"ORDERS","interval":"{}","intervalNum":{},"limit":{},"count":{}}})",
            interval, length, limit, count);
    };
    if (spot())
        return good("[" + row("SECOND", 10, 100, ten.used) + "," + row("DAY", 1, 200'000, longer.used) + "]");
    return good("[" + row("SECOND", 10, 300, ten.used) + "," + row("MINUTE", 1, 1'200, longer.used) + "]");
}

Answer EmulatedBinance::system_status(const Call&)
{
    return good(R"({"status":0,"msg":"normal"})");
}

Answer EmulatedBinance::account_status(const Call&)
{
    return good(R"({"data":"Normal"})");
}

}  // namespace arb::binance
