#include "connectors/bybit/emulated_orders.hpp"

#include <array>

#include <fmt/format.h>

#include "engine/emulate/market_order.hpp"

namespace arb::bybit {
namespace {

constexpr std::size_t kClientIdMost = 36;
// A market order may go this far from the best price.
constexpr Rate kSlip{500 * kRatePerBasisPoint};
// Of triggers, of orders that take profit or stop a loss, of options, and of other prices.
constexpr std::array<std::string_view, 7> kAskedInVain{
    "triggerPrice", "takeProfit", "stopLoss", "orderIv", "bboSideType", "slippageTolerance", "bboLevel"};
// Of options, of triggers, and of the orders that take profit or stop a loss: none of them is here.
constexpr std::array<std::string_view, 10> kTermsNotHere{
    "orderIv",     "triggerPrice", "triggerBy",   "tpslMode",     "takeProfit",
    "tpTriggerBy", "stopLoss",     "slTriggerBy", "tpLimitPrice", "slLimitPrice"};

constexpr Word<SelfTrade> kPreventions[] = {
    {"None", SelfTrade::none},
    {"CancelTaker", SelfTrade::cancel_taker},
    {"CancelMaker", SelfTrade::cancel_maker},
    {"CancelBoth", SelfTrade::cancel_both},
};

}  // namespace

Answer EmulatedForms::read_order(const EmulatedCall& call, bool hedged, PlaceOrder& order,
                                 AskedTerms& asked) const
{
    const Listing* listing = dialect_.find_listing(call.get("symbol"));
    if (listing == nullptr)
        return dialect_.spot() ? refuse(170121, "Invalid symbol.")
                               : refuse(10001, "params error: symbol invalid");
    order.account = call.account();
    order.listing = listing->id;
    order.client_id = call.get("orderLinkId");
    if (!is_made_of(order.client_id, kClientIdMost, "-_"))
        return refuse(10001, "params error: OrderLinkId is invalid");
    const std::string_view side = call.get("side");
    if (side != "Buy" && side != "Sell") return refuse(10001, "params error: Side invalid");
    order.side = side == "Buy" ? Side::buy : Side::sell;
    const Answer unknown = check_terms(call);
    if (unknown.code != 0) return unknown;
    if (!read_word(kForces, call.get("timeInForce"), order.time_in_force))
        return refuse(10001, "params error: TimeInForce invalid");
    const Answer wrong = read_numbers(call, *listing, order);
    return wrong.code != 0 ? wrong : read_asked(call, hedged, order, asked);
}

Answer EmulatedForms::read_asked(const EmulatedCall& call, bool hedged, PlaceOrder& order,
                                 AskedTerms& asked) const
{
    const std::string_view index = call.get("positionIdx");
    const std::string_view type = call.get("smpType");
    if (!dialect_.spot()) {
        const bool side = index == "1" || index == "2";
        if (hedged ? !side : !index.empty() && index != "0")
            return refuse(10001, "position idx not match position mode");
        asked.position = side ? index.front() - '0' : 0;
    }
    if (!type.empty()) asked.prevention = type;
    if (!read_word(kPreventions, asked.prevention, order.self_trade))
        return refuse(10001, "params error: smpType invalid");
    asked.market = call.get("orderType") == "Market";
    asked.quote_units = asked.market && quote_units(call);
    asked.quantity = call.get("qty");
    asked.reduce_only = order.reduce_only = !dialect_.spot() && call.get("reduceOnly") == "true";
    return {};
}

Answer EmulatedForms::read_numbers(const EmulatedCall& call, const Listing& listing, PlaceOrder& order) const
{
    Decimal size;
    Answer answer = read_size(call, size);
    if (answer.code != 0) return answer;
    const std::string_view type = call.get("orderType");
    if (type == "Market") return read_market_order(call, listing, size, order);
    if (type != "Limit") return refuse(10001, "params error: OrderType invalid");
    answer = read_price(call, listing, order.price);
    return answer.code == 0 ? fit_quantity(size, listing, order.quantity) : answer;
}

Answer EmulatedForms::read_price(const EmulatedCall& call, const Listing& listing, Price& price) const
{
    const auto value = Decimal::parse(call.get("price"));
    if (!value || value->mantissa() <= 0) return refuse(10001, "params error: Price invalid");
    const auto units = value->scaled(listing.wire.price_decimals);
    if (!units || *units % listing.tick.units != 0)
        return refuse(dialect_.code(10001, 170134), "Order price has too many decimals.");
    price = {*units};
    return {};
}

Answer EmulatedForms::read_size(const EmulatedCall& call, Decimal& size) const
{
    const auto value = Decimal::parse(call.get("qty"));
    if (!value || value->mantissa() <= 0) return refuse(dialect_.code(10001, 170136), "Qty invalid");
    size = *value;
    return {};
}

Answer EmulatedForms::fit_quantity(Decimal size, const Listing& listing, Quantity& quantity) const
{
    const auto units = size.scaled(listing.wire.quantity_decimals);
    if (!units || *units % listing.lot.units != 0)
        return refuse(dialect_.code(10001, 170137), "Order quantity has too many decimals.");
    quantity = {*units * listing.wire.quantity_factor};
    return {};
}

// Triggers and their like, told with an empty or no price, ask for nothing.
Answer EmulatedForms::check_terms(const EmulatedCall& call) const
{
    for (const std::string_view name : kAskedInVain) {
        const std::string_view said = call.get(name);
        if (!said.empty() && said != "0") return refuse(10001, fmt::format("params error: {} invalid", name));
    }
    const std::string_view filter = call.get("orderFilter");
    if (!filter.empty() && filter != "Order") return refuse(10001, "params error: OrderFilter invalid");
    const std::string_view unit = call.get("marketUnit");
    if (dialect_.spot() && !unit.empty() && unit != "baseCoin" && unit != "quoteCoin")
        return refuse(10001, "params error: MarketUnit invalid");
    return {};
}

// A purchase for spot counts quote currency unless told otherwise, a sale counts the base.
bool EmulatedForms::quote_units(const EmulatedCall& call) const
{
    const std::string_view unit = call.get("marketUnit");
    return dialect_.spot() && (unit == "quoteCoin" || (unit.empty() && call.get("side") == "Buy"));
}

Answer EmulatedForms::read_market_order(const EmulatedCall& call, const Listing& listing, Decimal size,
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
    switch (make_market_order(exchange_, table_, kSlip, money, order)) {
        case MarketOrderError::no_liquidity:
            return refuse(dialect_.code(110003, 170132), "No liquidity for a market order.");
        case MarketOrderError::too_small:
            return refuse(170140, "Order value exceeded lower limit.");
        case MarketOrderError::none:
            break;
    }
    return {};
}

// "Amend Order": what is left out stays as it is; the quantity is that of the whole order.
Answer EmulatedForms::read_amend(const EmulatedCall& call, const EmulatedOrder& order, Price& price,
                                 Quantity& quantity) const
{
    for (const std::string_view name : kTermsNotHere) {
        if (!call.get(name).empty()) return refuse(10001, fmt::format("params error: {} invalid", name));
    }
    const Listing& listing = table_.listing(order.listing);
    price = order.price;
    quantity = order.quantity;
    Answer answer;
    if (!call.get("price").empty()) answer = read_price(call, listing, price);
    if (answer.code == 0 && !call.get("qty").empty()) {
        Decimal size;
        answer = read_size(call, size);
        if (answer.code == 0) answer = fit_quantity(size, listing, quantity);
    }
    if (answer.code != 0) return answer;
    if (price == order.price && quantity == order.quantity) {
        return refuse(10001,
                      "The order remains unchanged as the parameters entered match the existing ones.");
    }
    if (quantity <= order.filled) {
        return refuse(dialect_.code(110064, 170313),
                      "The number of contracts modified cannot be less than or equal to the filled quantity");
    }
    return answer;
}

}  // namespace arb::bybit
