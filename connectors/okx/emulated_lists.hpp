#pragma once
// What an account of the emulated OKX is told: by REST its orders, fills, balances, positions and fees, and
// what it is set to (EmulatedLists); balances and positions and what they are worth in dollars, by REST as on
// the channels (EmulatedMoney). One thread, no state.
#include <string>
#include <string_view>

#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_dialect.hpp"
#include "connectors/okx/emulated_order_notes.hpp"

namespace arb::okx {

class EmulatedMoney : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// The whole account, with these details of its balances.
    std::string account_json(AccountId account, std::string_view details, Timestamp now) const;
    std::string detail_json(const EmulatedBalance& balance, Timestamp now) const;
    std::string position_json(const EmulatedBalance& balance, Timestamp now) const;
    /// As the channel tells it that has money and positions in one message.
    std::string cash_json(const EmulatedBalance& balance, Timestamp now) const;

  private:
    /// So much in dollars, as the books say.
    Amount worth(std::string_view asset, Amount amount) const;
    Amount worth_of_all(AccountId account) const;
};

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
