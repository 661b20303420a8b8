#pragma once
// What an account of the emulated Coinbase is told by REST: its orders, fills, wallets and fees, and what its
// key may do. Asked by EmulatedCoinbase; one thread.
#include "connectors/coinbase/emulated_call.hpp"
#include "connectors/coinbase/emulated_manners.hpp"
#include "connectors/coinbase/emulated_order_notes.hpp"

namespace arb::coinbase {

class EmulatedLists : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    CoinbaseAnswer order(const EmulatedCall& call);
    CoinbaseAnswer orders(const EmulatedCall& call);
    CoinbaseAnswer fills(const EmulatedCall& call);
    CoinbaseAnswer accounts(const EmulatedCall& call);
    CoinbaseAnswer account(const EmulatedCall& call);
    /// The older interface's.
    CoinbaseAnswer old_accounts(const EmulatedCall& call);
    CoinbaseAnswer transaction_summary(const EmulatedCall& call);
    CoinbaseAnswer key_permissions(const EmulatedCall& call);

  private:
    std::string_view proof_wanted();
    std::string_view listed_word(const EmulatedOrder& order);
    std::string fill_json(const EmulatedTrade& trade) const;
    std::string account_json(const EmulatedBalance& balance, AccountId account) const;
};

}  // namespace arb::coinbase
