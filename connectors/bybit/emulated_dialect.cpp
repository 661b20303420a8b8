#include "connectors/bybit/emulated_dialect.hpp"

#include <charconv>

#include <fmt/format.h>

namespace arb::bybit {
namespace {

constexpr std::uint64_t kSpotOrders = 2'200'000'000'000'000'000;
constexpr std::uint64_t kSpotTrades = 2'290'000'000'000'000'000;
constexpr std::uint64_t kContractTradesBefore = 0x1000;
constexpr std::string_view kUuidHead = "5f1e3c9a-0b1d-4c77-8000-";

// With the decimals of its step (contracts); spot prints the shortest digits.
std::string digits(std::int64_t units, unsigned decimals, std::int64_t step, bool shortest)
{
    if (shortest) return format_scaled(units, decimals);
    const unsigned kept = Decimal(step, decimals).decimals();
    const std::int64_t cut = power_of_ten(decimals - kept);
    if (units % cut != 0) return format_scaled(units, decimals);
    char text[kDecimalTextMax];
    return std::string(text, print_scaled(units / cut, kept, text));
}

}  // namespace

std::string_view side_word(Side side)
{
    return side == Side::buy ? "Buy" : "Sell";
}

const Listing* EmulatedDialect::find_listing(std::string_view symbol) const
{
    return setup_.table->find_symbol(setup_.id, symbol);
}

std::string EmulatedDialect::price_text(const Listing& listing, Price price) const
{
    return digits(price.units, listing.wire.price_decimals, listing.tick.units, spot());
}

std::string EmulatedDialect::quantity_text(const Listing& listing, Quantity quantity) const
{
    return digits(quantity.units, listing.wire.quantity_decimals, listing.lot.units, spot());
}

std::string EmulatedDialect::levels_json(const Listing& listing, std::span<const Level> levels,
                                         std::size_t most) const
{
    return json_list(best_levels(levels, most), [&](const Level& level) {
        return fmt::format(R"(["{}","{}"])", price_text(listing, level.price),
                           quantity_text(listing, level.quantity));
    });
}

std::string EmulatedDialect::order_id(std::uint64_t id) const
{
    return spot() ? fmt::format("{}", kSpotOrders + id) : fmt::format("{}{:012x}", kUuidHead, id);
}

std::uint64_t EmulatedDialect::order_number(std::string_view id) const
{
    std::uint64_t number = 0;
    if (!spot()) {
        if (id.size() != 36 || id.substr(0, kUuidHead.size()) != kUuidHead) return 0;
        id.remove_prefix(kUuidHead.size());
    }
    const auto parsed = std::from_chars(id.data(), id.data() + id.size(), number, spot() ? 10 : 16);
    if (parsed.ec != std::errc{} || parsed.ptr != id.data() + id.size()) return 0;
    if (spot()) return number > kSpotOrders ? number - kSpotOrders : 0;
    return number;
}

std::string EmulatedDialect::order_names(const EmulatedOrder& order) const
{
    return fmt::format(R"({{"orderId":"{}","orderLinkId":{}}})", order_id(order.id),
                       json_text(order.client_id));
}

std::string EmulatedDialect::trade_id(std::uint64_t id) const
{
    return spot() ? fmt::format("{}", kSpotTrades + id)
                  : fmt::format("a2c4{}{:012x}", kUuidHead.substr(4), id);
}

std::string EmulatedDialect::public_trade_id(std::uint64_t id) const
{
    return spot()
               ? fmt::format("{}", id)
               : fmt::format("20f43950-d8dd-5b31-8000-{:012x}", id - kPublicTrades + kContractTradesBefore);
}

Answer EmulatedDialect::check_category(const EmulatedCall& call) const
{
    return call.get("category") == setup_.market ? Answer{} : refuse(10001, "params error: Illegal category");
}

Answer EmulatedDialect::check_scope(const EmulatedCall& call) const
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0 || spot() || !call.get("symbol").empty() || !call.get("baseCoin").empty() ||
        !call.get("settleCoin").empty())
        return wrong;
    return refuse(10001, "params error: symbol, baseCoin or settleCoin is required");
}

bool EmulatedDialect::wanted(const EmulatedCall& call, ListingId listing) const
{
    const Instrument& instrument = setup_.table->instrument_of(listing);
    const auto fits = [](std::string_view wish, std::string_view value) {
        return wish.empty() || wish == value;
    };
    return fits(call.get("symbol"), setup_.table->listing(listing).symbol) &&
           fits(call.get("baseCoin"), instrument.base) && fits(call.get("settleCoin"), instrument.quote);
}

std::vector<const Listing*> EmulatedDialect::wanted(const EmulatedCall& call) const
{
    std::vector<const Listing*> all;
    for (const Listing& listing : setup_.table->listings()) {
        if (listing.venue == setup_.id && wanted(call, listing.id)) all.push_back(&listing);
    }
    return all;
}

}  // namespace arb::bybit
