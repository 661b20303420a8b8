#pragma once
// What the tests of the trading side share: LINK_USDT of either market, and a connector that stands on an
// in-memory wire with the emulated venue. Tests only.
#include <string>
#include <string_view>
#include <vector>

#include "connectors/gate/gate.hpp"
#include "engine/emulate/emulated_venue.hpp"

namespace arb::gate::test {

/// Spot in steps of 0.01 and 0.1; contracts are of a tenth of a LINK, and whole.
inline ListingDefinition link_of(std::string_view market)
{
    const bool spot = market == "spot";
    ListingDefinition d = *type().guess_listing(market, "LINK_USDT");
    d.tick = Decimal(1, 2);
    d.lot = spot ? Decimal(1, 1) : Decimal(1, 0);
    d.quantity_min = spot ? Decimal(3, 1) : Decimal(1, 0);
    if (spot)
        d.notional_min = Decimal(5, 0);
    else
        d.multiplier = Decimal(1, 1);
    return d;
}

/// A connector and the emulated venue with money and a street; `Base` is tests/support's LinkLife.
template <class Base>
class Life : public Base {
  protected:
    using Base::link_;

    template <class FeeTaking>
    explicit Life(FeeTaking taking, std::string_view market = "spot", std::string_view key = "trade")
        : Base(type(), market, {link_of(market)}, taking, key)
    {
        link_.deposit("USDT", "100000");
        if (market == "spot") link_.deposit("LINK", "10000");
        link_.street("27.10", "27.20");
    }
    bool log_on()
    {
        link_.start();
        link_.run(seconds(1));
        return link_.ready(Channel::order_entry) && link_.ready(Channel::private_stream);
    }
    std::size_t open_at_venue()
    {
        return link_.exchange().orders(Base::Link::kAccount, kNoListing, true).size();
    }
};

}  // namespace arb::gate::test
