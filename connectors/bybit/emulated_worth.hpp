#pragma once
// What coins and positions are worth at the emulated Bybit, by the books as they are. Asked by those who tell
// tickers, wallets and positions; no state, one thread.
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

}  // namespace arb::bybit
