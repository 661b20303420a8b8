#include "connectors/coinbase/emulated_order_terms.hpp"

#include <fmt/format.h>

#include "engine/emulate/market_order.hpp"

namespace arb::coinbase {
namespace {

// A market order goes no farther than this from the best price.
constexpr Rate kMarketSlip{1'000 * kRatePerBasisPoint};

// By base size, or by money.
CoinbaseAnswer read_market(const EmulatedVenueSetup& setup, JsonBody terms, PlaceOrder& order,
                           MarketTerms& said)
{
    said.money = body_text(terms, "quote_size");
    std::optional<Amount> money;
    if (!said.money.empty()) {
        const Instrument& instrument = setup.table->instrument_of(order.listing);
        const ScaledNumber quote = parse_scaled(said.money, instrument.price_decimals);
        if (quote.error == DecimalError::malformed)
            return failure(400, "INVALID_ARGUMENT", "quote_size is not a number");
        if (quote.error != DecimalError::none)
            return refused_order("UNKNOWN_FAILURE_REASON", "PREVIEW_INVALID_QUOTE_SIZE_PRECISION",
                                 "quote_size");
        money = amount_of(Decimal(quote.value, instrument.price_decimals));
    }
    const RefusalWords small = words_of(PlaceError::notional_min);
    if (money && money->units <= 0) return refused_order(small.error, small.preview, "The order was refused");
    switch (make_market_order(*setup.exchange, *setup.table, kMarketSlip, money, order)) {
        case MarketOrderError::no_liquidity:
            return refused_order("INVALID_NO_LIQUIDITY", "PREVIEW_INVALID_NO_LIQUIDITY", "no liquidity");
        case MarketOrderError::too_small:
            return refused_order(small.error, small.preview, "The order was refused");
        case MarketOrderError::none:
            break;
    }
    return {};
}

CoinbaseAnswer read_terms(const EmulatedVenueSetup& setup, JsonBody terms, std::string_view kind,
                          PlaceOrder& order, MarketTerms& said)
{
    const Listing& listing = setup.table->listing(order.listing);
    bool post_only = false;
    if (terms.at_key("post_only").get_bool().get(post_only)) post_only = false;
    if (kind == "limit_limit_gtc")
        order.time_in_force = post_only ? TimeInForce::post_only : TimeInForce::gtc;
    else if (kind == "sor_limit_ioc")
        order.time_in_force = TimeInForce::ioc;
    else if (kind == "limit_limit_fok")
        order.time_in_force = TimeInForce::fok;
    else if (kind != "market_market_ioc")
        return refused_order("UNSUPPORTED_ORDER_CONFIGURATION", "", "this order type is not supported");
    said.market = kind == "market_market_ioc";
    const std::string_view size = body_text(terms, "base_size");
    if (said.market && size.empty() == body_text(terms, "quote_size").empty())
        return failure(400, "INVALID_ARGUMENT", "one of base_size and quote_size is required");
    if (!size.empty() || !said.market) {
        const ScaledNumber number = parse_scaled(size, listing.wire.quantity_decimals);
        if (number.error == DecimalError::malformed)
            return failure(400, "INVALID_ARGUMENT", "base_size is not a number");
        if (number.error != DecimalError::none ||
            __builtin_mul_overflow(number.value, listing.wire.quantity_factor, &order.quantity.units)) {
            const RefusalWords words = words_of(PlaceError::bad_quantity);
            return refused_order(words.error, words.preview, "Size has too many decimals");
        }
    }
    if (said.market) return read_market(setup, terms, order, said);
    const ScaledNumber price = parse_scaled(body_text(terms, "limit_price"), listing.wire.price_decimals);
    if (price.error == DecimalError::malformed)
        return failure(400, "INVALID_ARGUMENT", "limit_price is not a number");
    if (price.error != DecimalError::none) {
        const RefusalWords words = words_of(PlaceError::bad_price);
        return refused_order(words.error, words.preview, "Price has too many decimals");
    }
    order.price.units = price.value;
    return {};
}

}  // namespace

CoinbaseAnswer refused_order(std::string_view error, std::string_view preview, std::string_view message)
{
    return {200, fmt::format(R"({{"success":false,"error_response":{{"error":"{}","message":{},)"
                             R"("error_details":{},"preview_failure_reason":"{}",)"
                             R"("new_order_failure_reason":"{}"}}}})",
                             error, json_text(message), json_text(message), preview, error)};
}

CoinbaseAnswer read_order(const EmulatedVenueSetup& setup, const EmulatedWords& words, JsonBody body,
                          PlaceOrder& order, MarketTerms& said)
{
    const std::string_view product = body_text(body, "product_id");
    const Listing* const listing = words.find_product(product);
    // The target of an alias has a wallet of its own, which this account does not have.
    if (listing == nullptr && words.find_book(product) != nullptr)
        return refused_order("UNKNOWN_FAILURE_REASON", "UNKNOWN_PREVIEW_FAILURE_REASON",
                             "account is not available");
    if (listing == nullptr) return failure(400, "INVALID_ARGUMENT", "valid product_id is required");
    order.listing = listing->id;
    const std::string_view side = body_text(body, "side");
    if (side != "BUY" && side != "SELL") return failure(400, "INVALID_ARGUMENT", "side must be BUY or SELL");
    order.side = side == "BUY" ? Side::buy : Side::sell;
    simdjson::dom::object kinds;
    if (body.at_key("order_configuration").get_object().get(kinds) || kinds.size() != 1)
        return failure(400, "INVALID_ARGUMENT", "exactly one order_configuration is required");
    const auto kind = *kinds.begin();
    simdjson::dom::object terms;
    if (kind.value.get_object().get(terms))
        return failure(400, "INVALID_ARGUMENT", "order_configuration must be an object");
    return read_terms(setup, terms, kind.key, order, said);
}

}  // namespace arb::coinbase
