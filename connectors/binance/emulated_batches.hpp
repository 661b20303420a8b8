#pragma once
// Batches at the emulated USD-M: up to five orders placed or amended and up to ten cancelled by one call,
// each with its own answer. One thread; errors are Binance's codes in answers.
#include "connectors/binance/emulated_orders.hpp"

namespace arb::binance {

class EmulatedBatches {
  public:
    EmulatedBatches(const EmulatedDialect& dialect, const EmulatedOrderReader& reader, EmulatedLimits& limits,
                    EmulatedOrders& orders)
        : dialect_(dialect), reader_(reader), limits_(limits), orders_(orders)
    {
    }

    Answer place(const Call&);
    Answer amend(const Call&);
    Answer cancel(const Call&);

  private:
    template <class Each>
    Answer each(const Call&, Each answer);

    const EmulatedDialect& dialect_;
    const EmulatedOrderReader& reader_;
    EmulatedLimits& limits_;
    EmulatedOrders& orders_;
};

}  // namespace arb::binance
