#pragma once
// An account at the emulated Bybit: its wallet and fees and what its key may do (EmulatedAccount), what coins
// and positions are worth by the books as they are (EmulatedWorth), positions and their mode
// (EmulatedPositions): the matching keeps one position of an instrument; in hedge mode it is shown as the one
// side that it is, beside the other one, flat. Asked by EmulatedBybit; one thread.
#include <set>
#include <string>

#include "connectors/bybit/emulated_dead_man.hpp"
#include "connectors/bybit/emulated_dialect.hpp"

namespace arb::bybit {

class EmulatedWorth : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Amount in_dollars(std::string_view coin, Amount amount) const;
    Price mark(const Listing& listing) const;
    Amount unrealised(const Listing& listing, const EmulatedBalance& held) const;
    /// Of all positions in that coin.
    Amount unrealised_of(AccountId account, std::string_view coin) const;
};

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
