#include "connectors/gate/emulated_orders.hpp"

#include <fmt/format.h>

namespace arb::gate {
namespace {

constexpr std::size_t kTextMost = 28;
constexpr Word<SelfTrade> kPreventions[] = {
    {"cn", SelfTrade::cancel_taker},
    {"co", SelfTrade::cancel_maker},
    {"cb", SelfTrade::cancel_both},
};

bool is_text_good(std::string_view text)
{
    return text.starts_with("t-") && is_made_of(text.substr(2), kTextMost, "_-.");
}

}  // namespace

VenueAnswer EmulatedForms::read_price(std::string_view text, const Listing& listing, Price& price) const
{
    const auto value = Decimal::parse(text);
    if (!value || value->mantissa() <= 0) return say_refused("INVALID_PARAM_VALUE", "Invalid price");
    const auto units = value->scaled(listing.wire.price_decimals);
    if (!units || *units % listing.tick.units != 0) return dialect_.place_error(PlaceError::bad_price);
    price = {*units};
    return {};
}

VenueAnswer EmulatedForms::read_size(std::string_view text, const Listing& listing, Quantity& quantity) const
{
    const auto value = Decimal::parse(text);
    if (!value || value->mantissa() <= 0) return say_refused("INVALID_PARAM_VALUE", "Invalid amount");
    const auto units = value->scaled(listing.wire.quantity_decimals);
    if (!units || __builtin_mul_overflow(*units, listing.wire.quantity_factor, &quantity.units) ||
        quantity.units % listing.lot.units != 0)
        return dialect_.place_error(PlaceError::bad_quantity);
    return {};
}

// Own orders that meet trade with each other, unless the account is in a group that forbids it.
VenueAnswer EmulatedForms::read_prevention(const EmulatedCall& call, PlaceOrder& order, OrderNote& note) const
{
    const std::string_view act = call.get("stp_act");
    order.self_trade = SelfTrade::none;
    if (dialect_.group().empty())
        return act.empty() || act == "-"
                   ? VenueAnswer{}
                   : say_refused("INVALID_PARAM_VALUE", "stp_act needs a group of users");
    note.act = act.empty() || act == "-" ? "cn" : std::string(act);
    if (!read_word(kPreventions, note.act, order.self_trade))
        return say_refused("INVALID_PARAM_VALUE", "Invalid stp_act");
    return {};
}

VenueAnswer EmulatedForms::read_spot(const EmulatedCall& call, const Listing& listing,
                                     PlaceOrder& order) const
{
    const std::string_view side = call.get("side");
    if (side != "buy" && side != "sell") return say_refused("INVALID_PARAM_VALUE", "Invalid side");
    order.side = side == "buy" ? Side::buy : Side::sell;
    const std::string_view account = call.get("account");
    if (!account.empty() && account != (dialect_.unified() ? "unified" : "spot"))
        return say_refused("INVALID_PARAM_VALUE", "Invalid account");
    const std::string_view type = call.get("type");
    if (!type.empty() && type != "limit")
        return say_refused("INVALID_PARAM_VALUE", "Only limit orders are emulated");
    if (const std::string_view shown = call.get("iceberg"); !shown.empty() && shown != "0")
        return say_refused("INVALID_PARAM_VALUE", "Hidden amounts are not emulated");
    VenueAnswer answer = read_price(call.get("price"), listing, order.price);
    return answer.good() ? read_size(call.get("amount"), listing, order.quantity) : answer;
}

VenueAnswer EmulatedForms::read_contract(const EmulatedCall& call, const Listing& listing,
                                         PlaceOrder& order) const
{
    std::string_view size = call.get("size");
    order.side = size.starts_with('-') ? Side::sell : Side::buy;
    if (size.starts_with('-')) size.remove_prefix(1);
    for (const char* other : {"close", "auto_size", "iceberg"}) {
        const std::string_view said = call.get(other);
        if (!said.empty() && said != "false" && said != "0")
            return say_refused("INVALID_PARAM_VALUE", fmt::format("{} is not emulated", other));
    }
    order.reduce_only = call.get("reduce_only") == "true";
    VenueAnswer answer = read_price(call.get("price"), listing, order.price);
    return answer.good() ? read_size(size, listing, order.quantity) : answer;
}

VenueAnswer EmulatedForms::read_order(const EmulatedCall& call, PlaceOrder& order, OrderNote& note) const
{
    VenueAnswer answer;
    const Listing* const listing = dialect_.market_of(call, answer);
    if (listing == nullptr) return answer;
    order.account = call.account();
    order.listing = listing->id;
    order.client_id = call.get("text");
    if (!order.client_id.empty() && !is_text_good(order.client_id))
        return say_refused(dialect_.spot() ? "INVALID_PARAM_VALUE" : "INVALID_CLIENT_ORDER_ID",
                           "Invalid text");
    const std::string_view tif = call.get(dialect_.spot() ? "time_in_force" : "tif");
    if (!read_word(kForces, tif, order.time_in_force))
        return say_refused("INVALID_PARAM_VALUE", "Invalid time in force");
    answer = dialect_.spot() ? read_spot(call, *listing, order) : read_contract(call, *listing, order);
    return answer.good() ? read_prevention(call, order, note) : answer;
}

}  // namespace arb::gate
