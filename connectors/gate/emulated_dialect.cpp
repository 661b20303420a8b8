#include "connectors/gate/emulated_dialect.hpp"

#include <fmt/format.h>

#include "engine/emulate/words.hpp"

namespace arb::gate {
namespace {

// Gate's ids are beyond 32 bits.
constexpr std::uint64_t kOrderBase = 1'036'717'000'000;
constexpr std::int64_t kUserBase = 10'000'000;

struct ErrorRow {
    PlaceError error;
    const char *spot, *usdt, *message;
};
constexpr ErrorRow kPlaceErrors[] = {
    {PlaceError::unknown_listing, "INVALID_CURRENCY_PAIR", "CONTRACT_NOT_FOUND", "Unknown market"},
    {PlaceError::halted, "INVALID_CURRENCY_PAIR", "CONTRACT_IN_DELISTING", "Trading is disabled"},
    {PlaceError::cancel_only, "INVALID_CURRENCY_PAIR", "CONTRACT_IN_DELISTING", "Trading is disabled"},
    {PlaceError::bad_price, "INVALID_PRECISION", "INVALID_PRECISION", "Invalid precision of the price"},
    {PlaceError::price_limit, "PRICE_TOO_DEVIATED", "PRICE_TOO_DEVIATED", "Price is too far from the market"},
    {PlaceError::bad_quantity, "INVALID_PRECISION", "INVALID_PRECISION", "Invalid precision of the amount"},
    {PlaceError::quantity_min, "AMOUNT_TOO_LITTLE", "SIZE_TOO_SMALL", "Your order size is too small"},
    {PlaceError::notional_min, "AMOUNT_TOO_LITTLE", "SIZE_TOO_SMALL", "Your order value is too small"},
    {PlaceError::balance, "BALANCE_NOT_ENOUGH", "INSUFFICIENT_AVAILABLE", "Not enough balance"},
    {PlaceError::duplicate_id, "REPEATED_CREATION", "ORDER_EXISTS", "The text was used before"},
    {PlaceError::would_take, "POC_FILL_IMMEDIATELY", "ORDER_POC_IMMEDIATE", "It would fill at once"},
    {PlaceError::unfilled, "FOK_NOT_FILL", "ORDER_FOK", "It cannot be filled completely"},
    {PlaceError::too_many_orders, "TOO_MANY_ORDERS", "TOO_MANY_ORDERS", "Too many open orders"},
    {PlaceError::reduce_only, "REDUCE_EXCEEDED", "REDUCE_EXCEEDED", "There is nothing to reduce"},
};

}  // namespace

std::string EmulatedDialect::setting(std::string_view name, std::string_view otherwise) const
{
    const auto found = setup_.settings.find(name);
    return found == setup_.settings.end() ? std::string(otherwise) : found->second;
}

const Listing* EmulatedDialect::find_listing(std::string_view symbol) const
{
    return setup_.table->find_symbol(setup_.id, symbol);
}

const Listing* EmulatedDialect::market_of(const EmulatedCall& call, VenueAnswer& why) const
{
    const std::string_view name = call.get(spot() ? "currency_pair" : "contract");
    const Listing* const listing = name.empty() ? nullptr : find_listing(name);
    if (name.empty())
        why = say_refused("MISSING_REQUIRED_PARAM", "The market is missing");
    else if (listing == nullptr)
        why = place_error(PlaceError::unknown_listing);
    return listing;
}

VenueAnswer EmulatedDialect::place_error(PlaceError error) const
{
    const ErrorRow* const row = find_row(kPlaceErrors, &ErrorRow::error, error);
    if (row == nullptr) return say_refused("INTERNAL", "The order was not taken");
    return say_refused(spot() ? row->spot : row->usdt, row->message);
}

std::string price_text(const Listing& listing, Price price)
{
    return format_scaled(price.units, listing.wire.price_decimals);
}

std::string size_text(const Listing& listing, Quantity quantity)
{
    return format_scaled(quantity.units / listing.wire.quantity_factor, listing.wire.quantity_decimals);
}

std::string order_id_text(std::uint64_t id)
{
    return fmt::format("{}", kOrderBase + id);
}

std::uint64_t order_number(std::string_view id)
{
    const auto number = static_cast<std::uint64_t>(whole_of(id, 0));
    return number > kOrderBase ? number - kOrderBase : 0;
}

std::int64_t user_of(AccountId account)
{
    return kUserBase + static_cast<std::int64_t>(account);
}

std::string contract_size(const Listing& listing, Quantity quantity, Side side, Form form)
{
    std::string text = size_text(listing, quantity);
    const bool whole = form == Form::whole_reply || form == Form::whole_push;
    if (whole) text = text.substr(0, text.find('.'));
    if (side == Side::sell && text != "0") text.insert(0, 1, '-');
    return whole ? text : json_text(text);
}

std::string contract_number(const std::string& text, Form form)
{
    return form == Form::push || form == Form::whole_push ? text : json_text(text);
}

std::string float_time(Timestamp time)
{
    return fmt::format("{}.{:03}", seconds_of(time), ms_of(time) % 1000);
}

}  // namespace arb::gate
