// The emulated Gate: accounts. Money, fills, fees, what a key may do, the dead-man switch, and the news of
// all that on the account's channels.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/gate/emulated_core.hpp"

namespace arb::gate {
namespace {

constexpr std::int64_t kDay = 86'400, kLastSecond = 10'000'000'000;
constexpr std::int64_t kFillsDays = 7, kFillsDaysMost = 30;
constexpr std::size_t kFillsMost = 1000, kFillsPage = 100;
constexpr std::int64_t kDeadManLeast = 5;

std::string perm_json(std::string_view name, bool read_only)
{
    return fmt::format(R"({{"name":"{}","read_only":{}}})", name, read_only);
}

}  // namespace

std::string EmulatedGate::mode() const
{
    const auto found = setup_.settings.find("mode");
    return found == setup_.settings.end() ? "classic" : found->second;
}

std::string EmulatedGate::group() const
{
    const auto found = setup_.settings.find("stp_id");
    return found == setup_.settings.end() ? std::string() : found->second;
}

VenueAnswer EmulatedGate::fills(const Call& call)
{
    return list_fills(call, false);
}

std::string EmulatedGate::position_mode() const
{
    const auto found = setup_.settings.find("position_mode");
    return found == setup_.settings.end() ? "single" : found->second;
}

// Newest first.
VenueAnswer EmulatedGate::list_fills(const Call& call, bool by_span)
{
    VenueAnswer answer;
    const Listing* const listing = market_of(call, answer);
    if (listing == nullptr && answer.label != "MISSING_REQUIRED_PARAM") return answer;
    const auto second = [&](const char* key, std::int64_t otherwise) {
        return std::clamp<std::int64_t>(whole_of(call.get(key), otherwise), 0, kLastSecond);
    };
    const std::int64_t to = second("to", seconds_of(call.now));
    const std::int64_t from = second("from", to - kFillsDays * kDay);
    if (from > to || to - from > kFillsDaysMost * kDay)
        return say_refused("INVALID_PARAM_VALUE", "Invalid range of time");
    const std::size_t most = count_of(call.get("limit"), kFillsPage, kFillsMost);
    const std::size_t skipped = skipped_entries(call, most);
    const std::string_view order = call.get(spot() ? "order_id" : "order");
    const auto trades =
        setup_.exchange->trades(call.account(), listing == nullptr ? kNoListing : listing->id, {});
    const auto is_wanted = [&](const EmulatedTrade& trade) {
        const std::int64_t time = seconds_of(trade.time);
        return time >= from && time <= to && (order.empty() || order == order_id(trade.order));
    };
    const std::string list =
        json_list(newest_page(trades, most, is_wanted, skipped), [&](const EmulatedTrade& trade) {
            return spot()    ? trade_json(trade)
                   : by_span ? contract_trade_of_span(trade, call.form)
                             : contract_trade(trade, call.form);
        });
    return say_done(fmt::format("[{}]", list));
}

VenueAnswer EmulatedGate::accounts(const Call& call)
{
    const std::string_view wanted = call.get("currency");
    std::string list;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.account())) {
        if (balance.position || (!wanted.empty() && wanted != balance.asset)) continue;
        fmt::format_to(std::back_inserter(list),
                       R"({}{{"currency":"{}","available":"{}","locked":"{}","update_id":{}}})",
                       list.empty() ? "" : ",", balance.asset, (balance.total - balance.held).text(),
                       balance.held.text(), ms_of(call.now));
    }
    return say_done(fmt::format("[{}]", list));
}

VenueAnswer EmulatedGate::unified_accounts(const Call& call)
{
    if (!unified()) return say_refused("USER_NOT_FOUND", "There is no unified account");
    std::string list;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.account())) {
        if (balance.position) continue;
        fmt::format_to(
            std::back_inserter(list),
            R"({}"{}":{{"available":"{}","freeze":"{}","borrowed":"0","negative_liab":"0","equity":"{}",)"
            R"("total_freeze":"{}","total_liab":"0","cross_balance":"{}","iso_balance":"0","im":"0","mm":"0",)"
            R"("available_margin":"{}","enabled_collateral":true,"balance_version":1}})",
            list.empty() ? "" : ",", balance.asset, (balance.total - balance.held).text(),
            balance.held.text(), balance.total.text(), balance.held.text(), balance.total.text(),
            (balance.total - balance.held).text());
    }
    return say_done(fmt::format(
        R"({{"mode":"{}","user_id":{},"locked":false,"balances":{{{}}},"unified_account_total":"0"}})",
        mode(), user_of(call.account()), list));
}

