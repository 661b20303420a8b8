#pragma once
// A venue's word on a fill, turned into what we count: its notional, its fee valued in quote currency, the
// trade as one number. Pure; any thread.
#include "engine/base/instrument.hpp"
#include "engine/base/order_report.hpp"

namespace arb {

/// A fee from a third asset is left unvalued (FeeAsset::other, fee zero): whoever knows its price adds it.
Fill counted_fill(const InstrumentTable& table, const FillReport& report);

}  // namespace arb
