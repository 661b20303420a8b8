#include "connectors/binance/emulated_positions.hpp"

#include <fmt/format.h>

namespace arb::binance {

Answer EmulatedPositions::position_mode(const Call& call) const
{
    return good(fmt::format(R"({{"dualSidePosition":{}}})", hedged(call.key->account)));
}

Answer EmulatedPositions::set_position_mode(const Call& call)
{
    const std::string_view told = call.get("dualSidePosition");
    if (told != "true" && told != "false") return missing("dualSidePosition");
    const AccountId account = call.key->account;
    const bool hedge = told == "true";
    if (hedge == hedged(account)) return refuse(-4059, "No need to change position side.");
    if (!exchange_.orders(account, kNoListing, true).empty())
        return refuse(-4067, "Position side cannot be changed if there exists open orders.");
    for (const EmulatedBalance& balance : exchange_.balances(account)) {
        if (balance.position && !balance.total.zero())
            return refuse(-4068, "Position side cannot be changed if there exists position.");
    }
    if (hedge)
        hedged_.insert(account);
    else
        hedged_.erase(account);
    return good(R"({"code":200,"msg":"success"})");
}

Answer EmulatedPositions::account_config(const Call& call) const
{
    return good(fmt::format(
        R"({{"feeTier":0,"canTrade":{},"canDeposit":true,"canWithdraw":true,"dualSidePosition":{},)"
        R"("updateTime":0,"multiAssetsMargin":false,"tradeGroupId":-1}})",
        call.key->can_trade, hedged(call.key->account)));
}

// In hedge mode an order names the side of its position, in one-way mode it must not.
Answer EmulatedPositions::check_side(const Call& call) const
{
    const std::string_view side = call.get("positionSide");
    const bool apart = side == "LONG" || side == "SHORT";
    if (!apart && !side.empty() && side != "BOTH") return refuse(-1116, "Invalid positionSide.");
    if (apart != hedged(call.key->account))
        return refuse(-4061, "Order's position side does not match user's setting.");
    return good({});
}

void EmulatedPositions::book(const EmulatedTrade& trade, std::string_view side)
{
    if (side == "BOTH") return;
    const Amount size = table_.instrument_of(trade.listing).amount(trade.quantity);
    auto& [long_side, short_side] = apart_[{trade.account, trade.listing}];
    Amount& position = side == "LONG" ? long_side : short_side;
    if (trade.side == Side::buy)
        position += size;
    else
        position -= size;
}

std::vector<std::pair<const char*, Amount>> EmulatedPositions::rows(AccountId account, ListingId listing,
                                                                    Amount total) const
{
    if (!hedged(account)) return {{"BOTH", total}};
    const auto found = apart_.find({account, listing});
    if (found == apart_.end()) return {{"LONG", Amount{}}, {"SHORT", Amount{}}};
    return {{"LONG", found->second.first}, {"SHORT", found->second.second}};
}

}  // namespace arb::binance
