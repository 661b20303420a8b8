#pragma once
// What is true of the emulated Coinbase and how it writes it: its products by name, prices and quantities in
// a listing's digits, averages and money in those of doubles where it has manners. Any part of the venue
// asks; nothing here changes.
#include <span>
#include <string>
#include <string_view>

#include "engine/emulate/venue_part.hpp"

namespace arb::coinbase {

/// Under which product the book of a listing is published: that of an alias (BTC-USDC) under its target's
/// name (BTC-USD).
std::string_view book_name(const std::string& symbol, const std::string& code);

/// In the venue's own unit; spot products have no multiplier.
std::string wire_text(const Listing& listing, Quantity quantity);
/// A book, or what changed in it, as the channel tells it; `type` is snapshot or update.
std::string level2_event(std::string_view type, std::string_view product, const Instrument& instrument,
                         const Listing& listing, const EmulatedBook& levels, Timestamp time);

class EmulatedDialect {
  public:
    explicit EmulatedDialect(const EmulatedVenueSetup& setup) : setup_(setup) {}

    const Listing* find_product(std::string_view product) const;
    const Listing* find_book(std::string_view product) const;
    std::string price_text(ListingId listing, Price price) const;
    std::string quantity_text(ListingId listing, Quantity quantity) const;
    /// The price of the first level; empty: there is none.
    std::string best_text(ListingId listing, std::span<const Level> levels) const;
    std::string book_event(std::string_view type, const Listing& listing, const EmulatedBook& levels,
                           Timestamp now) const;
    /// Filled value by filled size.
    std::string average_text(const EmulatedOrder& order) const;
    /// What an open order binds of its account's money.
    std::string hold_text(const EmulatedOrder& order) const;
    std::string money_text(Amount amount) const;

  private:
    const EmulatedVenueSetup& setup_;
};

/// What each part of the venue is: it knows the others.
using EmulatedPart = VenuePart<EmulatedDialect, struct EmulatedParts>;

}  // namespace arb::coinbase
