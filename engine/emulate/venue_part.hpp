#pragma once
// What every part of an emulated venue begins with: how the venue is set up, its dialect, which says what is
// true of it and how it writes, the other parts, and what all answers are made of. A venue is one struct of
// them all, `Parts`, whose members `setup` and `dialect` stand before the parts. One thread, no errors.
#include "engine/emulate/answer_text.hpp"

namespace arb {

template <class Dialect, class Parts>
class VenuePart {
  public:
    /// Part of what it is given, and so no longer there than that.
    explicit VenuePart(Parts& parts) : parts_(parts), setup_(parts.setup), dialect_(parts.dialect) {}

  protected:
    Parts& parts_;
    const EmulatedVenueSetup& setup_;
    const Dialect& dialect_;
    EmulatedMarket& exchange_ = *setup_.exchange;
    const InstrumentTable& table_ = *setup_.table;
};

}  // namespace arb
