#include "connectors/coinbase/emulated_market_data.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

constexpr std::size_t kProductsUsual = 2;  // with manners: nobody may believe that all come at once
constexpr std::int64_t kTradesUsual = 100, kTradesMost = 1'000;

/// Seconds since 1970 of a query; `otherwise` where it is absent.
std::optional<std::int64_t> second_of(std::string_view text, std::int64_t otherwise)
{
    if (text.empty()) return otherwise;
    const ScaledNumber number = parse_scaled(text, 0);
    if (number.error != DecimalError::none || number.value < 0) return std::nullopt;
    return number.value;
}

// So many percent, with eight decimals.
std::string percent_text(const TapeDay& day)
{
    if (day.open.units == 0) return "0";
    const Int128 change = Int128{day.last.units - day.open.units} * 100 * power_of_ten(8);
    return format_scaled(static_cast<std::int64_t>(change / day.open.units), 8);
}

}  // namespace

CoinbaseAnswer EmulatedMarketData::server_time(const EmulatedCall& call) const
{
    const std::int64_t ms = ms_of(call.now);
    return {200, fmt::format(R"({{"iso":"{}Z","epochSeconds":"{}","epochMillis":"{}"}})",
                             format_utc(call.now).substr(0, 19), ms / 1000, ms)};
}

