// The emulated Bybit: executions, balances, positions, fees, keys, disconnect protection.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {
namespace {

constexpr std::int64_t kWeekMs = std::int64_t{7} * 86'400'000;

}  // namespace

std::uint64_t cursor_id(std::string_view cursor)
{
    if (cursor.empty()) return UINT64_MAX;
    const std::string_view digits =
        cursor.substr(0, std::min<std::size_t>(18, cursor.find_first_not_of("0123456789")));
    return static_cast<std::uint64_t>(whole_of(digits, 0));
}

Answer EmulatedBybit::executions(const Call& call)
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    const auto start = whole_number(call.get("startTime"));
    const auto end = whole_number(call.get("endTime"));
    // Without times the last seven days; a start alone means seven days from there.
    std::int64_t from = start.value_or((end ? *end : ms_of(call.now)) - kWeekMs);
    std::int64_t to = end.value_or(start ? *start + kWeekMs : ms_of(call.now));
    if (to < from || to - from > kWeekMs) return refuse(10001, "params error: time range is over 7 days");
    from = std::clamp<std::int64_t>(from, 0, INT64_MAX / 1'000'000);
    const std::size_t most = count_of(call.get("limit"), 50, 100);
    const std::uint64_t below = cursor_id(call.get("cursor"));
    const bool single = !call.get("orderId").empty() || !call.get("orderLinkId").empty();
    const EmulatedOrder* only = single ? find_order(call) : nullptr;
    const auto trades = setup_.exchange->trades(call.account(), kNoListing, {from * 1'000'000});
    const auto page = newest_page(trades, most, [&](const EmulatedTrade& t) {
        return t.id < below && ms_of(t.time) <= to && wanted(call, t.listing) &&
               (!single || (only != nullptr && only->id == t.order));
    });
    const std::string list = json_list(page, [&](const EmulatedTrade& t) {
        return trade_json(t, setup_.exchange->find(call.account(), t.order));
    });
    return good(fmt::format(
        R"({{"category":"{}","list":[{}],"nextPageCursor":"{}"}})", setup_.market, list,
        page.more ? fmt::format("{0}%3A{1}%2C{0}", page.last(), ms_of(call.now)) : std::string()));
}

Answer EmulatedBybit::wallet(const Call& call)
{
    if (call.get("accountType") != "UNIFIED") return refuse(10001, "accountType only support UNIFIED.");
    // "BTC,USDT"
    const std::string wish = fmt::format(",{},", call.get("coin"));
    std::string list;
    Amount total, available, margin, unrealised;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.account())) {
        if (balance.position || (balance.total.zero() && balance.held.zero())) continue;
        const Amount bound = balance.margin + balance.order_margin;
        total += in_dollars(balance.asset, balance.wallet());
        available += in_dollars(balance.asset, balance.wallet() - balance.held - bound);
        margin += in_dollars(balance.asset, bound);
        unrealised += in_dollars(balance.asset, unrealised_of(call.account(), balance.asset));
        if (wish.size() > 2 && wish.find(fmt::format(",{},", balance.asset)) == std::string::npos) continue;
        fmt::format_to(std::back_inserter(list), "{}{}", list.empty() ? "" : ",",
                       coin_json(call.account(), balance));
    }
    return good(fmt::format(
        R"({{"list":[{{"accountType":"UNIFIED","accountLTV":"0","accountIMRate":"0","accountMMRate":"0",)"
        R"("totalEquity":"{0}","totalWalletBalance":"{1}","totalMarginBalance":"{0}",)"
        R"("totalAvailableBalance":"{2}","totalPerpUPL":"{3}","totalInitialMargin":"{4}",)"
        R"("totalMaintenanceMargin":"0","coin":[{5}]}}]}})",
        (total + unrealised).text(), total.text(), available.text(), unrealised.text(), margin.text(), list));
}

