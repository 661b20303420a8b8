#include "connectors/gate/emulated_accounts.hpp"

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::gate {
namespace {

std::string perm_json(std::string_view name, bool read_only)
{
    return fmt::format(R"({{"name":"{}","read_only":{}}})", name, read_only);
}

/// How the futures' account counts the modes that the unified account names.
int margin_mode(std::string_view mode)
{
    if (mode == "classic") return 0;
    return mode == "multi_currency" ? 1 : mode == "portfolio" ? 2 : 3;
}

}  // namespace

VenueAnswer EmulatedAccounts::balances(const EmulatedCall& call) const
{
    const std::string_view wanted = call.get("currency");
    return say_list(exchange_.balances(call.account()), [&](const EmulatedBalance& balance) -> std::string {
        if (balance.position || (!wanted.empty() && wanted != balance.asset)) return {};
        return fmt::format(R"({{"currency":"{}","available":"{}","locked":"{}","update_id":{}}})",
                           balance.asset, (balance.total - balance.held).text(), balance.held.text(),
                           ms_of(call.now));
    });
}

VenueAnswer EmulatedAccounts::unified_account(const EmulatedCall& call) const
{
    if (!dialect_.unified()) return say_refused("USER_NOT_FOUND", "There is no unified account");
    const auto entry = [](const EmulatedBalance& balance) -> std::string {
        if (balance.position) return {};
        return fmt::format(
            R"("{0}":{{"available":"{1}","freeze":"{2}","borrowed":"0","negative_liab":"0","equity":"{3}",)"
            R"("total_freeze":"{2}","total_liab":"0","cross_balance":"{3}","iso_balance":"0","im":"0","mm":"0",)"
            R"("available_margin":"{1}","enabled_collateral":true,"balance_version":1}})",
            balance.asset, (balance.total - balance.held).text(), balance.held.text(), balance.total.text());
    };
    return say_done(fmt::format(
        R"({{"mode":"{}","user_id":{},"locked":false,"balances":{{{}}},"unified_account_total":"0"}})",
        dialect_.mode(), user_of(call.account()), json_list(exchange_.balances(call.account()), entry)));
}

VenueAnswer EmulatedAccounts::unified_mode(const EmulatedCall&) const
{
    return say_done(fmt::format(R"({{"mode":"{}","settings":{{}}}})", dialect_.mode()));
}

// Every key of the account; the one that asks is one of them.
VenueAnswer EmulatedAccounts::keys(const EmulatedCall& call) const
{
    return say_list(*setup_.keys, [&](const EmulatedKey& key) -> std::string {
        if (key.account != call.account() || key.revoked) return {};
        std::string perms = perm_json("wallet", !key.can_transfer);
        for (const std::string_view product : {"spot", "futures"}) {
            if (key.can_read) perms += "," + perm_json(product, !key.can_trade);
        }
        for (const std::string_view reading : {"account", "unified"}) perms += "," + perm_json(reading, true);
        if (key.can_withdraw) perms += "," + perm_json("withdraw", false);
        return fmt::format(
            R"({{"state":1,"mode":{},"name":{},"currency_pairs":[],"user_id":{},"ip_whitelist":[{}],)"
            R"("perms":[{}],"key":"{}","created_at":"{}","updated_at":"{}","last_access":"{}"}})",
            dialect_.unified() ? 2 : 1, json_text(key.label), user_of(key.account),
            quoted_list(key.ip_allowed), perms, key.key_id, seconds_of(key.created), seconds_of(key.created),
            seconds_of(call.now));
    });
}

VenueAnswer EmulatedAccounts::detail(const EmulatedCall& call) const
{
    return say_done(
        fmt::format(R"({{"user_id":{},"ip_whitelist":[{}],"currency_pairs":[],"key":{{"mode":{}}},"tier":0,)"
                    R"("tier_expire_time":"0001-01-01T00:00:00Z","copy_trading_role":0}})",
                    user_of(call.account()), quoted_list(call.key->ip_allowed), dialect_.unified() ? 2 : 1));
}

// Without a market it is what the account pays wherever nothing else is agreed.
VenueAnswer EmulatedAccounts::wallet_fee(const EmulatedCall& call) const
{
    VenueAnswer answer;
    const Listing* listing = dialect_.market_of(call, answer);
    if (listing == nullptr && answer.label != "MISSING_REQUIRED_PARAM") return answer;
    for (const Listing& one : table_.listings()) {
        if (listing == nullptr && one.venue == setup_.id) listing = &one;
    }
    if (listing == nullptr) return dialect_.place_error(PlaceError::unknown_listing);
    const std::string maker = format_scaled(exchange_.maker_fee(listing->id).units, 8);
    const std::string taker = format_scaled(exchange_.taker_fee(listing->id).units, 8);
    return say_done(fmt::format(
        R"({{"user_id":{},"taker_fee":"{}","maker_fee":"{}","gt_discount":false,"gt_taker_fee":"0",)"
        R"("gt_maker_fee":"0","loan_fee":"0.18","point_type":"0","futures_taker_fee":"{}",)"
        R"("futures_maker_fee":"{}","debit_fee":3}})",
        user_of(call.account()), dialect_.spot() ? taker : "0.002", dialect_.spot() ? maker : "0.002",
        dialect_.spot() ? "0.0005" : taker, dialect_.spot() ? "0.0002" : maker));
}

std::string EmulatedAccounts::position_json(const Listing& listing, const EmulatedBalance& held, Form form,
                                            Timestamp now) const
{
    const Instrument& instrument = table_.instrument(listing.instrument);
    const Amount size = absolute(held.total);
    const Quantity units{
        static_cast<std::int64_t>(size.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
    const std::string entry = price_paid(absolute(held.cost), size);
    const std::string mark = price_text(listing, best_level(exchange_.book(listing.id).asks).price);
    const auto number = [&](const std::string& text) { return contract_number(text, form); };
    return fmt::format(
        R"({{"contract":"{}","size":{},"mode":"single","leverage":{},"cross_leverage_limit":{},"entry_price":{},)"
        R"("mark_price":{},"liq_price":{},"margin":{},"unrealised_pnl":{},"realised_pnl":{},"history_pnl":{},)"
        R"("last_close_pnl":{},"pending_orders":0,"pos_margin_mode":"cross","update_id":{},"time_ms":{}}})",
        listing.symbol, contract_size(listing, units, held.total.units < 0 ? Side::sell : Side::buy, form),
        number("0"), number("10"), number(entry), number(mark), number("0"), number("0"), number("0"),
        number("0"), number("0"), number("0"), ms_of(now), ms_of(now));
}

VenueAnswer EmulatedAccounts::positions(const EmulatedCall& call) const
{
    std::map<ListingId, EmulatedBalance> held;
    for (const EmulatedBalance& balance : exchange_.balances(call.account())) {
        const Listing* const listing = listing_of_position(setup_, balance);
        if (listing != nullptr) held[listing->id] = balance;
    }
    return say_list(table_.listings(), [&](const Listing& listing) -> std::string {
        const EmulatedBalance& balance = held[listing.id];
        const bool told = !balance.total.zero() || call.get("holding") != "true";
        return listing.venue == setup_.id && told ? position_json(listing, balance, call.form, call.now) : "";
    });
}

// Every account has one, be it empty.
VenueAnswer EmulatedAccounts::contract_account(const EmulatedCall& call) const
{
    EmulatedBalance wallet;
    for (const EmulatedBalance& balance : exchange_.balances(call.account())) {
        if (!balance.position && balance.asset == "USDT") wallet = balance;
    }
    const Amount bound = wallet.margin + wallet.order_margin;
    const std::string available = (wallet.wallet() - bound).text();
    return say_done(fmt::format(
        R"({{"user":{},"currency":"USDT","total":"{}","available":"{}","unrealised_pnl":"0",)"
        R"("position_margin":"{}","order_margin":"{}","cross_available":"{}","margin_mode":{},)"
        R"("position_mode":"{}","in_dual_mode":{},"history":{{"pnl":"0","fee":"0","fund":"0"}}}})",
        user_of(call.account()), wallet.wallet().text(), available, wallet.margin.text(),
        wallet.order_margin.text(), available, margin_mode(dialect_.mode()), dialect_.position_mode(),
        dialect_.position_mode() != "single"));
}

// Nothing is paid for holding a position here.
VenueAnswer EmulatedAccounts::ledger(const EmulatedCall&) const
{
    return say_done("[]");
}

VenueAnswer EmulatedAccounts::contract_fees(const EmulatedCall& call) const
{
    const std::string list = json_list(table_.listings(), [&](const Listing& listing) -> std::string {
        const std::string_view wanted = call.get("contract");
        if (listing.venue != setup_.id || (!wanted.empty() && wanted != listing.symbol)) return {};
        return fmt::format(R"("{}":{{"taker_fee":"{}","maker_fee":"{}"}})", listing.symbol,
                           format_scaled(exchange_.taker_fee(listing.id).units, 8),
                           format_scaled(exchange_.maker_fee(listing.id).units, 8));
    });
    if (list.empty()) return dialect_.place_error(PlaceError::unknown_listing);
    return say_done(fmt::format("{{{}}}", list));
}

AccountNews EmulatedAccounts::news_of(AccountId account, const EmulatedBalance& balance, Timestamp now)
{
    if (balance.position) {
        const Listing* const listing = listing_of_position(setup_, balance);
        if (dialect_.spot() || listing == nullptr) return {};
        return {account, "futures.positions", listing->symbol,
                position_json(*listing, balance, Form::push, now),
                position_json(*listing, balance, Form::whole_push, now)};
    }
    const Amount total = dialect_.spot() ? balance.total : balance.wallet();
    Told& told = told_[{account, balance.asset}];
    const Amount change = total - told.total, freeze = balance.held - told.held;
    told = {total, balance.held};
    if (!dialect_.spot()) {
        if (change.zero()) return {};
        const std::string moved = fmt::format(
            R"({{"balance":{},"change":{},"type":"pnl","text":"-","time":{},"time_ms":{},"currency":"{}",)"
            R"("user":"{}"}})",
            total.text(), change.text(), seconds_of(now), ms_of(now), balance.asset, user_of(account));
        return {account, "futures.balances", "", moved, moved};
    }
    if (change.zero() && freeze.zero()) return {};
    const std::string_view type = !change.zero()     ? "order-match"
                                  : freeze.units > 0 ? "order-create"
                                                     : "order-update";
    const std::string news = fmt::format(
        R"({{"timestamp":"{}","timestamp_ms":"{}","user":"{}","currency":"{}","change":"{}","total":"{}",)"
        R"("available":"{}","freeze":"{}","freeze_change":"{}","change_type":"{}"}})",
        seconds_of(now), ms_of(now), user_of(account), balance.asset, change.text(), total.text(),
        (total - balance.held).text(), balance.held.text(), freeze.text(), type);
    return {account, "spot.balances", "", news, ""};
}

}  // namespace arb::gate
