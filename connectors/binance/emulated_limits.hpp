#pragma once
// How much clients of the emulated Binance may ask: weight of an address in a minute, orders of an account.
// USD-M and COIN-M count an address' weight together. One thread; errors are Binance's codes in answers.
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "connectors/binance/emulated_dialect.hpp"

namespace arb::binance {

class EmulatedLimits : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// False: too much; what is told then, and when to come again.
    bool spend(int weight, const std::string& remote, Timestamp now, Answer& refusal, Duration& retry_after);
    int used_weight(const std::string& remote) const;
    /// `times`: what it counts for in the 10 s, once in the longer window; 0: only turns the windows.
    Answer count_order(AccountId account, Timestamp now, int times = 1);
    /// Of the 10 s, and of the day (spot) or minute.
    std::pair<int, int> orders_used(AccountId account) const;
    /// Replies about orders tell the counts of the account besides.
    std::string limits_json(const std::string& remote, const EmulatedKey* orders_of) const;
    Answer order_counts(const Call&);

  private:
    using Windows = std::pair<EmulatedWindow, EmulatedWindow>;  // 10 s; day (spot) or minute
    std::string pool_of(const std::string& remote) const;
    std::string orders_json(AccountId account) const;

    /// The futures' are one.
    std::shared_ptr<EmulatedWindows> weights_ =
        setup_.windows != nullptr ? setup_.windows : std::make_shared<EmulatedWindows>();
    std::map<AccountId, Windows> orders_;
};

}  // namespace arb::binance