// Pages: a cursor stands for the last product of the page before. Without a limit all come at once.
CoinbaseAnswer EmulatedMarketData::products(const EmulatedCall& call) const
{
    const std::vector<std::string> wanted = call.all("product_ids", "product_id");
    std::vector<std::string> all;
    const bool spot = call.get("product_type").empty() || call.get("product_type") == "SPOT";
    for (const ListingDefinition& d : setup_.definitions) {
        const std::string_view book = book_name(d.symbol, d.code);
        if (spot && is_among(wanted, d.symbol)) all.push_back(product_json(d, call.now));
        if (spot && book != d.symbol && dialect_.find_product(book) == nullptr && is_among(wanted, book))
            all.push_back(product_json(d, call.now, true));
    }
    if (spot && setup_.manners && wanted.empty()) all.push_back(shop_window(call.now));
    const std::size_t usual = setup_.manners ? kProductsUsual : all.size();
    const std::size_t limit = count_of(call.get("limit"), std::max<std::size_t>(usual, 1), 1'000);
    const std::optional<std::string> cursor = base64_decode(call.get("cursor"));
    const std::size_t begin = count_of(cursor.value_or(std::string()), 0, all.size());
    const std::size_t end = std::min(begin + limit, all.size());
    const bool more = end < all.size();
    return {200, fmt::format(R"({{"products":[{}],"num_products":{},"pagination":{{"prev_cursor":"",)"
                             R"("next_cursor":"{}","has_next":{},"has_prev":{}}}}})",
                             fmt::join(std::span(all).subspan(begin, end - begin), ","), end - begin,
                             more ? base64(fmt::to_string(end)) : "", more, begin > 0)};
}

CoinbaseAnswer EmulatedMarketData::product(const EmulatedCall& call) const
{
    for (const ListingDefinition& d : setup_.definitions) {
        const bool target = book_name(d.symbol, d.code) == call.tail && d.symbol != call.tail;
        if (d.symbol == call.tail || target) return {200, product_json(d, call.now, target)};
    }
    return failure(404, "NOT_FOUND", "product not found");
}

CoinbaseAnswer EmulatedMarketData::product_book(const EmulatedCall& call) const
{
    const Listing* const listing = dialect_.find_book(call.get("product_id"));
    if (listing == nullptr) return invalid("valid product_id is required");
    const std::size_t depth = count_of(call.get("limit"), 500, 5'000);
    return {200, fmt::format(R"({{"pricebook":{}}})", book_json(*listing, depth, call.now))};
}

CoinbaseAnswer EmulatedMarketData::best_bid_ask(const EmulatedCall& call) const
{
    const std::vector<std::string> wanted = call.all("product_ids", "product_id");
    const std::string list = json_list(setup_.definitions, [&](const ListingDefinition& d) {
        const Listing* const listing = is_among(wanted, d.symbol) ? dialect_.find_product(d.symbol) : nullptr;
        return listing == nullptr ? std::string() : book_json(*listing, 1, call.now);
    });
    return {200, fmt::format(R"({{"pricebooks":[{}]}})", list)};
}

// Third-party clients read the currencies before anything else; fiat and crypto come apart.
CoinbaseAnswer EmulatedMarketData::currencies(const EmulatedCall& call) const
{
    const bool crypto = call.request->path().ends_with("crypto");
    std::set<std::string> assets;
    for (const ListingDefinition& d : setup_.definitions) assets.insert(crypto ? d.base : d.quote);
    const auto entry = [&](const std::string& asset) {
        return crypto ? fmt::format(R"({{"code":"{0}","name":"{0}","type":"crypto","exponent":8}})", asset)
                      : fmt::format(R"({{"id":"{0}","name":"{0}","min_size":"0.01"}})", asset);
    };
    return {200, "{\"data\":[" + json_list(assets, entry) + "]}"};
}

// The older interface, which third-party clients ask at their start.
CoinbaseAnswer EmulatedMarketData::old_time(const EmulatedCall& call) const
{
    return {200, fmt::format(R"({{"data":{{"iso":"{}Z","epoch":{}}}}})", format_utc(call.now).substr(0, 19),
                             seconds_of(call.now))};
}

// How much of each asset one unit of the currency buys.
CoinbaseAnswer EmulatedMarketData::exchange_rates(const EmulatedCall& call) const
{
    const std::string currency(call.get("currency").empty() ? "USD" : call.get("currency"));
    std::string rates = json_text(currency) + ":\"1\"";
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* const listing = dialect_.find_product(d.symbol);
        if (listing == nullptr || d.quote != currency) continue;
        const EmulatedBook book = exchange_.book(listing->id);
        if (book.asks.empty()) continue;
        const Instrument& instrument = table_.instrument_of(listing->id);
        const Int128 one = power_of_ten(18);
        const Int128 rate = one * power_of_ten(instrument.price_decimals) / book.asks.front().price.units;
        rates += fmt::format(",\"{}\":\"{}\"", d.base, format_scaled128(rate, 18));
    }
    return {200, fmt::format(R"({{"data":{{"currency":{},"rates":{{{}}}}}}})", json_text(currency), rates)};
}

// "Get Market Trades": newest first, with the best prices.
CoinbaseAnswer EmulatedMarketData::market_trades(const EmulatedCall& call) const
{
    const Listing* const listing = dialect_.find_book(call.tail);
    if (listing == nullptr) return failure(404, "NOT_FOUND", "valid product_id is required");
    const std::optional<std::int64_t> limit = second_of(call.get("limit"), kTradesUsual);
    const std::optional<std::int64_t> start = second_of(call.get("start"), 0);
    const std::optional<std::int64_t> end = second_of(call.get("end"), INT64_MAX);
    if (!limit || !start || !end) return invalid("limit, start or end is no number");
    const std::deque<TapeTrade>& tape = tape_.trades(listing->id);
    std::int64_t left = std::min(*limit, kTradesMost);
    std::string list;
    for (auto one = tape.rbegin(); one != tape.rend() && left > 0; ++one) {
        const std::int64_t second = seconds_of(one->trade.venue_time);
        if (second < *start || second > *end) continue;
        list += (list.empty() ? "" : ",") + trade_json(*one) + R"(,"bid":"","ask":"","exchange":""})";
        --left;
    }
    const EmulatedBook book = exchange_.book(listing->id);
    return {200, fmt::format(R"({{"trades":[{}],"best_bid":"{}","best_ask":"{}"}})", list,
                             dialect_.best_text(listing->id, book.bids),
                             dialect_.best_text(listing->id, book.asks))};
}

std::string EmulatedMarketData::add(const Trade& trade)
{
    (void)tape_.add(trade);
    return R"({"type":"update","trades":[)" + trade_json(tape_.trades(trade.listing).back()) + "}]}";
}

// Nothing is older than the day.
std::string EmulatedMarketData::ticker_json(const Listing& listing, bool best, Timestamp now) const
{
    const TapeDay day = tape_.day(listing.id, now);
    const std::string high = dialect_.price_text(listing.id, day.high),
                      low = dialect_.price_text(listing.id, day.low);
    std::string text =
        fmt::format(R"({{"type":"ticker","product_id":"{}","price":"{}","volume_24_h":"{}","low_24_h":"{}",)"
                    R"("high_24_h":"{}","low_52_w":"{}","high_52_w":"{}","price_percent_chg_24_h":"{}")",
                    book_name(listing.symbol, listing.code), dialect_.price_text(listing.id, day.last),
                    day.volume.text(), low, high, low, high, percent_text(day));
    if (!best) return text + "}";
    const EmulatedBook book = exchange_.book(listing.id);
    const auto side = [&](std::string_view name, std::span<const Level> levels) {
        text += fmt::format(
            R"(,"best_{0}":"{1}","best_{0}_quantity":"{2}")", name, dialect_.best_text(listing.id, levels),
            levels.empty() ? "" : dialect_.quantity_text(listing.id, levels.front().quantity));
    };
    side("bid", book.bids);
    side("ask", book.asks);
    return text + "}";
}

std::string EmulatedMarketData::state_json(const ListingDefinition& d, const Listing& listing) const
{
    const bool online = d.status == ListingStatus::trading && !exchange_.halted(listing.id);
    return fmt::format(R"({{"product_type":"SPOT","id":"{}","base_currency":"{}","quote_currency":"{}",)"
                       R"("base_increment":"{}","quote_increment":"{}","display_name":"{}/{}","status":"{}",)"
                       R"("status_message":"","min_market_funds":"{}"}})",
                       book_name(d.symbol, d.code), d.base, d.quote, d.lot.text(), d.tick.text(), d.base,
                       d.quote, online ? "online" : "offline", d.notional_min.text());
}

// `target`: the product whose alias the definition is.
std::string EmulatedMarketData::product_json(const ListingDefinition& d, Timestamp now, bool target,
                                             bool post_only) const
{
    const Listing* const listing = dialect_.find_product(d.symbol);
    const bool known = listing != nullptr;
    const bool halted = known && exchange_.halted(listing->id);
    const bool cancel_only = known && exchange_.cancel_only(listing->id);
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
        symbol, known ? dialect_.price_text(listing->id, tape_.day(listing->id, now).last) : "", d.lot.text(),
        d.tick.text(), d.notional_min.text(), d.quantity_min.text(), d.base, quote,
        online ? "online" : "delisted", cancel_only, post_only, !online, quote, d.base, alias, aliases,
        target, d.tick.text(), d.base, quote, d.base, quote,
        known ? day_json(listing->id, now)
              : std::string(R"("price_percentage_change_24h":"","volume_24h":"")"));
}

