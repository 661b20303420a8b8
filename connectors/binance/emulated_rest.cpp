// Calls of the emulated Binance that place no orders: instruments, books, balances, trades, fees, keys,
// timers.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"
#include "engine/emulate/emulator.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance {
namespace {

constexpr Duration kListenKeyLife = seconds(3'600);

}  // namespace

// As a fraction; spot prints eight decimals.
std::string EmulatedBinance::format_rate(Rate rate) const
{
    return spot() ? eight_decimals(rate.units) : format_scaled(rate.units, 8);
}

Answer EmulatedBinance::ping(const Call&)
{
    return good("{}");
}

Answer EmulatedBinance::time(const Call& call)
{
    return good(fmt::format(R"({{"serverTime":{}}})", call.now.ns / 1'000'000));
}

Answer EmulatedBinance::exchange_info(const Call& call)
{
    std::vector<ListingId> listings;
    bool one = false;
    if (Answer answer = choose(call, listings, one); answer.code != 0) return answer;
    const bool all = call.get("symbol").empty() && call.get("symbols").empty();
    std::vector<ListingDefinition> definitions;
    for (const ListingDefinition& definition : current_definitions()) {
        const auto named = [&](ListingId id) {
            return setup_.table->listing(id).symbol == definition.symbol;
        };
        if (all || std::any_of(listings.begin(), listings.end(), named)) definitions.push_back(definition);
    }
    // The feed's maker of instrument lists leaves time and limits open.
    const std::string made = feed_->instruments(definitions).text;
    const std::string limits =
        spot() ? R"({"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},)"
                 R"({"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100},)"
                 R"({"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":200000},)"
                 R"({"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":300000})"
               : R"({"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400},)"
                 R"({"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300},)"
                 R"({"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200})";
    return good(fmt::format(R"({{"timezone":"UTC","serverTime":{},"rateLimits":[{}],"exchangeFilters":[],{})",
                            call.now.ns / 1'000'000, limits,
                            made.substr(std::min(made.find(R"("symbols":)"), made.size()))));
}

Answer EmulatedBinance::depth(const Call& call)
{
    ListingId id = kNoListing;
    if (Answer answer = find_listing(call, id, true); answer.code != 0) return answer;
    const std::string_view told = call.get("limit");
    const std::int64_t limit = told.empty() ? (spot() ? 100 : 500) : whole_of(told, 0);
    static constexpr std::int64_t kSteps[] = {5, 10, 20, 50, 100, 500, 1'000};
    const bool step = std::find(std::begin(kSteps), std::end(kSteps), limit) != std::end(kSteps);
    if (limit <= 0 || (!spot() && !step))
        return refuse(-1130, "Data sent for parameter 'limit' is not valid.");
    const auto most = static_cast<std::size_t>(std::min<std::int64_t>(limit, 5'000));
    EmulatedBook book = setup_.exchange->book(id);
    book.bids = book.bids.first(std::min(most, book.bids.size()));
    book.asks = book.asks.first(std::min(most, book.asks.size()));
    const Listing& listing = setup_.table->listing(id);
    std::vector<VenueMessage> messages;
    feed_->subscribe(setup_.table->instrument_of(id), listing, book, call.now, messages);
    // The change before the snapshot goes to the streams, as any change; futures' snapshots lie inside it.
    if (call.out != nullptr) publish_messages(listing, messages, *call.out);
    for (const VenueMessage& message : messages) {
        if (message.http) return good(with_old_orders(listing, message.text));
    }
    return refuse(-1000, "An unknown error occurred while processing the request.");
}

Answer EmulatedBinance::account(const Call& call)
{
    std::string list;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.key->account)) {
        list += fmt::format(R"({}{{"asset":{},"free":"{}","locked":"{}"}})", list.empty() ? "" : ",",
                            json_text(balance.asset), amount_text(balance.total - balance.held),
                            amount_text(balance.held));
    }
    return good(fmt::format(
        R"({{"makerCommission":10,"takerCommission":10,"buyerCommission":0,"sellerCommission":0,)"
        R"("commissionRates":{{"maker":"0.00100000","taker":"0.00100000","buyer":"0.00000000",)"
        R"("seller":"0.00000000"}},"canTrade":true,"canWithdraw":true,"canDeposit":true,"brokered":false,)"
        R"("requireSelfTradePrevention":false,"preventSor":false,)"
        R"("accountType":"SPOT","updateTime":{},"balances":[{}],"permissions":["SPOT"],"uid":{}}})",
        call.now.ns / 1'000'000, list, static_cast<std::uint32_t>(call.key->account)));
}

Answer EmulatedBinance::futures_balance(const Call& call)
{
    std::string list;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.key->account)) {
        if (balance.position) continue;
        const Amount free = balance.wallet() - balance.margin - balance.order_margin;
        list += fmt::format(
            R"({}{{"accountAlias":"emulated","asset":{},"balance":"{}","crossWalletBalance":"{}",)"
            R"("crossUnPnl":"0.00000000","availableBalance":"{}","maxWithdrawAmount":"{}",)"
            R"("marginAvailable":true,"updateTime":{}}})",
            list.empty() ? "" : ",", json_text(balance.asset), amount_text(balance.wallet()),
            amount_text(balance.wallet()), amount_text(free), amount_text(free), call.now.ns / 1'000'000);
    }
    return good("[" + list + "]");
}

