#include "connectors/binance/emulated_futures.hpp"

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"

namespace arb::binance {
namespace {

// What the matching binds of a derivative's notional is a tenth of it.
constexpr std::int64_t kLeverage = 10;

Amount bound_by(const EmulatedBalance& position)
{
    return {absolute(position.cost).units / kLeverage};
}

}  // namespace

// The best opposite price.
Price EmulatedFutures::mark_of(const EmulatedBalance& position, ListingId listing) const
{
    const EmulatedBook book = exchange_.book(listing);
    return best_level(position.total > Amount{} ? book.bids : book.asks).price;
}

// What a position is worth at its mark price.
Amount EmulatedFutures::worth_of(const EmulatedBalance& position, ListingId listing) const
{
    const Price mark = mark_of(position, listing);
    const unsigned decimals = table_.instrument_of(listing).price_decimals;
    return {position.total.units * mark.units / power_of_ten(decimals)};
}

// Entry price, mark price and what the position earned on paper.
std::string EmulatedFutures::position_numbers(const EmulatedBalance& balance, ListingId listing) const
{
    const Price mark = mark_of(balance, listing);
    const Amount worth = worth_of(balance, listing);
    return fmt::format(
        R"("entryPrice":"{0}","breakEvenPrice":"{0}","markPrice":"{1}","unRealizedProfit":"{2}",)"
        R"("liquidationPrice":"0","notional":"{3}","initialMargin":"{4}","positionInitialMargin":"{4}")",
        price_paid(balance.cost, balance.total), dialect_.price_text(listing, mark),
        amount_text(worth - balance.cost), amount_text(worth), amount_text(bound_by(balance)));
}

Answer EmulatedFutures::account(const Call& call) const
{
    const auto balances = exchange_.balances(call.key->account);
    const auto ms = ms_of(call.now);
    std::map<std::string, Amount, std::less<>> earned;
    std::string positions;
    for (const EmulatedBalance& balance : balances) {
        const auto instrument = table_.find_instrument(balance.asset);
        if (!balance.position || balance.total.zero() || !instrument) continue;
        const auto listing = table_.find_listing(setup_.id, *instrument);
        if (!listing) continue;
        const Amount worth = worth_of(balance, *listing);
        earned[table_.instrument(*instrument).quote] += worth - balance.cost;
        for (const auto& [side, size] : parts_.positions.rows(call.key->account, *listing, balance.total)) {
            positions += fmt::format(
                R"({}{{"symbol":{},"positionSide":"{}","positionAmt":"{}","unrealizedProfit":"{}",)"
                R"("isolatedMargin":"0","notional":"{}","isolatedWallet":"0","initialMargin":"{}",)"
                R"("maintMargin":"0","updateTime":{}}})",
                positions.empty() ? "" : ",", dialect_.symbol_text(*listing), side, size.text(),
                amount_text(worth - balance.cost), amount_text(worth), amount_text(bound_by(balance)), ms);
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

Answer EmulatedFutures::balance(const Call& call) const
{
    return good_list(exchange_.balances(call.key->account), [&](const EmulatedBalance& balance) {
        if (balance.position) return std::string();
        const Amount free = balance.wallet() - balance.margin - balance.order_margin;
        return fmt::format(
            R"({{"accountAlias":"emulated","asset":{0},"balance":"{1}","crossWalletBalance":"{1}",)"
            R"("crossUnPnl":"0.00000000","availableBalance":"{2}","maxWithdrawAmount":"{2}",)"
            R"("marginAvailable":true,"updateTime":{3}}})",
            json_text(balance.asset), amount_text(balance.wallet()), amount_text(free), ms_of(call.now));
    });
}

// Flat positions are left out.
Answer EmulatedFutures::positions(const Call& call) const
{
    return good_list(exchange_.balances(call.key->account), [&](const EmulatedBalance& balance) {
        const Listing* const listing = listing_of_position(setup_, balance);
        const bool flat = balance.total.zero() && !parts_.positions.hedged(call.key->account);
        if (listing == nullptr || flat) return std::string();
        const auto rows = parts_.positions.rows(call.key->account, listing->id, balance.total);
        return json_list(rows, [&](const auto& row) {
            return fmt::format(
                R"({{"symbol":{},"positionSide":"{}","positionAmt":"{}",{},"marginAsset":{},)"
                R"("isolatedMargin":"0","isolatedWallet":"0","maintMargin":"0","openOrderInitialMargin":"0",)"
                R"("adl":0,"bidNotional":"0","askNotional":"0","updateTime":{}}})",
                dialect_.symbol_text(listing->id), row.first, row.second.text(),
                position_numbers(balance, listing->id), json_text(table_.instrument_of(listing->id).quote),
                ms_of(call.now));
        });
    });
}

// One bracket: what the matching binds is the same for every size.
Answer EmulatedFutures::leverage_brackets(const Call& call) const
{
    std::vector<ListingId> listings;
    bool one = false;
    if (Answer answer = dialect_.choose(call, listings, one); answer.code != 0) return answer;
    return good_list(listings, [&](ListingId id) {
        return fmt::format(R"({{"symbol":{},"notionalCoef":1.0,"brackets":[{{"bracket":1,)"
                           R"("initialLeverage":{},"notionalCap":1000000000000,"notionalFloor":0,)"
                           R"("maintMarginRatio":0.0,"cum":0.0}}]}})",
                           dialect_.symbol_text(id), kLeverage);
    });
}

std::string EmulatedFutures::balance_event(AccountId account, const EmulatedBalance& balance,
                                           Timestamp now) const
{
    std::string entries;
    if (!balance.position) {
        entries =
            fmt::format(R"("B":[{{"a":{},"wb":"{}","cw":"{}","bc":"0"}}],"P":[])", json_text(balance.asset),
                        amount_text(balance.wallet()), amount_text(balance.wallet()));
    } else {
        const Listing* const listing = listing_of_position(setup_, balance);
        if (listing == nullptr) return {};
        for (const auto& [side, size] : parts_.positions.rows(account, listing->id, balance.total)) {
            entries += fmt::format(
                R"({}{{"s":{},"pa":"{}","ep":"0","bep":"0","cr":"0","up":"0","mt":"cross","iw":"0","ps":"{}"}})",
                entries.empty() ? "" : ",", dialect_.symbol_text(listing->id), size.text(), side);
        }
        entries = R"("B":[],"P":[)" + entries + "]";
    }
    return fmt::format(R"({{"e":"ACCOUNT_UPDATE","E":{0},"T":{0},"a":{{"m":"ORDER",{1}}}}})", ms_of(now),
                       entries);
}

}  // namespace arb::binance
