#include "connectors/coinbase/emulated_dialect.hpp"

#include <fmt/format.h>

namespace arb::coinbase {
namespace {

constexpr unsigned kDoubleDigits = 16;

}  // namespace

std::string_view book_name(const std::string& symbol, const std::string& code)
{
    return code.find('-') == std::string::npos ? std::string_view(symbol) : std::string_view(code);
}

std::string wire_text(const Listing& listing, Quantity quantity)
{
    return format_scaled(quantity.units / listing.wire.quantity_factor, listing.wire.quantity_decimals);
}

std::string level2_event(std::string_view type, std::string_view product, const Instrument& instrument,
                         const Listing& listing, const EmulatedBook& levels, Timestamp time)
{
    std::string text = fmt::format(R"({{"type":"{}","product_id":"{}","updates":[)", type, product);
    const std::string event_time = micros(time);
    const auto add = [&](std::string_view side, const Level& level) {
        if (text.back() != '[') text += ',';
        text +=
            fmt::format(R"({{"side":"{}","event_time":"{}","price_level":"{}","new_quantity":"{}"}})", side,
                        event_time, instrument.text(level.price), wire_text(listing, level.quantity));
    };
    for (const Level& level : levels.bids) add("bid", level);
    for (const Level& level : levels.asks) add("offer", level);
    return text + "]}";
}

const Listing* EmulatedDialect::find_product(std::string_view product) const
{
    return setup_.table->find_symbol(setup_.id, product);
}

const Listing* EmulatedDialect::find_book(std::string_view product) const
{
    if (const Listing* const listing = find_product(product)) return listing;
    for (const Listing& listing : setup_.table->listings()) {
        if (listing.venue == setup_.id && book_name(listing.symbol, listing.code) == product) return &listing;
    }
    return nullptr;
}

std::string EmulatedDialect::price_text(ListingId listing, Price price) const
{
    return format_scaled(price.units, setup_.table->instrument_of(listing).price_decimals);
}

std::string EmulatedDialect::quantity_text(ListingId listing, Quantity quantity) const
{
    return wire_text(setup_.table->listing(listing), quantity);
}

std::string EmulatedDialect::best_text(ListingId listing, std::span<const Level> levels) const
{
    return levels.empty() ? std::string() : price_text(listing, levels.front().price);
}

std::string EmulatedDialect::book_event(std::string_view type, const Listing& listing,
                                        const EmulatedBook& levels, Timestamp now) const
{
    return level2_event(type, book_name(listing.symbol, listing.code),
                        setup_.table->instrument_of(listing.id), listing, levels, now);
}

// Filled value by filled size, cut at eight decimals; as doubles are printed, at sixteen and not quite right.
std::string EmulatedDialect::average_text(const EmulatedOrder& order) const
{
    if (order.filled.zero()) return "0";
    const Amount size = setup_.table->instrument_of(order.listing).amount(order.filled);
    const std::string average =
        price_paid(order.filled_notional, size, price_text(order.listing, order.price));
    if (!setup_.manners) return average;
    const std::size_t point = average.find('.');
    const std::size_t decimals = point == std::string::npos ? 0 : average.size() - point - 1;
    return average + (point == std::string::npos ? "." : "") + std::string(kDoubleDigits - decimals, '0') +
           "3697";
}

std::string EmulatedDialect::hold_text(const EmulatedOrder& order) const
{
    if (order.state != EmulatedState::open) return "0";
    const Instrument& instrument = setup_.table->instrument_of(order.listing);
    const Quantity rest = order.quantity - order.filled;
    if (order.side == Side::sell) return instrument.amount(rest).text();
    return instrument.notional(order.price, rest).value_or(Amount{}).text();
}

std::string EmulatedDialect::money_text(Amount amount) const
{
    std::string text = amount.text();
    if (!setup_.manners) return text;
    const std::size_t point = text.find('.');
    if (point == std::string::npos) text += '.';
    const std::size_t decimals = point == std::string::npos ? 0 : text.size() - point - 1;
    return text + std::string(20 - decimals, '0');
}

}  // namespace arb::coinbase