// Flat positions are left out.
Answer EmulatedBinance::positions(const Call& call)
{
    std::string list;
    for (const EmulatedBalance& balance : setup_.exchange->balances(call.key->account)) {
        const Listing* const listing = listing_of_position(setup_, balance);
        const bool flat = balance.total.zero() && !hedged(call.key->account);
        if (listing == nullptr || flat) continue;
        for (const auto& [side, size] : position_rows(call.key->account, listing->id, balance.total)) {
            list += fmt::format(
                R"({}{{"symbol":{},"positionSide":"{}","positionAmt":"{}",{},"marginAsset":{},)"
                R"("isolatedMargin":"0","isolatedWallet":"0","maintMargin":"0","openOrderInitialMargin":"0",)"
                R"("adl":0,"bidNotional":"0","askNotional":"0","updateTime":{}}})",
                list.empty() ? "" : ",", json_text(listing->symbol), side, size.text(),
                position_numbers(balance, listing->id),
                json_text(setup_.table->instrument_of(listing->id).quote), call.now.ns / 1'000'000);
        }
    }
    return good("[" + list + "]");
}

Answer EmulatedBinance::commission(const Call& call)
{
    ListingId id = kNoListing;
    if (Answer answer = find_listing(call, id, true); answer.code != 0) return answer;
    const std::string symbol = json_text(setup_.table->listing(id).symbol);
    const std::string maker = format_rate(setup_.exchange->maker_fee(id));
    const std::string taker = format_rate(setup_.exchange->taker_fee(id));
    if (!spot()) {
        return good(fmt::format(
            R"({{"symbol":{},"makerCommissionRate":"{}","takerCommissionRate":"{}","rpiCommissionRate":"0"}})",
            symbol, maker, taker));
    }
    const std::string_view none = R"({"maker":"0.00000000","taker":"0.00000000","buyer":"0.00000000",)"
                                  R"("seller":"0.00000000"})";
    return good(fmt::format(
        R"({{"symbol":{},"standardCommission":{{"maker":"{}","taker":"{}","buyer":"0.00000000",)"
        R"("seller":"0.00000000"}},"specialCommission":{},"taxCommission":{},"discount":)"
        R"({{"enabledForAccount":false,"enabledForSymbol":false,"discountAsset":"BNB","discount":"0.75000000"}}}})",
        symbol, maker, taker, none, none));
}

