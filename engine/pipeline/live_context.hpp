#pragma once
// What the parts of live trading have in common: the tables and books they read, the gate, the accounts and
// the exposure they act on, and whom they tell. References alone: whoever makes the parts outlives them.
#include "engine/market/markets.hpp"
#include "engine/pipeline/trading_limits.hpp"
#include "engine/pipeline/trading_listener.hpp"
#include "engine/trading/exposure_book.hpp"
#include "engine/trading/held_positions.hpp"
#include "engine/trading/portfolio.hpp"
#include "engine/trading/risk_gate.hpp"

namespace arb {

struct LiveContext {
    const InstrumentTable& table;
    const Markets& markets;
    Portfolio& portfolio;
    RiskGate& risk;
    ExposureBook& exposure;
    HeldPositions& held;
    TradingListener& listener;
    const TradingLimits& limits;
};

}  // namespace arb
