#include "connectors/bybit/emulated_account.hpp"

#include <fmt/format.h>

#include "connectors/bybit/emulated_parts.hpp"

namespace arb::bybit {

Answer EmulatedAccount::wallet(const EmulatedCall& call) const
{
    if (call.get("accountType") != "UNIFIED") return refuse(10001, "accountType only support UNIFIED.");
    const std::vector<std::string> wanted = parts_of(call.get("coin"));
    std::string list;
    Amount total, available, margin, unrealised;
    for (const EmulatedBalance& balance : exchange_.balances(call.account())) {
        if (balance.position || (balance.total.zero() && balance.held.zero())) continue;
        const Amount bound = balance.margin + balance.order_margin;
        total += parts_.worth.in_dollars(balance.asset, balance.wallet());
        available += parts_.worth.in_dollars(balance.asset, balance.wallet() - balance.held - bound);
        margin += parts_.worth.in_dollars(balance.asset, bound);
        unrealised +=
            parts_.worth.in_dollars(balance.asset, parts_.worth.unrealised_of(call.account(), balance.asset));
        if (!is_among(wanted, balance.asset)) continue;
        list += (list.empty() ? "" : ",") + coin_json(call.account(), balance);
    }
    return good(fmt::format(
        R"({{"list":[{{"accountType":"UNIFIED","accountLTV":"0","accountIMRate":"0","accountMMRate":"0",)"
        R"("totalEquity":"{0}","totalWalletBalance":"{1}","totalMarginBalance":"{0}",)"
        R"("totalAvailableBalance":"{2}","totalPerpUPL":"{3}","totalInitialMargin":"{4}",)"
        R"("totalMaintenanceMargin":"0","coin":[{5}]}}]}})",
        (total + unrealised).text(), total.text(), available.text(), unrealised.text(), margin.text(), list));
}

std::string EmulatedAccount::coin_json(AccountId account, const EmulatedBalance& balance) const
{
    // With its manners the wallet is kept in doubles, whose last digits show.
    constexpr Int128 kDoubt = 5'820'000;
    Amount wallet = balance.wallet();
    if (setup_.manners && wallet.units % power_of_ten(kAmountDecimals) != 0) wallet += Amount{kDoubt};
    const Amount unrealised = parts_.worth.unrealised_of(account, balance.asset);
    return fmt::format(
        R"({{"coin":"{0}","equity":"{1}","walletBalance":"{2}","locked":"{3}","free":"","usdValue":"{4}",)"
        R"("borrowAmount":"0","availableToBorrow":"","availableToWithdraw":"","accruedInterest":"0",)"
        R"("totalOrderIM":"{5}","totalPositionIM":"{6}","totalPositionMM":"0","unrealisedPnl":"{7}",)"
        R"("cumRealisedPnl":"0","bonus":"0","collateralSwitch":true,"marginCollateral":true,)"
        R"("spotHedgingQty":"0","spotBorrow":"0"}})",
        balance.asset, (wallet + unrealised).text(), wallet.text(), balance.held.text(),
        parts_.worth.in_dollars(balance.asset, wallet + unrealised).text(), balance.order_margin.text(),
        balance.margin.text(), unrealised.text());
}

Answer EmulatedAccount::fee_rates(const EmulatedCall& call) const
{
    const Answer wrong = dialect_.check_category(call);
    if (wrong.code != 0) return wrong;
    const std::string list = json_list(dialect_.wanted(call), [&](const Listing& listing) {
        return fmt::format(R"({{"symbol":"{}","takerFeeRate":"{}","makerFeeRate":"{}","baseCoin":""}})",
                           listing.symbol, format_scaled(exchange_.taker_fee(listing.id).units, 8),
                           format_scaled(exchange_.maker_fee(listing.id).units, 8));
    });
    if (list.empty()) return refuse(10001, "params error: symbol invalid");
    return good(fmt::format(R"({{"category":"{}","list":[{}]}})", setup_.market, list));
}

Answer EmulatedAccount::key_information(const EmulatedCall& call) const
{
    const EmulatedKey& key = *call.key;
    std::vector<std::string> wallet;
    // Without an address list a key lives ninety days; with one, only a changed password ends it.
    const Timestamp born = key.created.known() ? key.created : call.now;
    Timestamp end = key.expires;
    if (!end.known() && key.ip_allowed.empty()) end = born + seconds(90 * 86'400);
    if (key.can_transfer) wallet.insert(wallet.end(), {"AccountTransfer", "SubMemberTransfer"});
    if (key.can_withdraw) wallet.push_back("Withdraw");
    const std::vector<std::string> ips =
        key.ip_allowed.empty() ? std::vector<std::string>{"*"} : key.ip_allowed;
    const std::string expires =
        end.known() ? format_utc(end).substr(0, 19) + "Z" : std::string("1970-01-01T00:00:00Z");
    const std::int64_t days = end.known() ? (end - call.now).ns / seconds(86'400).ns : std::int64_t{-2};
    return good(fmt::format(
        R"({{"id":"{}","note":{},"apiKey":"{}","readOnly":{},"secret":"","permissions":{{)"
        R"("ContractTrade":[{}],"Spot":[{}],"Wallet":[{}],"Options":[],"Derivatives":[{}],"CopyTrading":[],)"
        R"("BlockTrade":[],"Exchange":[],"NFT":[],"Affiliate":[],"Earn":[]}},"ips":[{}],"type":1,)"
        R"("deadlineDay":{},"expiredAt":"{}","createdAt":"{}","unified":0,"uta":1,"userID":{},"inviterID":0,)"
        R"("vipLevel":"No VIP","mktMakerLevel":"0","affiliateID":0,"rsaPublicKey":"","isMaster":true,)"
        R"("parentUid":"0","kycLevel":"LEVEL_DEFAULT","kycRegion":""}})",
        1000 + static_cast<std::uint32_t>(key.account), json_text(key.label), key.key_id,
        key.can_trade ? 0 : 1, key.can_trade && !dialect_.spot() ? R"("Order","Position")" : "",
        key.can_trade && dialect_.spot() ? R"("SpotTrade")" : "", quoted_list(wallet),
        key.can_trade && !dialect_.spot() ? R"("DerivativesTrade")" : "", quoted_list(ips), days, expires,
        format_utc(born).substr(0, 19) + "Z", 1'000'000 + static_cast<std::uint32_t>(key.account)));
}

Answer EmulatedAccount::account_information(const EmulatedCall& call) const
{
    return good(fmt::format(
        R"({{"unifiedMarginStatus":5,"marginMode":"REGULAR_MARGIN","isMasterTrader":false,)"
        R"("spotHedgingStatus":"OFF","dcpStatus":"{}","timeWindow":0,"smpGroup":0,"updatedTime":"{}"}})",
        parts_.dead_man.is_on(call.account()) ? "ON" : "OFF", ms_of(call.now)));
}

}  // namespace arb::bybit
