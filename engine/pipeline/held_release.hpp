#pragma once
// An operator's word that a held position be given back: the package that takes the other side of everything
// that is held, at the books of the moment. It passes the gate like any other. Pure; core thread.
#include <optional>
#include <string>

#include "engine/market/markets.hpp"
#include "engine/trading/held_positions.hpp"
#include "engine/trading/package.hpp"

namespace arb {

/// `band`: how far from the best price an order may reach. Empty: `why` says what is in the way.
std::optional<Package> release_of(const HeldPosition& held, const Markets& markets, Rate band, Timestamp now,
                                  std::string& why);

}  // namespace arb
