#pragma once
// What is true of one market of the emulated Bybit, and how it writes numbers and names: prices, quantities,
// ids; which category and symbols a call means. Nothing here changes; asked by every part of the venue.
#include <span>
#include <string>
#include <string_view>

#include "connectors/bybit/emulated_call.hpp"
#include "engine/emulate/venue_part.hpp"

namespace arb::bybit {

/// The number of the first public trade.
inline constexpr std::uint64_t kPublicTrades = 2'280'000'001'739'247'417;

std::string_view side_word(Side side);

class EmulatedDialect {
  public:
    explicit EmulatedDialect(const EmulatedVenueSetup& setup) : setup_(setup) {}

    bool spot() const { return setup_.market == "spot"; }
    int code(int linear, int spot_code) const { return spot() ? spot_code : linear; }
    /// nullptr: there is none.
    const Listing* find_listing(std::string_view symbol) const;

    std::string price_text(const Listing& listing, Price price) const;
    std::string quantity_text(const Listing& listing, Quantity quantity) const;
    std::string levels_json(const Listing& listing, std::span<const Level> levels, std::size_t most) const;
    std::string order_id(std::uint64_t id) const;
    /// 0: no such id was ever given out.
    std::uint64_t order_number(std::string_view id) const;
    std::string order_names(const EmulatedOrder& order) const;
    std::string trade_id(std::uint64_t id) const;
    std::string public_trade_id(std::uint64_t id) const;

    Answer check_category(const EmulatedCall& call) const;
    /// Contracts need to be told which, too.
    Answer check_scope(const EmulatedCall& call) const;
    bool wanted(const EmulatedCall& call, ListingId listing) const;
    /// All that the call means.
    std::vector<const Listing*> wanted(const EmulatedCall& call) const;

  private:
    const EmulatedVenueSetup& setup_;
};

/// What each part of the venue is: it knows the others.
using EmulatedPart = VenuePart<EmulatedDialect, struct EmulatedParts>;

}  // namespace arb::bybit
