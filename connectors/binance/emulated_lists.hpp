#pragma once
// What the emulated Binance tells by REST of an account, its orders and its trades; wallets of the futures
// are in emulated_futures.hpp. Const, one thread; errors are Binance's codes in answers.
#include <string>

#include "connectors/binance/emulated_order_reader.hpp"
#include "connectors/binance/emulated_order_texts.hpp"

namespace arb::binance {

class EmulatedLists : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer query(const Call&) const;
    Answer open_order(const Call&) const;
    Answer open_orders(const Call&) const;
    Answer all_orders(const Call&) const;
    Answer my_trades(const Call&) const;
    Answer account(const Call&) const;
    Answer coins(const Call&) const;
    Answer commission(const Call&) const;
    Answer trade_fees(const Call&) const;
    Answer restrictions(const Call&) const;
    /// On spot's private stream.
    std::string balance_event(const EmulatedBalance& balance, Timestamp now) const;

  private:
    std::string trade_json(const EmulatedTrade& trade) const;
};

}  // namespace arb::binance
