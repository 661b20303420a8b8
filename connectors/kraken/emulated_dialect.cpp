#include "connectors/kraken/emulated_dialect.hpp"

#include <fmt/format.h>

#include "engine/base/result.hpp"
#include "engine/emulate/words.hpp"

namespace arb::kraken {
namespace {

constexpr Word<PlaceError> kRefusals[] = {
    {"EQuery:Unknown asset pair", PlaceError::unknown_listing},
    {"EService:Market in cancel_only mode", PlaceError::halted},
    {"EService:Market in cancel_only mode", PlaceError::cancel_only},
    {"EOrder:Tick size check failed", PlaceError::bad_price},
    {"EOrder:Invalid price", PlaceError::price_limit},
    {"EGeneral:Invalid arguments:volume", PlaceError::bad_quantity},
    {"EOrder:Order minimum not met", PlaceError::quantity_min},
    {"EOrder:Cost minimum not met", PlaceError::notional_min},
    {"EOrder:Insufficient funds", PlaceError::balance},
    {"EOrder:Duplicate cl_ord_id", PlaceError::duplicate_id},
    {"EOrder:Post only order", PlaceError::would_take},
    {"EOrder:Orders limit exceeded", PlaceError::too_many_orders},
    {"EOrder:Reduce only:No position exists", PlaceError::reduce_only},
};

VenueTier tier_of_account(const EmulatedVenueSetup& setup)
{
    for (const auto& [name, value] : setup.settings) {
        if (name != "tier" || !venue_tier(value))
            throw StartError(
                ExitCode::usage,
                fmt::format("kraken's accounts have a tier (pro, intermediate, starter), not {} = '{}'", name,
                            value));
    }
    const auto found = setup.settings.find("tier");
    return found == setup.settings.end() ? kTiers[0] : *venue_tier(found->second);
}

}  // namespace

EmulatedDialect::EmulatedDialect(const EmulatedVenueSetup& setup)
    : setup_(setup), tier_(tier_of_account(setup))
{
}

std::string old_asset(const std::string& asset)
{
    if (asset == "BTC") return "XBT";
    return asset == "DOGE" ? "XDG" : asset;
}

// What was listed in the venue's early years has a letter in front: X what is mined, Z what is printed.
std::string asset_id(const std::string& asset)
{
    const std::string name = old_asset(asset);
    for (const char* mined : {"XBT", "ETH", "XRP", "LTC", "XLM", "XDG", "ETC", "ZEC", "XMR", "MLN", "REP"}) {
        if (name == mined) return "X" + name;
    }
    for (const char* printed : {"USD", "EUR", "GBP", "CAD", "JPY", "AUD"}) {
        if (name == printed) return "Z" + name;
    }
    return name;
}

std::string key_of_pair(const std::string& base, const std::string& quote)
{
    const std::string first = asset_id(base), second = asset_id(quote);
    const bool both = first.size() == 4 && first[0] == 'X' && first != "XXDG" && second.size() == 4 &&
                      (second[0] == 'Z' || second == "XXBT" || second == "XETH");
    if (both || (base == "USDT" && quote == "USD")) return first + second;
    return old_asset(base) + old_asset(quote);
}

std::string EmulatedDialect::old_name(const Listing& l, std::string_view between) const
{
    return fmt::format("{}{}{}", old_asset(instrument(l).base), between, old_asset(instrument(l).quote));
}

std::string EmulatedDialect::pair_key(const Listing& l) const
{
    return l.code.empty() ? key_of_pair(instrument(l).base, instrument(l).quote) : l.code;
}

// Requests may say it as the key, the altname, or with a slash in either spelling.
const Listing* EmulatedDialect::by_name(std::string_view name) const
{
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue != setup_.id) continue;
        if (name == pair_key(l) || name == altname(l) || name == old_name(l) || name == l.symbol) return &l;
    }
    return nullptr;
}

std::string_view EmulatedDialect::state(const Listing& l) const
{
    if (exchange().halted(l.id)) return "maintenance";
    return exchange().cancel_only(l.id) ? "cancel_only" : "online";
}

// Quote currency by base, cut to eight decimals.
std::string EmulatedDialect::average(const EmulatedOrder& order) const
{
    if (order.filled.zero()) return "0.0";
    const Int128 scale = power_of_ten(instrument(order.listing).quantity_decimals);
    return format_scaled128(
        order.filled_notional.units / power_of_ten(kAmountDecimals - 8) * scale / order.filled.units, 8);
}

std::string order_id(std::uint64_t id)
{
    return fmt::format("OEMUL8-{:05}-{:06}", id / 1'000'000 % 100'000, id % 1'000'000);
}

std::uint64_t order_number(std::string_view id)
{
    if (id.size() != 19 || !id.starts_with("OEMUL8-")) return 0;
    const ScaledNumber high = parse_scaled(id.substr(7, 5), 0);
    const ScaledNumber low = parse_scaled(id.substr(13), 0);
    if (high.error != DecimalError::none || low.error != DecimalError::none) return 0;
    return static_cast<std::uint64_t>(high.value) * 1'000'000 + static_cast<std::uint64_t>(low.value);
}

std::string refusal(PlaceError error)
{
    return std::string(word_of(kRefusals, error));
}

}  // namespace arb::kraken
