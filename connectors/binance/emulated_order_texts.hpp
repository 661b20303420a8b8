#pragma once
// Orders of the emulated Binance in its words: in lists, in replies, on private streams. Spot and the futures
// differ in each. Const, one thread.
#include <string>
#include <string_view>

#include "connectors/binance/emulated_dialect.hpp"
#include "connectors/binance/emulated_order_notes.hpp"

namespace arb::binance {

class EmulatedOrderTexts : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    std::string order_json(const EmulatedOrder& order) const;
    std::string order_reply(const EmulatedOrder& order, std::string_view response, Timestamp now) const;
    std::string cancel_reply(const EmulatedOrder& order, std::string_view cancel_id, Timestamp now) const;
    /// On spot's private stream.
    std::string execution_report(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now) const;
    /// On the futures'.
    std::string order_update(const EmulatedOrder& order, const EmulatedTrade* trade, bool amended,
                             Timestamp now) const;

  private:
    std::string_view type_word(const EmulatedOrder& order) const;
    std::string_view tif_word(const EmulatedOrder& order) const;
    std::string_view expiry_word(const EmulatedOrder& order) const;
    char expiry_digit(const EmulatedOrder& order) const;
    std::string average_price(const EmulatedOrder& order) const;
    std::string shown_price(const EmulatedOrder& order) const;
    std::string shown_money(const EmulatedOrder& order) const;
};

}  // namespace arb::binance
