#pragma once
// The emulated Kraken in parts, which know each other by this: EmulatedKraken hands requests and frames to
// the part that answers them. One thread.
#include "connectors/kraken/emulated_news.hpp"
#include "connectors/kraken/emulated_public.hpp"
#include "connectors/kraken/emulated_rest.hpp"
#include "connectors/kraken/emulated_states.hpp"
#include "connectors/kraken/emulated_v1.hpp"

namespace arb::kraken {

struct EmulatedParts {
    EmulatedVenueSetup setup;
    EmulatedDialect dialect{setup};
    OrderCharges charges{setup.rate_limits, dialect.tier()};
    EmulatedTerms terms{*setup.exchange};
    EmulatedIdentity identity{*this};
    EmulatedOrders orders{*this};
    EmulatedChanges changes{*this};
    EmulatedLists lists{*this};
    EmulatedTape tape{*this};
    EmulatedRest rest{*this};
    EmulatedSessions sessions{};
    EmulatedPublic channels{*this};
    EmulatedV1 v1{*this};
    EmulatedStates states{*this};
    EmulatedNews news{*this};
};

}  // namespace arb::kraken
