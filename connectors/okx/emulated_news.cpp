#include "connectors/okx/emulated_news.hpp"

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"

namespace arb::okx {
namespace {

std::string both_json(std::string_view event, std::string_view money, std::string_view positions,
                      std::string_view trades, Timestamp now)
{
    return fmt::format(R"({{"pTime":"{}","eventType":"{}","balData":[{}],"posData":[{}],"trades":[{}]}})",
                       ms_of(now), event, money, positions, trades);
}

}  // namespace

// The money and positions that are there. Orders are told as they change.
void EmulatedNews::start(SessionId id, const Subscription& wanted, AccountId account, Timestamp now,
                         SessionOutbox& out)
{
    if (wanted.channel == "orders") return;
    if (wanted.channel == "balance_and_position") return start_both(id, wanted, account, now, out);
    const bool positions = wanted.channel == "positions";
    const auto entry = [&](const EmulatedBalance& balance) -> std::string {
        if (balance.asset.empty() || balance.position != positions || balance.total.zero()) return {};
        if (!wanted.asset.empty() && wanted.asset != balance.asset) return {};
        return positions ? parts_.money.position_json(balance, now) : parts_.money.detail_json(balance, now);
    };
    std::string entries = json_list(exchange_.balances(account), entry);
    if (!positions) entries = parts_.money.account_json(account, entries, now);
    parts_.sessions.say(
        id,
        fmt::format(R"({{"arg":{},"eventType":"snapshot","curPage":1,"lastPage":true,"data":[{}]}})",
                    wanted.argument, entries),
        now, out);
}

void EmulatedNews::start_both(SessionId id, const Subscription& wanted, AccountId account, Timestamp now,
                              SessionOutbox& out)
{
    std::string money, positions;
    for (const EmulatedBalance& balance : exchange_.balances(account)) {
        if (balance.asset.empty()) continue;
        cash_told_[{account, balance.asset}] = balance.position ? balance.total : balance.wallet();
        if (balance.total.zero()) continue;
        std::string& list = balance.position ? positions : money;
        list += (list.empty() ? "" : ",") + (balance.position ? parts_.money.position_json(balance, now)
                                                              : parts_.money.cash_json(balance, now));
    }
    parts_.sessions.say(id,
                        fmt::format(R"({{"arg":{},"data":[{}]}})", wanted.argument,
                                    both_json("snapshot", money, positions, "", now)),
                        now, out);
}

void EmulatedNews::tell(AccountId account, const Subject& about, const std::string& data, Timestamp now,
                        SessionOutbox& out)
{
    const bool plain = about.channel == "orders" || about.channel == "balance_and_position";
    const std::string tail = fmt::format(R"(,"uid":"{}"}},{}"data":[{}]}})", uid_of(account),
                                         plain ? "" : R"("eventType":"event_update","curPage":1,)", data);
    const auto frame = [&](SessionId, const Subscription& wanted) -> std::string {
        const Listing* of = about.listing;
        const bool concerned =
            wanted.channel == about.channel &&
            (of == nullptr || ((wanted.kind.empty() || wanted.kind == "ANY" || wanted.kind == kind_of(*of)) &&
                               (wanted.symbol.empty() || wanted.symbol == of->symbol))) &&
            (about.asset.empty() || wanted.asset.empty() || wanted.asset == about.asset);
        if (!concerned) return {};
        return R"({"arg":)" + wanted.argument.substr(0, wanted.argument.size() - 1) + tail;
    };
    parts_.sessions.tell(account, frame, now, out);
}

void EmulatedNews::tell_entry(const EmulatedOrder& order, const std::string& entry, Timestamp now,
                              SessionOutbox& out)
{
    tell(order.account, {"orders", &table_.listing(order.listing)}, entry, now, out);
}

void EmulatedNews::tell_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                              SessionOutbox& out)
{
    tell_entry(order, parts_.notes.order_json(order, trade, parts_.notes.amend_news(order, trade)), now, out);
    if (parts_.notes.closes_apart(order, trade))
        tell_entry(order, parts_.notes.order_json(order, nullptr), now, out);
    if (trade == nullptr) return;
    last_trade_[order.account] = {now, fmt::format(R"({{"instId":"{}","tradeId":"{}"}})",
                                                   table_.listing(order.listing).symbol, trade->id)};
}

void EmulatedNews::tell_failed_amends(Timestamp now, SessionOutbox& out)
{
    for (const FailedAmend& failed : parts_.notes.take_failed_amends()) {
        const EmulatedOrder* order = exchange_.find(failed.account, failed.order);
        if (order == nullptr || order->state != EmulatedState::open) continue;
        tell_entry(*order, parts_.notes.order_json(*order, nullptr, failed.news), now, out);
    }
}

void EmulatedNews::tell_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                                SessionOutbox& out)
{
    if (balance.asset.empty()) return;  // an order touched an asset that the account never had
    tell_both(account, balance, now, out);
    if (balance.position) {
        return tell(account, {"positions", listing_of_position(setup_, balance)},
                    parts_.money.position_json(balance, now), now, out);
    }
    tell(account, {"account", nullptr, balance.asset},
         parts_.money.account_json(account, parts_.money.detail_json(balance, now), now), now, out);
}

// It begins with all there is; what orders bind is no news there.
void EmulatedNews::tell_both(AccountId account, const EmulatedBalance& balance, Timestamp now,
                             SessionOutbox& out)
{
    const auto told = cash_told_.find({account, balance.asset});
    const Amount now_there = balance.position ? balance.total : balance.wallet();
    if (told == cash_told_.end() || told->second == now_there) return;
    told->second = now_there;
    const auto last = last_trade_.find(account);
    const bool traded = last != last_trade_.end() && last->second.first == now;
    const std::string entry =
        balance.position ? parts_.money.position_json(balance, now) : parts_.money.cash_json(balance, now);
    tell(account, {"balance_and_position"},
         both_json(traded ? "filled" : "transferred", balance.position ? "" : entry,
                   balance.position ? entry : "", traded ? last->second.second : "", now),
         now, out);
}

}  // namespace arb::okx
