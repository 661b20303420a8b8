#include "connectors/okx/emulated_orders.hpp"

#include <optional>

#include "engine/emulate/market_order.hpp"

namespace arb::okx {
namespace {

// A market order for spot binds 5 % more than it may cost: so far it may go.
constexpr Rate kMarketSlip{500 * kRatePerBasisPoint};
// maxMktAmt of spot in USD, maxMktSz of contracts.
constexpr Int128 kMarketMost = Int128{1'000'000} * power_of_ten(kAmountDecimals);
constexpr std::int64_t kContractsMost = 100'000;

Refusal size_of(const std::string& text, const Listing& l, PlaceOrder& order)
{
    const ScaledNumber sz = parse_scaled(text, l.wire.quantity_decimals);
    if (sz.error != DecimalError::none ||
        __builtin_mul_overflow(sz.value, l.wire.quantity_factor, &order.quantity.units))
        return {"51121", "Order count should be the integer multiples of the lot size."};
    return {};
}

}  // namespace

// The size as the order says it; of a market order for spot it is money unless tgtCcy says otherwise.
Refusal read_market_terms(const EmulatedVenueSetup& setup, const JsonBody& argument, const Listing& l,
                          PlaceOrder& order, MarketTerms& terms)
{
    const bool spot = l.market == "spot";
    terms.size = member(argument, "sz");
    terms.unit = member(argument, "tgtCcy");
    if (!terms.unit.empty() && terms.unit != "base_ccy" && terms.unit != "quote_ccy")
        return {"51000", "Parameter tgtCcy error"};
    if (!member(argument, "slippagePct").empty()) return {"51000", "Parameter slippagePct error"};
    if (!spot) terms.unit.clear();
    if (spot && terms.unit.empty()) terms.unit = order.side == Side::buy ? "quote_ccy" : "base_ccy";
    std::optional<Amount> money;
    if (terms.in_money()) {
        const std::optional<Decimal> said = Decimal::parse(terms.size);
        money = said ? amount_of(*said) : std::nullopt;
        if (!money || money->units <= 0) return {"51000", "Parameter sz error"};
        if (money->units > kMarketMost)
            return {"51201", "Value of per market order cannot exceed 1,000,000 USDT"};
    } else if (const Refusal wrong = size_of(terms.size, l, order); !wrong.code.empty()) {
        return wrong;
    }
    switch (make_market_order(*setup.exchange, *setup.table, kMarketSlip, money, order)) {
        case MarketOrderError::no_liquidity:
            return {"51006", "Order price is not within the price limit."};
        case MarketOrderError::too_small:
            return {"51020", "Your order should meet or exceed the minimum order amount."};
        case MarketOrderError::none:
            break;
    }
    const Instrument& instrument = setup.table->instrument(l.instrument);
    const std::optional<Amount> worth = instrument.notional(order.price, order.quantity);
    if (spot && (!worth || worth->units > kMarketMost))
        return {"51201", "Value of per market order cannot exceed 1,000,000 USDT"};
    if (!spot && order.quantity.units / l.wire.quantity_factor >
                     kContractsMost * power_of_ten(l.wire.quantity_decimals))
        return {"51202", "Market order amount exceeds the maximum amount."};
    return {};
}

Refusal read_limit_terms(const Instrument& instrument, const JsonBody& argument, const Listing& l,
                         PlaceOrder& order)
{
    const ScaledNumber px = parse_scaled(member(argument, "px"), instrument.price_decimals);
    if (px.error != DecimalError::none) return {"51000", "Parameter px error."};
    order.price = {px.value};
    return size_of(member(argument, "sz"), l, order);
}

}  // namespace arb::okx
