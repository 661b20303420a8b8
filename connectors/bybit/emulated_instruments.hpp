#pragma once
// What the emulated Bybit answers about itself: its clock, instruments, coins, its state. Asked by
// EmulatedBybit; no state of its own, one thread.
#include <memory>

#include "connectors/bybit/emulated_dialect.hpp"
#include "connectors/bybit/emulator.hpp"

namespace arb::bybit {

class EmulatedInstruments : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer time(const EmulatedCall& call) const;
    Answer instruments(const EmulatedCall& call) const;
    Answer service(const EmulatedCall&) const;
    Answer no_funding(const EmulatedCall&) const;
    Answer coins(const EmulatedCall& call) const;
    Answer settings(const EmulatedCall&) const;

  private:
    std::unique_ptr<Emulator> emulator_ =
        make_emulator(setup_.market);  ///< of market data: it writes the lists
};

}  // namespace arb::bybit
