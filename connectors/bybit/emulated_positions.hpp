#pragma once
// Positions at the emulated Bybit and their mode. The matching keeps one position of an instrument; in hedge
// mode it is shown as the one side that it is, beside the other one, flat. Asked by EmulatedBybit; one
// thread.
#include <set>
#include <string>

#include "connectors/bybit/emulated_sequence.hpp"
#include "connectors/bybit/emulated_worth.hpp"

namespace arb::bybit {

class EmulatedPositions : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer positions(const EmulatedCall& call) const;
    Answer switch_mode(const EmulatedCall& call);
    bool hedged(AccountId account) const { return hedged_.count(account) > 0; }
    /// As lists and the topic tell it.
    std::string rows(AccountId account, const Listing& listing, const EmulatedBalance& held,
                     Timestamp now) const;

  private:
    std::string row(const Listing& listing, int side, const EmulatedBalance& held, Timestamp now) const;

    std::set<AccountId> hedged_;
};

}  // namespace arb::bybit
