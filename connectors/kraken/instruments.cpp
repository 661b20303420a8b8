#include "connectors/kraken/instruments.hpp"

#include <set>

#include <simdjson.h>

#include "connectors/kraken/symbols.hpp"

namespace arb::kraken {
namespace {

// On-demand parsing hands numbers over as they are written: percentages and increments stay exact.
namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

std::string_view host_of(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find_first_of(":/?"));
}

bool set_names(ListingDefinition& definition, std::string_view pair)
{
    const std::size_t slash = pair.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == pair.size()) return false;
    if (pair.find('/', slash + 1) != std::string_view::npos) return false;
    definition.market = "spot";
    definition.base = modern_asset(pair.substr(0, slash));
    definition.quote = modern_asset(pair.substr(slash + 1));
    definition.symbol = definition.base + "/" + definition.quote;
    return true;
}

/// Small steps are written as 1e-08 at times.
std::optional<Decimal> number_of(std::string_view token)
{
    const std::size_t mark = token.find_first_of("eE");
    if (mark == std::string_view::npos) return Decimal::parse(token);
    const std::optional<Decimal> digits = Decimal::parse(token.substr(0, mark));
    const ScaledNumber power = parse_scaled(token.substr(mark + 1), 0);
    if (!digits || power.error != DecimalError::none || power.value > 0 ||
        power.value < -static_cast<std::int64_t>(kDecimalsMax))
        return std::nullopt;
    return digits->times(Decimal(1, static_cast<unsigned>(-power.value)));
}

/// A number, quoted or bare, as it is written.
std::optional<Decimal> decimal_of(ondemand::object& object, const char* key)
{
    ondemand::value value;
    if (object.find_field_unordered(key).get(value)) return std::nullopt;
    std::string_view token = value.raw_json_token();
    while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r')) {
        token.remove_suffix(1);
    }
    if (token.size() >= 2 && token.front() == '"' && token.back() == '"')
        token = token.substr(1, token.size() - 2);
    return number_of(token);
}

std::optional<Decimal> step_of(ondemand::object& pair, const char* decimals_key)
{
    const std::optional<Decimal> decimals = decimal_of(pair, decimals_key);
    if (!decimals || decimals->decimals() != 0) return std::nullopt;
    if (decimals->mantissa() < 0 || decimals->mantissa() > static_cast<std::int64_t>(kDecimalsMax))
        return std::nullopt;
    return Decimal(1, static_cast<unsigned>(decimals->mantissa()));
}

/// The fee of the first tier, [[volume, percent], ...], as a fraction.
std::optional<Decimal> fee_of(ondemand::object& pair, const char* key)
{
    ondemand::array tiers;
    if (pair.find_field_unordered(key).get_array().get(tiers)) return std::nullopt;
    for (auto tier : tiers) {
        ondemand::array row;
        if (tier.get_array().get(row)) return std::nullopt;
        std::size_t at = 0;
        for (auto cell : row) {
            ondemand::value value;
            if (std::move(cell).get(value)) return std::nullopt;
            if (at++ != 1) continue;
            const std::string_view token = value.raw_json_token();
            const std::optional<Decimal> percent =
                Decimal::parse(token.substr(0, token.find_last_not_of(" \n\r") + 1));
            return percent ? percent->times(Decimal(1, 2)) : std::nullopt;
        }
        return std::nullopt;
    }
    return std::nullopt;
}

// Replies of 2021 have no status: what they list trades. limit_only and post_only refuse the orders that
// take.
ListingStatus status_of(ondemand::object& pair)
{
    std::string_view status;
    if (pair.find_field_unordered("status").get_string().get(status)) return ListingStatus::trading;
    return status == kOnline ? ListingStatus::trading : ListingStatus::halted;
}

bool usable(const ListingDefinition& definition)
{
    return definition.tick.mantissa() > 0 && definition.lot.mantissa() > 0 &&
           definition.quantity_min.mantissa() >= 0 && definition.notional_min.mantissa() >= 0 &&
           definition.tick.decimals() + definition.lot.decimals() <= kDecimalsMax;
}

