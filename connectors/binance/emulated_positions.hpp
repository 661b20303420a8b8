#pragma once
// Position modes of the emulated USD-M's accounts, and the long and the short position of a symbol that hedge
// mode keeps apart, which the matching knows as one. One thread; errors are Binance's codes in answers.
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/binance/emulated_dialect.hpp"

namespace arb::binance {

class EmulatedPositions : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer position_mode(const Call&) const;
    Answer set_position_mode(const Call&);
    Answer account_config(const Call&) const;

    bool hedged(AccountId account) const { return hedged_.count(account) > 0; }
    Answer check_side(const Call&) const;
    /// A trade of an order on that side.
    void book(const EmulatedTrade& trade, std::string_view side);
    /// What a position of `total` is told as.
    std::vector<std::pair<const char*, Amount>> rows(AccountId account, ListingId listing,
                                                     Amount total) const;

  private:
    std::set<AccountId> hedged_;
    std::map<std::pair<AccountId, ListingId>, std::pair<Amount, Amount>> apart_;  // long, short
};

}  // namespace arb::binance
