#include "connectors/binance/emulated_order_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"
#include "engine/emulate/market_order.hpp"

namespace arb::binance {
namespace {

// Farther from the best price nothing is taken: "marketTakeBound" of the futures' instrument list.
constexpr Rate kTakeBound{500 * kRatePerBasisPoint};

constexpr Word<SelfTrade> kPreventions[] = {
    {"EXPIRE_MAKER", SelfTrade::cancel_maker},
    {"EXPIRE_TAKER", SelfTrade::cancel_taker},
    {"EXPIRE_BOTH", SelfTrade::cancel_both},
};

bool legal_id(std::string_view id, bool spot)
{
    return !id.empty() && is_made_of(id, 36, spot ? "-_" : "-_.:/");
}

unsigned decimals_of(std::int64_t step, unsigned decimals)
{
    while (decimals > 0 && step % 10 == 0) {
        step /= 10;
        --decimals;
    }
    return decimals;
}

bool read_id(std::string_view text, std::uint64_t& out)
{
    const ScaledNumber number = parse_scaled(text, 0);
    out = static_cast<std::uint64_t>(number.value);
    return number.error == DecimalError::none && number.value > 0;
}

}  // namespace

// A number that is not negative and has no more decimals than the venue takes.
Answer EmulatedOrderReader::read_number(const Call& call, const char* name, unsigned digits,
                                        Decimal& out) const
{
    const auto number = Decimal::parse(call.get(name));
    if (!number) return missing(name);
    if (number->mantissa() < 0)
        return refuse(-1100, fmt::format("Illegal characters found in parameter '{}'; legal range is "
                                         "'^([0-9]{{1,20}})(\\.[0-9]{{1,20}})?$'.",
                                         name));
    if (number->decimals() > digits)
        return refuse(-1111, fmt::format("Parameter '{}' has too much precision.", name));
    out = *number;
    return good({});
}

// Spot takes eight decimals, the futures those of pricePrecision and quantityPrecision.
Answer EmulatedOrderReader::read_quantity(const Call& call, const Listing& listing, PlaceOrder& order) const
{
    const unsigned decimals = table_.instrument(listing.instrument).quantity_decimals;
    Decimal quantity;
    const unsigned digits = dialect_.spot() ? 8 : decimals_of(listing.lot.units, decimals);
    if (Answer answer = read_number(call, "quantity", digits, quantity); answer.code != 0) return answer;
    const auto units = quantity.scaled(decimals);
    if (quantity.mantissa() <= 0)
        return dialect_.spot() ? refuse(-1013, "Invalid quantity.")
                               : refuse(-4003, "Quantity less than or equal to zero.");
    if (!units) return dialect_.place_error(PlaceError::bad_quantity, order.side);
    order.quantity = {*units};
    return good({});
}

// Number of decimals first (-1111), then the filters, which the matching applies too.
Answer EmulatedOrderReader::read_numbers(const Call& call, const Listing& listing, PlaceOrder& order) const
{
    const unsigned decimals = table_.instrument(listing.instrument).price_decimals;
    const unsigned digits = dialect_.spot() ? 8 : decimals_of(listing.tick.units, decimals) + 1;
    Decimal price;
    if (Answer answer = read_number(call, "price", digits, price); answer.code != 0) return answer;
    if (Answer answer = read_quantity(call, listing, order); answer.code != 0) return answer;
    const auto units = price.scaled(decimals);
    if (!units) return dialect_.place_error(PlaceError::bad_price, order.side);
    order.price = {*units};
    return good({});
}

Answer EmulatedOrderReader::read_time_in_force(const Call& call, bool maker, OrderEntry& entry) const
{
    const std::string_view tif = call.get("timeInForce");
    const bool none = maker || entry.market;
    if (!none && tif.empty()) return missing("timeInForce");
    if (none && !tif.empty()) return refuse(-1106, "Parameter 'timeInForce' sent when not required.");
    TimeInForce& force = entry.order.time_in_force;
    force = maker ? TimeInForce::post_only : TimeInForce::gtc;
    if (!read_word(kForces, tif, force) || (dialect_.spot() && tif == "GTX"))
        return refuse(-1115, "Invalid timeInForce.");
    return good({});
}

// Self-trade prevention and reduce-only. The mode of the order that comes second decides; not naming one
// means EXPIRE_MAKER.
Answer EmulatedOrderReader::read_prevention(const Call& call, PlaceOrder& order) const
{
    const std::string_view mode = call.get("selfTradePreventionMode");
    order.self_trade = SelfTrade::cancel_maker;
    if (!read_word(kPreventions, mode, order.self_trade)) {
        return dialect_.spot()
                   ? refuse(-1013, "This symbol does not allow the specified self-trade prevention mode.")
                   : refuse(-1130, "Data sent for parameter 'selfTradePreventionMode' is not valid.");
    }
    const std::string_view reduce = call.get("reduceOnly");
    if (reduce.empty()) return good({});
    if (dialect_.spot() || parts_.positions.hedged(order.account))
        return refuse(-1106, "Parameter 'reduceOnly' sent when not required.");
    order.reduce_only = reduce == "true";
    return good({});
}

Answer EmulatedOrderReader::read_market(const Call& call, OrderEntry& entry) const
{
    if (!call.get("price").empty()) return refuse(-1106, "Parameter 'price' sent when not required.");
    const Listing& listing = table_.listing(entry.order.listing);
    if (!dialect_.spot()) return read_quantity(call, listing, entry.order);
    const bool money = !call.get("quoteOrderQty").empty();
    if (!money && call.get("quantity").empty())
        return refuse(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!");
    if (!money) return read_quantity(call, listing, entry.order);
    if (!call.get("quantity").empty())
        return refuse(-1106, "Parameter 'quoteOrderQty' sent when not required.");
    Decimal value;
    if (Answer answer = read_number(call, "quoteOrderQty", 8, value); answer.code != 0) return answer;
    if (value.zero()) return refuse(-1013, "Invalid quoteOrderQty.");
    entry.spend = amount_of(value);
    if (listing.notional_min.units > entry.spend->units)
        return dialect_.place_error(PlaceError::notional_min, entry.order.side);
    return good({});
}

Answer EmulatedOrderReader::read_order(const Call& call, OrderEntry& entry) const
{
    PlaceOrder& order = entry.order;
    if (Answer answer = dialect_.find_listing(call, order.listing, true); answer.code != 0) return answer;
    const std::string_view side = call.get("side");
    const std::string_view type = call.get("type");
    if (side != "BUY" && side != "SELL") return refuse(-1117, "Invalid side.");
    const bool maker = dialect_.spot() && type == "LIMIT_MAKER";
    entry.market = type == "MARKET";
    if (type != "LIMIT" && !maker && !entry.market) return refuse(-1116, "Invalid orderType.");
    order.account = call.key->account;
    order.side = side == "BUY" ? Side::buy : Side::sell;
    if (Answer answer = read_time_in_force(call, maker, entry); answer.code != 0) return answer;
    entry.response = call.get("newOrderRespType");
    if (entry.response.empty()) entry.response = dialect_.spot() && !maker ? "FULL" : "ACK";
    if (entry.response != "ACK" && entry.response != "RESULT" &&
        (entry.response != "FULL" || !dialect_.spot()))
        return refuse(-1102, "Invalid newOrderRespType.");
    order.client_id = call.get("newClientOrderId");
    if (!order.client_id.empty() && !legal_id(order.client_id, dialect_.spot()))
        return refuse(-1100,
                      "Illegal characters found in parameter 'newClientOrderId'; legal range is "
                      "'^[a-zA-Z0-9-_]{1,36}$'.");
    if (Answer answer = read_prevention(call, order); answer.code != 0) return answer;
    if (Answer answer = dialect_.spot() ? good({}) : parts_.positions.check_side(call); answer.code != 0)
        return answer;
    if (entry.market) return read_market(call, entry);
    return read_numbers(call, table_.listing(order.listing), order);
}

Answer EmulatedOrderReader::read_amend(const Call& call, PlaceOrder& wish) const
{
    if (Answer answer = dialect_.find_listing(call, wish.listing, true); answer.code != 0) return answer;
    const std::string_view side = call.get("side");
    if (side.empty()) return missing("side");
    if (side != "BUY" && side != "SELL") return refuse(-1117, "Invalid side.");
    wish.side = side == "BUY" ? Side::buy : Side::sell;
    const std::string_view match = call.get("priceMatch");
    const bool matched = !match.empty() && match != "NONE";
    // A price is needed since 2026-06-30, and forbidden beside a price match.
    if (matched && !call.get("price").empty())
        return refuse(-1106, "Parameter 'price' sent when not required.");
    const std::string_view mark = call.get("modifyId");
    if (!std::all_of(mark.begin(), mark.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return missing("modifyId");
    return read_numbers(call, table_.listing(wish.listing), wish);
}

// The limit that a market order is inside, by the book of now.
Answer EmulatedOrderReader::price_market(OrderEntry& entry) const
{
    const ListingId listing = entry.order.listing;
    if (exchange_.halted(listing)) return dialect_.place_error(PlaceError::halted, entry.order.side);
    if (exchange_.cancel_only(listing))
        return dialect_.place_error(PlaceError::cancel_only, entry.order.side);
    switch (make_market_order(exchange_, table_, kTakeBound, entry.spend, entry.order)) {
        case MarketOrderError::none:
            break;
        case MarketOrderError::no_liquidity:
            return dialect_.spot()
                       ? refuse(-2010, "Order book liquidity is less than symbol minimum quantity.")
                       : refuse(-2020, "Unable to fill.");
        case MarketOrderError::too_small:
            return dialect_.place_error(PlaceError::quantity_min, entry.order.side);
    }
    return good({});
}

// What the venue judges before it cancels anything; the matching judges it again, and the rest of it.
Answer EmulatedOrderReader::judge_filters(const OrderEntry& entry) const
{
    const PlaceOrder& order = entry.order;
    const Listing& listing = table_.listing(order.listing);
    PlaceError error = PlaceError::none;
    if (!entry.spend && order.quantity.units % listing.lot.units != 0) error = PlaceError::bad_quantity;
    if (!entry.spend && order.quantity < listing.quantity_min) error = PlaceError::quantity_min;
    if (!entry.market && (order.price.units <= 0 || order.price.units % listing.tick.units != 0))
        error = PlaceError::bad_price;
    if (error == PlaceError::none && !entry.market) {
        const auto worth = table_.instrument_of(order.listing).notional(order.price, order.quantity);
        if (!worth || *worth < listing.notional_min) error = PlaceError::notional_min;
    }
    return error == PlaceError::none ? good({}) : dialect_.place_error(error, order.side);
}

const EmulatedOrder* EmulatedOrderReader::find_order(const Call& call, Answer& refusal, const char* by_id,
                                                     const char* by_client) const
{
    ListingId listing = kNoListing;
    refusal = dialect_.find_listing(call, listing, true);
    if (refusal.code != 0) return nullptr;
    const std::string_view client = call.get(by_client);
    const std::string_view number = call.get(by_id);
    std::uint64_t id = 0;
    const EmulatedOrder* order = nullptr;
    if (!number.empty() && read_id(number, id))
        order = exchange_.find(call.key->account, id);
    else if (number.empty() && !client.empty())
        order = exchange_.find_client(call.key->account, client);
    else if (number.empty())
        refusal = refuse(-1102, fmt::format("Param '{}' or '{}' must be sent, but both were empty/null!",
                                            by_client, by_id));
    else
        refusal = missing(by_id);
    return order != nullptr && order->listing == listing && !parts_.notes.hidden(*order) ? order : nullptr;
}

}  // namespace arb::binance
