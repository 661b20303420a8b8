#pragma once
// Every venue that can be emulated, with the listing that tests use there: the parameters of suites that hold
// for all of them. Header only.
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "engine/base/decimal.hpp"
#include "engine/venue/venue.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

struct VenueCase {
    const char* label;
    const char* exchange;
    const char* market;
    const char* symbol;
    bool manners = false;  ///< the exchange's documented ways of a bad day; see EmulatedVenueSetup
};

inline const VenueCase kVenueCases[] = {
    {"binance", "binance", "spot", "LINKUSDT"},
    {"binance_usdm", "binance", "usdm", "LINKUSDT"},
    {"bybit", "bybit", "spot", "LINKUSDT"},
    {"bybit_linear", "bybit", "linear", "LINKUSDT"},
    {"coinbase", "coinbase", "spot", "LINK-USDT"},
    {"gate", "gate", "spot", "LINK_USDT"},
    {"gate_usdt", "gate", "usdt", "LINK_USDT"},
    {"kraken", "kraken", "spot", "LINK/USDT"},
    {"okx", "okx", "", "LINK-USDT"},
};

/// Every venue on a quiet day, and on one that shows its manners.
inline std::vector<VenueCase> venue_days()
{
    std::vector<VenueCase> days;
    for (const bool manners : {false, true}) {
        for (VenueCase venue : kVenueCases) {
            venue.manners = manners;
            days.push_back(venue);
        }
    }
    return days;
}

inline void PrintTo(const VenueCase& venue, std::ostream* out)
{
    *out << venue.label << (venue.manners ? " with its manners" : "");
}

inline std::string case_name(const testing::TestParamInfo<VenueCase>& info)
{
    return std::string(info.param.label) + (info.param.manners ? "_manners" : "");
}

inline const ConnectorType& type_of(const VenueCase& venue)
{
    for (const ConnectorType* candidate : connectors()) {
        if (candidate->exchange == venue.exchange) return *candidate;
    }
    ENSURE(false, "every case has its connector");
    return *connectors().front();
}

/// The price of an order that rests can be changed there.
inline bool amends(const VenueCase& venue)
{
    const std::string_view label = venue.label;
    return label != "binance";
}

inline ListingDefinition definition_of(const VenueCase& venue)
{
    ListingDefinition d = *type_of(venue).guess_listing(venue.market, venue.symbol);
    d.tick = decimal("0.01");
    d.lot = decimal("0.1");
    d.quantity_min = decimal("0.3");
    d.notional_min = decimal("10");
    // Gate's contracts are counted whole: ten of them make one LINK.
    if (std::string_view(venue.label) == "gate_usdt") {
        d.multiplier = decimal("0.1");
        d.lot = decimal("1");
        d.quantity_min = decimal("3");
    }
    d.code = "10000";
    return d;
}

}  // namespace arb::test
