#include "connectors/okx/emulated_lists.hpp"

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::okx {

std::string EmulatedMoney::account_json(AccountId account, std::string_view details, Timestamp now) const
{
    return fmt::format(R"({{"uTime":"{}","totalEq":"{}","details":[{}]}})", ms_of(now),
                       worth_of_all(account).text(), details);
}

std::string EmulatedMoney::detail_json(const EmulatedBalance& balance, Timestamp now) const
{
    const Amount cash = balance.wallet();
    const Amount bound = balance.held + balance.margin + balance.order_margin;
    return fmt::format(
        R"({{"ccy":"{}","eq":"{}","cashBal":"{}","availBal":"{}","availEq":"{}","frozenBal":"{}","ordFrozen":"{}","liab":"",)"
        R"("upl":"0","eqUsd":"{}","uTime":"{}"}})",
        balance.asset, dialect_.figure(cash), dialect_.figure(cash), dialect_.figure(cash - bound),
        dialect_.figure(cash - bound), dialect_.figure(bound),
        dialect_.figure(balance.held + balance.order_margin), worth(balance.asset, cash).text(), ms_of(now));
}

std::string EmulatedMoney::position_json(const EmulatedBalance& balance, Timestamp now) const
{
    const Listing* const l = listing_of_position(setup_, balance);
    if (l == nullptr) return {};
    return fmt::format(R"({{"instType":"{}","instId":"{}","mgnMode":"cross","posId":"1","posSide":"net",)"
                       R"("pos":"{}","avgPx":"","upl":"0","lever":"1","cTime":"{}","uTime":"{}"}})",
                       kind_of(*l), l->symbol, dialect_.contracts(balance.total, *l), ms_of(now), ms_of(now));
}

std::string EmulatedMoney::cash_json(const EmulatedBalance& balance, Timestamp now) const
{
    return fmt::format(R"({{"ccy":"{}","cashBal":"{}","uTime":"{}"}})", balance.asset,
                       dialect_.figure(balance.wallet()), ms_of(now));
}

// At the best bid for it in USDT or USDC, which count as dollars; without one it is worth nothing here.
Amount EmulatedMoney::worth(std::string_view asset, Amount amount) const
{
    const auto dollar = [](std::string_view name) {
        return name == "USDT" || name == "USDC" || name == "USD";
    };
    if (dollar(asset)) return amount;
    for (const Listing& l : table_.listings()) {
        const Instrument& instrument = dialect_.instrument(l);
        if (l.venue != setup_.id || l.market != "spot" || instrument.base != asset ||
            !dollar(instrument.quote))
            continue;
        const EmulatedBook shown = exchange_.book(l.id);
        Int128 product = 0;
        if (shown.bids.empty() ||
            __builtin_mul_overflow(amount.units, Int128{shown.bids.front().price.units}, &product))
            continue;
        return {product / power_of_ten(instrument.price_decimals)};
    }
    return {};
}

Amount EmulatedMoney::worth_of_all(AccountId account) const
{
    Amount all;
    for (const EmulatedBalance& entry : exchange_.balances(account)) {
        if (!entry.position && !entry.asset.empty()) all += worth(entry.asset, entry.wallet());
    }
    return all;
}

}  // namespace arb::okx
