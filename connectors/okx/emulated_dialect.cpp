#include "connectors/okx/emulated_dialect.hpp"

#include <fmt/format.h>

namespace arb::okx {

EmulatedSettings::EmulatedSettings(const EmulatedVenueSetup& setup)
{
    const auto setting = [&](std::string_view name, std::string& out) {
        const auto found = setup.settings.find(name);
        if (found != setup.settings.end()) out = found->second;
    };
    setting("acctLv", level);
    setting("posMode", positions);
    setting("feeType", fees);
    setting("tradeQuoteCcy", quote);
}

std::string_view kind_of(const Listing& listing)
{
    if (listing.market == "swap") return "SWAP";
    return listing.market == "futures" ? "FUTURES" : "SPOT";
}

std::uint32_t uid_of(AccountId account)
{
    return 44'000'000 + static_cast<std::uint32_t>(account);
}

const Listing* EmulatedDialect::listing_of_code(std::int64_t code) const
{
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue == setup_.id && code_of(l) == code) return &l;
    }
    return nullptr;
}

std::string EmulatedDialect::price(Price value, const Listing& l) const
{
    return format_scaled(value.units, instrument(l).price_decimals);
}

std::string EmulatedDialect::size(Quantity value, const Listing& l)
{
    return format_scaled(value.units / l.wire.quantity_factor, l.wire.quantity_decimals);
}

// Contracts: the amount in the instrument's units, less the size of one.
std::string EmulatedDialect::contracts(Amount amount, const Listing& l) const
{
    const Int128 units = amount.units / power_of_ten(kAmountDecimals - instrument(l).quantity_decimals);
    return format_scaled128(units / l.wire.quantity_factor, l.wire.quantity_decimals);
}

std::string EmulatedDialect::levels(std::span<const Level> side, const Listing& l) const
{
    return json_list(side, [&](const Level& level) {
        return fmt::format(R"(["{}","{}","0","1"])", price(level.price, l), size(level.quantity, l));
    });
}

// The venue keeps doubles: 1.1 may come as 1.10000000000000001 or 1.09999999999999999. With manners the last
// places are off by as much.
std::string EmulatedDialect::figure(Amount amount) const
{
    constexpr std::int64_t kRound = power_of_ten(kAmountDecimals - 2);
    if (setup_.manners && amount.units > kRound && amount.units % kRound != 0) amount.units -= 10'000;
    return amount.text();
}

}  // namespace arb::okx