VenueAnswer EmulatedGate::unified_mode(const Call&)
{
    return say_done(fmt::format(R"({{"mode":"{}","settings":{{}}}})", mode()));
}

// Every key of the account; the one that asks is one of them.
VenueAnswer EmulatedGate::key_list(const Call& call)
{
    std::string list;
    for (const EmulatedKey& key : *setup_.keys) {
        if (key.account != call.account() || key.revoked) continue;
        std::string perms = perm_json("wallet", !key.can_transfer);
        for (const std::string_view product : {"spot", "futures"}) {
            if (key.can_read) perms += "," + perm_json(product, !key.can_trade);
        }
        for (const std::string_view reading : {"account", "unified"}) perms += "," + perm_json(reading, true);
        if (key.can_withdraw) perms += "," + perm_json("withdraw", false);
        fmt::format_to(
            std::back_inserter(list),
            R"({}{{"state":1,"mode":{},"name":{},"currency_pairs":[],"user_id":{},"ip_whitelist":[{}],)"
            R"("perms":[{}],"key":"{}","created_at":"{}","updated_at":"{}","last_access":"{}"}})",
            list.empty() ? "" : ",", unified() ? 2 : 1, json_text(key.label), user_of(key.account),
            quoted_list(key.ip_allowed), perms, key.key_id, seconds_of(key.created), seconds_of(key.created),
            seconds_of(call.now));
    }
    return say_done(fmt::format("[{}]", list));
}

VenueAnswer EmulatedGate::account_detail(const Call& call)
{
    return say_done(
        fmt::format(R"({{"user_id":{},"ip_whitelist":[{}],"currency_pairs":[],"key":{{"mode":{}}},"tier":0,)"
                    R"("tier_expire_time":"0001-01-01T00:00:00Z","copy_trading_role":0}})",
                    user_of(call.account()), quoted_list(call.key->ip_allowed), unified() ? 2 : 1));
}

// Without a market it is what the account pays wherever nothing else is agreed.
VenueAnswer EmulatedGate::wallet_fee(const Call& call)
{
    VenueAnswer answer;
    const Listing* listing = market_of(call, answer);
    if (listing == nullptr && answer.label != "MISSING_REQUIRED_PARAM") return answer;
    for (const Listing& one : setup_.table->listings()) {
        if (listing == nullptr && one.venue == setup_.id) listing = &one;
    }
    if (listing == nullptr) return place_error(PlaceError::unknown_listing);
    const std::string maker = format_scaled(setup_.exchange->maker_fee(listing->id).units, 8);
    const std::string taker = format_scaled(setup_.exchange->taker_fee(listing->id).units, 8);
    return say_done(fmt::format(
        R"({{"user_id":{},"taker_fee":"{}","maker_fee":"{}","gt_discount":false,"gt_taker_fee":"0",)"
        R"("gt_maker_fee":"0","loan_fee":"0.18","point_type":"0","futures_taker_fee":"{}",)"
        R"("futures_maker_fee":"{}","debit_fee":3}})",
        user_of(call.account()), spot() ? taker : "0.002", spot() ? maker : "0.002",
        spot() ? "0.0005" : taker, spot() ? "0.0002" : maker));
}

VenueAnswer EmulatedGate::dead_man(const Call& call)
{
    VenueAnswer answer;
    const Listing* const listing = market_of(call, answer);
    if (listing == nullptr && answer.label != "MISSING_REQUIRED_PARAM") return answer;
    const std::int64_t time = whole_of(call.get("timeout"), -1);
    if (time != 0 && time < kDeadManLeast) return say_refused("INVALID_PARAM_VALUE", "Invalid timeout");
    const Timestamp when = time == 0 ? Timestamp{} : call.now + seconds(std::min(time, kDay));
    setup_.exchange->set_dead_man(call.account(), listing == nullptr ? kNoListing : listing->id, when);
    return say_done(fmt::format(R"({{"triggerTime":"{}"}})", ms_of(when)));
}

