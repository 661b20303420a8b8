#pragma once
// Wallets and positions of the emulated USD-M's accounts, as its questions and its private stream tell them.
// Const, one thread; errors are Binance's codes in answers.
#include <string>

#include "connectors/binance/emulated_dialect.hpp"
#include "connectors/binance/emulated_positions.hpp"

namespace arb::binance {

class EmulatedFutures : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer balance(const Call&) const;
    Answer account(const Call&) const;
    Answer positions(const Call&) const;
    Answer leverage_brackets(const Call&) const;
    /// Empty: nothing is told of it.
    std::string balance_event(AccountId account, const EmulatedBalance& balance, Timestamp now) const;

  private:
    Price mark_of(const EmulatedBalance& position, ListingId listing) const;
    Amount worth_of(const EmulatedBalance& position, ListingId listing) const;
    std::string position_numbers(const EmulatedBalance& balance, ListingId listing) const;
};

}  // namespace arb::binance
