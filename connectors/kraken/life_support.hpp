#pragma once
// What tests of the trading side share: one listing, and a connector with the emulated venue on an in-memory
// wire. `Base` is tests/support's LinkLife. Tests only.
#include <string_view>

#include "connectors/kraken/kraken.hpp"

namespace arb::kraken::test {

inline ListingDefinition link_definition()
{
    ListingDefinition d = *type().guess_listing("spot", "LINK/USDT");
    d.tick = *Decimal::parse("0.01");
    d.lot = *Decimal::parse("0.1");
    d.quantity_min = *Decimal::parse("1");
    d.notional_min = *Decimal::parse("5");
    return d;
}

template <class Base>
class Life : public Base {
  protected:
    using Base::link_;

    template <class FeeTaking>
    explicit Life(FeeTaking taking, std::string_view key_label = "trade")
        : Base(type(), "spot", {link_definition()}, taking, key_label)
    {
        link_.deposit("USDT", "100000");
        link_.deposit("LINK", "1000");
        link_.street("27.10", "27.20");
    }
};

}  // namespace arb::kraken::test
