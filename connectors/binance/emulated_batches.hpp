#pragma once
// Batches at the emulated USD-M: up to five orders placed or amended and up to ten cancelled by one call,
// each with its own answer. One thread; errors are Binance's codes in answers.
#include "connectors/binance/emulated_orders.hpp"

namespace arb::binance {

class EmulatedBatches {
  public:
    EmulatedBatches(const EmulatedWords& words, const EmulatedOrderReader& reader, EmulatedLimits& limits,
                    EmulatedOrders& orders)
        : words_(words), reader_(reader), limits_(limits), orders_(orders)
    {
    }

    Answer place(const Call&);
    Answer amend(const Call&);
    Answer cancel(const Call&);

  private:
    template <class Each>
    Answer each(const Call&, Each answer);

    const EmulatedWords& words_;
    const EmulatedOrderReader& reader_;
    EmulatedLimits& limits_;
    EmulatedOrders& orders_;
};

}  // namespace arb::binance
