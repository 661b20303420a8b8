#pragma once
// An account at the emulated Bybit: its wallet and fees, and what its key may do. Asked by EmulatedBybit; no
// state, one thread.
#include <string>

#include "connectors/bybit/emulated_dead_man.hpp"
#include "connectors/bybit/emulated_worth.hpp"

namespace arb::bybit {

class EmulatedAccount : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer wallet(const EmulatedCall& call) const;
    Answer fee_rates(const EmulatedCall& call) const;
    Answer key_information(const EmulatedCall& call) const;
    Answer account_information(const EmulatedCall& call) const;
    /// As lists and the topic tell it.
    std::string coin_json(AccountId account, const EmulatedBalance& balance) const;
};

}  // namespace arb::bybit
