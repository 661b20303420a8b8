#pragma once
// Accounts of the emulated Gate: money and positions as lists and as the account's channels tell them, their
// kind, fees, and what keys may do. Asked by EmulatedEndpoints and for the channels; one thread.
#include <map>
#include <string>
#include <utility>

#include "connectors/gate/emulated_dialect.hpp"

namespace arb::gate {

/// What is told on a channel of an account: `whole` to who did not ask for decimals.
struct AccountNews {
    AccountId account{};
    std::string channel, symbol, entry, whole;
};

class EmulatedAccounts : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    VenueAnswer balances(const EmulatedCall& call) const;
    VenueAnswer unified_account(const EmulatedCall& call) const;
    VenueAnswer unified_mode(const EmulatedCall& call) const;
    VenueAnswer keys(const EmulatedCall& call) const;
    VenueAnswer detail(const EmulatedCall& call) const;
    VenueAnswer wallet_fee(const EmulatedCall& call) const;
    VenueAnswer contract_account(const EmulatedCall& call) const;
    VenueAnswer positions(const EmulatedCall& call) const;
    VenueAnswer ledger(const EmulatedCall& call) const;
    VenueAnswer contract_fees(const EmulatedCall& call) const;

    /// A balance changed; without a channel there is nothing to tell.
    AccountNews news_of(AccountId account, const EmulatedBalance& balance, Timestamp now);

  private:
    struct Told {
        Amount total, held;
    };

    std::string position_json(const Listing& listing, const EmulatedBalance& held, Form form,
                              Timestamp now) const;

    std::map<std::pair<AccountId, std::string>, Told> told_;  ///< by account and asset
};

}  // namespace arb::gate
