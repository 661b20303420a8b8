#pragma once
// What an account of the emulated OKX is told by REST: its orders, fills, balances, positions and fees, and
// what it is set to. Asked by EmulatedOkx; one thread, no state.
#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_money.hpp"
#include "connectors/okx/emulated_order_notes.hpp"

namespace arb::okx {

class EmulatedLists : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer open_orders(const EmulatedCall& call) const { return orders(call, true); }
    Answer old_orders(const EmulatedCall& call) const { return orders(call, false); }
    Answer one_order(const EmulatedCall& call) const;
    Answer fills(const EmulatedCall& call) const;
    Answer balance(const EmulatedCall& call) const;
    Answer positions(const EmulatedCall& call) const;
    Answer fee(const EmulatedCall& call) const;
    Answer config(const EmulatedCall& call) const;

  private:
    Answer orders(const EmulatedCall& call, bool open) const;
    std::string fill_json(const EmulatedTrade& trade, AccountId account, Timestamp now) const;
};

}  // namespace arb::okx
