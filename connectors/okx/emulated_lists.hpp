#pragma once
// What an account of the emulated OKX is told by REST: its orders, fills, balances, positions and fees, and
// what it is set to. Asked by EmulatedOkx; one thread, no state.
#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_money.hpp"
#include "connectors/okx/emulated_order_notes.hpp"

namespace arb::okx {

class EmulatedLists {
  public:
    EmulatedLists(const EmulatedVenueSetup& setup, const EmulatedDialect& dialect,
                  const EmulatedSettings& settings, const EmulatedMoney& money,
                  const EmulatedOrderNotes& notes)
        : setup_(setup), dialect_(dialect), settings_(settings), money_(money), notes_(notes)
    {
    }

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

    const EmulatedVenueSetup& setup_;
    const EmulatedDialect& dialect_;
    const EmulatedSettings& settings_;
    const EmulatedMoney& money_;
    const EmulatedOrderNotes& notes_;
};

}  // namespace arb::okx
