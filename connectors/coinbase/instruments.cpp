#include "connectors/coinbase/instruments.hpp"

#include <algorithm>
#include <set>

#include <simdjson.h>

#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

std::string_view host_of(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find_first_of(":/?"));
}

std::string_view path_of(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find('?'));
    const std::size_t slash = url.find('/');
    return slash == std::string_view::npos ? std::string_view{} : url.substr(slash);
}

std::string_view product_text(const dom::object& product, std::string_view key)
{
    std::string_view text;
    return product[key].get_string().get(text) ? std::string_view{} : text;
}

bool flag_of(const dom::object& product, std::string_view key)
{
    bool flag = false;
    return !product[key].get_bool().get(flag) && flag;
}

Decimal decimal_of(const dom::object& product, std::string_view key)
{
    return Decimal::parse(product_text(product, key)).value_or(Decimal{});
}

// A minimum need not be a whole number of steps: the least order is the next one. Zero where there is none;
// nothing where it does not fit.
std::optional<Decimal> whole_steps(Decimal least, Decimal step)
{
    const unsigned decimals = std::max(least.decimals(), step.decimals());
    Int128 a = least.mantissa();
    Int128 b = step.mantissa();
    for (unsigned i = least.decimals(); i < decimals; ++i) a *= 10;
    for (unsigned i = step.decimals(); i < decimals; ++i) b *= 10;
    if (a <= 0) return Decimal{};
    const Int128 mantissa = (a + b - 1) / b * step.mantissa();
    if (mantissa > INT64_MAX) return std::nullopt;
    return Decimal(static_cast<std::int64_t>(mantissa), step.decimals());
}

ListingStatus status_of(const dom::object& product)
{
    const std::string_view status = product_text(product, "status");
    if (status.empty()) return ListingStatus::unknown;
    // post_only: orders that take are refused, as in new listings; every order that earns an edge takes.
    for (const char* stop :
         {"trading_disabled", "is_disabled", "view_only", "cancel_only", "auction_mode", "post_only"}) {
        if (flag_of(product, stop)) return ListingStatus::halted;
    }
    return status == "online" ? ListingStatus::trading : ListingStatus::halted;
}

std::optional<ListingDefinition> definition_of(const dom::object& product)
{
    if (product_text(product, "product_type") != "SPOT") return std::nullopt;  // another account domain
    ListingDefinition definition;
    // An alias (BTC-USDC) is the very book of its target (BTC-USD), paid from another wallet.
    definition.code = product_text(product, "alias");
    definition.market = "spot";
    definition.symbol = product_text(product, "product_id");
    definition.base = product_text(product, "base_currency_id");
    definition.quote = product_text(product, "quote_currency_id");
    definition.tick = decimal_of(product, "price_increment");
    if (definition.tick.zero()) definition.tick = decimal_of(product, "quote_increment");
    definition.lot = decimal_of(product, "base_increment");
    definition.quantity_min = decimal_of(product, "base_min_size");
    definition.notional_min = decimal_of(product, "quote_min_size");
    definition.status = status_of(product);
    const bool complete = !definition.symbol.empty() && !definition.base.empty() && !definition.quote.empty();
    const bool exact = definition.tick.decimals() + definition.lot.decimals() <= kDecimalsMax;
    if (!complete || !exact || definition.tick.mantissa() <= 0 || definition.lot.mantissa() <= 0)
        return std::nullopt;
    if (definition.quantity_min.mantissa() < 0 || definition.notional_min.mantissa() < 0) return std::nullopt;
    const std::optional<Decimal> least = whole_steps(definition.quantity_min, definition.lot);
    if (!least) return std::nullopt;
    definition.quantity_min = *least;
    return definition;
}

}  // namespace

// Coinbase Exchange (ws-feed.exchange.coinbase.com) speaks another protocol: not ours.
std::optional<std::string> market_of_url(std::string_view url)
{
    const std::string_view host = host_of(url);
    if (host == "advanced-trade-ws.coinbase.com" || host == "advanced-trade-ws-user.coinbase.com")
        return "spot";
    const bool rest = host == "api.coinbase.com" || host == "api-sandbox.coinbase.com";
    if (rest && path_of(url).starts_with("/api/v3/brokerage")) return "spot";
    return std::nullopt;
}

Result<std::vector<ListingDefinition>> read_instruments(std::string_view, std::string_view url,
                                                        std::string_view body)
{
    std::vector<ListingDefinition> definitions;
    constexpr std::string_view kList = "/products";
    const std::string_view path = path_of(url);
    const std::size_t last = path.rfind('/');
    const bool list = path.ends_with(kList);
    const bool single = last != std::string_view::npos && path.substr(0, last).ends_with(kList);
    if (!market_of_url(url) || (!list && !single)) return definitions;
    const simdjson::padded_string padded(body);
    dom::parser parser;
    dom::element document;
    dom::array products;
    dom::object product;
    auto error = parser.parse(padded).get(document);
    if (!error && list) error = document["products"].get_array().get(products);
    if (!error && single) error = document.get_object().get(product);
    if (error) {
        return Error{ExitCode::data, "coinbase: the product list of " + std::string(url) +
                                         " cannot be read (" + simdjson::error_message(error) +
                                         "); fetch it anew"};
    }
    std::set<std::string, std::less<>> symbols;
    const auto add = [&](const dom::object& one) {
        std::optional<ListingDefinition> definition = definition_of(one);
        if (definition && symbols.insert(definition->symbol).second)
            definitions.push_back(std::move(*definition));
    };
    if (single) {
        add(product);
        return definitions;
    }
    for (const dom::element entry : products) {
        if (!entry.get_object().get(product)) add(product);
    }
    return definitions;
}

std::string next_page_url(std::string_view url, std::string_view body)
{
    const simdjson::padded_string padded(body);
    dom::parser parser;
    dom::object pages;
    std::string_view cursor;
    if (parser.parse(padded)["pagination"].get_object().get(pages) || !flag_of(pages, "has_next") ||
        pages["next_cursor"].get_string().get(cursor) || cursor.empty())
        return {};
    return std::string(url.substr(0, url.find('?'))) + "?cursor=" + percent_encode(cursor);
}

std::optional<ListingDefinition> guess_listing(std::string_view, std::string_view symbol)
{
    const std::size_t dash = symbol.find('-');
    if (dash == std::string_view::npos || dash == 0 || dash + 1 == symbol.size()) return std::nullopt;
    if (symbol.find('-', dash + 1) != std::string_view::npos) return std::nullopt;  // BIT-24APR26-CDE
    ListingDefinition definition;
    definition.market = "spot";
    definition.symbol = symbol;
    definition.base = symbol.substr(0, dash);
    definition.quote = symbol.substr(dash + 1);
    return definition;
}

}  // namespace arb::coinbase
