#pragma once
// Reads and judges what clients of the emulated Binance want with orders: new ones, other terms, and which
// order is meant. Nothing is done here. Const, one thread; errors are Binance's codes in answers.
#include <optional>
#include <string>

#include "connectors/binance/emulated_dialect.hpp"
#include "connectors/binance/emulated_order_notes.hpp"
#include "connectors/binance/emulated_positions.hpp"

namespace arb::binance {

/// An order as it was read.
struct OrderEntry {
    PlaceOrder order;
    std::string response;
    bool market = false;
    std::optional<Amount> spend = std::nullopt;  ///< of a market order told by money
};

class EmulatedOrderReader : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer read_order(const Call&, OrderEntry& entry) const;
    Answer read_amend(const Call&, PlaceOrder& wish) const;
    Answer judge_filters(const OrderEntry& entry) const;
    Answer price_market(OrderEntry& entry) const;
    const EmulatedOrder* find_order(const Call&, Answer& refusal, const char* by_id = "orderId",
                                    const char* by_client = "origClientOrderId") const;

  private:
    Answer read_time_in_force(const Call&, bool maker, OrderEntry& entry) const;
    Answer read_prevention(const Call&, PlaceOrder& order) const;
    Answer read_market(const Call&, OrderEntry& entry) const;
    Answer read_number(const Call&, const char* name, unsigned digits, Decimal& out) const;
    Answer read_quantity(const Call&, const Listing& listing, PlaceOrder& order) const;
    Answer read_numbers(const Call&, const Listing& listing, PlaceOrder& order) const;
};

}  // namespace arb::binance
