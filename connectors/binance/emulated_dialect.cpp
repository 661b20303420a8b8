#include "connectors/binance/emulated_dialect.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_json.hpp"
#include "engine/emulate/words.hpp"

namespace arb::binance {
namespace {

struct RefusalRow {
    PlaceError error;
    int spot;  ///< 0: as the futures
    const char* spot_text;
    int futures;
    const char* text;
};
constexpr RefusalRow kRefusals[] = {
    {PlaceError::unknown_listing, 0, "", -1121, "Invalid symbol."},
    {PlaceError::halted, -2010, "Market is closed.", -4141, "Symbol is closed."},
    {PlaceError::cancel_only, -2010, "Market is closed.", -4140,
     "Invalid symbol status for opening position."},
    {PlaceError::bad_price, -1013, "Filter failure: PRICE_FILTER", -4014,
     "Price not increased by tick size."},
    {PlaceError::price_limit, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE", -4024,
     "Limit price can't be lower than the floor."},
    {PlaceError::bad_quantity, -1013, "Filter failure: LOT_SIZE", -4023, "Qty not increased by step size."},
    {PlaceError::quantity_min, -1013, "Filter failure: LOT_SIZE", -4004, "Quantity less than min quantity."},
    {PlaceError::notional_min, -1013, "Filter failure: NOTIONAL", -4164,
     "Order's notional must be no smaller than 5 (unless you choose reduce only)"},
    {PlaceError::balance, -2010, "Account has insufficient balance for requested action.", -2019,
     "Margin is insufficient."},
    {PlaceError::duplicate_id, -2010, "Duplicate order sent.", -4116, "ClientOrderId is duplicated."},
    {PlaceError::would_take, -2010, "Order would immediately match and take.", -5022,
     "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will "
     "not be recorded in the order history"},
    {PlaceError::unfilled, 0, "", -5021,
     "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not "
     "be recorded in the order history"},
    {PlaceError::too_many_orders, -1013, "Filter failure: MAX_NUM_ORDERS", -2025,
     "Reach max open order limit."},
    {PlaceError::reduce_only, 0, "", -2022, "ReduceOnly Order is rejected."},
};

}  // namespace

std::string amount_text(Amount amount)
{
    std::string text = amount.text();
    std::size_t point = text.find('.');
    if (point == std::string::npos) {
        point = text.size();
        text += '.';
    }
    while (text.size() - point - 1 < 8) text += '0';
    return text;
}

std::string eight_decimals(Int128 value)
{
    const std::int64_t most = INT64_MAX;
    char text[kDecimalTextMax];
    return {text, print_scaled(static_cast<std::int64_t>(std::min<Int128>(value, most)), 8, text)};
}

// Money over a quantity in 10^-decimals. Both lose six of their eighteen decimals first: a day's money times
// a power of ten would not fit.
Int128 price_of(Amount money, Amount quantity, unsigned decimals)
{
    constexpr std::int64_t kCut = 1'000'000;
    const Int128 whole = quantity.units / kCut;
    return whole == 0 ? Int128{0} : money.units / kCut * power_of_ten(decimals) / whole;
}

std::string stream_symbol(const Listing& listing)
{
    std::string out = listing.symbol;
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

// Spot prints eight decimals whatever the steps are; the futures as many as the step has.
std::string EmulatedDialect::number(std::int64_t units, std::int64_t step, unsigned decimals) const
{
    while (!spot() && decimals > 0 && units % 10 == 0 && step % 10 == 0) {
        units /= 10;
        step /= 10;
        --decimals;
    }
    char text[kDecimalTextMax];
    std::string result(text, print_scaled(units, decimals, text));
    if (!spot()) return result;
    if (decimals == 0) result += '.';
    for (unsigned i = decimals; i < 8; ++i) result += '0';
    return result;
}

std::string EmulatedDialect::price_text(ListingId listing, Price price) const
{
    return number(price.units, setup_.table->listing(listing).tick.units,
                  setup_.table->instrument_of(listing).price_decimals);
}

std::string EmulatedDialect::quantity_text(ListingId listing, Quantity quantity) const
{
    return number(quantity.units, setup_.table->listing(listing).lot.units,
                  setup_.table->instrument_of(listing).quantity_decimals);
}

// Money and sums: spot prints eight decimals, the futures no more than there are.
std::string EmulatedDialect::money_text(Amount amount) const
{
    return spot() ? amount_text(amount) : amount.text();
}

// As a fraction; spot prints eight decimals.
std::string EmulatedDialect::format_rate(Rate rate) const
{
    return spot() ? eight_decimals(rate.units) : format_scaled(rate.units, 8);
}

std::string EmulatedDialect::symbol_text(ListingId listing) const
{
    return json_text(setup_.table->listing(listing).symbol);
}

Answer EmulatedDialect::find_listing(const Call& call, ListingId& listing, bool required) const
{
    const std::string_view symbol = call.get("symbol");
    listing = kNoListing;
    if (symbol.empty()) return required ? missing("symbol") : good({});
    const Listing* const found = setup_.table->find_symbol(setup_.id, symbol);
    if (found == nullptr) return refuse(-1121, "Invalid symbol.");
    listing = found->id;
    return good({});
}

// "symbol", on spot "symbols" as a JSON list, or all.
Answer EmulatedDialect::choose(const Call& call, std::vector<ListingId>& listings, bool& one) const
{
    const std::string_view many = spot() ? call.get("symbols") : std::string_view();
    ListingId id = kNoListing;
    if (!many.empty() && !call.get("symbol").empty())
        return refuse(-1128, "Combination of optional parameters invalid.");
    if (Answer answer = find_listing(call, id, false); answer.code != 0) return answer;
    one = id != kNoListing;
    if (one) listings.push_back(id);
    if (one) return good({});
    if (!many.empty()) {
        const auto words = read_list(many);
        if (!words || words->empty())
            return refuse(-1100,
                          "Illegal characters found in parameter 'symbols'; legal range is "
                          "'^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$'.");
        for (const std::string& word : *words) {
            const Listing* const found = setup_.table->find_symbol(setup_.id, word);
            if (found == nullptr) return refuse(-1121, "Invalid symbol.");
            if (std::find(listings.begin(), listings.end(), found->id) != listings.end())
                return refuse(-1151, "Symbol is present multiple times in the list.");
            listings.push_back(found->id);
        }
        return good({});
    }
    listings = all_listings();
    return good({});
}

std::vector<ListingId> EmulatedDialect::all_listings() const
{
    std::vector<ListingId> listings;
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* const found = setup_.table->find_symbol(setup_.id, d.symbol);
        if (found != nullptr) listings.push_back(found->id);
    }
    return listings;
}

Answer EmulatedDialect::place_error(PlaceError error, Side side) const
{
    const RefusalRow* const row = find_row(kRefusals, &RefusalRow::error, error);
    if (row == nullptr) return refuse(-1000, "An unknown error occurred while processing the request.");
    if (spot() && row->spot != 0) return refuse(row->spot, row->spot_text);
    if (error == PlaceError::price_limit && side == Side::buy)
        return refuse(-4016, "Limit price can't be higher than the cap.");
    return refuse(row->futures, row->text);
}

}  // namespace arb::binance