// What a coin is worth at the best bid of its own pair; a coin without one counts nothing.
Amount EmulatedBybit::in_dollars(std::string_view coin, Amount amount) const
{
    if (coin.substr(0, 3) == "USD") return amount;
    for (const Listing& listing : setup_.table->listings()) {
        const Instrument& instrument = setup_.table->instrument(listing.instrument);
        if (listing.venue != setup_.id || instrument.base != coin || instrument.quote.substr(0, 3) != "USD")
            continue;
        const EmulatedBook book = setup_.exchange->book(listing.id);
        const auto one =
            book.bids.empty() ? std::nullopt : instrument.notional(book.bids.front().price, listing.lot);
        const Amount lot = instrument.amount(listing.lot);
        // Whole lots are exact enough for a sum that nobody trades with.
        if (one && lot.units > 0) return Amount{amount.units / lot.units * one->units};
    }
    return {};
}

Answer EmulatedBybit::fee_rates(const Call& call)
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    std::string list;
    for (const Listing& listing : setup_.table->listings()) {
        if (listing.venue != setup_.id || !wanted(call, listing.id)) continue;
        fmt::format_to(std::back_inserter(list),
                       R"({}{{"symbol":"{}","takerFeeRate":"{}","makerFeeRate":"{}","baseCoin":""}})",
                       list.empty() ? "" : ",", listing.symbol,
                       format_scaled(setup_.exchange->taker_fee(listing.id).units, 8),
                       format_scaled(setup_.exchange->maker_fee(listing.id).units, 8));
    }
    if (list.empty()) return refuse(10001, "params error: symbol invalid");
    return good(fmt::format(R"({{"category":"{}","list":[{}]}})", setup_.market, list));
}

Answer EmulatedBybit::key_information(const Call& call)
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
        key.can_trade ? 0 : 1, key.can_trade && !spot() ? R"("Order","Position")" : "",
        key.can_trade && spot() ? R"("SpotTrade")" : "", quoted_list(wallet),
        key.can_trade && !spot() ? R"("DerivativesTrade")" : "", quoted_list(ips), days, expires,
        format_utc(born).substr(0, 19) + "Z", 1'000'000 + static_cast<std::uint32_t>(key.account)));
}

Answer EmulatedBybit::account_information(const Call& call)
{
    return good(fmt::format(
        R"({{"unifiedMarginStatus":5,"marginMode":"REGULAR_MARGIN","isMasterTrader":false,)"
        R"("spotHedgingStatus":"OFF","dcpStatus":"{}","timeWindow":0,"smpGroup":0,"updatedTime":"{}"}})",
        dead_men_.count(call.account()) > 0 ? "ON" : "OFF", ms_of(call.now)));
}

Answer EmulatedBybit::coins(const Call& call)
{
    std::vector<std::string> names;
    for (const Instrument& instrument : setup_.table->instruments()) {
        for (const std::string& name : {instrument.base, instrument.quote}) {
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
    }
    const std::string_view wish = call.get("coin");
    std::string rows;
    for (const std::string& name : names) {
        if (!wish.empty() && wish != name) continue;
        fmt::format_to(std::back_inserter(rows),
                       R"({}{{"name":"{}","coin":"{}","remainAmount":"0","chains":[]}})",
                       rows.empty() ? "" : ",", name, name);
    }
    return good(fmt::format(R"({{"rows":[{}]}})", rows));
}

Answer EmulatedBybit::settings(const Call&)
{
    return good(R"({"lpaSpot":false,"lpaPerp":true,"smsef":false,"fmsef":false})");
}

Answer EmulatedBybit::set_dead_man(const Call& call)
{
    const auto window = whole_number(call.get("timeWindow"));
    if (!window || *window < 3 || *window > 300)
        return refuse(10001, "params error: timeWindow must be 3 to 300");
    const std::string_view product = call.get("product");
    if (product != (spot() ? "SPOT" : "DERIVATIVES")) return refuse(10001, "params error: product");
    dead_men_[call.account()] = {seconds(*window), false};
    watch_dead_man(call.account());
    return good("{}");
}

Answer EmulatedBybit::dead_man_information(const Call& call)
{
    const auto found = dead_men_.find(call.account());
    if (found == dead_men_.end()) return good(R"({"dcpInfos":[]})");
    return good(fmt::format(R"({{"dcpInfos":[{{"product":"{}","dcpStatus":"ON","timeWindow":"{}"}}]}})",
                            spot() ? "SPOT" : "DERIVATIVES", found->second.window.ns / seconds(1).ns));
}

}  // namespace arb::bybit
