#include "connectors/okx/emulated_call.hpp"

#include "engine/emulate/words.hpp"

namespace arb::okx {
namespace {

struct RefusalRow {
    PlaceError error;
    std::string_view code, text;
};
// The others are taken, and ended on the orders channel.
constexpr RefusalRow kRefusals[] = {
    {PlaceError::unknown_listing, "51001", kNoInstrument},
    {PlaceError::halted, "51028", "Contract or pair under suspension."},
    {PlaceError::cancel_only, "51028", "Contract or pair under suspension."},
    {PlaceError::bad_price, "51000", "Parameter px error."},
    {PlaceError::price_limit, "51006", "Order price is not within the price limit."},
    {PlaceError::bad_quantity, "51121", "Order count should be the integer multiples of the lot size."},
    {PlaceError::quantity_min, "51020", "Your order should meet or exceed the minimum order amount."},
    {PlaceError::notional_min, "51020", "Your order should meet or exceed the minimum order amount."},
    {PlaceError::balance, "51008", "Order failed. Insufficient balance in account."},
    {PlaceError::duplicate_id, "51016", "Duplicated client order ID"},
    {PlaceError::too_many_orders, "51025", "Order count exceeds the limit."},
    {PlaceError::reduce_only, "51169",
     "Order failed because you have no positions in this direction to reduce."},
};

}  // namespace

std::string member(const JsonBody& object, std::string_view key)
{
    JsonBody value;
    std::string_view text;
    if (object[key].get(value) != simdjson::SUCCESS) return {};
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    return value.is_number() ? simdjson::minify(value) : std::string();
}

std::pair<std::string_view, std::string_view> refusal_words(PlaceError error)
{
    const RefusalRow* const row = find_row(kRefusals, &RefusalRow::error, error);
    if (row == nullptr) return {"0", ""};
    return {row->code, row->text};
}

}  // namespace arb::okx
