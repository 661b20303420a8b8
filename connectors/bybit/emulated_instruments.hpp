#pragma once
// What the emulated Bybit answers about itself: its clock, instruments, coins, its state. Asked by
// EmulatedBybit; no state of its own, one thread.
#include <memory>

#include "connectors/bybit/emulated_dialect.hpp"
#include "engine/emulate/emulator.hpp"

namespace arb::bybit {

class EmulatedInstruments {
  public:
    EmulatedInstruments(const EmulatedVenueSetup& setup, const EmulatedDialect& dialect);

    Answer time(const EmulatedCall& call) const;
    Answer instruments(const EmulatedCall& call) const;
    Answer service(const EmulatedCall&) const;
    Answer no_funding(const EmulatedCall&) const;
    Answer coins(const EmulatedCall& call) const;
    Answer settings(const EmulatedCall&) const;

  private:
    const EmulatedVenueSetup& setup_;
    const EmulatedDialect& dialect_;
    std::unique_ptr<Emulator> emulator_;  ///< of market data: it writes the lists
};

}  // namespace arb::bybit
