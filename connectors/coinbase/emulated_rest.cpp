// Public calls: time, products, books.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_core.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

constexpr std::size_t kProductsUsual = 2;  // with manners: nobody may believe that all come at once

}  // namespace

CoinbaseAnswer EmulatedCoinbase::server_time(const EmulatedCall& call)
{
    const std::int64_t ms = call.now.ns / 1'000'000;
    return {200, fmt::format(R"({{"iso":"{}Z","epochSeconds":"{}","epochMillis":"{}"}})",
                             format_utc(call.now).substr(0, 19), ms / 1000, ms)};
}

// Pages: a cursor stands for the last product of the page before. Without a limit all come at once.
CoinbaseAnswer EmulatedCoinbase::products(const EmulatedCall& call)
{
    const std::vector<std::string_view> wanted = call.all("product_ids", "product_id");
    const auto is_wanted = [&](std::string_view product) {
        return wanted.empty() || std::find(wanted.begin(), wanted.end(), product) != wanted.end();
    };
    std::vector<std::string> all;
    const bool spot = call.get("product_type").empty() || call.get("product_type") == "SPOT";
    for (const ListingDefinition& d : setup_.definitions) {
        const std::string_view book = book_name(d.symbol, d.code);
        if (spot && is_wanted(d.symbol)) all.push_back(product_json(d));
        if (spot && book != d.symbol && words_.find_product(book) == nullptr && is_wanted(book))
            all.push_back(product_json(d, true));
    }
    if (spot && setup_.manners && wanted.empty()) all.push_back(shop_window());
    const std::size_t usual = setup_.manners ? kProductsUsual : all.size();
    const std::size_t limit = count_of(call.get("limit"), std::max<std::size_t>(usual, 1), 1'000);
    const std::optional<std::string> cursor = base64_decode(call.get("cursor"));
    const std::size_t begin = count_of(cursor.value_or(std::string()), 0, all.size());
    const std::size_t end = std::min(begin + limit, all.size());
    std::string list;
    for (std::size_t i = begin; i < end; ++i) list += (list.empty() ? "" : ",") + all[i];
    const bool more = end < all.size();
    return {200, fmt::format(R"({{"products":[{}],"num_products":{},"pagination":{{"prev_cursor":"",)"
                             R"("next_cursor":"{}","has_next":{},"has_prev":{}}}}})",
                             list, end - begin, more ? base64(fmt::to_string(end)) : "", more, begin > 0)};
}

CoinbaseAnswer EmulatedCoinbase::product(const EmulatedCall& call)
{
    for (const ListingDefinition& d : setup_.definitions) {
        const bool target = book_name(d.symbol, d.code) == call.tail && d.symbol != call.tail;
        if (d.symbol == call.tail || target) return {200, product_json(d, target)};
    }
    return failure(404, "NOT_FOUND", "product not found");
}

CoinbaseAnswer EmulatedCoinbase::product_book(const EmulatedCall& call)
{
    const Listing* const listing = words_.find_book(call.get("product_id"));
    if (listing == nullptr) return failure(400, "INVALID_ARGUMENT", "valid product_id is required");
    const std::size_t depth = count_of(call.get("limit"), 500, 5'000);
    return {200, fmt::format(R"({{"pricebook":{}}})", book_json(*listing, depth, call.now))};
}

CoinbaseAnswer EmulatedCoinbase::best_bid_ask(const EmulatedCall& call)
{
    const std::vector<std::string_view> wanted = call.all("product_ids", "product_id");
    std::string list;
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* const listing = words_.find_product(d.symbol);
        const bool asked =
            wanted.empty() || std::find(wanted.begin(), wanted.end(), d.symbol) != wanted.end();
        if (listing != nullptr && asked) list += (list.empty() ? "" : ",") + book_json(*listing, 1, call.now);
    }
    return {200, fmt::format(R"({{"pricebooks":[{}]}})", list)};
}

// Third-party clients read the currencies before anything else; fiat and crypto come apart.
CoinbaseAnswer EmulatedCoinbase::currencies(const EmulatedCall& call)
{
    const bool crypto = call.request->path().ends_with("crypto");
    std::set<std::string> assets;
    for (const ListingDefinition& d : setup_.definitions) {
        if (crypto) assets.insert(d.base);
        if (!crypto) assets.insert(d.quote);
    }
    std::string list;
    for (const std::string& asset : assets) {
        list += list.empty() ? "" : ",";
        list += crypto
                    ? fmt::format(R"({{"code":"{}","name":"{}","type":"crypto","exponent":8}})", asset, asset)
                    : fmt::format(R"({{"id":"{}","name":"{}","min_size":"0.01"}})", asset, asset);
    }
    return {200, "{\"data\":[" + list + "]}"};
}

// The older interface, which third-party clients ask at their start.
CoinbaseAnswer EmulatedCoinbase::old_time(const EmulatedCall& call)
{
    return {200, fmt::format(R"({{"data":{{"iso":"{}Z","epoch":{}}}}})", format_utc(call.now).substr(0, 19),
                             call.now.ns / 1'000'000'000)};
}

// How much of each asset one unit of the currency buys.
CoinbaseAnswer EmulatedCoinbase::exchange_rates(const EmulatedCall& call)
{
    const std::string currency(call.get("currency").empty() ? "USD" : call.get("currency"));
    std::string rates = json_text(currency) + ":\"1\"";
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* const listing = words_.find_product(d.symbol);
        if (listing == nullptr || d.quote != currency) continue;
        const EmulatedBook book = setup_.exchange->book(listing->id);
        if (book.asks.empty()) continue;
        const Instrument& instrument = setup_.table->instrument_of(listing->id);
        const Int128 one = power_of_ten(18);
        const Int128 rate = one * power_of_ten(instrument.price_decimals) / book.asks.front().price.units;
        rates += fmt::format(",\"{}\":\"{}\"", d.base, format_scaled128(rate, 18));
    }
    return {200, fmt::format(R"({{"data":{{"currency":{},"rates":{{{}}}}}}})", json_text(currency), rates)};
}

}  // namespace arb::coinbase
