#pragma once
// The lists of an account's orders and fills at the emulated Bybit, page by page. Asked by EmulatedBybit; no
// state, one thread.
#include "connectors/bybit/emulated_order_notes.hpp"

namespace arb::bybit {

class EmulatedLists : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer realtime(const EmulatedCall& call) const;
    Answer history(const EmulatedCall& call) const;
    Answer executions(const EmulatedCall& call) const;

  private:
    Answer order_list(const EmulatedCall& call, bool open) const;
    bool state_wanted(const EmulatedCall& call, const EmulatedOrder& order) const;
};

}  // namespace arb::bybit
