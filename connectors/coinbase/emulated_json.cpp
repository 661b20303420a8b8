// Coinbase's wording: products, orders, fills, wallets, books as JSON.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_core.hpp"
#include "engine/emulate/answer_text.hpp"

namespace arb::coinbase {

std::string_view EmulatedCoinbase::status_word(const EmulatedOrder& order) const
{
    switch (order.state) {
        case EmulatedState::open: {
            const auto settling = settling_.find(order.id);
            return settling == settling_.end() ? "OPEN" : settling->second.word;
        }
        case EmulatedState::filled:
            return "FILLED";
        case EmulatedState::cancelled:
        case EmulatedState::expired:
            return "CANCELLED";
        case EmulatedState::rejected:
            break;
    }
    return "FAILED";
}

// `target`: the product whose alias the definition is.
std::string EmulatedCoinbase::product_json(const ListingDefinition& d, bool target, bool post_only) const
{
    const Listing* const listing = words_.find_product(d.symbol);
    const bool known = listing != nullptr;
    const bool halted = known && setup_.exchange->halted(listing->id);
    const bool cancel_only = known && setup_.exchange->cancel_only(listing->id);
    const bool online = d.status == ListingStatus::trading && !halted;
    const std::string_view book = book_name(d.symbol, d.code);
    const std::string_view symbol = target ? book : std::string_view(d.symbol);
    const std::string_view quote = target ? book.substr(book.find('-') + 1) : std::string_view(d.quote);
    const std::string alias(!target && book != d.symbol ? book : std::string_view());
    const std::string aliases = target ? "\"" + d.symbol + "\"" : "";
    return fmt::format(
        R"({{"product_id":"{}","price":"{}","base_increment":"{}","quote_increment":"{}","quote_min_size":"{}",)"
        R"("quote_max_size":"150000000","base_min_size":"{}","base_max_size":"1000000","base_name":"{}",)"
        R"("quote_name":"{}","watched":false,"is_disabled":false,"new":false,"status":"{}",)"
        R"("cancel_only":{},"limit_only":false,"post_only":{},"trading_disabled":{},"auction_mode":false,)"
        R"("product_type":"SPOT","quote_currency_id":"{}","base_currency_id":"{}","alias":"{}","alias_to":[{}],)"
        R"("view_only":{},"price_increment":"{}","display_name":"{}/{}","base_display_symbol":"{}",)"
        R"("quote_display_symbol":"{}","mid_market_price":"","fcm_trading_session_details":null,{}}})",
        symbol, known ? words_.price_text(listing->id, tape_.day(listing->id, now_).last) : "", d.lot.text(),
        d.tick.text(), d.notional_min.text(), d.quantity_min.text(), d.base, quote,
        online ? "online" : "delisted", cancel_only, post_only, !online, quote, d.base, alias, aliases,
        target, d.tick.text(), d.base, quote, d.base, quote,
        known ? day_json(listing->id, now_)
              : std::string(R"("price_percentage_change_24h":"","volume_24h":"")"));
}

std::string EmulatedCoinbase::book_json(const Listing& listing, std::size_t depth, Timestamp now) const
{
    const EmulatedBook book = setup_.exchange->book(listing.id);
    const auto side = [&](std::span<const Level> levels) {
        std::string text = "[";
        for (const Level& level : levels.first(std::min(depth, levels.size()))) {
            if (text.back() != '[') text += ',';
            text += fmt::format(R"({{"price":"{}","size":"{}"}})", words_.price_text(listing.id, level.price),
                                words_.quantity_text(listing.id, level.quantity));
        }
        return text + "]";
    };
    return fmt::format(R"({{"product_id":"{}","bids":{},"asks":{},"time":"{}"}})",
                       book_name(listing.symbol, listing.code), side(book.bids), side(book.asks),
                       micros(now));
}

std::string EmulatedCoinbase::configuration_json(const EmulatedOrder& order) const
{
    const std::string size = words_.quantity_text(order.listing, order.quantity);
    if (const auto said = market_orders_.find(order.id); said != market_orders_.end()) {
        const std::string& money = said->second.money;
        return fmt::format(R"({{"market_market_ioc":{{"{}":"{}"}}}})",
                           money.empty() ? "base_size" : "quote_size", money.empty() ? size : money);
    }
    const bool rests =
        order.time_in_force == TimeInForce::gtc || order.time_in_force == TimeInForce::post_only;
    const std::string_view kind = rests                                     ? "limit_limit_gtc"
                                  : order.time_in_force == TimeInForce::ioc ? "sor_limit_ioc"
                                                                            : "limit_limit_fok";
    std::string more;
    if (rests)
        more = order.time_in_force == TimeInForce::gtc ? ",\"post_only\":false" : ",\"post_only\":true";
    return fmt::format(R"({{"{}":{{"base_size":"{}","limit_price":"{}"{}}}}})", kind, size,
                       words_.price_text(order.listing, order.price), more);
}

namespace {

std::string_view force_word(TimeInForce tif)
{
    if (tif == TimeInForce::ioc) return "IMMEDIATE_OR_CANCEL";
    return tif == TimeInForce::fok ? "FILL_OR_KILL" : "GOOD_UNTIL_CANCELLED";
}

}  // namespace

std::string EmulatedCoinbase::order_json(const EmulatedOrder& order, std::string_view word) const
{
    const Listing& listing = setup_.table->listing(order.listing);
    const auto said = market_orders_.find(order.id);
    const bool market = said != market_orders_.end();
    const Amount after =
        order.side == Side::buy ? order.filled_notional + order.fees : order.filled_notional - order.fees;
    const Int128 percent = Int128{order.filled.units} * 100 / std::max<std::int64_t>(order.quantity.units, 1);
    return fmt::format(
        R"({{"order_id":"{}","product_id":"{}","user_id":"user-{}","order_configuration":{},"side":"{}",)"
        R"("client_order_id":{},"status":"{}","time_in_force":"{}","created_time":"{}",)"
        R"("completion_percentage":"{}","filled_size":"{}","average_filled_price":"{}","fee":"",)"
        R"("number_of_fills":"{}","filled_value":"{}","pending_cancel":false,"size_in_quote":{},)"
        R"("total_fees":"{}","size_inclusive_of_fees":false,"total_value_after_fees":"{}",)"
        R"("trigger_status":"INVALID_ORDER_TYPE","order_type":"{}","reject_reason":"{}","settled":{},)"
        R"("product_type":"SPOT","reject_message":"","cancel_message":"{}","outstanding_hold_amount":"{}",)"
        R"("order_placement_source":"RETAIL_ADVANCED","is_liquidation":false,"leverage":"",)"
        R"("margin_type":"UNKNOWN_MARGIN_TYPE",)"
        R"("last_fill_time":null,"last_update_time":"{}",{}}})",
        order_id_text(order.id), listing.symbol, static_cast<unsigned>(order.account),
        configuration_json(standing(order)), order.side == Side::buy ? "BUY" : "SELL",
        json_text(order.client_id), word, force_word(order.time_in_force), micros(order.created),
        static_cast<int>(percent), words_.quantity_text(order.listing, order.filled),
        words_.average_text(order), order.trades, order.filled_notional.text(),
        market && !said->second.money.empty(), order.fees.text(), after.text(), market ? "MARKET" : "LIMIT",
        "REJECT_REASON_UNSPECIFIED", order.state == EmulatedState::filled,
        order.state == EmulatedState::cancelled ? "User requested cancel" : "", words_.hold_text(order),
        micros(order.updated), amends_json(order));
}

std::string EmulatedCoinbase::stream_order_json(const EmulatedOrder& order) const
{
    const Listing& listing = setup_.table->listing(order.listing);
    const bool market = market_orders_.count(order.id) != 0;
    const Quantity leaves = order.state == EmulatedState::open ? order.quantity - order.filled : Quantity{};
    return fmt::format(
        R"({{"avg_price":"{}","cancel_reason":"{}","client_order_id":{},"completion_percentage":"0",)"
        R"("contract_expiry_type":"UNKNOWN_CONTRACT_EXPIRY_TYPE","cumulative_quantity":"{}",)"
        R"("filled_value":"{}","leaves_quantity":"{}","limit_price":"{}","number_of_fills":"{}",)"
        R"("order_id":"{}","order_side":"{}","order_type":"{}","outstanding_hold_amount":"{}",)"
        R"("post_only":"{}","product_id":"{}","product_type":"SPOT","reject_reason":"",)"
        R"("retail_portfolio_id":"","risk_managed_by":"UNKNOWN_RISK_MANAGEMENT_TYPE","status":"{}",)"
        R"("stop_price":"","time_in_force":"{}","total_fees":"{}","total_value_after_fees":"{}",)"
        R"("trigger_status":"INVALID_ORDER_TYPE","creation_time":"{}","end_time":"0001-01-01T00:00:00Z",)"
        R"("start_time":"0001-01-01T00:00:00Z"}})",
        words_.average_text(order), order.state == EmulatedState::cancelled ? "User requested cancel" : "",
        json_text(order.client_id), words_.quantity_text(order.listing, order.filled),
        order.filled_notional.text(), words_.quantity_text(order.listing, leaves),
        market ? "" : words_.price_text(order.listing, order.price), order.trades, order_id_text(order.id),
        order.side == Side::buy ? "BUY" : "SELL", market ? "Market" : "Limit", words_.hold_text(order),
        order.time_in_force == TimeInForce::post_only, listing.symbol, status_word(order),
        force_word(order.time_in_force), order.fees.text(), (order.filled_notional + order.fees).text(),
        micros(order.created));
}

std::string EmulatedCoinbase::fill_json(const EmulatedTrade& trade) const
{
    return fmt::format(
        R"({{"entry_id":"entry-{}","trade_id":"trade-{}","order_id":"{}","trade_time":"{}",)"
        R"("trade_type":"FILL","price":"{}","size":"{}","commission":"{}","product_id":"{}",)"
        R"("sequence_timestamp":"{}","liquidity_indicator":"{}","size_in_quote":false,"user_id":"user-{}",)"
        R"("side":"{}","retail_portfolio_id":""}})",
        trade.id, trade.id, order_id_text(trade.order), micros(trade.time),
        words_.price_text(trade.listing, trade.price), words_.quantity_text(trade.listing, trade.quantity),
        trade.fee.text(), setup_.table->listing(trade.listing).symbol, micros(trade.time),
        trade.maker ? "MAKER" : "TAKER", static_cast<unsigned>(trade.account),
        trade.side == Side::buy ? "BUY" : "SELL");
}

std::string EmulatedCoinbase::account_json(const EmulatedBalance& balance, AccountId account) const
{
    const bool fiat = balance.asset == "USD" || balance.asset == "EUR" || balance.asset == "GBP";
    return fmt::format(
        R"({{"uuid":"wallet-{}-{}","name":"{} Wallet","currency":"{}","available_balance":)"
        R"({{"value":"{}","currency":"{}"}},"default":true,"active":true,"created_at":"{}","updated_at":"{}",)"
        R"("deleted_at":null,"type":"{}","ready":true,"hold":{{"value":"{}","currency":"{}"}},)"
        R"("retail_portfolio_id":"","platform":"ACCOUNT_PLATFORM_CONSUMER"}})",
        static_cast<unsigned>(account), balance.asset, balance.asset, balance.asset,
        words_.money_text(balance.total - balance.held), balance.asset, "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z", fiat ? "ACCOUNT_TYPE_FIAT" : "ACCOUNT_TYPE_CRYPTO",
        words_.money_text(balance.held), balance.asset);
}

std::string EmulatedCoinbase::level_updates(const Listing& listing, std::span<const Level> bids,
                                            std::span<const Level> asks, Timestamp now) const
{
    std::string text = "[";
    const auto side = [&](std::string_view word, std::span<const Level> levels) {
        for (const Level& level : levels) {
            if (text.back() != '[') text += ',';
            text += fmt::format(R"({{"side":"{}","event_time":"{}","price_level":"{}","new_quantity":"{}"}})",
                                word, micros(now), words_.price_text(listing.id, level.price),
                                words_.quantity_text(listing.id, level.quantity));
        }
    };
    side("bid", bids);
    side("offer", asks);
    return text + "]";
}

}  // namespace arb::coinbase
