#pragma once
// An account of the emulated OKX in money: what its assets are worth in dollars, and how balances and
// positions are told, by REST as on the channels. Any part of the venue asks; nothing here changes.
#include <string>
#include <string_view>

#include "connectors/okx/emulated_dialect.hpp"

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

}  // namespace arb::okx