std::optional<ListingDefinition> asset_pair(ondemand::object& pair)
{
    ListingDefinition definition;
    std::string_view name;
    // Dark pools (XXBTZUSD.d) have no websocket name: no book is shown for them.
    if (pair.find_field_unordered("wsname").get_string().get(name) || !set_names(definition, name))
        return std::nullopt;
    // Old lists have no tick: the decimals tell it. One that cannot be read is no reason to guess.
    ondemand::value told;
    definition.tick = pair.find_field_unordered("tick_size").get(told)
                          ? step_of(pair, "pair_decimals").value_or(Decimal{})
                          : decimal_of(pair, "tick_size").value_or(Decimal{});
    definition.lot = step_of(pair, "lot_decimals").value_or(Decimal{});
    definition.quantity_min = decimal_of(pair, "ordermin").value_or(Decimal{});
    definition.notional_min = decimal_of(pair, "costmin").value_or(Decimal{});
    definition.fee_taker = fee_of(pair, "fees");
    // Without a schedule of its own for makers: one fee for both.
    ondemand::value own;
    definition.fee_maker =
        pair.find_field_unordered("fees_maker").get(own) ? definition.fee_taker : fee_of(pair, "fees_maker");
    definition.status = status_of(pair);
    // Orders for tokenized assets need a field that ours lack.
    std::string_view kind;
    if (!pair.find_field_unordered("aclass_base").get_string().get(kind) && kind == "tokenized_asset")
        definition.status = ListingStatus::halted;
    return usable(definition) ? std::optional(definition) : std::nullopt;
}

std::optional<ListingDefinition> channel_pair(ondemand::object& pair)
{
    ListingDefinition definition;
    std::string_view name;
    if (pair.find_field_unordered("symbol").get_string().get(name) || !set_names(definition, name))
        return std::nullopt;
    definition.tick = decimal_of(pair, "price_increment").value_or(Decimal{});
    definition.lot = decimal_of(pair, "qty_increment").value_or(Decimal{});
    definition.quantity_min = decimal_of(pair, "qty_min").value_or(Decimal{});
    definition.notional_min = decimal_of(pair, "cost_min").value_or(Decimal{});
    definition.status = status_of(pair);
    return usable(definition) ? std::optional(definition) : std::nullopt;
}

struct Collected {
    std::vector<ListingDefinition> definitions;
    std::set<std::string, std::less<>> symbols;

    void add(std::optional<ListingDefinition> definition)
    {
        if (definition && symbols.insert(definition->symbol).second)
            definitions.push_back(std::move(*definition));
    }
};

error_code read_asset_pairs(ondemand::document& document, Collected& out)
{
    ondemand::object result;
    if (const auto error = document["result"].get_object().get(result)) return error;
    for (auto item : result) {
        ondemand::field field;
        if (const auto error = std::move(item).get(field)) return error;
        // Replies by REST name the pair by this key.
        std::string_view key;
        if (const auto error = field.unescaped_key().get(key)) return error;
        const std::string code(key);
        ondemand::object pair;
        if (field.value().get_object().get(pair)) continue;
        std::optional<ListingDefinition> definition = asset_pair(pair);
        if (definition) definition->code = code;
        out.add(std::move(definition));
    }
    return error_code::SUCCESS;
}

error_code read_channel(ondemand::document& document, Collected& out)
{
    ondemand::array pairs;
    if (const auto error = document["data"]["pairs"].get_array().get(pairs)) return error;
    for (auto item : pairs) {
        ondemand::object pair;
        const auto error = item.get_object().get(pair);
        if (error == error_code::INCORRECT_TYPE) continue;
        if (error) return error;
        out.add(channel_pair(pair));
    }
    return error_code::SUCCESS;
}

}  // namespace

// Kraken Futures (futures.kraken.com) speaks another protocol: not ours.
std::optional<std::string> market_of_url(std::string_view url)
{
    const std::string_view host = host_of(url);
    for (const char* ours : {"ws.kraken.com", "ws-auth.kraken.com", "ws-l3.kraken.com", "beta-ws.kraken.com",
                             "beta-ws-auth.kraken.com", "api.kraken.com"}) {
        if (host == ours) return "spot";
    }
    return std::nullopt;
}

Result<std::vector<ListingDefinition>> read_instruments(std::string_view, std::string_view url,
                                                        std::string_view body)
{
    Collected collected;
    if (!market_of_url(url)) return std::move(collected.definitions);
    const bool pairs = url.find("/public/AssetPairs") != std::string_view::npos;
    std::string start(body.substr(0, 200));
    std::erase_if(start, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    const bool channel = !pairs && start.find("\"channel\":\"instrument\"") != std::string::npos;
    if (!pairs && !channel) return std::move(collected.definitions);
    const simdjson::padded_string padded(body);
    ondemand::parser parser;
    ondemand::document document;
    error_code error = parser.iterate(padded).get(document);
    if (!error) error = pairs ? read_asset_pairs(document, collected) : read_channel(document, collected);
    if (error) {
        return Error{ExitCode::data, "kraken: the pair list of " + std::string(url) + " cannot be read (" +
                                         simdjson::error_message(error) + "); fetch it anew"};
    }
    return std::move(collected.definitions);
}

std::optional<ListingDefinition> guess_listing(std::string_view, std::string_view symbol)
{
    ListingDefinition definition;
    if (!set_names(definition, symbol)) return std::nullopt;
    return definition;
}

}  // namespace arb::kraken