Answer EmulatedBinance::all_orders(const Call& call)
{
    ListingId listing = kNoListing;
    const Answer answer = find_listing(call, listing, true);
    if (answer.code != 0) return answer;
    // From this number on, the oldest first; without it the newest.
    const std::int64_t from = whole_of(call.get("orderId"), -1);
    const std::int64_t limit = whole_of(call.get("limit"), 500);
    if (limit <= 0 || limit > 1'000) return refuse(-1130, "Data sent for parameter 'limit' is not valid.");
    std::vector<const EmulatedOrder*> found;
    for (const EmulatedOrder* order : setup_.exchange->orders(call.key->account, listing, false)) {
        if (!hidden(*order) && static_cast<std::int64_t>(order->id) >= from) found.push_back(order);
    }
    const std::int64_t start = whole_of(call.get("startTime"), 0);
    const std::int64_t end = whole_of(call.get("endTime"), INT64_MAX);
    std::erase_if(found, [&](const EmulatedOrder* order) {
        const std::int64_t ms = order->created.ns / 1'000'000;
        return from < 0 && (ms < start || ms > end);
    });
    const auto most = static_cast<std::size_t>(limit);
    if (found.size() > most && from >= 0) found.resize(most);
    if (found.size() > most) found.erase(found.begin(), found.end() - limit);
    std::string list = "[";
    for (const EmulatedOrder* order : found) list += (list.size() > 1 ? "," : "") + order_json(*order);
    return good(list + "]");
}

Answer EmulatedBinance::my_trades(const Call& call)
{
    ListingId id = kNoListing;
    if (Answer answer = find_listing(call, id, true); answer.code != 0) return answer;
    const std::int64_t from = whole_of(call.get("fromId"), -1);
    const std::int64_t start = whole_of(call.get("startTime"), 0);
    const std::int64_t end = whole_of(call.get("endTime"), INT64_MAX);
    const std::int64_t limit = whole_of(call.get("limit"), 500);
    const std::int64_t order = whole_of(call.get("orderId"), -1);
    if (limit <= 0 || limit > 1'000) return refuse(-1130, "Data sent for parameter 'limit' is not valid.");
    const std::int64_t span = (spot() ? 1 : 7) * std::int64_t{86'400'000};
    if (end != INT64_MAX && start > 0 && end - start > span)
        return refuse(-1127, "More than the allowed hours between startTime and endTime.");
    const std::string symbol = json_text(setup_.table->listing(id).symbol);
    std::string list;
    std::vector<const EmulatedTrade*> found;
    for (const EmulatedTrade* t : setup_.exchange->trades(call.key->account, id, {})) {
        const std::int64_t ms = t->time.ns / 1'000'000;
        const auto number = static_cast<std::int64_t>(t->id);
        if (from >= 0 ? number < from : ms < start || ms > end) continue;
        if (order < 0 || static_cast<std::int64_t>(t->order) == order) found.push_back(t);
    }
    // From an id or a time on: the oldest first. Without either: the newest.
    const bool newest = from < 0 && start == 0;
    const auto most = static_cast<std::size_t>(limit);
    if (found.size() > most && newest) found.erase(found.begin(), found.end() - limit);
    if (found.size() > most) found.resize(most);
    for (const EmulatedTrade* t : found) {
        const std::int64_t ms = t->time.ns / 1'000'000;
        const bool buy = t->side == Side::buy;
        const std::string side =
            spot() ? fmt::format(R"("isBuyer":{},"isMaker":{},"isBestMatch":true)", buy, t->maker)
                   : fmt::format(R"("side":"{}","buyer":{},"maker":{},"positionSide":"{}","realizedPnl":"0")",
                                 buy ? "BUY" : "SELL", buy, t->maker, position_side(t->order));
        list += fmt::format(R"({}{{"symbol":{},"id":{},"orderId":{},"price":"{}","qty":"{}","quoteQty":"{}",)"
                            R"("commission":"{}","commissionAsset":{},"time":{},{}}})",
                            list.empty() ? "" : ",", symbol, t->id, t->order, price_text(id, t->price),
                            quantity_text(id, t->quantity), amount_text(t->notional), amount_text(t->fee),
                            json_text(t->fee_asset), ms, side);
    }
    return good("[" + list + "]");
}

Answer EmulatedBinance::restrictions(const Call& call)
{
    const EmulatedKey& key = *call.key;
    std::string text = fmt::format(
        R"({{"ipRestrict":{},"createTime":{},"enableReading":{},"enableSpotAndMarginTrading":{},)"
        R"("enableWithdrawals":{},"enableInternalTransfer":{},"permitsUniversalTransfer":{},)"
        R"("enableMargin":false,"enableFutures":{},"enableVanillaOptions":false,"enableFixApiTrade":false,)"
        R"("enableFixReadOnly":false,"enablePortfolioMarginTrading":false)",
        !key.ip_allowed.empty(), key.created.ns / 1'000'000, key.can_read, key.can_trade && spot(),
        key.can_withdraw, key.can_transfer, key.can_transfer, key.can_trade && !spot());
    if (key.expires.known())
        text += fmt::format(R"(,"tradingAuthorityExpirationTime":{})", key.expires.ns / 1'000'000);
    return good(text + "}");
}

Answer EmulatedBinance::listen_key_start(const Call& call)
{
    for (auto& [text, key] : listen_keys_) {
        if (key.key_id != call.key->key_id) continue;
        key.expires = call.now + kListenKeyLife;
        return good(fmt::format(R"({{"listenKey":"{}"}})", text));
    }
    const std::string from = fmt::format("listen {} {} {}", setup_.seed, call.key->key_id, ++invented_);
    const std::string text = ("emulated" + hex_lower(sha256(from))).substr(0, 64);
    listen_keys_[text] = {call.key->account, call.key->key_id, call.now + kListenKeyLife};
    return good(fmt::format(R"({{"listenKey":"{}"}})", text));
}

Answer EmulatedBinance::listen_key_extend(const Call& call)
{
    for (auto& [text, key] : listen_keys_) {
        if (key.key_id != call.key->key_id) continue;
        key.expires = call.now + kListenKeyLife;
        return good(fmt::format(R"({{"listenKey":"{}"}})", text));
    }
    return refuse(-1125, "This listenKey does not exist.");
}

Answer EmulatedBinance::listen_key_close(const Call& call)
{
    std::erase_if(listen_keys_, [&](const auto& entry) { return entry.second.key_id == call.key->key_id; });
    return good("{}");
}

Answer EmulatedBinance::countdown(const Call& call)
{
    ListingId id = kNoListing;
    if (Answer answer = find_listing(call, id, true); answer.code != 0) return answer;
    const std::int64_t length = whole_of(call.get("countdownTime"), -1);
    if (length < 0 || length > 1'000'000'000'000) return missing("countdownTime");
    setup_.exchange->set_dead_man(call.key->account, id,
                                  length == 0 ? Timestamp{} : call.now + milliseconds(length));
    return good(fmt::format(R"({{"symbol":{},"countdownTime":"{}"}})",
                            json_text(setup_.table->listing(id).symbol), length));
}

}  // namespace arb::binance
