#include "connectors/bybit/instruments.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/bybit/encoder.hpp"

namespace arb::bybit {
namespace {

using Json = simdjson::dom::element;

// Longest first where one is the tail of another.
constexpr std::array<std::string_view, 16> kQuotes{"FDUSD", "RLUSD", "USDT", "USDC", "TUSD", "BUSD",
                                                   "USDE",  "DAI",   "EUR",  "GBP",  "TRY",  "BRL",
                                                   "USD",   "BTC",   "ETH",  "JPY"};
constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
// Besides the main domain and its mirror, the regional ones ("Integration Guidance").
constexpr std::array<std::string_view, 10> kDomains{"bybit.com", "bytick.com",     "bybit.nl", "bybit.tr",
                                                    "bybit.kz",  "bybit.ae",       "bybit.eu", "bybit.id",
                                                    "manepa.jp", "bybitgeorgia.ge"};

std::string_view entry_text(const Json& entry, std::string_view key)
{
    std::string_view text;
    return entry[key].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

std::string_view entry_text(const Json& entry, std::string_view group, std::string_view key)
{
    Json inner;
    return entry[group].get(inner) == simdjson::SUCCESS ? entry_text(inner, key) : std::string_view{};
}

bool ends_with(std::string_view text, std::string_view tail)
{
    return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

/// 14AUG26 to 260814; empty when it is no date.
std::string expiry_of(std::string_view text)
{
    if (text.size() != 6 && text.size() != 7) return {};
    const std::string_view day = text.substr(0, text.size() - 5);
    const std::string_view year = text.substr(text.size() - 2);
    const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(text.size() - 5, 3));
    const auto digits = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (month == kMonths.end() || !digits(day) || !digits(year)) return {};
    return fmt::format("{}{:02}{}{}", year, month - kMonths.begin() + 1, day.size() == 1 ? "0" : "", day);
}

/// deliveryTime in milliseconds to yymmdd; empty for "0" and what is no time.
std::string expiry_at(std::string_view milliseconds)
{
    std::int64_t value = 0;
    const auto parsed =
        std::from_chars(milliseconds.data(), milliseconds.data() + milliseconds.size(), value);
    if (parsed.ec != std::errc{} || value <= 0 || value > 4'000'000'000'000) return {};
    const std::string text = format_utc({value * 1'000'000});  // 2026-08-14T...
    return text.substr(2, 2) + text.substr(5, 2) + text.substr(8, 2);
}

ListingStatus status_of(std::string_view status)
{
    if (status == "Trading") return ListingStatus::trading;
    for (const std::string_view halted : {"PreLaunch", "Delivering", "Closed"}) {
        if (status == halted) return ListingStatus::halted;
    }
    return ListingStatus::unknown;
}

bool read_kind(const Json& entry, std::string_view market, ListingDefinition& d)
{
    if (market == "spot") return true;
    const std::string_view type = entry_text(entry, "contractType");
    if (type == "LinearPerpetual") {
        d.kind = InstrumentKind::perpetual;
        return true;
    }
    d.kind = InstrumentKind::future;
    d.expiry = expiry_at(entry_text(entry, "deliveryTime"));
    return type == "LinearFutures" && !d.expiry.empty();
}

std::optional<ListingDefinition> read_entry(const Json& entry, std::string_view market)
{
    ListingDefinition d;
    d.market = market;
    d.symbol = entry_text(entry, "symbol");
    d.base = entry_text(entry, "baseCoin");
    d.quote = entry_text(entry, "quoteCoin");
    if (d.symbol.empty() || d.base.empty() || d.quote.empty() || !read_kind(entry, market, d))
        return std::nullopt;
    // Spot has no qtyStep: basePrecision is the step, minOrderAmt the least notional.
    const bool spot = market == "spot";
    const auto tick = Decimal::parse(entry_text(entry, "priceFilter", "tickSize"));
    const auto lot = Decimal::parse(entry_text(entry, "lotSizeFilter", spot ? "basePrecision" : "qtyStep"));
    const auto minimum = Decimal::parse(entry_text(entry, "lotSizeFilter", "minOrderQty"));
    const std::string_view notional =
        entry_text(entry, "lotSizeFilter", spot ? "minOrderAmt" : "minNotionalValue");
    const auto notional_min = notional.empty() ? Decimal{} : Decimal::parse(notional);
    if (!tick || !lot || !minimum || !notional_min || tick->mantissa() <= 0 || lot->mantissa() <= 0 ||
        minimum->mantissa() < 0 || notional_min->mantissa() < 0) {
        return std::nullopt;
    }
    d.tick = *tick;
    d.lot = *lot;
    d.quantity_min = *minimum;
    d.notional_min = *notional_min;
    d.status = status_of(entry_text(entry, "status"));
    if (d.tick.decimals() + std::max(d.lot.decimals(), d.quantity_min.decimals()) > kAmountDecimals) {
        return std::nullopt;  // price x quantity would not be exact
    }
    return d;
}

std::string_view query_value(std::string_view url, std::string_view key)
{
    std::size_t at = url.find('?');
    while (at != std::string_view::npos) {
        std::string_view pair = url.substr(at + 1);
        at = url.find('&', at + 1);
        pair = pair.substr(0, pair.find('&'));
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == key) return pair.substr(equals + 1);
    }
    return {};
}

/// The quote that ends the symbol, with something before it.
std::string_view quote_of(std::string_view symbol)
{
    for (const std::string_view quote : kQuotes) {
        if (symbol.size() > quote.size() && ends_with(symbol, quote)) return quote;
    }
    return {};
}

}  // namespace

Result<std::vector<ListingDefinition>> read_instruments(std::string_view market, std::string_view url,
                                                        std::string_view body)
{
    std::vector<ListingDefinition> listings;
    if (url.find("/v5/market/instruments-info") == std::string_view::npos ||
        query_value(url, "category") != market) {
        return listings;
    }
    simdjson::dom::parser parser;
    Json root;
    const simdjson::padded_string padded(body);
    if (parser.parse(padded).get(root) != simdjson::SUCCESS) {
        return Error{ExitCode::data, fmt::format("the Bybit instrument reply to {} is not JSON", url)};
    }
    // HTTP says 200 even for errors; retCode has the truth.
    std::int64_t code = -1;
    if (root["retCode"].get(code) != simdjson::SUCCESS || code != 0) {
        return Error{ExitCode::data, fmt::format("Bybit answered {} with the error {} '{}'", url, code,
                                                 entry_text(root, "retMsg"))};
    }
    simdjson::dom::array entries;
    if (root["result"]["list"].get(entries) != simdjson::SUCCESS) {
        return Error{ExitCode::data, fmt::format("the Bybit instrument reply to {} has no result.list", url)};
    }
    for (const Json entry : entries) {
        if (auto definition = read_entry(entry, market)) listings.push_back(std::move(*definition));
    }
    return listings;
}

std::string next_instrument_url(std::string_view url, std::string_view body)
{
    if (url.find("/v5/market/instruments-info") == std::string_view::npos) return {};
    simdjson::dom::parser parser;
    Json root;
    const simdjson::padded_string padded(body);
    simdjson::dom::array entries;
    std::string_view cursor;
    // A last page may name a next one: that is empty.
    if (parser.parse(padded).get(root) != simdjson::SUCCESS ||
        root["result"]["list"].get(entries) != simdjson::SUCCESS || entries.size() == 0 ||
        root["result"]["nextPageCursor"].get(cursor) != simdjson::SUCCESS || cursor.empty() ||
        cursor == query_value(url, "cursor"))
        return {};
    std::string next(url.substr(0, url.find("&cursor=")));
    add_cursor(next, cursor);
    return next;
}

std::optional<ListingDefinition> guess_listing(std::string_view market, std::string_view symbol)
{
    ListingDefinition d;
    d.market = market;
    d.symbol = symbol;
    if (market != "spot") {
        d.kind = InstrumentKind::perpetual;
        if (const std::size_t dash = symbol.find('-'); dash != std::string_view::npos) {
            d.kind = InstrumentKind::future;
            d.expiry = expiry_of(symbol.substr(dash + 1));
            if (d.expiry.empty()) return std::nullopt;
            symbol = symbol.substr(0, dash);
            // BTC-25SEP26 is quoted in USDC, BTCUSDT-25SEP26 says what it is quoted in.
            if (quote_of(symbol).empty()) {
                d.base = symbol;
                d.quote = "USDC";
                return symbol.empty() ? std::nullopt : std::optional(d);
            }
        } else if (symbol.size() > 4 && ends_with(symbol, "PERP")) {
            d.base = symbol.substr(0, symbol.size() - 4);
            d.quote = "USDC";
            return d;
        }
    }
    const std::string_view quote = quote_of(symbol);
    if (quote.empty()) return std::nullopt;
    d.base = symbol.substr(0, symbol.size() - quote.size());
    d.quote = quote;
    return d;
}

std::optional<std::string> market_of_url(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::nullopt;
    const std::string_view rest = url.substr(scheme + 3);
    const std::string_view host = rest.substr(0, rest.find_first_of(":/?"));
    const bool ours = std::any_of(kDomains.begin(), kDomains.end(), [host](std::string_view domain) {
        return ends_with(host, domain) &&
               (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
    });
    if (!ours) return std::nullopt;
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view path = rest.substr(slash, rest.find('?') - slash);
    for (const std::string_view market : {"linear", "spot"}) {
        if (path == fmt::format("/v5/public/{}", market) || query_value(rest, "category") == market) {
            return std::string(market);
        }
    }
    return std::nullopt;
}

}  // namespace arb::bybit
