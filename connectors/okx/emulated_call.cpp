#include "connectors/okx/emulated_call.hpp"

#include <algorithm>

namespace arb::okx {

std::string member(const JsonBody& object, std::string_view key)
{
    JsonBody value;
    std::string_view text;
    if (object[key].get(value) != simdjson::SUCCESS) return {};
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    return value.is_number() ? simdjson::minify(value) : std::string();
}

bool plain_text(std::string_view text, std::size_t max)
{
    return text.size() <= max && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

std::pair<std::string_view, std::string_view> refusal_words(PlaceError error)
{
    switch (error) {
        case PlaceError::unknown_listing:
            return {"51001", kNoInstrument};
        case PlaceError::halted:
        case PlaceError::cancel_only:
            return {"51028", "Contract or pair under suspension."};
        case PlaceError::bad_price:
            return {"51000", "Parameter px error."};
        case PlaceError::price_limit:
            return {"51006", "Order price is not within the price limit."};
        case PlaceError::bad_quantity:
            return {"51121", "Order count should be the integer multiples of the lot size."};
        case PlaceError::quantity_min:
        case PlaceError::notional_min:
            return {"51020", "Your order should meet or exceed the minimum order amount."};
        case PlaceError::balance:
            return {"51008", "Order failed. Insufficient balance in account."};
        case PlaceError::duplicate_id:
            return {"51016", "Duplicated client order ID"};
        case PlaceError::too_many_orders:
            return {"51025", "Order count exceeds the limit."};
        case PlaceError::reduce_only:
            return {"51169", "Order failed because you have no positions in this direction to reduce."};
        // OKX takes these orders and ends them on the orders channel.
        case PlaceError::none:
        case PlaceError::would_take:
        case PlaceError::unfilled:
        case PlaceError::self_trade:
            break;
    }
    return {"0", ""};
}

}  // namespace arb::okx
