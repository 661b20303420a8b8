#include "connectors/coinbase/emulated_lists.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_parts.hpp"
#include "engine/emulate/pages.hpp"

namespace arb::coinbase {
namespace {

constexpr std::size_t kOrdersPageMost = 1'000;
constexpr std::size_t kOrdersPageUsual = 100;
constexpr std::size_t kPageMost = 250;
constexpr std::size_t kPageUsual = 49;

}  // namespace

// European accounts are asked for a second factor now and then; until then nothing is told.
std::string_view EmulatedLists::proof_wanted()
{
    return parts_.manners.strikes(25) ? "true" : "false";
}

// What lists say of an order: an edit by a person may be under way.
std::string_view EmulatedLists::listed_word(const EmulatedOrder& order)
{
    const std::string_view word = parts_.notes.status_word(order);
    return word == "OPEN" && parts_.manners.strikes(12) ? "EDIT_QUEUED" : word;
}

CoinbaseAnswer EmulatedLists::order(const EmulatedCall& call)
{
    const EmulatedOrder* const found = parts_.notes.find(call.key->account, call.tail);
    if (found == nullptr) return failure(404, "NOT_FOUND", "order not found");
    return {200, "{\"order\":" + parts_.notes.order_json(*found, parts_.notes.status_word(*found)) + "}"};
}

// Newest first.
CoinbaseAnswer EmulatedLists::orders(const EmulatedCall& call)
{
    const auto products = call.all("product_ids", "product_id");
    const auto statuses = call.all("order_status", "order_status");
    const auto ids = call.all("order_ids", "order_id");
    // An older page of the documentation says so; whether it still holds is not known.
    const bool beside =
        statuses.size() > 1 && std::find(statuses.begin(), statuses.end(), "OPEN") != statuses.end();
    if (beside && setup_.manners) return invalid("OPEN cannot be combined with other statuses");
    const Timestamp start = parse_utc(call.get("start_date")).value_or(Timestamp{});
    const Timestamp end = parse_utc(call.get("end_date")).value_or(Timestamp{INT64_MAX});
    // Cursors name the last element of a page; what comes next is older. 0: from the newest.
    const std::uint64_t before = count_of(call.get("cursor"), 0, SIZE_MAX);
    const std::size_t limit = count_of(call.get("limit"), kOrdersPageUsual, kOrdersPageMost);
    std::vector<const EmulatedOrder*> all = exchange_.orders(call.key->account, kNoListing, false);
    // What the owner does in the simple app is listed only when asked for: here nobody does.
    const std::string_view source = call.get("order_placement_source");
    if (!source.empty() && source != "RETAIL_ADVANCED") all.clear();
    const std::string_view proof = proof_wanted();
    if (proof == "true") all.clear();
    std::map<std::uint64_t, std::string_view> words;
    const auto page = newest_page(all, limit, [&](const EmulatedOrder& o) {
        if (parts_.notes.is_hidden(o.id) || (before != 0 && o.id >= before)) return false;
        const std::string_view word = words[o.id] = listed_word(o);
        return o.created >= start && o.created < end && is_among(statuses, word) &&
               is_among(products, table_.listing(o.listing).symbol) && is_among(ids, order_id_text(o.id));
    });
    const std::string list =
        json_list(page, [&](const EmulatedOrder& o) { return parts_.notes.order_json(o, words[o.id]); });
    return {200, fmt::format(R"({{"orders":[{}],"sequence":"0","has_next":{},"cursor":"{}",)"
                             R"("proof_token_required":{}}})",
                             list, page.more, page.more ? fmt::to_string(page.last()) : "", proof)};
}

std::string EmulatedLists::fill_json(const EmulatedTrade& trade) const
{
    return fmt::format(
        R"({{"entry_id":"entry-{}","trade_id":"trade-{}","order_id":"{}","trade_time":"{}",)"
        R"("trade_type":"FILL","price":"{}","size":"{}","commission":"{}","product_id":"{}",)"
        R"("sequence_timestamp":"{}","liquidity_indicator":"{}","size_in_quote":false,"user_id":"user-{}",)"
        R"("side":"{}","retail_portfolio_id":""}})",
        trade.id, trade.id, order_id_text(trade.order), micros(trade.time),
        dialect_.price_text(trade.listing, trade.price),
        dialect_.quantity_text(trade.listing, trade.quantity), trade.fee.text(),
        table_.listing(trade.listing).symbol, micros(trade.time), trade.maker ? "MAKER" : "TAKER",
        static_cast<unsigned>(trade.account), trade.side == Side::buy ? "BUY" : "SELL");
}

// Newest first; an empty cursor is the last page.
CoinbaseAnswer EmulatedLists::fills(const EmulatedCall& call)
{
    const auto products = call.all("product_ids", "product_id");
    const auto ids = call.all("order_ids", "order_id");
    const Timestamp start = parse_utc(call.get("start_sequence_timestamp")).value_or(Timestamp{});
    const Timestamp end = parse_utc(call.get("end_sequence_timestamp")).value_or(Timestamp{INT64_MAX});
    // Cursors name the last element of a page; what comes next is older. 0: from the newest.
    const std::uint64_t before = count_of(call.get("cursor"), 0, SIZE_MAX);
    const std::size_t limit = count_of(call.get("limit"), kOrdersPageUsual, kOrdersPageMost);
    std::vector<const EmulatedTrade*> all = exchange_.trades(call.key->account, kNoListing, start);
    const std::string_view proof = proof_wanted();
    if (proof == "true") all.clear();
    const auto page = newest_page(all, limit, [&](const EmulatedTrade& t) {
        return (before == 0 || t.id < before) && t.time < end &&
               is_among(products, table_.listing(t.listing).symbol) && is_among(ids, order_id_text(t.order));
    });
    const std::string list = json_list(page, [&](const EmulatedTrade& t) { return fill_json(t); });
    return {200, fmt::format(R"({{"fills":[{}],"cursor":"{}","proof_token_required":{}}})", list,
                             page.more ? fmt::to_string(page.last()) : "", proof)};
}

std::string EmulatedLists::account_json(const EmulatedBalance& balance, AccountId account) const
{
    const bool fiat = balance.asset == "USD" || balance.asset == "EUR" || balance.asset == "GBP";
    return fmt::format(
        R"({{"uuid":"wallet-{}-{}","name":"{} Wallet","currency":"{}","available_balance":)"
        R"({{"value":"{}","currency":"{}"}},"default":true,"active":true,"created_at":"{}","updated_at":"{}",)"
        R"("deleted_at":null,"type":"{}","ready":true,"hold":{{"value":"{}","currency":"{}"}},)"
        R"("retail_portfolio_id":"","platform":"ACCOUNT_PLATFORM_CONSUMER"}})",
        static_cast<unsigned>(account), balance.asset, balance.asset, balance.asset,
        dialect_.money_text(balance.total - balance.held), balance.asset, "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z", fiat ? "ACCOUNT_TYPE_FIAT" : "ACCOUNT_TYPE_CRYPTO",
        dialect_.money_text(balance.held), balance.asset);
}

CoinbaseAnswer EmulatedLists::accounts(const EmulatedCall& call)
{
    const std::vector<EmulatedBalance> balances = exchange_.balances(call.key->account);
    const std::size_t limit = count_of(call.get("limit"), kPageUsual, kPageMost);
    const std::size_t begin = count_of(call.get("cursor"), 0, balances.size());
    const std::size_t end = std::min(begin + limit, balances.size());
    const std::string list =
        json_list(std::span(balances).subspan(begin, end - begin),
                  [&](const EmulatedBalance& b) { return account_json(b, call.key->account); });
    const bool more = end < balances.size();
    return {200, fmt::format(R"({{"accounts":[{}],"has_next":{},"cursor":"{}","size":{}}})", list, more,
                             more ? fmt::to_string(end) : "", end - begin)};
}

CoinbaseAnswer EmulatedLists::account(const EmulatedCall& call)
{
    for (const EmulatedBalance& balance : exchange_.balances(call.key->account)) {
        if (call.tail == fmt::format("wallet-{}-{}", static_cast<unsigned>(call.key->account), balance.asset))
            return {200, "{\"account\":" + account_json(balance, call.key->account) + "}"};
    }
    return failure(404, "NOT_FOUND", "account not found");
}

CoinbaseAnswer EmulatedLists::old_accounts(const EmulatedCall& call)
{
    const auto entry = [&](const EmulatedBalance& balance) {
        return fmt::format(
            R"({{"id":"wallet-{0}-{1}","name":"{1} Wallet","primary":true,"type":"wallet",)"
            R"("currency":{{"code":"{1}","name":"{1}"}},"balance":{{"amount":"{2}","currency":"{1}"}},)"
            R"("created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-01T00:00:00Z","resource":"account"}})",
            static_cast<unsigned>(call.key->account), balance.asset, balance.total.text());
    };
    return {200,
            "{\"pagination\":{\"ending_before\":null,\"starting_after\":null,\"limit\":100,"
            "\"order\":\"desc\",\"previous_uri\":null,\"next_uri\":null},\"data\":[" +
                json_list(exchange_.balances(call.key->account), entry) + "]}"};
}

// One tier for all products.
CoinbaseAnswer EmulatedLists::transaction_summary(const EmulatedCall&)
{
    Rate maker;
    Rate taker;
    for (const Listing& listing : table_.listings()) {
        if (listing.venue != setup_.id) continue;
        maker = exchange_.maker_fee(listing.id);
        taker = exchange_.taker_fee(listing.id);
        break;
    }
    return {200,
            fmt::format(R"({{"total_volume":0,"total_fees":0,"fee_tier":{{"pricing_tier":"Emulated",)"
                        R"("usd_from":"0","usd_to":"10000","taker_fee_rate":"{}","maker_fee_rate":"{}"}},)"
                        R"("margin_rate":null,"goods_and_services_tax":null,"advanced_trade_only_volume":0,)"
                        R"("advanced_trade_only_fees":0,"coinbase_pro_volume":0,"coinbase_pro_fees":0}})",
                        format_scaled(taker.units, 8), format_scaled(maker.units, 8))};
}

CoinbaseAnswer EmulatedLists::key_permissions(const EmulatedCall& call)
{
    return {200, fmt::format(R"({{"can_view":{},"can_trade":{},"can_transfer":{},)"
                             R"("portfolio_uuid":"portfolio-{}","portfolio_type":"DEFAULT"}})",
                             call.key->can_read, call.key->can_trade,
                             call.key->can_transfer || call.key->can_withdraw,
                             static_cast<unsigned>(call.key->account))};
}

}  // namespace arb::coinbase
