#include "connectors/okx/instruments.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <simdjson.h>

namespace arb::okx {
namespace {

using Json = simdjson::dom::element;

std::string_view text_of(const Json& entry, std::string_view key)
{
    std::string_view text;
    return entry[key].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

/// BASE-QUOTE, BASE-QUOTE-SWAP, BASE-QUOTE-YYMMDD cut at the dashes; too many parts is no listing of ours.
struct SymbolParts {
    std::array<std::string_view, 3> part;
    std::size_t count = 0;
};

std::optional<SymbolParts> split(std::string_view symbol)
{
    SymbolParts parts;
    for (;;) {
        if (parts.count == parts.part.size()) return std::nullopt;
        const std::size_t dash = symbol.find('-');
        const std::string_view part = symbol.substr(0, dash);
        // BTC-USD_UM-SWAP is margined in several dollars at once: its quote is none of our assets, and
        // calling it USD would put a linear contract under the name of the inverse one.
        if (part.empty() || part.find('_') != std::string_view::npos) return std::nullopt;
        parts.part[parts.count++] = part;
        if (dash == std::string_view::npos) return parts;
        symbol.remove_prefix(dash + 1);
    }
}

bool is_date(std::string_view text)
{
    return text.size() == 6 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Contract size and direction, from ctVal x ctMult of ctValCcy.
bool read_contract(const Json& entry, ListingDefinition& out)
{
    const std::string_view type = text_of(entry, "ctType");
    const auto value = Decimal::parse(text_of(entry, "ctVal"));
    const auto factor = Decimal::parse(text_of(entry, "ctMult"));
    if (!value || !factor) return false;
    const auto multiplier = value->times(*factor);
    if (!multiplier || multiplier->mantissa() <= 0) return false;
    out.multiplier = *multiplier;
    out.inverse = type == "inverse";
    if (!out.inverse && type != "linear") return false;
    return text_of(entry, "ctValCcy") == (out.inverse ? out.quote : out.base);
}

std::optional<ListingDefinition> read_entry(const Json& entry)
{
    const std::string_view type = text_of(entry, "instType");
    const std::string_view symbol = text_of(entry, "instId");
    auto guess = guess_listing("", symbol);
    if (!guess) return std::nullopt;
    ListingDefinition& d = *guess;
    if (type == "SPOT") {
        if (d.market != "spot") return std::nullopt;
        d.base = text_of(entry, "baseCcy");
        d.quote = text_of(entry, "quoteCcy");
        if (d.base.empty() || d.quote.empty()) return std::nullopt;
    } else if (type == "SWAP" || type == "FUTURES") {
        if (d.market != (type == "SWAP" ? "swap" : "futures") || !read_contract(entry, d))
            return std::nullopt;
    } else {
        return std::nullopt;
    }
    const auto tick = Decimal::parse(text_of(entry, "tickSz"));
    const auto lot = Decimal::parse(text_of(entry, "lotSz"));
    const auto minimum = Decimal::parse(text_of(entry, "minSz"));
    if (!tick || !lot || !minimum || tick->mantissa() <= 0 || lot->mantissa() <= 0 ||
        minimum->mantissa() < 0) {
        return std::nullopt;
    }
    d.tick = *tick;
    d.lot = *lot;
    d.quantity_min = *minimum;
    d.status = status_of_state(text_of(entry, "state"));
    // The websocket's orders name the instrument by this number.
    if (std::int64_t number = 0; entry["instIdCode"].get(number) == simdjson::SUCCESS && number > 0)
        d.code = fmt::format("{}", number);
    const unsigned decimals =
        d.tick.decimals() + std::max(d.lot.decimals(), d.quantity_min.decimals()) + d.multiplier.decimals();
    if (decimals > kAmountDecimals) return std::nullopt;  // price x quantity would not be exact
    return guess;
}

}  // namespace

// Expired is said on the websocket alone, of a name that was given up.
ListingStatus status_of_state(std::string_view state)
{
    if (state == "live") return ListingStatus::trading;
    for (const std::string_view halted :
         {"suspend", "preopen", "post_only", "test", "rebase", "settling", "expired"}) {
        if (state == halted) return ListingStatus::halted;
    }
    return ListingStatus::unknown;
}

Result<std::vector<ListingDefinition>> read_instruments(std::string_view, std::string_view url,
                                                        std::string_view body)
{
    std::vector<ListingDefinition> listings;
    const std::string_view path = url.substr(0, url.find('?'));
    if (path.find("/api/v5/public/instruments") == std::string_view::npos &&
        path.find("/api/v5/account/instruments") == std::string_view::npos) {
        return listings;
    }
    simdjson::dom::parser parser;
    Json root;
    const simdjson::padded_string padded(body);
    if (parser.parse(padded).get(root) != simdjson::SUCCESS) {
        return Error{ExitCode::data, fmt::format("the OKX instrument reply to {} is not JSON", url)};
    }
    if (const std::string_view code = text_of(root, "code"); code != "0") {
        return Error{ExitCode::data,
                     fmt::format("OKX answered {} with the error {} '{}'", url, code, text_of(root, "msg"))};
    }
    simdjson::dom::array entries;
    if (root["data"].get(entries) != simdjson::SUCCESS) {
        return Error{ExitCode::data, fmt::format("the OKX instrument reply to {} has no data array", url)};
    }
    for (const Json entry : entries) {
        if (auto definition = read_entry(entry)) listings.push_back(std::move(*definition));
    }
    return listings;
}

std::optional<ListingDefinition> guess_listing(std::string_view, std::string_view symbol)
{
    const auto parts = split(symbol);
    if (!parts || parts->count < 2) return std::nullopt;
    ListingDefinition d;
    d.symbol = symbol;
    d.base = parts->part[0];
    d.quote = parts->part[1];
    d.market = "spot";
    if (parts->count == 3) {
        const std::string_view tail = parts->part[2];
        if (tail != "SWAP" && !is_date(tail)) return std::nullopt;
        d.market = tail == "SWAP" ? "swap" : "futures";
        d.kind = tail == "SWAP" ? InstrumentKind::perpetual : InstrumentKind::future;
        if (tail != "SWAP") d.expiry = tail;
        d.inverse = d.quote == "USD";  // contracts quoted in plain USD are settled in the coin
    }
    return d;
}

std::optional<std::string> market_of_url(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::nullopt;
    std::string_view host = url.substr(scheme + 3);
    host = host.substr(0, host.find_first_of(":/?"));
    for (const std::string_view domain : {"okx.com", "okex.com"}) {
        if (host == domain) return "";
        if (host.size() > domain.size() && host.substr(host.size() - domain.size()) == domain &&
            host[host.size() - domain.size() - 1] == '.') {
            return "";
        }
    }
    return std::nullopt;
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

}  // namespace arb::okx