// Listed beside what is traded here: a product so new that orders may only rest.
std::string EmulatedMarketData::shop_window(Timestamp now) const
{
    ListingDefinition d;
    d.symbol = "DAWN-USD";
    d.base = "DAWN";
    d.quote = "USD";
    d.tick = Decimal(1, 4);
    d.lot = Decimal(1, 0);
    // A minimum need not be a whole number of steps.
    d.quantity_min = *Decimal::parse("26.7187147229469674");
    d.notional_min = Decimal(1, 0);
    return product_json(d, now, false, true);
}

std::string EmulatedMarketData::book_json(const Listing& listing, std::size_t depth, Timestamp now) const
{
    const EmulatedBook book = exchange_.book(listing.id);
    const auto side = [&](std::span<const Level> levels) {
        return json_list(best_levels(levels, depth), [&](const Level& level) {
            return fmt::format(R"({{"price":"{}","size":"{}"}})",
                               dialect_.price_text(listing.id, level.price),
                               dialect_.quantity_text(listing.id, level.quantity));
        });
    };
    return fmt::format(R"({{"product_id":"{}","bids":[{}],"asks":[{}],"time":"{}"}})",
                       book_name(listing.symbol, listing.code), side(book.bids), side(book.asks),
                       micros(now));
}

// The side is the maker's.
std::string EmulatedMarketData::trade_json(const TapeTrade& one) const
{
    const Trade& trade = one.trade;
    const Listing& listing = table_.listing(trade.listing);
    return fmt::format(
        R"({{"trade_id":"{}","product_id":"{}","price":"{}","size":"{}","side":"{}","time":"{}")", one.id,
        book_name(listing.symbol, listing.code), dialect_.price_text(trade.listing, trade.price),
        dialect_.quantity_text(trade.listing, trade.quantity), trade.aggressor == Side::buy ? "SELL" : "BUY",
        micros(trade.venue_time));
}

std::string EmulatedMarketData::day_json(ListingId listing, Timestamp now) const
{
    const TapeDay day = tape_.day(listing, now);
    return fmt::format(
        R"("price_percentage_change_24h":"{}","volume_24h":"{}","volume_percentage_change_24h":"",)"
        R"("approximate_quote_24h_volume":"{}")",
        percent_text(day), day.volume.text(), day.turnover.text());
}

}  // namespace arb::coinbase
