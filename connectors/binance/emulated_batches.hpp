#pragma once
// Batches at the emulated USD-M: up to five orders placed or amended and up to ten cancelled by one call,
// each with its own answer. One thread; errors are Binance's codes in answers.
#include "connectors/binance/emulated_orders.hpp"

namespace arb::binance {

class EmulatedBatches : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer place(const Call&);
    Answer amend(const Call&);
    Answer cancel(const Call&);

  private:
    template <class Each>
    Answer each(const Call&, Each answer);
};

}  // namespace arb::binance
