// How an account of the emulated Binance is set up: position mode and the two sides of a position, and what
// clients ask about coins and margin pairs before they start.
#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"

namespace arb::binance {

Answer EmulatedBinance::position_mode(const Call& call)
{
    return good(fmt::format(R"({{"dualSidePosition":{}}})", hedged(call.key->account)));
}

Answer EmulatedBinance::set_position_mode(const Call& call)
{
    const std::string_view told = call.get("dualSidePosition");
    if (told != "true" && told != "false") return missing("dualSidePosition");
    const AccountId account = call.key->account;
    const bool hedge = told == "true";
    if (hedge == hedged(account)) return refuse(-4059, "No need to change position side.");
    if (!setup_.exchange->orders(account, kNoListing, true).empty())
        return refuse(-4067, "Position side cannot be changed if there exists open orders.");
    for (const EmulatedBalance& balance : setup_.exchange->balances(account)) {
        if (balance.position && !balance.total.zero())
            return refuse(-4068, "Position side cannot be changed if there exists position.");
    }
    if (hedge)
        hedged_.insert(account);
    else
        hedged_.erase(account);
    return good(R"({"code":200,"msg":"success"})");
}

Answer EmulatedBinance::account_config(const Call& call)
{
    return good(fmt::format(
        R"({{"feeTier":0,"canTrade":{},"canDeposit":true,"canWithdraw":true,"dualSidePosition":{},)"
        R"("updateTime":0,"multiAssetsMargin":false,"tradeGroupId":-1}})",
        call.key->can_trade, hedged(call.key->account)));
}

// In hedge mode an order names the side of its position, in one-way mode it must not.
Answer EmulatedBinance::check_position_side(const Call& call) const
{
    const std::string_view side = call.get("positionSide");
    const bool apart = side == "LONG" || side == "SHORT";
    if (!apart && !side.empty() && side != "BOTH") return refuse(-1116, "Invalid positionSide.");
    if (apart != hedged(call.key->account))
        return refuse(-4061, "Order's position side does not match user's setting.");
    return good({});
}

// Self-trade prevention and reduce-only. The mode of the order that comes second decides; not naming one
// means EXPIRE_MAKER.
Answer EmulatedBinance::read_prevention(const Call& call, PlaceOrder& order) const
{
    const std::string_view mode = call.get("selfTradePreventionMode");
    if (mode.empty() || mode == "EXPIRE_MAKER")
        order.self_trade = SelfTrade::cancel_maker;
    else if (mode == "EXPIRE_TAKER")
        order.self_trade = SelfTrade::cancel_taker;
    else if (mode == "EXPIRE_BOTH")
        order.self_trade = SelfTrade::cancel_both;
    else if (spot())
        return refuse(-1013, "This symbol does not allow the specified self-trade prevention mode.");
    else
        return refuse(-1130, "Data sent for parameter 'selfTradePreventionMode' is not valid.");
    const std::string_view reduce = call.get("reduceOnly");
    if (reduce.empty()) return good({});
    if (spot() || hedged(order.account))
        return refuse(-1106, "Parameter 'reduceOnly' sent when not required.");
    order.reduce_only = reduce == "true";
    return good({});
}

std::string_view EmulatedBinance::prevention(std::uint64_t order) const
{
    const auto found = preventions_.find(order);
    return found == preventions_.end() ? std::string_view("EXPIRE_MAKER") : std::string_view(found->second);
}

// Entry price, mark price (the best opposite price) and what the position earned on paper.
std::string EmulatedBinance::position_numbers(const EmulatedBalance& balance, ListingId listing) const
{
    const EmulatedBook book = setup_.exchange->book(listing);
    const std::span<const Level> side = balance.total > Amount{} ? book.bids : book.asks;
    const Price mark = side.empty() ? Price{} : side.front().price;
    const Amount worth = worth_of(balance, listing);
    Amount earned = worth;
    earned -= balance.cost;
    const Int128 entry =
        balance.total.zero() ? Int128{0} : balance.cost.units * power_of_ten(8) / balance.total.units;
    return fmt::format(
        R"("entryPrice":"{0}","breakEvenPrice":"{0}","markPrice":"{1}","unRealizedProfit":"{2}",)"
        R"("liquidationPrice":"0","notional":"{3}","initialMargin":"{4}","positionInitialMargin":"{4}")",
        format_scaled128(entry, 8), price_text(listing, mark), amount_text(earned), amount_text(worth),
        amount_text(bound_by(balance)));
}

std::string_view EmulatedBinance::position_side(std::uint64_t order) const
{
    const auto found = position_sides_.find(order);
    return found == position_sides_.end() ? std::string_view("BOTH") : std::string_view(found->second);
}

void EmulatedBinance::book_position(const EmulatedTrade& trade)
{
    const std::string_view side = position_side(trade.order);
    if (side == "BOTH") return;
    const Amount size = setup_.table->instrument_of(trade.listing).amount(trade.quantity);
    auto& [long_side, short_side] = positions_apart_[{trade.account, trade.listing}];
    Amount& position = side == "LONG" ? long_side : short_side;
    if (trade.side == Side::buy)
        position += size;
    else
        position -= size;
}

std::vector<std::pair<const char*, Amount>> EmulatedBinance::position_rows(AccountId account,
                                                                           ListingId listing,
                                                                           Amount total) const
{
    if (!hedged(account)) return {{"BOTH", total}};
    const auto found = positions_apart_.find({account, listing});
    if (found == positions_apart_.end()) return {{"LONG", Amount{}}, {"SHORT", Amount{}}};
    return {{"LONG", found->second.first}, {"SHORT", found->second.second}};
}

// Asked by clients when they load their markets with a key set.
Answer EmulatedBinance::coins(const Call& call)
{
    std::string list;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.key->account)) {
        if (balance.position) continue;
        list += fmt::format(
            R"({0}{{"coin":{1},"name":{1},"depositAllEnable":false,"withdrawAllEnable":false,"free":"{2}",)"
            R"("locked":"{3}","freeze":"0","withdrawing":"0","ipoing":"0","ipoable":"0","storage":"0",)"
            R"("isLegalMoney":false,"trading":true,"networkList":[]}})",
            list.empty() ? "" : ",", json_text(balance.asset), amount_text(balance.total - balance.held),
            amount_text(balance.held));
    }
    return good("[" + list + "]");
}

Answer EmulatedBinance::no_margin_pairs(const Call&)
{
    return good("[]");
}

}  // namespace arb::binance
