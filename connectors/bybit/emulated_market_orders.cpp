// The emulated Bybit: market orders, and what else an order may ask for that is not here.
#include <array>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"
#include "engine/emulate/market_order.hpp"

namespace arb::bybit {
namespace {

// A market order may go this far from the best price.
constexpr Rate kSlip{500 * kRatePerBasisPoint};
// Of triggers, of orders that take profit or stop a loss, of options, and of other prices.
constexpr std::array<std::string_view, 7> kAskedInVain{
    "triggerPrice", "takeProfit", "stopLoss", "orderIv", "bboSideType", "slippageTolerance", "bboLevel"};

}  // namespace

// Triggers and their like, told with an empty or no price, ask for nothing.
Answer EmulatedBybit::check_terms(const Call& call) const
{
    for (const std::string_view name : kAskedInVain) {
        const std::string_view said = call.get(name);
        if (!said.empty() && said != "0") return refuse(10001, fmt::format("params error: {} invalid", name));
    }
    const std::string_view filter = call.get("orderFilter");
    if (!filter.empty() && filter != "Order") return refuse(10001, "params error: OrderFilter invalid");
    const std::string_view unit = call.get("marketUnit");
    if (spot() && !unit.empty() && unit != "baseCoin" && unit != "quoteCoin")
        return refuse(10001, "params error: MarketUnit invalid");
    return {};
}

// A purchase for spot counts quote currency unless told otherwise, a sale counts the base.
bool EmulatedBybit::quote_units(const Call& call) const
{
    const std::string_view unit = call.get("marketUnit");
    return spot() && (unit == "quoteCoin" || (unit.empty() && call.get("side") == "Buy"));
}

Answer EmulatedBybit::read_market_order(const Call& call, const Listing& listing, Decimal size,
                                        PlaceOrder& order) const
{
    std::optional<Amount> money;
    if (quote_units(call)) {
        money = amount_of(size);
        if (!money) return refuse(170140, "Order value exceeded lower limit.");
    } else {
        const Answer wrong = fit_quantity(size, listing, order.quantity);
        if (wrong.code != 0) return wrong;
    }
    switch (make_market_order(*setup_.exchange, *setup_.table, kSlip, money, order)) {
        case MarketOrderError::no_liquidity:
            return refuse(code(110003, 170132), "No liquidity for a market order.");
        case MarketOrderError::too_small:
            return refuse(170140, "Order value exceeded lower limit.");
        case MarketOrderError::none:
            break;
    }
    return {};
}

Amount EmulatedBybit::left_over(const EmulatedOrder& order, const Asked& asked) const
{
    const std::optional<Decimal> said = Decimal::parse(asked.quantity);
    const std::optional<Amount> money = said ? amount_of(*said) : std::nullopt;
    return asked.quote_units && money ? *money - order.filled_notional : Amount{};
}

}  // namespace arb::bybit