void EmulatedGate::tell(AccountId account, const std::string& channel, std::string_view symbol,
                        const std::string& entry, const std::string& whole, Timestamp now,
                        SessionOutbox& out) const
{
    const auto frame = [&](const std::string& data) {
        return fmt::format(R"({{"time":{},"time_ms":{},"channel":"{}","event":"update","result":[{}]}})",
                           seconds_of(now), ms_of(now), channel, data);
    };
    for (const auto& [id, session] : sessions_) {
        for (const std::string& name : {std::string("!all"), std::string(symbol)}) {
            const auto topic = session.owned.find(fmt::format("{} {}", channel, name));
            if (topic == session.owned.end()) continue;
            const bool ours =
                std::any_of(setup_.keys->begin(), setup_.keys->end(), [&](const EmulatedKey& key) {
                    return key.key_id == topic->second && key.account == account && !key.revoked;
                });
            if (ours) out.send(id, frame(session.decimal || spot() ? entry : whole));
            break;
        }
    }
}

void EmulatedGate::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                            SessionOutbox& out)
{
    now_ = now;
    if (hidden(order)) return;
    const Listing& listing = setup_.table->listing(order.listing);
    const std::string orders = fmt::format("{}.orders", market_prefix());
    const std::string trades = fmt::format("{}.usertrades", market_prefix());
    const auto tell_trade = [&] {
        if (trade == nullptr) return;
        tell(order.account, trades, listing.symbol,
             spot() ? trade_news(*trade) : contract_trade(*trade, Form::push),
             spot() ? "" : contract_trade(*trade, Form::whole_push), now, out);
    };
    // Nobody says which of the two comes first.
    if (setup_.manners) tell_trade();
    tell(order.account, orders, listing.symbol,
         spot() ? order_news(order, event_word(order, trade)) : contract_order(order, Form::push),
         spot() ? "" : contract_order(order, Form::whole_push), now, out);
    if (!setup_.manners) tell_trade();
}

void EmulatedGate::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                              SessionOutbox& out)
{
    now_ = now;
    if (balance.position) {
        const Listing* const listing = listing_of_position(setup_, balance);
        if (spot() || listing == nullptr) return;
        return tell(account, "futures.positions", listing->symbol,
                    position_json(*listing, balance, Form::push),
                    position_json(*listing, balance, Form::whole_push), now, out);
    }
    const Amount total = spot() ? balance.total : balance.wallet();
    Told& told = told_[{account, balance.asset}];
    const Amount change = total - told.total, freeze = balance.held - told.held;
    told = {total, balance.held};
    if (!spot()) {
        if (change.zero()) return;
        const std::string moved = fmt::format(
            R"({{"balance":{},"change":{},"type":"pnl","text":"-","time":{},"time_ms":{},"currency":"{}",)"
            R"("user":"{}"}})",
            total.text(), change.text(), seconds_of(now), ms_of(now), balance.asset, user_of(account));
        return tell(account, "futures.balances", "", moved, moved, now, out);
    }
    if (change.zero() && freeze.zero()) return;
    const std::string_view type = !change.zero()     ? "order-match"
                                  : freeze.units > 0 ? "order-create"
                                                     : "order-update";
    const std::string news = fmt::format(
        R"({{"timestamp":"{}","timestamp_ms":"{}","user":"{}","currency":"{}","change":"{}","total":"{}",)"
        R"("available":"{}","freeze":"{}","freeze_change":"{}","change_type":"{}"}})",
        seconds_of(now), ms_of(now), user_of(account), balance.asset, change.text(), total.text(),
        (total - balance.held).text(), balance.held.text(), freeze.text(), type);
    tell(account, "spot.balances", "", news, "", now, out);
}

}  // namespace arb::gate
