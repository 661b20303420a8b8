#include "connectors/gate/instruments.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <simdjson.h>

namespace arb::gate {
namespace {

using Json = simdjson::dom::element;

constexpr std::string_view kPairsPath = "/spot/currency_pairs";
constexpr std::string_view kContractsPath = "/futures/usdt/contracts";
// How fine the sizes of contracts that take decimals can be is not documented: so many digits are kept where
// money stays exact, and a finer size makes its book invalid.
constexpr std::string_view kDecimalContract = "0.0001";

std::string_view member_text(const Json& entry, std::string_view key)
{
    std::string_view text;
    return entry[key].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

/// A number in quotes, or a bare integer: sizes of contracts come either way.
std::optional<Decimal> member_number(const Json& entry, std::string_view key)
{
    std::int64_t number = 0;
    if (entry[key].get(number) == simdjson::SUCCESS) return Decimal(number, 0);
    return Decimal::parse(member_text(entry, key));
}

/// Absent or null is zero.
std::optional<Decimal> optional_number(const Json& entry, std::string_view key)
{
    Json value;
    if (entry[key].get(value) != simdjson::SUCCESS || value.is_null()) return Decimal{};
    return member_number(entry, key);
}

/// 10^-n of the digits that a pair's `precision` tells.
std::optional<Decimal> step_of(const Json& entry, std::string_view key)
{
    std::int64_t digits = -1;
    if (entry[key].get(digits) != simdjson::SUCCESS || digits < 0 || digits > kAmountDecimals)
        return std::nullopt;
    return Decimal(1, static_cast<unsigned>(digits));
}

// A pair that can only be bought or only be sold would leave one leg of a package without its way back.
ListingStatus pair_status(const Json& entry)
{
    const std::string_view word = member_text(entry, "trade_status");
    std::string_view type;
    const bool premarket = entry["type"].get(type) == simdjson::SUCCESS && type != "normal";
    if (word == "tradable") return premarket ? ListingStatus::halted : ListingStatus::trading;
    for (const std::string_view halted : {"buyable", "sellable", "untradable"}) {
        if (word == halted) return ListingStatus::halted;
    }
    return ListingStatus::unknown;
}

ListingStatus contract_status(const Json& entry)
{
    const std::string_view word = member_text(entry, "status");
    bool delisting = true;
    if (entry["in_delisting"].get(delisting) != simdjson::SUCCESS) return ListingStatus::unknown;
    if (word == "trading") return delisting ? ListingStatus::halted : ListingStatus::trading;
    for (const std::string_view halted : {"prelaunch", "delisting", "delisted", "circuit_breaker"}) {
        if (word == halted) return ListingStatus::halted;
    }
    return ListingStatus::unknown;
}

bool has_exact_money(const ListingDefinition& d)
{
    return d.tick.decimals() + std::max(d.lot.decimals(), d.quantity_min.decimals()) +
               d.multiplier.decimals() <=
           kAmountDecimals;
}

std::optional<ListingDefinition> read_pair(const Json& entry)
{
    ListingDefinition d;
    d.market = "spot";
    d.symbol = member_text(entry, "id");
    d.base = member_text(entry, "base");
    d.quote = member_text(entry, "quote");
    const auto tick = step_of(entry, "precision");
    const auto lot = step_of(entry, "amount_precision");
    const auto least = optional_number(entry, "min_base_amount");
    const auto notional = optional_number(entry, "min_quote_amount");
    if (d.symbol.empty() || d.base.empty() || d.quote.empty() || !tick || !lot || !least || !notional ||
        least->mantissa() < 0 || notional->mantissa() < 0) {
        return std::nullopt;
    }
    d.tick = *tick;
    d.lot = *lot;
    d.quantity_min = least->zero() ? d.lot : *least;
    d.notional_min = *notional;
    d.status = pair_status(entry);
    return has_exact_money(d) ? std::optional(d) : std::nullopt;
}

std::optional<ListingDefinition> read_contract(const Json& entry)
{
    auto guess = guess_listing("usdt", member_text(entry, "name"));
    if (!guess || member_text(entry, "type") != "direct") return std::nullopt;
    ListingDefinition& d = *guess;
    const auto multiplier = Decimal::parse(member_text(entry, "quanto_multiplier"));
    const auto tick = Decimal::parse(member_text(entry, "order_price_round"));
    const auto least = member_number(entry, "order_size_min");
    bool decimal = false;
    const auto decimal_told = entry["enable_decimal"].get(decimal);
    if (!multiplier || !tick || !least || multiplier->mantissa() <= 0 || tick->mantissa() <= 0 ||
        least->mantissa() < 0 ||
        (decimal_told != simdjson::SUCCESS && decimal_told != simdjson::NO_SUCH_FIELD)) {
        return std::nullopt;
    }
    d.multiplier = *multiplier;
    d.tick = *tick;
    // What step decimal sizes have is not documented: our own orders are of whole contracts.
    d.lot = Decimal(1, 0);
    d.quantity_min = least->zero() ? d.lot : *least;
    if (decimal) d.quantity_unit = *Decimal::parse(kDecimalContract);
    d.status = contract_status(entry);
    return has_exact_money(d) ? guess : std::nullopt;
}

}  // namespace

std::string stream_url(std::string_view market)
{
    return std::string(market == "spot" ? kSpotStream : kUsdtStream);
}

Result<std::vector<ListingDefinition>> read_instruments(std::string_view market, std::string_view url,
                                                        std::string_view body)
{
    std::vector<ListingDefinition> listings;
    const std::string_view path = url.substr(0, url.find('?'));
    const std::string_view wanted = market == "spot" ? kPairsPath : kContractsPath;
    if (path.size() < wanted.size() || path.substr(path.size() - wanted.size()) != wanted) return listings;
    simdjson::dom::parser parser;
    Json root;
    const simdjson::padded_string padded(body);
    if (parser.parse(padded).get(root) != simdjson::SUCCESS)
        return Error{ExitCode::data, fmt::format("the Gate instrument reply to {} is not JSON", url)};
    simdjson::dom::array entries;
    if (root.get(entries) != simdjson::SUCCESS) {
        return Error{ExitCode::data, fmt::format("Gate answered {} with no list: {} '{}'", url,
                                                 member_text(root, "label"), member_text(root, "message"))};
    }
    for (const Json entry : entries) {
        auto definition = market == "spot" ? read_pair(entry) : read_contract(entry);
        if (definition) listings.push_back(std::move(*definition));
    }
    return listings;
}

std::optional<ListingDefinition> guess_listing(std::string_view market, std::string_view symbol)
{
    const std::size_t line = symbol.find('_');
    if (line == std::string_view::npos || line == 0 || line + 1 == symbol.size()) return std::nullopt;
    ListingDefinition d;
    d.market = market;
    d.symbol = symbol;
    d.base = symbol.substr(0, line);
    d.quote = symbol.substr(line + 1);
    // A second line is an option's or a delivery contract's.
    if (d.quote.find('_') != std::string::npos) return std::nullopt;
    if (market != "spot") {
        d.kind = InstrumentKind::perpetual;
        if (d.quote != "USDT") return std::nullopt;
    }
    return d;
}

std::optional<std::string> market_of_url(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::nullopt;
    const std::string_view rest = url.substr(scheme + 3);
    const std::string_view host = rest.substr(0, rest.find_first_of(":/?#"));
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    std::string_view path = rest.substr(slash);
    path = path.substr(0, path.find_first_of("?#"));
    struct Address {
        std::string_view host, path, market;
    };
    // The longest first: what REST has outside the markets belongs to the account, which spot asks about.
    static constexpr std::array<Address, 12> kAddresses{{
        {"api.gateio.ws", "/api/v4/futures/usdt/", "usdt"},
        {"fx-api.gateio.ws", "/api/v4/futures/usdt/", "usdt"},
        {"api-testnet.gateapi.io", "/api/v4/futures/usdt/", "usdt"},
        {"fx-ws.gateio.ws", "/v4/ws/usdt", "usdt"},
        {"ws-testnet.gate.com", "/v4/ws/futures/usdt", "usdt"},
        {"api.gateio.ws", "/api/v4/spot/", "spot"},
        {"api-testnet.gateapi.io", "/api/v4/spot/", "spot"},
        {"api.gateio.ws", "/api/v4/wallet/", "spot"},
        {"api.gateio.ws", "/api/v4/account/", "spot"},
        {"api.gateio.ws", "/api/v4/unified/", "spot"},
        {"api.gateio.ws", "/ws/v4/", "spot"},
        {"ws-testnet.gate.com", "/v4/ws/spot", "spot"},
    }};
    for (const Address& one : kAddresses) {
        if (host != one.host || path.substr(0, one.path.size()) != one.path) continue;
        const bool whole = one.path.back() == '/' || path.size() == one.path.size();
        if (whole) return std::string(one.market);
    }
    return std::nullopt;
}

}  // namespace arb::gate
