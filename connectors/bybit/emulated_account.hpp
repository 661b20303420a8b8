#pragma once
// An account at the emulated Bybit: its wallet and fees, and what its key may do. Asked by EmulatedBybit; no
// state, one thread.
#include <string>

#include "connectors/bybit/emulated_dead_man.hpp"
#include "connectors/bybit/emulated_worth.hpp"

namespace arb::bybit {

class EmulatedAccount {
  public:
    EmulatedAccount(const EmulatedVenueSetup& setup, const EmulatedDialect& dialect,
                    const EmulatedWorth& worth, const EmulatedDeadMan& dead_man)
        : setup_(setup), dialect_(dialect), worth_(worth), dead_man_(dead_man)
    {
    }

    Answer wallet(const EmulatedCall& call) const;
    Answer fee_rates(const EmulatedCall& call) const;
    Answer key_information(const EmulatedCall& call) const;
    Answer account_information(const EmulatedCall& call) const;
    /// As lists and the topic tell it.
    std::string coin_json(AccountId account, const EmulatedBalance& balance) const;

  private:
    const EmulatedVenueSetup& setup_;
    const EmulatedDialect& dialect_;
    const EmulatedWorth& worth_;
    const EmulatedDeadMan& dead_man_;
};

}  // namespace arb::bybit
